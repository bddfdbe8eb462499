/* Quantities: exact conversions, and for each mistake the message that a user gets. */
#include "check.h"

#include "model/units.h"

static int create(void **state)
{
    *state = units_create();
    return *state != NULL ? 0 : -1;
}

static int destroy(void **state)
{
    units_free(*state);
    return 0;
}

#define assert_reads(quantity, unit, expected)                                                               \
    do {                                                                                                     \
        double assert_value = -12345.0;                                                                      \
        struct units_error assert_why = {""};                                                                \
        if (units_read(*state, (quantity), (unit), &assert_value, &assert_why)) {                            \
            print_error("%s\n", assert_why.text);                                                            \
            fail();                                                                                          \
        }                                                                                                    \
        assert_close(assert_value, (expected), 0.0, 0.0);                                                    \
    } while (0)

#define assert_refused(quantity, unit, message)                                                              \
    do {                                                                                                     \
        double assert_value = -12345.0;                                                                      \
        struct units_error assert_why = {""};                                                                \
        assert_int_equal(units_read(*state, (quantity), (unit), &assert_value, &assert_why), -1);            \
        assert_string_equal(assert_why.text, (message));                                                     \
        assert_true(assert_value == -12345.0);                                                               \
    } while (0)

static void test_every_whole_minute_is_exact_in_hours(void **state)
{
    for (int minutes = 0; minutes <= 200000; minutes++) {
        char text[32];
        double hours = -1.0;
        struct units_error why;
        snprintf(text, sizeof(text), "%d min", minutes);
        assert_int_equal(units_read(*state, text, "h", &hours, &why), 0);
        if (hours != minutes * 60.0 / 3600.0) {
            print_error("%s = %.17g h\n", text, hours);
            fail();
        }
    }
}

static void test_times_convert_exactly(void **state)
{
    assert_reads("5 min", "h", 5.0 * 60 / 3600);
    assert_reads("40 min", "h", 2.0 / 3.0);
    assert_reads("1440 min", "d", 1.0);
    assert_reads("86400 s", "h", 24.0);
    assert_reads("2 d", "h", 48.0);
    assert_reads("2 weeks", "days", 14.0);
    assert_reads("1 year", "d", 365.25);
    assert_reads("1 year", "s", 31557600.0);
    assert_reads("45 years", "years", 45.0);
    assert_reads("0.1 h", "min", 6.0);
    assert_reads("0 h", "min", 0.0);
}

static void test_masses_volumes_and_amounts_convert_exactly(void **state)
{
    assert_reads("84 mg", "mg", 84.0);
    assert_reads("0.084 g", "mg", 84.0);
    assert_reads("250 ug", "mg", 0.25);
    assert_reads("7 ng", "mg", 7e-6);
    assert_reads("3 pg", "mg", 3e-9);
    assert_reads("752 L", "mL", 752000.0);
    assert_reads("5 dL", "L", 0.5);
    assert_reads("30 uL", "mL", 0.03);
    assert_reads("5 mol", "umol", 5e6);
    assert_reads("5 mmol", "umol", 5e3);
    assert_reads("5 nmol", "umol", 5e-3);
    assert_reads("5 pmol", "umol", 5e-6);
    assert_reads("70 kg", "kg", 70.0);
    assert_reads("100 lb", "kg", 45.359237);
}

static void test_compound_units_convert_exactly(void **state)
{
    assert_reads("0.5 mg/kg", "mg/kg", 0.5);
    assert_reads("1 mg/lb", "mg/kg", 1e8 / 45359237.0);
    assert_reads("50 ng/mL", "mg/L", 0.05);
    assert_reads("1 ug/mL", "mg/L", 1.0);
    assert_reads("3 ug/dL", "mg/L", 0.03);
    assert_reads("0.5 1/min", "1/h", 30.0);
    assert_reads("10 ug/kg/min", "mg/kg/h", 0.6);
    assert_reads("20 mL/min", "L/h", 1.2);
    assert_reads("20 mL/min/kg", "L/h/kg", 1.2);
    assert_reads("2 L/kg", "mL/kg", 2000.0);
    assert_reads("600 ng*h/mL", "mg*h/L", 0.6);
    assert_reads("600 h*ng/mL", "mg*h/L", 0.6);
    assert_reads("36000 ng*min/mL", "mg*h/L", 0.6);
    assert_reads("237.73 g/mol", "mg/umol", 0.23773);
    assert_reads("1 nmol/mL", "umol/L", 1.0);
    assert_reads("4 mg^2/L^2", "mg^2/mL^2", 4e-6);
    assert_reads("4 h^-1", "1/h", 4.0);
}

