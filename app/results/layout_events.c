/* What the result of an event table holds: row by row of the table what it says, and what was simulated. */
#include "layout_inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a row says, in the order of enum record_column. */
static const struct {
    const char *name, *unit, *long_name;
    enum hdf_type type;
} columns[RECORD_COLUMN_COUNT] = {
    [RECORD_PATIENT] = {"record_patient", "1", "patient of the row (ID)", HDF_INT64},
    [RECORD_LINE] = {"record_line", "1", "line of the row in the event table", HDF_INT64},
    [RECORD_KIND] = {"record_evid", "1", "kind of the row (EVID)", HDF_INT64},
    [RECORD_TIME] = {"record_time", "h", "time of the row (TIME)", HDF_FLOAT64},
    [RECORD_AMOUNT] = {"record_amount", "mg", "dose of the row (AMT)", HDF_FLOAT64},
    [RECORD_OBSERVED] = {"record_dv", "1", "observed value of the row (DV), as written", HDF_FLOAT64},
};

static int add_columns(struct layout *layout)
{
    for (int i = 0; i < RECORD_COLUMN_COUNT; i++) {
        struct layout_variable *v = layout_add(layout, ROLE_RECORD, columns[i].type);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s", columns[i].name);
        TEXT(v->unit, "%s", columns[i].unit);
        TEXT(v->long_name, "%s", columns[i].long_name);
        DIMENSIONS(v, DIMENSION_RECORD);
        v->index = i;
    }
    return 0;
}

static int add_covariates(struct layout *layout, const struct study *study)
{
    for (int i = 0; i < study->covariate_count; i++) {
        if (study->covariates[i].kind != DISTRIBUTION_EVENTS) {
            continue;
        }
        struct layout_variable *v = layout_add(layout, ROLE_RECORD_COVARIATE, HDF_FLOAT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s", study->covariates[i].name);
        TEXT(v->unit, "%s", study->covariates[i].unit);
        TEXT(v->long_name, "covariate %s in the row", study->covariates[i].name);
        v->comment = study->events->covariates == COVARIATES_BACKWARD ? "holds since the row before (nocb)"
                                                                      : "holds until the next row (locf)";
        DIMENSIONS(v, DIMENSION_RECORD);
        v->index = study->covariates[i].column;
    }
    return 0;
}

/* The levels of every analyte, or what an assay would report of them. */
static int add_levels(struct layout *layout, const struct study *study, enum role role)
{
    for (int i = 0; i < study->analyte_count; i++) {
        const bool effect = layout_is_effect(study, i);
        if (role == ROLE_RECORD_OBSERVED && !layout_is_observable(study, i)) {
            continue;
        }
        struct layout_variable *v = layout_add(layout, role, study->float32 ? HDF_FLOAT32 : HDF_FLOAT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s%s", study->analytes[i], role == ROLE_RECORD_OBSERVED ? "_observed" : "");
        TEXT(v->unit, "%s", effect ? "1" : "ng/mL");
        TEXT(v->long_name, "%s %s after what the row does%s", study->analytes[i], effect ? "effect" : "level",
             role == ROLE_RECORD_OBSERVED ? ", with residual error, as an assay would report it" : "");
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_RECORD);
        v->index = v->analyte = i;
    }
    return 0;
}

int layout_add_events(struct layout *layout, const struct study *study)
{
    return add_columns(layout) != 0 || add_covariates(layout, study) != 0 ||
                   ((study->store & STORE_PROFILES) && add_levels(layout, study, ROLE_RECORD_LEVEL) != 0) ||
                   ((study->store & STORE_OBSERVATIONS) &&
                    add_levels(layout, study, ROLE_RECORD_OBSERVED) != 0)
               ? -1
               : 0;
}

static double column_value(const struct event *event, enum record_column column)
{
    switch (column) {
    case RECORD_TIME:
        return event->time;
    case RECORD_AMOUNT:
        return event->amount;
    case RECORD_OBSERVED:
        return event->missing ? (double)NAN : event->observed;
    default:
        return NAN;
    }
}

double layout_record_number(const struct event_table *events, const struct layout_variable *v, int64_t record)
{
    if (v->role == ROLE_RECORD_COVARIATE) {
        return events->values[record * events->column_count + v->index];
    }
    return column_value(&events->events[record], (enum record_column)v->index);
}

int64_t layout_record_whole(const struct event_table *events, const struct layout_variable *v, int64_t record)
{
    const struct event *event = &events->events[record];
    if (v->role == ROLE_COORDINATE) {
        return record + 1;
    }
    switch ((enum record_column)v->index) {
    case RECORD_LINE:
        return event->line;
    case RECORD_KIND:
        return event->kind;
    default:
        break;
    }
    int64_t low = 0;
    int64_t high = events->patient_count - 1;
    while (low < high) { /* the last patient whose rows begin at or before this one */
        const int64_t middle = low + (high - low + 1) / 2;
        if (events->patients[middle].first <= record) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return events->patients[low].id;
}
