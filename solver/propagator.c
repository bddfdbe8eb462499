/* Between stops dA/dt = J A + input with constant input. The inputs are taken as further states that do not change, so that the
 * whole is x' = B x and x(t + h) = exp(B h) x(t).
 *
 * All off-diagonal entries of B are >= 0. With s no less than the fastest outflow, B + s I has no negative entry, and
 *     exp(B h) = exp(-s h) exp((B + s I) h)
 * is computed by scaling, a Taylor sum and squaring in which nothing ever cancels: each entry is exact to rounding, also
 * where rate constants are equal, nearly equal or zero. (The idea is uniformization, known from Markov chains.)
 *
 * Entries that are zero by the shape of the graph are never touched. Eight patients are computed side by side.
 */
#include "propagator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LANES = 8,
    STATES_MAX = GRAPH_STATES_MAX + MODEL_COMPARTMENTS_MAX,
    CACHE = 48,        /* distinct intervals remembered per group of lanes */
    TAYLOR_TERMS = 16, /* with norm <= 1/2 the first term left out is below 2^-17/17! */
};

/* Intervals that differ by less share an exponential; what they differ by is crossed by an explicit step, whose error
 * (rate * difference)^2 / 2 is below rounding. */
static const double SAME_INTERVAL = 1e-11; /* h */

/* A product of two matrices, entry by entry: result[i] = sum of left[k] * right[k] for k in begin[i] .. begin[i + 1] - 1. */
struct product {
    int *begin;
    int *left;
    int *right;
};

struct propagator {
    const struct graph *graph;
    /* The shape, for the present set of compartments with inputs. */
    bool has_source[MODEL_COMPARTMENTS_MAX];
    bool shaped;
    int source_compartment[MODEL_COMPARTMENTS_MAX];
    int states; /* of the graph, then the inputs */
    int entry_count;
    int entry_row[STATES_MAX * STATES_MAX]; /* entries of exp(B h) that can be other than zero, row by row */
    int entry_column[STATES_MAX * STATES_MAX];
    int entry_of[STATES_MAX][STATES_MAX]; /* -1: always zero */
    struct product squaring;              /* exponential times exponential */
    struct product taylor;                /* B + s I times exponential */
    /* Numbers, [..][LANES]. */
    double *memory;
    double *shifted; /* (B + s I) h / 2^m */
    double *work;
    double *cached[CACHE];
    double cached_interval[CACHE];
    int cached_count;
    double rates[MODEL_FLOWS_MAX][LANES];
    double outflow[GRAPH_STATES_MAX][LANES];
    double fastest[LANES]; /* s */
    double x[STATES_MAX][LANES];
    int period; /* whose rates these are */
};

static int count_products(const struct propagator *p, const bool left[STATES_MAX][STATES_MAX],
                          struct product *product)
{
    int n = 0;
    for (int e = 0; e < p->entry_count; e++) {
        int i = p->entry_row[e];
        int j = p->entry_column[e];
        if (product->begin) {
            product->begin[e] = n;
        }
        for (int k = 0; k < p->states; k++) {
            if (left[i][k] && p->entry_of[k][j] >= 0) {
                if (product->left) {
                    product->left[n] = p->entry_of[i][k];
                    product->right[n] = p->entry_of[k][j];
                }
                n++;
            }
        }
    }
    if (product->begin) {
        product->begin[p->entry_count] = n;
    }
    return n;
}

static void product_clear(struct product *product)
{
    free(product->begin);
    free(product->left);
    free(product->right);
    *product = (struct product){0};
}

static int product_init(const struct propagator *p, const bool left[STATES_MAX][STATES_MAX],
                        struct product *product)
{
    product_clear(product);
    size_t n = (size_t)count_products(p, left, product);
    product->begin = malloc(((size_t)p->entry_count + 1) * sizeof(int));
    product->left = malloc((n + 1) * sizeof(int));
    product->right = malloc((n + 1) * sizeof(int));
    if (!product->begin || !product->left || !product->right) {
        return -1;
    }
    count_products(p, left, product);
    return 0;
}

