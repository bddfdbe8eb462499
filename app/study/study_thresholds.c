/* The thresholds that a study asks about. */
#include "study_reader.h"

#include "model/published_threshold.h"
#include "solver/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double seconds_per_hour = 3600;

/* --- Levels --- */

/* What the study's models call that analyte; NULL where none has it as a level. */
static const struct output *output_of(const struct study *study, const char *analyte)
{
    for (int m = 0; m < study->model_count; m++) {
        const struct model *model = &study->models[m];
        const int output = model->name ? model_output(model, analyte) : -1;
        if (output >= 0) {
            return &model->outputs[output];
        }
    }
    return NULL;
}

static void check_analyte(struct study_reader *r, const struct node *node, const char *analyte)
{
    const char *names[MODEL_OUTPUTS_MAX];
    const struct study *study = r->study;
    const struct output *output = output_of(study, analyte);
    int count = 0;
    if (!r->models_known) {
        return;
    }
    if (output && output_is_effect(output)) {
        study_error(r, node, "%s is an effect, known at the records alone; a threshold is one of a level",
                    analyte);
    }
    for (int i = 0; !output && study->model_count > 0 && i < study->models[0].output_count; i++) {
        names[count++] = study->models[0].outputs[i].analyte;
    }
    if (!output) {
        study_unknown(r, node, "analyte of the study's models", names, count);
    }
}

/* Says of a published threshold what it is; false with the mistake told. */
static bool read_published(struct study_reader *r, const struct node *node, struct threshold *threshold)
{
    const char *names[64];
    const struct published_threshold *published = published_threshold_find(node->text);
    if (!published) {
        for (int i = 0; i < published_threshold_count; i++) {
            names[i] = published_thresholds[i].name;
        }
        study_unknown(r, node, "published threshold", names, published_threshold_count);
        return false;
    }
    *threshold = (struct threshold){
        .analyte = published->analyte,
        .level = published->level,
        .name = published->name,
        .meaning = published->meaning,
        .source = published->source,
        .limits = published->limits,
    };
    return true;
}

static void read_level(struct study_reader *r, const struct node *map)
{
    struct thresholds *thresholds = &r->study->thresholds;
    const struct node *published = node_find(map, "published");
    const struct node *level = node_find(map, "level");
    const struct node *analyte = node_find(map, "analyte");
    const struct node *source = node_find(map, "source");
    struct threshold threshold = {.source = study_text(source)};
    if (!map || map->kind != NODE_MAP) {
        return;
    }
    if (published && (level || source)) {
        study_error(r, level ? level : source,
                    "a published threshold has its own %s; leave this out, or leave out `published`",
                    level ? "level" : "source");
    } else if (!published && (!level || !analyte)) {
        study_error(r, map,
                    "a threshold is a level of an analyte, {level: 50 ng/mL, analyte: esketamine}, or "
                    "a published one, {published: olofsen-2022}");
    } else if (published ? node_is_scalar(published) && read_published(r, published, &threshold)
                         : study_quantity(r, level, "ng/mL", BOUND_POSITIVE, &threshold.level)) {
        threshold.analyte = node_is_scalar(analyte) ? analyte->text : threshold.analyte;
        check_analyte(r, node_is_scalar(analyte) ? analyte : published,
                      threshold.analyte ? threshold.analyte : "");
        for (int i = 0; i < thresholds->count && threshold.analyte; i++) {
            if (strcmp(thresholds->levels[i].analyte, threshold.analyte) == 0 &&
                thresholds->levels[i].level == threshold.level) {
                study_error(r, published ? published : level, "%g ng/mL of %s is a threshold already",
                            threshold.level, threshold.analyte);
            }
        }
        thresholds->levels[thresholds->count++] = threshold;
    }
}

