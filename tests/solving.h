/* solving - small problems for the integrators: a graph, rates, pulses and times, without a study around them. */
#ifndef KETSIM_TESTS_SOLVING_H
#define KETSIM_TESTS_SOLVING_H

#include "models.h"

#include "solver/integrator.h"

enum { SOLVING_LANES_MAX = 64 };

/* Outputs and routes are only there because a model has some: the tests observe all compartments, or say which. */
#define SOLVING_TAIL                                                                                         \
    "routes: {iv: {inputs: [{to: central}]}}\n"                                                              \
    "outputs: {ketamine: {amount: central, volume: \"1\"}}\n"

#define ONE_COMPARTMENT                                                                                      \
    MODEL_HEAD "parameters: {p: {typical: 1}}\n"                                                             \
               "compartments: [central]\n"                                                                   \
               "flows:\n"                                                                                    \
               "  - {from: central, rate: p}\n" SOLVING_TAIL

/* Flows: absorption, elimination. */
#define ABSORPTION                                                                                           \
    MODEL_HEAD "parameters: {p: {typical: 1}}\n"                                                             \
               "compartments: [depot, central]\n"                                                            \
               "flows:\n"                                                                                    \
               "  - {from: depot, to: central, rate: p}\n"                                                   \
               "  - {from: central, rate: p}\n" SOLVING_TAIL

/* Flows: there, back, elimination. */
#define TWO_COMPARTMENTS                                                                                     \
    MODEL_HEAD "parameters: {p: {typical: 1}}\n"                                                             \
               "compartments: [central, peripheral]\n"                                                       \
               "flows:\n"                                                                                    \
               "  - {from: central, to: peripheral, rate: p}\n"                                              \
               "  - {from: peripheral, to: central, rate: p}\n"                                              \
               "  - {from: central, rate: p}\n" SOLVING_TAIL

/* A problem; what is solved is in `amounts`, mg. */
struct solving {
    struct given given;
    struct graph graph;
    int lanes;
    double rates[MODEL_FLOWS_MAX * SOLVING_LANES_MAX];  /* [flow][lane] */
    double slopes[MODEL_FLOWS_MAX * SOLVING_LANES_MAX]; /* [flow][lane]; 0 unless set */
    const struct pulse *pulses[SOLVING_LANES_MAX];      /* [lane] */
    int pulse_count;
    const double *times;
    int time_count;
    int observed[MODEL_OUTPUTS_MAX]; /* compartments */
    int observed_count;
    bool only_levels; /* neither what is left nor what was eliminated is wanted */
    double *amounts;  /* [observed][lane][time] */
    double eliminated[SOLVING_LANES_MAX];
    double remaining[SOLVING_LANES_MAX];
    int64_t steps;
    int64_t evaluations;
    int states; /* how many were solved */
};

/* One lane of the model in `text`, all compartments observed, what leaves the body tracked. */
static inline void solving_begin(struct solving *s, const char *text)
{
    memset(s, 0, sizeof(*s));
    given_text(&s->given, text);
    graph_init(&s->graph, &s->given.model, true);
    s->lanes = 1;
    s->observed_count = s->given.model.compartment_count;
    for (int c = 0; c < s->observed_count; c++) {
        s->observed[c] = c;
    }
}

static inline void solving_clear(struct solving *s)
{
    free(s->amounts);
    given_clear(&s->given);
}

static inline void solving_rates(struct solving *s, int lane, const double *rates)
{
    for (int f = 0; f < s->graph.flow_count; f++) {
        s->rates[f * SOLVING_LANES_MAX + lane] = rates[f];
    }
}

/* One set of rates and pulses for lane 0, and the times. */
static inline void solving_set(struct solving *s, const double *rates, const struct pulse *pulses,
                               int pulse_count, const double *times, int time_count)
{
    solving_rates(s, 0, rates);
    s->pulses[0] = pulses;
    s->pulse_count = pulse_count;
    s->times = times;
    s->time_count = time_count;
}

/* The tolerances of the tests; studies use the same by default. */
static inline struct integrator_options solving_options(void)
{
    return (struct integrator_options){.rtol = 1e-8, .atol = 1e-10, .max_steps = 100000};
}

/* Solves by `state`, which was made for at least as many lanes; all that is filled holds NaN before. */
static inline int solving_try_with(struct solving *s, const struct integrator *by, void *state,
                                   struct solve_failure *why)
{
    struct timeline timeline = {0};
    double *rates = malloc((size_t)(s->graph.flow_count * s->lanes) * sizeof(double));
    double *slopes = malloc((size_t)(s->graph.flow_count * s->lanes) * sizeof(double));
    double scales[MODEL_OUTPUTS_MAX * SOLVING_LANES_MAX];
    const int amounts = s->observed_count * s->lanes * s->time_count;

    s->amounts = realloc(s->amounts, (size_t)amounts * sizeof(double));
    assert_non_null(rates);
    assert_non_null(slopes);
    assert_non_null(s->amounts);
    for (int f = 0; f < s->graph.flow_count; f++) {
        for (int l = 0; l < s->lanes; l++) {
            rates[f * s->lanes + l] = s->rates[f * SOLVING_LANES_MAX + l];
            slopes[f * s->lanes + l] = s->slopes[f * SOLVING_LANES_MAX + l];
        }
    }
    for (int i = 0; i < amounts; i++) {
        s->amounts[i] = (double)NAN;
    }
    for (int i = 0; i < s->observed_count * s->lanes; i++) {
        scales[i] = 1;
    }
    assert_int_equal(timeline_build(&timeline, s->pulses, s->pulse_count, s->lanes, s->times, s->time_count),
                     0);
    struct batch batch = {
        .graph = &s->graph,
        .lanes = s->lanes,
        .rates = rates,
        .slopes = slopes,
        .timeline = &timeline,
        .output_count = s->observed_count,
        .output_compartments = s->observed,
        .output_scales = scales,
        .levels = s->amounts,
        .eliminated = s->graph.tracks_eliminated && !s->only_levels ? s->eliminated : NULL,
        .remaining = s->only_levels ? NULL : s->remaining,
    };
    bool kept[GRAPH_STATES_MAX] = {false};
    batch_mark_states(&batch, kept);
    s->states = 0;
    for (int i = 0; i < s->graph.states; i++) {
        s->states += kept[i];
    }
    const int failed = by->solve(state, &batch, why);
    s->steps = batch.steps;
    s->evaluations = batch.evaluations;
    timeline_clear(&timeline);
    free(rates);
    free(slopes);
    return failed;
}

static inline int solving_try(struct solving *s, const struct integrator *by, struct solve_failure *why)
{
    const struct integrator_options options = solving_options();
    void *state = by->create(&s->graph, s->lanes, &options);

    assert_non_null(state);
    const int failed = solving_try_with(s, by, state, why);
    by->free(state);
    return failed;
}

static inline void solve(struct solving *s, const struct integrator *by)
{
    struct solve_failure why = {.text = ""};

    if (solving_try(s, by, &why)) {
        print_error("%s: %s (at %g h)\n", by->name, why.text, why.time);
        fail();
    }
}

static inline double amount(const struct solving *s, int observed, int lane, int time)
{
    return s->amounts[((ptrdiff_t)observed * s->lanes + lane) * s->time_count + time];
}

static inline bool is_exact(const struct integrator *by)
{
    return strcmp(by->name, "exact") == 0;
}

#endif
