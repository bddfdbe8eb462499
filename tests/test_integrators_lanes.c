/* Batches of patients: nothing is lost or made, no lane disturbs another, and a lane that cannot be solved is told. */
#include "solving.h"

#include "model/library.h"

#include "solver/dosing.h"

enum { PULSES_MAX = 32 };

/* Varied patients of a library model, all given the same doses at the same times. */
struct patients {
    struct pulse pulses[SOLVING_LANES_MAX][PULSES_MAX];
    double given[SOLVING_LANES_MAX]; /* mg that enters */
};

/* Every route of the model a few times over, nasal doses of three devices. */
static int fill_doses(const struct model *model, struct dose *doses)
{
    int count = 0;

    for (int repeat = 0; repeat < 2; repeat++) {
        for (int route = 0; route < model->route_count; route++) {
            const bool devices = model->routes[route].device_amount > 0;
            doses[count++] = (struct dose){
                .time = repeat * 86400 + route * 5400,
                .route = route,
                .amount = devices ? 3 * model->routes[route].device_amount : 35,
                .over = strcmp(model->routes[route].name, "iv") == 0 && repeat == 0 ? 2400 : 0,
                .share = 1,
            };
        }
    }
    return count;
}

/* Lane l becomes patient number l; weights differ too. */
static void fill_lanes(struct solving *s, struct patients *patients, int lanes)
{
    const struct model *model = &s->given.model;
    struct evaluator *evaluator = given_evaluator(&s->given);
    struct dose doses[2 * MODEL_ROUTES_MAX];
    const struct arm arm = {.doses = doses, .dose_count = fill_doses(model, doses)};
    struct individual_error why = {""};

    s->lanes = lanes;
    s->pulse_count = dosing_pulse_count(model, &arm);
    assert_true(s->pulse_count <= PULSES_MAX);
    for (int l = 0; l < lanes; l++) {
        struct individual p = typical_patient(model);
        const int weight = model_covariate(model, "weight");
        if (weight >= 0) {
            p.covariates[weight] = 50 + l;
        }
        individual_draw_effects(model, 20261123, (uint64_t)l, p.etas);
        compute(evaluator, &p);
        assert_int_equal(dosing_pulses(evaluator, model, &arm, ALL_OCCASIONS, 70, patients->pulses[l], &why),
                         s->pulse_count);
        solving_rates(s, l, p.rates);
        for (int f = 0; f < model->flow_count; f++) {
            s->slopes[f * SOLVING_LANES_MAX + l] = p.slopes[f];
        }
        s->pulses[l] = patients->pulses[l];
        patients->given[l] = 0;
        for (int i = 0; i < s->pulse_count; i++) {
            patients->given[l] += patients->pulses[l][i].amount;
        }
    }
    evaluator_free(evaluator);
}

/* A library model with its outputs observed every half hour for three days. */
static void begin_library(struct solving *s, const char *name, bool track_eliminated, double *times)
{
    memset(s, 0, sizeof(*s));
    given_library(&s->given, name);
    graph_init(&s->graph, &s->given.model, track_eliminated);
    s->observed_count = s->given.model.output_count;
    for (int o = 0; o < s->observed_count; o++) {
        s->observed[o] = s->given.model.outputs[o].compartment;
    }
    s->time_count = 145;
    for (int i = 0; i < s->time_count; i++) {
        times[i] = i / 2.0;
    }
    s->times = times;
}

