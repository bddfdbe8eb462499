#include "taylor.h"

#include "kernel.h"

#include <math.h>
#include <string.h>

enum {
    LANES = EXPONENTIAL_LANES,
    STATES_MAX = EXPONENTIAL_STATES_MAX,
    DEGREE = PIECE_DEGREE_MAX,
};

/* The pieces that the time between two stops is cut into, lane by lane. */
struct cuts {
    int64_t counts[LANES];
    int64_t most;
    double lengths[LANES]; /* h; 0 once a lane is through */
};

static void find_cuts(const struct taylor *t, struct cuts *cuts)
{
    cuts->most = 0;
    for (int l = 0; l < LANES; l++) {
        const double length = t->end[l] - t->start[l];
        cuts->counts[l] = (int64_t)ceil(fmax(1, length * t->fastest[l]));
        cuts->lengths[l] = length / (double)cuts->counts[l];
        cuts->most = cuts->counts[l] > cuts->most ? cuts->counts[l] : cuts->most;
    }
}

/* term = factors B term, lane by lane. */
static inline void next_term(const struct taylor *t, const double *factors, double (*term)[LANES])
{
    double change[STATES_MAX][LANES];

    memset(change, 0, (size_t)t->states * sizeof(change[0]));
    for (int f = 0; f < t->graph->flow_count; f++) {
        const struct graph_flow *flow = &t->graph->flows[f];
        double moved[LANES];
        for (int l = 0; l < LANES; l++) {
            moved[l] = t->rates[f][l] * term[flow->from][l];
        }
        for (int l = 0; l < LANES && !flow->copies; l++) {
            change[flow->from][l] -= moved[l];
        }
        for (int l = 0; l < LANES && flow->to >= 0; l++) {
            change[flow->to][l] += moved[l];
        }
    }
    for (int i = t->graph->states; i < t->states; i++) {
        for (int l = 0; l < LANES; l++) {
            change[t->source_state[i - t->graph->states]][l] += term[i][l];
        }
    }
    for (int i = 0; i < t->states; i++) {
        for (int l = 0; l < LANES; l++) {
            term[i][l] = factors[l] * change[i][l];
        }
    }
}

/* Goes one piece on; series[.][output of the batch][lane] becomes the levels in it. */
LANE_KERNEL static void expand(const struct taylor *t, const struct batch *batch, const double *lengths,
                               double (*x)[LANES], double *series)
{
    double term[STATES_MAX][LANES];

    memcpy(term, x, (size_t)t->states * sizeof(term[0]));
    for (int k = 0; k <= DEGREE; k++) {
        for (int o = 0; o < batch->output_count; o++) {
            const int state = t->graph->state_of[batch->output_compartments[o]];
            for (int l = 0; l < LANES; l++) {
                series[(k * batch->output_count + o) * LANES + l] =
                    term[state < 0 ? 0 : state][l] * t->scales[o][l];
            }
        }
        double factors[LANES];
        for (int l = 0; l < LANES; l++) {
            factors[l] = lengths[l] / (k + 1);
        }
        next_term(t, factors, term);
        for (int i = 0; i < t->states; i++) {
            for (int l = 0; l < LANES; l++) {
                x[i][l] += term[i][l];
            }
        }
    }
    pieces_form(series, DEGREE, batch->output_count * LANES);
}

/* Shows piece number k of a lane. */
static void show(const struct taylor *t, const struct batch *batch, const struct cuts *cuts, int64_t k, int l,
                 int lane, const double *series, struct piece *piece)
{
    piece->start = t->start[l] + (double)k * cuts->lengths[l];
    piece->end = k + 1 < cuts->counts[l] ? t->start[l] + (double)(k + 1) * cuts->lengths[l] : t->end[l];
    for (int o = 0; o < batch->output_count && piece->end > piece->start; o++) {
        if (t->graph->state_of[batch->output_compartments[o]] >= 0) {
            for (int i = 0; i <= DEGREE; i++) {
                piece->b[i] = series[(i * batch->output_count + o) * LANES + l];
            }
            batch->watch->take(batch->watch->payload, o, lane, piece);
        }
    }
}

void taylor_show(const struct taylor *t, const struct batch *batch, int first, int count)
{
    double series[(DEGREE + 1) * MODEL_OUTPUTS_MAX * LANES];
    double x[STATES_MAX][LANES];
    struct piece piece = {.degree = DEGREE};
    struct cuts cuts;

    memcpy(x, t->x, (size_t)t->states * sizeof(x[0]));
    find_cuts(t, &cuts);
    for (int64_t k = 0; k < cuts.most; k++) {
        expand(t, batch, cuts.lengths, x, series);
        for (int l = 0; l < count; l++) {
            if (k < cuts.counts[l]) {
                show(t, batch, &cuts, k, l, first + l, series, &piece);
            }
        }
        for (int l = 0; l < LANES; l++) {
            cuts.lengths[l] = k + 1 < cuts.counts[l] ? cuts.lengths[l] : 0;
        }
    }
}
