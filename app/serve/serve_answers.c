/* The questions that are asked at the bedside, answered over the simulated patients. */
#include "app/base/statistics.h"
#include "app/base/text_table.h"
#include "serve.h"

#include "solver/answers.h"
#include "solver/exposure.h"
#include "solver/session.h"

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
    int session;    /* that the time asked about is in */
    double start;   /* h: of it */
    double *values; /* room for one per patient */
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

/* The study's threshold metric of this name; -1 where it has none. */
static int session_metric(const struct asked *asked, const char *name)
{
    const struct thresholds *thresholds = &asked->simulation->study->thresholds;
    const int metric = exposure_metric_find(name);

    for (int m = 0; m < thresholds->metric_count; m++) {
        if (thresholds->metrics[m].metric == metric && thresholds->metrics[m].analyte == asked->analyte) {
            return m;
        }
    }
    return -1;
}

static json_t *answer_above(const struct asked *asked)
{
    const struct study *study = asked->simulation->study;
    const struct scenario *scenario = asked->scenario;
    const int metric = session_metric(asked, "level_at");
    const double *levels = metric >= 0
                               ? simulation_sessions(asked->simulation, asked->arm, metric, asked->session)
                               : simulation_levels(asked->simulation, asked->arm, asked->analyte,
                                                   record_of(study, scenario->at.value));
    const struct probability p = probability_above(levels, study->patient_count, scenario->threshold.value);
    char question[256];
    char text[512];

    snprintf(question, sizeof(question), "How likely is it to be at or above %s at %s?",
             scenario->threshold.text, scenario->at.text);
    snprintf(text, sizeof(text),
             "%.3g %% of the simulated patients are at or above %s of %s at %s (95 %% interval for so many "
             "patients: %.2g to %.3g %%).",
             100 * p.value, scenario->threshold.text, study->analytes[asked->analyte], scenario->at.text,
             100 * p.lower, 100 * p.upper);
    return answer(asked, "above_at", question, text, (double[]){p.value, p.lower, p.upper}, "1");
}

/* From when on so many are below the threshold, until the next session or the end. */
static json_t *answer_below(const struct asked *asked, const char *kind, double fraction)
{
    const struct study *study = asked->simulation->study;
    const struct scenario *scenario = asked->scenario;
    const int metric = session_metric(asked, "last_above");
    char question[256];
    char text[512];
    char when[64];

    memcpy(asked->values, simulation_sessions(asked->simulation, asked->arm, metric, asked->session),
           (size_t)study->patient_count * sizeof(*asked->values));
    const int64_t count = answers_sort(asked->values, study->patient_count);
    const struct time_answer t = time_until(asked->values, count, fraction);
    snprintf(question, sizeof(question), "When are %g %% below %s for good?", 100 * fraction,
             scenario->threshold.text);
    snprintf(when, sizeof(when), "from %s h on", number_describe(asked->start + t.value).text);
    snprintf(text, sizeof(text), "%g %% of the simulated patients %s %s of %s%s%s.", 100 * fraction,
             t.value > 0 ? "are below" : "never reach", scenario->threshold.text,
             study->analytes[asked->analyte], t.value > 0 ? " " : "",
             t.value > 0 ? t.censored ? "only later than is simulated, or than the next session" : when : "");
    return answer(asked, kind, question, text,
                  (double[]){asked->start + t.value, asked->start + t.lower, asked->start + t.upper}, "h");
}

static json_t *answer_metric(const struct asked *asked, const char *name, const char *question,
                             const char *subject)
{
    const struct study *study = asked->simulation->study;
    char text[256];
    int m = 0;

    while (strcmp(study->metrics[m].name, name) != 0) { /* the study was made with it */
        m++;
    }
    const char *unit = metric_unit(exposure_metrics[study->metrics[m].metric].kind, false);
    memcpy(asked->values, simulation_metrics(asked->simulation, asked->arm, asked->analyte, m),
           (size_t)study->patient_count * sizeof(*asked->values));
    const struct spread s = spread_compute(asked->values, study->patient_count);
    snprintf(text, sizeof(text), "%s is %s %s in the median patient, and %s to %s %s in 90 of 100.", subject,
             number_describe(s.median).text, unit, number_describe(s.p05).text, number_describe(s.p95).text,
             unit);
    return answer(asked, name, question, text, (double[]){s.median, s.p05, s.p95}, unit);
}

static int analyte_index(const struct study *study, const char *name)
{
    for (int a = 0; name && a < study->analyte_count; a++) {
        if (strcmp(study->analytes[a], name) == 0) {
            return a;
        }
    }
    return -1;
}

/* Finds the session that the time asked about is in: it begins before. -1 without memory. */
static int find_session(struct asked *asked)
{
    const struct study *study = asked->simulation->study;
    const struct arm *arm = &study->arms[asked->arm];
    struct dosing_session *sessions = calloc((size_t)arm->dose_count + 1, sizeof(*sessions));
    const int count = sessions ? study_arm_sessions(study, arm, sessions) : -1;

    asked->session = 0;
    asked->start = count > 0 ? sessions[0].start : 0;
    for (int k = 1; k < count && sessions[k].start < asked->scenario->at.value; k++) {
        asked->session = k;
        asked->start = sessions[k].start;
    }
    free(sessions);
    return count < 0 ? -1 : 0;
}

static int add_answers(json_t *list, struct asked *asked)
{
    int failed = find_session(asked) || json_array_append_new(list, answer_above(asked));

    if (session_metric(asked, "last_above") >= 0) {
        failed |= json_array_append_new(list, answer_below(asked, "below_50", 0.5));
        failed |= json_array_append_new(list, answer_below(asked, "below_95", 0.95));
    }
    failed |= json_array_append_new(
        list, answer_metric(asked, "cmax", "How high does it get?", "The highest level"));
    return failed | json_array_append_new(list, answer_metric(asked, "tmax", "When is it highest?",
                                                              "The time of the highest level"));
}

json_t *simulation_answers(const struct simulation *simulation, const struct scenario *scenario)
{
    const struct study *study = simulation->study;
    struct asked asked = {.simulation = simulation, .scenario = scenario};
    json_t *list = json_array();
    int failed = 0;

    asked.values = malloc((size_t)study->patient_count * sizeof(*asked.values));
    failed = list && asked.values ? 0 : -1;
    for (int arm = 0; arm < study->arm_count && !failed; arm++) {
        asked.arm = arm;
        asked.model = &study->models[study->arms[arm].model];
        asked.analyte = analyte_index(study, scenario_analyte(scenario, asked.model));
        if (asked.analyte >= 0) {
            failed = add_answers(list, &asked);
        }
    }
    free(asked.values);
    if (failed) {
        json_decref(list);
        return NULL;
    }
    return list;
}
