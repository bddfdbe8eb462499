/* Answers about a population: intervals against their definitions, and how often they hold. */
#include "check.h"

#include "model/random.h"
#include "solver/answers.h"

#include <gsl/gsl_cdf.h>

#include <math.h>

/* An end of the interval is where the estimate lies 1.96 standard errors away, the error being that at the end. */
static void test_intervals(void **state)
{
    static const int64_t counts[] = {0, 1, 5, 50, 99, 100};
    static const double z = 1.959963984540054;
    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        const struct probability p = probability_of(counts[i], 100);
        assert_close(p.value, (double)counts[i] / 100, 1e-15, 0);
        assert_true(p.lower >= 0 && p.upper <= 1 && p.lower <= p.value && p.value <= p.upper);
        if (counts[i] > 0) {
            assert_close((p.value - p.lower) / sqrt(p.lower * (1 - p.lower) / 100), z, 1e-9, 0);
        }
        if (counts[i] < 100) {
            assert_close((p.upper - p.value) / sqrt(p.upper * (1 - p.upper) / 100), z, 1e-9, 0);
        }
    }
    assert_close(probability_of(0, 10).upper, 0.2775, 1e-3, 0);
    assert_true(probability_of(0, 10).lower == 0 && probability_of(10, 10).upper == 1);
}

static void test_levels_are_counted(void **state)
{
    static const double levels[] = {49, 50, NAN, 51, 0, NAN};
    (void)state;
    const struct probability p = probability_above(levels, 6, 50);
    assert_true(p.value == 0.5 && p.lower == probability_of(2, 4).lower);
    assert_true(isnan(probability_above(levels, 0, 50).value));
    assert_true(isnan(probability_above(levels + 2, 1, 50).upper));
}

static void test_unknown_times_are_left_out(void **state)
{
    double times[] = {3, NAN, INFINITY, 0, NAN, 1};
    (void)state;
    assert_int_equal(answers_sort(times, 6), 4);
    assert_true(times[0] == 0 && times[1] == 1 && times[2] == 3 && isinf(times[3]));
    assert_true(isnan(time_until(times, 0, 0.5).value));
}

/* The first time at which at least the fraction is below. */
static void test_the_time_is_that_of_counting(void **state)
{
    enum { MOST = 120 };
    static const double fractions[] = {0.05, 0.1, 0.5, 0.55, 0.9, 0.95};
    double times[MOST];
    (void)state;
    for (int i = 0; i < MOST; i++) {
        times[i] = i / 7; /* with ties */
    }
    for (int count = 1; count <= MOST; count++) {
        for (size_t f = 0; f < sizeof(fractions) / sizeof(fractions[0]); f++) {
            int below = 1;
            while (100 * below < lround(100 * fractions[f]) * count) {
                below++;
            }
            const struct time_answer answer = time_until(times, count, fractions[f]);
            assert_true(answer.value == times[below - 1]);
            assert_true(answer.lower <= answer.value && answer.value <= answer.upper);
            assert_false(answer.censored);
        }
    }
}

/* The narrowest ranks that leave at most 2.5 % outside at either end, by the distribution function of another library. */
static void test_ends_are_those_of_the_binomial(void **state)
{
    enum { MOST = 2000 };
    static const int counts[] = {1, 2, 10, 59, 72, 73, 100, 367, 1000, 2000};
    static const double fractions[] = {0.05, 0.5, 0.95};
    double *ranks = malloc(MOST * sizeof(*ranks));
    (void)state;
    assert_non_null(ranks);
    for (int i = 0; i < MOST; i++) {
        ranks[i] = i + 1;
    }
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        for (size_t f = 0; f < sizeof(fractions) / sizeof(fractions[0]); f++) {
            const unsigned n = (unsigned)counts[c];
            unsigned lower = 0;
            unsigned upper = n + 1;
            while (gsl_cdf_binomial_P(lower, fractions[f], n) <= 0.025) { /* P(K < lower + 1) */
                lower++;
            }
            while (upper > 1 &&
                   gsl_cdf_binomial_Q(upper - 2, fractions[f], n) <= 0.025) { /* P(K >= upper - 1) */
                upper--;
            }
            const struct time_answer answer = time_until(ranks, counts[c], fractions[f]);
            assert_true(answer.lower == lower);
            assert_true(upper > n ? isinf(answer.upper) : answer.upper == upper);
        }
    }
    free(ranks);
}

