/* Courses by their names, and times as dates. */
#include "study_check.h"
#include "study_equal.h"

#include "model/course.h"
#include "model/library.h"

/* A course stands at 6:13, or 7:13 where the study has a start; what is in its braces from column 14 on. */
#define COURSE(model, course) TOP(model) "arms:\n  - name: a\n    course: " course OBSERVE
#define START "start: 2026-03-02 09:00\n"

/* Two studies that must give the same doses. */
static void check_doses(const char *text, const char *regimen, int line)
{
    struct reading a;
    struct reading b;
    reading_of(&a, text);
    reading_of(&b, regimen);
    check_messages(&a.d, "", line);
    check_messages(&b.d, "", line);
    assert_int_equal(a.study.arms[0].dose_count, b.study.arms[0].dose_count);
    for (int i = 0; i < a.study.arms[0].dose_count; i++) {
        const struct dose *x = &a.study.arms[0].doses[i];
        const struct dose *y = &b.study.arms[0].doses[i];
        if (x->time != y->time || x->route != y->route || x->amount != y->amount || x->basis != y->basis ||
            x->over != y->over || x->share != y->share) {
            print_error("line %d: dose %d is %g at %g s, expected %g at %g s\n", line, i, x->amount, x->time,
                        y->amount, y->time);
            fail();
        }
    }
    check_round_trip(&a.study, "s.yaml");
    reading_clear(&a);
    reading_clear(&b);
}

#define check_course(model, course, items)                                                                   \
    check_doses(COURSE(model, course), TOP(model) "arms:\n  - name: a\n    regimen:\n" items OBSERVE,        \
                __LINE__)

static void test_spravato(void **state)
{
    (void)state;
    check_course(
        "perez-ruixo-2021", "{name: spravato, dose: 84 mg}",
        "      - {route: intranasal, dose: 56 mg}\n"
        "      - {route: intranasal, dose: 84 mg, on_days: [3, 7, 10, 14, 17, 21, 24, 28, 35, 42, 49]}\n");
    check_course(
        "perez-ruixo-2021",
        "{name: spravato, first: 28 mg, dose: 56 mg, maintenance: {every: 2 weeks, times: 3}}",
        "      - {route: intranasal, dose: 28 mg}\n"
        "      - {route: intranasal, dose: 56 mg, on_days: [3, 7, 10, 14, 17, 21, 24, 28, 35, 42, 49, 56, "
        "70, 84]}\n");
    check_course("perez-ruixo-2021", "{name: spravato, dose: 56 mg, until: 10 days, at: 90 min}",
                 "      - {route: intranasal, dose: 56 mg, at: 90 min, on_days: [0, 3, 7]}\n");
    check_course(
        "perez-ruixo-2021",
        "{name: spravato, dose: 56 mg, at: 100 s, maintenance: {every: 1 week, times: 1}}",
        "      - {route: intranasal, dose: 56 mg, at: 100 s, on_days: [0, 3, 7, 10, 14, 17, 21, 24, 28, 35, "
        "42, 49, 56]}\n");
    check_course("perez-ruixo-2021", "spravato acute",
                 "      - {route: intranasal, dose: 84 mg, on_days: [0, 3, 7, 10, 14, 17, 21, 24]}\n");
}

static void test_infusions(void **state)
{
    (void)state;
    static const char *const names[] = {"six infusions", "six-infusions", "{name: six infusions}"};
    char text[512];
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof(text), TOP("domino-1982") "arms:\n  - name: a\n    course: %s" OBSERVE,
                 names[i]);
        check_doses(text,
                    REGIMEN("domino-1982",
                            "{route: iv, dose: 0.5 mg/kg, over: 40 min, on_days: [0, 2, 4, 7, 9, 11]}"),
                    __LINE__);
    }
    check_course("domino-1982",
                 "{name: six infusions, dose: 0.4 mg/kg, over: 1 h, maintenance: {every: 3 weeks, times: 2}}",
                 "      - {route: iv, dose: 0.4 mg/kg, over: 1 h, on_days: [0, 2, 4, 7, 9, 11, 32, 53]}\n");
}

/* Each of the library is read whole, and under its own name. */
static void test_library(void **state)
{
    (void)state;
    struct units *units = units_create();
    struct diagnostics d;
    diagnostics_init(&d);
    assert_true(course_count >= 3);
    for (int i = 0; i < course_count; i++) {
        struct course by_entry;
        struct course by_name;
        assert_int_equal(course_read(&by_entry, course_entries[i].name, units, NOWHERE, &d), 0);
        assert_int_equal(course_read(&by_name, by_entry.name, units, NOWHERE, &d), 0);
        assert_string_equal(by_name.title, by_entry.title);
        assert_true(strlen(by_entry.citation) > 20);
        course_clear(&by_entry);
        course_clear(&by_name);
    }
    assert_int_equal(d.count, 0);
    units_free(units);
}

