/* Where designs put their points: strata, published sequences, and draws against theory.
 *
 * Tolerances of statistics are five standard errors: a right generator fails one such check in 1.7 million. */
#include "check.h"

#include "model/design.h"

#include <gsl/gsl_qrng.h>

static const double SIGMAS = 5;

static const char *const names[] = {"dose", "weight", "Vc", "Qh", "late", "a", "b", "c"};

enum { AXES = 8 };

/* u[row][axis], of the first `axes` names. */
static double *fill(const char *name, int axes, int64_t points, uint64_t seed)
{
    const struct design *design = design_find(name);
    const struct design_request request = {axes, names, points, seed};
    assert_non_null(design);
    double *u = calloc((size_t)(design_rows(design, axes, points) * axes), sizeof(*u));
    assert_non_null(u);
    assert_int_equal(design->fill(&request, u), 0);
    return u;
}

static void test_table(void **state)
{
    (void)state;
    assert_null(design_find("gird"));
    for (int i = 0; i < design_count; i++) {
        assert_ptr_equal(design_find(designs[i].name), &designs[i]);
        assert_true(strlen(designs[i].meaning) > 10);
        double *u = fill(designs[i].name, 3, 17, 1);
        double *again = fill(designs[i].name, 3, 17, 1);
        const int64_t values = design_rows(&designs[i], 3, 17) * 3;
        assert_true(values >= 17 * 3);
        for (int64_t k = 0; k < values; k++) {
            assert_true(u[k] > 0 && u[k] < 1);
            assert_true(u[k] == again[k]);
        }
        free(u);
        free(again);
    }
}

static void test_lhs_hits_each_stratum_once(void **state)
{
    static const int64_t counts[] = {1, 2, 3, 7, 10, 64, 1000, 4099, 100000};
    (void)state;
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        const int64_t points = counts[c];
        double *u = fill("lhs", AXES, points, 20261123 + c);
        char *hit = calloc((size_t)points, 1);
        for (int a = 0; a < AXES; a++) {
            memset(hit, 0, (size_t)points);
            for (int64_t i = 0; i < points; i++) {
                const double stratum = floor(u[i * AXES + a] * (double)points);
                assert_true(stratum >= 0 && stratum < (double)points);
                hit[(int64_t)stratum]++;
            }
            for (int64_t i = 0; i < points; i++) {
                assert_int_equal(hit[i], 1);
            }
        }
        free(hit);
        free(u);
    }
}

static double correlation(const double *u, int64_t points, int a, int b)
{
    double sum = 0;
    for (int64_t i = 0; i < points; i++) {
        sum += (u[i * AXES + a] - 0.5) * (u[i * AXES + b] - 0.5);
    }
    return 12 * sum / (double)points;
}

/* Strata are shuffled independently, and so are the places within them uniform and independent of which stratum it is. */
static void test_lhs_is_random_otherwise(void **state)
{
    enum { POINTS = 20000 };
    (void)state;
    double *u = fill("lhs", AXES, POINTS, 5);
    for (int a = 0; a < AXES; a++) {
        double within = 0;
        double serial = 0;
        double order = 0;
        for (int64_t i = 0; i < POINTS; i++) {
            const double x = u[i * AXES + a];
            within += x * POINTS - floor(x * POINTS);
            serial += (x - 0.5) * (u[(i + 1) % POINTS * AXES + a] - 0.5);
            order += (x - 0.5) * (((double)i + 0.5) / POINTS - 0.5);
        }
        assert_close(within / POINTS, 0.5, 0, SIGMAS * sqrt(1.0 / 12 / POINTS));
        assert_close(12 * serial / POINTS, 0, 0, SIGMAS / sqrt(POINTS));
        assert_close(12 * order / POINTS, 0, 0, SIGMAS / sqrt(POINTS));
        for (int b = 0; b < a; b++) {
            assert_close(correlation(u, POINTS, a, b), 0, 0, SIGMAS / sqrt(POINTS));
        }
    }
    free(u);
}

/* The first stratum of a permutation of four: each order as often as any other. */
static void test_lhs_orders(void **state)
{
    enum { SEEDS = 24000 };
    int counts[256] = {0};
    int orders = 0;
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        double *u = fill("lhs", 1, 4, seed);
        int code = 0;
        for (int i = 0; i < 4; i++) {
            code = 4 * code + (int)(4 * u[i]);
        }
        counts[code]++;
        free(u);
    }
    for (int i = 0; i < 256; i++) {
        if (counts[i] > 0) {
            orders++;
            assert_close(counts[i], SEEDS / 24.0, 0, SIGMAS * sqrt(SEEDS / 24.0 * 23 / 24));
        }
    }
    assert_int_equal(orders, 24);
}

static void test_random(void **state)
{
    enum { POINTS = 100000 };
    (void)state;
    double *u = fill("random", AXES, POINTS, 7);
    for (int a = 0; a < AXES; a++) {
        double sum = 0;
        double squares = 0;
        for (int64_t i = 0; i < POINTS; i++) {
            const double x = u[i * AXES + a];
            sum += x;
            squares += (x - 0.5) * (x - 0.5);
        }
        assert_close(sum / POINTS, 0.5, 0, SIGMAS * sqrt(1.0 / 12 / POINTS));
        assert_close(squares / POINTS, 1.0 / 12, 0, SIGMAS * sqrt(1.0 / 180 / POINTS));
        for (int b = 0; b < a; b++) {
            assert_close(correlation(u, POINTS, a, b), 0, 0, SIGMAS / sqrt(POINTS));
        }
    }
    free(u);
}

