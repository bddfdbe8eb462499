/* Studies with model files of their own, and with several models. */
#include "study_check.h"
#include "study_equal.h"

#include <sys/stat.h>
#include <unistd.h>

/* A one-compartment model around its covariates, validity and route. */
#define MODEL(name, drug, covariates, volume, dose_range)                                                    \
    "model: " name "\ntitle: t\ncitation: c\ndrug: " drug "\nsampling: venous\n" covariates                  \
    "parameters:\n  V: {typical: \"" volume "\", unit: L}\n  k: {typical: 1, unit: 1/h}\n"                   \
    "compartments: [body]\nflows: [{from: body, rate: k}]\n"                                                 \
    "routes: {iv: {" dose_range "inputs: [{to: body}]}}\n"                                                   \
    "outputs: {ketamine: {amount: body, volume: V}}\n"

static const struct {
    const char *path;
    const char *text;
} files[] = {
    {"test_study_plain.yaml", MODEL("plain", "racemate", "", "10", "")},
    {"test_study_kg.yaml",
     MODEL("kilograms", "S-ketamine",
           "validity: {weight: [40 kg, 120 kg]}\ncovariates: {weight: {unit: kg, default: 80 kg}}\n",
           "weight", "dose_range: [10 mg, 100 mg], ")},
    {"test_study_lb.yaml",
     MODEL("pounds", "racemate", "covariates: {weight: {unit: lb, default: 150 lb}}\n", "weight", "")},
    {"test_study_other.yaml", MODEL("another", "other", "", "10", "")},
    {"test_study_stated.yaml",
     MODEL("stated", "racemate", "covariates: {weight: {unit: kg}}\n", "weight", "")},
    {"test_study_saturable.yaml",
     "model: saturable\ntitle: t\ncitation: c\ndrug: racemate\nsampling: venous\n"
     "parameters:\n  V: {typical: 10, unit: L}\ncompartments: [body]\n"
     "flows: [{from: body, vmax: 5, km: 2}]\nroutes: {iv: {inputs: [{to: body}]}}\n"
     "outputs: {ketamine: {amount: body, volume: V}}\n"},
    {"test_study_folder/own.yaml",
     MODEL("own", "racemate", "validity: {dose_age: [1, 2]}\ncovariates: {dose_age: {default: 1}}\n",
           "10*dose_age", "")},
    {"test_study_folder/study.yaml",
     "seed: 1\nmodel: ./own.yaml\npatients: {count: 3}\n" ARM "{route: iv, dose: 5 mg}" OBSERVE},
    {"test_study_folder/bad.yaml", "model: bad\n"},
};

enum { FILES = sizeof(files) / sizeof(files[0]) };

static int write_files(void **state)
{
    (void)state;
    mkdir("test_study_folder", 0777);
    for (int i = 0; i < FILES; i++) {
        FILE *file = fopen(files[i].path, "w");
        if (!file || fputs(files[i].text, file) < 0 || fclose(file)) {
            return -1;
        }
    }
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    for (int i = 0; i < FILES; i++) {
        remove(files[i].path);
    }
    return rmdir("test_study_folder");
}

/* A path in a study is relative to the folder of the study. */
static void test_paths(void **state)
{
    (void)state;
    struct study study;
    struct diagnostics d;
    struct reading r;
    diagnostics_init(&d);
    assert_int_equal(study_read(&study, "test_study_folder/study.yaml", NULL, 0, &d), 0);
    assert_no_errors(&d);
    assert_string_equal(study.models[0].name, "own");
    assert_string_equal(study.document.name, "test_study_folder/study.yaml");
    assert_true(node_reads(node_find(study.document.root, "model"), "./own.yaml"));
    study_clear(&study);

    const char *const settings[] = {"model=./bad.yaml", "patients.count=5"};
    assert_int_equal(study_read(&study, "test_study_folder/study.yaml", settings, 2, &d), -1);
    assert_told(&d, "test_study_folder/./bad.yaml:1:1: error: key \"title\" is missing in the model");
    diagnostics_clear(&d);
    study_clear(&study);

    assert_int_equal(study_read(&study, "test_study_folder/none.yaml", NULL, 0, &d), -1);
    assert_int_equal(d.errors, 1);
    diagnostics_clear(&d);
    study_clear(&study);

    reading_of(&r, REGIMEN("otto-2022", "{route: iv, dose: 5 mg}"));
    assert_int_equal(r.status, -1);
    assert_int_equal(r.d.errors, 1);
    assert_told(&r.d, "s.yaml:2:8: error: \"otto-2022\" is no model of the library; did you mean otto-2021?");
    reading_clear(&r);
    reading_of(&r, REGIMEN("./test_study_none.yaml", "{route: iv, dose: 5 mg}"));
    assert_int_equal(r.d.errors, 1);
    assert_told(&r.d, "test_study_none.yaml");
    reading_clear(&r);
}

