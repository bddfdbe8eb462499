/* Between stops dA/dt = J A + input with constant input. The inputs are taken as further states that do not change, so that the
 * whole is x' = B x and x(t + h) = exp(B h) x(t), see exponential.h. Eight patients are computed side by side.
 *
 * States that no dose of the batch reaches or that reach no level that is wanted are left out.
 */
#include "propagator.h"

#include "exponential.h"
#include "interval.h"
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
static const double SAME_FASTEST = 1e5; /* 1/h: where a rate is higher, intervals that differ share nothing */

/* The states solved and those of them that have inputs: what the shape of the matrices depends on. */
struct outline {
    bool kept[GRAPH_STATES_MAX];
    bool has_source[GRAPH_STATES_MAX];
};

struct propagator {
    const struct graph *graph; /* of the model */
    struct outline outline;
    bool shaped;       /* as the outline says */
    struct graph part; /* what is solved of the graph */
    int source_state[GRAPH_STATES_MAX];
    int target[MODEL_FLOWS_MAX]; /* where a flow of the part ends: a state, or a sink of the exponential */
    int states;                  /* of the part, then the inputs */
    struct exponential exponential;
    struct intervals intervals;           /* in the order in which they are crossed */
    int watched[MODEL_OUTPUTS_MAX];       /* the state of each output */
    double rates[MODEL_FLOWS_MAX][LANES]; /* of the part */
    double buffers[2][STATES_MAX][LANES];
    double (*x)[LANES];                       /* the state: one of the buffers */
    double (*other)[LANES];                   /* the other */
    double scales[MODEL_OUTPUTS_MAX][LANES];  /* of the present period */
    double *series[MODEL_OUTPUTS_MAX][LANES]; /* levels of the present lanes, [time of the segment] */
    int period;                               /* whose rates these are */
    double same_interval;                     /* h: SAME_INTERVAL, or 0 */
};

/* Lays out the matrices for what is solved of this batch, unless they are laid out so already. */
static int shape(struct propagator *p, const struct batch *batch)
{
    const struct timeline *t = batch->timeline;
    const struct graph *g = &p->part;
    enum exponential_kind kinds[STATES_MAX];
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
    for (int i = 0; i < g->states; i++) {
        kinds[i] = EXPONENTIAL_BODY;
    }
    for (int c = 0; c < g->compartments; c++) {
        if (g->is_image[c] && g->state_of[c] >= 0) {
            kinds[g->state_of[c]] = EXPONENTIAL_IMAGE;
        }
        if (outline.has_source[c]) {
            direct[g->state_of[c]][p->states] = true;
            kinds[p->states] = EXPONENTIAL_INPUT;
            p->source_state[p->states - g->states] = g->state_of[c];
            p->states++;
        }
    }
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        p->target[f] = flow->to >= 0                            ? flow->to
                       : kinds[flow->from] == EXPONENTIAL_IMAGE ? p->states + 1
                                                                : p->states;
        direct[p->target[f]][flow->from] = true;
    }
    p->shaped = exponential_shape(&p->exponential, p->states, kinds, direct) == 0;
    return p->shaped ? 0 : -1;
}

/* x += length B x, lane by lane. */
static void step_explicitly(struct propagator *p, const double *length)
{
    const struct graph *g = &p->part;
    double change[GRAPH_STATES_MAX][LANES] = {{0}};
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        for (int l = 0; l < LANES; l++) {
            double moved = length[l] * (p->rates[f][l] * p->x[flow->from][l]);
            change[flow->from][l] -= flow->copies ? 0 : moved;
            if (flow->to >= 0) {
                change[flow->to][l] += moved;
            }
        }
    }
    for (int i = g->states; i < p->states; i++) {
        for (int l = 0; l < LANES; l++) {
            change[p->source_state[i - g->states]][l] += length[l] * p->x[i][l];
        }
    }
    for (int i = 0; i < g->states; i++) {
        for (int l = 0; l < LANES; l++) {
            p->x[i][l] += change[i][l];
        }
    }
}

