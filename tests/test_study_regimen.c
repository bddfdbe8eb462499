#include "study_check.h"

/* --- how much, and how fast --- */

static void check_dose(const char *text, enum dose_basis basis, double amount, double over, int line)
{
    struct reading r;
    reading_of(&r, text);
    check_messages(&r.d, "", line);
    assert_int_equal(r.study.arms[0].dose_count, 1);
    const struct dose *dose = &r.study.arms[0].doses[0];
    assert_int_equal(dose->basis, basis);
    assert_close(dose->amount, amount, 1e-15, 0);
    assert_close(dose->over, over, 1e-15, 0);
    assert_true(dose->share == 1);
    reading_clear(&r);
}

#define check_item(item, basis, amount, over)                                                                \
    check_dose(REGIMEN("otto-2021", item), basis, amount, over, __LINE__)

static void test_dosing(void **state)
{
    (void)state;
    check_item("{route: iv, dose: 10 mg}", DOSE_ABSOLUTE, 10, 0);
    check_item("{route: iv, dose: 0.01 g}", DOSE_ABSOLUTE, 10, 0);
    check_item("{route: iv, dose: 0 mg}", DOSE_ABSOLUTE, 0, 0);
    check_item("{route: iv, dose: 0.5 mg/kg, over: 40 min}", DOSE_PER_KG, 0.5, 2400);
    check_item("{route: iv, dose: 10 mg, rate: 20 mg/h}", DOSE_ABSOLUTE, 10, 1800);
    check_item("{route: iv, dose: 0.5 mg/kg, rate: 12.5 mcg/kg/min}", DOSE_PER_KG, 0.5, 2400);
    check_item("{route: iv, rate: 20 mg/h, over: 30 min}", DOSE_ABSOLUTE, 10, 1800);
    check_item("{route: iv, rate: 12.5 mcg/kg/min, over: 40 min}", DOSE_PER_KG, 0.5, 2400);
}

static void test_dosing_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        REGIMEN("otto-2021", "{route: iv}"),
        "s.yaml:7:9: error: how much is given? write dose, dose and over, dose and rate, or rate and over");
    expect_mistakes(
        REGIMEN("otto-2021", "{route: iv, over: 40 min}"),
        "s.yaml:7:9: error: how much is given? write dose, dose and over, dose and rate, or rate and over");
    expect_mistakes(
        REGIMEN("otto-2021", "{route: iv, rate: 1 mg/h}"),
        "s.yaml:7:9: error: how much is given? write dose, dose and over, dose and rate, or rate and over");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, rate: 1 mg/h, over: 1 h}"),
                    "s.yaml:7:9: error: dose, rate and over together say the same twice; leave one out");
    expect_mistakes(
        REGIMEN("otto-2021", "{route: iv, dose: 1 mg, rate: 1 mg/kg/h}"),
        "s.yaml:7:39: error: dose \"1 mg\" and rate \"1 mg/kg/h\" must both be per kg, or neither");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: -1 mg}"),
                    "s.yaml:7:27: error: \"-1 mg\" must not be negative");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, over: 0 min}"),
                    "s.yaml:7:39: error: \"0 min\" must be above 0");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, rate: 0 mg/h, over: 1 h}"),
                    "s.yaml:7:27: error: \"0 mg/h\" must be above 0");
    expect_mistakes(
        REGIMEN("otto-2021", "{route: iv, dose: 84 mL}"),
        "s.yaml:7:27: error: \"84 mL\" is a volume; a mass or a mass per body weight is expected here, "
        "for example 84 mg or 84 mg/kg");
    expect_mistakes(
        REGIMEN("otto-2021", "{route: iv, dose: 84}"),
        "s.yaml:7:27: error: \"84\" has no unit; a mass or a mass per body weight is expected here, for "
        "example 84 mg or 84 mg/kg");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 84 mg, over: 40}"),
                    "s.yaml:7:40: error: \"40\" has no unit; a time is expected here, for example 40 min");
    expect_mistakes(
        REGIMEN("otto-2021", "{route: iv, dose: much}"),
        "s.yaml:7:27: error: arms.0.regimen.0.dose: \"much\" does not begin with a number; write it like 2 "
        "mg");
}

/* --- route --- */

