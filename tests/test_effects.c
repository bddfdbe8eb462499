/* Effects: curves of levels, against closed forms, and what becomes of them in a study. */
#include "models.h"
#include "simulate.h"
#include "study_check.h"

#include "app/results/layout.h"
#include "model/sigmoid.h"

#define MODEL_PATH BINARY_DIR "/test_effects_model.yaml"

/* The effect stands before the levels that it follows, one of which is that of an effect compartment. */
#define OUTPUTS                                                                                              \
    "  dissociation: {effect: {of: effect_site, e0: 2 + p, emax: 100, ec50: 1000*C50, hill: 1 + p}}\n"       \
    "  ketamine: {amount: central, volume: V, residual: {lognormal: {sd: 0.1}}}\n"                           \
    "  effect_site: {amount: effect, volume: V, residual: {lognormal: {sd: 0.1}}}\n"                         \
    "  score: {effect: {of: ketamine, e0: \"5\", emax: -4.5, ec50: 250}}\n"

static const char model_text[] =
    "model: effects\ntitle: t\ncitation: none\ndrug: racemate\nsampling: venous\n"
    "covariates: {age: {unit: years, default: 40 years}}\n"
    "parameters:\n"
    "  V: {typical: 10, unit: L}\n"
    "  C50: {typical: \"600*age/40\", unit: ng/mL}\n"
    "  p: {typical: 0.4, variability: {lognormal: {cv: 40 %}}}\n"
    "compartments: [central, effect]\n"
    "flows:\n"
    "  - {from: central, rate: p}\n"
    "  - {from: central, to: effect, rate: 5, copies: true}\n"
    "  - {from: effect, rate: 5}\n"
    "routes: {iv: {inputs: [{to: central}]}}\n"
    "outputs:\n" OUTPUTS;

static const char study_text[] = "{title: t, model: " MODEL_PATH ", seed: 5, patients: {count: 33},\n"
                                 "arms: [{name: a, regimen: [{route: iv, dose: 80 mg, at: 30 min}]}],\n"
                                 "observe: {to: 24 h, every: 30 min},\n"
                                 "output: {store: [profiles, exposure, quantiles, observations]}}\n";

static int write_model(void **state)
{
    FILE *file = fopen(MODEL_PATH, "w");
    (void)state;
    assert_non_null(file);
    fputs(model_text, file);
    return fclose(file);
}

static int remove_model(void **state)
{
    (void)state;
    return remove(MODEL_PATH);
}

static int analyte_of(const struct study *study, const char *name)
{
    for (int i = 0; i < study->analyte_count; i++) {
        if (strcmp(study->analytes[i], name) == 0) {
            return i;
        }
    }
    fail_msg("no analyte %s", name);
    return -1;
}

/* --- the curve --- */

static void test_curve(void **state)
{
    const double plain[SIGMOID_COUNT] = {1, 8, 50, 1};
    const double steep[SIGMOID_COUNT] = {1, -8, 50, 3};
    const double step[SIGMOID_COUNT] = {0, 1, 50, 1e6};
    (void)state;
    assert_true(sigmoid_value(plain, 0) == 1);
    assert_true(sigmoid_value(plain, -1) == 1);
    assert_true(sigmoid_value(plain, 50) == 5);
    assert_close(sigmoid_value(plain, 150), 7, 1e-15, 0);
    assert_close(sigmoid_value(plain, 1e300), 9, 1e-15, 0);
    assert_close(sigmoid_value(plain, 1e-300), 1, 1e-15, 0);
    assert_close(sigmoid_value(steep, 100), 1 - 8 * 1e6 / (1e6 + 125e3), 1e-15, 0);
    assert_true(sigmoid_value(step, 49) == 0 && sigmoid_value(step, 50) == 0.5 &&
                sigmoid_value(step, 51) == 1);
}

