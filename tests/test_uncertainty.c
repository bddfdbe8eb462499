/* Parameter uncertainty: what replicates draw, against theory; and that they simulate the same patients with other estimates. */
#include "people.h"
#include "simulate.h"
#include "spread.h"
#include "study_check.h"

#include "model/cholesky.h"
#include "model/uncertainty.h"

#include <sys/stat.h>
#include <unistd.h>

static const char folder[] = "test_uncertainty_files";
static const char model_file[] = "test_uncertainty_files/small.yaml";
#define S "test_uncertainty_files/s.yaml"

/* `V`, `CL` and `F` are typical values. */
static void write_model(const char *path, double v, double cl, double f)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "model: small\ntitle: made up\ncitation: none\ndrug: racemate\nsampling: venous\n"
            "parameters:\n"
            "  V: {typical: %.17g, unit: L, variability: {lognormal: {sd: 0.3}}}\n"
            "  CL: {typical: %.17g, unit: L/h, variability: {lognormal: {sd: 0.5}}}\n"
            "  F: {typical: %.17g, variability: {logit: {sd: 0.1}}}\n"
            "  k: {typical: CL/V, unit: 1/h}\n"
            "correlations: [{between: [V, CL], correlation: 0.6}]\n"
            "compartments: [central]\nflows: [{from: central, rate: k}]\n"
            "routes: {iv: {inputs: [{to: central, fraction: F}]}}\n"
            "outputs: {ketamine: {amount: central, volume: V, residual: {proportional: {sd: 10 %%}}}}\n",
            v, cl, f);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (mkdir(folder, 0700) && access(folder, W_OK)) {
        return -1;
    }
    write_model(model_file, 20, 10, 0.4);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove(model_file);
    return rmdir(folder);
}

#define HEAD(patients)                                                                                       \
    "seed: 7\nmodel: ./small.yaml\npatients: {count: " patients "}\n"                                        \
    "arms: [{name: a, regimen: [{route: iv, dose: 10 mg}]}]\n"                                               \
    "observe: {to: 12 h, every: 1 h}\nsolver: {method: exact}\n"
#define UNCERTAIN(replicates, estimates)                                                                     \
    "uncertainty: {replicates: " replicates ", models: {small: {source: made up, " estimates "}}}\n"
#define ALL                                                                                                  \
    "typical: {V: {normal: {sd: 2 L}}, CL: {lognormal: {cv: 10 %}}, F: {logit: {sd: 0.2}}}, variability: "   \
    "{CL: {lognormal: {cv: 20 %}}}, correlations: {of: [V, CL], matrix: [[1, 0.5], [0.5, 1]]}"

/* --- what is drawn --- */

enum { DRAWS = 10000, ESTIMATES = 4 };

static double normal_cdf(double x, const void *sd)
{
    return 0.5 * erfc(-x / *(const double *)sd / sqrt(2));
}

/* Each estimate is off by a normal number with its own standard error (Kolmogorov and Smirnov, who reject a right one once in
 * 100,000), with the correlations that are stated, within five of their standard errors. */
static void test_draws(void **state)
{
    static const double sds[ESTIMATES] = {2, 0.0997513451195927, 0.2,
                                          0.198042200435365}; /* sqrt(log(1 + cv^2)) */
    static double values[ESTIMATES][DRAWS];
    static double sorted[DRAWS];
    struct reading r;
    (void)state;
    diagnostics_init(&r.d);
    r.status = study_parse(&r.study, S, HEAD("1") UNCERTAIN("10000", ALL),
                           strlen(HEAD("1") UNCERTAIN("10000", ALL)), NULL, 0, &r.d);
    assert_no_errors(&r.d);
    assert_int_equal(r.study.arm_count, DRAWS + 1);
    assert_int_equal(r.study.arms[0].deviation_count, 0);
    for (int i = 0; i < DRAWS; i++) {
        const struct arm *arm = &r.study.arms[i + 1];
        assert_int_equal(arm->replicate, i + 1);
        assert_int_equal(arm->deviation_count, ESTIMATES);
        for (int e = 0; e < ESTIMATES; e++) {
            values[e][i] = arm->deviations[e].value;
            assert_true(arm->deviations[e].of_variability == (e == 3));
        }
    }
    for (int a = 0; a < ESTIMATES; a++) {
        for (int b = 0; b < a; b++) {
            const double rho = a == 1 && b == 0 ? 0.5 : 0;
            double product = 0;
            for (int i = 0; i < DRAWS; i++) {
                product += values[a][i] / sds[a] * values[b][i] / sds[b] / DRAWS;
            }
            assert_close(product, rho, 0, 5 * sqrt((1 + rho * rho) / DRAWS));
        }
        memcpy(sorted, values[a], sizeof(sorted));
        assert_true(ks_distance(sorted, DRAWS, normal_cdf, &sds[a]) < ks_limit);
    }
    assert_string_equal(r.study.arms[0].label, "a");
    assert_string_equal(r.study.arms[17].label, "a, replicate 17");
    assert_string_equal(r.study.uncertainty[0].source, "made up");
    reading_clear(&r);
}

