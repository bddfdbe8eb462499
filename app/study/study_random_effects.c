/* Where the random effects of a study's patients come from: drawn, a column of the table of patients, or one value for all. */
#include "study_axis.h"

#include "model/effects.h"

#include <stdlib.h>
#include <string.h>

/* How many models of the study have the random effect; `last` is one of them. */
static int count_models(const struct study *study, const char *parameter, int *last)
{
    int count = 0;
    for (int m = 0; m < study->model_count; m++) {
        const int p = model_parameter(&study->models[m], parameter);
        if (p >= 0 && study->models[m].parameters[p].effect >= 0) {
            *last = m;
            count++;
        }
    }
    return count;
}

static void tell_unknown(struct study_reader *r, const struct node *key)
{
    enum { NAMES_MAX = 256 };
    const char *names[NAMES_MAX];
    int count = 0;
    for (int m = 0; m < r->study->model_count; m++) {
        const struct model *model = &r->study->models[m];
        for (int e = 0; e < model->effect_count && count < NAMES_MAX; e++) {
            names[count++] = model->parameters[model->effects[e].parameter].name;
        }
    }
    study_unknown(r, key, "parameter that varies between patients", names, count);
}

/* Gives the random effect of a parameter this source, in all models that have it. */
static void set_source(struct study *study, const char *parameter, struct effect_source source)
{
    for (int m = 0; m < study->model_count; m++) {
        const struct model *model = &study->models[m];
        const int p = model_parameter(model, parameter);
        if (p >= 0 && model->parameters[p].effect >= 0) {
            study->effects[m].effects[model->parameters[p].effect] = source;
        }
    }
}

/* What the sweep sets in all patients has no random effect. */
static void check_sweep(struct study_reader *r, const char *parameter, const char *what)
{
    const struct node *swept = study_find_swept(r, parameter);
    if (swept) {
        study_error(r, swept,
                    "%s the random effect of %s, and the sweep sets %s in all patients; leave one out", what,
                    parameter, parameter);
    }
}

static void read_fixed(struct study_reader *r, const struct node *key, const struct node *node)
{
    struct study *study = r->study;
    struct effect_source source = {.origin = EFFECT_FIXED};
    int m = 0;
    const int count = count_models(study, key->text, &m);
    if (count == 0) {
        tell_unknown(r, key);
        return;
    }
    const struct parameter *p = &study->models[m].parameters[model_parameter(&study->models[m], key->text)];
    const bool shifts = p->variability == VARIABILITY_NORMAL;
    if (!study_quantity(r, node, shifts ? p->unit : "1", BOUND_NONE, &source.value)) {
        return;
    }
    if (count > 1 && source.value != 0) {
        study_error(
            r, node,
            "%s varies in several models of the study, each in its own way; it can be fixed at 0 only",
            key->text);
    }
    if (shifts) {
        source.value = source.value * p->num / p->den;
    }
    check_sweep(r, key->text, "patients.random_effects gives");
    set_source(study, key->text, source);
}

static void read_columns(struct study_reader *r, const struct node *map)
{
    const struct patient_table *table = r->study->table;
    const size_t prefix = strlen(PATIENT_EFFECT_PREFIX);
    for (int i = 0; table && i < table->column_count; i++) {
        if (strncmp(table->columns[i], PATIENT_EFFECT_PREFIX, prefix) != 0) {
            continue;
        }
        const char *parameter = table->columns[i] + prefix;
        const struct node *given = node_find(map, parameter);
        if (given) {
            study_error(r, given, "the table of patients gives %s, too; leave one out", table->columns[i]);
        }
        check_sweep(r, parameter, "the table of patients gives");
        set_source(r->study, parameter, (struct effect_source){.origin = EFFECT_SUPPLIED, .column = i});
    }
}

int study_read_effects(struct study_reader *r)
{
    struct study *study = r->study;
    const struct node *map = node_find(study_root(r, "patients"), "random_effects");
    if (!r->models_known || study->model_count == 0) {
        return 0;
    }
    study->effects = calloc((size_t)study->model_count, sizeof(*study->effects));
    if (!study->effects) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; map && map->kind == NODE_MAP && i < map->count; i++) {
        if (node_is_scalar(map->items[i])) {
            read_fixed(r, map->keys[i], map->items[i]);
        }
    }
    read_columns(r, map);
    for (int m = 0; m < study->model_count; m++) {
        if (effect_sources_solve(&study->effects[m], &study->models[m])) {
            return diagnostics_out_of_memory(r->d);
        }
    }
    return 0;
}
