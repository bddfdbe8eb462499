/* Reading YAML: what is kept, and for each mistake its message and its place. */
#include "check_document.h"

static void assert_at(const struct document *doc, const struct node *node, int line, int column)
{
    const struct place place = document_place(doc, node);

    assert_non_null(node);
    assert_string_equal(place.file, "f");
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void test_scalars_stay_text(void **state)
{
    struct document doc;
    (void)state;

    parse(&doc, "a: 0.10\nb: 84 mg\nc: 'it''s'\nd: \"x\\ty\"\ne: 010\nf: yes\ng: ~\nh: 1:30\ni: <<\n");
    assert_string_equal(node_find(doc.root, "a")->text, "0.10");
    assert_string_equal(node_find(doc.root, "b")->text, "84 mg");
    assert_string_equal(node_find(doc.root, "c")->text, "it's");
    assert_string_equal(node_find(doc.root, "d")->text, "x\ty");
    assert_string_equal(node_find(doc.root, "e")->text, "010");
    assert_string_equal(node_find(doc.root, "f")->text, "yes");
    assert_string_equal(node_find(doc.root, "g")->text, "~");
    assert_string_equal(node_find(doc.root, "h")->text, "1:30");
    assert_string_equal(node_find(doc.root, "i")->text, "<<");
    document_clear(&doc);
}

static void test_every_node_knows_its_place(void **state)
{
    struct document doc;
    (void)state;

    parse(&doc, "# a comment\n"
                "\xC2\xB5: {\xC2\xB5: [\xC2\xB5, b]}\n"
                "arms:\n"
                "  - name: one\n"
                "    doses: [1 mg,\n"
                "            2 mg]\n");
    const struct node *micro = node_find(doc.root, "\xC2\xB5");
    assert_at(&doc, doc.root, 2, 1);
    assert_at(&doc, doc.root->keys[0], 2, 1);
    assert_at(&doc, micro, 2, 4);
    assert_at(&doc, micro->keys[0], 2, 5);
    assert_at(&doc, micro->items[0], 2, 8);
    assert_at(&doc, micro->items[0]->items[0], 2, 9);
    assert_at(&doc, micro->items[0]->items[1], 2, 12); /* columns count characters, not bytes */
    const struct node *arm = node_find(doc.root, "arms")->items[0];
    assert_at(&doc, node_find(doc.root, "arms"), 4, 3);
    assert_at(&doc, arm, 4, 5);
    assert_at(&doc, node_find(arm, "name"), 4, 11);
    assert_at(&doc, node_find(arm, "doses")->items[1], 6, 13);
    document_clear(&doc);
}

static void test_lines_end_as_on_any_system(void **state)
{
    struct document doc;
    (void)state;

    parse(&doc, "a: 1\r\nb: 2\r\n");
    assert_string_equal(node_find(doc.root, "a")->text, "1");
    assert_at(&doc, node_find(doc.root, "b"), 2, 4);
    document_clear(&doc);
}

static void test_a_byte_order_mark_is_passed_over(void **state)
{
    struct document doc;
    (void)state;

    parse(&doc, "\xEF\xBB\xBF"
                "a: 1\n");
    assert_at(&doc, doc.root->keys[0], 1, 1);
    assert_string_equal(doc.root->keys[0]->text, "a");
    assert_int_equal(doc.source_size, 8);
    document_clear(&doc);
    assert_refused("\xEF\xBB\xBF"
                   "a: 1\nb: \xFF",
                   "f:2:4: error: not a UTF-8 text: invalid leading UTF-8 octet");
    assert_refused("\xEF\xBB\xBF", "f: error: is empty");
}

static void test_the_source_is_kept_as_written(void **state)
{
    static const char text[] = "# why\na:   1 # mg\n";
    struct document doc;
    (void)state;

    parse(&doc, text);
    assert_string_equal(doc.source, text);
    assert_int_equal(doc.source_size, strlen(text));
    assert_string_equal(doc.name, "f");
    document_clear(&doc);
}

static void test_nothing_is_empty_text(void **state)
{
    struct document doc;
    (void)state;

    parse(&doc, "a:\nb: ''\n");
    assert_true(node_reads(node_find(doc.root, "a"), ""));
    assert_true(node_reads(node_find(doc.root, "b"), ""));
    document_clear(&doc);
}

static void test_an_empty_text_is_refused(void **state)
{
    (void)state;
    assert_refused("", "f: error: is empty");
    assert_refused("\n\n", "f: error: is empty");
    assert_refused("# only a comment\n", "f: error: is empty");
    assert_refused("---\n", "f: error: is empty");
    assert_refused("---\n...\n", "f: error: is empty");
}

static void test_the_root_must_be_a_map(void **state)
{
    (void)state;
    assert_refused("# one\n- a\n", "f:2:1: error: keys with values are expected, not a list");
    assert_refused("hello\n", "f:1:1: error: keys with values are expected, not a single text");
}

static void test_a_second_document_is_refused(void **state)
{
    (void)state;
    assert_refused("a: 1\n---\nb: 2\n", "f:2:1: error: a second document begins here; only one is allowed");
    assert_refused("---\na: 1\n...\n---\nb: 2\n",
                   "f:4:1: error: a second document begins here; only one is allowed");
}

static void test_duplicate_keys_are_refused_with_both_lines(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: 2\na: 3\n", "f:3:1: error: key \"a\" is already given in line 1");
    assert_refused("a: {x: 1, x: 2}\n", "f:1:11: error: key \"x\" is already given in line 1");
    assert_refused("a: 1\n\"a\": 1\n", "f:2:1: error: key \"a\" is already given in line 1");
    /* All of them, in order of line, though the inner map ends first. */
    assert_refused("a: 1\na: 2\nb:\n  - {c: 1,\n     c: 2}\na: 4\n",
                   "f:2:1: error: key \"a\" is already given in line 1\n"
                   "f:5:6: error: key \"c\" is already given in line 4\n"
                   "f:6:1: error: key \"a\" is already given in line 1");
}

