/* Doses that enter late, by a time of each patient's own: against closed forms with the drawn lags put in. */
#include "check.h"

#include "simulate.h"

#define MODEL                                                                                                \
    "model: late\ntitle: t\ncitation: none\ndrug: racemate\nsampling: venous\n"                              \
    "parameters:\n"                                                                                          \
    "  V: {typical: 10, unit: L}\n"                                                                          \
    "  k: {typical: 0.2, unit: 1/h}\n"                                                                       \
    "  F: {typical: 0.6, variability: {logit: {sd: 0.5}}}\n"                                                 \
    "  D: {typical: 2, unit: h, variability: {lognormal: {cv: 30 %%}}}\n"                                    \
    "  L: {typical: 0.7, unit: h, variability: {lognormal: {cv: 40 %%}}}\n"                                  \
    "compartments: [central]\nflows: [{from: central, rate: k}]\n"                                           \
    "routes:\n  iv: {inputs: [{to: central}]}\n"                                                             \
    "  oral: {inputs: [{to: central, fraction: F, over: D, lag: %s}]}\n"                                     \
    "  buccal: {inputs: [{to: central, fraction: F, lag: %s}]}\n"                                            \
    "outputs: {ketamine: {amount: central, volume: V}}\n"

enum { PATIENTS = 25 };

static const char path[] = BINARY_DIR "/test_lag_model.yaml";

static void write_model(const char *lag)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, MODEL, lag, lag);
    fclose(file);
}

static void run(struct simulation *s, const char *regimen, const char *method)
{
    char text[1024];
    snprintf(text, sizeof(text),
             "{title: t, model: %s, seed: 11, patients: {count: %d},\n"
             "arms: [{name: a, regimen: [%s]}], observe: {to: 36 h, every: 30 min}}\n",
             path, PATIENTS, regimen);
    simulate(s, text, method, 2);
    assert_int_equal(s->report.failed, 0);
}

/* The level t hours after 10 mg began to enter over `duration` (0: at once). */
static double level(double t, double fraction, double duration)
{
    const double k = 0.2;
    const double scale = 1000 * 10 * fraction / 10;
    if (t < 0) {
        return 0;
    }
    if (duration == 0) {
        return scale * exp(-k * t);
    }
    const double since = t < duration ? 0 : t - duration;
    return scale / duration / k * (exp(-k * since) - exp(-k * t));
}

static void check_all(const char *route, bool lasts)
{
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        char regimen[128];
        double least = 1e9;
        double most = 0;
        snprintf(regimen, sizeof(regimen), "{route: %s, dose: 10 mg, every: 12 h, times: 2}", route);
        run(&s, regimen, integrators[m].name);
        for (int p = 0; p < PATIENTS; p++) {
            double etas[MODEL_PARAMETERS_MAX];
            individual_draw_effects(&s.study.models[0], s.study.seed, (uint64_t)p, etas);
            const double fraction = 1 / (1 + 0.4 / 0.6 * exp(-etas[0]));
            const double duration = lasts ? 2 * exp(etas[1]) : 0;
            const double lag = 0.7 * exp(etas[2]);
            const double *levels = simulation_levels(&s, 0, p, 0);
            for (int t = 0; t < s.study.time_count; t++) {
                const double time = s.study.times[t];
                const double expected =
                    level(time - lag, fraction, duration) + level(time - 12 - lag, fraction, duration);
                assert_close(levels[t], expected, integrators[m].only_linear ? 1e-11 : 1e-6, 1e-9);
            }
            least = fmin(least, lag);
            most = fmax(most, lag);
        }
        assert_true(most > 1.5 * least);
        simulation_clear(&s);
    }
    remove(path);
}

static void test_infusions(void **state)
{
    (void)state;
    write_model("L");
    check_all("oral", true);
}

static void test_boluses(void **state)
{
    (void)state;
    write_model("L");
    check_all("buccal", false);
}

/* A lag below zero would be a dose before it is given. */
static void test_negative(void **state)
{
    (void)state;
    struct simulation s;
    char text[512];
    write_model("L - 5");
    snprintf(text, sizeof(text),
             "{title: t, model: %s, seed: 11, patients: {count: 2, variability: false},\n"
             "arms: [{name: a, regimen: [{route: oral, dose: 1 mg}]}], observe: {to: 1 h, every: 1 h}}\n",
             path);
    simulate(&s, text, "cvode", 1);
    assert_int_equal(s.report.failed, 2);
    assert_int_equal(s.status[0], PATIENT_PARAMETERS);
    assert_non_null(
        strstr(s.report.failures[0].why.text, "the oral dose enters central after a lag of -4.3 h"));
    simulation_clear(&s);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_infusions),
        cmocka_unit_test(test_boluses),
        cmocka_unit_test(test_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
