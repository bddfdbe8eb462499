#include "study_reader.h"

#include "model/number.h"
#include "solver/integrator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 64 };

static const double seconds_per_hour = 3600;

/* --- observe --- */

static int read_instants(struct study_reader *r, const struct node *list)
{
    struct study *study = r->study;
    double last = -1;
    if (list->count == 0 || list->count > STUDY_TIMES_MAX) {
        diagnostics_error(r->d, study_place(r, list), "1 to %d times can be observed", STUDY_TIMES_MAX);
        return 0;
    }
    study->times = calloc((size_t)list->count, sizeof(*study->times));
    if (!study->times) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < list->count; i++) {
        double time = 0;
        if (!study_moment(r, list->items[i], &time)) {
            continue;
        }
        if (!(time > last)) {
            diagnostics_error(r->d, study_place(r, list->items[i]),
                              "\"%s\" must come after the time before it in the list", list->items[i]->text);
        }
        last = time;
        study->times[study->time_count++] = time / seconds_per_hour;
    }
    return 0;
}

static int read_steps(struct study_reader *r, const struct node *map)
{
    struct study *study = r->study;
    const struct node *to_node = node_find(map, "to");
    double from = 0;
    double to = 0;
    double every = 0;
    bool valid = true;
    if (node_find(map, "from")) {
        valid &= study_moment(r, node_find(map, "from"), &from);
    }
    valid &= study_moment(r, to_node, &to);
    valid &= study_time(r, node_find(map, "every"), "min", BOUND_POSITIVE, &every);
    if (!valid) {
        return 0;
    }
    if (!(to > from)) {
        diagnostics_error(r->d, study_place(r, to_node), "to \"%s\" must come after from", to_node->text);
        return 0;
    }
    /* 2.4 h / 0.1 h is a little less than 24 */
    double steps = floor((to - from) / every + 1e-9);
    if (steps >= STUDY_TIMES_MAX) {
        diagnostics_error(r->d, study_place(r, map), "%.15g times are more than %d", steps + 1,
                          STUDY_TIMES_MAX);
        return 0;
    }
    study->time_count = (int)steps + 1;
    study->times = calloc((size_t)study->time_count, sizeof(*study->times));
    if (!study->times) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int j = 0; j < study->time_count; j++) {
        study->times[j] = (from + j * every) / seconds_per_hour;
    }
    return 0;
}

static int read_observe(struct study_reader *r)
{
    const struct node *map = study_root(r, "observe");
    const struct node *at = node_find(map, "at");
    if (at) {
        return at->kind == NODE_LIST ? read_instants(r, at) : 0;
    }
    return read_steps(r, map);
}

/* --- solver, output --- */

static void read_solver(struct study_reader *r)
{
    struct study *study = r->study;
    const struct node *map = study_root(r, "solver");
    const struct node *method = node_find(map, "method");
    const struct node *rtol = node_find(map, "rtol");
    const struct node *max_steps = node_find(map, "max_steps");
    const char *names[NAMES_MAX];
    uint64_t steps = 0;
    study->method = study_text(method);
    const struct integrator *integrator = study->method ? integrator_find(study->method) : NULL;
    if (study->method && !integrator) {
        for (int i = 0; i < integrator_count && i < NAMES_MAX; i++) {
            names[i] = integrators[i].name;
        }
        study_unknown(r, method, "solver", names,
                      integrator_count < NAMES_MAX ? integrator_count : NAMES_MAX);
    }
    for (int m = 0; integrator && integrator->only_linear && m < study->model_count; m++) {
        if (study->models[m].name && !model_is_linear(&study->models[m])) {
            diagnostics_error(
                r->d, study_place(r, method),
                "\"%s\" solves first-order flows of constant rate only, and %s has others; take cvode",
                method->text, study->models[m].name);
        }
    }
    if (node_is_scalar(rtol) && number_read(rtol->text, &study->rtol) &&
        !(study->rtol >= 1e-14 && study->rtol <= 1e-2)) {
        diagnostics_error(r->d, study_place(r, rtol), "rtol \"%s\" must lie in 1e-14 to 1e-2", rtol->text);
    }
    study_quantity(r, node_find(map, "atol"), "mg", BOUND_POSITIVE, &study->atol);
    if (node_is_scalar(max_steps) && number_read_whole(max_steps->text, &steps)) {
        if (steps < 1 || steps > INT32_MAX) {
            diagnostics_error(r->d, study_place(r, max_steps), "max_steps \"%s\" must lie in 1 to %d",
                              max_steps->text, INT32_MAX);
        }
        study->max_steps = (int64_t)steps;
    }
}

