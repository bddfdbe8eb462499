/* The sweep of a study: its axes, and which points they make. */
#include "study_axis.h"

#include "model/design.h"
#include "model/number.h"
#include "model/patients.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Designs that do not draw. */
static const char grid[] = "grid";
static const char table[] = "table";

/* Keys of a sweep that are no axes. */
static const char *const own_keys[] = {"design", "points", "table"};

bool study_is_sweep_key(const struct node *key)
{
    for (size_t i = 0; i < sizeof(own_keys) / sizeof(own_keys[0]); i++) {
        if (node_reads(key, own_keys[i])) {
            return true;
        }
    }
    return false;
}

/* --- axes --- */

/* The result calls a variable after it. */
static bool check_name(struct study_reader *r, const struct node *key)
{
    bool plain = isalpha((unsigned char)key->text[0]);
    for (const char *c = key->text; *c; c++) {
        plain &= isalnum((unsigned char)*c) || *c == '_';
    }
    if (!plain) {
        study_error(
            r, key,
            "\"%s\" is no name of an axis, which is of letters, digits and _; write `NAME: {sets: ..., "
            "values: [...]}`",
            key->text);
    }
    return plain;
}

int study_reserve_axes(struct study_reader *r, int count)
{
    r->axes = calloc((size_t)count + 2, sizeof(*r->axes));
    r->study->axes = calloc((size_t)count + 2, sizeof(*r->study->axes));
    return r->axes && r->study->axes ? 0 : diagnostics_out_of_memory(r->d);
}

struct axis *study_add_axis(struct study_reader *r, const struct node *key, const struct node *value)
{
    struct axis *axis = &r->axes[r->study->axis_count];
    const struct node *sets = node_find(value, "sets");
    *axis = (struct axis){.name = key->text, .key = key};
    if (sets && !node_is_scalar(sets)) {
        study_error(r, sets, "\"sets\" is a text, like dose or arms.NAME.regimen.0.dose");
        return NULL;
    }
    if ((sets && !check_name(r, key)) ||
        axis_find_target(r, axis, sets ? sets : key, node_find(value, "session")) ||
        (!sets && !check_name(r, key))) {
        return NULL;
    }
    axis->key = sets ? sets : key;
    axis->value = value;
    struct sweep_axis *row = &r->study->axes[r->study->axis_count++];
    *row = (struct sweep_axis){strdup(key->text), "1", axis->kind == AXIS_COVARIATE ? axis->covariate : -1};
    if (!row->name) {
        diagnostics_out_of_memory(r->d);
        return NULL;
    }
    axis->name = row->name;
    axis_check_target(r, axis);
    return axis;
}

bool axes_meet(const struct study_reader *r, const struct axis *a, const struct axis *b)
{
    if (a->kind != b->kind || a->session != b->session) {
        return false;
    }
    if (a->kind == AXIS_COVARIATE || a->kind == AXIS_PARAMETER) {
        return strcmp(a->target, b->target) == 0;
    }
    if (a->kind == AXIS_DELAY && (a->item < 0) != (b->item < 0)) {
        return false; /* they count sessions differently; delays add up */
    }
    for (int i = 0; i < r->arm_count; i++) {
        for (int k = 0; k < r->arms[i].item_count; k++) {
            if (axis_sets_item(a, &r->arms[i], k) && axis_sets_item(b, &r->arms[i], k)) {
                return true;
            }
        }
    }
    return false;
}

static void check_axes(struct study_reader *r)
{
    for (int i = 0; i < r->study->axis_count; i++) {
        for (int k = 0; k < i; k++) {
            if (axes_meet(r, &r->axes[i], &r->axes[k])) {
                study_error(r, r->axes[i].key, "the axis %s sets the same as the axis %s", r->axes[i].name,
                            r->axes[k].name);
            }
        }
    }
}

