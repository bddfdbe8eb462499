/* The exposure metrics that a study asks for, as read from its file; and what they come to in simulated patients. */
#include "study_check.h"

#include "model/patients.h"
#include "simulate.h"

#define AFTER(text) REGIMEN("otto-2021", "{route: iv, dose: 5 mg}") text

static void test_defaults(void **state)
{
    struct reading r;
    (void)state;
    read_right(&r, REGIMEN("otto-2021", "{route: iv, dose: 5 mg}"));
    assert_true(r.study.per_profile && !r.study.per_interval);
    assert_int_equal(r.study.metric_count, 3);
    assert_false(r.study.slope.include_tmax);
    assert_int_equal(r.study.slope.points, 3);
    assert_false(r.study.slope.fixed);
    assert_close(r.study.slope.above, 1e-3, 1e-15, 0);
    reading_clear(&r);
}

static void test_all_keys(void **state)
{
    struct reading r;
    (void)state;
    read_right(&r,
               AFTER("exposure:\n"
                     "  metrics: [cl, cmax]\n"
                     "  per: [interval, profile]\n"
                     "  auc_between: [{from: 0 h, to: 30 min}, {from: 0.5 h, to: 2 days}]\n"
                     "  time_above: [50 ng/mL, 0.1 mg/L, 2.5 ng/mL]\n"
                     "  lambda_z: {include_tmax: true, points: 5, from: 20 min, to: 1 h, above: 1 ng/L}\n"));
    const struct study *study = &r.study;
    static const char *const names[] = {"cl",
                                        "cmax",
                                        "auc_0h_to_30min",
                                        "auc_0.5h_to_2days",
                                        "time_above_50",
                                        "time_above_100",
                                        "time_above_2.5"};
    assert_int_equal(study->metric_count, 7);
    for (int i = 0; i < 7; i++) {
        assert_string_equal(study->metrics[i].name, names[i]);
    }
    assert_true(study->metrics[2].from == 0 && study->metrics[2].to == 0.5);
    assert_true(study->metrics[3].from == 0.5 && study->metrics[3].to == 48);
    assert_true(study->metrics[4].threshold == 50);
    assert_true(study->per_profile && study->per_interval);
    assert_true(study->slope.include_tmax && study->slope.points == 5 && study->slope.fixed);
    assert_close(study->slope.from, 1.0 / 3, 1e-15, 0);
    assert_true(study->slope.to == 1);
    assert_close(study->slope.above, 1e-3, 1e-12, 0);
    reading_clear(&r);
    read_right(&r, AFTER("exposure: {lambda_z: {from: 20 min}}\n"));
    assert_true(isinf(r.study.slope.to));
    reading_clear(&r);
}

static void test_from_solution(void **state)
{
    struct reading r;
    (void)state;
    read_right(&r, AFTER("exposure: {from: solution}\n"));
    assert_true(r.study.from_solution);
    reading_clear(&r);
    read_right(&r, AFTER("exposure: {from: observations}\n"));
    assert_false(r.study.from_solution);
    reading_clear(&r);
    expect_mistakes(
        AFTER("exposure: {from: solution, auc: linear}\n"),
        "s.yaml:9:33: error: auc: linear tells how areas between records are computed; with `from: "
        "solution` they are exact, and there is nothing to choose: leave it out");
    expect_mistakes(
        AFTER("exposure: {from: solutions}\n"),
        "s.yaml:9:18: error: exposure.from: \"solutions\" is not one of observations | solution; did you "
        "mean solution?");
    expect_warnings(
        AFTER("exposure: {from: solution, metrics: [auc_tau]}\n"),
        "s.yaml:9:11: warning: auc_tau is missing in arm \"a\": none of its dosing intervals is known to "
        "end by the last record (a single dose has none)");
    expect_warnings(
        REGIMEN("otto-2021",
                "{route: iv, dose: 5 mg, every: 25 min, times: 2}") "exposure: {from: solution, metrics: "
                                                                    "[auc_tau], auc_between: [{from: 0 h, "
                                                                    "to: 1 h}]}\n",
        "");
}

