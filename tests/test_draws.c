/* Everything that patients, replicates and designs are drawn from, against theory: each check fails a right program once in 100,000
 * (Kolmogorov and Smirnov) or once in 1.7 million (five standard errors). The draws are fixed, so a check that passes once passes always. */
#include "people.h"
#include "spread.h"

#include "model/cholesky.h"
#include "model/effects.h"
#include "model/library.h"
#include "model/random.h"

#include "model/patients.h"

#include <gsl/gsl_cdf.h>

enum { DRAWS = 20000 };

static const double sigmas = 5;

/* --- covariates --- */

/* The distribution function of each distribution, between its limits: from its definition, and not by the code that draws. */
struct cut {
    enum distribution_kind kind;
    double a, b, lowest, highest;
};

static double uncut(const struct cut *c, double x)
{
    switch (c->kind) {
    case DISTRIBUTION_NORMAL:
        return gsl_cdf_gaussian_P(x - c->a, c->b);
    case DISTRIBUTION_LOGNORMAL:
        return x > 0 ? gsl_cdf_lognormal_P(x, log(c->a), c->b) : 0;
    case DISTRIBUTION_UNIFORM:
        return (x - c->lowest) / (c->highest - c->lowest);
    case DISTRIBUTION_LOGUNIFORM:
        return log(x / c->lowest) / log(c->highest / c->lowest);
    default:
        return NAN;
    }
}

static double cut_cdf(double x, const void *of)
{
    const struct cut *c = of;
    const double below = isinf(c->lowest) ? 0 : uncut(c, c->lowest);
    const double above = isinf(c->highest) ? 1 : uncut(c, c->highest);
    return (uncut(c, x) - below) / (above - below);
}

static void check_cut(const struct cut *c)
{
    static double values[DRAWS];
    struct population_covariate covariate = {
        .name = "x",
        .unit = "1",
        .kind = c->kind,
        .a = c->a,
        .b = c->b,
        .lowest = c->lowest,
        .highest = c->highest,
        .within = -1,
        .random_index = random_index("x"),
    };
    const struct study study = {
        .seed = 20261123, .patient_count = DRAWS, .covariates = &covariate, .covariate_count = 1};
    for (int i = 0; i < DRAWS; i++) {
        patient_covariates(&study, i, &values[i]);
        assert_true(values[i] >= c->lowest && values[i] <= c->highest);
    }
    const double distance = ks_distance(values, DRAWS, cut_cdf, c);
    if (!(distance < ks_limit)) {
        fail_msg("distribution %d of %g, %g in %g to %g: a distance of %g", (int)c->kind, c->a, c->b,
                 c->lowest, c->highest, distance);
    }
}

static void test_covariates(void **state)
{
    static const struct cut cuts[] = {
        {DISTRIBUTION_NORMAL, 45, 13, -INFINITY, INFINITY},
        {DISTRIBUTION_NORMAL, 45, 13, 18, 86},
        {DISTRIBUTION_NORMAL, 45, 13, 60, INFINITY},
        {DISTRIBUTION_NORMAL, 45, 13, -INFINITY, 45.5},
        {DISTRIBUTION_NORMAL, 0, 1, 5, 6},
        {DISTRIBUTION_LOGNORMAL, 70, 0.2, 0, INFINITY},
        {DISTRIBUTION_LOGNORMAL, 70, 0.2, 45, 120},
        {DISTRIBUTION_LOGNORMAL, 70, 1.5, 100, 110},
        {DISTRIBUTION_UNIFORM, 0, 0, 50, 90},
        {DISTRIBUTION_LOGUNIFORM, 0, 0, 0.01, 100},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        check_cut(&cuts[i]);
    }
}

/* --- random effects --- */

static double standard_normal(double z, const void *of)
{
    (void)of;
    return gsl_cdf_ugaussian_P(z);
}

/* values[DRAWS] must be standard normals. */
static void check_normals(double *values, const char *model, const char *parameter)
{
    const double distance = ks_distance(values, DRAWS, standard_normal, NULL);
    if (!(distance < ks_limit)) {
        fail_msg("%s of %s: a distance of %g", parameter, model, distance);
    }
}

/* Of one model: each effect is normal with its own variance, and effects have the covariances that the model states (the standard
 * error of a sample covariance s_ij is sqrt((s_ii s_jj + s_ij^2) / n)); each effect of an occasion is normal, too, and has nothing
 * to do with the next or with the patient's. */
