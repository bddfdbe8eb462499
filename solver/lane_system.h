/* lane_system - dA/dt of a batch of patients, and the linear equations that an implicit method makes of it.
 *
 * Numbers lie state by state, value[state * lanes + lane], and every loop runs over lanes. There are as many lanes as make whole fours
 * (kernel.h): those that the batch does not fill repeat its last. Knows nothing of CVODE.
 */
#ifndef KETSIM_LANE_SYSTEM_H
#define KETSIM_LANE_SYSTEM_H

#include "integrator.h"

struct lane_system {
    const struct graph *graph;
    int lanes;
    double *memory;
    /* Of the batch in the present period, [flow][lane]. */
    double *rates;
    double *slopes;
    double *kms;
    double *input;         /* [state][lane], mg/h during the segment */
    double *jacobian;      /* [slot][lane], 1/h */
    bool has_jacobian;     /* and it will not change */
    double *factors;       /* [slot][lane]: I - gamma J, eliminated; diagonals inverted */
    double *effective;     /* [lane]: rate of one flow, where it is not constant */
    double factored_gamma; /* of the factors; NaN: none */
};

/* Memory for up to `lanes` lanes of the graph or a part of it. 0, or -1 without memory (clearing is allowed then). */
int lane_system_init(struct lane_system *system, const struct graph *graph, int lanes);
void lane_system_clear(struct lane_system *system);

/* Takes up the numbers of a batch in one of its periods. `graph` is the batch's, or a part of it, and must outlive their use. */
void lane_system_load(struct lane_system *system, const struct graph *graph, const struct batch *batch,
                      int period);

/* Makes a lane's time run from 0 to 1 between start[lane] and length[lane] hours later: from then on times are such ones, and all that
 * is per hour is per that length. */
void lane_system_scale(struct lane_system *system, const double *start, const double *length);

/* Copies the numbers of `count` lanes to all lanes. */
void lane_system_spread(const struct lane_system *system, const double *numbers, int count, double *row);

/* The fastest that any lane empties any state, 1/h, at time t; of saturable flows when the state is near empty. */
double lane_system_fastest(const struct lane_system *system, double t);

/* out += factor * what flows at time t (h) in state y; without the input. */
void lane_system_add_flows(const struct lane_system *system, double t, double factor, const double *y,
                           double *out);

/* Eliminates I - gamma J for time t and state y; nothing to do when that was done last for this gamma and J is constant. */
void lane_system_factorize(struct lane_system *system, double t, double gamma, const double *y);

/* b becomes the solution x of (I - gamma J) x = b. */
void lane_system_solve(const struct lane_system *system, double *b);

#endif
