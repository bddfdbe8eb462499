#include "check.h"

#include "model/formula.h"

/* The names that the formulas of this file may use, and what they stand for. */
static const char *const names[] = {"age", "weight", "asian", "Vc", "sum"};
enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };
static const double known[NAME_COUNT] = {45, 70, 1, 192, 7};

/* The value of a formula over `known`; a formula that does not compile fails the test. */
static double value_of(const char *text)
{
    double values[NAME_COUNT];
    struct formula_error why = {""};

    memcpy(values, known, sizeof(values));
    struct formula *formula = formula_create(text, names, values, NAME_COUNT, &why);
    if (!formula) {
        print_error("\"%s\" is refused: %s\n", text, why.text);
    }
    assert_non_null(formula);
    const double value = formula_value(formula);
    formula_free(formula);
    return value;
}

/* Fails unless the formula is refused with a message that contains `part`. */
static void check_refused(const char *text, const char *part)
{
    double values[NAME_COUNT];
    struct formula_error why = {""};

    memcpy(values, known, sizeof(values));
    struct formula *formula = formula_create(text, names, values, NAME_COUNT, &why);
    if (formula) {
        print_error("\"%s\" is accepted\n", text);
    } else if (!strstr(why.text, part)) {
        print_error("\"%s\" is refused with \"%s\", not \"%s\"\n", text, why.text, part);
    }
    assert_null(formula);
    assert_non_null(strstr(why.text, part));
    assert_null(strchr(why.text, '\n'));
}

struct known_value {
    const char *text;
    double value;
};

static void check_values(const struct known_value *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const double value = value_of(cases[i].text);
        if (value != cases[i].value) {
            print_error("%s = %.17g, expected %.17g\n", cases[i].text, value, cases[i].value);
        }
        assert_true(value == cases[i].value);
    }
}

#define CHECK_VALUES(CASES) check_values((CASES), sizeof(CASES) / sizeof((CASES)[0]))

/* Every operator, and which of two binds closer; all the values are exact. */
static void test_operators(void **state)
{
    static const struct known_value cases[] = {
        {"age+weight", 115},
        {"weight-age", 25},
        {"age*2", 90},
        {"weight/4", 17.5},
        {"2^10", 1024},
        {"2^-1", 0.5},
        {"2+3*4", 14},
        {"(2+3)*4", 20},
        {"2*3^2", 18},
        {"12/3/2", 2},
        {"7-3-2", 2},
        {"2^3^2", 512}, /* 2^(3^2) */
        {"-2^2", -4},   /* -(2^2), as in print */
        {"(-2)^2", 4},
        {"2*-3", -6},
        {"1 - -1", 2},
        {"+5", 5},
        {"1+2 < 4", 1},
        {"weight > age + 30", 0},
        {"age < weight", 1},
        {"age > weight", 0},
        {"age <= 45", 1},
        {"age >= 46", 0},
        {"age == 45", 1},
        {"age != 45", 0},
        {"age < weight && weight < age", 0},
        {"age < weight || weight < age", 1},
        {"1 || 0 && 0", 1},
        {"  ( age )  *\t2\n+ 1 ", 91},
    };

    (void)state;
    CHECK_VALUES(cases);
}

static void test_functions(void **state)
{
    static const struct known_value cases[] = {
        {"exp(0)", 1},          {"ln(1)", 0},           {"sqrt(16)", 4},      {"abs(-3.5)", 3.5},
        {"abs(3.5)", 3.5},      {"min(age, 60)", 45},   {"max(age, 60)", 60}, {"max(0, age - 60)", 0},
        {"min(3, 1, 2)", 1},    {"max(3, 1, 2, 5)", 5}, {"max(age)", 45},     {"max(min(age, 50), 40)", 45},
        {"2*sqrt(4)+ln(1)", 4},
    };

    (void)state;
    CHECK_VALUES(cases);
    assert_close(value_of("exp(1)"), 2.718281828459045, 1e-15, 0);
    assert_close(value_of("ln(10)"), 2.302585092994046, 1e-15, 0);
    assert_close(value_of("ln(exp(2.5))"), 2.5, 1e-15, 0);
    /* 0.7^0.75 = exp(0.75 ln 0.7) */
    assert_close(value_of("(weight/100)^0.75"), 0.7652855797503652, 1e-15, 0);
}

static void test_choice(void **state)
{
    static const struct known_value cases[] = {
        {"asian == 1 ? 0.36 : 1", 0.36},
        {"asian == 0 ? 0.36 : 1", 1},
        {"asian ? 2 : 3", 2},
        {"1.11*(asian == 1 ? 0.5 : 1)", 0.555},
        {"age > 60 ? 1 : age > 40 ? 2 : 3", 2},
        {"age > 40 ? weight > 80 ? 1 : 2 : 3", 2},
        {"age < 60 ? 10 : 20 + 30", 10}, /* the second half goes as far as it can */
        {"(age < 60 ? 10 : 20) + 30", 40},
        {"age < 60 && weight >= 70 ? 1 : 2", 1},
    };

    (void)state;
    CHECK_VALUES(cases);
}

