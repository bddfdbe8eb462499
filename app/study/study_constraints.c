/* What candidates of `ketsim optimize` must keep to. */
#include "study_axis.h"

#include "solver/exposure_study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 512 };

static const double seconds_per_hour = 3600;

/* --- exactly one of two keys --- */

/* Which of two keys a map has, 0 or 1; -1 with the mistake told. */
static int one_of(struct study_reader *r, const struct node *map, const char *const keys[2], const char *what)
{
    const struct node *second = node_find(map, keys[1]);
    if (node_find(map, keys[0]) && second) {
        study_error(r, second, "%s is `%s` or `%s`, not both", what, keys[0], keys[1]);
        return -1;
    }
    if (!node_find(map, keys[0]) && !second) {
        study_error(r, map, "%s is missing: give `%s` or `%s`", what, keys[0], keys[1]);
        return -1;
    }
    return second != NULL;
}

/* --- of which analyte --- */

/* Whether every arm that is varied has it. */
static bool check_models(struct study_reader *r, const struct node *node, const char *analyte)
{
    const struct study *study = r->study;
    const struct axis *axis = study_axis_at(r, study->axis_count - r->for_candidates);
    for (int i = 0; i < r->arm_count; i++) {
        const struct written_arm *arm = &r->arms[i];
        bool varied = false;
        for (int k = 0; k < arm->item_count; k++) {
            varied |= axis_sets_item(axis, arm, k);
        }
        if (varied && arm->model >= 0 && model_output(&study->models[arm->model], analyte) < 0) {
            study_error(r, node, "%s, the model of arm \"%s\", has no %s", study->models[arm->model].name,
                        arm->name, analyte);
            return false;
        }
    }
    return true;
}

/* Fills in the analyte where there is only one. Its index in the study; -1 with the mistake told. */
static int read_analyte(struct study_reader *r, struct node *map)
{
    const struct study *study = r->study;
    const char *const *names = study->analytes;
    if (study->analyte_count == 1 && study_fill_in(r, map, "analyte", names[0])) {
        return -1;
    }
    const struct node *node = node_find(map, "analyte");
    if (!node) {
        study_error(r, map, "of which analyte? the models have several: write `analyte: %s`", names[0]);
        return -1;
    }
    for (int i = 0; node_is_scalar(node) && i < study->analyte_count; i++) {
        if (node_reads(node, names[i])) {
            return check_models(r, node, names[i]) ? i : -1;
        }
    }
    if (node_is_scalar(node)) {
        study_unknown(r, node, "analyte of the study's models", names, study->analyte_count);
    }
    return -1;
}

/* --- a metric, or a time --- */

static bool read_metric(struct study_reader *r, const struct node *node, struct constraint *constraint)
{
    const struct study *study = r->study;
    const char *names[NAMES_MAX];
    int count = 0;
    if (!node_find(study_root(r, "exposure"), "metrics") || !node_find(study_root(r, "exposure"), "per")) {
        return false; /* a mistake elsewhere keeps defaults from being filled in */
    }
    for (int i = 0; i < study->metric_count; i++) {
        if (node_reads(node, study->metrics[i].name)) {
            const struct exposure_metric *metric = &exposure_metrics[study->metrics[i].metric];
            const bool effect = output_is_effect(study_output(study, constraint->analyte));
            constraint->metric = i;
            constraint->unit = metric_unit(metric->kind, effect);
            if (!study_metric_applies(study, study->metrics[i].metric, constraint->analyte)) {
                study_error(r, node, "%s has no meaning for %s", node->text,
                            study->analytes[constraint->analyte]);
                return false;
            }
            if (!study->per_profile) {
                study_error(r, node,
                            "constraints are on metrics of whole profiles, and exposure.per has no "
                            "\"profile\"");
                return false;
            }
            return true;
        }
        if (count < NAMES_MAX) {
            names[count++] = study->metrics[i].name;
        }
    }
    const int known = exposure_metric_find(node->text);
    if (known >= 0 && !exposure_metrics[known].key) {
        study_error(r, node, "the study does not compute %s; add it to exposure.metrics", node->text);
    } else {
        study_unknown(r, node, "metric that the study's `exposure` computes", names, count);
    }
    return false;
}

static bool read_time(struct study_reader *r, const struct node *node, struct constraint *constraint)
{
    const struct study *study = r->study;
    double seconds = 0;
    int nearest = 0;
    if (!study_moment(r, node, &seconds) || study->time_count == 0) {
        return false;
    }
    for (int i = 1; i < study->time_count; i++) {
        const double distance = fabs(study->times[i] * seconds_per_hour - seconds);
        if (distance < fabs(study->times[nearest] * seconds_per_hour - seconds)) {
            nearest = i;
        }
    }
    if (fabs(study->times[nearest] * seconds_per_hour - seconds) >= study_time_shortest) {
        study_error(r, node, "nothing is observed at \"%s\"; the nearest time of `observe` is %s", node->text,
                    value_write(study->times[nearest], "h").text);
        return false;
    }
    constraint->metric = -1;
    constraint->time = nearest;
    constraint->time_text = node->text;
    constraint->unit = output_is_effect(study_output(study, constraint->analyte)) ? "1" : "ng/mL";
    return true;
}