/* What was given is in the body or has left it. */
static void test_mass_balance(void **state)
{
    (void)state;
    for (int m = 0; m < library_count; m++) {
        for (int i = 0; i < integrator_count; i++) {
            static const double relative = 1e-8;
            double times[145];
            struct solving s;
            struct patients *patients = malloc(sizeof(*patients));
            assert_non_null(patients);
            begin_library(&s, library_entries[m].name, true, times);
            fill_lanes(&s, patients, 64);
            if (integrators[i].only_linear && !model_is_linear(&s.given.model)) {
                solving_clear(&s);
                free(patients);
                continue;
            }
            solve(&s, &integrators[i]);
            for (int l = 0; l < s.lanes; l++) {
                assert_true(s.eliminated[l] > 0.2 * patients->given[l]);
                assert_close(s.eliminated[l] + s.remaining[l], patients->given[l], relative, 0);
            }
            solving_clear(&s);
            free(patients);
        }
    }
}

/* Fails unless the amounts of lane `a` of one solution are those of lane `b` of another. */
static void check_same(const struct solving *one, int a, const struct solving *other, int b, double relative,
                       double absolute)
{
    for (int o = 0; o < one->observed_count; o++) {
        for (int i = 0; i < one->time_count; i++) {
            assert_close(amount(one, o, a, i), amount(other, o, b, i), relative, absolute);
        }
    }
}

/* A patient alone, in small and full batches, and in the last, half empty, group of lanes, has the same levels: by the exact method
 * to the bit, by CVODE within its tolerance. The state is made once, for the largest batch. */
static void test_lanes(void **state)
{
    static const int widths[] = {64, 1, 7, 32, 8, 9};
    double times[145];
    struct solving all;
    struct patients *patients = malloc(sizeof(*patients));

    (void)state;
    assert_non_null(patients);
    for (int i = 0; i < integrator_count; i++) {
        const struct integrator *by = &integrators[i];
        const struct integrator_options options = solving_options();
        struct solve_failure why;
        begin_library(&all, "perez-ruixo-2021", false, times);
        fill_lanes(&all, patients, 64);
        solve(&all, by);
        void *solver = by->create(&all.graph, 64, &options);
        assert_non_null(solver);
        for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++) {
            for (int first = 0; first + widths[w] <= 64; first += 55) {
                struct solving part = all;
                part.amounts = NULL;
                part.lanes = widths[w];
                for (int l = 0; l < part.lanes; l++) {
                    part.pulses[l] = all.pulses[first + l];
                    for (int f = 0; f < part.graph.flow_count; f++) {
                        part.rates[f * SOLVING_LANES_MAX + l] = all.rates[f * SOLVING_LANES_MAX + first + l];
                    }
                }
                assert_int_equal(solving_try_with(&part, by, solver, &why), 0);
                for (int l = 0; l < part.lanes; l++) {
                    check_same(&part, l, &all, first + l, is_exact(by) ? 0 : 1e-6, is_exact(by) ? 0 : 1e-8);
                }
                free(part.amounts);
            }
        }
        by->free(solver);
        solving_clear(&all);
    }
    free(patients);
}

/* The same lane beside gentle and beside violent neighbors. */
static void test_neighbors(void **state)
{
    static const struct pulse pulses[] = {{0, 0, 0, 100}, {1, 3, 1, 40}};
    static const double mine[] = {1.1, 0.4};
    static const double gentle[] = {0.01, 0.02};
    static const double violent[] = {5000, 900};
    static const double times[] = {0.5, 1, 1.5, 3, 6, 24};

    (void)state;
    for (int i = 0; i < integrator_count; i++) {
        struct solving quiet;
        struct solving loud;
        for (int k = 0; k < 2; k++) {
            struct solving *s = k ? &loud : &quiet;
            solving_begin(s, ABSORPTION);
            solving_set(s, mine, pulses, 2, times, 6);
            s->lanes = 12;
            for (int l = 0; l < s->lanes; l++) {
                s->pulses[l] = pulses;
                solving_rates(s, l, l == 3 || l == 10 ? mine : k ? violent : gentle);
            }
            solve(s, &integrators[i]);
            check_same(s, 3, s, 10, 0, 0); /* equal lanes are equal to the bit */
        }
        const bool exact = is_exact(&integrators[i]);
        check_same(&quiet, 3, &loud, 3, exact ? 0 : 2e-6, exact ? 0 : 1e-8);
        check_same(&quiet, 3, &loud, 10, exact ? 0 : 2e-6, exact ? 0 : 1e-8);
        solving_clear(&quiet);
        solving_clear(&loud);
    }
}

