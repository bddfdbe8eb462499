#include "model_reader.h"

#include "cholesky.h"
#include "formula.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Names that the result file gives to variables of its own. */
static const char *const reserved[] = {"device",           "dose",    "time",     "arm",      "arm_name",
                                       "patient",          "model",   "status",   "steps",    "quantile",
                                       "outside_validity", "clamped", "occasion", "replicate"};

/* Also that it has random numbers of its own. */
int reader_name(const struct model_reader *r, const struct node *key)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(key->text, reserved[i]) == 0) {
            return diagnostics_error(r->d, reader_place(r, key), "\"%s\" is a name with a meaning of its own",
                                     key->text);
        }
    }
    if (!formula_name_allowed(key->text)) {
        return diagnostics_error(r->d, reader_place(r, key),
                                 "\"%s\" is no name for use in formulas: a letter, then at most 30 letters, "
                                 "digits and underscores, and no function",
                                 key->text);
    }
    for (int i = 0; i < r->name_count; i++) {
        if (strcmp(r->names[i], key->text) == 0 || random_index(r->names[i]) == random_index(key->text)) {
            return diagnostics_error(r->d, reader_place(r, key), "\"%s\" is taken by another name (\"%s\")",
                                     key->text, r->names[i]);
        }
    }
    return 0;
}

static void read_covariate(struct model_reader *r, const struct node *key, const struct node *map)
{
    struct model *model = r->model;
    struct covariate *covariate = &model->covariates[model->covariate_count];
    struct units_error why;
    *covariate = (struct covariate){
        .name = key->text,
        .unit = reader_text(map, "unit"),
        .category = node_reads(node_find(map, "category"), "true"),
        .within = reader_text(map, "within"),
        .lowest = -INFINITY,
        .highest = INFINITY,
        .random_index = random_index(key->text),
    };
    const struct node *typical = node_find(map, "default");
    if (reader_name(r, key)) {
        return;
    }
    if (!units_dimension_name(r->units, covariate->unit)) {
        diagnostics_error(r->d, reader_place(r, node_find(map, "unit")), "unknown unit \"%s\"",
                          covariate->unit);
    } else if (!typical) {
        covariate->typical = NAN;
    } else if (units_read(r->units, typical->text, covariate->unit, &covariate->typical, &why)) {
        diagnostics_error(r->d, reader_place(r, typical), "%s", why.text);
    } else if (covariate->category && covariate->typical != 0 && covariate->typical != 1) {
        diagnostics_error(r->d, reader_place(r, typical), "a category is 0 or 1, not \"%s\"", typical->text);
    }
    if (covariate->within) {
        int other = model_covariate(model, covariate->within);
        if (other < 0 || !model->covariates[other].category || !covariate->category) {
            diagnostics_error(r->d, reader_place(r, node_find(map, "within")),
                              "\"%s\" is no category above this one", covariate->within);
        }
    }
    model->covariate_count++;
    r->names[r->name_count++] = covariate->name;
}

void reader_covariates(struct model_reader *r)
{
    const struct node *map = reader_root(r, "covariates");
    const struct node *validity = reader_root(r, "validity");
    if (map->count > MODEL_COVARIATES_MAX) {
        diagnostics_error(r->d, reader_place(r, map), "more than %d covariates", MODEL_COVARIATES_MAX);
        return;
    }
    for (int i = 0; i < map->count; i++) {
        read_covariate(r, map->keys[i], map->items[i]);
    }
    for (int i = 0; i < validity->count; i++) {
        int c = model_covariate(r->model, validity->keys[i]->text);
        if (c < 0) {
            diagnostics_error(r->d, reader_place(r, validity->keys[i]), "\"%s\" is none of the covariates",
                              validity->keys[i]->text);
        } else {
            struct covariate *covariate = &r->model->covariates[c];
            reader_range(r, validity->items[i], covariate->unit, &covariate->lowest, &covariate->highest);
        }
    }
}

