/* Indices against functions whose indices are known in closed form, and intervals against what they claim. */
#include "check.h"

#include "model/random.h"
#include "solver/sensitivity.h"

#include <gsl/gsl_qrng.h>

enum { AXES_MAX = 8 };

static const double pi = 3.14159265358979323846;
static const double noise = 1e-9;
static const struct bootstrap usual = {.seed = 20261124, .replicates = 400, .confidence = 0.95};

typedef double function(const double *x, int axes);

/* --- functions of points in the unit cube --- */

static double ishigami(const double *x, int axes)
{
    const double x1 = -pi + 2 * pi * x[0];
    const double x2 = -pi + 2 * pi * x[1];
    const double x3 = -pi + 2 * pi * x[2];

    (void)axes;
    return sin(x1) + 7 * sin(x2) * sin(x2) + 0.1 * x3 * x3 * x3 * x3 * sin(x1);
}

static const double g_weights[] = {0, 1, 4.5, 9, 99, 99};

static double sobol_g(const double *x, int axes)
{
    double product = 1;

    for (int i = 0; i < axes; i++) {
        product *= (fabs(4 * x[i] - 2) + g_weights[i]) / (1 + g_weights[i]);
    }
    return product;
}

/* The third axis does nothing. */
static double linear(const double *x, int axes)
{
    (void)axes;
    return 10 + 3 * x[0] - 2 * x[1];
}

static double constant(const double *x, int axes)
{
    (void)axes;
    return 5 + 1e-12 * x[0];
}

/* --- designs --- */

/* outputs[rows][axes + 2] at the points of Sobol's sequence, or with `seed` at random ones. */
static double *saltelli(function *f, int axes, int64_t rows, uint64_t seed)
{
    double *outputs = malloc((size_t)(rows * (axes + 2)) * sizeof(*outputs));
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)(2 * axes));
    double x[2 * AXES_MAX];
    double *at = outputs;

    assert_non_null(outputs);
    for (int64_t row = 0; row < rows; row++) {
        gsl_qrng_get(sequence, x);
        for (int i = 0; seed && i < 2 * axes; i++) {
            x[i] = random_uniform(seed, (uint64_t)row, PURPOSE_COVARIATE, (uint32_t)i);
        }
        *at++ = f(x, axes);
        for (int i = 0; i < axes; i++) {
            double moved[AXES_MAX];
            memcpy(moved, x, (size_t)axes * sizeof(*moved));
            moved[i] = x[axes + i];
            *at++ = f(moved, axes);
        }
        *at++ = f(x + axes, axes);
    }
    gsl_qrng_free(sequence);
    return outputs;
}

/* Estimates of all axes, [axis][statistic]. */
static struct sensitivity_rows sobol(const double *outputs, int64_t rows, int axes,
                                     const struct bootstrap *bootstrap,
                                     struct estimate (*indices)[SOBOL_STATISTICS])
{
    const struct sensitivity_design design = {
        .kind = SENSITIVITY_SOBOL, .rows = rows, .axes = axes, .outputs = outputs, .noise = noise};
    struct sensitivity_rows behind;

    assert_int_equal(sensitivity_estimate(&design, bootstrap, &indices[0][0], &behind), 0);
    return behind;
}

static struct sensitivity_rows morris(const double *outputs, const double *steps, int64_t rows, int axes,
                                      const struct bootstrap *bootstrap,
                                      struct estimate (*effects)[MORRIS_STATISTICS])
{
    const struct sensitivity_design design = {
        .kind = SENSITIVITY_MORRIS, .rows = rows, .axes = axes, .outputs = outputs, .steps = steps};
    struct sensitivity_rows behind;

    assert_int_equal(sensitivity_estimate(&design, bootstrap, &effects[0][0], &behind), 0);
    return behind;
}

static void assert_within(const struct estimate *estimate, double truth)
{
    if (!(estimate->lower <= truth && truth <= estimate->upper)) {
        print_error("%.6f is not within %.6f .. %.6f\n", truth, estimate->lower, estimate->upper);
        fail();
    }
    assert_true(estimate->lower <= estimate->value && estimate->value <= estimate->upper);
}

/* --- Sobol --- */

