/* Checking a document against a table of keys, and filling in its defaults. */
#include "check_document.h"

#include "model/schema.h"

static const struct schema_row rows[] = {
    {"title", FORM_TEXT, false, "\"\"", "", NULL, "a title"},
    {"model", FORM_TEXT, true, NULL, "", NULL, "a model"},
    {"seed", FORM_COUNT, false, "7", "", NULL, "a seed"},
    {"patients", FORM_MAP, false, "{}", "", NULL, "patients"},
    {"patients.count", FORM_COUNT, false, "100", "", NULL, "how many"},
    {"patients.variability", FORM_SWITCH, false, "true", "", NULL, "whether they differ"},
    {"patients.covariates", FORM_MAP, false, NULL, "", NULL, "free names"},
    {"patients.covariates.*", FORM_ANY, false, NULL, "years", NULL, "anything"},
    {"arms", FORM_LIST, false, NULL, "", NULL, "arms"},
    {"arms[].name", FORM_TEXT, true, NULL, "", NULL, "a name"},
    {"arms[].regimen", FORM_LIST, false, "[{dose: 1 mg}, {}]", "", NULL, "doses"},
    {"arms[].regimen[].dose", FORM_QUANTITY, false, "28 mg", "mg", NULL, "a dose"},
    {"arms[].regimen[].at", FORM_QUANTITY, false, "0 h", "h", NULL, "a time"},
    {"parameters", FORM_MAP, false, NULL, "", NULL, "free names with keys of their own"},
    {"parameters.*", FORM_MAP, false, NULL, "", NULL, "a parameter"},
    {"parameters.*.typical", FORM_FORMULA, true, NULL, "", NULL, "a formula"},
    {"parameters.*.unit", FORM_TEXT, false, "\"1\"", "", NULL, "its unit"},
    {"sweep", FORM_MAP, false, NULL, "", NULL, "fixed and free names side by side"},
    {"sweep.design", FORM_CHOICE, true, NULL, "", "grid | latin hypercube | sobol", "a design"},
    {"sweep.*", FORM_TEXTS, false, NULL, "mg", NULL, "values"},
    {"solver", FORM_MAP, false, NULL, "", NULL, "filled only where present"},
    {"solver.rtol", FORM_NUMBER, false, "1e-8", "", NULL, "a number"},
    {"solver.cv", FORM_QUANTITY, false, NULL, "", NULL, "a quantity without a unit"},
    {"blocks", FORM_LIST, false, NULL, "", NULL, "list of lists"},
    {"blocks[]", FORM_TEXTS, false, NULL, "", NULL, "a list"},
    {"groups", FORM_LIST, false, NULL, "", NULL, "list of maps of free names"},
    {"groups[]", FORM_MAP, false, NULL, "", NULL, "a map of free names"},
    {"groups[].size", FORM_NUMBER, false, "2", "", NULL, "a number"},
    {"groups[].*", FORM_NUMBER, false, NULL, "", NULL, "a number"},
    {"loose", FORM_LIST, false, NULL, "", NULL, "list of anything"},
};

static const struct schema schema = {"study", rows, sizeof(rows) / sizeof(rows[0])};

/* Fails unless `yaml` is right and reads `expected` with its defaults filled in. */
static void assert_filled(const char *yaml, const char *expected)
{
    struct document doc;
    struct diagnostics d;

    diagnostics_init(&d);
    parse(&doc, yaml);
    schema_apply(&schema, &doc, &d);
    assert_no_errors(&d);
    assert_int_equal(d.count, 0);
    char *text = document_write(&doc);
    assert_string_equal(text, expected);
    free(text);
    diagnostics_clear(&d);
    document_clear(&doc);
}

static void refuse_study(const char *yaml, char told[TOLD_MAX])
{
    struct document doc;
    struct diagnostics d;

    diagnostics_init(&d);
    parse(&doc, yaml);
    char *before = document_write(&doc);
    assert_int_equal(schema_apply(&schema, &doc, &d), -1);
    char *after = document_write(&doc);
    assert_string_equal(before, after); /* nothing is filled in where there is an error */
    free(before);
    free(after);
    tell(&d, told);
    diagnostics_clear(&d);
    document_clear(&doc);
}