/* Lanes in which nothing happens neither cost a step nor lend the others their accuracy: the error norm is the largest of the
 * lanes', not their mean. */
static void test_silent_lanes(void **state)
{
    static const struct pulse pulses[] = {{0, 0, 0, 100}, {1, 3, 1, 40}};
    static const struct pulse nothing[] = {{0, 0, 0, 0}, {1, 3, 1, 0}};
    static const double rates[] = {1.1, 0.4};
    static const double times[] = {0.5, 1, 1.5, 3, 6, 24};

    (void)state;
    for (int i = 0; i < integrator_count; i++) {
        struct solving alone;
        struct solving among;
        solving_begin(&alone, ABSORPTION);
        solving_set(&alone, rates, pulses, 2, times, 6);
        solve(&alone, &integrators[i]);
        solving_begin(&among, ABSORPTION);
        solving_set(&among, rates, nothing, 2, times, 6);
        among.lanes = 64;
        for (int l = 0; l < among.lanes; l++) {
            among.pulses[l] = l == 37 ? pulses : nothing;
            solving_rates(&among, l, rates);
        }
        solve(&among, &integrators[i]);
        check_same(&among, 37, &alone, 0, 0, 0);
        assert_int_equal(among.steps, alone.steps);
        assert_int_equal(among.evaluations, alone.evaluations);
        assert_true(among.remaining[36] == 0 && among.remaining[38] == 0);
        solving_clear(&alone);
        solving_clear(&among);
    }
}

/* The two methods have nothing in common but the timeline. */
static void test_methods_agree(void **state)
{
    double times[145];
    struct patients *patients = malloc(sizeof(*patients));

    (void)state;
    assert_non_null(patients);
    for (int m = 0; m < library_count; m++) {
        struct solving by_steps;
        struct solving exact;
        begin_library(&by_steps, library_entries[m].name, false, times);
        if (!model_is_linear(&by_steps.given.model)) {
            solving_clear(&by_steps);
            continue;
        }
        fill_lanes(&by_steps, patients, 16);
        solve(&by_steps, integrator_find("cvode"));
        exact = by_steps;
        exact.amounts = NULL;
        solve(&exact, integrator_find("exact"));
        for (int l = 0; l < 16; l++) {
            check_same(&by_steps, l, &exact, l, 1e-6, 2e-8);
        }
        assert_true(by_steps.steps > 100 && by_steps.evaluations >= by_steps.steps);
        assert_true(exact.steps == 0);
        free(exact.amounts);
        solving_clear(&by_steps);
    }
    free(patients);
}

/* A finer tolerance comes closer to the exact solution, and costs more steps. */
static void test_tolerance(void **state)
{
    static const struct pulse pulses[] = {{0, 0, 0, 100}};
    static const double rates[] = {1.1, 0.4};
    static const double times[] = {0.5, 1, 2, 4, 8};
    static const double tolerances[] = {1e-4, 1e-6, 1e-8, 1e-10};
    const struct integrator *cvode = integrator_find("cvode");
    struct solving s;
    int64_t steps = 0;

    (void)state;
    solving_begin(&s, ABSORPTION);
    solving_set(&s, rates, pulses, 1, times, 5);
    for (int k = 0; k < 4; k++) {
        const struct integrator_options options = {.rtol = tolerances[k], .atol = 1e-12, .max_steps = 100000};
        struct solve_failure why;
        void *solver = cvode->create(&s.graph, 1, &options);
        assert_non_null(solver);
        assert_int_equal(solving_try_with(&s, cvode, solver, &why), 0);
        cvode->free(solver);
        for (int i = 0; i < 5; i++) {
            const double expected = 110 * (exp(-0.4 * times[i]) - exp(-1.1 * times[i])) / 0.7;
            assert_close(amount(&s, 1, 0, i), expected, 100 * tolerances[k], 0);
        }
        assert_true(s.steps > steps);
        steps = s.steps;
    }
    solving_clear(&s);
}