static void test_the_same_key_in_different_maps_is_fine(void **state)
{
    struct document doc;
    (void)state;

    parse(&doc, "a: {a: {a: 1}}\nA: {a: 2}\n");
    assert_int_equal(doc.root->count, 2);
    document_clear(&doc);
}

static void test_keys_must_be_text(void **state)
{
    (void)state;
    assert_refused("[1]: 2\n", "f:1:1: error: a key must be a text, not a list");
    assert_refused("a: {{b: 1}: 2}\n", "f:1:5: error: a key must be a text, not a map");
    assert_refused("? - a\n: 2\n", "f:1:3: error: a key must be a text, not a list");
}

static void test_anchors_aliases_and_tags_are_refused(void **state)
{
    (void)state;
    assert_refused("a: &x 1\nb: *x\nc: !!str 5\nd: &y [1]\ne: !foo {a: 1}\nf: &z !!map {a: 1}\n",
                   "f:1:4: error: anchor \"&x\" is not allowed; write the value out where it is used\n"
                   "f:2:4: error: alias \"*x\" is not allowed; write the value out\n"
                   "f:3:4: error: tag \"!!str\" is not allowed; write the value without it\n"
                   "f:4:4: error: anchor \"&y\" is not allowed; write the value out where it is used\n"
                   "f:5:4: error: tag \"!foo\" is not allowed; write the value without it\n"
                   "f:6:4: error: anchor \"&z\" is not allowed; write the value out where it is used\n"
                   "f:6:4: error: tag \"!!map\" is not allowed; write the value without it");
    assert_refused("&k a: 1\n*k : 2\n",
                   "f:1:1: error: anchor \"&k\" is not allowed; write the value out where it is used\n"
                   "f:2:1: error: alias \"*k\" is not allowed; write the value out");
}

static void test_nul_and_what_is_not_utf8_is_refused(void **state)
{
    (void)state;
    assert_refused_bytes("a: 1\nb: \0 2\n", 12, "f:2:4: error: not a text: it holds a NUL byte");
    assert_refused("a: \"x\\0y\"\n", "f:1:4: error: a text must not hold a NUL character");
    assert_refused("a: 1\nb: \xC2\xB5\xB5\n", "f:2:5: error: not a UTF-8 text: invalid leading UTF-8 octet");
    assert_refused("a: \xC0\x80\n", "f:1:4: error: not a UTF-8 text: invalid length of a UTF-8 sequence");
    assert_refused("a: \xED\xA0\x80\n", "f:1:4: error: not a UTF-8 text: invalid Unicode character");
    assert_refused("a: \xC2", "f:1:4: error: not a UTF-8 text: incomplete UTF-8 octet sequence");
    assert_refused("a: b\x01\n", "f:1:5: error: not a UTF-8 text: control characters are not allowed");
    assert_refused_bytes("\xFF\xFE"
                         "a\0:\0",
                         6, "f:1:4: error: not a text: it holds a NUL byte");
}

static void test_truncated_text_is_refused(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: [1, 2\n",
                   "f:3:1: error: not valid YAML: did not find expected ',' or ']' while parsing a flow "
                   "sequence that begins at 2:4");
    assert_refused("a: {b: 1",
                   "f:2:1: error: not valid YAML: did not find expected ',' or '}' while parsing a flow "
                   "mapping that begins at 1:4");
    assert_refused(
        "a: 'x\n",
        "f:2:1: error: not valid YAML: found unexpected end of stream while scanning a quoted scalar "
        "that begins at 1:4; the text ends too early");
    assert_refused(
        "a: 1\nb",
        "f:3:1: error: not valid YAML: could not find expected ':' while scanning a simple key that "
        "begins at 2:1; a key is followed by a colon and a space");
}