#define assert_told_by_schema(yaml, expected)                                                                \
    do {                                                                                                     \
        char assert_text_told[TOLD_MAX];                                                                     \
        refuse_study((yaml), assert_text_told);                                                              \
        assert_string_equal(assert_text_told, (expected));                                                   \
    } while (0)

static void test_defaults_are_filled_in_where_they_are_missing(void **state)
{
    (void)state;
    assert_filled("model: m\n", "model: m\n"
                                "title: ''\n"
                                "seed: 7\n"
                                "patients:\n"
                                "  count: 100\n"
                                "  variability: true\n");
    assert_filled("patients: {variability: false}\nseed: 0\nmodel: m\ntitle: t\n", "patients:\n"
                                                                                   "  variability: false\n"
                                                                                   "  count: 100\n"
                                                                                   "seed: 0\n"
                                                                                   "model: m\n"
                                                                                   "title: t\n");
}

static void test_defaults_are_filled_in_inside_lists_and_defaults(void **state)
{
    (void)state;
    assert_filled(
        "model: m\ntitle: t\nseed: 1\npatients: {count: 1, variability: true}\n"
        "arms: [{name: a, regimen: [{at: 1 h}, {dose: 2 mg}]}, {name: b}, {name: c, regimen: []}]\n",
        "model: m\n"
        "title: t\n"
        "seed: 1\n"
        "patients:\n"
        "  count: 1\n"
        "  variability: true\n"
        "arms:\n"
        "- name: a\n"
        "  regimen:\n"
        "  - at: 1 h\n"
        "    dose: 28 mg\n"
        "  - dose: 2 mg\n"
        "    at: 0 h\n"
        "- name: b\n"
        "  regimen:\n"
        "  - dose: 1 mg\n"
        "    at: 0 h\n"
        "  - dose: 28 mg\n"
        "    at: 0 h\n"
        "- name: c\n"
        "  regimen: []\n");
}

static void test_defaults_are_filled_in_below_free_names(void **state)
{
    (void)state;
    assert_filled("model: m\ntitle: t\nseed: 1\npatients: {count: 1, variability: true}\n"
                  "parameters: {Vc: {typical: 192, unit: L}, F: {typical: 0.5}}\n",
                  "model: m\n"
                  "title: t\n"
                  "seed: 1\n"
                  "patients:\n"
                  "  count: 1\n"
                  "  variability: true\n"
                  "parameters:\n"
                  "  Vc:\n"
                  "    typical: 192\n"
                  "    unit: L\n"
                  "  F:\n"
                  "    typical: 0.5\n"
                  "    unit: 1\n");
}

static void test_defaults_are_filled_in_where_items_have_a_row(void **state)
{
    (void)state;
    assert_filled(
        "model: m\ntitle: t\nseed: 1\npatients: {count: 1, variability: true}\ngroups: [{a: 1}, {size: 3}]\n",
        "model: m\n"
        "title: t\n"
        "seed: 1\n"
        "patients:\n"
        "  count: 1\n"
        "  variability: true\n"
        "groups:\n"
        "- a: 1\n"
        "  size: 2\n"
        "- size: 3\n");
}

static void test_a_filled_document_is_left_as_it_is(void **state)
{
    static const char filled[] = "title: ''\n"
                                 "model: m\n"
                                 "seed: 7\n"
                                 "patients:\n"
                                 "  count: 100\n"
                                 "  variability: true\n"
                                 "solver:\n"
                                 "  rtol: 1e-8\n";
    (void)state;

    assert_filled(filled, filled);
}

static void test_a_default_stands_nowhere(void **state)
{
    struct document doc;
    struct diagnostics d;
    (void)state;

    diagnostics_init(&d);
    parse(&doc, "model: m\n");
    assert_int_equal(schema_apply(&schema, &doc, &d), 0);
    const struct node *patients = node_find(doc.root, "patients");
    assert_int_equal(patients->line, 0);
    assert_int_equal(node_find(patients, "count")->line, 0);
    diagnostics_clear(&d);
    document_clear(&doc);
}

