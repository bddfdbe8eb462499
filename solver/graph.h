/* graph - the compartments and flows of a model, laid out for the solvers.
 *
 * dA/dt = J A + input, with J known by its pattern alone: which entries can be other than zero. I - gamma J is
 * eliminated in the order that fills in fewest entries, found once when the graph is made; for tree-shaped models there is no
 * fill-in. No pivoting is needed: the columns of I - gamma J are diagonally dominant for any rates >= 0, gamma >= 0.
 */
#ifndef KETSIM_GRAPH_H
#define KETSIM_GRAPH_H

#include "model/model.h"

enum {
    GRAPH_STATES_MAX = MODEL_COMPARTMENTS_MAX + 1,
    GRAPH_SLOTS_MAX = GRAPH_STATES_MAX * GRAPH_STATES_MAX,
};

struct graph_flow {
    enum flow_kind kind;
    int from;
    int to;      /* -1: nowhere that is kept */
    int flow;    /* of the model */
    bool copies; /* `from` keeps what `to` receives */
};

/* Eliminating one state: row i gets minus (its entry below the pivot / pivot) times the pivot row. */
struct graph_pivot {
    int state;
    int diagonal; /* slot */
    int count;    /* states still to come that share an entry with this one: the lists below */
    int states[GRAPH_STATES_MAX];
    int lower[GRAPH_STATES_MAX]; /* slot of (states[i], state), -1 if always zero */
    int upper[GRAPH_STATES_MAX]; /* slot of (state, states[i]), -1 if always zero */
};

struct graph {
    int compartments;
    int states; /* the compartments, and one more where what leaves the body is tracked; fewer in a part */
    int state_of[GRAPH_STATES_MAX]; /* of a compartment, or of what is tracked; -1: not in this part */
    bool tracks_eliminated;
    bool is_linear;                        /* no saturable flow */
    bool is_autonomous;                    /* no flow whose rate changes with time */
    bool is_image[MODEL_COMPARTMENTS_MAX]; /* compartment receives copies: holds nothing of the dose */
    int model_flows;                       /* of the model */
    int flow_count;                        /* of this graph or part */
    struct graph_flow flows[MODEL_FLOWS_MAX];
    int slot_count; /* entries of I - gamma J that are ever used, fill-in included */
    int slots[GRAPH_STATES_MAX][GRAPH_STATES_MAX]; /* [row][column]: index of the entry, -1 if always zero */
    struct graph_pivot pivots[GRAPH_STATES_MAX];   /* in the order of elimination */
};

/* With `track_eliminated` the last state collects all that leaves the body, for mass balances. */
void graph_init(struct graph *graph, const struct model *model, bool track_eliminated);

/* The part of a whole graph that is made of the states marked in `kept`: what flows out of it is lost, and nothing flows in. Right
 * where all other states are empty or do not matter. */
void graph_part(struct graph *part, const struct graph *whole, const bool *kept);

#endif