static void test_each_name_has_its_size(void **state)
{
    static const struct {
        const char *name;
        const char *base;
        double size;
    } rows[] = {
        {"s", "s", 1},           {"sec", "s", 1},          {"second", "s", 1},    {"seconds", "s", 1},
        {"min", "s", 60},        {"minute", "s", 60},      {"minutes", "s", 60},  {"h", "s", 3600},
        {"hr", "s", 3600},       {"hour", "s", 3600},      {"hours", "s", 3600},  {"d", "s", 86400},
        {"day", "s", 86400},     {"days", "s", 86400},     {"week", "s", 604800}, {"weeks", "s", 604800},
        {"year", "s", 31557600}, {"years", "s", 31557600}, {"pg", "pg", 1},       {"ng", "pg", 1e3},
        {"ug", "pg", 1e6},       {"mcg", "pg", 1e6},       {"mg", "pg", 1e9},     {"g", "pg", 1e12},
        {"uL", "uL", 1},         {"ul", "uL", 1},          {"mL", "uL", 1e3},     {"ml", "uL", 1e3},
        {"dL", "uL", 1e5},       {"dl", "uL", 1e5},        {"L", "uL", 1e6},      {"l", "uL", 1e6},
        {"kg", "kg", 1},         {"pmol", "pmol", 1},      {"nmol", "pmol", 1e3}, {"umol", "pmol", 1e6},
        {"mmol", "pmol", 1e9},   {"mol", "pmol", 1e12},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct units_error why;
        double num = 0.0;
        double den = 0.0;
        assert_int_equal(units_factors(*state, rows[i].name, rows[i].base, &num, &den, &why), 0);
        assert_close(num, rows[i].size, 0.0, 0.0);
        assert_close(den, 1.0, 0.0, 0.0);
    }
}

static void test_factors_are_in_lowest_terms(void **state)
{
    struct units_error why;
    double num = 0.0;
    double den = 0.0;

    assert_int_equal(units_factors(*state, "min", "h", &num, &den, &why), 0);
    assert_close(num, 1.0, 0.0, 0.0);
    assert_close(den, 60.0, 0.0, 0.0);
    assert_int_equal(units_factors(*state, "ng/mL", "mg/L", &num, &den, &why), 0);
    assert_close(num, 1.0, 0.0, 0.0);
    assert_close(den, 1000.0, 0.0, 0.0);
    assert_int_equal(units_factors(*state, "ug/kg/min", "mg/kg/h", &num, &den, &why), 0);
    assert_close(num, 3.0, 0.0, 0.0);
    assert_close(den, 50.0, 0.0, 0.0);
    assert_int_equal(units_factors(*state, "lb", "kg", &num, &den, &why), 0);
    assert_close(num, 45359237.0, 0.0, 0.0);
    assert_close(den, 1e8, 0.0, 0.0);
    assert_int_equal(units_factors(*state, "%", "1", &num, &den, &why), 0);
    assert_close(num, 1.0, 0.0, 0.0);
    assert_close(den, 100.0, 0.0, 0.0);
    assert_int_equal(units_factors(*state, "1", "1", &num, &den, &why), 0);
    assert_close(num, 1.0, 0.0, 0.0);
    assert_close(den, 1.0, 0.0, 0.0);
}

