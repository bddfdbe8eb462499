/* The exposure metrics that a study asks for. */
#include "study_reader.h"

#include "model/number.h"
#include "solver/exposure_study.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 64, POINTS_MAX = 1000000 };

static const double seconds_per_hour = 3600;

static double last_time(const struct study *study)
{
    return study->time_count > 0 ? study->times[study->time_count - 1] : (double)NAN;
}

/* --- per: profile, interval --- */

static void read_per(struct study_reader *r, const struct node *list)
{
    static const char *const names[] = {"profile", "interval"};
    struct study *study = r->study;
    if (!list || list->kind != NODE_LIST) {
        return;
    }
    for (int i = 0; i < list->count; i++) {
        if (!node_is_scalar(list->items[i])) {
            continue;
        }
        if (node_reads(list->items[i], names[0])) {
            study->per_profile = true;
        } else if (node_reads(list->items[i], names[1])) {
            study->per_interval = true;
        } else {
            study_unknown(r, list->items[i], "part that metrics are of", names, 2);
        }
        study_check_once(r, list, i);
    }
    if (list->count == 0) {
        study_error(r, list,
                    "metrics are of the profile, of each dosing interval, or of both: [profile, interval]");
    }
}

/* Tells where a metric would be nowhere: it has no meaning for what the study asks for. */
static void check_per(struct study_reader *r, const struct node *node, const struct exposure_metric *metric)
{
    if (r->study->per_interval && !r->study->per_profile && !metric->interval) {
        study_error(r, node, "%s is a metric of whole profiles; `per: [profile, interval]` has both",
                    metric->name);
    }
}

/* --- from: observations | solution --- */

static void read_from(struct study_reader *r, const struct node *map)
{
    struct study *study = r->study;
    const struct node *rule = node_find(map, "auc");
    study->from_solution = node_reads(node_find(map, "from"), "solution");
    if (!study->from_solution) {
        return;
    }
    if (node_reads(rule, "linear")) {
        study_error(
            r, rule,
            "auc: linear tells how areas between records are computed; with `from: solution` they are "
            "exact, and there is nothing to choose: leave it out");
    }
}

/* An effect is computed at the records alone. */
static void check_effects(struct study_reader *r)
{
    const struct study *study = r->study;
    for (int a = 0; a < study->analyte_count && study->from_solution; a++) {
        const struct output *output = study_output(study, a);
        if (output && output_is_effect(output)) {
            study_warning(
                r, node_find(study_root(r, "exposure"), "from"),
                "%s is an effect, known at the records alone: its metrics are from the observations",
                study->analytes[a]);
        }
    }
}

/* --- Requests --- */

static void request_add(struct study_reader *r, const struct node *node, struct metric_request request)
{
    struct study *study = r->study;
    for (int i = 0; i < study->metric_count; i++) {
        if (strcmp(study->metrics[i].name, request.name) == 0) {
            study_error(r, node, "%s is in the list already", request.name);
        }
    }
    study->metrics[study->metric_count++] = request;
}

static void read_metric(struct study_reader *r, const struct node *node)
{
    const char *names[NAMES_MAX];
    int count = 0;
    const int metric = exposure_metric_find(node->text);
    for (int k = 0; k < exposure_metric_count && count < NAMES_MAX; k++) {
        if (!exposure_metrics[k].key) {
            names[count++] = exposure_metrics[k].name;
        }
    }
    if (metric < 0) {
        study_unknown(r, node, "metric", names, count);
    } else if (exposure_metrics[metric].key) {
        study_error(r, node, "%s needs values of its own, and a key for them: exposure.%s", node->text,
                    exposure_metrics[metric].key);
    } else {
        check_per(r, node, &exposure_metrics[metric]);
        r->study->metrics[r->study->metric_count++] = metric_request_plain(metric);
    }
}

void metric_name_add(struct metric_request *request, const char *text)
{
    size_t length = strlen(request->name);
    for (; *text && length + 1 < sizeof(request->name); text++) {
        if (*text != ' ') {
            request->name[length++] =
                (char)(isalnum((unsigned char)*text) || strchr(".+-_", *text) ? *text : '_');
        }
    }
    request->name[length] = '\0';
}

/* "auc_0h_to_4h", as the times are written. */
static void read_between(struct study_reader *r, const struct node *map)
{
    struct metric_request request = {.metric = exposure_metric_find("auc_between")};
    const struct node *from = node_find(map, "from");
    const struct node *to = node_find(map, "to");
    const double last = last_time(r->study);
    /* The solution is known from the start of the study. */
    const double first = r->study->from_solution || r->study->time_count == 0 ? 0 : r->study->times[0];
    double start = 0;
    double end = 0;
    bool valid = study_time(r, from, "h", BOUND_NOT_NEGATIVE, &start);
    valid &= study_time(r, to, "h", BOUND_NOT_NEGATIVE, &end);
    if (!valid) {
        return;
    }
    request.from = start / seconds_per_hour;
    request.to = end / seconds_per_hour;
    check_per(r, from, &exposure_metrics[request.metric]);
    if (!(request.to > request.from)) {
        study_error(r, to, "to \"%s\" must come after from", to->text);
    } else if (r->study->time_count > 0 && (request.from < first || request.from >= last)) {
        study_error(r, from, "from \"%s\" must lie within what is observed, %g h to %g h", from->text, first,
                    last);
    }
    metric_name_add(&request, "auc_");
    metric_name_add(&request, from->text);
    metric_name_add(&request, "_to_");
    metric_name_add(&request, to->text);
    request_add(r, from, request);
}

