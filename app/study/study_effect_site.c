#include "study_reader.h"

#include "model/library.h"

#include <stdlib.h>

/* Tells that there is no such layer, and which there are. */
static int tell_unknown(struct study_reader *r, const struct node *node)
{
    const char **names = calloc((size_t)effect_site_count + 1, sizeof(*names));
    if (!names) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < effect_site_count; i++) {
        names[i] = effect_site_entries[i].name;
    }
    names[effect_site_count] = "none";
    study_unknown(r, node, "effect site", names, effect_site_count + 1);
    free(names);
    return 0;
}

/* Adds the layer to every model that has its level. */
static void add_to_models(struct study_reader *r, const struct node *node)
{
    struct study *study = r->study;
    const struct effect_site *site = study->effect_site;
    int count = 0;
    for (int m = 0; m < study->model_count; m++) {
        struct model *model = &study->models[m];
        const int output = model->name ? model_output(model, site->analyte) : -1;
        if (output >= 0 && !output_is_effect(&model->outputs[output])) {
            effect_site_add(site, model, study_place(r, node), r->d);
            count++;
        }
    }
    if (count > 0) {
        study_warning(r, node, "the effect site of %s is added to %d of %d models. %s", site->name, count,
                      study->model_count, site->limits[0]);
    } else if (r->models_known) {
        study_error(r, node,
                    "none of the study's models has %s, which the effect site of %s follows; take a model of "
                    "it, or `effect_site: none`",
                    site->analyte, site->name);
    }
}

int study_read_effect_site(struct study_reader *r)
{
    const struct node *node = study_root(r, "effect_site");
    if (!node_is_scalar(node) || node_reads(node, "none")) {
        return 0;
    }
    const struct library_entry *entry = library_find(effect_site_entries, effect_site_count, node->text);
    if (!entry) {
        return tell_unknown(r, node);
    }
    r->study->effect_site = calloc(1, sizeof(*r->study->effect_site));
    if (!r->study->effect_site) {
        return diagnostics_out_of_memory(r->d);
    }
    const struct study_input *given = r->given ? study_text_given(r, entry->name) : NULL;
    const char *text = given ? given->text : entry->text;
    const size_t size = given ? given->size : entry->size;
    if ((!r->given || given) &&
        effect_site_parse(r->study->effect_site, entry->name, text, size, r->units, r->d) == 0) {
        add_to_models(r, node);
    }
    return 0;
}
