/* `--set KEY=VALUE`: where the value goes, and what is refused. */
#include "check_document.h"

static const char study[] = "title: one\n"
                            "patients:\n"
                            "arms:\n"
                            "- name: 84 mg\n"
                            "  regimen:\n"
                            "  - dose: 84 mg\n"
                            "  - dose: 28 mg\n"
                            "- name: 0.5 mg/kg\n"
                            "- name: 0.5\n"
                            "- 7\n";

/* Fails unless `assignment` turns the study into `expected`. */
static void assert_set(const char *assignment, const char *expected)
{
    struct document doc;
    struct diagnostics d;

    parse(&doc, study);
    diagnostics_init(&d);
    document_set(&doc, assignment, &d);
    assert_no_errors(&d);
    char *text = document_write(&doc);
    assert_string_equal(text, expected);
    free(text);
    diagnostics_clear(&d);
    document_clear(&doc);
}

static void assert_set_refused(const char *assignment, const char *message)
{
    struct document doc;
    struct diagnostics d;
    char told[TOLD_MAX];
    char expected[TOLD_MAX];

    parse(&doc, study);
    diagnostics_init(&d);
    assert_int_equal(document_set(&doc, assignment, &d), -1);
    tell(&d, told);
    snprintf(expected, sizeof(expected), "--set %s: error: %s", assignment, message);
    assert_string_equal(told, expected);
    diagnostics_clear(&d);
    document_clear(&doc);
}

#define ARMS_BUT_FIRST "- name: 0.5 mg/kg\n- name: 0.5\n- 7\n"
#define ARMS "arms:\n- name: 84 mg\n  regimen:\n  - dose: 84 mg\n  - dose: 28 mg\n" ARMS_BUT_FIRST

static void test_a_value_is_replaced(void **state)
{
    (void)state;
    assert_set("title=two words", "title: two words\npatients: ''\n" ARMS);
    assert_set("title=0.10", "title: 0.10\npatients: ''\n" ARMS);
    assert_set("title=a=b", "title: a=b\npatients: ''\n" ARMS);
    assert_set("title=''", "title: ''\npatients: ''\n" ARMS);
    assert_set("arms.0.regimen.1.dose=56 mg", "title: one\npatients: ''\narms:\n- name: 84 mg\n  regimen:\n  "
                                              "- dose: 84 mg\n  - dose: 56 mg\n" ARMS_BUT_FIRST);
}

static void test_a_value_is_any_yaml(void **state)
{
    (void)state;
    assert_set("arms=[{name: x, regimen: [1, 2]}]",
               "title: one\npatients: ''\narms:\n- name: x\n  regimen: [1, 2]\n");
    assert_set("arms={}", "title: one\npatients: ''\narms: {}\n");
    assert_set("title=\"a: b\\n\"", "title: \"a: b\\n\"\npatients: ''\n" ARMS);
}

static void test_a_new_key_is_added_at_the_end(void **state)
{
    (void)state;
    assert_set("seed=7", "title: one\npatients: ''\n" ARMS "seed: 7\n");
}

static void test_missing_maps_are_made(void **state)
{
    (void)state;
    assert_set("solver.deep.rtol=1e-6",
               "title: one\npatients: ''\n" ARMS "solver:\n  deep:\n    rtol: 1e-6\n");
    assert_set("patients.count=50", "title: one\npatients:\n  count: 50\n" ARMS);
}

static void test_items_go_by_name_and_names_may_hold_dots(void **state)
{
    (void)state;
    assert_set("arms.84 mg.regimen.0.dose=7 mg",
               "title: one\npatients: ''\narms:\n- name: 84 mg\n  regimen:\n  - dose: 7 mg\n  - dose: 28 "
               "mg\n" ARMS_BUT_FIRST);
    /* "0.5 mg/kg" rather than "0.5" or number 0. */
    assert_set(
        "arms.0.5 mg/kg.x=1",
        "title: one\npatients: ''\narms:\n- name: 84 mg\n  regimen:\n  - dose: 84 mg\n  - dose: 28 mg\n"
        "- name: 0.5 mg/kg\n  x: 1\n- name: 0.5\n- 7\n");
    assert_set(
        "arms.0.5.x=1",
        "title: one\npatients: ''\narms:\n- name: 84 mg\n  regimen:\n  - dose: 84 mg\n  - dose: 28 mg\n"
        "- name: 0.5 mg/kg\n- name: 0.5\n  x: 1\n- 7\n");
}

static void test_the_longest_name_is_meant(void **state)
{
    struct document doc;
    struct diagnostics d;
    (void)state;

    parse(&doc, "arms:\n- name: a.b\n- name: a\n- name: 0\nc.d: {e: 1}\nc: {d: {}}\n");
    diagnostics_init(&d);
    assert_int_equal(document_set(&doc, "arms.a.b.x=1", &d), 0);
    assert_int_equal(document_set(&doc, "arms.a.x=2", &d), 0);
    assert_int_equal(document_set(&doc, "arms.0.x=3", &d), 0); /* a name goes before a number */
    assert_int_equal(document_set(&doc, "c.d.e=4", &d), 0);
    char *text = document_write(&doc);
    assert_string_equal(
        text,
        "arms:\n- name: a.b\n  x: 1\n- name: a\n  x: 2\n- name: 0\n  x: 3\nc.d:\n  e: 4\nc:\n  d: {}\n");
    free(text);
    diagnostics_clear(&d);
    document_clear(&doc);
}

