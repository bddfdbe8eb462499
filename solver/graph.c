#include "graph.h"

#include <string.h>

/* How many entries eliminating `state` next would make. */
static int fill_in(const bool pattern[GRAPH_STATES_MAX][GRAPH_STATES_MAX], const bool *done, int n, int state)
{
    int made = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            bool open = !done[i] && !done[j] && i != state && j != state;
            made += open && pattern[i][state] && pattern[state][j] && !pattern[i][j];
        }
    }
    return made;
}

/* How many states share an entry with `state`: the work of eliminating it. */
static int degree(const bool pattern[GRAPH_STATES_MAX][GRAPH_STATES_MAX], const bool *done, int n, int state)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        count += !done[i] && i != state && (pattern[i][state] || pattern[state][i]);
    }
    return count;
}

static int cheapest(const bool pattern[GRAPH_STATES_MAX][GRAPH_STATES_MAX], const bool *done, int n)
{
    int best = -1;
    int best_cost = 0;
    for (int state = 0; state < n; state++) {
        if (!done[state]) {
            int cost = fill_in(pattern, done, n, state) * GRAPH_SLOTS_MAX + degree(pattern, done, n, state);
            if (best < 0 || cost < best_cost) {
                best = state;
                best_cost = cost;
            }
        }
    }
    return best;
}

/* Chooses the order of elimination and marks the entries that it fills in. */
static void order(struct graph *g, bool pattern[GRAPH_STATES_MAX][GRAPH_STATES_MAX])
{
    bool done[GRAPH_STATES_MAX] = {false};
    for (int k = 0; k < g->states; k++) {
        int state = cheapest(pattern, done, g->states);
        struct graph_pivot *pivot = &g->pivots[k];
        pivot->state = state;
        done[state] = true;
        for (int i = 0; i < g->states; i++) {
            if (!done[i] && (pattern[i][state] || pattern[state][i])) {
                pivot->states[pivot->count++] = i;
            }
            for (int j = 0; j < g->states; j++) {
                pattern[i][j] |= !done[i] && !done[j] && pattern[i][state] && pattern[state][j];
            }
        }
    }
}

/* Orders the elimination, and numbers the entries that it uses. */
static void lay_out(struct graph *g)
{
    bool pattern[GRAPH_STATES_MAX][GRAPH_STATES_MAX] = {{false}};
    for (int i = 0; i < g->states; i++) {
        pattern[i][i] = true;
    }
    for (int f = 0; f < g->flow_count; f++) {
        if (g->flows[f].to >= 0) {
            pattern[g->flows[f].to][g->flows[f].from] = true;
        }
    }
    order(g, pattern);
    for (int i = 0; i < g->states; i++) {
        for (int j = 0; j < g->states; j++) {
            g->slots[i][j] = pattern[i][j] ? g->slot_count++ : -1;
        }
    }
    for (int k = 0; k < g->states; k++) {
        struct graph_pivot *pivot = &g->pivots[k];
        pivot->diagonal = g->slots[pivot->state][pivot->state];
        for (int i = 0; i < pivot->count; i++) {
            pivot->lower[i] = g->slots[pivot->states[i]][pivot->state];
            pivot->upper[i] = g->slots[pivot->state][pivot->states[i]];
        }
    }
}

void graph_init(struct graph *g, const struct model *model, bool track_eliminated)
{
    memset(g, 0, sizeof(*g));
    g->compartments = model->compartment_count;
    g->states = g->compartments + (track_eliminated ? 1 : 0);
    g->tracks_eliminated = track_eliminated;
    g->model_flows = model->flow_count;
    g->flow_count = model->flow_count;
    for (int i = 0; i < GRAPH_STATES_MAX; i++) {
        g->state_of[i] = i < g->states ? i : -1;
    }
    g->is_linear = true;
    g->is_autonomous = true;
    for (int i = 0; i < g->flow_count; i++) {
        const struct flow *flow = &model->flows[i];
        g->is_linear &= flow->kind == FLOW_LINEAR;
        g->is_autonomous &= !flow->slope;
        if (flow->copies) {
            g->is_image[flow->to] = true;
        }
    }
    for (int i = 0; i < g->flow_count; i++) {
        const struct flow *flow = &model->flows[i];
        bool lost = flow->to < 0 && track_eliminated && !g->is_image[flow->from];
        int to = lost ? g->compartments : flow->to;
        g->flows[i] = (struct graph_flow){flow->kind, flow->from, to, i, flow->copies};
    }
    lay_out(g);
}

void graph_part(struct graph *part, const struct graph *whole, const bool *kept)
{
    memset(part, 0, sizeof(*part));
    part->compartments = whole->compartments;
    part->tracks_eliminated = whole->tracks_eliminated;
    part->is_linear = whole->is_linear;
    part->is_autonomous = whole->is_autonomous;
    memcpy(part->is_image, whole->is_image, sizeof(part->is_image));
    part->model_flows = whole->model_flows;
    for (int i = 0; i < GRAPH_STATES_MAX; i++) {
        part->state_of[i] = i < whole->states && kept[i] ? part->states++ : -1;
    }
    for (int f = 0; f < whole->flow_count; f++) {
        struct graph_flow flow = whole->flows[f];
        if (kept[flow.from] && !(flow.copies && !kept[flow.to])) {
            flow.from = part->state_of[flow.from];
            flow.to = flow.to < 0 ? -1 : part->state_of[flow.to];
            part->flows[part->flow_count++] = flow;
        }
    }
    lay_out(part);
}
