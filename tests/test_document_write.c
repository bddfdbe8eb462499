/* Writing YAML: what is written reads back to the same tree, and is fit to be read by people. */
#include "check_document.h"

static bool same_tree(const struct node *a, const struct node *b)
{
    if (a->kind != b->kind || a->count != b->count) {
        return false;
    }
    if (a->kind == NODE_SCALAR && strcmp(a->text, b->text) != 0) {
        return false;
    }
    for (int i = 0; i < a->count; i++) {
        if (a->kind == NODE_MAP && strcmp(a->keys[i]->text, b->keys[i]->text) != 0) {
            return false;
        }
        if (!same_tree(a->items[i], b->items[i])) {
            return false;
        }
    }
    return true;
}

/* Writes `doc`, reads it back, and fails unless the tree is the same; the text is for the caller to free. */
static char *write_and_compare(const struct document *doc)
{
    struct document again;
    char *text = document_write(doc);

    assert_non_null(text);
    parse(&again, text);
    if (!same_tree(doc->root, again.root)) {
        print_error("not the same tree:\n%s", text);
        fail();
    }
    document_clear(&again);
    return text;
}

static void assert_written(const char *read, const char *written)
{
    struct document doc;

    parse(&doc, read);
    char *text = write_and_compare(&doc);
    assert_string_equal(text, written);
    free(text);
    document_clear(&doc);
}

static void test_maps_and_lists_of_maps_are_blocks(void **state)
{
    (void)state;
    assert_written(
        "{title: A study, arms: [{name: one, regimen: [{route: iv, dose: 84 mg}]}, {name: two}], b: {}}",
        "title: A study\n"
        "arms:\n"
        "- name: one\n"
        "  regimen:\n"
        "  - route: iv\n"
        "    dose: 84 mg\n"
        "- name: two\n"
        "b: {}\n");
}

static void test_short_lists_of_scalars_are_in_one_line(void **state)
{
    (void)state;
    assert_written("a:\n- 28 mg\n- 56 mg\nb: []\nc: [[1, 0.5], [0.5, 1]]\nd: [1, [2]]\n",
                   "a: [28 mg, 56 mg]\n"
                   "b: []\n"
                   "c:\n"
                   "- [1, 0.5]\n"
                   "- [0.5, 1]\n"
                   "d:\n"
                   "- 1\n"
                   "- [2]\n");
    assert_written(
        "a: [twenty letters or so, twenty letters or so, twenty letters or so, twenty letters or so]\n",
        "a:\n"
        "- twenty letters or so\n"
        "- twenty letters or so\n"
        "- twenty letters or so\n"
        "- twenty letters or so\n");
}

static void test_eighty_characters_fit_in_one_line(void **state)
{
    char text[200];
    (void)state;

    snprintf(text, sizeof(text), "a: [%038d, %038d]\n", 1, 2);
    assert_written(text, text);
    snprintf(text, sizeof(text), "a:\n- %038d\n- %039d\n", 1, 2);
    assert_written(text, text);
    assert_written("a: [\"x\\ny\", b]\n", "a:\n- \"x\\ny\"\n- b\n");
}

static void test_scalars_are_plain_where_they_can_be(void **state)
{
    (void)state;
    assert_written(
        "a: '0.10'\nb: \"84 mg\"\nc: 'true'\nd: 1e-8\ne: 151 - 2.19*max(0, age - 60)\nf: https://x.y/z#1\n"
        "g: \xC2\xB5g\nh: it's\n",
        "a: 0.10\nb: 84 mg\nc: true\nd: 1e-8\ne: 151 - 2.19*max(0, age - 60)\nf: https://x.y/z#1\n"
        "g: \xC2\xB5g\nh: it's\n");
}

