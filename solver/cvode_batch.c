/* One CVODE problem for all lanes of a batch, with the parts of it that know about lanes replaced by our own:
 *
 * - the vectors (lane_vector.h), whose norm is the largest of the lanes' norms;
 * - the corrector. A step of an implicit method must solve ycor = gamma f(ypred + ycor) - rl1 zn1. For first-order flows f
 *   is linear, f(y) = J y + input, so that (I - gamma J) ycor = gamma f(ypred) - rl1 zn1 gives the answer in one solve: no
 *   Newton iteration, no convergence test. I - gamma J is eliminated for all lanes at once, along the graph.
 *
 * Doses are hard stops: the solver ends each segment exactly at the stop time, the amounts are changed, and it starts again.
 */
#include "cvode_batch.h"

#include "lane_vector.h"

#include <cvode/cvode.h>
#include <sundials/sundials_nonlinearsolver.h>
#include <sundials/sundials_version.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cvode_batch {
    const struct graph *graph;
    struct integrator_options options;
    struct lane_shape shape;
    SUNContext context;
    void *cvode;
    N_Vector y;
    N_Vector observed; /* a selection: the observed compartments */
    SUNNonlinearSolver corrector;
    double *input;         /* [state][lane], mg/h during the segment */
    double *scratch;       /* [state][lane] */
    double *factors;       /* [slot][lane]: I - gamma J, eliminated; diagonals inverted */
    double factored_gamma; /* of the factors; NaN: none */
    const double *rates;   /* of the batch, [flow][lane] */
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

/* out += factor * J y. */
static void add_flows(const struct cvode_batch *s, double factor, const double *y, double *out)
{
    int lanes = s->shape.lanes;
    for (int f = 0; f < s->graph->flow_count; f++) {
        const struct graph_flow *flow = &s->graph->flows[f];
        const double *rate = const_row(s->rates, f, lanes);
        const double *source = const_row(y, flow->from, lanes);
        double *leaves = row(out, flow->from, lanes);
        if (flow->to < 0) {
            for (int l = 0; l < lanes; l++) {
                leaves[l] -= factor * (rate[l] * source[l]);
            }
            continue;
        }
        double *enters = row(out, flow->to, lanes);
        for (int l = 0; l < lanes; l++) {
            double moved = factor * (rate[l] * source[l]);
            leaves[l] -= moved;
            enters[l] += moved;
        }
    }
}

static int right_hand_side(double t, N_Vector y, N_Vector ydot, void *user)
{
    struct cvode_batch *s = user;
    double *out = lane_vector_data(ydot);
    (void)t;
    memcpy(out, s->input, (size_t)s->shape.states * (size_t)s->shape.lanes * sizeof(double));
    add_flows(s, 1, lane_vector_data(y), out);
    s->evaluations++;
    return 0;
}

static int error_weights(N_Vector y, N_Vector weights, void *user)
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

/* Eliminates I - gamma J. */
static void factorize(struct cvode_batch *s, double gamma)
{
    const struct graph *g = s->graph;
    int lanes = s->shape.lanes;
    memset(s->factors, 0, (size_t)g->slot_count * (size_t)lanes * sizeof(double));
    for (int i = 0; i < g->states; i++) {
        double *diagonal = row(s->factors, g->slots[i][i], lanes);
        for (int l = 0; l < lanes; l++) {
            diagonal[l] = 1;
        }
    }
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        const double *rate = const_row(s->rates, f, lanes);
        double *diagonal = row(s->factors, g->slots[flow->from][flow->from], lanes);
        double *entry = flow->to < 0 ? NULL : row(s->factors, g->slots[flow->to][flow->from], lanes);
        for (int l = 0; l < lanes; l++) {
            diagonal[l] += gamma * rate[l];
        }
        for (int l = 0; entry && l < lanes; l++) {
            entry[l] -= gamma * rate[l];
        }
    }
    for (int k = 0; k < g->states; k++) {
        const struct graph_pivot *pivot = &g->pivots[k];
        double *inverse = row(s->factors, pivot->diagonal, lanes);
        for (int l = 0; l < lanes; l++) {
            inverse[l] = 1 / inverse[l];
        }
        for (int i = 0; i < pivot->count; i++) {
            if (pivot->lower[i] < 0) {
                continue;
            }
            double *below = row(s->factors, pivot->lower[i], lanes);
            for (int l = 0; l < lanes; l++) {
                below[l] *= inverse[l];
            }
            for (int j = 0; j < pivot->count; j++) {
                if (pivot->upper[j] < 0) {
                    continue;
                }
                const double *beside = const_row(s->factors, pivot->upper[j], lanes);
                double *entry = row(s->factors, g->slots[pivot->states[i]][pivot->states[j]], lanes);
                for (int l = 0; l < lanes; l++) {
                    entry[l] -= below[l] * beside[l];
                }
            }
        }
    }
    s->factored_gamma = gamma;
}

