#include "run.h"

#include "app/study/study_read.h"
#include "solver/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct reception {
    struct levels *levels; /* NULL: dropped */
    int64_t patients;      /* of an arm */
};

static int reception_take(void *payload, const struct simulated *patients, int count)
{
    const struct reception *reception = payload;
    const struct levels *levels = reception->levels;
    for (int i = 0; levels && i < count; i++) {
        const struct simulated *p = &patients[i];
        for (int a = 0; a < levels->analytes; a++) {
            const int64_t row = (p->arm * reception->patients + p->patient) * levels->analytes + a;
            memcpy(levels->values + row * levels->times, p->levels[a],
                   (size_t)levels->times * sizeof(double));
        }
    }
    return 0;
}

/* More observations of the same time, in whole seconds as far as the study's are. */
static int refine(struct study *study, int finer)
{
    const int count = (study->time_count - 1) * finer + 1;
    double *times = malloc((size_t)count * sizeof(*times));
    if (!times) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        const double start = study->times[i / finer] * 3600;
        const double end = study->times[i / finer + (i % finer > 0)] * 3600;
        times[i] = (start + (end - start) * (i % finer) / finer) / 3600;
    }
    free(study->times);
    study->times = times;
    study->time_count = count;
    return 0;
}

static void tell(const struct diagnostics *d, char *why, size_t size)
{
    char *line = d->count > 0 ? diagnostics_line(d, 0) : NULL;
    snprintf(why, size, "%s", line ? line : "out of memory");
    free(line);
}

/* Processor time of this process so far: it does not grow while others have the processor. */
static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int simulate(struct study *study, const struct run *run, struct outcome *outcome,
                    struct levels *levels, struct diagnostics *d)
{
    struct reception reception = {NULL, study->patient_count};
    struct levels own = {0};
    struct sweep_report report;
    if (run->finer > 1 && refine(study, run->finer) != 0) {
        return diagnostics_out_of_memory(d);
    }
    own.patients = study->arm_count * study->patient_count;
    own.analytes = study->analyte_count;
    own.times = study->time_count;
    outcome->patients = own.patients;
    outcome->observations = own.times;
    outcome->analytes = own.analytes;
    outcome->rtol = study->rtol;
    outcome->atol = study->atol;
    if (run->keep) {
        own.values = malloc((size_t)(own.patients * own.analytes * own.times) * sizeof(double));
        if (!own.values) {
            return diagnostics_out_of_memory(d);
        }
        reception.levels = &own;
    }
    const struct sink sink = {.payload = &reception, .take = reception_take};
    const double before = processor_seconds();
    int failed = sweep_run(study, run->threads, &sink, &report, d);
    outcome->busy = processor_seconds() - before;
    if (!failed && report.failed > 0) {
        failed = diagnostics_error(d, NOWHERE, "%lld patients could not be simulated; the first: %s",
                                   (long long)report.failed, report.failures[0].why.text);
    }
    outcome->steps = report.steps;
    outcome->evaluations = report.evaluations;
    outcome->seconds = report.seconds;
    if (levels && !failed) {
        *levels = own;
    } else {
        free(own.values);
    }
    return failed;
}

int run_here(const struct run *run, struct outcome *outcome, struct levels *levels)
{
    char count[64];
    const char *settings[] = {count};
    struct study study = {0};
    struct diagnostics d;
    *outcome = (struct outcome){0};
    if (levels) {
        *levels = (struct levels){0};
    }
    diagnostics_init(&d);
    snprintf(count, sizeof(count), "patients.count=%lld", (long long)run->patients);
    int failed = study_read(&study, run->study, settings, run->patients > 0, &d);
    if (!failed) {
        study.method = run->method;
        if (run->rtol > 0) {
            study.rtol = run->rtol;
            study.atol = run->atol;
        }
        failed = simulate(&study, run, outcome, levels, &d);
    }
    if (failed) {
        tell(&d, outcome->why, sizeof(outcome->why));
    }
    study_clear(&study);
    diagnostics_clear(&d);
    return failed ? -1 : 0;
}

void levels_clear(struct levels *levels)
{
    free(levels->values);
    *levels = (struct levels){0};
}

double levels_difference(const struct levels *levels, const struct levels *reference)
{
    double worst = 0;
    if (levels->patients != reference->patients || levels->analytes != reference->analytes ||
        levels->times != reference->times) {
        return NAN;
    }
    for (int64_t row = 0; row < levels->patients * levels->analytes; row++) {
        const double *a = levels->values + row * levels->times;
        const double *b = reference->values + row * levels->times;
        double peak = 0;
        double difference = 0;
        for (int i = 0; i < levels->times; i++) {
            if (!isfinite(a[i]) || !isfinite(b[i])) {
                return NAN;
            }
            peak = fmax(peak, fabs(b[i]));
            difference = fmax(difference, fabs(a[i] - b[i]));
        }
        worst = fmax(worst, difference > 0 ? difference / peak : 0);
    }
    return worst;
}

int study_is_linear(const char *path, char *why)
{
    struct study study = {0};
    struct diagnostics d;
    int linear = 1;
    diagnostics_init(&d);
    if (study_read(&study, path, NULL, 0, &d) != 0) {
        tell(&d, why, 300);
        linear = -1;
    }
    for (int m = 0; linear == 1 && m < study.model_count; m++) {
        linear = model_is_linear(&study.models[m]);
    }
    study_clear(&study);
    diagnostics_clear(&d);
    return linear;
}
