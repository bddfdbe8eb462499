/* From covariates and random effects to a patient's numbers. Formulas by hand, statistics with a stated confidence. */
#include "models.h"

/* Bounds of the statistics: five standard errors, which a right program leaves once in 1.7 million. */
static const double SIGMAS = 5;

/* 20 L at 70 kg with CV, 5 L/h, 0.02/min, and so on: see models.h. */
static void test_typical(void **state)
{
    struct given given;

    (void)state;
    given_text(&given, small_model);
    struct evaluator *evaluator = given_evaluator(&given);
    struct individual p = typical_patient(&given.model);
    compute(evaluator, &p);
    /* to the bit */
    assert_true(value_of(&given.model, &p, "V") == 20);
    assert_true(value_of(&given.model, &p, "CL") == 5);
    assert_true(value_of(&given.model, &p, "ka") == 0.02 * 60);
    assert_true(value_of(&given.model, &p, "F") == 0.5);
    assert_true(value_of(&given.model, &p, "ke") == 0.25);
    assert_true(p.rates[0] == 0.02 * 60 && p.rates[1] == 0.25 && p.volumes[0] == 20);
    for (int i = 0; i < given.model.parameter_count; i++) {
        assert_false(p.clamped[i]);
    }
    evaluator_free(evaluator);
    evaluator_free(NULL);
    given_clear(&given);
}

static void set_effect(const struct model *model, struct individual *p, const char *parameter, double eta)
{
    p->etas[model->parameters[model_parameter(model, parameter)].effect] = eta;
}

/* Each kind of variability, and what follows from it in later formulas. */
static void test_formulas(void **state)
{
    struct given given;

    (void)state;
    given_text(&given, small_model);
    const struct model *m = &given.model;
    struct evaluator *evaluator = given_evaluator(&given);
    struct individual p = typical_patient(m);
    p.covariates[model_covariate(m, "weight")] = 105;
    p.covariates[model_covariate(m, "japanese")] = 1;
    set_effect(m, &p, "V", 0.3);
    set_effect(m, &p, "CL", -0.2);
    set_effect(m, &p, "ka", 0.12);
    set_effect(m, &p, "F", 0.7);
    compute(evaluator, &p);
    assert_close(value_of(m, &p, "V"), 30 * 1.3498588075760032, 1e-15, 0);  /* exp(0.3) */
    assert_close(value_of(m, &p, "CL"), 5 * 0.8187307530779818, 1e-15, 0);  /* exp(-0.2) */
    assert_close(value_of(m, &p, "ka"), 1.32, 1e-15, 0);                    /* 1.2/h + 0.12/h */
    assert_close(value_of(m, &p, "F"), 1.2 * 0.6681877721681662, 1e-15, 0); /* 1/(1 + exp(-0.7)) */
    assert_close(value_of(m, &p, "ke"), 5 * 0.8187307530779818 / (30 * 1.3498588075760032), 1e-15, 0);
    assert_close(p.rates[1], value_of(m, &p, "ke"), 0, 0);
    assert_close(p.volumes[0], value_of(m, &p, "V"), 0, 0);
    evaluator_free(evaluator);
    given_clear(&given);
}

/* expit(logit(0.54) + eta) by its definition, also where eta is large. */
static void test_logit(void **state)
{
    static const double etas[] = {-40, -3, -0.708, 1e-9, 0.708, 3, 30};
    struct given given;

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    struct evaluator *evaluator = given_evaluator(&given);
    for (size_t i = 0; i < sizeof(etas) / sizeof(etas[0]); i++) {
        struct individual p = typical_patient(&given.model);
        set_effect(&given.model, &p, "FRn", etas[i]);
        compute(evaluator, &p);
        const double logit = log(0.54 / 0.46) + etas[i];
        assert_close(value_of(&given.model, &p, "FRn"), exp(logit) / (1 + exp(logit)), 1e-14, 0);
    }
    evaluator_free(evaluator);
    given_clear(&given);
}

