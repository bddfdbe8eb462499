/* The variables that hold exposure metrics. */
#include "layout_inner.h"

#include "solver/exposure_study.h"

#include <math.h>
#include <stdlib.h>

/* What the metric says, with the values that the study asks for. */
static void describe(struct layout_variable *v, const struct study *study,
                     const struct metric_request *request, int analyte, bool by_interval)
{
    const struct exposure_metric *metric = &exposure_metrics[request->metric];
    char values[96] = "";

    if (request->to > 0) {
        TEXT(values, ", %g h to %g h", request->from, request->to);
    } else if (request->threshold > 0) {
        TEXT(values, ", %g ng/mL", request->threshold);
    }
    TEXT(v->unit, "%s", metric_unit(metric->kind, layout_is_effect(study, analyte)));
    TEXT(v->long_name, "%s: %s%s%s%s%s%s", study->analytes[analyte], metric->doc, values,
         by_interval ? ", in each dosing interval" : "",
         by_interval && metric->kind == METRIC_TIME ? ", since its start" : "",
         study->from_solution ? ", from the " : "",
         study->from_solution ? study_metric_from(study, request, analyte, by_interval) : "");
}

static int add_metric(struct layout *layout, const struct study *study, int analyte, int index,
                      bool by_interval)
{
    const struct metric_request *request = &study->metrics[index];
    struct layout_variable *v =
        layout_add(layout, by_interval ? ROLE_INTERVAL_METRIC : ROLE_METRIC, HDF_FLOAT64);

    if (!v) {
        return -1;
    }
    describe(v, study, request, analyte, by_interval);
    v->index = index;
    v->analyte = analyte;
    if (by_interval) {
        TEXT(v->name, "%s_%s_interval", study->analytes[analyte], request->name);
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_PATIENT, DIMENSION_INTERVAL);
    } else {
        TEXT(v->name, "%s_%s", study->analytes[analyte], request->name);
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_PATIENT);
    }
    return 0;
}

static int add_metrics(struct layout *layout, const struct study *study, bool by_interval)
{
    for (int a = 0; a < study->analyte_count; a++) {
        for (int i = 0; i < study->metric_count; i++) {
            const int metric = study->metrics[i].metric;
            if (!study_metric_applies(study, metric, a) ||
                (by_interval && !exposure_metrics[metric].interval)) {
                continue;
            }
            if (add_metric(layout, study, a, i, by_interval) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* Where a metric stands on the terminal slope, what is to be thought of that. */
static int add_slope_flags(struct layout *layout, const struct study *study)
{
    for (int a = 0; a < study->analyte_count; a++) {
        bool needed = false;
        for (int i = 0; i < study->metric_count; i++) {
            needed |= study_request_needs_slope(study, &study->metrics[i]) &&
                      study_metric_applies(study, study->metrics[i].metric, a);
        }
        if (!needed || layout_is_effect(study, a)) {
            continue;
        }
        struct layout_variable *v = layout_add(layout, ROLE_SLOPE_FLAGS, HDF_INT32);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s_lambda_z_flags", study->analytes[a]);
        TEXT(v->unit, "1");
        TEXT(v->long_name,
             "%s: what makes lambda_z, and the metrics that stand on it, doubtful; 0 for nothing",
             study->analytes[a]);
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_PATIENT);
        v->index = v->analyte = a;
    }
    return 0;
}

/* --- Dosing intervals --- */

static int find_interval_times(struct layout *layout, const struct study *study)
{
    const int64_t most = layout->sizes[DIMENSION_INTERVAL];
    const int64_t count = study->arm_count * most;
    struct dosing_interval *intervals = calloc((size_t)most + 1, sizeof(*intervals));
    int ret = -1;

    layout->interval_times = malloc((size_t)(2 * count + 1) * sizeof(double));
    if (!intervals || !layout->interval_times) {
        goto out;
    }
    for (int64_t a = 0; a < study->arm_count; a++) {
        const int own = study_arm_intervals(study, &study->arms[a], intervals);
        if (own < 0) {
            goto out;
        }
        for (int64_t k = 0; k < most; k++) {
            layout->interval_times[a * most + k] = k < own ? intervals[k].start : (double)NAN;
            layout->interval_times[count + a * most + k] = k < own ? intervals[k].end : (double)NAN;
        }
    }
    ret = 0;

out:
    free(intervals);
    return ret;
}

static int add_interval_times(struct layout *layout, const struct study *study)
{
    static const char *const names[] = {"interval_start", "interval_end"};
    static const char *const meanings[] = {
        "start of the dosing interval: its dose",
        "end of the dosing interval: the next dose; of the last one as long after its start as that before "
        "it, or the last observation"};

    if (find_interval_times(layout, study) != 0 ||
        layout_add_coordinate(layout, DIMENSION_INTERVAL, HDF_INT64, "1", "number of the dosing interval") !=
            0) {
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        struct layout_variable *v = layout_add(layout, ROLE_INTERVAL, HDF_FLOAT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s", names[i]);
        TEXT(v->unit, "h");
        TEXT(v->long_name, "%s", meanings[i]);
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_INTERVAL);
        v->index = i;
    }
    return 0;
}

int layout_add_exposure(struct layout *layout, const struct study *study)
{
    if (study->metric_count == 0) {
        return 0;
    }
    if (study->per_profile &&
        (add_metrics(layout, study, false) != 0 || add_slope_flags(layout, study) != 0)) {
        return -1;
    }
    if (!study->per_interval) {
        return 0;
    }
    const int most = study_most_intervals(study);
    layout->sizes[DIMENSION_INTERVAL] = most;
    if (most < 0) {
        return -1;
    }
    return most > 0 && (add_interval_times(layout, study) != 0 || add_metrics(layout, study, true) != 0) ? -1
                                                                                                         : 0;
}
