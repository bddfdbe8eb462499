/* Between stops dA/dt = J A + input with constant input. The inputs are taken as further states that do not change, so that the
 * whole is x' = B x and x(t + h) = exp(B h) x(t), see exponential.h. Eight patients are computed side by side.
 *
 * States that no dose of the batch reaches or that reach no level that is wanted are left out.
 */
#include "propagator.h"

#include "exponential.h"
#include "taylor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LANES = EXPONENTIAL_LANES,
    STATES_MAX = EXPONENTIAL_STATES_MAX,
    STRIDE = EXPONENTIAL_STRIDE,
};

/* Intervals that differ by less share an exponential; what they differ by is crossed by an explicit step, whose error
 * (rate * difference)^2 / 2 is below rounding. */
static const double SAME_INTERVAL = 1e-11; /* h */

/* The states solved and those of them that have inputs: what the shape of the matrices depends on. */
struct outline {
    bool kept[GRAPH_STATES_MAX];
    bool has_source[GRAPH_STATES_MAX];
};

/* A way from one observation, or from the start of a segment, to the next or to the segment's end. */
struct interval {
    double length; /* h */
    int equal;     /* so many intervals to observations follow that have the same length, itself included */
};

struct propagator {
    const struct graph *graph; /* of the model */
    struct outline outline;
    bool shaped;       /* as the outline says */
    struct graph part; /* what is solved of the graph */
    int source_state[GRAPH_STATES_MAX];
    int states; /* of the part, then the inputs */
    struct exponential exponential;
    struct interval *intervals;           /* in the order in which they are crossed */
    int watched[MODEL_OUTPUTS_MAX];       /* the state of each output */
    double rates[MODEL_FLOWS_MAX][LANES]; /* of the part */
    double buffers[2][STATES_MAX][LANES];
    double (*x)[LANES];                       /* the state: one of the buffers */
    double (*other)[LANES];                   /* the other */
    double scales[MODEL_OUTPUTS_MAX][LANES];  /* of the present period */
    double *series[MODEL_OUTPUTS_MAX][LANES]; /* levels of the present lanes, [time] */
    int period;                               /* whose rates these are */
};

/* Lays out the matrices for what is solved of this batch, unless they are laid out so already. */
static int shape(struct propagator *p, const struct batch *batch)
{
    const struct timeline *t = batch->timeline;
    const struct graph *g = &p->part;
    struct outline outline = {0};
    bool direct[STATES_MAX][STATES_MAX] = {{false}};
    batch_mark_states(batch, outline.kept);
    for (int r = 0; r < t->rate_begin[t->segment_count]; r++) {
        outline.has_source[t->rate_compartment[r]] = outline.kept[t->rate_compartment[r]];
    }
    if (p->shaped && memcmp(&outline, &p->outline, sizeof(outline)) == 0) {
        return 0;
    }
    p->outline = outline;
    graph_part(&p->part, p->graph, outline.kept);
    p->states = g->states;
    for (int f = 0; f < g->flow_count; f++) {
        if (g->flows[f].to >= 0) {
            direct[g->flows[f].to][g->flows[f].from] = true;
        }
    }
    for (int c = 0; c < g->compartments; c++) {
        if (outline.has_source[c]) {
            direct[g->state_of[c]][p->states] = true;
            p->source_state[p->states - g->states] = g->state_of[c];
            p->states++;
        }
    }
    p->shaped = exponential_shape(&p->exponential, p->states, direct) == 0;
    return p->shaped ? 0 : -1;
}

/* x += length * B x. */
static void step_explicitly(struct propagator *p, double length)
{
    const struct graph *g = &p->part;
    double change[GRAPH_STATES_MAX][LANES] = {{0}};
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        for (int l = 0; l < LANES; l++) {
            double moved = length * (p->rates[f][l] * p->x[flow->from][l]);
            change[flow->from][l] -= flow->copies ? 0 : moved;
            if (flow->to >= 0) {
                change[flow->to][l] += moved;
            }
        }
    }
    for (int i = g->states; i < p->states; i++) {
        for (int l = 0; l < LANES; l++) {
            change[p->source_state[i - g->states]][l] += length * p->x[i][l];
        }
    }
    for (int i = 0; i < g->states; i++) {
        for (int l = 0; l < LANES; l++) {
            p->x[i][l] += change[i][l];
        }
    }
}

static void advance(struct propagator *p, double interval)
{
    double exact = 0;
    if (interval > SAME_INTERVAL) {
        const double *found = exponential_find(&p->exponential, interval, SAME_INTERVAL, &exact);
        double(*before)[LANES] = p->x;
        exponential_apply(&p->exponential, found, before, p->other);
        p->x = p->other;
        p->other = before;
    }
    if (interval != exact) {
        step_explicitly(p, interval - exact);
    }
}

