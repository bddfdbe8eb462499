/* event_run - a study, of an event table as a rule, run as a user runs it, with every record kept. Needs no cmocka. */
#ifndef KETSIM_TESTS_EVENT_RUN_H
#define KETSIM_TESTS_EVENT_RUN_H

#include "app/study/study_read.h"
#include "solver/exposure.h"
#include "solver/sweep.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is run: the study's files in a folder of their own, study.yaml, table.csv and, where there is one, model.yaml. */
struct event_input {
    const char
        *model; /* text of model.yaml; NULL: the study names a model of the library or by an absolute path */
    const char
        *table; /* text of table.csv; NULL: the study has one patient and observation times of its own */
    const char *study; /* text of study.yaml, but for `patients` and `solver.method` */
    bool variability;
    const char *method;
    int threads;
};

struct event_run {
    struct study study;
    struct diagnostics d;
    struct sweep_report report;
    double *levels;     /* [arm][analyte][record], ng/mL */
    double *parameters; /* [arm][record][MODEL_PARAMETERS_MAX], internal units */
    double *metrics;    /* [arm][patient][analyte][metric] */
    int *status;        /* [arm][patient] */
    bool ran;           /* the study was right, and every patient was handed over */
};

static inline ptrdiff_t event_run_row(const struct event_run *run, int arm, int analyte, int64_t record)
{
    return ((ptrdiff_t)arm * run->study.analyte_count + analyte) * run->study.events->event_count + record;
}

static inline double event_run_level(const struct event_run *run, int arm, int64_t record)
{
    return run->levels[event_run_row(run, arm, 0, record)];
}

/* Of the record, as its patient had it then; NaN where the model has no such parameter. */
static inline double event_run_parameter(const struct event_run *run, int arm, int64_t record,
                                         const char *name)
{
    const int p = model_parameter(&run->study.models[run->study.arms[arm].model], name);
    const ptrdiff_t row = arm * run->study.events->event_count + record;
    return p < 0 ? (double)NAN : run->parameters[row * MODEL_PARAMETERS_MAX + p];
}

static inline double event_run_metric(const struct event_run *run, int arm, int64_t patient, const char *name)
{
    const struct study *study = &run->study;
    for (int i = 0; i < study->metric_count; i++) {
        if (strcmp(study->metrics[i].name, name) == 0) {
            const ptrdiff_t person = arm * study->patient_count + patient;
            return run->metrics[person * study->analyte_count * study->metric_count + i];
        }
    }
    return NAN;
}

static inline int event_run_take(void *payload, const struct simulated *patients, int count)
{
    struct event_run *run = payload;
    const struct study *study = &run->study;
    for (int i = 0; i < count; i++) {
        const struct simulated *p = &patients[i];
        const ptrdiff_t person = p->arm * study->patient_count + p->patient;
        run->status[person] = (int)p->status;
        for (int a = 0; a < study->analyte_count; a++) {
            for (int m = 0; m < study->metric_count; m++) {
                run->metrics[(person * study->analyte_count + a) * study->metric_count + m] =
                    p->metrics[a] ? p->metrics[a][m] : (double)NAN;
            }
        }
        if (!study->events) {
            continue;
        }
        const struct event_patient *rows = &study->events->patients[p->patient];
        const ptrdiff_t first = p->arm * study->events->event_count + rows->first;
        for (int a = 0; a < study->analyte_count; a++) {
            for (int r = 0; r < rows->count; r++) {
                run->levels[event_run_row(run, p->arm, a, rows->first + r)] =
                    p->levels[a] ? p->levels[a][r] : (double)NAN;
            }
        }
        for (int r = 0; r < rows->count && p->status != PATIENT_PARAMETERS; r++) {
            memcpy(run->parameters + (first + r) * MODEL_PARAMETERS_MAX,
                   p->parameters + p->periods[r] * MODEL_PARAMETERS_MAX,
                   MODEL_PARAMETERS_MAX * sizeof(double));
        }
    }
    return 0;
}

static inline bool event_run_write(const char *folder, const char *name, const char *text)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = text ? fopen(path, "w") : NULL;
    return file && fputs(text, file) >= 0 && fclose(file) == 0;
}

static inline void event_run_remove(const char *folder)
{
    static const char *const names[] = {"table.csv", "model.yaml"};
    char path[1024];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        remove(path);
    }
    rmdir(folder);
}

/* Reads the study; mistakes are in run->d. Clear it in any case. */
static inline bool event_run_read(struct event_run *run, const struct event_input *input)
{
    char folder[] = BINARY_DIR "/events-XXXXXX";
    char name[sizeof(folder) + 16];
    char method[64];
    const char *settings[] = {method};
    const size_t size = strlen(input->study) + 128;
    char *text = malloc(size);
    memset(run, 0, sizeof(*run));
    diagnostics_init(&run->d);
    if (!text || !mkdtemp(folder)) {
        free(text);
        return false;
    }
    snprintf(text, size, "patients: {%s, variability: %s}\n%s",
             input->table ? "events: table.csv" : "count: 1", input->variability ? "true" : "false",
             input->study);
    snprintf(name, sizeof(name), "%s/study.yaml", folder);
    snprintf(method, sizeof(method), "solver.method=%s", input->method);
    const bool read = (!input->table || event_run_write(folder, "table.csv", input->table)) &&
                      (!input->model || event_run_write(folder, "model.yaml", input->model)) &&
                      study_parse(&run->study, name, text, strlen(text), settings, 1, &run->d) == 0;
    event_run_remove(folder);
    free(text);
    return read;
}

/* Simulates what was read. */
static inline bool event_run_solve(struct event_run *run, int threads)
{
    const struct study *study = &run->study;
    const size_t people = (size_t)study->arm_count * (size_t)study->patient_count;
    const size_t rows = study->events ? (size_t)study->events->event_count : 0;
    const size_t records = (size_t)study->arm_count * rows + 1;
    run->levels = calloc(records * (size_t)study->analyte_count, sizeof(double));
    run->parameters = calloc(records * MODEL_PARAMETERS_MAX, sizeof(double));
    run->metrics =
        calloc(people * (size_t)study->analyte_count * (size_t)study->metric_count + 1, sizeof(double));
    run->status = calloc(people, sizeof(int));
    const struct sink sink = {.payload = run, .take = event_run_take};
    run->ran = run->levels && run->parameters && run->metrics && run->status &&
               sweep_run(study, threads, &sink, &run->report, &run->d) == 0 &&
               run->report.finished == (int64_t)people;
    return run->ran;
}

static inline bool event_run(struct event_run *run, const struct event_input *input)
{
    return event_run_read(run, input) && event_run_solve(run, input->threads);
}

static inline void event_run_clear(struct event_run *run)
{
    free(run->levels);
    free(run->parameters);
    free(run->metrics);
    free(run->status);
    study_clear(&run->study);
    diagnostics_clear(&run->d);
}

#endif
