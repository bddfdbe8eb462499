/* Quantiles and spreads against GSL, and against numbers worked out by hand. */
#include "check.h"

#include "app/base/statistics.h"
#include "model/random.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

enum { COUNT_MAX = 2000 };

static const double fractions[] = {0, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 1};
enum { FRACTIONS = sizeof(fractions) / sizeof(*fractions) };

static void assert_as_gsl(const double *values, int count)
{
    double mine[COUNT_MAX];
    double sorted[COUNT_MAX];
    double found[FRACTIONS];

    memcpy(mine, values, (size_t)count * sizeof(*mine));
    memcpy(sorted, values, (size_t)count * sizeof(*sorted));
    gsl_sort(sorted, 1, (size_t)count);
    quantiles_compute(mine, count, fractions, FRACTIONS, found);
    for (int i = 0; i < FRACTIONS; i++) {
        assert_close(found[i], gsl_stats_quantile_from_sorted_data(sorted, 1, (size_t)count, fractions[i]),
                     1e-14, 1e-300);
    }
}

static void test_quantiles_as_gsl(void **state)
{
    double values[COUNT_MAX];

    (void)state;
    for (int count = 1; count <= COUNT_MAX; count += count < 20 ? 1 : 97) {
        for (int i = 0; i < count; i++) {
            values[i] = exp(random_normal(1, (uint64_t)i, PURPOSE_COVARIATE, (uint32_t)count));
        }
        assert_as_gsl(values, count);
        for (int i = 0; i < count; i++) {
            values[i] = floor(4 * random_uniform(2, (uint64_t)i, PURPOSE_COVARIATE, (uint32_t)count));
        }
        assert_as_gsl(values, count); /* many equal */
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        assert_as_gsl(values, count); /* sorted */
        for (int i = 0; i < count; i++) {
            values[i] = i < count / 2 ? i : count - i;
        }
        assert_as_gsl(values, count); /* up and down */
        memset(values, 0, sizeof(values));
        assert_as_gsl(values, count);
    }
}

static void test_quantiles_of_nothing(void **state)
{
    double found[FRACTIONS];

    (void)state;
    quantiles_compute(NULL, 0, fractions, FRACTIONS, found);
    for (int i = 0; i < FRACTIONS; i++) {
        assert_true(isnan(found[i]));
    }
}

/* 1, 10, 100: logarithms 0, 1, 2 times ln 10, whose variance is ln(10)^2. */
static void test_spread(void **state)
{
    double values[] = {100, NAN, 1, 10};
    const struct spread s = spread_compute(values, 4);

    (void)state;
    assert_int_equal(s.n, 3);
    assert_close(s.mean, 37, 1e-15, 0);
    assert_close(s.sd, sqrt((36 * 36 + 27 * 27 + 63 * 63) / 2.0), 1e-15, 0);
    assert_close(s.geometric_mean, 10, 1e-15, 0);
    assert_close(s.geometric_cv, sqrt(exp(log(10) * log(10)) - 1), 1e-14, 0);
    assert_close(s.median, 10, 0, 0);
    assert_close(s.p05, 1.9, 1e-15, 0);
    assert_close(s.p95, 91, 1e-15, 0);
    assert_close(s.min, 1, 0, 0);
    assert_close(s.max, 100, 0, 0);
}

static void test_spread_of_few(void **state)
{
    double one[] = {5};
    double none[] = {NAN, NAN};
    double zero[] = {0, 1, 2};
    struct spread s = spread_compute(one, 1);

    (void)state;
    assert_int_equal(s.n, 1);
    assert_close(s.geometric_mean, 5, 1e-15, 0);
    assert_close(s.median, 5, 0, 0);
    assert_true(isnan(s.sd) && isnan(s.geometric_cv));

    s = spread_compute(none, 2);
    assert_int_equal(s.n, 0);
    assert_true(isnan(s.mean) && isnan(s.sd) && isnan(s.geometric_mean) && isnan(s.geometric_cv));
    assert_true(isnan(s.median) && isnan(s.p05) && isnan(s.p95) && isnan(s.min) && isnan(s.max));

    s = spread_compute(zero, 3);
    assert_close(s.mean, 1, 0, 0);
    assert_true(isnan(s.geometric_mean) && isnan(s.geometric_cv));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantiles_as_gsl),
        cmocka_unit_test(test_quantiles_of_nothing),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_spread_of_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