/* Models are read once, in the order in which arms name them; analytes in the order of the models. */
static void test_models_of_arms(void **state)
{
    (void)state;
    struct reading r;
    read_right(
        &r,
        "seed: 1\nmodel: ./test_study_plain.yaml\npatients: {count: 3, covariates: {weight: 75 kg}}\narms:\n"
        "  - {name: a, model: otto-2021, regimen: [{route: iv, dose: 5 mg}]}\n"
        "  - {name: b, regimen: [{route: iv, dose: 5 mg}]}\n"
        "  - {name: c, model: perez-ruixo-2021, regimen: [{route: iv, dose: 5 mg}]}\n"
        "  - {name: d, model: otto-2021, regimen: [{route: iv, dose: 5 mg}]}" OBSERVE);
    assert_int_equal(r.study.model_count, 3);
    static const char *const models[] = {"otto-2021", "plain", "perez-ruixo-2021", "otto-2021"};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(r.study.models[r.study.arms[i].model].name, models[i]);
    }
    assert_int_equal(r.study.analyte_count, 3);
    assert_string_equal(r.study.analytes[0], "esketamine");
    assert_string_equal(r.study.analytes[1], "noresketamine");
    assert_string_equal(r.study.analytes[2], "ketamine");
    reading_clear(&r);
    expect_warnings("seed: 1\nmodel: domino-1982\npatients: {count: 3}\narms:\n"
                    "  - {name: a, model: otto-2021, regimen: [{route: iv, dose: 5 mg}]}" OBSERVE,
                    "s.yaml:2:8: warning: no arm uses the model \"domino-1982\"; each names another");
}

#define SEVERAL(models, top, item)                                                                           \
    "seed: 1\nmodels: " models "\npatients: {count: 3, covariates: {weight: 70 kg}}\n" top ARM item OBSERVE

/* Each of several models simulates every arm that names none, and the grid multiplies that. */
static void test_several_models(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, "seed: 1\nmodels: [otto-2021, perez-ruixo-2021]\n"
                   "patients: {count: 3, covariates: {weight: 70 kg}}\narms:\n"
                   "  - {name: a, regimen: [{route: iv, dose: 5 mg}]}\n"
                   "  - {name: b, model: domino-1982, regimen: [{route: iv, dose: 5 mg}]}\n"
                   "sweep: {design: grid, dose: [5 mg, 10 mg]}" OBSERVE);
    static const char *const labels[] = {"a, otto-2021, dose 5 mg",
                                         "a, otto-2021, dose 10 mg",
                                         "a, perez-ruixo-2021, dose 5 mg",
                                         "a, perez-ruixo-2021, dose 10 mg",
                                         "b, dose 5 mg",
                                         "b, dose 10 mg"};
    static const char *const names[] = {"a", "a", "a", "a", "b", "b"};
    static const char *const models[] = {"otto-2021",        "otto-2021",   "perez-ruixo-2021",
                                         "perez-ruixo-2021", "domino-1982", "domino-1982"};
    assert_int_equal(r.study.arm_count, 6);
    assert_int_equal(r.study.model_count, 3);
    for (int i = 0; i < 6; i++) {
        assert_string_equal(r.study.arms[i].label, labels[i]);
        assert_string_equal(r.study.arms[i].name, names[i]);
        assert_string_equal(r.study.models[r.study.arms[i].model].name, models[i]);
    }
    assert_true(r.study.arms[1].doses[0].amount == 10);
    check_round_trip(&r.study, "s.yaml");
    reading_clear(&r);
    /* a list of one is labeled like any other */
    read_right(&r, SEVERAL("[otto-2021]", "", "{route: iv, dose: 5 mg}"));
    assert_string_equal(r.study.arms[0].label, "a, otto-2021");
    reading_clear(&r);
}

