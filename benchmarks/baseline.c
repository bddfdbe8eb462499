/* The baseline: CVODE as its manual shows it, one problem per patient. One CVODE memory serves all patients of a thread, with
 * serial vectors with their fused operations, the dense linear solver, an analytic Jacobian, BDF, and scalar tolerances. Doses are
 * hard stops. Observations are interpolated after each step; calling CVODE with the time of each in turn (CV_NORMAL) executes 1 to
 * 3 % fewer instructions than this without the fused operations, which save as much. */
#include "methods.h"

#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct baseline {
    const struct graph *graph;
    int64_t max_steps;
    SUNContext context;
    N_Vector y;
    N_Vector observed;
    SUNMatrix matrix;
    SUNLinearSolver linear_solver;
    void *cvode;
    /* Of the patient in the present segment. */
    double rates[MODEL_FLOWS_MAX];  /* 1/h; of saturable flows vmax, mg/h */
    double slopes[MODEL_FLOWS_MAX]; /* 1/h^2 */
    double kms[MODEL_FLOWS_MAX];    /* mg */
    double input[GRAPH_STATES_MAX]; /* mg/h */
    double start;                   /* h: CVODE's times count from here */
    int64_t evaluations;
    char message[200]; /* CVODE's last */
};

static int right_hand_side(double t, N_Vector y, N_Vector ydot, void *user)
{
    struct baseline *s = user;
    const struct graph *g = s->graph;
    const double *a = N_VGetArrayPointer(y);
    double *da = N_VGetArrayPointer(ydot);
    memcpy(da, s->input, (size_t)g->states * sizeof(double));
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        const double amount = a[flow->from];
        const double moved = flow->kind == FLOW_SATURABLE
                                 ? s->rates[f] * amount / (s->kms[f] + amount)
                                 : (s->rates[f] + s->slopes[f] * (s->start + t)) * amount;
        da[flow->from] -= flow->copies ? 0 : moved;
        if (flow->to >= 0) {
            da[flow->to] += moved;
        }
    }
    s->evaluations++;
    return 0;
}

static int jacobian(double t, N_Vector y, N_Vector fy, SUNMatrix matrix, void *user, N_Vector work1,
                    N_Vector work2, N_Vector work3)
{
    const struct baseline *s = user;
    const struct graph *g = s->graph;
    const double *a = N_VGetArrayPointer(y);
    double *const *columns = SUNDenseMatrix_Cols(matrix);
    (void)fy;
    (void)work1;
    (void)work2;
    (void)work3;
    SUNMatZero(matrix);
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        const double sum = s->kms[f] + a[flow->from];
        const double rate = flow->kind == FLOW_SATURABLE ? s->rates[f] * s->kms[f] / (sum * sum)
                                                         : s->rates[f] + s->slopes[f] * (s->start + t);
        columns[flow->from][flow->from] -= flow->copies ? 0 : rate;
        if (flow->to >= 0) {
            columns[flow->from][flow->to] += rate;
        }
    }
    return 0;
}

/* CVODE's own handler would write to stderr. */
static void keep_message(int code, const char *module, const char *function, char *message, void *user)
{
    struct baseline *s = user;
    (void)module;
    snprintf(s->message, sizeof(s->message), "%s (%s, code %d)", message, function, code);
}

static void baseline_free(void *state)
{
    struct baseline *s = state;
    if (!s) {
        return;
    }
    CVodeFree(&s->cvode);
    if (s->linear_solver) {
        SUNLinSolFree(s->linear_solver);
    }
    if (s->matrix) {
        SUNMatDestroy(s->matrix);
    }
    if (s->observed) {
        N_VDestroy(s->observed);
    }
    if (s->y) {
        N_VDestroy(s->y);
    }
    if (s->context) {
        SUNContext_Free(&s->context);
    }
    free(s);
}

static void *baseline_create(const struct graph *graph, int lanes, const struct integrator_options *options)
{
    struct baseline *s = calloc(1, sizeof(*s));
    (void)lanes;
    if (!s || SUNContext_Create(NULL, &s->context)) {
        free(s);
        return NULL;
    }
    s->graph = graph;
    s->max_steps = options->max_steps;
    s->y = N_VNew_Serial(graph->states, s->context);
    if (s->y) {
        N_VEnableFusedOps_Serial(s->y, SUNTRUE);
    }
    s->observed = N_VNew_Serial(graph->states, s->context);
    s->matrix = SUNDenseMatrix(graph->states, graph->states, s->context);
    s->linear_solver = s->y && s->matrix ? SUNLinSol_Dense(s->y, s->matrix, s->context) : NULL;
    s->cvode = CVodeCreate(CV_BDF, s->context);
    if (!s->observed || !s->linear_solver || !s->cvode || CVodeSetErrHandlerFn(s->cvode, keep_message, s) ||
        CVodeInit(s->cvode, right_hand_side, 0, s->y) ||
        CVodeSStolerances(s->cvode, options->rtol, options->atol) || CVodeSetUserData(s->cvode, s) ||
        CVodeSetLinearSolver(s->cvode, s->linear_solver, s->matrix) || CVodeSetJacFn(s->cvode, jacobian)) {
        baseline_free(s);
        return NULL;
    }
    return s;
}

