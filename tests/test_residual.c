/* Residual error: what an observation is, and that its errors depend on nothing but what they are for.
 *
 * Tolerances of the statistics are five standard errors: a right program fails one such check in 1.7 million. The draws are
 * fixed, so a check that passes once passes always. */
#include "models.h"
#include "simulate.h"
#include "study_check.h"

#include "model/random.h"

static const double SIGMAS = 5;

/* --- formulas --- */

static void test_formulas(void **state)
{
    static const double levels[] = {0, 1e-9, 10, 250.5, -1e-12};
    enum { COUNT = sizeof(levels) / sizeof(levels[0]) };
    const uint64_t seed = random_seed(7, PURPOSE_RESIDUAL, "esketamine", "a");
    const uint64_t patient = 41;
    double found[3][COUNT];
    (void)state;
    assert_true(residual_seed(7, "esketamine", "a") == seed);
    residual_observe(&(struct residual){.proportional = 0.2}, seed, patient, levels, COUNT, found[0]);
    residual_observe(&(struct residual){.lognormal = 0.3}, seed, patient, levels, COUNT, found[1]);
    residual_observe(&(struct residual){.proportional = 0.2, .additive = 5}, seed, patient, levels, COUNT,
                     found[2]);
    for (uint32_t i = 0; i < COUNT; i++) {
        const double eps = random_normal(seed, patient, PURPOSE_RESIDUAL, i);
        const double added = random_normal(seed, patient, PURPOSE_RESIDUAL_ADDITIVE, i);
        assert_true(eps != added);
        assert_close(found[0][i], levels[i] * (1 + 0.2 * eps), 1e-15, 0);
        assert_close(found[1][i], levels[i] * exp(0.3 * eps), 1e-15, 0);
        assert_close(found[2][i], levels[i] * (1 + 0.2 * eps) + 5 * added, 1e-15, 1e-15);
    }
    /* Of nothing, an assay reports nothing, unless its error is additive. */
    assert_true(found[0][0] == 0);
    assert_true(found[1][0] == 0);
    assert_true(found[2][0] != 0);
}

static void test_is_stated(void **state)
{
    (void)state;
    assert_false(residual_is_stated(&(struct residual){0}));
    assert_true(residual_is_stated(&(struct residual){.proportional = 0.1}));
    assert_true(residual_is_stated(&(struct residual){.additive = 0.1}));
    assert_true(residual_is_stated(&(struct residual){.lognormal = 0.1}));
}

/* --- what the sources state --- */

