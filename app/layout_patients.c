/* What the result holds of each patient: lines of a table, covariates and parameters. */
#include "layout_inner.h"

#include "model/patients.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Per patient, or where it can differ between the arms per arm too; a reader is told which. */
static void set_patient_dimensions(struct layout_variable *v, bool by_arm)
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
        set_patient_dimensions(v, by_arm);
        v->index = i;
    }
    return 0;
}

static bool is_parameter(enum role role)
{
    return role == ROLE_PARAMETER || role == ROLE_RECORD_PARAMETER;
}

/* The variable that holds a parameter of this name and unit, of whatever model, or NULL. */
static struct layout_variable *parameter_find(struct layout *layout, const char *name, const char *unit)
{
    for (int i = 0; i < layout->count; i++) {
        struct layout_variable *v = &layout->variables[i];
        if (is_parameter(v->role) && strcmp(v->name, name) == 0 && strcmp(v->unit, unit) == 0) {
            return v;
        }
    }
    return NULL;
}

static bool parameter_name_is_taken(const struct layout *layout, const char *name)
{
    for (int i = 0; i < layout->count; i++) {
        if (is_parameter(layout->variables[i].role) && strcmp(layout->variables[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Models that call a parameter the same and give it in the same unit share a variable; where the unit differs it
 * is called PARAMETER_MODEL. */
static int add_parameter(struct layout *layout, const struct study *study, int model, int index, bool by_arm)
{
    const struct parameter *p = &study->models[model].parameters[index];
    const char *unit = p->unit && p->unit[0] ? p->unit : "1";
    struct layout_variable *v = parameter_find(layout, p->name, unit);

    if (!v) {
        const bool taken = parameter_name_is_taken(layout, p->name);
        v = layout_add(layout, study->events ? ROLE_RECORD_PARAMETER : ROLE_PARAMETER, HDF_FLOAT64);
        if (!v || !(v->parameters = malloc((size_t)study->model_count * sizeof(*v->parameters)))) {
            return -1;
        }
        for (int i = 0; i < study->model_count; i++) {
            v->parameters[i] = -1;
        }
        TEXT(v->name, "%s%s%s", p->name, taken ? "_" : "", taken ? study->models[model].name : "");
        TEXT(v->unit, "%s", unit);
        TEXT(v->long_name, "individual value of the model parameter %s", p->name);
        if (study->events) {
            DIMENSIONS(v, DIMENSION_ARM, DIMENSION_RECORD);
        } else {
            set_patient_dimensions(v, by_arm);
        }
    }
    v->parameters[model] = index;
    return 0;
}

static int add_parameters(struct layout *layout, const struct study *study)
{
    const bool by_arm =
        study->model_count > 1 || sweep_sets_parameters(study) || sweep_sets_covariates(study);

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
