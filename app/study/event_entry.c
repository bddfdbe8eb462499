#include "event_reader.h"
#include "study_reader.h"

#include "model/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_route(const struct model *model, int where)
{
    return where < model->route_count;
}

static const char *name_of(const struct model *model, int where)
{
    return is_route(model, where) ? model->routes[where].name
                                  : model->compartments[where - model->route_count];
}

/* --- what CMT says --- */

static int tell_unknown(struct event_reader *r, struct place at, const struct model *model, const char *text)
{
    const char *names[MODEL_ROUTES_MAX + MODEL_COMPARTMENTS_MAX];
    const int count = model->route_count + model->compartment_count;

    for (int i = 0; i < count; i++) {
        names[i] = name_of(model, i);
    }
    /* Looking for what was meant takes its time, and of a million mistakes only the first are shown. */
    const char *meant = r->d->count < DIAGNOSTICS_MAX ? nearest_spelling(text, names, count) : NULL;
    return diagnostics_error(r->d, at, "CMT \"%s\" is no compartment and no route of %s%s%s%s", text,
                             model->name, meant ? "; did you mean " : "", meant ? meant : "",
                             meant ? "?" : "");
}

/* A compartment by its number, 0 for the first. */
static int find_number(struct event_reader *r, struct place at, double number)
{
    for (int m = 0; m < r->rules->model_count; m++) {
        const struct model *model = &r->rules->models[m];
        if (number < 0) {
            return diagnostics_error(r->d, at, "CMT %g: compartments cannot be switched off", number);
        }
        if (number != floor(number) || number > model->compartment_count) {
            return diagnostics_error(r->d, at, "CMT %.15g is no compartment of %s, which has 1 to %d", number,
                                     model->name, model->compartment_count);
        }
        r->where[m] = model->route_count + (number > 0 ? (int)number - 1 : 0);
    }
    return 0;
}

static int find_name(struct event_reader *r, struct place at, const char *text, bool dose)
{
    for (int m = 0; m < r->rules->model_count; m++) {
        const struct model *model = &r->rules->models[m];
        const int route = model_route(model, text);
        const int compartment = model_compartment(model, text);
        if (route < 0 && compartment < 0) {
            return tell_unknown(r, at, model, text);
        }
        r->where[m] = route >= 0 ? route : model->route_count + compartment;
        if (dose && route >= 0 && compartment >= 0) {
            if (r->warned[WARNING_SAME_NAME] == 0) {
                r->same_name_model = model;
                r->same_name = compartment;
            }
            event_warn(r, WARNING_SAME_NAME, r->cells[COLUMN_CMT]);
        }
    }
    return 0;
}

static const char *kind_of(const struct model *model, int where)
{
    return is_route(model, where) ? "route" : "compartment";
}

/* All models must mean the same: a dose that enters the depot of one and the blood of another compares nothing. */
static int check_agreement(struct event_reader *r, struct place at, bool given)
{
    const struct model *first = &r->rules->models[0];
    const int where = r->where[0];

    for (int m = 1; m < r->rules->model_count; m++) {
        const struct model *model = &r->rules->models[m];
        if (is_route(model, r->where[m]) != is_route(first, where) ||
            strcmp(name_of(model, r->where[m]), name_of(first, where)) != 0) {
            return diagnostics_error(
                r->d, at,
                "%s means %s %s of %s, and %s %s of %s; name a route or compartment in column "
                "CMT that all models have",
                given ? "this CMT" : "a dose without CMT", kind_of(first, where), name_of(first, where),
                first->name, kind_of(model, r->where[m]), name_of(model, r->where[m]), model->name);
        }
    }
    return 0;
}

/* --- entries --- */

/* The entry with these places, new if need be; -1 without memory. They are few: as many as routes and
 * compartments at most. */
static int add_entry(struct event_reader *r)
{
    const size_t models = (size_t)r->rules->model_count;

    for (int i = 0; i < r->table->entry_count; i++) {
        if (memcmp(r->found + (size_t)i * models, r->where, models * sizeof(*r->where)) == 0) {
            return i;
        }
    }
    const size_t count = (size_t)r->table->entry_count + 1;
    int *found = realloc(r->found, count * models * sizeof(*found));
    if (found == NULL) {
        return diagnostics_out_of_memory(r->d);
    }
    r->found = found;
    memcpy(found + (count - 1) * models, r->where, models * sizeof(*found));
    return r->table->entry_count++;
}