static void test_scalars_are_quoted_where_they_must_be(void **state)
{
    (void)state;
    assert_written(
        "a: ''\nb: 'x: y'\nc: 'x # y'\nd: '- x'\ne: ' x '\nf: '[x'\ng: '%x'\nh: \"x\\ny\"\ni: \"x\\ty\"\n"
        "j: ['a, b', '', c]\n'': k\n'l: m': n\n",
        "a: ''\nb: 'x: y'\nc: 'x # y'\nd: '- x'\ne: ' x '\nf: '[x'\ng: '%x'\nh: \"x\\ny\"\ni: \"x\\ty\"\n"
        "j: ['a, b', '', c]\n'': k\n'l: m': n\n");
}

static void test_a_long_text_stays_in_one_line(void **state)
{
    char text[4000] = "a: ";
    (void)state;

    for (int i = 0; i < 300; i++) {
        strcat(text, "some words ");
    }
    strcpy(text + strlen(text) - 1, "\n");
    assert_written(text, text);
}

static void test_a_long_key_reads_back(void **state)
{
    char text[2100] = "? ";
    struct document doc;
    (void)state;

    memset(text + 2, 'k', 2000);
    strcpy(text + 2002, "\n: 1\n");
    parse(&doc, text);
    free(write_and_compare(&doc));
    document_clear(&doc);
}

static void test_the_deepest_tree_reads_back(void **state)
{
    struct node *node = node_scalar("x", 0, 0);
    struct document doc = {0};
    (void)state;

    for (int depth = 1; depth < DOCUMENT_DEPTH_MAX; depth++) {
        struct node *outer = node_empty(depth % 3 == 0 ? NODE_MAP : NODE_LIST, 0, 0);
        const int status =
            depth % 3 == 0 ? node_add_entry(outer, node_scalar("k", 0, 0), node) : node_add_item(outer, node);
        assert_int_equal(status, 0);
        node = outer;
    }
    doc.root = node_empty(NODE_MAP, 0, 0);
    assert_int_equal(node_add_entry(doc.root, node_scalar("k", 0, 0), node), 0);
    free(write_and_compare(&doc));
    document_clear(&doc);
}

/* A generator of our own, so that every run and every machine tests the same texts. */
static unsigned draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % below;
}

static void draw_text(uint64_t *seed, char *text)
{
    static const char *const parts[] = {" ",
                                        "  ",
                                        "a",
                                        "b",
                                        "0",
                                        "1",
                                        ".",
                                        ":",
                                        ": ",
                                        " #",
                                        "#",
                                        "-",
                                        "- ",
                                        "?",
                                        "? ",
                                        ",",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        "&",
                                        "*",
                                        "!",
                                        "|",
                                        ">",
                                        "'",
                                        "\"",
                                        "%",
                                        "@",
                                        "`",
                                        "\\",
                                        "\n",
                                        "\n\n",
                                        "\r",
                                        "\t",
                                        "\x01",
                                        "\x7F",
                                        "---",
                                        "...",
                                        "\n---\n",
                                        "<<",
                                        "=",
                                        "~",
                                        "null",
                                        "\xC2\xB5",
                                        "\xC2\x85",
                                        "\xC2\xA0",
                                        "\xE2\x80\xA8",
                                        "\xE2\x80\xA9",
                                        "\xEF\xBB\xBF",
                                        "\xF0\x9F\x98\x80",
                                        "\xEF\xBF\xBD",
                                        "\xEE\x80\x80",
                                        "word word"};
    const unsigned count = draw(seed, 7);

    text[0] = '\0';
    for (unsigned i = 0; i < count; i++) {
        strcat(text, parts[draw(seed, sizeof(parts) / sizeof(parts[0]))]);
    }
}

static struct node *draw_node(uint64_t *seed, int depth)
{
    char text[128];
    const unsigned kind = depth > 4 ? 0 : draw(seed, 3);

    if (kind == 0) {
        draw_text(seed, text);
        return node_scalar(text, 0, 0);
    }
    struct node *node = node_empty(kind == 1 ? NODE_LIST : NODE_MAP, 0, 0);
    const unsigned count = draw(seed, 5);
    for (unsigned i = 0; i < count; i++) {
        struct node *child = draw_node(seed, depth + 1);
        draw_text(seed, text);
        if (kind == 1) {
            assert_int_equal(node_add_item(node, child), 0);
        } else if (node_find(node, text) != NULL) {
            node_free(child);
        } else {
            assert_int_equal(node_add_entry(node, node_scalar(text, 0, 0), child), 0);
        }
    }
    return node;
}

