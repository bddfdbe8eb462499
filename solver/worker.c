#include "worker.h"

#include "kernel.h"
#include "poison.h"
#include "worker_batch.h"
#include "worker_certificate.h"
#include "worker_exposure.h"

#include "model/patients.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct worker {
    const struct worker_plan *plan;
    struct evaluator **evaluators; /* [model] */
    void **integrators;            /* [model] */
    struct lane lanes[WORKER_LANES];
    double *covariates;
    double *row_covariates;
    struct pulse *pulses;
    struct steady_solver **steady; /* [model], with an event table */
    struct occasion *occasions;
    double *kappas; /* [lane][occasion][MODEL_PARAMETERS_MAX]; NULL where nobody asks for them */
    double *occasion_starts;
    struct worker_batch batch;
    double *levels;                         /* [output][lane][time] */
    struct worker_certificate *certificate; /* NULL: nobody is in the sample */
    struct certified *certified;            /* [lane] */
    struct worker_exposure *exposure;
    struct simulated *finished;
    double *observed;             /* [analyte][lane][time]; NULL where the study stores none */
    const double **level_rows;    /* [lane][analyte] */
    const double **observed_rows; /* [lane][analyte] */
    struct sweep_report report;
};

static void *allocate(size_t count, size_t size)
{
    return calloc(count ? count : 1, size);
}

struct worker *worker_create(const struct worker_plan *plan, struct diagnostics *d)
{
    const struct study *study = plan->study;
    const size_t analytes = (size_t)study->analyte_count;
    const size_t lanes = (size_t)plan->lanes;
    const size_t rows = (size_t)plan->most_rows;
    struct worker *w = allocate(1, sizeof(*w));
    if (!w) {
        goto out_of_memory;
    }
    w->plan = plan;
    w->evaluators = allocate((size_t)study->model_count, sizeof(*w->evaluators));
    w->integrators = allocate((size_t)study->model_count, sizeof(*w->integrators));
    w->covariates = allocate(lanes * (size_t)study->covariate_count, sizeof(double));
    w->row_covariates = allocate((size_t)study->covariate_count, sizeof(double));
    w->steady = allocate((size_t)study->model_count, sizeof(struct steady_solver *));
    size_t occasions = lanes * (size_t)plan->most_occasions;
    w->occasions = allocate(occasions, sizeof(struct occasion));
    w->occasion_starts = allocate(occasions, sizeof(double));
    w->kappas = plan->keeps_kappas ? allocate(occasions * MODEL_PARAMETERS_MAX, sizeof(double)) : NULL;
    w->pulses = allocate(lanes * (size_t)plan->most_pulses, sizeof(struct pulse));
    w->levels = allocate(MODEL_OUTPUTS_MAX * lanes * rows, sizeof(double));
    w->exposure = worker_exposure_create(plan);
    w->certified = allocate(lanes, sizeof(*w->certified));
    w->finished = allocate(lanes, sizeof(*w->finished));
    w->level_rows = allocate(lanes * analytes, sizeof(*w->level_rows));
    w->observed_rows = allocate(lanes * analytes, sizeof(*w->observed_rows));
    if (study->store & STORE_OBSERVATIONS) {
        w->observed = allocate(analytes * lanes * rows, sizeof(double));
    }
    if (plan->sample.size > 0 && !(w->certificate = worker_certificate_create(plan))) {
        goto out_of_memory;
    }
    if (worker_batch_init(&w->batch, plan) || !w->occasions || !w->occasion_starts || !w->evaluators ||
        !w->integrators || !w->covariates || !w->row_covariates || !w->steady || !w->pulses || !w->levels ||
        !w->exposure || !w->certified || !w->finished || !w->level_rows || !w->observed_rows ||
        (!w->observed && (study->store & STORE_OBSERVATIONS)) || (!w->kappas && plan->keeps_kappas)) {
        goto out_of_memory;
    }
    for (int l = 0; l < plan->lanes; l++) {
        w->lanes[l].covariates = w->covariates + (ptrdiff_t)l * study->covariate_count;
        w->lanes[l].occasions = w->occasions + (ptrdiff_t)l * plan->most_occasions;
        if (w->kappas) {
            w->lanes[l].kappas = w->kappas + (ptrdiff_t)l * plan->most_occasions * MODEL_PARAMETERS_MAX;
        }
        w->lanes[l].occasion_starts = w->occasion_starts + (ptrdiff_t)l * plan->most_occasions;
        w->lanes[l].pulses = w->pulses + (ptrdiff_t)l * plan->most_pulses;
        w->lanes[l].row_covariates = w->row_covariates;
        if (study->events && !(w->lanes[l].events = lane_events_create(plan))) {
            goto out_of_memory;
        }
    }
    for (int m = 0; m < study->model_count; m++) {
        w->evaluators[m] = evaluator_create(&study->models[m], d);
        if (!w->evaluators[m]) {
            goto failed;
        }
        w->integrators[m] = plan->integrator->create(&plan->graphs[m], plan->lanes, &plan->options);
        w->steady[m] = study->events ? steady_solver_create(&plan->graphs[m], &plan->options) : NULL;
        if (!w->integrators[m] || (study->events && !w->steady[m])) {
            goto out_of_memory;
        }
    }
    return w;
out_of_memory:
    diagnostics_out_of_memory(d);
failed:
    worker_free(w);
    return NULL;
}

