/* The studies in configs/: right, without surprises, and the reference complete. */
#include "check.h"
#include "study_equal.h"

#include "model/library.h"

#include <dirent.h>

static const char folder[] = SOURCE_DIR "/configs";

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    size_t size = fread(text, 1, (1 << 20) - 1, file);
    assert_true(size > 0 && feof(file));
    fclose(file);
    return text;
}

static void read_config(struct study *study, const char *name, struct diagnostics *d)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    diagnostics_init(d);
    int status = study_read(study, path, NULL, 0, d);
    assert_no_errors(d);
    assert_int_equal(status, 0);
}

/* Each file is a study, says at its top what it is, and resolves to itself. */
static void test_each(void **state)
{
    (void)state;
    DIR *directory = opendir(folder);
    struct dirent *entry;
    int count = 0;
    assert_non_null(directory);
    while ((entry = readdir(directory))) {
        const char *ending = strrchr(entry->d_name, '.');
        if (!ending || strcmp(ending, ".yaml") != 0) {
            continue;
        }
        struct study study;
        struct diagnostics d;
        read_config(&study, entry->d_name, &d);
        assert_true(study.title[0] != '\0');
        assert_true(study.source[0] == '#');
        for (int i = 0; i < d.count; i++) { /* a warning is allowed where the file means it */
            if (!strstr(d.items[i].text, "half of each dose of racemate is simulated")) {
                fail_msg("%s: %s", entry->d_name, d.items[i].text);
            }
        }
        check_round_trip(&study, study.document.name);
        study_clear(&study);
        diagnostics_clear(&d);
        count++;
    }
    closedir(directory);
    assert_true(count >= 7);
}

/* --- the numbers that the files promise --- */

static void test_spravato(void **state)
{
    (void)state;
    struct study study;
    struct diagnostics d;
    read_config(&study, "spravato-84mg.yaml", &d);
    assert_int_equal(d.count, 0);
    assert_int_equal(study.patient_count, 1000);
    assert_int_equal(study.arm_count, 1);
    assert_int_equal(study.time_count, 289);
    assert_int_equal(study.arms[0].dose_count, 1);
    assert_true(study.arms[0].doses[0].amount == 84);
    assert_true(study.seed == 20261123);
    study_clear(&study);

    static const double days[] = {0, 3, 7, 10, 14, 17, 21, 24, 28, 35, 42, 49};
    read_config(&study, "spravato-induction.yaml", &d);
    assert_int_equal(d.count, 0);
    assert_int_equal(study.arm_count, 2);
    for (int a = 0; a < 2; a++) {
        assert_int_equal(study.arms[a].dose_count, 12);
        for (int i = 0; i < 12; i++) {
            assert_true(study.arms[a].doses[i].time == days[i] * 86400);
            assert_true(study.arms[a].doses[i].amount == (a == 0 || i == 0 ? 56 : 84));
        }
    }
    study_clear(&study);
    diagnostics_clear(&d);
}

static void test_infusions(void **state)
{
    (void)state;
    static const double days[] = {0, 2, 4, 7, 9, 11};
    struct study study;
    struct diagnostics d;
    read_config(&study, "iv-half-mg-per-kg.yaml", &d);
    assert_int_equal(study.arm_count, 2);
    for (int a = 0; a < 2; a++) {
        assert_int_equal(study.arms[a].dose_count, 6);
        for (int i = 0; i < 6; i++) {
            const struct dose *dose = &study.arms[a].doses[i];
            assert_true(dose->time == days[i] * 86400 && dose->over == 2400 && dose->amount == 0.5);
            assert_int_equal(dose->basis, DOSE_PER_KG);
            assert_true(dose->share == (a == 0 ? 1 : 0.5));
        }
    }
    study_clear(&study);
    diagnostics_clear(&d);

    read_config(&study, "dose-weight-grid.yaml", &d);
    assert_int_equal(d.count, 0);
    assert_int_equal(study.arm_count, 30);
    assert_string_equal(study.arms[1].label, "infusion, dose 0.1 mg/kg, weight 60 kg");
    study_clear(&study);
    diagnostics_clear(&d);
}

/* How many models of the library describe adults and have the route; each says whom it describes. */
static int count_adult_models(const char *route)
{
    struct units *units = units_create();
    struct diagnostics d;
    int count = 0;
    assert_non_null(units);
    diagnostics_init(&d);
    for (int i = 0; i < library_count; i++) {
        struct model model;
        assert_int_equal(model_read(&model, library_entries[i].name, units, NOWHERE, &d), 0);
        assert_string_not_equal(model.age_group, "any");
        count += strcmp(model.age_group, "adults") == 0 && model_route(&model, route) >= 0;
        model_clear(&model);
    }
    units_free(units);
    return count;
}

/* Every model of adults with an iv route; those of one enantiomer get half. */
static void test_model_comparison(void **state)
{
    (void)state;
    struct study study;
    struct diagnostics d;
    read_config(&study, "model-comparison.yaml", &d);
    assert_int_equal(study.arm_count, study.model_count);
    assert_int_equal(study.model_count, count_adult_models("iv"));
    for (int a = 0; a < study.arm_count; a++) {
        const struct arm *arm = &study.arms[a];
        const struct model *model = &study.models[arm->model];
        assert_string_equal(arm->name, "infusion");
        assert_int_equal(arm->dose_count, 1);
        assert_true(arm->doses[0].share == (strcmp(model->drug, "racemate") == 0 ? 1 : 0.5));
    }
    study_clear(&study);
    diagnostics_clear(&d);
}

