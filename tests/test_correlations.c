/* Covariates that are drawn together: their margins, their rank correlations, and what a study may say of them. */
#include "spread.h"
#include "study_check.h"
#include "study_equal.h"

#include "model/patients.h"
#include "model/random.h"

#include <gsl/gsl_cdf.h>

/* Correlations within 4.5 standard errors: one of 150,000 would fail. */
static const double z_limit = 4.5;

enum { PATIENTS = 100000 };

#define AGE "age: {normal: {mean: 45 years, sd: 13 years, min: 18 years, max: 86 years}}"
#define WEIGHT "weight: {lognormal: {median: 70 kg, cv: 20 %}}"
#define POPULATION(covariates, correlations)                                                                 \
    "seed: 1\nmodel: perez-ruixo-2021\npatients: {count: 100000, covariates: {" covariates "}" correlations  \
    "}\n" ARM "{route: iv, dose: 0.4 mg/kg}" OBSERVE "applicability: ignore\n"

/* --- margins and correlations --- */

static double normal_cdf(double x, const void *of)
{
    const struct population_covariate *c = of;
    const double low = gsl_cdf_ugaussian_P((c->lowest - c->a) / c->b);
    const double high = gsl_cdf_ugaussian_P((c->highest - c->a) / c->b);
    return (gsl_cdf_ugaussian_P((x - c->a) / c->b) - low) / (high - low);
}

static double lognormal_cdf(double x, const void *of)
{
    const struct population_covariate *c = of;
    const double low = c->lowest > 0 ? gsl_cdf_ugaussian_P(log(c->lowest / c->a) / c->b) : 0;
    const double high = gsl_cdf_ugaussian_P(log(c->highest / c->a) / c->b);
    return (gsl_cdf_ugaussian_P(log(x / c->a) / c->b) - low) / (high - low);
}

static double uniform_cdf(double x, const void *of)
{
    const struct population_covariate *c = of;
    return (x - c->lowest) / (c->highest - c->lowest);
}

static double (*const cdfs[])(double, const void *) = {
    [DISTRIBUTION_NORMAL] = normal_cdf,
    [DISTRIBUTION_LOGNORMAL] = lognormal_cdf,
    [DISTRIBUTION_UNIFORM] = uniform_cdf,
};

enum { COUNT = 5 };

/* Every distribution, whole and cut. */
static void fill_population(struct population_covariate *c)
{
    static const struct {
        const char *name;
        enum distribution_kind kind;
        double a, b, lowest, highest;
    } rows[COUNT] = {
        {"age", DISTRIBUTION_NORMAL, 45, 13, 18, 60},
        {"weight", DISTRIBUTION_LOGNORMAL, 70, 0.2, 0, INFINITY},
        {"height", DISTRIBUTION_NORMAL, 170, 10, -INFINITY, INFINITY},
        {"albumin", DISTRIBUTION_UNIFORM, NAN, NAN, 35, 50},
        {"creatinine", DISTRIBUTION_LOGNORMAL, 80, 0.3, 70, 150},
    };
    for (int i = 0; i < COUNT; i++) {
        c[i] = (struct population_covariate){
            .name = rows[i].name,
            .unit = "1",
            .kind = rows[i].kind,
            .a = rows[i].a,
            .b = rows[i].b,
            .lowest = rows[i].lowest,
            .highest = rows[i].highest,
            .within = -1,
            .random_index = random_index(rows[i].name),
        };
    }
}

/* [covariate][patient] */
static double *sample(const struct study *study)
{
    double *values = malloc((size_t)study->covariate_count * PATIENTS * sizeof(*values));
    assert_non_null(values);
    for (int64_t i = 0; i < PATIENTS; i++) {
        double one[COUNT];
        patient_covariates(study, i, one);
        for (int c = 0; c < study->covariate_count; c++) {
            values[(ptrdiff_t)c * PATIENTS + i] = one[c];
        }
    }
    return values;
}

