#include "study_check.h"

#include "solver/exposure.h"

#define AFTER(text) REGIMEN("otto-2021", "{route: iv, dose: 5 mg}") text

/* --- what a short study comes to --- */

static void test_defaults(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, REGIMEN("otto-2021", "{route: iv, dose: 5 mg}"));
    const struct study *study = &r.study;
    assert_string_equal(study->title, "");
    assert_int_equal(study->seed, 1);
    assert_int_equal(study->model_count, 1);
    assert_string_equal(study->models[0].name, "otto-2021");
    assert_int_equal(study->patient_count, 3);
    assert_true(study->variability);
    assert_int_equal(study->applicability, APPLICABILITY_WARN);
    assert_int_equal(study->time_count, 3);
    assert_true(study->times[0] == 0 && study->times[1] == 0.5 && study->times[2] == 1);
    assert_int_equal(study->analyte_count, study->models[0].output_count);
    assert_string_equal(study->analytes[0], study->models[0].outputs[0].analyte);
    assert_int_equal(study->metric_count, 3);
    assert_string_equal(study->metrics[0].name, "cmax");
    assert_string_equal(study->metrics[1].name, "tmax");
    assert_string_equal(study->metrics[2].name, "auc_last");
    assert_string_equal(study->auc_rule, "linear-up log-down");
    assert_string_equal(study->method, "cvode");
    assert_true(study->rtol == 1e-8);
    assert_true(study->atol > 0);
    assert_int_equal(study->max_steps, 100000);
    assert_int_equal(study->store, STORE_PROFILES | STORE_EXPOSURE | STORE_QUANTILES | STORE_RANDOM_EFFECTS);
    assert_false(study->float32);
    static const double quantiles[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    assert_int_equal(study->quantile_count, 5);
    assert_memory_equal(study->quantiles, quantiles, sizeof(quantiles));
    assert_string_equal(study->source, REGIMEN("otto-2021", "{route: iv, dose: 5 mg}"));
    reading_clear(&r);
}

/* Every default is a row of the table, and after reading stands in the tree. */
static void test_defaults_are_stored(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, REGIMEN("otto-2021", "{route: iv, dose: 5 mg}"));
    char *resolved = document_write(&r.study.document);
    assert_non_null(resolved);
    static const char *const parts[] = {
        "racemate: refuse", "applicability: warn", "variability: true", "weight: 70 kg",
        "at: 0 h",          "drug: S-ketamine",    "from: 0 h",         "method: cvode",
        "rtol: 1e-8",       "max_steps: 100000",   "precision: float64"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!strstr(resolved, parts[i])) {
            fail_msg("the resolved study lacks \"%s\":\n%s", parts[i], resolved);
        }
    }
    free(resolved);
    reading_clear(&r);
}

static void test_top(void **state)
{
    (void)state;
    struct reading r;
    expect_mistakes("seed: 9223372036854775808\nmodel: otto-2021\npatients: {count: 0}\n" ARM
                    "{route: iv, dose: 5 mg}" OBSERVE,
                    "s.yaml:1:7: error: seed \"9223372036854775808\" must be below 2^63\n"
                    "s.yaml:3:19: error: count \"0\" must lie in 1 to 1000000000");
    expect_mistakes("seed: 1\nmodel: otto-2021\npatients: {count: 1000000001}\n" ARM
                    "{route: iv, dose: 5 mg}" OBSERVE,
                    "s.yaml:3:19: error: count \"1000000001\" must lie in 1 to 1000000000");
    read_right(&r,
               "title: a name\nseed: 9223372036854775807\nmodel: otto-2021\npatients: {count: 1000000000, "
               "variability: false}\n" ARM "{route: iv, dose: 5 mg}" OBSERVE);
    assert_string_equal(r.study.title, "a name");
    assert_true(r.study.seed == INT64_MAX);
    assert_int_equal(r.study.patient_count, 1000000000);
    assert_false(r.study.variability);
    reading_clear(&r);
    expect_mistakes("{}", "s.yaml:1:1: error: key \"arms\" is missing in the study\n"
                          "s.yaml:1:1: error: key \"observe\" is missing in the study\n"
                          "s.yaml:1:1: error: key \"seed\" is missing in the study\n"
                          "s.yaml:1:1: error: key \"patients\" is missing in the study");
}