/* Takes up one patient of the batch: the rates of a period, or the doses and inputs of a segment. */
static void load_period(struct baseline *s, const struct batch *batch, int lane, int period)
{
    const struct graph *g = s->graph;
    for (int f = 0; f < g->flow_count; f++) {
        const ptrdiff_t at = (ptrdiff_t)(period * g->flow_count + f) * batch->lanes + lane;
        s->rates[f] = batch->rates[at];
        s->slopes[f] = batch->slopes[at];
        s->kms[f] = g->flows[f].kind == FLOW_SATURABLE ? batch->kms[at] : 0;
    }
}

static void begin_segment(struct baseline *s, const struct timeline *t, int lane, int segment)
{
    double *y = N_VGetArrayPointer(s->y);
    for (int b = t->bolus_begin[segment]; b < t->bolus_begin[segment + 1]; b++) {
        y[t->bolus_compartment[b]] += t->bolus_amount[(ptrdiff_t)b * t->lanes + lane];
    }
    memset(s->input, 0, sizeof(s->input));
    for (int r = t->rate_begin[segment]; r < t->rate_begin[segment + 1]; r++) {
        s->input[t->rate_compartment[r]] = t->rate[(ptrdiff_t)r * t->lanes + lane];
    }
    s->start = t->stops[segment];
}

static void record(const struct baseline *s, struct batch *batch, int lane, int period, int index)
{
    const double *amounts = N_VGetArrayPointer(s->observed);
    for (int o = 0; o < batch->output_count; o++) {
        batch->levels[((ptrdiff_t)o * batch->lanes + lane) * batch->timeline->time_count + index] =
            amounts[batch->output_compartments[o]] *
            batch->output_scales[(ptrdiff_t)(period * batch->output_count + o) * batch->lanes + lane];
    }
}

static int solve_segment(struct baseline *s, struct batch *batch, int lane, int segment,
                         struct solve_failure *why)
{
    const struct timeline *t = batch->timeline;
    const double end = t->stops[segment + 1] - s->start;
    double now = 0;
    int next = t->time_begin[segment];
    int code = CVodeReInit(s->cvode, 0, s->y);
    if (code == CV_SUCCESS) {
        code = CVodeSetStopTime(s->cvode, end);
    }
    int64_t steps = 0;
    for (; code >= 0 && now < end && steps < s->max_steps; steps++) {
        code = CVode(s->cvode, end, s->y, &now, CV_ONE_STEP);
        for (; code >= 0 && next < t->time_begin[segment + 1] && t->times[next] - s->start <= now; next++) {
            code = CVodeGetDky(s->cvode, t->times[next] - s->start, 0, s->observed);
            record(s, batch, lane, t->period[segment], next);
        }
    }
    batch->steps += steps;
    if (code < 0 || now < end) {
        why->time = s->start + now;
        snprintf(why->text, sizeof(why->text), "%s", code < 0 ? s->message : "too many steps");
        return -1;
    }
    return 0;
}

static int baseline_solve(void *state, struct batch *batch, struct solve_failure *why)
{
    struct baseline *s = state;
    const struct timeline *t = batch->timeline;
    batch->steps = 0;
    s->evaluations = 0;
    batch_record_nothing(batch);
    for (int lane = 0; lane < batch->lanes; lane++) {
        int period = -1;
        N_VConst(0, s->y);
        for (int segment = 0; segment < t->segment_count; segment++) {
            if (t->period[segment] != period) {
                period = t->period[segment];
                load_period(s, batch, lane, period);
            }
            begin_segment(s, t, lane, segment);
            if (solve_segment(s, batch, lane, segment, why)) {
                return -1;
            }
        }
        batch_sum_up(batch, lane, N_VGetArrayPointer(s->y));
    }
    batch->evaluations = s->evaluations;
    return 0;
}

const struct integrator baseline_integrator = {
    "baseline",      false,          "one CVODE per patient, dense, analytic Jacobian, BDF",
    baseline_create, baseline_solve, baseline_free,
};