/* Draws depend on the names of the axes: neither another axis nor another point changes them. */
static void test_draws_stay(void **state)
{
    static const char *const swapped[] = {"weight", "dose"};
    (void)state;
    double *few = fill("random", 2, 50, 3);
    double *more = fill("random", 5, 80, 3);
    double *other = fill("random", 2, 50, 4);
    double reversed[100];
    const struct design_request request = {2, swapped, 50, 3};
    assert_int_equal(design_find("random")->fill(&request, reversed), 0);
    for (int i = 0; i < 50; i++) {
        for (int a = 0; a < 2; a++) {
            assert_true(few[i * 2 + a] == more[i * 5 + a]);
            assert_true(few[i * 2 + a] == reversed[i * 2 + 1 - a]);
            assert_true(few[i * 2 + a] != other[i * 2 + a]);
        }
    }
    free(few);
    free(more);
    free(other);

    few = fill("lhs", 2, 50, 3);
    more = fill("lhs", 5, 50, 3);
    for (int i = 0; i < 50; i++) {
        assert_true(few[i * 2] == more[i * 5] && few[i * 2 + 1] == more[i * 5 + 1]);
    }
    free(few);
    free(more);
}

/* The numbers of GSL's own generator, and the first ones of both sequences as the textbooks print them. */
static void test_sequences(void **state)
{
    static const struct {
        const char *name;
        const gsl_qrng_type *const *type;
        int axes;
        double first[4][2]; /* of the first two axes */
    } cases[] = {
        {"sobol", &gsl_qrng_sobol, 40, {{0.5, 0.5}, {0.75, 0.25}, {0.25, 0.75}, {0.375, 0.375}}},
        {"halton",
         &gsl_qrng_halton,
         1229,
         {{0.5, 1.0 / 3}, {0.25, 2.0 / 3}, {0.75, 1.0 / 9}, {0.125, 4.0 / 9}}},
    };
    enum { POINTS = 1000 };
    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        const struct design *design = design_find(cases[c].name);
        assert_int_equal(design->axes_max, cases[c].axes);
        const int sizes[] = {1, 2, AXES, cases[c].axes};
        for (int s = 0; s < 4; s++) {
            const int axes = sizes[s];
            const struct design_request request = {axes, NULL, POINTS, 99};
            double *u = calloc((size_t)axes * POINTS, sizeof(*u));
            double *expected = calloc((size_t)axes, sizeof(*expected));
            gsl_qrng *sequence = gsl_qrng_alloc(*cases[c].type, (unsigned)axes);
            assert_true(u && expected && sequence);
            assert_int_equal(design->fill(&request, u), 0);
            for (int i = 0; i < POINTS; i++) {
                gsl_qrng_get(sequence, expected);
                assert_memory_equal(u + (ptrdiff_t)i * axes, expected, (size_t)axes * sizeof(double));
                for (int a = 0; i < 4 && a < axes && a < 2; a++) {
                    assert_close(u[i * axes + a], cases[c].first[i][a], 1e-15, 0);
                }
            }
            gsl_qrng_free(sequence);
            free(expected);
            free(u);
        }
    }
}

/* Rows of GSL's points in twice as many dimensions: A, A with one of B's coordinates after the other, B. */
static void test_saltelli(void **state)
{
    enum { K = 5, POINTS = 100 };
    double *u = fill("saltelli", K, POINTS, 1);
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, 2 * K);
    double pair[2 * K];
    const double *row = u;

    (void)state;
    assert_int_equal(design_find("saltelli")->axes_max, 20);
    assert_int_equal(design_rows(design_find("saltelli"), K, POINTS), POINTS * (K + 2));
    for (int i = 0; i < POINTS; i++) {
        gsl_qrng_get(sequence, pair);
        for (int which = 0; which < K + 2; which++, row += K) {
            for (int a = 0; a < K; a++) {
                const bool of_b = which == K + 1 || which == a + 1;
                assert_true(row[a] == pair[of_b ? K + a : a]);
            }
        }
    }
    gsl_qrng_free(sequence);
    free(u);
}

/* Around each point of a Latin hypercube as many points as there are axes, each half an axis away along one of them. */
static void test_morris(void **state)
{
    enum { K = 6, POINTS = 40 };
    double *u = fill("morris", K, POINTS, 8);
    double *bases = fill("lhs", K, POINTS, 8);

    (void)state;
    assert_int_equal(design_rows(design_find("morris"), K, POINTS), POINTS * (K + 1));
    for (int i = 0; i < POINTS; i++) {
        const double *base = u + (ptrdiff_t)i * (K + 1) * K;
        assert_memory_equal(base, bases + (ptrdiff_t)i * K, K * sizeof(*u));
        for (int moved = 0; moved < K; moved++) {
            for (int a = 0; a < K; a++) {
                const double step = base[(moved + 1) * K + a] - base[a];
                if (a == moved) {
                    assert_close(step, base[a] < 0.5 ? 0.5 : -0.5, 0, 1e-15);
                } else {
                    assert_true(step == 0);
                }
            }
        }
    }
    free(bases);
    free(u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_lhs_hits_each_stratum_once),
        cmocka_unit_test(test_lhs_is_random_otherwise),
        cmocka_unit_test(test_lhs_orders),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_draws_stay),
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_saltelli),
        cmocka_unit_test(test_morris),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