static int read_quantiles(struct study_reader *r, const struct node *list)
{
    struct study *study = r->study;
    const int count = study_list_length(r, list, "quantiles");
    double last = 0;
    if (!list || list->kind != NODE_LIST) {
        return 0;
    }
    study->quantiles = calloc((size_t)count + 1, sizeof(*study->quantiles));
    if (!study->quantiles) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < count; i++) {
        double value = 0;
        if (!study_quantity(r, list->items[i], "1", BOUND_NONE, &value)) {
            continue;
        }
        if (!(value > 0 && value < 1)) {
            diagnostics_error(r->d, study_place(r, list->items[i]),
                              "quantile \"%s\" must lie between 0 and 1", list->items[i]->text);
        } else if (!(value > last)) {
            diagnostics_error(r->d, study_place(r, list->items[i]),
                              "quantile \"%s\" must be above the one before it in the list",
                              list->items[i]->text);
        }
        last = value;
        study->quantiles[study->quantile_count++] = value;
    }
    if (list->count == 0 && (study->store & STORE_QUANTILES)) {
        diagnostics_error(r->d, study_place(r, list),
                          "which quantiles? the list is empty, and `store` has them");
    }
    return 0;
}

/* An observation needs a residual error that somebody has published. */
static void check_residuals(struct study_reader *r, const struct node *node)
{
    for (int m = 0; m < r->study->model_count; m++) {
        const struct model *model = &r->study->models[m];
        for (int i = 0; i < model->output_count; i++) {
            if (output_is_observable(&model->outputs[i]) &&
                !residual_is_stated(&model->outputs[i].residual)) {
                study_error(r, node,
                            "%s states no residual error of %s, so that there are no observations of "
                            "it; leave out \"observations\", or take another model",
                            model->name, model->outputs[i].analyte);
            }
        }
    }
}

static int read_output(struct study_reader *r)
{
    static const char *const names[] = {"profiles", "exposure", "quantiles", "observations",
                                        "random_effects"};
    static const unsigned bits[] = {STORE_PROFILES, STORE_EXPOSURE, STORE_QUANTILES, STORE_OBSERVATIONS,
                                    STORE_RANDOM_EFFECTS};
    enum { COUNT = sizeof(bits) / sizeof(bits[0]) };
    struct study *study = r->study;
    const struct node *map = study_root(r, "output");
    const struct node *store = node_find(map, "store");
    const struct node *method = node_find(map, "quantile_method");
    study->deflate = node_reads(node_find(map, "compression"), "deflate");
    study->quantile_method = node_reads(method, "exact")       ? QUANTILES_EXACT
                             : node_reads(method, "streaming") ? QUANTILES_STREAMING
                                                               : QUANTILES_AUTO;
    study->float32 = node_reads(node_find(map, "precision"), "float32");
    for (int i = 0; store && store->kind == NODE_LIST && i < store->count; i++) {
        const struct node *node = store->items[i];
        bool known = false;
        for (int k = 0; k < COUNT; k++) {
            if (node_reads(node, names[k])) {
                study->store |= bits[k];
                known = true;
            }
        }
        if (!known && node_is_scalar(node)) {
            study_unknown(r, node, "part of a result", names, COUNT);
        }
        if (node_reads(node, "observations")) {
            check_residuals(r, node);
        }
        if (node_is_scalar(node)) {
            study_check_once(r, store, i);
        }
    }
    if (store && store->kind == NODE_LIST && store->count == 0) {
        diagnostics_error(r->d, study_place(r, store),
                          "a result without profiles, exposure, quantiles and observations is empty");
    }
    return read_quantiles(r, node_find(map, "quantiles"));
}

int study_read_settings(struct study_reader *r)
{
    if ((!study_has_events(r) && read_observe(r)) || study_read_exposure(r) || read_output(r)) {
        return -1;
    }
    read_solver(r);
    return 0;
}
