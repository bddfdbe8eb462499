/* Steady states of models without an exact solution, by an independent route: doses simulated one by one, and the linear
 * model that a saturable one is at low levels. */
#include "check.h"

#include "event_run.h"

static const char saturable[] = "model: saturable\n"
                                "title: Saturable elimination and a depot\n"
                                "citation: none\n"
                                "drug: other\n"
                                "sampling: unstated\n"
                                "parameters:\n"
                                "  KM: {typical: 20, unit: mg}\n"
                                "  VMAX: {typical: 10}\n"
                                "  LAG: {typical: 0, unit: h}\n"
                                "compartments: [depot, central]\n"
                                "flows:\n"
                                "  - {from: depot, to: central, rate: \"0.8\"}\n"
                                "  - {from: central, vmax: VMAX, km: KM}\n"
                                "routes: {iv: {inputs: [{to: central}]}}\n"
                                "doses: {depot: {lag: LAG}, central: {lag: LAG}}\n"
                                "outputs: {ketamine: {amount: central, volume: \"20\"}}\n";

static void run(struct event_run *r, const char *model, const char *rows, const char *sweep)
{
    char table[2048];
    char study[256];
    snprintf(table, sizeof(table), "ID,TIME,EVID,AMT,RATE,CMT,ADDL,II,SS\n%s", rows);
    snprintf(study, sizeof(study), "title: t\nmodel: model.yaml\nseed: 1\n%s", sweep);
    const struct event_input input = {model, table, study, false, "cvode", 1};
    const bool ran = event_run(r, &input);
    assert_no_errors(&r->d);
    assert_true(ran);
}

/* Patient 1 is given 500 doses, patient 2 is told to have had them for ever. */
static void check_doses(const char *dose, const char *lag)
{
    struct event_run r;
    char rows[1024];
    const int count = 6;
    snprintf(rows, sizeof(rows),
             "1,0,1,%s,499,12,0\n"
             "1,6000,1,%s,1,12,0\n1,6000.5,0,0,0,0,0,0,0\n1,6003,0,0,0,0,0,0,0\n1,6009,0,0,0,0,0,0,0\n"
             "1,6012,0,0,0,0,0,0,0\n1,6030,0,0,0,0,0,0,0\n"
             "2,6000,1,%s,1,12,1\n2,6000.5,0,0,0,0,0,0,0\n2,6003,0,0,0,0,0,0,0\n2,6009,0,0,0,0,0,0,0\n"
             "2,6012,0,0,0,0,0,0,0\n2,6030,0,0,0,0,0,0,0\n",
             dose, dose, dose);
    run(&r, saturable, rows, lag);
    assert_int_equal(r.report.failed, 0);
    assert_int_equal(r.study.events->event_count, 1 + 2 * count);
    for (int i = 0; i < count; i++) {
        const double given = event_run_level(&r, 0, 1 + i);
        assert_true(given > 1);
        assert_close(event_run_level(&r, 0, 1 + count + i), given, 3e-7, 0);
    }
    event_run_clear(&r);
}

static void test_doses(void **state)
{
    (void)state;
    check_doses("80,0,2", "");
    check_doses("80,0,1", "");
    check_doses("80,10,2", "");
    check_doses("80,4,2", ""); /* longer than the interval */
    check_doses("80,0,1", "sweep: {design: grid, LAG: [5 h]}\n");
    check_doses("80,4,2", "sweep: {design: grid, LAG: [5 h]}\n");
    check_doses("80,0,2", "sweep: {design: grid, LAG: [30 h]}\n");
}

/* At plateau an infusion of 5 mg/h is eliminated as fast: 10 a / (20 + a) = 5, a = 20 mg. */
static void test_constant_infusion(void **state)
{
    struct event_run r;
    (void)state;
    run(&r, saturable, "1,0,1,0,5,2,0,0,1\n", "");
    assert_close(event_run_level(&r, 0, 0), 1000.0, 1e-7, 0);
    event_run_clear(&r);
}

/* A slow deep compartment beside a fast central one: what an interval changes is soon small, and for long. The saturable
 * model is the linear one of rate vmax/km = 0.5 as long as the amounts are nothing to KM. */