/* Numbers are what C makes of them, with and without an operator beside them. */
static void test_numbers(void **state)
{
    static const struct known_value cases[] = {
        {"0.1", 0.1},
        {"0.1*1", 0.1},
        {"84.3", 84.3},
        {"84.3+0", 84.3},
        {"-0.54", -0.54},
        {".5", 0.5},
        {"5.", 5},
        {"1e3", 1000},
        {"1.5e-3", 0.0015},
        {"1.5e-3*1", 0.0015},
        {"98.638*1", 98.638},
        {"0.0146", 0.0146},
        {" 192 ", 192},
        {"2.7182818284590452354*1", 2.7182818284590452354},
    };

    (void)state;
    CHECK_VALUES(cases);
}

static void test_unknown_names(void **state)
{
    (void)state;
    check_refused("agee*2", "unknown name \"agee\"; did you mean age?");
    check_refused("2*wieght", "unknown name \"wieght\"; did you mean weight?");
    check_refused("AGE", "unknown name \"AGE\"; did you mean age?");
    check_refused("age + creatinine_clearance", "unknown name \"creatinine_clearance\"");
    check_refused("age2", "unknown name \"age2\"");
    check_refused("device == 1 ? 1 : 2", "unknown name \"device\"");
    check_refused("e", "unknown name \"e\"");
    check_refused("inf", "unknown name \"inf\"");
    check_refused("nan", "unknown name \"nan\"");
    /* cut, not overrun */
    check_refused("a123456789012345678901234567890123456789012345678901234567890123456789",
                  "unknown name \"a12345678901234567890123456789012345678901234567890123456789012\"");
}

/* muParser has more functions than a formula of ketsim: log alone is base 10 there, and e in a paper. */
static void test_functions_not_offered(void **state)
{
    static const char *const others[] = {"log",  "log2", "log10", "sin",   "cos",  "tan",
                                         "asin", "acos", "atan",  "atan2", "sinh", "cosh",
                                         "tanh", "sign", "rint",  "avg",   "rnd"};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char text[32];
        char part[48];
        snprintf(text, sizeof(text), "2*%s(1)", others[i]);
        snprintf(part, sizeof(part), "unknown name \"%s\"", others[i]);
        check_refused(text, part);
    }
    check_refused("2*_pi", "unknown name \"_pi\"");
    check_refused("_e", "unknown name \"_e\"");
    /* a name of this file, which muParser would take for a function of its own */
    check_refused("sum(1, 2)", "\"sum\" is no function");
    check_refused("2*sum (1)", "\"sum\" is no function");
    check_refused("age(2)", "\"age\" is no function");
    assert_true(value_of("sum*2") == 14);
}

static void test_characters(void **state)
{
    (void)state;
    check_refused("age = 3", "unexpected \"=\" in formula \"age = 3\"");
    check_refused("age := 3", "unexpected \"=\"");
    check_refused("age => 3", "unexpected \"=\"");
    check_refused("age, weight", "unexpected \",\"");
    check_refused("max(1, 2), 3", "unexpected \",\"");
    check_refused("1;2", "unexpected \";\"");
    check_refused("\"age\"", "unexpected \"\"\"");
    check_refused("'age'", "unexpected \"'\"");
    check_refused("{age}", "unexpected \"{\"");
    check_refused("[age]", "unexpected \"[\"");
    check_refused("$age", "unexpected \"$\"");
    check_refused("#age", "unexpected \"#\"");
    check_refused("age@", "unexpected \"@\"");
}

static void test_syntax(void **state)
{
    static const char *const wrong[] = {
        "",         "   ",     "age +",   "* age",        "(age",       "age)",    "age weight",
        "2age",     "7 8",     "(1, 2)",  "max()",        "max(1,)",    "exp",     "exp(1, 2)",
        "ln 5",     "age ? 1", "age : 1", "!age",         "age % 2",    "age & 2", "age | 2",
        "~age",     "--5",     "1.5.2",   "1..2",         "age === 45", "(2)(3)",  "age <=> 2",
        "0x10 + 1", "0x10",    "()",      "\xC3\xA9 + 1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        check_refused(wrong[i], "formula \"");
    }
}

/* A message quotes the formula, but never more than it has room for; and there is a longest formula. */
static void test_long_formula(void **state)
{
    enum { LENGTH = FORMULA_SIZE_MAX };
    char text[LENGTH + 2];
    struct formula_error why;

    (void)state;
    for (int i = 0; i < LENGTH; i++) {
        text[i] = i % 2 ? '+' : '1';
    }
    text[LENGTH] = '\0';
    assert_null(formula_create(text, NULL, NULL, 0, &why));
    assert_true(strlen(why.text) < sizeof(why.text));
    text[LENGTH - 1] = '\0';
    struct formula *formula = formula_create(text, NULL, NULL, 0, &why);
    assert_non_null(formula);
    assert_true(formula_value(formula) == LENGTH / 2);
    formula_free(formula);
    memset(text, '1', LENGTH + 1);
    text[LENGTH + 1] = '\0';
    assert_null(formula_create(text, NULL, NULL, 0, &why));
    assert_non_null(strstr(why.text, "...\" is longer than 1024 bytes"));
    memset(text, 'x', LENGTH); /* quoted as a whole by muParser, which has room for so much */
    memcpy(text, "1 ~", 3);
    text[LENGTH] = '\0';
    assert_null(formula_create(text, NULL, NULL, 0, &why));
    memset(text, '(', LENGTH / 2); /* as deep as can be written */
    memset(text + LENGTH / 2, ')', LENGTH / 2 + 1);
    text[LENGTH / 2 - 1] = '1';
    text[LENGTH - 1] = '\0';
    formula = formula_create(text, NULL, NULL, 0, &why);
    assert_non_null(formula);
    assert_true(formula_value(formula) == 1);
    formula_free(formula);
}