static void test_ishigami(void **state)
{
    static const double first[] = {0.313905, 0.442411, 0};
    static const double total[] = {0.557589, 0.442411, 0.243684};
    double *outputs = saltelli(ishigami, 3, 2048, 0);
    struct estimate indices[3][SOBOL_STATISTICS];
    struct sensitivity_rows behind;

    (void)state;
    behind = sobol(outputs, 2048, 3, &usual, indices);
    assert_int_equal(behind.used, 2048);
    assert_int_equal(behind.dropped, 0);
    assert_int_equal(behind.gap, SENSITIVITY_KNOWN);
    for (int i = 0; i < 3; i++) {
        print_message("x%d first %.4f (%.4f .. %.4f), total %.4f (%.4f .. %.4f)\n", i + 1,
                      indices[i][SOBOL_FIRST].value, indices[i][SOBOL_FIRST].lower,
                      indices[i][SOBOL_FIRST].upper, indices[i][SOBOL_TOTAL].value,
                      indices[i][SOBOL_TOTAL].lower, indices[i][SOBOL_TOTAL].upper);
        assert_within(&indices[i][SOBOL_FIRST], first[i]);
        assert_within(&indices[i][SOBOL_TOTAL], total[i]);
        assert_close(indices[i][SOBOL_FIRST].value, first[i], 0, 0.01);
        assert_close(indices[i][SOBOL_TOTAL].value, total[i], 0, 0.01);
    }
    free(outputs);
}

/* V_i = 1 / (3 (1 + a_i)^2), V + 1 = product of (1 + V_i); first order V_i / V, total V_i / V times the
 * product of the others. */
static void test_sobol_g(void **state)
{
    enum { AXES = 6, ROWS = 4096 };
    double *outputs = saltelli(sobol_g, AXES, ROWS, 0);
    struct estimate indices[AXES][SOBOL_STATISTICS];
    double product = 1;

    (void)state;
    for (int i = 0; i < AXES; i++) {
        product *= 1 + 1 / (3 * (1 + g_weights[i]) * (1 + g_weights[i]));
    }
    sobol(outputs, ROWS, AXES, &usual, indices);
    for (int i = 0; i < AXES; i++) {
        const double part = 1 / (3 * (1 + g_weights[i]) * (1 + g_weights[i]));
        assert_within(&indices[i][SOBOL_FIRST], part / (product - 1));
        assert_within(&indices[i][SOBOL_TOTAL], part * product / (1 + part) / (product - 1));
        assert_close(indices[i][SOBOL_TOTAL].value, part * product / (1 + part) / (product - 1), 0, 0.01);
    }
    free(outputs);
}

/* Of 200 designs of random points 95 % of the intervals are to hold the truth: 190, and hardly ever fewer
 * than 178. */
static void test_intervals_hold(void **state)
{
    enum { DESIGNS = 200, ROWS = 400 };
    static const double first[] = {0.313905, 0.442411, 0};
    static const double total[] = {0.557589, 0.442411, 0.243684};
    const struct bootstrap bootstrap = {.seed = 1, .replicates = 200, .confidence = 0.95};
    int held[6] = {0};

    (void)state;
    for (uint64_t seed = 1; seed <= DESIGNS; seed++) {
        double *outputs = saltelli(ishigami, 3, ROWS, seed);
        struct estimate indices[3][SOBOL_STATISTICS];
        sobol(outputs, ROWS, 3, &bootstrap, indices);
        for (int i = 0; i < 3; i++) {
            held[2 * i] +=
                indices[i][SOBOL_FIRST].lower <= first[i] && first[i] <= indices[i][SOBOL_FIRST].upper;
            held[2 * i + 1] +=
                indices[i][SOBOL_TOTAL].lower <= total[i] && total[i] <= indices[i][SOBOL_TOTAL].upper;
        }
        free(outputs);
    }
    for (int i = 0; i < 6; i++) {
        print_message("x%d %s: %d of %d intervals hold the truth\n", i / 2 + 1, i % 2 ? "total" : "first",
                      held[i], DESIGNS);
        assert_in_range(held[i], 178, DESIGNS);
    }
}