static void test_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        COURSE("perez-ruixo-2021", "spravatto"),
        "s.yaml:6:13: error: \"spravatto\" is no course of the library; did you mean spravato?; `ketsim "
        "courses` lists them, a path to a course file ends in .yaml");
    expect_mistakes(
        COURSE("perez-ruixo-2021", "spravato"),
        "s.yaml:6:13: error: how much is given? the course spravato leaves the dose after the first "
        "session open; write `course: {name: spravato, dose: 84 mg}`");
    expect_mistakes(COURSE("perez-ruixo-2021", "{dose: 84 mg}"),
                    "s.yaml:6:13: error: key \"name\" is missing in arms.0.course");
    expect_mistakes(
        COURSE("perez-ruixo-2021", "{name: spravato, dose: 84 mg, often: 2}"),
        "s.yaml:6:43: error: unknown key \"often\" in arms.0.course; known are name, dose, first, "
        "over, at, until, maintenance");
    expect_mistakes(
        COURSE("perez-ruixo-2021", "{name: spravato, dose: 80 mg}"),
        "s.yaml:6:36: warning: the source of the course spravato names doses of 28 mg, 56 mg, 84 mg, not 80 "
        "mg\n"
        "s.yaml:6:36: error: 80 mg is not a whole number of 28 mg devices");
    expect_mistakes(
        COURSE("perez-ruixo-2021", "{name: spravato, dose: 84 mL}"),
        "s.yaml:6:36: error: \"84 mL\" is a volume; a mass or a mass per body weight is expected here, "
        "for example 84 mg or 84 mg/kg");
    expect_mistakes(
        COURSE("perez-ruixo-2021", "{name: spravato, dose: 84 mg, over: 40 min}"),
        "s.yaml:6:49: error: the intranasal route of perez-ruixo-2021 says itself how fast a dose enters; "
        "leave out \"over\"");
    expect_mistakes(
        COURSE("perez-ruixo-2021", "{name: spravato acute, maintenance: {every: 1 week, times: 2}}"),
        "s.yaml:6:57: error: the course spravato acute ends with its last phase; leave out maintenance");
    expect_mistakes(
        COURSE("perez-ruixo-2021",
               "{name: spravato, dose: 84 mg, until: 1 week, maintenance: {every: 1 week, times: 2}}"),
        "s.yaml:6:50: error: a course that ends early has no maintenance; leave out either");
    expect_mistakes(COURSE("perez-ruixo-2021", "{name: spravato, dose: 84 mg, maintenance: {every: 1 week}}"),
                    "s.yaml:6:56: error: key \"times\" is missing in arms.0.course.maintenance");
    expect_mistakes(
        COURSE("perez-ruixo-2021", "{name: spravato, dose: 84 mg}\n    regimen: [{route: iv, dose: 1 mg}]"),
        "s.yaml:6:13: error: an arm has a course or a regimen; leave out either");
    expect_mistakes(
        COURSE("otto-2021", "six infusions"),
        "s.yaml:6:13: error: racemate cannot be given to otto-2021, a model of S-ketamine; `racemate: halve` "
        "simulates the half that is S-ketamine");
    expect_mistakes(COURSE("domino-1982", "{name: spravato, dose: 84 mg}"),
                    "s.yaml:6:13: error: \"intranasal\" is no route of domino-1982 (iv)\n"
                    "s.yaml:6:13: error: S-ketamine cannot be given to domino-1982, a model of racemate");
    expect_warnings(
        COURSE("perez-ruixo-2021", "{name: spravato, dose: 84 mg, maintenance: {every: 3 weeks, times: 1}}"),
        "s.yaml:6:64: warning: the source of the course spravato names sessions every 1 week, 2 weeks, not 3 "
        "weeks");
}

/* --- dates --- */

#define check_times(items, same)                                                                             \
    check_doses(START TOP("perez-ruixo-2021") "arms:\n  - name: a\n    regimen:\n" items OBSERVE,            \
                START TOP("perez-ruixo-2021") "arms:\n  - name: a\n    regimen:\n" same OBSERVE, __LINE__)

