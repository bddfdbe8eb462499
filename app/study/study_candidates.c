/* What `ketsim optimize` varies, and the candidates for it: an axis beside those of the sweep. */
#include "study_axis.h"

#include "model/design.h"
#include "model/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES_MAX = 10000, STEPPED_MAX = 48 /* bytes of a candidate's text */ };

static const struct node *section(const struct study_reader *r)
{
    const struct node *map = study_root(r, "optimize");
    return map && map->kind == NODE_MAP ? map : NULL;
}

/* --- from, to, step --- */

/* The unit that a quantity is written in: what follows its number. */
static const char *unit_written(const char *text)
{
    double number;
    size_t length;
    number_scan(text, &number, &length);
    return text + length + strspn(text + length, " ");
}

/* The step and its unit, in which all candidates are written; NULL with the mistake told. */
static const char *read_step(struct study_reader *r, const struct axis *axis, const struct node *node,
                             double *step)
{
    static const char *const doses[] = {"mg", "mg/kg"};
    const char *const time = axis_unit(r, axis);
    const bool dose = axis->kind == AXIS_DOSE;
    int which;
    if (!study_quantity_any(r, node, dose ? doses : &time, dose ? 2 : 1, BOUND_POSITIVE, step, &which)) {
        return NULL;
    }
    const char *unit = unit_written(node->text);
    return study_quantity(r, node, unit, BOUND_POSITIVE, step) ? unit : NULL;
}

/* How many candidates there are; 0 with the mistake told. */
static int count_steps(struct study_reader *r, const struct node *map, double from, double to, double step,
                       const char *unit)
{
    const struct node *last = node_find(map, "to");
    const double steps = (to - from) / step;
    if (to < from) {
        study_error(r, last, "to \"%s\" must not be below from \"%s\"", last->text,
                    node_find(map, "from")->text);
        return 0;
    }
    if (!(steps + 1 < CANDIDATES_MAX + 0.5)) {
        study_error(r, node_find(map, "step"), "%.15g candidates are more than %d; take a larger step",
                    floor(steps) + 1, CANDIDATES_MAX);
        return 0;
    }
    if (fabs(steps - round(steps)) > 1e-6) {
        study_error(r, last, "to \"%s\" is no whole number of steps from \"%s\"; take %.12g %s or %.12g %s",
                    last->text, node_find(map, "from")->text, from + floor(steps) * step, unit,
                    from + ceil(steps) * step, unit);
        return 0;
    }
    return (int)round(steps) + 1;
}

/* Writes the candidates as a user would list them, so that one of a list is the same to the bit. 0, or -1 without memory. */
static int write_steps(struct study_reader *r, struct axis *axis, const struct node *map)
{
    static const char *const keys[] = {"from", "to", "step"};
    double step = 0;
    double from = 0;
    double to = 0;
    for (int i = 0; i < 3; i++) {
        if (!node_find(map, keys[i])) {
            study_error(r, map, "\"%s\" is missing in optimize, which takes from, to and step, or values",
                        keys[i]);
            return 0;
        }
    }
    const char *unit = read_step(r, axis, node_find(map, "step"), &step);
    if (!unit || !study_quantity(r, node_find(map, "from"), unit, BOUND_NONE, &from) ||
        !study_quantity(r, node_find(map, "to"), unit, BOUND_NONE, &to)) {
        return 0;
    }
    const int count = count_steps(r, map, from, to, step, unit);
    if (count == 0) {
        return 0;
    }
    char *text = r->study->optimize.texts = malloc((size_t)count * STEPPED_MAX);
    axis->cells = calloc((size_t)count, sizeof(*axis->cells));
    if (!text || !axis->cells) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < count; i++, text += STEPPED_MAX) {
        const struct node *at = node_find(map, i == count - 1 && i > 0 ? "to" : "from");
        snprintf(text, STEPPED_MAX, "%.12g %s", from + i * step, unit);
        axis->cells[i] = (struct axis_cell){text, at->line, at->column};
    }
    return axis_reserve(r, axis, count);
}

/* --- values --- */

static int take_list(struct study_reader *r, struct axis *axis, const struct node *map)
{
    static const char *const others[] = {"from", "to", "step"};
    const struct node *list = node_find(map, "values");
    for (int i = 0; i < 3; i++) {
        if (node_find(map, others[i])) {
            study_error(r, node_find(map, others[i]), "`values` lists all candidates; leave out \"%s\"",
                        others[i]);
        }
    }
    if (list->kind != NODE_LIST) {
        return 0;
    }
    if (list->count < 1 || list->count > CANDIDATES_MAX) {
        study_error(r, list, "`values` lists 1 to %d candidates", CANDIDATES_MAX);
        return 0;
    }
    axis->cells = calloc((size_t)list->count, sizeof(*axis->cells));
    if (!axis->cells) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < list->count; i++) {
        const struct node *item = list->items[i];
        if (!node_is_scalar(item)) {
            return 0; /* told by the schema */
        }
        axis->cells[i] = (struct axis_cell){item->text, item->line, item->column};
    }
    return axis_reserve(r, axis, list->count);
}

/* --- the whole --- */

static void read_entries(struct study_reader *r, struct axis *axis)
{
    for (int i = 0; i < axis->count; i++) {
        const struct node *node = axis_node(r, axis, i);
        if (!axis_read_entry(r, axis, i, node)) {
            return; /* the others would fail alike */
        }
        if (i > 0 && !(axis->values[i] > axis->values[i - 1])) {
            study_error(r, node, "\"%s\" must be above the candidate before it, \"%s\"", node->text,
                        axis->cells[i - 1].text);
            return;
        }
    }
}

