#include "check.h"

#include "app/base/messages.h"
#include "app/base/progress.h"

static void test_line(void **state)
{
    char line[160];

    (void)state;
    progress_describe(line, sizeof(line), 0, 0, 3000, 0.1);
    assert_string_equal(line, "  0 %  0 of 3000");
    progress_describe(line, sizeof(line), 0, 1500, 3000, 3);
    assert_string_equal(line, " 50 %  1500 of 3000, 500/s, 0:03 left");
    progress_describe(line, sizeof(line), 0, 10, 100000, 10);
    assert_string_equal(line, "  0 %  10 of 100000, 1.0/s, 27:46:30 left");
    progress_describe(line, sizeof(line), 0, 3000, 3000, 3);
    assert_string_equal(line, "100 %  3000 of 3000, 1000/s, 0:00 left");
    progress_describe(line, sizeof(line), 0, 0, 0, 3);
    assert_string_equal(line, "100 %  0 of 0");
}

static void test_bar(void **state)
{
    char line[160];

    (void)state;
    progress_describe(line, sizeof(line), 1, 0, 4, 0);
    assert_string_equal(line, "[                              ]   0 %  0 of 4");
    progress_describe(line, sizeof(line), 1, 2, 4, 0);
    assert_string_equal(line, "[===============               ]  50 %  2 of 4");
    progress_describe(line, sizeof(line), 1, 4, 4, 0);
    assert_string_equal(line, "[==============================] 100 %  4 of 4");
    progress_describe(line, 8, 1, INT64_MAX, INT64_MAX, 1e9);
    assert_int_equal(strlen(line), 7);
}

/* What a run says of itself to `out`: after a moment, and at once. */
static void test_styles(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = tmpfile();
    FILE *out = open_memstream(&text, &size);
    struct progress progress;

    (void)state;
    assert_non_null(file);
    assert_non_null(out);
    progress_begin(&progress, file, 1);
    assert_int_equal(progress.style, PROGRESS_NONE);
    progress_begin(&progress, file, 0);
    assert_int_equal(progress.style, PROGRESS_LINES);

    progress.out = out;
    progress_show(&progress, 1, 4);
    fflush(out);
    assert_int_equal(size, 0);
    progress.shown -= 3600;
    progress_show(&progress, 2, 4);
    progress_show(&progress, 3, 4);
    fflush(out);
    assert_string_equal(text, " 50 %  2 of 4\n");
    progress_end(&progress);
    fclose(out);
    free(text);

    out = open_memstream(&text, &size);
    assert_non_null(out);
    progress.out = out;
    progress.style = PROGRESS_BAR;
    progress.shown -= 3600;
    progress_show(&progress, 4, 4);
    assert_true(progress.width > 40);
    progress_end(&progress);
    fclose(out);
    assert_int_equal(text[0], '\r');
    assert_non_null(strstr(text, "4 of 4"));
    assert_int_equal(text[size - 1], '\r');
    free(text);
    fclose(file);
}

static void test_sizes(void **state)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {
        {0, "0 bytes"},    {999, "999 bytes"}, {999.6, "1.0 kB"}, {1234, "1.2 kB"},  {56789, "57 kB"},
        {9.96e6, "10 MB"}, {27e6, "27 MB"},    {3.4e9, "3.4 GB"}, {5e15, "5000 TB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(size_describe(cases[i].bytes).text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_bar),
        cmocka_unit_test(test_styles),
        cmocka_unit_test(test_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