/* An axis that does nothing has indices of exactly 0, and so have the ends of their intervals. */
static void test_idle_axis(void **state)
{
    double *outputs = saltelli(linear, 3, 64, 0);
    struct estimate indices[3][SOBOL_STATISTICS];

    (void)state;
    sobol(outputs, 64, 3, &usual, indices);
    assert_true(indices[2][SOBOL_FIRST].value == 0 && indices[2][SOBOL_FIRST].lower == 0 &&
                indices[2][SOBOL_FIRST].upper == 0);
    assert_true(indices[2][SOBOL_TOTAL].value == 0 && indices[2][SOBOL_TOTAL].lower == 0 &&
                indices[2][SOBOL_TOTAL].upper == 0);
    assert_within(&indices[0][SOBOL_FIRST], 9.0 / 13);
    assert_within(&indices[1][SOBOL_TOTAL], 4.0 / 13);
    free(outputs);
}

/* Shares do not depend on the unit, nor on an offset that is large beside the variation. */
static void test_unit_and_offset(void **state)
{
    double *outputs = saltelli(ishigami, 3, 256, 0);
    struct estimate before[3][SOBOL_STATISTICS];
    struct estimate after[3][SOBOL_STATISTICS];

    (void)state;
    sobol(outputs, 256, 3, &usual, before);
    for (int i = 0; i < 256 * 5; i++) {
        outputs[i] = 1e6 + 0.001 * outputs[i];
    }
    sobol(outputs, 256, 3, &usual, after);
    for (int i = 0; i < 3; i++) {
        assert_close(after[i][SOBOL_FIRST].value, before[i][SOBOL_FIRST].value, 0, 1e-6);
        assert_close(after[i][SOBOL_FIRST].upper, before[i][SOBOL_FIRST].upper, 0, 1e-6);
        assert_close(after[i][SOBOL_TOTAL].lower, before[i][SOBOL_TOTAL].lower, 0, 1e-6);
    }
    free(outputs);
}

static void test_constant(void **state)
{
    double *outputs = saltelli(constant, 3, 64, 0);
    struct estimate indices[3][SOBOL_STATISTICS];
    struct sensitivity_rows behind;

    (void)state;
    for (int zero = 0; zero < 2; zero++) {
        behind = sobol(outputs, 64, 3, &usual, indices);
        assert_int_equal(behind.gap, SENSITIVITY_CONSTANT);
        assert_int_equal(behind.used, 64);
        for (int i = 0; i < 3; i++) {
            assert_true(isnan(indices[i][SOBOL_FIRST].value) && isnan(indices[i][SOBOL_FIRST].lower));
            assert_true(isnan(indices[i][SOBOL_TOTAL].value) && isnan(indices[i][SOBOL_TOTAL].upper));
        }
        memset(outputs, 0, (size_t)(64 * 5) * sizeof(*outputs));
    }
    free(outputs);
}

/* A row with a missing output is left out whole: what is left gives what it would without it. */
static void test_missing_rows(void **state)
{
    enum { ROWS = 128, WIDTH = 5 };
    double *outputs = saltelli(ishigami, 3, ROWS, 0);
    double *rest = malloc(ROWS * WIDTH * sizeof(*rest));
    struct estimate with[3][SOBOL_STATISTICS];
    struct estimate without[3][SOBOL_STATISTICS];
    struct sensitivity_rows behind;
    int64_t kept = 0;

    (void)state;
    assert_non_null(rest);
    for (int row = 0; row < ROWS; row++) {
        if (row % 10 != 3) {
            memcpy(rest + WIDTH * kept++, outputs + WIDTH * row, WIDTH * sizeof(*rest));
        } else {
            outputs[WIDTH * row + row % WIDTH] = row % 20 == 3 ? NAN : INFINITY;
        }
    }
    behind = sobol(outputs, ROWS, 3, &usual, with);
    assert_int_equal(behind.used, kept);
    assert_int_equal(behind.dropped, ROWS - kept);
    behind = sobol(rest, kept, 3, &usual, without);
    assert_int_equal(behind.dropped, 0);
    assert_memory_equal(with, without, sizeof(with));

    behind = sobol(rest, SENSITIVITY_ROWS_MIN - 1, 3, &usual, with);
    assert_int_equal(behind.gap, SENSITIVITY_FEW_ROWS);
    assert_string_equal(sensitivity_gap_text(behind.gap), "fewer than 4 rows have all their outputs");
    assert_true(isnan(with[0][SOBOL_FIRST].value) && isnan(with[2][SOBOL_TOTAL].upper));
    for (int i = 0; i < ROWS * WIDTH; i++) {
        outputs[i] = NAN;
    }
    behind = sobol(outputs, ROWS, 3, &usual, with);
    assert_int_equal(behind.gap, SENSITIVITY_FEW_ROWS);
    assert_int_equal(behind.dropped, ROWS);
    free(rest);
    free(outputs);
}

