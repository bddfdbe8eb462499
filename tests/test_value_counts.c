/* Quantiles from counts against exact ones, on data that nobody would choose. */
#include "check.h"

#include "app/base/statistics.h"
#include "app/results/value_counts.h"
#include "model/random.h"

#include <errno.h>

enum { VALUES = 20000, BITS = 10 };

static const double fractions[] = {0, 0.0001, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 0.9999, 1};
enum { FRACTIONS = sizeof(fractions) / sizeof(*fractions) };

static void count(struct value_counts *counts, int bits, const double *values, int64_t number)
{
    assert_int_equal(value_counts_init(counts, 1, bits), 0);
    assert_int_equal(value_counts_add(counts, 0, values, 1, number), 0);
}

/* The largest error relative to the larger of the two levels that a quantile lies between, in bins. */
static double worst_error(const double *values, int number, int bits)
{
    double *sorted = malloc((size_t)number * sizeof(*sorted));
    struct value_counts counts;
    double exact[FRACTIONS];
    double found[FRACTIONS];
    double worst = 0;

    assert_non_null(sorted);
    memcpy(sorted, values, (size_t)number * sizeof(*sorted));
    count(&counts, bits, values, number);
    value_counts_quantiles(&counts, 0, fractions, FRACTIONS, found);
    quantiles_compute(sorted, number, fractions, FRACTIONS, exact);
    for (int i = 0; i < FRACTIONS; i++) {
        double below, above;
        const double position = fractions[i] * (number - 1);
        const double ranks[2] = {floor(position) / fmax(number - 1, 1), ceil(position) / fmax(number - 1, 1)};
        quantiles_compute(sorted, number, &ranks[0], 1, &below);
        quantiles_compute(sorted, number, &ranks[1], 1, &above);
        const double allowed = fmax(fabs(below), fabs(above)) * ldexp(1, -bits) + ldexp(1, -64);
        worst = fmax(worst, fabs(found[i] - exact[i]) / allowed);
    }
    value_counts_clear(&counts);
    free(sorted);
    return worst;
}

static double uniform(int i, uint32_t index)
{
    return random_uniform(1, (uint64_t)i, PURPOSE_COVARIATE, index);
}

static double normal(int i, uint32_t index)
{
    return random_normal(1, (uint64_t)i, PURPOSE_COVARIATE, index);
}

static void fill(double *values, int kind)
{
    for (int i = 0; i < VALUES; i++) {
        const double twelve_decades = pow(10, 12 * uniform(i, 2) - 9);
        switch (kind) {
        case 0:
            values[i] = exp(0.5 * normal(i, 1));
            break;
        case 1:
            values[i] = twelve_decades;
            break;
        case 2:
            values[i] = -twelve_decades;
            break;
        case 3:
            values[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? -0.0 : twelve_decades;
            break;
        case 4:
            values[i] = normal(i, 3); /* about 0 */
            break;
        case 5:
            values[i] = ldexp(1, i % 20 - 10); /* at the edges of bins */
            break;
        case 6:
            values[i] = nextafter(ldexp(1, i % 20 - 10), 0);
            break;
        case 7:
            values[i] = ldexp(i % 2 ? -1 : 1, i % 250 - 186); /* of all sizes, too small ones as well */
            break;
        default:
            values[i] = i < VALUES / 2 ? 1 : 1000; /* a gap at the median */
            break;
        }
    }
}

static void test_within_the_bound(void **state)
{
    static double values[VALUES];

    (void)state;
    for (int kind = 0; kind < 9; kind++) {
        fill(values, kind);
        for (int number = 1; number <= VALUES; number = number < 9 ? number + 1 : number * 13) {
            for (int bits = 0; bits <= 12; bits += 4) {
                const double worst = worst_error(values, number, bits);
                if (!(worst <= 1)) {
                    print_error("data %d, %d values, %d bits: %g times the bound\n", kind, number, bits,
                                worst);
                }
                assert_true(worst <= 1);
            }
        }
    }
}

/* Many values in a bin: their ranks tell where in it. */
static void test_usually_far_within_the_bound(void **state)
{
    static double values[VALUES];
    double found[1], exact[1];
    struct value_counts counts;

    (void)state;
    for (int i = 0; i < VALUES; i++) {
        values[i] = 1 + (i + 0.5) / VALUES;
    }
    count(&counts, 4, values, VALUES);
    value_counts_quantiles(&counts, 0, (double[]){0.4321}, 1, found);
    quantiles_compute(values, VALUES, (double[]){0.4321}, 1, exact);
    assert_close(found[0], exact[0], 1e-12, 0); /* bins are 6 % wide */
    value_counts_clear(&counts);
}

static void test_equal_values_are_exact(void **state)
{
    static const double kinds[] = {0, 1, -1, 17.3, 1e-12, -4e5};
    double values[100];
    double found[FRACTIONS];

    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        struct value_counts counts;
        for (int i = 0; i < 100; i++) {
            values[i] = kinds[k];
        }
        count(&counts, BITS, values, 100);
        value_counts_quantiles(&counts, 0, fractions, FRACTIONS, found);
        for (int i = 0; i < FRACTIONS; i++) {
            assert_true(found[i] == kinds[k]);
        }
        value_counts_clear(&counts);
    }
}