/* --- the same patients --- */

static double moved(const struct people *p, int arm, int estimate, double published)
{
    const struct deviation *d = &p->study.arms[arm].deviations[estimate];
    switch (d->scale) {
    case VARIABILITY_LOGNORMAL:
        return published * exp(d->value);
    case VARIABILITY_LOGIT:
        return 1 / (1 + (1 / published - 1) * exp(-d->value));
    default:
        return published + d->value;
    }
}

/* A replicate is to the last digits what a model file that prints its typical values gives, with effects as wide. Residual errors
 * are the same in all. */
static void test_replicates(void **state)
{
    enum { PATIENTS = 30, REPLICATES = 6 };
    static const char other_file[] = "test_uncertainty_files/other.yaml";
    struct people all;
    struct people plain;
    (void)state;
    people_of(&all, S, HEAD("30") UNCERTAIN("6", ALL), 2);
    people_of(&plain, S, HEAD("30"), 1);
    assert_int_equal(all.study.arm_count, REPLICATES + 1);
    for (int i = 0; i < PATIENTS; i++) { /* the model as published is there, too */
        assert_true(same_person(people_at(&all, 0, i), people_at(&plain, 0, i)));
        assert_memory_equal(people_levels(&all, 0, i), people_levels(&plain, 0, i),
                            people_levels_size(&plain) * sizeof(double));
    }
    people_clear(&plain);
    for (int arm = 1; arm <= REPLICATES; arm++) {
        const double factor = exp(all.study.arms[arm].deviations[3].value);
        write_model(other_file, moved(&all, arm, 0, 20), moved(&all, arm, 1, 10), moved(&all, arm, 2, 0.4));
        struct people other;
        people_of(&other, S,
                  "seed: 7\nmodel: ./other.yaml\npatients: {count: 30}\narms: [{name: a, regimen: [{route: "
                  "iv, dose: 10 "
                  "mg}]}]\nobserve: {to: 12 h, every: 1 h}\n",
                  1);
        for (int i = 0; i < PATIENTS; i++) {
            const double eta = people_eta(&other, 0, i, "CL");
            const double v = people_parameter(&other, 0, i, "V");
            const double cl = people_parameter(&other, 0, i, "CL") * exp(eta * (factor - 1));
            const double f = people_parameter(&other, 0, i, "F");
            assert_close(people_eta(&all, arm, i, "CL"), factor * eta, 1e-14, 0);
            assert_true(people_eta(&all, arm, i, "V") == people_eta(&other, 0, i, "V"));
            assert_close(people_parameter(&all, arm, i, "V"), v, 1e-14, 0);
            assert_close(people_parameter(&all, arm, i, "CL"), cl, 1e-14, 0);
            assert_close(people_parameter(&all, arm, i, "F"), f, 1e-14, 0);
            for (int t = 1; t < all.study.time_count; t++) {
                assert_close(people_levels(&all, arm, i)[t], 1000 * 10 * f / v * exp(-cl / v * t), 1e-11, 0);
            }
        }
        people_clear(&other);
    }
    remove(other_file);
    people_clear(&all);
}

/* What an assay is off by is the same in all replicates. */
static void test_residuals(void **state)
{
    struct simulation s;
    struct diagnostics d;
    char text[1024];
    (void)state;
    diagnostics_init(&d);
    snprintf(text, sizeof(text), "%s",
             HEAD("5") UNCERTAIN("3", ALL) "output: {store: [profiles, observations]}\n");
    char *model = strstr(text, "./small.yaml"); /* simulate knows no folder */
    memmove(model + strlen(model_file), model + strlen("./small.yaml"),
            strlen(model + strlen("./small.yaml")) + 1);
    memcpy(model, model_file, strlen(model_file));
    simulate(&s, text, NULL, 1);
    for (int i = 0; i < 5; i++) {
        for (int t = 1; t < s.study.time_count; t++) {
            const double off = simulation_observed(&s, 0, i, 0)[t] / simulation_levels(&s, 0, i, 0)[t];
            assert_true(off != 1);
            for (int arm = 1; arm < 4; arm++) {
                assert_close(simulation_observed(&s, arm, i, 0)[t] / simulation_levels(&s, arm, i, 0)[t], off,
                             1e-12, 0);
            }
        }
    }
    simulation_clear(&s);
    diagnostics_clear(&d);
}