/* Too few steps are a failure with a time and a remedy, and the state is good for another batch. */
static void test_step_limit(void **state)
{
    static const struct pulse pulses[] = {{0, 0, 0, 100}};
    static const double rates[] = {1.1, 0.4};
    static const double times[] = {24};
    const struct integrator *cvode = integrator_find("cvode");
    const struct integrator_options options = {.rtol = 1e-8, .atol = 1e-10, .max_steps = 60};
    struct solve_failure why = {.text = ""};
    struct solving s;

    (void)state;
    solving_begin(&s, ABSORPTION);
    solving_set(&s, rates, pulses, 1, times, 1);
    void *solver = cvode->create(&s.graph, 1, &options);
    assert_non_null(solver);
    assert_int_equal(solving_try_with(&s, cvode, solver, &why), -1);
    assert_string_equal(
        why.text, "60 steps did not suffice; raise solver.max_steps, or see the parameters of this patient");
    assert_true(why.time > 0 && why.time < 24);
    static const double soon[] = {0.01};
    s.times = soon;
    assert_int_equal(solving_try_with(&s, cvode, solver, &why), 0);
    assert_close(amount(&s, 0, 0, 0), 100 * exp(-0.011), 1e-6, 0);
    cvode->free(solver);
    solving_clear(&s);
}

/* A rate beyond all reason, or no number at all, beside good lanes: either a message, or levels; never a success with levels
 * that are not numbers. */
static void test_impossible_lane(void **state)
{
    static const double bad[] = {1e300, 1e308, (double)INFINITY, (double)NAN};
    static const struct pulse pulses[] = {{0, 0, 0, 100}};
    static const double good[] = {1.1, 0.4};
    static const double times[] = {0.5, 1, 8};
    const struct integrator *cvode = integrator_find("cvode");

    (void)state;
    for (size_t k = 0; k < 2 * sizeof(bad) / sizeof(bad[0]); k++) {
        const double rates[] = {k % 2 ? bad[k / 2] : 1.1, k % 2 ? 0.4 : bad[k / 2]};
        struct solve_failure why = {.time = (double)NAN, .text = ""};
        struct solving s;
        solving_begin(&s, ABSORPTION);
        solving_set(&s, good, pulses, 1, times, 3);
        s.lanes = 3;
        for (int l = 0; l < 3; l++) {
            s.pulses[l] = pulses;
            solving_rates(&s, l, l == 1 ? rates : good);
        }
        const struct integrator_options options = solving_options();
        void *solver = cvode->create(&s.graph, 3, &options);
        assert_non_null(solver);
        if (solving_try_with(&s, cvode, solver, &why)) {
            assert_true(strlen(why.text) > 20);
            assert_true(why.time >= 0 && why.time <= 8);
        } else {
            for (int i = 0; i < s.observed_count * s.lanes * s.time_count; i++) {
                assert_true(isfinite(s.amounts[i]));
            }
        }
        /* the state is none the worse */
        solving_rates(&s, 1, good);
        assert_int_equal(solving_try_with(&s, cvode, solver, &why), 0);
        assert_close(amount(&s, 0, 1, 1), 100 * exp(-1.1), 1e-6, 0);
        cvode->free(solver);
        solving_clear(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mass_balance),  cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_neighbors),     cmocka_unit_test(test_silent_lanes),
        cmocka_unit_test(test_methods_agree), cmocka_unit_test(test_tolerance),
        cmocka_unit_test(test_step_limit),    cmocka_unit_test(test_impossible_lane),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
