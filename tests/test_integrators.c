/* Both integrators against closed forms. The exact one must be right to rounding, 1e-13; CVODE with rtol 1e-8 to 1e-6 and
 * 1e-9 mg. */
#include "solving.h"

enum { TIMES_MAX = 600 };

static double tolerance(const struct integrator *by)
{
    return is_exact(by) ? 1e-13 : 1e-6;
}

static double least(const struct integrator *by)
{
    return is_exact(by) ? 1e-300 : 1e-9;
}

/* `value` is what the method gave, `expected` the closed form; `where` is told where they differ. */
static void check_amount(const struct integrator *by, double value, double expected, double where)
{
    if (!(fabs(value - expected) <= tolerance(by) * fabs(expected) + least(by))) {
        print_error("%s, %.17g: %.17g, expected %.17g (%.3g of it)\n", by->name, where, value, expected,
                    value / expected - 1);
        fail();
    }
}

/* Runs a test for each method. */
static void for_each_method(void (*test)(const struct integrator *by))
{
    assert_true(integrator_count >= 2);
    for (int i = 0; i < integrator_count; i++) {
        test(&integrators[i]);
    }
}

/* From 0 at once, then an infusion from 2 h to 5 h that ends exactly at an observation. */
static void one_compartment(const struct integrator *by)
{
    static const struct pulse pulses[] = {{0, 0, 0, 80}, {2, 5, 0, 30}};
    static const double times[] = {0, 0.1, 1, 2, 2.5, 4.999, 5, 5.001, 8, 30};
    static const double k[] = {0.35};
    struct solving s;

    solving_begin(&s, ONE_COMPARTMENT);
    solving_set(&s, k, pulses, 2, times, 10);
    solve(&s, by);
    assert_true(amount(&s, 0, 0, 0) == 0); /* at the time of the first dose: before it */
    for (int i = 1; i < 10; i++) {
        const double infused = fmin(fmax(times[i] - 2, 0), 3);
        const double after = fmax(times[i] - 5, 0);
        const double expected =
            80 * exp(-k[0] * times[i]) + 10 / k[0] * -expm1(-k[0] * infused) * exp(-k[0] * after);
        check_amount(by, amount(&s, 0, 0, i), expected, times[i]);
    }
    solving_clear(&s);
}

static void test_one_compartment(void **state)
{
    (void)state;
    for_each_method(one_compartment);
}

/* The amount in the central compartment t after a bolus into the depot, also where ka and ke are equal or nearly. */
static double absorbed(double ka, double ke, double t)
{
    const double difference = ka - ke;
    const double shape = difference == 0 ? t : -expm1(-difference * t) / difference;
    return ka * shape * exp(-ke * t);
}

static void absorption(const struct integrator *by)
{
    static const struct pulse pulses[] = {{0, 0, 0, 100}};
    static const double times[] = {0.01, 0.5, 1, 2, 4, 9};
    static const double ka[] = {0.7, 0.7 + 1e-9, 0.7 - 1e-9, 0.7 + 1e-15, 0.7 + 1e-5, 2.93, 0.01};
    struct solving s;

    solving_begin(&s, ABSORPTION);
    for (size_t i = 0; i < sizeof(ka) / sizeof(ka[0]); i++) {
        const double rates[] = {ka[i], 0.7};
        solving_set(&s, rates, pulses, 1, times, 6);
        solve(&s, by);
        for (int j = 0; j < 6; j++) {
            check_amount(by, amount(&s, 1, 0, j), 100 * absorbed(ka[i], 0.7, times[j]), times[j]);
            check_amount(by, amount(&s, 0, 0, j), 100 * exp(-ka[i] * times[j]), times[j]);
        }
    }
    solving_clear(&s);
}

static void test_absorption(void **state)
{
    (void)state;
    /* what absorbed() says where ka = ke: k t exp(-k t) */
    assert_close(absorbed(0.7, 0.7, 2), 1.4 * exp(-1.4), 1e-15, 0);
    for_each_method(absorption);
}

