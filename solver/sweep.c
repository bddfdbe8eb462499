#include "sweep.h"

#include "exposure_study.h"
#include "lane_events.h"
#include "parallel.h"
#include "session.h"
#include "worker.h"

#include "model/patients.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static void plan_clear(struct worker_plan *plan)
{
    free(plan->graphs);
    free(plan->covariate_of);
    free(plan->output_of);
    free(plan->missing);
}

/* Patients per batch: fewer where each has many rows or sets of parameters, which all take memory. A function of the study
 * alone. */
static int batch_lanes(const struct study *study, int most_periods)
{
    enum { PERIODS_MAX = 1 << 14, ROWS_MAX = 1 << 20 };
    if (!study->events) {
        return WORKER_LANES;
    }
    const int by_periods = PERIODS_MAX / most_periods;
    const int by_rows = ROWS_MAX / (study->events->most_events + 1);
    const int lanes = by_rows < by_periods ? by_rows : by_periods;
    return lanes > WORKER_LANES ? WORKER_LANES : lanes > 0 ? lanes : 1;
}

static int plan_init(struct worker_plan *plan, const struct study *study, const struct sink *sink,
                     struct diagnostics *d)
{
    size_t models = (size_t)study->model_count;
    size_t analytes = (size_t)study->analyte_count;
    const int rows = study->events ? study->events->most_events : study->time_count;
    double *missing = malloc(((size_t)rows + 1) * sizeof(*missing));
    *plan = (struct worker_plan){
        .study = study,
        .integrator = integrator_find(study->method),
        .options = {study->rtol, study->atol, study->max_steps},
        .sink = sink,
        .sample = sink->certify ? certificate_sample(study) : (struct certificate_sample){0},
        .graphs = malloc((models + 1) * sizeof(*plan->graphs)),
        .covariate_of = malloc((models + 1) * MODEL_COVARIATES_MAX * sizeof(int)),
        .output_of = malloc((models * analytes + 1) * sizeof(int)),
        .auc_rule = strcmp(study->auc_rule, "linear") == 0 ? AUC_LINEAR : AUC_LINEAR_UP_LOG_DOWN,
        .weight = study_covariate(study, "weight"),
        .lanes = WORKER_LANES,
        .most_rows = rows,
        .missing = missing,
    };
    if (!plan->graphs || !plan->covariate_of || !plan->output_of || !missing) {
        return diagnostics_out_of_memory(d);
    }
    if (!plan->integrator) {
        return diagnostics_error(d, NOWHERE, "\"%s\" is no method of solving", study->method);
    }
    if (study->events && (study->from_solution || study->thresholds.count > 0)) {
        return diagnostics_error(d, NOWHERE,
                                 "metrics from the solution, and thresholds, are of arms with a regimen, "
                                 "not of an event table");
    }
    for (int i = 0; i <= rows; i++) {
        missing[i] = NAN;
    }
    for (int m = 0; m < study->model_count; m++) {
        const struct model *model = &study->models[m];
        graph_init(&plan->graphs[m], model, false);
        for (int c = 0; c < model->covariate_count; c++) {
            plan->covariate_of[m * MODEL_COVARIATES_MAX + c] =
                study_covariate(study, model->covariates[c].name);
        }
        for (int a = 0; a < study->analyte_count; a++) {
            plan->output_of[m * study->analyte_count + a] = model_output(model, study->analytes[a]);
        }
    }
    plan->most_occasions = study->events ? events_most_periods(study) : 1;
    plan->lanes = batch_lanes(study, plan->most_occasions);
    for (int a = 0; a < study->arm_count; a++) {
        if (model_has_occasions(&study->models[study->arms[a].model])) {
            plan->keeps_kappas = (study->store & STORE_RANDOM_EFFECTS) != 0;
            int occasions = dosing_occasions(&study->arms[a], NULL);
            plan->most_occasions = occasions > plan->most_occasions ? occasions : plan->most_occasions;
        }
        int pulses = dosing_pulse_count(&study->models[study->arms[a].model], &study->arms[a]);
        plan->most_pulses = pulses > plan->most_pulses ? pulses : plan->most_pulses;
        int doses = study->arms[a].dose_count;
        plan->most_doses = doses > plan->most_doses ? doses : plan->most_doses;
    }
    for (int i = 0; i < study->metric_count; i++) {
        plan->needs_slope |= study_request_needs_slope(study, &study->metrics[i]);
    }
    plan->most_intervals = study->store & STORE_EXPOSURE ? study_most_intervals(study) : 0;
    plan->most_sessions = study->thresholds.count > 0 ? study_most_sessions(study) : 0;
    return plan->most_intervals < 0 || plan->most_sessions < 0 ? diagnostics_out_of_memory(d) : 0;
}