/* Levels and effects of a bolus at 0.5 h, in closed form. */
static void test_closed_forms(void **state)
{
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        simulate(&s, study_text, integrators[m].name, 2);
        assert_int_equal(s.report.failed, 0);
        const int dissociation = analyte_of(&s.study, "dissociation");
        const int score = analyte_of(&s.study, "score");
        for (int patient = 0; patient < 33; patient++) {
            double etas[MODEL_PARAMETERS_MAX];
            individual_draw_effects(&s.study.models[0], s.study.seed, (uint64_t)patient, etas);
            const double p = 0.4 * exp(etas[0]);
            double highest = 0;
            for (int i = 0; i < s.study.time_count; i++) {
                const double t = s.study.times[i] - 0.5;
                const double level = t > 0 ? 8000 * exp(-p * t) : 0;
                const double site = t > 0 ? 8000 * 5 / (5 - p) * (exp(-p * t) - exp(-5 * t)) : 0;
                const double power = pow(site, 1 + p);
                const double effect = 2 + p + 100 * power / (pow(600, 1 + p) + power);
                highest = fmax(highest, effect);
                assert_close(simulation_levels(&s, 0, patient, dissociation)[i], effect, 1e-6, 0);
                assert_close(simulation_levels(&s, 0, patient, score)[i], 5 - 4.5 * level / (250 + level),
                             1e-6, 0);
            }
            assert_close(simulation_metric(&s, 0, patient, dissociation, "cmax"), highest, 1e-6, 0);
            assert_close(simulation_metric(&s, 0, patient, score, "cmax"), 5, 0, 0);
            assert_close(simulation_metric(&s, 0, patient, score, "tmax"), 0, 0, 0);
            /* An assay reports levels; an effect is not observed. */
            assert_true(isnan(simulation_observed(&s, 0, patient, score)[1]));
            assert_true(simulation_observed(&s, 0, patient, analyte_of(&s.study, "ketamine"))[2] > 0);
        }
        simulation_clear(&s);
    }
}

/* A curve that differs from dose to dose changes after the dose; an observation at its time sees the curve before. */
static void test_occasions(void **state)
{
    static const char path[] = BINARY_DIR "/test_effects_occasions.yaml";
    struct simulation s;
    FILE *file = fopen(path, "w");
    (void)state;
    assert_non_null(file);
    fputs("model: occasions\ntitle: t\ncitation: none\ndrug: racemate\nsampling: venous\n"
          "parameters:\n  V: {typical: 10, unit: L}\n  E: {typical: 3, occasion: {lognormal: {sd: 0.5}}}\n"
          "compartments: [central]\nflows: [{from: central, rate: \"0.2\"}]\n"
          "routes: {iv: {inputs: [{to: central}]}}\n"
          "outputs: {ketamine: {amount: central, volume: V},"
          " e: {effect: {of: ketamine, emax: E, ec50: 700, hill: E}}}\n",
          file);
    fclose(file);
    simulate(&s,
             "{title: t, model: " BINARY_DIR "/test_effects_occasions.yaml, seed: 5, patients: {count: 33},\n"
             "arms: [{name: a, regimen: [{route: iv, dose: 10 mg, at: 1 h, every: 3 h, times: 3}]}],\n"
             "observe: {to: 12 h, every: 30 min}}\n",
             "exact", 1);
    for (int patient = 0; patient < 33; patient++) {
        for (int i = 0; i < s.study.time_count; i++) {
            const double t = s.study.times[i];
            double kappas[MODEL_PARAMETERS_MAX];
            individual_draw_occasion(&s.study.models[0], s.study.seed, (uint64_t)patient,
                                     t <= 4   ? 0
                                     : t <= 7 ? 1
                                              : 2,
                                     kappas);
            const double e = 3 * exp(kappas[1]);
            const double power = pow(simulation_levels(&s, 0, patient, 0)[i], e);
            assert_close(simulation_levels(&s, 0, patient, 1)[i], e * power / (pow(700, e) + power), 1e-12,
                         0);
        }
    }
    simulation_clear(&s);
    remove(path);
}

/* --- what becomes of it --- */

static void check_variable(const struct layout *layout, const char *name, const char *unit,
                           const char *long_name)
{
    for (int i = 0; i < layout->count; i++) {
        if (strcmp(layout->variables[i].name, name) == 0) {
            assert_string_equal(layout->variables[i].unit, unit);
            assert_string_equal(layout->variables[i].long_name, long_name);
            return;
        }
    }
    fail_msg("no variable %s", name);
}

