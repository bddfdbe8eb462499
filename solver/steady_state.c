#include "steady_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATES_MAX = MODEL_COMPARTMENTS_MAX,
    LANES_MAX = STATES_MAX + 1,
    SQUARINGS_MAX = 200,
    INTERVALS_MAX = 100000,
};

/* What the sum over all later intervals may add, relative to each amount, where intervals are solved one by one. */
static const double TOLERANCE = 1e-9;

struct steady_solver {
    const struct graph *graph;
    const struct integrator *integrator;
    void *solver;
    double rtol;
    double atol; /* mg */
    struct timeline timeline;
    struct pulse *pulses[LANES_MAX];
    double *rates, *slopes, *kms; /* [flow][lane] */
};

struct steady_solver *steady_solver_create(const struct graph *graph,
                                           const struct integrator_options *options)
{
    struct steady_solver *s = calloc(1, sizeof(*s));
    const size_t flows = (size_t)graph->model_flows * LANES_MAX + 1;
    if (!s) {
        return NULL;
    }
    s->graph = graph;
    s->rtol = options->rtol;
    s->atol = options->atol;
    s->integrator = integrator_find(graph->is_linear ? "exact" : "cvode");
    s->solver = s->integrator->create(graph, LANES_MAX, options);
    s->rates = malloc(flows * sizeof(double));
    s->slopes = malloc(flows * sizeof(double));
    s->kms = malloc(flows * sizeof(double));
    if (!s->solver || !s->rates || !s->slopes || !s->kms) {
        steady_solver_free(s);
        return NULL;
    }
    return s;
}

void steady_solver_free(struct steady_solver *s)
{
    if (!s) {
        return;
    }
    if (s->solver) {
        s->integrator->free(s->solver);
    }
    timeline_clear(&s->timeline);
    for (int l = 0; l < LANES_MAX; l++) {
        free(s->pulses[l]);
    }
    free(s->rates);
    free(s->slopes);
    free(s->kms);
    free(s);
}

static int fail(struct solve_failure *why, enum patient_status status, const char *text)
{
    why->status = status;
    why->time = NAN;
    snprintf(why->text, sizeof(why->text), "%s", text);
    return -1;
}

static int no_memory(struct solve_failure *why)
{
    return fail(why, PATIENT_SOLVER, "out of memory");
}

static void add_pulse(struct pulse *pulses, int *count, double start, double end, int compartment,
                      double amount)
{
    pulses[(*count)++] = (struct pulse){start, end, compartment, amount};
}

/* What enters between two doses, the interval's own and what infusions of earlier ones go on to bring. At most four pulses.
 * A part that enters exactly when an interval ends has entered; one without offset has not. */
static void cycle_pulses(const struct dose_part *part, double interval, struct pulse *pulses, int *count)
{
    double start = part->offset > 0 ? fmod(part->offset, interval) : 0;
    if (!(part->duration > 0)) {
        if (part->offset > 0 && start == 0) {
            start = interval;
        }
        add_pulse(pulses, count, start, start, part->compartment, part->amount);
        return;
    }
    const double rate = part->amount / part->duration;
    const double whole = floor(part->duration / interval);
    const double rest = part->duration - whole * interval;
    const double end = start + rest;
    if (whole > 0) {
        add_pulse(pulses, count, 0, interval, part->compartment, rate * whole * interval);
    }
    if (end > interval) {
        add_pulse(pulses, count, start, interval, part->compartment, rate * (interval - start));
        add_pulse(pulses, count, 0, end - interval, part->compartment, rate * (end - interval));
    } else if (end > start) {
        add_pulse(pulses, count, start, end, part->compartment, rate * rest);
    }
}

static int reserve(struct steady_solver *s, int count, int lanes)
{
    for (int l = 0; l < lanes; l++) {
        struct pulse *grown = realloc(s->pulses[l], ((size_t)count + 1) * sizeof(*grown));
        if (!grown) {
            return -1;
        }
        s->pulses[l] = grown;
    }
    return 0;
}

