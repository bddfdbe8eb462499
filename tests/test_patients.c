#include "check.h"

#include "model/patients.h"
#include "model/random.h"

/* Moments are compared within 4 standard errors: one draw of the seed in 16,000 would fail, and this one does not. */
static const double z_limit = 4;

enum { PATIENTS = 100000 };

static struct population_covariate covariate(const char *name, enum distribution_kind kind, double a,
                                             double b, double lowest, double highest)
{
    return (struct population_covariate){
        .name = name,
        .unit = "1",
        .kind = kind,
        .a = a,
        .b = b,
        .lowest = lowest,
        .highest = highest,
        .within = -1,
        .random_index = random_index(name),
    };
}

static struct study population(struct population_covariate *covariates, int count)
{
    return (struct study){
        .seed = 20261123, .patient_count = PATIENTS, .covariates = covariates, .covariate_count = count};
}

struct moments {
    double mean;
    double variance;
    double lowest;
    double highest;
};

static struct moments moments_of(const struct study *study, int index, bool logarithm)
{
    struct moments m = {0, 0, INFINITY, -INFINITY};
    double values[8];
    for (int64_t i = 0; i < PATIENTS; i++) {
        patient_covariates(study, i, values);
        double value = logarithm ? log(values[index]) : values[index];
        double delta = value - m.mean;
        m.mean += delta / (double)(i + 1);
        m.variance += delta * (value - m.mean);
        m.lowest = fmin(m.lowest, value);
        m.highest = fmax(m.highest, value);
    }
    m.variance /= PATIENTS;
    return m;
}

/* The fourth central moment of the normal distribution cut to z in [a, b], by Simpson's rule, with the others. */
struct truncated {
    double mean;
    double variance;
    double fourth;
};

static struct truncated truncated_normal(double a, double b)
{
    enum { STEPS = 20000 };
    double sums[5] = {0};
    double center = 0;
    struct truncated t = {0};
    for (int pass = 0; pass < 2; pass++) {
        memset(sums, 0, sizeof(sums));
        for (int i = 0; i <= STEPS; i++) {
            double z = a + (b - a) * i / STEPS;
            double weight = (i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2) * exp(-z * z / 2);
            for (int k = 0; k < 5; k++) {
                sums[k] += weight * pow(z - center, k);
            }
        }
        if (pass == 0) {
            center = sums[1] / sums[0];
        }
    }
    t.mean = center;
    t.variance = sums[2] / sums[0];
    t.fourth = sums[4] / sums[0];
    return t;
}

static void check_normal(double a, double b)
{
    const double mean = 45;
    const double sd = 13;
    struct population_covariate c =
        covariate("age", DISTRIBUTION_NORMAL, mean, sd, mean + a * sd, mean + b * sd);
    struct study study = population(&c, 1);
    struct moments m = moments_of(&study, 0, false);
    struct truncated t = truncated_normal(fmax(a, -12), fmin(b, 12));
    assert_close(m.mean, mean + sd * t.mean, 0, z_limit * sd * sqrt(t.variance / PATIENTS));
    assert_close(m.variance, sd * sd * t.variance, 0,
                 z_limit * sd * sd * sqrt((t.fourth - t.variance * t.variance) / PATIENTS));
    assert_true(m.lowest >= c.lowest && m.highest <= c.highest);
}

static void test_normal(void **state)
{
    (void)state;
    check_normal(-INFINITY, INFINITY);
    check_normal(-2.0769, 3.1538); /* 18 to 86 years of 45 +- 13 */
    check_normal(-0.5, 0.25);
    check_normal(-INFINITY, 0.5);
    check_normal(1, INFINITY);
}

/* Both tails, where the probability of either side is rounded to 0 or 1. */
static void test_far_tails(void **state)
{
    (void)state;
    static const double starts[] = {5, 8, 10, 20, 35};
    for (int i = 0; i < 5; i++) {
        double start = starts[i];
        struct population_covariate up = covariate("x", DISTRIBUTION_NORMAL, 0, 1, start, INFINITY);
        struct population_covariate down = covariate("x", DISTRIBUTION_NORMAL, 0, 1, -INFINITY, -start);
        struct population_covariate cut = covariate("x", DISTRIBUTION_NORMAL, 0, 1, start, start + 1 / start);
        struct study study = population(&up, 1);
        struct study mirrored = population(&down, 1);
        struct study both = population(&cut, 1);
        struct moments m = moments_of(&study, 0, false);
        struct moments n = moments_of(&mirrored, 0, false);
        struct moments o = moments_of(&both, 0, false);
        struct truncated t = truncated_normal(start, start + 40 / start);
        struct truncated u = truncated_normal(start, start + 1 / start);
        double error = z_limit * sqrt(t.variance / PATIENTS);
        assert_close(m.mean, t.mean, 0, error);
        assert_close(n.mean, -t.mean, 0, error);
        assert_close(o.mean, u.mean, 0, z_limit * sqrt(u.variance / PATIENTS));
        assert_true(m.lowest >= start && n.highest <= -start);
        assert_true(o.lowest >= start && o.highest <= start + 1 / start);
    }
}

