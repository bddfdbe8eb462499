/* integrator - what every way of solving a batch of patients has in common.
 *
 * A batch is a number of lanes: patients of one model whose doses enter in the same order. A state is stored
 * compartment-major, value[compartment * lanes + lane], so that each operation is one plain loop over lanes.
 */
#ifndef KETSIM_INTEGRATOR_H
#define KETSIM_INTEGRATOR_H

#include "graph.h"
#include "piece.h"
#include "timeline.h"

/* Who is shown the levels between observations, too. */
struct watch {
    void *payload;
    /* Takes the next piece in time of an output of a lane. The pieces of each follow one another without gaps from the first stop
     * to the last; an output that nothing of a dose reaches has none. They do not depend on the observations. */
    void (*take)(void *payload, int output, int lane, const struct piece *piece);
};

struct batch {
    const struct graph *graph;
    int lanes;
    const double *rates;  /* [period][flow][lane], 1/h; of saturable flows vmax, mg/h */
    const double *slopes; /* [period][flow][lane], 1/h^2 */
    const double *kms;    /* [period][flow][lane], mg; of saturable flows */
    const struct timeline *timeline;
    int output_count;
    const int *output_compartments; /* [output]: the compartment observed */
    const double *output_scales;    /* [period][output][lane]: ng/mL per mg */
    double *levels;                 /* [output][lane][time], ng/mL: filled by the integrator */
    const struct watch *watch;      /* NULL: nobody */
    double *eliminated;  /* [lane], mg that left the body by the last observation; or NULL: not wanted */
    double *remaining;   /* [lane], mg in all compartments at the last observation; or NULL */
    int64_t steps;       /* filled: steps taken for the batch (0 for a method without steps) */
    int64_t evaluations; /* filled: right-hand sides */
};

struct integrator_options {
    double rtol;
    double atol;       /* mg */
    int64_t max_steps; /* between two stops */
};

/* Why a patient has no levels; the value is what the result file stores in `status`. */
#define PATIENT_STATUS_LIST(X)                                                                               \
    X(PATIENT_SIMULATED, 0, "simulated")                                                                     \
    X(PATIENT_PARAMETERS, 1, "a parameter, rate, volume or dose fraction is not a possible number")          \
    X(PATIENT_SOLVER, 2, "the solver's error test or step equation failed again and again")                  \
    X(PATIENT_NOT_FINITE, 3, "a level is not a finite number")                                               \
    X(PATIENT_STEPS, 4, "solver.max_steps did not suffice from one dose to the next")                        \
    X(PATIENT_STEADY, 5, "there is no steady state of the doses")                                            \
    X(PATIENT_PENDING, 255, "not simulated yet")

enum patient_status {
#define X(symbol, value, text) symbol = value,
    PATIENT_STATUS_LIST(X)
#undef X
};

/* Why lanes were not solved. */
struct solve_failure {
    enum patient_status status; /* PATIENT_SOLVER unless who fails says otherwise */
    double time;                /* h, where it happened */
    char text[256];
};

const char *patient_status_text(enum patient_status status);

struct integrator {
    const char *name; /* as in `solver: {method: NAME}` */
    bool only_linear; /* demands model_is_linear */
    const char *doc;
    /* State for one thread, good for any batch of up to `lanes` lanes of `graph`; NULL without memory. */
    void *(*create)(const struct graph *graph, int lanes, const struct integrator_options *options);
    /* Solves the batch; 0, -1 with the reason (then the levels are not to be used), or -2 without memory. */
    int (*solve)(void *state, struct batch *batch, struct solve_failure *why);
    void (*free)(void *state);
};

extern const struct integrator integrators[];
extern const int integrator_count;

/* The integrator of a name, or NULL. */
const struct integrator *integrator_find(const char *name);

/* For integrators: marks the states of the batch's graph that a dose can reach and that what is wanted of the batch depends on; all
 * of them where no state is both. */
void batch_mark_states(const struct batch *batch, bool *kept);

/* For integrators: the levels before the first dose; and what a lane holds after the last observation, from its amounts
 * by state. */
void batch_record_nothing(struct batch *batch);
void batch_sum_up(struct batch *batch, int lane, const double *amounts);

#endif
