/* certificate - whether the levels of a sample of simulations agree with those found by another route.
 *
 * Of models with constant first-order flows the other route is the exact propagator, or CVODE where the run is by the exact propagator:
 * they share no code. Other models are solved again by CVODE at a hundredth of the tolerances. Both are given the same parameters and doses,
 * so that those are not checked; that all that is given stays in the body or leaves it is.
 *
 * The sample is a function of the study alone: 1 % of the simulations (1 of 400 where the run is exact) and 32 at least, in groups of neighbors that the other route
 * solves side by side; where there are up to 32 arms, of each arm. Which, is drawn with the study's seed.
 */
#ifndef KETSIM_CERTIFICATE_H
#define KETSIM_CERTIFICATE_H

#include "integrator.h"

#include "model/study.h"

enum { CERTIFICATE_GROUP_MAX = 32 }; /* simulations */

/* Group k is drawn from the simulations numbered from floor(k total / groups) to floor((k + 1) total / groups). */
struct certificate_sample {
    int64_t size;   /* simulations in it */
    int64_t total;  /* patients x arms */
    int64_t groups; /* 0: all are in the sample */
    int group;      /* simulations in a group */
    uint64_t seed;
};

struct certificate_sample certificate_sample(const struct study *study);

/* How many of the simulations numbered below `number` (= arm * patients + patient) are in the sample. */
int64_t certificate_before(const struct certificate_sample *sample, int64_t number);

/* The number of the simulation at a position in the sample. */
int64_t certificate_number(const struct certificate_sample *sample, int64_t position);

/* How a model of the study is solved again. */
struct certificate_route {
    const struct integrator *integrator;
    struct integrator_options options;
};

struct certificate_route certificate_route(const struct study *study, const struct model *model);

/* The routes of the study in words, for "agree with ...". */
struct certificate_text {
    char text[128];
};
struct certificate_text certificate_describe(const struct study *study);

/* Discrepancies above this are told; it follows from the tolerances of the run, or of CVODE where the run is exact. */
double certificate_limit(const struct study *study);

/* Of the mass balance, relative to the dose. */
extern const double CERTIFICATE_IMBALANCE_LIMIT;

/* Discrepancies are relative to the level, and of levels below this, in ng/mL, relative to this. `scale`: ng/mL per mg. It is 1e-3 ng/mL, or
 * more where the tolerance is absolute. */
double certificate_floor(const struct study *study, double scale);

/* What became of a simulation of the sample; the value is what the result file stores. */
#define CERTIFICATE_OUTCOME_LIST(X)                                                                          \
    X(CERTIFICATE_PENDING, 0, "pending", "not compared yet")                                                 \
    X(CERTIFICATE_AGREES, 1, "agrees", "the levels agree")                                                   \
    X(CERTIFICATE_DIFFERS, 2, "differs", "a level, or the mass balance, is beyond the limit")                \
    X(CERTIFICATE_UNSOLVED, 3, "unsolved", "the other route found no solution")                              \
    X(CERTIFICATE_FAILED, 4, "failed", "the simulation itself has failed, see status")

enum certificate_outcome {
#define X(symbol, value, word, text) symbol = value,
    CERTIFICATE_OUTCOME_LIST(X)
#undef X
};

/* A simulation of the sample. NaN and -1 where nothing was compared. */
struct certified {
    int64_t position; /* in the sample */
    enum certificate_outcome outcome;
    double discrepancy; /* the largest */
    double time;        /* h, where that is */
    int analyte;        /* of the study, where that is */
    double level;       /* there, ng/mL, of the run */
    double reference;   /* and by the other route */
    double imbalance;   /* |given - left - in the body| at the last observation, relative to what was given */
};

/* What a sample comes to. Zeroed at first. */
struct certificate {
    int64_t compared;
    int64_t differing; /* of those compared */
    int64_t unsolved;
    int64_t failed;
    struct certified worst;      /* of those compared: by discrepancy, the first of equals */
    struct certified unbalanced; /* by imbalance */
};

void certificate_add(struct certificate *certificate, const struct certified *certified);

/* Whether all that was compared agrees, and not all of what could have been remained unsolved. */
bool certificate_holds(const struct certificate *certificate);

/* Adds what another part of the sample comes to. */
void certificate_join(struct certificate *certificate, const struct certificate *other);

#endif