/* Beyond what a double can tell from impossible, a draw stays finite and within its limits. */
static void test_impossible_limits(void **state)
{
    (void)state;
    struct population_covariate c = covariate("x", DISTRIBUTION_NORMAL, 0, 1, 50, 60);
    struct study study = population(&c, 1);
    double value;
    for (int64_t i = 0; i < 1000; i++) {
        patient_covariates(&study, i, &value);
        assert_true(value >= 50 && value <= 60);
    }
}

static void test_lognormal(void **state)
{
    (void)state;
    const double cv = 0.2;
    const double sd = sqrt(log1p(cv * cv));
    struct population_covariate c = covariate("weight", DISTRIBUTION_LOGNORMAL, 70, sd, 0, INFINITY);
    struct study study = population(&c, 1);
    struct moments m = moments_of(&study, 0, true);
    assert_close(m.mean, log(70), 0, z_limit * sd / sqrt(PATIENTS));
    assert_close(m.variance, sd * sd, 0, z_limit * sd * sd * sqrt(2.0 / PATIENTS));
    m = moments_of(&study, 0, false);
    assert_close(sqrt(m.variance) / m.mean, cv, 0.02, 0);

    c.lowest = 45;
    c.highest = 120;
    m = moments_of(&study, 0, true);
    struct truncated t = truncated_normal(log(45 / 70.0) / sd, log(120 / 70.0) / sd);
    assert_close(m.mean, log(70) + sd * t.mean, 0, z_limit * sd * sqrt(t.variance / PATIENTS));
    assert_true(exp(m.lowest) >= 45 * (1 - 1e-15) && exp(m.highest) <= 120 * (1 + 1e-15));
}

static void test_uniform(void **state)
{
    (void)state;
    struct population_covariate c = covariate("weight", DISTRIBUTION_UNIFORM, NAN, NAN, 50, 90);
    struct study study = population(&c, 1);
    struct moments m = moments_of(&study, 0, false);
    assert_close(m.mean, 70, 0, z_limit * sqrt(1600.0 / 12 / PATIENTS));
    assert_close(m.variance, 1600.0 / 12, 0, z_limit * 1600 * sqrt((1.0 / 80 - 1.0 / 144) / PATIENTS));
    assert_true(m.lowest > 50 && m.highest < 90);
    assert_close(m.lowest, 50, 0, 40.0 * 20 / PATIENTS);
    assert_close(m.highest, 90, 0, 40.0 * 20 / PATIENTS);
}

static void test_categories(void **state)
{
    (void)state;
    struct population_covariate c[] = {
        covariate("japanese", DISTRIBUTION_PROBABILITY, 0.643, NAN, 0, 1),
        covariate("asian", DISTRIBUTION_PROBABILITY, 0.137, NAN, 0, 1),
        covariate("never", DISTRIBUTION_PROBABILITY, 0, NAN, 0, 1),
        covariate("always", DISTRIBUTION_PROBABILITY, 1, NAN, 0, 1),
    };
    c[0].within = 1; /* listed after what it is within */
    struct study study = population(c, 4);
    double values[4];
    int asian = 0;
    int japanese = 0;
    for (int64_t i = 0; i < PATIENTS; i++) {
        patient_covariates(&study, i, values);
        assert_true((values[0] == 0 || values[0] == 1) && (values[1] == 0 || values[1] == 1));
        assert_true(values[0] <= values[1]);
        assert_true(values[2] == 0 && values[3] == 1);
        asian += values[1] == 1;
        japanese += values[0] == 1;
    }
    assert_close(asian, 0.137 * PATIENTS, 0, z_limit * sqrt(0.137 * 0.863 * PATIENTS));
    assert_close(japanese, 0.643 * asian, 0, z_limit * sqrt(0.643 * 0.357 * asian));
}

