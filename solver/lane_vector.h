/* lane_vector - an N_Vector that holds the states of a batch of patients side by side.
 *
 * data[state * lanes + lane]. Its weighted norm is the largest of the patients' own norms, so that each patient meets the
 * tolerance as if it were alone. All operations are plain loops over contiguous numbers.
 */
#ifndef KETSIM_LANE_VECTOR_H
#define KETSIM_LANE_VECTOR_H

#include <sundials/sundials_nvector.h>

/* Shared by all vectors of a solver; `lanes` may change between solves. */
struct lane_shape {
    int states;
    int lanes;
    int lanes_max; /* what the vectors have room for */
};

/* A vector of zeros. `shape` must outlive it. NULL without memory. */
N_Vector lane_vector_create(const struct lane_shape *shape, SUNContext context);

/* A vector that takes part only as the result of a linear combination, of which it keeps the listed states:
 * data[i * lanes + lane] is state states[i]. Interpolating the observed compartments alone is the use of it. */
N_Vector lane_vector_create_selection(const struct lane_shape *shape, const int *states, int count,
                                      SUNContext context);

/* Changes which states a selection keeps, at most as many as it was made for. */
void lane_vector_select(N_Vector selection, const int *states, int count);

double *lane_vector_data(N_Vector vector);

#endif
