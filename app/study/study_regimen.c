#include "study_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const amount_units[] = {[DOSE_ABSOLUTE] = "mg", [DOSE_PER_KG] = "mg/kg"};
static const char *const rate_units[] = {[DOSE_ABSOLUTE] = "mg/h", [DOSE_PER_KG] = "mg/kg/h"};

static const double seconds_per_hour = 3600;

struct dose regimen_dose(const struct regimen_item *item, double amount, double over)
{
    struct dose dose = item->dose;
    if (!isnan(amount)) {
        dose.amount = amount;
        if (item->dosing == DOSING_DOSE_RATE) {
            dose.over = amount / item->rate * seconds_per_hour;
        }
    }
    if (!isnan(over) && item->dosing == DOSING_DOSE_OVER) {
        dose.over = over;
    }
    return dose;
}

static const struct model *arm_model(const struct study_reader *r, const struct written_arm *arm)
{
    return arm->model >= 0 ? &r->study->models[arm->model] : NULL;
}

static const struct route *item_route(const struct study_reader *r, const struct written_arm *arm,
                                      const struct regimen_item *item)
{
    return item->dose.route >= 0 ? &arm_model(r, arm)->routes[item->dose.route] : NULL;
}

/* --- what is given, and how fast --- */

static void read_route(struct study_reader *r, const struct written_arm *arm, struct regimen_item *item)
{
    const struct model *model = arm_model(r, arm);
    const struct node *node = node_find(item->node, "route");
    const char *names[MODEL_ROUTES_MAX];
    char what[128];
    item->dose.route = -1;
    if (!model || !node_is_scalar(node)) {
        return;
    }
    item->dose.route = model_route(model, node->text);
    if (item->dose.route < 0) {
        for (int i = 0; i < model->route_count; i++) {
            names[i] = model->routes[i].name;
        }
        snprintf(what, sizeof(what), "route of %s", model->name);
        study_unknown(r, node, what, names, model->route_count);
    }
}

/* Which of the four ways the item is written in; -1 with the mistake told. */
static int find_dosing(struct study_reader *r, struct regimen_item *item, bool dose, bool rate, bool over)
{
    if (dose && rate && over) {
        return study_error(r, item->node, "dose, rate and over together say the same twice; leave one out");
    }
    if (!dose && !(rate && over)) {
        return study_error(r, item->node,
                           "how much is given? write dose, dose and over, dose and rate, or rate and over");
    }
    item->dosing = !dose ? DOSING_RATE_OVER : over ? DOSING_DOSE_OVER : rate ? DOSING_DOSE_RATE : DOSING_DOSE;
    return 0;
}

static void read_amount(struct study_reader *r, struct regimen_item *item)
{
    const struct node *dose = node_find(item->node, "dose");
    const struct node *rate = node_find(item->node, "rate");
    const struct node *over = node_find(item->node, "over");
    int basis = DOSE_ABSOLUTE;
    int rate_basis = DOSE_ABSOLUTE;
    bool valid = !find_dosing(r, item, dose, rate, over);
    if (dose) {
        valid &= study_quantity_any(r, dose, amount_units, 2, BOUND_NOT_NEGATIVE, &item->dose.amount, &basis);
    }
    if (rate) {
        valid &= study_quantity_any(r, rate, rate_units, 2, BOUND_POSITIVE, &item->rate, &rate_basis);
    }
    if (over) {
        valid &= study_time(r, over, "min", BOUND_POSITIVE, &item->dose.over);
    }
    item->dose.basis = dose ? (enum dose_basis)basis : (enum dose_basis)rate_basis;
    if (!valid) {
        item->dose.amount = NAN;
        return;
    }
    if (item->dosing == DOSING_DOSE_RATE) {
        if (basis != rate_basis) {
            study_error(r, rate, "dose \"%s\" and rate \"%s\" must both be per kg, or neither", dose->text,
                        rate->text);
        }
        item->dose.over = item->dose.amount / item->rate * seconds_per_hour;
    } else if (item->dosing == DOSING_RATE_OVER) {
        item->dose.amount = item->rate * item->dose.over / seconds_per_hour;
    }
}

