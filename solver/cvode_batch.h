/* cvode_batch - solves a batch of patients as one CVODE problem. The only door to CVODE. */
#ifndef KETSIM_CVODE_BATCH_H
#define KETSIM_CVODE_BATCH_H

#include "integrator.h"

/* As in struct integrator. */
void *cvode_batch_create(const struct graph *graph, int lanes, const struct integrator_options *options);
int cvode_batch_solve(void *state, struct batch *batch, struct solve_failure *why);
void cvode_batch_free(void *state);

/* The version of the SUNDIALS library in use. Static text. */
const char *cvode_version(void);

#endif