/* A standard error of 0 is the model as published, to the bit. */
static void test_zero(void **state)
{
    struct people p;
    (void)state;
    people_of(&p, S,
              HEAD("10") UNCERTAIN(
                  "2", "typical: {V: {normal: {sd: 0 L}}, CL: {lognormal: {cv: 0 %}}, F: {logit: {sd: 0}}}, "
                       "variability: {CL: {lognormal: {cv: 0 %}}}"),
              1);
    for (int i = 0; i < 10; i++) {
        for (int arm = 1; arm < 3; arm++) {
            assert_true(same_person(people_at(&p, 0, i), people_at(&p, arm, i)));
            assert_memory_equal(people_levels(&p, 0, i), people_levels(&p, arm, i),
                                people_levels_size(&p) * sizeof(double));
        }
    }
    people_clear(&p);
}

/* What an arm of a name is in two studies. */
static int arm_named(const struct people *p, const char *label)
{
    for (int i = 0; i < p->study.arm_count; i++) {
        if (strcmp(p->study.arms[i].label, label) == 0) {
            return i;
        }
    }
    fail_msg("no arm %s", label);
    return -1;
}

static void check_unchanged(const struct people *before, const char *text, int threads)
{
    struct people after;
    people_of(&after, S, text, threads);
    for (int arm = 0; arm < before->study.arm_count; arm++) {
        const int other = arm_named(&after, before->study.arms[arm].label);
        for (int i = 0; i < before->study.patient_count; i++) {
            assert_true(same_person(people_at(before, arm, i), people_at(&after, other, i)));
            assert_memory_equal(people_levels(before, arm, i), people_levels(&after, other, i),
                                people_levels_size(before) * sizeof(double));
        }
    }
    people_clear(&after);
}

#define V_AND_F "V: {normal: {sd: 2 L}}, F: {logit: {sd: 0.2}}"

/* Draws go by seed, replicate, model and parameter, and by nothing else. */
static void test_independence(void **state)
{
    struct people p;
    (void)state;
    people_of(&p, S, HEAD("70") UNCERTAIN("3", "typical: {" V_AND_F "}"), 1);
    check_unchanged(&p, HEAD("70") UNCERTAIN("3", "typical: {" V_AND_F "}"), 2);
    check_unchanged(&p, HEAD("70") UNCERTAIN("3", "typical: {" V_AND_F "}"), 7);
    check_unchanged(&p, HEAD("71") UNCERTAIN("3", "typical: {" V_AND_F "}"), 1);
    check_unchanged(&p, HEAD("70") UNCERTAIN("5", "typical: {" V_AND_F "}"), 1);
    check_unchanged(&p, HEAD("70") UNCERTAIN("3", "typical: {F: {logit: {sd: 0.2}}, V: {normal: {sd: 2 L}}}"),
                    1);
    check_unchanged(
        &p,
        "seed: 7\nmodel: ./small.yaml\npatients: {count: 70}\narms: [{name: b, regimen: [{route: iv, dose: 1 "
        "mg}]}, {name: a, regimen: [{route: iv, dose: 10 mg}]}]\nobserve: {to: 12 h, every: 1 h}\nsolver: "
        "{method: exact}\n" UNCERTAIN("3", "typical: {" V_AND_F "}"),
        2);
    /* another estimate moves what follows from it, and no draw of another */
    struct people more;
    people_of(&more, S, HEAD("2") UNCERTAIN("3", "typical: {CL: {lognormal: {cv: 10 %}}, " V_AND_F "}"), 1);
    for (int arm = 1; arm <= 3; arm++) {
        assert_true(people_parameter(&more, arm, 1, "V") == people_parameter(&p, arm, 1, "V"));
        assert_true(people_parameter(&more, arm, 1, "F") == people_parameter(&p, arm, 1, "F"));
        assert_true(people_parameter(&more, arm, 1, "CL") != people_parameter(&p, arm, 1, "CL"));
    }
    people_clear(&more);
    people_clear(&p);
}