static void test_arms(void **state)
{
    (void)state;
    expect_mistakes(OTTO "arms: []" OBSERVE, "s.yaml:4:7: error: a study has 1 to 10000 arms");
    expect_mistakes(OTTO "arms:\n  - {name: a, regimen: [{route: iv, dose: 1 mg}]}\n"
                         "  - {name: a, regimen: [{route: iv, dose: 1 mg}]}" OBSERVE,
                    "s.yaml:6:12: error: another arm is called \"a\" already");
    expect_mistakes("seed: 1\npatients: {count: 3}\n" ARM "{route: iv, dose: 1 mg}" OBSERVE,
                    "s.yaml:4:5: error: which model? neither the study nor arm \"a\" names one");
    expect_mistakes(OTTO "arms:\n  - regimen: [{route: iv, dose: 1 mg}]" OBSERVE,
                    "s.yaml:5:5: error: key \"name\" is missing in arms.0");
}

/* --- observe --- */

static void test_observe(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, OTTO ARM "{route: iv, dose: 5 mg}\nobserve: {from: 1 h, to: 2 h, every: 25 min}\n");
    assert_int_equal(r.study.time_count, 3); /* 60, 85, 110 min; 2 h is no step */
    assert_true(r.study.times[1] == 85.0 / 60 && r.study.times[2] == 110.0 / 60);
    reading_clear(&r);
    read_right(&r, OTTO ARM "{route: iv, dose: 5 mg}\nobserve: {to: 2.4 s, every: 0.1 s}\n");
    assert_int_equal(r.study.time_count, 25);
    for (int i = 0; i < 25; i++) {
        assert_true(r.study.times[i] == i * 0.1 / 3600);
    }
    reading_clear(&r);
    read_right(&r, OTTO ARM "{route: iv, dose: 5 mg}\nobserve: {at: [0 h, 40 min, 1 day]}\n");
    assert_int_equal(r.study.time_count, 3);
    assert_true(r.study.times[1] == 2400.0 / 3600 && r.study.times[2] == 24);
    const struct node *observe = node_find(r.study.document.root, "observe");
    assert_int_equal(observe->count, 1); /* and not the default of `from` */
    reading_clear(&r);
}

static void test_observe_mistakes(void **state)
{
    (void)state;
#define OBSERVED(text) OTTO ARM "{route: iv, dose: 5 mg}\nobserve: " text "\n"
    expect_mistakes(OBSERVED("{}"),
                    "s.yaml:8:10: error: \"to\" is missing: observe takes to and every, or at\n"
                    "s.yaml:8:10: error: \"every\" is missing: observe takes to and every, or at");
    expect_mistakes(OBSERVED("{to: 1 h}"),
                    "s.yaml:8:10: error: \"every\" is missing: observe takes to and every, or at");
    expect_mistakes(OBSERVED("{from: 0 h, at: [1 h]}"),
                    "s.yaml:8:17: error: `at` lists all times; leave out \"from\"");
    expect_mistakes(OBSERVED("{from: 2 h, to: 1 h, every: 1 min}"),
                    "s.yaml:8:26: error: to \"1 h\" must come after from");
    expect_mistakes(OBSERVED("{to: 1 h, every: 0 min}"), "s.yaml:8:27: error: \"0 min\" must be above 0");
    expect_mistakes(OBSERVED("{from: -1 h, to: 1 h, every: 1 min}"),
                    "s.yaml:8:17: error: \"-1 h\" must not be negative");
    expect_mistakes(OBSERVED("{at: []}"), "s.yaml:8:15: error: 1 to 10000000 times can be observed");
    expect_mistakes(OBSERVED("{at: [1 h, 60 min, 30 min, 2 mg]}"),
                    "s.yaml:8:21: error: \"60 min\" must come after the time before it in the list\n"
                    "s.yaml:8:29: error: \"30 min\" must come after the time before it in the list\n"
                    "s.yaml:8:37: error: \"2 mg\" is a mass; a time is expected here, for example 2 h");
    expect_mistakes(OBSERVED("{to: 10000000 s, every: 1 s}"),
                    "s.yaml:8:10: error: 10000001 times are more than 10000000");
}

/* --- exposure, solver, output --- */