static void test_several_models_mistakes(void **state)
{
    (void)state;
    struct reading r;
    expect_mistakes("model: otto-2021\n" SEVERAL("[domino-1982]", "", "{route: iv, dose: 5 mg}"),
                    "s.yaml:3:9: error: `model` and `models` exclude each other; leave out one");
    expect_mistakes(SEVERAL("[otto-2021, otto-2021]", "", "{route: iv, dose: 5 mg}"),
                    "s.yaml:2:21: error: \"otto-2021\" is in the list already");
    expect_mistakes(SEVERAL("[otto-2021, otto-2022]", "", "{route: iv, dose: 5 mg}"),
                    "s.yaml:2:21: error: \"otto-2022\" is no model of the library; did you mean otto-2021?; "
                    "`ketsim models` lists them, a path to a model file ends in .yaml");
    reading_of(&r, SEVERAL("[]", "", "{route: iv, dose: 5 mg}"));
    assert_told(&r.d, "s.yaml:2:9: error: `models` lists 1 to 100 models");
    reading_clear(&r);
    expect_mistakes(SEVERAL("[./test_study_kg.yaml, test_study_kg.yaml]", "", "{route: iv, dose: 5 mg}"),
                    "s.yaml:2:32: error: another model of the study is called \"kilograms\" too; rename one");
    /* the model that lacks the route is named; what is wrong for all models is told once */
    expect_mistakes(SEVERAL("[perez-ruixo-2021, otto-2021]", "", "{route: intranasal, dose: 56 mg}"),
                    "s.yaml:7:17: error: \"intranasal\" is no route of otto-2021 (iv)");
    expect_mistakes(SEVERAL("[perez-ruixo-2021, otto-2021]", "", "{route: iv, dose: -5 mg}"),
                    "s.yaml:7:27: error: \"-5 mg\" must not be negative");
    expect_warnings("seed: 1\nmodels: [domino-1982]\npatients: {count: 3}\narms:\n"
                    "  - {name: a, model: otto-2021, regimen: [{route: iv, dose: 5 mg}]}" OBSERVE,
                    "s.yaml:2:10: warning: no arm uses the model \"domino-1982\"; each names another");
}

/* One dose line serves models of the racemate and of one enantiomer, and no model gets more than there is. */
static void test_several_drugs(void **state)
{
    (void)state;
    struct reading r;
    expect_mistakes(
        SEVERAL("[domino-1982, otto-2021]", "", "{route: iv, dose: 5 mg}"),
        "s.yaml:7:9: error: a dose of what? domino-1982 is a model of racemate and otto-2021 one of "
        "S-ketamine; write `drug: racemate`");
    expect_mistakes(SEVERAL("[domino-1982, otto-2021]", "", "{route: iv, dose: 5 mg, drug: racemate}"),
                    "s.yaml:7:39: error: racemate cannot be given to otto-2021, a model of S-ketamine; "
                    "`racemate: halve` simulates the half that is S-ketamine");
    expect_mistakes(SEVERAL("[domino-1982, otto-2021]", "", "{route: iv, dose: 5 mg, drug: S-ketamine}"),
                    "s.yaml:7:39: error: S-ketamine cannot be given to domino-1982, a model of racemate");
    reading_of(&r, SEVERAL("[domino-1982, otto-2021]", "racemate: halve\n",
                           "{route: iv, dose: 5 mg, drug: racemate}"));
    assert_int_equal(r.status, 0);
    assert_int_equal(r.d.count, 1);
    assert_told(&r.d,
                "s.yaml:8:39: warning: otto-2021 is a model of S-ketamine: half of each dose of racemate is "
                "simulated");
    assert_true(r.study.arms[0].doses[0].share == 1 && r.study.arms[1].doses[0].share == 0.5);
    check_round_trip(&r.study, "s.yaml");
    reading_clear(&r);
}

/* Not every model can be solved in every way. */
static void test_linear_only(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, REGIMEN("./test_study_saturable.yaml", "{route: iv, dose: 5 mg}"));
    reading_clear(&r);
    expect_mistakes(
        REGIMEN("./test_study_saturable.yaml", "{route: iv, dose: 5 mg}") "solver: {method: exact}\n",
        "s.yaml:9:18: error: \"exact\" solves first-order flows of constant rate only, and saturable has "
        "others; take cvode");
}

/* A model may demand that a covariate is stated. */
static void test_stated_covariate(void **state)
{
    (void)state;
    struct reading r;
    expect_mistakes(REGIMEN("./test_study_stated.yaml", "{route: iv, dose: 5 mg}"),
                    "s.yaml:2:8: error: stated has no typical weight; give it in patients.covariates.weight");
    read_right(&r, COVARIATES("./test_study_stated.yaml", "{weight: 70 kg}"));
    check_round_trip(&r.study, "s.yaml");
    reading_clear(&r);
    read_right(&r, REGIMEN("./test_study_stated.yaml",
                           "{route: iv, dose: 5 mg}") "sweep: {design: grid, weight: [60 kg]}\n");
    assert_true(isnan(r.study.covariates[0].a));
    check_round_trip(&r.study, "s.yaml");
    reading_clear(&r);
}

