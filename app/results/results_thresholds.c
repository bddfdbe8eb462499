/* What a result says of the variables about thresholds. */
#include "results_inner.h"

#include "solver/exposure.h"

#include <string.h>

/* What a metric of sessions is. */
static int set_session_metric(struct hdf *file, const struct layout_variable *v, const struct study *study,
                              struct diagnostics *d)
{
    const struct metric_request *request = &study->thresholds.metrics[v->index];
    const struct exposure_metric *metric = &exposure_metrics[request->metric];

    if (hdf_set_text(file, v->name, "metric", request->name, d) != 0 ||
        hdf_set_text(file, v->name, "statistic", statistic_name(metric->statistic), d) != 0 ||
        hdf_set_text(file, v->name, "from", "solution", d) != 0) {
        return -1;
    }
    return request->threshold > 0
               ? hdf_set_numbers(file, v->name, "threshold_ng_per_mL", HDF_FLOAT64, &request->threshold, 1, d)
               : hdf_set_numbers(file, v->name, "after_h", HDF_FLOAT64, &request->after, 1, d);
}

/* What is known of the threshold that an answer is about. */
static int set_threshold(struct hdf *file, const struct layout_variable *v, const struct study *study,
                         struct diagnostics *d)
{
    static const double confidence = 0.95;
    const struct threshold *t = &study->thresholds.levels[v->index / ANSWER_BOUNDS];
    const struct {
        const char *name, *text;
    } texts[] = {
        {"metric", v->name + strlen(t->analyte) + 1},
        {"threshold_name", t->name},
        {"threshold_meaning", t->meaning},
        {"threshold_source", t->source},
        {"threshold_limits", t->limits},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (texts[i].text && hdf_set_text(file, v->name, texts[i].name, texts[i].text, d) != 0) {
            return -1;
        }
    }
    return hdf_set_numbers(file, v->name, "threshold_ng_per_mL", HDF_FLOAT64, &t->level, 1, d) == 0
               ? hdf_set_numbers(file, v->name, "confidence", HDF_FLOAT64, &confidence, 1, d)
               : -1;
}

int thresholds_set(struct hdf *file, const struct layout_variable *v, const struct study *study,
                   struct diagnostics *d)
{
    if (v->role == ROLE_SESSION_METRIC) {
        return set_session_metric(file, v, study, d);
    }
    return v->role == ROLE_ABOVE || v->role == ROLE_BELOW ? set_threshold(file, v, study, d) : 0;
}
