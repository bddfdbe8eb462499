#include "layout_inner.h"

#include "model/patients.h"
#include "solver/exposure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *dimension_name(enum dimension dimension)
{
    static const char *const names[] = {
        [DIMENSION_TIME] = "time",           [DIMENSION_ARM] = "arm",
        [DIMENSION_PATIENT] = "patient",     [DIMENSION_QUANTILE] = "quantile",
        [DIMENSION_INTERVAL] = "interval",   [DIMENSION_OCCASION] = "occasion",
        [DIMENSION_RECORD] = "record",       [DIMENSION_SESSION] = "session",
        [DIMENSION_AFTER] = "time_after",    [DIMENSION_BELOW] = "fraction_below",
        [DIMENSION_BLOCK] = "block",         [DIMENSION_CHECKED] = "checked_variable",
        [DIMENSION_TREATMENT] = "treatment", [DIMENSION_METRIC] = "metric",
        [DIMENSION_AXIS] = "axis",           [DIMENSION_INPUT] = "input",
        [DIMENSION_SAMPLE] = "sample",
    };

    return names[dimension];
}

bool layout_is_coordinate(const struct layout_variable *variable)
{
    return variable->role == ROLE_COORDINATE;
}

double layout_time(const struct layout *layout, const struct layout_variable *v, int64_t i)
{
    const double *times = v->role == ROLE_SESSION ? layout->session_times : layout->interval_times;

    return times[v->index * layout_values(layout, v) + i];
}

double layout_coordinate(const struct study *study, const struct layout_variable *v, int64_t i)
{
    switch (v->dimensions[0]) {
    case DIMENSION_AFTER:
        return study->thresholds.after[i];
    case DIMENSION_BELOW:
        return study->thresholds.fractions[i];
    case DIMENSION_QUANTILE:
        return study->quantiles[i];
    default:
        return study->times[i];
    }
}

int64_t layout_values(const struct layout *layout, const struct layout_variable *variable)
{
    int64_t values = 1;

    for (int i = 0; i < variable->rank; i++) {
        values *= layout->sizes[variable->dimensions[i]];
    }
    return values;
}

int64_t layout_bytes(const struct layout *layout, const struct layout_variable *variable)
{
    return layout_values(layout, variable) * (int64_t)hdf_size(variable->type);
}

/* --- Rows --- */

struct layout_variable *layout_add(struct layout *layout, enum role role, enum hdf_type type)
{
    struct layout_variable *variable;

    if (layout->count == layout->capacity) {
        const int capacity = 2 * layout->capacity + 32;
        struct layout_variable *more = realloc(layout->variables, (size_t)capacity * sizeof(*more));
        if (!more) {
            return NULL;
        }
        layout->variables = more;
        layout->capacity = capacity;
    }
    variable = &layout->variables[layout->count++];
    *variable = (struct layout_variable){.role = role, .type = type};
    return variable;
}

void layout_set_dimensions(struct layout_variable *variable, int rank, const enum dimension *dimensions)
{
    variable->rank = rank;
    memcpy(variable->dimensions, dimensions, (size_t)rank * sizeof(*dimensions));
}

int layout_add_coordinate(struct layout *layout, enum dimension dimension, enum hdf_type type,
                          const char *unit, const char *long_name)
{
    struct layout_variable *v = layout_add(layout, ROLE_COORDINATE, type);

    if (!v) {
        return -1;
    }
    TEXT(v->name, "%s", dimension_name(dimension));
    TEXT(v->unit, "%s", unit);
    TEXT(v->long_name, "%s", long_name);
    DIMENSIONS(v, dimension);
    return 0;
}

static int add_coordinates(struct layout *layout)
{
    if (layout->sizes[DIMENSION_RECORD] > 0 &&
        layout_add_coordinate(layout, DIMENSION_RECORD, HDF_INT64, "1",
                              "number of the row of the event table") != 0) {
        return -1;
    }
    if ((layout->sizes[DIMENSION_TIME] > 0 &&
         layout_add_coordinate(layout, DIMENSION_TIME, HDF_FLOAT64, "h",
                               "time since the start of the study") != 0) ||
        layout_add_coordinate(layout, DIMENSION_ARM, HDF_TEXT, "1", "arm of the study") != 0 ||
        layout_add_coordinate(layout, DIMENSION_PATIENT, HDF_INT64, "1", "number of the patient") != 0) {
        return -1;
    }
    if (layout->sizes[DIMENSION_QUANTILE] == 0) {
        return 0;
    }
    return layout_add_coordinate(layout, DIMENSION_QUANTILE, HDF_FLOAT64, "1",
                                 "fraction of the patients below");
}

int layout_add_text(struct layout *layout, enum role role, enum dimension dimension, const char *name,
                    const char *long_name)
{
    struct layout_variable *v = layout_add(layout, role, HDF_TEXT);

    if (!v) {
        return -1;
    }
    TEXT(v->name, "%s", name);
    TEXT(v->unit, "1");
    TEXT(v->long_name, "%s", long_name);
    DIMENSIONS(v, dimension);
    return 0;
}