/* Swaps the buffers, of which the other holds the state to come; lanes that wait keep the one they have. */
static void enter(struct propagator *p, unsigned lanes)
{
    double(*before)[LANES] = p->x;
    for (int l = 0; l < LANES && lanes != INTERVAL_LANES; l++) {
        for (int i = 0; i < p->states && !(lanes >> l & 1); i++) {
            p->other[i][l] = before[i][l];
        }
    }
    p->x = p->other;
    p->other = before;
}

static void advance(struct propagator *p, const struct interval *interval)
{
    static const double nothing[LANES] = {0};
    const double *crossed = nothing;
    double rest[LANES];
    bool any_long = false;
    bool any_rest = false;
    for (int l = 0; l < LANES; l++) {
        any_long |= interval->lengths[l] > p->same_interval;
    }
    if (any_long) {
        const double *found =
            exponential_find(&p->exponential, interval->lengths, p->same_interval, &crossed);
        exponential_apply(&p->exponential, found, p->x, p->other);
        enter(p, interval->lanes);
    }
    for (int l = 0; l < LANES; l++) {
        rest[l] = interval->lengths[l] - crossed[l];
        any_rest |= rest[l] != 0;
    }
    for (int l = 0; l < LANES && interval->lanes != INTERVAL_LANES; l++) {
        rest[l] = interval->lanes >> l & 1 ? rest[l] : 0;
    }
    if (any_rest) {
        step_explicitly(p, rest);
    }
}

