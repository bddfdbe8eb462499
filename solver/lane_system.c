#include "lane_system.h"

#include "kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int lane_system_init(struct lane_system *s, const struct graph *graph, int lanes)
{
    const size_t row = (size_t)padded(lanes);
    const size_t states = (size_t)graph->states;
    const size_t flows = (size_t)graph->flow_count;
    *s = (struct lane_system){.graph = graph, .lanes = padded(lanes), .factored_gamma = NAN};
    s->memory = fours_create((3 * flows + states + 2 * states * states + 1) * row);
    if (!s->memory) {
        return -1;
    }
    s->rates = s->memory;
    s->slopes = s->rates + flows * row;
    s->kms = s->slopes + flows * row;
    s->input = s->kms + flows * row;
    s->jacobian = s->input + states * row;
    s->factors = s->jacobian + states * states * row;
    s->effective = s->factors + states * states * row;
    return 0;
}

void lane_system_clear(struct lane_system *s)
{
    free(s->memory);
    *s = (struct lane_system){0};
}

static double *row(double *base, int index, int lanes)
{
    return base + (ptrdiff_t)index * lanes;
}

static const double *const_row(const double *base, int index, int lanes)
{
    return base + (ptrdiff_t)index * lanes;
}

void lane_system_spread(const struct lane_system *s, const double *numbers, int count, double *to)
{
    for (int l = 0; l < s->lanes; l++) {
        to[l] = numbers[l < count ? l : count - 1];
    }
}

void lane_system_load(struct lane_system *s, const struct graph *graph, const struct batch *batch, int period)
{
    s->graph = graph;
    s->lanes = padded(batch->lanes);
    s->factored_gamma = NAN;
    s->has_jacobian = false;
    for (int f = 0; f < graph->flow_count; f++) {
        int at = period * graph->model_flows + graph->flows[f].flow;
        lane_system_spread(s, const_row(batch->rates, at, batch->lanes), batch->lanes,
                           row(s->rates, f, s->lanes));
        if (!graph->is_autonomous) {
            lane_system_spread(s, const_row(batch->slopes, at, batch->lanes), batch->lanes,
                               row(s->slopes, f, s->lanes));
        }
        if (!graph->is_linear) {
            lane_system_spread(s, const_row(batch->kms, at, batch->lanes), batch->lanes,
                               row(s->kms, f, s->lanes));
        }
    }
}

void lane_system_scale(struct lane_system *s, const double *start, const double *length)
{
    for (int f = 0; f < s->graph->flow_count; f++) {
        const bool changes = !s->graph->is_autonomous && s->graph->flows[f].kind != FLOW_SATURABLE;
        double *rates = row(s->rates, f, s->lanes);
        double *slopes = row(s->slopes, f, s->lanes);
        for (int l = 0; l < s->lanes; l++) {
            rates[l] = length[l] * (changes ? rates[l] + slopes[l] * start[l] : rates[l]);
        }
        for (int l = 0; changes && l < s->lanes; l++) {
            slopes[l] *= length[l] * length[l];
        }
    }
}

double lane_system_fastest(const struct lane_system *s, double t)
{
    double fastest = 0;
    for (int l = 0; l < s->lanes; l++) {
        double outflow[GRAPH_STATES_MAX] = {0};
        for (int f = 0; f < s->graph->flow_count; f++) {
            const struct graph_flow *flow = &s->graph->flows[f];
            int at = f * s->lanes + l;
            double rate = s->rates[at];
            if (flow->kind == FLOW_SATURABLE) {
                rate /= s->kms[at];
            } else if (!s->graph->is_autonomous) {
                rate += s->slopes[at] * t;
            }
            outflow[flow->from] += rate;
            fastest = fmax(fastest, outflow[flow->from]);
        }
    }
    return fastest;
}

/* --- Rows of lanes, as many fours --- */

static inline void subtract_product(double *out, const double *a, const double *b, int lanes)
{
    for (int i = 0; i < lanes / FOUR; i++) {
        fours(out)[i] -= const_fours(a)[i] * const_fours(b)[i];
    }
}

static inline void multiply(double *out, const double *a, int lanes)
{
    for (int i = 0; i < lanes / FOUR; i++) {
        fours(out)[i] *= const_fours(a)[i];
    }
}

/* out += c a */
static inline void add_scaled(double *out, double c, const double *a, int lanes)
{
    for (int i = 0; i < lanes / FOUR; i++) {
        fours(out)[i] += c * const_fours(a)[i];
    }
}

/* The rate k of a flow of k * amount, [lane]. */
static const double *rate_now(const struct lane_system *s, int f, double t, const double *amounts)
{
    int lanes = s->lanes;
    const struct graph_flow *flow = &s->graph->flows[f];
    const double *rate = const_row(s->rates, f, lanes);
    if (flow->kind == FLOW_SATURABLE) {
        const double *km = const_row(s->kms, f, lanes);
        for (int i = 0; i < lanes / FOUR; i++) {
            fours(s->effective)[i] = const_fours(rate)[i] / (const_fours(km)[i] + const_fours(amounts)[i]);
        }
        return s->effective;
    }
    if (!s->graph->is_autonomous) {
        memcpy(s->effective, rate, (size_t)lanes * sizeof(double));
        add_scaled(s->effective, t, const_row(s->slopes, f, lanes), lanes);
        return s->effective;
    }
    return rate;
}

