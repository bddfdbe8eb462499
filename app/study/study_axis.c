/* The entries of an axis: read, and checked as if they stood in the study itself. */
#include "study_axis.h"

#include "model/patients.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const dose_units[] = {[DOSE_ABSOLUTE] = "mg", [DOSE_PER_KG] = "mg/kg"};

/* Of what is measured in time. */
static const struct time_form {
    const char *unit;
    enum bound bound;
} time_forms[] = {
    [AXIS_OVER] = {"min", BOUND_POSITIVE},
    [AXIS_EVERY] = {"h", BOUND_POSITIVE},
    [AXIS_AT] = {"h", BOUND_NOT_NEGATIVE},
    [AXIS_DELAY] = {"h", BOUND_NONE},
};

static bool is_time(const struct axis *axis)
{
    return axis->kind == AXIS_OVER || axis_sets_times(axis);
}

bool axis_sets_times(const struct axis *axis)
{
    return axis->kind == AXIS_EVERY || axis->kind == AXIS_AT || axis->kind == AXIS_DELAY;
}

const struct axis *study_axis_at(const struct study_reader *r, int i)
{
    return &r->axes[i];
}

const struct axis *study_covariate_axis(const struct study_reader *r, int covariate)
{
    for (int i = 0; i < r->study->axis_count; i++) {
        if (r->axes[i].kind == AXIS_COVARIATE && r->axes[i].covariate == covariate) {
            return &r->axes[i];
        }
    }
    return NULL;
}

const struct axis *axis_of_dose(const struct study_reader *r, const struct written_arm *arm, int item)
{
    for (int i = 0; i < r->study->axis_count; i++) {
        if (r->axes[i].kind == AXIS_DOSE && axis_sets_item(&r->axes[i], arm, item)) {
            return &r->axes[i];
        }
    }
    return NULL;
}

/* The first model that has the parameter of the axis; NULL where none could be read. */
static const struct parameter *axis_parameter(const struct study_reader *r, const struct axis *axis, int m)
{
    const struct model *model = &r->study->models[m];
    const int index = model->name ? model_parameter(model, axis->target) : -1;
    return index < 0 ? NULL : &model->parameters[index];
}

const char *axis_unit(const struct study_reader *r, const struct axis *axis)
{
    if (axis->kind == AXIS_DOSE) {
        return dose_units[axis->basis];
    }
    if (axis->kind == AXIS_COVARIATE) {
        return r->study->covariates[axis->covariate].unit;
    }
    for (int m = 0; axis->kind == AXIS_PARAMETER && m < r->study->model_count; m++) {
        const struct parameter *p = axis_parameter(r, axis, m);
        if (p) {
            return p->unit;
        }
    }
    return is_time(axis) ? time_forms[axis->kind].unit : "1";
}

enum bound axis_bound(const struct study_reader *r, const struct axis *axis)
{
    if (axis->kind == AXIS_COVARIATE) {
        const struct population_covariate *covariate = &r->study->covariates[axis->covariate];
        return covariate_bound(covariate->name, covariate->unit);
    }
    return axis->kind == AXIS_DOSE        ? BOUND_NOT_NEGATIVE
           : axis->kind == AXIS_PARAMETER ? BOUND_NONE
                                          : time_forms[axis->kind].bound;
}

int axis_reserve(struct study_reader *r, struct axis *axis, int count)
{
    const size_t entries = (size_t)count + 1;
    const size_t settings = axis->kind == AXIS_PARAMETER ? (size_t)r->study->model_count
                            : is_time(axis)              ? 1
                                                         : 0;
    axis->values = malloc(entries * sizeof(*axis->values));
    axis->settings = calloc(entries * settings + 1, sizeof(*axis->settings));
    if (!axis->values || !axis->settings) {
        return diagnostics_out_of_memory(r->d);
    }
    axis->count = count;
    for (int i = 0; i < count; i++) {
        axis->values[i] = NAN;
    }
    return 0;
}

void axis_clear(struct axis *axis)
{
    free(axis->cells);
    free(axis->values);
    free(axis->settings);
    free(axis->entries);
}

/* --- checks --- */

