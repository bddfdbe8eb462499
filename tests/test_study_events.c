/* What an event table changes about a study. */
#include "study_check.h"

#include "model/patients.h"

#define TABLE "ID,TIME,EVID,AMT,CMT\n1,0,1,10,iv\n1,1,0,.,.\n"
#define TOP_EVENTS "seed: 1\nmodel: otto-2021\npatients: {events: test_study_events.csv}\n"

static void write_table(const char *text)
{
    FILE *file = fopen("test_study_events.csv", "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_table(void **state)
{
    (void)state;
    struct reading r;
    write_table("ID,TIME,EVID,AMT,CMT,WT\n7,0,1,10,iv,60\n7,1,0,.,.,62\n9,0,1,20,iv,80\n");
    read_right(&r, TOP_EVENTS
               "events: {columns: {WT: weight}, covariates: locf, additional: after, reset: keeps}\n");
    assert_int_equal(r.study.patient_count, 2);
    assert_int_equal(r.study.arm_count, 1);
    assert_string_equal(r.study.arms[0].name, "events");
    assert_int_equal(r.study.time_count, 0);
    assert_int_equal(r.study.store, STORE_PROFILES | STORE_EXPOSURE | STORE_RANDOM_EFFECTS);
    assert_int_equal(r.study.events->covariates, COVARIATES_FORWARD);
    assert_true(r.study.events->additional_after && r.study.events->reset_keeps_doses);
    int weight = study_covariate(&r.study, "weight");
    double values[4];
    assert_int_equal(r.study.covariates[weight].kind, DISTRIBUTION_EVENTS);
    patient_covariates(&r.study, 1, values);
    assert_true(values[weight] == 80);
    reading_clear(&r);
    write_table(TABLE);
    read_right(&r, TOP_EVENTS);
    assert_int_equal(r.study.events->covariates, COVARIATES_BACKWARD);
    assert_false(r.study.events->additional_after || r.study.events->reset_keeps_doses);
    reading_clear(&r);
}

static void test_units(void **state)
{
    (void)state;
    struct reading r;
    write_table("ID,TIME,EVID,AMT,CMT,RATE\n1,30,1,10000,iv,1000\n1,60,0,.,.,.\n");
    read_right(&r, TOP_EVENTS "events: {time: min, amount: mcg}\n");
    assert_true(r.study.events->events[0].time == 0.5);
    assert_true(r.study.events->events[0].amount == 10);
    assert_true(r.study.events->events[0].rate == 60);
    reading_clear(&r);
    expect_mistakes(TOP_EVENTS "events: {time: mg}\n",
                    "s.yaml:4:16: error: \"mg\" is a mass, \"h\" is a time");
}

static void test_keys(void **state)
{
    (void)state;
    write_table(TABLE);
    expect_mistakes("seed: 1\nmodel: otto-2021\npatients: {events: test_study_events.csv, count: 3}\n" ARM
                    "{route: iv, dose: 1 mg}" OBSERVE "exposure: {per: [interval]}\n",
                    "s.yaml:3:50: error: \"count\" has no place beside patients.events: the table says which "
                    "patients there are\n"
                    "s.yaml:8:10: error: \"observe\" has no place beside patients.events: each row of the "
                    "table is observed\n"
                    "s.yaml:7:7: error: \"regimen\" has no place beside patients.events: the rows of the "
                    "table dose the patients\n"
                    "s.yaml:9:18: error: metrics of a table's patients are those of whole profiles: `per: "
                    "[profile]`");
    expect_mistakes(
        TOP_EVENTS "exposure: {from: solution}\n",
        "s.yaml:4:18: error: metrics of a table's patients are of what their rows observe: `from: "
        "observations`");
    expect_mistakes(TOP_EVENTS "output: {store: [quantiles]}\n",
                    "s.yaml:4:18: error: the patients of an event table are observed at times of their own "
                    "and have no quantiles over patients");
    expect_mistakes("seed: 1\nmodel: otto-2021\npatients: {count: 1}\nevents: {time: h}\n" ARM
                    "{route: iv, dose: 1 mg}" OBSERVE,
                    "s.yaml:4:9: error: how is which event table read? patients.events names none");
    expect_mistakes("seed: 1\nmodels: [otto-2021, domino-1982]\npatients: {events: test_study_events.csv}\n",
                    "s.yaml:3:20: error: the doses of the table cannot be both of S-ketamine (otto-2021) and "
                    "of racemate (domino-1982): take models of one drug");
    expect_mistakes("seed: 1\nmodel: simons-2022\npatients: {events: test_study_events.csv}\n",
                    "s.yaml:3:20: error: simons-2022 differs from occasion to occasion: give the table a "
                    "column OCC, or the study `variability: false`");
    expect_mistakes("seed: 1\nmodel: otto-2021\npatients: {events: missing.csv}\n",
                    "missing.csv: error: cannot be read: No such file or directory");
}

static void test_covariates(void **state)
{
    (void)state;
    write_table("ID,TIME,EVID,AMT,CMT,WEIGHT\n1,0,1,10,iv,60\n");
    expect_mistakes("seed: 1\nmodel: otto-2021\npatients: {events: test_study_events.csv, covariates: "
                    "{weight: 70 kg}}\n",
                    "s.yaml:3:64: error: the event table gives weight, too; leave one out");
    expect_mistakes(TOP_EVENTS "sweep: {design: grid, weight: [60 kg, 80 kg]}\n",
                    "s.yaml:4:23: error: the event table gives weight, row by row; the sweep cannot set it");
}

static void test_sweep(void **state)
{
    (void)state;
    struct reading r;
    write_table(TABLE);
    read_right(&r, TOP_EVENTS "sweep: {design: grid, CL: [60 L/h, 90 L/h]}\n");
    assert_int_equal(r.study.arm_count, 2);
    reading_clear(&r);
    expect_mistakes(TOP_EVENTS "sweep: {design: grid, dose: [1 mg, 2 mg]}\n",
                    "s.yaml:4:23: error: the rows of the event table dose the patients; the sweep has no "
                    "dose to replace");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),      cmocka_unit_test(test_units), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_covariates), cmocka_unit_test(test_sweep),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove("test_study_events.csv");
    return failed;
}