/* Whether a time, h, is what a whole number of seconds is rounded to. */
static bool is_whole(double time)
{
    return rint(time * 3600) / 3600 == time;
}

/* Hours from one time to another. A time of whole seconds is known better than its number of hours is rounded, so that
 * equal steps give equal intervals; but an infusion runs for exactly as long as its rate was reckoned for. */
static double interval_between(double from, double to, bool has_inputs)
{
    if (!has_inputs && is_whole(from) && is_whole(to) && rint(from * 3600) < rint(to * 3600)) {
        return (rint(to * 3600) - rint(from * 3600)) / 3600;
    }
    return to - from;
}

/* The intervals that all lanes advance by: in each segment from observation to observation, and on to its end. */
static int find_intervals(struct propagator *p, const struct timeline *t)
{
    const size_t count = (size_t)t->time_count + (size_t)t->segment_count;
    struct interval *interval = realloc(p->intervals, (count + 1) * sizeof(*interval));
    if (!interval) {
        return -1;
    }
    p->intervals = interval;
    for (int segment = 0; segment < t->segment_count; segment++) {
        const bool has_inputs = t->rate_begin[segment] < t->rate_begin[segment + 1];
        const int observations = t->time_begin[segment + 1] - t->time_begin[segment];
        double now = t->stops[segment];
        for (int i = 0; i < observations; i++) {
            const double time = t->times[t->time_begin[segment] + i];
            interval[i].length = interval_between(now, time, has_inputs);
            now = time;
        }
        for (int i = observations - 1; i >= 0; i--) {
            const bool same = i + 1 < observations && interval[i].length == interval[i + 1].length;
            interval[i].equal = same ? interval[i + 1].equal + 1 : 1;
        }
        interval += observations;
        *interval++ = (struct interval){interval_between(now, t->stops[segment + 1], has_inputs), 1};
    }
    return 0;
}

static void begin_segment(struct propagator *p, const struct timeline *t, int segment, const int *lane)
{
    const struct graph *g = &p->part;
    for (int b = t->bolus_begin[segment]; b < t->bolus_begin[segment + 1]; b++) {
        int state = g->state_of[t->bolus_compartment[b]];
        for (int l = 0; state >= 0 && l < LANES; l++) {
            p->x[state][l] += t->bolus_amount[b * t->lanes + lane[l]];
        }
    }
    for (int i = g->states; i < p->states; i++) {
        memset(p->x[i], 0, sizeof(p->x[i]));
        for (int r = t->rate_begin[segment]; r < t->rate_begin[segment + 1]; r++) {
            bool same = g->state_of[t->rate_compartment[r]] == p->source_state[i - g->states];
            for (int l = 0; same && l < LANES; l++) {
                p->x[i][l] = t->rate[r * t->lanes + lane[l]];
            }
        }
    }
}

/* Shows the watcher a segment that has begun, of `count` lanes from `first` on. */
static void show_segment(struct propagator *p, const struct batch *batch, int segment, int first, int count)
{
    const struct taylor taylor = {
        .graph = &p->part,
        .states = p->states,
        .source_state = p->source_state,
        .rates = p->rates,
        .x = p->x,
        .fastest = p->exponential.fastest,
        .scales = p->scales,
        .start = batch->timeline->stops[segment],
        .end = batch->timeline->stops[segment + 1],
    };
    if (taylor.end > taylor.start) {
        taylor_show(&taylor, batch, first, count);
    }
}

/* Writes the levels at observation `index`. */
static void record(const struct propagator *p, const struct batch *batch, int index)
{
    for (int o = 0; o < batch->output_count; o++) {
        const double *amounts = p->x[p->watched[o]];
        const double *scales = p->scales[o];
        double *const *series = p->series[o];
        for (int l = 0; l < LANES; l++) {
            series[l][index] = amounts[l] * scales[l];
        }
    }
}

/* Crosses STRIDE equal intervals, which end at the observations from `index` on. Only the last needs all states: at the others
 * levels follow from the state before the first. False where that cannot be done, or does not pay. */
static bool stride(struct propagator *p, const struct batch *batch, const struct interval *interval,
                   int index)
{
    double watched[STRIDE * MODEL_OUTPUTS_MAX][LANES];
    const int outputs = batch->output_count;
    const bool ready = p->exponential.powers_interval == interval->length;
    double exact;
    if (interval->equal < STRIDE * (ready ? 1 : EXPONENTIAL_STRIDES) || interval->length <= SAME_INTERVAL) {
        return false;
    }
    if (!ready) {
        const double *found = exponential_find(&p->exponential, interval->length, 0, &exact);
        exponential_stride_ready(&p->exponential, found, interval->length);
    }
    exponential_stride(&p->exponential, p->watched, outputs, p->x, p->other, watched);
    double(*before)[LANES] = p->x;
    p->x = p->other;
    p->other = before;
    for (int o = 0; o < outputs; o++) {
        const double *scales = p->scales[o];
        for (int l = 0; l < LANES; l++) {
            double *levels = p->series[o][l] + index;
            for (int k = 0; k < STRIDE; k++) {
                levels[k] = watched[k * outputs + o][l] * scales[l];
            }
        }
    }
    return true;
}