/* Whether every item can take a dose of the axis. */
static bool check_dose(struct study_reader *r, const struct axis *axis, const struct node *node,
                       double amount)
{
    for (int i = 0; i < r->arm_count; i++) {
        const struct written_arm *arm = &r->arms[i];
        for (int k = 0; k < arm->item_count; k++) {
            const struct regimen_item *item = &arm->items[k];
            if (!axis_sets_item(axis, arm, k)) {
                continue;
            }
            if (item->dosing == DOSING_DOSE_RATE && axis->basis != item->dose.basis) {
                study_error(r, node, "dose \"%s\" and the rate in arm \"%s\" must both be per kg, or neither",
                            node->text, arm->name);
                return false;
            }
            if (!regimen_allows(r, arm, item, node, amount, axis->basis)) {
                return false;
            }
        }
    }
    return true;
}

static bool check_parameter(struct study_reader *r, const struct axis *axis, const struct node *node, int i)
{
    for (int m = 0; m < r->study->model_count; m++) {
        const struct parameter *p = axis_parameter(r, axis, m);
        const double setting = axis->settings[(ptrdiff_t)i * r->study->model_count + m];
        if (p && (setting < p->lowest || setting > p->highest)) {
            study_error(r, node, "\"%s\" is outside the physical range of %s in %s", node->text, p->name,
                        r->study->models[m].name);
            return false;
        }
    }
    return true;
}

static bool check_entry(struct study_reader *r, const struct axis *axis, const struct node *node, int i)
{
    return axis->kind == AXIS_DOSE        ? check_dose(r, axis, node, axis->values[i])
           : axis->kind == AXIS_PARAMETER ? check_parameter(r, axis, node, i)
                                          : true;
}

/* --- as written --- */

static bool read_dose(struct study_reader *r, struct axis *axis, int i, const struct node *node)
{
    int basis = DOSE_ABSOLUTE;
    double amount = 0;
    if (!study_quantity_any(r, node, dose_units, 2, BOUND_NOT_NEGATIVE, &amount, &basis)) {
        return false;
    }
    if (!axis->has_basis) {
        axis->basis = (enum dose_basis)basis;
        axis->has_basis = true;
    }
    if (axis->basis != (enum dose_basis)basis) {
        study_error(r, node, "\"%s\" is in %s and the first dose in %s", node->text, dose_units[basis],
                    dose_units[axis->basis]);
        return false;
    }
    axis->values[i] = amount;
    return true;
}

static bool read_time(struct study_reader *r, struct axis *axis, int i, const struct node *node)
{
    const struct time_form *form = &time_forms[axis->kind];
    return study_time(r, node, form->unit, form->bound, &axis->settings[i]) &&
           study_quantity(r, node, form->unit, BOUND_NONE, &axis->values[i]);
}

static bool read_covariate(struct study_reader *r, struct axis *axis, int i, const struct node *node)
{
    struct population_covariate fixed = r->study->covariates[axis->covariate];
    if (!node_is_scalar(node)) {
        return false; /* told by the schema, or not at all: no study has it twice */
    }
    study_read_distribution(r, node, &fixed);
    axis->values[i] = fixed.a;
    return !isnan(fixed.a);
}

static bool read_parameter(struct study_reader *r, struct axis *axis, int i, const struct node *node)
{
    const char *unit = axis_unit(r, axis);
    bool read = true;
    for (int m = 0; m < r->study->model_count; m++) {
        const struct parameter *p = axis_parameter(r, axis, m);
        double *setting = &axis->settings[(ptrdiff_t)i * r->study->model_count + m];
        if (!p) {
            continue; /* told before, or a model that could not be read */
        }
        if (!study_quantity(r, node, p->unit, BOUND_NONE, setting)) {
            read = false;
            continue;
        }
        if (strcmp(unit, p->unit) == 0) {
            axis->values[i] = *setting;
        }
        *setting = *setting * p->num / p->den;
    }
    return read;
}

bool axis_read_entry(struct study_reader *r, struct axis *axis, int i, const struct node *node)
{
    const bool read = axis->kind == AXIS_DOSE        ? read_dose(r, axis, i, node)
                      : axis->kind == AXIS_COVARIATE ? read_covariate(r, axis, i, node)
                      : axis->kind == AXIS_PARAMETER ? read_parameter(r, axis, i, node)
                                                     : read_time(r, axis, i, node);
    return read && check_entry(r, axis, node, i);
}

/* --- as numbers --- */

static bool find_factor(struct study_reader *r, const struct node *node, const char *from, const char *to,
                        struct factor *factor)
{
    struct units_error why;
    if (units_factors(r->units, from, to, &factor->num, &factor->den, &why)) {
        study_error(r, node, "%s", why.text);
        return false;
    }
    return true;
}

