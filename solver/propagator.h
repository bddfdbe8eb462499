/* propagator - the exact solution of a linear model: one matrix exponential per patient and distinct interval.
 *
 * It shares nothing with CVODE and is the independent check of it.
 */
#ifndef KETSIM_PROPAGATOR_H
#define KETSIM_PROPAGATOR_H

#include "integrator.h"

/* As in struct integrator. A patient's levels do not depend on who else is in the batch, to the bit. */
void *propagator_create(const struct graph *graph, int lanes, const struct integrator_options *options);
int propagator_solve(void *state, struct batch *batch, struct solve_failure *why);
void propagator_free(void *state);

#endif
