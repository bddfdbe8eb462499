#include "exposure_study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* h; -INFINITY where nothing is observed. */
static double last_time(const struct study *study)
{
    return study->time_count > 0 ? study->times[study->time_count - 1] : (double)-INFINITY;
}

int study_arm_intervals(const struct study *study, const struct arm *arm, struct dosing_interval *intervals)
{
    const double last = last_time(study);
    struct given_dose *given = calloc((size_t)arm->dose_count + 1, sizeof(*given));
    int count = -1;

    if (given) {
        dosing_given(&study->models[arm->model], arm, 1,
                     given); /* whatever the weight: the times are the same */
        count = dosing_intervals(given, arm->dose_count, last, intervals);
    }
    free(given);
    return count;
}

int study_most_intervals(const struct study *study)
{
    int most = 0;

    for (int a = 0; a < study->arm_count; a++) {
        const int count = study_arm_intervals(study, &study->arms[a], NULL);
        if (count < 0) {
            return -1;
        }
        most = count > most ? count : most;
    }
    return most;
}

int study_arm_has_whole_interval(const struct study *study, const struct arm *arm)
{
    struct dosing_interval *intervals = calloc((size_t)arm->dose_count + 1, sizeof(*intervals));
    const int count = intervals ? study_arm_intervals(study, arm, intervals) : -1;
    int found = count < 0 ? -1 : 0;

    for (int i = 0; i < count && found == 0; i++) {
        found = study->from_solution
                    ? intervals[i].closed
                    : dosing_interval_is_whole(&intervals[i], study->times, study->time_count);
    }
    free(intervals);
    return found;
}

bool study_request_needs_slope(const struct study *study, const struct metric_request *request)
{
    const struct exposure_metric *metric = &exposure_metrics[request->metric];

    if (metric->key) {
        return request->to > last_time(study);
    }
    return study->per_profile && metric->profile && (metric->traits & METRIC_NEEDS_SLOPE) != 0;
}

bool study_metric_applies(const struct study *study, int metric, int analyte)
{
    const struct output *output = study_output(study, analyte);
    bool of_drug = false;

    for (int m = 0; m < study->model_count; m++) {
        const int drug = model_drug_output(&study->models[m]);
        of_drug |= drug >= 0 && strcmp(study->models[m].outputs[drug].analyte, study->analytes[analyte]) == 0;
    }
    if (output && output_is_effect(output) && !(exposure_metrics[metric].traits & METRIC_OF_EFFECTS)) {
        return false;
    }
    return of_drug || !(exposure_metrics[metric].traits & METRIC_OF_DRUG);
}

const char *study_metric_from(const struct study *study, const struct metric_request *request, int analyte,
                              bool of_interval)
{
    const struct output *output = study_output(study, analyte);

    if (!study->from_solution || (exposure_metrics[request->metric].traits & METRIC_OBSERVED) ||
        (output && output_is_effect(output))) {
        return "observations";
    }
    return !of_interval && study_request_needs_slope(study, request) ? "solution; lambda_z of observations"
                                                                     : "solution";
}