bool axis_scale_init(struct study_reader *r, struct axis *axis, struct axis_scale *scale,
                     const struct node *node, const char *unit)
{
    struct units_error why;
    *scale = (struct axis_scale){.value = {1, 1}};
    if (axis->kind == AXIS_DOSE && !axis->has_basis) {
        double num;
        double den;
        axis->basis = units_factors(r->units, unit, dose_units[DOSE_PER_KG], &num, &den, &why) == 0
                          ? DOSE_PER_KG
                          : DOSE_ABSOLUTE;
        axis->has_basis = true;
    }
    if (!find_factor(r, node, unit, axis_unit(r, axis), &scale->value) ||
        (is_time(axis) && !find_factor(r, node, unit, "s", &scale->settings[0]))) {
        return false;
    }
    for (int m = 0; axis->kind == AXIS_PARAMETER && m < r->study->model_count; m++) {
        const struct parameter *p = axis_parameter(r, axis, m);
        struct factor *factor = &scale->settings[m];
        if (p && !find_factor(r, node, unit, p->unit, factor)) {
            return false;
        }
        if (p) {
            factor->num *= p->num;
            factor->den *= p->den;
        }
    }
    return true;
}

static double scaled(double number, struct factor factor)
{
    return number * factor.num / factor.den;
}

/* Times in whole seconds fall on the same numbers as others; what was meant to be one is. */
static double whole_seconds(double seconds)
{
    const double near = 1e-6; /* s */
    return fabs(seconds - round(seconds)) < near ? round(seconds) : seconds;
}

bool axis_take_entry(struct study_reader *r, struct axis *axis, int i, const struct node *node, double number,
                     const struct axis_scale *scale)
{
    const double value = scaled(number, scale->value);
    const enum bound bound = axis_bound(r, axis);
    if (bound == BOUND_POSITIVE && !(value > 0)) {
        study_error(r, node, "\"%s\" must be above 0%s", node->text, axis->drawn ? "; give it a min" : "");
        return false;
    }
    if (bound == BOUND_NOT_NEGATIVE && !(value >= 0)) {
        study_error(r, node, "\"%s\" must not be negative%s", node->text,
                    axis->drawn ? "; give it a min" : "");
        return false;
    }
    axis->values[i] = value;
    if (is_time(axis)) {
        axis->settings[i] = whole_seconds(scaled(number, scale->settings[0]));
    }
    for (int m = 0; axis->kind == AXIS_PARAMETER && m < r->study->model_count; m++) {
        if (axis_parameter(r, axis, m)) {
            axis->settings[(ptrdiff_t)i * r->study->model_count + m] = scaled(number, scale->settings[m]);
        }
    }
    return check_entry(r, axis, node, i);
}

/* --- as text --- */

static bool is_text(const struct axis *axis)
{
    return axis->list || (axis->cells && !axis->cell_unit);
}

const char *axis_text(const struct study_reader *r, const struct axis *axis, int i, struct value_text *buffer)
{
    const char *unit = axis_unit(r, axis);
    if (axis->list) {
        return axis->list->items[i]->text;
    }
    if (is_text(axis)) {
        return axis->cells[i].text;
    }
    if (axis->drawn) { /* the point is named beside it, and the value in full in the result */
        snprintf(buffer->text, sizeof(buffer->text), "%.6g%s%s", axis->values[i],
                 strcmp(unit, "1") == 0 ? "" : " ", strcmp(unit, "1") == 0 ? "" : unit);
    } else {
        *buffer = value_write(axis->values[i], unit);
    }
    return buffer->text;
}

const struct node *axis_node(struct study_reader *r, const struct axis *axis, int i)
{
    if (axis->list) {
        return axis->list->items[i];
    }
    /* The text is only read: a node that nobody owns. */
    r->cell = (struct node){
        .kind = NODE_SCALAR,
        .text =
            (char *)(uintptr_t)(axis->cells ? axis->cells[i].text : axis_text(r, axis, i, &r->cell_number)),
        .line = axis->cells ? axis->cells[i].line : axis->value->line,
        .column = axis->cells ? axis->cells[i].column : axis->value->column,
    };
    r->cell_file = axis->cells && !axis->of_candidates ? r->table_path : NULL;
    r->cell_point = axis->drawn ? i + 1 : 0;
    return &r->cell;
}