/* --- lists --- */

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
    struct ranked *ranked = calloc((size_t)axis->count + 1, sizeof(*ranked));
    if (!ranked) {
        return diagnostics_out_of_memory(r->d);
    }
    int count = 0;
    for (int i = 0; i < axis->count; i++) {
        if (!isnan(axis->values[i])) {
            ranked[count++] = (struct ranked){axis->values[i], i};
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

static int read_list(struct study_reader *r, struct axis *axis, const struct node *list)
{
    axis->list = list;
    if (list->count == 0) {
        study_error(r, list, "the sweep over %s needs a value at least", axis->name);
    }
    if (axis_reserve(r, axis, list->count)) {
        return -1;
    }
    for (int i = 0; i < list->count; i++) {
        if (node_is_scalar(list->items[i])) {
            axis_read_entry(r, axis, i, list->items[i]);
        } else {
            study_error(r, list->items[i], "the values of %s are quantities", axis->name);
        }
    }
    return check_repeats(r, axis);
}

/* --- distributions --- */

/* In which unit a distribution of doses is meant: by its first quantity. */
static const char *dose_unit(const struct study_reader *r, const struct node *map)
{
    struct units_error why;
    double value;
    for (int i = 0; map->kind == NODE_MAP && i < map->count; i++) {
        const struct node *node = map->items[i];
        if (node_is_scalar(node) && units_read(r->units, node->text, "mg/kg", &value, &why) == 0) {
            return "mg/kg";
        }
    }
    return "mg";
}

/* A drawn dose would not be a whole number of devices. */
static bool check_devices(struct study_reader *r, const struct axis *axis, const struct node *node)
{
    for (int i = 0; i < r->arm_count && axis->kind == AXIS_DOSE; i++) {
        const struct written_arm *arm = &r->arms[i];
        for (int k = 0; k < arm->item_count; k++) {
            const int route = arm->items[k].dose.route;
            const double device =
                arm->model >= 0 && route >= 0 ? r->study->models[arm->model].routes[route].device_amount : 0;
            if (device > 0 && axis_sets_item(axis, arm, k)) {
                const struct value_text one = value_write(device, "mg");
                const struct value_text two = value_write(2 * device, "mg");
                study_error(
                    r, node,
                    "a dose drawn like this is no whole number of %s devices; list the doses to draw from, "
                    "like [%s, %s]",
                    one.text, one.text, two.text);
                return false;
            }
        }
    }
    return true;
}

/* `map` has the distribution as its only entry, with others of the axis around it taken away. */
static void read_distribution(struct study_reader *r, struct axis *axis, const struct node *map)
{
    const char *unit;
    if (axis->kind == AXIS_DOSE) {
        axis->basis = strcmp(dose_unit(r, map->count > 0 ? map->items[0] : map), "mg/kg") == 0
                          ? DOSE_PER_KG
                          : DOSE_ABSOLUTE;
        axis->has_basis = true;
    }
    unit = axis_unit(r, axis);
    axis->drawn = true;
    axis->distribution = (struct population_covariate){
        .name = axis->name,
        .unit = unit,
        .category = axis->kind == AXIS_COVARIATE && r->study->covariates[axis->covariate].category,
        .kind = DISTRIBUTION_FIXED,
        .lowest = -INFINITY,
        .highest = INFINITY,
    };
    if (axis->distribution.category) {
        axis->distribution.lowest = 0;
        axis->distribution.highest = 1;
    }
    study_read_distribution_within(r, map, &axis->distribution, axis_bound(r, axis));
    check_devices(r, axis, map);
}

/* What a key of the sweep says: a list, {distribution}, or {sets, session, values or distribution}. */
static int read_axis(struct study_reader *r, const struct node *key, const struct node *value)
{
    const struct node *values = node_find(value, "values");
    struct node *keys[1] = {NULL};
    struct node *items[1] = {NULL};
    int others = 0;
    if (value->kind == NODE_SCALAR) {
        study_error(r, value, "%s takes a list of values%s; write [%s]", key->text,
                    r->design ? " or a distribution" : "", value->text);
        return 0;
    }
    struct axis *axis = study_add_axis(r, key, value);
    if (!axis) {
        return 0;
    }
    for (int i = 0; value->kind == NODE_MAP && i < value->count; i++) {
        if (!node_reads(value->keys[i], "sets") && !node_reads(value->keys[i], "session") &&
            !node_reads(value->keys[i], "values")) {
            keys[0] = value->keys[i];
            items[0] = value->items[i];
            others++;
        }
    }
    if (values && others > 0) {
        study_error(r, keys[0], "the values of %s are listed; leave out \"%s\"", key->text, keys[0]->text);
        return 0;
    }
    values = value->kind == NODE_LIST ? value : values;
    if (values && values->kind != NODE_LIST) {
        study_error(r, values, "values is a list, like [28 mg, 56 mg]");
        return 0;
    }
    if (values) {
        return read_list(r, axis, values);
    }
    if (!r->design) {
        study_error(r, value,
                    "a grid takes lists of values: write `%s: [...]`, or `values: [...]` beside sets",
                    key->text);
        return 0;
    }
    const struct node only = {.kind = NODE_MAP,
                              .line = value->line,
                              .column = value->column,
                              .count = others,
                              .keys = keys,
                              .items = items};
    if (others > 1) {
        study_error(r, keys[0], "%s has one distribution", key->text);
        return 0;
    }
    read_distribution(r, axis, &only);
    return 0;
}

/* --- what is set, before axes are read --- */

const struct node *study_sweep_target(const struct study_reader *r, int i)
{
    const struct node *map = study_root(r, "sweep");
    if (!map || map->kind != NODE_MAP || map->count > STUDY_LIST_MAX) { /* told when the axes are read */
        return NULL;
    }
    if (r->columns) {
        const struct node *name = i < r->columns->count ? r->columns->keys[i] : NULL;
        const struct node *sets = name ? node_find(node_find(map, name->text), "sets") : NULL;
        return node_is_scalar(sets) ? sets : name;
    }
    for (int k = 0; k < map->count; k++) {
        if (!study_is_sweep_key(map->keys[k]) && i-- == 0) {
            const struct node *sets = node_find(map->items[k], "sets");
            return node_is_scalar(sets) ? sets : map->keys[k];
        }
    }
    return NULL;
}

const struct node *study_find_swept(const struct study_reader *r, const char *name)
{
    const struct node *target;
    for (int i = 0; (target = study_sweep_target(r, i)) != NULL; i++) {
        if (node_reads(target, name)) {
            return target;
        }
    }
    return NULL;
}

int study_open_sweep(struct study_reader *r)
{
    const struct node *map = study_root(r, "sweep");
    return node_reads(node_find(map, "design"), table) ? study_open_sweep_table(r, map) : 0;
}

/* --- the whole --- */

static const struct node *read_design(struct study_reader *r, const struct node *map)
{
    const struct node *node = node_find(map, "design");
    const char *names[32] = {grid, table};
    int count = 2;
    for (int i = 0; i < design_count && count < 32; i++) {
        names[count++] = designs[i].name;
    }
    if (!node_is_scalar(node)) {
        return NULL; /* told by the schema */
    }
    r->design = design_find(node->text);
    if (!r->design && !node_reads(node, grid) && !node_reads(node, table)) {
        study_unknown(r, node, "design of a sweep", names, count);
        return NULL;
    }
    return node;
}

/* How many points a design is to draw; 0 with the mistake told. */
static int64_t read_count(struct study_reader *r, const struct node *map)
{
    const struct node *node = node_find(map, "points");
    uint64_t count = 0;
    if (!node) {
        study_error(r, map, "how many? a sweep that draws needs `points`");
    } else if (node_is_scalar(node) && number_read_whole(node->text, &count) &&
               (count < 1 || count > STUDY_ARMS_MAX)) {
        study_error(r, node, "points \"%s\" must lie in 1 to %d", node->text, STUDY_ARMS_MAX);
        count = 0;
    }
    return (int64_t)count;
}

/* Tells keys that another design takes. */
static void refuse(struct study_reader *r, const struct node *map, const char *key, const struct node *design)
{
    const struct node *node = node_find(map, key);
    if (node) {
        study_error(r, node, "a sweep of the design %s has no use for \"%s\"", design->text, key);
    }
}

static int read_axes(struct study_reader *r, const struct node *map)
{
    const int count = study_list_length(r, map, "keys of a sweep");
    if (study_reserve_axes(r, count)) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        if (!study_is_sweep_key(map->keys[i]) && read_axis(r, map->keys[i], map->items[i])) {
            return -1;
        }
    }
    return 0;
}

int study_read_sweep(struct study_reader *r)
{
    const struct node *map = study_root(r, "sweep");
    const int errors = r->d->errors;
    int status;
    r->study->point_count = 1;
    if (!map || map->kind != NODE_MAP) {
        return 0;
    }
    const struct node *design = read_design(r, map);
    if (!design) {
        return 0;
    }
    const bool of_table = node_reads(design, table);
    if (!of_table) {
        refuse(r, map, table, design);
    }
    if (!r->design) {
        refuse(r, map, "points", design);
    }
    const int64_t count = r->design ? read_count(r, map) : 0;
    status = of_table ? study_read_sweep_table(r, map) : read_axes(r, map);
    check_axes(r);
    if (status == 0 && r->study->axis_count == 0 && r->d->errors == errors) {
        study_error(r, map, "a sweep needs something to sweep over, like `dose: [28 mg, 56 mg]`");
    }
    if (status == 0 && r->d->errors == errors && !of_table) {
        status = r->design ? study_draw_points(r, count) : study_make_grid(r);
    }
    r->points_known = status == 0 && r->d->errors == errors;
    for (int a = 0; a < r->study->axis_count; a++) {
        r->study->axes[a].unit = axis_unit(r, &r->axes[a]);
    }
    return status;
}