static void test_library(void **state)
{
    static const struct {
        const char *model, *analyte;
        struct residual residual;
    } stated[] = {
        {"perez-ruixo-2021", "esketamine", {0, 0, 0.276}},
        {"perez-ruixo-2021", "noresketamine", {0, 0, 0.422}},
        {"otto-2021", "esketamine", {0.236085, 0, 0}},
        {"otto-2021", "noresketamine", {0.142612, 0, 0}},
        {"simons-2022", "esketamine", {0.1095, 0, 0}},
        {"simons-2022", "noresketamine", {0.102, 0.058 * 223.70, 0}},
        {"simons-2022", "hydroxynoresketamine", {0.079, 0.020 * 239.70, 0}},
        {"ashraf-2018", "esketamine", {0.293258, 0, 0}},
        {"ashraf-2018", "noresketamine", {0.248998, 0, 0}},
        {"flint-2017", "esketamine", {0.419, 0, 0}},
        {"flint-2017", "noresketamine", {0.475, 0, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(stated) / sizeof(stated[0]); i++) {
        struct given given;
        given_library(&given, stated[i].model);
        const struct output *output = &given.model.outputs[model_output(&given.model, stated[i].analyte)];
        assert_close(output->residual.proportional, stated[i].residual.proportional, 2e-5, 0);
        assert_close(output->residual.additive, stated[i].residual.additive, 1e-12, 0);
        assert_close(output->residual.lognormal, stated[i].residual.lognormal, 1e-12, 0);
        given_clear(&given);
    }
}

/* small_model with a residual error. */
static void given_residual(struct given *given, const char *residual)
{
    static const char output[] = "{amount: central, volume: V";
    char text[4096];
    const char *at = strstr(small_model, output);
    assert_non_null(at);
    at += sizeof(output) - 1;
    snprintf(text, sizeof(text), "%.*s, residual: %s%s", (int)(at - small_model), small_model, residual, at);
    given_try(given, text);
}

static void test_model_file(void **state)
{
    static const struct {
        const char *text;
        struct residual residual;
    } right[] = {
        {"{proportional: {sd: 0.2}, additive: {sd: 3 ng/mL}}", {0.2, 3, 0}},
        {"{additive: {variance: 9 ng^2/mL^2}, proportional: {variance: 4 %}}", {0.2, 3, 0}},
        {"{additive: {sd: 0.003 mg/L}}", {0, 3, 0}},
        {"{lognormal: {sd: 30 %}}", {0, 0, 0.3}},
        {"{lognormal: {variance: 0.09}}", {0, 0, 0.3}},
    };
    static const char *const wrong[][2] = {
        {"{}",
         "small.yaml:32:52: error: a residual error is proportional, additive, both of them, or lognormal"},
        {"{lognormal: {sd: 0.2}, additive: {sd: 3 ng/mL}}",
         "small.yaml:32:52: error: a residual error is proportional, additive, both of them, or lognormal"},
        {"{lognormal: {sd: 0.2}, proportional: {sd: 0.2}}",
         "small.yaml:32:52: error: a residual error is proportional, additive, both of them, or lognormal"},
        {"{proportional: {sd: 0.2, variance: 0.04}}",
         "small.yaml:32:67: error: a residual error is given by exactly one of sd, variance"},
        {"{proportional: {}}",
         "small.yaml:32:67: error: a residual error is given by exactly one of sd, variance"},
        {"{additive: {sd: 0 ng/mL}}", "small.yaml:32:68: error: a residual error is above 0, not \"0 "
                                      "ng/mL\"; leave out what there is none of"},
        {"{lognormal: {variance: -0.04}}",
         "small.yaml:32:75: error: a residual error is above 0, not \"-0.04\""},
        {"{additive: {sd: 3}}", "small.yaml:32:68: error: \"3\" has no unit"},
        {"{additive: {sd: 3 mg}}", "small.yaml:32:68: error: \"3 mg\" is a mass"},
        {"{proportional: {sd: 3 ng/mL}}", "small.yaml:32:72: error: \"3 ng/mL\" is a mass concentration"},
        {"{proportinal: {sd: 3}}", "did you mean \"proportional\"?"},
    };
    struct given given;
    (void)state;
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        given_residual(&given, right[i].text);
        assert_no_errors(&given.d);
        const struct residual *residual = &given.model.outputs[0].residual;
        assert_close(residual->proportional, right[i].residual.proportional, 1e-15, 0);
        assert_close(residual->additive, right[i].residual.additive, 1e-15, 0);
        assert_close(residual->lognormal, right[i].residual.lognormal, 1e-15, 0);
        given_clear(&given);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        given_residual(&given, wrong[i][0]);
        assert_told(&given.d, wrong[i][1]);
        assert_int_equal(given.d.count, 1);
        given_clear(&given);
    }
}

static void test_study_asks_for_what_is_stated(void **state)
{
    (void)state;
    expect_mistakes(TOP("domino-1982") ARM "{route: iv, dose: 5 mg}" OBSERVE
                                           "output: {store: [profiles, observations]}\n",
                    "s.yaml:9:28: error: domino-1982 states no residual error of ketamine, so that there are "
                    "no observations of it; leave out \"observations\", or take another model");
    struct reading r;
    read_right(&r,
               TOP("otto-2021") ARM "{route: iv, dose: 5 mg}" OBSERVE "output: {store: [observations]}\n");
    assert_int_equal(r.study.store, STORE_OBSERVATIONS);
    reading_clear(&r);
}

/* --- simulated observations --- */

#define STUDY(model, count, more_arms, times)                                                                \
    "{title: t, model: " model ", seed: 3, patients: {count: " count ", variability: false},\n"              \
    "arms: [{name: a, regimen: [{route: iv, dose: 30 mg, over: 40 min}]}" more_arms "],\n"                   \
    "observe: {at: [" times "]}, output: {store: [profiles, observations]}}"
#define TIMES "0 h, 1 h, 4 h, 72 h"

/* The first two moments of the standardized errors are 0 and 1, of variance 1 and 2; and those of two times, or of two
 * analytes, do not go together. */
static void check_moments(const char *text, int analyte,
                          double (*standardized)(double level, double observed))
{
    struct simulation s;
    simulate(&s, text, "exact", 2);
    double count = (double)s.study.patient_count;
    for (int t = 1; t < s.study.time_count; t++) {
        double sum = 0, squares = 0, cross = 0;
        for (int64_t p = 0; p < s.study.patient_count; p++) {
            const double *levels = simulation_levels(&s, 0, p, analyte);
            const double *observed = simulation_observed(&s, 0, p, analyte);
            double eps = standardized(levels[t], observed[t]);
            sum += eps;
            squares += eps * eps;
            cross += eps * standardized(levels[1 + t % 3], observed[1 + t % 3]);
        }
        assert_close(sum / count, 0, 0, SIGMAS / sqrt(count));
        assert_close(squares / count, 1, 0, SIGMAS * sqrt(2 / count));
        assert_close(cross / count, 0, 0, SIGMAS / sqrt(count));
    }
    simulation_clear(&s);
}

static double of_perez(double level, double observed)
{
    return log(observed / level) / 0.276;
}

static double of_otto(double level, double observed)
{
    return (observed / level - 1) / sqrt(0.020338);
}

static double of_simons(double level, double observed)
{
    const double additive = 0.058 * 223.70;
    return (observed - level) / sqrt(0.102 * 0.102 * level * level + additive * additive);
}

static void test_moments(void **state)
{
    (void)state;
    check_moments(STUDY("perez-ruixo-2021", "20000", "", TIMES), 0, of_perez);
    check_moments(STUDY("otto-2021", "20000", "", TIMES), 1, of_otto);
    check_moments(STUDY("simons-2022", "20000", "", TIMES), 1, of_simons);
}

/* A negative observation stays one; before the dose all but the additive errors are of nothing. */
static void test_extremes(void **state)
{
    struct simulation s;
    int negative = 0;
    (void)state;
    simulate(&s, STUDY("simons-2022", "100", "", TIMES), "exact", 1);
    for (int p = 0; p < 100; p++) {
        assert_true(simulation_observed(&s, 0, p, 0)[0] == 0);
        assert_true(simulation_observed(&s, 0, p, 1)[0] != 0);
        negative += simulation_observed(&s, 0, p, 1)[0] < 0;
    }
    assert_true(negative > 25 && negative < 75); /* half of them, within five standard errors */
    simulation_clear(&s);
}

/* The observations of analytes and times that both have, bit for bit. */
static void assert_same(const struct simulation *a, const struct simulation *b, int arm_a, int arm_b)
{
    const int times = a->study.time_count < b->study.time_count ? a->study.time_count : b->study.time_count;
    const int64_t patients =
        a->study.patient_count < b->study.patient_count ? a->study.patient_count : b->study.patient_count;
    for (int64_t p = 0; p < patients; p++) {
        for (int i = 0; i < a->study.analyte_count; i++) {
            for (int j = 0; j < b->study.analyte_count; j++) {
                if (strcmp(a->study.analytes[i], b->study.analytes[j]) == 0) {
                    assert_memory_equal(simulation_observed(a, arm_a, p, i),
                                        simulation_observed(b, arm_b, p, j), (size_t)times * sizeof(double));
                }
            }
        }
    }
}

#define OTHER_ARM ", {name: b, regimen: [{route: iv, dose: 30 mg, over: 40 min}]}"
#define METABOLITE_ARM ", {name: c, model: simons-2022, regimen: [{route: iv, dose: 30 mg}]}"

/* Nothing that is added changes an error of what was there. */
static void test_keys(void **state)
{
    static const char *const more[] = {
        STUDY("otto-2021", "90", OTHER_ARM, TIMES),      /* an arm */
        STUDY("otto-2021", "90", METABOLITE_ARM, TIMES), /* an analyte */
        STUDY("otto-2021", "90", "", TIMES ", 80 h"),    /* a time at the end */
        STUDY("otto-2021", "97", "", TIMES),             /* patients */
    };
    struct simulation plain;
    (void)state;
    simulate(&plain, STUDY("otto-2021", "90", "", TIMES), "exact", 1);
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        struct simulation s;
        simulate(&s, more[i], "exact", 2);
        assert_same(&plain, &s, 0, 0);
        simulation_clear(&s);
    }
    /* The same doses in an arm of another name are observed with other errors. */
    struct simulation two;
    simulate(&two, more[0], "exact", 1);
    for (int64_t p = 0; p < 90; p++) {
        for (int t = 1; t < 4; t++) {
            assert_true(simulation_levels(&two, 0, p, 0)[t] == simulation_levels(&two, 1, p, 0)[t]);
            assert_true(simulation_observed(&two, 0, p, 0)[t] != simulation_observed(&two, 1, p, 0)[t]);
        }
    }
    simulation_clear(&two);
    simulation_clear(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_is_stated),
        cmocka_unit_test(test_library),
        cmocka_unit_test(test_model_file),
        cmocka_unit_test(test_study_asks_for_what_is_stated),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
