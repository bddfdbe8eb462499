/* exposure_slope - the terminal slope of a profile: how fast the last levels decline. */
#ifndef KETSIM_EXPOSURE_SLOPE_H
#define KETSIM_EXPOSURE_SLOPE_H

#include "exposure.h"

struct terminal_slope {
    double lambda_z; /* 1/h; NaN: there is none, and then of all else */
    double last_log; /* logarithm of the fitted level at the last time of the fit */
    double r2adj;
    int points;
    double first, last; /* h: the times fitted */
};

/* Least squares of the logarithm of the level on time, over the last n of these observations: of a level of at least
 * rules->above (and above 0), after the start of the last dose, not before the end of any, and strictly after the highest level
 * since the last dose (or at it, with include_tmax). Of all n >= rules->points whose slope declines, the best adjusted R2
 * decides; among those within 1e-4 of it, the most points. With rules->fixed all of these observations in rules->from .. rules->to are
 * fitted, also before the highest level. `scratch` has room for three times profile->count. */
struct terminal_slope terminal_slope_find(const struct profile *profile, double *scratch);

#endif
