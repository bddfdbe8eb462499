#include "study_check.h"

#include "model/patients.h"
#include "model/random.h"

static const struct population_covariate *find(const struct study *study, const char *name)
{
    for (int i = 0; i < study->covariate_count; i++) {
        if (strcmp(study->covariates[i].name, name) == 0) {
            return &study->covariates[i];
        }
    }
    fail_msg("no covariate %s", name);
    return NULL;
}

static const struct node *covariates_node(const struct study *study)
{
    return node_find(node_find(study->document.root, "patients"), "covariates");
}

/* --- values and distributions --- */

static void test_values(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, COVARIATES("perez-ruixo-2021", "{age: 50 years, asian: 1, japanese: 1}"));
    const struct population_covariate *age = find(&r.study, "age");
    assert_string_equal(age->unit, "years");
    assert_int_equal(age->kind, DISTRIBUTION_FIXED);
    assert_true(age->a == 50 && !age->category);
    assert_int_equal(age->random_index, random_index("age"));
    assert_true(find(&r.study, "asian")->a == 1 && find(&r.study, "asian")->category);
    assert_true(find(&r.study, "japanese")->a == 1);
    assert_ptr_equal(&r.study.covariates[find(&r.study, "japanese")->within], find(&r.study, "asian"));
    assert_int_equal(find(&r.study, "asian")->within, -1);
    reading_clear(&r);
}

static void test_distributions(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, COVARIATES("perez-ruixo-2021",
                              "{age: {normal: {mean: 45 years, sd: 13 years, min: 18 years, max: 86 years}}, "
                              "asian: {probability: 13.7 %}}"));
    const struct population_covariate *c = find(&r.study, "age");
    assert_int_equal(c->kind, DISTRIBUTION_NORMAL);
    assert_true(c->a == 45 && c->b == 13 && c->lowest == 18 && c->highest == 86);
    c = find(&r.study, "asian");
    assert_int_equal(c->kind, DISTRIBUTION_PROBABILITY);
    assert_close(c->a, 0.137, 1e-15, 0);
    reading_clear(&r);

    read_right(&r, COVARIATES("otto-2021", "{weight: {lognormal: {median: 70 kg, cv: 20 %}}}"));
    c = find(&r.study, "weight");
    assert_int_equal(c->kind, DISTRIBUTION_LOGNORMAL);
    assert_close(c->a, 70, 0, 0);
    assert_close(c->b, sqrt(log(1.04)), 1e-14, 0);
    assert_true(c->lowest == 0 && isinf(c->highest));
    reading_clear(&r);

    read_right(&r, COVARIATES("otto-2021", "{weight: {uniform: {min: 110 lb, max: 90 kg}}}"));
    c = find(&r.study, "weight");
    assert_int_equal(c->kind, DISTRIBUTION_UNIFORM);
    assert_close(c->lowest, 110 * 0.45359237, 1e-15, 0);
    assert_true(c->highest == 90);
    reading_clear(&r);

    read_right(&r, COVARIATES("otto-2021", "{weight: {normal: {mean: 70 kg, sd: 10 kg}}}"));
    c = find(&r.study, "weight");
    assert_true(isinf(c->lowest) && c->lowest < 0 && isinf(c->highest) && c->highest > 0);
    reading_clear(&r);
}

