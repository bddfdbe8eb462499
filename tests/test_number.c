/* Numbers are read as the nearest double, and what strtod takes beyond decimal numbers is refused. */
#include "check.h"

#include "model/number.h"

#include <float.h>

static void assert_scan(const char *text, enum number_status status, double value, size_t length)
{
    double found = -1.0;
    size_t found_length = 99;

    assert_int_equal(number_scan(text, &found, &found_length), status);
    assert_int_equal(found_length, length);
    if (status == NUMBER_OK) {
        assert_true(found == value);
    } else {
        assert_true(found == -1.0);
    }
}

static void test_decimal_numbers_are_read_and_their_end_is_found(void **state)
{
    (void)state;
    assert_scan("84", NUMBER_OK, 84.0, 2);
    assert_scan("84 mg", NUMBER_OK, 84.0, 2);
    assert_scan("84mg", NUMBER_OK, 84.0, 2);
    assert_scan("0.1", NUMBER_OK, 0.1, 3);
    assert_scan(".5", NUMBER_OK, 0.5, 2);
    assert_scan("5.", NUMBER_OK, 5.0, 2);
    assert_scan("-3", NUMBER_OK, -3.0, 2);
    assert_scan("+3", NUMBER_OK, 3.0, 2);
    assert_scan("1e-8", NUMBER_OK, 1e-8, 4);
    assert_scan("1E+8", NUMBER_OK, 1e8, 4);
    assert_scan("0", NUMBER_OK, 0.0, 1);
    assert_scan("0e999", NUMBER_OK, 0.0, 5);
    assert_scan("007", NUMBER_OK, 7.0, 3);
    assert_scan("123456789012345678901234567890", NUMBER_OK, 123456789012345678901234567890.0, 30);
}

static void test_a_number_ends_where_it_stops_being_decimal(void **state)
{
    (void)state;
    assert_scan("5e", NUMBER_OK, 5.0, 1);
    assert_scan("5e+", NUMBER_OK, 5.0, 1);
    assert_scan("5em", NUMBER_OK, 5.0, 1);
    assert_scan("1,5", NUMBER_OK, 1.0, 1);
    assert_scan("1.2.3", NUMBER_OK, 1.2, 3);
    assert_scan("0x10", NUMBER_OK, 0.0, 1);
    assert_scan("-0x1p3", NUMBER_OK, 0.0, 2);
    assert_scan("10x3", NUMBER_OK, 10.0, 2);
}

static void test_what_begins_with_no_number_is_none(void **state)
{
    (void)state;
    const char *const texts[] = {"",    " 1",  "mg",  ".",    "+",      "-.",      "e5",
                                 ".e5", "nan", "inf", "-inf", "NAN(1)", "infinity"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_scan(texts[i], NUMBER_NONE, 0.0, 0);
    }
}

static void test_what_a_double_cannot_hold_is_refused(void **state)
{
    (void)state;
    assert_scan("1e400", NUMBER_TOO_LARGE, 0.0, 5);
    assert_scan("-1e400 mg", NUMBER_TOO_LARGE, 0.0, 6);
    assert_scan("1e-400", NUMBER_TOO_SMALL, 0.0, 6);
    assert_scan("1e-310", NUMBER_TOO_SMALL, 0.0, 6);
    assert_scan("1.7976931348623157e308", NUMBER_OK, DBL_MAX, 22);
    assert_scan("2.2250738585072014e-308", NUMBER_OK, DBL_MIN, 23);
}

/* Numbers of few digits are read without strtod, and to the same bits. */
static void test_short_numbers_are_the_nearest_doubles(void **state)
{
    uint64_t random = 1;
    (void)state;

    for (int i = 0; i < 200000; i++) {
        char text[40];
        double value = 0.0;
        random = random * 6364136223846793005u + 1442695040888963407u;
        const int digits = 1 + (int)(random >> 33) % 17;
        snprintf(text, sizeof(text), "%s%.*f",
                 i % 3 == 0   ? "-"
                 : i % 7 == 0 ? "+"
                              : "",
                 (int)(random >> 40) % digits, (double)(random >> 11) * pow(10, digits - 17));
        const double expected = strtod(text, NULL);
        assert_int_equal(number_scan(text, &value, NULL), NUMBER_OK);
        assert_memory_equal(&value, &expected, sizeof(value));
    }
    double zero = 1.0;
    assert_int_equal(number_scan("-0", &zero, NULL), NUMBER_OK);
    assert_true(zero == 0 && signbit(zero));
}

static void test_the_length_may_be_left_out(void **state)
{
    double value = 0.0;
    (void)state;

    assert_int_equal(number_scan("2.5 h", &value, NULL), NUMBER_OK);
    assert_true(value == 2.5);
}

static void test_a_whole_text_must_be_one_number(void **state)
{
    double value = -1.0;
    (void)state;

    assert_true(number_read("1e-8", &value));
    assert_true(value == 1e-8);
    value = -1.0;
    assert_false(number_read("1 ", &value));
    assert_false(number_read(" 1", &value));
    assert_false(number_read("1 mg", &value));
    assert_false(number_read("0x10", &value));
    assert_false(number_read("1e400", &value));
    assert_false(number_read("", &value));
    assert_true(value == -1.0);
}

static void test_whole_numbers_are_digits_that_fit(void **state)
{
    uint64_t value = 7;
    (void)state;

    assert_true(number_read_whole("0", &value));
    assert_true(value == 0);
    assert_true(number_read_whole("18446744073709551615", &value));
    assert_true(value == UINT64_MAX);
    value = 7;
    const char *const texts[] = {
        "", "-1", "+1", "1.0", "1e3", " 1", "1 ", "0x1", "18446744073709551616", "99999999999999999999"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(number_read_whole(texts[i], &value));
    }
    assert_true(value == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal_numbers_are_read_and_their_end_is_found),
        cmocka_unit_test(test_a_number_ends_where_it_stops_being_decimal),
        cmocka_unit_test(test_what_begins_with_no_number_is_none),
        cmocka_unit_test(test_what_a_double_cannot_hold_is_refused),
        cmocka_unit_test(test_short_numbers_are_the_nearest_doubles),
        cmocka_unit_test(test_the_length_may_be_left_out),
        cmocka_unit_test(test_a_whole_text_must_be_one_number),
        cmocka_unit_test(test_whole_numbers_are_digits_that_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