static void test_dates(void **state)
{
    (void)state;
    struct reading r;
    check_times("      - {route: intranasal, dose: 56 mg, at: 2026-03-05 14:30}\n",
                "      - {route: intranasal, dose: 56 mg, at: 77.5 h}\n");
    check_times("      - {route: intranasal, dose: 56 mg, at: 2026-03-05}\n",
                "      - {route: intranasal, dose: 56 mg, at: 72 h}\n");
    check_times("      - {route: intranasal, dose: 56 mg, at: 14:30, on_days: [0, 3]}\n",
                "      - {route: intranasal, dose: 56 mg, at: 5.5 h, on_days: [0, 3]}\n");
    check_times("      - {route: intranasal, dose: 56 mg, at: 08:00}\n", /* the next morning */
                "      - {route: intranasal, dose: 56 mg, at: 23 h}\n");
    check_times("      - {route: intranasal, dose: 56 mg, at: 09:00}\n",
                "      - {route: intranasal, dose: 56 mg, at: 0 h}\n");
    /* Over the last Sunday of March, when clocks change, and with a weekly session that must stay at nine. */
    check_times(
        "      - {route: intranasal, dose: 56 mg, on_dates: [2026-03-02, 2026-03-27 10:00, 2026-03-30]}\n",
        "      - {route: intranasal, dose: 56 mg, on_days: [0, 25.041666666666668, 28]}\n");
    read_right(
        &r, START TOP("perez-ruixo-2021") ARM
        "{route: intranasal, dose: 56 mg}\nobserve: {from: 09:30, to: 2026-03-03 09:00, every: 30 min}\n");
    assert_int_equal(r.study.time_count, 48);
    assert_true(r.study.times[0] == 0.5 && r.study.times[47] == 24);
    assert_true(r.study.has_start && r.study.start == 1772442000);
    reading_clear(&r);
    read_right(&r, START TOP("perez-ruixo-2021") ARM
               "{route: intranasal, dose: 56 mg}\nobserve: {at: [0 h, 09:40, 2026-03-02 11:00, 3 h]}\n");
    assert_true(r.study.times[1] == 2.0 / 3 && r.study.times[2] == 2 && r.study.times[3] == 3);
    reading_clear(&r);
}

/* 2028 has a 29th of February. */
static void test_leap_day(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r,
               "start: 2028-02-28 09:00\n" PEREZ ARM
               "{route: intranasal, dose: 56 mg, on_dates: [2028-02-28, 2028-02-29, 2028-03-01]}" OBSERVE);
    for (int i = 0; i < 3; i++) {
        assert_true(r.study.arms[0].doses[i].time == 86400.0 * i);
    }
    reading_clear(&r);
}

static void test_date_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 56 mg, at: 2026-03-05 09:00}"),
        "s.yaml:7:46: error: \"2026-03-05 09:00\" needs to know when the study starts; write `start: "
        "2026-03-02 09:00`");
    expect_mistakes(
        START REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 56 mg, at: 2026-03-02 08:59}"),
        "s.yaml:8:46: error: \"2026-03-02 08:59\" is before the study starts, 2026-03-02 09:00");
    expect_mistakes(
        START REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 56 mg, at: 2026-02-29 09:00}"),
        "s.yaml:8:46: error: \"2026-02-29 09:00\" is a day that the calendar does not have");
    expect_mistakes(START REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 56 mg, at: 25:00}"),
                    "s.yaml:8:46: error: \"25:00\" is no time of the day; write it like 14:30");
    expect_mistakes(START REGIMEN("perez-ruixo-2021",
                                  "{route: intranasal, dose: 56 mg, on_dates: [2026-03-05, 2026-03-04]}"),
                    "s.yaml:8:65: error: 2026-03-04 must come after the date before it in the list");
    expect_mistakes(START REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 56 mg, on_dates: [3]}"),
                    "s.yaml:8:53: error: \"3\" is no date; write it like 2026-03-02 or 2026-03-02 09:00");
    expect_mistakes(START REGIMEN("perez-ruixo-2021",
                                  "{route: intranasal, dose: 56 mg, on_dates: [2026-03-05], on_days: [1]}"),
                    "s.yaml:8:52: error: on_dates excludes on_days, every and times");
    expect_mistakes(START REGIMEN("perez-ruixo-2021",
                                  "{route: intranasal, dose: 56 mg, at: 1 h, on_dates: [2026-03-05]}"),
                    "s.yaml:8:46: error: on_dates says when the doses are; leave out \"at\"");
    expect_mistakes("start: 2026-03-02\n" REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 56 mg}"),
                    "s.yaml:1:8: error: at what time of the day? write start like 2026-03-02 09:00");
    expect_mistakes(
        "start: Monday\n" REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 56 mg, at: 14:30}"),
        "s.yaml:1:8: error: start \"Monday\" is no date; write it like 2026-03-02 09:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spravato),      cmocka_unit_test(test_infusions),
        cmocka_unit_test(test_library),       cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_dates),         cmocka_unit_test(test_leap_day),
        cmocka_unit_test(test_date_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