static void test_settings(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, AFTER("exposure: {metrics: [auc_last], auc: linear}\n"
                         "solver: {method: exact, rtol: 1e-14, atol: 1 ng, max_steps: 7}\n"
                         "output: {store: [quantiles], precision: float32, quantile_method: exact, "
                         "quantiles: [2.5 %, 0.975]}\n"));
    assert_int_equal(r.study.metric_count, 1);
    assert_string_equal(r.study.metrics[0].name, "auc_last");
    assert_string_equal(r.study.auc_rule, "linear");
    assert_string_equal(r.study.method, "exact");
    assert_true(r.study.rtol == 1e-14 && r.study.max_steps == 7);
    assert_close(r.study.atol, 1e-6, 1e-15, 0);
    assert_int_equal(r.study.store, STORE_QUANTILES);
    assert_true(r.study.float32);
    assert_int_equal(r.study.quantile_method, QUANTILES_EXACT);
    assert_int_equal(r.study.quantile_count, 2);
    assert_true(r.study.quantiles[0] == 0.025 && r.study.quantiles[1] == 0.975);
    reading_clear(&r);
    read_right(&r, AFTER("exposure: {metrics: []}\noutput: {store: [profiles], quantiles: []}\n"));
    assert_int_equal(r.study.metric_count, 0);
    assert_int_equal(r.study.quantile_count, 0);
    reading_clear(&r);
}

static void test_settings_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        AFTER("exposure: {metrics: [cmx, tmax, tmax]}\n"),
        "s.yaml:9:22: error: \"cmx\" is no metric (cmax, tmax, cmin, ctrough, cav, clast, tlast, "
        "auc_last, auc_all, auc_inf, auc_inf_pred, auc_extrapolated, auc_tau, aumc_last, aumc_inf, "
        "lambda_z, lambda_z_points, lambda_z_r2adj, half_life, ...); did you mean cmax?\n"
        "s.yaml:9:33: error: \"tmax\" is in the list already");
    expect_mistakes(AFTER("exposure: {auc: log}\n"),
                    "s.yaml:9:17: error: exposure.auc: \"log\" is not one of linear-up log-down | linear");
    expect_mistakes(AFTER("solver: {method: cvod, rtol: 0.1, atol: 0 mg, max_steps: 0}\n"),
                    "s.yaml:9:18: error: \"cvod\" is no solver (cvode, exact); did you mean cvode?\n"
                    "s.yaml:9:30: error: rtol \"0.1\" must lie in 1e-14 to 1e-2\n"
                    "s.yaml:9:41: error: \"0 mg\" must be above 0\n"
                    "s.yaml:9:58: error: max_steps \"0\" must lie in 1 to 2147483647");
    expect_mistakes(AFTER("output: {store: [profile, exposure, exposure], quantiles: [0, 0.5, 50 %, 1]}\n"),
                    "s.yaml:9:18: error: \"profile\" is no part of a result (profiles, exposure, quantiles, "
                    "observations, random_effects); "
                    "did you mean "
                    "profiles?\n"
                    "s.yaml:9:37: error: \"exposure\" is in the list already\n"
                    "s.yaml:9:60: error: quantile \"0\" must lie between 0 and 1\n"
                    "s.yaml:9:68: error: quantile \"50 %\" must be above the one before it in the list\n"
                    "s.yaml:9:74: error: quantile \"1\" must lie between 0 and 1");
    expect_mistakes(AFTER("output: {store: []}\n"),
                    "s.yaml:9:17: error: a result without profiles, exposure, quantiles and "
                    "observations is empty");
    expect_mistakes(AFTER("output: {quantiles: []}\n"),
                    "s.yaml:9:21: error: which quantiles? the list is empty, and `store` has them");
}

/* --- all at once --- */