/* Takes up the numbers of a period. */
static void load_period(struct propagator *p, const struct batch *batch, int period, const int *lane)
{
    const struct graph *g = &p->part;
    const double *rates = batch->rates + (ptrdiff_t)period * g->model_flows * batch->lanes;
    double loss[STATES_MAX][LANES] = {{0}};
    p->period = period;
    exponential_begin(&p->exponential);
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        double *entry = flow->to >= 0 ? exponential_entry(&p->exponential, flow->to, flow->from) : NULL;
        for (int l = 0; l < LANES; l++) {
            p->rates[f][l] = rates[flow->flow * batch->lanes + lane[l]];
            loss[flow->from][l] += flow->copies ? 0 : p->rates[f][l];
            if (entry) {
                entry[l] += p->rates[f][l];
            }
        }
    }
    for (int i = g->states; i < p->states; i++) {
        double *entry = exponential_entry(&p->exponential, p->source_state[i - g->states], i);
        for (int l = 0; l < LANES; l++) {
            entry[l] = 1;
        }
    }
    exponential_ready(&p->exponential, loss);
    for (int o = 0; o < batch->output_count; o++) {
        int state = g->state_of[batch->output_compartments[o]];
        bool solved = state >= 0;
        p->watched[o] = solved ? state : 0;
        const double *scales =
            batch->output_scales + (ptrdiff_t)(period * batch->output_count + o) * batch->lanes;
        for (int l = 0; l < LANES; l++) {
            p->scales[o][l] = solved ? scales[lane[l]] : 0;
            p->series[o][l] =
                batch->levels + ((ptrdiff_t)o * batch->lanes + lane[l]) * batch->timeline->time_count;
        }
    }
}

/* Solves the lanes listed, of which the first `count` are different; one that is listed twice is written twice. */
static void solve_lanes(struct propagator *p, struct batch *batch, const int *lane, int count)
{
    const struct timeline *t = batch->timeline;
    memset(p->buffers, 0, sizeof(p->buffers));
    p->x = p->buffers[0];
    p->other = p->buffers[1];
    load_period(p, batch, 0, lane);
    const struct interval *interval = p->intervals;
    for (int segment = 0; segment < t->segment_count; segment++) {
        if (t->period[segment] != p->period) {
            load_period(p, batch, t->period[segment], lane);
        }
        begin_segment(p, t, segment, lane);
        if (batch->watch) {
            show_segment(p, batch, segment, lane[0], count);
        }
        for (int i = t->time_begin[segment]; i < t->time_begin[segment + 1];) {
            if (stride(p, batch, interval, i)) {
                interval += STRIDE;
                i += STRIDE;
            } else {
                advance(p, interval++->length);
                record(p, batch, i++);
            }
        }
        advance(p, interval++->length);
    }
}

int propagator_solve(void *state, struct batch *batch, struct solve_failure *why)
{
    struct propagator *p = state;
    (void)why;
    if (shape(p, batch) || find_intervals(p, batch->timeline)) {
        return -2;
    }
    batch->steps = 0;
    batch->evaluations = 0;
    batch_record_nothing(batch);
    for (int first = 0; first < batch->lanes; first += LANES) {
        int lane[LANES];
        int count = batch->lanes - first < LANES ? batch->lanes - first : LANES;
        for (int l = 0; l < LANES; l++) {
            lane[l] = first + (l < count ? l : count - 1);
        }
        solve_lanes(p, batch, lane, count);
        for (int l = 0; l < count; l++) {
            double amounts[GRAPH_STATES_MAX];
            for (int i = 0; i < batch->graph->states; i++) {
                int kept = p->part.state_of[i];
                amounts[i] = kept >= 0 ? p->x[kept][l] : 0;
            }
            batch_sum_up(batch, lane[l], amounts);
        }
    }
    return 0;
}

void *propagator_create(const struct graph *graph, int lanes, const struct integrator_options *options)
{
    struct propagator *p = calloc(1, sizeof(*p));
    (void)lanes;
    (void)options;
    if (p) {
        p->graph = graph;
    }
    return p;
}

void propagator_free(void *state)
{
    struct propagator *p = state;
    if (p) {
        exponential_clear(&p->exponential);
        free(p->intervals);
        free(p);
    }
}
