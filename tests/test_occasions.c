/* Parameters that differ from dose to dose: against closed forms with the drawn values put in. */
#include "check.h"

#include "simulate.h"

#define HEAD                                                                                                 \
    "model: occasions\ntitle: t\ncitation: none\ndrug: racemate\nsampling: venous\n"                         \
    "parameters:\n"                                                                                          \
    "  V: {typical: 10, unit: L, occasion: {lognormal: {cv: 20 %}}}\n"                                       \
    "  k: {typical: 0.2, unit: 1/h, variability: {lognormal: {cv: 30 %}}, occasion: {lognormal: {cv: 40 "    \
    "%}}}\n"                                                                                                 \
    "  D: {typical: 2, unit: h, occasion: {lognormal: {cv: 25 %}}}\n"                                        \
    "compartments: [central]\nflows: [{from: central, rate: k}]\n"                                           \
    "routes: {iv: {inputs: [{to: central}]}, oral: {inputs: [{to: central, over: D}]}}\n"                    \
    "outputs: {ketamine: {amount: central, volume: V}}\n"

enum { PATIENTS = 40 };

static void run(struct simulation *s, const char *regimen, const char *variability, const char *method,
                int threads)
{
    static const char path[] = BINARY_DIR "/test_occasions_model.yaml";
    char text[1024];
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(HEAD, file);
    fclose(file);
    snprintf(text, sizeof(text),
             "{title: t, model: %s, seed: 11, patients: {count: %d, variability: %s},\n"
             "arms: [{name: a, regimen: [%s]}], observe: {to: 36 h, every: 1 h}}\n",
             path, PATIENTS, variability, regimen);
    simulate(s, text, method, threads);
    assert_int_equal(s->report.failed, 0);
    remove(path);
}

/* The patient's V, k and D on an occasion. */
struct drawn {
    double volume, k, duration;
};

static struct drawn draw(const struct simulation *s, int patient, int occasion)
{
    const struct model *m = &s->study.models[0];
    double etas[MODEL_PARAMETERS_MAX];
    double kappas[MODEL_PARAMETERS_MAX];
    individual_draw_effects(m, s->study.seed, (uint64_t)patient, etas);
    individual_draw_occasion(m, s->study.seed, (uint64_t)patient, occasion, kappas);
    return (struct drawn){10 * exp(kappas[0]), 0.2 * exp(etas[0]) * exp(kappas[1]), 2 * exp(kappas[2])};
}

#define THREE_BOLUSES "{route: iv, dose: 10 mg, every: 12 h, times: 3}"

/* Boluses at 0, 12 and 24 h: what is left of the earlier ones goes on with the rate of the present occasion. */
static void test_boluses(void **state)
{
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        double relative = integrators[m].only_linear ? 1e-12 : 1e-6;
        struct simulation s;
        run(&s, THREE_BOLUSES, "true", integrators[m].name, 1);
        for (int patient = 0; patient < PATIENTS; patient++) {
            const double *levels = simulation_levels(&s, 0, patient, 0);
            double amount = 0;
            for (int occasion = 0; occasion < 3; occasion++) {
                struct drawn p = draw(&s, patient, occasion);
                amount += 10;
                for (int h = 1; h <= 12; h++) {
                    double level = 1000 * amount * exp(-p.k * h) / p.volume;
                    assert_close(levels[12 * occasion + h], level, relative, 1e-7);
                }
                amount *= exp(-12 * p.k);
            }
        }
        simulation_clear(&s);
    }
}

/* Oral doses enter over a duration of their own occasion: patients whose timetables differ share a batch. */
static void test_durations(void **state)
{
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        double relative = integrators[m].only_linear ? 1e-12 : 1e-6;
        struct simulation s;
        run(&s, "{route: oral, dose: 10 mg}", "true", integrators[m].name, 2);
        assert_int_equal(s.report.batches, 1);
        for (int patient = 0; patient < PATIENTS; patient++) {
            struct drawn p = draw(&s, patient, 0);
            for (int i = 1; i < s.study.time_count; i++) {
                double t = s.study.times[i];
                double running = t < p.duration ? t : p.duration;
                double amount = 10 / p.duration / p.k * -expm1(-p.k * running) * exp(-p.k * (t - running));
                assert_close(simulation_levels(&s, 0, patient, 0)[i], 1000 * amount / p.volume, relative,
                             1e-7);
            }
        }
        simulation_clear(&s);
    }
}

/* A further dose changes no earlier occasion, threads change nothing, and without variability there are no occasions. */
static void test_independence(void **state)
{
    struct simulation three;
    struct simulation two;
    struct simulation typical;
    (void)state;
    run(&three, THREE_BOLUSES, "true", "exact", 1);
    run(&two, "{route: iv, dose: 10 mg, every: 12 h, times: 2}", "true", "exact", 2);
    run(&typical, THREE_BOLUSES, "false", "exact", 1);
    for (int patient = 0; patient < PATIENTS; patient++) {
        assert_memory_equal(simulation_levels(&three, 0, patient, 0), simulation_levels(&two, 0, patient, 0),
                            25 * sizeof(double));
        assert_close(simulation_levels(&typical, 0, patient, 0)[5], 1000 * exp(-1.0), 1e-12, 0);
    }
    simulation_clear(&three);
    simulation_clear(&two);
    simulation_clear(&typical);
}

/* The effects of 20,000 occasions: mean 0 and variance ln(1 + cv^2), within four standard errors; no correlation from one
 * occasion to the next. */
static void test_moments(void **state)
{
    enum { DRAWS = 20000 };
    struct simulation s;
    double sum = 0;
    double squares = 0;
    double products = 0;
    double variance = log1p(0.4 * 0.4);
    (void)state;
    run(&s, THREE_BOLUSES, "true", "exact", 1);
    for (int i = 0; i < DRAWS; i++) {
        double now[MODEL_PARAMETERS_MAX];
        double next[MODEL_PARAMETERS_MAX];
        individual_draw_occasion(&s.study.models[0], 3, (uint64_t)i, 0, now);
        individual_draw_occasion(&s.study.models[0], 3, (uint64_t)i, 1, next);
        sum += now[1];
        squares += now[1] * now[1];
        products += now[1] * next[1];
    }
    assert_close(sum / DRAWS, 0, 0, 4 * sqrt(variance / DRAWS));
    assert_close(squares / DRAWS, variance, 4 * sqrt(2.0 / DRAWS), 0);
    assert_close(products / DRAWS, 0, 0, 4 * variance / sqrt(DRAWS));
    simulation_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boluses),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_independence),
        cmocka_unit_test(test_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
