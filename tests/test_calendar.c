#include "check.h"

#include "app/base/calendar.h"

#include <time.h>

static int64_t moment_of(const char *text)
{
    struct calendar_moment moment = {0};
    const char *wrong = calendar_read(text, &moment);
    if (wrong) {
        fail_msg("\"%s\" %s", text, wrong);
    }
    return moment.seconds;
}

static void test_dates(void **state)
{
    (void)state;
    struct calendar_moment moment;
    assert_int_equal(moment_of("1970-01-01"), 0);
    assert_int_equal(moment_of("1970-01-02 00:00:01"), 86401);
    assert_int_equal(moment_of("1969-12-31 23:59"), -60);
    assert_int_equal(moment_of("2000-03-01") - moment_of("2000-02-28"), 2 * CALENDAR_DAY); /* a leap year */
    assert_int_equal(moment_of("1900-03-01") - moment_of("1900-02-28"), CALENDAR_DAY);     /* none */
    assert_int_equal(moment_of("2024-02-29 09:00") - moment_of("2024-02-28 09:00"), CALENDAR_DAY);
    assert_int_equal(moment_of("2025-03-01") - moment_of("2025-02-28"), CALENDAR_DAY);
    assert_null(calendar_read("2026-03-02", &moment));
    assert_false(moment.has_clock);
    assert_null(calendar_read("2026-03-02 00:00", &moment));
    assert_true(moment.has_clock);
}

/* Day by day over the whole range, counted by hand: each is 24 h after the one before it, also where clocks change. */
static void test_every_day(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t before = moment_of("1900-01-01 02:30") - CALENDAR_DAY;
    setenv("TZ", "Europe/Berlin", 1); /* must not matter */
    tzset();
    for (int year = 1900; year <= 2999; year++) {
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            const int days = lengths[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= days; day++) {
                char text[32];
                char written[32];
                snprintf(text, sizeof(text), "%04d-%02d-%02d 02:30", year, month, day);
                const int64_t now = moment_of(text);
                assert_int_equal(now, before + CALENDAR_DAY);
                calendar_write(written, sizeof(written), "%Y-%m-%d %H:%M", now);
                assert_string_equal(written, text);
                before = now;
            }
            char beyond[32];
            struct calendar_moment moment;
            snprintf(beyond, sizeof(beyond), "%04d-%02d-%02d", year, month, days + 1);
            assert_non_null(calendar_read(beyond, &moment));
        }
    }
}

static void test_wrong(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "2026",
                                        "2026-3-2",
                                        "2026-03-02T09:00",
                                        "2026-03-02 9:00",
                                        "2026-03-02 24:00",
                                        "2026-03-02 09:60",
                                        "2026-03-02 09:00:60",
                                        "2026-03-02 09:00 ",
                                        "2026-03-02 ",
                                        "2026-03-02  09:00",
                                        "2026-00-02",
                                        "2026-13-02",
                                        "2026-02-30",
                                        "2026-02-29",
                                        "2026-01-00",
                                        "1899-12-31",
                                        "3000-01-01",
                                        "-026-03-02",
                                        "2026-03-02 -9:00",
                                        "02.03.2026"};
    struct calendar_moment moment;
    int64_t seconds;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (!calendar_read(wrong[i], &moment)) {
            fail_msg("\"%s\" is taken for a date", wrong[i]);
        }
    }
    assert_true(calendar_read_clock("23:59:59", &seconds));
    assert_int_equal(seconds, CALENDAR_DAY - 1);
    assert_true(calendar_read_clock("00:00", &seconds));
    assert_int_equal(seconds, 0);
    assert_false(calendar_read_clock("9:00", &seconds));
    assert_false(calendar_read_clock("24:00", &seconds));
    assert_false(calendar_read_clock("", &seconds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