/* Finds the entries of the exponential: (i, j) where a path leads from j to i. */
static void find_entries(struct propagator *p, bool direct[STATES_MAX][STATES_MAX])
{
    bool reach[STATES_MAX][STATES_MAX];
    memcpy(reach, direct, sizeof(reach));
    for (int k = 0; k < p->states; k++) {
        for (int i = 0; i < p->states; i++) {
            for (int j = 0; j < p->states; j++) {
                reach[i][j] |= reach[i][k] && reach[k][j];
            }
        }
    }
    p->entry_count = 0;
    for (int i = 0; i < p->states; i++) {
        for (int j = 0; j < p->states; j++) {
            p->entry_of[i][j] = reach[i][j] ? p->entry_count : -1;
            if (reach[i][j]) {
                p->entry_row[p->entry_count] = i;
                p->entry_column[p->entry_count++] = j;
            }
        }
    }
}

/* Lays out the matrices for the compartments that have inputs in this timeline, unless they are laid out already. */
static int shape(struct propagator *p, const struct timeline *t)
{
    const struct graph *g = p->graph;
    bool has_source[MODEL_COMPARTMENTS_MAX] = {false};
    bool direct[STATES_MAX][STATES_MAX] = {{false}};
    for (int r = 0; r < t->rate_begin[t->segment_count]; r++) {
        has_source[t->rate_compartment[r]] = true;
    }
    if (p->shaped && memcmp(has_source, p->has_source, sizeof(has_source)) == 0) {
        return 0;
    }
    p->shaped = false;
    memcpy(p->has_source, has_source, sizeof(has_source));
    p->states = g->states;
    for (int f = 0; f < g->flow_count; f++) {
        if (g->flows[f].to >= 0) {
            direct[g->flows[f].to][g->flows[f].from] = true;
        }
    }
    for (int c = 0; c < g->compartments; c++) {
        if (has_source[c]) {
            direct[c][p->states] = true;
            p->source_compartment[p->states - g->states] = c;
            p->states++;
        }
    }
    for (int i = 0; i < p->states; i++) {
        direct[i][i] = true;
    }
    find_entries(p, direct);
    bool all[STATES_MAX][STATES_MAX];
    for (int i = 0; i < p->states; i++) {
        for (int j = 0; j < p->states; j++) {
            all[i][j] = p->entry_of[i][j] >= 0;
        }
    }
    size_t matrix = (size_t)p->entry_count * LANES;
    free(p->memory);
    p->memory = calloc((CACHE + 2) * matrix, sizeof(double));
    if (!p->memory || product_init(p, all, &p->squaring) || product_init(p, direct, &p->taylor)) {
        return -1;
    }
    p->shifted = p->memory;
    p->work = p->memory + matrix;
    for (int c = 0; c < CACHE; c++) {
        p->cached[c] = p->memory + (size_t)(c + 2) * matrix;
    }
    p->shaped = true;
    return 0;
}

static void multiply(const struct propagator *p, const struct product *product, const double *left,
                     const double *right, double *result)
{
    for (int e = 0; e < p->entry_count; e++) {
        double sum[LANES] = {0};
        for (int k = product->begin[e]; k < product->begin[e + 1]; k++) {
            const double *a = left + product->left[k] * LANES;
            const double *b = right + product->right[k] * LANES;
            for (int l = 0; l < LANES; l++) {
                sum[l] += a[l] * b[l];
            }
        }
        memcpy(result + e * LANES, sum, sizeof(sum));
    }
}

/* shifted = (B + s I) * scale[lane]. */
static void fill_shifted(struct propagator *p, const double *scale)
{
    const struct graph *g = p->graph;
    memset(p->shifted, 0, (size_t)p->entry_count * LANES * sizeof(double));
    for (int i = 0; i < p->states; i++) {
        double *diagonal = p->shifted + p->entry_of[i][i] * LANES;
        for (int l = 0; l < LANES; l++) {
            diagonal[l] = (p->fastest[l] - (i < g->states ? p->outflow[i][l] : 0)) * scale[l];
        }
    }
    for (int f = 0; f < g->flow_count; f++) {
        if (g->flows[f].to >= 0) {
            double *entry = p->shifted + p->entry_of[g->flows[f].to][g->flows[f].from] * LANES;
            for (int l = 0; l < LANES; l++) {
                entry[l] += p->rates[f][l] * scale[l];
            }
        }
    }
    for (int i = g->states; i < p->states; i++) {
        double *entry = p->shifted + p->entry_of[p->source_compartment[i - g->states]][i] * LANES;
        for (int l = 0; l < LANES; l++) {
            entry[l] = scale[l];
        }
    }
}

