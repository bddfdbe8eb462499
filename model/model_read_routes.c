#include "model_reader.h"

#include "formula.h"

#include <math.h>
#include <string.h>

/* The formula of this key, checked, or NULL. */
static const char *read_formula(struct model_reader *r, const struct node *map, const char *key)
{
    const struct node *node = node_find(map, key);
    if (node) {
        reader_formula(r, node);
    }
    return node ? node->text : NULL;
}

static void read_input(struct model_reader *r, const struct node *map, struct input *input)
{
    input->fraction = read_formula(r, map, "fraction");
    input->over = read_formula(r, map, "over");
    input->lag = read_formula(r, map, "lag");
    input->rate = read_formula(r, map, "rate");
}

/* What may be given into a compartment without a route. Its rate is a matter of the patient, not of the dose: an infusion goes on
 * at the rate of the time when parameters change. */
static void read_compartment_input(struct model_reader *r, const struct node *map, struct input *input)
{
    read_input(r, map, input);
    const struct node *rate = node_find(map, "rate");
    if (rate && (formula_mentions(rate->text, "dose") || formula_mentions(rate->text, "device"))) {
        diagnostics_error(r->d, reader_place(r, rate),
                          "the rate of doses is a matter of the patient: it cannot use dose and device");
    }
}

static void read_compartment_inputs(struct model_reader *r)
{
    const struct node *map = reader_root(r, "doses");
    for (int i = 0; i < r->model->compartment_count; i++) {
        r->model->compartment_inputs[i].to = i;
    }
    for (int i = 0; i < map->count; i++) {
        const int compartment = reader_compartment(r, map->keys[i]);
        if (compartment >= 0) {
            read_compartment_input(r, map->items[i], &r->model->compartment_inputs[compartment]);
        }
    }
}

static void read_route(struct model_reader *r, const struct node *key, const struct node *map)
{
    static const char *const names[] = {"iv", "intranasal", "oral", "buccal", "intramuscular"};
    struct route *route = &r->model->routes[r->model->route_count++];
    const struct node *devices = node_find(map, "devices");
    const struct node *range = node_find(map, "dose_range");
    const struct node *inputs = node_find(map, "inputs");
    struct units_error why;
    bool known = false;
    *route = (struct route){.name = key->text, .lowest_dose = -INFINITY, .highest_dose = INFINITY};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        known |= strcmp(key->text, names[i]) == 0;
    }
    if (!known) {
        diagnostics_error(r->d, reader_place(r, key),
                          "\"%s\" is no route; routes are iv, intranasal, oral, buccal, intramuscular",
                          key->text);
    }
    if (devices) {
        const struct node *amount = node_find(devices, "amount");
        const struct node *spacing = node_find(devices, "spacing");
        if (units_read(r->units, amount->text, "mg", &route->device_amount, &why) ||
            units_read(r->units, spacing->text, "s", &route->device_spacing, &why)) {
            diagnostics_error(r->d, reader_place(r, devices), "%s", why.text);
        } else if (!(route->device_amount > 0 && route->device_spacing > 0)) {
            diagnostics_error(r->d, reader_place(r, devices), "amount and spacing of devices are above 0");
        }
    }
    if (range) {
        reader_range(r, range, "mg", &route->lowest_dose, &route->highest_dose);
    }
    if (inputs->count < 1 || inputs->count > MODEL_INPUTS_MAX) {
        diagnostics_error(r->d, reader_place(r, inputs), "a route has 1 to %d inputs", MODEL_INPUTS_MAX);
        return;
    }
    for (int i = 0; i < inputs->count; i++) {
        struct input *input = &route->inputs[route->input_count++];
        read_input(r, inputs->items[i], input);
        input->to = reader_compartment(r, node_find(inputs->items[i], "to"));
    }
}

void reader_routes(struct model_reader *r)
{
    const struct node *map = reader_root(r, "routes");
    if (map->count < 1 || map->count > MODEL_ROUTES_MAX) {
        diagnostics_error(r->d, reader_place(r, map), "a model has 1 to %d routes", MODEL_ROUTES_MAX);
        return;
    }
    r->names[r->name_count++] = "device";
    r->names[r->name_count++] = "dose";
    for (int i = 0; i < map->count; i++) {
        read_route(r, map->keys[i], map->items[i]);
    }
    read_compartment_inputs(r);
    r->name_count -= 2;
}
