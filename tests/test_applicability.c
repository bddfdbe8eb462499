/* Limits of models: what breaks one, who is refused, and that the reader of studies and the solver agree on whom. */
#include "study_check.h"

#include "model/applicability.h"
#include "model/patients.h"
#include "simulate.h"

#include <math.h>

static void test_ranges(void **state)
{
    (void)state;
    const struct range closed = {.lowest = 14, .highest = 112};
    const struct range below = {.lowest = -INFINITY, .highest = 18, .below = true};
    const struct range none = {.lowest = -INFINITY, .highest = INFINITY};
    assert_false(range_excludes(closed, 14));
    assert_false(range_excludes(closed, 112));
    assert_false(range_excludes(closed, 0.2 * 70)); /* a little more than 14 */
    assert_false(range_excludes(closed, 112 * (1 + 1e-12)));
    assert_true(range_excludes(closed, 13.999));
    assert_true(range_excludes(closed, 112.001));
    assert_true(range_excludes(below, 18));
    assert_true(range_excludes(below, 18 * (1 - 1e-12))); /* rounding: as good as 18 */
    assert_false(range_excludes(below, 17.999));
    assert_false(range_excludes(below, -INFINITY));
    assert_false(range_excludes(none, INFINITY));
    assert_false(range_excludes(closed, NAN));
}

static void test_doses(void **state)
{
    (void)state;
    const struct dose absolute = {.amount = 40, .basis = DOSE_ABSOLUTE, .share = 0.5};
    const struct dose by_weight = {.amount = 0.5, .basis = DOSE_PER_KG, .share = 1};
    assert_true(dose_mg(&absolute, NAN) == 20);
    assert_true(dose_mg(&by_weight, 70) == 35);
}

/* --- who is refused --- */

#define AGED(model, applicability, age)                                                                      \
    "seed: 1\nmodel: " model "\npatients: {count: 1000, covariates: {weight: 30 kg, age: " age "}}\n"        \
    "applicability: " applicability "\n" ARM "{route: iv, dose: 20 mg}" OBSERVE

/* Otto-2021 has an age group, and no other use for an age. */
#define IDLE                                                                                                 \
    "s.yaml:3:58: warning: age changes nothing: no model of the study depends on it, and no dose is per kg"

static void test_children_and_adults(void **state)
{
    (void)state;
    struct reading r;
    static const char adults[] =
        IDLE "\ns.yaml:3:58: error: age 17 years is outside the age group of otto-2021 (adults: at "
             "least 18 years); only `applicability: ignore` simulates it";
    static const char children[] =
        IDLE "\ns.yaml:3:58: error: age 18 years is outside the age group of elkomy-2015 (children: "
             "below 18 years); only `applicability: ignore` simulates it";
    expect_mistakes(AGED("otto-2021", "refuse", "17 years"), adults);
    expect_mistakes(AGED("otto-2021", "warn", "17 years"), adults);
    expect_warnings(AGED("otto-2021", "ignore", "17 years"), IDLE);
    expect_warnings(AGED("otto-2021", "refuse", "18 years"), IDLE);
    expect_mistakes(AGED("elkomy-2015", "warn", "18 years"), children);
    expect_warnings(AGED("elkomy-2015", "refuse", "17 years"), IDLE);
    /* in a sweep at its value, in a population the first of those concerned */
    reading_of(&r,
               AGED("elkomy-2015", "warn", "10 years") "sweep: {design: grid, age: [10 years, 20 years]}\n");
    assert_int_equal(r.status, -1);
    assert_told(&r.d, "s.yaml:10:39: error: age 20 years is outside the age group of elkomy-2015 (children: "
                      "below 18 years)");
    reading_clear(&r);
    reading_of(&r, AGED("otto-2021", "warn", "{uniform: {min: 10 years, max: 20 years}}"));
    assert_int_equal(r.status, -1);
    assert_told(&r.d,
                " of 1000 patients is outside the age group of otto-2021 (adults: at least 18 years); only "
                "`applicability: ignore` simulates it; the first is patient ");
    reading_clear(&r);
}

/* --- the reader and the solver --- */