/* b becomes the solution of (I - gamma J) x = b. */
static void substitute(const struct cvode_batch *s, double *b)
{
    const struct graph *g = s->graph;
    int lanes = s->shape.lanes;
    for (int k = 0; k < g->states; k++) {
        const struct graph_pivot *pivot = &g->pivots[k];
        const double *known = const_row(b, pivot->state, lanes);
        for (int i = 0; i < pivot->count; i++) {
            if (pivot->lower[i] >= 0) {
                const double *below = const_row(s->factors, pivot->lower[i], lanes);
                double *later = row(b, pivot->states[i], lanes);
                for (int l = 0; l < lanes; l++) {
                    later[l] -= below[l] * known[l];
                }
            }
        }
    }
    for (int k = g->states - 1; k >= 0; k--) {
        const struct graph_pivot *pivot = &g->pivots[k];
        const double *inverse = const_row(s->factors, pivot->diagonal, lanes);
        double *x = row(b, pivot->state, lanes);
        for (int i = 0; i < pivot->count; i++) {
            if (pivot->upper[i] >= 0) {
                const double *beside = const_row(s->factors, pivot->upper[i], lanes);
                const double *known = const_row(b, pivot->states[i], lanes);
                for (int l = 0; l < lanes; l++) {
                    x[l] -= beside[l] * known[l];
                }
            }
        }
        for (int l = 0; l < lanes; l++) {
            x[l] *= inverse[l];
        }
    }
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

static int corrector_solve(SUNNonlinearSolver corrector, N_Vector predicted, N_Vector correction,
                           N_Vector weights, double tolerance, int call_setup, void *memory)
{
    struct cvode_batch *s = corrector->content;
    double time, gamma, rl1;
    N_Vector ypred, yn, fn, zn1;
    void *user;
    (void)predicted;
    (void)weights;
    (void)tolerance;
    (void)call_setup;
    if (CVodeGetNonlinearSystemData(memory, &time, &ypred, &yn, &fn, &gamma, &rl1, &zn1, &user)) {
        return SUN_NLS_CONV_RECVR;
    }
    if (gamma != s->factored_gamma) {
        factorize(s, gamma);
    }
    double *b = lane_vector_data(correction);
    const double *history = lane_vector_data(zn1);
    int n = s->shape.states * s->shape.lanes;
    for (int i = 0; i < n; i++) {
        b[i] = gamma * s->input[i] - rl1 * history[i];
    }
    add_flows(s, gamma, lane_vector_data(ypred), b);
    substitute(s, b);
    s->evaluations++;
    return SUN_NLS_SUCCESS;
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
    s->graph = graph;
    s->options = *options;
    s->shape = (struct lane_shape){graph->states, lanes, lanes};
    s->input = calloc((size_t)graph->states * (size_t)lanes, sizeof(double));
    s->scratch = calloc((size_t)graph->states * (size_t)lanes, sizeof(double));
    s->factors = calloc((size_t)graph->slot_count * (size_t)lanes, sizeof(double));
    if (!s->input || !s->scratch || !s->factors || SUNContext_Create(NULL, &s->context)) {
        goto failed;
    }
    s->y = lane_vector_create(&s->shape, s->context);
    s->observed = lane_vector_create_selection(&s->shape, &none, MODEL_OUTPUTS_MAX, s->context);
    s->corrector = corrector_create(s);
    s->cvode = CVodeCreate(CV_BDF, s->context);
    if (!s->y || !s->observed || !s->corrector || !s->cvode ||
        CVodeSetErrHandlerFn(s->cvode, keep_message, s) || CVodeInit(s->cvode, right_hand_side, 0, s->y) ||
        CVodeWFtolerances(s->cvode, error_weights) || CVodeSetUserData(s->cvode, s) ||
        CVodeSetNonlinearSolver(s->cvode, s->corrector)) {
        goto failed;
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
    CVodeFree(&s->cvode);
    if (s->corrector) {
        SUNNonlinSolFree(s->corrector);
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
    free(s->input);
    free(s->scratch);
    free(s->factors);
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

/* Writes the selection's levels as those of observation `index`. */
static void record(const struct cvode_batch *s, struct batch *batch, int index)
{
    const double *amounts = lane_vector_data(s->observed);
    int lanes = batch->lanes;
    int times = batch->timeline->time_count;
    for (int o = 0; o < batch->output_count; o++) {
        double *levels = batch->levels + (ptrdiff_t)o * lanes * times + index;
        const double *scales = const_row(batch->output_scales, o, lanes);
        for (int l = 0; l < lanes; l++) {
            levels[(ptrdiff_t)l * times] = amounts[o * lanes + l] * scales[l];
        }
    }
}

/* Gives the doses of a segment and sets its inputs. */
static void begin_segment(struct cvode_batch *s, const struct timeline *t, int segment)
{
    int lanes = s->shape.lanes;
    double *y = lane_vector_data(s->y);
    for (int b = t->bolus_begin[segment]; b < t->bolus_begin[segment + 1]; b++) {
        double *amount = row(y, t->bolus_compartment[b], lanes);
        const double *dose = const_row(t->bolus_amount, b, lanes);
        for (int l = 0; l < lanes; l++) {
            amount[l] += dose[l];
        }
    }
    memset(s->input, 0, (size_t)s->shape.states * (size_t)lanes * sizeof(double));
    for (int r = t->rate_begin[segment]; r < t->rate_begin[segment + 1]; r++) {
        memcpy(row(s->input, t->rate_compartment[r], lanes), const_row(t->rate, r, lanes),
               (size_t)lanes * sizeof(double));
    }
}

/* CVODE takes all that is within 100 rounding errors of the stop time for the stop, and refuses segments of a few. One explicit
 * step crosses such a segment: with rates up to 100/h its error is below rounding. */
static bool is_short(double start, double end)
{
    return end - start < fmax(1e-11, 200 * DBL_EPSILON * end);
}

static void cross_short_segment(struct cvode_batch *s, struct batch *batch, int segment)
{
    const struct timeline *t = batch->timeline;
    double length = t->stops[segment + 1] - t->stops[segment];
    double *y = lane_vector_data(s->y);
    double *before = s->scratch;
    int n = s->shape.states * s->shape.lanes;
    memcpy(before, y, (size_t)n * sizeof(double));
    for (int i = 0; i < n; i++) {
        y[i] += length * s->input[i];
    }
    add_flows(s, length, before, y);
    for (int i = t->time_begin[segment]; i < t->time_begin[segment + 1]; i++) {
        double one = 1;
        N_VLinearCombination(1, &one, &s->y, s->observed);
        record(s, batch, i);
    }
}

static int solve_segment(struct cvode_batch *s, struct batch *batch, int segment, struct solve_failure *why)
{
    const struct timeline *t = batch->timeline;
    double now = t->stops[segment];
    double end = t->stops[segment + 1];
    int next = t->time_begin[segment];
    if (is_short(now, end)) {
        cross_short_segment(s, batch, segment);
        return 0;
    }
    int code = CVodeReInit(s->cvode, now, s->y);
    if (code == CV_SUCCESS) {
        code = CVodeSetStopTime(s->cvode, end);
    }
    for (int64_t steps = 0; code >= 0 && now < end; steps++) {
        if (steps == s->options.max_steps) {
            why->time = now;
            snprintf(
                why->text, sizeof(why->text),
                "%lld steps did not suffice; raise solver.max_steps, or see the parameters of this patient",
                (long long)steps);
            return -1;
        }
        code = CVode(s->cvode, end, s->y, &now, CV_ONE_STEP);
        batch->steps++;
        for (; code >= 0 && next < t->time_begin[segment + 1] && t->times[next] <= now; next++) {
            code = CVodeGetDky(s->cvode, t->times[next], 0, s->observed);
            record(s, batch, next);
        }
    }
    return code < 0 ? fail(s, code, now, why) : 0;
}

int cvode_batch_solve(void *state, struct batch *batch, struct solve_failure *why)
{
    struct cvode_batch *s = state;
    s->shape.lanes = batch->lanes;
    s->rates = batch->rates;
    s->factored_gamma = NAN;
    s->evaluations = 0;
    batch->steps = 0;
    lane_vector_select(s->observed, batch->output_compartments, batch->output_count);
    memset(lane_vector_data(s->y), 0, (size_t)s->shape.states * (size_t)batch->lanes * sizeof(double));
    batch_record_nothing(batch);
    for (int segment = 0; segment < batch->timeline->segment_count; segment++) {
        begin_segment(s, batch->timeline, segment);
        if (solve_segment(s, batch, segment, why)) {
            return -1;
        }
    }
    for (int l = 0; l < batch->lanes; l++) {
        double amounts[GRAPH_STATES_MAX];
        for (int i = 0; i < s->shape.states; i++) {
            amounts[i] = lane_vector_data(s->y)[i * batch->lanes + l];
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