bool route_allows(const struct route *route, double amount, const char *text, struct units_error *why)
{
    if (route->device_amount == 0) {
        return true;
    }
    const struct value_text device = value_write(route->device_amount, "mg");
    const double devices = amount / route->device_amount;
    if (fabs(devices - round(devices)) > 1e-9 * fmax(1, devices)) {
        snprintf(why->text, sizeof(why->text), "%s is not a whole number of %s devices", text, device.text);
        return false;
    }
    if (devices > STUDY_DEVICES_MAX) {
        snprintf(why->text, sizeof(why->text), "%s is more than %d devices of %s", text, STUDY_DEVICES_MAX,
                 device.text);
        return false;
    }
    return true;
}

bool route_sets_pace(const struct route *route)
{
    for (int i = 0; i < route->input_count; i++) {
        if (route->inputs[i].over) {
            return true;
        }
    }
    return route->device_amount > 0;
}

bool regimen_allows(struct study_reader *r, const struct written_arm *arm, const struct regimen_item *item,
                    const struct node *node, double amount, enum dose_basis basis)
{
    const struct route *route = item_route(r, arm, item);
    int weight = study_covariate(r->study, "weight");
    if (basis == DOSE_PER_KG && weight < 0 && r->models_known) {
        study_error(r, node,
                    "\"%s\" needs the patients' weight, which neither the model nor the study has; give "
                    "it in patients.covariates.weight",
                    node->text);
        return false;
    }
    if (basis == DOSE_PER_KG && weight >= 0 && strcmp(r->study->covariates[weight].unit, "kg") != 0) {
        study_error(r, node, "\"%s\" needs a weight in kg, and that of the model is in %s", node->text,
                    r->study->covariates[weight].unit);
        return false;
    }
    if (!route || route->device_amount == 0) {
        return true;
    }
    struct value_text device = value_write(route->device_amount, "mg");
    if (basis == DOSE_PER_KG) {
        study_error(r, node, "\"%s\" cannot be given by %s devices; write a dose in mg", node->text,
                    device.text);
        return false;
    }
    struct units_error why;
    if (!route_allows(route, amount, node->text, &why)) {
        study_error(r, node, "%s", why.text);
        return false;
    }
    return study_check_devices(r, item, route, node, amount);
}

/* Whether the route can take what is given. */
static void check_route(struct study_reader *r, const struct written_arm *arm,
                        const struct regimen_item *item)
{
    static const char *const keys[] = {"rate", "over"};
    const struct route *route = item_route(r, arm, item);
    const struct node *dose = node_find(item->node, "dose");
    if (!isnan(item->dose.amount)) {
        regimen_allows(r, arm, item, dose ? dose : node_find(item->node, "rate"), item->dose.amount,
                       item->dose.basis);
    }
    if (!route || !route_sets_pace(route)) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        const struct node *node = node_find(item->node, keys[i]);
        if (node) {
            study_error(r, node, "the %s route of %s says itself how fast a dose enters; leave out \"%s\"",
                        route->name, arm_model(r, arm)->name, keys[i]);
        }
    }
}

/* --- which drug --- */

/* Completes a dose without `drug`: it is one of the drug of its model, or, of several models, of the drug that
 * they share. `arms` are those of the dose, one per model. */
static int complete_drug(struct study_reader *r, const struct written_arm *arms, int count, struct node *map)
{
    const struct model *first = arm_model(r, &arms[0]);
    if (node_find(map, "drug") || !first) {
        return 0;
    }
    for (int i = 1; i < count; i++) {
        const struct model *model = arm_model(r, &arms[i]);
        if (model && strcmp(model->drug, first->drug) != 0) {
            study_error(r, map,
                        "a dose of what? %s is a model of %s and %s one of %s; write `drug: racemate`",
                        first->name, first->drug, model->name, model->drug);
            return 0;
        }
    }
    if (strcmp(first->drug, "other") == 0) {
        return 0; /* no drug that a dose could name */
    }
    struct node *key = node_scalar("drug", 0, 0);
    struct node *value = node_scalar(first->drug, 0, 0);
    return node_add_entry(map, key, value) ? diagnostics_out_of_memory(r->d) : 0;
}