/* The seed decides the interval, the confidence its width, and neither the index. */
static void test_bootstrap_settings(void **state)
{
    double *outputs = saltelli(ishigami, 3, 128, 0);
    struct bootstrap other = usual;
    struct estimate a[3][SOBOL_STATISTICS];
    struct estimate b[3][SOBOL_STATISTICS];

    (void)state;
    sobol(outputs, 128, 3, &usual, a);
    sobol(outputs, 128, 3, &usual, b);
    assert_memory_equal(a, b, sizeof(a));
    other.seed++;
    sobol(outputs, 128, 3, &other, b);
    assert_true(a[0][SOBOL_FIRST].value == b[0][SOBOL_FIRST].value);
    assert_true(a[0][SOBOL_FIRST].lower != b[0][SOBOL_FIRST].lower);
    other = usual;
    other.confidence = 0.5;
    sobol(outputs, 128, 3, &other, b);
    for (int i = 0; i < 3; i++) {
        assert_true(a[i][SOBOL_TOTAL].value == b[i][SOBOL_TOTAL].value);
        const double ratio = (b[i][SOBOL_TOTAL].upper - b[i][SOBOL_TOTAL].lower) /
                             (a[i][SOBOL_TOTAL].upper - a[i][SOBOL_TOTAL].lower);
        assert_close(ratio, 0.674490 / 1.959964, 0.25, 0); /* of a normal distribution's quantiles */
    }
    free(outputs);
}

/* --- Morris --- */

static void test_morris_linear(void **state)
{
    enum { ROWS = 8 };
    double outputs[ROWS * 4];
    double steps[ROWS * 3];
    struct estimate effects[3][MORRIS_STATISTICS];
    struct sensitivity_rows behind;

    (void)state;
    for (int row = 0; row < ROWS; row++) {
        double x[3];
        for (int i = 0; i < 3; i++) {
            x[i] = random_uniform(7, (uint64_t)row, PURPOSE_COVARIATE, (uint32_t)i);
            steps[row * 3 + i] = x[i] < 0.5 ? 0.5 : -0.5;
        }
        outputs[row * 4] = linear(x, 3);
        for (int i = 0; i < 3; i++) {
            double moved[3] = {x[0], x[1], x[2]};
            moved[i] += steps[row * 3 + i];
            outputs[row * 4 + i + 1] = linear(moved, 3);
        }
    }
    behind = morris(outputs, steps, ROWS, 3, &usual, effects);
    assert_int_equal(behind.used, ROWS);
    static const double slopes[] = {3, -2, 0};
    for (int i = 0; i < 3; i++) {
        assert_close(effects[i][MORRIS_MU].value, slopes[i], 0, 1e-12);
        assert_close(effects[i][MORRIS_MU].lower, slopes[i], 0, 1e-12);
        assert_close(effects[i][MORRIS_MU_STAR].value, fabs(slopes[i]), 0, 1e-12);
        assert_close(effects[i][MORRIS_MU_STAR].upper, fabs(slopes[i]), 0, 1e-12);
        assert_close(effects[i][MORRIS_SIGMA].value, 0, 0, 1e-12);
    }
}

/* x0^2 from the base 0, 0.2, 0.6, 0.8 by 0.5, 0.5, -0.5, -0.5 has the effects 2 x0 + step: 0.5, 0.9, 0.7,
 * 1.1; x0 times x1 has those of -1, 1, -2, 2 for x1, the base's x0 being so. */