/* What is still above at the end is later than it, and never a number. */
static void test_later_than_observed(void **state)
{
    enum { COUNT = 1000 };
    double times[COUNT];
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        times[i] = i < 940 ? i / 100.0 : (double)INFINITY;
    }
    struct time_answer answer = time_until(times, COUNT, 0.95);
    assert_true(answer.censored && isinf(answer.value) && isinf(answer.upper));
    assert_true(answer.lower > 9 && answer.lower < 9.4);
    answer = time_until(times, COUNT, 0.5);
    assert_true(!answer.censored && answer.value == 4.99 && isfinite(answer.upper));
    answer = time_until(times, COUNT, 0.93); /* the estimate lies within, the end of its interval not */
    assert_true(!answer.censored && isfinite(answer.value) && isinf(answer.upper));
}

/* So few patients bound a far quantile at one end only. */
static void test_few_patients(void **state)
{
    double times[72];
    (void)state;
    for (int i = 0; i < 72; i++) {
        times[i] = i;
    }
    const struct time_answer late = time_until(times, 71, 0.95); /* 0.95^71 = 0.0262 */
    assert_true(!late.censored && isinf(late.upper) && late.value == 67);
    assert_true(time_until(times, 72, 0.95).upper == 71); /* 0.95^72 = 0.0249 */
    assert_true(time_until(times, 71, 0.05).lower == 0);
    const struct time_answer alone = time_until(times + 5, 1, 0.5);
    assert_true(alone.value == 5 && alone.lower == 0 && isinf(alone.upper));
}

/* As many as a study can have, where sums over all ranks would not do. */
static void test_many_patients(void **state)
{
    enum { COUNT = 10000000 };
    double *times = malloc((size_t)COUNT * sizeof(*times));
    (void)state;
    assert_non_null(times);
    for (int i = 0; i < COUNT; i++) {
        times[i] = i + 1;
    }
    const double half = 1.959963984540054 * sqrt(COUNT * 0.25);
    const struct time_answer answer = time_until(times, COUNT, 0.5);
    assert_true(answer.value == COUNT / 2);
    assert_close(answer.lower, COUNT / 2 - half, 0, 3);
    assert_close(answer.upper, COUNT / 2 + half, 0, 3);
    free(times);
}

/* Of many populations drawn, the interval holds the true time in 95 % or a little more, and misses it as often at either end: of a
 * continuous distribution (exponential), and of one where a third is never above and a tenth still above at the end. */
static void test_intervals_hold(void **state)
{
    enum { RUNS = 4000, COUNT = 300 };
    static const double fractions[] = {0.05, 0.5, 0.95};
    double times[COUNT];
    (void)state;
    for (int mixed = 0; mixed < 2; mixed++) {
        for (size_t f = 0; f < sizeof(fractions) / sizeof(fractions[0]); f++) {
            const double p = fractions[f];
            const double inner = mixed ? (p - 1.0 / 3) / (0.9 - 1.0 / 3) : p;
            const double truth = inner <= 0 ? 0 : inner >= 1 ? (double)INFINITY : -log1p(-inner);
            int missed[2] = {0, 0};
            for (int run = 0; run < RUNS; run++) {
                for (int i = 0; i < COUNT; i++) {
                    const double u = random_uniform(7, (uint64_t)run, PURPOSE_BOOTSTRAP, (uint32_t)i);
                    const double v = mixed ? (u - 1.0 / 3) / (0.9 - 1.0 / 3) : u;
                    times[i] = v <= 0 ? 0 : v >= 1 ? (double)INFINITY : -log1p(-v);
                }
                const int64_t known = answers_sort(times, COUNT);
                const struct time_answer answer = time_until(times, known, p);
                missed[0] += truth < answer.lower;
                missed[1] += truth > answer.upper;
            }
            for (int end = 0; end < 2; end++) { /* 2.5 % at most, and three standard errors of RUNS */
                assert_true(missed[end] <= RUNS * (0.025 + 3 * sqrt(0.025 * 0.975 / RUNS)));
                assert_true(mixed || missed[end] >= RUNS * 0.008); /* ranks are whole, and so never exact */
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_levels_are_counted),
        cmocka_unit_test(test_unknown_times_are_left_out),
        cmocka_unit_test(test_the_time_is_that_of_counting),
        cmocka_unit_test(test_ends_are_those_of_the_binomial),
        cmocka_unit_test(test_later_than_observed),
        cmocka_unit_test(test_few_patients),
        cmocka_unit_test(test_many_patients),
        cmocka_unit_test(test_intervals_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