void worker_free(struct worker *w)
{
    if (!w) {
        return;
    }
    for (int m = 0; m < w->plan->study->model_count; m++) {
        if (w->evaluators) {
            evaluator_free(w->evaluators[m]);
        }
        if (w->integrators && w->integrators[m]) {
            w->plan->integrator->free(w->integrators[m]);
        }
        if (w->steady) {
            steady_solver_free(w->steady[m]);
        }
    }
    for (int l = 0; l < w->plan->lanes; l++) {
        lane_events_free(w->lanes[l].events);
        timeline_clear(&w->lanes[l].timeline);
    }
    worker_batch_clear(&w->batch);
    worker_certificate_free(w->certificate);
    free(w->certified);
    free(w->steady);
    free(w->row_covariates);
    free(w->evaluators);
    free(w->integrators);
    free(w->covariates);
    free(w->occasions);
    free(w->kappas);
    free(w->occasion_starts);
    free(w->pulses);
    free(w->levels);
    worker_exposure_free(w->exposure);
    free(w->finished);
    free(w->observed);
    free(w->level_rows);
    free(w->observed_rows);
    free(w);
}

/* The effects of a solved batch follow from its levels, time by time. */
static void compute_effects(struct worker *w, struct lane *const *lanes, int count)
{
    const struct model *model = &w->plan->study->models[lanes[0]->model];
    const ptrdiff_t rows = lane_rows(lanes[0], w->plan->study);
    for (int i = model->level_count; i < model->output_count; i++) {
        for (int l = 0; l < count; l++) {
            const double *levels = w->levels + ((ptrdiff_t)model->outputs[i].of * count + l) * rows;
            double *effects = w->levels + ((ptrdiff_t)i * count + l) * rows;
            int o = 0;
            for (ptrdiff_t row = 0; row < rows; row++) {
                o = lane_occasion(lanes[l], w->plan->study, (int)row, o);
                effects[row] = sigmoid_value(lanes[l]->occasions[o].sigmoids[i], levels[row]);
            }
        }
    }
}

