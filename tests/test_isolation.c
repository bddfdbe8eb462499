/* One patient among a thousand who cannot be simulated: the others of the batch stay within the tolerance of what they are beside
 * healthy neighbors, and all other batches are the same to the bit. */
#include "check.h"

#include "simulate.h"

#include "model/patients.h"

enum { PATIENTS = 1000 };

/* Everybody above the limit is sick. */
static const char model_text[] = "model: isolation\n"
                                 "title: One compartment and another\n"
                                 "citation: none\n"
                                 "drug: racemate\n"
                                 "sampling: venous\n"
                                 "covariates: {weight: {unit: kg, default: 70 kg}}\n"
                                 "parameters:\n"
                                 "  V: {typical: 10, unit: L, variability: {lognormal: {cv: 20 %%}}}\n"
                                 "  k: {typical: \"%s\", unit: 1/h}\n"
                                 "  F: {typical: \"%s\"}\n"
                                 "compartments: [central, peripheral]\n"
                                 "flows:\n"
                                 "  - {from: central, rate: k}\n"
                                 "  - {from: central, to: peripheral, rate: 2*k}\n"
                                 "  - {from: peripheral, to: central, rate: k/2}\n"
                                 "routes: {iv: {inputs: [{to: central, fraction: F}]}}\n"
                                 "outputs: {ketamine: {amount: central, volume: V}}\n";

#define STUDY                                                                                                \
    "{title: t, model: %s, seed: 1, patients: {count: 1000, covariates: {weight: {uniform: {min: 50 kg, "    \
    "max: 90 kg}}}},\n"                                                                                      \
    "arms: [{name: a, regimen: [{route: iv, dose: 10 mg, at: 1 h}]}],\n"                                     \
    "solver: {max_steps: %d}, observe: {at: [0 h, 1 h, 2 h, 8 h]}}\n"

struct cause {
    const char *name;
    const char *rate, *fraction; /* of the sick patient */
    const char *healthy;         /* the rate of all others */
    int max_steps;
    enum patient_status by_steps, exactly; /* what is told */
};

static const struct cause causes[] = {
    {"a rate of 1e300", "1e300", "1", "weight/700", 100000, PATIENT_PARAMETERS, PATIENT_PARAMETERS},
    {"a rate just possible", "5e7", "1", "weight/700", 100000, PATIENT_SIMULATED, PATIENT_SIMULATED},
    {"a rate that is no number", "ln(-1)", "1", "weight/700", 100000, PATIENT_PARAMETERS, PATIENT_PARAMETERS},
    {"an infinite rate", "1/0", "1", "weight/700", 100000, PATIENT_PARAMETERS, PATIENT_PARAMETERS},
    {"a dose beyond all numbers", "0.1", "1e306", "weight/700", 100000, PATIENT_SOLVER, PATIENT_NOT_FINITE},
    {"a limit of 3 steps", "0.1", "1", "0", 3, PATIENT_STEPS, PATIENT_SIMULATED},
};

static void write_model(const char *path, const char *rate, const char *fraction)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, model_text, rate, fraction);
    fclose(file);
}

/* Simulates the study in which everybody heavier than `limit` is sick of the cause. */
static void simulate_sick(struct simulation *s, const struct cause *cause, double limit, const char *method)
{
    static const char path[] = BINARY_DIR "/isolation.yaml";
    char rate[128];
    char fraction[128];
    char text[1024];
    snprintf(rate, sizeof(rate), "weight >= %.17g ? %s : %s", limit, cause->rate, cause->healthy);
    snprintf(fraction, sizeof(fraction), "weight >= %.17g ? %s : 1", limit, cause->fraction);
    write_model(path, rate, fraction);
    snprintf(text, sizeof(text), STUDY, path, cause->max_steps);
    simulate(s, text, method, 2);
    remove(path);
}

/* The heaviest patient, who is the sick one, and the weight. */
static int heaviest(const struct study *study, double *weight)
{
    int patient = 0;
    *weight = 0;
    for (int p = 0; p < PATIENTS; p++) {
        double covariates[1];
        patient_covariates_in_arm(study, &study->arms[0], p, covariates);
        if (covariates[0] > *weight) {
            *weight = covariates[0];
            patient = p;
        }
    }
    return patient;
}

