/* What a summary says, in its three formats. */
#include "results_fixture.h"

#include "app/base/statistics.h"
#include "app/report/summary.h"
#include "app/report/summary_rows.h"

#include <jansson.h>

/* The summary of the result, for the caller to free. */
static char *summarize(struct fixture *f, enum summary_format format)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_int_equal(summary_print(out, f->path, format, &f->d), 0);
    assert_int_equal(fclose(out), 0);
    assert_no_errors(&f->d);
    return text;
}

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        print_error("nowhere \"%s\" in:\n%s\n", part, text);
        fail();
    }
}

/* Of cmax in the first arm: 1, 1.5, 2, 2.5, 3. Of tmax 10 more. */
static void test_text(void **state)
{
    struct fixture *f = *state;

    fixture_write(f);
    char *text = summarize(f, SUMMARY_TEXT);
    assert_contains(
        text, "A study\nmodel one: Someone, somewhere 2021; doi:10.1/x; drug: S-ketamine; samples: venous\n");
    assert_contains(text, "5 patients x 2 arms; not simulated: 1; with a parameter at its physical limit: 5; "
                          "outside the model's validity: 6 (dose of one: 4; age_group of one: 2)\n");
    /* The columns stand below each other although one name holds a letter of two bytes. */
    assert_contains(text, "\narm         analyte        cmax, ng/mL                        tmax, h    ");
    assert_contains(text, "\nlow, 28 mg  esketamine     1.864 (45.50 %) 1.100 to 2.900     12.00 (11.0");
    assert_contains(text, "\nh\303\266her       esketamine     1002 (0.09110 %) 1001 to 1003 n=4  1012 (1");
    assert_contains(text, "\nh\303\266her       noresketamine  -                                  -     ");
    assert_contains(text, "auc_last, ng*h/mL\n");
    assert_contains(text, "\nResearch and teaching tool, not a medical device.\n");
    free(text);
}

/* What only the solver sees is no difference between patients. */
static void test_noise(void **state)
{
    struct fixture *f = *state;
    const struct spread noise = {.geometric_cv = 4.9e-5};
    const struct spread difference = {.geometric_cv = 5.1e-5};
    const struct spread undefined = {.geometric_cv = NAN};

    assert_false(spread_differs(&noise));
    assert_true(spread_differs(&difference));
    assert_false(spread_differs(&undefined));
    f->alike = true;
    fixture_write(f);
    char *text = summarize(f, SUMMARY_TEXT);
    assert_contains(text, "\nlow, 28 mg  esketamine     1.000 (0.00 %) 1.000 to 1.000  ");
    free(text);
}

/* Arms that differ in their model only are compared, analyte by analyte; a model has no row of what it lacks. */
static void test_models(void **state)
{
    struct fixture *f = *state;

    f->study.model_count = 2;
    f->arms[0].name = f->arms[1].name = "low";
    f->arms[0].label = "low, one, dose 28 mg";
    f->arms[1].label = "low, two, dose 28 mg";
    f->arms[1].model = 1;
    fixture_write(f);
    char *text = summarize(f, SUMMARY_TEXT);
    assert_null(strstr(text, "low, two, dose 28 mg  noresketamine"));
    assert_contains(text, "\nlow, two, dose 28 mg  esketamine     1002 (");
    assert_contains(text, "\nspread between models: ");
    assert_contains(text,
                    "\nlow, dose 28 mg  esketamine  cmax, ng/mL        1.864 one     1002 two       537");
    assert_null(strstr(text, "low, dose 28 mg  noresketamine"));
    free(text);
    text = summarize(f, SUMMARY_CSV);
    assert_contains(text, "\n\"low, one, dose 28 mg\",esketamine,cmax,ng/mL,5,");
    assert_contains(text, ",2,1.86");
    assert_contains(text, ",one,1001.");

    free(text);
    text = summarize(f, SUMMARY_JSON);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    const json_t *comparisons = json_object_get(root, "between_models");
    assert_int_equal(json_array_size(comparisons), 2); /* cmax and auc_last: a time has no geometric mean */
    const json_t *c = json_array_get(comparisons, 0);
    assert_string_equal(json_string_value(json_object_get(c, "arm")), "low, dose 28 mg");
    assert_string_equal(json_string_value(json_object_get(c, "arm_name")), "low");
    assert_string_equal(json_string_value(json_object_get(c, "lowest_model")), "one");
    assert_string_equal(json_string_value(json_object_get(c, "highest_model")), "two");
    assert_int_equal(json_integer_value(json_object_get(c, "models")), 2);
    assert_int_equal(json_integer_value(json_object_get(c, "patients_models")), 2);
    assert_close(json_real_value(json_object_get(c, "models_ratio")),
                 json_real_value(json_object_get(c, "highest")) /
                     json_real_value(json_object_get(c, "lowest")),
                 0, 1e-12);
    json_decref(root);
    free(text);
}

static void test_text_of_one_patient(void **state)
{
    struct fixture *f = *state;

    f->study.patient_count = 1;
    fixture_write(f);
    char *text = summarize(f, SUMMARY_TEXT);
    assert_contains(text, "1 patient x 2 arms");
    assert_contains(text, "low, 28 mg  esketamine     1.000        11.00    21.00\n");
    free(text);
}