/* Which share of the dose is the drug of the model. */
static void read_drug(struct study_reader *r, const struct written_arm *arm, struct regimen_item *item)
{
    const struct model *model = arm_model(r, arm);
    const struct node *node = node_find(item->node, "drug");
    item->dose.share = 1;
    if (!model || !node_is_scalar(node) || strcmp(node->text, model->drug) == 0) {
        return;
    }
    const struct route *route = item_route(r, arm, item);
    bool enantiomer = strcmp(model->drug, "S-ketamine") == 0 || strcmp(model->drug, "R-ketamine") == 0;
    if (strcmp(node->text, "racemate") != 0 || !enantiomer) {
        study_error(r, node, "%s cannot be given to %s, a model of %s", node->text, model->name, model->drug);
    } else if (route && route->device_amount > 0) {
        study_error(r, node, "racemate cannot be given by the devices of %s, which hold %s", model->name,
                    model->drug);
    } else if (node_reads(study_root(r, "racemate"), "halve")) {
        item->dose.share = 0.5;
        study_warning(r, node, "%s is a model of %s: half of each dose of racemate is simulated", model->name,
                      model->drug);
    } else {
        study_error(r, node,
                    "racemate cannot be given to %s, a model of %s; `racemate: halve` simulates the "
                    "half that is %s",
                    model->name, model->drug, model->drug);
    }
}

/* --- the whole --- */

static int read_regimen(struct study_reader *r, struct written_arm *arm)
{
    const struct node *list = node_find(arm->node, "regimen");
    int doses = 0;
    if (!list || list->kind != NODE_LIST) {
        return 0;
    }
    if (list->count == 0) {
        study_error(r, list, "a regimen needs a dose at least");
    }
    arm->items = calloc((size_t)list->count + 1, sizeof(*arm->items));
    if (!arm->items) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < list->count; i++) {
        if (list->items[i]->kind != NODE_MAP) {
            continue;
        }
        struct regimen_item *item = &arm->items[arm->item_count++];
        item->node = list->items[i];
        read_route(r, arm, item);
        read_amount(r, item);
        study_read_devices(r, item, item_route(r, arm, item));
        check_route(r, arm, item);
        read_drug(r, arm, item);
        if (study_read_times(r, item)) {
            return -1;
        }
        doses += item->time_count;
        if (doses > STUDY_ARM_DOSES_MAX) {
            study_error(r, item->node, "more than %d doses in an arm", STUDY_ARM_DOSES_MAX);
            return 0;
        }
    }
    return study_sort_sessions(r, arm);
}

/* How many arms from `first` on are one arm of the file, each with a model of its own. */
static int count_same(const struct study_reader *r, int first)
{
    int count = 1;
    while (first + count < r->arm_count && r->arms[first + count].node == r->arms[first].node) {
        count++;
    }
    return count;
}

int study_read_regimens(struct study_reader *r)
{
    int doses = 0;
    for (int first = 0, count = 0; first < r->arm_count; first += count) {
        struct node *list = node_find(r->arms[first].node, "regimen");
        count = count_same(r, first);
        for (int i = 0; list && list->kind == NODE_LIST && i < list->count; i++) {
            if (list->items[i]->kind == NODE_MAP &&
                complete_drug(r, &r->arms[first], count, list->items[i])) {
                return -1;
            }
        }
        for (int i = first; i < first + count; i++) {
            if (read_regimen(r, &r->arms[i])) {
                return -1;
            }
            doses += r->arms[i].session_count;
            if (doses > STUDY_DOSES_MAX) {
                study_error(r, r->arms[i].node, "more than %d doses in all arms up to this one",
                            STUDY_DOSES_MAX);
                return 0;
            }
        }
    }
    return 0;
}

void written_arm_clear(struct written_arm *arm)
{
    for (int i = 0; i < arm->item_count; i++) {
        free(arm->items[i].times);
    }
    free(arm->items);
    free(arm->sessions);
    *arm = (struct written_arm){0};
}
