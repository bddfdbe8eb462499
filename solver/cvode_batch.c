/* One CVODE problem for all lanes of a batch, with the parts of it that know about lanes replaced by our own:
 *
 * - the vectors (lane_vector.h), whose norm is the largest of the lanes' norms;
 * - the corrector. A step of an implicit method must solve ycor = gamma f(ypred + ycor) - rl1 zn1. For first-order flows f
 *   is linear, f(y) = J y + input, so that (I - gamma J) ycor = gamma f(ypred) - rl1 zn1 gives the answer in one solve: no
 *   Newton iteration, no convergence test. Saturable flows take a few iterations.
 *
 * Doses are hard stops: the solver ends each segment exactly at the stop time, the amounts are changed, and it starts again.
 */
#include "cvode_batch.h"

#include "kernel.h"
#include "lane_levels.h"
#include "lane_system.h"
#include "lane_vector.h"

#include <cvode/cvode.h>
#include <sundials/sundials_nonlinearsolver.h>
#include <sundials/sundials_version.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITERATIONS_MAX = 6, STANDSTILL = 20 /* steps too short to change the time */ };

/* The formulas of CVODE, and the orders used. Adams: of the higher ones less and less is stable. */
enum formula { ADAMS, BDF, FORMULAS };
static const int lmms[FORMULAS] = {CV_ADAMS, CV_BDF};
static const int orders[FORMULAS] = {6, 5};

/* A step is lengthened when it can be by this factor; CVODE's 1.5 is for who pays more for a new elimination. */
static const double GROWTH_MIN = 1.2;

/* A step of Adams times the fastest rate beyond which its length is taken for a matter of stability; and the hours left times
 * that rate beyond which BDF is worth the steps of its start. Found by trying: see README.md. */
static const double STIFF_STEP = 0.9;
static const double STIFF_REST = 400;

struct cvode_batch {
    struct integrator_options options;
    struct lane_shape shape;
    SUNContext context;
    struct graph part; /* what is solved of the batch's graph */
    bool kept[GRAPH_STATES_MAX];
    void *cvodes[FORMULAS];
    double fastest; /* 1/h, of the present period */
    N_Vector y;
    N_Vector observed; /* a selection: the observed compartments */
    struct lane_levels levels;
    double *series;  /* [power][output][lane], mg: the last step as a polynomial, where that is wanted */
    N_Vector change; /* of an iteration */
    SUNNonlinearSolver corrector;
    struct lane_system system;
    double *guess; /* [state][lane], of an iteration */
    int period;    /* whose rates the system holds */
    double start;  /* what the rates' times are when CVODE's are 0, see lane_levels.h */
    int64_t evaluations;
    char message[200]; /* CVODE's last */
};

static double *row(double *base, int index, int lanes)
{
    return base + (ptrdiff_t)index * lanes;
}

static const double *const_row(const double *base, int index, int lanes)
{
    return base + (ptrdiff_t)index * lanes;
}

static int right_hand_side(double t, N_Vector y, N_Vector ydot, void *user)
{
    struct cvode_batch *s = user;
    double *out = lane_vector_data(ydot);
    memcpy(out, s->system.input, (size_t)s->shape.states * (size_t)s->shape.lanes * sizeof(double));
    lane_system_add_flows(&s->system, s->start + t, 1, lane_vector_data(y), out);
    s->evaluations++;
    return 0;
}

LANE_KERNEL static int error_weights(N_Vector y, N_Vector weights, void *user)
{
    const struct cvode_batch *s = user;
    const double *yd = lane_vector_data(y);
    double *wd = lane_vector_data(weights);
    int n = s->shape.states * s->shape.lanes;
    for (int i = 0; i < n; i++) {
        wd[i] = 1 / (s->options.rtol * fabs(yd[i]) + s->options.atol);
    }
    return 0;
}

static SUNNonlinearSolver_Type corrector_type(SUNNonlinearSolver corrector)
{
    (void)corrector;
    return SUNNONLINEARSOLVER_ROOTFIND;
}

/* CVODE hands over its residual function, which is not needed: the equation is known here. */
static int corrector_set_system(SUNNonlinearSolver corrector, SUNNonlinSolSysFn system)
{
    (void)corrector;
    (void)system;
    return SUN_NLS_SUCCESS;
}