static bool study_has_baselines(const struct study *study)
{
    for (int i = 0; i < study->arm_count; i++) {
        if (study->arms[i].baseline) {
            return true;
        }
    }
    return false;
}

static int add_inputs(struct layout *layout, const struct study *study)
{
    layout->sizes[DIMENSION_INPUT] = study->input_count;
    if (study->input_count == 0) {
        return 0;
    }
    if (layout_add_coordinate(layout, DIMENSION_INPUT, HDF_TEXT, "1", "file that the study names") != 0) {
        return -1;
    }
    return layout_add_text(layout, ROLE_INPUT_TEXT, DIMENSION_INPUT, "input_text", "text of the file");
}

static int add_arm_variables(struct layout *layout, const struct study *study)
{
    if (layout_add_text(layout, ROLE_ARM_NAME, DIMENSION_ARM, "arm_name",
                        "name of the arm without model and sweep values") != 0 ||
        layout_add_text(layout, ROLE_MODEL, DIMENSION_ARM, "model", "model that the arm is simulated with") !=
            0) {
        return -1;
    }
    if (study_has_baselines(study) &&
        layout_add_text(layout, ROLE_BASELINE, DIMENSION_ARM, "baseline",
                        "arm that the arm is compared with, patient by patient; empty: none") != 0) {
        return -1;
    }
    for (int i = 0; i < study->axis_count; i++) {
        struct layout_variable *v = layout_add(layout, ROLE_SWEEP, HDF_FLOAT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "sweep_%s", study->axes[i].name);
        TEXT(v->unit, "%s", study->axes[i].unit);
        TEXT(v->long_name, "value of %s that the sweep gives the arm", study->axes[i].name);
        DIMENSIONS(v, DIMENSION_ARM);
        v->index = i;
    }
    return layout_add_replicates(layout, study);
}

static int add_outcome(struct layout *layout, enum role role, const char *name, enum hdf_type type,
                       const char *long_name)
{
    struct layout_variable *v = layout_add(layout, role, type);

    if (!v) {
        return -1;
    }
    TEXT(v->name, "%s", name);
    TEXT(v->unit, "%s", role == ROLE_FAILURE_TIME ? "h" : "1");
    TEXT(v->long_name, "%s", long_name);
    DIMENSIONS(v, DIMENSION_ARM, DIMENSION_PATIENT);
    return 0;
}

static int add_outcomes(struct layout *layout)
{
    if (add_outcome(layout, ROLE_STATUS, "status", HDF_UINT8, "0 if simulated, else why not") != 0 ||
        add_outcome(layout, ROLE_FAILURE_TIME, "failure_time", HDF_FLOAT64,
                    "when the simulation failed, NaN if it did not") != 0 ||
        add_outcome(layout, ROLE_STEPS, "steps", HDF_INT32,
                    "solver steps of the batch that the patient was solved in") != 0 ||
        add_outcome(
            layout, ROLE_OUTSIDE, "outside_validity", HDF_INT32,
            "limits of what the model's source studied that the patient or a dose breaks, 0 for none") != 0) {
        return -1;
    }
    return add_outcome(layout, ROLE_CLAMPED, "clamped", HDF_UINT8,
                       "number of parameters set to a limit of their physical range");
}

/* --- What is computed of an analyte --- */

bool layout_is_effect(const struct study *study, int analyte)
{
    const struct output *output = study_output(study, analyte);

    return output && output_is_effect(output);
}

/* Whether a model of the study has the analyte as something that an assay can report; where models say nothing, it can. */
bool layout_is_observable(const struct study *study, int analyte)
{
    bool known = false;

    for (int m = 0; m < study->model_count; m++) {
        const int output = model_output(&study->models[m], study->analytes[analyte]);
        if (output >= 0 && output_is_observable(&study->models[m].outputs[output])) {
            return true;
        }
        known |= output >= 0;
    }
    return !known;
}

static int add_levels(struct layout *layout, const struct study *study, enum role role)
{
    const enum hdf_type type = study->float32 ? HDF_FLOAT32 : HDF_FLOAT64;

    for (int i = 0; i < study->analyte_count; i++) {
        const bool effect = layout_is_effect(study, i);
        const char *kind = effect ? "effect" : "level";
        if (role == ROLE_OBSERVED && !layout_is_observable(study, i)) {
            continue;
        }
        struct layout_variable *v = layout_add(layout, role, type);
        if (!v) {
            return -1;
        }
        TEXT(v->unit, "%s", metric_unit(METRIC_LEVEL, effect));
        v->index = v->analyte = i;
        if (role == ROLE_PROFILE) {
            TEXT(v->name, "%s", study->analytes[i]);
            TEXT(v->long_name, "%s %s", study->analytes[i], kind);
            DIMENSIONS(v, DIMENSION_ARM, DIMENSION_PATIENT, DIMENSION_TIME);
            v->scratch = !(study->store & STORE_PROFILES);
        } else if (role == ROLE_OBSERVED) {
            TEXT(v->name, "%s_observed", study->analytes[i]);
            TEXT(v->long_name, "%s level with residual error, as an assay would report it",
                 study->analytes[i]);
            DIMENSIONS(v, DIMENSION_ARM, DIMENSION_PATIENT, DIMENSION_TIME);
            v->comment = "as drawn: an additive error makes some values of low levels negative";
        } else {
            TEXT(v->name, "%s_quantile", study->analytes[i]);
            TEXT(v->long_name, "quantile over the simulated patients of the %s %s", study->analytes[i], kind);
            DIMENSIONS(v, DIMENSION_ARM, DIMENSION_QUANTILE, DIMENSION_TIME);
        }
    }
    return 0;
}