static void check_effects(const struct model *model)
{
    static double etas[DRAWS][MODEL_PARAMETERS_MAX];
    static double kappas[DRAWS][MODEL_PARAMETERS_MAX];
    static double values[DRAWS];
    const int n = model->effect_count;
    for (int i = 0; i < DRAWS; i++) {
        individual_draw_effects(model, 20261130, (uint64_t)i, etas[i]);
        individual_draw_occasion(model, 20261130, (uint64_t)i, 1, kappas[i]);
    }
    for (int a = 0; a < n; a++) {
        const double sd = sqrt(model->covariance[a * n + a]);
        for (int i = 0; i < DRAWS; i++) {
            values[i] = etas[i][a] / sd;
        }
        check_normals(values, model->name, model->parameters[model->effects[a].parameter].name);
        for (int b = 0; b < a; b++) {
            const double expected = model->covariance[a * n + b];
            const double variance =
                model->covariance[a * n + a] * model->covariance[b * n + b] + expected * expected;
            double sum = 0;
            for (int i = 0; i < DRAWS; i++) {
                sum += etas[i][a] * etas[i][b];
            }
            assert_close(sum / DRAWS, expected, 0, sigmas * sqrt(variance / DRAWS));
        }
    }
    for (int p = 0; p < model->parameter_count; p++) {
        const struct parameter *parameter = &model->parameters[p];
        double next[MODEL_PARAMETERS_MAX];
        double with_next = 0;
        double with_patient = 0;
        if (parameter->occasion_sd == 0) {
            continue;
        }
        for (int i = 0; i < DRAWS; i++) {
            individual_draw_occasion(model, 20261130, (uint64_t)i, 2, next);
            values[i] = kappas[i][p] / parameter->occasion_sd;
            with_next += values[i] * next[p] / parameter->occasion_sd;
            with_patient += parameter->effect < 0 ? 0
                                                  : values[i] * etas[i][parameter->effect] /
                                                        sqrt(model->covariance[parameter->effect * (n + 1)]);
        }
        assert_close(with_next / DRAWS, 0, 0, sigmas / sqrt(DRAWS));
        assert_close(with_patient / DRAWS, 0, 0, sigmas / sqrt(DRAWS));
        check_normals(values, model->name, parameter->name);
    }
}

static void test_effects(void **state)
{
    struct units *units = units_create();
    struct diagnostics d;
    int effects = 0;
    (void)state;
    assert_non_null(units);
    diagnostics_init(&d);
    for (int i = 0; i < library_count; i++) {
        struct model model;
        assert_int_equal(model_read(&model, library_entries[i].name, units, NOWHERE, &d), 0);
        check_effects(&model);
        effects += model.effect_count;
        model_clear(&model);
    }
    assert_true(effects >= 34);
    units_free(units);
    diagnostics_clear(&d);
}

/* --- keys --- */

/* What draws are for: no two are the same number. */
static void test_purposes(void **state)
{
    static const enum purpose purposes[] = {
        PURPOSE_COVARIATE, PURPOSE_BETWEEN_SUBJECT, PURPOSE_OCCASION,
        PURPOSE_ROW,       PURPOSE_RESIDUAL,        PURPOSE_RESIDUAL_ADDITIVE,
        PURPOSE_BOOTSTRAP, PURPOSE_ESTIMATE,        PURPOSE_ESTIMATE_VARIABILITY,
        PURPOSE_DESIGN,
    };
    (void)state;
    for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(purposes[i], purposes[k]);
        }
    }
}

/* --- whom a change leaves as they were --- */

#define HEAD                                                                                                 \
    "seed: 20261130\n"                                                                                       \
    "racemate: halve\n"
#define PATIENTS(count, more)                                                                                \
    "patients:\n  count: " count "\n  random_effects: {Vp1: 0}\n  covariates:\n"                             \
    "    age: {normal: {mean: 45 years, sd: 13 years, min: 18 years, max: 86 years}}\n"                      \
    "    weight: {loguniform: {min: 50 kg, max: 100 kg}}\n    asian: {probability: 0.3}\n"                   \
    "    japanese: {probability: 0.6}\n" more                                                                \
    "  rank_correlations: {of: [age, weight], matrix: [[1, 0.3], [0.3, 1]]}\n"
#define NASAL "  - {name: nasal, regimen: [{route: intranasal, dose: 84 mg}]}\n"
#define INFUSION "  - {name: infusion, regimen: [{route: iv, dose: 28 mg, over: 40 min}]}\n"
#define OBSERVE "observe: {to: 12 h, every: 1 h}\n"
#define METHOD(method) "solver: {method: " method "}\n"
#define UNCERTAIN                                                                                            \
    "uncertainty: {replicates: 3, models: {perez-ruixo-2021: {source: made up, typical: {FRn: {logit: {sd: " \
    "0.2}}, Vc: {lognormal: {cv: 10 %}}}, variability: {Vc: {lognormal: {cv: 10 %}}}}}}\n"