/* The variance of the random effect that `map` (cv, sd or variance) states; NaN after a mistake. */
static double read_variance(struct model_reader *r, const struct node *map)
{
    struct units_error why;
    double value = 0;
    if (map->count != 1) {
        diagnostics_error(r->d, reader_place(r, map),
                          "variability is given by exactly one of cv, sd, variance");
        return NAN;
    }
    const struct node *node = map->items[0];
    if (units_read(r->units, node->text, "1", &value, &why)) {
        diagnostics_error(r->d, reader_place(r, node), "%s", why.text);
        return NAN;
    }
    if (!(value > 0)) {
        diagnostics_error(r->d, reader_place(r, node), "variability is above 0, not \"%s\"", node->text);
        return NAN;
    }
    if (strcmp(map->keys[0]->text, "cv") == 0) {
        return log1p(value * value);
    }
    return strcmp(map->keys[0]->text, "sd") == 0 ? value * value : value;
}

static enum variability variability_named(const char *name)
{
    return strcmp(name, "lognormal") == 0 ? VARIABILITY_LOGNORMAL
           : strcmp(name, "logit") == 0   ? VARIABILITY_LOGIT
                                          : VARIABILITY_NORMAL;
}

/* The kind of variability that `map` states, and the variance of its random effect; VARIABILITY_NONE after a mistake. */
static enum variability read_variability(struct model_reader *r, const struct parameter *p,
                                         const struct node *map, double *variance)
{
    if (map->count != 1) {
        diagnostics_error(r->d, reader_place(r, map), "variability is one of lognormal, logit, normal");
        return VARIABILITY_NONE;
    }
    *variance = read_variance(r, map->items[0]);
    enum variability kind = variability_named(map->keys[0]->text);
    if (kind == VARIABILITY_NORMAL) {
        double factor = p->num / p->den;
        *variance *= factor * factor;
    }
    return kind;
}

/* A formula that uses other parameters computes in mg, L and h: a result declared in another unit would be
 * converted twice. */
static void check_declared_unit(struct model_reader *r, const struct parameter *p, const struct node *node)
{
    for (int i = 0; p->num != p->den && i < r->model->parameter_count; i++) {
        if (formula_mentions(node->text, r->model->parameters[i].name)) {
            diagnostics_error(r->d, reader_place(r, node),
                              "a formula that uses other parameters is computed in mg, L and h: declare "
                              "\"%s\" in %s, not in %s",
                              p->name, units_internal(r->units, p->unit), p->unit);
            return;
        }
    }
}

static void read_parameter(struct model_reader *r, const struct node *key, const struct node *map,
                           double *variances)
{
    struct model *model = r->model;
    struct parameter *p = &model->parameters[model->parameter_count];
    const struct node *typical = node_find(map, "typical");
    const struct node *then = node_find(map, "then");
    const struct node *range = node_find(map, "range");
    const struct node *variability = node_find(map, "variability");
    const struct node *occasion = node_find(map, "occasion");
    struct units_error why;
    *p = (struct parameter){
        .name = key->text,
        .unit = reader_text(map, "unit"),
        .typical = typical->text,
        .num = 1,
        .den = 1,
        .effect = -1,
        .lowest = -INFINITY,
        .highest = INFINITY,
    };
    if (reader_name(r, key)) {
        return;
    }
    const char *internal = units_internal(r->units, p->unit);
    if (!internal || units_factors(r->units, p->unit, internal, &p->num, &p->den, &why)) {
        diagnostics_error(
            r->d, reader_place(r, node_find(map, "unit")),
            "\"%s\" is no unit of a parameter: volumes are in L, flows in L/h, rate constants in "
            "1/h, times in h, fractions in 1, or in units of the same kind",
            p->unit);
    }
    reader_formula(r, typical);
    check_declared_unit(r, p, typical);
    double variance = 0;
    if (variability) {
        p->variability = read_variability(r, p, variability, &variance);
        p->effect = model->effect_count++;
        model->effects[p->effect] = (struct effect){model->parameter_count, random_index(p->name)};
        variances[p->effect] = variance;
    }
    if (occasion) {
        p->occasion = read_variability(r, p, occasion, &variance);
        p->occasion_sd = sqrt(variance);
    }
    if (range && !reader_range(r, range, "1", &p->lowest, &p->highest)) {
        p->lowest = p->lowest * p->num / p->den;
        p->highest = p->highest * p->num / p->den;
    }
    model->parameter_count++;
    r->names[r->name_count++] = p->name;
    if (then) {
        p->then = then->text;
        reader_formula(r, then);
        check_declared_unit(r, p, then);
    }
}

