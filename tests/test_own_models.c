/* A user's own model files, as a study finds them beside itself. */
#include "check.h"

#include "simulate.h"

#define STUDY                                                                                                \
    "{title: t, model: " BINARY_DIR "/%s, seed: 1, patients: {count: 1},\n"                                  \
    "arms: [{name: a, regimen: [{route: oral, dose: 100 mg}]}], observe: {to: 24 h, every: 30 min}}\n"

#define HEAD "model: mine\ntitle: My own\ncitation: none\ndrug: other\nsampling: venous\n"

static void write_model(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", BINARY_DIR, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* One compartment with absorption: 1000 F D ka / (V (ka - ke)) (exp(-ke t) - exp(-ka t)). */
static void test_one_compartment_oral(void **state)
{
    (void)state;
    write_model("own_oral.yaml",
                HEAD "parameters: {CL: {typical: 1.1, unit: L/h}, V: {typical: 20, unit: L}, ka: {typical: "
                     "25, unit: 1/day},\n"
                     "  F: {typical: 70, unit: \"%\"}}\n"
                     "compartments: [gut, central]\n"
                     "flows: [{from: gut, to: central, rate: ka}, {from: central, rate: CL/V}]\n"
                     "routes: {oral: {inputs: [{to: gut, fraction: F}]}}\n"
                     "outputs: {drug: {amount: central, volume: V}}\n");
    for (int m = 0; m < integrator_count; m++) {
        char text[1024];
        struct simulation s;
        double ka = 25.0 / 24;
        double ke = 1.1 / 20;
        snprintf(text, sizeof(text), STUDY, "own_oral.yaml");
        simulate(&s, text, integrators[m].name, 1);
        assert_string_equal(s.study.analytes[0], "drug");
        for (int i = 0; i < s.study.time_count; i++) {
            double t = s.study.times[i];
            double level = 1000 * 0.7 * 100 / 20 * ka / (ka - ke) * (exp(-ke * t) - exp(-ka * t));
            assert_close(simulation_levels(&s, 0, 0, 0)[i], level, integrators[m].only_linear ? 1e-12 : 1e-6,
                         1e-9);
        }
        simulation_clear(&s);
    }
}

/* Four compartments in a chain that leak from the last, all with rate k: the amount of the last is a gamma density,
 * D (k t)^3 / 6 exp(-k t). Equal rates are where closed forms with differences of rates break down. */
static void test_four_compartments(void **state)
{
    (void)state;
    write_model("own_chain.yaml",
                HEAD "parameters: {k: {typical: 0.8, unit: 1/h}, V: {typical: 5, unit: L}}\n"
                     "compartments: [a, b, c, d]\n"
                     "flows:\n  - {from: a, to: b, rate: k}\n  - {from: b, to: c, rate: k}\n  - {from: c, "
                     "to: d, rate: k}\n"
                     "  - {from: d, rate: k}\n"
                     "routes: {oral: {inputs: [{to: a}]}}\n"
                     "outputs: {drug: {amount: d, volume: V}}\n");
    for (int m = 0; m < integrator_count; m++) {
        char text[1024];
        struct simulation s;
        snprintf(text, sizeof(text), STUDY, "own_chain.yaml");
        simulate(&s, text, integrators[m].name, 1);
        for (int i = 0; i < s.study.time_count; i++) {
            double kt = 0.8 * s.study.times[i];
            assert_close(simulation_levels(&s, 0, 0, 0)[i], 1000 * 100 / 5.0 * kt * kt * kt / 6 * exp(-kt),
                         integrators[m].only_linear ? 1e-12 : 1e-6, 1e-6);
        }
        simulation_clear(&s);
    }
}

/* A misspelt compartment in a flow is told at its line and column of the model's file, and the study is not run. */
static void test_misspelt_flow(void **state)
{
    struct study study;
    struct diagnostics d;
    char text[1024];
    (void)state;
    write_model("own_wrong.yaml",
                HEAD "parameters: {k: {typical: 0.8, unit: 1/h}, V: {typical: 5, unit: L}}\n"
                     "compartments: [gut, central]\n"
                     "flows:\n"
                     "  - {from: gut, to: centrla, rate: k}\n"
                     "  - {from: central, rate: kk}\n"
                     "routes: {oral: {inputs: [{to: gut}]}}\n"
                     "outputs: {drug: {amount: central, volume: V}}\n");
    diagnostics_init(&d);
    snprintf(text, sizeof(text), STUDY, "own_wrong.yaml");
    assert_int_equal(study_parse(&study, "study", text, strlen(text), NULL, 0, &d), -1);
    assert_told(&d, "own_wrong.yaml:9:21: error: \"centrla\" is no compartment; did you mean central?");
    assert_told(&d, "own_wrong.yaml:10:27: error: unknown name \"kk\"");
    study_clear(&study);
    diagnostics_clear(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_compartment_oral),
        cmocka_unit_test(test_four_compartments),
        cmocka_unit_test(test_misspelt_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
