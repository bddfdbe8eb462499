#include "lane_system.h"

#include "kernel.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

int lane_system_init(struct lane_system *s, const struct graph *graph, int lanes)
{
    size_t states = (size_t)graph->states;
    *s = (struct lane_system){.graph = graph, .lanes = lanes, .factored_gamma = NAN};
    s->input = calloc(states * (size_t)lanes, sizeof(double));
    s->factors = calloc(states * states * (size_t)lanes, sizeof(double));
    s->effective = calloc((size_t)lanes, sizeof(double));
    return s->input && s->factors && s->effective ? 0 : -1;
}

void lane_system_clear(struct lane_system *s)
{
    free(s->input);
    free(s->factors);
    free(s->effective);
    *s = (struct lane_system){0};
}

void lane_system_load(struct lane_system *s, const struct graph *graph, const struct batch *batch, int period)
{
    ptrdiff_t offset = (ptrdiff_t)period * graph->model_flows * batch->lanes;
    s->graph = graph;
    s->lanes = batch->lanes;
    s->rates = batch->rates + offset;
    s->slopes = batch->slopes ? batch->slopes + offset : NULL;
    s->kms = batch->kms ? batch->kms + offset : NULL;
    s->factored_gamma = NAN;
}

double lane_system_fastest(const struct lane_system *s, double t)
{
    double fastest = 0;
    for (int l = 0; l < s->lanes; l++) {
        double outflow[GRAPH_STATES_MAX] = {0};
        for (int f = 0; f < s->graph->flow_count; f++) {
            const struct graph_flow *flow = &s->graph->flows[f];
            ptrdiff_t at = (ptrdiff_t)flow->flow * s->lanes + l;
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

static double *row(double *base, int index, int lanes)
{
    return base + (ptrdiff_t)index * lanes;
}

static const double *const_row(const double *base, int index, int lanes)
{
    return base + (ptrdiff_t)index * lanes;
}

/* The rate k of a flow of k * amount, [lane]. */
static const double *rate_now(const struct lane_system *s, int f, double t, const double *amounts)
{
    int lanes = s->lanes;
    const struct graph_flow *flow = &s->graph->flows[f];
    const double *rate = const_row(s->rates, flow->flow, lanes);
    if (flow->kind == FLOW_SATURABLE) {
        const double *km = const_row(s->kms, flow->flow, lanes);
        for (int l = 0; l < lanes; l++) {
            s->effective[l] = rate[l] / (km[l] + amounts[l]);
        }
        return s->effective;
    }
    if (!s->graph->is_autonomous) {
        const double *slope = const_row(s->slopes, flow->flow, lanes);
        for (int l = 0; l < lanes; l++) {
            s->effective[l] = rate[l] + slope[l] * t;
        }
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
        const double *km = const_row(s->kms, flow->flow, lanes);
        for (int l = 0; l < lanes; l++) {
            s->effective[l] *= km[l] / (km[l] + amounts[l]);
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
        double *enters = flow->to < 0 ? NULL : row(out, flow->to, lanes);
        if (!enters) {
            for (int l = 0; l < lanes; l++) {
                leaves[l] -= factor * (rate[l] * source[l]);
            }
        } else if (flow->copies) {
            for (int l = 0; l < lanes; l++) {
                enters[l] += factor * (rate[l] * source[l]);
            }
        } else {
            for (int l = 0; l < lanes; l++) {
                double moved = factor * (rate[l] * source[l]);
                leaves[l] -= moved;
                enters[l] += moved;
            }
        }
    }
}

/* factors = I - gamma J. */
LANE_KERNEL static void assemble(struct lane_system *s, double t, double gamma, const double *y)
{
    const struct graph *g = s->graph;
    int lanes = s->lanes;
    memset(s->factors, 0, (size_t)g->slot_count * (size_t)lanes * sizeof(double));
    for (int i = 0; i < g->states; i++) {
        double *diagonal = row(s->factors, g->slots[i][i], lanes);
        for (int l = 0; l < lanes; l++) {
            diagonal[l] = 1;
        }
    }
    for (int f = 0; f < g->flow_count; f++) {
        const struct graph_flow *flow = &g->flows[f];
        const double *rate = derivative_now(s, f, t, y);
        double *diagonal = row(s->factors, g->slots[flow->from][flow->from], lanes);
        double *entry = flow->to < 0 ? NULL : row(s->factors, g->slots[flow->to][flow->from], lanes);
        for (int l = 0; !flow->copies && l < lanes; l++) {
            diagonal[l] += gamma * rate[l];
        }
        for (int l = 0; entry && l < lanes; l++) {
            entry[l] -= gamma * rate[l];
        }
    }
}

LANE_KERNEL void lane_system_factorize(struct lane_system *s, double t, double gamma, const double *y)
{
    const struct graph *g = s->graph;
    int lanes = s->lanes;
    if (gamma == s->factored_gamma && g->is_linear && g->is_autonomous) {
        return;
    }
    assemble(s, t, gamma, y);
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

LANE_KERNEL void lane_system_solve(const struct lane_system *s, double *b)
{
    const struct graph *g = s->graph;
    int lanes = s->lanes;
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
