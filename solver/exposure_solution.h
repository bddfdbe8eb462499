/* exposure_solution - what metrics need to know of a profile, from the solution. For exposure_metrics.c. */
#ifndef KETSIM_EXPOSURE_SOLUTION_H
#define KETSIM_EXPOSURE_SOLUTION_H

#include "exposure_inner.h"

/* All of the spans of the exposure, which has a solution. */
double solution_highest(const struct exposure *exposure, double *time);
double solution_lowest(const struct exposure *exposure);
double solution_area(const struct exposure *exposure);
double solution_moment(const struct exposure *exposure); /* time counted from exposure->start */

/* When it is at or above a threshold that is watched: NaN, total too, of one that is not. */
struct time_above solution_time_above(const struct exposure *exposure, double threshold);

/* The level right before what is given at the start, and at the end. */
double solution_before(const struct exposure *exposure);
double solution_last(const struct exposure *exposure);

/* The level right before what is given at a time, h, where a span ends; NaN where none does. */
double solution_level(const struct exposure *exposure, double time);

/* The area from one time to another, each of them an end of a span, before the first of them or after the last. */
double solution_area_between(const struct exposure *exposure, double from, double to);

#endif
