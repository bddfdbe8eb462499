#include "study_outline.h"

#include "app/study/study_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double seconds_per_hour = 3600;

static int items_of(const struct node *list)
{
    return list && list->kind == NODE_LIST ? list->count : 0;
}

static int dose_compare(const void *a, const void *b)
{
    const struct outline_dose *left = a;
    const struct outline_dose *right = b;

    return (left->time > right->time) - (left->time < right->time);
}

/* Adds the doses of an item of a regimen, and their number to `doses`. -1 without memory, or with too many told. */
static int add_doses(struct study_reader *r, struct outline_arm *arm, const struct node *node, int *doses)
{
    struct regimen_item item = {.node = node};
    const bool nasal = node_reads(node_find(node, "route"), "intranasal");
    struct outline_dose *more;
    int ret = study_read_times(r, &item);

    if (ret == 0 && (*doses += item.time_count) > STUDY_DOSES_MAX) {
        ret = diagnostics_error(r->d, (struct place){.file = r->study->document.name},
                                "more than %d doses, which no study has", STUDY_DOSES_MAX);
    }
    more = ret == 0 ? realloc(arm->doses, (size_t)(arm->dose_count + item.time_count + 1) * sizeof(*more))
                    : NULL;
    if (more) {
        arm->doses = more;
        for (int i = 0; i < item.time_count; i++) {
            arm->doses[arm->dose_count++] =
                (struct outline_dose){item.times[i] / seconds_per_hour, nasal, node};
        }
    }
    free(item.times);
    return more ? 0 : -1;
}

static int read_arm(struct study_reader *r, struct outline_arm *arm, const struct node *node, int *doses)
{
    arm->name = study_text(node_find(node, "name"));
    arm->note = study_text(node_find(node, "note"));
    arm->baseline = study_text(node_find(node, "baseline"));
    arm->regimen = node_find(node, "regimen");
    for (int i = 0; i < items_of(arm->regimen); i++) {
        if (add_doses(r, arm, arm->regimen->items[i], doses) != 0) {
            return -1;
        }
    }
    if (arm->dose_count > 0) {
        qsort(arm->doses, (size_t)arm->dose_count, sizeof(*arm->doses), dose_compare);
    }
    return 0;
}

static int read_parts(struct study_reader *r, struct outline *outline)
{
    const struct node *arms = study_root(r, "arms");
    const struct node *above = node_find(study_root(r, "exposure"), "time_above");
    int doses = 0;

    outline->arms = calloc((size_t)items_of(arms) + 1, sizeof(*outline->arms));
    outline->thresholds = calloc((size_t)items_of(above) + 1, sizeof(*outline->thresholds));
    if (!outline->arms || !outline->thresholds) {
        return -1;
    }
    for (int i = 0; i < items_of(arms); i++) {
        if (read_arm(r, &outline->arms[outline->arm_count++], arms->items[i], &doses) != 0) {
            return -1;
        }
    }
    for (int i = 0; i < items_of(above); i++) {
        double level;
        if (study_quantity(r, above->items[i], "ng/mL", BOUND_POSITIVE, &level)) {
            outline->thresholds[outline->threshold_count++] = level;
        }
    }
    return 0;
}

int outline_read(struct outline *outline, const char *name, const char *resolved, struct diagnostics *d)
{
    struct study study = {0}; /* holds the document for the parts of the reader, and nothing else */
    struct study_reader r = {.study = &study, .d = d};
    const int errors = d->errors;
    int ret = -1;

    *outline = (struct outline){0};
    if (document_parse(&study.document, name, resolved, strlen(resolved), d) != 0) {
        return -1;
    }
    r.units = units_create();
    r.root = study.document.root;
    study_read_start(&r);
    ret = r.units ? read_parts(&r, outline) : -1;
    if (ret != 0 && d->errors == errors) {
        diagnostics_out_of_memory(d);
    }
    ret = d->errors == errors ? 0 : -1;
    units_free(r.units);
    outline->document = study.document;
    outline->has_start = study.has_start;
    outline->start = study.start;
    if (ret != 0) {
        outline_clear(outline);
    }
    return ret;
}

void outline_clear(struct outline *outline)
{
    for (int i = 0; i < outline->arm_count; i++) {
        free(outline->arms[i].doses);
    }
    free(outline->arms);
    free(outline->thresholds);
    document_clear(&outline->document);
    *outline = (struct outline){0};
}

/* --- How two arms differ --- */

static bool same_node(const struct node *a, const struct node *b)
{
    if (!a || !b || a->kind != b->kind || a->count != b->count) {
        return a == b;
    }
    for (int i = 0; i < a->count; i++) {
        if (!same_node(a->items[i], b->items[i])) {
            return false;
        }
    }
    return a->kind != NODE_SCALAR || strcmp(a->text, b->text) == 0;
}

/* Whether two doses are given at the same time in the same way. */
static bool same_dose(const struct outline_dose *a, const struct outline_dose *b)
{
    static const char *const keys[] = {"route", "drug",         "dose",       "rate",
                                       "over",  "skip_devices", "lost_sprays"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!same_node(node_find(a->item, keys[i]), node_find(b->item, keys[i]))) {
            return false;
        }
    }
    return a->time == b->time;
}

bool outline_differ(const struct outline_arm *a, const struct outline_arm *b, double *first, double *last)
{
    bool differ = false;

    for (int turn = 0; turn < 2; turn++) {
        const struct outline_arm *these = turn == 0 ? a : b;
        const struct outline_arm *others = turn == 0 ? b : a;
        for (int i = 0, k = 0; i < these->dose_count; i++) {
            const struct outline_dose *dose = &these->doses[i];
            bool found = false;
            while (k < others->dose_count && others->doses[k].time < dose->time) {
                k++;
            }
            for (int m = k; m < others->dose_count && others->doses[m].time == dose->time && !found; m++) {
                found = same_dose(dose, &others->doses[m]);
            }
            if (!found) {
                *first = differ ? fmin(*first, dose->time) : dose->time;
                *last = differ ? fmax(*last, dose->time) : dose->time;
                differ = true;
            }
        }
    }
    return differ;
}

int outline_session(const struct outline_arm *baseline, const struct outline_arm *arm)
{
    int session = 0;
    int found = 0;
    int differing = 0;

    if (baseline->dose_count != arm->dose_count) {
        return 0;
    }
    for (int i = 0; i < arm->dose_count; i++) {
        session += i == 0 || arm->doses[i].time != arm->doses[i - 1].time;
        if (!same_dose(&arm->doses[i], &baseline->doses[i]) && session != found) {
            found = session;
            differing++;
        }
    }
    return differing == 1 ? found : 0;
}

const struct outline_arm *outline_arm(const struct outline *outline, const char *name)
{
    for (int i = 0; i < outline->arm_count; i++) {
        if (outline->arms[i].name && strcmp(outline->arms[i].name, name) == 0) {
            return &outline->arms[i];
        }
    }
    return NULL;
}
