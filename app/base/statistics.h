/* statistics - what many patients' values amount to. */
#ifndef KETSIM_STATISTICS_H
#define KETSIM_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

/* The quantiles of `count` finite values at `fraction_count` fractions in [0, 1], which increase: linear interpolation
 * between order statistics, type 7 of Hyndman and Fan (1996), as R and GSL do. Reorders `values`. NaN without values. */
void quantiles_compute(double *values, int64_t count, const double *fractions, int fraction_count,
                       double *quantiles);

/* NaN where the number is not defined: a spread of fewer than two values, a geometric mean of values that are not
 * all positive. */
struct spread {
    int64_t n;
    double mean;
    double sd; /* with n - 1 */
    double geometric_mean;
    double geometric_cv; /* sqrt(exp(s^2) - 1), s the standard deviation of the logarithms */
    double p05, median, p95;
    double min, max;
};

/* Of the values that are not NaN. Reorders `values`. */
struct spread spread_compute(double *values, int64_t count);

/* Whether the values differ by more than what a solver leaves between identical patients: by a geometric CV of
 * 0.005 % at least, which rounds to 0.01 %. */
bool spread_differs(const struct spread *spread);

#endif