/* Solves the lanes listed, of one group, as one batch. */
static int solve(struct worker *w, struct lane *const *lanes, int count, struct solve_failure *why)
{
    const int m = lanes[0]->model;
    const struct approach own = {w->plan->integrator, w->integrators[m], &w->plan->graphs[m], w->levels,
                                 worker_exposure_watch(w->exposure, lanes, count)};
    struct batch batch = {0};
    poison(w->levels, MODEL_OUTPUTS_MAX * (size_t)w->plan->lanes * (size_t)w->plan->most_rows);
    int failed = worker_batch_solve(&w->batch, &own, lanes, count, &batch, why);
    if (!failed) {
        compute_effects(w, lanes, count);
    }
    w->report.batches++;
    w->report.steps += batch.steps;
    w->report.evaluations += batch.evaluations;
    for (int l = 0; l < count; l++) {
        w->finished[l].steps = (int32_t)(batch.steps < INT32_MAX ? batch.steps : INT32_MAX);
    }
    return failed;
}

/* Whatever is not finite makes the sum of its zeros NaN. */
LANE_KERNEL static bool all_finite(const double *values, int count)
{
    four zeros = {0};
    double rest = 0;
    for (int i = 0; i < count / FOUR; i++) {
        zeros += const_fours(values)[i] * 0;
    }
    for (int i = count / FOUR * FOUR; i < count; i++) {
        rest += values[i] * 0;
    }
    return zeros[0] + zeros[1] + zeros[2] + zeros[3] + rest == 0;
}

/* What an assay would report of the levels of a simulated patient's analyte. */
static const double *observe(struct worker *w, const struct lane *lane, int position, int analyte, int output,
                             const double *levels)
{
    const struct study *study = w->plan->study;
    const int rows = lane_rows(lane, study);
    const struct arm *arm = &study->arms[lane->arm];
    const struct arm *published = arm - arm->replicate; /* all replicates of an arm have the same errors */
    double *observed = w->observed + ((ptrdiff_t)analyte * w->plan->lanes + position) * w->plan->most_rows;
    residual_observe(&study->models[lane->model].outputs[output].residual,
                     residual_seed(study->seed, study->analytes[analyte], published->label),
                     patient_key(study, lane->patient), levels, rows, observed);
    return observed;
}

/* Points the rows of a finished patient at its levels, and computes its observations. */
static void fill_rows(struct worker *w, const struct lane *lane, int position, int lanes)
{
    const struct study *study = w->plan->study;
    const struct model *model = &study->models[lane->model];
    int analytes = study->analyte_count;
    const double **levels = w->level_rows + position * analytes;
    const double **observed = w->observed_rows + position * analytes;
    for (int a = 0; a < analytes; a++) {
        observed[a] = NULL;
        int output = w->plan->output_of[lane->model * analytes + a];
        if (output < 0) {
            levels[a] = NULL;
        } else if (lane->status != PATIENT_SIMULATED) {
            levels[a] = w->plan->missing;
            observed[a] = w->plan->missing;
        } else {
            levels[a] = w->levels + ((ptrdiff_t)output * lanes + position) * lane_rows(lane, w->plan->study);
            if (w->observed && output_is_observable(&model->outputs[output])) {
                observed[a] = observe(w, lane, position, a, output, levels[a]);
            }
        }
    }
}

/* A patient with a value that is no finite number has failed. */
static void check_finite(const struct worker *w, struct lane *lane, int position, int lanes)
{
    const struct model *model = &w->plan->study->models[lane->model];
    const int rows = lane_rows(lane, w->plan->study);
    for (int o = 0; lane->status == PATIENT_SIMULATED && o < model->output_count; o++) {
        const double *values = w->levels + ((ptrdiff_t)o * lanes + position) * rows;
        if (!all_finite(values, rows)) {
            int row = 0;
            while (row < rows - 1 && isfinite(values[row])) {
                row++;
            }
            lane->status = lane->why.status = PATIENT_NOT_FINITE;
            lane->why.time = lane_time(lane, w->plan->study, row);
            snprintf(lane->why.text, sizeof(lane->why.text), "a value of %s is not a finite number",
                     model->outputs[o].analyte);
        }
    }
}