static void test_an_unknown_key_gets_the_nearest_of_its_map(void **state)
{
    (void)state;
    assert_told_by_schema("modle: m\nmodel: m\n",
                          "f:1:1: error: unknown key \"modle\" in the study; did you mean \"model\"?");
    assert_told_by_schema("model: m\npatients:\n  Count: 5\n",
                          "f:3:3: error: unknown key \"Count\" in patients; did you mean \"count\"?");
    assert_told_by_schema("model: m\narms:\n- name: a\n  regimen:\n  - {at: 0 h}\n  - {dsoe: 1 mg}\n",
                          "f:6:6: error: unknown key \"dsoe\" in arms.0.regimen.1; did you mean \"dose\"?");
    assert_told_by_schema("model: m\nparameters:\n  Vc: {typical: 1, units: L}\n",
                          "f:3:20: error: unknown key \"units\" in parameters.Vc; did you mean \"unit\"?");
}

static void test_a_key_in_the_wrong_map_is_sent_to_the_right_one(void **state)
{
    (void)state;
    assert_told_by_schema("model: m\ncount: 5\n",
                          "f:2:1: error: unknown key \"count\" in the study; did you mean patients.count?");
    assert_told_by_schema(
        "model: m\ndose: 5 mg\n",
        "f:2:1: error: unknown key \"dose\" in the study; did you mean arms[].regimen[].dose?");
    assert_told_by_schema("model: m\nsolver: {seed: 1}\n",
                          "f:2:10: error: unknown key \"seed\" in solver; did you mean seed?");
}

static void test_an_unknown_key_like_none_gets_the_list(void **state)
{
    (void)state;
    assert_told_by_schema("model: m\nsolver: {xyz: 1}\n",
                          "f:2:10: error: unknown key \"xyz\" in solver; known are rtol, cv");
}

static void test_a_key_that_looks_like_a_path_is_unknown(void **state)
{
    (void)state;
    assert_told_by_schema(
        "model: m\npatients.count: 5\n",
        "f:2:1: error: unknown key \"patients.count\" in the study; known are title, model, seed, patients, "
        "arms, parameters, sweep, solver, blocks, groups, loose");
    assert_told_by_schema("model: m\nsolver: {'*': 5}\n",
                          "f:2:10: error: unknown key \"*\" in solver; known are rtol, cv");
    assert_told_by_schema("model: m\n'arms[]': 5\n",
                          "f:2:1: error: unknown key \"arms[]\" in the study; did you mean \"arms\"?");
}

static void test_a_missing_key_is_told_at_its_map(void **state)
{
    (void)state;
    assert_told_by_schema("# c\nseed: 1\n", "f:2:1: error: key \"model\" is missing in the study");
    assert_told_by_schema("model: m\narms:\n- name: a\n- regimen: []\n",
                          "f:4:3: error: key \"name\" is missing in arms.1");
    assert_told_by_schema("model: m\nparameters:\n  Vc: {unit: L}\n",
                          "f:3:7: error: key \"typical\" is missing in parameters.Vc");
    assert_told_by_schema("model: m\nsweep: {dose: [1 mg]}\n",
                          "f:2:8: error: key \"design\" is missing in sweep");
}

