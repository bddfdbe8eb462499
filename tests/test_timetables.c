/* Patients whose timetables differ in times, but not in order, share a batch: each must come out as if it were alone. */
#include "check.h"

#include "event_run.h"
#include "simulate.h"

#include "model/random.h"

#define HEAD "title: My own\ncitation: none\ndrug: racemate\nsampling: venous\n"

static void write_models(void)
{
    static const struct {
        const char *name;
        const char *text;
    } models[] = {
        {"one", "model: one\n" HEAD "parameters: {k: {typical: 0.25, unit: 1/h}, V: {typical: 20, unit: L}}\n"
                "compartments: [central]\nflows: [{from: central, rate: k}]\n"
                "routes: {iv: {inputs: [{to: central}]}}\n"
                "outputs: {ketamine: {amount: central, volume: V}}\n"},
        /* a saturable flow, and one whose rate changes with time */
        {"changing", "model: changing\n" HEAD
                     "parameters: {k: {typical: 0.1, unit: 1/h}, V: {typical: 20, unit: L}, vm: {typical: 6, "
                     "unit: mg/h}, km: {typical: 4, unit: mg}}\n"
                     "compartments: [central, deep]\n"
                     "flows: [{from: central, vmax: vm, km: km}, {from: central, to: deep, rate: k, slope: "
                     "k*0.05}, {from: deep, to: central, rate: k}]\n"
                     "routes: {iv: {inputs: [{to: central}]}}\n"
                     "outputs: {ketamine: {amount: central, volume: V}}\n"},
    };
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/timetables_%s.yaml", BINARY_DIR, models[i].name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(models[i].text, file);
        fclose(file);
    }
}

#define OWN(name) BINARY_DIR "/timetables_" name ".yaml"

/* The level t hours after 20 mg began to enter 20 L over `over` hours, 0.25 of it leaving per hour. */
static double infusion_level(double t, double over)
{
    const double running = t < over ? t : over;
    return 1000.0 / over / 0.25 * -expm1(-0.25 * running) * exp(-0.25 * (t - running));
}

/* Infusions of 1 to 100 quarters of an hour: some end exactly at observations, some between, one with the last, some not at all. */
static void test_durations(void **state)
{
    enum { ARMS = 100 };
    char text[4096];
    (void)state;
    size_t used = (size_t)snprintf(
        text, sizeof(text),
        "title: t\nmodel: " OWN("one") "\nseed: 1\npatients: {count: 1}\n"
                                       "arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 1 h}]}]\n"
                                       "observe: {to: 24 h, every: 30 min}\n"
                                       "exposure: {from: solution, metrics: [cmax, tmax, auc_last]}\n"
                                       "sweep: {design: grid, over: [");
    for (int i = 1; i <= ARMS; i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%d min%s", 15 * i, i < ARMS ? ", " : "");
    }
    snprintf(text + used, sizeof(text) - used, "]}\n");
    for (int m = 0; m < integrator_count; m++) {
        const double relative = integrators[m].only_linear ? 1e-12 : 1e-7;
        struct simulation s;
        simulate(&s, text, integrators[m].name, 2);
        /* two blocks; the five infusions that reach the last observation have one stop less */
        assert_int_equal(s.report.batches, 3);
        for (int arm = 0; arm < ARMS; arm++) {
            const double over = (arm + 1) / 4.0;
            const double last = over < 24 ? over : 24;
            const double area = 1000.0 / over / 0.25 * (last - -expm1(-0.25 * last) / 0.25) +
                                infusion_level(last, over) / 0.25 * -expm1(-0.25 * (24 - last));
            for (int i = 0; i < s.study.time_count; i++) {
                assert_close(simulation_levels(&s, arm, 0, 0)[i], infusion_level(s.study.times[i], over),
                             relative, 1e-9);
            }
            assert_close(simulation_metric(&s, arm, 0, 0, "cmax"), infusion_level(last, over), relative, 0);
            assert_close(simulation_metric(&s, arm, 0, 0, "tmax"), last, relative, 0);
            assert_close(simulation_metric(&s, arm, 0, 0, "auc_last"), area, relative, 0);
        }
        simulation_clear(&s);
    }
}

/* A number from 0 to 1 that is the same in every run. */
static double drawn(int arm, int index)
{
    return random_uniform(7, (uint64_t)arm, PURPOSE_BOOTSTRAP, (uint32_t)index);
}