/* Each covariate has its own distribution, cut or not, whether or not it is correlated (p of failing 1e-5 each). */
static void check_margins(const struct study *study, double *values)
{
    for (int c = 0; c < study->covariate_count; c++) {
        const struct population_covariate *covariate = &study->covariates[c];
        const double distance =
            ks_distance(values + (ptrdiff_t)c * PATIENTS, PATIENTS, cdfs[covariate->kind], covariate);
        print_message("%s: sqrt(n) D = %.2f\n", covariate->name, distance);
        assert_true(distance < ks_limit);
        assert_true(values[(ptrdiff_t)c * PATIENTS] >= covariate->lowest);
        assert_true(values[(ptrdiff_t)(c + 1) * PATIENTS - 1] <= covariate->highest);
    }
}

static void test_independent(void **state)
{
    (void)state;
    struct population_covariate c[COUNT];
    fill_population(c);
    struct study study = {.seed = 5, .patient_count = PATIENTS, .covariates = c, .covariate_count = COUNT};
    double *values = sample(&study);
    for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_close(
                spearman(values + (ptrdiff_t)i * PATIENTS, values + (ptrdiff_t)j * PATIENTS, PATIENTS), 0, 0,
                z_limit * spearman_error(0, PATIENTS));
        }
    }
    check_margins(&study, values);
    free(values);
}

/* The matrix of the ranks, which are those of normals with 2 sin(pi/6 x), here with the triangle computed by hand. */
static void test_correlated(void **state)
{
    (void)state;
    enum { K = 3 };
    static const double ranks[K][K] = {{1, 0.7, -0.4}, {0.7, 1, 0.1}, {-0.4, 0.1, 1}};
    struct population_covariate c[COUNT];
    double r[K][K];
    double lower[K][K] = {{1}};
    int order[K] = {4, 0, 3}; /* creatinine, age, albumin */
    fill_population(c);
    for (int i = 0; i < K; i++) {
        for (int j = 0; j < K; j++) {
            r[i][j] = 2 * sin(acos(-1) * ranks[i][j] / 6);
        }
    }
    lower[1][0] = r[1][0];
    lower[1][1] = sqrt(1 - r[1][0] * r[1][0]);
    lower[2][0] = r[2][0];
    lower[2][1] = (r[2][1] - r[2][0] * r[1][0]) / lower[1][1];
    lower[2][2] = sqrt(1 - lower[2][0] * lower[2][0] - lower[2][1] * lower[2][1]);
    struct study study = {.seed = 5, .patient_count = PATIENTS, .covariates = c, .covariate_count = COUNT};
    double *alone = sample(&study);
    study.copula = (struct copula){.count = K, .covariates = order, .lower = &lower[0][0]};
    double *values = sample(&study);
    for (int i = 0; i < K; i++) {
        for (int j = 0; j < i; j++) {
            const double found = spearman(values + (ptrdiff_t)order[i] * PATIENTS,
                                          values + (ptrdiff_t)order[j] * PATIENTS, PATIENTS);
            print_message("%s, %s: %.4f, asked for %.4f\n", c[order[i]].name, c[order[j]].name, found,
                          ranks[i][j]);
            assert_close(found, ranks[i][j], 0, z_limit * spearman_error(ranks[i][j], PATIENTS));
        }
    }
    /* Those outside the copula, and the first in it, are the same to the bit. */
    assert_memory_equal(values + PATIENTS, alone + PATIENTS, 2 * PATIENTS * sizeof(double));
    assert_memory_equal(values + 4 * PATIENTS, alone + 4 * PATIENTS, PATIENTS * sizeof(double));
    check_margins(&study, values);
    free(alone);
    free(values);
}

/* --- as a study says it --- */