/* Solves `lanes` lanes of one patient for an interval, each with its own pulses. amounts[lane][compartment] at its end. */
static int solve(struct steady_solver *s, const struct patient_rates *patient, int count, int lanes,
                 double interval, double amounts[][STATES_MAX], struct solve_failure *why)
{
    const int n = s->graph->compartments;
    double scales[STATES_MAX * LANES_MAX];
    double levels[MODEL_OUTPUTS_MAX * LANES_MAX];
    int compartments[MODEL_OUTPUTS_MAX];
    if (timeline_build(&s->timeline, (const struct pulse *const *)s->pulses, count, lanes, &interval, 1)) {
        return no_memory(why);
    }
    for (int f = 0; f < s->graph->model_flows; f++) {
        for (int l = 0; l < lanes; l++) {
            s->rates[f * lanes + l] = patient->rates[f];
            s->slopes[f * lanes + l] = patient->slopes[f];
            s->kms[f * lanes + l] = patient->kms[f];
        }
    }
    for (int i = 0; i < MODEL_OUTPUTS_MAX * lanes; i++) {
        scales[i] = 1;
    }
    for (int first = 0; first < n; first += MODEL_OUTPUTS_MAX) {
        const int outputs = n - first < MODEL_OUTPUTS_MAX ? n - first : MODEL_OUTPUTS_MAX;
        struct batch batch = {
            .graph = s->graph,
            .lanes = lanes,
            .rates = s->rates,
            .slopes = s->slopes,
            .kms = s->kms,
            .timeline = &s->timeline,
            .output_count = outputs,
            .output_compartments = compartments,
            .output_scales = scales,
            .levels = levels,
        };
        for (int o = 0; o < outputs; o++) {
            compartments[o] = first + o;
        }
        const int failed = s->integrator->solve(s->solver, &batch, why);
        if (failed) {
            return failed == -2 ? no_memory(why) : -1;
        }
        for (int o = 0; o < outputs; o++) {
            for (int l = 0; l < lanes; l++) {
                amounts[l][first + o] = levels[o * lanes + l];
            }
        }
    }
    for (int l = 0; l < lanes; l++) {
        for (int i = 0; i < count; i++) { /* the solver saw the amounts before these */
            const struct pulse *pulse = &s->pulses[l][i];
            amounts[l][pulse->compartment] += pulse->start == interval ? pulse->amount : 0;
        }
    }
    return 0;
}

/* Sets the pulses of a lane: amounts that it begins with, then those of the interval, if it has them. */
static int set_pulses(struct steady_solver *s, int lane, const double *amounts, const struct pulse *cycle,
                      int count, bool has_cycle)
{
    int n = 0;
    for (int c = 0; c < s->graph->compartments; c++) {
        add_pulse(s->pulses[lane], &n, 0, 0, c, amounts[c]);
    }
    for (int i = 0; i < count; i++) {
        s->pulses[lane][n] = cycle[i];
        s->pulses[lane][n++].amount *= has_cycle;
    }
    return n;
}

static bool all_finite(const double *values, int count)
{
    for (int i = 0; i < count; i++) {
        if (!isfinite(values[i])) {
            return false;
        }
    }
    return true;
}

static const char no_steady_state[] =
    "there is no steady state: what the doses bring does not leave the body, or not fast enough";

/* sum += M sum and M = M M, until M adds nothing. All terms are positive. */
static int sum_intervals(int n, double m[][STATES_MAX], double *sum, struct solve_failure *why)
{
    for (int k = 0; k < SQUARINGS_MAX; k++) {
        double product[STATES_MAX] = {0};
        double square[STATES_MAX][STATES_MAX] = {{0}};
        bool adds = false;
        for (int from = 0; from < n; from++) {
            for (int to = 0; to < n; to++) {
                product[to] += m[from][to] * sum[from];
                for (int by = 0; by < n; by++) {
                    square[from][to] += m[from][by] * m[by][to];
                }
            }
        }
        for (int c = 0; c < n; c++) {
            adds |= sum[c] + product[c] != sum[c];
            sum[c] += product[c];
        }
        memcpy(m, square, sizeof(square));
        if (!all_finite(sum, n)) {
            break;
        }
        if (!adds) {
            return 0;
        }
    }
    return fail(why, PATIENT_STEADY, no_steady_state);
}