/* One evaluator computes any number of patients: nothing of one stays for the next. */
static void test_no_memory(void **state)
{
    struct given given;

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    struct evaluator *evaluator = given_evaluator(&given);
    struct individual before = typical_patient(&given.model);
    compute(evaluator, &before);
    for (uint64_t i = 0; i < 20; i++) {
        struct individual other = typical_patient(&given.model);
        const struct setting setting = {model_parameter(&given.model, "Vc"), 1};
        struct individual_error why;
        individual_draw_effects(&given.model, 1, i, other.etas);
        assert_int_equal(evaluator_individual(evaluator, &other, &setting, 1, &why), 0);
    }
    struct individual after = typical_patient(&given.model);
    compute(evaluator, &after);
    assert_memory_equal(&before, &after, sizeof(before));
    evaluator_free(evaluator);
    given_clear(&given);
}

/* A set value stands in place of the individual one, to the bit, and later formulas use it. */
static void test_settings(void **state)
{
    struct given given;
    struct individual_error why;

    (void)state;
    given_text(&given, small_model);
    const struct model *m = &given.model;
    struct evaluator *evaluator = given_evaluator(&given);
    struct individual p = typical_patient(m);
    set_effect(m, &p, "CL", 0.4);
    set_effect(m, &p, "V", 0.5);
    const struct setting settings[] = {{model_parameter(m, "CL"), 7.1}, {model_parameter(m, "ka"), 100}};
    assert_int_equal(evaluator_individual(evaluator, &p, settings, 2, &why), 0);
    assert_true(value_of(m, &p, "CL") == 7.1);
    assert_true(value_of(m, &p, "ka") == 100); /* beyond the range of the draws: what is set is meant */
    assert_false(p.clamped[model_parameter(m, "ka")]);
    assert_close(value_of(m, &p, "V"), 20 * exp(0.5), 1e-15, 0);
    assert_true(value_of(m, &p, "ke") == 7.1 / value_of(m, &p, "V"));
    assert_true(p.rates[0] == 100);
    evaluator_free(evaluator);
    given_clear(&given);
}

