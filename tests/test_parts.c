/* Solving only the part of a model that the doses reach and the levels depend on must give what the whole model gives. */
#include "solving.h"

enum { TIMES = 49, LANES = 3 };

/* Two depots, a central compartment with a peripheral one, an effect site that copies, and a metabolite.
 * Flows: depot, other depot, there, back, to the metabolite, copy, effect site, metabolite out. */
#define CHAIN                                                                                                \
    MODEL_HEAD "parameters: {p: {typical: 1}}\n"                                                             \
               "compartments: [depot, other, central, peripheral, metabolite, site]\n"                       \
               "flows:\n"                                                                                    \
               "  - {from: depot, to: central, rate: p}\n"                                                   \
               "  - {from: other, to: central, rate: p}\n"                                                   \
               "  - {from: central, to: peripheral, rate: p}\n"                                              \
               "  - {from: peripheral, to: central, rate: p}\n"                                              \
               "  - {from: central, to: metabolite, rate: p}\n"                                              \
               "  - {from: central, to: site, rate: p, copies: true}\n"                                      \
               "  - {from: site, rate: p}\n"                                                                 \
               "  - {from: metabolite, rate: p}\n" SOLVING_TAIL

enum { DEPOT, OTHER, CENTRAL, PERIPHERAL, METABOLITE, SITE };

static void begin(struct solving *s, const struct pulse *pulses, int pulse_count, double *times)
{
    static const double rates[] = {1.5, 0.7, 0.9, 0.4, 1.1, 3, 3, 0.6};
    solving_begin(s, CHAIN);
    for (int i = 0; i < TIMES; i++) {
        times[i] = i / 2.0;
    }
    s->lanes = LANES;
    for (int l = 0; l < LANES; l++) {
        double own[8];
        for (int f = 0; f < 8; f++) {
            own[f] = rates[f] * (1 + 0.1 * l);
        }
        solving_rates(s, l, own);
        s->pulses[l] = pulses;
    }
    s->pulse_count = pulse_count;
    s->times = times;
    s->time_count = TIMES;
}

/* Solves with all compartments, then with only `observed`, and compares. */
static void compare(const struct integrator *by, const struct pulse *pulses, int pulse_count, int observed,
                    int expected_states)
{
    struct solving whole;
    struct solving part;
    double times[TIMES];
    begin(&whole, pulses, pulse_count, times);
    begin(&part, pulses, pulse_count, times);
    solve(&whole, by);
    part.observed[0] = observed;
    part.observed_count = 1;
    part.only_levels = true;
    solve(&part, by);
    for (int l = 0; l < LANES; l++) {
        for (int i = 0; i < TIMES; i++) {
            double level = amount(&whole, observed, l, i);
            assert_close(amount(&part, 0, l, i), level, is_exact(by) ? 1e-13 : 1e-6, is_exact(by) ? 0 : 1e-9);
        }
    }
    assert_int_equal(part.states, expected_states);
    solving_clear(&whole);
    solving_clear(&part);
}

static void test_levels(void **state)
{
    static const struct pulse depot[] = {{0, 0, DEPOT, 28}, {1, 1.75, OTHER, 5}, {30, 30, PERIPHERAL, 1}};
    (void)state;
    for (int i = 0; i < integrator_count; i++) {
        const struct integrator *by = &integrators[i];
        compare(by, depot, 1, CENTRAL, 3);    /* depot, central, peripheral */
        compare(by, depot, 1, METABOLITE, 4); /* and the metabolite */
        compare(by, depot, 1, SITE, 4);
        compare(by, depot, 2, CENTRAL, 4);
        compare(by, depot + 1, 1, DEPOT, 7); /* nothing reaches it: zeros, and no part to leave out */
    }
}

/* A batch after another, of another part, by the same solver. */
static void test_changing_parts(void **state)
{
    static const struct pulse one[] = {{0, 0, DEPOT, 28}};
    static const struct pulse two[] = {{0, 2, OTHER, 28}};
    static const struct pulse *const doses[] = {one, two, one};
    double times[TIMES];
    (void)state;
    for (int i = 0; i < integrator_count; i++) {
        struct solving first;
        const struct integrator_options options = solving_options();
        begin(&first, one, 1, times);
        void *solver = integrators[i].create(&first.graph, LANES, &options);
        assert_non_null(solver);
        for (int k = 0; k < 3; k++) {
            struct solving fresh;
            struct solve_failure why;
            begin(&fresh, doses[k], 1, times);
            fresh.only_levels = true;
            fresh.observed[0] = k == 1 ? METABOLITE : SITE;
            fresh.observed_count = 1;
            solve(&fresh, &integrators[i]);
            for (int l = 0; l < LANES; l++) {
                first.pulses[l] = doses[k];
            }
            first.only_levels = true;
            first.observed[0] = fresh.observed[0];
            first.observed_count = 1;
            assert_int_equal(solving_try_with(&first, &integrators[i], solver, &why), 0);
            assert_memory_equal(first.amounts, fresh.amounts, LANES * TIMES * sizeof(double));
            solving_clear(&fresh);
        }
        integrators[i].free(solver);
        solving_clear(&first);
    }
}

/* What flows out of the part is lost from it, and what only copies into nothing kept is not solved. */
static void test_graph(void **state)
{
    static const bool kept[GRAPH_STATES_MAX] = {[DEPOT] = true, [CENTRAL] = true, [PERIPHERAL] = true};
    struct solving s;
    struct graph part;
    (void)state;
    solving_begin(&s, CHAIN);
    graph_part(&part, &s.graph, kept);
    assert_int_equal(part.states, 3);
    assert_int_equal(part.flow_count, 4);
    assert_int_equal(part.model_flows, 8);
    assert_int_equal(part.state_of[CENTRAL], 1);
    assert_int_equal(part.state_of[METABOLITE], -1);
    assert_int_equal(part.flows[3].flow, 4);
    assert_int_equal(part.flows[3].from, 1);
    assert_int_equal(part.flows[3].to, -1);
    solving_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_changing_parts),
        cmocka_unit_test(test_graph),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