/* A rate of 1e4/h beside one of 0.7/h. The exact method squares its exponential until it covers an interval, and each squaring
 * doubles the relative rounding error: some 1e-16 for each time constant that goes by. */
static void fast_rate(const struct integrator *by)
{
    static const struct pulse pulses[] = {{0, 0, 0, 100}};
    static const double times[] = {1e-5, 1e-4, 1e-3, 0.5, 1, 2, 4, 9};
    static const double rates[] = {1e4, 0.7};
    struct solving s;

    solving_begin(&s, ABSORPTION);
    solving_set(&s, rates, pulses, 1, times, 8);
    solve(&s, by);
    for (int j = 0; j < 8; j++) {
        const double expected = 100 * absorbed(rates[0], rates[1], times[j]);
        assert_close(amount(&s, 1, 0, j), expected, is_exact(by) ? 1e-13 + 1e-15 * rates[0] * times[j] : 1e-6,
                     0);
    }
    solving_clear(&s);
}

static void test_fast_rate(void **state)
{
    (void)state;
    for_each_method(fast_rate);
}

/* No exchange: one compartment. No return: what has gone there stays. No rates at all: nothing moves, to the bit. */
static void no_flow(const struct integrator *by)
{
    static const struct pulse pulses[] = {{0, 0, 0, 50}, {1, 3, 1, 8}};
    static const double times[] = {1, 2, 3, 10};
    static const double no_exchange[] = {0, 0, 0.4};
    static const double no_return[] = {0.5, 0, 0.25};
    static const double nothing[] = {0, 0, 0};
    struct solving s;

    solving_begin(&s, TWO_COMPARTMENTS);
    solving_set(&s, no_exchange, pulses, 2, times, 4);
    solve(&s, by);
    for (int i = 0; i < 4; i++) {
        const double infused = 4 * fmin(times[i] - 1, 2);
        check_amount(by, amount(&s, 0, 0, i), 50 * exp(-0.4 * times[i]), times[i]);
        check_amount(by, amount(&s, 1, 0, i), infused, times[i]);
    }
    solving_set(&s, no_return, pulses, 1, times, 4);
    solve(&s, by);
    for (int i = 0; i < 4; i++) {
        check_amount(by, amount(&s, 1, 0, i), 50 * 0.5 / 0.75 * -expm1(-0.75 * times[i]), times[i]);
    }
    solving_set(&s, nothing, pulses, 2, times, 4);
    solve(&s, by);
    for (int i = 0; i < 4; i++) {
        assert_true(amount(&s, 0, 0, i) == 50);
        check_amount(by, amount(&s, 1, 0, i), 4 * fmin(times[i] - 1, 2), times[i]);
    }
    check_amount(by, s.remaining[0], 58, 10);
    assert_true(s.eliminated[0] == 0);
    solving_clear(&s);
}

static void test_no_flow(void **state)
{
    (void)state;
    for_each_method(no_flow);
}

/* Two compartments by the roots of the characteristic equation. */
static double two_compartments(const double *rates, double t)
{
    const double sum = rates[0] + rates[1] + rates[2];
    const double product = rates[1] * rates[2];
    const double fast = (sum + sqrt(sum * sum - 4 * product)) / 2;
    const double slow = product / fast;
    return ((fast - rates[1]) * exp(-fast * t) + (rates[1] - slow) * exp(-slow * t)) / (fast - slow);
}

static const double two_rates[] = {1.2, 0.3, 0.5};

/* A ring of five compartments, one way round: a molecule hops at the times of a Poisson process, and leaves at the same rate from
 * wherever it is. Eliminating a ring fills in entries, which the tree-shaped models of the library do not need. */
