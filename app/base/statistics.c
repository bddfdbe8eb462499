#include "statistics.h"

#include <gsl/gsl_statistics_double.h>

#include <math.h>

static double middle_of(double a, double b, double c)
{
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Reorders x[first..last] so that x[rank] is what it would be if they were sorted, with nothing greater before and nothing
 * smaller behind it (Hoare's selection). Several times faster than sorting, for the few ranks that are wanted. */
static void rank_select(double *x, int64_t first, int64_t last, int64_t rank)
{
    while (first < last) {
        const double pivot = middle_of(x[first], x[first + (last - first) / 2], x[last]);
        int64_t i = first;
        int64_t j = last;
        while (i <= j) {
            while (x[i] < pivot) {
                i++;
            }
            while (x[j] > pivot) {
                j--;
            }
            if (i <= j) {
                const double swap = x[i];
                x[i++] = x[j];
                x[j--] = swap;
            }
        }
        if (rank <= j) {
            last = j;
        } else if (rank >= i) {
            first = i;
        } else {
            return;
        }
    }
}

void quantiles_compute(double *values, int64_t count, const double *fractions, int fraction_count,
                       double *quantiles)
{
    int64_t placed =
        0; /* so many values at the start are where sorting would put them, or are not asked for */

    for (int i = 0; i < fraction_count; i++) {
        const double position = fractions[i] * (double)(count - 1);
        const int64_t below = (int64_t)position;
        const int64_t above = below + 1 < count ? below + 1 : below;
        if (count < 1) {
            quantiles[i] = NAN;
            continue;
        }
        for (int64_t rank = below; rank <= above; rank++) {
            if (rank >= placed) {
                rank_select(values, placed, count - 1, rank);
                placed = rank + 1;
            }
        }
        quantiles[i] = values[below] + (position - (double)below) * (values[above] - values[below]);
    }
}

static int64_t values_without_nan(double *values, int64_t count)
{
    int64_t kept = 0;

    for (int64_t i = 0; i < count; i++) {
        if (!isnan(values[i])) {
            values[kept++] = values[i];
        }
    }
    return kept;
}

struct spread spread_compute(double *values, int64_t count)
{
    static const double fractions[] = {0, 0.05, 0.5, 0.95, 1};
    const int64_t n = values_without_nan(values, count);
    struct spread s = {.n = n, .mean = NAN, .sd = NAN, .geometric_mean = NAN, .geometric_cv = NAN};
    double quantiles[5];

    quantiles_compute(values, n, fractions, 5, quantiles);
    s.min = quantiles[0];
    s.p05 = quantiles[1];
    s.median = quantiles[2];
    s.p95 = quantiles[3];
    s.max = quantiles[4];
    if (n < 1) {
        return s;
    }
    s.mean = gsl_stats_mean(values, 1, (size_t)n);
    s.sd = n > 1 ? gsl_stats_sd_m(values, 1, (size_t)n, s.mean) : NAN;
    if (s.min > 0) {
        for (int64_t i = 0; i < n; i++) {
            values[i] = log(values[i]);
        }
        const double mean = gsl_stats_mean(values, 1, (size_t)n);
        s.geometric_mean = exp(mean);
        s.geometric_cv = n > 1 ? sqrt(expm1(gsl_stats_variance_m(values, 1, (size_t)n, mean))) : NAN;
    }
    return s;
}

bool spread_differs(const struct spread *spread)
{
    static const double noise = 5e-5;
    return spread->geometric_cv >= noise;
}
