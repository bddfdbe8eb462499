/* The questions that are asked at the bedside, answered over the simulated patients. */
#include "serve.h"
#include "statistics.h"
#include "text_table.h"

#include "solver/answers.h"
#include "solver/exposure.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What an answer is about. */
struct asked {
    const struct simulation *simulation;
    const struct scenario *scenario;
    int arm;
    int analyte;
    const struct model *model;
};

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *answer(const struct asked *asked, const char *kind, const char *question, const char *text,
                      const double range[3], const char *unit)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:s}", "kind", kind, "model", asked->model->name,
                     "analyte", asked->simulation->study->analytes[asked->analyte], "question", question,
                     "text", text, "value", number(range[0]), "lower", number(range[1]), "upper",
                     number(range[2]), "unit", unit);
}

/* The record of a time, h: there is one, as the study was made for it. */
static int record_of(const struct study *study, double time)
{
    int best = 0;

    for (int t = 1; t < study->time_count; t++) {
        if (fabs(study->times[t] - time) < fabs(study->times[best] - time)) {
            best = t;
        }
    }
    return best;
}

static json_t *answer_above(const struct asked *asked)
{
    const struct study *study = asked->simulation->study;
    const struct scenario *scenario = asked->scenario;
    const double *levels = simulation_levels(asked->simulation, asked->arm, asked->analyte,
                                             record_of(study, scenario->at.value));
    char question[256];
    char text[512];
    int64_t count = 0;
    int64_t above = 0;

    for (int64_t i = 0; i < study->patient_count; i++) {
        count += !isnan(levels[i]);
        above += levels[i] >= scenario->threshold.value; /* not with NaN */
    }
    const struct probability p = probability_of(above, count);
    snprintf(question, sizeof(question), "How likely is it to be at or above %s at %s?",
             scenario->threshold.text, scenario->at.text);
    snprintf(text, sizeof(text),
             "%" PRId64 " of %" PRId64 " simulated patients, %.3g %%, are at or above %s of %s at %s (95 %% "
             "interval for so many patients: %.2g to %.3g %%).",
             above, count, 100 * p.value, scenario->threshold.text, study->analytes[asked->analyte],
             scenario->at.text, 100 * p.lower, 100 * p.upper);
    return answer(asked, "above_at", question, text, (double[]){p.value, p.lower, p.upper}, "1");
}

static json_t *answer_metric(const struct asked *asked, const char *name, const char *question,
                             const char *subject, double *values)
{
    const struct study *study = asked->simulation->study;
    char text[256];
    int m = 0;

    while (strcmp(study->metrics[m].name, name) != 0) { /* the study was made with it */
        m++;
    }
    const char *unit = metric_unit(exposure_metrics[study->metrics[m].metric].kind, false);
    memcpy(values, simulation_metrics(asked->simulation, asked->arm, asked->analyte, m),
           (size_t)study->patient_count * sizeof(*values));
    const struct spread s = spread_compute(values, study->patient_count);
    snprintf(text, sizeof(text), "%s is %s %s in the median patient, and %s to %s %s in 90 of 100.", subject,
             number_describe(s.median).text, unit, number_describe(s.p05).text, number_describe(s.p95).text,
             unit);
    return answer(asked, name, question, text, (double[]){s.median, s.p05, s.p95}, unit);
}

/* The analyte that a model is asked about; -1: it has none of it. */
static int asked_analyte(const struct study *study, const struct model *model,
                         const struct scenario *scenario)
{
    const int drug = model_drug_output(model);
    const char *name = scenario->analyte ? scenario->analyte
                       : drug >= 0       ? model->outputs[drug].analyte
                                         : NULL;

    for (int a = 0; name && a < study->analyte_count; a++) {
        if (strcmp(study->analytes[a], name) == 0 && model_output(model, name) >= 0) {
            return a;
        }
    }
    return -1;
}

json_t *simulation_answers(const struct simulation *simulation, const struct scenario *scenario)
{
    const struct study *study = simulation->study;
    json_t *list = json_array();
    double *values = malloc((size_t)study->patient_count * sizeof(*values));
    int failed = list && values ? 0 : -1;

    for (int arm = 0; arm < study->arm_count && !failed; arm++) {
        const struct model *model = &study->models[study->arms[arm].model];
        const int analyte = asked_analyte(study, model, scenario);
        const struct asked asked = {simulation, scenario, arm, analyte, model};
        if (analyte < 0) {
            continue;
        }
        failed |= json_array_append_new(list, answer_above(&asked));
        failed |= json_array_append_new(
            list, answer_metric(&asked, "cmax", "How high does it get?", "The highest level", values));
        failed |= json_array_append_new(list, answer_metric(&asked, "tmax", "When is it highest?",
                                                            "The time of the highest level", values));
    }
    free(values);
    if (failed) {
        json_decref(list);
        return NULL;
    }
    return list;
}