/* Those published for the study's analytes, where it names none. -1 without memory. */
static int fill_in_levels(struct study_reader *r, struct node *map)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int count = 0;
    int ret;
    if (!out) {
        return diagnostics_out_of_memory(r->d);
    }
    putc('[', out);
    for (int i = 0; i < published_threshold_count; i++) {
        if (output_of(r->study, published_thresholds[i].analyte)) {
            fprintf(out, "%s{published: %s}", count++ > 0 ? ", " : "", published_thresholds[i].name);
        }
    }
    putc(']', out);
    ret = fclose(out) == 0 ? study_fill_in(r, map, "levels", text) : diagnostics_out_of_memory(r->d);
    if (ret == 0 && count == 0) {
        study_error(r, map,
                    "no threshold is published for an analyte of this study; say which levels: "
                    "`levels: [{level: 50 ng/mL, analyte: esketamine}]`");
    }
    free(text);
    return ret;
}

/* --- Times and fractions --- */

static int read_after(struct study_reader *r, const struct node *list)
{
    struct thresholds *thresholds = &r->study->thresholds;
    const int count = study_list_length(r, list, "times");
    double last = 0;
    thresholds->after = calloc((size_t)count + 1, sizeof(*thresholds->after));
    if (!thresholds->after) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < count; i++) {
        double time = 0;
        if (!study_time(r, list->items[i], "h", BOUND_POSITIVE, &time)) {
            continue;
        }
        if (time <= last) {
            study_error(r, list->items[i], "\"%s\" must come after the time before it in the list",
                        list->items[i]->text);
        }
        last = time;
        thresholds->after[thresholds->after_count++] = time / seconds_per_hour;
    }
    return 0;
}

static int read_below(struct study_reader *r, const struct node *list)
{
    struct thresholds *thresholds = &r->study->thresholds;
    const int count = study_list_length(r, list, "fractions");
    double last = 0;
    thresholds->fractions = calloc((size_t)count + 1, sizeof(*thresholds->fractions));
    if (!thresholds->fractions) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < count; i++) {
        double value = 0;
        if (!study_quantity(r, list->items[i], "1", BOUND_NONE, &value)) {
            continue;
        }
        if (!(value > 0 && value < 1)) {
            study_error(r, list->items[i], "\"%s\" of the patients must lie between 0 and 1",
                        list->items[i]->text);
        } else if (!(value > last)) {
            study_error(r, list->items[i], "\"%s\" must be above the one before it in the list",
                        list->items[i]->text);
        }
        last = value;
        thresholds->fractions[thresholds->fraction_count++] = value;
    }
    return 0;
}

int study_read_thresholds(struct study_reader *r)
{
    struct study *study = r->study;
    struct node *map = node_find(r->root, "thresholds");
    if (!map || map->kind != NODE_MAP) {
        return 0;
    }
    if (!node_find(map, "levels") && r->models_known && fill_in_levels(r, map) != 0) {
        return -1;
    }
    const struct node *levels = node_find(map, "levels");
    const int level_count = study_list_length(r, levels, "thresholds");
    study->thresholds.levels = calloc((size_t)level_count + 1, sizeof(*study->thresholds.levels));
    if (!study->thresholds.levels) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < level_count; i++) {
        read_level(r, levels->items[i]);
    }
    if (levels && levels->kind == NODE_LIST && levels->count == 0) {
        study_error(r, levels, "which levels? the list is empty");
    }
    /* Defaults are filled in only where all keys are as they should be. */
    if (node_find(study_root(r, "output"), "store") && !(study->store & STORE_EXPOSURE)) {
        study_error(r, map, "thresholds are of the patients' metrics, and output.store has no \"exposure\"");
    }
    const struct node *after = node_find(map, "after");
    const struct node *below = node_find(map, "below");
    if (after && below && after->count + below->count == 0) {
        study_error(r, map, "with neither times (`after`) nor fractions (`below`) nothing is asked");
    }
    return read_after(r, after) || read_below(r, below) ? -1 : 0;
}

/* --- With arms and analytes known --- */