static void test_factors_say_what_is_wrong(void **state)
{
    struct units_error why;
    double num = 0.0;
    double den = 0.0;

    assert_int_equal(units_factors(*state, "mL", "mg", &num, &den, &why), -1);
    assert_string_equal(why.text, "\"mL\" is a volume, \"mg\" is a mass");
    assert_int_equal(units_factors(*state, "mgg", "mg", &num, &den, &why), -1);
    assert_string_equal(why.text, "unknown unit \"mgg\"; did you mean mg?");
    assert_int_equal(units_factors(*state, "mg", "", &num, &den, &why), -1);
    assert_string_equal(why.text, "cannot read \"\" as a unit; write it like mg, mg/kg/h or mg*h/L");
    assert_int_equal(units_factors(*state, "h", "1/h", &num, &den, &why), -1);
    assert_string_equal(why.text, "\"h\" is a time, \"1/h\" is a rate");
    assert_int_equal(units_factors(*state, "mg^9", "pg^9", &num, &den, &why), -1);
    assert_string_equal(why.text, "the unit \"mg^9\" is out of range");
    assert_int_equal(units_factors(*state, "mg^2", "pg^2", &num, &den, &why), -1);
    assert_string_equal(why.text, "\"mg^2\" cannot be converted to \"pg^2\" exactly");
    assert_int_equal(units_factors(*state, "pg^2", "mg^2", &num, &den, &why), -1);
    assert_string_equal(why.text, "\"pg^2\" cannot be converted to \"mg^2\" exactly");
    assert_int_equal(units_factors(*state, "g/pg", "pg/g", &num, &den, &why), -1);
    assert_string_equal(why.text, "\"g/pg\" cannot be converted to \"pg/g\" exactly");
}

static void test_spaces_and_the_micro_sign_are_read(void **state)
{
    assert_reads("84mg", "mg", 84.0);
    assert_reads("  84   mg  ", "mg", 84.0);
    assert_reads("0.5 mg / kg", "mg/kg", 0.5);
    assert_reads("0.5 mg /kg/ h", "mg/kg/h", 0.5);
    assert_reads("250 \xC2\xB5g", "mg", 0.25); /* U+00B5, the micro sign */
    assert_reads("250 \xCE\xBCg", "mg", 0.25); /* U+03BC, the Greek letter */
    assert_reads("250\xC2\xB5L", "mL", 0.25);
    assert_reads("2 \xCE\xBCmol", "umol", 2.0);
    assert_reads("5 ng\xC2\xB7h/mL", "ng*h/mL", 5.0); /* the middle dot */
    assert_reads("5 ng.h/mL", "ng*h/mL", 5.0);
    assert_reads("0.5 /h", "1/h", 0.5);
    assert_reads("0.5/h", "1/h", 0.5);
}

static void test_a_percentage_is_a_plain_number(void **state)
{
    assert_reads("27.5 %", "1", 0.275);
    assert_reads("27.5%", "1", 0.275);
    assert_reads("27.5", "1", 27.5);
    assert_reads("27.5 %", "%", 27.5);
    assert_refused("27.5", "%", "\"27.5\" has no unit; a percentage is expected here, for example 27.5 %");
    assert_refused("27.5 %", "mg",
                   "\"27.5 %\" is a percentage; a mass is expected here, for example 27.5 mg");
}

static void test_a_unit_is_demanded_even_of_zero(void **state)
{
    assert_refused("84", "mg", "\"84\" has no unit; a mass is expected here, for example 84 mg");
    assert_refused("0", "h", "\"0\" has no unit; a time is expected here, for example 0 h");
}

static void test_a_unit_is_refused_for_a_plain_number(void **state)
{
    assert_refused("84 mg", "1", "\"84 mg\" is a mass; a plain number is expected here, for example 84");
    assert_refused("3 mg/g", "1",
                   "\"3 mg/g\" has a unit that cancels out; a plain number is expected here, for example 3");
    assert_refused("3 1", "1",
                   "\"3 1\" holds more than one number; a plain number is expected here, for example 3");
}