static void test_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        AFTER("exposure: {metrics: [half_lif, time_above, auc_between]}\n"),
        "s.yaml:9:22: error: \"half_lif\" is no metric (cmax, tmax, cmin, ctrough, cav, clast, tlast, "
        "auc_last, auc_all, auc_inf, auc_inf_pred, auc_extrapolated, auc_tau, aumc_last, aumc_inf, "
        "lambda_z, lambda_z_points, lambda_z_r2adj, half_life, ...); did you mean half_life?\n"
        "s.yaml:9:32: error: time_above needs values of its own, and a key for them: "
        "exposure.time_above\n"
        "s.yaml:9:44: error: auc_between needs values of its own, and a key for them: "
        "exposure.auc_between");
    expect_mistakes(
        AFTER("exposure: {per: [intervals, interval, interval]}\n"),
        "s.yaml:9:18: error: \"intervals\" is no part that metrics are of (profile, interval); did you "
        "mean interval?\n"
        "s.yaml:9:39: error: \"interval\" is in the list already");
}

static void test_per_mistakes(void **state)
{
    (void)state;
    expect_mistakes(AFTER("exposure: {per: []}\n"),
                    "s.yaml:9:17: error: metrics are of the profile, of each dosing interval, or of both: "
                    "[profile, interval]");
    expect_mistakes(
        AFTER("exposure: {per: [interval], metrics: [cmax, auc_inf], auc_between: [{from: 0 h, to: 1 "
              "h}]}\n"),
        "s.yaml:9:45: error: auc_inf is a metric of whole profiles; `per: [profile, interval]` has both\n"
        "s.yaml:9:76: error: auc_between is a metric of whole profiles; `per: [profile, interval]` has "
        "both");
}

static void test_window_mistakes(void **state)
{
    (void)state;
    expect_mistakes(AFTER("exposure: {auc_between: [{from: 30 min, to: 10 min}, {from: 1 h, to: 2 h}]}\n"),
                    "s.yaml:9:45: error: to \"10 min\" must come after from\n"
                    "s.yaml:9:61: error: from \"1 h\" must lie within what is observed, 0 h to 1 h");
    expect_mistakes(
        AFTER("exposure: {auc_between: [{from: 0 mg, to: 10 min}, {to: 2 h}, {from: -1 h, to: 1 h}]}\n"),
        "s.yaml:9:52: error: key \"from\" is missing in exposure.auc_between.1\n"
        "s.yaml:9:33: error: \"0 mg\" is a mass; a time is expected here, for example 0 h\n"
        "s.yaml:9:70: error: \"-1 h\" must not be negative");
    expect_mistakes(AFTER("exposure: {auc_between: [{from: 0 h, to: 1 h}, {from: 0h, to: 1 h}]}\n"),
                    "s.yaml:9:55: error: auc_0h_to_1h is in the list already");
    expect_mistakes(TOP("otto-2021") ARM "{route: iv, dose: 5 mg}\n"
                                         "observe: {from: 30 min, to: 1 h, every: 10 min}\n"
                                         "exposure: {auc_between: [{from: 0 h, to: 1 h}]}\n",
                    "s.yaml:9:33: error: from \"0 h\" must lie within what is observed, 0.5 h to 1 h");
}

static void test_threshold_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        AFTER("exposure: {time_above: [-50 ng/mL, 0 ng/mL, 50 mg, 50 ng/mL, 0.05 mg/L]}\n"),
        "s.yaml:9:25: error: \"-50 ng/mL\" must be above 0\n"
        "s.yaml:9:36: error: \"0 ng/mL\" must be above 0\n"
        "s.yaml:9:45: error: \"50 mg\" is a mass; a mass concentration is expected here, for example "
        "50 ng/mL\n"
        "s.yaml:9:62: error: time_above_50 is in the list already");
}

static void test_slope_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        AFTER("exposure: {lambda_z: {points: 2, include_tmax: maybe, above: -1 ng/mL}}\n"),
        "s.yaml:9:48: error: exposure.lambda_z.include_tmax: \"maybe\" is neither true nor false\n"
        "s.yaml:9:31: error: points \"2\" must lie in 3 to 1000000\n"
        "s.yaml:9:62: error: \"-1 ng/mL\" must not be negative");
    expect_mistakes(AFTER("exposure: {lambda_z: {to: 1 h}}\n"),
                    "s.yaml:9:27: error: `to` without `from`: give both, or from alone");
    expect_mistakes(AFTER("exposure: {lambda_z: {from: 1 h}}\n"),
                    "s.yaml:9:29: error: from \"1 h\" must come before the last record, at 1 h");
    expect_mistakes(AFTER("exposure: {lambda_z: {from: 30 min, to: 20 min}}\n"),
                    "s.yaml:9:41: error: to \"20 min\" must come after from");
}

