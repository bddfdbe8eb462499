/* What an axis of the sweep sets: "dose", "weight", "Vc", "arms.nasal.regimen.0.dose". */
#include "study_axis.h"

#include "model/number.h"
#include "model/patients.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 512 };

/* What an arm gives, and an axis can set. A new row is a case of study_axis.c, too. */
static const struct {
    const char *name;
    enum axis_kind kind;
} of_doses[] = {
    {"dose", AXIS_DOSE}, {"over", AXIS_OVER}, {"every", AXIS_EVERY}, {"at", AXIS_AT}, {"delay", AXIS_DELAY},
};

enum { OF_DOSES = sizeof(of_doses) / sizeof(of_doses[0]) };

/* --- where --- */

/* The number that `path` begins with, before a dot; -1 for anything else. */
static int leading_number(const char *path, size_t *length)
{
    char digits[8] = "";
    uint64_t number = 0;
    *length = strcspn(path, ".");
    if (*length == 0 || *length >= sizeof(digits)) {
        return -1;
    }
    memcpy(digits, path, *length);
    return number_read_whole(digits, &number) ? (int)number : -1;
}

/* The arm that `path` begins with, by its name, which may hold dots, or its number from 0. */
static const struct node *find_arm(const struct study_reader *r, const char *path, size_t *length)
{
    const struct node *list = study_root(r, "arms");
    const struct node *found = NULL;
    *length = 0;
    for (int i = 0; list && list->kind == NODE_LIST && i < list->count; i++) {
        const struct node *name = node_find(list->items[i], "name");
        const size_t size = node_is_scalar(name) ? strlen(name->text) : 0;
        if (size > *length && strncmp(path, name->text, size) == 0 && path[size] == '.') {
            found = list->items[i];
            *length = size;
        }
    }
    if (found || !list || list->kind != NODE_LIST) {
        return found;
    }
    const int number = leading_number(path, length);
    return number >= 0 && number < list->count ? list->items[number] : NULL;
}

/* Follows "arms.NAME." and "regimen.N." of `sets`; what is left of it, or NULL with the mistake told. */
static const char *find_scope(struct study_reader *r, struct axis *axis, const struct node *sets)
{
    static const char arms[] = "arms.";
    static const char regimen[] = "regimen.";
    const char *path = sets->text;
    size_t length;
    if (strncmp(path, arms, sizeof(arms) - 1) != 0) {
        return path;
    }
    path += sizeof(arms) - 1;
    axis->arm = find_arm(r, path, &length);
    if (!axis->arm) {
        study_error(r, sets, "\"%s\": the study has no arm \"%.*s\"; give its name, or its number from 0",
                    sets->text, (int)strcspn(path, "."), path);
        return NULL;
    }
    path += length + (path[length] == '.');
    if (strncmp(path, regimen, sizeof(regimen) - 1) != 0) {
        return path;
    }
    path += sizeof(regimen) - 1;
    const struct node *items = node_find(axis->arm, "regimen");
    const int count = items && items->kind == NODE_LIST ? items->count : 0;
    axis->item = leading_number(path, &length);
    if (axis->item < 0 || axis->item >= count) {
        study_error(r, sets, "\"%s\": the regimen has no item \"%.*s\"; it has %d, numbered from 0",
                    sets->text, (int)length, path, count);
        return NULL;
    }
    return path + length + (path[length] == '.');
}

/* --- what --- */

/* Who sets it, in messages. */
static const char *by(const struct axis *axis)
{
    return axis->of_candidates ? "optimize" : "the sweep";
}

