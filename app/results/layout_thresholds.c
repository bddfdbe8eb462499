/* The variables about thresholds: metrics of each patient's sessions, and what they say of the population. */
#include "layout_inner.h"

#include "solver/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int add_session_metric(struct layout *layout, const struct study *study, int index)
{
    const struct metric_request *request = &study->thresholds.metrics[index];
    const struct exposure_metric *metric = &exposure_metrics[request->metric];
    const char *analyte = study->analytes[request->analyte];
    struct layout_variable *v = layout_add(layout, ROLE_SESSION_METRIC, HDF_FLOAT64);

    if (!v) {
        return -1;
    }
    TEXT(v->name, "%s_%s_session", analyte, request->name);
    TEXT(v->unit, "%s", metric_unit(metric->kind, false));
    TEXT(v->long_name, "%s: %s, %g %s, in each session, from the solution", analyte, metric->doc,
         request->threshold > 0 ? request->threshold : request->after,
         request->threshold > 0 ? "ng/mL" : "h");
    v->index = index;
    v->analyte = request->analyte;
    DIMENSIONS(v, DIMENSION_ARM, DIMENSION_PATIENT, DIMENSION_SESSION);
    return 0;
}

static int analyte_of(const struct study *study, const struct threshold *threshold)
{
    int i = 0;

    while (i < study->analyte_count && strcmp(study->analytes[i], threshold->analyte) != 0) {
        i++;
    }
    return i;
}

/* A probability or a time, and the ends of its interval. */
static int add_answers(struct layout *layout, const struct study *study, enum role role, int threshold)
{
    static const char *const suffixes[ANSWER_BOUNDS] = {"", "_lower", "_upper"};
    static const char *const ends[ANSWER_BOUNDS] = {"", ", lower end of the 95 % interval",
                                                    ", upper end of the 95 % interval"};
    const struct threshold *t = &study->thresholds.levels[threshold];
    const bool above = role == ROLE_ABOVE;

    for (int i = 0; i < ANSWER_BOUNDS; i++) {
        struct layout_variable *v = layout_add(layout, role, HDF_FLOAT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s_%s_%.10g%s", t->analyte, above ? "above" : "below", t->level, suffixes[i]);
        TEXT(v->unit, above ? "1" : "h");
        TEXT(v->long_name, "%s: %s %g ng/mL%s%s", t->analyte,
             above ? "probability of being at or above"
                   : "time since the start of the session from which on the "
                     "fraction of the patients stays below",
             t->level, above ? " at the time since the start of the session" : "", ends[i]);
        v->comment =
            above ? "of patients drawn like these; the interval is that of Wilson (1927) and tells what "
                    "having drawn so many is worth, nothing of the model's error"
                  : "infinite: later than the session is observed or the next one begins; an upper end is "
                    "infinite too where there are too few patients to tell. The interval is that of order "
                    "statistics";
        v->index = ANSWER_BOUNDS * threshold + i;
        v->analyte = analyte_of(study, t);
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_SESSION, above ? DIMENSION_AFTER : DIMENSION_BELOW);
    }
    return 0;
}

/* --- Sessions --- */

static int find_session_times(struct layout *layout, const struct study *study)
{
    const int64_t most = layout->sizes[DIMENSION_SESSION];
    const int64_t count = study->arm_count * most;
    int64_t room = 1;

    for (int64_t a = 0; a < study->arm_count; a++) {
        room = study->arms[a].dose_count > room ? study->arms[a].dose_count : room;
    }
    struct dosing_session *sessions = calloc((size_t)room, sizeof(*sessions));
    int ret = -1;
    layout->session_times = malloc((size_t)(2 * count + 1) * sizeof(double));
    if (!sessions || !layout->session_times) {
        goto out;
    }
    for (int64_t a = 0; a < study->arm_count; a++) {
        const int own = study_arm_sessions(study, &study->arms[a], sessions);
        if (own < 0) {
            goto out;
        }
        for (int64_t k = 0; k < most; k++) {
            layout->session_times[a * most + k] = k < own ? sessions[k].start : (double)NAN;
            layout->session_times[count + a * most + k] = k < own ? sessions[k].end : (double)NAN;
        }
    }
    ret = 0;

out:
    free(sessions);
    return ret;
}

static int add_sessions(struct layout *layout)
{
    static const char *const names[] = {"session_start", "session_end"};
    static const char *const meanings[] = {
        "start of the session: its first dose",
        "end of the session: the start of the next one, or the last observation"};

    if (layout_add_coordinate(layout, DIMENSION_SESSION, HDF_INT64, "1", "number of the session") != 0) {
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        struct layout_variable *v = layout_add(layout, ROLE_SESSION, HDF_FLOAT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s", names[i]);
        TEXT(v->unit, "h");
        TEXT(v->long_name, "%s", meanings[i]);
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_SESSION);
        v->index = i;
    }
    return 0;
}

static int add_answered(struct layout *layout)
{
    struct layout_variable *v = layout_add(layout, ROLE_ANSWERED, HDF_INT64);

    if (!v) {
        return -1;
    }
    TEXT(v->name, "threshold_patients");
    TEXT(v->unit, "1");
    TEXT(v->long_name,
         "number of patients that answers about thresholds are of: those who could be simulated");
    DIMENSIONS(v, DIMENSION_ARM);
    return 0;
}

int layout_add_thresholds(struct layout *layout, const struct study *study)
{
    const struct thresholds *thresholds = &study->thresholds;
    int64_t *sizes = layout->sizes;

    if (thresholds->count == 0) {
        return 0;
    }
    const int most = study_most_sessions(study);
    sizes[DIMENSION_SESSION] = most;
    sizes[DIMENSION_AFTER] = thresholds->after_count;
    sizes[DIMENSION_BELOW] = thresholds->fraction_count;
    if (most < 0 || find_session_times(layout, study) != 0 || add_sessions(layout) != 0 ||
        (sizes[DIMENSION_AFTER] > 0 && layout_add_coordinate(layout, DIMENSION_AFTER, HDF_FLOAT64, "h",
                                                             "time since the start of the session") != 0) ||
        (sizes[DIMENSION_BELOW] > 0 &&
         layout_add_coordinate(layout, DIMENSION_BELOW, HDF_FLOAT64, "1", "fraction of the patients") != 0)) {
        return -1;
    }
    for (int i = 0; i < thresholds->metric_count; i++) {
        if (add_session_metric(layout, study, i) != 0) {
            return -1;
        }
    }
    for (int i = 0; i < thresholds->count; i++) {
        if ((sizes[DIMENSION_AFTER] > 0 && add_answers(layout, study, ROLE_ABOVE, i) != 0) ||
            (sizes[DIMENSION_BELOW] > 0 && add_answers(layout, study, ROLE_BELOW, i) != 0)) {
            return -1;
        }
    }
    return add_answered(layout);
}
