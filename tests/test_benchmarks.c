/* The workloads of the benchmarks, with few patients each: what they are, how exact each method is, and the two methods that only
 * the benchmarks have. */
#include "check.h"

#include "solving.h"

#include "benchmarks/methods.h"
#include "benchmarks/workloads.h"

#include "app/study/study_read.h"

#define STUDIES SOURCE_DIR "/benchmarks/studies/"

static void path_of(const struct workload *workload, char *path, size_t size)
{
    snprintf(path, size, STUDIES "%s.yaml", workload->name);
}

/* What the figures of each are published as. */
static void test_sizes(void **state)
{
    static const struct {
        const char *name;
        int patients, doses, observations, compartments;
    } sizes[] = {
        {"w1", 10000, 1, 289, 7}, {"w2", 5000, 6, 337, 5}, {"b1", 2000, 57, 1345, 3},
        {"b2", 4000, 28, 673, 2}, {"b3", 500, 8, 8065, 9}, {"n1", 4000, 7, 169, 3},
    };
    (void)state;
    assert_int_equal(workload_count, sizeof(sizes) / sizeof(sizes[0]));
    for (int i = 0; i < workload_count; i++) {
        char path[1000];
        struct study study;
        struct diagnostics d;
        diagnostics_init(&d);
        assert_ptr_equal(workload_find(sizes[i].name), &workloads[i]);
        path_of(&workloads[i], path, sizeof(path));
        study_read(&study, path, NULL, 0, &d);
        assert_no_errors(&d);
        assert_int_equal(study.patient_count, sizes[i].patients);
        assert_int_equal(study.arm_count, 1);
        assert_int_equal(study.arms[0].dose_count, sizes[i].doses);
        assert_int_equal(study.time_count, sizes[i].observations);
        assert_int_equal(study.models[0].compartment_count, sizes[i].compartments);
        assert_true(study.rtol == 1e-8);
        study_clear(&study);
        diagnostics_clear(&d);
    }
    assert_null(workload_find("w9"));
}

/* No model file of a workload can be taken for a drug's. */
static void test_models_say_what_they_are(void **state)
{
    static const char *const names[] = {"w1", "b1", "b2", "n1"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[1000];
        struct study study;
        struct diagnostics d;
        diagnostics_init(&d);
        snprintf(path, sizeof(path), STUDIES "%s.yaml", names[i]);
        study_read(&study, path, NULL, 0, &d);
        assert_no_errors(&d);
        assert_non_null(strstr(study.models[0].title, "WORKLOAD"));
        assert_string_equal(study.models[0].drug, "other");
        assert_non_null(strstr(study.models[0].citation, "made up"));
        study_clear(&study);
        diagnostics_clear(&d);
    }
}

static void test_errors(void **state)
{
    (void)state;
    for (int i = 0; i < workload_count; i++) {
        const struct workload *workload = &workloads[i];
        struct counted counted[METHOD_COUNT];
        bool exists[METHOD_COUNT];
        char path[1000];
        char why[300] = "";
        path_of(workload, path, sizeof(path));
        if (workload_count_all(workload, path, workload->counted / 4, counted, exists, why) != 0) {
            print_error("%s: %s\n", workload->name, why);
            fail();
        }
        assert_int_equal(exists[METHOD_exact], strcmp(workload->name, "n1") != 0);
        for (int m = 0; m < METHOD_COUNT; m++) {
            if (exists[m]) {
                print_message("%s %-8s largest error %.1e, %lld steps, %lld right-hand sides\n",
                              workload->name, method_names[m], counted[m].error,
                              (long long)counted[m].outcome.steps, (long long)counted[m].outcome.evaluations);
                assert_true(counted[m].error <= (m == METHOD_exact   ? 1e-11
                                                 : m == METHOD_cvode ? workload->error
                                                                     : 1e-6));
                assert_int_equal(counted[m].outcome.patients, workload->counted / 4);
                assert_int_equal(counted[m].outcome.steps > 0, m != METHOD_exact);
            }
        }
        /* Two different programs: if their errors were the same, one would have been measured twice. */
        assert_true(counted[METHOD_cvode].error != counted[METHOD_baseline].error);
    }
}

