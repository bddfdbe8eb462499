/* The points of a sweep: a grid of the values that are listed, or what a design draws. */
#include "study_axis.h"

#include "model/design.h"
#include "model/patients.h"

#include <stdlib.h>

static int too_many(struct study_reader *r)
{
    return study_error(r, study_root(r, "sweep"), "the sweep makes more than %d arms", STUDY_ARMS_MAX);
}

/* Each value with each, the last axis fastest. */
int study_make_grid(struct study_reader *r)
{
    double points = 1;
    int repeat;
    for (int a = 0; a < r->study->axis_count; a++) {
        points *= r->axes[a].count;
        if (points * r->arm_count > STUDY_ARMS_MAX) {
            too_many(r);
            return 0;
        }
    }
    repeat = r->study->point_count = (int)points;
    for (int a = 0; a < r->study->axis_count && points > 0; a++) {
        struct axis *axis = &r->axes[a];
        axis->entries = malloc(((size_t)points + 1) * sizeof(*axis->entries));
        if (!axis->entries) {
            return diagnostics_out_of_memory(r->d);
        }
        repeat /= axis->count;
        for (int p = 0; p < r->study->point_count; p++) {
            axis->entries[p] = p / repeat % axis->count;
        }
    }
    return 0;
}

/* What an axis makes of its column of the unit hypercube. */
static int take_column(struct study_reader *r, struct axis *axis, const double *u, int points, int axes)
{
    struct axis_scale scale;
    if (axis->list) {
        axis->entries = malloc(((size_t)points + 1) * sizeof(*axis->entries));
        if (!axis->entries) {
            return diagnostics_out_of_memory(r->d);
        }
        for (int p = 0; p < points; p++) {
            const int entry = (int)(u[(ptrdiff_t)p * axes] * axis->count);
            axis->entries[p] = entry < axis->count ? entry : axis->count - 1;
        }
        return 0;
    }
    if (axis_reserve(r, axis, points)) {
        return -1;
    }
    if (!axis_scale_init(r, axis, &scale, axis->value, axis_unit(r, axis))) {
        return 0;
    }
    for (int p = 0; p < points; p++) {
        const double value = covariate_quantile(&axis->distribution, u[(ptrdiff_t)p * axes]);
        axis->values[p] = value;
        if (!axis_take_entry(r, axis, p, axis_node(r, axis, p), value, &scale)) {
            break; /* the others would fail alike */
        }
    }
    return 0;
}

int study_draw_points(struct study_reader *r, int64_t asked)
{
    const int axes = r->study->axis_count;
    const char **names = calloc((size_t)axes + 1, sizeof(*names));
    double *u = NULL;
    int status = -1;
    for (int a = 0; names && a < axes; a++) {
        names[a] = r->axes[a].name;
    }
    if (r->design->axes_max > 0 && axes > r->design->axes_max) {
        status = 0;
        study_error(r, node_find(study_root(r, "sweep"), "design"),
                    "%s draws for %d axes at most, and the sweep has %d", r->design->name,
                    r->design->axes_max, axes);
        goto out;
    }
    const int64_t rows = design_rows(r->design, axes, asked);
    if (rows > STUDY_ARMS_MAX || rows * r->arm_count > STUDY_ARMS_MAX) {
        status = 0;
        too_many(r);
        goto out;
    }
    const struct design_request request = {axes, names, asked, r->study->seed};
    u = malloc(((size_t)rows * (size_t)axes + 1) * sizeof(*u));
    if (!names || !u || r->design->fill(&request, u) || study_take_design(r, asked, u)) {
        diagnostics_out_of_memory(r->d);
        goto out;
    }
    r->study->point_count = (int)rows;
    for (int a = 0; a < axes; a++) {
        if (take_column(r, &r->axes[a], u + a, (int)rows, axes)) {
            goto out;
        }
    }
    status = 0;
out:
    free(names);
    free(u);
    return status;
}
