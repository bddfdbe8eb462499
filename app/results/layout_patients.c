/* What the result holds of each patient: lines of a table, covariates and parameters. */
#include "layout_inner.h"

#include "model/patients.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void layout_set_patient_dimensions(struct layout_variable *v, bool by_arm)
{
    if (by_arm) {
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_PATIENT);
        v->comment = "can differ between arms";
    } else {
        DIMENSIONS(v, DIMENSION_PATIENT);
        v->comment = "the same in every arm";
    }
}

static bool sweep_sets_covariates(const struct study *study)
{
    for (int i = 0; i < study->axis_count; i++) {
        if (study->axes[i].covariate >= 0) {
            return true;
        }
    }
    return false;
}

static bool sweep_sets_parameters(const struct study *study)
{
    for (int i = 0; i < study->arm_count; i++) {
        if (study->arms[i].setting_count > 0) {
            return true;
        }
    }
    return false;
}

static const struct {
    const char *name, *long_name;
} patient_columns[PATIENT_COLUMN_COUNT] = {
    [PATIENT_LINE] = {"patient_line", "line of the patient in the table of patients"},
};

static int add_patient_columns(struct layout *layout, const struct study *study)
{
    for (int i = 0; i < PATIENT_COLUMN_COUNT; i++) {
        if (!study->table) {
            continue;
        }
        struct layout_variable *v = layout_add(layout, ROLE_PATIENT, HDF_INT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s", patient_columns[i].name);
        TEXT(v->unit, "1");
        TEXT(v->long_name, "%s", patient_columns[i].long_name);
        DIMENSIONS(v, DIMENSION_PATIENT);
        v->index = i;
    }
    return 0;
}

int64_t layout_patient_whole(const struct study *study, const struct layout_variable *v, int64_t patient)
{
    switch ((enum patient_column)v->index) {
    case PATIENT_LINE:
        return study->table->lines[patient_row(study, patient)];
    case PATIENT_COLUMN_COUNT:
        break;
    }
    return 0;
}

static int add_covariates(struct layout *layout, const struct study *study)
{
    const bool by_arm = sweep_sets_covariates(study);

    for (int i = 0; i < study->covariate_count; i++) {
        if (study->covariates[i].kind == DISTRIBUTION_EVENTS) {
            continue;
        }
        struct layout_variable *v = layout_add(layout, ROLE_COVARIATE, HDF_FLOAT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s", study->covariates[i].name);
        TEXT(v->unit, "%s", study->covariates[i].unit);
        TEXT(v->long_name, "covariate %s of the patient", study->covariates[i].name);
        layout_set_patient_dimensions(v, by_arm);
        v->index = i;
    }
    return 0;
}

struct layout_variable *layout_share(struct layout *layout, const struct study *study, enum role role,
                                     const char *name, const char *unit, int model, int parameter)
{
    struct layout_variable *v = NULL;
    bool taken = false;

    for (int i = 0; i < layout->count && !v; i++) {
        struct layout_variable *other = &layout->variables[i];
        if (other->role == role && strcmp(other->name, name) == 0) {
            taken = true;
            v = strcmp(other->unit, unit) == 0 ? other : NULL;
        }
    }
    if (!v) {
        v = layout_add(layout, role, HDF_FLOAT64);
        if (!v || !(v->parameters = malloc((size_t)study->model_count * sizeof(*v->parameters)))) {
            return NULL;
        }
        for (int i = 0; i < study->model_count; i++) {
            v->parameters[i] = -1;
        }
        TEXT(v->name, "%s%s%s", name, taken ? "_" : "", taken ? study->models[model].name : "");
        TEXT(v->unit, "%s", unit);
    }
    v->parameters[model] = parameter;
    return v;
}

static int add_parameter(struct layout *layout, const struct study *study, int model, int index, bool by_arm)
{
    const struct parameter *p = &study->models[model].parameters[index];
    const char *unit = p->unit && p->unit[0] ? p->unit : "1";
    struct layout_variable *v = layout_share(
        layout, study, study->events ? ROLE_RECORD_PARAMETER : ROLE_PARAMETER, p->name, unit, model, index);

    if (!v) {
        return -1;
    }
    if (v->rank == 0) {
        TEXT(v->long_name, "individual value of the model parameter %s", p->name);
        if (study->events) {
            DIMENSIONS(v, DIMENSION_ARM, DIMENSION_RECORD);
        } else {
            layout_set_patient_dimensions(v, by_arm);
        }
    }
    return 0;
}

static int add_parameters(struct layout *layout, const struct study *study)
{
    const bool by_arm = study->model_count > 1 || study->replicates > 0 || sweep_sets_parameters(study) ||
                        sweep_sets_covariates(study);

    for (int i = 0; i < study->model_count; i++) {
        for (int j = 0; j < study->models[i].parameter_count; j++) {
            if (add_parameter(layout, study, i, j, by_arm) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int layout_add_patients(struct layout *layout, const struct study *study)
{
    return add_patient_columns(layout, study) != 0 || add_covariates(layout, study) != 0 ||
                   add_parameters(layout, study) != 0
               ? -1
               : 0;
}