static void test_what_cannot_be_counted(void **state)
{
    const double values[] = {NAN, 1, -NAN};
    struct value_counts counts;
    double found[1];

    (void)state;
    count(&counts, BITS, values, 3);
    assert_int_equal(counts.cells[0].count, 1); /* NaN is left out */
    assert_int_equal(value_counts_add(&counts, 0, (double[]){ldexp(1, 64)}, 1, 1), ERANGE);
    assert_int_equal(value_counts_add(&counts, 0, (double[]){-INFINITY}, 1, 1), ERANGE);
    assert_int_equal(value_counts_add(&counts, 0, (double[]){nextafter(ldexp(1, 64), 0)}, 1, 1), 0);
    value_counts_clear(&counts);

    count(&counts, BITS, values, 1);
    value_counts_quantiles(&counts, 0, (double[]){0.5}, 1, found);
    assert_true(isnan(found[0]));
    value_counts_clear(&counts);
}

static void assert_same_counts(const struct value_counts *a, const struct value_counts *b)
{
    assert_int_equal(a->bits, b->bits);
    assert_int_equal(a->cell_count, b->cell_count);
    assert_int_equal(value_counts_bytes(a), value_counts_bytes(b));
    for (int64_t i = 0; i < a->cell_count; i++) {
        assert_memory_equal(&a->cells[i], &b->cells[i], offsetof(struct value_cell, binades));
        for (int k = 0; k < VALUE_BINADES; k++) {
            assert_true((a->cells[i].binades[k] == NULL) == (b->cells[i].binades[k] == NULL));
            if (a->cells[i].binades[k]) {
                assert_memory_equal(a->cells[i].binades[k], b->cells[i].binades[k],
                                    sizeof(uint32_t) << a->bits);
            }
        }
    }
}

static void test_order_leaves_no_trace(void **state)
{
    static double values[VALUES];
    static double other[VALUES];
    struct value_counts a, b;

    (void)state;
    fill(values, 7);
    for (int i = 0; i < VALUES; i++) {
        other[i] = values[(int64_t)i * 7919 % VALUES];
    }
    count(&a, BITS, values, VALUES);
    assert_int_equal(value_counts_init(&b, 1, BITS), 0);
    for (int first = 0; first < 3; first++) {
        assert_int_equal(value_counts_add(&b, 0, other + first, 3, (VALUES - first + 2) / 3), 0);
    }
    assert_same_counts(&a, &b);
    value_counts_clear(&a);
    value_counts_clear(&b);
}

/* Joined bins, and counts of parts that are added, are as if they had been so from the start. */
static void test_coarsening_and_merging(void **state)
{
    static double values[VALUES];
    struct value_counts whole, first, second;

    (void)state;
    for (int kind = 0; kind < 9; kind++) {
        fill(values, kind);
        count(&whole, 6, values, VALUES);
        count(&first, 8, values, 1000);
        count(&second, 9, values + 1000, VALUES - 1000);
        assert_int_equal(value_counts_merge(&first, &second), 0);
        assert_int_equal(first.bits, 8);
        value_counts_coarsen(&first);
        value_counts_coarsen(&first);
        assert_same_counts(&first, &whole);
        for (int i = 0; i < 9; i++) {
            value_counts_coarsen(&first);
        }
        assert_int_equal(first.bits, 0);
        value_counts_clear(&whole);
        value_counts_clear(&first);
        value_counts_clear(&second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_within_the_bound),       cmocka_unit_test(test_usually_far_within_the_bound),
        cmocka_unit_test(test_equal_values_are_exact), cmocka_unit_test(test_what_cannot_be_counted),
        cmocka_unit_test(test_order_leaves_no_trace),  cmocka_unit_test(test_coarsening_and_merging),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