/* What will be missing in an arm altogether is told. */
static void test_warnings(void **state)
{
    (void)state;
    expect_warnings(
        AFTER("exposure: {metrics: [cmax, cav, auc_tau]}\n"),
        "s.yaml:9:11: warning: cav is missing in arm \"a\": none of its dosing intervals begins and ends "
        "with a record (a single dose has none)");
    expect_warnings(
        REGIMEN("otto-2021",
                "{route: iv, dose: 5 mg, every: 20 min, times: 2}") "exposure: {metrics: [auc_tau]}\n",
        "s.yaml:9:11: warning: auc_tau is missing in arm \"a\": none of its dosing intervals begins and "
        "ends with a record (a single dose has none)");
    expect_warnings(TOP("otto-2021") ARM
                    "{route: iv, dose: 5 mg, every: 20 min, times: 2}\n"
                    "observe: {to: 1 h, every: 10 min}\nexposure: {metrics: [auc_tau]}\n",
                    "");
    expect_warnings(
        AFTER("exposure: {metrics: [half_life], lambda_z: {above: 0.01 ng/mL}}\nsolver: {atol: 1e-8 mg}\n"),
        "s.yaml:9:52: warning: with solver.atol 1e-08 mg the error of the solver may show in levels below "
        "0.1 ng/mL, and lambda_z is fitted to levels from 0.01 ng/mL on");
    expect_warnings(
        AFTER("exposure: {metrics: [half_life], lambda_z: {above: 0.1 ng/mL}}\nsolver: {atol: 1e-8 mg}\n"),
        "");
    expect_warnings(AFTER("exposure: {metrics: [half_life]}\nsolver: {atol: 1e-8 mg, method: exact}\n"), "");
    expect_warnings(AFTER("exposure: {metrics: [cmax]}\nsolver: {atol: 1e-8 mg}\n"), "");
}

/* --- What they come to --- */

/* The half-life that hourly samples over a day give, and the clearance and volume that samples every few seconds recover. */
static void test_three_compartments(void **state)
{
    struct simulation s;
    (void)state;
    simulate(&s,
             "{model: domino-1982, seed: 1, patients: {count: 1},\n"
             "arms: [{name: a, regimen: [{route: iv, dose: 35 mg}]}], observe: {to: 24 h, every: 1 h},\n"
             "exposure: {metrics: [half_life, cl, cl_f]}}\n",
             "exact", 1);
    assert_close(simulation_metric(&s, 0, 0, 0, "half_life"), 1.910, 0, 0.0005);
    assert_true(fabs(simulation_metric(&s, 0, 0, 0, "cl") / 115.9 - 1) >
                0.05); /* too coarse for the first minutes */
    simulation_clear(&s);
    simulate(&s,
             "{model: domino-1982, seed: 1, patients: {count: 1},\n"
             "arms: [{name: a, regimen: [{route: iv, dose: 35 mg}]}], observe: {to: 24 h, every: 5 s},\n"
             "exposure: {metrics: [cl, vss, vz], lambda_z: {from: 16 h}}}\n",
             "exact", 1);
    assert_close(simulation_metric(&s, 0, 0, 0, "cl"), 115.9, 0, 0.05);
    assert_close(simulation_metric(&s, 0, 0, 0, "vss"), 193.2, 0, 0.05);
    simulation_clear(&s);
}