static void ring(const struct integrator *by)
{
    enum { SIZE = 5 };
    static const char text[] = MODEL_HEAD "parameters: {p: {typical: 1}}\n"
                                          "compartments: [central, b, c, d, e]\n"
                                          "flows:\n"
                                          "  - {from: central, to: b, rate: p}\n"
                                          "  - {from: d, to: e, rate: p}\n"
                                          "  - {from: b, to: c, rate: p}\n"
                                          "  - {from: e, to: central, rate: p}\n"
                                          "  - {from: c, to: d, rate: p}\n"
                                          "  - {from: central, rate: p}\n"
                                          "  - {from: b, rate: p}\n"
                                          "  - {from: c, rate: p}\n"
                                          "  - {from: d, rate: p}\n"
                                          "  - {from: e, rate: p}\n" SOLVING_TAIL;
    static const double rates[] = {1.5, 1.5, 1.5, 1.5, 1.5, 0.1, 0.1, 0.1, 0.1, 0.1};
    static const struct pulse pulses[] = {{0, 0, 0, 100}};
    static const double times[] = {0.5, 2, 7, 20};
    struct solving s;

    solving_begin(&s, text);
    solving_set(&s, rates, pulses, 1, times, 4);
    solve(&s, by);
    for (int i = 0; i < 4; i++) {
        double hops[SIZE] = {0};
        double probability = exp(-1.5 * times[i]);
        for (int n = 0; n < 200; n++) {
            hops[n % SIZE] += probability;
            probability *= 1.5 * times[i] / (n + 1);
        }
        for (int c = 0; c < SIZE; c++) {
            check_amount(by, amount(&s, c, 0, i), 100 * exp(-0.1 * times[i]) * hops[c], times[i]);
        }
    }
    check_amount(by, s.eliminated[0], 100 * -expm1(-0.1 * 20), 20);
    solving_clear(&s);
}

static void test_ring(void **state)
{
    (void)state;
    for_each_method(ring);
}

/* Doses of all kinds at once are the sum of each alone. */
static void superposition(const struct integrator *by)
{
    static const struct pulse pulses[] = {
        {0, 0, 0, 50}, {0.5, 2.25, 0, 30}, {1, 4, 1, 20}, {2.25, 2.25, 1, 5}};
    static const double times[] = {0.25, 0.5, 1, 2.25, 3, 4, 12, 40};
    double sum[2][8] = {{0}};
    struct solving s;

    solving_begin(&s, TWO_COMPARTMENTS);
    for (int p = 0; p < 4; p++) {
        solving_set(&s, two_rates, pulses + p, 1, times, 8);
        solve(&s, by);
        for (int i = 0; i < 8; i++) {
            sum[0][i] += amount(&s, 0, 0, i);
            sum[1][i] += amount(&s, 1, 0, i);
            if (p == 0) {
                check_amount(by, amount(&s, 0, 0, i), 50 * two_compartments(two_rates, times[i]), times[i]);
            }
        }
    }
    solving_set(&s, two_rates, pulses, 4, times, 8);
    solve(&s, by);
    for (int i = 0; i < 8; i++) {
        check_amount(by, amount(&s, 0, 0, i), sum[0][i], times[i]);
        check_amount(by, amount(&s, 1, 0, i), sum[1][i], times[i]);
    }
    solving_clear(&s);
}

static void test_superposition(void **state)
{
    (void)state;
    for_each_method(superposition);
}

/* Seven times the dose, seven times the amount; and the same a thousand hours later. */
static void scale_and_shift(const struct integrator *by)
{
    static const struct pulse pulses[] = {{0, 0, 0, 50}, {0.5, 2.25, 0, 30}};
    static const struct pulse larger[] = {{0, 0, 0, 350}, {0.5, 2.25, 0, 210}};
    static const struct pulse later[] = {{1000, 1000, 0, 50}, {1000.5, 1002.25, 0, 30}};
    static const double times[] = {0.25, 0.5, 1, 2.25, 3, 12};
    static const double later_times[] = {1000.25, 1000.5, 1001, 1002.25, 1003, 1012};
    double amounts[6];
    struct solving s;

    solving_begin(&s, TWO_COMPARTMENTS);
    solving_set(&s, two_rates, pulses, 2, times, 6);
    solve(&s, by);
    memcpy(amounts, s.amounts, sizeof(amounts));
    solving_set(&s, two_rates, larger, 2, times, 6);
    solve(&s, by);
    for (int i = 0; i < 6; i++) {
        check_amount(by, amount(&s, 0, 0, i), 7 * amounts[i], times[i]);
    }
    solving_set(&s, two_rates, later, 2, later_times, 6);
    solve(&s, by);
    for (int i = 0; i < 6; i++) {
        check_amount(by, amount(&s, 0, 0, i), amounts[i], later_times[i]);
    }
    solving_clear(&s);
}