static void test_saturable(void **state)
{
    (void)state;
    struct study study;
    struct diagnostics d;
    read_config(&study, "saturable-elimination.yaml", &d);
    assert_int_equal(d.count, 0);
    assert_int_equal(study.arm_count, 3);
    assert_false(model_is_linear(&study.models[0]));
    assert_string_equal(study.models[0].drug, "other");
    assert_non_null(strstr(study.models[0].title, "MADE UP"));
    study_clear(&study);
    diagnostics_clear(&d);
}

/* --- the reference --- */

/* Whether a node stands at the path of a row, `[]` for any item of a list and `*` for any name. */
static bool occurs(const struct node *node, const char *path)
{
    if (*path == '\0') {
        return true;
    }
    if (strncmp(path, "[]", 2) == 0) {
        for (int i = 0; node->kind == NODE_LIST && i < node->count; i++) {
            if (occurs(node->items[i], path + 2)) {
                return true;
            }
        }
        return false;
    }
    path += *path == '.';
    size_t length = strcspn(path, ".[");
    for (int i = 0; node->kind == NODE_MAP && i < node->count; i++) {
        const char *key = node->keys[i]->text;
        bool same =
            (length == 1 && *path == '*') || (strlen(key) == length && strncmp(key, path, length) == 0);
        if (same && occurs(node->items[i], path + length)) {
            return true;
        }
    }
    return false;
}

/* What explains the keys: the reference, and studies for those that it cannot take itself. */
static const char *const explaining[] = {"reference.yaml",
                                         "event-table.yaml",
                                         "population.yaml",
                                         "nasal-sensitivity.yaml",
                                         "patients-table.yaml",
                                         "spravato-course.yaml",
                                         "parameter-uncertainty.yaml",
                                         "what-if.yaml",
                                         "what-if-infusion.yaml"};

enum { EXPLAINING = sizeof(explaining) / sizeof(explaining[0]) };

/* Every key of a study is in one of these, or, where it excludes others, in the reference as a comment. */
static void test_reference_is_complete(void **state)
{
    (void)state;
    static const char *const excluded[] = {"models",      "observe.at",       "sweep.points",
                                           "sweep.table", "optimize.session", "optimize.values"};
    struct document documents[EXPLAINING];
    char *texts[EXPLAINING];
    struct diagnostics d;
    diagnostics_init(&d);
    for (int i = 0; i < EXPLAINING; i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", folder, explaining[i]);
        texts[i] = read_text(path);
        assert_int_equal(document_parse(&documents[i], explaining[i], texts[i], strlen(texts[i]), &d), 0);
    }
    for (int i = 0; i < study_schema.count; i++) {
        const char *path = study_schema.rows[i].path;
        bool found = false;
        for (int k = 0; k < EXPLAINING; k++) {
            found |= occurs(documents[k].root, path);
        }
        for (size_t k = 0; k < sizeof(excluded) / sizeof(excluded[0]); k++) {
            char comment[64];
            const char *dot = strrchr(excluded[k], '.');
            snprintf(comment, sizeof(comment), "\n%s# %s: ", dot ? "  " : "", dot ? dot + 1 : excluded[k]);
            found |= strcmp(path, excluded[k]) == 0 && strstr(texts[0], comment);
        }
        if (!found) {
            fail_msg("neither configs/reference.yaml nor another study there has %s", path);
        }
    }
    for (int i = 0; i < EXPLAINING; i++) {
        document_clear(&documents[i]);
        free(texts[i]);
    }
}

static bool is_explained(char *const *texts, const char *told)
{
    bool found = false;
    for (int i = 0; i < EXPLAINING; i++) {
        found |= strstr(texts[i], told) != NULL;
    }
    return found;
}

/* The defaults and choices that its comments tell are those of the table. */
static void test_reference_tells_defaults(void **state)
{
    (void)state;
    char *texts[EXPLAINING];
    for (int i = 0; i < EXPLAINING; i++) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", folder, explaining[i]);
        texts[i] = read_text(path);
    }
    for (int i = 0; i < study_schema.count; i++) {
        const struct schema_row *row = &study_schema.rows[i];
        char told[128];
        if (row->fallback && row->form != FORM_MAP && strcmp(row->fallback, "\"\"") != 0) {
            snprintf(told, sizeof(told), "Default: %s.", row->fallback);
            if (!is_explained(texts, told)) {
                fail_msg("configs/reference.yaml does not say \"%s\" for %s", told, row->path);
            }
        }
        for (const char *choice = row->choices; choice; choice = strstr(choice, " | ")) {
            choice += strncmp(choice, " | ", 3) == 0 ? 3 : 0;
            snprintf(told, sizeof(told), "%.*s",
                     (int)(strstr(choice, " | ") ? strstr(choice, " | ") - choice : (long)strlen(choice)),
                     choice);
            if (!is_explained(texts, told)) {
                fail_msg("configs/reference.yaml does not say \"%s\" for %s", told, row->path);
            }
        }
    }
    for (int i = 0; i < EXPLAINING; i++) {
        free(texts[i]);
    }
}

/* It is meant to be run. */
static void test_reference_is_quick(void **state)
{
    (void)state;
    struct study study;
    struct diagnostics d;
    read_config(&study, "reference.yaml", &d);
    assert_int_equal(d.count, 0);
    assert_true((double)study.patient_count * study.arm_count * study.time_count < 1e5);
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_spravato),
        cmocka_unit_test(test_infusions),
        cmocka_unit_test(test_model_comparison),
        cmocka_unit_test(test_saturable),
        cmocka_unit_test(test_reference_is_complete),
        cmocka_unit_test(test_reference_tells_defaults),
        cmocka_unit_test(test_reference_is_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
