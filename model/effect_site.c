#include "effect_site.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char compartment_name[] = "effect_site";

/* clang-format off */
static const struct schema_row rows[] = {
    {"effect_site", FORM_TEXT, true, NULL, "", NULL, "name of the layer"},
    {"title", FORM_TEXT, true, NULL, "", NULL, "what it describes, in one line"},
    {"citation", FORM_TEXT, true, NULL, "", NULL, "where its numbers were published"},
    {"doi", FORM_TEXT, false, "\"\"", "", NULL, "digital object identifier of the citation"},
    {"population", FORM_TEXT, false, "\"\"", "", NULL, "who was studied"},
    {"analyte", FORM_TEXT, true, NULL, "", NULL, "whose plasma level it follows"},
    {"half_life", FORM_QUANTITY, true, NULL, "min", NULL, "half-life of the difference between plasma and effect site"},
    {"c50", FORM_QUANTITY, true, NULL, "ng/mL", NULL, "level at the effect site that has half of the effect"},
    {"limits", FORM_TEXTS, true, NULL, "", NULL, "what it does not tell; the first is told whenever it is used"},
};
/* clang-format on */

const struct schema effect_site_schema = {"effect site", rows, sizeof(rows) / sizeof(rows[0])};

/* --- the file --- */

static void read_positive(const struct effect_site *site, const char *key, const char *unit, double *value,
                          struct units *units, struct diagnostics *d)
{
    const struct node *node = node_find(site->document.root, key);
    struct units_error why;
    if (units_read(units, node->text, unit, value, &why)) {
        diagnostics_error(d, document_place(&site->document, node), "%s", why.text);
    } else if (!(*value > 0)) {
        diagnostics_error(d, document_place(&site->document, node), "%s is above 0, not \"%s\"", key,
                          node->text);
    }
}

static const char *text_of(const struct effect_site *site, const char *key)
{
    return node_find(site->document.root, key)->text;
}

/* printf into new memory; NULL without. */
__attribute__((format(printf, 1, 2))) static char *written(const char *format, ...)
{
    va_list arguments;
    char text[256];
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return strdup(text);
}

static int read_tree(struct effect_site *site, struct units *units, struct diagnostics *d)
{
    const int errors = d->errors;
    if (schema_apply(&effect_site_schema, &site->document, d)) {
        return -1;
    }
    const struct node *limits = node_find(site->document.root, "limits");
    site->name = text_of(site, "effect_site");
    site->title = text_of(site, "title");
    site->citation = text_of(site, "citation");
    site->doi = text_of(site, "doi");
    site->population = text_of(site, "population");
    site->analyte = text_of(site, "analyte");
    read_positive(site, "half_life", "h", &site->half_life, units, d);
    read_positive(site, "c50", "ng/mL", &site->c50, units, d);
    if (limits->count == 0) {
        diagnostics_error(d, document_place(&site->document, limits), "every layer has limits; state them");
    }
    site->limits = calloc((size_t)limits->count + 1, sizeof(*site->limits));
    site->output = written("%s_%s", site->analyte, compartment_name);
    site->rate = written("%.17g", log(2) / site->half_life);
    if (!site->limits || !site->output || !site->rate) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < limits->count; i++) {
        site->limits[site->limit_count++] = limits->items[i]->text;
    }
    return d->errors > errors ? -1 : 0;
}

int effect_site_parse(struct effect_site *site, const char *name, const char *text, size_t size,
                      struct units *units, struct diagnostics *d)
{
    *site = (struct effect_site){0};
    if (document_parse(&site->document, name, text, size, d) || read_tree(site, units, d)) {
        effect_site_clear(site);
        return -1;
    }
    return 0;
}

void effect_site_clear(struct effect_site *site)
{
    free(site->limits);
    free(site->output);
    free(site->rate);
    document_clear(&site->document);
    *site = (struct effect_site){0};
}

/* --- in a model --- */

static bool name_is_taken(const struct model *model, const char *name)
{
    return model_covariate(model, name) >= 0 || model_parameter(model, name) >= 0 ||
           model_output(model, name) >= 0;
}

/* Makes room for a level, which stand before the effects. */
static struct output *insert_level(struct model *model)
{
    const int at = model->level_count++;
    struct output *output = &model->outputs[at];
    memmove(output + 1, output, (size_t)(model->output_count++ - at) * sizeof(*output));
    for (int g = 0; g < model->golden_count; g++) {
        for (int i = 0; i < model->goldens[g].series_count; i++) {
            model->goldens[g].series[i].output += model->goldens[g].series[i].output >= at;
        }
    }
    return output;
}

int effect_site_add(const struct effect_site *site, struct model *model, struct place from,
                    struct diagnostics *d)
{
    const int followed = model_output(model, site->analyte);
    if (model_compartment(model, compartment_name) >= 0 || name_is_taken(model, site->output)) {
        return diagnostics_error(
            d, from,
            "%s has a compartment \"%s\" or something called \"%s\" already; rename it, or "
            "leave out the effect site",
            model->name, compartment_name, site->output);
    }
    if (model->compartment_count == MODEL_COMPARTMENTS_MAX || model->flow_count + 2 > MODEL_FLOWS_MAX ||
        model->output_count == MODEL_OUTPUTS_MAX) {
        return diagnostics_error(d, from,
                                 "%s is too large for an effect site besides: a model has at most %d "
                                 "compartments, %d flows and %d outputs",
                                 model->name, MODEL_COMPARTMENTS_MAX, MODEL_FLOWS_MAX, MODEL_OUTPUTS_MAX);
    }
    const struct output plasma = model->outputs[followed];
    const int effect = model->compartment_count++;
    model->compartments[effect] = compartment_name;
    /* What arrives is the plasma's amount, so that over the plasma's volume it is a level. */
    model->flows[model->flow_count++] =
        (struct flow){.from = plasma.compartment, .to = effect, .copies = true, .rate = site->rate};
    model->flows[model->flow_count++] = (struct flow){.from = effect, .to = -1, .rate = site->rate};
    *insert_level(model) = (struct output){
        .analyte = site->output, .compartment = effect, .volume = plasma.volume, .of = -1, .latent = true};
    return 0;
}
