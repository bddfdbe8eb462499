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

static void read_output(struct model_reader *r, const struct node *key, const struct node *map)
{
    struct output *output = &r->model->outputs[r->model->output_count++];
    const struct node *residual = node_find(map, "residual");
    reader_name(r, key);
    *output = (struct output){
        .analyte = key->text,
        .compartment = reader_compartment(r, node_find(map, "amount")),
        .volume = reader_text(map, "volume"),
    };
    reader_formula(r, node_find(map, "volume"));
    if (residual) {
        read_residual(r, &output->residual, residual);
    }
}

void reader_outputs(struct model_reader *r)
{
    const struct node *map = reader_root(r, "outputs");
    if (map->count < 1 || map->count > MODEL_OUTPUTS_MAX) {
        diagnostics_error(r->d, reader_place(r, map), "a model has 1 to %d outputs", MODEL_OUTPUTS_MAX);
        return;
    }
    for (int i = 0; i < map->count; i++) {
        read_output(r, map->keys[i], map->items[i]);
    }
}
