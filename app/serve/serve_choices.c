/* What the page offers: all that the program knows by itself. */
#include "app/results/results.h"
#include "app/results/version.h"
#include "serve.h"
#include "serve_http.h"

#include "model/published_threshold.h"

#include <math.h>
#include <string.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *range(double lowest, double highest, const char *unit)
{
    return json_pack("{s:o,s:o,s:s}", "min", number(lowest), "max", number(highest), "unit", unit);
}

static json_t *model_validity(const struct model *model)
{
    json_t *object = json_object();
    int failed = object ? 0 : -1;

    for (int i = 0; i < model->covariate_count; i++) {
        const struct covariate *c = &model->covariates[i];
        if (isfinite(c->lowest) || isfinite(c->highest)) {
            failed |= json_object_set_new(object, c->name, range(c->lowest, c->highest, c->unit));
        }
    }
    for (int i = 0; i < model->route_count; i++) {
        const struct route *route = &model->routes[i];
        if (isfinite(route->lowest_dose) || isfinite(route->highest_dose)) {
            char key[64];
            snprintf(key, sizeof(key), "dose %s", route->name);
            failed |= json_object_set_new(object, key, range(route->lowest_dose, route->highest_dose, "mg"));
        }
    }
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *model_devices(const struct model *model)
{
    const int route = model_route(model, "intranasal");
    char amount[32];
    char spacing[32];

    if (route < 0 || !(model->routes[route].device_amount > 0)) {
        return json_null();
    }
    snprintf(amount, sizeof(amount), "%g mg", model->routes[route].device_amount);
    snprintf(spacing, sizeof(spacing), "%g min", model->routes[route].device_spacing / 60);
    return json_pack("{s:s,s:s}", "amount", amount, "spacing", spacing);
}

static json_t *choice_model(const struct model *model)
{
    json_t *routes = json_array();
    json_t *analytes = json_array();
    json_t *covariates = json_array();
    json_t *notes = json_array();
    int failed = 0;

    for (int i = 0; i < model->route_count; i++) {
        failed |= json_array_append_new(routes, json_string(model->routes[i].name));
    }
    for (int i = 0; i < model->output_count; i++) {
        failed |= json_array_append_new(analytes, json_string(model->outputs[i].analyte));
    }
    for (int i = 0; i < model->covariate_count; i++) {
        if (model_uses_covariate(model, model->covariates[i].name)) {
            failed |= json_array_append_new(covariates, json_string(model->covariates[i].name));
        }
    }
    for (int i = 0; i < model->discrepancy_count; i++) {
        failed |= json_array_append_new(notes, json_string(model->discrepancies[i]));
    }
    json_t *object =
        json_pack("{s:s,s:s,s:s?,s:s?,s:s,s:s?,s:s?,s:s?,s:o,s:o,s:o,s:o,s:o,s:o}", "name", model->name,
                  "title", model->title, "citation", model->citation, "doi", model->doi, "drug", model->drug,
                  "sampling", model->sampling, "age_group", model->age_group, "population", model->population,
                  "routes", routes, "analytes", analytes, "covariates", covariates, "notes", notes,
                  "validity", model_validity(model), "devices", model_devices(model));
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *choice_course(const struct course *course)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s?}", "name", course->name, "title", course->title,
                     "description", course->citation, "route", course->route, "drug", course->drug, "dose",
                     course->dose);
}

static json_t *choice_threshold(const struct published_threshold *threshold)
{
    char level[32];

    snprintf(level, sizeof(level), "%g ng/mL", threshold->level);
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "name", threshold->name, "level", level, "unit",
                     "ng/mL", "analyte", threshold->analyte, "meaning", threshold->meaning, "source",
                     threshold->source, "limits", threshold->limits);
}

static json_t *choice_limits(void)
{
    return json_pack("{s:[ii],s:i,s:i,s:i,s:i}", "patients", 1, SCENARIO_PATIENTS_MAX, "times",
                     SCENARIO_TIMES_MAX, "scenarios", SERVE_SCENARIOS_MAX, "models", SCENARIO_MODELS_MAX,
                     "body", HTTP_BODY_MAX);
}

json_t *serve_choices(const struct serve *serve)
{
    struct version version;
    json_t *models = json_array();
    json_t *courses = json_array();
    json_t *thresholds = json_array();
    json_t *defaults = json_copy(serve->defaults);
    int failed = json_object_set_new(defaults, "dose", json_string("84 mg")); /* the 3 devices that it is */

    version_init(&version);
    for (int i = 0; i < serve->model_count; i++) {
        const struct model *model = &serve->models[i];
        if (model_route(model, "intranasal") >= 0 || model_route(model, "iv") >= 0) {
            failed |= json_array_append_new(models, choice_model(model));
        }
    }
    for (int i = 0; i < serve->course_count; i++) {
        failed |= json_array_append_new(courses, choice_course(&serve->courses[i]));
    }
    for (int i = 0; i < published_threshold_count; i++) {
        failed |= json_array_append_new(thresholds, choice_threshold(&published_thresholds[i]));
    }
    json_t *object = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "version", version.provenance.version,
                               "disclaimer", RESULTS_DISCLAIMER, "models", models, "courses", courses,
                               "thresholds", thresholds, "limits", choice_limits(), "defaults", defaults);
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}
