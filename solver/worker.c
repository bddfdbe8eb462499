#include "worker.h"

#include "kernel.h"
#include "lane_group.h"
#include "worker_events.h"
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
    struct group_timeline timeline;
    struct steady_solver **steady; /* [model], with an event table */
    struct worker_events events;   /* with an event table */
    struct occasion *occasions;
    double *kappas; /* [lane][occasion][MODEL_PARAMETERS_MAX]; NULL where nobody asks for them */
    double *occasion_starts;
    double *rates;  /* [occasion][flow][lane] */
    double *slopes; /* [occasion][flow][lane] */
    double *kms;    /* [occasion][flow][lane] */
    double *scales; /* [occasion][level][lane] */
    double *levels; /* [output][lane][time] */
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
    w->rates = allocate(occasions * MODEL_FLOWS_MAX, sizeof(double));
    w->slopes = allocate(occasions * MODEL_FLOWS_MAX, sizeof(double));
    w->kms = allocate(occasions * MODEL_FLOWS_MAX, sizeof(double));
    w->scales = allocate(occasions * MODEL_OUTPUTS_MAX, sizeof(double));
    w->pulses = allocate(lanes * (size_t)plan->most_pulses, sizeof(struct pulse));
    w->levels = allocate(MODEL_OUTPUTS_MAX * lanes * rows, sizeof(double));
    w->exposure = worker_exposure_create(plan);
    w->finished = allocate(lanes, sizeof(*w->finished));
    w->level_rows = allocate(lanes * analytes, sizeof(*w->level_rows));
    w->observed_rows = allocate(lanes * analytes, sizeof(*w->observed_rows));
    if (study->store & STORE_OBSERVATIONS) {
        w->observed = allocate(analytes * lanes * rows, sizeof(double));
    }
    if (!w->occasions || !w->occasion_starts || !w->rates || !w->slopes || !w->kms || !w->scales ||
        !w->evaluators || !w->integrators || !w->covariates || !w->row_covariates || !w->steady ||
        !w->pulses || !w->levels || !w->exposure || !w->finished || !w->level_rows || !w->observed_rows ||
        (!w->observed && (study->store & STORE_OBSERVATIONS)) || (!w->kappas && plan->keeps_kappas)) {
        goto out_of_memory;
    }
    if (study->events && worker_events_init(&w->events, plan)) {
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
    worker_events_clear(&w->events);
    free(w->steady);
    free(w->row_covariates);
    free(w->evaluators);
    free(w->integrators);
    free(w->covariates);
    free(w->occasions);
    free(w->kappas);
    free(w->occasion_starts);
    free(w->rates);
    free(w->slopes);
    free(w->kms);
    free(w->scales);
    free(w->pulses);
    free(w->levels);
    worker_exposure_free(w->exposure);
    free(w->finished);
    free(w->observed);
    free(w->level_rows);
    free(w->observed_rows);
    group_timeline_clear(&w->timeline);
    free(w);
}

/* How many levels a lane has: observations, or rows of an event table. */
static int row_count(const struct worker *w, const struct lane *lane)
{
    return lane->events ? lane->events->count : w->plan->study->time_count;
}

/* When a level of a lane is, h. */
static double time_of(const struct worker *w, const struct lane *lane, int row)
{
    return lane->events ? lane->events->events[row].time : w->plan->study->times[row];
}

/* Spreads the numbers of a patient over the arrays of a batch of `count`, as lane `l`. */
static void load_occasions(struct worker *w, const struct model *model, const struct lane *lane, int l,
                           int count)
{
    for (int o = 0; o < lane->occasion_count; o++) {
        const struct occasion *occasion = &lane->occasions[o];
        for (int f = 0; f < model->flow_count; f++) {
            ptrdiff_t at = (ptrdiff_t)(o * model->flow_count + f) * count + l;
            w->rates[at] = occasion->rates[f];
            w->slopes[at] = occasion->slopes[f];
            w->kms[at] = occasion->kms[f];
        }
        for (int i = 0; i < model->level_count; i++) {
            /* mg/L to ng/mL */
            w->scales[(ptrdiff_t)(o * model->level_count + i) * count + l] = 1000 / occasion->volumes[i];
        }
    }
}