static void test_study(void **state)
{
    (void)state;
    struct reading plain, correlated, last;
    read_right(&plain, POPULATION(AGE ", " WEIGHT, ""));
    read_right(&correlated, POPULATION(AGE ", " WEIGHT, ", rank_correlations: {of: [age, weight], "
                                                        "matrix: [[1, -0.3], [-0.3, 1]]}"));
    read_right(&last, POPULATION(WEIGHT ", " AGE, ", rank_correlations: {of: [age, weight], "
                                                  "matrix: [[1, -30 %], [-30 %, 1]]}"));
    const struct copula *copula = &correlated.study.copula;
    const double r = 2 * sin(acos(-1) * -0.3 / 6);
    assert_int_equal(copula->count, 2);
    assert_close(copula->lower[2], r, 1e-14, 0);
    assert_close(copula->lower[3], sqrt(1 - r * r), 1e-14, 0);
    double *values = malloc(2 * PATIENTS * sizeof(*values));
    assert_non_null(values);
    for (int64_t i = 0; i < PATIENTS; i++) {
        double a[8], b[8], c[8];
        patient_covariates(&plain.study, i, a);
        patient_covariates(&correlated.study, i, b);
        patient_covariates(&last.study, i, c);
        assert_true(a[0] == b[0] && a[1] != b[1]); /* the first of `of` is as it was */
        assert_true(b[0] == c[1] && b[1] == c[0]); /* and the order of the covariates changes nothing */
        values[i] = b[0];
        values[PATIENTS + i] = b[1];
    }
    assert_close(spearman(values, values + PATIENTS, PATIENTS), -0.3, 0,
                 z_limit * spearman_error(-0.3, PATIENTS));
    free(values);
    check_round_trip(&correlated.study, "s.yaml");
    reading_clear(&plain);
    reading_clear(&correlated);
    reading_clear(&last);
}

/* A correlation of 0 changes nothing, to the bit. */
static void test_zero(void **state)
{
    (void)state;
    struct reading plain, zero;
    read_right(&plain, POPULATION(AGE ", " WEIGHT, ""));
    read_right(&zero, POPULATION(AGE ", " WEIGHT, ", rank_correlations: {of: [age, weight], "
                                                  "matrix: [[1, 0], [0, 1]]}"));
    for (int64_t i = 0; i < 1000; i++) {
        double a[8], b[8];
        patient_covariates(&plain.study, i, a);
        patient_covariates(&zero.study, i, b);
        assert_memory_equal(a, b, 2 * sizeof(double));
    }
    reading_clear(&plain);
    reading_clear(&zero);
}

#define MATRIX(of, matrix)                                                                                   \
    POPULATION(AGE ", " WEIGHT, "\n, rank_correlations:\n   {of: " of ",\n    matrix: " matrix "}")

static void test_mistakes(void **state)
{
    (void)state;
    expect_mistakes(MATRIX("[age]", "[[1]]"), "s.yaml:5:9: error: 2 to 32 covariates can be correlated");
    expect_mistakes(MATRIX("[age, age]", "[[1, 0], [0, 1]]"),
                    "s.yaml:5:15: error: \"age\" is in the list already");
    expect_mistakes(MATRIX("[age, height]", "[[1, 0], [0, 1]]"),
                    "s.yaml:5:15: error: \"height\" is not among patients.covariates");
    expect_mistakes(
        MATRIX("[age, asian]", "[[1, 0], [0, 1]]"),
        "s.yaml:5:15: error: asian is a category, and has no ranks to correlate; a table of patients "
        "(patients.from) can bring categories that go with other covariates");
    expect_mistakes(POPULATION(AGE ", weight: 70 kg",
                               ", rank_correlations: {of: [age, weight], matrix: [[1, 0], [0, 1]]}"),
                    "s.yaml:3:163: error: weight is not drawn from a distribution in patients.covariates");
    expect_mistakes(MATRIX("[age, weight]", "0.3"),
                    "s.yaml:6:13: error: the matrix has a row for each of the 2 covariates of `of`");
    expect_mistakes(MATRIX("[age, weight]", "[[1, 0.3]]"),
                    "s.yaml:6:13: error: the matrix has a row for each of the 2 covariates of `of`");
    expect_mistakes(MATRIX("[age, weight]", "[[1], [0.3, 1]]"),
                    "s.yaml:6:14: error: a row of the matrix is a list of 2 numbers");
    expect_mistakes(MATRIX("[age, weight]", "[[1, [0]], [0, 1]]"),
                    "s.yaml:6:18: error: a correlation is a number");
    expect_mistakes(MATRIX("[age, weight]", "[[1, x], [0, 1]]"),
                    "s.yaml:6:18: error: \"x\" does not begin with a number; a plain number is expected "
                    "here, for example 2");
    expect_mistakes(MATRIX("[age, weight]", "[[0.9, 0.1], [0.1, 1]]"),
                    "s.yaml:6:15: error: the correlation of anything with itself is 1, not \"0.9\"");
    expect_mistakes(MATRIX("[age, weight]", "[[1, 1], [1, 1]]"),
                    "s.yaml:6:18: error: \"1\" must be above -1 and below 1\n"
                    "s.yaml:6:23: error: \"1\" must be above -1 and below 1");
    expect_mistakes(
        MATRIX("[age, weight]", "[[1, 0.3], [0.2, 1]]"),
        "s.yaml:6:25: error: the matrix is not symmetric: \"0.2\" here, and \"0.3\" for age and weight "
        "above");
    expect_mistakes(POPULATION(AGE ", " WEIGHT, ", rank_correlations: {of: [age, weight]}"),
                    "s.yaml:3:185: error: key \"matrix\" is missing in patients.rank_correlations");
}

