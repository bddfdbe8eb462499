/* From arms as written and the points of the sweep to the arms of the study. There can be a million of them: what several share
 * is stored once. */
#include "study_axis.h"

#include "model/individual.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- points --- */

static int expand_points(struct study_reader *r)
{
    struct study *study = r->study;
    const size_t axes = (size_t)study->axis_count;
    study->points = malloc(((size_t)study->point_count * axes + 1) * sizeof(*study->points));
    if (!study->points) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int a = 0; a < study->axis_count; a++) {
        const struct axis *axis = study_axis_at(r, a);
        for (int p = 0; p < study->point_count; p++) {
            study->points[(size_t)p * axes + (size_t)a] = axis->values[axis_entry(axis, p)];
        }
    }
    return 0;
}

/* The parameters that the sweep sets, settings[model][point][parameter]. */
static int expand_settings(struct study_reader *r, int *per_arm)
{
    struct study *study = r->study;
    struct setting *setting;
    *per_arm = 0;
    for (int a = 0; a < study->axis_count; a++) {
        *per_arm += study_axis_at(r, a)->kind == AXIS_PARAMETER;
    }
    study->settings = calloc((size_t)study->model_count * (size_t)study->point_count * (size_t)*per_arm + 1,
                             sizeof(*study->settings));
    if (!study->settings) {
        return diagnostics_out_of_memory(r->d);
    }
    setting = study->settings;
    for (int m = 0; m < study->model_count; m++) {
        for (int p = 0; p < study->point_count; p++) {
            for (int a = 0; a < study->axis_count; a++) {
                const struct axis *axis = study_axis_at(r, a);
                if (axis->kind == AXIS_PARAMETER) {
                    *setting++ = (struct setting){
                        .parameter = model_parameter(&study->models[m], axis->target),
                        .value = axis->settings[(ptrdiff_t)axis_entry(axis, p) * study->model_count + m],
                    };
                }
            }
        }
    }
    return 0;
}

/* --- labels --- */

/* "NAME, MODEL, point 17, dose 28 mg, weight 60 kg, replicate 3": the model where the study lists several, the number of a point
 * that is drawn, the values as the user wrote them, and the replicate unless it is the model as published. */
static void write_label(const struct study_reader *r, const struct written_arm *arm, int point, int replicate,
                        FILE *out)
{
    struct value_text buffer;
    fputs(arm->name, out);
    if (arm->labeled) {
        fprintf(out, ", %s", r->study->models[arm->model].name);
    }
    if (r->design) {
        fprintf(out, ", point %d", point / r->candidate_count + 1);
    }
    for (int a = 0; a < r->study->axis_count; a++) {
        const struct axis *axis = study_axis_at(r, a);
        fprintf(out, ", %s %s", axis->name, axis_text(r, axis, axis_entry(axis, point), &buffer));
    }
    if (replicate > 0) {
        fprintf(out, ", replicate %d", replicate);
    }
    fputc('\0', out);
}

/* All labels, one after the other, each with its '\0'. */
static int expand_labels(struct study_reader *r)
{
    size_t size;
    FILE *out = open_memstream(&r->study->labels, &size);
    if (!out) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < r->arm_count; i++) {
        for (int p = 0; p < r->study->point_count; p++) {
            for (int k = 0; k <= r->study->replicates; k++) {
                write_label(r, &r->arms[i], p, k, out);
            }
        }
    }
    return fclose(out) ? diagnostics_out_of_memory(r->d) : 0;
}

/* --- doses --- */

/* Whether the sweep changes doses of the arm, and whether it changes when they are given. */
struct changes {
    bool doses;
    bool times;
};

static struct changes find_changes(const struct study_reader *r, const struct written_arm *arm)
{
    struct changes changes = {false, false};
    for (int a = 0; a < r->study->axis_count; a++) {
        const struct axis *axis = study_axis_at(r, a);
        for (int k = 0; k < arm->item_count; k++) {
            changes.doses |= axis_sets_item(axis, arm, k);
            changes.times |= axis_sets_times(axis) && axis_sets_item(axis, arm, k);
        }
    }
    return changes;
}

static struct dose dose_at(const struct study_reader *r, const struct written_arm *arm, int k, int point)
{
    const struct regimen_item *item = &arm->items[k];
    enum dose_basis basis = item->dose.basis;
    double amount = NAN;
    double over = NAN;
    for (int a = 0; a < r->study->axis_count; a++) {
        const struct axis *axis = study_axis_at(r, a);
        const int entry = axis_entry(axis, point);
        if (axis->kind == AXIS_DOSE && axis_sets_item(axis, arm, k)) {
            amount = axis->values[entry];
            basis = axis->basis;
        } else if (axis->kind == AXIS_OVER && axis_sets_item(axis, arm, k)) {
            over = axis->settings[entry];
        }
    }
    struct dose dose = regimen_dose(item, amount, over);
    dose.basis = basis;
    return dose;
}