/* What cannot be in one study with candidates. */
static void check_sweep(struct study_reader *r, const struct axis *axis)
{
    const struct study *study = r->study;
    if (r->design && r->design->sensitivity != SENSITIVITY_NONE) {
        study_error(r, axis->key,
                    "a sweep of the design %s tells what matters, not what to give; leave out "
                    "`sweep` or `optimize`",
                    r->design->name);
    }
    for (int i = 0; i < study->axis_count; i++) {
        if (axes_meet(r, axis, study_axis_at(r, i))) {
            study_error(r, axis->key, "optimize varies what the axis %s of the sweep sets, too",
                        study_axis_at(r, i)->name);
        }
    }
}

/* From the axis to the study. */
static int take_candidates(struct study_reader *r, const struct axis *axis, const struct node *map)
{
    struct optimize *optimize = &r->study->optimize;
    optimize->candidates = calloc((size_t)axis->count + 1, sizeof(*optimize->candidates));
    if (!optimize->candidates) {
        return diagnostics_out_of_memory(r->d);
    }
    optimize->vary = axis->sets;
    optimize->what = axis->target;
    optimize->unit = axis_unit(r, axis);
    optimize->candidate_count = axis->count;
    optimize->largest = node_reads(node_find(map, "prefer"), "largest");
    for (int i = 0; i < axis->count; i++) {
        optimize->candidates[i] = (struct optimize_candidate){axis->values[i], axis->cells[i].text};
    }
    return 0;
}

/* Behind the axes of the sweep, one that counts only where its candidates become arms. */
static int add_axis(struct study_reader *r, const struct axis *axis)
{
    struct sweep_axis *row = &r->study->axes[r->study->axis_count];
    if (!r->for_candidates) {
        return 0;
    }
    *row = (struct sweep_axis){strdup(axis->name), axis_unit(r, axis), -1};
    if (!row->name) {
        return diagnostics_out_of_memory(r->d);
    }
    r->study->axis_count++;
    return 0;
}

int study_read_vary(struct study_reader *r)
{
    const struct node *map = section(r);
    const struct node *vary = node_find(map, "vary");
    if (!map && r->for_candidates && !study_root(r, "optimize")) {
        study_error(r, r->root,
                    "the study has no section `optimize`, which says what to vary and what to keep to");
    }
    if (!node_is_scalar(vary)) {
        return 0;
    }
    if (!r->axes && study_reserve_axes(r, 0)) {
        return -1;
    }
    struct axis *axis = &r->axes[r->study->axis_count];
    *axis = (struct axis){.of_candidates = true, .key = vary};
    if (axis_find_target(r, axis, vary, node_find(map, "session"))) {
        return 0;
    }
    axis->name = axis->target;
    axis_check_target(r, axis);
    check_sweep(r, axis);
    if (node_find(map, "values") ? take_list(r, axis, map) : write_steps(r, axis, map)) {
        return -1;
    }
    read_entries(r, axis);
    return take_candidates(r, axis, map) || add_axis(r, axis) ? -1 : 0;
}

/* --- to arms and points --- */

/* Arms of which nothing is varied have nothing to be found. */
static void drop_arms(struct study_reader *r, const struct axis *axis)
{
    int kept = 0;
    for (int i = 0; i < r->arm_count; i++) {
        bool varied = false;
        for (int k = 0; k < r->arms[i].item_count; k++) {
            varied |= axis_sets_item(axis, &r->arms[i], k);
        }
        r->arms[i].baseline = -1; /* a search compares nothing, and arms change their numbers */
        if (varied) {
            r->arms[kept++] = r->arms[i];
        } else {
            study_warning(r, axis->key, "%s sets nothing in arm \"%s\", which is left out", axis->sets,
                          r->arms[i].name);
            written_arm_clear(&r->arms[i]);
        }
    }
    r->arm_count = kept;
}

/* Each point of the sweep becomes one per candidate. */
static int multiply_points(struct study_reader *r, const struct axis *axis)
{
    struct study *study = r->study;
    const int count = axis->count;
    const double points = (double)study->point_count * count;
    if (points * r->arm_count > STUDY_ARMS_MAX) {
        return study_error(r, section(r), "%d arms x %d points of the sweep x %d candidates are more than %d",
                           r->arm_count, study->point_count, count, STUDY_ARMS_MAX);
    }
    for (int a = 0; a < study->axis_count; a++) {
        struct axis *other = &r->axes[a];
        int *entries = malloc(((size_t)points + 1) * sizeof(*entries));
        if (!entries) {
            return diagnostics_out_of_memory(r->d);
        }
        for (int p = 0; p < (int)points; p++) {
            entries[p] = other == axis ? p % count : axis_entry(other, p / count);
        }
        free(other->entries);
        other->entries = entries;
    }
    study->point_count = (int)points;
    r->candidate_count = count;
    return 0;
}

int study_add_candidates(struct study_reader *r)
{
    if (!r->for_candidates) {
        return 0;
    }
    const struct axis *axis = &r->axes[r->study->axis_count - 1];
    drop_arms(r, axis);
    study_keep_needed(r->study);
    return multiply_points(r, axis);
}