static void test_scale_and_shift(void **state)
{
    (void)state;
    for_each_method(scale_and_shift);
}

/* Observations at ever different intervals, fewer and more than a cache of exponentials could hold, and in an order in which
 * the first come back after all the others. */
static void intervals(const struct integrator *by)
{
    static const struct pulse pulses[] = {{0, 0, 0, 100}};
    static const int counts[] = {40, 200};
    double times[TIMES_MAX];
    struct solving s;

    solving_begin(&s, TWO_COMPARTMENTS);
    for (int c = 0; c < 2; c++) {
        double now = 0;
        for (int i = 0; i < 2 * counts[c]; i++) {
            now += 0.001 * (i % counts[c] + 1) + 1e-9 * (i % 7);
            times[i] = now;
        }
        solving_set(&s, two_rates, pulses, 1, times, 2 * counts[c]);
        solve(&s, by);
        for (int i = 0; i < 2 * counts[c]; i++) {
            check_amount(by, amount(&s, 0, 0, i), 100 * two_compartments(two_rates, times[i]), times[i]);
        }
    }
    solving_clear(&s);
}

static void test_intervals(void **state)
{
    (void)state;
    for_each_method(intervals);
}

/* What is crossed in strides over equal intervals, and what is not because an observation more breaks them, are the same
 * levels; the strides end in the middle of a segment and at a dose. */
static void strides(const struct integrator *by)
{
    static const struct pulse pulses[] = {{0, 0, 0, 100}, {11.5, 11.5, 0, 50}};
    double times[TIMES_MAX];
    double equal[100];
    struct solving s;

    solving_begin(&s, TWO_COMPARTMENTS);
    for (int i = 0; i < 100; i++) {
        times[i] = (i + 1) * 0.25;
    }
    solving_set(&s, two_rates, pulses, 2, times, 100);
    solve(&s, by);
    for (int i = 0; i < 100; i++) {
        const double later = times[i] > 11.5 ? 50 * two_compartments(two_rates, times[i] - 11.5) : 0;
        equal[i] = amount(&s, 0, 0, i);
        check_amount(by, equal[i], 100 * two_compartments(two_rates, times[i]) + later, times[i]);
    }
    for (int i = 0; i < 200; i++) {
        times[i] = (i / 2 + 1) * 0.25 - (i % 2 == 0 ? 0.1 : 0);
    }
    solving_set(&s, two_rates, pulses, 2, times, 200);
    solve(&s, by);
    for (int i = 0; i < 100; i++) {
        check_amount(by, amount(&s, 0, 0, 2 * i + 1), equal[i], times[2 * i + 1]);
    }
    solving_clear(&s);
}

static void test_strides(void **state)
{
    (void)state;
    for_each_method(strides);
}

/* Stops and observations `gap` apart, or as close as numbers near `first` can be. */
static void check_gap(struct solving *s, const struct integrator *by, double first, double gap)
{
    static const double k[] = {0.35};
    const double second = fmax(first + gap, nextafter(first, INFINITY));
    const double third = fmax(second + gap, nextafter(second, INFINITY));
    const double fourth = fmax(third + gap, nextafter(third, INFINITY));
    const struct pulse pulses[] = {{first, first, 0, 50}, {second, second, 0, 50}, {second, third, 0, 0.01}};
    const double times[] = {first, second, third, fourth, first + 2};

    solving_set(s, k, pulses, 3, times, 5);
    solve(s, by);
    assert_true(amount(s, 0, 0, 0) == 0);
    check_amount(by, amount(s, 0, 0, 1), 50 * exp(-k[0] * (second - first)), second);
    const double infused = 0.01 * -expm1(-k[0] * (third - second)) / (k[0] * (third - second));
    for (int i = 2; i < 5; i++) {
        const double expected = 50 * exp(-k[0] * (times[i] - first)) + 50 * exp(-k[0] * (times[i] - second)) +
                                infused * exp(-k[0] * (times[i] - third));
        check_amount(by, amount(s, 0, 0, i), expected, times[i]);
    }
}

