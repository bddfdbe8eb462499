#include "study_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AXIS_NAMES_MAX = 512 };

static struct sweep_axis *axis_values(const struct study_reader *r, const struct axis *axis)
{
    return &r->study->axes[axis - r->axes];
}

/* --- dose --- */

/* Whether every regimen can take a dose of the axis. */
static void check_dose(struct study_reader *r, const struct node *node, double amount, enum dose_basis basis)
{
    for (int i = 0; i < r->arm_count; i++) {
        const struct written_arm *arm = &r->arms[i];
        for (int k = 0; k < arm->item_count; k++) {
            const struct regimen_item *item = &arm->items[k];
            if (item->dosing == DOSING_DOSE_RATE && basis != item->dose.basis) {
                study_error(r, node, "dose \"%s\" and the rate in arm \"%s\" must both be per kg, or neither",
                            node->text, arm->name);
                return;
            }
            if (!regimen_allows(r, arm, item, node, amount, basis)) {
                return;
            }
        }
    }
}

static void read_doses(struct study_reader *r, struct axis *axis)
{
    static const char *const units[] = {[DOSE_ABSOLUTE] = "mg", [DOSE_PER_KG] = "mg/kg"};
    struct sweep_axis *values = axis_values(r, axis);
    bool first = true;
    for (int i = 0; i < r->arm_count; i++) {
        for (int k = 0; k < r->arms[i].item_count; k++) {
            if (r->arms[i].items[k].dosing == DOSING_RATE_OVER) {
                study_error(r, axis->list,
                            "the sweep replaces doses, and arm \"%s\" gives rate and over; write dose "
                            "and over there",
                            r->arms[i].name);
            }
        }
    }
    for (int i = 0; i < values->count; i++) {
        const struct node *node = axis->list->items[i];
        int basis = DOSE_ABSOLUTE;
        double amount = 0;
        if (!study_quantity_any(r, node, units, 2, BOUND_NOT_NEGATIVE, &amount, &basis)) {
            continue;
        }
        if (first) {
            axis->basis = (enum dose_basis)basis;
            first = false;
        }
        if (axis->basis != (enum dose_basis)basis) {
            study_error(r, node, "\"%s\" is in %s and the first dose in %s", node->text, units[basis],
                        units[axis->basis]);
            continue;
        }
        values->values[i] = amount;
        check_dose(r, node, amount, axis->basis);
    }
    values->unit = units[axis->basis];
}

/* --- duration --- */

static void check_overs(struct study_reader *r, const struct axis *axis)
{
    for (int i = 0; i < r->arm_count; i++) {
        const struct written_arm *arm = &r->arms[i];
        int replaced = 0;
        bool rate = false;
        for (int k = 0; k < arm->item_count; k++) {
            replaced += arm->items[k].dosing == DOSING_DOSE_OVER;
            rate |= arm->items[k].dosing == DOSING_RATE_OVER;
        }
        if (rate || (arm->item_count > 0 && !replaced)) {
            study_error(r, axis->list, "the sweep replaces over beside dose, and arm \"%s\" %s", arm->name,
                        rate ? "gives rate and over" : "has no such infusion");
        }
    }
}

static void read_overs(struct study_reader *r, struct axis *axis)
{
    struct sweep_axis *values = axis_values(r, axis);
    values->unit = "min";
    check_overs(r, axis);
    for (int i = 0; i < values->count; i++) {
        const struct node *node = axis->list->items[i];
        if (study_time(r, node, "min", BOUND_POSITIVE, &axis->settings[i])) {
            study_quantity(r, node, values->unit, BOUND_NONE, &values->values[i]);
        }
    }
}

/* --- covariates and parameters --- */

static void read_covariates(struct study_reader *r, struct axis *axis)
{
    struct sweep_axis *values = axis_values(r, axis);
    const struct population_covariate *covariate = &r->study->covariates[axis->covariate];
    values->unit = covariate->unit;
    for (int i = 0; i < values->count; i++) {
        struct population_covariate fixed = *covariate;
        if (node_is_scalar(axis->list->items[i])) {
            study_read_distribution(r, axis->list->items[i], &fixed);
            values->values[i] = fixed.a;
        }
    }
}

static void read_parameters(struct study_reader *r, struct axis *axis)
{
    struct sweep_axis *values = axis_values(r, axis);
    for (int m = 0; m < r->study->model_count; m++) {
        const struct model *model = &r->study->models[m];
        int index = model->name ? model_parameter(model, axis->name) : -1;
        if (index < 0) {
            continue; /* told by find_parameter, or a model that could not be read */
        }
        const struct parameter *p = &model->parameters[index];
        values->unit = values->unit ? values->unit : p->unit;
        for (int i = 0; i < values->count; i++) {
            const struct node *node = axis->list->items[i];
            double *setting = &axis->settings[i * r->study->model_count + m];
            if (!study_quantity(r, node, p->unit, BOUND_NONE, setting)) {
                continue;
            }
            *setting = *setting * p->num / p->den;
            if (*setting < p->lowest || *setting > p->highest) {
                study_error(r, node, "\"%s\" is outside the physical range of %s in %s", node->text, p->name,
                            model->name);
            }
            if (values->unit == p->unit) {
                study_quantity(r, node, p->unit, BOUND_NONE, &values->values[i]);
            }
        }
    }
}

/* --- what an axis is --- */