/* First-order flows: with y = ypred + ycor the equation is (I - gamma J) y = ypred + gamma input - rl1 zn1. That ycor is what is
 * left of y costs it digits, but none that reach y or the tolerances. */
LANE_KERNEL static int correct_at_once(struct cvode_batch *s, double t, double gamma, double rl1,
                                       const double *predicted, const double *history, double *x)
{
    int n = s->shape.states * s->shape.lanes / FOUR;
    for (int i = 0; i < n; i++) {
        fours(x)[i] = const_fours(predicted)[i] +
                      (gamma * const_fours(s->system.input)[i] - rl1 * const_fours(history)[i]);
    }
    lane_system_factorize(&s->system, t, gamma, predicted);
    lane_system_solve(&s->system, x);
    for (int i = 0; i < n; i++) {
        fours(x)[i] -= const_fours(predicted)[i];
    }
    s->evaluations++;
    return SUN_NLS_SUCCESS;
}

/* Saturable flows: Newton's method with a fresh Jacobian in each iteration. */
static int correct_by_iteration(struct cvode_batch *s, double t, double gamma, double rl1, N_Vector ypred,
                                N_Vector zn1, N_Vector correction, N_Vector weights, double tolerance)
{
    double *x = lane_vector_data(correction);
    double *change = lane_vector_data(s->change);
    const double *predicted = lane_vector_data(ypred);
    const double *history = lane_vector_data(zn1);
    int n = s->shape.states * s->shape.lanes;
    memset(x, 0, (size_t)n * sizeof(double));
    for (int iteration = 0; iteration < ITERATIONS_MAX; iteration++) {
        for (int i = 0; i < n; i++) {
            s->guess[i] = predicted[i] + x[i];
            change[i] = gamma * s->system.input[i] - rl1 * history[i] - x[i];
        }
        lane_system_factorize(&s->system, t, gamma, s->guess);
        lane_system_add_flows(&s->system, t, gamma, s->guess, change);
        lane_system_solve(&s->system, change);
        s->evaluations++;
        for (int i = 0; i < n; i++) {
            x[i] += change[i];
        }
        /* Convergence is quadratic: after a change this small the next would be far below the tolerance. */
        if (N_VWrmsNorm(s->change, weights) <= tolerance) {
            return SUN_NLS_SUCCESS;
        }
    }
    return SUN_NLS_CONV_RECVR;
}

static int corrector_solve(SUNNonlinearSolver corrector, N_Vector predicted, N_Vector correction,
                           N_Vector weights, double tolerance, int call_setup, void *memory)
{
    struct cvode_batch *s = corrector->content;
    double time, gamma, rl1;
    N_Vector ypred, yn, fn, zn1;
    void *user;
    (void)predicted;
    (void)call_setup;
    if (CVodeGetNonlinearSystemData(memory, &time, &ypred, &yn, &fn, &gamma, &rl1, &zn1, &user)) {
        return SUN_NLS_CONV_RECVR;
    }
    return s->system.graph->is_linear
               ? correct_at_once(s, s->start + time, gamma, rl1, lane_vector_data(ypred),
                                 lane_vector_data(zn1), lane_vector_data(correction))
               : correct_by_iteration(s, s->start + time, gamma, rl1, ypred, zn1, correction, weights,
                                      tolerance);
}

static int corrector_free(SUNNonlinearSolver corrector)
{
    SUNNonlinSolFreeEmpty(corrector);
    return SUN_NLS_SUCCESS;
}

static SUNNonlinearSolver corrector_create(struct cvode_batch *s)
{
    SUNNonlinearSolver corrector = SUNNonlinSolNewEmpty(s->context);
    if (corrector) {
        corrector->content = s;
        corrector->ops->gettype = corrector_type;
        corrector->ops->setsysfn = corrector_set_system;
        corrector->ops->solve = corrector_solve;
        corrector->ops->free = corrector_free;
    }
    return corrector;
}

/* CVODE's own handler would write to stderr, without limit. */
static void keep_message(int code, const char *module, const char *function, char *message, void *user)
{
    struct cvode_batch *s = user;
    (void)module;
    snprintf(s->message, sizeof(s->message), "%s (%s, code %d)", message, function, code);
}