/* 1 mg at once and 2 mg over two hours into one compartment. */
static void test_long_double(void **state)
{
    struct solving s;
    const double k = 0.7;
    const struct pulse pulses[] = {{0, 0, 0, 1}, {1, 3, 0, 2}};
    const double times[] = {0, 0.5, 1, 2.25, 3, 7};
    (void)state;
    solving_begin(&s, ONE_COMPARTMENT);
    solving_set(&s, &k, pulses, 2, times, 6);
    solve(&s, &long_double_integrator);
    for (int i = 0; i < 6; i++) {
        const double t = times[i];
        const double infused = (1 - exp(-k * (fmin(fmax(t, 1), 3) - 1))) / k * exp(-k * fmax(t - 3, 0));
        assert_close(amount(&s, 0, 0, i), t > 0 ? exp(-k * t) + infused : 0, 1e-15, 0);
    }
    assert_close(s.eliminated[0] + s.remaining[0], 3, 1e-15, 0);
    solving_clear(&s);
}

/* What no workload has: rates that change with time, copies, and too few steps. */
static void test_baseline(void **state)
{
    struct solving s;
    struct solve_failure why = {.text = ""};
    const double rates[] = {1.5, 0.4};
    const struct pulse pulse = {0, 0, 0, 10};
    const double times[] = {1, 2, 10};
    (void)state;
    solving_begin(&s, ABSORPTION);
    s.graph.flows[0].copies = true;
    s.graph.is_image[1] = true;
    s.graph.is_autonomous = false;
    s.slopes[1 * SOLVING_LANES_MAX] = 0.2;
    solving_set(&s, rates, &pulse, 1, times, 3);
    solve(&s, &baseline_integrator);
    const double depot = amount(&s, 0, 0, 2);
    assert_close(depot, 10, 1e-12, 0); /* a copy takes nothing away */
    const double by_baseline[] = {amount(&s, 1, 0, 0), amount(&s, 1, 0, 1), amount(&s, 1, 0, 2)};
    solve(&s, integrator_find("cvode"));
    for (int i = 0; i < 3; i++) {
        assert_close(by_baseline[i], amount(&s, 1, 0, i), 1e-6, 0);
    }
    const struct integrator_options few = {.rtol = 1e-8, .atol = 1e-10, .max_steps = 3};
    void *made = baseline_integrator.create(&s.graph, 1, &few);
    assert_non_null(made);
    assert_int_equal(solving_try_with(&s, &baseline_integrator, made, &why), -1);
    assert_string_equal(why.text, "too many steps");
    baseline_integrator.free(made);
    solving_clear(&s);
}

static void test_differences(void **state)
{
    double a[] = {1, 2, 4, 0, 0, 0};
    double b[] = {1, 2.5, 4, 0, 0, 0};
    struct levels x = {2, 1, 3, a};
    struct levels y = {2, 1, 3, b};
    (void)state;
    assert_close(levels_difference(&x, &y), 0.125, 1e-15, 0);
    a[4] = (double)NAN;
    assert_true(isnan(levels_difference(&x, &y)));
    a[4] = 1;
    assert_true(isinf(levels_difference(&x, &y))); /* where nothing should be */
    y.times = 2;
    assert_true(isnan(levels_difference(&x, &y)));
}

/* A run that fails says why. */
static void test_failures(void **state)
{
    struct outcome outcome;
    struct run run = {.study = STUDIES "n1.yaml", .method = "exact", .patients = 2, .threads = 1, .finer = 1};
    (void)state;
    run.study = STUDIES "none.yaml";
    assert_int_equal(run_here(&run, &outcome, NULL), -1);
    assert_non_null(strstr(outcome.why, "none.yaml"));
    run.study = STUDIES "w1.yaml";
    run.method = "euler";
    assert_int_equal(run_here(&run, &outcome, NULL), -1);
    assert_non_null(strstr(outcome.why, "\"euler\" is no method of solving"));
    assert_int_equal(run_apart(&run, &outcome), -1);
    assert_non_null(strstr(outcome.why, "\"euler\" is no method of solving"));
}

/* Ten times as many observations: the old ones are among them. */
static void test_finer(void **state)
{
    struct outcome outcome;
    struct levels coarse, fine;
    struct run run = {
        .study = STUDIES "w1.yaml", .method = "exact", .patients = 3, .threads = 1, .finer = 1, .keep = true};
    (void)state;
    assert_int_equal(run_here(&run, &outcome, &coarse), 0);
    run.finer = 10;
    assert_int_equal(run_here(&run, &outcome, &fine), 0);
    assert_int_equal(fine.times, 2881);
    for (int i = 0; i < 289; i++) {
        assert_close(fine.values[i * 10], coarse.values[i], 1e-12, 0);
    }
    levels_clear(&coarse);
    levels_clear(&fine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),       cmocka_unit_test(test_models_say_what_they_are),
        cmocka_unit_test(test_failures),    cmocka_unit_test(test_errors),
        cmocka_unit_test(test_long_double), cmocka_unit_test(test_baseline),
        cmocka_unit_test(test_differences), cmocka_unit_test(test_finer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
