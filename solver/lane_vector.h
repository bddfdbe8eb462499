/* lane_vector - an N_Vector that holds the states of a batch of patients side by side.
 *
 * data[state * lanes + lane]. Its weighted norm is the largest of the patients' own norms, so that each patient meets the
 * tolerance as if it were alone. All operations are plain loops over contiguous numbers.
 *
 * CVODE predicts by q (q + 1) / 2 sums of two neighbors in its history of q + 1 vectors, one call each. They are put off until
 * somebody looks at a vector, and done in one pass then, in the same order for each number: the same bytes.
 */
#ifndef KETSIM_LANE_VECTOR_H
#define KETSIM_LANE_VECTOR_H

#include <sundials/sundials_nvector.h>

enum { LANE_SUMS_MAX = 36 };

/* Shared by all vectors of a solver; `states` and `lanes` may change between solves. */
struct lane_shape {
    int states;
    int lanes;      /* whole fours, see kernel.h */
    int states_max; /* what the vectors have room for */
    int lanes_max;
    /* Sums x += y that were asked for and not yet done, in their order. */
    int sum_count;
    double *sums[LANE_SUMS_MAX];
    const double *terms[LANE_SUMS_MAX];
};

/* A vector of zeros. `shape` must outlive it. NULL without memory. */
N_Vector lane_vector_create(struct lane_shape *shape, SUNContext context);

/* A vector that takes part only as the result of a linear combination, of which it keeps the listed states:
 * data[i * lanes + lane] is state states[i]; it can be scaled, too. Interpolating the observed compartments alone is the use of it. */
N_Vector lane_vector_create_selection(struct lane_shape *shape, const int *states, int count,
                                      SUNContext context);

/* Changes which states a selection keeps, at most as many as it was made for. */
void lane_vector_select(N_Vector selection, const int *states, int count);

double *lane_vector_data(N_Vector vector);

#endif