#define DEEP(FLOW)                                                                                           \
    "model: deep\ntitle: t\ncitation: none\ndrug: other\nsampling: unstated\n"                               \
    "parameters: {IN: {typical: 0.0001, unit: 1/h}, OUT: {typical: 0.01, unit: 1/h}}\n"                      \
    "compartments: [central, deep]\n"                                                                        \
    "flows:\n"                                                                                               \
    "  - {from: central, to: deep, rate: IN}\n"                                                              \
    "  - {from: deep, to: central, rate: OUT}\n"                                                             \
    "  - {from: central, " FLOW "}\n"                                                                        \
    "routes: {iv: {inputs: [{to: central}]}}\n"                                                              \
    "outputs: {ketamine: {amount: central, volume: \"20\"}, norketamine: {amount: deep, volume: \"20\"}}\n"

static void check_deep(int interval, const char *sweep)
{
    char rows[128];
    snprintf(rows, sizeof(rows), "1,0,1,10,0,1,0,%d,1\n1,1,0,0,0,0,0,0,0\n1,4,0,0,0,0,0,0,0\n", interval);
    struct event_run linear;
    struct event_run saturating;
    run(&linear, DEEP("rate: \"0.5\""), rows, sweep);
    run(&saturating, DEEP("vmax: \"5e9\", km: \"1e10\""), rows, sweep);
    assert_int_equal(linear.report.failed, 0);
    assert_int_equal(saturating.report.failed, 0);
    for (int analyte = 0; analyte < 2; analyte++) {
        for (int row = 0; row < 3; row++) {
            const double expected = linear.levels[event_run_row(&linear, 0, analyte, row)];
            assert_close(saturating.levels[event_run_row(&saturating, 0, analyte, row)], expected, 1e-6, 0);
        }
    }
    event_run_clear(&linear);
    event_run_clear(&saturating);
}

static void test_deep_compartment(void **state)
{
    (void)state;
    check_deep(24, "");
    check_deep(24, "sweep: {design: grid, IN: [0.000001 1/h], OUT: [0.0003 1/h]}\n");
    check_deep(24, "sweep: {design: grid, IN: [0.1 1/h], OUT: [0.01 1/h]}\n");
    check_deep(1, "sweep: {design: grid, IN: [0.000000001 1/h], OUT: [0.001 1/h]}\n");
    check_deep(1, "sweep: {design: grid, IN: [0.0001 1/h], OUT: [0.001 1/h]}\n");
}

static void check_none(const char *model, const char *rows, const char *method, const char *message)
{
    struct event_run r;
    char table[512];
    snprintf(table, sizeof(table), "ID,TIME,EVID,AMT,RATE,CMT,ADDL,II,SS\n%s", rows);
    const struct event_input input = {model, table,  "title: t\nmodel: model.yaml\nseed: 1\n",
                                      false, method, 1};
    assert_true(event_run(&r, &input));
    assert_int_equal(r.report.failed, 1);
    assert_int_equal(r.status[0], PATIENT_STEADY);
    assert_close(r.report.failures[0].why.time, 3, 0, 0);
    assert_string_equal(r.report.failures[0].why.text, message);
    assert_true(isnan(event_run_level(&r, 0, 1)));
    assert_true(event_run_level(&r, 0, 3) > 0); /* of the next patient */
    event_run_clear(&r);
}

/* What cannot be is said, and costs nobody else anything. */
static void test_none(void **state)
{
    static const char rows[] = "1,3,1,10,0,1,0,24,1\n1,12,0,0,0,0,0,0,0\n"
                               "2,0,1,10,0,1,0,0,0\n2,12,0,0,0,0,0,0,0\n";
    static const char kept[] =
        "model: kept\ntitle: t\ncitation: none\ndrug: other\nsampling: unstated\n"
        "parameters: {k: {typical: 1, unit: 1/h}}\n"
        "compartments: [central, deep]\n"
        "flows: [{from: central, to: deep, rate: k}, {from: deep, to: central, rate: k}]\n"
        "routes: {iv: {inputs: [{to: central}]}}\n"
        "outputs: {ketamine: {amount: central, volume: \"20\"}}\n";
    static const char told[] =
        "there is no steady state: what the doses bring does not leave the body, or not fast enough";
    (void)state;
    check_none(kept, rows, "cvode", told);
    check_none(kept, rows, "exact", told);
    /* 10 mg/h leave at most */
    check_none(saturable,
               "1,3,1,130,0,2,0,12,1\n1,12,0,0,0,0,0,0,0\n2,0,1,10,0,2,0,0,0\n2,12,0,0,0,0,0,0,0\n", "cvode",
               told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doses),
        cmocka_unit_test(test_constant_infusion),
        cmocka_unit_test(test_deep_compartment),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