int sweep_block_lanes(const struct study *study)
{
    return batch_lanes(study, study->events ? events_most_periods(study) : 1);
}

int64_t sweep_block_count(const struct study *study)
{
    const int lanes = sweep_block_lanes(study);
    return (study->arm_count * study->patient_count + lanes - 1) / lanes;
}

int sweep_threads(const struct study *study, int asked)
{
    int64_t blocks = sweep_block_count(study);
    int threads = asked > 0 ? asked : parallel_threads();
    return threads < blocks ? threads : (int)blocks;
}

/* The work of all threads: blocks of patients, each simulated by the worker of the thread that takes it. */
struct work {
    struct worker **workers; /* [thread] */
    const struct sink *sink;
    int64_t patients;
    int lanes;             /* per block */
    atomic_llong finished; /* or left out */
    atomic_llong left_out;
};

static int simulate_block(void *payload, int thread, int64_t block)
{
    struct work *work = payload;
    int64_t first = block * work->lanes;
    int64_t left = work->patients - first;
    int count = (int)(left < work->lanes ? left : work->lanes);
    const struct sink *sink = work->sink;
    int failed = 0;
    if (sink->wanted && !sink->wanted(sink->payload, block)) {
        atomic_fetch_add(&work->left_out, count);
    } else {
        const struct solver_work before = worker_work(work->workers[thread]);
        failed = worker_simulate(work->workers[thread], first, count);
        const struct solver_work after = worker_work(work->workers[thread]);
        const struct solver_work taken = {after.steps - before.steps, after.evaluations - before.evaluations,
                                          after.batches - before.batches};
        if (!failed && sink->block_done && sink->block_done(sink->payload, block, &taken)) {
            failed = -1;
        }
    }
    int64_t finished = atomic_fetch_add(&work->finished, count) + count;
    if (sink->progress && thread == 0) {
        sink->progress(sink->payload, finished, work->patients);
    }
    return failed;
}

int sweep_run(const struct study *study, int threads, const struct sink *sink, struct sweep_report *report,
              struct diagnostics *d)
{
    struct worker_plan plan;
    int failed = -1;
    int64_t patients = study->arm_count * study->patient_count;
    double start = parallel_seconds();
    *report = (struct sweep_report){0};
    threads = sweep_threads(study, threads);
    struct worker **workers = calloc((size_t)threads + 1, sizeof(struct worker *));
    if (plan_init(&plan, study, sink, d) || !workers) {
        if (!workers) {
            diagnostics_out_of_memory(d);
        }
        goto out;
    }
    for (int i = 0; i < threads; i++) {
        workers[i] = worker_create(&plan, d);
        if (!workers[i]) {
            goto out;
        }
    }
    struct work work = {.workers = workers, .sink = sink, .patients = patients, .lanes = plan.lanes};
    failed = parallel_run(threads, sweep_block_count(study), simulate_block, &work);
    for (int i = 0; i < threads; i++) {
        worker_report(workers[i], report);
    }
    report->left_out = work.left_out;
    if (failed == -2) {
        diagnostics_out_of_memory(d);
    } else if (failed) {
        diagnostics_error(d, NOWHERE, "stopped after %lld of %lld patients", (long long)report->finished,
                          (long long)patients);
    }
    report->threads = threads;
    report->seconds = parallel_seconds() - start;
out:
    for (int i = 0; workers && i < threads; i++) {
        worker_free(workers[i]);
    }
    free(workers);
    plan_clear(&plan);
    return failed ? -1 : 0;
}