static void test_variables(void **state)
{
    struct reading r;
    struct layout layout;
    (void)state;
    read_right(&r, study_text);
    assert_int_equal(r.study.models[0].level_count, 2);
    assert_int_equal(r.study.models[0].output_count, 4);
    assert_true(model_uses_covariate(&r.study.models[0], "age"));
    assert_int_equal(layout_init(&layout, &r.study, &r.d), 0);
    check_variable(&layout, "score", "1", "score effect");
    check_variable(&layout, "score_quantile", "1",
                   "quantile over the simulated patients of the score effect");
    check_variable(&layout, "score_cmax", "1", "score: highest level");
    check_variable(&layout, "score_auc_last", "h",
                   "score: area under the curve to the last level above zero");
    check_variable(&layout, "score_tmax", "h", "score: time of the highest level, the first of equals");
    check_variable(&layout, "ketamine", "ng/mL", "ketamine level");
    check_variable(&layout, "ketamine_auc_last", "ng*h/mL",
                   "ketamine: area under the curve to the last level above zero");
    check_variable(&layout, "ketamine_observed", "ng/mL",
                   "ketamine level with residual error, as an assay would report it");
    for (int i = 0; i < layout.count; i++) {
        assert_string_not_equal(layout.variables[i].name, "score_observed");
    }
    layout_clear(&layout);
    reading_clear(&r);
}

/* From the solution: levels, an effect compartment's among them; effects are known at the observations alone. */
static void test_from_solution(void **state)
{
    static const char text[] =
        "title: t\nmodel: " MODEL_PATH "\nseed: 5\npatients: {count: 3}\n"
        "arms: [{name: a, regimen: [{route: iv, dose: 80 mg}]}]\nobserve: {to: 24 h, every: 30 min}\n"
        "exposure: {from: solution, metrics: [cmax, tmax, auc_inf, half_life]}\n";
    struct reading r;
    struct layout layout;
    struct simulation s;
    (void)state;
    expect_warnings(
        text,
        "s.yaml:7:18: warning: dissociation is an effect, known at the records alone: its metrics are "
        "from the observations\n"
        "s.yaml:7:18: warning: score is an effect, known at the records alone: its metrics are from the "
        "observations");
    reading_of(&r, text);
    assert_int_equal(layout_init(&layout, &r.study, &r.d), 0);
    check_variable(&layout, "score_cmax", "1", "score: highest level, from the observations");
    check_variable(&layout, "ketamine_cmax", "ng/mL", "ketamine: highest level, from the solution");
    check_variable(&layout, "effect_site_cmax", "ng/mL", "effect_site: highest level, from the solution");
    check_variable(&layout, "ketamine_auc_inf", "ng*h/mL",
                   "ketamine: auc_last + clast/lambda_z, from the solution; lambda_z of observations");
    check_variable(&layout, "ketamine_half_life", "h", "ketamine: ln 2/lambda_z, from the observations");
    layout_clear(&layout);
    reading_clear(&r);
    for (int m = 0; m < integrator_count; m++) {
        simulate(&s, text, integrators[m].name, 1);
        int index[4] = {0};
        static const char *const names[] = {"dissociation", "ketamine", "effect_site", "score"};
        for (int i = 0; i < 4; i++) {
            for (int a = 0; a < s.study.analyte_count; a++) {
                index[i] = strcmp(s.study.analytes[a], names[i]) == 0 ? a : index[i];
            }
        }
        for (int p = 0; p < 3; p++) {
            /* Behind a bolus of slope k the effect compartment is highest at ln(5/k) / (5 - k). */
            const double *levels = simulation_levels(&s, 0, p, index[1]);
            const double k = log(levels[1] / levels[3]);
            assert_close(simulation_metric(&s, 0, p, index[1], "cmax"), 8000, 1e-12, 0);
            assert_close(simulation_metric(&s, 0, p, index[2], "tmax"), log(5 / k) / (5 - k), 1e-6, 0);
            /* The effect's is one of the records. */
            assert_close(fmod(simulation_metric(&s, 0, p, index[0], "tmax"), 0.5), 0, 0, 0);
        }
        simulation_clear(&s);
    }
}

/* A name cannot be a level here and an effect there. */
static void test_models_agree(void **state)
{
    static const char path[] = BINARY_DIR "/test_effects_other.yaml";
    FILE *file = fopen(path, "w");
    (void)state;
    assert_non_null(file);
    fputs("model: other\ntitle: t\ncitation: none\ndrug: racemate\nsampling: venous\n"
          "parameters: {V: {typical: 10, unit: L}}\ncompartments: [central]\n"
          "flows: [{from: central, rate: \"1\"}]\nroutes: {iv: {inputs: [{to: central}]}}\n"
          "outputs: {score: {amount: central, volume: V}}\n",
          file);
    fclose(file);
    expect_mistakes("seed: 1\nmodels: [" MODEL_PATH ",\n  " BINARY_DIR "/test_effects_other.yaml]\n"
                    "patients: {count: 1}\n" ARM "{route: iv, dose: 5 mg}" OBSERVE,
                    "s.yaml:3:3: error: \"score\" is a level in one model of the study and an effect in "
                    "another; rename one");
    remove(path);
}