static void test_each_dimension_clash_names_both(void **state)
{
    static const struct {
        const char *unit;
        const char *words;
    } rows[] = {
        {"h", "a time"},
        {"mg", "a mass"},
        {"L", "a volume"},
        {"kg", "a body weight"},
        {"1/h", "a rate"},
        {"L/h", "a volume per time"},
        {"mg/h", "a mass per time"},
        {"mg/kg", "a mass per body weight"},
        {"mg/kg/h", "a mass per body weight and time"},
        {"mg/L", "a mass concentration"},
        {"mg*h/L", "an area under a mass concentration"},
        {"L/kg", "a volume per body weight"},
        {"L/h/kg", "a volume per time and body weight"},
        {"umol", "an amount of substance"},
        {"umol/h", "an amount of substance per time"},
        {"umol/L", "a molar concentration"},
        {"umol*h/L", "an area under a molar concentration"},
        {"mg/umol", "a molar mass"},
    };
    const size_t count = sizeof(rows) / sizeof(rows[0]);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            char text[32];
            char message[256];
            snprintf(text, sizeof(text), "84 %s", rows[i].unit);
            if (i == j) {
                assert_reads(text, rows[j].unit, 84.0);
                continue;
            }
            snprintf(message, sizeof(message), "\"%s\" is %s; %s is expected here, for example 84 %s", text,
                     rows[i].words, rows[j].words, rows[j].unit);
            assert_refused(text, rows[j].unit, message);
        }
    }
}

static void test_a_dimension_without_a_use_has_no_name(void **state)
{
    assert_refused("84 mg*L", "mg",
                   "\"84 mg*L\" is another kind of quantity; a mass is expected here, for example 84 mg");
    assert_null(units_internal(*state, "mg*L"));
    assert_string_equal(units_dimension_name(*state, "mg*L"), "another kind of quantity");
}

static void test_an_unknown_unit_gets_the_nearest(void **state)
{
    assert_refused("84 mgg", "mg", "\"84 mgg\": unknown unit \"mgg\"; did you mean mg?");
    assert_refused("84 MG", "mg", "\"84 MG\": unknown unit \"MG\"; did you mean mg?");
    assert_refused("84 mg/KG", "mg/kg", "\"84 mg/KG\": unknown unit \"KG\"; did you mean kg?");
    assert_refused("2 hrs", "h", "\"2 hrs\": unknown unit \"hrs\"; did you mean hr?");
    assert_refused("84 parsec", "mg",
                   "\"84 parsec\": unknown unit \"parsec\"; a mass is expected here, for example 84 mg");
    assert_refused("70 body", "kg",
                   "\"70 body\": unknown unit \"body\"; a body weight is expected here, for example 70 kg");
    assert_refused("2 months", "h", "\"2 months\": a month has no fixed length; write it in weeks or days");
}

static void test_what_udunits_would_read_is_refused(void **state)
{
    static const char *const units[] = {"h since 2000", "h @ 3", "lg(re 1 mg)", "mg+1",   "mg mg", "mg-1",
                                        "mg2",          "(mg)",  "mg*",         "mg//kg", "/",     "mg^",
                                        "mg^0",         "mg^10", "mg^0.5",      "mg**2",  "'",     "\xC2\xB0",
                                        "_body",        "mg/1",  "1mg"};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        struct units_error why = {""};
        double num = 0.0;
        double den = 0.0;
        char expected[128];
        assert_int_equal(units_factors(*state, units[i], units[i], &num, &den, &why), -1);
        snprintf(expected, sizeof(expected),
                 "cannot read \"%s%s\" as a unit; write it like mg, mg/kg/h or mg*h/L",
                 units[i][0] == '/' ? "1" : "", units[i]);
        assert_string_equal(why.text, expected);
    }
    assert_refused(
        "5 h since 2000", "h",
        "\"5 h since 2000\": cannot read \"h since 2000\" as a unit; write it like mg, mg/kg/h or mg*h/L");
}

static void test_a_product_after_a_division_is_refused(void **state)
{
    assert_refused(
        "3 mg/kg*h", "mg/kg/h",
        "\"3 mg/kg*h\": \"mg/kg*h\" can be read in two ways; put what is multiplied first, as in mg*h/L, "
        "or divide by both, as in mg/kg/h");
}

