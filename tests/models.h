/* models - a model for a test, from the library or from a few lines of text. */
#ifndef KETSIM_TESTS_MODELS_H
#define KETSIM_TESTS_MODELS_H

#include "check.h"

#include "model/individual.h"

struct given {
    struct units *units;
    struct diagnostics d;
    struct model model;
};

/* Reads a text that may hold mistakes; 0, or -1 with the mistakes in given->d. */
static inline int given_try(struct given *given, const char *text)
{
    given->units = units_create();
    assert_non_null(given->units);
    diagnostics_init(&given->d);
    return model_parse(&given->model, "small.yaml", text, strlen(text), given->units, &given->d);
}

static inline void given_text(struct given *given, const char *text)
{
    const int failed = given_try(given, text);

    assert_no_errors(&given->d);
    assert_int_equal(failed, 0);
}

static inline void given_library(struct given *given, const char *name)
{
    given->units = units_create();
    assert_non_null(given->units);
    diagnostics_init(&given->d);
    const int failed = model_read(&given->model, name, given->units, NOWHERE, &given->d);
    assert_no_errors(&given->d);
    assert_int_equal(failed, 0);
}

static inline void given_clear(struct given *given)
{
    model_clear(&given->model);
    diagnostics_clear(&given->d);
    units_free(given->units);
}

/* What is typical of a covariate; a child of 6 years and 20 kg where the model has no typical patient. */
static inline double typical_of(const struct covariate *covariate)
{
    return !isnan(covariate->typical) ? covariate->typical : strcmp(covariate->name, "age") == 0 ? 6 : 20;
}

/* The typical patient, not computed yet. */
static inline struct individual typical_patient(const struct model *model)
{
    struct individual individual = {0};

    for (int i = 0; i < model->covariate_count; i++) {
        individual.covariates[i] = typical_of(&model->covariates[i]);
    }
    return individual;
}

static inline struct evaluator *given_evaluator(struct given *given)
{
    struct evaluator *evaluator = evaluator_create(&given->model, &given->d);

    assert_no_errors(&given->d);
    assert_non_null(evaluator);
    return evaluator;
}

/* Computes a patient who must be possible. */
static inline void compute(struct evaluator *evaluator, struct individual *individual)
{
    struct individual_error why = {""};

    if (evaluator_individual(evaluator, individual, NULL, 0, &why)) {
        print_error("%s\n", why.text);
        fail();
    }
}

static inline double value_of(const struct model *model, const struct individual *individual,
                              const char *parameter)
{
    const int p = model_parameter(model, parameter);

    assert_true(p >= 0);
    return individual->parameters[p];
}

static inline double covariance_of(const struct model *model, const char *a, const char *b)
{
    const int p = model_parameter(model, a);
    const int q = model_parameter(model, b);

    assert_true(p >= 0 && q >= 0);
    const int i = model->parameters[p].effect;
    const int j = model->parameters[q].effect;
    assert_true(i >= 0 && j >= 0);
    assert_true(model->covariance[i * model->effect_count + j] ==
                model->covariance[j * model->effect_count + i]);
    return model->covariance[i * model->effect_count + j];
}

/* What every model file begins with. */
#define MODEL_HEAD                                                                                           \
    "model: small\n"                                                                                         \
    "title: A model to test with\n"                                                                          \
    "citation: none\n"                                                                                       \
    "drug: racemate\n"                                                                                       \
    "sampling: venous\n"

/* A model that uses all that a model file can say. The number before a line is its own. */
static const char small_model[] = MODEL_HEAD
    /* 6 */
    "validity: {age: [18 years, 90 years]}\n"
    "covariates:\n"
    "  age: {unit: years, default: 40 years}\n"
    "  weight: {unit: kg, default: 70 kg}\n"
    /* 10 */ "  asian: {category: true, default: 0}\n"
    "  japanese: {category: true, default: 0, within: asian}\n"
    "parameters:\n"
    "  V: {typical: \"20*(weight/70)\", unit: L, variability: {lognormal: {cv: 30 %}}}\n"
    "  CL: {typical: 5, unit: L/h, variability: {lognormal: {variance: 0.04}}}\n"
    /* 15 */ "  ka: {typical: 0.02, unit: 1/min, variability: {normal: {sd: 0.001}}, range: [0.01, 0.1]}\n"
    "  F: {typical: 0.5, variability: {logit: {sd: 0.2}}, then: \"F*(japanese == 1 ? 1.2 : 1)\"}\n"
    "  ke: {typical: CL/V, unit: 1/h}\n"
    "correlations:\n"
    "  - {between: [V, CL], covariance: 0.01}\n"
    /* 20 */ "  - {between: [ka, CL], correlation: 0.5}\n"
    "compartments: [depot, central]\n"
    "flows:\n"
    "  - {from: depot, to: central, rate: ka}\n"
    "  - {from: central, rate: ke}\n"
    /* 25 */ "routes:\n"
    "  iv: {inputs: [{to: central}]}\n"
    "  oral:\n"
    "    devices: {amount: 10 mg, spacing: 5 min}\n"
    "    dose_range: [5 mg, 0.03 g]\n"
    /* 30 */ "    inputs: [{to: depot, fraction: F/device, over: \"0.5\"}]\n"
    "outputs:\n"
    "  ketamine: {amount: central, volume: V}\n"
    "golden:\n"
    "  - title: by hand\n"
    /* 35 */ "    source: nowhere\n"
    "    covariates: {age: 50 years}\n"
    "    route: iv\n"
    "    dose: 10 mg\n"
    "    over: 30 min\n"
    /* 40 */ "    times: [0.5 h, 60 min, 1 d]\n"
    "    levels: {ketamine: [16.091, 1037, 2e-3]}\n";

#endif
