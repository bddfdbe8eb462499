/* Tables of cells: what is a cell, where it stands, and each mistake with its place. */
#include "check_document.h"

#include "app/base/csv_reader.h"

#include <unistd.h>

/* All rows as text: LINE:COLUMN=TEXT of each cell, "|" between cells, "/" after a row. */
static void write_rows(struct csv *csv, struct diagnostics *d, char out[TOLD_MAX])
{
    enum csv_status status;
    size_t used = 0;

    out[0] = '\0';
    while ((status = csv_next(csv, d)) != CSV_END) {
        assert_int_not_equal(status, CSV_FAILED);
        for (int i = 0; status == CSV_ROW && i < csv->count; i++) {
            used += (size_t)snprintf(out + used, TOLD_MAX - used, "%s%d:%d=%s", i > 0 ? "|" : "", csv->line,
                                     csv->cells[i].column, csv->cells[i].text);
            assert_true(used < TOLD_MAX);
        }
        used += (size_t)snprintf(out + used, TOLD_MAX - used, "/");
    }
}

static void assert_rows(const char *text, const char *expected)
{
    struct csv csv;
    struct diagnostics d;
    char rows[TOLD_MAX];

    diagnostics_init(&d);
    assert_int_equal(csv_parse(&csv, "t.csv", text, strlen(text), &d), 0);
    write_rows(&csv, &d, rows);
    assert_no_errors(&d);
    assert_string_equal(rows, expected);
    csv_clear(&csv);
    diagnostics_clear(&d);
}

/* Rows that can be read, and what is told of the others. */
static void assert_mistakes(const char *text, size_t size, const char *expected, const char *messages)
{
    struct csv csv;
    struct diagnostics d;
    char rows[TOLD_MAX];

    diagnostics_init(&d);
    if (csv_parse(&csv, "t.csv", text, size, &d) == 0) {
        write_rows(&csv, &d, rows);
        assert_string_equal(rows, expected);
    }
    tell(&d, rows);
    assert_string_equal(rows, messages);
    csv_clear(&csv);
    diagnostics_clear(&d);
}

static void test_cells_have_places(void **state)
{
    (void)state;
    assert_rows("", "");
    assert_rows("a", "1:1=a/");
    assert_rows("a,b\n1,2\n", "1:1=a|1:3=b/2:1=1|2:3=2/");
    assert_rows("a,,\n,", "1:1=a|1:3=|1:4=/2:1=|2:2=/");
    assert_rows("\xC2\xB5,\xE2\x82\xAC,\xF0\x9F\x98\x80,d",
                "1:1=\xC2\xB5|1:3=\xE2\x82\xAC|1:5=\xF0\x9F\x98\x80|1:7=d/");
}

static void test_spaces_around_cells_are_not_part_of_them(void **state)
{
    (void)state;
    assert_rows("  a b ,\tc\t, \"d\" ,  \n", "1:3=a b|1:9=c|1:13=d|1:20=/");
    assert_rows("a\n\n  \t\nb", "1:1=a/4:1=b/");
}

static void test_quotes_enclose_cells(void **state)
{
    (void)state;
    assert_rows("\"a,b\",\"\",\"c\"\"d\",e", "1:1=a,b|1:7=|1:10=c\"d|1:17=e/");
    assert_rows("\" a \"\n\"\"\"\"", "1:1= a /2:1=\"/");
}

static void test_lines_end_as_on_any_system(void **state)
{
    (void)state;
    assert_rows("a,b\r\n1,2\r\n", "1:1=a|1:3=b/2:1=1|2:3=2/");
    assert_rows("a\r\n\r\n\"b\"\r\n", "1:1=a/3:1=b/");
    assert_rows("a,b\r\n1,2\r", "1:1=a|1:3=b/2:1=1|2:3=2/");
}

static void test_a_byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    assert_rows("\xEF\xBB\xBF"
                "a,b",
                "1:1=a|1:3=b/");
}

