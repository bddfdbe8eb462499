/* spread - what a sample of many says of the distribution that it should come from. */
#ifndef KETSIM_TESTS_SPREAD_H
#define KETSIM_TESTS_SPREAD_H

#include "check.h"

static inline int spread_compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The largest distance between the sample's distribution function and `cdf`, times the root of n (Kolmogorov-Smirnov). A
 * distance above KS_LIMIT has a probability of 1e-5. Sorts the sample. */
static const double ks_limit = 2.47;

static inline double ks_distance(double *values, int n, double (*cdf)(double x, const void *of),
                                 const void *of)
{
    double most = 0;
    qsort(values, (size_t)n, sizeof(*values), spread_compare);
    for (int i = 0; i < n; i++) {
        const double p = cdf(values[i], of);
        most = fmax(most, fmax((i + 1.0) / n - p, p - (double)i / n));
    }
    return most * sqrt(n);
}

struct spread_ranked {
    double value;
    int index;
};

static inline int spread_compare_ranked(const void *a, const void *b)
{
    return spread_compare(&((const struct spread_ranked *)a)->value,
                          &((const struct spread_ranked *)b)->value);
}

/* Ranks of values without ties, from 1. */
static inline void spread_rank(const double *values, int n, double *ranks)
{
    struct spread_ranked *sorted = malloc((size_t)n * sizeof(*sorted));
    assert_non_null(sorted);
    for (int i = 0; i < n; i++) {
        sorted[i] = (struct spread_ranked){values[i], i};
    }
    qsort(sorted, (size_t)n, sizeof(*sorted), spread_compare_ranked);
    for (int i = 0; i < n; i++) {
        assert_true(i == 0 || sorted[i].value > sorted[i - 1].value);
        ranks[sorted[i].index] = i + 1;
    }
    free(sorted);
}

/* Spearman's rank correlation of a sample without ties. */
static inline double spearman(const double *a, const double *b, int n)
{
    double *ranks = malloc(2 * (size_t)n * sizeof(*ranks));
    double sum = 0;
    assert_non_null(ranks);
    spread_rank(a, n, ranks);
    spread_rank(b, n, ranks + n);
    for (int i = 0; i < n; i++) {
        const double difference = ranks[i] - ranks[n + i];
        sum += difference * difference;
    }
    free(ranks);
    return 1 - 6 * sum / n / ((double)n * n - 1);
}

/* Its standard error (Bonett and Wright 2000). */
static inline double spearman_error(double rho, int n)
{
    return (1 - rho * rho) * sqrt((1 + rho * rho / 2) / n);
}

#endif