/* The random effect of the parameter that a correlation names, or -1. */
static int read_effect(struct model_reader *r, const struct node *node)
{
    int p = model_parameter(r->model, node->text);
    if (p < 0) {
        return diagnostics_error(r->d, reader_place(r, node), "\"%s\" is no parameter", node->text);
    }
    if (r->model->parameters[p].effect < 0) {
        return diagnostics_error(r->d, reader_place(r, node), "\"%s\" has no variability to correlate",
                                 node->text);
    }
    return r->model->parameters[p].effect;
}

static void read_correlation(struct model_reader *r, const struct node *map)
{
    const struct node *between = node_find(map, "between");
    const struct node *covariance = node_find(map, "covariance");
    const struct node *correlation = node_find(map, "correlation");
    int n = r->model->effect_count;
    double *matrix = r->model->covariance;
    if (between->count != 2 || !covariance == !correlation) {
        diagnostics_error(r->d, reader_place(r, map),
                          "a correlation is between two parameters, with covariance or correlation");
        return;
    }
    int i = read_effect(r, between->items[0]);
    int j = read_effect(r, between->items[1]);
    if (i < 0 || j < 0) {
        return;
    }
    if (i == j || matrix[i * n + j] != 0) {
        diagnostics_error(r->d, reader_place(r, between),
                          "the correlation of \"%s\" and \"%s\" is stated already", between->items[0]->text,
                          between->items[1]->text);
        return;
    }
    double value = covariance ? strtod(covariance->text, NULL)
                              : strtod(correlation->text, NULL) * sqrt(matrix[i * n + i] * matrix[j * n + j]);
    matrix[i * n + j] = value;
    matrix[j * n + i] = value;
}

static void read_covariance(struct model_reader *r, const double *variances)
{
    struct model *model = r->model;
    const struct node *list = reader_root(r, "correlations");
    size_t n = (size_t)model->effect_count;
    model->covariance = calloc(n * n + 1, sizeof(double));
    model->cholesky = calloc(n * n + 1, sizeof(double));
    if (!model->covariance || !model->cholesky) {
        diagnostics_out_of_memory(r->d);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        model->covariance[i * n + i] = variances[i];
    }
    for (int i = 0; i < list->count; i++) {
        read_correlation(r, list->items[i]);
    }
    if (r->d->errors == 0 && cholesky(model->covariance, model->cholesky, (int)n)) {
        diagnostics_error(r->d, reader_place(r, list),
                          "the covariances are not possible together: the matrix is "
                          "not positive definite");
    }
}

void reader_parameters(struct model_reader *r)
{
    double variances[MODEL_PARAMETERS_MAX] = {0};
    const struct node *map = reader_root(r, "parameters");
    if (map->count > MODEL_PARAMETERS_MAX) {
        diagnostics_error(r->d, reader_place(r, map), "more than %d parameters", MODEL_PARAMETERS_MAX);
        return;
    }
    for (int i = 0; i < map->count; i++) {
        read_parameter(r, map->keys[i], map->items[i], variances);
    }
    read_covariance(r, variances);
}