/* Appends an arm of sessions at times of its own: each begins after the one before has ended. */
static size_t append_arm(char *text, size_t size, int arm, const char *const *routes)
{
    size_t used = (size_t)snprintf(text, size, "%s{name: a%d, regimen: [", arm ? ", " : "", arm);
    double at = 0;
    for (int i = 0; routes[i]; i++) {
        const bool infused = strcmp(routes[i], "iv") == 0;
        const double over = 1 + 200 * drawn(arm, 2 * i) * drawn(arm, 2 * i);
        used += (size_t)snprintf(text + used, size - used, "%s{route: %s, dose: 28 mg, at: %.6f min",
                                 i ? ", " : "", routes[i], at);
        if (infused) {
            used += (size_t)snprintf(text + used, size - used, ", over: %.6f min", over);
        }
        used += (size_t)snprintf(text + used, size - used, "}");
        at += 60 + over + 1000 * drawn(arm, 2 * i + 1) * drawn(arm, 2 * i + 1);
    }
    return used + (size_t)snprintf(text + used, size - used, "]}");
}

/* A study of the arms numbered first .. first + count - 1. */
static void run_arms(struct simulation *s, const char *model, const char *const *routes, int first, int count,
                     const char *rest, const char *method)
{
    const size_t size = 4096 + 512 * (size_t)count;
    char *text = malloc(size);
    assert_non_null(text);
    size_t used = (size_t)snprintf(
        text, size, "title: t\nmodel: %s\nseed: 1\npatients: {count: 1}\n%sarms: [", model, rest);
    for (int arm = first; arm < first + count; arm++) {
        /* the comma before an arm that is not the first of the study */
        const size_t added = append_arm(text + used, size - used, arm, routes);
        if (arm == first && arm > 0) {
            text[used] = ' ';
        }
        used += added;
    }
    snprintf(text + used, size - used, "]\n");
    simulate(s, text, method, 1);
    free(text);
}

static double peak_of(const struct simulation *s, int arm, int analyte)
{
    double peak = 0;
    for (int i = 0; i < s->study.time_count; i++) {
        peak = fmax(peak, fabs(simulation_levels(s, arm, 0, analyte)[i]));
    }
    return peak;
}

/* Arms at random times against the same arms alone, by `oracle`; levels relative to the patient's own peak. */
static void check_alone(const char *model, const char *const *routes, int arms, const char *method,
                        const char *oracle, double relative)
{
    static const char rest[] =
        "observe: {to: 72 h, every: 20 min}\n"
        "exposure: {from: solution, metrics: [cmax, auc_last], time_above: [20 ng/mL],\n"
        "  auc_between: [{from: 100 min, to: 31 h}]}\n";
    struct simulation all;
    double worst = 0;
    run_arms(&all, model, routes, 0, arms, rest, method);
    assert_int_equal(all.report.failed, 0);
    assert_int_equal(all.report.batches, (arms + 63) / 64);
    for (int arm = 0; arm < arms; arm++) {
        struct simulation alone;
        run_arms(&alone, model, routes, arm, 1, rest, oracle);
        for (int a = 0; a < all.study.analyte_count; a++) {
            const double peak = peak_of(&alone, 0, a);
            for (int i = 0; i < all.study.time_count; i++) {
                const double got = simulation_levels(&all, arm, 0, a)[i];
                const double expected = simulation_levels(&alone, 0, 0, a)[i];
                worst = fmax(worst, fabs(got - expected) / peak);
                assert_close(got, expected, 0, relative * peak);
            }
            for (int k = 0; k < all.study.metric_count; k++) {
                const char *name = all.study.metrics[k].name;
                /* a crossing is as exact as the level over its slope there */
                assert_close(simulation_metric(&all, arm, 0, a, name),
                             simulation_metric(&alone, 0, 0, a, name), 20 * relative, 20 * relative);
            }
        }
        simulation_clear(&alone);
    }
    print_message("%s, %s beside %s alone: %.1e\n", model, method, oracle, worst);
    simulation_clear(&all);
}

static void test_linear(void **state)
{
    static const char *const perez[] = {"intranasal", "iv", "oral", "iv", NULL};
    (void)state;
    check_alone("perez-ruixo-2021", perez, 70, "cvode", "exact", 1e-7);
    check_alone("perez-ruixo-2021", perez, 70, "exact", "exact", 1e-12);
}

static void test_changing_rates(void **state)
{
    static const char *const infusions[] = {"iv", "iv", "iv", NULL};
    (void)state;
    check_alone(OWN("changing"), infusions, 30, "cvode", "cvode", 1e-7);
}