#define MODEL "model: perez-ruixo-2021\n"

/* The study whose patients must stay, 70 of them: more than a batch. */
#define STUDY(method) HEAD MODEL PATIENTS("70", "") "arms:\n" NASAL OBSERVE UNCERTAIN METHOD(method)

static int arm_named(const struct people *p, const char *label)
{
    int arm = 0;
    while (arm < p->study.arm_count && strcmp(p->study.arms[arm].label, label) != 0) {
        arm++;
    }
    assert_true(arm < p->study.arm_count);
    return arm;
}

/* Levels at the times of `before`, which `after` may have among others. */
static void check_levels(const struct people *before, const struct people *after, int arm, int other,
                         int64_t patient, double relative, double absolute)
{
    const double *expected = people_levels(before, arm, patient);
    const double *found = people_levels(after, other, patient);
    for (int a = 0; a < before->study.analyte_count; a++) {
        for (int t = 0, k = 0; t < before->study.time_count; t++) {
            while (after->study.times[k] < before->study.times[t]) {
                k++;
            }
            assert_true(after->study.times[k] == before->study.times[t]);
            assert_close(found[a * after->study.time_count + k], expected[a * before->study.time_count + t],
                         relative, absolute);
        }
    }
}

/* `tolerance` 0: levels are the same to the bit. */
static void check_stays(const struct people *before, const char *text, int threads, double tolerance)
{
    struct people after;
    people_of(&after, "s.yaml", text, threads);
    for (int arm = 0; arm < before->study.arm_count; arm++) {
        const int other = arm_named(&after, before->study.arms[arm].label);
        for (int i = 0; i < before->study.patient_count; i++) {
            assert_memory_equal(people_at(before, arm, i)->etas, people_at(&after, other, i)->etas,
                                sizeof(people_at(before, arm, i)->etas));
            assert_memory_equal(people_at(before, arm, i)->parameters,
                                people_at(&after, other, i)->parameters,
                                sizeof(people_at(before, arm, i)->parameters));
            for (int c = 0; c < before->study.covariate_count; c++) {
                const int same = study_covariate(&after.study, before->study.covariates[c].name);
                assert_true(people_at(before, arm, i)->covariates[c] ==
                            people_at(&after, other, i)->covariates[same]);
            }
            check_levels(before, &after, arm, other, i, tolerance, tolerance);
        }
    }
    people_clear(&after);
}

/* An arm before, an arm after, a patient, outputs, times, a covariate, threads. */
static void check_all(const char *study, const char *with_arms, const char *with_patients,
                      const char *with_outputs, const char *with_times, const char *with_covariate,
                      double tolerance)
{
    struct people p;
    people_of(&p, "s.yaml", study, 1);
    assert_int_equal(p.study.arm_count, 4);
    check_stays(&p, study, 2, 0);
    check_stays(&p, study, 7, 0);
    check_stays(&p, with_arms, 2, tolerance);
    check_stays(&p, with_patients, 2, tolerance);
    check_stays(&p, with_outputs, 2, 0);
    check_stays(&p, with_times, 2, fmax(tolerance, 1e-13)); /* the way from one time to the next is another */
    check_stays(&p, with_covariate, 2, 0);
    people_clear(&p);
}

#define CHECK_ALL(method, tolerance)                                                                         \
    check_all(STUDY(method),                                                                                 \
              HEAD MODEL PATIENTS("70", "") "arms:\n" INFUSION NASAL OBSERVE UNCERTAIN METHOD(method),       \
              HEAD MODEL PATIENTS("75", "") "arms:\n" NASAL OBSERVE UNCERTAIN METHOD(method),                \
              STUDY(method) "exposure: {metrics: [cmax, auc_inf, ctrough], per: [profile, "                  \
                            "interval]}\noutput: {store: [exposure]}\n",                                     \
              HEAD MODEL PATIENTS("70", "") "arms:\n" NASAL                                                  \
                                            "observe: {to: 14 h, every: 30 min}\n" UNCERTAIN METHOD(method), \
              HEAD MODEL PATIENTS(                                                                           \
                  "70", "    sex: {probability: 0.5}\n") "arms:\n" NASAL OBSERVE UNCERTAIN METHOD(method),   \
              tolerance)

static void test_exact_stays(void **state)
{
    (void)state;
    CHECK_ALL("exact", 0);
}

/* Batches may be others, and levels move within the solver's tolerance (1e-8; errors add up over steps). */
static void test_cvode_stays(void **state)
{
    (void)state;
    CHECK_ALL("cvode", 2e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_covariates),  cmocka_unit_test(test_effects),
        cmocka_unit_test(test_purposes),    cmocka_unit_test(test_exact_stays),
        cmocka_unit_test(test_cvode_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