/* The occasion that row `row` of a lane is of, when the row before was of `o`. */
static int occasion_of(const struct worker *w, const struct lane *lane, ptrdiff_t row, int o)
{
    if (lane->events) {
        return lane->events->periods[row];
    }
    /* An observation at the start of an occasion still sees the one before, as levels do. */
    while (o + 1 < lane->occasion_count && lane->occasion_starts[o + 1] < w->plan->study->times[row]) {
        o++;
    }
    return o;
}

/* The effects of a solved batch follow from its levels, time by time. */
static void compute_effects(struct worker *w, struct lane *const *lanes, int count)
{
    const struct model *model = &w->plan->study->models[lanes[0]->model];
    const ptrdiff_t rows = row_count(w, lanes[0]);
    for (int i = model->level_count; i < model->output_count; i++) {
        for (int l = 0; l < count; l++) {
            const double *levels = w->levels + ((ptrdiff_t)model->outputs[i].of * count + l) * rows;
            double *effects = w->levels + ((ptrdiff_t)i * count + l) * rows;
            int o = 0;
            for (ptrdiff_t row = 0; row < rows; row++) {
                o = occasion_of(w, lanes[l], row, o);
                effects[row] = sigmoid_value(lanes[l]->occasions[o].sigmoids[i], levels[row]);
            }
        }
    }
}

/* Who solves, and where to. */
struct approach {
    const struct integrator *integrator;
    void *const *states;        /* [model] */
    const struct graph *graphs; /* [model] */
    double *levels;             /* [output][lane][time] */
    bool watched;               /* for metrics of the solution */
};

static int solve_regimen(struct worker *w, const struct approach *by, struct lane *const *lanes,
                         struct batch *batch, struct solve_failure *why)
{
    batch->timeline = lane_group_timeline(&w->timeline, lanes, batch->lanes, w->plan->study);
    if (!batch->timeline) {
        return -2;
    }
    batch->levels = by->levels;
    batch->watch = by->watched ? worker_exposure_watch(w->exposure, lanes, batch->lanes) : NULL;
    return by->integrator->solve(by->states[lanes[0]->model], batch, why);
}

/* Solves the lanes listed, of one group, as one batch. `batch` holds what else is wanted of it. */
static int solve_by(struct worker *w, const struct approach *by, struct lane *const *lanes, int count,
                    struct batch *batch, struct solve_failure *why)
{
    const int m = lanes[0]->model;
    const struct model *model = &w->plan->study->models[m];
    int compartments[MODEL_OUTPUTS_MAX];
    for (int l = 0; l < count; l++) {
        load_occasions(w, model, lanes[l], l, count);
    }
    for (int o = 0; o < model->level_count; o++) {
        compartments[o] = model->outputs[o].compartment;
    }
    batch->graph = &by->graphs[m];
    batch->lanes = count;
    batch->rates = w->rates;
    batch->slopes = w->slopes;
    batch->kms = w->kms;
    batch->output_count = model->level_count;
    batch->output_compartments = compartments;
    batch->output_scales = w->scales;
    *why = (struct solve_failure){.status = PATIENT_SOLVER};
    return lanes[0]->events
               ? worker_events_solve(&w->events, by->integrator, by->states[m], lanes, batch, by->levels, why)
               : solve_regimen(w, by, lanes, batch, why);
}

static int solve(struct worker *w, struct lane *const *lanes, int count, struct solve_failure *why)
{
    const struct approach own = {w->plan->integrator, w->integrators, w->plan->graphs, w->levels, true};
    struct batch batch = {0};
    int failed = solve_by(w, &own, lanes, count, &batch, why);
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
    const int rows = row_count(w, lane);
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
            levels[a] = w->levels + ((ptrdiff_t)output * lanes + position) * row_count(w, lane);
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
    const int rows = row_count(w, lane);
    for (int o = 0; lane->status == PATIENT_SIMULATED && o < model->output_count; o++) {
        const double *values = w->levels + ((ptrdiff_t)o * lanes + position) * rows;
        if (!all_finite(values, rows)) {
            int row = 0;
            while (row < rows - 1 && isfinite(values[row])) {
                row++;
            }
            lane->status = lane->why.status = PATIENT_NOT_FINITE;
            lane->why.time = time_of(w, lane, row);
            snprintf(lane->why.text, sizeof(lane->why.text), "a value of %s is not a finite number",
                     model->outputs[o].analyte);
        }
    }
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