static void test_many_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        "seed: one\n"
        "modle: otto-2021\n"
        "patients: {count: 3, covariates: {weight: 70, eye: 2 kg}}\n"
        "arms:\n"
        "  - name: a\n"
        "    model: otto-2021\n"
        "    regimen:\n"
        "      - {route: intravenous, dose: 84 mL}\n"
        "      - {route: iv, dose: 1 mg, ovr: 2 h}\n"
        "  - name: a\n"
        "    model: otto-2021\n"
        "    regimen:\n"
        "      - {route: iv, dose: 1 mg, every: 2 kg, times: many}\n"
        "observe: {to: 0 h, every: 1 mg}\n"
        "solver: {rtol: 1}\n",
        "s.yaml:1:7: error: seed: \"one\" is not a whole number, written with digits alone\n"
        "s.yaml:2:1: error: unknown key \"modle\" in the study; did you mean \"model\"?\n"
        "s.yaml:9:33: error: unknown key \"ovr\" in arms.0.regimen.1; did you mean \"over\"?\n"
        "s.yaml:13:53: error: arms.1.regimen.0.times: \"many\" is not a whole number, written with digits "
        "alone\n"
        "s.yaml:10:11: error: another arm is called \"a\" already\n"
        "s.yaml:3:43: error: \"70\" has no unit; a body weight is expected here, for example 70 kg\n"
        "s.yaml:3:47: error: \"eye\" is no covariate (weight, age, sex, asian, japanese)\n"
        "s.yaml:8:17: error: \"intravenous\" is no route of otto-2021 (iv)\n"
        "s.yaml:8:36: error: \"84 mL\" is a volume; a mass or a mass per body weight is expected here, for "
        "example 84 mg or 84 mg/kg\n"
        "s.yaml:13:40: error: \"2 kg\" is a body weight; a time is expected here, for example 2 h\n"
        "s.yaml:14:27: error: \"1 mg\" is a mass; a time is expected here, for example 1 min\n"
        "s.yaml:15:16: error: rtol \"1\" must lie in 1e-14 to 1e-2");
}

/* `begin`, an item of the list with its number from 1, ..., `end`. */
static char *study_of_list(const char *begin, const char *item, int count, const char *end)
{
    char *text = malloc(strlen(begin) + (size_t)count * (strlen(item) + 16) + strlen(end) + 1);
    assert_non_null(text);
    char *to = text + sprintf(text, "%s", begin);
    for (int i = 1; i <= count; i++) {
        to += sprintf(to, item, i);
    }
    strcpy(to, end);
    return text;
}

/* Of what is compared with each other, or becomes variables of the result, a study asks for 1000 at most. */
static void test_long_lists(void **state)
{
    (void)state;
    static const struct {
        const char *begin, *item, *end, *said;
    } lists[] = {
        {"exposure: {metrics: [", "cmax, ", "]}\n", "s.yaml:9:21: error: 1001 metrics are more than 1000"},
        {"exposure: {time_above: [", "%d ng/mL, ", "]}\n",
         "s.yaml:9:24: error: 1001 levels are more than 1000"},
        {"exposure: {auc_between: [", "{from: 0 h, to: %d h}, ", "]}\n",
         "s.yaml:9:25: error: 1001 areas are more than 1000"},
        {"thresholds: {after: [", "%d h, ", "]}\n", "s.yaml:9:21: error: 1001 times are more than 1000"},
        {"thresholds: {below: [", "0.%04d, ", "]}\n",
         "s.yaml:9:21: error: 1001 fractions are more than 1000"},
        {"thresholds: {levels: [", "{level: %d ng/mL, analyte: esketamine}, ", "]}\n",
         "s.yaml:9:22: error: 1001 thresholds are more than 1000"},
        {"output: {quantiles: [", "0.%04d, ", "]}\n",
         "s.yaml:9:21: error: 1001 quantiles are more than 1000"},
        {"variations: [", "{name: v%d, session: 1, missed: true}, ", "]\n",
         "s.yaml:9:13: error: 1001 variations are more than 1000"},
        {"sweep: {", "x%d: [1], ", "design: grid}\n",
         "s.yaml:9:8: error: 1002 keys of a sweep are more than 1000"},
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        char begin[1024];
        snprintf(begin, sizeof(begin), "%s%s", AFTER(""), lists[i].begin);
        char *text = study_of_list(begin, lists[i].item, 1001, lists[i].end);
        expect_mistakes(text, lists[i].said);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),      cmocka_unit_test(test_defaults_are_stored),
        cmocka_unit_test(test_top),           cmocka_unit_test(test_arms),
        cmocka_unit_test(test_observe),       cmocka_unit_test(test_observe_mistakes),
        cmocka_unit_test(test_settings),      cmocka_unit_test(test_settings_mistakes),
        cmocka_unit_test(test_many_mistakes), cmocka_unit_test(test_long_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