/* Simulates the study, and finds as many patients outside as the only warning of its kind tells; -1: every one is, and
 * the warning gives no number. */
static void check_agreement(const char *text, const char *warning, int64_t expected)
{
    struct simulation s;
    int64_t told = -1;
    simulate(&s, text, "exact", 1);
    for (int i = 0; warning && i < s.d.count; i++) {
        const char *of = strstr(s.d.items[i].text, " of ");
        if (strstr(s.d.items[i].text, warning) && of) {
            told = strtoll(of + 4, NULL, 10);
        }
    }
    if (warning) {
        assert_int_equal(told, s.report.outside);
        assert_true(told > 0 && told < s.study.patient_count);
    } else {
        assert_int_equal(s.report.outside, expected);
    }
    simulation_clear(&s);
}

#define WARNED(model, covariates, item)                                                                      \
    "seed: 1\nmodel: " model "\napplicability: warn\npatients: {count: 500, covariates: {" covariates        \
    "}}\n" ARM item OBSERVE

static void test_agreement(void **state)
{
    (void)state;
    check_agreement(WARNED("perez-ruixo-2021", "age: {normal: {mean: 80 years, sd: 5 years}}",
                           "{route: iv, dose: 20 mg}"),
                    "outside the validity", 0);
    check_agreement(WARNED("racemic-nasal-assembled", "weight: {uniform: {min: 40 kg, max: 120 kg}}",
                           "{route: intranasal, dose: 0.5 mg/kg}"),
                    "outside the validity", 0);
    check_agreement(WARNED("perez-ruixo-2021", "age: 40 years", "{route: intranasal, dose: 140 mg}"), NULL,
                    500);
    check_agreement(WARNED("perez-ruixo-2021", "age: 40 years", "{route: intranasal, dose: 112 mg}"), NULL,
                    0);
    check_agreement(WARNED("perez-ruixo-2021", "age: 40 years", "{route: intranasal, dose: 0 mg}"), NULL, 0);
    /* a product that is not exactly the limit is on it for both */
    check_agreement(WARNED("racemic-nasal-assembled", "weight: 100.00000000000001 kg",
                           "{route: intranasal, dose: 0.1 mg/kg}"),
                    NULL, 0);
    check_agreement(WARNED("racemic-nasal-assembled", "weight: 100.00000000000001 kg",
                           "{route: intranasal, dose: 0.5 mg/kg}"),
                    NULL, 0);
    check_agreement(AGED("otto-2021", "ignore", "{uniform: {min: 10 years, max: 17 years}}"), NULL, 1000);
}

/* --- which limits --- */

static void test_bits(void **state)
{
    (void)state;
    struct reading r;
    reading_of(&r, "seed: 1\nmodel: perez-ruixo-2021\napplicability: ignore\npatients: {count: 3}\n" ARM
                   "{route: intranasal, dose: 140 mg}" OBSERVE);
    assert_int_equal(r.status, 0);
    double values[4] = {0};
    const int age = study_covariate(&r.study, "age");
    const int weight = study_covariate(&r.study, "weight");
    assert_int_equal(limit_count(&r.study), LIMIT_COVARIATES + 4);
    assert_string_equal(limit_name(&r.study, LIMIT_DOSE), "dose");
    assert_string_equal(limit_name(&r.study, LIMIT_AGE_GROUP), "age_group");
    assert_string_equal(limit_name(&r.study, LIMIT_COVARIATES + age), "age");
    values[age] = 50;
    values[weight] = 70;
    assert_int_equal(limits_broken(&r.study, &r.study.arms[0], values), 1 << LIMIT_DOSE);
    values[age] = 12;
    values[weight] = 30;
    assert_int_equal(limits_broken(&r.study, &r.study.arms[0], values),
                     1 << LIMIT_DOSE | 1 << LIMIT_AGE_GROUP | 1 << (LIMIT_COVARIATES + age) |
                         1 << (LIMIT_COVARIATES + weight));
    reading_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_doses),
        cmocka_unit_test(test_children_and_adults),
        cmocka_unit_test(test_agreement),
        cmocka_unit_test(test_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
