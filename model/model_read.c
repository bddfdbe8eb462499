#include "model_reader.h"

#include "formula.h"
#include "library.h"
#include "model_golden.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct place reader_place(const struct model_reader *r, const struct node *node)
{
    return document_place(&r->model->document, node);
}

const struct node *reader_root(const struct model_reader *r, const char *key)
{
    return node_find(r->model->document.root, key);
}

const char *reader_text(const struct node *map, const char *key)
{
    const struct node *node = node_find(map, key);
    return node ? node->text : NULL;
}

int reader_formula(struct model_reader *r, const struct node *node)
{
    struct formula_error why;
    struct formula *formula = formula_create(node->text, r->names, r->values, r->name_count, &why);
    formula_free(formula);
    return formula ? 0 : diagnostics_error(r->d, reader_place(r, node), "%s", why.text);
}

int reader_range(struct model_reader *r, const struct node *list, const char *unit, double *lowest,
                 double *highest)
{
    double *ends[] = {lowest, highest};
    if (list->count != 2) {
        return diagnostics_error(r->d, reader_place(r, list), "a range is a list of two: [lowest, highest]");
    }
    for (int i = 0; i < 2; i++) {
        struct units_error why;
        if (units_read(r->units, list->items[i]->text, unit, ends[i], &why)) {
            return diagnostics_error(r->d, reader_place(r, list->items[i]), "%s", why.text);
        }
    }
    if (!(*lowest < *highest)) {
        return diagnostics_error(r->d, reader_place(r, list), "the lowest of a range is below its highest");
    }
    return 0;
}

