#include "study_check.h"

#include "model/individual.h"

/* A study of one infusion with the text of a sweep, which stands at 8:8. */
#define SWEEP(model, sweep) TOP(model) ARM "{route: iv, dose: 0.2 mg/kg, over: 40 min}\nsweep: " sweep OBSERVE

/* Arms come in the order of the file, each with all points of the grid, the first axis slowest. */
static void test_grid(void **state)
{
    (void)state;
    struct reading r;
    read_right(
        &r, OTTO
        "arms:\n  - name: a\n    regimen: [{route: iv, dose: 5 mg}]\n"
        "  - name: b\n    regimen: [{route: iv, dose: 7 mg, over: 1 h}, {route: iv, dose: 1 mg, at: 2 h}]\n"
        "sweep: {design: grid, dose: [28 mg, 0.056 g], weight: [50 kg, 60.5 kg, 70 kg]}" OBSERVE);
    static const char *const labels[] = {
        "a, dose 28 mg, weight 50 kg",   "a, dose 28 mg, weight 60.5 kg",   "a, dose 28 mg, weight 70 kg",
        "a, dose 0.056 g, weight 50 kg", "a, dose 0.056 g, weight 60.5 kg", "a, dose 0.056 g, weight 70 kg",
        "b, dose 28 mg, weight 50 kg",   "b, dose 28 mg, weight 60.5 kg",   "b, dose 28 mg, weight 70 kg",
        "b, dose 0.056 g, weight 50 kg", "b, dose 0.056 g, weight 60.5 kg", "b, dose 0.056 g, weight 70 kg",
    };
    static const double weights[] = {50, 60.5, 70};
    assert_int_equal(r.study.arm_count, 12);
    assert_int_equal(r.study.axis_count, 2);
    assert_string_equal(r.study.axes[0].name, "dose");
    assert_string_equal(r.study.axes[0].unit, "mg");
    assert_int_equal(r.study.point_count, 6);
    assert_true(r.study.axes[0].covariate == -1 && r.study.axes[1].covariate == 0);
    assert_string_equal(r.study.axes[1].name, "weight");
    assert_string_equal(r.study.axes[1].unit, "kg");
    for (int i = 0; i < 12; i++) {
        const struct arm *arm = &r.study.arms[i];
        double dose = i / 3 % 2 ? 56 : 28;
        assert_string_equal(arm->label, labels[i]);
        assert_string_equal(arm->name, i < 6 ? "a" : "b");
        assert_int_equal(arm->dose_count, i < 6 ? 1 : 2);
        for (int k = 0; k < arm->dose_count; k++) {
            assert_true(arm->doses[k].amount == dose);
            assert_int_equal(arm->doses[k].basis, DOSE_ABSOLUTE);
        }
        assert_true(arm->doses[0].over == (i < 6 ? 0 : 3600));
        assert_true(arm->axis_values[0] == dose && arm->axis_values[1] == weights[i % 3]);
        assert_int_equal(r.study.covariate_count, 1);
        assert_int_equal(arm->setting_count, 0);
    }
    reading_clear(&r);
}

static void test_no_sweep(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, REGIMEN("otto-2021", "{route: iv, dose: 5 mg}"));
    assert_int_equal(r.study.arm_count, 1);
    assert_int_equal(r.study.axis_count, 0);
    assert_string_equal(r.study.arms[0].label, "a");
    reading_clear(&r);
}