static void test_routes(void **state)
{
    (void)state;
    expect_mistakes(REGIMEN("perez-ruixo-2021", "{route: nasal, dose: 28 mg}"),
                    "s.yaml:7:17: error: \"nasal\" is no route of perez-ruixo-2021 (intranasal, iv, oral)");
    expect_mistakes(REGIMEN("otto-2021", "{route: intranasal, dose: 28 mg}"),
                    "s.yaml:7:17: error: \"intranasal\" is no route of otto-2021 (iv)");
    expect_mistakes(
        REGIMEN("perez-ruixo-2021", "{route: intransal, dose: 28 mg}"),
        "s.yaml:7:17: error: \"intransal\" is no route of perez-ruixo-2021 (intranasal, iv, oral); did "
        "you mean intranasal?");
    expect_mistakes(REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 70 mg}"),
                    "s.yaml:7:35: error: 70 mg is not a whole number of 28 mg devices");
    expect_mistakes(REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 1 mg/kg}"),
                    "s.yaml:7:35: error: \"1 mg/kg\" cannot be given by 28 mg devices; write a dose in mg");
    expect_mistakes(
        REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 28 mg, over: 1 min}"),
        "s.yaml:7:48: error: the intranasal route of perez-ruixo-2021 says itself how fast a dose "
        "enters; leave out \"over\"");
    expect_mistakes(
        REGIMEN("perez-ruixo-2021", "{route: oral, dose: 28 mg, rate: 1 mg/h}"),
        "s.yaml:7:42: error: the oral route of perez-ruixo-2021 says itself how fast a dose enters; "
        "leave out \"rate\"");
    expect_mistakes(
        "applicability: ignore\n" REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 28.028 g}"),
        "s.yaml:8:35: error: 28.028 g is more than 1000 devices of 28 mg");
    struct reading r;
    read_right(&r, REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 84 mg}"));
    assert_true(r.study.arms[0].doses[0].amount == 84 && r.study.arms[0].doses[0].over == 0);
    assert_string_equal(r.study.models[0].routes[r.study.arms[0].doses[0].route].name, "intranasal");
    reading_clear(&r);
    read_right(&r, REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 0 mg}"));
    reading_clear(&r);
}

static const char split_warning[] = "s.yaml:7:9: warning: this dose follows another within 1 h, and each "
                                    "counts its devices from 1; a session of "
                                    "84 mg is written as one dose of 84 mg";

static void test_split_session(void **state)
{
    (void)state;
    struct reading r;
    expect_warnings(REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 28 mg, every: 5 min, times: 3}"),
                    split_warning);
    expect_warnings(
        PEREZ "arms:\n  - name: a\n    regimen:\n      - {route: intranasal, dose: 28 mg}\n"
              "      - {route: iv, dose: 1 mg, at: 4 min}\n"
              "      - {route: intranasal, dose: 28 mg, at: 5 min}" OBSERVE,
        "s.yaml:9:9: warning: this dose follows another within 1 h, and each counts its devices from "
        "1; a session of 84 mg is written as one dose of 84 mg");
    read_right(&r, REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 28 mg, every: 1 h, times: 3}"));
    reading_clear(&r);
    read_right(&r, REGIMEN("perez-ruixo-2021", "{route: iv, dose: 28 mg, every: 5 min, times: 3}"));
    reading_clear(&r);
}

/* --- drug --- */

static void test_drug(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, REGIMEN("otto-2021", "{route: iv, dose: 10 mg, drug: S-ketamine}"));
    assert_true(r.study.arms[0].doses[0].share == 1);
    reading_clear(&r);
    read_right(&r, REGIMEN("domino-1982", "{route: iv, dose: 10 mg, drug: racemate}"));
    assert_true(r.study.arms[0].doses[0].share == 1);
    reading_clear(&r);
    expect_mistakes(
        REGIMEN("otto-2021", "{route: iv, dose: 10 mg, drug: racemate}"),
        "s.yaml:7:40: error: racemate cannot be given to otto-2021, a model of S-ketamine; `racemate: "
        "halve` simulates the half that is S-ketamine");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 10 mg, drug: R-ketamine}"),
                    "s.yaml:7:40: error: R-ketamine cannot be given to otto-2021, a model of S-ketamine");
    expect_mistakes(REGIMEN("domino-1982", "{route: iv, dose: 10 mg, drug: S-ketamine}"),
                    "s.yaml:7:40: error: S-ketamine cannot be given to domino-1982, a model of racemate");
    expect_warnings(
        "racemate: halve\n" REGIMEN("otto-2021", "{route: iv, dose: 10 mg, drug: racemate}"),
        "s.yaml:8:40: warning: otto-2021 is a model of S-ketamine: half of each dose of racemate is "
        "simulated");
    expect_mistakes("racemate: halve\n" REGIMEN("otto-2021", "{route: iv, dose: 10 mg, drug: R-ketamine}"),
                    "s.yaml:8:40: error: R-ketamine cannot be given to otto-2021, a model of S-ketamine");
    expect_mistakes(
        "racemate: halve\n" REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 28 mg, drug: racemate}"),
        "s.yaml:8:48: error: racemate cannot be given by the devices of perez-ruixo-2021, which hold "
        "S-ketamine");
    reading_of(&r, "racemate: halve\n" REGIMEN("otto-2021", "{route: iv, dose: 10 mg, drug: racemate}"));
    assert_true(r.study.arms[0].doses[0].share == 0.5 && r.study.arms[0].doses[0].amount == 10);
    reading_clear(&r);
}

/* The drug that a dose is of is in the resolved study even where the user left it out. */
static void test_own_drug(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, REGIMEN("otto-2021", "{route: iv, dose: 10 mg}"));
    const struct node *arm = node_find(r.study.document.root, "arms")->items[0];
    assert_true(node_reads(node_find(node_find(arm, "regimen")->items[0], "drug"), "S-ketamine"));
    reading_clear(&r);
}

