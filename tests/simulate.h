/* simulate - runs a study text in memory and keeps every level. Include after check.h. */
#ifndef KETSIM_TESTS_SIMULATE_H
#define KETSIM_TESTS_SIMULATE_H

#include "app/study/study_read.h"
#include "solver/exposure_study.h"
#include "solver/session.h"
#include "solver/sweep.h"

struct simulation {
    struct study study;
    struct diagnostics d;
    struct sweep_report report;
    double *levels;           /* [arm][patient][analyte][time]; NaN where the arm's model has none */
    double *observed;         /* as levels; NULL where the study stores no observations */
    double *metrics;          /* [arm][patient][analyte][metric] */
    int intervals;            /* most of an arm; 0 where the study wants no metrics of them */
    double *interval_metrics; /* [arm][patient][analyte][metric][interval] */
    int sessions;             /* most of an arm; 0 where the study asks about no thresholds */
    double *session_metrics;  /* [arm][patient][metric of the thresholds][session] */
    int *status;              /* [arm][patient] */
    int *clamped;
};

static inline size_t simulation_row(const struct simulation *s, int arm, int64_t patient, int analyte)
{
    return ((size_t)arm * (size_t)s->study.patient_count + (size_t)patient) * (size_t)s->study.analyte_count +
           (size_t)analyte;
}

static inline const double *simulation_levels(const struct simulation *s, int arm, int64_t patient,
                                              int analyte)
{
    return s->levels + simulation_row(s, arm, patient, analyte) * (size_t)s->study.time_count;
}

static inline const double *simulation_observed(const struct simulation *s, int arm, int64_t patient,
                                                int analyte)
{
    return s->observed + simulation_row(s, arm, patient, analyte) * (size_t)s->study.time_count;
}

