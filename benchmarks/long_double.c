/* The exact solution for constant first-order flows in long double, to know what the other methods' errors are.
 *
 * With the inputs of a segment as one more state that stays 1, x' = B x, and no entry of B off the diagonal is negative.
 * exp(B t) = exp(-q t) exp((B + q) t) with q the fastest outflow: a sum of positive terms, nothing cancels. Squaring
 * undoes the scaling that keeps the sum short. Shares no code with solver/propagator.c; speed is no concern. */
#include "methods.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = GRAPH_STATES_MAX + 1, CACHED_MAX = 16, TERMS = 30 };

struct matrix {
    long double at[SIDE_MAX][SIDE_MAX];
};

struct exact {
    const struct graph *graph;
    int side;            /* states and the constant 1 */
    struct matrix flows; /* 1/h; in the last column the inputs, mg/h */
    long double fastest; /* 1/h */
    long double x[SIDE_MAX];
    /* exp(flows * length) for lengths met in the segment. */
    int cached_count;
    long double cached_lengths[CACHED_MAX]; /* h */
    struct matrix cached[CACHED_MAX];
};

static void *exact_create(const struct graph *graph, int lanes, const struct integrator_options *options)
{
    struct exact *s = calloc(1, sizeof(*s));
    (void)lanes;
    (void)options;
    if (s) {
        s->graph = graph;
        s->side = graph->states + 1;
    }
    return s;
}

static void multiply(int n, const struct matrix *a, const struct matrix *b, struct matrix *product)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            long double sum = 0;
            for (int k = 0; k < n; k++) {
                sum += a->at[i][k] * b->at[k][j];
            }
            product->at[i][j] = sum;
        }
    }
}

static void exponential(const struct exact *s, long double length, struct matrix *out)
{
    const int n = s->side;
    int halvings = 0;
    while (s->fastest * ldexpl(length, -halvings) > 1) {
        halvings++;
    }
    const long double part = ldexpl(length, -halvings);
    struct matrix step, term, next;
    memset(out, 0, sizeof(*out));
    memset(&term, 0, sizeof(term));
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            step.at[i][j] = part * (s->flows.at[i][j] + (i == j ? s->fastest : 0));
        }
        term.at[i][i] = 1;
        out->at[i][i] = 1;
    }
    for (int k = 1; k <= TERMS; k++) {
        multiply(n, &term, &step, &next);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                term.at[i][j] = next.at[i][j] / k;
                out->at[i][j] += term.at[i][j];
            }
        }
    }
    const long double shrink = expl(-s->fastest * part);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            out->at[i][j] *= shrink;
        }
    }
    for (int k = 0; k < halvings; k++) {
        multiply(n, out, out, &next);
        *out = next;
    }
}

/* Times are whole seconds wherever a study says so, which a double in hours rounds. */
static long double exact_hours(double time)
{
    const double seconds = round(time * 3600);
    return fabs(time * 3600 - seconds) <= 1e-15 * seconds ? seconds / 3600.0L : time;
}

static void advance(struct exact *s, long double length)
{
    int i = 0;
    while (i < s->cached_count && s->cached_lengths[i] != length) {
        i++;
    }
    if (i == s->cached_count) {
        i = s->cached_count < CACHED_MAX ? s->cached_count++ : CACHED_MAX - 1;
        s->cached_lengths[i] = length;
        exponential(s, length, &s->cached[i]);
    }
    long double y[SIDE_MAX];
    for (int row = 0; row < s->side; row++) {
        y[row] = 0;
        for (int column = 0; column < s->side; column++) {
            y[row] += s->cached[i].at[row][column] * s->x[column];
        }
    }
    memcpy(s->x, y, sizeof(y));
}

static void begin_segment(struct exact *s, const struct batch *batch, int lane, int segment)
{
    const struct timeline *t = batch->timeline;
    const struct graph *g = s->graph;
    const double *rates = batch->rates + (ptrdiff_t)t->period[segment] * g->flow_count * batch->lanes + lane;
    long double outflow[SIDE_MAX] = {0};
    memset(&s->flows, 0, sizeof(s->flows));
    s->fastest = 0;
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        const long double rate = rates[(ptrdiff_t)f * batch->lanes];
        outflow[flow->from] += rate;
        s->flows.at[flow->from][flow->from] -= flow->copies ? 0 : rate;
        if (flow->to >= 0) {
            s->flows.at[flow->to][flow->from] += rate;
        }
    }
    for (int i = 0; i < s->side; i++) {
        s->fastest = fmaxl(s->fastest, outflow[i]);
    }
    for (int b = t->bolus_begin[segment]; b < t->bolus_begin[segment + 1]; b++) {
        s->x[t->bolus_compartment[b]] += t->bolus_amount[(ptrdiff_t)b * t->lanes + lane];
    }
    for (int r = t->rate_begin[segment]; r < t->rate_begin[segment + 1]; r++) {
        s->flows.at[t->rate_compartment[r]][s->side - 1] = t->rate[(ptrdiff_t)r * t->lanes + lane];
    }
    s->cached_count = 0;
}

static int exact_solve(void *state, struct batch *batch, struct solve_failure *why)
{
    struct exact *s = state;
    const struct timeline *t = batch->timeline;
    (void)why;
    batch->steps = 0;
    batch->evaluations = 0;
    batch_record_nothing(batch);
    for (int lane = 0; lane < batch->lanes; lane++) {
        memset(s->x, 0, sizeof(s->x));
        s->x[s->side - 1] = 1;
        for (int segment = 0; segment < t->segment_count; segment++) {
            long double now = exact_hours(t->stops[segment]);
            const long double end = exact_hours(t->stops[segment + 1]);
            begin_segment(s, batch, lane, segment);
            for (int i = t->time_begin[segment]; i < t->time_begin[segment + 1]; i++) {
                const long double time = exact_hours(t->times[i]);
                advance(s, time - now);
                now = time;
                for (int o = 0; o < batch->output_count; o++) {
                    const ptrdiff_t series = (ptrdiff_t)o * batch->lanes + lane;
                    const ptrdiff_t scale =
                        (ptrdiff_t)t->period[segment] * batch->output_count * batch->lanes + series;
                    batch->levels[series * t->time_count + i] =
                        (double)(s->x[batch->output_compartments[o]] * batch->output_scales[scale]);
                }
            }
            if (now < end) {
                advance(s, end - now);
            }
        }
        double amounts[GRAPH_STATES_MAX];
        for (int i = 0; i < s->graph->states; i++) {
            amounts[i] = (double)s->x[i];
        }
        batch_sum_up(batch, lane, amounts);
    }
    return 0;
}

const struct integrator long_double_integrator = {
    "long double", true, "exact, in long double", exact_create, exact_solve, free,
};