static void test_a_node_of_the_wrong_kind_is_refused(void **state)
{
    (void)state;
    assert_told_by_schema("model: [m]\n", "f:1:8: error: model: a single value is expected, not a list");
    assert_told_by_schema("model: {m: 1}\n",
                          "f:1:8: error: model: a single value is expected, not keys with values");
    assert_told_by_schema("model: m\npatients: 5\n",
                          "f:2:11: error: patients: keys with values are expected, not a single value");
    assert_told_by_schema("model: m\npatients: [5]\n",
                          "f:2:11: error: patients: keys with values are expected, not a list");
    assert_told_by_schema("model: m\narms: {name: a}\n",
                          "f:2:7: error: arms: a list is expected, not keys with values");
    assert_told_by_schema("model: m\narms: [a]\n",
                          "f:2:8: error: arms.0: keys with values are expected, not a single value");
    assert_told_by_schema("model: m\nsweep: {design: grid, dose: 5 mg}\n",
                          "f:2:29: error: sweep.dose: a list is expected; write [5 mg]");
    assert_told_by_schema("model: m\nsweep: {design: grid, dose: [5 mg, [6 mg]]}\n",
                          "f:2:36: error: sweep.dose.1: a single value is expected, not a list");
    assert_told_by_schema("model: m\nblocks: [[1, 2], 3]\n",
                          "f:2:18: error: blocks.1: a list is expected; write [3]");
    assert_told_by_schema("model: m\ngroups: [{a: 1}, [2], {b: x}]\n",
                          "f:2:18: error: groups.1: keys with values are expected, not a list\n"
                          "f:2:27: error: groups.2.b: \"x\" is not a number");
}

static void test_a_key_without_a_value_is_told_at_the_key(void **state)
{
    (void)state;
    assert_told_by_schema("model:\n", "f:1:1: error: model: has no value");
    assert_told_by_schema("model: m\nseed:\n", "f:2:1: error: seed: has no value");
    assert_told_by_schema("model: m\npatients:\n",
                          "f:2:1: error: patients: has no value; keys with values are expected");
    assert_told_by_schema("model: m\narms:\n", "f:2:1: error: arms: has no value; a list is expected");
    assert_told_by_schema("model: m\nparameters: {Vc: {typical: }}\n",
                          "f:2:19: error: parameters.Vc.typical: has no value");
    assert_told_by_schema("model: m\nsweep: {design: grid, dose: [1 mg, '']}\n",
                          "f:2:36: error: sweep.dose.1: has no value");
}

static void test_numbers_are_plain_numbers(void **state)
{
    (void)state;
    assert_told_by_schema("model: m\nsolver: {rtol: small}\n",
                          "f:2:16: error: solver.rtol: \"small\" is not a number");
    assert_told_by_schema(
        "model: m\nsolver: {rtol: 1e-8 mg}\n",
        "f:2:16: error: solver.rtol: \"1e-8 mg\" is not a plain number; nothing may follow \"1e-8\"");
    assert_told_by_schema(
        "model: m\nsolver: {rtol: 0x10}\n",
        "f:2:16: error: solver.rtol: \"0x10\" is not a plain number; nothing may follow \"0\"");
    assert_told_by_schema("model: m\nsolver: {rtol: nan}\n",
                          "f:2:16: error: solver.rtol: \"nan\" is not a number");
    assert_told_by_schema("model: m\nsolver: {rtol: 1e400}\n",
                          "f:2:16: error: solver.rtol: \"1e400\" is too large");
    assert_told_by_schema("model: m\nsolver: {rtol: 1e-400}\n",
                          "f:2:16: error: solver.rtol: \"1e-400\" is too small");
}

static void test_counts_are_whole_numbers(void **state)
{
    (void)state;
    assert_told_by_schema("model: m\nseed: -1\n",
                          "f:2:7: error: seed: \"-1\" is not a whole number, written with digits alone");
    assert_told_by_schema("model: m\nseed: 1.5\n",
                          "f:2:7: error: seed: \"1.5\" is not a whole number, written with digits alone");
    assert_told_by_schema("model: m\nseed: 1e3\n",
                          "f:2:7: error: seed: \"1e3\" is not a whole number, written with digits alone");
    assert_told_by_schema("model: m\nseed: 18446744073709551616\n",
                          "f:2:7: error: seed: \"18446744073709551616\" is not a whole number that fits");
}