/* A model of something else than ketamine has a drug that no regimen can name. */
static void test_other_drug(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, REGIMEN("./test_study_other.yaml", "{route: iv, dose: 5 mg}"));
    assert_true(r.study.arms[0].doses[0].share == 1);
    check_round_trip(&r.study, "s.yaml");
    reading_clear(&r);
    expect_mistakes(REGIMEN("./test_study_other.yaml", "{route: iv, dose: 5 mg, drug: racemate}"),
                    "s.yaml:7:39: error: racemate cannot be given to another, a model of other");
}

#define TWO(first, second, covariates)                                                                       \
    "seed: 1\npatients: {count: 3" covariates "}\narms:\n"                                                   \
    "  - {name: a, model: " first ", regimen: [{route: iv, dose: 20 mg}]}\n"                                 \
    "  - {name: b, model: " second ", regimen: [{route: iv, dose: 20 mg}]}" OBSERVE

static void test_shared_covariates(void **state)
{
    (void)state;
    struct reading r;
    expect_mistakes(
        TWO("otto-2021", "./test_study_lb.yaml", ", covariates: {weight: 70 kg}"),
        "s.yaml:5:22: error: pounds measures the covariate weight in another unit than the models before it "
        "(lb, not kg)");
    expect_mistakes(
        TWO("otto-2021", "./test_study_kg.yaml", ""),
        "s.yaml:5:22: error: weight is not given, and its typical value in kilograms (80 kg) is not that of "
        "the models before; give it in patients.covariates.weight");
    read_right(&r, TWO("otto-2021", "./test_study_kg.yaml", ", covariates: {weight: 80 kg}"));
    assert_int_equal(r.study.covariate_count, 1);
    reading_clear(&r);
    read_right(
        &r, TWO("otto-2021", "./test_study_kg.yaml", "") "sweep: {design: grid, weight: [70 kg, 80 kg]}\n");
    reading_clear(&r);
    read_right(&r, TWO("otto-2021", "domino-1982", ""));
    reading_clear(&r);
    expect_mistakes(
        TWO("otto-2021", "domino-1982", "") "sweep: {design: grid, CL: [70 L/h]}\n",
        "s.yaml:7:23: error: domino-1982 has no parameter \"CL\"; a sweep needs it in every model");
}

/* A dose per kg needs a weight, in kg, from whoever has it. */
static void test_weight(void **state)
{
    (void)state;
    struct reading r;
    expect_mistakes(REGIMEN("./test_study_plain.yaml", "{route: iv, dose: 1 mg/kg}"),
                    "s.yaml:7:27: error: \"1 mg/kg\" needs the patients' weight, which neither the model nor "
                    "the study has; "
                    "give it in patients.covariates.weight");
    expect_mistakes(
        REGIMEN("./test_study_plain.yaml", "{route: iv, rate: 1 mg/kg/h, over: 1 h}"),
        "s.yaml:7:27: error: \"1 mg/kg/h\" needs the patients' weight, which neither the model nor the study "
        "has; give it in patients.covariates.weight");
    expect_mistakes(REGIMEN("./test_study_lb.yaml", "{route: iv, dose: 1 mg/kg}"),
                    "s.yaml:7:27: error: \"1 mg/kg\" needs a weight in kg, and that of the model is in lb");
    read_right(
        &r, "seed: 1\nmodel: ./test_study_plain.yaml\npatients: {count: 3, covariates: {weight: 70 kg}}\n" ARM
            "{route: iv, dose: 1 mg/kg}" OBSERVE);
    assert_int_equal(r.study.covariate_count, 1);
    assert_true(r.study.covariates[0].a == 70);
    reading_clear(&r);
    /* from the sweep alone: nothing is made up for the tree */
    read_right(&r, TOP("./test_study_plain.yaml") ARM
               "{route: iv, dose: 1 mg/kg}\nsweep: {design: grid, weight: [60 kg, 70 kg]}" OBSERVE);
    assert_int_equal(r.study.covariate_count, 1);
    assert_true(isnan(r.study.covariates[0].a));
    assert_int_equal(r.study.axes[0].covariate, 0);
    assert_true(r.study.arms[1].axis_values[0] == 70);
    assert_int_equal(node_find(node_find(r.study.document.root, "patients"), "covariates")->count, 0);
    reading_clear(&r);
    expect_mistakes(TOP("./test_study_plain.yaml") ARM
                    "{route: iv, dose: 1 mg}\nsweep: {design: grid, dose: [1 mg/kg]}" OBSERVE,
                    "s.yaml:8:30: error: \"1 mg/kg\" needs the patients' weight, which neither the model nor "
                    "the study has; "
                    "give it in patients.covariates.weight");
}