static inline int simulation_metric_index(const struct simulation *s, const char *name)
{
    for (int i = 0; i < s->study.metric_count; i++) {
        if (strcmp(s->study.metrics[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("the study has no metric %s", name);
    return -1;
}

/* Of a dosing interval, from 0. */
static inline double simulation_interval(const struct simulation *s, int arm, int64_t patient, int analyte,
                                         const char *name, int interval)
{
    const size_t row = simulation_row(s, arm, patient, analyte);
    const size_t metric = (size_t)simulation_metric_index(s, name);
    return s->interval_metrics[(row * (size_t)s->study.metric_count + metric) * (size_t)s->intervals +
                               (size_t)interval];
}

static inline double simulation_metric(const struct simulation *s, int arm, int64_t patient, int analyte,
                                       const char *name)
{
    for (int i = 0; i < s->study.metric_count; i++) {
        if (strcmp(s->study.metrics[i].name, name) == 0) {
            return s->metrics[simulation_row(s, arm, patient, analyte) * (size_t)s->study.metric_count +
                              (size_t)i];
        }
    }
    return NAN;
}

/* Of a session, from 0. */
static inline double simulation_session(const struct simulation *s, int arm, int64_t patient,
                                        const char *analyte, const char *name, int session)
{
    const struct thresholds *asked = &s->study.thresholds;
    const size_t person = (size_t)arm * (size_t)s->study.patient_count + (size_t)patient;
    for (int i = 0; i < asked->metric_count; i++) {
        if (strcmp(s->study.analytes[asked->metrics[i].analyte], analyte) == 0 &&
            strcmp(asked->metrics[i].name, name) == 0) {
            return s
                ->session_metrics[(person * (size_t)asked->metric_count + (size_t)i) * (size_t)s->sessions +
                                  (size_t)session];
        }
    }
    fail_msg("the study has no metric %s of %s", name, analyte);
    return NAN;
}

static inline int simulation_take(void *payload, const struct simulated *patients, int count)
{
    struct simulation *s = payload;
    for (int i = 0; i < count; i++) {
        const struct simulated *p = &patients[i];
        size_t person = (size_t)p->arm * (size_t)s->study.patient_count + (size_t)p->patient;
        s->status[person] = (int)p->status;
        for (int k = 0; p->status == PATIENT_PARAMETERS && k < MODEL_PARAMETERS_MAX; k++) {
            assert_true(isnan(p->individual->parameters[k]));
        }
        s->clamped[person] = p->clamped;
        const size_t of_sessions = (size_t)s->study.thresholds.metric_count * (size_t)s->sessions;
        assert_true((p->session_metrics != NULL) == (of_sessions > 0));
        for (size_t k = 0; k < of_sessions; k++) {
            s->session_metrics[person * of_sessions + k] = p->session_metrics[k];
        }
        for (int a = 0; a < s->study.analyte_count; a++) {
            size_t row = simulation_row(s, p->arm, p->patient, a);
            assert_true((p->observed != NULL) == (s->observed != NULL));
            for (int t = 0; s->observed && t < s->study.time_count; t++) {
                s->observed[row * (size_t)s->study.time_count + (size_t)t] =
                    p->observed[a] ? p->observed[a][t] : NAN;
            }
            for (int t = 0; t < s->study.time_count; t++) {
                s->levels[row * (size_t)s->study.time_count + (size_t)t] =
                    p->levels[a] ? p->levels[a][t] : NAN;
            }
            for (int m = 0; m < s->study.metric_count; m++) {
                s->metrics[row * (size_t)s->study.metric_count + (size_t)m] =
                    p->metrics[a] ? p->metrics[a][m] : NAN;
            }
            const size_t values = (size_t)s->study.metric_count * (size_t)s->intervals;
            for (size_t k = 0; k < values; k++) {
                s->interval_metrics[row * values + k] =
                    p->interval_metrics[a] ? p->interval_metrics[a][k] : NAN;
            }
        }
    }
    return 0;
}

/* Reads `text`, with the method replaced where it is given (NULL: as the text says). Fails the test on any mistake. */
static inline void simulate_read(struct simulation *s, const char *text, const char *method)
{
    char setting[64];
    const char *settings[] = {setting};
    memset(s, 0, sizeof(*s));
    diagnostics_init(&s->d);
    snprintf(setting, sizeof(setting), "solver.method=%s", method ? method : "cvode");
    study_parse(&s->study, "study", text, strlen(text), settings, method ? 1 : 0, &s->d);
    assert_no_errors(&s->d);
}

/* Runs what has been read. */
static inline void simulate_run(struct simulation *s, int threads)
{
    size_t people = (size_t)s->study.arm_count * (size_t)s->study.patient_count;
    size_t rows = people * (size_t)s->study.analyte_count;
    s->levels = calloc(rows * (size_t)s->study.time_count, sizeof(double));
    if (s->study.store & STORE_OBSERVATIONS) {
        s->observed = calloc(rows * (size_t)s->study.time_count, sizeof(double));
        assert_non_null(s->observed);
    }
    s->metrics = calloc(rows * (size_t)s->study.metric_count + 1, sizeof(double));
    s->intervals = s->study.per_interval ? study_most_intervals(&s->study) : 0;
    s->interval_metrics =
        calloc(rows * (size_t)s->study.metric_count * (size_t)s->intervals + 1, sizeof(double));
    s->sessions = s->study.thresholds.count > 0 ? study_most_sessions(&s->study) : 0;
    s->session_metrics =
        calloc(people * (size_t)s->study.thresholds.metric_count * (size_t)s->sessions + 1, sizeof(double));
    assert_true(s->interval_metrics && s->session_metrics);
    s->status = calloc(people, sizeof(int));
    s->clamped = calloc(people, sizeof(int));
    assert_true(s->levels && s->metrics && s->status && s->clamped);
    struct sink sink = {.payload = s, .take = simulation_take, .certify = true};
    sweep_run(&s->study, threads, &sink, &s->report, &s->d);
    assert_no_errors(&s->d);
    assert_int_equal(s->report.finished, people);
}

static inline void simulate(struct simulation *s, const char *text, const char *method, int threads)
{
    simulate_read(s, text, method);
    simulate_run(s, threads);
}

static inline void simulation_clear(struct simulation *s)
{
    free(s->levels);
    free(s->observed);
    free(s->metrics);
    free(s->interval_metrics);
    free(s->session_metrics);
    free(s->status);
    free(s->clamped);
    study_clear(&s->study);
    diagnostics_clear(&s->d);
}

#endif