/* --- when --- */

static void check_times(const char *text, int count, const double *times, int line)
{
    struct reading r;
    reading_of(&r, text);
    check_messages(&r.d, "", line);
    assert_int_equal(r.study.arms[0].dose_count, count);
    for (int i = 0; i < count; i++) {
        assert_true(r.study.arms[0].doses[i].time == times[i]);
    }
    reading_clear(&r);
}

#define check_schedule(item, count, ...)                                                                     \
    check_times(REGIMEN("otto-2021", "{route: iv, dose: 1 mg" item "}"), count,                              \
                (const double[]){__VA_ARGS__}, __LINE__)

static void test_schedule(void **state)
{
    (void)state;
    check_schedule("", 1, 0);
    check_schedule(", at: 90 min", 1, 5400);
    check_schedule(", every: 84 h, times: 3", 3, 0, 302400, 604800);
    check_schedule(", at: 1 h, every: 7 days, times: 2", 2, 3600, 608400);
    check_schedule(", at: 1 h, times: 1, every: 1 h", 1, 3600);
    check_schedule(", on_days: [0, 3, 7]", 3, 0, 259200, 604800);
    check_schedule(", at: 9 h, on_days: [0, 3.5]", 2, 32400, 334800);
    /* 0.1 s is no binary fraction: the tenth dose is 9 steps after the first, not a sum of nine */
    check_schedule(", every: 0.1 s, times: 10", 10, 0, 0.1, 0.2, 3 * 0.1, 0.4, 0.5, 6 * 0.1, 7 * 0.1, 0.8,
                   0.9);
}

static void test_schedule_mistakes(void **state)
{
    (void)state;
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, every: 1 h}"),
                    "s.yaml:7:40: error: how often? `every` needs `times`");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, times: 2}"),
                    "s.yaml:7:40: error: how often? `times` needs `every`");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, every: 1 h, times: 0}"),
                    "s.yaml:7:52: error: \"0\" must be 1 to 100000");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, every: 1 h, times: 100001}"),
                    "s.yaml:7:52: error: \"100001\" must be 1 to 100000");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, every: 1 h, times: 60000}\n"
                                         "      - {route: iv, dose: 1 mg, every: 1 h, times: 40001}"),
                    "s.yaml:8:9: error: more than 100000 doses in an arm");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, every: 9e6 h, times: 3}"),
                    "s.yaml:7:9: error: the last of its doses is later than 10000000 h");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, at: 1e300 h}"),
                    "s.yaml:7:37: error: \"1e300 h\" is later than 10000000 h");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, over: 1e-300 s}"),
                    "s.yaml:7:39: error: \"1e-300 s\" is neither 0 nor at least 0.000001 s");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, every: 0 h, times: 2}"),
                    "s.yaml:7:40: error: \"0 h\" must be above 0");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, at: -1 h}"),
                    "s.yaml:7:37: error: \"-1 h\" must not be negative");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, every: 1 h, times: 2, on_days: [0]}"),
                    "s.yaml:7:64: error: on_days excludes every and times");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, on_days: []}"),
                    "s.yaml:7:42: error: on_days needs a day at least");
    expect_mistakes(REGIMEN("otto-2021", "{route: iv, dose: 1 mg, on_days: [0, 3 days, -1, 2, 2]}"),
                    "s.yaml:7:46: error: \"3 days\" is no number of days, like 0, 3 or 3.5\n"
                    "s.yaml:7:54: error: \"-1\" is no number of days, like 0, 3 or 3.5\n"
                    "s.yaml:7:61: error: day 2 must come after the day before it in the list");
    expect_mistakes(PEREZ "arms:\n  - {name: a, regimen: []}" OBSERVE,
                    "s.yaml:5:24: error: a regimen needs a dose at least");
}

/* Doses are in the order of time; those of one time in the order of the file. */
static void test_order(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, OTTO "arms:\n  - name: a\n    regimen:\n"
                        "      - {route: iv, dose: 1 mg, at: 2 h}\n"
                        "      - {route: iv, dose: 2 mg, every: 1 h, times: 3}\n"
                        "      - {route: iv, dose: 3 mg, at: 1 h}\n"
                        "      - {route: iv, dose: 4 mg, at: 2 h}\n"
                        "      - {route: iv, dose: 5 mg}" OBSERVE);
    static const double amounts[] = {2, 5, 2, 3, 1, 2, 4};
    static const double hours[] = {0, 0, 1, 1, 2, 2, 2};
    assert_int_equal(r.study.arms[0].dose_count, 7);
    for (int i = 0; i < 7; i++) {
        assert_true(r.study.arms[0].doses[i].amount == amounts[i]);
        assert_true(r.study.arms[0].doses[i].time == hours[i] * 3600);
    }
    reading_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dosing),   cmocka_unit_test(test_dosing_mistakes),
        cmocka_unit_test(test_routes),   cmocka_unit_test(test_split_session),
        cmocka_unit_test(test_drug),     cmocka_unit_test(test_own_drug),
        cmocka_unit_test(test_schedule), cmocka_unit_test(test_schedule_mistakes),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