/* result = exp(B interval). How often a lane is squared depends on that lane alone. */
static void exponentiate(struct propagator *p, double interval, double *result)
{
    size_t matrix = (size_t)p->entry_count * LANES;
    double scale[LANES];
    double decay[LANES];
    int squarings[LANES];
    int most = 0;
    for (int l = 0; l < LANES; l++) {
        int exponent = 0;
        frexp(p->fastest[l] * interval, &exponent);
        squarings[l] = exponent + 1 > 0 ? exponent + 1 : 0;
        most = squarings[l] > most ? squarings[l] : most;
        scale[l] = ldexp(interval, -squarings[l]);
        decay[l] = exp(-p->fastest[l] * scale[l]);
    }
    fill_shifted(p, scale);
    memset(result, 0, matrix * sizeof(double));
    for (int i = 0; i < p->states; i++) {
        double *diagonal = result + p->entry_of[i][i] * LANES;
        for (int l = 0; l < LANES; l++) {
            diagonal[l] = 1;
        }
    }
    /* Horner's scheme: I + X (I + X/2 (I + X/3 (...))). */
    for (int term = TAYLOR_TERMS; term >= 1; term--) {
        multiply(p, &p->taylor, p->shifted, result, p->work);
        for (size_t i = 0; i < matrix; i++) {
            result[i] = p->work[i] / term;
        }
        for (int i = 0; i < p->states; i++) {
            double *diagonal = result + p->entry_of[i][i] * LANES;
            for (int l = 0; l < LANES; l++) {
                diagonal[l] += 1;
            }
        }
    }
    for (int e = 0; e < p->entry_count; e++) {
        for (int l = 0; l < LANES; l++) {
            result[e * LANES + l] *= decay[l];
        }
    }
    for (int round = 0; round < most; round++) {
        multiply(p, &p->squaring, result, result, p->work);
        for (int e = 0; e < p->entry_count; e++) {
            for (int l = 0; l < LANES; l++) {
                result[e * LANES + l] = round < squarings[l] ? p->work[e * LANES + l] : result[e * LANES + l];
            }
        }
    }
}

/* The exponential of an interval within SAME_INTERVAL of `interval`; `*exact` is the interval it is of. */
static const double *find_exponential(struct propagator *p, double interval, double *exact)
{
    for (int c = 0; c < p->cached_count && c < CACHE; c++) {
        if (fabs(p->cached_interval[c] - interval) <= SAME_INTERVAL) {
            *exact = p->cached_interval[c];
            return p->cached[c];
        }
    }
    int slot = p->cached_count++ % CACHE;
    exponentiate(p, interval, p->cached[slot]);
    p->cached_interval[slot] = interval;
    *exact = interval;
    return p->cached[slot];
}

/* x += length * B x. */
static void step_explicitly(struct propagator *p, double length)
{
    const struct graph *g = p->graph;
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
            change[p->source_compartment[i - g->states]][l] += length * p->x[i][l];
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
        const double *exponential = find_exponential(p, interval, &exact);
        double y[STATES_MAX][LANES] = {{0}};
        for (int e = 0; e < p->entry_count; e++) {
            const double *entry = exponential + e * LANES;
            const double *x = p->x[p->entry_column[e]];
            double *sum = y[p->entry_row[e]];
            for (int l = 0; l < LANES; l++) {
                sum[l] += entry[l] * x[l];
            }
        }
        memcpy(p->x, y, (size_t)p->states * sizeof(p->x[0]));
    }
    if (interval != exact) {
        step_explicitly(p, interval - exact);
    }
}