void *cvode_batch_create(const struct graph *graph, int lanes, const struct integrator_options *options)
{
    static const int none = 0;
    struct cvode_batch *s = calloc(1, sizeof(*s));
    if (!s) {
        return NULL;
    }
    s->options = *options;
    graph_part(&s->part, graph, s->kept);
    s->shape = (struct lane_shape){.states = graph->states,
                                   .lanes = padded(lanes),
                                   .states_max = graph->states,
                                   .lanes_max = padded(lanes)};
    s->guess = fours_create((size_t)graph->states * (size_t)padded(lanes));
    s->series = fours_create((size_t)(orders[ADAMS] + 1) * MODEL_OUTPUTS_MAX * (size_t)padded(lanes));
    if (!s->guess || !s->series || lane_system_init(&s->system, graph, lanes) ||
        lane_levels_init(&s->levels, lanes) || SUNContext_Create(NULL, &s->context)) {
        goto failed;
    }
    s->y = lane_vector_create(&s->shape, s->context);
    s->change = lane_vector_create(&s->shape, s->context);
    s->observed = lane_vector_create_selection(&s->shape, &none, MODEL_OUTPUTS_MAX, s->context);
    s->corrector = corrector_create(s);
    if (!s->y || !s->change || !s->observed || !s->corrector) {
        goto failed;
    }
    for (int formula = 0; formula < FORMULAS; formula++) {
        void *cvode = CVodeCreate(lmms[formula], s->context);
        s->cvodes[formula] = cvode;
        if (!cvode || CVodeSetErrHandlerFn(cvode, keep_message, s) ||
            CVodeSetMaxOrd(cvode, orders[formula]) || CVodeInit(cvode, right_hand_side, 0, s->y) ||
            CVodeWFtolerances(cvode, error_weights) || CVodeSetUserData(cvode, s) ||
            CVodeSetNonlinearSolver(cvode, s->corrector) ||
            CVodeSetEtaFixedStepBounds(cvode, 0, GROWTH_MIN)) {
            goto failed;
        }
    }
    return s;
failed:
    cvode_batch_free(s);
    return NULL;
}

void cvode_batch_free(void *state)
{
    struct cvode_batch *s = state;
    if (!s) {
        return;
    }
    for (int formula = 0; formula < FORMULAS; formula++) {
        CVodeFree(&s->cvodes[formula]);
    }
    if (s->corrector) {
        SUNNonlinSolFree(s->corrector);
    }
    N_VDestroy(s->observed);
    N_VDestroy(s->change);
    N_VDestroy(s->y);
    if (s->context) {
        SUNContext_Free(&s->context);
    }
    lane_system_clear(&s->system);
    lane_levels_clear(&s->levels);
    free(s->guess);
    free(s->series);
    free(s);
}

/* What a user can do about each way in which CVODE gives up. */
static const char *advice(int code)
{
    switch (code) {
    case CV_TOO_MUCH_ACC:
        return "the tolerances are finer than double precision allows: raise rtol or atol";
    case CV_ERR_FAILURE:
        return "the error test failed again and again: a rate of this patient is extreme, or rtol too fine";
    case CV_TOO_MUCH_WORK:
        return "the steps became too short for the time to go on: a rate or dose of this patient is extreme";
    case CV_CONV_FAILURE:
        return "the step equation could not be solved: a rate of this patient is extreme";
    default:
        return "see the parameters of this patient";
    }
}

static int fail(const struct cvode_batch *s, int code, double time, struct solve_failure *why)
{
    why->time = time;
    snprintf(why->text, sizeof(why->text), "%s; CVODE says: %.120s", advice(code), s->message);
    return -1;
}

/* Sets the series to the polynomial by which CVODE knows the step from `before` to `now`. */
static int expand_step(struct cvode_batch *s, int outputs, void *cvode, double before, double now,
                       int *degree)
{
    const int rows = outputs * s->shape.lanes;
    double factor = 1; /* of the derivative number k: (before - now)^k / k! */
    int code = CVodeGetLastOrder(cvode, degree);
    for (int k = 0; code >= 0 && k <= *degree; k++) {
        code = CVodeGetDky(cvode, now, k, s->observed);
        for (int i = 0; i < rows; i++) {
            row(s->series, k, rows)[i] = factor * lane_vector_data(s->observed)[i];
        }
        factor *= (before - now) / (k + 1);
    }
    return code;
}