static void test_morris_known_effects(void **state)
{
    static const double base[] = {0, 0.2, 0.6, 0.8};
    static const double step[] = {0.5, 0.5, -0.5, -0.5};
    static const double factor[] = {-1, 1, -2, 2};
    double outputs[12];
    double steps[8];
    struct estimate effects[2][MORRIS_STATISTICS];

    (void)state;
    for (int row = 0; row < 4; row++) {
        const double moved = base[row] + step[row];
        outputs[3 * row] = base[row] * base[row];
        outputs[3 * row + 1] = moved * moved;
        outputs[3 * row + 2] = base[row] * base[row] + factor[row] * step[row];
        steps[2 * row] = steps[2 * row + 1] = step[row];
    }
    morris(outputs, steps, 4, 2, &usual, effects);
    assert_close(effects[0][MORRIS_MU].value, 0.8, 0, 1e-12);
    assert_close(effects[0][MORRIS_MU_STAR].value, 0.8, 0, 1e-12);
    assert_close(effects[0][MORRIS_SIGMA].value, sqrt((0.09 + 0.01 + 0.01 + 0.09) / 3), 0, 1e-12);
    assert_true(effects[0][MORRIS_MU].lower >= 0.5 && effects[0][MORRIS_MU].upper <= 1.1);
    assert_close(effects[1][MORRIS_MU].value, 0, 0, 1e-12);
    assert_close(effects[1][MORRIS_MU_STAR].value, 1.5, 0, 1e-12); /* effects that cancel are effects */
    assert_close(effects[1][MORRIS_SIGMA].value, sqrt(10.0 / 3), 0, 1e-12);
}

/* Of many rows the interval of a mean is near that of the normal distribution: 1.96 standard errors to
 * either side. */
static void test_morris_interval(void **state)
{
    enum { ROWS = 500 };
    const struct bootstrap bootstrap = {.seed = 3, .replicates = 4000, .confidence = 0.95};
    double outputs[ROWS * 2];
    double steps[ROWS];
    struct estimate effects[1][MORRIS_STATISTICS];
    struct sensitivity_rows behind;

    (void)state;
    for (int row = 0; row < ROWS; row++) {
        outputs[2 * row] = 1;
        outputs[2 * row + 1] = 1 + random_normal(5, (uint64_t)row, PURPOSE_COVARIATE, 0);
        steps[row] = 1;
    }
    outputs[17] = NAN;
    behind = morris(outputs, steps, ROWS, 1, &bootstrap, effects);
    assert_int_equal(behind.used, ROWS - 1);
    assert_int_equal(behind.dropped, 1);
    const double half = 1.959964 * effects[0][MORRIS_SIGMA].value / sqrt(ROWS - 1);
    assert_close(effects[0][MORRIS_MU].upper - effects[0][MORRIS_MU].value, half, 0.08, 0);
    assert_close(effects[0][MORRIS_MU].value - effects[0][MORRIS_MU].lower, half, 0.08, 0);
}

static void test_morris_gaps(void **state)
{
    double outputs[8] = {2, 2, 2, 2, 2, 2, 2, 2};
    const double steps[4] = {0.5, 0.5, -0.5, 0.5};
    struct estimate effects[1][MORRIS_STATISTICS];
    struct sensitivity_rows behind;

    (void)state;
    behind = morris(outputs, steps, 4, 1, &usual, effects);
    assert_int_equal(behind.gap, SENSITIVITY_KNOWN); /* no effect is an answer: 0 is divided by nothing */
    assert_true(effects[0][MORRIS_MU].value == 0 && effects[0][MORRIS_MU_STAR].upper == 0 &&
                effects[0][MORRIS_SIGMA].value == 0);
    outputs[3] = NAN;
    behind = morris(outputs, steps, 4, 1, &usual, effects);
    assert_int_equal(behind.gap, SENSITIVITY_FEW_ROWS);
    assert_int_equal(behind.dropped, 1);
    assert_true(isnan(effects[0][MORRIS_MU].value) && isnan(effects[0][MORRIS_MU_STAR].lower) &&
                isnan(effects[0][MORRIS_SIGMA].upper));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ishigami),        cmocka_unit_test(test_sobol_g),
        cmocka_unit_test(test_intervals_hold),  cmocka_unit_test(test_idle_axis),
        cmocka_unit_test(test_unit_and_offset), cmocka_unit_test(test_constant),
        cmocka_unit_test(test_missing_rows),    cmocka_unit_test(test_bootstrap_settings),
        cmocka_unit_test(test_morris_linear),   cmocka_unit_test(test_morris_known_effects),
        cmocka_unit_test(test_morris_interval), cmocka_unit_test(test_morris_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