/* The validity of a dose per kg is that of the milligrams that each patient gets. */
static void test_dose_per_kg_outside(void **state)
{
    (void)state;
    struct reading r;
    expect_mistakes(REGIMEN("./test_study_kg.yaml", "{route: iv, dose: 2 mg/kg}") "\napplicability: refuse",
                    "s.yaml:7:27: error: 2 mg/kg for a weight of 80 kg is outside the validity of kilograms "
                    "for iv (10 to "
                    "100 mg)");
    expect_mistakes(
        REGIMEN("./test_study_kg.yaml", "{route: iv, rate: 2 mg/kg/h, over: 1 h}") "\napplicability: refuse",
        "s.yaml:7:27: error: 2 mg/kg/h for a weight of 80 kg is outside the validity of "
        "kilograms for iv (10 to "
        "100 mg)");
    read_right(&r, REGIMEN("./test_study_kg.yaml", "{route: iv, dose: 1.25 mg/kg}"));
    reading_clear(&r);
    /* half of a racemate is what the model gets */
    expect_warnings(
        "racemate: halve\n" REGIMEN("./test_study_kg.yaml", "{route: iv, dose: 2 mg/kg, drug: racemate}"),
        "s.yaml:8:42: warning: kilograms is a model of S-ketamine: half of each dose of racemate is "
        "simulated");
    expect_mistakes(TOP("./test_study_kg.yaml") ARM
                    "{route: iv, dose: 1 mg}\n"
                    "sweep: {design: grid, dose: [0 mg/kg, 1 mg/kg, 2 mg/kg], weight: [40 kg, "
                    "60 kg, 80 kg]}" OBSERVE "\napplicability: refuse",
                    "s.yaml:8:48: error: 2 mg/kg for a weight of 60 kg is outside the validity of kilograms "
                    "for iv (10 to "
                    "100 mg)\n"
                    "s.yaml:8:48: error: 2 mg/kg for a weight of 80 kg is outside the validity of kilograms "
                    "for iv (10 to "
                    "100 mg)");
    reading_of(&r, "seed: 1\nmodel: ./test_study_kg.yaml\n"
                   "patients: {count: 1000, covariates: {weight: {uniform: {min: 40 kg, max: 120 kg}}}}\n" ARM
                   "{route: iv, dose: 1 mg/kg}" OBSERVE);
    assert_int_equal(r.status, 0);
    assert_int_equal(r.d.count, 1);
    assert_told(&r.d, "s.yaml:7:27: warning: dose 1 mg/kg of ");
    assert_told(&r.d, " of 1000 patients is outside the validity of kilograms for iv (10 to 100 mg); the "
                      "first is patient ");
    reading_clear(&r);
    /* two arms with the same place in the sweep: told once */
    expect_mistakes("seed: 1\nmodel: ./test_study_kg.yaml\npatients: {count: 3}\narms:\n"
                    "  - {name: a, regimen: [{route: iv, dose: 20 mg}]}\n"
                    "  - {name: b, regimen: [{route: iv, dose: 20 mg}]}\n"
                    "sweep: {design: grid, dose: [20 mg, 200 mg]}" OBSERVE "\napplicability: refuse",
                    "s.yaml:7:37: error: 200 mg is outside the validity of kilograms for iv (10 to 100 mg)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_models_of_arms),
        cmocka_unit_test(test_stated_covariate),
        cmocka_unit_test(test_several_models),
        cmocka_unit_test(test_several_models_mistakes),
        cmocka_unit_test(test_several_drugs),
        cmocka_unit_test(test_linear_only),
        cmocka_unit_test(test_other_drug),
        cmocka_unit_test(test_shared_covariates),
        cmocka_unit_test(test_weight),
        cmocka_unit_test(test_dose_per_kg_outside),
    };
    return cmocka_run_group_tests(tests, write_files, remove_files);
}
