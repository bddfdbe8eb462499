#include "model_golden.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(int count, struct diagnostics *d)
{
    void *memory = calloc((size_t)count + 1, sizeof(double));
    if (!memory) {
        diagnostics_out_of_memory(d);
    }
    return memory;
}

/* Half a unit of the last digit of a number as printed: 0.0005 for "16.091", 0.5 for "1037". */
static double half_last_digit(const char *text)
{
    const char *point = strchr(text, '.');
    const char *exponent = strpbrk(text, "eE");
    double power = exponent ? strtod(exponent + 1, NULL) : 0;
    for (const char *c = point ? point + 1 : ""; isdigit((unsigned char)*c); c++) {
        power -= 1;
    }
    return 0.5 * pow(10, power);
}

static void read_levels(struct model *model, struct golden *golden, const struct node *key,
                        const struct node *list, struct units *units, struct diagnostics *d)
{
    struct golden_series *series = &golden->series[golden->series_count];
    struct units_error why;
    series->output = model_output(model, key->text);
    if (series->output < 0) {
        diagnostics_error(d, document_place(&model->document, key), "\"%s\" is none of the outputs",
                          key->text);
        return;
    }
    if (list->count != golden->time_count) {
        diagnostics_error(d, document_place(&model->document, list), "%d levels for %d times", list->count,
                          golden->time_count);
        return;
    }
    series->levels = allocate(list->count, d);
    series->tolerances = allocate(list->count, d);
    golden->series_count++;
    for (int i = 0; series->levels && series->tolerances && i < list->count; i++) {
        const char *text = list->items[i]->text;
        if (units_read(units, text, "1", &series->levels[i], &why)) {
            diagnostics_error(d, document_place(&model->document, list->items[i]), "%s", why.text);
        }
        series->tolerances[i] = half_last_digit(text);
        series->count++;
    }
}

static void read_times(struct model *model, struct golden *golden, const struct node *list,
                       struct units *units, struct diagnostics *d)
{
    struct units_error why;
    golden->times = allocate(list->count, d);
    for (int i = 0; golden->times && i < list->count; i++) {
        struct place at = document_place(&model->document, list->items[i]);
        if (units_read(units, list->items[i]->text, "s", &golden->times[i], &why)) {
            diagnostics_error(d, at, "%s", why.text);
        } else if (golden->times[i] < 0 || (i > 0 && !(golden->times[i] > golden->times[i - 1]))) {
            diagnostics_error(d, at, "times are not negative and increase");
        }
        golden->time_count++;
    }
}

static void read_covariates(struct model *model, struct golden *golden, const struct node *golden_map,
                            struct units *units, struct diagnostics *d)
{
    const struct node *map = node_find(golden_map, "covariates");
    struct units_error why;
    for (int i = 0; i < model->covariate_count; i++) {
        golden->covariates[i] = model->covariates[i].typical;
    }
    for (int i = 0; i < map->count; i++) {
        int c = model_covariate(model, map->keys[i]->text);
        if (c < 0) {
            diagnostics_error(d, document_place(&model->document, map->keys[i]),
                              "\"%s\" is none of the covariates", map->keys[i]->text);
        } else if (units_read(units, map->items[i]->text, model->covariates[c].unit, &golden->covariates[c],
                              &why)) {
            diagnostics_error(d, document_place(&model->document, map->items[i]), "%s", why.text);
        }
    }
    for (int i = 0; i < model->covariate_count; i++) {
        if (isnan(golden->covariates[i])) {
            diagnostics_error(d, document_place(&model->document, golden_map),
                              "the model has no typical %s; state it under `covariates`",
                              model->covariates[i].name);
        }
    }
}

static void read_dose(struct model *model, struct golden *golden, const struct node *map, struct units *units,
                      struct diagnostics *d)
{
    const struct node *route = node_find(map, "route");
    const struct node *dose = node_find(map, "dose");
    const struct node *over = node_find(map, "over");
    struct units_error why;
    golden->route = model_route(model, route->text);
    if (golden->route < 0) {
        diagnostics_error(d, document_place(&model->document, route), "\"%s\" is none of the routes",
                          route->text);
    }
    if (units_read(units, dose->text, "mg", &golden->amount, &why)) {
        diagnostics_error(d, document_place(&model->document, dose), "%s", why.text);
    }
    if (over && units_read(units, over->text, "s", &golden->over, &why)) {
        diagnostics_error(d, document_place(&model->document, over), "%s", why.text);
    }
}

void model_read_goldens(struct model *model, struct units *units, struct diagnostics *d)
{
    const struct node *list = node_find(model->document.root, "golden");
    model->goldens = calloc((size_t)list->count + 1, sizeof(*model->goldens));
    if (!model->goldens) {
        diagnostics_out_of_memory(d);
        return;
    }
    for (int i = 0; i < list->count; i++) {
        const struct node *map = list->items[i];
        const struct node *levels = node_find(map, "levels");
        struct golden *golden = &model->goldens[model->golden_count++];
        golden->title = node_find(map, "title")->text;
        golden->source = node_find(map, "source")->text;
        read_dose(model, golden, map, units, d);
        read_covariates(model, golden, map, units, d);
        read_times(model, golden, node_find(map, "times"), units, d);
        for (int j = 0; j < levels->count && golden->series_count < MODEL_OUTPUTS_MAX; j++) {
            read_levels(model, golden, levels->keys[j], levels->items[j], units, d);
        }
    }
}