int event_entry_find(struct event_reader *r, bool dose)
{
    const int cell = r->cells[COLUMN_CMT];
    const char *text = cell >= 0 ? r->csv.cells[cell].text : "";
    const struct place at = event_place(r, cell);
    const bool given = *text != '\0' && strcmp(text, ".") != 0;
    double number = 0;

    if (!given && !dose) {
        return -1;
    }
    const bool numbered = !given || number_read(text, &number);
    if (numbered ? find_number(r, at, number) : find_name(r, at, text, dose)) {
        return -1;
    }
    if (!dose || (cell < 0 && r->no_compartment_told)) {
        return -1;
    }
    if (check_agreement(r, at, given)) {
        r->no_compartment_told = cell < 0;
        return -1;
    }
    return add_entry(r);
}

int event_entries_finish(struct event_reader *r)
{
    const int models = r->rules->model_count;
    const int count = r->table->entry_count;

    r->table->entries = calloc((size_t)models * (size_t)count + 1, sizeof(*r->table->entries));
    if (r->table->entries == NULL) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int m = 0; m < models; m++) {
        for (int i = 0; i < count; i++) {
            r->table->entries[m * count + i] = r->found[i * models + m];
        }
    }
    return 0;
}

/* --- whether a dose can enter there --- */

/* Whether all that is given by the route enters in one place. */
static bool takes_all(const struct route *route)
{
    return route->input_count == 1 && strcmp(route->inputs[0].fraction, "1") == 0;
}

static void check_route(struct event_reader *r, const struct event_row *row, const struct model *model,
                        const struct route *route)
{
    static const enum event_column pace[] = {COLUMN_RATE, COLUMN_DUR};
    if (route->device_amount > 0) {
        const struct value_text amount = value_write(row->value[COLUMN_AMT], "mg");
        struct units_error why;
        if (!route_allows(route, row->value[COLUMN_AMT], amount.text, &why)) {
            diagnostics_error(r->d, event_place(r, r->cells[COLUMN_AMT]), "%s", why.text);
        }
    }
    const bool constant =
        row->value[COLUMN_AMT] == 0 && row->value[COLUMN_SS] > 0 && row->value[COLUMN_RATE] != 0;
    if (constant && !takes_all(route)) { /* which part would RATE be of? */
        diagnostics_error(
            r->d, event_place(r, r->cells[COLUMN_CMT]),
            "a constant infusion (AMT 0) by the %s route of %s, of which only a part enters, or parts "
            "enter in several places; give a compartment as CMT",
            route->name, model->name);
    }
    for (int i = 0; i < 2; i++) {
        const struct place at = event_place(r, r->cells[pace[i]]);
        if (row->value[pace[i]] != 0 && route_sets_pace(route)) {
            diagnostics_error(r->d, at, "the %s route of %s says itself how fast a dose enters; leave out %s",
                              route->name, model->name, event_column_names[pace[i]]);
        } else if (row->value[pace[i]] < 0) {
            diagnostics_error(
                r->d, at,
                "RATE %g is for a dose into a compartment, and %s is a route; give a RATE above 0, or a "
                "compartment as CMT",
                row->value[COLUMN_RATE], route->name);
        }
    }
}

static void check_compartment(struct event_reader *r, const struct event_row *row, const struct model *model,
                              int compartment)
{
    const struct input *input = &model->compartment_inputs[compartment];
    const char *name = model->compartments[compartment];
    const struct place at = event_place(r, r->cells[COLUMN_RATE]);

    if (row->value[COLUMN_RATE] == RATE_MODELED && input->rate == NULL) {
        diagnostics_error(
            r->d, at,
            "RATE -1 leaves the rate to the model, and %s has none for doses into %s; `doses: {%s: "
            "{rate: ...}}` in the model file gives one",
            model->name, name, name);
    }
    if (row->value[COLUMN_RATE] == DURATION_MODELED && input->over == NULL) {
        diagnostics_error(
            r->d, at,
            "RATE -2 leaves the duration to the model, and %s has none for doses into %s; `doses: "
            "{%s: {over: ...}}` in the model file gives one",
            model->name, name, name);
    }
}

void event_entry_check(struct event_reader *r, const struct event_row *row, int entry)
{
    for (int m = 0; entry >= 0 && m < r->rules->model_count; m++) {
        const struct model *model = &r->rules->models[m];
        const int where = r->where[m];
        if (is_route(model, where)) {
            check_route(r, row, model, &model->routes[where]);
        } else {
            check_compartment(r, row, model, where - model->route_count);
        }
    }
}