static void test_switches_are_true_or_false(void **state)
{
    (void)state;
    assert_told_by_schema("model: m\npatients: {variability: yes}\n",
                          "f:2:25: error: patients.variability: \"yes\" is neither true nor false");
    assert_told_by_schema("model: m\npatients: {variability: True}\n",
                          "f:2:25: error: patients.variability: \"True\" is neither true nor false");
}

static void test_quantities_begin_with_a_number(void **state)
{
    (void)state;
    assert_told_by_schema(
        "model: m\narms: [{name: a, regimen: [{dose: much, at: 84}]}]\n",
        "f:2:35: error: arms.0.regimen.0.dose: \"much\" does not begin with a number; write it like 2 mg");
    assert_told_by_schema("model: m\nsolver: {cv: x}\n",
                          "f:2:14: error: solver.cv: \"x\" does not begin with a number; write it like 2");
}

static void test_choices_are_taken_from_the_list(void **state)
{
    (void)state;
    assert_told_by_schema("model: m\nsweep: {design: girds}\n",
                          "f:2:17: error: sweep.design: \"girds\" is not one of grid | latin "
                          "hypercube | sobol");
    assert_told_by_schema("model: m\nsweep: {design: sobel}\n",
                          "f:2:17: error: sweep.design: \"sobel\" is not one of grid | latin "
                          "hypercube | sobol; did you mean sobol?");
    assert_told_by_schema("model: m\nsweep: {design: latin}\n",
                          "f:2:17: error: sweep.design: \"latin\" is not one of grid | latin "
                          "hypercube | sobol");
}

static void test_what_is_right_passes(void **state)
{
    struct document doc;
    struct diagnostics d;
    (void)state;

    diagnostics_init(&d);
    parse(&doc,
          "model: m\nseed: 18446744073709551615\npatients: {covariates: {age: 45 years, x: [1, {y: z}], '*': "
          "'', a.b: 1}}\n"
          "sweep: {design: latin hypercube, dose: [1 mg], over: []}\nsolver: {rtol: -1e-8, cv: 27.5 %}\n"
          "blocks: [[1, 2], []]\ngroups: [{a: 1}, {}]\nloose: [1, [2], {x: 3}]\n");
    schema_apply(&schema, &doc, &d);
    assert_no_errors(&d);
    document_clear(&doc);
    diagnostics_clear(&d);
}

static void test_all_mistakes_are_told_in_order_of_line(void **state)
{
    (void)state;
    assert_told_by_schema(
        "seed: x\n"
        "patients:\n"
        "  count: -5\n"
        "  cuont: 5\n"
        "arms:\n"
        "- regimen:\n"
        "  - dose: [1]\n"
        "    att: 0 h\n"
        "- name: b\n"
        "  regimen: {}\n"
        "solver: {rtol: y, z: 1, cv: }\n",
        "f:1:1: error: key \"model\" is missing in the study\n"
        "f:1:7: error: seed: \"x\" is not a whole number, written with digits alone\n"
        "f:3:10: error: patients.count: \"-5\" is not a whole number, written with digits alone\n"
        "f:4:3: error: unknown key \"cuont\" in patients; did you mean \"count\"?\n"
        "f:6:3: error: key \"name\" is missing in arms.0\n"
        "f:7:11: error: arms.0.regimen.0.dose: a single value is expected, not a list\n"
        "f:8:5: error: unknown key \"att\" in arms.0.regimen.0; did you mean \"at\"?\n"
        "f:10:12: error: arms.1.regimen: a list is expected, not keys with values\n"
        "f:11:16: error: solver.rtol: \"y\" is not a number\n"
        "f:11:19: error: unknown key \"z\" in solver; known are rtol, cv\n"
        "f:11:25: error: solver.cv: has no value");
}

static void test_a_mistake_of_set_is_told_as_such(void **state)
{
    struct document doc;
    struct diagnostics d;
    char told[TOLD_MAX];
    (void)state;

    diagnostics_init(&d);
    parse(&doc, "model: m\n");
    assert_int_equal(document_set(&doc, "patients.cuont=5", &d), 0);
    assert_int_equal(document_set(&doc, "seed=x", &d), 0);
    assert_int_equal(schema_apply(&schema, &doc, &d), -1);
    tell(&d, told);
    assert_string_equal(
        told, "--set patients.cuont=5: error: unknown key \"cuont\" in patients; did you mean \"count\"?\n"
              "--set seed=x: error: seed: \"x\" is not a whole number, written with digits alone");
    document_clear(&doc);
    diagnostics_clear(&d);
}

