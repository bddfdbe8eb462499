/* Mistakes are kept with their place, told in one line, and near spellings are found. */
#include "check.h"

static void test_errors_and_warnings_are_counted_apart(void **state)
{
    struct diagnostics d;
    (void)state;

    diagnostics_init(&d);
    assert_int_equal(diagnostics_error(&d, NOWHERE, "one"), -1);
    assert_int_equal(diagnostics_warning(&d, NOWHERE, "two"), -1);
    assert_int_equal(diagnostics_error(&d, NOWHERE, "three"), -1);
    assert_int_equal(d.count, 3);
    assert_int_equal(d.errors, 2);
    assert_int_equal(d.items[1].severity, SEVERITY_WARNING);
    assert_false(d.out_of_memory);
    diagnostics_clear(&d);
    assert_int_equal(d.count, 0);
    assert_int_equal(d.errors, 0);
    assert_null(d.items);
}

static void test_the_file_name_is_copied(void **state)
{
    struct diagnostics d;
    char name[] = "study.yaml";
    (void)state;

    diagnostics_init(&d);
    diagnostics_error(&d, (struct place){name, 3, 9}, "%s of %d", "two", 5);
    name[0] = 'X';
    assert_string_equal(d.items[0].file, "study.yaml");
    assert_int_equal(d.items[0].line, 3);
    assert_int_equal(d.items[0].column, 9);
    assert_string_equal(d.items[0].text, "two of 5");
    diagnostics_clear(&d);
}

static void assert_line(struct place at, int is_warning, const char *expected)
{
    struct diagnostics d;

    diagnostics_init(&d);
    if (is_warning) {
        diagnostics_warning(&d, at, "text");
    } else {
        diagnostics_error(&d, at, "text");
    }
    char *line = diagnostics_line(&d, 0);
    assert_string_equal(line, expected);
    free(line);
    diagnostics_clear(&d);
}

static void test_a_line_shows_as_much_of_the_place_as_is_known(void **state)
{
    (void)state;
    assert_line((struct place){"a.yaml", 12, 7}, 0, "a.yaml:12:7: error: text");
    assert_line((struct place){"a.yaml", 12, 7}, 1, "a.yaml:12:7: warning: text");
    assert_line((struct place){"a.yaml", 0, 0}, 0, "a.yaml: error: text");
    assert_line(NOWHERE, 0, "error: text");
    assert_line((struct place){NULL, 2147483647, 2147483647}, 0, "2147483647:2147483647: error: text");
}

static void test_items_beyond_the_limit_are_counted_and_dropped(void **state)
{
    struct diagnostics d;
    (void)state;

    diagnostics_init(&d);
    for (int i = 0; i < DIAGNOSTICS_MAX + 7; i++) {
        diagnostics_error(&d, NOWHERE, "%d", i);
    }
    diagnostics_warning(&d, NOWHERE, "last");
    assert_int_equal(d.count, DIAGNOSTICS_MAX);
    assert_int_equal(d.errors, DIAGNOSTICS_MAX + 7);
    assert_int_equal(d.dropped, 8);
    assert_string_equal(d.items[DIAGNOSTICS_MAX - 1].text, "199");
    diagnostics_clear(&d);
    assert_int_equal(d.dropped, 0);
}

static void test_lack_of_memory_is_an_error(void **state)
{
    struct diagnostics d;
    (void)state;

    diagnostics_init(&d);
    assert_int_equal(diagnostics_out_of_memory(&d), -1);
    assert_true(d.out_of_memory);
    assert_int_equal(d.errors, 1);
    assert_int_equal(d.count, 0);
    diagnostics_clear(&d);
    assert_false(d.out_of_memory);
}

static void test_a_text_is_one_line_without_control_characters(void **state)
{
    struct diagnostics d;
    (void)state;

    diagnostics_init(&d);
    diagnostics_error(&d, NOWHERE, "a\nb\tc\rd\x1b[31me\x7f \xC2\xB5g");
    assert_string_equal(d.items[0].text, "a b c d?[31me? \xC2\xB5g");
    diagnostics_clear(&d);
}