static void test_csv(void **state)
{
    struct fixture *f = *state;

    fixture_write(f);
    char *text = summarize(f, SUMMARY_CSV);
    assert_contains(text,
                    "arm,analyte,metric,unit,n,mean,sd,geometric_mean,geometric_cv,median,p05,p95,min,max,"
                    "arm_name,model,models,lowest,lowest_model,highest,highest_model,models_ratio,patients_"
                    "ratio,patients_models,interval,interval_start,from\n"
                    "\"low, 28 mg\",esketamine,cmax,ng/mL,5,2,0.79056941504209488,");
    assert_contains(text, ",2,1.1000000000000001,2.8999999999999999,1,3,low,one,,,,,,,,,,,observations\n");
    assert_contains(text, "\nh\303\266her,esketamine,tmax,h,4,");
    assert_contains(text,
                    "\nh\303\266her,noresketamine,cmax,ng/mL,0,,,,,,,,,,high,one,,,,,,,,,,,observations\n");
    int lines = 0;
    for (const char *c = text; *c; c++) {
        lines += *c == '\n';
    }
    assert_int_equal(lines, 1 + ARMS * ANALYTES * METRICS);
    free(text);
}

static void test_json(void **state)
{
    struct fixture *f = *state;

    fixture_write(f);
    char *text = summarize(f, SUMMARY_JSON);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "title")), "A study");
    assert_int_equal(json_integer_value(json_object_get(root, "failed")), 1);
    const json_t *limits = json_object_get(root, "broken_limits");
    assert_int_equal(json_array_size(limits), 2);
    const json_t *limit = json_array_get(limits, 1);
    assert_string_equal(json_string_value(json_object_get(limit, "model")), "one");
    assert_string_equal(json_string_value(json_object_get(limit, "limit")), "age_group");
    assert_int_equal(json_integer_value(json_object_get(limit, "simulations")), 2);
    const json_t *rows = json_object_get(root, "exposure");
    assert_int_equal(json_array_size(rows), ARMS * ANALYTES * METRICS);
    const json_t *row = json_array_get(rows, 0);
    assert_string_equal(json_string_value(json_object_get(row, "arm")), "low, 28 mg");
    assert_string_equal(json_string_value(json_object_get(row, "metric")), "cmax");
    assert_int_equal(json_integer_value(json_object_get(row, "n")), 5);
    assert_close(json_real_value(json_object_get(row, "p05")), 1.1, 0, 1e-15);
    row = json_array_get(rows, ARMS * ANALYTES * METRICS - 1);
    assert_int_equal(json_integer_value(json_object_get(row, "n")), 0);
    assert_true(json_is_null(json_object_get(row, "mean")));
    json_decref(root);
    free(text);
}

/* Texts that a file brings along neither steer a terminal nor break a table. */
static void test_texts_from_elsewhere(void **state)
{
    struct fixture *f = *state;

    f->study.title = "red \033[31m\r\n";
    f->arms[0].label = "a \"b\"\n";
    f->arms[1].label = "\377 no UTF-8";
    fixture_write(f);
    char *text = summarize(f, SUMMARY_TEXT);
    assert_null(strchr(text, '\033'));
    assert_contains(text, "red ?[31m??\n");
    assert_contains(text, "\na \"b\"?  ");
    free(text);
    text = summarize(f, SUMMARY_CSV);
    assert_contains(text, "\n\"a \"\"b\"\"\n\",esketamine,cmax");
    free(text);
    text = summarize(f, SUMMARY_JSON);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    json_decref(root);
    free(text);
}

/* An effect has columns of its own where its unit differs, and no geometric mean. */
static void test_effects(void **state)
{
    struct fixture *f = *state;

    f->models[0].outputs[1].sigmoid[SIGMOID_EMAX] = "1";
    fixture_write(f);
    char *text = summarize(f, SUMMARY_TEXT);
    assert_contains(text, "cmax, 1  ");
    assert_contains(text, "auc_last, h\n");
    assert_contains(text, "cmax, ng/mL  ");
    assert_contains(text, "102.0 (101.0 to 103.0) ");
    assert_contains(text, "times and effects: median (range)");
    free(text);
}

/* What a file says of a metric, and what is taken where it says nothing. */
static void test_statistic(void **state)
{
    static char mean[] = "mean";
    static char other[] = "mode";
    static char hours[] = "h";
    static char level[] = "ng/mL";

    (void)state;
    assert_int_equal(summary_statistic(&(struct result_variable){.unit = hours, .statistic = mean}),
                     STATISTIC_MEAN);
    assert_int_equal(summary_statistic(&(struct result_variable){.unit = hours}), STATISTIC_MEDIAN);
    assert_int_equal(summary_statistic(&(struct result_variable){.unit = level}), STATISTIC_GEOMETRIC);
    assert_int_equal(summary_statistic(&(struct result_variable){.unit = level, .statistic = other}),
                     STATISTIC_GEOMETRIC);
}

static void test_nothing_to_summarize(void **state)
{
    struct fixture *f = *state;

    f->study.store = STORE_PROFILES;
    fixture_write(f);
    assert_int_equal(summary_print(stdout, f->path, SUMMARY_TEXT, &f->d), -1);
    assert_told(&f->d, "holds no exposure");
    diagnostics_clear(&f->d);
    unlink(f->path);
    assert_int_equal(summary_print(stdout, f->path, SUMMARY_CSV, &f->d), -1);
    assert_told(&f->d, "cannot be read: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_noise, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_models, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_text_of_one_patient, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_csv, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_json, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_texts_from_elsewhere, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_effects, fixture_create, fixture_free),
        cmocka_unit_test(test_statistic),
        cmocka_unit_test_setup_teardown(test_nothing_to_summarize, fixture_create, fixture_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
