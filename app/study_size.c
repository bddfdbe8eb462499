#include "study_size.h"

#include <inttypes.h>
#include <stdio.h>

/* What a result file holds besides numbers: the study twice, names, attributes. */
static const double bytes_besides = 64e3;

struct study_size study_size(const struct study *study)
{
    struct study_size size = {
        .patients = study->patient_count,
        .arms = study->arm_count,
        .times = study->time_count,
    };
    const double patients = (double)size.patients * size.arms;
    const double number = study->float32 ? 4 : 8;
    const double levels_stored = patients * size.times * study->analyte_count;
    const double metrics = patients * study->metric_count * study->analyte_count;
    const double quantiles = (double)size.arms * study->quantile_count * size.times * study->analyte_count;
    double per_patient = study->covariate_count;

    for (int i = 0; i < study->model_count; i++) {
        per_patient += study->models[i].parameter_count;
    }
    for (int i = 0; i < study->arm_count; i++) {
        size.numbers += (double)size.patients * size.times * study->models[study->arms[i].model].output_count;
    }
    size.bytes = bytes_besides + 8 * per_patient * (double)size.patients +
                 (study->store & STORE_PROFILES ? number * levels_stored : 0) +
                 (study->store & STORE_EXPOSURE ? number * metrics : 0) +
                 (study->store & STORE_QUANTILES ? number * quantiles : 0);
    return size;
}

struct study_size_text study_size_describe(const struct study_size *size)
{
    struct study_size_text description;

    snprintf(description.text, sizeof(description.text), "%" PRId64 " patient%s x %d arm%s x %d time%s",
             size->patients, size->patients == 1 ? "" : "s", size->arms, size->arms == 1 ? "" : "s",
             size->times, size->times == 1 ? "" : "s");
    return description;
}
