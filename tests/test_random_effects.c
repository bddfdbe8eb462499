/* Random effects that are sampled, supplied by a table, or fixed: what each patient gets, and what becomes of the others. */
#include "people.h"
#include "spread.h"
#include "study_check.h"

#include "model/effects.h"

#include <sys/stat.h>
#include <unistd.h>

static const char folder[] = "test_random_effects_files";
static const char model_file[] = "test_random_effects_files/small.yaml";
static const char table_file[] = "test_random_effects_files/p.csv";
#define S "test_random_effects_files/s.yaml"

/* V and CL go together, Q with neither; D is shifted, and in min. */
static const char small[] =
    "model: small\ntitle: made up\ncitation: none\ndrug: racemate\nsampling: venous\n"
    "parameters:\n"
    "  V: {typical: 20, unit: L, variability: {lognormal: {sd: 0.3}}}\n"
    "  CL: {typical: 10, unit: L/h, variability: {lognormal: {sd: 0.5}}}\n"
    "  Q: {typical: 2, unit: L/h, variability: {lognormal: {sd: 0.2}}}\n"
    "  D: {typical: 30, unit: min, variability: {normal: {sd: 3}}}\n"
    "  F: {typical: 0.4, variability: {logit: {sd: 0.1}}}\n"
    "correlations: [{between: [V, CL], correlation: 0.6}, {between: [D, CL], correlation: -0.3}]\n"
    "compartments: [central, deep]\n"
    "flows: [{from: central, rate: CL/V}, {from: central, to: deep, rate: Q/V}, {from: deep, to: central, "
    "rate: "
    "Q/50}]\n"
    "routes: {iv: {inputs: [{to: central, fraction: F, over: D}]}}\n"
    "outputs: {ketamine: {amount: central, volume: V}}\n";

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (mkdir(folder, 0700) && access(folder, W_OK)) {
        return -1;
    }
    write_file(model_file, small);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove(model_file);
    remove(table_file);
    return rmdir(folder);
}

#define STUDY(patients)                                                                                      \
    "seed: 7\nmodel: ./small.yaml\npatients: " patients                                                      \
    "\narms: [{name: a, regimen: [{route: iv, dose: 10 mg}]}]\n"                                             \
    "observe: {to: 12 h, every: 1 h}\nsolver: {method: exact}\n"

/* What is supplied is used, in the unit of the file: min where the effect adds minutes. */
static void test_supplied(void **state)
{
    struct people p;
    (void)state;
    write_file(table_file, "ID,eta_CL,eta_D\n3,0.25,-6\n1,-0.5,0\n");
    people_of(&p, S, STUDY("{from: p.csv}"), 1);
    assert_close(people_parameter(&p, 0, 0, "CL"), 10 * exp(0.25), 1e-15, 0);
    assert_close(people_parameter(&p, 0, 0, "D"), 0.4, 1e-15, 0);
    assert_close(people_parameter(&p, 0, 1, "CL"), 10 * exp(-0.5), 1e-15, 0);
    assert_true(people_parameter(&p, 0, 1, "D") == 0.5);
    assert_true(people_eta(&p, 0, 0, "Q") != 0 && people_eta(&p, 0, 0, "Q") != people_eta(&p, 0, 1, "Q"));
    static const enum effect_origin origins[] = {EFFECT_SAMPLED, EFFECT_SUPPLIED, EFFECT_SAMPLED,
                                                 EFFECT_SUPPLIED, EFFECT_SAMPLED};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(effect_origin(&p.study, 0, i), origins[i]);
    }
    people_clear(&p);

    /* Without variability the others are typical, and what is supplied is supplied still. */
    people_of(&p, S, STUDY("{from: p.csv, variability: false}"), 1);
    assert_close(people_parameter(&p, 0, 0, "CL"), 10 * exp(0.25), 1e-15, 0);
    assert_true(people_parameter(&p, 0, 0, "V") == 20 && people_parameter(&p, 0, 0, "F") == 0.4);
    assert_int_equal(effect_origin(&p.study, 0, 0), EFFECT_FIXED);
    assert_int_equal(effect_origin(&p.study, 0, 1), EFFECT_SUPPLIED);
    people_clear(&p);
}