/* A dose given with its rate keeps the rate; a swept duration keeps the dose. */
static void test_dose_and_over(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, OTTO ARM
               "{route: iv, dose: 5 mg, rate: 10 mg/h}\nsweep: {design: grid, dose: [10 mg, 20 mg]}" OBSERVE);
    assert_true(r.study.arms[0].doses[0].over == 3600 && r.study.arms[1].doses[0].over == 7200);
    reading_clear(&r);
    read_right(&r, SWEEP("otto-2021", "{design: grid, over: [40 min, 1 h]}"));
    assert_string_equal(r.study.axes[0].unit, "min");
    assert_true(r.study.points[0] == 40 && r.study.points[1] == 60);
    assert_true(r.study.arms[0].doses[0].over == 2400 && r.study.arms[1].doses[0].over == 3600);
    assert_true(r.study.arms[1].doses[0].amount == 0.2 && r.study.arms[1].doses[0].basis == DOSE_PER_KG);
    assert_string_equal(r.study.arms[1].label, "a, over 1 h");
    reading_clear(&r);
    read_right(&r,
               OTTO ARM "{route: iv, dose: 5 mg}\nsweep: {design: grid, dose: [0.1 mg/kg, 0 mg/kg]}" OBSERVE);
    assert_string_equal(r.study.axes[0].unit, "mg/kg");
    assert_int_equal(r.study.arms[0].doses[0].basis, DOSE_PER_KG);
    assert_true(r.study.arms[1].doses[0].amount == 0);
    reading_clear(&r);
}

static void test_parameters(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, SWEEP("otto-2021", "{design: grid, CL: [1 L/min, 90 L/h], V1: [133000 mL]}"));
    assert_string_equal(r.study.axes[0].unit, "L/h");
    assert_close(r.study.points[0], 60, 1e-15, 0);
    assert_int_equal(r.study.arm_count, 2);
    for (int i = 0; i < 2; i++) {
        const struct arm *arm = &r.study.arms[i];
        assert_int_equal(arm->setting_count, 2);
        assert_int_equal(arm->settings[0].parameter, model_parameter(&r.study.models[0], "CL"));
        assert_close(arm->settings[0].value, i ? 90 : 60, 1e-15, 0);
        assert_int_equal(arm->settings[1].parameter, model_parameter(&r.study.models[0], "V1"));
        assert_close(arm->settings[1].value, 133, 1e-15, 0);
    }
    reading_clear(&r);
    /* a fraction, and its physical range */
    read_right(&r, TOP("perez-ruixo-2021") ARM "{route: intranasal, dose: 28 mg}\n"
                                               "sweep: {design: grid, FRn: [0.5, 60 %]}" OBSERVE);
    assert_string_equal(r.study.axes[0].unit, "1");
    assert_close(r.study.arms[1].settings[0].value, 0.6, 1e-15, 0);
    reading_clear(&r);
    expect_mistakes(TOP("perez-ruixo-2021") ARM "{route: intranasal, dose: 28 mg}\n"
                                                "sweep: {design: grid, FRn: [0.5, 1.1]}" OBSERVE,
                    "s.yaml:8:34: error: \"1.1\" is outside the physical range of FRn in perez-ruixo-2021");
}

static void test_categories(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, TOP("perez-ruixo-2021") ARM
               "{route: iv, dose: 28 mg}\nsweep: {design: grid, asian: [0, 1]}" OBSERVE);
    assert_string_equal(r.study.arms[1].label, "a, asian 1");
    assert_string_equal(r.study.axes[0].unit, "1");
    reading_clear(&r);
    expect_mistakes(
        TOP("perez-ruixo-2021") ARM "{route: iv, dose: 28 mg}\nsweep: {design: grid, asian: [0, 2]}" OBSERVE,
        "s.yaml:8:34: error: \"2\" is neither 0 nor 1; asian is a category: 0, 1 or {probability: ...}");
    expect_mistakes(TOP("perez-ruixo-2021") ARM
                    "{route: iv, dose: 28 mg}\nsweep: {design: grid, japanese: [0, 1]}" OBSERVE,
                    "s.yaml:8:33: error: japanese: 1 presupposes asian: 1, which is 0");
    expect_mistakes(TOP("perez-ruixo-2021") ARM
                    "{route: iv, dose: 28 mg}\nsweep: {design: grid, japanese: [1], asian: [0, 1]}" OBSERVE,
                    "s.yaml:8:33: error: japanese: 1 presupposes asian: 1, which is 0");
    read_right(&r,
               "seed: 1\nmodel: perez-ruixo-2021\npatients: {count: 3, covariates: {japanese: {probability: "
               "0.5}}}\n" ARM "{route: iv, dose: 28 mg}\nsweep: {design: grid, asian: [0, 1]}" OBSERVE);
    reading_clear(&r);
}