static void test_a_long_path_is_shortened(void **state)
{
    char yaml[3000] = "model: m\nparameters: {";
    struct document doc;
    struct diagnostics d;
    (void)state;

    memset(yaml + strlen(yaml), 'k', 900);
    strcat(yaml, ": {typo: 1}}\n");
    diagnostics_init(&d);
    parse(&doc, yaml);
    assert_int_equal(schema_apply(&schema, &doc, &d), -1);
    assert_int_equal(d.errors, 2);
    assert_told(&d, "key \"typical\" is missing in parameters.kkkkkkkkkk");
    assert_true(strlen(d.items[0].text) < 200);
    document_clear(&doc);
    diagnostics_clear(&d);
}

static void test_rows_are_found_by_path(void **state)
{
    (void)state;
    assert_ptr_equal(schema_row(&schema, "title"), &rows[0]);
    assert_string_equal(schema_row(&schema, "arms[].regimen[].at")->fallback, "0 h");
    assert_string_equal(schema_row(&schema, "patients.covariates.*")->unit, "years");
    assert_null(schema_row(&schema, "arms.0.name"));
    assert_null(schema_row(&schema, "arms[]"));
    assert_null(schema_row(&schema, ""));
}

static void test_a_default_that_is_no_yaml_is_told(void **state)
{
    static const struct schema_row broken_rows[] = {{"a", FORM_TEXT, false, "[", "", NULL, "a"}};
    const struct schema broken = {"study", broken_rows, 1};
    struct document doc;
    struct diagnostics d;
    (void)state;

    diagnostics_init(&d);
    parse(&doc, "{}\n");
    assert_int_equal(schema_apply(&broken, &doc, &d), -1);
    assert_told(&d, "a: error: not valid YAML");
    document_clear(&doc);
    diagnostics_clear(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_filled_in_where_they_are_missing),
        cmocka_unit_test(test_defaults_are_filled_in_inside_lists_and_defaults),
        cmocka_unit_test(test_defaults_are_filled_in_below_free_names),
        cmocka_unit_test(test_defaults_are_filled_in_where_items_have_a_row),
        cmocka_unit_test(test_a_filled_document_is_left_as_it_is),
        cmocka_unit_test(test_a_default_stands_nowhere),
        cmocka_unit_test(test_an_unknown_key_gets_the_nearest_of_its_map),
        cmocka_unit_test(test_a_key_in_the_wrong_map_is_sent_to_the_right_one),
        cmocka_unit_test(test_an_unknown_key_like_none_gets_the_list),
        cmocka_unit_test(test_a_key_that_looks_like_a_path_is_unknown),
        cmocka_unit_test(test_a_missing_key_is_told_at_its_map),
        cmocka_unit_test(test_a_node_of_the_wrong_kind_is_refused),
        cmocka_unit_test(test_a_key_without_a_value_is_told_at_the_key),
        cmocka_unit_test(test_numbers_are_plain_numbers),
        cmocka_unit_test(test_counts_are_whole_numbers),
        cmocka_unit_test(test_switches_are_true_or_false),
        cmocka_unit_test(test_quantities_begin_with_a_number),
        cmocka_unit_test(test_choices_are_taken_from_the_list),
        cmocka_unit_test(test_what_is_right_passes),
        cmocka_unit_test(test_all_mistakes_are_told_in_order_of_line),
        cmocka_unit_test(test_a_mistake_of_set_is_told_as_such),
        cmocka_unit_test(test_a_long_path_is_shortened),
        cmocka_unit_test(test_rows_are_found_by_path),
        cmocka_unit_test(test_a_default_that_is_no_yaml_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