static void test_common_mistakes_get_a_remedy(void **state)
{
    (void)state;
    assert_refused(
        "a: b: c\n",
        "f:1:5: error: not valid YAML: mapping values are not allowed in this context; the keys of "
        "one map begin in the same column, one in a line; a text that holds \": \" needs quotes");
    assert_refused("a:\n\tb: 2\n",
                   "f:2:1: error: not valid YAML: found character that cannot start any token while "
                   "scanning for the next token; indent with spaces, not with tabs");
    assert_refused("a: @x\n",
                   "f:1:4: error: not valid YAML: found character that cannot start any token while scanning "
                   "for the next token; put a text that begins with such a character in quotes");
    assert_refused("a: 1\nb:2\nc: 3\n",
                   "f:3:1: error: not valid YAML: could not find expected ':' while scanning a simple key "
                   "that begins at 2:1; a key is followed by a colon and a space");
    assert_refused("a:\n    b: 1\n   c: 2\n",
                   "f:3:4: error: not valid YAML: did not find expected key while parsing a block "
                   "mapping that begins at 1:1; the keys of one map begin in the same column");
    assert_refused("a:\n  - 1\n  b: 2\n",
                   "f:3:3: error: not valid YAML: did not find expected '-' indicator while parsing a "
                   "block collection that begins at 2:3; the items of one list begin in the same "
                   "column");
}

static void test_node_parse_has_no_lines(void **state)
{
    struct diagnostics d;
    (void)state;

    diagnostics_init(&d);
    struct node *node = node_parse("here", "{a: [1, 2]}", 11, false, &d);
    assert_non_null(node);
    assert_int_equal(node->line, 0);
    assert_int_equal(node_find(node, "a")->items[1]->line, 0);
    node_free(node);
    assert_null(node_parse("here", "{a: 1, a: 2}", 12, false, &d));
    assert_null(node_parse("here", "[", 1, false, &d));
    assert_null(node_parse("here", "", 0, false, &d));
    assert_told(&d, "here: error: key \"a\" is given twice");
    assert_told(&d,
                "here: error: not valid YAML: did not find expected node content while parsing a flow node");
    assert_told(&d, "here: error: is empty");
    diagnostics_clear(&d);
}

static void test_what_is_not_there_is_not_found(void **state)
{
    struct document doc;
    (void)state;

    parse(&doc, "a: [x]\nb: text\n");
    assert_null(node_find(doc.root, "c"));
    assert_null(node_find(NULL, "a"));
    assert_null(node_find(node_find(doc.root, "a"), "x"));
    assert_null(node_find(node_find(doc.root, "b"), "text"));
    assert_false(node_is_scalar(NULL));
    assert_false(node_is_scalar(doc.root));
    assert_true(node_is_scalar(node_find(doc.root, "b")));
    assert_false(node_reads(NULL, "text"));
    assert_false(node_reads(doc.root, "text"));
    assert_false(node_reads(node_find(doc.root, "b"), "tex"));
    assert_true(node_reads(node_find(doc.root, "b"), "text"));
    const struct place place = document_place(&doc, NULL);
    assert_string_equal(place.file, "f");
    assert_int_equal(place.line, 0);
    document_clear(&doc);
    node_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars_stay_text),
        cmocka_unit_test(test_every_node_knows_its_place),
        cmocka_unit_test(test_lines_end_as_on_any_system),
        cmocka_unit_test(test_a_byte_order_mark_is_passed_over),
        cmocka_unit_test(test_the_source_is_kept_as_written),
        cmocka_unit_test(test_nothing_is_empty_text),
        cmocka_unit_test(test_an_empty_text_is_refused),
        cmocka_unit_test(test_the_root_must_be_a_map),
        cmocka_unit_test(test_a_second_document_is_refused),
        cmocka_unit_test(test_duplicate_keys_are_refused_with_both_lines),
        cmocka_unit_test(test_the_same_key_in_different_maps_is_fine),
        cmocka_unit_test(test_keys_must_be_text),
        cmocka_unit_test(test_anchors_aliases_and_tags_are_refused),
        cmocka_unit_test(test_nul_and_what_is_not_utf8_is_refused),
        cmocka_unit_test(test_truncated_text_is_refused),
        cmocka_unit_test(test_common_mistakes_get_a_remedy),
        cmocka_unit_test(test_node_parse_has_no_lines),
        cmocka_unit_test(test_what_is_not_there_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