static int solve_exactly(struct steady_solver *s, const struct patient_rates *patient,
                         const struct pulse *cycle, int count, double interval, double *amounts,
                         struct solve_failure *why)
{
    const int n = s->graph->compartments;
    double ends[LANES_MAX][STATES_MAX];
    double begin[STATES_MAX];
    int pulses = 0;
    for (int l = 0; l <= n; l++) {
        for (int c = 0; c < n; c++) {
            begin[c] = l == c;
        }
        pulses = set_pulses(s, l, begin, cycle, count, l == n);
    }
    if (solve(s, patient, pulses, n + 1, interval, ends, why)) {
        return -1;
    }
    memcpy(amounts, ends[n], (size_t)n * sizeof(double));
    return sum_intervals(n, ends, amounts, why);
}

/* Whether what all later intervals would add to an amount is nothing, judged by what the last two have changed. A compartment
 * that fills slowly changes little from the beginning, and for long: each is judged by itself. */
static bool has_settled(const struct steady_solver *s, double amount, double change, double before)
{
    const double ratio = change / before;
    const double allowed = fmax(TOLERANCE, s->rtol) * fabs(amount) + s->atol;
    return change == 0 || (ratio < 1 && change * fmax(1, ratio / (1 - ratio)) <= allowed);
}

/* Interval by interval. */
static int solve_repeatedly(struct steady_solver *s, const struct patient_rates *patient,
                            const struct pulse *cycle, int count, double interval, double *amounts,
                            struct solve_failure *why)
{
    const int n = s->graph->compartments;
    double changes[STATES_MAX];
    for (int c = 0; c < n; c++) {
        amounts[c] = 0;
        changes[c] = INFINITY;
    }
    for (int k = 0; k < INTERVALS_MAX; k++) {
        double ends[1][STATES_MAX];
        const int pulses = set_pulses(s, 0, amounts, cycle, count, true);
        if (solve(s, patient, pulses, 1, interval, ends, why)) {
            return -1;
        }
        bool settled = true;
        for (int c = 0; c < n; c++) {
            const double change = fabs(ends[0][c] - amounts[c]);
            settled &= has_settled(s, ends[0][c], change, changes[c]);
            changes[c] = change;
            amounts[c] = ends[0][c];
        }
        if (settled) {
            return 0;
        }
    }
    return fail(why, PATIENT_STEADY, no_steady_state);
}

static int solve_cycle(struct steady_solver *s, const struct patient_rates *patient,
                       const struct pulse *cycle, int count, double interval, double *amounts,
                       struct solve_failure *why)
{
    if (!s->graph->is_autonomous) {
        return fail(why, PATIENT_STEADY, "there is no steady state: a rate of the model changes with time");
    }
    if (reserve(s, s->graph->compartments + count, s->graph->is_linear ? s->graph->compartments + 1 : 1)) {
        return no_memory(why);
    }
    return s->graph->is_linear ? solve_exactly(s, patient, cycle, count, interval, amounts, why)
                               : solve_repeatedly(s, patient, cycle, count, interval, amounts, why);
}

int steady_state_of_doses(struct steady_solver *s, const struct patient_rates *patient,
                          const struct dose_part *parts, int part_count, double interval, double *amounts,
                          struct solve_failure *why)
{
    struct pulse *cycle = malloc((4 * (size_t)part_count + 1) * sizeof(*cycle));
    int count = 0;
    if (!cycle) {
        return no_memory(why);
    }
    for (int i = 0; i < part_count; i++) {
        cycle_pulses(&parts[i], interval, cycle, &count);
    }
    const int status = solve_cycle(s, patient, cycle, count, interval, amounts, why);
    free(cycle);
    return status;
}

int steady_state_of_infusion(struct steady_solver *s, const struct patient_rates *patient, int compartment,
                             double rate, double *amounts, struct solve_failure *why)
{
    const double interval = 1; /* h; of something constant any will do */
    const struct pulse cycle = {0, interval, compartment, rate * interval};
    return solve_cycle(s, patient, &cycle, 1, interval, amounts, why);
}