static void test_a_number_must_be_decimal_and_finite(void **state)
{
    assert_refused("1e400 mg", "mg", "\"1e400 mg\": the number is too large");
    assert_refused("1e-400 mg", "mg", "\"1e-400 mg\": the number is too small");
    assert_refused("1e308 years", "s", "\"1e308 years\" is out of range");
    assert_refused("1e-300 pg", "g", "\"1e-300 pg\" is out of range");
    assert_refused("nan mg", "mg",
                   "\"nan mg\" does not begin with a number; a mass is expected here, for example 2 mg");
    assert_refused("inf mg", "mg",
                   "\"inf mg\" does not begin with a number; a mass is expected here, for example 2 mg");
    assert_refused("", "mg", "\"\" does not begin with a number; a mass is expected here, for example 2 mg");
    assert_refused("mg", "mg",
                   "\"mg\" does not begin with a number; a mass is expected here, for example 2 mg");
    assert_refused("0x10 mg", "mg",
                   "\"0x10 mg\": cannot read \"x10 mg\" as a unit; write it like mg, mg/kg/h or mg*h/L");
    assert_refused("1,5 mg", "mg", "\"1,5 mg\" has a decimal comma; write a decimal point");
    assert_refused("1,5", "1", "\"1,5\" has a decimal comma; write a decimal point");
    assert_refused("5 6 mg", "mg",
                   "\"5 6 mg\" holds more than one number; a mass is expected here, for example 5 mg");
    assert_refused("1 000 mg", "mg",
                   "\"1 000 mg\" holds more than one number; a mass is expected here, for example 1 mg");
    assert_refused("5 - 6 mg", "mg",
                   "\"5 - 6 mg\" holds more than one number; a mass is expected here, for example 5 mg");
}

static void test_the_sign_is_left_to_the_reader(void **state)
{
    assert_reads("-3 mg", "mg", -3.0);
    assert_reads("+3 mg", "mg", 3.0);
}

static void test_one_of_several_dimensions_is_chosen(void **state)
{
    static const char *const choices[] = {"mg", "mg/kg", "mg/h"};
    static const char *const plain[] = {"mg", "1"};
    struct units_error why;
    double value = 0.0;
    int which = -1;

    assert_int_equal(units_read_any(*state, "0.5 mg/kg", choices, 3, &value, &which, &why), 0);
    assert_int_equal(which, 1);
    assert_close(value, 0.5, 0.0, 0.0);
    assert_int_equal(units_read_any(*state, "84000 ug", choices, 3, &value, &which, &why), 0);
    assert_int_equal(which, 0);
    assert_close(value, 84.0, 0.0, 0.0);
    assert_int_equal(units_read_any(*state, "84 L", choices, 3, &value, &which, &why), -1);
    assert_string_equal(
        why.text, "\"84 L\" is a volume; a mass, a mass per body weight or a mass per time is expected here, "
                  "for example 84 mg, 84 mg/kg or 84 mg/h");
    assert_int_equal(units_read_any(*state, "84", choices, 2, &value, &which, &why), -1);
    assert_string_equal(
        why.text, "\"84\" has no unit; a mass or a mass per body weight is expected here, for example 84 mg "
                  "or 84 mg/kg");
    assert_int_equal(units_read_any(*state, "84", plain, 2, &value, &which, &why), 0);
    assert_int_equal(which, 1);
    assert_int_equal(units_read_any(*state, "84 h", plain, 2, &value, &which, &why), -1);
    assert_string_equal(
        why.text, "\"84 h\" is a time; a mass or a plain number is expected here, for example 84 mg or 84");
}