static void tell_unknown(struct study_reader *r, const struct axis *axis, const struct node *sets)
{
    const char *names[NAMES_MAX];
    int count = 0;
    for (int i = 0; i < OF_DOSES; i++) {
        names[count++] = of_doses[i].name;
    }
    if (axis->arm) {
        const char *meant = nearest_spelling(axis->target, names, count);
        study_error(
            r, sets, "\"%s\" is nothing that %s can set in an arm (dose, over, every, at, delay)%s%s%s",
            axis->target, by(axis), meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
        return;
    }
    if (axis->of_candidates) {
        study_unknown(r, sets, "thing to vary", names, count);
        return;
    }
    for (int i = 0; i < r->study->covariate_count && count < NAMES_MAX; i++) {
        names[count++] = r->study->covariates[i].name;
    }
    for (int m = 0; m < r->study->model_count; m++) {
        for (int i = 0; i < r->study->models[m].parameter_count && count < NAMES_MAX; i++) {
            names[count++] = r->study->models[m].parameters[i].name;
        }
    }
    study_unknown(r, sets, "dose, covariate or parameter to sweep over", names, count);
}

/* Whether the axis is a parameter of all models; tells if it is one of some only. */
static bool find_parameter(struct study_reader *r, const struct axis *axis, const struct node *sets)
{
    const struct model *without = NULL;
    bool found = false;
    for (int m = 0; m < r->study->model_count; m++) {
        const struct model *model = &r->study->models[m];
        if (model->name && model_parameter(model, axis->target) >= 0) {
            found = true;
        } else if (model->name) {
            without = model;
        }
    }
    if (found && without) {
        study_error(r, sets, "%s has no parameter \"%s\"; a sweep needs it in every model", without->name,
                    axis->target);
    }
    return found;
}

static int find_kind(struct study_reader *r, struct axis *axis, const struct node *sets)
{
    for (int i = 0; i < OF_DOSES; i++) {
        if (strcmp(of_doses[i].name, axis->target) == 0) {
            axis->kind = of_doses[i].kind;
            return 0;
        }
    }
    if (axis->of_candidates) {
        tell_unknown(r, axis, sets);
        return -1;
    }
    axis->covariate = study_covariate(r->study, axis->target);
    if (!axis->arm && axis->covariate >= 0) {
        axis->kind = AXIS_COVARIATE;
        return 0;
    }
    if (!axis->arm && find_parameter(r, axis, sets)) {
        axis->kind = AXIS_PARAMETER;
        return 0;
    }
    if (r->models_known) {
        tell_unknown(r, axis, sets);
    }
    return -1;
}

static int read_session(struct study_reader *r, struct axis *axis, const struct node *sets,
                        const struct node *session)
{
    uint64_t number = 0;
    if (axis->kind != AXIS_DELAY) {
        return session ? study_error(r, session, "a session is named for a delay only") : 0;
    }
    if (!session) {
        return study_error(r, sets, "which session is delayed? write `session: 2` for the second");
    }
    if (!node_is_scalar(session) || !number_read_whole(session->text, &number) || number < 1 ||
        number > STUDY_ARM_DOSES_MAX) {
        return study_error(r, session, "a session is a whole number from 1: the first is 1");
    }
    axis->session = (int)number - 1;
    return 0;
}

int axis_find_target(struct study_reader *r, struct axis *axis, const struct node *sets,
                     const struct node *session)
{
    axis->item = -1;
    axis->covariate = -1;
    axis->sets = sets->text;
    axis->target = find_scope(r, axis, sets);
    if (!axis->target || find_kind(r, axis, sets) || read_session(r, axis, sets, session)) {
        return -1;
    }
    if (study_has_events(r) && axis->kind != AXIS_COVARIATE && axis->kind != AXIS_PARAMETER) {
        return study_error(r, sets, "the rows of the event table dose the patients; %s has no %s to replace",
                           by(axis), axis->target);
    }
    return 0;
}

/* --- whose --- */

bool axis_sets_item(const struct axis *axis, const struct written_arm *arm, int item)
{
    if ((axis->arm && axis->arm != arm->node) || (axis->item >= 0 && axis->item != item)) {
        return false;
    }
    switch (axis->kind) {
    case AXIS_OVER:
        return arm->items[item].dosing == DOSING_DOSE_OVER;
    case AXIS_EVERY:
        return arm->items[item].every > 0;
    case AXIS_COVARIATE:
    case AXIS_PARAMETER:
        return false;
    default:
        return true;
    }
}

/* How many sessions the axis counts: doses of an item, or different times of a regimen. */
static int count_sessions(const struct axis *axis, const struct written_arm *arm)
{
    int count = 0;
    if (axis->item >= 0) {
        return arm->items[axis->item].time_count;
    }
    for (int i = 0; i < arm->session_count; i++) {
        count += i == 0 || arm->sessions[i].time != arm->sessions[i - 1].time;
    }
    return count;
}

static void check_arm(struct study_reader *r, const struct axis *axis, const struct written_arm *arm)
{
    int set = 0;
    bool rate = false;
    for (int k = 0; k < arm->item_count; k++) {
        const bool within = axis->item < 0 || axis->item == k;
        set += axis_sets_item(axis, arm, k);
        rate |= within && arm->items[k].dosing == DOSING_RATE_OVER;
    }
    if (axis->kind == AXIS_DOSE && rate) {
        study_error(r, axis->key,
                    "%s replaces doses, and arm \"%s\" gives rate and over; write dose and over there",
                    by(axis), arm->name);
    } else if (axis->kind == AXIS_OVER && (rate || set == 0)) {
        study_error(r, axis->key, "%s replaces over beside dose, and arm \"%s\" %s", by(axis), arm->name,
                    rate ? "gives rate and over" : "has no such infusion");
    } else if (axis->kind == AXIS_EVERY && set == 0) {
        study_error(r, axis->key, "%s replaces every, and arm \"%s\" repeats no dose by it", by(axis),
                    arm->name);
    } else if (axis->kind == AXIS_AT && set > 1) {
        study_error(r, axis->key,
                    "%s replaces at, and arm \"%s\" has %d items; say which, like "
                    "arms.%s.regimen.0.at",
                    by(axis), arm->name, set, arm->name);
    } else if (axis->kind == AXIS_DELAY && axis->session >= count_sessions(axis, arm)) {
        study_error(r, axis->key, "%s delays session %d, and arm \"%s\" has %d", by(axis), axis->session + 1,
                    arm->name, count_sessions(axis, arm));
    }
}

void axis_check_target(struct study_reader *r, const struct axis *axis)
{
    const bool of_patients = axis->kind == AXIS_COVARIATE || axis->kind == AXIS_PARAMETER;
    for (int i = 0; !of_patients && i < r->arm_count; i++) {
        const struct written_arm *arm = &r->arms[i];
        if (arm->item_count > 0 && (!axis->arm || axis->arm == arm->node)) {
            check_arm(r, axis, arm);
        }
    }
}