static void test_mistakes(void **state)
{
    (void)state;
    expect_mistakes(SWEEP("otto-2021", "{design: grid, dosage: [1 mg]}"),
                    "s.yaml:8:23: error: \"dosage\" is no dose, covariate or parameter to sweep over (dose, "
                    "over, every, at, delay, weight, "
                    "V1, CL, Vp1, Q1, Vp2, Q2, V_NK, CL_NK, Vp_NK, Q_NK); did you mean dose?");
    expect_mistakes(SWEEP("otto-2021", "{dose: [1 mg]}"),
                    "s.yaml:8:8: error: key \"design\" is missing in sweep");
    expect_mistakes(SWEEP("otto-2021", "{design: gird, dose: [1 mg]}"),
                    "s.yaml:8:17: error: \"gird\" is no design of a sweep (grid, table, random, lhs, sobol, "
                    "halton, saltelli, morris); "
                    "did you mean grid?");
    expect_mistakes(SWEEP("otto-2021", "{design: grid}"),
                    "s.yaml:8:8: error: a sweep needs something to sweep over, like `dose: [28 mg, 56 mg]`");
    expect_mistakes(SWEEP("otto-2021", "{design: grid, dose: []}"),
                    "s.yaml:8:29: error: the sweep over dose needs a value at least");
    expect_mistakes(SWEEP("otto-2021", "{design: grid, dose: [1 mg, -1 mg, 1 mg/kg, 1000 mcg]}"),
                    "s.yaml:8:36: error: \"-1 mg\" must not be negative\n"
                    "s.yaml:8:43: error: \"1 mg/kg\" is in mg/kg and the first dose in mg\n"
                    "s.yaml:8:52: error: \"1000 mcg\" is in the sweep over dose already");
    expect_mistakes(SWEEP("otto-2021", "{design: grid, CL: 60 L/h}"),
                    "s.yaml:8:27: error: CL takes a list of values; write [60 L/h]");
    expect_mistakes(SWEEP("otto-2021", "{design: grid, weight: [60 kg, 70 kg, 60.0 kg]}"),
                    "s.yaml:8:46: error: \"60.0 kg\" is in the sweep over weight already");
    expect_mistakes(
        SWEEP("otto-2021", "{design: grid, weight: [60 kg, 70 years]}"),
        "s.yaml:8:39: error: \"70 years\" is a time; a body weight is expected here, for example 70 kg");
    expect_mistakes(SWEEP("otto-2021", "{design: grid, over: [0 min]}"),
                    "s.yaml:8:30: error: \"0 min\" must be above 0");
    expect_mistakes(
        SWEEP("otto-2021", "{design: grid, CL: [60 L]}"),
        "s.yaml:8:28: error: \"60 L\" is a volume; a volume per time is expected here, for example 60 L/h");
    expect_mistakes(
        OTTO ARM "{route: iv, dose: 5 mg}\nsweep: {design: grid, over: [1 h]}" OBSERVE,
        "s.yaml:8:23: error: the sweep replaces over beside dose, and arm \"a\" has no such infusion");
    expect_mistakes(
        OTTO ARM
        "{route: iv, rate: 5 mg/h, over: 1 h}\nsweep: {design: grid, over: [1 h], dose: [1 mg]}" OBSERVE,
        "s.yaml:8:23: error: the sweep replaces over beside dose, and arm \"a\" gives rate and over\n"
        "s.yaml:8:36: error: the sweep replaces doses, and arm \"a\" gives rate and over; write dose and "
        "over "
        "there");
    expect_mistakes(
        OTTO ARM "{route: iv, dose: 5 mg, rate: 5 mg/h}\nsweep: {design: grid, dose: [1 mg/kg]}" OBSERVE,
        "s.yaml:8:30: error: dose \"1 mg/kg\" and the rate in arm \"a\" must both be per kg, or neither");
    expect_mistakes(PEREZ ARM
                    "{route: intranasal, dose: 28 mg}\nsweep: {design: grid, dose: [56 mg, 70 mg]}" OBSERVE,
                    "s.yaml:8:37: error: 70 mg is not a whole number of 28 mg devices");
    expect_mistakes(PEREZ ARM
                    "{route: intranasal, dose: 28 mg}\nsweep: {design: grid, dose: [56 mg, 140 mg]}" OBSERVE
                    "\napplicability: refuse",
                    "s.yaml:8:37: error: 140 mg is outside the validity of perez-ruixo-2021 for intranasal "
                    "(14 to 112 mg)");
    expect_mistakes(
        PEREZ ARM "{route: iv, dose: 28 mg}\nsweep: {design: grid, age: [30 years, 90 years]}" OBSERVE
                  "\napplicability: refuse",
        "s.yaml:8:39: error: age 90 years is outside the validity of perez-ruixo-2021 (18 to 86 years)");
}