static void test_items_are_replaced_and_added(void **state)
{
    (void)state;
    assert_set(
        "arms.3=8",
        "title: one\npatients: ''\narms:\n- name: 84 mg\n  regimen:\n  - dose: 84 mg\n  - dose: 28 mg\n"
        "- name: 0.5 mg/kg\n- name: 0.5\n- 8\n");
    assert_set("arms.4={name: x}", "title: one\npatients: ''\n" ARMS "- name: x\n");
}

static void test_what_leads_nowhere_is_refused(void **state)
{
    (void)state;
    assert_set_refused("arms.5=x",
                       "no item \"5\" in \"arms\", which has 4 items; give its number, from 0, or its name");
    assert_set_refused("arms.4.name=x",
                       "no item \"4\" in \"arms\", which has 4 items; give its number, from 0, or its name");
    assert_set_refused("arms.-1=x",
                       "no item \"-1\" in \"arms\", which has 4 items; give its number, from 0, or its name");
    assert_set_refused(
        "arms.99999999999=x",
        "no item \"99999999999\" in \"arms\", which has 4 items; give its number, from 0, or its name");
    assert_set_refused(
        "arms.84 mg.regimen.x.dose=x",
        "no item \"x\" in \"arms.84 mg.regimen\", which has 2 items; give its number, from 0, or its name");
    assert_set_refused("title.x=1", "\"title\" is a single value, so \"x\" cannot be below it");
    assert_set_refused("arms.3.x.y=1", "\"arms.3\" is a single value, so \"x.y\" cannot be below it");
}

static void test_what_is_no_assignment_is_refused(void **state)
{
    (void)state;
    assert_set_refused("title", "KEY=VALUE is expected, for example patients.count=50");
    assert_set_refused("", "KEY=VALUE is expected, for example patients.count=50");
    assert_set_refused("=1", "KEY=VALUE is expected, for example patients.count=50");
    assert_set_refused(".=1", "a part of the key is empty");
    assert_set_refused(".x=1", "a part of the key is empty");
    assert_set_refused("x..y=1", "a part of the key is empty");
    assert_set_refused("x.=1", "a part of the key is empty");
    assert_set_refused("arms.=1",
                       "no item \"\" in \"arms\", which has 4 items; give its number, from 0, or its name");
}

static void test_what_is_no_yaml_is_refused(void **state)
{
    (void)state;
    assert_set_refused("title=", "is empty");
    assert_set_refused("title=[1",
                       "not valid YAML: did not find expected ',' or ']' while parsing a flow sequence");
    assert_set_refused("title={a: 1, a: 2}", "key \"a\" is given twice");
    assert_set_refused("title=&x 1", "anchor \"&x\" is not allowed; write the value out where it is used");
}

static void test_nesting_is_limited(void **state)
{
    char key[200] = "k";
    struct document doc;
    struct diagnostics d;
    (void)state;

    for (int i = 1; i < DOCUMENT_DEPTH_MAX - 1; i++) {
        strcat(key, ".k");
    }
    char *value = key + strlen(key);
    strcpy(value, "=[x]"); /* 63 maps and a list */
    parse(&doc, study);
    diagnostics_init(&d);
    assert_int_equal(document_set(&doc, key, &d), 0);
    diagnostics_clear(&d);
    document_clear(&doc);
    strcpy(value, "=[[x]]");
    assert_set_refused(key, "nested more than 64 deep");
    strcpy(value, ".k=[x]");
    assert_set_refused(key, "nested more than 64 deep");
}

static void test_later_messages_about_the_value_name_the_option(void **state)
{
    struct document doc;
    struct diagnostics d;
    (void)state;

    parse(&doc, study);
    diagnostics_init(&d);
    assert_int_equal(document_set(&doc, "patients.count=5", &d), 0);
    assert_int_equal(document_set(&doc, "title={a: [x]}", &d), 0);
    const struct node *patients = node_find(doc.root, "patients");
    const struct node *title = node_find(doc.root, "title");
    assert_string_equal(document_place(&doc, patients).file, "--set patients.count=5");
    assert_string_equal(document_place(&doc, patients->keys[0]).file, "--set patients.count=5");
    assert_string_equal(document_place(&doc, patients->items[0]).file, "--set patients.count=5");
    assert_int_equal(document_place(&doc, patients->items[0]).line, 0);
    assert_string_equal(document_place(&doc, title).file, "--set title={a: [x]}");
    assert_string_equal(document_place(&doc, title->keys[0]).file, "--set title={a: [x]}");
    assert_string_equal(document_place(&doc, title->items[0]->items[0]).file, "--set title={a: [x]}");
    /* What stands in the file keeps its place. */
    assert_int_equal(document_place(&doc, doc.root->keys[0]).line, 1);
    assert_string_equal(document_place(&doc, node_find(doc.root, "arms")).file, "f");
    assert_string_equal(doc.source, study);
    diagnostics_clear(&d);
    document_clear(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_value_is_replaced),
        cmocka_unit_test(test_a_value_is_any_yaml),
        cmocka_unit_test(test_a_new_key_is_added_at_the_end),
        cmocka_unit_test(test_missing_maps_are_made),
        cmocka_unit_test(test_items_go_by_name_and_names_may_hold_dots),
        cmocka_unit_test(test_the_longest_name_is_meant),
        cmocka_unit_test(test_items_are_replaced_and_added),
        cmocka_unit_test(test_what_leads_nowhere_is_refused),
        cmocka_unit_test(test_what_is_no_assignment_is_refused),
        cmocka_unit_test(test_what_is_no_yaml_is_refused),
        cmocka_unit_test(test_nesting_is_limited),
        cmocka_unit_test(test_later_messages_about_the_value_name_the_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
