/* The variables that hold what a design for sensitivity finds: of each arm as written and each metric, estimates per axis. */
#include "layout_inner.h"

#include "solver/sensitivity.h"

#include <string.h>

static int add_estimates(struct layout *layout, const struct sensitivity_method *method, int statistic)
{
    static const char *const suffixes[] = {"", "_lower", "_upper"};
    static const char *const ends[] = {"", ", lower end of the interval", ", upper end of the interval"};
    const struct sensitivity_statistic *s = &method->statistics[statistic];

    for (int i = 0; i < SENSITIVITY_BOUNDS; i++) {
        struct layout_variable *v = layout_add(layout, ROLE_SENSITIVITY, HDF_FLOAT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s_%s%s", method->name, s->name, suffixes[i]);
        TEXT(v->unit, "%s", s->share ? "1" : "");
        TEXT(v->long_name, "%s%s", s->doc, ends[i]);
        v->comment = s->share ? NULL : "in the unit that `metric_unit` names";
        v->index = statistic * SENSITIVITY_BOUNDS + i;
        DIMENSIONS(v, DIMENSION_TREATMENT, DIMENSION_METRIC, DIMENSION_AXIS);
    }
    return 0;
}

static int add_rows(struct layout *layout)
{
    struct layout_variable *v = layout_add(layout, ROLE_SENSITIVITY_DROPPED, HDF_INT64);

    if (!v) {
        return -1;
    }
    TEXT(v->name, "sensitivity_dropped");
    TEXT(v->unit, "1");
    TEXT(v->long_name,
         "rows of the design that are left out, because the metric is missing at one of their points");
    DIMENSIONS(v, DIMENSION_TREATMENT, DIMENSION_METRIC);
    v = layout_add(layout, ROLE_SENSITIVITY_GAP, HDF_UINT8);
    if (!v) {
        return -1;
    }
    TEXT(v->name, "sensitivity_gap");
    TEXT(v->unit, "1");
    TEXT(v->long_name, "why there are no estimates, 0 where there are");
    DIMENSIONS(v, DIMENSION_TREATMENT, DIMENSION_METRIC);
    return 0;
}

int layout_add_sensitivity(struct layout *layout, const struct study *study)
{
    const struct sensitivity_method *method;
    int metrics = 0;

    if (study->sensitivity.kind == SENSITIVITY_NONE) {
        return 0;
    }
    method = sensitivity_method(study->sensitivity.kind);
    for (int i = 0; i < layout->count; i++) {
        metrics += layout->variables[i].role == ROLE_METRIC;
    }
    layout->sizes[DIMENSION_TREATMENT] = study->arm_count / sensitivity_points(study);
    layout->sizes[DIMENSION_METRIC] = metrics;
    layout->sizes[DIMENSION_AXIS] = study->axis_count;
    if (layout_add_coordinate(layout, DIMENSION_TREATMENT, HDF_TEXT, "1", "arm as the study writes it") !=
            0 ||
        layout_add_coordinate(layout, DIMENSION_METRIC, HDF_TEXT, "1", "exposure metric of an analyte") !=
            0 ||
        layout_add_coordinate(layout, DIMENSION_AXIS, HDF_TEXT, "1", "axis of the sweep") != 0 ||
        layout_add_text(layout, ROLE_METRIC_UNIT, DIMENSION_METRIC, "metric_unit", "unit of the metric") !=
            0) {
        return -1;
    }
    for (int i = 0; i < method->statistic_count; i++) {
        if (add_estimates(layout, method, i) != 0) {
            return -1;
        }
    }
    return add_rows(layout);
}

/* The `index`-th of a role; there is one. */
static const struct layout_variable *variable_of(const struct layout *layout, enum role role, int64_t index)
{
    const struct layout_variable *v = layout->variables;

    while (v->role != role || index-- > 0) {
        v++;
    }
    return v;
}

const struct layout_variable *layout_metric(const struct layout *layout, int64_t metric)
{
    return variable_of(layout, ROLE_METRIC, metric);
}