/* The derivative of a flow with respect to the amount it comes from, [lane]. */
static const double *derivative_now(const struct lane_system *s, int f, double t, const double *y)
{
    int lanes = s->lanes;
    const struct graph_flow *flow = &s->graph->flows[f];
    const double *amounts = const_row(y, flow->from, lanes);
    const double *rate = rate_now(s, f, t, amounts);
    if (flow->kind == FLOW_SATURABLE) {
        const double *km = const_row(s->kms, f, lanes);
        for (int i = 0; i < lanes / FOUR; i++) {
            fours(s->effective)[i] *= const_fours(km)[i] / (const_fours(km)[i] + const_fours(amounts)[i]);
        }
    }
    return rate;
}

LANE_KERNEL void lane_system_add_flows(const struct lane_system *s, double t, double factor, const double *y,
                                       double *out)
{
    int lanes = s->lanes;
    for (int f = 0; f < s->graph->flow_count; f++) {
        const struct graph_flow *flow = &s->graph->flows[f];
        const double *source = const_row(y, flow->from, lanes);
        const double *rate = rate_now(s, f, t, source);
        double *leaves = row(out, flow->from, lanes);
        double *enters = row(out, flow->to < 0 ? 0 : flow->to, lanes);
        for (int i = 0; i < lanes / FOUR; i++) {
            four moved = factor * (const_fours(rate)[i] * const_fours(source)[i]);
            if (!flow->copies) {
                fours(leaves)[i] -= moved;
            }
            if (flow->to >= 0) {
                fours(enters)[i] += moved;
            }
        }
    }
}

/* J, unless it is constant and known. */
LANE_KERNEL static void fill_jacobian(struct lane_system *s, double t, const double *y)
{
    const struct graph *g = s->graph;
    int lanes = s->lanes;
    if (s->has_jacobian) {
        return;
    }
    memset(s->jacobian, 0, (size_t)g->slot_count * (size_t)lanes * sizeof(double));
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        const double *rate = derivative_now(s, f, t, y);
        if (!flow->copies) {
            add_scaled(row(s->jacobian, g->slots[flow->from][flow->from], lanes), -1, rate, lanes);
        }
        if (flow->to >= 0) {
            add_scaled(row(s->jacobian, g->slots[flow->to][flow->from], lanes), 1, rate, lanes);
        }
    }
    s->has_jacobian = g->is_linear && g->is_autonomous;
}

/* factors = I - gamma J. */
static inline void assemble(struct lane_system *s, double gamma)
{
    const struct graph *g = s->graph;
    int row_fours = s->lanes / FOUR;
    four *factors = fours(s->factors);
    const four *jacobian = const_fours(s->jacobian);
    for (int i = 0; i < g->slot_count * row_fours; i++) {
        factors[i] = -gamma * jacobian[i];
    }
    for (int k = 0; k < g->states; k++) {
        four *diagonal = factors + g->pivots[k].diagonal * row_fours;
        for (int i = 0; i < row_fours; i++) {
            diagonal[i] += 1;
        }
    }
}

LANE_KERNEL void lane_system_factorize(struct lane_system *s, double t, double gamma, const double *y)
{
    const struct graph *g = s->graph;
    int lanes = s->lanes;
    if (gamma == s->factored_gamma && s->has_jacobian) {
        return;
    }
    fill_jacobian(s, t, y);
    assemble(s, gamma);
    for (int k = 0; k < g->states; k++) {
        const struct graph_pivot *pivot = &g->pivots[k];
        double *inverse = row(s->factors, pivot->diagonal, lanes);
        for (int i = 0; i < lanes / FOUR; i++) {
            fours(inverse)[i] = 1 / fours(inverse)[i];
        }
        for (int i = 0; i < pivot->count; i++) {
            if (pivot->lower[i] < 0) {
                continue;
            }
            double *below = row(s->factors, pivot->lower[i], lanes);
            multiply(below, inverse, lanes);
            for (int j = 0; j < pivot->count; j++) {
                if (pivot->upper[j] >= 0) {
                    subtract_product(row(s->factors, g->slots[pivot->states[i]][pivot->states[j]], lanes),
                                     below, const_row(s->factors, pivot->upper[j], lanes), lanes);
                }
            }
        }
    }
    s->factored_gamma = gamma;
}

LANE_KERNEL void lane_system_solve(const struct lane_system *s, double *b)
{
    const struct graph *g = s->graph;
    int lanes = s->lanes;
    for (int k = 0; k < g->states; k++) {
        const struct graph_pivot *pivot = &g->pivots[k];
        const double *known = const_row(b, pivot->state, lanes);
        for (int i = 0; i < pivot->count; i++) {
            if (pivot->lower[i] >= 0) {
                subtract_product(row(b, pivot->states[i], lanes),
                                 const_row(s->factors, pivot->lower[i], lanes), known, lanes);
            }
        }
    }
    for (int k = g->states - 1; k >= 0; k--) {
        const struct graph_pivot *pivot = &g->pivots[k];
        double *x = row(b, pivot->state, lanes);
        for (int i = 0; i < pivot->count; i++) {
            if (pivot->upper[i] >= 0) {
                subtract_product(x, const_row(s->factors, pivot->upper[i], lanes),
                                 const_row(b, pivot->states[i], lanes), lanes);
            }
        }
        multiply(x, const_row(s->factors, pivot->diagonal, lanes), lanes);
    }
}
