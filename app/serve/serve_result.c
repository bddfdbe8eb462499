/* What a scenario comes to, as JSON. */
#include "app/base/statistics.h"
#include "app/results/results.h"
#include "app/results/results_certificate.h"
#include "serve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double quantiles[] = {0.05, 0.25, 0.5, 0.75, 0.95};
static const char *const quantile_names[] = {"0.05", "0.25", "0.5", "0.75", "0.95"};
enum { QUANTILE_COUNT = sizeof(quantiles) / sizeof(*quantiles) };

static const double seconds_per_hour = 3600;

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* The quantiles of an analyte in an arm over time; those of `ketsim run` to the bit. NULL without memory. */
static json_t *series_quantiles(const struct simulation *simulation, int arm, int analyte, double *values)
{
    const struct study *study = simulation->study;
    json_t *object = json_object();
    json_t *lists[QUANTILE_COUNT];
    int failed = object ? 0 : -1;

    for (int q = 0; q < QUANTILE_COUNT; q++) {
        lists[q] = json_array(); /* belongs to the object */
        failed |= json_object_set_new(object, quantile_names[q], lists[q]);
    }
    for (int t = 0; t < study->time_count && !failed; t++) {
        const double *levels = simulation_levels(simulation, arm, analyte, t);
        double found[QUANTILE_COUNT];
        int64_t count = 0;
        for (int64_t i = 0; i < study->patient_count; i++) {
            values[count] = levels[i];
            count += !isnan(levels[i]);
        }
        quantiles_compute(values, count, quantiles, QUANTILE_COUNT, found);
        for (int q = 0; q < QUANTILE_COUNT; q++) {
            failed |= json_array_append_new(lists[q], number(found[q]));
        }
    }
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *result_series(const struct simulation *simulation)
{
    const struct study *study = simulation->study;
    json_t *list = json_array();
    double *values = malloc((size_t)study->patient_count * sizeof(*values));
    int failed = list && values ? 0 : -1;

    for (int arm = 0; arm < study->arm_count && !failed; arm++) {
        const struct model *model = &study->models[study->arms[arm].model];
        for (int a = 0; a < study->analyte_count && !failed; a++) {
            const int output = model_output(model, study->analytes[a]);
            if (output < 0) {
                continue;
            }
            json_t *levels = series_quantiles(simulation, arm, a, values);
            failed |= !levels ||
                      json_array_append_new(
                          list, json_pack("{s:s,s:s,s:s,s:s+++,s:o}", "model", model->name, "analyte",
                                          study->analytes[a], "unit",
                                          output_is_effect(&model->outputs[output]) ? "1" : "ng/mL", "label",
                                          study->analytes[a], ", ", model->name, "", "quantiles", levels));
        }
    }
    free(values);
    if (failed) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* The doses of the first arm: those of the others are the same. */
static json_t *result_doses(const struct study *study)
{
    const struct arm *arm = &study->arms[0];
    const struct model *model = &study->models[arm->model];
    json_t *list = json_array();
    int failed = list ? 0 : -1;

    for (int i = 0; i < arm->dose_count && !failed; i++) {
        const struct dose *dose = &arm->doses[i];
        failed |= json_array_append_new(
            list, json_pack("{s:f,s:f,s:s,s:s,s:o,s:i}", "time", dose->time / seconds_per_hour, "amount",
                            dose->amount, "unit", dose->basis == DOSE_PER_KG ? "mg/kg" : "mg", "route",
                            model->routes[dose->route].name, "over",
                            number(dose->over > 0 ? dose->over / seconds_per_hour : (double)NAN), "session",
                            i + 1));
    }
    if (failed) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* When who has had a spray is looked after. */
static const struct {
    double after; /* h */
    const char *label;
} marks[] = {{40.0 / 60, "blood pressure check"}, {2, "end of the two-hour watch"}};

static json_t *result_marks(const struct study *study)
{
    const struct arm *arm = &study->arms[0];
    const struct model *model = &study->models[arm->model];
    json_t *list = json_array();
    int failed = list ? 0 : -1;

    for (int i = 0; i < arm->dose_count && !failed; i++) {
        const double start = arm->doses[i].time / seconds_per_hour;
        const bool nasal = strcmp(model->routes[arm->doses[i].route].name, "intranasal") == 0 &&
                           strcmp(model->drug, "S-ketamine") == 0;
        for (size_t k = 0; nasal && k < sizeof(marks) / sizeof(*marks); k++) {
            failed |= json_array_append_new(
                list, json_pack("{s:f,s:s,s:s}", "time", start + marks[k].after, "label", marks[k].label,
                                "source", "SPRAVATO (esketamine) nasal spray, prescribing information"));
        }
    }
    if (failed) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *result_times(const struct study *study)
{
    json_t *list = json_array();

    for (int t = 0; t < study->time_count; t++) {
        if (json_array_append_new(list, json_real(study->times[t])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *result_citations(const struct study *study)
{
    json_t *list = json_array();

    for (int m = 0; m < study->model_count; m++) {
        const struct model *model = &study->models[m];
        if (json_array_append_new(list, json_pack("{s:s,s:s,s:s?}", "model", model->name, "text",
                                                  model->citation, "doi", model->doi)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static int warn_failed(const struct simulation *simulation, json_t *warnings)
{
    char text[128];

    if (simulation->failed == 0) {
        return 0;
    }
    snprintf(text, sizeof(text), "%lld of %lld simulations failed; they are left out.",
             (long long)simulation->failed,
             (long long)simulation->study->patient_count * simulation->study->arm_count);
    return json_array_append_new(warnings, json_string(text));
}

json_t *simulation_result(const struct simulation *simulation, const struct scenario *scenario,
                          const char *text, json_t *warnings)
{
    const struct study *study = simulation->study;
    const struct result_certificate certificate = result_certificate_of(study, &simulation->certificate);
    json_t *result = json_object();
    int failed = result ? warn_failed(simulation, warnings) : -1;

    failed |= json_object_set_new(result, "title", json_string(study->title));
    failed |= json_object_set_new(result, "seconds", json_real(simulation->seconds));
    failed |= json_object_set_new(result, "patients", json_integer(study->patient_count));
    failed |= json_object_set_new(result, "time", result_times(study));
    failed |= json_object_set_new(result, "series", result_series(simulation));
    failed |= json_object_set_new(result, "doses", result_doses(study));
    failed |= json_object_set_new(result, "marks", result_marks(study));
    failed |= json_object_set_new(result, "answers", simulation_answers(simulation, scenario));
    failed |= json_object_set(result, "warnings", warnings);
    failed |= json_object_set_new(result, "citations", result_citations(study));
    failed |= json_object_set_new(result, "certificate",
                                  json_string(result_certificate_describe(&certificate).text));
    failed |= json_object_set_new(result, "disclaimer", json_string(RESULTS_DISCLAIMER));
    failed |= json_object_set_new(result, "study", json_string(text));
    if (failed) {
        json_decref(result);
        return NULL;
    }
    return result;
}