static void begin_segment(struct propagator *p, const struct timeline *t, int segment, const int *lane)
{
    for (int b = t->bolus_begin[segment]; b < t->bolus_begin[segment + 1]; b++) {
        for (int l = 0; l < LANES; l++) {
            p->x[t->bolus_compartment[b]][l] += t->bolus_amount[b * t->lanes + lane[l]];
        }
    }
    for (int i = p->graph->states; i < p->states; i++) {
        memset(p->x[i], 0, sizeof(p->x[i]));
        for (int r = t->rate_begin[segment]; r < t->rate_begin[segment + 1]; r++) {
            for (int l = 0;
                 t->rate_compartment[r] == p->source_compartment[i - p->graph->states] && l < LANES; l++) {
                p->x[i][l] = t->rate[r * t->lanes + lane[l]];
            }
        }
    }
}

static void record(const struct propagator *p, struct batch *batch, int index, const int *lane, int count)
{
    int times = batch->timeline->time_count;
    for (int o = 0; o < batch->output_count; o++) {
        const double *amounts = p->x[batch->output_compartments[o]];
        const double *scales =
            batch->output_scales + (ptrdiff_t)(p->period * batch->output_count + o) * batch->lanes;
        for (int l = 0; l < count; l++) {
            ptrdiff_t series = (ptrdiff_t)o * batch->lanes + lane[l];
            batch->levels[series * times + index] = amounts[l] * scales[lane[l]];
        }
    }
}

/* Takes up the rates of a period. */
static void load_rates(struct propagator *p, const struct batch *batch, int period, const int *lane)
{
    const struct graph *g = p->graph;
    const double *rates = batch->rates + (ptrdiff_t)period * g->flow_count * batch->lanes;
    double copied[GRAPH_STATES_MAX][LANES] = {{0}};
    memset(p->outflow, 0, sizeof(p->outflow));
    memset(p->fastest, 0, sizeof(p->fastest));
    p->period = period;
    p->cached_count = 0;
    for (int f = 0; f < g->flow_count; f++) {
        for (int l = 0; l < LANES; l++) {
            p->rates[f][l] = rates[f * batch->lanes + lane[l]];
            p->outflow[g->flows[f].from][l] += g->flows[f].copies ? 0 : p->rates[f][l];
            copied[g->flows[f].from][l] += g->flows[f].copies ? p->rates[f][l] : 0;
        }
    }
    for (int i = 0; i < g->states; i++) {
        for (int l = 0; l < LANES; l++) {
            p->fastest[l] = fmax(p->fastest[l], p->outflow[i][l] + copied[i][l]);
        }
    }
}

/* Solves the lanes listed, the first `count` of which are wanted. */
static void solve_lanes(struct propagator *p, struct batch *batch, const int *lane, int count)
{
    const struct timeline *t = batch->timeline;
    memset(p->x, 0, sizeof(p->x));
    load_rates(p, batch, 0, lane);
    for (int segment = 0; segment < t->segment_count; segment++) {
        double now = t->stops[segment];
        if (t->period[segment] != p->period) {
            load_rates(p, batch, t->period[segment], lane);
        }
        begin_segment(p, t, segment, lane);
        for (int i = t->time_begin[segment]; i < t->time_begin[segment + 1]; i++) {
            advance(p, t->times[i] - now);
            now = t->times[i];
            record(p, batch, i, lane, count);
        }
        if (now < t->stops[segment + 1]) {
            advance(p, t->stops[segment + 1] - now);
        }
    }
}

int propagator_solve(void *state, struct batch *batch, struct solve_failure *why)
{
    struct propagator *p = state;
    const struct graph *g = p->graph;
    if (shape(p, batch->timeline)) {
        *why = (struct solve_failure){.time = 0, .text = "out of memory"};
        return -1;
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
            for (int i = 0; i < g->states; i++) {
                amounts[i] = p->x[i][l];
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
        product_clear(&p->squaring);
        product_clear(&p->taylor);
        free(p->memory);
        free(p);
    }
}