/* As many patients in each of two arms as make a batch of their own have one; what is left over shares another. */
static void test_groups(void **state)
{
    static const char *const texts[] = {"16", "15"};
    static const int batches[] = {3, 1};
    (void)state;
    for (int i = 0; i < 2; i++) {
        char text[1024];
        struct simulation s;
        snprintf(text, sizeof(text),
                 "title: t\nmodel: " OWN(
                     "one") "\nseed: 1\npatients: {count: %s}\n"
                            "arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 1 h}]}]\n"
                            "observe: {to: 24 h, every: 30 min}\n"
                            "sweep: {design: grid, over: [1 h, 2 h, 3 h]}\n",
                 texts[i]);
        simulate(&s, text, "cvode", 1);
        assert_int_equal(s.report.batches, batches[i]);
        simulation_clear(&s);
    }
}

/* A patient whom 60 steps do not take through a segment costs nobody else anything. */
static void test_failing_lane(void **state)
{
    static const char study[] =
        "title: t\nmodel: " OWN("one") "\nseed: 1\npatients: {count: 1}\n"
                                       "arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 1 h}]}]\n"
                                       "observe: {to: 3 h, every: 30 min}\nsolver: {max_steps: 60}\n"
                                       "sweep: {design: grid, k: [%s], over: [20 min, 1 h, 2 h]}\n";
    struct simulation with, without;
    char text[1024];
    (void)state;
    snprintf(text, sizeof(text), study, "0.25 1/h, 40000 1/h");
    simulate(&with, text, "cvode", 1);
    snprintf(text, sizeof(text), study, "0.25 1/h");
    simulate(&without, text, "cvode", 1);
    assert_int_equal(with.report.failed, 3);
    for (int arm = 0; arm < 3; arm++) {
        assert_int_equal(with.status[arm], PATIENT_SIMULATED);
        assert_int_equal(with.status[3 + arm], PATIENT_STEPS);
        for (int i = 0; i < with.study.time_count; i++) {
            assert_close(simulation_levels(&with, arm, 0, 0)[i], simulation_levels(&without, arm, 0, 0)[i],
                         1e-7, 0);
            assert_true(isnan(simulation_levels(&with, 3 + arm, 0, 0)[i]));
        }
    }
    simulation_clear(&with);
    simulation_clear(&without);
}

/* Of an event table: an additional dose after 3 h, and a last row at that very time or later. The first patient's last segment has no
 * length, those of the others do. */
static void test_event_table(void **state)
{
    static const char table[] = "ID,TIME,EVID,AMT,RATE,ADDL,II\n"
                                "1,0,1,10,5,1,3\n1,2,0,0,0,0,0\n1,2,1,10,0,1,1\n1,3,0,0,0,0,0\n"
                                "2,1,1,10,10,1,3\n2,3,0,0,0,0,0\n2,3,1,10,0,1,1\n2,9,0,0,0,0,0\n"
                                "3,0,1,10,0,1,3\n3,2.5,0,0,0,0,0\n3,3,0,0,0,0,0\n"
                                "4,0,1,10,0,1,3\n4,3,0,0,0,0,0\n"
                                "5,0,1,10,0,1,3\n5,2,0,0,0,0,0\n5,8,0,0,0,0,0\n";
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        const struct event_input input = {
            NULL, table, "title: t\nmodel: " OWN("one") "\nseed: 1\n", false, integrators[m].name, 1};
        const double relative = integrators[m].only_linear ? 1e-13 : 1e-7;
        const double b = 500; /* ng/mL, of a bolus */
        const double expected[] = {0, infusion_level(2, 2) / 2, infusion_level(2, 2) / 2 + b,
                                   /* both enter again, the infusion only begins to */
                                   infusion_level(3, 2) / 2 + b * exp(-0.25) + b,
                                   /* patient 2: what began at 1 h, and again at 4 h; boluses at 3 and 4 h */
                                   0, infusion_level(2, 1) / 2, infusion_level(2, 1) / 2 + b,
                                   infusion_level(8, 1) / 2 + infusion_level(5, 1) / 2 +
                                       b * (exp(-1.5) + exp(-1.25)),
                                   /* the others: boluses at 0 and 3 h */
                                   b, b * exp(-0.625), b * exp(-0.75) + b, b, b * exp(-0.75) + b, b,
                                   b * exp(-0.5), b * (exp(-2) + exp(-1.25))};
        struct event_run r;
        if (!event_run(&r, &input)) {
            assert_no_errors(&r.d);
            fail();
        }
        assert_int_equal(r.report.batches, 4); /* patients 3 and 5 share one */
        for (int row = 0; row < (int)(sizeof(expected) / sizeof(expected[0])); row++) {
            assert_close(event_run_level(&r, 0, row), expected[row], relative, 1e-9);
        }
        event_run_clear(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),      cmocka_unit_test(test_linear),
        cmocka_unit_test(test_changing_rates), cmocka_unit_test(test_groups),
        cmocka_unit_test(test_failing_lane),   cmocka_unit_test(test_event_table),
    };
    write_models();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