static void test_range(void **state)
{
    struct given given;

    (void)state;
    given_text(&given, small_model);
    const struct model *m = &given.model;
    const int ka = model_parameter(m, "ka");
    struct evaluator *evaluator = given_evaluator(&given);
    static const struct {
        double eta, value;
        bool clamped;
    } cases[] = {{-0.5, 0.7, false}, {-0.7, 0.6, true}, {-100, 0.6, true}, {4.7, 5.9, false}, {5, 6, true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct individual p = typical_patient(m);
        set_effect(m, &p, "ka", cases[i].eta);
        compute(evaluator, &p);
        assert_close(p.parameters[ka], cases[i].value, 1e-15, 0);
        assert_int_equal(p.clamped[ka], cases[i].clamped);
        assert_true(p.rates[0] == p.parameters[ka]);
    }
    evaluator_free(evaluator);
    given_clear(&given);
}

/* Japanese patients whose FRn leaves its range: P(1.34 FRn > 1) = P(z > (logit(1/1.34) - logit(0.54)) / 0.708), which is
 * 1 - Phi(1.29724...) = 9.727 %. */
static void test_clamped_fraction(void **state)
{
    enum { PATIENTS = 50000 };
    struct given given;
    int clamped = 0;

    (void)state;
    const double limit = (log((1 / 1.34) / (1 - 1 / 1.34)) - log(0.54 / 0.46)) / 0.708;
    const double probability = 0.5 * erfc(limit / sqrt(2));
    assert_close(probability, 0.0972692, 0, 5e-8);

    given_library(&given, "perez-ruixo-2021");
    const struct model *m = &given.model;
    const int frn = model_parameter(m, "FRn");
    struct evaluator *evaluator = given_evaluator(&given);
    for (uint64_t i = 0; i < PATIENTS; i++) {
        struct individual p = typical_patient(m);
        p.covariates[model_covariate(m, "asian")] = 1;
        p.covariates[model_covariate(m, "japanese")] = 1;
        individual_draw_effects(m, 20261123, i, p.etas);
        compute(evaluator, &p);
        const double eta = p.etas[m->parameters[frn].effect];
        const double unlimited = 1.34 / (1 + 0.46 / 0.54 * exp(-eta));
        assert_int_equal(p.clamped[frn], unlimited > 1);
        assert_close(p.parameters[frn], fmin(unlimited, 1), 1e-14, 0);
        for (int k = 0; k < m->parameter_count; k++) {
            assert_true(k == frn || !p.clamped[k]);
        }
        clamped += p.clamped[frn];
    }
    assert_close(clamped, PATIENTS * probability, 0,
                 SIGMAS * sqrt(PATIENTS * probability * (1 - probability)));
    evaluator_free(evaluator);
    given_clear(&given);
}

/* The effects that are drawn have the covariances of the model: the standard error of a sample covariance s_ij over n patients
 * is sqrt((s_ii s_jj + s_ij^2) / n). */
static void check_draws(const char *name, int patients)
{
    struct given given;
    double sum[MODEL_PARAMETERS_MAX] = {0};
    double products[MODEL_PARAMETERS_MAX][MODEL_PARAMETERS_MAX] = {{0}};

    given_library(&given, name);
    const int n = given.model.effect_count;
    const double *matrix = given.model.covariance;
    assert_true(n > 0);
    for (int k = 0; k < patients; k++) {
        double etas[MODEL_PARAMETERS_MAX];
        individual_draw_effects(&given.model, 20261123, (uint64_t)k, etas);
        for (int i = 0; i < n; i++) {
            sum[i] += etas[i];
            for (int j = 0; j <= i; j++) {
                products[i][j] += etas[i] * etas[j];
            }
        }
    }
    for (int i = 0; i < n; i++) {
        assert_close(sum[i] / patients, 0, 0, SIGMAS * sqrt(matrix[i * n + i] / patients));
        for (int j = 0; j <= i; j++) {
            const double expected = matrix[i * n + j];
            const double variance = matrix[i * n + i] * matrix[j * n + j] + expected * expected;
            assert_close(products[i][j] / patients, expected, 0, SIGMAS * sqrt(variance / patients));
        }
    }
    given_clear(&given);
}

static void test_otto_draws(void **state)
{
    (void)state;
    check_draws("otto-2021", 200000);
}

static void test_perez_ruixo_draws(void **state)
{
    (void)state;
    check_draws("perez-ruixo-2021", 50000);
}

/* Draws are keyed by seed, patient and name: parameters before and after leave them alone. */
static void test_draws_by_name(void **state)
{
#define TAIL                                                                                                 \
    "compartments: [central]\n"                                                                              \
    "flows: [{from: central, rate: \"1\"}]\n"                                                                \
    "routes: {iv: {inputs: [{to: central}]}}\n"                                                              \
    "outputs: {ketamine: {amount: central, volume: \"1\"}}\n"
    static const char one[] = MODEL_HEAD "parameters:\n"
                                         "  V: {typical: 1, variability: {lognormal: {sd: 0.3}}}\n" TAIL;
    static const char two[] = MODEL_HEAD "parameters:\n"
                                         "  A: {typical: 1, variability: {lognormal: {sd: 0.1}}}\n"
                                         "  V: {typical: 1, variability: {lognormal: {sd: 0.3}}}\n"
                                         "  Z: {typical: 1, variability: {lognormal: {sd: 0.1}}}\n" TAIL;
    struct given alone;
    struct given among;
    double a[MODEL_PARAMETERS_MAX];
    double b[MODEL_PARAMETERS_MAX];
    double c[MODEL_PARAMETERS_MAX];

    (void)state;
    given_text(&alone, one);
    given_text(&among, two);
    for (uint64_t patient = 0; patient < 100; patient++) {
        individual_draw_effects(&alone.model, 9, patient, a);
        individual_draw_effects(&among.model, 9, patient, b);
        individual_draw_effects(&alone.model, 10, patient, c);
        assert_true(a[0] == b[1]);
        assert_true(a[0] != c[0]);
    }
    given_clear(&alone);
    given_clear(&among);
}

/* A model whose one patient is impossible in the way that `parameters`, `flow` and `input` say. */
static void check_impossible(const char *parameters, const char *rate, const char *volume, const char *input,
                             const char *told)
{
    char text[1024];
    struct given given;
    struct individual_error why = {""};
    struct intake intake;

    snprintf(text, sizeof(text),
             MODEL_HEAD "covariates:\n"
                        "  age: {unit: years, default: 40 years}\n"
                        "parameters:\n"
                        "  p: {typical: 1}\n"
                        "%s"
                        "compartments: [depot, central]\n"
                        "flows:\n"
                        "  - {from: depot, to: central, rate: \"%s\"}\n"
                        "routes:\n"
                        "  oral: {inputs: [{to: central}, {to: depot, %s}]}\n"
                        "outputs:\n"
                        "  ketamine: {amount: central, volume: \"%s\"}\n",
             parameters, rate, input, volume);
    given_text(&given, text);
    struct evaluator *evaluator = given_evaluator(&given);
    struct individual p = typical_patient(&given.model);
    int failed = evaluator_individual(evaluator, &p, NULL, 0, &why);
    if (!failed) {
        assert_int_equal(evaluator_intake(evaluator, 0, 0, 1, 28, &intake, &why), 0);
        assert_true(intake.fraction == 1 && isnan(intake.over));
        failed = evaluator_intake(evaluator, 0, 1, 2, 28, &intake, &why);
    }
    assert_int_equal(failed, -1);
    assert_string_equal(why.text, told);
    evaluator_free(evaluator);
    given_clear(&given);
}

static void test_impossible_patients(void **state)
{
    static const char none[] = "fraction: \"1\"";

    (void)state;
    check_impossible("  V: {typical: 1/(p - 1), unit: L}\n", "p", "p", none, "V = inf L");
    check_impossible("  V: {typical: ln(p - p), unit: L}\n", "p", "p", none, "V = -inf L");
    check_impossible("  ka: {typical: 0/(p - 1), unit: 1/h}\n", "p", "p", none, "ka = nan 1/h");
    check_impossible("  V: {typical: \"ln(age - 50)\", unit: L}\n", "p", "p", none, "V = nan L");
    check_impossible("  V: {typical: 1, then: \"sqrt(0 - age)\", unit: L}\n", "p", "p", none, "V = nan L");
    check_impossible("  F: {typical: age/40, variability: {logit: {sd: 1}}}\n", "p", "p", none,
                     "F = 1: the typical value of a fraction lies between 0 and 1");
    check_impossible("  F: {typical: p - 1, variability: {logit: {sd: 1}}}\n", "p", "p", none,
                     "F = 0: the typical value of a fraction lies between 0 and 1");
    check_impossible("", "40 - age - p", "p", none, "the flow from depot has the rate 40 - age - p = -1 1/h");
    check_impossible("", "p/(p - 1)", "p", none, "the flow from depot has the rate p/(p - 1) = inf 1/h");
    check_impossible("", "ln(-p)", "p", none, "the flow from depot has the rate ln(-p) = nan 1/h");
    check_impossible("", "p", "p - 1", none, "the volume of ketamine is p - 1 = 0 L");
    check_impossible("", "p", "-p", none, "the volume of ketamine is -p = -1 L");
    check_impossible("", "p", "p/0", none, "the volume of ketamine is p/0 = inf L");
    check_impossible("", "p", "p", "fraction: 1 - device",
                     "the part of the oral dose that enters depot is -1");
    check_impossible("", "p", "p", "fraction: p/0", "the part of the oral dose that enters depot is inf");
    check_impossible("", "p", "p", "over: 2 - device", "the oral dose enters depot over 0 h");
    check_impossible("", "p", "p", "over: -p", "the oral dose enters depot over -1 h");
    check_impossible("", "p", "p", "over: p/0", "the oral dose enters depot over inf h");
    check_impossible("", "p", "p", "over: ln(-p)", "the oral dose enters depot over nan h");
}

/* A covariate that is missing or not finite is told, not computed with. */
static void test_impossible_covariates(void **state)
{
    struct given given;
    struct individual_error why;

    (void)state;
    given_text(&given, small_model);
    struct evaluator *evaluator = given_evaluator(&given);
    struct individual p = typical_patient(&given.model);
    p.covariates[model_covariate(&given.model, "weight")] = (double)NAN;
    assert_int_equal(evaluator_individual(evaluator, &p, NULL, 0, &why), -1);
    assert_string_equal(why.text, "weight = nan kg");
    p.covariates[model_covariate(&given.model, "weight")] = -INFINITY;
    assert_int_equal(evaluator_individual(evaluator, &p, NULL, 0, &why), -1);
    assert_string_equal(why.text, "weight = -inf kg");
    evaluator_free(evaluator);
    given_clear(&given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typical),
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_logit),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_clamped_fraction),
        cmocka_unit_test(test_otto_draws),
        cmocka_unit_test(test_perez_ruixo_draws),
        cmocka_unit_test(test_draws_by_name),
        cmocka_unit_test(test_impossible_patients),
        cmocka_unit_test(test_impossible_covariates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