static void test_of_a_long_text_both_ends_are_kept(void **state)
{
    struct diagnostics d;
    char *text = malloc(100001);
    (void)state;

    assert_non_null(text);
    memset(text, 'x', 100000);
    text[100000] = '\0';
    diagnostics_init(&d);
    diagnostics_error(&d, NOWHERE, "begin %s end", text);
    diagnostics_error(&d, NOWHERE, "%.600s", text);
    for (int i = 0; i < 100000; i += 2) {
        memcpy(text + i, "\xC2\xB5", 2);
    }
    diagnostics_error(&d, NOWHERE, "%s", text);
    assert_int_equal(strlen(d.items[0].text), 595);
    assert_int_equal(strncmp(d.items[0].text, "begin xx", 8), 0);
    assert_non_null(strstr(d.items[0].text, "xx ... xx"));
    assert_string_equal(d.items[0].text + 590, "x end");
    assert_int_equal(strlen(d.items[1].text), 600);
    /* No character is cut in two. */
    assert_non_null(strstr(d.items[2].text, "\xC2\xB5 ... \xC2\xB5"));
    free(text);
    diagnostics_clear(&d);
}

static void test_sorting_is_by_line_and_column_and_stable(void **state)
{
    static const int places[][2] = {{9, 9}, {5, 2}, {3, 1}, {5, 1}, {3, 1}, {0, 0}};
    struct diagnostics d;
    (void)state;

    diagnostics_init(&d);
    for (int i = 0; i < 6; i++) {
        diagnostics_error(&d, (struct place){"f", places[i][0], places[i][1]}, "%d", i);
    }
    diagnostics_sort(&d, 1);
    const char *const expected[] = {"0", "5", "2", "4", "3", "1"};
    for (int i = 0; i < 6; i++) {
        assert_string_equal(d.items[i].text, expected[i]);
    }
    diagnostics_sort(&d, 6);
    diagnostics_clear(&d);
}

static void assert_nearest(const char *word, const char *expected)
{
    static const char *const candidates[] = {"patients", "count", "covariates", "mcg",
                                             "mg",       "mL",    "min",        "arms"};
    const char *nearest = nearest_spelling(word, candidates, 8);

    if (expected == NULL) {
        assert_null(nearest);
    } else {
        assert_non_null(nearest);
        assert_string_equal(nearest, expected);
    }
}

static void test_the_nearest_spelling_is_found(void **state)
{
    (void)state;
    assert_nearest("patient", "patients");  /* a letter is missing */
    assert_nearest("paitents", "patients"); /* two letters are swapped, which counts as one change */
    assert_nearest("cuont", "count");       /* as here, where two changes would be too many */
    assert_nearest("COVARIATES", "covariates");
    assert_nearest("ML", "mL");
    assert_nearest("armz", "arms");
    assert_nearest("mgg", "mg"); /* rather than mcg, because the beginning is the same */
}

static void test_nothing_is_found_where_more_than_a_third_differs(void **state)
{
    (void)state;
    assert_nearest("dose", NULL);
    assert_nearest("conut!!", NULL); /* 3 of 7 */
    assert_nearest("a", NULL);
    assert_nearest("", NULL);
    assert_nearest("a word that is far longer than any word of the program could ever be", NULL);
}

static void test_long_words_are_compared_without_overflow(void **state)
{
    char longest[64];
    char longer[65];
    const char *const candidates[] = {longer, longest};
    (void)state;

    memset(longest, 'a', 63);
    longest[63] = '\0';
    memset(longer, 'a', 64);
    longer[64] = '\0';
    assert_ptr_equal(nearest_spelling(longest, candidates, 2), longest);
    assert_null(nearest_spelling(longer, candidates, 2));
    assert_null(nearest_spelling("mg", candidates, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_and_warnings_are_counted_apart),
        cmocka_unit_test(test_the_file_name_is_copied),
        cmocka_unit_test(test_a_line_shows_as_much_of_the_place_as_is_known),
        cmocka_unit_test(test_items_beyond_the_limit_are_counted_and_dropped),
        cmocka_unit_test(test_lack_of_memory_is_an_error),
        cmocka_unit_test(test_a_text_is_one_line_without_control_characters),
        cmocka_unit_test(test_of_a_long_text_both_ends_are_kept),
        cmocka_unit_test(test_sorting_is_by_line_and_column_and_stable),
        cmocka_unit_test(test_the_nearest_spelling_is_found),
        cmocka_unit_test(test_nothing_is_found_where_more_than_a_third_differs),
        cmocka_unit_test(test_long_words_are_compared_without_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