/* --- The whole --- */

static int check_name(const struct layout *layout, int index, struct diagnostics *d)
{
    const struct layout_variable *v = &layout->variables[index];

    if (v->name[0] == '\0' || strchr(v->name, '/') || strlen(v->name) == sizeof(v->name) - 1) {
        return diagnostics_error(d, NOWHERE, "\"%s\" cannot be the name of a variable of the result",
                                 v->name);
    }
    for (int i = 0; i < index; i++) {
        if (strcmp(layout->variables[i].name, v->name) == 0) {
            return diagnostics_error(d, NOWHERE,
                                     "two variables of the result would be called \"%s\": \"%s\" and "
                                     "\"%s\"; rename what the study or its models give that name",
                                     v->name, layout->variables[i].long_name, v->long_name);
        }
    }
    return 0;
}

static int check_size(const struct layout *layout, const struct layout_variable *v, int64_t *total,
                      struct diagnostics *d)
{
    int64_t bytes = (int64_t)hdf_size(v->type);
    bool overflow = false;

    for (int i = 0; i < v->rank; i++) {
        overflow |= __builtin_mul_overflow(bytes, layout->sizes[v->dimensions[i]], &bytes);
    }
    overflow |= __builtin_add_overflow(*total, bytes, total);
    if (overflow) {
        return diagnostics_error(d, NOWHERE, "the result would be larger than any file can be");
    }
    return 0;
}

static int layout_check(const struct layout *layout, struct diagnostics *d)
{
    int64_t total = 0;
    int ret = 0;

    for (int i = 0; i < layout->count; i++) {
        if (check_name(layout, i, d) != 0) {
            ret = -1;
        }
    }
    for (int i = 0; i < layout->count && ret == 0; i++) {
        ret = check_size(layout, &layout->variables[i], &total, d);
    }
    return ret;
}

int layout_init(struct layout *layout, const struct study *study, struct diagnostics *d)
{
    const bool quantiles = (study->store & STORE_QUANTILES) && study->quantile_count > 0;
    struct quantile_plan plan;

    *layout = (struct layout){0};
    if (quantile_plan(&plan, study, d) != 0) {
        return -1;
    }
    *layout = (struct layout){
        .quantiles = plan,
        .sizes =
            {
                [DIMENSION_TIME] = study->time_count,
                [DIMENSION_RECORD] = study->events ? study->events->event_count : 0,
                [DIMENSION_ARM] = study->arm_count,
                [DIMENSION_PATIENT] = study->patient_count,
                [DIMENSION_QUANTILE] = quantiles ? study->quantile_count : 0,
            },
    };
    if (add_coordinates(layout) != 0 || add_arm_variables(layout, study) != 0 || add_outcomes(layout) != 0 ||
        layout_add_patients(layout, study) != 0 || layout_add_effects(layout, study) != 0 ||
        ((study->store & STORE_EXPOSURE) && layout_add_exposure(layout, study) != 0) ||
        layout_add_thresholds(layout, study) != 0 || layout_add_sensitivity(layout, study) != 0 ||
        (study->events && layout_add_events(layout, study) != 0) ||
        (quantiles && add_levels(layout, study, ROLE_QUANTILE) != 0) ||
        (!study->events && ((quantiles && !plan.streaming) || (study->store & STORE_PROFILES)) &&
         add_levels(layout, study, ROLE_PROFILE) != 0) ||
        (!study->events && (study->store & STORE_OBSERVATIONS) &&
         add_levels(layout, study, ROLE_OBSERVED) != 0) ||
        add_inputs(layout, study) != 0 || layout_add_sample(layout, study) != 0 ||
        layout_add_blocks(layout, study) != 0) {
        diagnostics_out_of_memory(d);
        layout_clear(layout);
        return -1;
    }
    if (layout_check(layout, d) != 0) {
        layout_clear(layout);
        return -1;
    }
    return 0;
}

void layout_clear(struct layout *layout)
{
    for (int i = 0; i < layout->count; i++) {
        free(layout->variables[i].parameters);
    }
    free(layout->variables);
    free(layout->interval_times);
    free(layout->session_times);
    *layout = (struct layout){0};
}
