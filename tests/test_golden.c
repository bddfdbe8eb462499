#include "check.h"

#include "app/models/golden.h"

/* A bolus into one compartment: level = 1000 * dose / V * exp(-t * CL / V) = 1000 exp(-t / 10) for 10 mg. */
#define DECAY(LEVELS)                                                                                        \
    "model: decay\n"                                                                                         \
    "title: One compartment\n"                                                                               \
    "citation: none\n"                                                                                       \
    "drug: racemate\n"                                                                                       \
    "sampling: venous\n"                                                                                     \
    "parameters:\n"                                                                                          \
    "  V: {typical: 10, unit: L}\n"                                                                          \
    "  CL: {typical: 1, unit: L/h}\n"                                                                        \
    "compartments: [central]\n"                                                                              \
    "flows:\n"                                                                                               \
    "  - {from: central, rate: CL/V}\n"                                                                      \
    "routes:\n"                                                                                              \
    "  iv: {inputs: [{to: central}]}\n"                                                                      \
    "outputs:\n"                                                                                             \
    "  ketamine: {amount: central, volume: V}\n"                                                             \
    "golden:\n"                                                                                              \
    "  - title: closed form\n"                                                                               \
    "    source: exp\n"                                                                                      \
    "    route: iv\n"                                                                                        \
    "    dose: 10 mg\n"                                                                                      \
    "    times: [1 h, 10 h]\n"                                                                               \
    "    levels: {ketamine: [" LEVELS "]}\n"

static void parse(struct model *model, const char *text, struct units *units, struct diagnostics *d)
{
    diagnostics_init(d);
    assert_non_null(units);
    const int failed = model_parse(model, "decay.yaml", text, strlen(text), units, d);
    assert_no_errors(d);
    assert_int_equal(failed, 0);
}

/* Right levels pass, by every method; the deviation is told in units of the tolerance. */
static void test_right(void **state)
{
    struct units *units = units_create();
    struct model model;
    struct diagnostics d;
    struct golden_check check;

    (void)state;
    parse(&model, DECAY("904.84, 367.9"), units, &d);
    for (int i = 0; i < integrator_count; i++) {
        assert_int_equal(golden_solve(&model, 0, integrators[i].name, &check, &d), 0);
        assert_true(golden_passes(&check));
        assert_int_equal(check.value_count, 2);
        /* 904.837418 is 0.516 half hundredths from 904.84, and 367.879441 is 0.411 half tenths from 367.9. */
        assert_close(check.deviation, 0.5164, 0, 0.005);
        assert_string_equal(check.analyte, "ketamine");
        assert_close(check.time, 1, 1e-15, 0);
        assert_close(check.published, 904.84, 1e-15, 0);
        assert_close(check.level, 904.83741803596, 1e-6, 0);
    }
    model_clear(&model);
    units_free(units);
    diagnostics_clear(&d);
}

/* Wrong levels do not, and the worst is told. */
static void test_wrong(void **state)
{
    struct units *units = units_create();
    struct model model;
    struct diagnostics d;
    struct golden_check check;

    (void)state;
    parse(&model, DECAY("904.84, 368.9"), units, &d);
    assert_int_equal(golden_solve(&model, 0, "exact", &check, &d), 0);
    assert_false(golden_passes(&check));
    assert_close(check.time, 10, 1e-15, 0);
    assert_close(check.published, 368.9, 1e-15, 0);
    assert_close(check.deviation, 20.4, 0.01, 0);
    model_clear(&model);
    units_free(units);
    diagnostics_clear(&d);
}

/* Nothing to compare is nothing passed. */
static void test_none(void **state)
{
    (void)state;
    assert_false(golden_passes(&(struct golden_check){.deviation = -1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