static void add_request(struct study *study, const char *metric, int analyte, double after, double threshold)
{
    struct metric_request *request = &study->thresholds.metrics[study->thresholds.metric_count++];
    *request = metric_request_plain(exposure_metric_find(metric));
    request->analyte = analyte;
    request->after = after;
    request->threshold = threshold;
    if (threshold > 0) {
        metric_name_add(request, "_");
        metric_name_add(request, value_write(threshold, "1").text);
    }
}

/* "level_at_90min", as the time is written. */
static void add_levels_at(struct study_reader *r, int analyte)
{
    const struct node *after = node_find(study_root(r, "thresholds"), "after");
    struct thresholds *thresholds = &r->study->thresholds;
    for (int i = 0; i < thresholds->after_count; i++) {
        add_request(r->study, "level_at", analyte, thresholds->after[i], 0);
        metric_name_add(&thresholds->metrics[thresholds->metric_count - 1], "_");
        metric_name_add(&thresholds->metrics[thresholds->metric_count - 1], after->items[i]->text);
    }
}

/* Whether a session of the arm lasts until `after`, h since its start: 1 or 0; -1 without memory. */
static int session_lasts(const struct study *study, const struct arm *arm, double after)
{
    struct dosing_session *sessions = calloc((size_t)arm->dose_count + 1, sizeof(*sessions));
    const int count = sessions ? study_arm_sessions(study, arm, sessions) : -1;
    int lasts = count < 0 ? -1 : 0;
    for (int k = 0; k < count; k++) {
        lasts |= sessions[k].start + after <= sessions[k].end;
    }
    free(sessions);
    return lasts;
}

/* Tells times at which arms have no level, because all of their sessions are shorter. -1 without memory. */
static int check_after(struct study_reader *r)
{
    static const char why[] = "before that another one begins, or nothing is observed any more";
    const struct study *study = r->study;
    const struct node *after = node_find(study_root(r, "thresholds"), "after");
    for (int i = 0; i < study->thresholds.after_count; i++) {
        const char *shorter = NULL; /* the first such arm */
        int count = 0;
        for (int a = 0; a < study->arm_count; a++) {
            const int lasts = session_lasts(study, &study->arms[a], study->thresholds.after[i]);
            if (lasts < 0) {
                return diagnostics_out_of_memory(r->d);
            }
            shorter = lasts == 0 && !shorter ? study->arms[a].label : shorter;
            count += lasts == 0;
        }
        if (count == study->arm_count) {
            study_error(r, after->items[i], "no session lasts %s: %s", after->items[i]->text, why);
        } else if (count > 0) {
            study_warning(r, after->items[i], "in %d of %d arms, \"%s\" the first, no session lasts %s: %s",
                          count, study->arm_count, shorter, after->items[i]->text, why);
        }
    }
    return 0;
}

int study_check_thresholds(struct study_reader *r)
{
    struct study *study = r->study;
    struct thresholds *thresholds = &study->thresholds;
    if (thresholds->count == 0) {
        return 0;
    }
    if (study_most_sessions(study) == 0) {
        study_error(r, study_root(r, "thresholds"), "nothing is observed after a dose");
    }
    thresholds->metrics =
        calloc((size_t)(thresholds->count * (thresholds->after_count + 3)), sizeof(*thresholds->metrics));
    if (!thresholds->metrics) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int a = 0; a < study->analyte_count; a++) {
        bool first = true;
        for (int i = 0; i < thresholds->count; i++) {
            const struct threshold *threshold = &thresholds->levels[i];
            if (strcmp(threshold->analyte, study->analytes[a]) != 0) {
                continue;
            }
            if (first) {
                add_levels_at(r, a);
            }
            first = false;
            add_request(study, "first_above", a, 0, threshold->level);
            add_request(study, "last_above", a, 0, threshold->level);
            add_request(study, "time_above", a, 0, threshold->level);
        }
    }
    return check_after(r);
}