static void test_no_use(void **state)
{
    (void)state;
    expect_warnings(
        SWEEP("otto-2021", "{design: grid, age: [30 years, 90 years]}"),
        "s.yaml:8:28: warning: age changes nothing: no model of the study depends on it, and no dose is per "
        "kg");
    expect_warnings("seed: 1\nmodel: otto-2021\npatients: {count: 3, covariates: {weight: 80 kg}}\n" ARM
                    "{route: iv, dose: 1 mg}\nsweep: {design: grid, weight: [60 kg]}" OBSERVE,
                    "s.yaml:3:43: warning: weight changes nothing here: the sweep sets it in every arm");
}

static void test_too_many(void **state)
{
    (void)state;
    enum { VALUES = 1001 };
    size_t size = 64 * 1024;
    char *text = malloc(size);
    assert_non_null(text);
    size_t used =
        (size_t)snprintf(text, size, "%s", OTTO ARM "{route: iv, dose: 5 mg}\nsweep:\n  design: grid\n");
    for (int axis = 0; axis < 2; axis++) {
        used += (size_t)snprintf(text + used, size - used, axis ? "]\n  weight: [" : "  dose: [");
        for (int i = 0; i < VALUES; i++) {
            used += (size_t)snprintf(text + used, size - used, "%s%d %s", i ? ", " : "", i + 1,
                                     axis ? "kg" : "mg");
        }
    }
    snprintf(text + used, size - used, "]" OBSERVE);
    expect_mistakes(text, "s.yaml:9:3: error: the sweep makes more than 1000000 arms");
    used = (size_t)snprintf(text, size,
                            OTTO ARM "{route: iv, dose: 5 mg, every: 1 s, times: 99000}\n"
                                     "sweep: {design: grid, dose: [1 mg");
    for (int i = 2; i <= 200; i++) {
        used += (size_t)snprintf(text + used, size - used, ", %d mg", i);
    }
    snprintf(text + used, size - used, "]}" OBSERVE);
    expect_mistakes(text, "s.yaml:5:3: error: 19800000 doses in all arms are more than 10000000");
    free(text);
}

/* 10^9 patients in 90000 arms at 60001 times, two analytes each. */
static void test_too_large(void **state)
{
    (void)state;
    enum { VALUES = 300 };
    size_t size = 64 * 1024;
    char *text = malloc(size);
    assert_non_null(text);
    size_t used = (size_t)snprintf(text, size, "%s",
                                   "seed: 1\nmodel: otto-2021\npatients: {count: 1000000000}\n" ARM
                                   "{route: iv, dose: 5 mg}\nobserve: {to: 60000 s, every: 1 s}\n"
                                   "sweep:\n  design: grid\n");
    for (int axis = 0; axis < 2; axis++) {
        used += (size_t)snprintf(text + used, size - used, axis ? "]\n  CL: [" : "  dose: [");
        for (int i = 0; i < VALUES; i++) {
            used += (size_t)snprintf(text + used, size - used, "%s%d %s", i ? ", " : "", i + 1,
                                     axis ? "L/h" : "mg");
        }
    }
    snprintf(text + used, size - used, "]\n");
    expect_mistakes(
        text, "s.yaml:3:11: error: 1000000000 patients x 90000 arms x 60001 times x 2 analytes are more than "
              "2^62 numbers");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid),          cmocka_unit_test(test_no_sweep),
        cmocka_unit_test(test_dose_and_over), cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_categories),    cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_no_use),        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