/* Solves those again that are in the sample. 0, or -2 without memory. */
static int certify(struct worker *w, struct lane *const *lanes, int count)
{
    if (worker_certificate_compare(w->certificate, &w->batch, lanes, count, w->levels, w->certified)) {
        return -2;
    }
    for (int l = 0; l < count; l++) {
        if (w->certified[l].position >= 0) {
            w->finished[l].certified = &w->certified[l];
            certificate_add(&w->report.certificate, &w->certified[l]);
        }
    }
    return 0;
}

/* Hands solved or failed lanes to the sink; their levels lie in w->levels as a batch of `count` lanes. */
static int hand_over(struct worker *w, struct lane *const *lanes, int count)
{
    const struct study *study = w->plan->study;
    for (int l = 0; l < count; l++) {
        struct lane *lane = lanes[l];
        check_finite(w, lane, l, count);
        fill_rows(w, lane, l, count);
        w->finished[l].arm = lane->arm;
        w->finished[l].patient = lane->patient;
        w->finished[l].status = lane->status;
        w->finished[l].failure_time = lane->status == PATIENT_SIMULATED ? (double)NAN : lane->why.time;
        w->finished[l].covariates = lane->covariates;
        w->finished[l].individual = &lane->individual;
        w->finished[l].outside = lane->outside;
        w->finished[l].clamped = lane->clamped;
        w->finished[l].levels = w->level_rows + (ptrdiff_t)l * study->analyte_count;
        w->finished[l].observed = w->observed ? w->observed_rows + (ptrdiff_t)l * study->analyte_count : NULL;
        w->finished[l].periods = lane->events ? lane->events->periods : NULL;
        w->finished[l].parameters = lane->events ? lane->events->parameters : NULL;
        w->finished[l].occasion_count = lane->occasion_count;
        w->finished[l].kappas = lane->kappas;
        w->finished[l].certified = NULL;
        worker_exposure_compute(w->exposure, lane, l, &w->finished[l]);
        w->report.finished++;
        w->report.clamped += lane->clamped > 0;
        w->report.outside += lane->outside > 0;
        if (lane->status != PATIENT_SIMULATED) {
            w->report.failed++;
            sweep_report_failure(&w->report,
                                 &(struct failed_patient){lane->arm, lane->patient, lane->status, lane->why});
        }
        lane->taken = true;
    }
    if (w->certificate && certify(w, lanes, count)) {
        return -2;
    }
    return w->plan->sink->take(w->plan->sink->payload, w->finished, count) ? -1 : 0;
}

/* Solves patients as one batch. One who cannot be solved must not cost the others their result: a batch that fails is halved, and
 * its halves again, until who is to blame is alone. */
static int solve_group(struct worker *w, struct lane *const *lanes, int count)
{
    struct solve_failure why;
    if (lanes[0]->status != PATIENT_SIMULATED) {
        w->finished[0].steps = 0;
        return hand_over(w, lanes, count);
    }
    int failed = solve(w, lanes, count, &why);
    if (failed == -2) {
        return -2;
    }
    if (failed && count > 1) {
        failed = solve_group(w, lanes, count / 2);
        return failed ? failed : solve_group(w, lanes + count / 2, count - count / 2);
    }
    if (failed) {
        lanes[0]->status = why.status;
        lanes[0]->why = why;
    }
    return hand_over(w, lanes, count);
}

int worker_simulate(struct worker *w, int64_t first, int count)
{
    for (int l = 0; l < count; l++) {
        lane_prepare(&w->lanes[l], w->plan, w->evaluators, w->steady, first + l);
    }
    for (;;) {
        struct lane_group group;
        if (lane_group_next(w->lanes, count, w->plan->study, &group)) {
            return -2;
        }
        if (group.count == 0) {
            return 0;
        }
        const int failed = solve_group(w, group.lanes, group.count);
        if (failed) {
            return failed;
        }
    }
}

struct solver_work worker_work(const struct worker *w)
{
    return (struct solver_work){w->report.steps, w->report.evaluations, w->report.batches};
}

void worker_report(const struct worker *w, struct sweep_report *report)
{
    sweep_report_add(report, &w->report);
}
