/* Whole studies in memory: methods against each other, threads, neighbors, patients who fail. */
#include "check.h"

#include "simulate.h"

#define NASAL                                                                                                \
    "{title: t, model: perez-ruixo-2021, seed: 7, patients: {count: %d, covariates: {\n"                     \
    "  age: {normal: {mean: 45 years, sd: 13 years, min: 18 years, max: 86 years}},\n"                       \
    "  asian: {probability: 0.3}, japanese: {probability: 0.6}}},\n"                                         \
    "arms: [{name: low, regimen: [{route: intranasal, dose: 28 mg}]},\n"                                     \
    "       {name: high, regimen: [{route: intranasal, dose: 84 mg}]},\n"                                    \
    "       {name: mixed, regimen: [{route: iv, dose: 28 mg, over: 40 min, at: 1 h}, {route: oral, dose: "   \
    "84 mg}]}],\n"                                                                                           \
    "observe: {to: 24 h, every: 5 min}}\n"

#define INFUSIONS                                                                                            \
    "{title: t, seed: 3, racemate: halve,\n"                                                                 \
    "patients: {count: 40, covariates: {weight: {normal: {mean: 75 kg, sd: 15 kg, min: 45 kg, max: 130 "     \
    "kg}}}},\n"                                                                                              \
    "arms: [{name: d, model: domino-1982, regimen: [{route: iv, dose: 0.5 mg/kg, over: 40 min, on_days: "    \
    "[0, 2, 4]}]},\n"                                                                                        \
    "       {name: o, model: otto-2021, regimen: [{route: iv, drug: racemate, dose: 0.5 mg/kg, over: 40 "    \
    "min, on_days: [0, 2, 4]}]},\n"                                                                          \
    "       {name: b, model: domino-1982, regimen: [{route: iv, dose: 35 mg, at: 30 min}]}],\n"              \
    "observe: {to: 120 h, every: 10 min}}\n"

static void compare_methods(const char *text, double bound)
{
    struct simulation cvode;
    struct simulation exact;
    double worst = 0;
    simulate(&cvode, text, "cvode", 2);
    simulate(&exact, text, "exact", 2);
    assert_int_equal(cvode.report.failed, 0);
    assert_int_equal(exact.report.failed, 0);
    size_t numbers = (size_t)cvode.study.arm_count * (size_t)cvode.study.patient_count *
                     (size_t)cvode.study.analyte_count * (size_t)cvode.study.time_count;
    for (size_t i = 0; i < numbers; i++) {
        double level = exact.levels[i];
        assert_int_equal(isnan(level), isnan(cvode.levels[i]));
        if (level > 1e-3) {
            worst = fmax(worst, fabs(cvode.levels[i] - level) / level);
        }
    }
    print_message("CVODE against the exact propagator: worst relative difference %.2g above 1e-3 ng/mL\n",
                  worst);
    assert_true(worst > 0);
    assert_true(worst < bound);
    simulation_clear(&cvode);
    simulation_clear(&exact);
}

static void test_methods_agree(void **state)
{
    char text[2048];
    (void)state;
    snprintf(text, sizeof(text), NASAL, 100);
    compare_methods(text, 1e-7);
    compare_methods(INFUSIONS, 4e-6); /* the fast phase of domino-1982 decays over many steps */
}

static void test_methods_agree_for_the_typical_patient(void **state)
{
    (void)state;
    compare_methods("{title: t, model: perez-ruixo-2021, seed: 1, patients: {count: 1, variability: false},\n"
                    "arms: [{name: a, regimen: [{route: intranasal, dose: 28 mg}]},\n"
                    "       {name: b, regimen: [{route: intranasal, dose: 56 mg}]},\n"
                    "       {name: c, regimen: [{route: intranasal, dose: 84 mg}]}],\n"
                    "observe: {to: 48 h, every: 10 s}}\n",
                    1e-6);
}

/* The bytes do not depend on the number of threads. */
static void test_threads(void **state)
{
    char text[2048];
    struct simulation one;
    (void)state;
    snprintf(text, sizeof(text), NASAL, 150);
    simulate(&one, text, "cvode", 1);
    size_t bytes = (size_t)one.study.arm_count * (size_t)one.study.patient_count *
                   (size_t)one.study.analyte_count * (size_t)one.study.time_count * sizeof(double);
    for (int threads = 2; threads <= 7; threads += 5) {
        struct simulation many;
        simulate(&many, text, "cvode", threads);
        assert_memory_equal(one.levels, many.levels, bytes);
        assert_int_equal(one.report.steps, many.report.steps);
        simulation_clear(&many);
    }
    simulation_clear(&one);
}

/* More patients or fewer arms change nobody's exact levels, to the bit. */
static void test_neighbors(void **state)
{
    char text[2048];
    struct simulation few;
    struct simulation many;
    (void)state;
    snprintf(text, sizeof(text), NASAL, 10);
    simulate(&few, text, "exact", 1);
    snprintf(text, sizeof(text), NASAL, 77);
    simulate(&many, text, "exact", 2);
    for (int arm = 0; arm < 3; arm++) {
        for (int patient = 0; patient < 10; patient++) {
            for (int analyte = 0; analyte < 2; analyte++) {
                assert_memory_equal(simulation_levels(&few, arm, patient, analyte),
                                    simulation_levels(&many, arm, patient, analyte),
                                    (size_t)few.study.time_count * sizeof(double));
            }
        }
    }
    simulation_clear(&few);
    simulation_clear(&many);
}