/* 28 mg nasal in the typical patient: areas, what a day leaves out, and the half-life. */
static void test_nasal(void **state)
{
    static const char text[] =
        "{model: perez-ruixo-2021, seed: 1, patients: {count: 1, variability: false},\n"
        "arms: [{name: a, regimen: [{route: intranasal, dose: 28 mg}]}, {name: b, regimen: [{route: iv, "
        "dose: 28 mg, "
        "over: 40 min}]}],\n"
        "observe: {to: %s, every: 10 s},\n"
        "exposure: {metrics: [auc_last, auc_inf, auc_extrapolated, half_life, cl, cl_f, mrt, vss], "
        "auc_between: [{from: "
        "0 h, to: 24 h}], lambda_z: {from: %s}}}\n";
    char study[1024];
    struct simulation s;
    (void)state;
    snprintf(study, sizeof(study), text, "96 h", "48 h");
    simulate(&s, study, "exact", 1);
    assert_close(simulation_metric(&s, 0, 0, 0, "auc_0h_to_24h"), 146.87, 0, 0.006);
    assert_close(simulation_metric(&s, 0, 0, 0, "auc_last"), 159.61, 0, 0.006);
    assert_close(simulation_metric(&s, 0, 0, 0, "auc_inf"), 159.75, 0, 0.006);
    assert_close(100 * (1 - simulation_metric(&s, 0, 0, 0, "auc_0h_to_24h") /
                                simulation_metric(&s, 0, 0, 0, "auc_inf")),
                 8.1, 0, 0.05);
    assert_close(simulation_metric(&s, 0, 0, 0, "half_life"), 11.03, 0, 0.006);
    assert_true(isnan(simulation_metric(&s, 0, 0, 0, "cl")) && isnan(simulation_metric(&s, 0, 0, 0, "vss")));
    assert_close(simulation_metric(&s, 0, 0, 0, "cl_f"), 28e3 / 159.75, 1e-4, 0);
    /* by vein: CL = Qh (kel + kmet)/(kel + kmet + Qh/Vh) times what leaves, by its parameters */
    const double extracted = (1.11 + 2.77) * 101 / ((1.11 + 2.77) * 101 + 151);
    assert_close(simulation_metric(&s, 1, 0, 0, "cl"), 151 * extracted, 1e-4, 0);
    assert_true(simulation_metric(&s, 1, 0, 0, "cl") == simulation_metric(&s, 1, 0, 0, "cl_f"));
    /* mrt = -d ln C(s)/ds at 0, C the Laplace transform of the level: with elimination in the liver, which returns r = Qh/Vh
     * and loses a in all, vss is Vc + Vp1 + Vp2 + Qh r/a^2 */
    const double a = 151.0 / 101 + 1.11 + 2.77;
    const double vss = 192 + 143 + 417 + 151 * (151.0 / 101) / (a * a);
    assert_close(simulation_metric(&s, 1, 0, 0, "vss"), vss, 1e-4, 0);
    assert_close(simulation_metric(&s, 1, 0, 0, "mrt"), vss / (151 * extracted), 1e-4, 0);
    /* the metabolite has areas and a half-life, and no clearance */
    for (int arm = 0; arm < 2; arm++) {
        assert_true(simulation_metric(&s, arm, 0, 1, "auc_inf") > 0);
        assert_true(simulation_metric(&s, arm, 0, 1, "half_life") > 0);
        assert_true(isnan(simulation_metric(&s, arm, 0, 1, "cl_f")) &&
                    isnan(simulation_metric(&s, arm, 0, 1, "mrt")));
    }
    simulation_clear(&s);
}

/* A dose per kg is the patient's; of a racemate that is halved, the half that the model describes. */
static void test_dose_of_patient(void **state)
{
    struct simulation s;
    (void)state;
    simulate(&s,
             "{models: [otto-2021, domino-1982], seed: 1, racemate: halve, patients: {count: 8, covariates: "
             "{weight: "
             "{uniform: {min: 60 kg, max: 90 kg}}}},\n"
             "arms: [{name: a, regimen: [{route: iv, dose: 0.5 mg/kg, over: 40 min, drug: racemate}]}],\n"
             "observe: {to: 72 h, every: 2 min}, exposure: {metrics: [cl, auc_inf]}}\n",
             "exact", 1);
    const int weight = study_covariate(&s.study, "weight");
    for (int64_t i = 0; i < s.study.patient_count; i++) {
        double covariates[MODEL_COVARIATES_MAX];
        patient_covariates_in_arm(&s.study, &s.study.arms[0], i, covariates);
        const double dose = 0.5 * covariates[weight];
        assert_close(simulation_metric(&s, 0, i, 0, "cl"),
                     500 * dose / simulation_metric(&s, 0, i, 0, "auc_inf"), 1e-12, 0);
        const int ketamine = s.study.analyte_count - 1;
        assert_string_equal(s.study.analytes[ketamine], "ketamine");
        /* V1 k10 = 0.063 weight 0.4381 60 */
        assert_close(simulation_metric(&s, 1, i, ketamine, "cl"), 0.063 * 0.4381 * 60 * covariates[weight],
                     2e-3, 0);
    }
    simulation_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_all_keys),
        cmocka_unit_test(test_from_solution),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_per_mistakes),
        cmocka_unit_test(test_window_mistakes),
        cmocka_unit_test(test_threshold_mistakes),
        cmocka_unit_test(test_slope_mistakes),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_three_compartments),
        cmocka_unit_test(test_nasal),
        cmocka_unit_test(test_dose_of_patient),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
