#include "answers.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>

#include <float.h>
#include <math.h>
#include <stddef.h>

/* What may lie outside at either end of an interval. */
static const double tail = 0.025;

struct probability probability_of(int64_t count, int64_t trials)
{
    static const double z = 1.959963984540054; /* the normal quantile of 97.5 % */
    const double n = (double)trials;
    const double p = (double)count / n;
    const double center = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);

    if (trials == 0) {
        return (struct probability){NAN, NAN, NAN};
    }
    return (struct probability){
        .value = p,
        .lower = count == 0 ? 0 : center - half,
        .upper = count == trials ? 1 : center + half,
    };
}

struct probability probability_above(const double *levels, int64_t count, double threshold)
{
    int64_t known = 0;
    int64_t above = 0;

    for (int64_t i = 0; i < count; i++) {
        known += !isnan(levels[i]);
        above += levels[i] >= threshold; /* not with NaN */
    }
    return probability_of(above, known);
}

int64_t answers_sort(double *values, int64_t count)
{
    int64_t known = 0;

    for (int64_t i = 0; i < count; i++) {
        if (!isnan(values[i])) {
            values[known++] = values[i];
        }
    }
    gsl_sort(values, 1, (size_t)known);
    return known;
}

/* The most successes k of `trials` such that k or fewer have a probability of at most `tail`; -1 if even none has more. Summed up from
 * where nothing is left below: the distribution functions of GSL 2.7 are NaN near the middle from some 1e7 trials on. */
static int64_t rare_successes(int64_t trials, double p)
{
    const double n = (double)trials;
    const double far = n * p - 10 * sqrt(n * p * (1 - p)) - 10;
    int64_t k = far > 0 ? (int64_t)far : 0;
    double term = gsl_ran_binomial_pdf((unsigned)k, p, (unsigned)trials);
    double sum = term;

    while (sum <= tail && k < trials) {
        term *= (n - (double)k) / ((double)k + 1) * p / (1 - p);
        sum += term;
        k++;
    }
    return k - 1;
}

/* The time of that rank from 1; beyond the patients `beyond`. */
static double time_of_rank(const double *times, int64_t count, int64_t rank, double beyond)
{
    return rank >= 1 && rank <= count ? times[rank - 1] : beyond;
}

void quantile_ranks(int64_t count, double fraction, int64_t *lower, int64_t *upper)
{
    *lower = rare_successes(count, fraction) + 1;
    *upper = count - rare_successes(count, 1 - fraction);
}

struct time_answer time_until(const double *times, int64_t count, double fraction)
{
    const double rank = ceil((double)count * fraction * (1 - 4 * DBL_EPSILON)); /* 0.55 * 100 is above 55 */
    struct time_answer answer = {NAN, NAN, NAN, false};

    if (count > 0) {
        answer.value = time_of_rank(times, count, (int64_t)fmax(rank, 1), NAN);
        int64_t lower;
        int64_t upper;
        quantile_ranks(count, fraction, &lower, &upper);
        answer.lower = time_of_rank(times, count, lower, 0);
        answer.upper = time_of_rank(times, count, upper, INFINITY);
        answer.censored = isinf(answer.value);
    }
    return answer;
}
