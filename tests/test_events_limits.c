/* Tables that ask for more than a patient can have end with a message, and soon. */
#include "check.h"

#include "event_run.h"

/* What is told of the only patient, who fails. */
static void assert_fails(const char *model, const char *table, const char *why)
{
    struct event_run r;
    char text[256];

    snprintf(text, sizeof(text), "title: t\nmodel: %s\nseed: 1\n", model ? "model.yaml" : "otto-2021");
    const struct event_input input = {model, table, text, false, "exact", 1};
    const bool ran = event_run(&r, &input);
    assert_no_errors(&r.d);
    assert_true(ran);
    assert_int_equal(r.report.failed, 1);
    assert_string_equal(r.report.failures[0].why.text, why);
    event_run_clear(&r);
}

static const char slow[] = "model: slow\n"
                           "title: A model whose doses are late\n"
                           "citation: none\n"
                           "drug: racemate\n"
                           "sampling: venous\n"
                           "parameters: {V: {typical: 20, unit: L}}\n"
                           "compartments: [central]\n"
                           "flows: [{from: central, rate: \"0.1\"}]\n"
                           "routes: {buccal: {inputs: [{to: central, lag: \"1e4\"}]},\n"
                           "         oral: {inputs: [{to: central, over: \"1e4\"}]}}\n"
                           "outputs: {ketamine: {amount: central, volume: V}}\n";

static void test_running(void **state)
{
    (void)state;
    static const char why[] = "more than 10000 infusions run at one time";
    assert_fails(NULL, "ID,TIME,AMT,DUR,ADDL,II\n1,0,1,1000,20000,0.001\n1,30,0,0,0,0\n", why);
    assert_fails(slow, "ID,TIME,AMT,SS,II,CMT\n1,0,1,1,0.1,oral\n1,30,0,0,0,.\n", why);
}

static void test_waiting(void **state)
{
    (void)state;
    assert_fails(NULL, "ID,TIME,AMT,ADDL,II\n1,0,1,999999,0.001\n1,0,1,999999,0.001\n1,1e4,0,0,0\n",
                 "more than a million doses wait for their time: fewer additional doses (ADDL)");
    assert_fails(slow, "ID,TIME,AMT,SS,II,CMT\n1,0,1,1,1e-3,buccal\n1,1e6,0,0,0,.\n",
                 "a lag of more than a million intervals (II)");
}

/* Doses that come after the last row cost nothing, however many. */
static void test_beyond_the_end(void **state)
{
    static const char table[] = "ID,TIME,AMT,ADDL,II\n"
                                "1,0,1,1000000,24\n"
                                "1,0,1,1000000,24\n"
                                "1,48,0,0,0\n";
    const struct event_input input = {NULL,  table,   "title: t\nmodel: otto-2021\nseed: 1\n",
                                      false, "exact", 1};
    struct event_run r;

    (void)state;
    assert_true(event_run(&r, &input));
    assert_int_equal(r.report.failed, 0);
    assert_true(r.levels[2] > 0); /* that at 48 h has entered */
    event_run_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_running),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_beyond_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