static void test_mistakes_have_places_and_other_rows_are_read(void **state)
{
    (void)state;
    static const char mistakes[] = "a,\"b\n"
                                   "c,\"d\"e,f\n"
                                   "g,h\"i\n"
                                   "\xC2\xB5,\001\n"
                                   "k,l\0m\n"
                                   "n\ro\n"
                                   "p,\xFFq\n"
                                   "\"\xC2\"\n"
                                   "r,\xC0\xAF\n"
                                   "\xED\xA0\x80\n"
                                   "\xF4\x90\x80\x80\n"
                                   "\xE2\x82\n"
                                   "s";
    assert_mistakes(mistakes, sizeof(mistakes) - 1, "////////////13:1=s/",
                    "t.csv:1:5: error: the quoted text does not end in its line\n"
                    "t.csv:2:6: error: a comma is expected after the quoted text\n"
                    "t.csv:3:4: error: a quote inside a cell; quotes enclose a whole cell, and \"\" in them "
                    "is one quote\n"
                    "t.csv:4:3: error: a control character\n"
                    "t.csv:5:4: error: a NUL byte; a table is text in UTF-8\n"
                    "t.csv:6:2: error: a carriage return inside a line; lines end in LF or CRLF\n"
                    "t.csv:7:3: error: no text in UTF-8; save the table as UTF-8\n"
                    "t.csv:8:2: error: no text in UTF-8; save the table as UTF-8\n"
                    "t.csv:9:3: error: no text in UTF-8; save the table as UTF-8\n"
                    "t.csv:10:1: error: no text in UTF-8; save the table as UTF-8\n"
                    "t.csv:11:1: error: no text in UTF-8; save the table as UTF-8\n"
                    "t.csv:12:1: error: no text in UTF-8; save the table as UTF-8");
    assert_mistakes("\xFF\xFEi\0d\0", 6, "", "t.csv: error: is text in UTF-16; save it as UTF-8");
}

static void test_a_line_is_of_bearable_length(void **state)
{
    (void)state;
    char *text = malloc(CSV_LINE_MAX + 3);
    struct csv csv;
    struct diagnostics d;

    assert_non_null(text);
    memset(text, ',', CSV_LINE_MAX);
    text[CSV_LINE_MAX] = '\n';
    diagnostics_init(&d);
    assert_int_equal(csv_parse(&csv, "t.csv", text, CSV_LINE_MAX + 1, &d), 0);
    assert_int_equal(csv_next(&csv, &d), CSV_ROW);
    assert_int_equal(csv.count, CSV_LINE_MAX + 1);
    csv_clear(&csv);
    text[CSV_LINE_MAX] = ',';
    text[CSV_LINE_MAX + 1] = '\n';
    assert_int_equal(csv_parse(&csv, "t.csv", text, CSV_LINE_MAX + 2, &d), 0);
    assert_int_equal(csv_next(&csv, &d), CSV_MISTAKE);
    assert_told(&d, "t.csv:1:1: error: a line of more than 1000000 bytes");
    assert_int_equal(csv_next(&csv, &d), CSV_END);
    csv_clear(&csv);
    diagnostics_clear(&d);
    free(text);
}

static void test_a_file_is_read_whole(void **state)
{
    (void)state;
    char path[] = "csv-XXXXXX";
    const int file = mkstemp(path);
    struct csv csv;
    struct diagnostics d;
    int rows = 0;

    assert_true(file >= 0);
    FILE *out = fdopen(file, "w");
    assert_non_null(out);
    for (int i = 0; i < 100000; i++) { /* larger than the first buffer, several times */
        fprintf(out, "%d,x\n", i);
    }
    fclose(out);
    diagnostics_init(&d);
    assert_int_equal(csv_read(&csv, path, &d), 0);
    while (csv_next(&csv, &d) == CSV_ROW) {
        assert_int_equal(atoi(csv.cells[0].text), rows);
        rows++;
    }
    assert_int_equal(rows, 100000);
    csv_clear(&csv);
    unlink(path);
    assert_int_equal(csv_read(&csv, "no-such-table.csv", &d), -1);
    assert_told(&d, "no-such-table.csv: error: cannot be read: No such file or directory");
    csv_clear(&csv);
    assert_int_equal(csv_read(&csv, ".", &d), -1);
    assert_told(&d, ".: error: is a directory; a table is expected");
    csv_clear(&csv);
    assert_int_equal(csv_read(&csv, "/dev/zero", &d), -1);
    assert_told(&d, "/dev/zero: error: is a device; a table is expected");
    csv_clear(&csv);
    diagnostics_clear(&d);
}

static void test_a_huge_file_is_refused_before_it_is_read(void **state)
{
    (void)state;
    char path[] = "csv-XXXXXX";
    const int file = mkstemp(path);
    struct csv csv;
    struct diagnostics d;

    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, (off_t)CSV_SIZE_MAX + 1), 0); /* takes no space */
    diagnostics_init(&d);
    assert_int_equal(csv_read(&csv, path, &d), -1);
    assert_told(&d, "error: is larger than 1000000000 bytes");
    csv_clear(&csv);
    diagnostics_clear(&d);
    close(file);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_have_places),
        cmocka_unit_test(test_spaces_around_cells_are_not_part_of_them),
        cmocka_unit_test(test_quotes_enclose_cells),
        cmocka_unit_test(test_lines_end_as_on_any_system),
        cmocka_unit_test(test_a_byte_order_mark_is_passed_over),
        cmocka_unit_test(test_mistakes_have_places_and_other_rows_are_read),
        cmocka_unit_test(test_a_line_is_of_bearable_length),
        cmocka_unit_test(test_a_file_is_read_whole),
        cmocka_unit_test(test_a_huge_file_is_refused_before_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