int reader_compartment(const struct model_reader *r, const struct node *node)
{
    int c = model_compartment(r->model, node->text);
    if (c < 0) {
        const char *meant = nearest_spelling(node->text, r->model->compartments, r->model->compartment_count);
        diagnostics_error(r->d, reader_place(r, node), "\"%s\" is no compartment%s%s%s", node->text,
                          meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    }
    return c;
}

static void read_compartments(struct model_reader *r)
{
    const struct node *list = reader_root(r, "compartments");
    if (list->count < 1 || list->count > MODEL_COMPARTMENTS_MAX) {
        diagnostics_error(r->d, reader_place(r, list), "a model has 1 to %d compartments",
                          MODEL_COMPARTMENTS_MAX);
        return;
    }
    for (int i = 0; i < list->count; i++) {
        const char *name = list->items[i]->text;
        if (model_compartment(r->model, name) >= 0 || !formula_name_allowed(name)) {
            diagnostics_error(r->d, reader_place(r, list->items[i]),
                              "\"%s\" is no name for a new compartment", name);
        }
        r->model->compartments[r->model->compartment_count++] = name;
    }
}

/* `rate` with or without `slope`, or `vmax` with `km`. */
static void read_flow_rate(struct model_reader *r, struct flow *flow, const struct node *map)
{
    const struct node *rate = node_find(map, "rate");
    const struct node *slope = node_find(map, "slope");
    const struct node *vmax = node_find(map, "vmax");
    const struct node *km = node_find(map, "km");
    if (!rate == !vmax || !vmax != !km || (slope && !rate)) {
        diagnostics_error(r->d, reader_place(r, map),
                          "a flow has either `rate` (with or without `slope`) or `vmax` and `km`");
        flow->rate = "0";
        return;
    }
    flow->kind = vmax ? FLOW_SATURABLE : FLOW_LINEAR;
    flow->rate = vmax ? vmax->text : rate->text;
    reader_formula(r, vmax ? vmax : rate);
    if (slope) {
        flow->slope = slope->text;
        reader_formula(r, slope);
    }
    if (km) {
        flow->km = km->text;
        reader_formula(r, km);
    }
}

static void read_flows(struct model_reader *r)
{
    const struct node *list = reader_root(r, "flows");
    if (list->count > MODEL_FLOWS_MAX) {
        diagnostics_error(r->d, reader_place(r, list), "more than %d flows", MODEL_FLOWS_MAX);
        return;
    }
    for (int i = 0; i < list->count; i++) {
        const struct node *map = list->items[i];
        const struct node *to = node_find(map, "to");
        struct flow *flow = &r->model->flows[r->model->flow_count++];
        flow->from = reader_compartment(r, node_find(map, "from"));
        flow->to = to ? reader_compartment(r, to) : -1;
        flow->copies = node_reads(node_find(map, "copies"), "true");
        read_flow_rate(r, flow, map);
        if (to && flow->to == flow->from && flow->to >= 0) {
            diagnostics_error(r->d, reader_place(r, to), "a flow leads from one compartment to another");
        }
        if (flow->copies && (!to || flow->kind != FLOW_LINEAR || flow->slope)) {
            diagnostics_error(r->d, reader_place(r, map),
                              "a flow that copies has `to` and a constant `rate`");
        }
    }
}

static void read_texts(struct model_reader *r)
{
    struct model *model = r->model;
    const struct node *root = model->document.root;
    const struct node *list = reader_root(r, "discrepancies");
    model->name = reader_text(root, "model");
    model->title = reader_text(root, "title");
    model->citation = reader_text(root, "citation");
    model->doi = reader_text(root, "doi");
    model->drug = reader_text(root, "drug");
    model->sampling = reader_text(root, "sampling");
    model->age_group = reader_text(root, "age_group");
    model->population = reader_text(root, "population");
    model->discrepancies = calloc((size_t)list->count + 1, sizeof(*model->discrepancies));
    if (!model->discrepancies) {
        diagnostics_out_of_memory(r->d);
        return;
    }
    for (int i = 0; i < list->count; i++) {
        model->discrepancies[model->discrepancy_count++] = list->items[i]->text;
    }
}

/* From the checked tree to the model; -1 with the mistakes told. */
static int read_tree(struct model *model, struct units *units, struct diagnostics *d)
{
    int errors = d->errors;
    if (schema_apply(&model_schema, &model->document, d)) {
        return -1;
    }
    struct model_reader reader = {.model = model, .units = units, .d = d};
    read_texts(&reader);
    reader_covariates(&reader);
    reader_parameters(&reader);
    read_compartments(&reader);
    read_flows(&reader);
    reader_routes(&reader);
    reader_outputs(&reader);
    if (d->errors == errors) {
        model_read_goldens(model, units, d);
    }
    return d->errors > errors ? -1 : 0;
}

int model_parse(struct model *model, const char *name, const char *text, size_t size, struct units *units,
                struct diagnostics *d)
{
    *model = (struct model){0};
    if (document_parse(&model->document, name, text, size, d) || read_tree(model, units, d)) {
        model_clear(model);
        return -1;
    }
    return 0;
}

static bool is_path(const char *name)
{
    const char *dot = strrchr(name, '.');
    return strchr(name, '/') || (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0));
}

int model_read(struct model *model, const char *name, struct units *units, struct place from,
               struct diagnostics *d)
{
    *model = (struct model){0};
    if (is_path(name)) {
        if (document_read(&model->document, name, d) || read_tree(model, units, d)) {
            model_clear(model);
            return -1;
        }
        return 0;
    }
    const struct library_entry *entry = library_find(library_entries, library_count, name);
    if (entry) {
        return model_parse(model, entry->name, entry->text, entry->size, units, d);
    }
    const char **names = calloc((size_t)library_count + 1, sizeof(*names));
    if (!names) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < library_count; i++) {
        names[i] = library_entries[i].name;
    }
    const char *meant = nearest_spelling(name, names, library_count);
    diagnostics_error(d, from,
                      "\"%s\" is no model of the library%s%s%s; `ketsim models` lists them, a path to a "
                      "model file ends in .yaml",
                      name, meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    free(names);
    return -1;
}
