/* sweep - simulates every patient in every arm of a study, in parallel.
 *
 * Patients are solved in batches that are a function of the study alone, never of the number of threads; each batch
 * is handed to a sink as soon as it is finished.
 */
#ifndef KETSIM_SWEEP_H
#define KETSIM_SWEEP_H

#include "certificate.h"

#include "model/individual.h"
#include "model/study.h"

/* One patient in one arm, simulated. Valid during the call of the sink only. */
struct simulated {
    int arm;
    int64_t patient; /* from 0 */
    enum patient_status status;
    double failure_time;                 /* h; NaN after PATIENT_SIMULATED */
    int32_t steps;                       /* of the batch that the patient was solved in */
    const double *covariates;            /* per study covariate, in its unit, as used in this arm */
    const struct individual *individual; /* parameters and rates are NaN after PATIENT_PARAMETERS */
    int32_t outside;                     /* limits of the model that it breaks, as in model/applicability.h */
    int clamped;                         /* parameters set to a limit of their physical range */
    const double *const
        *levels; /* per analyte of the study: [time], ng/mL; NULL: the arm's model has none of it */
    const double *const *
        observed; /* per analyte of the study: [time], ng/mL, levels with residual error; NULL as above and of
                      what no assay reports, and all of it where the study does not store observations */
    const int
        *periods; /* with an event table, [row of the patient]: which parameters hold; else NULL. Levels and
                           observations are then per row of the patient, too */
    const double
        *parameters;    /* [period][MODEL_PARAMETERS_MAX], internal units; NULL without an event table */
    int occasion_count; /* in this arm; with an event table, periods */
    const double
        *kappas; /* [occasion, or period][MODEL_PARAMETERS_MAX]: random effects of the occasion, internal
                             units; NULL where no model has any, or the study does not store them */
    const double *const
        *metrics; /* per analyte of the study: [metric of the study]; NULL as above, and where the
                                     study does not store exposure */
    const double *const
        *interval_metrics; /* the same, [metric of the study][interval of the study]; all of it NULL where the
                                              study wants none */
    const int32_t *slope_flags; /* per analyte of the study: of enum slope_flag */
    const double
        *session_metrics; /* [metric of the study's thresholds][session]; NULL where the study has none */
    const struct certified *certified; /* NULL: not in the sample */
};

/* What it took to solve. */
struct solver_work {
    int64_t steps;
    int64_t evaluations;
    int64_t batches;
};

struct sink {
    void *payload;
    bool certify; /* whether a sample is solved again and compared (certificate.h) */
    /* Takes `count` finished patients; called from several threads at once, never twice for the same patient and
     * arm. 0, or -1 to stop the run. NaN levels and metrics where status is not PATIENT_SIMULATED. */
    int (*take)(void *payload, const struct simulated *patients, int count);
    /* Called now and then by one thread: patients x arms finished so far, and in all; may be NULL. */
    void (*progress)(void *payload, int64_t finished, int64_t total);
    /* Whether a block is to be simulated; asked from several threads, once per block. NULL: all are. */
    bool (*wanted)(void *payload, int64_t block);
    /* Called when all patients of a block have been taken, by the thread that took them, with what they took; may be NULL. 0, or
     * -1 to stop the run. */
    int (*block_done)(void *payload, int64_t block, const struct solver_work *work);
};

/* The first few failures, told one by one; all of them, counted. */
struct failed_patient {
    int arm;
    int64_t patient;
    enum patient_status status;
    struct solve_failure why;
};

enum { SWEEP_FAILURES_KEPT = 20 };

struct sweep_report {
    int64_t finished;
    int64_t left_out; /* patients x arms in blocks that were not wanted */
    int64_t failed;
    int64_t clamped; /* patients x arms with a parameter set to its limit */
    int64_t outside; /* patients x arms outside the model's validity */
    int64_t steps;   /* of all batches */
    int64_t evaluations;
    int64_t batches;
    struct certificate certificate; /* of the sample, where the sink wants one */
    int threads;
    double seconds;
    struct failed_patient failures[SWEEP_FAILURES_KEPT]; /* those of the lowest arm and patient numbers */
    int failure_count;
};

/* Adds to a report that of another part of the same run, done at the same time. */
void sweep_report_add(struct sweep_report *report, const struct sweep_report *other);

/* Notes a failure, if it is among the first. */
void sweep_report_failure(struct sweep_report *report, const struct failed_patient *failure);

/* Block b holds the patients numbered from b * sweep_block_lanes on, so many of them (the last one may hold fewer), where
 * number = arm * study->patient_count + patient. Blocks are a function of the study alone, and so is what becomes of each. */
int sweep_block_lanes(const struct study *study);
int64_t sweep_block_count(const struct study *study);

/* How many threads a run of the study uses when so many are asked for; 0 asks for as many as OpenMP offers. */
int sweep_threads(const struct study *study, int asked);

/* Simulates with sweep_threads(study, threads) threads. 0 when every patient of the blocks wanted was handed over (also when some
 * failed), or -1 with the reason in `d`. */
int sweep_run(const struct study *study, int threads, const struct sink *sink, struct sweep_report *report,
              struct diagnostics *d);

#endif
