/* What stands in a result before anybody is simulated: all numbers that the study alone determines, and that no patient is done. */
#include "results_inner.h"

#include "model/patients.h"

#include <string.h>

/* Value `i` of a variable that the study alone determines. */
static double study_number(const struct results *results, const struct layout_variable *v, int64_t i)
{
    const struct study *study = results->study;

    if (v->role == ROLE_INTERVAL || v->role == ROLE_SESSION) {
        return layout_time(&results->layout, v, i);
    }
    if (v->role == ROLE_RECORD || v->role == ROLE_RECORD_COVARIATE) {
        return layout_record_number(study->events, v, i);
    }
    if (v->role == ROLE_SWEEP) {
        return study->arms[i].axis_values[v->index];
    }
    if (v->role == ROLE_DEVIATION) {
        return layout_deviation(study, v, i);
    }
    return layout_coordinate(study, v, i);
}

/* The same of whole numbers: ids and rows of an event table, replicates, or numbers from 1. */
static int64_t study_whole(const struct layout *layout, const struct study *study,
                           const struct layout_variable *v, int64_t i)
{
    if (v->role == ROLE_PATIENT) {
        return layout_patient_whole(study, v, i);
    }
    if (v->role == ROLE_REPLICATE) {
        return study->arms[i].replicate;
    }
    if (v->role == ROLE_SAMPLE) {
        return layout_sample_whole(layout, study, v, i);
    }
    if (v->dimensions[0] == DIMENSION_RECORD) {
        return layout_record_whole(study->events, v, i);
    }
    return v->dimensions[0] == DIMENSION_PATIENT ? patient_id(study, i) : i + 1;
}

enum { BLOCK = 4096 };

static int write_study_numbers(const struct results *results, const struct layout_variable *v)
{
    const int64_t count = layout_values(&results->layout, v);
    union {
        double numbers[BLOCK];
        int64_t ids[BLOCK];
    } values;
    int code = 0;

    for (int64_t done = 0; done < count && code == 0; done += BLOCK) {
        const int64_t part = count - done < BLOCK ? count - done : BLOCK;
        for (int64_t i = 0; i < part; i++) {
            if (v->type == HDF_INT64) {
                values.ids[i] = study_whole(&results->layout, results->study, v, done + i);
            } else {
                values.numbers[i] = study_number(results, v, done + i);
            }
        }
        code = results_put(results, v, &values, (size_t)part * 8, done * 8);
    }
    return code;
}

int results_write_pending(const struct results *results, const struct layout_variable *v)
{
    const int64_t count = layout_values(&results->layout, v);
    uint8_t values[BLOCK];
    int code = 0;

    memset(values, PATIENT_PENDING, sizeof(values));
    for (int64_t done = 0; done < count && code == 0; done += BLOCK) {
        const int64_t part = count - done < BLOCK ? count - done : BLOCK;
        code = results_put(results, v, values, (size_t)part, done);
    }
    return code;
}

int results_write_study(const struct results *results, struct diagnostics *d)
{
    for (int i = 0; i < results->layout.count; i++) {
        const struct layout_variable *v = &results->layout.variables[i];
        if (v->type != HDF_TEXT &&
            (role_is_of_study(v->role) || (v->role == ROLE_SAMPLE && layout_sample_is_study(v)))) {
            const int code = write_study_numbers(results, v);
            if (code != 0) {
                return results_write_failed(results, code, d);
            }
        }
    }
    return 0;
}
