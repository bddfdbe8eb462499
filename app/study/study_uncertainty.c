/* How sure a study says that the estimates of its models are. */
#include "study_axis.h"

#include "model/cholesky.h"
#include "model/design.h"
#include "model/number.h"
#include "model/uncertainty.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLICATES_MIN = 2, REPLICATES_MAX = 10000, NAMES_MAX = 128 };

/* --- what is said of the whole --- */

static void read_replicates(struct study_reader *r, const struct node *map)
{
    const struct node *replicates = node_find(map, "replicates");
    const struct node *confidence = node_find(map, "confidence");
    struct study *study = r->study;
    uint64_t count = 0;
    if (study_quantity(r, confidence, "1", BOUND_NONE, &study->confidence) &&
        !(study->confidence > 0 && study->confidence < 1)) {
        study_error(r, confidence, "the confidence \"%s\" must lie between 0 and 1", confidence->text);
        return;
    }
    if (!node_is_scalar(replicates) || !number_read_whole(replicates->text, &count)) {
        return; /* told by the schema */
    }
    if (count < REPLICATES_MIN || count > REPLICATES_MAX) {
        study_error(r, replicates, "replicates must be %d to %d", REPLICATES_MIN, REPLICATES_MAX);
        return;
    }
    if ((double)count * (1 - study->confidence) / 2 < 1) {
        study_warning(
            r, replicates,
            "the ends of an interval of %g over %d replicates are those of the least and the greatest; "
            "take %.0f at least",
            study->confidence, (int)count, ceil(2 / (1 - study->confidence)));
    }
    study->replicates = (int)count;
}

/* Every model must be in the map, and no other. */
static void check_models(struct study_reader *r, const struct node *map)
{
    const struct study *study = r->study;
    const char *names[STUDY_MODELS_MAX];
    int count = 0;
    for (int m = 0; m < study->model_count; m++) {
        if (count < STUDY_MODELS_MAX) {
            names[count++] = study->models[m].name;
        }
        if (!node_find(map, study->models[m].name)) {
            study_error(
                r, map,
                "the uncertainty of %s is not stated, whose replicates would all be alike; state it, or "
                "simulate that model in a study of its own",
                study->models[m].name);
        }
    }
    for (int i = 0; i < map->count; i++) {
        bool known = false;
        for (int k = 0; k < count; k++) {
            known |= node_reads(map->keys[i], names[k]);
        }
        if (!known) {
            study_unknown(r, map->keys[i], "model of the study", names, count);
        }
    }
}

/* --- an estimate --- */

static const struct scale {
    const char *name;
    enum variability scale;
    bool has_cv;
} scales[] = {
    {"lognormal", VARIABILITY_LOGNORMAL, true},
    {"logit", VARIABILITY_LOGIT, false},
    {"normal", VARIABILITY_NORMAL, false},
};

enum { SCALES = sizeof(scales) / sizeof(scales[0]) };

/* The scale that `node`, {SCALE: {cv: ..., or sd: ...}}, names; NULL with the mistake told. */
static const struct scale *read_scale(struct study_reader *r, const struct node *node, const char *name,
                                      int allowed)
{
    const char *names[SCALES];
    for (int i = 0; i < allowed; i++) {
        names[i] = scales[i].name;
    }
    if (node->kind != NODE_MAP || node->count != 1) {
        study_error(r, node, "how sure %s is takes %s, like {lognormal: {cv: 5 %%}}", name,
                    allowed > 1 ? "one of lognormal, logit, normal" : "lognormal");
        return NULL;
    }
    for (int i = 0; i < allowed; i++) {
        if (node_reads(node->keys[0], scales[i].name)) {
            return &scales[i];
        }
    }
    study_unknown(r, node->keys[0], "scale of an estimate", names, allowed);
    return NULL;
}

/* Fills in the scale and the standard error. False with the mistake told. */
static bool read_error(struct study_reader *r, const struct parameter *p, const struct node *node,
                       const struct scale *scale, struct uncertain_estimate *estimate)
{
    const struct node *map = node->items[0];
    const bool normal = scale->scale == VARIABILITY_NORMAL;
    const bool cv = map->kind == NODE_MAP && map->count == 1 && node_reads(map->keys[0], "cv");
    if (map->kind != NODE_MAP || map->count != 1 ||
        !(node_reads(map->keys[0], "sd") || (cv && scale->has_cv)) || !node_is_scalar(map->items[0])) {
        study_error(r, map,
                    scale->has_cv ? "%s takes the standard error as cv or sd"
                                  : "%s takes the standard error as sd",
                    scale->name);
        return false;
    }
    if (!study_quantity(r, map->items[0], normal ? p->unit : "1", BOUND_NOT_NEGATIVE, &estimate->sd)) {
        return false;
    }
    if (cv) {
        estimate->sd = sqrt(log1p(estimate->sd * estimate->sd));
    } else if (normal) {
        estimate->sd = estimate->sd * p->num / p->den;
    }
    estimate->scale = scale->scale;
    return true;
}