/* "time_above_50", in ng/mL. */
static void read_threshold(struct study_reader *r, const struct node *node)
{
    struct metric_request request = {.metric = exposure_metric_find("time_above")};
    if (!study_quantity(r, node, "ng/mL", BOUND_POSITIVE, &request.threshold)) {
        return;
    }
    metric_name_add(&request, "time_above_");
    metric_name_add(&request, value_write(request.threshold, "1").text);
    request_add(r, node, request);
}

/* --- The terminal slope --- */

static void read_slope(struct study_reader *r, const struct node *map)
{
    struct slope_rules *slope = &r->study->slope;
    const struct node *points = node_find(map, "points");
    const struct node *from = node_find(map, "from");
    const struct node *to = node_find(map, "to");
    uint64_t count = 0;
    double time = 0;
    slope->include_tmax = node_reads(node_find(map, "include_tmax"), "true");
    slope->to = INFINITY;
    if (node_is_scalar(points) && number_read_whole(points->text, &count)) {
        if (count < 3 || count > POINTS_MAX) {
            study_error(r, points, "points \"%s\" must lie in 3 to %d", points->text, POINTS_MAX);
        } else {
            slope->points = (int)count;
        }
    }
    study_quantity(r, node_find(map, "above"), "ng/mL", BOUND_NOT_NEGATIVE, &slope->above);
    if (from && study_time(r, from, "h", BOUND_NOT_NEGATIVE, &time)) {
        slope->fixed = true;
        slope->from = time / seconds_per_hour;
        if (slope->from >= last_time(r->study)) {
            study_error(r, from, "from \"%s\" must come before the last record, at %g h", from->text,
                        last_time(r->study));
        }
    }
    if (to && !from) {
        study_error(r, to, "`to` without `from`: give both, or from alone");
    } else if (to && study_time(r, to, "h", BOUND_NOT_NEGATIVE, &time)) {
        slope->to = time / seconds_per_hour;
        if (slope->to <= slope->from) {
            study_error(r, to, "to \"%s\" must come after from", to->text);
        }
    }
}

/* --- The whole --- */

int study_read_exposure(struct study_reader *r)
{
    struct study *study = r->study;
    const struct node *map = study_root(r, "exposure");
    const struct node *metrics = node_find(map, "metrics");
    const struct node *between = node_find(map, "auc_between");
    const struct node *above = node_find(map, "time_above");
    const int metric_count = study_list_length(r, metrics, "metrics");
    const int between_count = study_list_length(r, between, "areas");
    const int above_count = study_list_length(r, above, "levels");
    study->auc_rule = study_text(node_find(map, "auc"));
    study->metrics =
        calloc((size_t)(metric_count + between_count + above_count) + 1, sizeof(*study->metrics));
    if (!study->metrics) {
        return diagnostics_out_of_memory(r->d);
    }
    read_per(r, node_find(map, "per"));
    read_from(r, map);
    for (int i = 0; i < metric_count; i++) {
        if (node_is_scalar(metrics->items[i])) {
            read_metric(r, metrics->items[i]);
            study_check_once(r, metrics, i);
        }
    }
    for (int i = 0; i < between_count; i++) {
        read_between(r, between->items[i]);
    }
    for (int i = 0; i < above_count; i++) {
        if (node_is_scalar(above->items[i])) {
            read_threshold(r, above->items[i]);
        }
    }
    read_slope(r, node_find(map, "lambda_z"));
    return 0;
}

/* ng/mL per mg of solver.atol: above it the error of the solver does not show in a slope, whatever the model. */
static const double clear_of_error = 1e7;

/* A slope fitted to what a loose tolerance leaves looks like any other. */
static void check_tolerance(struct study_reader *r)
{
    const struct study *study = r->study;
    const struct node *above = node_find(node_find(study_root(r, "exposure"), "lambda_z"), "above");
    bool needed = false;
    for (int i = 0; i < study->metric_count; i++) {
        needed |= study_request_needs_slope(study, &study->metrics[i]);
    }
    const double least = clear_of_error * study->atol;
    if (needed && strcmp(study->method, "cvode") == 0 && study->slope.above < 0.999 * least) {
        study_warning(r, above,
                      "with solver.atol %g mg the error of the solver may show in levels below %g ng/mL, and "
                      "lambda_z is fitted to levels from %g ng/mL on",
                      study->atol, least, study->slope.above);
    }
}

int study_check_exposure(struct study_reader *r)
{
    const struct study *study = r->study;
    const struct exposure_metric *wanted = NULL;
    if (study->store & STORE_EXPOSURE) {
        check_tolerance(r);
        check_effects(r);
    }
    for (int i = 0; i < study->metric_count && !wanted; i++) {
        const struct exposure_metric *metric = &exposure_metrics[study->metrics[i].metric];
        wanted = metric->profile ? NULL : metric;
    }
    for (int a = 0; a < study->arm_count && wanted && (study->store & STORE_EXPOSURE); a++) {
        const int found = study_arm_has_whole_interval(study, &study->arms[a]);
        if (found < 0) {
            return diagnostics_out_of_memory(r->d);
        }
        if (!found) {
            study_warning(
                r, study_root(r, "exposure"),
                "%s is missing in arm \"%s\": none of its dosing intervals %s (a single dose has none)",
                wanted->name, study->arms[a].name,
                study->from_solution ? "is known to end by the last record"
                                     : "begins and ends with a record");
        }
    }
    return 0;
}