static void tell_unknown_axis(struct study_reader *r, const struct node *key)
{
    const char *names[AXIS_NAMES_MAX] = {"dose", "over"};
    int count = 2;
    for (int i = 0; i < r->study->covariate_count && count < AXIS_NAMES_MAX; i++) {
        names[count++] = r->study->covariates[i].name;
    }
    for (int m = 0; m < r->study->model_count; m++) {
        for (int i = 0; i < r->study->models[m].parameter_count && count < AXIS_NAMES_MAX; i++) {
            names[count++] = r->study->models[m].parameters[i].name;
        }
    }
    study_unknown(r, key, "dose, covariate or parameter to sweep over", names, count);
}

/* Whether the axis is a parameter of all models; tells if it is one of some only. */
static bool find_parameter(struct study_reader *r, const struct node *key)
{
    const struct model *without = NULL;
    bool found = false;
    for (int m = 0; m < r->study->model_count; m++) {
        const struct model *model = &r->study->models[m];
        if (model->name && model_parameter(model, key->text) >= 0) {
            found = true;
        } else if (model->name) {
            without = model;
        }
    }
    if (found && without) {
        study_error(r, key, "%s has no parameter \"%s\"; a sweep needs it in every model", without->name,
                    key->text);
    }
    return found;
}

static void read_axis(struct study_reader *r, struct axis *axis, const struct node *key)
{
    axis->name = key->text;
    axis->covariate = study_covariate(r->study, key->text);
    if (study_has_events(r) && (strcmp(key->text, "dose") == 0 || strcmp(key->text, "over") == 0)) {
        study_error(r, key, "the rows of the event table dose the patients; the sweep has no %s to replace",
                    key->text);
    }
    if (strcmp(key->text, "dose") == 0) {
        axis->kind = AXIS_DOSE;
        read_doses(r, axis);
    } else if (strcmp(key->text, "over") == 0) {
        axis->kind = AXIS_OVER;
        read_overs(r, axis);
    } else if (axis->covariate >= 0) {
        axis->kind = AXIS_COVARIATE;
        read_covariates(r, axis);
    } else if (find_parameter(r, key)) {
        axis->kind = AXIS_PARAMETER;
        read_parameters(r, axis);
    } else if (r->models_known) {
        tell_unknown_axis(r, key);
    }
}

/* --- the whole --- */

struct ranked {
    double value;
    int index;
};

static int ranked_compare(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;
    if (left->value != right->value) {
        return left->value < right->value ? -1 : 1;
    }
    return left->index < right->index ? -1 : left->index > right->index;
}

/* A value that is given twice would make two arms of the same name. */
static int check_repeats(struct study_reader *r, const struct axis *axis)
{
    const struct sweep_axis *values = axis_values(r, axis);
    struct ranked *ranked = calloc((size_t)values->count + 1, sizeof(*ranked));
    if (!ranked) {
        return diagnostics_out_of_memory(r->d);
    }
    int count = 0;
    for (int i = 0; i < values->count; i++) {
        if (!isnan(values->values[i])) {
            ranked[count++] = (struct ranked){values->values[i], i};
        }
    }
    qsort(ranked, (size_t)count, sizeof(*ranked), ranked_compare);
    for (int i = 1; i < count; i++) {
        if (ranked[i].value == ranked[i - 1].value) {
            const struct node *node = axis->list->items[ranked[i].index];
            study_error(r, node, "\"%s\" is in the sweep over %s already", node->text, axis->name);
        }
    }
    free(ranked);
    return 0;
}

static int add_axis(struct study_reader *r, const struct node *key, const struct node *list)
{
    struct axis *axis = &r->axes[r->study->axis_count];
    struct sweep_axis *values = &r->study->axes[r->study->axis_count];
    size_t count = (size_t)list->count;
    r->study->axis_count++;
    axis->list = list;
    values->name = key->text;
    values->count = list->count;
    values->values = malloc((count + 1) * sizeof(*values->values));
    axis->settings = calloc(count * (size_t)(r->study->model_count + 1) + 1, sizeof(*axis->settings));
    if (!values->values || !axis->settings) {
        return diagnostics_out_of_memory(r->d);
    }
    for (size_t i = 0; i < count; i++) {
        values->values[i] = NAN;
    }
    read_axis(r, axis, key);
    return check_repeats(r, axis);
}

int study_read_sweep(struct study_reader *r)
{
    const struct node *map = study_root(r, "sweep");
    if (!map || map->kind != NODE_MAP) {
        return 0;
    }
    r->axes = calloc((size_t)map->count + 1, sizeof(*r->axes));
    r->study->axes = calloc((size_t)map->count + 1, sizeof(*r->study->axes));
    if (!r->axes || !r->study->axes) {
        return diagnostics_out_of_memory(r->d);
    }
    double arms = r->arm_count;
    for (int i = 0; i < map->count; i++) {
        const struct node *list = map->items[i];
        if (node_reads(map->keys[i], "design") || list->kind != NODE_LIST) {
            continue;
        }
        if (list->count == 0) {
            study_error(r, list, "the sweep over %s needs a value at least", map->keys[i]->text);
        }
        arms *= list->count;
        if (arms > STUDY_ARMS_MAX) {
            study_error(r, map, "the sweep makes more than %d arms", STUDY_ARMS_MAX);
            return 0;
        }
        if (add_axis(r, map->keys[i], list)) {
            return -1;
        }
    }
    if (map->count == (node_find(map, "design") ? 1 : 0)) {
        study_error(r, map, "a sweep needs something to sweep over, like `dose: [28 mg, 56 mg]`");
    }
    return 0;
}