static void begin_segment(struct propagator *p, const struct batch *batch, int segment, const int *lane)
{
    const struct timeline *t = batch->timeline;
    const struct graph *g = &p->part;
    for (int l = 0; l < LANES; l++) {
        const ptrdiff_t first = timeline_times(t, lane[l]).time_begin[segment];
        for (int o = 0; o < batch->output_count; o++) {
            p->series[o][l] = batch->levels + ((ptrdiff_t)o * batch->lanes + lane[l]) * t->time_count + first;
        }
    }
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

/* Shows the watcher a segment that has begun, of `count` lanes from the first of those listed on. */
static void show_segment(struct propagator *p, const struct batch *batch, int segment, const int *lane,
                         int count)
{
    struct taylor taylor = {
        .graph = &p->part,
        .states = p->states,
        .source_state = p->source_state,
        .rates = p->rates,
        .x = p->x,
        .fastest = p->exponential.fastest,
        .scales = p->scales,
    };
    for (int l = 0; l < LANES; l++) {
        const double *stops = timeline_times(batch->timeline, lane[l]).stops;
        taylor.start[l] = stops[segment];
        taylor.end[l] = stops[segment + 1];
    }
    taylor_show(&taylor, batch, lane[0], count);
}

/* Writes the levels at observation `index` of the segment. */
static void record(const struct propagator *p, const struct batch *batch, unsigned lanes, int index)
{
    for (int o = 0; o < batch->output_count; o++) {
        const double *amounts = p->x[p->watched[o]];
        const double *scales = p->scales[o];
        double *const *series = p->series[o];
        for (int l = 0; l < LANES; l++) {
            if (lanes >> l & 1) {
                series[l][index] = amounts[l] * scales[l];
            }
        }
    }
}

/* Whether no lane's interval is so short that an explicit step does. */
static bool all_last(const struct propagator *p, const struct interval *interval)
{
    for (int l = 0; l < LANES; l++) {
        if (!(interval->lengths[l] > p->same_interval)) {
            return false;
        }
    }
    return true;
}

/* Writes the levels at the STRIDE observations from `index` on, of the lanes marked: all, in most batches. */
static inline void record_stride(const struct propagator *p, int outputs, const double (*watched)[LANES],
                                 unsigned lanes, int index)
{
    for (int o = 0; o < outputs; o++) {
        const double *scales = p->scales[o];
        for (int l = 0; l < LANES; l++) {
            double *levels = p->series[o][l] + index;
            for (int k = 0; k < STRIDE && lanes >> l & 1; k++) {
                levels[k] = watched[k * outputs + o][l] * scales[l];
            }
        }
    }
}

/* Crosses STRIDE equal intervals, which end at the observations from `index` on, once the powers are ready. Only the last needs all
 * states: at the others levels follow from the state before the first. */
static void stride(struct propagator *p, int outputs, unsigned lanes, int index)
{
    double watched[STRIDE * MODEL_OUTPUTS_MAX][LANES];
    exponential_stride(&p->exponential, p->watched, outputs, p->x, p->other, watched);
    enter(p, lanes);
    if (lanes == INTERVAL_LANES) {
        record_stride(p, outputs, watched, INTERVAL_LANES, index);
    } else {
        record_stride(p, outputs, watched, lanes, index);
    }
}

/* Crosses equal intervals, STRIDE of them at a time; returns how many: none where that does not pay. */
static int cross_equal(struct propagator *p, int outputs, const struct interval *interval, int index)
{
    int crossed = 0;
    if (interval->equal < STRIDE || !all_last(p, interval)) {
        return 0;
    }
    if (!exponential_is_ready(&p->exponential, interval->lengths)) {
        const double *exact;
        if (interval->equal < STRIDE * EXPONENTIAL_STRIDES) {
            return 0;
        }
        const double *found = exponential_find(&p->exponential, interval->lengths, 0, &exact);
        exponential_stride_ready(&p->exponential, found, interval->lengths);
    }
    for (; interval->equal - crossed >= STRIDE; crossed += STRIDE) {
        stride(p, outputs, interval->lanes, index + crossed);
    }
    return crossed;
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
        double *entry = exponential_entry(&p->exponential, p->target[f], flow->from);
        for (int l = 0; l < LANES; l++) {
            p->rates[f][l] = rates[flow->flow * batch->lanes + lane[l]];
            loss[flow->from][l] += flow->copies ? 0 : p->rates[f][l];
            entry[l] += p->rates[f][l];
        }
    }
    for (int i = g->states; i < p->states; i++) {
        double *entry = exponential_entry(&p->exponential, p->source_state[i - g->states], i);
        for (int l = 0; l < LANES; l++) {
            entry[l] = 1;
        }
    }
    exponential_ready(&p->exponential, loss);
    p->same_interval = SAME_INTERVAL;
    for (int l = 0; l < LANES; l++) {
        p->same_interval = p->exponential.fastest[l] > SAME_FASTEST ? 0 : p->same_interval;
    }
    for (int o = 0; o < batch->output_count; o++) {
        int state = g->state_of[batch->output_compartments[o]];
        bool solved = state >= 0;
        p->watched[o] = solved ? state : 0;
        const double *scales =
            batch->output_scales + (ptrdiff_t)(period * batch->output_count + o) * batch->lanes;
        for (int l = 0; l < LANES; l++) {
            p->scales[o][l] = solved ? scales[lane[l]] : 0;
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
    const struct interval *interval = p->intervals.list;
    for (int segment = 0; segment < t->segment_count; segment++) {
        if (t->period[segment] != p->period) {
            load_period(p, batch, t->period[segment], lane);
        }
        const int observations = interval_observations(t, segment, lane);
        begin_segment(p, batch, segment, lane);
        if (batch->watch) {
            show_segment(p, batch, segment, lane, count);
        }
        for (int i = 0; i < observations;) {
            const int crossed = cross_equal(p, batch->output_count, interval, i);
            interval += crossed;
            i += crossed;
            if (crossed == 0) {
                advance(p, interval);
                record(p, batch, interval++->lanes, i++);
            }
        }
        advance(p, interval++);
    }
}

int propagator_solve(void *state, struct batch *batch, struct solve_failure *why)
{
    struct propagator *p = state;
    const struct timeline *t = batch->timeline;
    (void)why;
    if (shape(p, batch)) {
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
        if ((first == 0 || t->own) && intervals_find(&p->intervals, t, lane)) {
            return -2;
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
        intervals_clear(&p->intervals);
        free(p);
    }
}