static void check_cause(const struct cause *cause, const char *method)
{
    const bool exact = strcmp(method, "exact") == 0;
    const enum patient_status told = exact ? cause->exactly : cause->by_steps;
    struct simulation healthy;
    struct simulation sick;
    double weight;
    int moved = 0;
    simulate_sick(&healthy, cause, 1000, method);
    assert_int_equal(healthy.report.failed, 0);
    const int patient = heaviest(&healthy.study, &weight);
    simulate_sick(&sick, cause, weight, method);
    assert_int_equal(sick.status[patient], told);
    assert_int_equal(sick.report.failed, told != PATIENT_SIMULATED);
    for (int p = 0; p < PATIENTS; p++) {
        const double *levels = simulation_levels(&sick, 0, p, 0);
        const double *expected = simulation_levels(&healthy, 0, p, 0);
        const bool neighbor = p / 64 == patient / 64;
        for (int t = 0; t < 4; t++) {
            if (p == patient) {
                assert_int_equal(isnan(levels[t]), told != PATIENT_SIMULATED);
            } else if (neighbor && !exact) {
                assert_close(levels[t], expected[t], 1e-6, 1e-9);
                moved += levels[t] != expected[t];
            } else {
                assert_memory_equal(&levels[t], &expected[t], sizeof(double));
            }
        }
    }
    if (told != PATIENT_SIMULATED) {
        assert_int_equal(sick.report.failures[0].patient, patient);
        assert_int_equal(sick.report.failures[0].status, told);
        assert_true(sick.report.failures[0].why.time >= 0 && sick.report.failures[0].why.time <= 8);
        assert_true(strlen(sick.report.failures[0].why.text) > 10);
        print_message("%s, %s: %s (at %g h; %d levels of neighbors moved)\n", cause->name, method,
                      sick.report.failures[0].why.text, sick.report.failures[0].why.time, moved);
    }
    simulation_clear(&healthy);
    simulation_clear(&sick);
}

static void test_one_among_a_thousand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        check_cause(&causes[i], "cvode");
        check_cause(&causes[i], "exact");
    }
}

#define TABLE_STUDY                                                                                          \
    "{title: t, model: %s, seed: 1, patients: {from: %s},\n"                                                 \
    "arms: [{name: a, regimen: [{route: iv, dose: 10 mg, at: 1 h}]}],\n"                                     \
    "observe: {at: [0 h, 1 h, 2 h, 8 h]}}\n"

/* Reads a thousand patients from a table; the weight of one becomes what no table, distribution or event can say. */
static void simulate_covariate(struct simulation *s, int patient, double weight, const char *method)
{
    static const char model[] = BINARY_DIR "/isolation.yaml";
    static const char table[] = BINARY_DIR "/isolation.csv";
    char text[1024];
    FILE *file = fopen(table, "w");
    assert_non_null(file);
    fprintf(file, "weight\n");
    for (int p = 0; p < PATIENTS; p++) {
        fprintf(file, "%.2f\n", 50 + 0.04 * p);
    }
    fclose(file);
    write_model(model, "weight/700", "1");
    snprintf(text, sizeof(text), TABLE_STUDY, model, table);
    simulate_read(s, text, method);
    if (patient >= 0) {
        s->study.table->values[patient] = weight;
    }
    simulate_run(s, 2);
    remove(table);
    remove(model);
}

static void test_covariate_no_number(void **state)
{
    static const double weights[] = {NAN, INFINITY, -INFINITY};
    enum { SICK = 500 };
    (void)state;
    for (int i = 0; i < 6; i++) {
        const char *method = i % 2 ? "exact" : "cvode";
        struct simulation healthy;
        struct simulation sick;
        simulate_covariate(&healthy, -1, 0, method);
        simulate_covariate(&sick, SICK, weights[i / 2], method);
        assert_int_equal(healthy.report.failed, 0);
        assert_int_equal(sick.report.failed, 1);
        assert_int_equal(sick.status[SICK], PATIENT_PARAMETERS);
        assert_non_null(strstr(sick.report.failures[0].why.text, "weight = "));
        for (int p = 0; p < PATIENTS; p++) {
            for (int t = 0; t < 4; t++) {
                const double level = simulation_levels(&sick, 0, p, 0)[t];
                const double expected = simulation_levels(&healthy, 0, p, 0)[t];
                if (p == SICK) {
                    assert_true(isnan(level));
                } else if (p / 64 == SICK / 64 && i % 2 == 0) {
                    assert_close(level, expected, 1e-6, 1e-9);
                } else {
                    assert_memory_equal(&level, &expected, sizeof(level));
                }
            }
        }
        simulation_clear(&healthy);
        simulation_clear(&sick);
    }
}

/* A batch in which everybody fails is given up soon, and everybody is told. */
static void test_all_fail(void **state)
{
    static const struct cause everybody = {"",     "0.1",          "1e306",           "0.1",
                                           100000, PATIENT_SOLVER, PATIENT_NOT_FINITE};
    struct simulation s;
    (void)state;
    simulate_sick(&s, &everybody, 0, "cvode");
    print_message("1,000 hopeless patients: %lld steps\n", (long long)s.report.steps);
    assert_true(s.report.steps < 100 * PATIENTS);
    assert_int_equal(s.report.failed, PATIENTS);
    assert_int_equal(s.report.failure_count, SWEEP_FAILURES_KEPT);
    for (int i = 0; i < SWEEP_FAILURES_KEPT; i++) {
        assert_int_equal(s.report.failures[i].patient, i);
    }
    simulation_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_among_a_thousand),
        cmocka_unit_test(test_covariate_no_number),
        cmocka_unit_test(test_all_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