/* --- one constraint --- */

/* The event: {analyte, metric or at, above or below}. */
static void read_event(struct study_reader *r, struct node *map, struct constraint *constraint)
{
    static const char *const values[2] = {"metric", "at"};
    static const char *const sides[2] = {"above", "below"};
    const int value = one_of(r, map, values, "the value");
    const int side = one_of(r, map, sides, "the threshold");
    constraint->analyte = r->models_known && r->study->analyte_count > 0 ? read_analyte(r, map) : -1;
    if (value < 0 || constraint->analyte < 0) {
        return;
    }
    const struct node *node = node_find(map, values[value]);
    if (!node_is_scalar(node) ||
        !(value == 0 ? read_metric(r, node, constraint) : read_time(r, node, constraint)) || side < 0) {
        return;
    }
    const struct node *threshold = node_find(map, sides[side]);
    constraint->below = side == 1;
    constraint->threshold_text = study_text(threshold);
    study_quantity(r, threshold, constraint->unit, BOUND_NONE, &constraint->threshold);
}

static void read_constraint(struct study_reader *r, const struct node *map, struct constraint *constraint)
{
    static const char *const bounds[2] = {"at_most", "at_least"};
    struct node *event = node_find(map, "probability");
    const int bound = one_of(r, map, bounds, "the bound");
    if (event && event->kind == NODE_MAP) {
        read_event(r, event, constraint);
    }
    if (bound < 0) {
        return;
    }
    const struct node *node = node_find(map, bounds[bound]);
    constraint->at_most = bound == 0;
    constraint->probability_text = study_text(node);
    if (study_quantity(r, node, "1", BOUND_NONE, &constraint->probability) &&
        !(constraint->probability >= 0 && constraint->probability <= 1)) {
        study_error(r, node, "a probability \"%s\" must lie between 0 and 1 (100 %%)", node->text);
    }
}

int study_read_constraints(struct study_reader *r)
{
    struct optimize *optimize = &r->study->optimize;
    const struct node *list = node_find(study_root(r, "optimize"), "constraints");
    if (!list || list->kind != NODE_LIST || !optimize->vary) {
        return 0;
    }
    if (list->count < 1 || list->count > CONSTRAINTS_MAX) {
        study_error(r, list, "optimize keeps to 1 to %d constraints", CONSTRAINTS_MAX);
        return 0;
    }
    optimize->constraints = calloc((size_t)list->count, sizeof(*optimize->constraints));
    if (!optimize->constraints) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < list->count; i++) {
        if (list->items[i]->kind == NODE_MAP) {
            read_constraint(r, list->items[i], &optimize->constraints[optimize->constraint_count++]);
        }
    }
    return 0;
}

/* --- what is computed --- */

/* Whether a constraint is on the metric or, below 0, on a level at the time. */
static bool is_needed(const struct optimize *optimize, int metric, int time)
{
    for (int i = 0; i < optimize->constraint_count; i++) {
        const struct constraint *constraint = &optimize->constraints[i];
        if (constraint->metric == metric && (metric >= 0 || constraint->time == time)) {
            return true;
        }
    }
    return false;
}

/* Levels at other times are needed by metrics alone. */
static void keep_times(struct study *study)
{
    int kept = 0;
    for (int t = 0; t < study->time_count; t++) {
        if (!is_needed(&study->optimize, -1, t)) {
            continue;
        }
        for (int i = 0; i < study->optimize.constraint_count; i++) {
            struct constraint *constraint = &study->optimize.constraints[i];
            constraint->time = constraint->time == t ? kept : constraint->time;
        }
        study->times[kept++] = study->times[t];
    }
    study->time_count = kept;
}

void study_keep_needed(struct study *study)
{
    struct optimize *optimize = &study->optimize;
    int kept = 0;
    for (int m = 0; m < study->metric_count; m++) {
        if (!is_needed(optimize, m, 0)) {
            continue;
        }
        for (int i = 0; i < optimize->constraint_count; i++) {
            optimize->constraints[i].metric =
                optimize->constraints[i].metric == m ? kept : optimize->constraints[i].metric;
        }
        study->metrics[kept++] = study->metrics[m];
    }
    study->metric_count = kept;
    study->per_interval = false;
    study->store = kept > 0 ? STORE_EXPOSURE : 0;
    if (kept == 0) {
        keep_times(study);
    }
}