/* Values are read when the formula is evaluated; names that it does not mention play no part. */
static void test_live(void **state)
{
    double values[NAME_COUNT] = {1, 2, 3, 4, 5};
    struct formula_error why;
    struct formula *product = formula_create("age*weight", names, values, NAME_COUNT, &why);
    struct formula *constant = formula_create("192", names, values, NAME_COUNT, &why);

    (void)state;
    assert_non_null(product);
    assert_non_null(constant);
    assert_true(formula_value(product) == 2);
    values[0] = 10;
    assert_true(formula_value(product) == 20);
    values[1] = -0.5;
    values[2] = (double)NAN;
    assert_true(formula_value(product) == -5);
    assert_true(formula_value(constant) == 192);
    formula_free(product);
    formula_free(constant);
    formula_free(NULL);
}

/* What cannot be computed is not a number, and no error: the caller says which patient it was. */
static void test_no_value(void **state)
{
    double values[NAME_COUNT];
    struct formula_error why;

    (void)state;
    assert_true(isnan(value_of("ln(-1)")));
    assert_true(isnan(value_of("sqrt(0 - age)")));
    assert_true(isnan(value_of("0/0")));
    assert_true(isnan(value_of("(-2)^0.5")));
    assert_true(isinf(value_of("1/0")));
    assert_true(isinf(value_of("exp(1000)")));

    /* what has no value once has one when the values change */
    memcpy(values, known, sizeof(values));
    struct formula *formula = formula_create("ln(age - 50)", names, values, NAME_COUNT, &why);
    assert_non_null(formula);
    assert_true(isnan(formula_value(formula)));
    values[0] = 51;
    assert_true(formula_value(formula) == 0);
    values[0] = (double)NAN;
    assert_true(isnan(formula_value(formula)));
    formula_free(formula);
}

static void test_mentions(void **state)
{
    (void)state;
    assert_true(formula_mentions("38*(weight/70)", "weight"));
    assert_true(formula_mentions("weight", "weight"));
    assert_true(formula_mentions("2*max(0,age-60)", "age"));
    assert_true(formula_mentions("1e3*e3", "e3"));
    assert_false(formula_mentions("weighted*2", "weight"));
    assert_false(formula_mentions("bodyweight*2", "weight"));
    assert_false(formula_mentions("weight_kg*2", "weight"));
    assert_false(formula_mentions("Weight*2", "weight"));
    assert_false(formula_mentions("weight2", "weight"));
    assert_false(formula_mentions("1e3*2", "e3"));
    assert_false(formula_mentions("1.5e3", "e3"));
    assert_false(formula_mentions("", "weight"));
    assert_true(formula_mentions("CL_NK/V_NK", "CL_NK"));
    assert_false(formula_mentions("CL_NK/V_NK", "NK"));
    assert_false(formula_mentions("CL_NK/V_NK", "CL"));
}

static void test_allowed_names(void **state)
{
    static const char *const good[] = {
        "a", "Vc", "CL_NK", "k10", "FRn_later", "sum", "sin", "log", "a234567890123456789012345678901"};
    static const char *const bad[] = {"",
                                      "1a",
                                      "_a",
                                      "a b",
                                      "a-b",
                                      "a.b",
                                      "\xC3\xA9",
                                      "exp",
                                      "ln",
                                      "sqrt",
                                      "abs",
                                      "min",
                                      "max",
                                      "a%",
                                      " a",
                                      "a ",
                                      "a2345678901234567890123456789012"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        double value = 21;
        struct formula_error why;
        assert_true(formula_name_allowed(good[i]));
        /* and a formula can use it, also where muParser has a function of that name */
        char text[64];
        snprintf(text, sizeof(text), "2*%s", good[i]);
        struct formula *formula = formula_create(text, &good[i], &value, 1, &why);
        assert_non_null(formula);
        assert_true(formula_value(formula) == 42);
        formula_free(formula);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(formula_name_allowed(bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),     cmocka_unit_test(test_functions),
        cmocka_unit_test(test_choice),        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_unknown_names), cmocka_unit_test(test_functions_not_offered),
        cmocka_unit_test(test_characters),    cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_long_formula),  cmocka_unit_test(test_live),
        cmocka_unit_test(test_no_value),      cmocka_unit_test(test_mentions),
        cmocka_unit_test(test_allowed_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