/* Records the observations of lanes with times of their own in a step, and shows the step to who watches. */
static int use_step(struct cvode_batch *s, const struct batch *batch, void *cvode, double before, double now)
{
    const bool due = batch->timeline->own && lane_levels_due(&s->levels, now);
    int degree = 0;
    if (!due && !batch->watch) {
        return CV_SUCCESS;
    }
    const int code = expand_step(s, batch->output_count, cvode, before, now, &degree);
    if (code >= 0 && due) {
        lane_levels_observe(&s->levels, s->series, degree, before, now);
    }
    if (code >= 0 && batch->watch) {
        lane_levels_show(&s->levels, s->series, degree, before, now);
    }
    return code;
}

/* Gives the doses of a segment and sets its inputs. */
static void begin_segment(struct cvode_batch *s, const struct timeline *t, int segment)
{
    int lanes = s->shape.lanes;
    double *y = lane_vector_data(s->y);
    for (int b = t->bolus_begin[segment]; b < t->bolus_begin[segment + 1]; b++) {
        int state = s->part.state_of[t->bolus_compartment[b]];
        const double *dose = const_row(t->bolus_amount, b, t->lanes);
        for (int l = 0; state >= 0 && l < lanes; l++) {
            row(y, state, lanes)[l] += dose[l < t->lanes ? l : t->lanes - 1];
        }
    }
    memset(s->system.input, 0, (size_t)s->shape.states * (size_t)lanes * sizeof(double));
    for (int r = t->rate_begin[segment]; r < t->rate_begin[segment + 1]; r++) {
        int state = s->part.state_of[t->rate_compartment[r]];
        if (state >= 0) {
            double *input = row(s->system.input, state, lanes);
            lane_system_spread(&s->system, const_row(t->rate, r, t->lanes), t->lanes, input);
            for (int l = 0; t->own && l < lanes; l++) {
                input[l] *= s->levels.length[l];
            }
        }
    }
}

/* Starts a formula with the present state, `now` hours into a segment that ends at `end`. */
static int start(struct cvode_batch *s, enum formula formula, double now, double end)
{
    int code = CVodeReInit(s->cvodes[formula], now, s->y);
    return code == CV_SUCCESS ? CVodeSetStopTime(s->cvodes[formula], end) : code;
}

/* Whether Adams' steps have become as long as is stable, and so many are left that BDF, which has no such limit, is worth its
 * start. */
static bool is_stiff(const struct cvode_batch *s, double now, double end)
{
    double step = 0;
    CVodeGetLastStep(s->cvodes[ADAMS], &step);
    return step * s->fastest > STIFF_STEP && (end - now) * s->fastest > STIFF_REST;
}

/* A segment without length: the observations see the amounts as they stand. */
static void record_present(const struct cvode_batch *s, const struct batch *batch)
{
    const int lanes = s->shape.lanes;
    for (int o = 0; o < batch->output_count; o++) {
        const int state = s->part.state_of[batch->output_compartments[o]];
        memcpy(row(lane_vector_data(s->observed), o, lanes),
               const_row(lane_vector_data(s->y), state >= 0 ? state : 0, lanes),
               (size_t)lanes * sizeof(double));
    }
    lane_levels_record_segment(&s->levels, lane_vector_data(s->observed));
}

static const char too_few_steps[] =
    "%lld steps did not suffice; raise solver.max_steps, or see the parameters of this patient";

/* CVODE's times count from the start of the segment: it takes all that is within 100 rounding errors of the stop time for the
 * stop, and counted from 0 that is nothing, however late the segment and however short. */