static void test_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        COVARIATES("otto-2021", "{wieght: 70 kg}"),
        "s.yaml:3:38: error: \"wieght\" is no covariate (weight, age, sex, asian, japanese); did you mean "
        "weight?");
    expect_mistakes(
        COVARIATES("otto-2021", "{weight: 70}"),
        "s.yaml:3:46: error: \"70\" has no unit; a body weight is expected here, for example 70 kg");
    expect_mistakes(
        COVARIATES("otto-2021", "{weight: 70 years}"),
        "s.yaml:3:46: error: \"70 years\" is a time; a body weight is expected here, for example 70 kg");
    expect_mistakes(COVARIATES("otto-2021", "{weight: -70 kg}"),
                    "s.yaml:3:46: error: \"-70 kg\" must be above 0");
    expect_mistakes(COVARIATES("perez-ruixo-2021", "{age: -1 years}"),
                    "s.yaml:3:43: error: \"-1 years\" must not be negative");
    expect_mistakes(COVARIATES("otto-2021", "{weight: [70 kg]}"),
                    "s.yaml:3:46: error: weight is a quantity or one distribution: normal, lognormal, "
                    "uniform or loguniform");
    expect_mistakes(COVARIATES("otto-2021", "{weight: {}}"),
                    "s.yaml:3:46: error: weight is a quantity or one distribution: normal, lognormal, "
                    "uniform or loguniform");
    expect_mistakes(COVARIATES("otto-2021", "{weight: {norml: {mean: 70 kg, sd: 5 kg}}}"),
                    "s.yaml:3:47: error: \"norml\" is no distribution of a quantity (normal, lognormal, "
                    "uniform, loguniform); did "
                    "you mean normal?");
    expect_mistakes(COVARIATES("otto-2021", "{weight: {uniform: {min: 70 kg, max: 70 kg}}}"),
                    "s.yaml:3:74: error: max \"70 kg\" must be above min");
    expect_mistakes(COVARIATES("otto-2021", "{weight: {uniform: {min: 70 kg}}}"),
                    "s.yaml:3:56: error: \"max\" is missing");
    expect_mistakes(
        COVARIATES("otto-2021", "{weight: {normal: {mean: 70 kg, sd: 0 kg, mn: 2 kg}}}"),
        "s.yaml:3:79: error: \"mn\" is no parameter of a normal distribution (mean, sd, min, max); did you "
        "mean min?\n"
        "s.yaml:3:73: error: \"0 kg\" must be above 0");
    expect_mistakes(COVARIATES("otto-2021", "{weight: {normal: {mean: 70 kg, sd: 5 kg, min: 80 kg}}}"),
                    "s.yaml:3:62: error: mean \"70 kg\" must lie between min and max");
    expect_mistakes(
        COVARIATES("otto-2021", "{weight: {lognormal: {median: 0 kg, cv: 20 kg}}}"),
        "s.yaml:3:67: error: \"0 kg\" must be above 0\n"
        "s.yaml:3:77: error: \"20 kg\" is a body weight; a plain number is expected here, for example 20");
    expect_mistakes(COVARIATES("otto-2021", "{weight: {lognormal: {median: 70 kg, cv: 1e200 %}}}"),
                    "s.yaml:3:78: error: cv \"1e200 %\" is too large");
    expect_mistakes(COVARIATES("otto-2021", "{weight: {loguniform: {min: 1e-200 kg, max: 1e200 kg}}}"),
                    "s.yaml:3:81: error: max \"1e200 kg\" is too far from min");
    expect_mistakes(COVARIATES("otto-2021", "{weight: {normal: 70 kg}}"),
                    "s.yaml:3:55: error: write {normal: {mean: ..., sd: ..., min: ..., max: ...}}");
    expect_mistakes(COVARIATES("perez-ruixo-2021", "{asian: {probability: 1.2}}"),
                    "s.yaml:3:59: error: probability \"1.2\" must lie in 0 to 1");
    expect_mistakes(
        COVARIATES("perez-ruixo-2021", "{asian: true}"),
        "s.yaml:3:45: error: \"true\" is neither 0 nor 1; asian is a category: 0, 1 or {probability: ...}");
    expect_mistakes(COVARIATES("perez-ruixo-2021", "{asian: {normal: {mean: 1, sd: 1}}}"),
                    "s.yaml:3:46: error: \"normal\" is no distribution of a category (probability)");
}

/* --- what the study does not give --- */

static void test_typical(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, COVARIATES("perez-ruixo-2021", "{asian: 1}"));
    assert_int_equal(r.study.covariate_count, 4);
    assert_string_equal(r.study.covariates[0].name, "asian");
    assert_true(find(&r.study, "age")->a == 45);
    assert_true(find(&r.study, "weight")->a == 74);
    assert_true(find(&r.study, "japanese")->a == 0);
    const struct node *map = covariates_node(&r.study);
    assert_true(node_reads(node_find(map, "age"), "45 years"));
    assert_true(node_reads(node_find(map, "weight"), "74 kg"));
    assert_true(node_reads(node_find(map, "japanese"), "0"));
    reading_clear(&r);
}

static void test_no_use(void **state)
{
    (void)state;
    struct reading r;
    expect_warnings(
        COVARIATES("otto-2021", "{age: 50 years}"),
        "s.yaml:3:43: warning: age changes nothing: no model of the study depends on it, and no dose is "
        "per kg");
    expect_warnings(
        COVARIATES("perez-ruixo-2021", "{weight: 80 kg}"),
        "s.yaml:3:46: warning: weight changes nothing: no model of the study depends on it, and no dose "
        "is per kg");
    read_right(&r, COVARIATES("perez-ruixo-2021", "{weight: 74 kg}")); /* as in a resolved study */
    reading_clear(&r);
    read_right(&r, COVARIATES("otto-2021", "{weight: 80 kg}"));
    reading_clear(&r);
    read_right(&r, "seed: 1\nmodel: perez-ruixo-2021\npatients: {count: 3, covariates: {weight: 80 kg}}\n" ARM
                   "{route: iv, dose: 0.2 mg/kg}" OBSERVE);
    reading_clear(&r);
}

