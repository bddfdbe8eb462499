/* The generator against published answers, and against what a generator must be like.
 *
 * Tolerances of the statistics are five standard errors: a right generator fails one such check in 1.7 million. The draws are
 * fixed, so a check that passes once passes always. */
#include "check.h"

#include "model/random.h"

enum { DRAWS = 200000 };

static const double SIGMAS = 5;

/* Philox4x32-10 as in the known-answer vectors of Random123 (kat_vectors): counter and key, then the first two words of the
 * answer, whose first 52 bits and a half make the number. */
static void test_known_answers(void **state)
{
    (void)state;
    /* counter 0 0 0 0, key 0 0: 6627e8d5 e169c58d ... */
    assert_true(random_uniform(0, 0, (enum purpose)0, 0) == 0x0.6627e8d5e169c8p0);
    /* counter and key all ffffffff: 408f276d 41c83b0e ... */
    assert_true(random_uniform(UINT64_MAX, UINT64_MAX, (enum purpose)UINT32_MAX, UINT32_MAX) ==
                0x0.408f276d41c838p0);
    /* counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0: d16cfe09 94fdcceb ...; every word in its place */
    assert_true(random_uniform(0x299f31d0a4093822, 0x85a308d3243f6a88, (enum purpose)0x13198a2e,
                               0x03707344) == 0x0.d16cfe0994fdc8p0);
}

/* FNV-1a, 32 bits: the test vectors of its authors. */
static void test_index(void **state)
{
    (void)state;
    assert_int_equal(random_index(""), 0x811c9dc5);
    assert_int_equal(random_index("a"), 0xe40c292c);
    assert_int_equal(random_index("foobar"), 0xbf9cf968);
}

static double uniform(int i)
{
    return random_uniform(20261123, (uint64_t)i, PURPOSE_COVARIATE, 7);
}

static double normal(int i)
{
    return random_normal(20261123, (uint64_t)i, PURPOSE_BETWEEN_SUBJECT, 7);
}

/* Between 0 and 1, neither of them, half way between the multiples of 2^-52. */
static void test_open_interval(void **state)
{
    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        const double u = uniform(i);
        assert_true(u > 0 && u < 1);
        const double cell = u * 0x1p52 - 0.5;
        assert_true(cell == floor(cell));
        assert_true(isfinite(normal(i)));
    }
}

/* Chi-square over equal cells, of mean n - 1 and variance 2 (n - 1). */
static void test_uniform(void **state)
{
    enum { CELLS = 64 };
    int counts[CELLS] = {0};
    double sum = 0;
    double chi = 0;

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        const double u = uniform(i);
        sum += u;
        counts[(int)(u * CELLS)]++;
    }
    for (int c = 0; c < CELLS; c++) {
        const double expected = (double)DRAWS / CELLS;
        chi += (counts[c] - expected) * (counts[c] - expected) / expected;
    }
    assert_close(sum / DRAWS, 0.5, 0, SIGMAS * sqrt(1.0 / 12 / DRAWS));
    assert_close(chi, CELLS - 1, 0, SIGMAS * sqrt(2.0 * (CELLS - 1)));
}

/* The first four moments: 0, 1, 0, 3, of variance 1, 2, 15, 96. */
static void test_normal(void **state)
{
    static const double moments[] = {0, 1, 0, 3};
    static const double variances[] = {1, 2, 15, 96};
    double sums[4] = {0};

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        double power = 1;
        for (int m = 0; m < 4; m++) {
            power *= normal(i);
            sums[m] += power;
        }
    }
    for (int m = 0; m < 4; m++) {
        assert_close(sums[m] / DRAWS, moments[m], 0, SIGMAS * sqrt(variances[m] / DRAWS));
    }
}

/* random_normal is the inverse of the distribution function at random_uniform. */
static void test_inversion(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 10000; i++) {
        const double z = random_normal(3, 5, PURPOSE_BETWEEN_SUBJECT, i);
        const double u = random_uniform(3, 5, PURPOSE_BETWEEN_SUBJECT, i);
        assert_close(0.5 * erfc(-z / sqrt(2)), u, 1e-13, 0);
    }
}

/* What a draw is for. */
struct key {
    uint64_t seed;
    uint64_t patient;
    enum purpose purpose;
    uint32_t index;
};

/* Over many draws, `a` and `b` of the same number (patients count up from theirs) are never equal and not correlated. */
static void check_independent(struct key a, struct key b)
{
    double sum = 0;

    for (int i = 0; i < DRAWS; i++) {
        const double x = random_normal(a.seed, a.patient + (uint64_t)i, a.purpose, a.index);
        const double y = random_normal(b.seed, b.patient + (uint64_t)i, b.purpose, b.index);
        assert_true(x != y);
        sum += x * y;
    }
    assert_close(sum / DRAWS, 0, 0, SIGMAS / sqrt(DRAWS));
}

static void test_independence(void **state)
{
    const struct key key = {20261123, 0, PURPOSE_BETWEEN_SUBJECT, 7};
    struct key other = key;

    (void)state;
    other.purpose = PURPOSE_COVARIATE;
    check_independent(key, other);
    other = key;
    other.index = 8;
    check_independent(key, other);
    other = key;
    other.index = random_index("CL");
    check_independent(key, other);
    other = key;
    other.patient = 1; /* the next patient */
    check_independent(key, other);
    other = key;
    other.patient = UINT64_C(1) << 32; /* the high word counts */
    check_independent(key, other);
    other = key;
    other.seed = 20261124;
    check_independent(key, other);
    other = key;
    other.seed += UINT64_C(1) << 32;
    check_independent(key, other);
}

/* A draw is a function of its four arguments, whatever was drawn before. */
static void test_no_state(void **state)
{
    enum { COUNT = 1000 };
    double forward[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        forward[i] = normal(i);
    }
    for (int i = COUNT - 1; i >= 0; i--) {
        uniform(i);
        assert_true(normal(i) == forward[i]);
    }
}

/* A seed is a function of all that it is for, and where one name ends and the other begins counts. */
static void test_seeds(void **state)
{
    static const char *const names[] = {"", "a", "b", "ab", "bc", "abc"};
    enum { NAMES = sizeof(names) / sizeof(names[0]) };
    uint64_t seeds[NAMES * NAMES + 2];
    int count = 0;

    (void)state;
    for (int i = 0; i < NAMES * NAMES; i++) {
        seeds[count++] = random_seed(1, PURPOSE_RESIDUAL, names[i / NAMES], names[i % NAMES]);
    }
    seeds[count++] = random_seed(2, PURPOSE_RESIDUAL, "a", "b");
    seeds[count++] = random_seed(1, PURPOSE_RESIDUAL_ADDITIVE, "a", "b");
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < i; j++) {
            assert_true(seeds[i] != seeds[j]);
        }
    }
    assert_true(random_seed(1, PURPOSE_RESIDUAL, "a", "b") == seeds[1 * NAMES + 2]);
    const struct key key = {seeds[8], 0, PURPOSE_RESIDUAL, 7};
    check_independent(key, (struct key){seeds[9], 0, PURPOSE_RESIDUAL, 7});
    check_independent(key, (struct key){seeds[8], 0, PURPOSE_RESIDUAL, 8});
    check_independent(key, (struct key){seeds[8], 0, PURPOSE_RESIDUAL_ADDITIVE, 7});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers), cmocka_unit_test(test_index),
        cmocka_unit_test(test_open_interval), cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_normal),        cmocka_unit_test(test_inversion),
        cmocka_unit_test(test_independence),  cmocka_unit_test(test_no_state),
        cmocka_unit_test(test_seeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
