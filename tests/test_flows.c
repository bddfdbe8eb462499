/* Flows that are not of first order with a constant rate, and flows that copy: against closed forms. */
#include "check.h"

#include "simulate.h"

#define HEAD                                                                                                 \
    "model: flows\ntitle: t\ncitation: none\ndrug: racemate\nsampling: venous\n"                             \
    "parameters: {V: {typical: 10, unit: L}, p: {typical: 0.4, variability: {lognormal: {cv: 40 %}}}}\n"

static const char study_text[] = "{title: t, model: %s, seed: 5, patients: {count: 33},\n"
                                 "arms: [{name: a, regimen: [{route: iv, dose: 80 mg}]}],\n"
                                 "observe: {to: 48 h, every: 30 min}}\n";

/* Runs the model text for 33 patients who differ in p; parameter_of draws each one's p again. */
static void run_model(struct simulation *s, const char *model_text, const char *method)
{
    static const char path[] = BINARY_DIR "/test_flows_model.yaml";
    char text[1024];
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(model_text, file);
    fclose(file);
    snprintf(text, sizeof(text), study_text, path);
    simulate(s, text, method, 1);
    assert_int_equal(s->report.failed, 0);
    remove(path);
}

/* The p of a patient, drawn as the model says. */
static double parameter_of(const struct simulation *s, int patient)
{
    double etas[MODEL_PARAMETERS_MAX];
    individual_draw_effects(&s->study.models[0], s->study.seed, (uint64_t)patient, etas);
    return 0.4 * exp(etas[0]);
}

/* dA/dt = -(p + 0.01 t) A: A = A0 exp(-p t - 0.005 t^2). */
static void test_rate_that_grows(void **state)
{
    struct simulation s;
    (void)state;
    run_model(&s,
              HEAD
              "compartments: [central]\nflows: [{from: central, rate: p, slope: 0.01}]\n"
              "routes: {iv: {inputs: [{to: central}]}}\noutputs: {ketamine: {amount: central, volume: V}}\n",
              "cvode");
    for (int patient = 0; patient < 33; patient++) {
        const double *levels = simulation_levels(&s, 0, patient, 0);
        double p = parameter_of(&s, patient);
        for (int i = 1; i < s.study.time_count; i++) {
            double t = s.study.times[i];
            assert_close(levels[i], 8000 * exp(-p * t - 0.005 * t * t), 1e-6, 1e-6);
        }
    }
    simulation_clear(&s);
}

/* dA/dt = -10 p A / (20 + A): 20 ln(A0/A) + A0 - A = 10 p t. */
static void test_saturable(void **state)
{
    struct simulation s;
    (void)state;
    run_model(&s,
              HEAD
              "compartments: [central]\nflows: [{from: central, vmax: 10*p, km: 20}]\n"
              "routes: {iv: {inputs: [{to: central}]}}\noutputs: {ketamine: {amount: central, volume: V}}\n",
              "cvode");
    assert_false(model_is_linear(&s.study.models[0]));
    for (int patient = 0; patient < 33; patient++) {
        const double *levels = simulation_levels(&s, 0, patient, 0);
        double p = parameter_of(&s, patient);
        for (int i = 1; i < s.study.time_count; i++) {
            double amount = levels[i] / 100;
            if (amount > 1e-4) {
                /* The left side changes by (20/A + 1) dA: a relative error of 5e-6 in a small A is 1e-4 in it. */
                assert_close(20 * log(80 / amount) + 80 - amount, 10 * p * s.study.times[i], 0,
                             1e-4 + 1e-6 * amount);
            }
        }
    }
    simulation_clear(&s);
}

/* An effect compartment follows the plasma and takes nothing from it: Ce = C0 ke0/(ke0 - p) (exp(-p t) - exp(-ke0 t)). */
static void test_effect_compartment(void **state)
{
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        run_model(
            &s,
            HEAD
            "compartments: [central, effect]\n"
            "flows:\n  - {from: central, rate: p}\n  - {from: central, to: effect, rate: 5, copies: true}\n"
            "  - {from: effect, rate: 5}\n"
            "routes: {iv: {inputs: [{to: central}]}}\n"
            "outputs: {ketamine: {amount: central, volume: V}, effect_site: {amount: effect, volume: V}}\n",
            integrators[m].name);
        double relative = integrators[m].only_linear ? 1e-12 : 1e-6;
        for (int patient = 0; patient < 33; patient++) {
            double p = parameter_of(&s, patient);
            for (int i = 1; i < s.study.time_count; i++) {
                double t = s.study.times[i];
                assert_close(simulation_levels(&s, 0, patient, 0)[i], 8000 * exp(-p * t), relative, 1e-7);
                assert_close(simulation_levels(&s, 0, patient, 1)[i],
                             8000 * 5 / (5 - p) * (exp(-p * t) - exp(-5 * t)), relative, 1e-7);
            }
        }
        simulation_clear(&s);
    }
}

/* The exact method refuses what it cannot solve exactly. */
static void test_exact_refuses(void **state)
{
    static const char path[] = BINARY_DIR "/test_flows_refused.yaml";
    static const char *const flows[] = {"rate: p, slope: 0.1", "vmax: p, km: 2"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct study study;
        struct diagnostics d;
        char text[1024];
        const char *setting = "solver.method=exact";
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(HEAD "compartments: [central]\nflows: [{from: central, ", file);
        fputs(flows[i], file);
        fputs("}]\nroutes: {iv: {inputs: [{to: central}]}}\noutputs: {ketamine: {amount: central, volume: "
              "V}}\n",
              file);
        fclose(file);
        snprintf(text, sizeof(text), study_text, path);
        diagnostics_init(&d);
        assert_int_equal(study_parse(&study, "study", text, strlen(text), &setting, 1, &d), -1);
        assert_told(&d, "exact");
        study_clear(&study);
        diagnostics_clear(&d);
    }
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate_that_grows),
        cmocka_unit_test(test_saturable),
        cmocka_unit_test(test_effect_compartment),
        cmocka_unit_test(test_exact_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