static void test_within(void **state)
{
    (void)state;
    static const char mistake[] = "s.yaml:3:48: error: japanese: 1 presupposes asian: 1, which is 0";
    struct reading r;
    expect_mistakes(COVARIATES("perez-ruixo-2021", "{japanese: 1, asian: 0}"), mistake);
    expect_mistakes(COVARIATES("perez-ruixo-2021", "{japanese: 1}"), mistake);
    expect_mistakes(COVARIATES("perez-ruixo-2021", "{japanese: {probability: 0.5}}"), mistake);
    read_right(&r, COVARIATES("perez-ruixo-2021", "{japanese: 0}"));
    reading_clear(&r);
    read_right(&r, COVARIATES("perez-ruixo-2021", "{japanese: 1, asian: {probability: 0.5}}"));
    double values[4];
    for (int64_t i = 0; i < 20; i++) {
        patient_covariates(&r.study, i, values);
        assert_true(values[0] == values[1]);
    }
    reading_clear(&r);
}

/* --- applicability --- */

static void test_covariate_outside(void **state)
{
    (void)state;
    static const char age[] = "age 95 years is outside the validity of perez-ruixo-2021 (18 to 86 years)";
    char message[256];
    struct reading r;
    snprintf(message, sizeof(message), "s.yaml:3:43: error: %s", age);
    expect_mistakes(COVARIATES("perez-ruixo-2021", "{age: 95 years}") "\napplicability: refuse", message);
    snprintf(message, sizeof(message), "s.yaml:3:43: warning: %s", age);
    expect_warnings(COVARIATES("perez-ruixo-2021", "{age: 95 years}"), message);
    read_right(&r, "applicability: ignore\n" COVARIATES("perez-ruixo-2021", "{age: 95 years}"));
    assert_int_equal(r.study.applicability, APPLICABILITY_IGNORE);
    reading_clear(&r);
    read_right(&r, COVARIATES("perez-ruixo-2021", "{age: 86 years}"));
    reading_clear(&r);
}

/* A distribution that could leave the range is an error only if a patient does. */
static void test_patients_outside(void **state)
{
    (void)state;
    struct reading r;
    char expected[512];
    int outside = 0;
    int64_t first = -1;
    double values[4];
    double first_age = 0;
    reading_of(&r, "applicability: ignore\n" COVARIATES("perez-ruixo-2021",
                                                        "{age: {normal: {mean: 60 years, sd: 10 years}}}"));
    for (int64_t i = 0; i < 1000; i++) {
        patient_covariates(&r.study, i, values);
        if (values[0] < 18 || values[0] > 86) {
            first_age = outside ? first_age : values[0];
            first = outside ? first : i;
            outside++;
        }
    }
    reading_clear(&r);
    assert_true(outside > 0 && outside < 20);
    snprintf(expected, sizeof(expected),
             "s.yaml:3:43: error: age of %d of 1000 patients is outside the validity of perez-ruixo-2021 (18 "
             "to 86 "
             "years); the first is patient %d with %.3g years",
             outside, (int)first + 1, first_age);
    expect_mistakes(COVARIATES("perez-ruixo-2021",
                               "{age: {normal: {mean: 60 years, sd: 10 years}}}") "\napplicability: refuse",
                    expected);
    read_right(&r, COVARIATES("perez-ruixo-2021", "{age: {normal: {mean: 52 years, sd: 4 years}}}"));
    reading_clear(&r);
    read_right(&r,
               COVARIATES("perez-ruixo-2021",
                          "{age: {normal: {mean: 60 years, sd: 10 years, min: 18 years, max: 86 years}}}"));
    reading_clear(&r);
}

static void test_negative_weights(void **state)
{
    (void)state;
    struct reading r;
    reading_of(&r, "applicability: ignore\n" COVARIATES("otto-2021",
                                                        "{weight: {normal: {mean: 70 kg, sd: 40 kg}}}"));
    assert_int_equal(r.status, -1);
    assert_int_equal(r.d.errors, 1);
    assert_told(&r.d, "s.yaml:4:46: error: weight of ");
    assert_told(&r.d, " of 1000 patients is negative, give it a min; the first is patient ");
    reading_clear(&r);
}

static void test_dose_outside(void **state)
{
    (void)state;
    struct reading r;
    expect_mistakes(
        REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 140 mg}") "\napplicability: refuse",
        "s.yaml:7:35: error: 140 mg is outside the validity of perez-ruixo-2021 for intranasal (14 to 112 "
        "mg)");
    read_right(&r, REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 112 mg}"));
    reading_clear(&r);
    read_right(&r, REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 0 mg}"));
    reading_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_distributions),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_typical),
        cmocka_unit_test(test_no_use),
        cmocka_unit_test(test_within),
        cmocka_unit_test(test_covariate_outside),
        cmocka_unit_test(test_patients_outside),
        cmocka_unit_test(test_negative_weights),
        cmocka_unit_test(test_dose_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