/* A patient whose elimination is beyond reason must not spoil the others of the batch. */
#define FRAGILE                                                                                              \
    "{title: t, model: %s, seed: 1, patients: {count: 1, variability: false},\n"                             \
    "arms: [{name: a, regimen: [{route: iv, dose: 10 mg}]}], sweep: {design: grid, weight: [%s]},\n"         \
    "observe: {at: [0 h, 1 h, 2 h]}}\n"

static const char fragile_model[] =
    "model: fragile\n"
    "title: One compartment that breaks at 66 and 77 kg\n"
    "citation: none\n"
    "drug: racemate\n"
    "sampling: venous\n"
    "covariates: {weight: {unit: kg, default: 70 kg}}\n"
    "parameters:\n"
    "  V: {typical: 10, unit: L}\n"
    "  k: {typical: \"weight == 66 ? 1e308 : weight == 77 ? ln(-1) : weight/700\", unit: 1/h}\n"
    "compartments: [central]\n"
    "flows: [{from: central, rate: k}]\n"
    "routes: {iv: {inputs: [{to: central}]}}\n"
    "outputs: {ketamine: {amount: central, volume: V}}\n";

static void test_failing_patients(void **state)
{
    static const char path[] = BINARY_DIR "/fragile.yaml";
    char text[2048];
    struct simulation sick;
    struct simulation healthy;
    FILE *file = fopen(path, "w");
    (void)state;
    assert_non_null(file);
    fputs(fragile_model, file);
    fclose(file);
    snprintf(text, sizeof(text), FRAGILE, path, "50 kg, 66 kg, 70 kg, 77 kg, 90 kg");
    simulate(&sick, text, "cvode", 1);
    snprintf(text, sizeof(text), FRAGILE, path, "50 kg, 65 kg, 70 kg, 75 kg, 90 kg");
    simulate(&healthy, text, "cvode", 1);
    assert_int_equal(healthy.report.failed, 0);
    for (int arm = 0; arm < 5; arm++) {
        bool broken = arm == 1 || arm == 3;
        const double *levels = simulation_levels(&sick, arm, 0, 0);
        for (int t = 0; t < 3; t++) {
            if (broken && sick.status[arm] != PATIENT_SIMULATED) {
                assert_true(isnan(levels[t]));
            } else if (!broken) {
                assert_close(levels[t], simulation_levels(&healthy, arm, 0, 0)[t], 1e-6, 1e-9);
            }
        }
        assert_int_equal(sick.status[arm] == PATIENT_SIMULATED, !broken);
    }
    assert_int_equal(sick.status[3], PATIENT_PARAMETERS);
    assert_int_equal(sick.report.failed, 2);
    assert_int_equal(sick.report.failure_count, 2);
    assert_int_equal(sick.report.failures[0].arm, 1);
    assert_non_null(strstr(sick.report.failures[1].why.text, "k ="));
    print_message("a rate of 1e308/h: %s\n", sick.report.failures[0].why.text);
    simulation_clear(&sick);
    simulation_clear(&healthy);
    remove(path);
}

/* A limit on steps ends the run of each patient with the limit named. */
static void test_step_limit(void **state)
{
    struct simulation s;
    (void)state;
    simulate(&s,
             "{title: t, model: otto-2021, seed: 1, patients: {count: 2},\n"
             "arms: [{name: a, regimen: [{route: iv, dose: 10 mg}]}], solver: {max_steps: 3},\n"
             "observe: {to: 2 h, every: 1 h}}\n",
             NULL, 1);
    assert_int_equal(s.report.failed, 2);
    assert_int_equal(s.status[0], PATIENT_STEPS);
    assert_non_null(strstr(s.report.failures[0].why.text, "3 steps did not suffice; raise solver.max_steps"));
    simulation_clear(&s);
}

/* Japanese patients whose nasal fraction was drawn above 1 are counted, and none takes up more than the dose. */
static void test_clamped_patients_are_counted(void **state)
{
    struct simulation s;
    int64_t clamped = 0;
    (void)state;
    simulate(&s,
             "{title: t, model: perez-ruixo-2021, seed: 1,\n"
             "patients: {count: 2000, covariates: {asian: 1, japanese: 1}},\n"
             "arms: [{name: a, regimen: [{route: intranasal, dose: 28 mg}]}], observe: {at: [1 h]}}\n",
             "exact", 2);
    for (int i = 0; i < 2000; i++) {
        clamped += s.clamped[i];
    }
    assert_int_equal(s.report.clamped, clamped);
    /* P(FRn > 1/1.34) = 9.7 %: 194 expected, sd 13; four of them either way. */
    assert_in_range(clamped, 194 - 53, 194 + 53);
    simulation_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_methods_agree),
        cmocka_unit_test(test_methods_agree_for_the_typical_patient),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_neighbors),
        cmocka_unit_test(test_failing_patients),
        cmocka_unit_test(test_step_limit),
        cmocka_unit_test(test_clamped_patients_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