/* --- mistakes --- */

/* small_model with the outputs. */
static void given_outputs(struct given *given, const char *outputs)
{
    static const char output[] = "  ketamine: {amount: central, volume: V}\n";
    char text[4096];
    const char *at = strstr(small_model, output);
    assert_non_null(at);
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - small_model), small_model, outputs,
             at + sizeof(output) - 1);
    given_try(given, text);
}

static void test_mistakes(void **state)
{
#define KETAMINE "  ketamine: {amount: central, volume: V}\n"
    static const char *const wrong[][2] = {
        {"  ketamine: {amount: central}\n",
         "small.yaml:32:13: error: an output has either `amount` and `volume`, or `effect`"},
        {KETAMINE "  e: {amount: central, effect: {of: ketamine, emax: 1, ec50: 1}}\n",
         "small.yaml:33:6: error: an output has either `amount` and `volume`, or `effect`"},
        {KETAMINE "  e: {effect: {of: ketamin, emax: 1, ec50: 1}}\n",
         "small.yaml:33:20: error: \"ketamin\" is none of the levels; did you mean ketamine?"},
        {KETAMINE
         "  e: {effect: {of: ketamine, emax: 1, ec50: 1}}\n  f: {effect: {of: e, emax: 1, ec50: 1}}\n",
         "small.yaml:34:20: error: \"e\" is none of the levels"},
        {KETAMINE "  e: {effect: {of: ketamine, emax: 1, ec50: nothing}}\n", "small.yaml:33:45: error: "},
        {KETAMINE "  e: {effect: {of: ketamine, emax: 1, ec50: 1, hill: 2*}}\n", "small.yaml:33:54: error: "},
        {KETAMINE "  e: {effect: {of: ketamine, ec50: 1}}\n", "emax"},
        {KETAMINE "  e: {effect: {of: ketamine, emax: 1, ec50: 1}, residual: {lognormal: {sd: 1}}}\n",
         "small.yaml:33:59: error: a residual error is that of a level; leave it out of an effect"},
        {"  ketamine: {amount: central, volume: V, latent: true, residual: {lognormal: {sd: 1}}}\n",
         "small.yaml:32:66: error: a residual error is that of a level which an assay reports; leave it out, "
         "or `latent`"},
        {KETAMINE "  CL: {effect: {of: ketamine, emax: 1, ec50: 1}}\n",
         "small.yaml:33:3: error: \"CL\" is taken by another name"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct given given;
        given_outputs(&given, wrong[i][0]);
        assert_told(&given.d, wrong[i][1]);
        assert_int_equal(given.d.count, 1);
        given_clear(&given);
    }
}

/* A patient whose curve is none is not simulated, and told why. */
static void test_impossible_patients(void **state)
{
    static const char *const wrong[][2] = {
        {"emax: 1, ec50: V - 20", "the ec50 of e is V - 20 = 0"},
        {"emax: 1, ec50: 1, hill: V - 25", "the hill of e is V - 25 = -5"},
        {"emax: 1/(V - 20), ec50: 1", "the emax of e is 1/(V - 20) = inf"},
        {"e0: 1/(V - 20), emax: 1, ec50: 1", "the e0 of e is 1/(V - 20) = inf"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct given given;
        struct individual_error why = {""};
        char outputs[256];
        snprintf(outputs, sizeof(outputs), KETAMINE "  e: {effect: {of: ketamine, %s}}\n", wrong[i][0]);
        given_outputs(&given, outputs);
        assert_no_errors(&given.d);
        struct evaluator *evaluator = given_evaluator(&given);
        struct individual patient = typical_patient(&given.model);
        assert_int_equal(evaluator_individual(evaluator, &patient, NULL, 0, &why), -1);
        assert_string_equal(why.text, wrong[i][1]);
        evaluator_free(evaluator);
        given_clear(&given);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curve),
        cmocka_unit_test_setup_teardown(test_closed_forms, write_model, remove_model),
        cmocka_unit_test(test_occasions),
        cmocka_unit_test_setup_teardown(test_variables, write_model, remove_model),
        cmocka_unit_test_setup_teardown(test_from_solution, write_model, remove_model),
        cmocka_unit_test_setup_teardown(test_models_agree, write_model, remove_model),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_impossible_patients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
