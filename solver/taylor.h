/* taylor - the exact solution between two stops as polynomials, for whoever watches it. For propagator.c.
 *
 * Of x' = B x the terms of Taylor's series, (B h)^k x / k!, follow from each other by the flows alone. With h at most 1 over what the
 * fastest state loses they shrink like 2^k / k!, so that with PIECE_DEGREE_MAX of them what is left out is far below rounding.
 */
#ifndef KETSIM_TAYLOR_H
#define KETSIM_TAYLOR_H

#include "exponential.h"
#include "integrator.h"

/* What eight patients are between two stops. */
struct taylor {
    const struct graph *graph;           /* what is solved of the model */
    int states;                          /* of the graph, then the inputs */
    const int *source_state;             /* [input]: the state that it enters */
    double (*rates)[EXPONENTIAL_LANES];  /* [flow][lane], 1/h */
    double (*x)[EXPONENTIAL_LANES];      /* [state][lane]: at the start, mg; then the inputs, mg/h */
    const double *fastest;               /* [lane], 1/h */
    double (*scales)[EXPONENTIAL_LANES]; /* [output][lane]: ng/mL per mg */
    double start[EXPONENTIAL_LANES];     /* h */
    double end[EXPONENTIAL_LANES];       /* h; what has no length is not shown */
};

/* Shows the watcher of the batch the levels of its lanes first .. first + count - 1, count at most EXPONENTIAL_LANES. What is shown of
 * a lane does not depend on the others. */
void taylor_show(const struct taylor *taylor, const struct batch *batch, int first, int count);

#endif