/* Whether draws have the standard deviation that is uncertain; false with the mistake told. */
static bool is_drawn(struct study_reader *r, int m, int parameter, const struct node *key)
{
    const struct model *model = &r->study->models[m];
    const int effect = model->parameters[parameter].effect;
    if (effect < 0) {
        study_error(r, key, "%s does not vary between patients in %s", key->text, model->name);
        return false;
    }
    if (!r->study->variability || r->study->effects[m].effects[effect].origin != EFFECT_SAMPLED) {
        study_error(r, key,
                    "the random effect of %s is not drawn, so that nothing depends on its standard deviation",
                    key->text);
        return false;
    }
    return true;
}

/* Reads `typical` or `variability` of a model. */
static void read_estimates(struct study_reader *r, int m, const struct node *map, bool of_variability)
{
    const struct model *model = &r->study->models[m];
    struct model_uncertainty *u = &r->study->uncertainty[m];
    const char *names[MODEL_PARAMETERS_MAX];
    for (int p = 0; p < model->parameter_count; p++) {
        names[p] = model->parameters[p].name;
    }
    for (int i = 0; map && map->kind == NODE_MAP && i < map->count; i++) {
        const struct node *key = map->keys[i];
        const int parameter = model_parameter(model, key->text);
        struct uncertain_estimate estimate = {.parameter = parameter, .of_variability = of_variability};
        if (parameter < 0) {
            char what[128];
            snprintf(what, sizeof(what), "parameter of %s", model->name);
            study_unknown(r, key, what, names, model->parameter_count);
            continue;
        }
        if (study_find_swept(r, key->text)) {
            study_error(r, key, "the sweep sets %s in all patients, whatever was estimated; leave one out",
                        key->text);
            continue;
        }
        if (of_variability && !is_drawn(r, m, parameter, key)) {
            continue;
        }
        const struct scale *scale = read_scale(r, map->items[i], key->text, of_variability ? 1 : SCALES);
        if (scale && scale->scale == VARIABILITY_LOGIT &&
            strcmp(model->parameters[parameter].unit, "1") != 0) {
            study_error(r, map->items[i]->keys[0], "logit is for fractions, and %s is in %s", key->text,
                        model->parameters[parameter].unit);
        } else if (scale && read_error(r, &model->parameters[parameter], map->items[i], scale, &estimate)) {
            u->estimates[u->count++] = estimate;
        }
    }
}

/* --- correlations --- */

/* The typical value that an item of `of` names; -1 with the mistake told. */
static int find_estimate(struct study_reader *r, int m, const struct node *node)
{
    const struct model_uncertainty *u = &r->study->uncertainty[m];
    const int parameter = model_parameter(&r->study->models[m], node->text);
    for (int i = 0; i < u->count; i++) {
        if (u->estimates[i].parameter == parameter && !u->estimates[i].of_variability) {
            return i;
        }
    }
    return study_error(r, node, "\"%s\" is not among the typical values that are uncertain", node->text);
}

/* Spreads the correlations of `of` over those of all estimates. False with a mistake told. */
static bool place_correlations(struct study_reader *r, int m, const struct node *of, const double *part,
                               double *matrix)
{
    const int n = r->study->uncertainty[m].count;
    int at[MODEL_PARAMETERS_MAX];
    bool valid = true;
    for (int i = 0; i < of->count; i++) {
        if (!node_is_scalar(of->items[i])) {
            return false; /* told by the schema */
        }
        study_check_once(r, of, i);
        at[i] = find_estimate(r, m, of->items[i]);
        valid &= at[i] >= 0;
        for (int k = 0; valid && k <= i; k++) {
            matrix[at[i] * n + at[k]] = matrix[at[k] * n + at[i]] = part[i * of->count + k];
        }
    }
    return valid;
}