/* Writes the doses of an arm at a point; `sessions` has space for them. -1 with the mistake told. */
static int expand_doses(struct study_reader *r, const struct written_arm *arm, int point,
                        struct changes changes, const char *label, struct session *sessions,
                        struct dose *doses)
{
    const struct session *given = arm->sessions;
    if (changes.times) {
        if (study_retime(r, arm, point, label, sessions)) {
            return -1;
        }
        given = sessions;
    }
    for (int i = 0; i < arm->session_count; i++) {
        doses[i] = dose_at(r, arm, given[i].item, point);
        doses[i].time = given[i].time;
    }
    return 0;
}

/* --- arms --- */

/* How many doses there are to be stored, and the most of an arm; -1 with the mistake told. */
static int count_doses(struct study_reader *r, size_t *stored, size_t *most)
{
    double doses = 0;
    *stored = 0;
    *most = 0;
    for (int i = 0; i < r->arm_count; i++) {
        const struct written_arm *arm = &r->arms[i];
        const double points = find_changes(r, arm).doses ? r->study->point_count : 1;
        doses += points * arm->session_count;
        *most = (size_t)arm->session_count > *most ? (size_t)arm->session_count : *most;
    }
    if (doses > STUDY_DOSES_MAX) {
        return diagnostics_error(r->d, study_place(r, study_root(r, "arms")),
                                 "%.0f doses in all arms are more than %d", doses, STUDY_DOSES_MAX);
    }
    *stored = (size_t)doses;
    return 0;
}

/* Repeats the last arm for each replicate of the parameter uncertainty, with the labels that follow its own. */
static void expand_replicates(struct study *study, const char **label)
{
    const struct arm published = study->arms[study->arm_count - 1];
    const struct deviation *deviations = study->deviations;
    for (int m = 0; m < published.model && study->uncertainty; m++) {
        deviations += (ptrdiff_t)study->uncertainty[m].count * study->replicates;
    }
    for (int k = 1; k <= study->replicates; k++) {
        struct arm *arm = &study->arms[study->arm_count++];
        *arm = published;
        arm->label = *label;
        arm->replicate = k;
        arm->baseline = published.baseline ? published.baseline + k : NULL;
        arm->deviation_count = study->uncertainty[published.model].count;
        arm->deviations = deviations + (ptrdiff_t)(k - 1) * arm->deviation_count;
        *label += strlen(*label) + 1;
    }
}

/* The arm, by the models as published, that an arm as written is at a point. */
static const struct arm *find_arm(const struct study *study, int written, int point)
{
    return &study->arms[((ptrdiff_t)written * study->point_count + point) * (study->replicates + 1)];
}

/* The arms of one arm as written, which begin at `label`; their doses go to `doses`. -1 with the mistake told. */
static int expand_arm(struct study_reader *r, const struct written_arm *written, int settings,
                      const char **label, struct dose **doses, struct session *sessions)
{
    struct study *study = r->study;
    const struct changes changes = find_changes(r, written);
    bool warned = false;
    for (int p = 0; p < study->point_count; p++) {
        struct arm *arm = &study->arms[study->arm_count++];
        *arm = (struct arm){
            .name = written->name,
            .label = *label,
            .model = written->model,
            .dose_count = written->session_count,
            .doses = *doses,
            .axis_values = study->points + (ptrdiff_t)p * study->axis_count,
            .settings = study->settings + ((ptrdiff_t)written->model * study->point_count + p) * settings,
            .setting_count = settings,
            .baseline = written->baseline < 0 ? NULL : find_arm(study, written->baseline, p),
        };
        *label += strlen(*label) + 1;
        expand_replicates(study, label);
        if ((p == 0 || changes.doses) && expand_doses(r, written, p, changes, arm->label, sessions, *doses)) {
            return -1;
        }
        if (changes.times && !warned) {
            warned = study_warn_of_split_session(r, written, sessions);
        }
        *doses += changes.doses || p == study->point_count - 1 ? written->session_count : 0;
    }
    return 0;
}

int study_expand_arms(struct study_reader *r)
{
    struct study *study = r->study;
    struct session *sessions = NULL;
    const char *label;
    struct dose *doses;
    size_t stored;
    size_t most;
    int settings;
    int status = -1;
    if (count_doses(r, &stored, &most) || expand_points(r) || expand_settings(r, &settings) ||
        expand_labels(r)) {
        return -1;
    }
    sessions = calloc(most + 1, sizeof(*sessions));
    study->doses = calloc(stored + 1, sizeof(*study->doses));
    study->arms =
        calloc((size_t)study->point_count * (size_t)(study->replicates + 1) * (size_t)r->arm_count + 1,
               sizeof(*study->arms));
    if (!sessions || !study->doses || !study->arms) {
        diagnostics_out_of_memory(r->d);
        goto out;
    }
    label = study->labels;
    doses = study->doses;
    for (int i = 0; i < r->arm_count; i++) {
        if (expand_arm(r, &r->arms[i], settings, &label, &doses, sessions)) {
            goto out;
        }
    }
    status = 0;
out:
    free(sessions);
    return status;
}