/* Three by three, which a model with a covariate more can need. */
static void test_impossible(void **state)
{
    (void)state;
    static const char model[] =
        "model: made-up\ntitle: made up\ncitation: none\ndrug: other\nsampling: unstated\npopulation: "
        "nobody\n"
        "covariates: {age: {unit: years, default: 40 years}, weight: {unit: kg, default: 70 kg}, lean: "
        "{unit: "
        "kg, default: 50 kg}}\n"
        "parameters: {V: {typical: weight*lean + age, unit: L}}\n"
        "compartments: [body]\nflows: [{from: body, rate: 1/V}]\nroutes: {iv: {inputs: [{to: body}]}}\n"
        "outputs: {illustrine: {amount: body, volume: V}}\ndiscrepancies: [made up]\n";
    FILE *file = fopen("three-covariates.yaml", "w");
    assert_non_null(file);
    assert_true(fputs(model, file) >= 0 && fclose(file) == 0);
    static const char before[] =
        "seed: 1\nmodel: ./three-covariates.yaml\npatients:\n  count: 10\n  covariates: {" AGE ", " WEIGHT
        ", lean: {uniform: {min: 40 kg, max: 60 kg}}}\n  rank_correlations:\n    of: [age, weight, lean]\n"
        "    matrix: ";
    static const char after[] = "\n" ARM "{route: iv, dose: 28 mg}" OBSERVE;
    char text[2048];
    snprintf(text, sizeof(text), "%s%s%s", before, "[[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]", after);
    expect_mistakes(text,
                    "s.yaml:8:13: error: these correlations are not possible together: the matrix is not "
                    "positive definite");
    snprintf(text, sizeof(text), "%s%s%s", before, "[[1, 0.5, 0.5], [0.5, 1, -0.4999], [0.5, -0.4999, 1]]",
             after);
    expect_mistakes(
        text, "s.yaml:8:13: error: these rank correlations are too near to a limit: those of the normal "
              "distributions behind them (2 sin(pi/6 x)) are not positive definite");
    snprintf(text, sizeof(text), "%s%s%s", before, "[[1, 0.5, 0.5], [0.5, 1, -0.3], [0.5, -0.3, 1]]", after);
    struct reading r;
    read_right(&r, text);
    assert_int_equal(r.study.copula.count, 3);
    reading_clear(&r);
    remove("three-covariates.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_independent), cmocka_unit_test(test_correlated),
        cmocka_unit_test(test_study),       cmocka_unit_test(test_zero),
        cmocka_unit_test(test_mistakes),    cmocka_unit_test(test_impossible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