/* Points of a sweep and models: each point has the same replicates, and what two models estimate is two things. */
static void test_points_and_models(void **state)
{
    static const char text[] = "seed: 7\nmodels: [otto-2021, herd-2007]\npatients: {count: 2, variability: "
                               "false, covariates: {weight: 70 kg, age: 30 years}}\n"
                               "racemate: halve\napplicability: ignore\narms: [{name: a, regimen: [{route: "
                               "iv, dose: 10 mg, drug: racemate}]}]\n"
                               "sweep: {design: grid, dose: [5 mg, 10 mg]}\nobserve: {to: 4 h, every: 1 "
                               "h}\nsolver: {method: exact}\n"
                               "uncertainty: {replicates: 3, models: {otto-2021: {source: s, typical: {CL: "
                               "{lognormal: {sd: 0.1}}}},\n"
                               "  herd-2007: {source: s, typical: {CL: {lognormal: {sd: 0.1}}}}}}\n";
    struct people p;
    (void)state;
    people_of(&p, S, text, 2);
    assert_int_equal(p.study.arm_count, 2 * 2 * 4);
    assert_string_equal(p.study.arms[6].label, "a, otto-2021, dose 10 mg, replicate 2");
    for (int model = 0; model < 2; model++) {
        for (int k = 0; k < 4; k++) {
            const int arm = 8 * model + k;
            assert_int_equal(p.study.arms[arm].replicate, k);
            assert_true(people_parameter(&p, arm, 0, "CL") == people_parameter(&p, arm + 4, 1, "CL"));
            assert_true(p.study.arms[arm].doses[0].amount == 5 &&
                        p.study.arms[arm + 4].doses[0].amount == 10);
        }
    }
    for (int k = 1; k < 4; k++) {
        assert_true(p.study.arms[k].deviations[0].value != p.study.arms[8 + k].deviations[0].value);
    }
    people_clear(&p);
}

/* --- mistakes --- */

/* The uncertainty stands in line 7. */
#define OTTO_UNCERTAIN(text)                                                                                 \
    "seed: 1\nmodel: otto-2021\npatients: {count: 3}\narms: [{name: a, regimen: [{route: iv, dose: 5 "       \
    "mg}]}]\n"                                                                                               \
    "observe: {to: 1 h, every: 30 min}\n#\nuncertainty: " text "\n"
#define OF_OTTO(text) OTTO_UNCERTAIN("{replicates: 50, models: {otto-2021: {source: s, " text "}}}")

static void test_mistakes(void **state)
{
    (void)state;
    expect_mistakes(OTTO_UNCERTAIN("{models: {otto-2021: {typical: {CL: {lognormal: {cv: 5 %}}}}}}"),
                    "s.yaml:7:14: error: key \"replicates\" is missing in uncertainty\n"
                    "s.yaml:7:35: error: key \"source\" is missing in uncertainty.models.otto-2021");
    expect_mistakes(
        OTTO_UNCERTAIN("{replicates: 1, confidence: 2, models: {otto: {source: s, typical: {}}}}"),
        "s.yaml:7:42: error: the confidence \"2\" must lie between 0 and 1\n"
        "s.yaml:7:53: error: the uncertainty of otto-2021 is not stated, whose replicates would all be "
        "alike; state it, or simulate that model in a study of its own\n"
        "s.yaml:7:54: error: \"otto\" is no model of the study (otto-2021)");
    expect_mistakes(OTTO_UNCERTAIN("{replicates: 1, models: {otto-2021: {source: s, typical: {}}}}"),
                    "s.yaml:7:27: error: replicates must be 2 to 10000");
    expect_mistakes(
        OF_OTTO("typical: {}"),
        "s.yaml:7:51: error: which estimates of otto-2021 are uncertain? `typical` or `variability` name "
        "them");
    expect_mistakes(
        OF_OTTO("typical: {Cl: {lognormal: {cv: 5 %}}}"),
        "s.yaml:7:73: error: \"Cl\" is no parameter of otto-2021 (V1, CL, Vp1, Q1, Vp2, Q2, V_NK, CL_NK, "
        "Vp_NK, Q_NK); did you mean CL?");
    expect_mistakes(
        OF_OTTO("typical: {CL: 5 %}"),
        "s.yaml:7:77: error: how sure CL is takes one of lognormal, logit, normal, like {lognormal: {cv: 5 "
        "%}}");
    expect_mistakes(OF_OTTO("typical: {CL: {gamma: {cv: 5 %}}}"),
                    "s.yaml:7:78: error: \"gamma\" is no scale of an estimate (lognormal, logit, normal)");
    expect_mistakes(OF_OTTO("typical: {CL: {lognormal: {se: 5 %}}}"),
                    "s.yaml:7:89: error: lognormal takes the standard error as cv or sd");
    expect_mistakes(OF_OTTO("typical: {CL: {normal: {cv: 5 %}}}"),
                    "s.yaml:7:86: error: normal takes the standard error as sd");
    expect_mistakes(
        OF_OTTO("typical: {CL: {normal: {sd: 5 L}}}"),
        "s.yaml:7:91: error: \"5 L\" is a volume; a volume per time is expected here, for example 5 L/h");
    expect_mistakes(OF_OTTO("typical: {CL: {lognormal: {cv: -5 %}}}"),
                    "s.yaml:7:94: error: \"-5 %\" must not be negative");
    expect_mistakes(OF_OTTO("typical: {CL: {logit: {sd: 0.1}}}"),
                    "s.yaml:7:78: error: logit is for fractions, and CL is in L/h");
}

