/* What the keys of a scenario say together. */
#include "serve_reading.h"

#include <math.h>
#include <string.h>

const char *scenario_analyte(const struct scenario *scenario, const struct model *model)
{
    const int drug = model_drug_output(model);
    const char *name = scenario->analyte ? scenario->analyte
                       : drug >= 0       ? model->outputs[drug].analyte
                                         : NULL;

    return name && model_output(model, name) >= 0 ? name : NULL;
}

const char *const scenario_routes[ROUTE_COUNT] = {"intranasal", "iv"};

/* How many devices a dose is; 0 where it is no whole number of them. */
static int64_t devices_of(const struct scenario *s, double device)
{
    const double devices = s->dose.value / device;

    return s->per_kg || fabs(devices - round(devices)) > 1e-9 || devices > SCENARIO_DEVICES_MAX
               ? 0
               : (int64_t)round(devices);
}

/* Devices that were left out shorten a session at its ends: the model has those between at fixed times. */
static void check_given(struct reading *r, double device, double spacing)
{
    struct scenario *s = r->scenario;
    const int64_t devices = s->by_devices ? r->devices : devices_of(s, device);
    int first = 0;
    int last = r->given_count - 1;
    int given = 0;

    while (first < r->given_count && !r->given[first]) {
        first++;
    }
    while (last > first && !r->given[last]) {
        last--;
    }
    for (int i = 0; i < r->given_count; i++) {
        given += r->given[i];
    }
    if (r->given_count != devices) {
        mistake(r, "devices_given", "must have an entry for each of the %lld devices", (long long)devices);
    } else if (given == 0) {
        mistake(r, "devices_given", "no device is given at all");
    } else if (given != last - first + 1) {
        mistake(
            r, "devices_given",
            "a device between two others cannot be left out: the models have devices follow each other at "
            "a fixed pace");
    } else {
        s->by_devices = true;
        s->amount = given * device;
        s->first = first * spacing;
    }
}

static void check_devices(struct reading *r)
{
    struct scenario *s = r->scenario;
    double device = 0;
    double spacing = 0;

    if (s->dose.text && r->devices > 0) {
        mistake(r, "devices", "dose and devices exclude each other; leave out one");
        return;
    }
    for (int i = 0; i < s->model_count; i++) {
        const int route = model_route(s->models[i], s->route);
        const double amount = route >= 0 ? s->models[i]->routes[route].device_amount : 0;
        if (i > 0 && amount != device) {
            mistake(r, "devices", "the devices of %s are not those of %s; give a dose", s->models[i]->name,
                    s->models[0]->name);
            return;
        }
        device = amount;
        spacing = route >= 0 ? s->models[i]->routes[route].device_spacing : 0;
    }
    if (device == 0) {
        mistake(r, "devices", "%s has no devices by this route; give a dose", s->models[0]->name);
        return;
    }
    s->by_devices = r->devices > 0;
    s->amount = s->by_devices ? (double)r->devices * device : (double)NAN;
    if (r->given_count > 0) {
        check_given(r, device, spacing);
    }
}

static void check_dose(struct reading *r)
{
    struct scenario *s = r->scenario;
    const bool nasal = s->route == scenario_routes[ROUTE_NASAL];

    if (!s->dose.text && r->devices == 0 && !(s->course && s->course->dose)) {
        if (nasal) {
            r->devices = 3;
        } else {
            mistake(r, "dose", "is missing; it must be a text like \"0.5 mg/kg\"");
        }
    }
    if (r->devices > 0 || r->given_count > 0) {
        check_devices(r);
    }
    if (nasal && (s->over.text || s->bolus)) {
        mistake(r, "over", "only an infusion takes a time; a spray has its own");
    }
    if (!nasal && !s->over.text && !s->bolus && !s->course) {
        s->over = (struct scenario_quantity){"40 min", 40.0 / 60};
    }
}

static void check_analyte(struct reading *r)
{
    const struct scenario *s = r->scenario;
    const char *names[SCENARIO_MODELS_MAX * MODEL_OUTPUTS_MAX];
    int count = 0;

    if (!s->analyte) {
        return;
    }
    for (int i = 0; i < s->model_count; i++) {
        if (scenario_analyte(s, s->models[i])) {
            return;
        }
        for (int k = 0; k < s->models[i]->output_count; k++) {
            names[count++] = s->models[i]->outputs[k].analyte;
        }
    }
    const char *nearest = nearest_spelling(s->analyte, names, count);
    mistake(r, "analyte", "no model here has the analyte \"%s\"%s%s%s", s->analyte,
            nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

/* A course says itself by which route what is given. */
static void check_course(struct reading *r)
{
    const struct scenario *s = r->scenario;

    if (strcmp(s->course->route, s->route) != 0) {
        mistake(r, "schedule", "the sessions of %s are %s", s->course->name, s->course->route);
    } else if (s->drug && strcmp(s->course->drug, s->drug) != 0) {
        mistake(r, "drug", "the sessions of %s are of %s", s->course->name, s->course->drug);
    }
}

static void check_values(struct reading *r)
{
    struct scenario *s = r->scenario;

    if (s->shift.text && !s->course && s->sessions < 2) {
        mistake(r, "second_session_shift", "there is no second session");
    }
    if (s->every.text && !(s->every.value > 0 && (double)s->sessions * s->every.value <= SCENARIO_LATEST_H)) {
        mistake(r, "schedule", "%lld sessions every \"%s\" must lie within %d h", (long long)s->sessions,
                s->every.text, SCENARIO_LATEST_H);
    }
    if (!(s->age.value >= 0)) {
        mistake(r, "age", "\"%s\" must not be negative", s->age.text);
    }
    if (!(s->weight.value > 0)) {
        mistake(r, "weight", "\"%s\" must be above 0", s->weight.text);
    }
    if (s->threshold.text && !(s->threshold.value > 0)) {
        mistake(r, "threshold", "\"%s\" must be above 0", s->threshold.text);
    }
}

void reading_check(struct reading *r)
{
    check_dose(r);
    check_analyte(r);
    if (r->scenario->course) {
        check_course(r);
    }
    check_values(r);
}
