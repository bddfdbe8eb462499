#include "study_reader.h"

#include "model/individual.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "NAME, MODEL, dose 28 mg, weight 60 kg": the model where the study lists several, the values as the user wrote
 * them. NULL without memory. */
static char *label_create(const struct study_reader *r, const struct written_arm *arm, const int *point)
{
    const char *model = arm->labeled ? r->study->models[arm->model].name : "";
    size_t size = strlen(arm->name) + strlen(", ") + strlen(model) + 1;
    for (int i = 0; i < r->study->axis_count; i++) {
        size += strlen(", ") + strlen(r->axes[i].name) + 1 + strlen(r->axes[i].list->items[point[i]]->text);
    }
    char *label = malloc(size);
    if (!label) {
        return NULL;
    }
    int used = snprintf(label, size, "%s%s%s", arm->name, arm->labeled ? ", " : "", model);
    for (int i = 0; i < r->study->axis_count; i++) {
        used += snprintf(label + used, size - (size_t)used, ", %s %s", r->axes[i].name,
                         r->axes[i].list->items[point[i]]->text);
    }
    return label;
}

static void expand_doses(const struct written_arm *written, double amount, enum dose_basis basis, double over,
                         struct arm *arm)
{
    for (int i = 0; i < written->session_count; i++) {
        struct dose *dose = &arm->doses[arm->dose_count++];
        *dose = regimen_dose(&written->items[written->sessions[i].item], amount, over);
        dose->time = written->sessions[i].time;
        dose->basis = isnan(amount) ? dose->basis : basis;
    }
}

/* The arm at a point of the grid, one index per axis. -1 without memory; study_clear frees what there is. */
static int expand_arm(const struct study_reader *r, const struct written_arm *written, const int *point,
                      struct arm *arm)
{
    const struct study *study = r->study;
    double amount = NAN;
    double over = NAN;
    enum dose_basis basis = DOSE_ABSOLUTE;
    arm->name = written->name;
    arm->model = written->model;
    arm->label = label_create(r, written, point);
    arm->doses = calloc((size_t)written->session_count + 1, sizeof(*arm->doses));
    arm->axis_values = calloc((size_t)study->axis_count + 1, sizeof(*arm->axis_values));
    arm->settings = calloc((size_t)study->axis_count + 1, sizeof(*arm->settings));
    arm->covariates = calloc((size_t)study->covariate_count + 1, sizeof(*arm->covariates));
    if (!arm->label || !arm->doses || !arm->axis_values || !arm->settings || !arm->covariates) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < study->covariate_count; i++) {
        arm->covariates[i] = NAN;
    }
    for (int i = 0; i < study->axis_count; i++) {
        const struct axis *axis = &r->axes[i];
        double value = study->axes[i].values[point[i]];
        arm->axis_values[i] = value;
        switch (axis->kind) {
        case AXIS_DOSE:
            amount = value;
            basis = axis->basis;
            break;
        case AXIS_OVER:
            over = axis->settings[point[i]];
            break;
        case AXIS_COVARIATE:
            arm->covariates[axis->covariate] = value;
            break;
        case AXIS_PARAMETER:
            arm->settings[arm->setting_count++] = (struct setting){
                .parameter = model_parameter(&study->models[arm->model], axis->name),
                .value = axis->settings[point[i] * study->model_count + arm->model],
            };
            break;
        }
    }
    expand_doses(written, amount, basis, over, arm);
    return 0;
}

/* To the next point of the grid, the last axis fastest. */
static void point_advance(const struct study *study, int *point)
{
    for (int i = study->axis_count - 1; i >= 0; i--) {
        if (++point[i] < study->axes[i].count) {
            return;
        }
        point[i] = 0;
    }
}

int study_expand_arms(struct study_reader *r)
{
    struct study *study = r->study;
    size_t points = 1;
    double doses = 0;
    int *point = NULL;
    int status = -1;
    for (int i = 0; i < study->axis_count; i++) {
        points *= (size_t)study->axes[i].count;
    }
    for (int i = 0; i < r->arm_count; i++) {
        doses += (double)points * r->arms[i].session_count;
    }
    if (doses > STUDY_DOSES_MAX) {
        return diagnostics_error(r->d, study_place(r, study_root(r, "arms")),
                                 "%.0f doses in all arms are more than %d", doses, STUDY_DOSES_MAX);
    }
    point = calloc((size_t)study->axis_count + 1, sizeof(*point));
    study->arms = calloc(points * (size_t)r->arm_count, sizeof(*study->arms));
    if (!point || !study->arms) {
        diagnostics_out_of_memory(r->d);
        goto out;
    }
    for (int i = 0; i < r->arm_count; i++) {
        for (size_t p = 0; p < points; p++) {
            if (expand_arm(r, &r->arms[i], point, &study->arms[study->arm_count++])) {
                goto out;
            }
            point_advance(study, point);
        }
    }
    status = 0;
out:
    free(point);
    return status;
}
