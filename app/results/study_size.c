#include "study_size.h"

#include "layout.h"

#include <inttypes.h>
#include <stdio.h>

/* What a result file holds besides numbers: the study twice, names, attributes. */
static const double bytes_besides = 64e3;

int study_size(struct study_size *size, const struct study *study, struct diagnostics *d)
{
    struct layout layout;

    *size = (struct study_size){
        .patients = study->patient_count,
        .arms = study->arm_count,
        .times = study->time_count,
        .records = study->events ? study->events->event_count : 0,
        .bytes = bytes_besides,
    };
    if (layout_init(&layout, study, d) != 0) {
        return -1;
    }
    for (int i = 0; i < layout.count; i++) {
        if (!layout.variables[i].scratch) {
            size->bytes += (double)layout_bytes(&layout, &layout.variables[i]);
        }
    }
    layout_clear(&layout);
    for (int i = 0; i < study->input_count; i++) {
        size->bytes += (double)study->inputs[i].size;
    }

    for (int i = 0; i < study->arm_count; i++) {
        const double levels = study->events ? (double)size->records : (double)size->patients * size->times;
        size->levels += levels * study->models[study->arms[i].model].output_count;
    }
    return 0;
}

struct study_size_text study_size_describe(const struct study_size *size)
{
    struct study_size_text description;

    if (size->records > 0) {
        snprintf(description.text, sizeof(description.text),
                 "%" PRId64 " patient%s x %d arm%s with %" PRId64 " rows", size->patients,
                 size->patients == 1 ? "" : "s", size->arms, size->arms == 1 ? "" : "s", size->records);
        return description;
    }

    snprintf(description.text, sizeof(description.text), "%" PRId64 " patient%s x %d arm%s x %d time%s",
             size->patients, size->patients == 1 ? "" : "s", size->arms, size->arms == 1 ? "" : "s",
             size->times, size->times == 1 ? "" : "s");
    return description;
}