static int solve_segment(struct cvode_batch *s, struct batch *batch, int segment, struct solve_failure *why)
{
    const struct timeline *t = batch->timeline;
    const double end = s->levels.end;
    double now = 0;
    int next = t->time_begin[segment], stands = 0;
    enum formula formula = ADAMS;
    if (!(end > 0)) {
        record_present(s, batch);
        return 0;
    }
    int code = start(s, formula, now, end);
    for (int64_t steps = 0; code >= 0 && now < end; steps++) {
        if (steps == s->options.max_steps) {
            *why =
                (struct solve_failure){.status = PATIENT_STEPS, .time = lane_levels_hours(&s->levels, now)};
            snprintf(why->text, sizeof(why->text), too_few_steps, (long long)steps);
            return -1;
        }
        const double before = now;
        code = CVode(s->cvodes[formula], end, s->y, &now, CV_ONE_STEP);
        batch->steps++;
        stands = now == before ? stands + 1 : 0;
        code = stands < STANDSTILL ? code : CV_TOO_MUCH_WORK;
        if (code >= 0) {
            code = use_step(s, batch, s->cvodes[formula], before, now);
        }
        for (; code >= 0 && !t->own && next < t->time_begin[segment + 1] && t->times[next] - s->start <= now;
             next++) {
            code = CVodeGetDky(s->cvodes[formula], t->times[next] - s->start, 0, s->observed);
            lane_levels_record(&s->levels, lane_vector_data(s->observed), next);
        }
        if (code >= 0 && formula == ADAMS && is_stiff(s, now, end)) {
            formula = BDF;
            code = start(s, formula, now, end);
        }
    }
    return code < 0 ? fail(s, code, lane_levels_hours(&s->levels, now), why) : 0;
}

/* Takes up the rates of a segment: those of its period, and where lanes have their own times those of the clock. */
static void load(struct cvode_batch *s, const struct batch *batch, int segment)
{
    const struct timeline *t = batch->timeline;
    lane_levels_segment(&s->levels, segment);
    s->start = t->own ? 0 : t->stops[segment];
    if (!t->own && s->period == t->period[segment]) {
        return;
    }
    s->period = t->period[segment];
    lane_system_load(&s->system, &s->part, batch, s->period);
    if (t->own) {
        lane_system_scale(&s->system, s->levels.start, s->levels.length);
    }
    s->fastest = lane_system_fastest(&s->system, 0);
    s->fastest = fmax(s->fastest, lane_system_fastest(&s->system, t->own ? 1 : t->stops[t->segment_count]));
}

/* Decides what is solved of the batch's graph. */
static void choose_part(struct cvode_batch *s, const struct batch *batch, int *observed)
{
    bool kept[GRAPH_STATES_MAX] = {false};
    batch_mark_states(batch, kept);
    if (memcmp(kept, s->kept, sizeof(kept)) != 0) {
        memcpy(s->kept, kept, sizeof(kept));
        graph_part(&s->part, batch->graph, kept);
    }
    s->shape.sum_count = 0; /* of a batch that was given up */
    s->shape.states = s->part.states;
    s->shape.lanes = padded(batch->lanes);
    for (int o = 0; o < batch->output_count; o++) {
        int state = s->part.state_of[batch->output_compartments[o]];
        observed[o] = state >= 0 ? state : 0;
    }
}

int cvode_batch_solve(void *state, struct batch *batch, struct solve_failure *why)
{
    struct cvode_batch *s = state;
    int observed[MODEL_OUTPUTS_MAX];
    choose_part(s, batch, observed);
    lane_levels_batch(&s->levels, batch, &s->part);
    s->period = -1;
    s->evaluations = 0;
    batch->steps = 0;
    lane_vector_select(s->observed, observed, batch->output_count);
    memset(lane_vector_data(s->y), 0, (size_t)s->shape.states * (size_t)s->shape.lanes * sizeof(double));
    batch_record_nothing(batch);
    for (int segment = 0; segment < batch->timeline->segment_count; segment++) {
        load(s, batch, segment);
        begin_segment(s, batch->timeline, segment);
        if (solve_segment(s, batch, segment, why)) {
            return -1;
        }
    }
    for (int l = 0; l < batch->lanes; l++) {
        double amounts[GRAPH_STATES_MAX];
        for (int i = 0; i < batch->graph->states; i++) {
            int kept = s->part.state_of[i];
            amounts[i] = kept >= 0 ? lane_vector_data(s->y)[kept * s->shape.lanes + l] : 0;
        }
        batch_sum_up(batch, l, amounts);
    }
    batch->evaluations = s->evaluations;
    return 0;
}

const char *cvode_version(void)
{
    return SUNDIALS_VERSION;
}
