/* small_run - what a fuzz target does with a study that was accepted: its promises are checked, and if it is small it is
 * simulated. */
#ifndef KETSIM_TESTS_SMALL_RUN_H
#define KETSIM_TESTS_SMALL_RUN_H

#include "fuzz.h"

#include "app/results/study_size.h"
#include "app/study/study_read.h"
#include "solver/sweep.h"

#include <math.h>

enum {
    SMALL_PATIENTS = 4,
    SMALL_ARMS = 8,
    SMALL_TIMES = 200,
    SMALL_DOSES = 40,
    SMALL_ROWS = 60,
    SMALL_ADDITIONAL = 200,
    SMALL_STEPS = 2000,
};

static inline int small_take(void *payload, const struct simulated *patients, int count)
{
    const struct study *study = payload;

    for (int i = 0; i < count; i++) {
        const struct simulated *p = &patients[i];
        fuzz_promise(p->arm >= 0 && p->arm < study->arm_count);
        fuzz_promise(p->patient >= 0 && p->patient < study->patient_count);
        int64_t records = study->time_count;
        if (study->events) {
            records = study->events->patients[p->patient].count;
        }
        for (int a = 0; a < study->analyte_count; a++) {
            for (int64_t t = 0; p->levels[a] && t < records; t++) {
                fuzz_promise(isfinite(p->levels[a][t]) == (p->status == PATIENT_SIMULATED));
            }
        }
    }
    return 0;
}

static inline bool study_is_small(const struct study *study)
{
    int64_t additional = 0;

    if (study->patient_count > SMALL_PATIENTS || study->arm_count > SMALL_ARMS ||
        study->time_count > SMALL_TIMES || study->max_steps > SMALL_STEPS || study->rtol < 1e-8 ||
        study->atol < 1e-12) {
        return false;
    }
    for (int i = 0; i < study->arm_count; i++) {
        if (study->arms[i].dose_count > SMALL_DOSES) {
            return false;
        }
    }
    for (int64_t i = 0; study->events && i < study->events->event_count; i++) {
        additional += study->events->events[i].additional;
    }
    return !study->events || (study->events->event_count <= SMALL_ROWS && additional <= SMALL_ADDITIONAL);
}

/* What is promised of a study that was read without an error. */
static inline void check_accepted(const struct study *study)
{
    fuzz_promise(study->patient_count >= 1 && study->arm_count >= 1 && study->model_count >= 1);
    fuzz_promise(study->title && study->method && study->document.root);
    for (int i = 0; i < study->time_count; i++) {
        fuzz_promise(isfinite(study->times[i]) && (i == 0 || study->times[i] >= study->times[i - 1]));
    }
    for (int i = 0; i < study->arm_count; i++) {
        const struct arm *arm = &study->arms[i];
        fuzz_promise(arm->label && arm->model >= 0 && arm->model < study->model_count);
        for (int k = 0; k < arm->dose_count; k++) {
            fuzz_promise(isfinite(arm->doses[k].time) && isfinite(arm->doses[k].amount));
            fuzz_promise(arm->doses[k].time >= 0 && arm->doses[k].amount >= 0);
        }
    }
}

/* The resolved study, as text, is a study again. */
static inline void check_resolved(const struct study *study)
{
    struct diagnostics d;
    struct study again;
    char *text = document_write(&study->document);

    fuzz_promise(text);
    diagnostics_init(&d);
    const int status = study_parse(&again, study->document.name, text, strlen(text), NULL, 0, &d);
    if (status != 0 && d.count > 0) {
        fprintf(stderr, "%s\n%s\n", d.items[0].text, text);
    }
    fuzz_promise(status == 0);
    fuzz_promise(again.arm_count == study->arm_count && again.time_count == study->time_count);
    study_clear(&again);
    diagnostics_clear(&d);
    free(text);
}

static inline void try_study(const struct study *study)
{
    struct diagnostics d;
    struct sweep_report report;
    struct study_size size;
    const struct sink sink = {.payload = (void *)(uintptr_t)study, .take = small_take};

    check_accepted(study);
    diagnostics_init(&d);
    const int status = study_size(&size, study, &d);
    fuzz_promise(status != 0 || size.bytes >= 0);
    if (study_is_small(study)) {
        check_resolved(study);
        if (sweep_run(study, 1, &sink, &report, &d) == 0) {
            fuzz_promise(report.finished == study->patient_count * study->arm_count);
        }
    }
    diagnostics_clear(&d);
}

#endif