static void test_any_tree_reads_back(void **state)
{
    uint64_t seed = 20261123;
    (void)state;

    for (int i = 0; i < 20000; i++) {
        struct document doc = {0};
        doc.root = node_empty(NODE_MAP, 0, 0);
        assert_int_equal(node_add_entry(doc.root, node_scalar("k", 0, 0), draw_node(&seed, 0)), 0);
        assert_int_equal(node_add_entry(doc.root, node_scalar("l", 0, 0), draw_node(&seed, 0)), 0);
        free(write_and_compare(&doc));
        document_clear(&doc);
    }
}

static void test_writing_twice_gives_the_same_text(void **state)
{
    struct document doc;
    struct document again;
    (void)state;

    parse(&doc, "b: [{x: 'a: b', y: [1, 2]}]\na: \"x\\n\"\n");
    char *first = document_write(&doc);
    assert_non_null(first);
    parse(&again, first);
    char *second = document_write(&again);
    assert_string_equal(first, second);
    free(first);
    free(second);
    document_clear(&doc);
    document_clear(&again);
}

static void test_what_is_not_utf8_is_not_written(void **state)
{
    struct document doc = {.root = node_empty(NODE_MAP, 0, 0)};
    (void)state;

    assert_int_equal(node_add_entry(doc.root, node_scalar("k", 0, 0), node_scalar("\xFF", 0, 0)), 0);
    assert_null(document_write(&doc));
    document_clear(&doc);
}

static void test_a_copy_is_equal_and_stands_where_the_original_stood(void **state)
{
    struct document doc;
    (void)state;

    parse(&doc, "a: 1\nb: [x, {c: 2}]\n");
    struct node *copy = node_copy(doc.root);
    assert_non_null(copy);
    assert_true(same_tree(copy, doc.root));
    assert_int_equal(node_find(copy, "b")->items[1]->line, 2);
    assert_int_equal(node_find(copy, "b")->items[1]->column, 8);
    assert_int_equal(copy->keys[1]->line, 2);
    document_clear(&doc);
    assert_true(node_reads(node_find(copy, "a"), "1"));
    node_free(copy);
}

static void test_adding_nothing_fails_and_frees(void **state)
{
    struct node *map = node_empty(NODE_MAP, 0, 0);
    struct node *list = node_empty(NODE_LIST, 0, 0);
    (void)state;

    assert_int_equal(node_add_entry(map, NULL, node_scalar("x", 0, 0)), -1);
    assert_int_equal(node_add_entry(map, node_scalar("x", 0, 0), NULL), -1);
    assert_int_equal(node_add_item(list, NULL), -1);
    assert_int_equal(map->count, 0);
    assert_int_equal(list->count, 0);
    node_free(map);
    node_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maps_and_lists_of_maps_are_blocks),
        cmocka_unit_test(test_short_lists_of_scalars_are_in_one_line),
        cmocka_unit_test(test_eighty_characters_fit_in_one_line),
        cmocka_unit_test(test_scalars_are_plain_where_they_can_be),
        cmocka_unit_test(test_scalars_are_quoted_where_they_must_be),
        cmocka_unit_test(test_a_long_text_stays_in_one_line),
        cmocka_unit_test(test_a_long_key_reads_back),
        cmocka_unit_test(test_the_deepest_tree_reads_back),
        cmocka_unit_test(test_any_tree_reads_back),
        cmocka_unit_test(test_writing_twice_gives_the_same_text),
        cmocka_unit_test(test_what_is_not_utf8_is_not_written),
        cmocka_unit_test(test_a_copy_is_equal_and_stands_where_the_original_stood),
        cmocka_unit_test(test_adding_nothing_fails_and_frees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
