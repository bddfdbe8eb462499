/* Reading YAML: hostile texts, and files that cannot be read. */
#include "check_document.h"

#include <sys/stat.h>
#include <unistd.h>

static void test_an_alias_bomb_is_refused_without_being_built(void **state)
{
    char text[2048] = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    struct document doc;
    struct diagnostics d;
    (void)state;

    for (int i = 1; i < 30; i++) {
        char line[64];
        snprintf(line, sizeof(line), "a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1);
        strcat(text, line);
    }
    diagnostics_init(&d);
    assert_int_equal(document_parse(&doc, "f", text, strlen(text), &d), -1);
    assert_int_equal(d.errors, 30 + 3 * 29);
    assert_told(&d, "f:30:12: error: alias \"*a28\"");
    diagnostics_clear(&d);
}

static char *repeated(const char *begin, const char *middle, int times, const char *end)
{
    const size_t length = strlen(middle);
    char *text = malloc(strlen(begin) + (size_t)times * length + strlen(end) + 1);

    assert_non_null(text);
    strcpy(text, begin);
    char *at = text + strlen(begin);
    for (int i = 0; i < times; i++, at += length) {
        memcpy(at, middle, length);
    }
    strcpy(at, end);
    return text;
}

/* libyaml takes seconds to compare 100,000 directives with each other. */
static void test_directives_of_tags_are_refused(void **state)
{
    static const char *const texts[] = {"%TAG !a! x\n--- {a: 1}\n", "# c\r%TAG !a! x\r--- {a: 1}\r",
                                        "a: 1\n...\n%TAG !a! x\n", "#\u2028%TAG !a! x\n--- {a: 1}\n"};
    struct document doc;
    (void)state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct diagnostics d;
        diagnostics_init(&d);
        assert_int_equal(document_parse(&doc, "f", texts[i], strlen(texts[i]), &d), -1);
        assert_told(&d, "error: a line that begins with %TAG; tags are not allowed");
        diagnostics_clear(&d);
    }
    parse(&doc, "a: 50 %TAG\nb: x%TAG\n");
    assert_true(node_reads(node_find(doc.root, "a"), "50 %TAG"));
    document_clear(&doc);
}

static void test_nesting_is_limited(void **state)
{
    struct document doc;
    (void)state;

    /* The root and 63 lists. */
    char *text = repeated("a: ", "[", DOCUMENT_DEPTH_MAX - 1,
                          "x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    parse(&doc, text);
    const struct node *node = node_find(doc.root, "a");
    for (int depth = 2; depth < DOCUMENT_DEPTH_MAX; depth++) {
        assert_int_equal(node->kind, NODE_LIST);
        node = node->items[0];
    }
    assert_true(node_reads(node->items[0], "x"));
    document_clear(&doc);
    free(text);

    text = repeated("a: ", "[", 100, "");
    assert_refused(text, "f:1:67: error: nested more than 64 deep");
    free(text);
    text = repeated("a:\n", "- ", 4000, "x\n");
    assert_refused(text, "f:2:127: error: nested more than 64 deep");
    free(text);
    text = repeated("", "{a: ", 500000, "");
    assert_refused(text, "f:1:257: error: nested more than 64 deep");
    free(text);
}

static void test_the_number_of_values_is_limited(void **state)
{
    char *text = repeated("a: [", "1,", DOCUMENT_NODES_MAX - 2, "1]");
    (void)state;

    assert_refused(text, "f:1:1999999: error: more than 1000000 values");
    free(text);
}

static void test_a_large_map_is_searched_for_duplicates_in_time(void **state)
{
    const int count = 100000;
    char *text = malloc(16 * (size_t)count);
    char *at = text;
    (void)state;

    assert_non_null(text);
    for (int i = 0; i < count; i++) {
        at += sprintf(at, "k%d: 1\n", i);
    }
    strcpy(at, "k77: 1\n");
    assert_refused(text, "f:100001:1: error: key \"k77\" is already given in line 78");
    free(text);
}

static void test_the_size_is_limited(void **state)
{
    char *text = repeated("a: ", "x", DOCUMENT_SIZE_MAX - 3, "");
    struct document doc;
    (void)state;

    parse(&doc, text);
    assert_int_equal(strlen(node_find(doc.root, "a")->text), DOCUMENT_SIZE_MAX - 3);
    document_clear(&doc);
    free(text);
    text = repeated("a: ", "x", DOCUMENT_SIZE_MAX - 2, "");
    assert_refused(text, "f: error: is larger than 4194304 bytes");
    free(text);
}

/* A file of `size` bytes of `text`, or of as many "x" where that is NULL; its name is for the caller to unlink. */
static void make_file(char name[32], const char *text, size_t size)
{
    strcpy(name, "document_XXXXXX");
    const int handle = mkstemp(name);
    assert_true(handle >= 0);
    FILE *file = fdopen(handle, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++) {
        fputc(text != NULL ? text[i] : 'x', file);
    }
    assert_int_equal(fclose(file), 0);
}

static void assert_unreadable(const char *name, const char *expected)
{
    struct document doc;
    struct diagnostics d;
    char message[256];

    diagnostics_init(&d);
    assert_int_equal(document_read(&doc, name, &d), -1);
    assert_int_equal(d.count, 1);
    snprintf(message, sizeof(message), "%s: error: %s", name, expected);
    char *line = diagnostics_line(&d, 0);
    assert_string_equal(line, message);
    free(line);
    assert_null(doc.root);
    document_clear(&doc);
    diagnostics_clear(&d);
}

static void test_a_file_is_read(void **state)
{
    struct document doc;
    struct diagnostics d;
    char name[32];
    (void)state;

    make_file(name, "a: 84 mg\n", 9);
    diagnostics_init(&d);
    assert_int_equal(document_read(&doc, name, &d), 0);
    assert_string_equal(doc.name, name);
    assert_string_equal(doc.source, "a: 84 mg\n");
    assert_true(node_reads(node_find(doc.root, "a"), "84 mg"));
    document_clear(&doc);
    diagnostics_clear(&d);
    unlink(name);
}

static void test_a_file_that_cannot_be_read_is_refused(void **state)
{
    char name[32];
    (void)state;

    assert_unreadable("no/such/file.yaml", "cannot be read: No such file or directory");
    assert_unreadable(".", "is a directory; a YAML file is expected");
    make_file(name, "", 0);
    assert_unreadable(name, "is empty");
    if (geteuid() != 0) {
        assert_int_equal(chmod(name, 0), 0);
        assert_unreadable(name, "cannot be read: Permission denied");
    }
    unlink(name);
    make_file(name, NULL, 10 << 20);
    assert_unreadable(name, "is larger than 4194304 bytes");
    unlink(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_alias_bomb_is_refused_without_being_built),
        cmocka_unit_test(test_directives_of_tags_are_refused),
        cmocka_unit_test(test_nesting_is_limited),
        cmocka_unit_test(test_the_number_of_values_is_limited),
        cmocka_unit_test(test_a_large_map_is_searched_for_duplicates_in_time),
        cmocka_unit_test(test_the_size_is_limited),
        cmocka_unit_test(test_a_file_is_read),
        cmocka_unit_test(test_a_file_that_cannot_be_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
