#include "results_place.h"

#include "model/patients.h"
#include "solver/sensitivity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_position(char *text, size_t size, const struct layout *layout, const struct study *study,
                         enum dimension dimension, int64_t i)
{
    const struct layout_variable line = {.role = ROLE_RECORD, .index = RECORD_LINE};
    const struct layout_variable patient = {.role = ROLE_RECORD, .index = RECORD_PATIENT};
    int64_t checked = i;

    switch (dimension) {
    case DIMENSION_TIME:
        snprintf(text, size, "at %.12g h", study->times[i]);
        break;
    case DIMENSION_ARM:
        snprintf(text, size, "arm \"%.100s\"", study->arms[i].label);
        break;
    case DIMENSION_PATIENT:
        snprintf(text, size, "patient %" PRId64, patient_id(study, i));
        break;
    case DIMENSION_QUANTILE:
        snprintf(text, size, "quantile %.12g", study->quantiles[i]);
        break;
    case DIMENSION_RECORD:
        snprintf(text, size, "patient %" PRId64 ", line %" PRId64 " of the event table",
                 layout_record_whole(study->events, &patient, i),
                 layout_record_whole(study->events, &line, i));
        break;
    case DIMENSION_SAMPLE: {
        const int64_t number = certificate_number(&layout->sample, i);
        snprintf(text, size, "arm \"%.100s\", patient %" PRId64,
                 study->arms[number / study->patient_count].label,
                 patient_id(study, number % study->patient_count));
        break;
    }
    case DIMENSION_CHECKED:
        for (int k = 0; k < layout->count; k++) {
            if (layout_is_checked(&layout->variables[k]) && checked-- == 0) {
                snprintf(text, size, "\"%s\"", layout->variables[k].name);
            }
        }
        break;
    case DIMENSION_METRIC:
        snprintf(text, size, "\"%s\"", layout_metric(layout, i)->name);
        break;
    case DIMENSION_AXIS:
        snprintf(text, size, "axis \"%s\"", study->axes[i].name);
        break;
    case DIMENSION_TREATMENT:
        snprintf(text, size, "arm \"%.100s\"", study->arms[i * sensitivity_points(study)].name);
        break;
    default:
        snprintf(text, size, "%s %" PRId64, dimension_name(dimension), i + 1);
        break;
    }
}

/* The dimensions of a value before `rank`. */
static void put_value(struct value_place *place, const struct layout *layout, const struct study *study,
                      const struct layout_variable *v, int rank, int64_t value)
{
    int64_t positions[HDF_RANK_MAX] = {0};

    if (layout_is_coordinate(v)) {
        const size_t end = strlen(place->text);
        snprintf(place->text + end, sizeof(place->text) - end, "value %" PRId64, value + 1);
        return;
    }
    for (int i = v->rank - 1; i >= 0; i--) {
        const int64_t size = layout->sizes[v->dimensions[i]];
        positions[i] = value % size;
        value /= size;
    }
    for (int i = 0; i < rank; i++) {
        const size_t end = strlen(place->text);
        if (i > 0 && end + 3 < sizeof(place->text)) {
            memcpy(place->text + end, ", ", 3);
        }
        put_position(place->text + strlen(place->text), sizeof(place->text) - strlen(place->text), layout,
                     study, v->dimensions[i], positions[i]);
    }
}

struct value_place results_place_of(const struct layout *layout, const struct study *study,
                                    const struct layout_variable *v, int64_t value)
{
    struct value_place place = {""};

    put_value(&place, layout, study, v, v->rank, value);
    return place;
}

struct value_place results_place_of_block(const struct layout *layout, const struct study *study,
                                          const struct layout_variable *v, int64_t block)
{
    const struct layout_range range = layout_block_range(layout, study, v, block);
    const int64_t value = (int64_t)hdf_size(v->type);
    const int rank = v->rank < 2 ? v->rank : v->dimensions[0] == DIMENSION_ARM ? 2 : 1;
    struct value_place place = {""};

    put_value(&place, layout, study, v, rank, range.offset / value);
    if (range.bytes > value) {
        const size_t end = strlen(place.text);
        if (end + 5 < sizeof(place.text)) {
            memcpy(place.text + end, " to ", 5);
        }
        put_value(&place, layout, study, v, rank, (range.offset + range.bytes) / value - 1);
    }
    return place;
}