/* Who is supplied with what would have been drawn is the same patient, to the last bit of every level. */
static void test_supplied_as_drawn(void **state)
{
    enum { PATIENTS = 20 };
    struct people drawn;
    struct people supplied;
    char table[4096] = "eta_V,eta_CL\n";
    (void)state;
    people_of(&drawn, S, STUDY("{count: 20}"), 1);
    for (int i = 0; i < PATIENTS; i++) {
        const size_t used = strlen(table);
        snprintf(table + used, sizeof(table) - used, "%.17g,%.17g\n", people_eta(&drawn, 0, i, "V"),
                 people_eta(&drawn, 0, i, "CL"));
    }
    write_file(table_file, table);
    people_of(&supplied, S, STUDY("{from: p.csv}"), 1);
    for (int i = 0; i < PATIENTS; i++) {
        assert_true(same_person(people_at(&drawn, 0, i), people_at(&supplied, 0, i)));
        assert_memory_equal(people_levels(&drawn, 0, i), people_levels(&supplied, 0, i),
                            people_levels_size(&drawn) * sizeof(double));
    }
    people_clear(&drawn);
    people_clear(&supplied);
}

static double standard_normal(double z, const void *of)
{
    (void)of;
    return 0.5 * erfc(-z / sqrt(2));
}

/* With eta_CL = 0.4 known, eta_V has the mean 0.6 * 0.3 / 0.5 * 0.4 and the variance 0.09 (1 - 0.36), eta_D the mean -0.3 * 3 min
 * / 0.5 * 0.4 and the variance 9 min^2 (1 - 0.09), and their correlation is (0 + 0.6 * 0.3) / sqrt(0.64 * 0.91). Within five
 * standard errors, and by Kolmogorov and Smirnov once in 100,000. What does not go with CL stays as it was, to the bit. */
static void test_conditional(void **state)
{
    enum { PATIENTS = 20000 };
    static const double sigmas = 5;
    static double v[PATIENTS];
    static double d[PATIENTS];
    struct people known;
    struct people drawn;
    double product = 0;
    (void)state;
    write_file(table_file, "eta_CL\n0.4\n");
    people_of(&known, S, STUDY("{from: p.csv, resample: true, count: 20000}"), 2);
    people_of(&drawn, S, STUDY("{count: 20000}"), 2);
    for (int i = 0; i < PATIENTS; i++) {
        assert_true(people_eta(&known, 0, i, "CL") == 0.4);
        v[i] = (people_eta(&known, 0, i, "V") - 0.6 * 0.3 / 0.5 * 0.4) / (0.3 * sqrt(1 - 0.36));
        d[i] = (people_eta(&known, 0, i, "D") - -0.3 * 0.05 / 0.5 * 0.4) / (0.05 * sqrt(1 - 0.09));
        product += v[i] * d[i] / PATIENTS;
        assert_true(people_eta(&known, 0, i, "Q") == people_eta(&drawn, 0, i, "Q"));
        assert_true(people_eta(&known, 0, i, "F") == people_eta(&drawn, 0, i, "F"));
    }
    const double rho = 0.6 * 0.3 / sqrt(0.64 * 0.91);
    assert_close(product, rho, 0, sigmas * sqrt((1 + rho * rho) / PATIENTS));
    assert_true(ks_distance(v, PATIENTS, standard_normal, NULL) < ks_limit);
    assert_true(ks_distance(d, PATIENTS, standard_normal, NULL) < ks_limit);
    people_clear(&known);
    people_clear(&drawn);
}