static int read_correlations(struct study_reader *r, int m, const struct node *map)
{
    const struct node *of = node_find(map, "of");
    const struct node *values = node_find(map, "matrix");
    struct model_uncertainty *u = &r->study->uncertainty[m];
    const size_t n = (size_t)u->count;
    const bool given = of && values && of->kind == NODE_LIST;
    if (given && (of->count < 2 || of->count > MODEL_PARAMETERS_MAX)) {
        study_error(r, of, "2 to %d estimates can be correlated", MODEL_PARAMETERS_MAX);
        return 0;
    }
    double *matrix = calloc(n * n + 1, sizeof(*matrix));
    double *part = given ? calloc((size_t)of->count * (size_t)of->count, sizeof(*part)) : NULL;
    u->lower = calloc(n * n + 1, sizeof(*u->lower));
    if (!matrix || !u->lower || (given && !part)) {
        free(matrix);
        free(part);
        return diagnostics_out_of_memory(r->d);
    }
    for (size_t i = 0; i < n; i++) {
        matrix[i * n + i] = 1;
    }
    const bool valid = !given || (study_read_matrix(r, of, values, "parameters", part) &&
                                  place_correlations(r, m, of, part, matrix));
    if (valid && cholesky(matrix, u->lower, (int)n) != 0) {
        study_error(r, values,
                    "these correlations are not possible together: the matrix is not positive definite");
    }
    free(matrix);
    free(part);
    return 0;
}

/* --- the whole --- */

static int read_model(struct study_reader *r, int m, const struct node *map)
{
    struct model_uncertainty *u = &r->study->uncertainty[m];
    const struct node *source = node_find(map, "source");
    u->estimates = calloc(2 * MODEL_PARAMETERS_MAX, sizeof(*u->estimates));
    if (!u->estimates) {
        return diagnostics_out_of_memory(r->d);
    }
    u->source = study_text(source);
    read_estimates(r, m, node_find(map, "typical"), false);
    read_estimates(r, m, node_find(map, "variability"), true);
    if (map->kind == NODE_MAP && !r->d->errors && u->count == 0) {
        study_error(r, map, "which estimates of %s are uncertain? `typical` or `variability` name them",
                    r->study->models[m].name);
    }
    return read_correlations(r, m, node_find(map, "correlations"));
}

/* What all replicates take the estimates to be, deviations[model][replicate][estimate]. */
static int draw(struct study_reader *r)
{
    struct study *study = r->study;
    size_t count = 0;
    for (int m = 0; m < study->model_count; m++) {
        count += (size_t)study->uncertainty[m].count * (size_t)study->replicates;
    }
    struct deviation *next = study->deviations = calloc(count + 1, sizeof(*next));
    if (!next) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int m = 0; m < study->model_count; m++) {
        for (int replicate = 1; replicate <= study->replicates; replicate++) {
            uncertainty_draw(&study->uncertainty[m], &study->models[m], study->seed, replicate, next);
            next += study->uncertainty[m].count;
        }
    }
    return 0;
}

int study_read_uncertainty(struct study_reader *r)
{
    struct study *study = r->study;
    const struct node *map = study_root(r, "uncertainty");
    const struct node *models = node_find(map, "models");
    const int errors = r->d->errors;
    if (!map || map->kind != NODE_MAP || !models || models->kind != NODE_MAP || !r->models_known ||
        study->model_count == 0) {
        return 0;
    }
    read_replicates(r, map);
    if (r->design && r->design->sensitivity != SENSITIVITY_NONE) {
        study_error(
            r, map,
            "%s is about models as they are published: make what is uncertain axes of its sweep, or take "
            "another design",
            r->design->name);
    }
    if (r->for_candidates) {
        study_error(r, map,
                    "`ketsim optimize` searches with the models as published; leave out \"uncertainty\"");
    }
    check_models(r, models);
    study->uncertainty = calloc((size_t)study->model_count, sizeof(*study->uncertainty));
    if (!study->uncertainty) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int m = 0; m < study->model_count; m++) {
        const struct node *model = node_find(models, study->models[m].name);
        if (model && read_model(r, m, model)) {
            return -1;
        }
    }
    if ((double)r->arm_count * study->point_count * (study->replicates + 1.0) > STUDY_ARMS_MAX) {
        study_error(r, node_find(map, "replicates"),
                    "%d arms, points of the sweep included, with %d replicates each are more than %d",
                    r->arm_count * study->point_count, study->replicates, STUDY_ARMS_MAX);
    }
    return r->d->errors > errors ? 0 : draw(r);
}