/* Within something that is within something else, in any order of the list. */
static void test_nested_categories(void **state)
{
    (void)state;
    struct population_covariate c[] = {
        covariate("inner", DISTRIBUTION_FIXED, 1, NAN, 0, 1),
        covariate("middle", DISTRIBUTION_FIXED, 1, NAN, 0, 1),
        covariate("outer", DISTRIBUTION_PROBABILITY, 0.5, NAN, 0, 1),
    };
    c[0].within = 1;
    c[1].within = 2;
    struct study study = population(c, 3);
    double values[3];
    int seen[2] = {0};
    for (int64_t i = 0; i < 100; i++) {
        patient_covariates(&study, i, values);
        assert_true(values[0] == values[2] && values[1] == values[2]);
        seen[values[2] == 1]++;
    }
    assert_true(seen[0] > 0 && seen[1] > 0);
}

/* A patient is the same person wherever it stands: another covariate, more patients or another order change no
 * other's draw. */
static void test_independence(void **state)
{
    (void)state;
    struct population_covariate one[] = {covariate("age", DISTRIBUTION_NORMAL, 45, 13, 18, 86)};
    struct population_covariate three[] = {
        covariate("weight", DISTRIBUTION_LOGNORMAL, 70, 0.2, 0, INFINITY),
        covariate("age", DISTRIBUTION_NORMAL, 45, 13, 18, 86),
        covariate("asian", DISTRIBUTION_PROBABILITY, 0.137, NAN, 0, 1),
    };
    struct study small = population(one, 1);
    struct study large = population(three, 3);
    double a[1];
    double b[3];
    double correlation = 0;
    large.patient_count = 7;
    for (int64_t i = 0; i < 1000; i++) {
        patient_covariates(&small, i, a);
        patient_covariates(&large, i, b);
        assert_true(a[0] == b[1]);
        correlation += (b[1] - 45) / 13 * log(b[0] / 70) / 0.2;
    }
    assert_close(correlation / 1000, 0, 0, z_limit / sqrt(1000));

    struct study other = small;
    other.seed++;
    for (int64_t i = 0; i < 10; i++) {
        patient_covariates(&small, i, a);
        patient_covariates(&other, i, b);
        assert_true(a[0] != b[0]);
    }
}

/* The sweep sets what it sets, and what presupposes it follows. */
static void test_in_arm(void **state)
{
    (void)state;
    struct population_covariate c[] = {
        covariate("age", DISTRIBUTION_NORMAL, 45, 13, 18, 86),
        covariate("weight", DISTRIBUTION_FIXED, NAN, NAN, -INFINITY, INFINITY),
        covariate("asian", DISTRIBUTION_PROBABILITY, 0.5, NAN, 0, 1),
        covariate("japanese", DISTRIBUTION_PROBABILITY, 0.5, NAN, 0, 1),
    };
    c[3].within = 2;
    struct study study = population(c, 4);
    struct sweep_axis axes[] = {{"weight", "kg", 1}, {"dose", "mg", -1}, {"asian", "1", 2}};
    const double points[3][3] = {{60, 7}, {60, 7, 1}, {60, 7, 0}};
    study.axes = axes;
    double plain[4];
    double values[3][4];
    int japanese[3] = {0};
    for (int64_t i = 0; i < 1000; i++) {
        patient_covariates(&study, i, plain);
        assert_true(isnan(plain[1]));
        for (int k = 0; k < 3; k++) {
            const struct arm arm = {.axis_values = points[k]};
            study.axis_count = k == 0 ? 2 : 3;
            patient_covariates_in_arm(&study, &arm, i, values[k]);
            assert_true(values[k][0] == plain[0]);
            assert_true(values[k][1] == 60);
            japanese[k] += values[k][3] == 1;
        }
        assert_true(values[0][2] == plain[2] && values[0][3] == plain[3]);
        assert_true(values[1][2] == 1 && values[2][2] == 0);
        assert_true(plain[2] == 0 || values[1][3] == plain[3]);
    }
    assert_true(japanese[1] > japanese[0] && japanese[0] > 0);
    assert_int_equal(japanese[2], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_far_tails),
        cmocka_unit_test(test_impossible_limits),
        cmocka_unit_test(test_lognormal),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_categories),
        cmocka_unit_test(test_nested_categories),
        cmocka_unit_test(test_independence),
        cmocka_unit_test(test_in_arm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
