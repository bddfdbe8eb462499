/* outside - programs that are not ours, on the same patients: deSolve, where R and it are installed. */
#ifndef KETSIM_BENCHMARKS_OUTSIDE_H
#define KETSIM_BENCHMARKS_OUTSIDE_H

#include "figures.h"

/* Workload W1 by deSolve with a compiled model, in turn with the baseline. NULL with the reason in `why` (300 bytes), also where R
 * or deSolve is not installed. */
json_t *outside_desolve(const struct figures_options *options, const char *study, char *why);

#endif
