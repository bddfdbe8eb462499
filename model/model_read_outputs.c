#include "model_reader.h"

#include <math.h>
#include <string.h>

/* --- residual error --- */

/* The standard deviation that `map` (sd or variance) states, in `unit`; `square` is the unit of the variance. */
static double read_sd(struct model_reader *r, const struct node *map, const char *unit, const char *square)
{
    struct units_error why;
    double value = 0;
    if (map->count != 1) {
        diagnostics_error(r->d, reader_place(r, map),
                          "a residual error is given by exactly one of sd, variance");
        return 0;
    }
    const struct node *node = map->items[0];
    const bool is_variance = strcmp(map->keys[0]->text, "variance") == 0;
    if (units_read(r->units, node->text, is_variance ? square : unit, &value, &why)) {
        diagnostics_error(r->d, reader_place(r, node), "%s", why.text);
    } else if (!(value > 0)) {
        diagnostics_error(r->d, reader_place(r, node),
                          "a residual error is above 0, not \"%s\"; leave out what there is none of",
                          node->text);
    }
    return is_variance ? sqrt(value) : value;
}

static void read_residual(struct model_reader *r, struct residual *residual, const struct node *map)
{
    const struct node *proportional = node_find(map, "proportional");
    const struct node *additive = node_find(map, "additive");
    const struct node *lognormal = node_find(map, "lognormal");
    if (map->count == 0 || (lognormal && map->count > 1)) {
        diagnostics_error(r->d, reader_place(r, map),
                          "a residual error is proportional, additive, both of them, or lognormal");
        return;
    }
    residual->proportional = proportional ? read_sd(r, proportional, "1", "1") : 0;
    residual->additive = additive ? read_sd(r, additive, "ng/mL", "ng^2/mL^2") : 0;
    residual->lognormal = lognormal ? read_sd(r, lognormal, "1", "1") : 0;
}

/* --- outputs --- */

static void read_level(struct model_reader *r, struct output *output, const struct node *map)
{
    const struct node *residual = node_find(map, "residual");
    output->compartment = reader_compartment(r, node_find(map, "amount"));
    output->volume = reader_text(map, "volume");
    output->latent = node_reads(node_find(map, "latent"), "true");
    reader_formula(r, node_find(map, "volume"));
    if (residual && output->latent) {
        diagnostics_error(
            r->d, reader_place(r, residual),
            "a residual error is that of a level which an assay reports; leave it out, or `latent`");
    } else if (residual) {
        read_residual(r, &output->residual, residual);
    }
}

static void read_effect(struct model_reader *r, struct output *output, const struct node *map)
{
    const struct node *of = node_find(map, "of");
    const char *levels[MODEL_OUTPUTS_MAX];
    for (int i = 0; i < r->model->level_count; i++) {
        levels[i] = r->model->outputs[i].analyte;
        output->of = strcmp(levels[i], of->text) == 0 ? i : output->of;
    }
    if (output->of < 0) {
        const char *meant = nearest_spelling(of->text, levels, r->model->level_count);
        diagnostics_error(r->d, reader_place(r, of), "\"%s\" is none of the levels%s%s%s", of->text,
                          meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    }
    for (enum sigmoid_coefficient c = 0; c < SIGMOID_COUNT; c++) {
        const struct node *formula = node_find(map, sigmoid_coefficient_name(c));
        output->sigmoid[c] = formula->text;
        reader_formula(r, formula);
    }
}

/* Whether the output is a well-formed level or effect. */
static bool check_kind(struct model_reader *r, const struct node *map)
{
    const struct node *effect = node_find(map, "effect");
    const struct node *residual = node_find(map, "residual");
    const int parts = !!node_find(map, "amount") + !!node_find(map, "volume");
    if (parts != (effect ? 0 : 2)) {
        diagnostics_error(r->d, reader_place(r, map),
                          "an output has either `amount` and `volume`, or `effect`");
        return false;
    }
    if (effect && residual) {
        diagnostics_error(r->d, reader_place(r, residual),
                          "a residual error is that of a level; leave it out of an effect");
    }
    return true;
}

/* Reads the levels, or the effects, of the file. */
static void read_kind(struct model_reader *r, const struct node *map, bool effects)
{
    for (int i = 0; i < map->count; i++) {
        const struct node *effect = node_find(map->items[i], "effect");
        if (!effect == effects || !check_kind(r, map->items[i])) {
            continue;
        }
        struct output *output = &r->model->outputs[r->model->output_count++];
        *output = (struct output){.analyte = map->keys[i]->text, .compartment = -1, .of = -1};
        reader_name(r, map->keys[i]);
        if (effect) {
            read_effect(r, output, effect);
        } else {
            read_level(r, output, map->items[i]);
        }
    }
}

void reader_outputs(struct model_reader *r)
{
    const struct node *map = reader_root(r, "outputs");
    if (map->count < 1 || map->count > MODEL_OUTPUTS_MAX) {
        diagnostics_error(r->d, reader_place(r, map), "a model has 1 to %d outputs", MODEL_OUTPUTS_MAX);
        return;
    }
    read_kind(r, map, false);
    r->model->level_count = r->model->output_count;
    read_kind(r, map, true);
}
