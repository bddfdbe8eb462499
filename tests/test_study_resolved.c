/* The resolved study, and what --set does to it. */
#include "study_check.h"
#include "study_equal.h"

static void check_text(const char *text)
{
    struct reading r;
    reading_of(&r, text);
    assert_no_errors(&r.d);
    check_round_trip(&r.study, "s.yaml");
    reading_clear(&r);
}

static void test_round_trip(void **state)
{
    (void)state;
    check_text(REGIMEN("otto-2021", "{route: iv, dose: 5 mg}"));
    check_text(
        "racemate: halve\napplicability: warn\ntitle: 'yes: [a] # \"title\"'\nseed: 9223372036854775807\n"
        "patients: {count: 10, variability: false, covariates: {japanese: {probability: 0.643}, age: "
        "{normal: {mean: "
        "45 years, sd: 13.3 years}}, asian: {probability: 13.7 %}}}\n"
        "arms:\n"
        "  - name: 'nasal: 1'\n    model: perez-ruixo-2021\n    regimen:\n"
        "      - {route: intranasal, dose: 56 mg, at: 10 min, every: 0.3 h, times: 4}\n"
        "      - {route: iv, rate: 12.5 mcg/kg/min, over: 40 min, on_days: [0.5, 3, 7.25]}\n"
        "  - name: infusion\n    model: otto-2021\n    regimen:\n"
        "      - {route: iv, dose: 0.3 mg/kg, rate: 7 mcg/kg/min, drug: racemate}\n"
        "sweep: {design: grid, weight: [60 kg, 154.32 lb], age: [30 years, 47.1 years]}\n"
        "observe: {at: [0 h, 7 min, 1.1 h]}\n"
        "exposure: {metrics: [tmax], auc: linear}\n"
        "solver: {method: exact, rtol: 0.000003, atol: 3 ng, max_steps: 12}\n"
        "output: {store: [quantiles, profiles], precision: float32, compression: deflate, quantile_method: "
        "streaming, quantiles: "
        "[2.5 %, 0.3]}\n");
    check_text(TOP("perez-ruixo-2021") ARM
               "{route: oral, dose: 84 mg, on_days: [0, 0.1, 0.2]}\n"
               "sweep: {design: grid, dose: [0 mg, 33.3 mg], Vc: [190 L, 200000 mL], Fgut: [64 %]}\n"
               "observe: {from: 20 min, to: 3 days, every: 7 min}\n");
    /* numbers that are no short decimal fractions in the unit of the default */
    check_text("seed: 1\nmodel: perez-ruixo-2021\npatients: {count: 100, covariates: {weight: {lognormal: "
               "{median: 150 lb, "
               "cv: 17.3 %, min: 90.5 lb}}}}\n" ARM "{route: iv, dose: 0.1 mg/kg, over: 100 s}" OBSERVE);
}

static int read_with(struct reading *r, const char *text, int count, const char *const *settings)
{
    diagnostics_init(&r->d);
    r->status = study_parse(&r->study, "s.yaml", text, strlen(text), settings, count, &r->d);
    return r->status;
}

static void test_settings(void **state)
{
    (void)state;
    static const char text[] = REGIMEN("otto-2021", "{route: iv, dose: 5 mg}");
    const char *const settings[] = {"patients.count=50", "arms.a.regimen.0.dose=7 mg", "solver.method=exact",
                                    "sweep={design: grid, weight: [60 kg, 70 kg]}", "observe={at: [1 h]}"};
    struct reading r;
    assert_int_equal(read_with(&r, text, 5, settings), 0);
    check_messages(&r.d, "", __LINE__);
    assert_int_equal(r.study.patient_count, 50);
    assert_true(r.study.arms[0].doses[0].amount == 7);
    assert_string_equal(r.study.method, "exact");
    assert_int_equal(r.study.arm_count, 2);
    assert_int_equal(r.study.time_count, 1);
    assert_string_equal(r.study.source, text); /* as the file has it */
    check_round_trip(&r.study, "s.yaml");
    reading_clear(&r);

    const char *const wrong[] = {"patients.cuont=50", "arms.a.regimen.0.dose=7 mL", "nonsense"};
    assert_int_equal(read_with(&r, text, 3, wrong), -1);
    assert_int_equal(r.d.errors, 3);
    assert_told(&r.d,
                "--set patients.cuont=50: error: unknown key \"cuont\" in patients; did you mean \"count\"?");
    assert_told(&r.d, "--set arms.a.regimen.0.dose=7 mL: error: \"7 mL\" is a volume");
    assert_told(&r.d, "nonsense");
    assert_null(r.study.arms);
    reading_clear(&r);
}

/* After a failure there is nothing left, and clearing twice is allowed. */
static void test_failure_is_empty(void **state)
{
    (void)state;
    static const struct study empty;
    static const char *const texts[] = {
        "", "a: [", "seed: 1", REGIMEN("otto-2021", "{route: iv, dose: 5 m}"),
        COVARIATES("perez-ruixo-2021", "{age: 95 years}") "\napplicability: refuse"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct reading r;
        reading_of(&r, texts[i]);
        assert_int_equal(r.status, -1);
        assert_true(r.d.errors > 0);
        assert_memory_equal(&r.study, &empty, sizeof(empty));
        study_clear(&r.study);
        reading_clear(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_failure_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