static void test_variability_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        OF_OTTO("variability: {CL: {normal: {sd: 0.1}}}"),
        "s.yaml:7:82: error: \"normal\" is no scale of an estimate (lognormal); did you mean lognormal?");
    expect_mistakes(OF_OTTO("variability: {Q1: {lognormal: {sd: 0.1}}}"),
                    "s.yaml:7:77: error: Q1 does not vary between patients in otto-2021");
    expect_mistakes(
        "seed: 1\nmodel: otto-2021\npatients: {count: 3, random_effects: {CL: 0}}\n"
        "arms: [{name: a, regimen: [{route: iv, dose: 5 mg}]}]\nobserve: {to: 1 h, every: 30 min}\n"
        "uncertainty: {replicates: 50, models: {otto-2021: {source: s, variability: {CL: {lognormal: {sd: "
        "0.1}}}}}}\n",
        "s.yaml:6:77: error: the random effect of CL is not drawn, so that nothing depends on its standard "
        "deviation");
}

#define CL_AND_V1 "CL: {lognormal: {cv: 5 %}}, V1: {lognormal: {cv: 5 %}}"

static void test_correlation_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        OF_OTTO("typical: {" CL_AND_V1 "}, correlations: {of: [CL, Q1], matrix: [[1, 0.5], [0.5, 1]]}"),
        "s.yaml:7:154: error: \"Q1\" is not among the typical values that are uncertain");
    expect_mistakes(
        OF_OTTO("typical: {" CL_AND_V1
                ", Q1: {lognormal: {cv: 5 %}}}, correlations: {of: [CL, V1, Q1], matrix: "
                "[[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]}"),
        "s.yaml:7:199: error: these correlations are not possible together: the matrix is not positive "
        "definite");
}

static void test_sweep_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        OF_OTTO("typical: {CL: {lognormal: {cv: 5 %}}}") "sweep: {design: grid, CL: [90 L/h]}\n",
        "s.yaml:7:73: error: the sweep sets CL in all patients, whatever was estimated; leave one out");
    expect_mistakes(
        OF_OTTO("typical: {CL: {lognormal: {cv: 5 %}}}") "sweep: {design: saltelli, points: 8, V1: {uniform: "
                                                         "{min: 90 L, max: 120 L}}}\n",
        "s.yaml:7:14: error: saltelli is about models as they are published: make what is uncertain axes of "
        "its sweep, or take another design");
    expect_mistakes(
        OTTO_UNCERTAIN(
            "{replicates: 10000, models: {otto-2021: {source: s, typical: {CL: {lognormal: {cv: 5 "
            "%}}}}}}") "sweep: {design: random, points: 200, dose: {uniform: {min: 1 mg, max: 5 mg}}}\n",
        "s.yaml:7:27: error: 200 arms, points of the sweep included, with 10000 replicates each are more "
        "than "
        "1000000");
    expect_warnings(
        OTTO_UNCERTAIN("{replicates: 20, models: {otto-2021: {source: s, typical: {CL: {lognormal: {cv: 5 "
                       "%}}}}}}"),
        "s.yaml:7:27: warning: the ends of an interval of 0.95 over 20 replicates are those of the least and "
        "the greatest; take 40 at least");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_replicates),
        cmocka_unit_test(test_zero),
        cmocka_unit_test(test_residuals),
        cmocka_unit_test(test_independence),
        cmocka_unit_test(test_points_and_models),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_variability_mistakes),
        cmocka_unit_test(test_correlation_mistakes),
        cmocka_unit_test(test_sweep_mistakes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