/* What is fixed is the same in all patients, 0 the typical value to the bit, and changes no other effect. */
static void test_fixed(void **state)
{
    struct people fixed;
    struct people drawn;
    (void)state;
    people_of(&fixed, S, STUDY("{count: 200, random_effects: {CL: 0, D: 90 s, F: -0.2}}"), 1);
    people_of(&drawn, S, STUDY("{count: 200}"), 1);
    for (int i = 0; i < 200; i++) {
        assert_true(people_parameter(&fixed, 0, i, "CL") == 10);
        assert_close(people_parameter(&fixed, 0, i, "D"), 0.525, 1e-15, 0);
        assert_close(people_parameter(&fixed, 0, i, "F"), 1 / (1 + 1.5 * exp(0.2)), 1e-15, 0);
        assert_true(people_parameter(&fixed, 0, i, "V") == people_parameter(&drawn, 0, i, "V"));
        assert_true(people_parameter(&fixed, 0, i, "Q") == people_parameter(&drawn, 0, i, "Q"));
    }
    assert_int_equal(effect_origin(&fixed.study, 0, model_parameter(&fixed.study.models[0], "CL")),
                     EFFECT_FIXED);
    assert_int_equal(effect_origin(&fixed.study, 0, model_parameter(&fixed.study.models[0], "V")),
                     EFFECT_SAMPLED);
    people_clear(&fixed);
    people_clear(&drawn);
}

static void test_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        "seed: 1\nmodel: otto-2021\npatients: {count: 3, random_effects: {Cl: 0, Q1: 0}}\n" ARM
        "{route: iv, dose: 5 mg}" OBSERVE,
        "s.yaml:3:39: error: \"Cl\" is no parameter that varies between patients (V1, CL, V_NK, CL_NK); "
        "did you mean CL?\n"
        "s.yaml:3:46: error: \"Q1\" is no parameter that varies between patients (V1, CL, V_NK, "
        "CL_NK)");
    expect_mistakes(
        "seed: 1\nmodel: otto-2021\npatients: {count: 3, random_effects: {CL: 5 L/h}}\n" ARM
        "{route: iv, dose: 5 mg}" OBSERVE,
        "s.yaml:3:43: error: \"5 L/h\" is a volume per time; a plain number is expected here, for "
        "example 5");
    expect_mistakes(
        "seed: 1\nmodel: otto-2021\npatients: {count: 3, random_effects: {CL: 0}}\nsweep: {design: grid, CL: "
        "[90 L/h]}\n" ARM "{route: iv, dose: 5 mg}" OBSERVE,
        "s.yaml:4:23: error: patients.random_effects gives the random effect of CL, and the sweep sets CL in "
        "all patients; leave one out");
}

/* Two models that both have the effect give it scales of their own. */
static void test_several_models(void **state)
{
    static const char text[] =
        "seed: 1\nmodels: [otto-2021, herd-2007]\npatients: {count: 3, random_effects: {CL: "
        "0.1, V1: 0}, covariates: {age: 30 years}}\nracemate: halve\napplicability: ignore\n" ARM
        "{route: iv, dose: 0.5 mg/kg, drug: racemate}" OBSERVE;
    struct reading r;
    (void)state;
    reading_of(&r, text);
    assert_told(&r.d, "s.yaml:3:43: error: CL varies in several models of the study, each in its own way; it "
                      "can be fixed at "
                      "0 only");
    reading_clear(&r);
}

static void check_table(const char *text, const char *messages, int line)
{
    struct diagnostics d;
    struct study study;
    diagnostics_init(&d);
    write_file(table_file, "ID,eta_CL\n1,0\n");
    assert_int_equal(study_parse(&study, S, text, strlen(text), NULL, 0, &d), -1);
    check_messages(&d, messages, line);
    study_clear(&study);
    diagnostics_clear(&d);
}

static void test_table_mistakes(void **state)
{
    (void)state;
    check_table(STUDY("{from: p.csv, random_effects: {CL: 0}}"),
                S ":3:46: error: the table of patients gives eta_CL, too; leave one out", __LINE__);
    check_table(
        STUDY("{from: p.csv}\nsweep: {design: grid, CL: [5 L/h]}"),
        S ":4:23: error: the table of patients gives the random effect of CL, and the sweep sets CL in all "
          "patients; leave one out",
        __LINE__);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_supplied),       cmocka_unit_test(test_supplied_as_drawn),
        cmocka_unit_test(test_conditional),    cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_mistakes),       cmocka_unit_test(test_several_models),
        cmocka_unit_test(test_table_mistakes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