static void test_the_internal_unit_goes_by_dimension(void **state)
{
    static const char *const rows[][2] = {
        {"years", "h"},
        {"mL", "L"},
        {"ug", "mg"},
        {"lb", "kg"},
        {"1/min", "1/h"},
        {"mL/min", "L/h"},
        {"ug/min", "mg/h"},
        {"ug/kg", "mg/kg"},
        {"ug/kg/min", "mg/kg/h"},
        {"ng/mL", "mg/L"},
        {"mL/kg", "L/kg"},
        {"mL/kg/min", "L/h/kg"},
        {"nmol", "umol"},
        {"nmol/mL", "umol/L"},
        {"ng*h/mL", "mg*h/L"},
        {"g/mol", "mg/umol"},
        {"nmol/min", "umol/h"},
        {"nmol*h/mL", "umol*h/L"},
        {"%", "1"},
        {"1", "1"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *internal = units_internal(*state, rows[i][0]);
        assert_non_null(internal);
        assert_string_equal(internal, rows[i][1]);
    }
    assert_null(units_internal(*state, "mgg"));
    assert_null(units_internal(*state, ""));
}

static void test_dimensions_have_names(void **state)
{
    assert_string_equal(units_dimension_name(*state, "ug"), "a mass");
    assert_string_equal(units_dimension_name(*state, "mL/min"), "a volume per time");
    assert_string_equal(units_dimension_name(*state, "1"), "a plain number");
    assert_string_equal(units_dimension_name(*state, "%"), "a percentage");
    assert_null(units_dimension_name(*state, "mgg"));
}

static void test_long_texts_are_shortened_in_messages(void **state)
{
    char text[1000];
    struct units_error why;
    double value = 0.0;

    memset(text, 'm', sizeof(text));
    memcpy(text, "5 ", 2);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(units_read(*state, text, "mg", &value, &why), -1);
    assert_true(strlen(why.text) < 255);
    assert_non_null(strstr(why.text, "mmm...\""));
    memset(text + 2, '9', sizeof(text) - 3);
    assert_int_equal(units_read(*state, text, "mg", &value, &why), -1);
    assert_true(strlen(why.text) < 255);
    memset(text, '0', sizeof(text) - 1);
    assert_int_equal(units_read(*state, text, "mg", &value, &why), -1);
    assert_non_null(strstr(why.text, "has no unit; a mass is expected here, for example 0000"));
    for (size_t i = 0; i + 2 < sizeof(text); i += 2) {
        memcpy(text + i, "\xC2\xB5", 2);
    }
    assert_int_equal(units_read(*state, text, "mg", &value, &why), -1);
    assert_non_null(strstr(why.text, "\xC2\xB5...\" does not begin"));
}

static void test_two_systems_do_not_disturb_each_other(void **state)
{
    struct units *other = units_create();
    struct units_error why;
    double value = 0.0;

    assert_non_null(other);
    assert_reads("84 mg", "g", 0.084);
    assert_int_equal(units_read(other, "84 mg", "g", &value, &why), 0);
    units_free(other);
    assert_reads("84 mg", "g", 0.084);
    units_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_whole_minute_is_exact_in_hours),
        cmocka_unit_test(test_times_convert_exactly),
        cmocka_unit_test(test_masses_volumes_and_amounts_convert_exactly),
        cmocka_unit_test(test_compound_units_convert_exactly),
        cmocka_unit_test(test_each_name_has_its_size),
        cmocka_unit_test(test_factors_are_in_lowest_terms),
        cmocka_unit_test(test_factors_say_what_is_wrong),
        cmocka_unit_test(test_spaces_and_the_micro_sign_are_read),
        cmocka_unit_test(test_a_percentage_is_a_plain_number),
        cmocka_unit_test(test_a_unit_is_demanded_even_of_zero),
        cmocka_unit_test(test_a_unit_is_refused_for_a_plain_number),
        cmocka_unit_test(test_each_dimension_clash_names_both),
        cmocka_unit_test(test_a_dimension_without_a_use_has_no_name),
        cmocka_unit_test(test_an_unknown_unit_gets_the_nearest),
        cmocka_unit_test(test_what_udunits_would_read_is_refused),
        cmocka_unit_test(test_a_product_after_a_division_is_refused),
        cmocka_unit_test(test_a_number_must_be_decimal_and_finite),
        cmocka_unit_test(test_the_sign_is_left_to_the_reader),
        cmocka_unit_test(test_one_of_several_dimensions_is_chosen),
        cmocka_unit_test(test_the_internal_unit_goes_by_dimension),
        cmocka_unit_test(test_dimensions_have_names),
        cmocka_unit_test(test_long_texts_are_shortened_in_messages),
        cmocka_unit_test(test_two_systems_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, create, destroy);
}
