/* methods - the ways of solving that only the benchmarks have, beside those of solver/integrator.c.
 *
 * They are integrators like those, so that whatever surrounds the integration (patients, doses, timelines, threads) is
 * the same. `sweep_run` finds them by name because the benchmarks are linked with --wrap=integrator_find.
 */
#ifndef KETSIM_BENCHMARKS_METHODS_H
#define KETSIM_BENCHMARKS_METHODS_H

#include "solver/integrator.h"

/* "baseline": what a competent user of CVODE would write: one problem per patient, one after the other. */
extern const struct integrator baseline_integrator;

/* "long double": the exact solution for first-order flows, in numbers of 64 bits precision; slow. */
extern const struct integrator long_double_integrator;

#endif