/* Segments shorter than any step could be, early and after two years. */
static void short_segments(const struct integrator *by)
{
    static const double gaps[] = {0,     1e-13, 5e-12, 0.99e-11, 1.01e-11, 3e-11,
                                  1e-10, 3e-10, 5e-10, 1e-9,     3e-9,     1e-8};
    struct solving s;

    solving_begin(&s, ONE_COMPARTMENT);
    for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
        check_gap(&s, by, 1, gaps[g]);
        check_gap(&s, by, 17520, gaps[g]);
    }
    solving_clear(&s);
}

static void test_short_segments(void **state)
{
    (void)state;
    for_each_method(short_segments);
}

/* A dose a week for more than two years: the sum of a geometric series. */
static void years(const struct integrator *by)
{
    enum { WEEKS = 110, WEEK = 168 };
    struct pulse pulses[WEEKS];
    double times[WEEKS];
    static const double k[] = {0.004};
    struct solving s;

    for (int i = 0; i < WEEKS; i++) {
        pulses[i] = (struct pulse){i * WEEK, i * WEEK, 0, 28};
        times[i] = (i + 1) * WEEK;
    }
    assert_true(times[WEEKS - 1] > 17520);
    solving_begin(&s, ONE_COMPARTMENT);
    solving_set(&s, k, pulses, WEEKS, times, WEEKS);
    solve(&s, by);
    for (int i = 0; i < WEEKS; i++) {
        const double sum = 28 * exp(-k[0] * WEEK) * expm1(-k[0] * WEEK * (i + 1)) / expm1(-k[0] * WEEK);
        check_amount(by, amount(&s, 0, 0, i), sum, times[i]);
    }
    solving_clear(&s);
}

static void test_years(void **state)
{
    (void)state;
    for_each_method(years);
}

/* No dose before the last observation: zeros, not what memory held. */
static void nothing_given(const struct integrator *by)
{
    static const struct pulse late[] = {{5, 5, 0, 50}};
    static const double times[] = {0, 1, 5};
    struct solving s;

    solving_begin(&s, TWO_COMPARTMENTS);
    for (int count = 0; count <= 1; count++) {
        solving_set(&s, two_rates, late, count, times, 3);
        solve(&s, by);
        for (int i = 0; i < 6; i++) {
            assert_true(s.amounts[i] == 0);
        }
        assert_true(s.remaining[0] == 0 && s.eliminated[0] == 0);
    }
    solving_clear(&s);
}

static void test_nothing_given(void **state)
{
    (void)state;
    for_each_method(nothing_given);
}

/* Methods are found by name; each says what it is. */
static void test_table(void **state)
{
    (void)state;
    for (int i = 0; i < integrator_count; i++) {
        assert_ptr_equal(integrator_find(integrators[i].name), &integrators[i]);
        assert_true(strlen(integrators[i].doc) > 20);
    }
    assert_non_null(integrator_find("cvode"));
    assert_non_null(integrator_find("exact"));
    assert_null(integrator_find("euler"));
    assert_string_equal(patient_status_text(PATIENT_SIMULATED), "simulated");
    assert_string_equal(patient_status_text((enum patient_status)77), "unknown status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_compartment),
        cmocka_unit_test(test_absorption),
        cmocka_unit_test(test_fast_rate),
        cmocka_unit_test(test_no_flow),
        cmocka_unit_test(test_ring),
        cmocka_unit_test(test_superposition),
        cmocka_unit_test(test_scale_and_shift),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_strides),
        cmocka_unit_test(test_short_segments),
        cmocka_unit_test(test_years),
        cmocka_unit_test(test_nothing_given),
        cmocka_unit_test(test_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
