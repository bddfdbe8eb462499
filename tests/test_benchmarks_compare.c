/* The decision of the regression gate, fed with timings made up with a known slowdown and known noise. */
#include "check.h"

#include "benchmarks/compare.h"

/* A machine: each timing is multiplied by noise of its own. */
struct machine {
    uint64_t state;
    double spread;  /* sd of the logarithm of each timing */
    double bursts;  /* probability that something else runs, too, */
    double slowest; /* which makes it slower by up to this factor */
};

static double uniform(struct machine *m)
{
    m->state ^= m->state << 13;
    m->state ^= m->state >> 7;
    m->state ^= m->state << 17;
    return ((double)(m->state >> 11) + 0.5) / 9007199254740992.0;
}

static double timing(struct machine *m, double seconds)
{
    const double normal = sqrt(-2 * log(uniform(m))) * cos(2 * 3.14159265358979323846 * uniform(m));
    const double burst = uniform(m) < m->bursts ? 1 + (m->slowest - 1) * uniform(m) : 1;
    return seconds * exp(m->spread * normal) * burst;
}

/* Measures pairs as the gate does, and judges. */
static enum verdict experiment(struct machine *m, double slowdown, int *pairs)
{
    double ratios[PAIRS_MOST];
    double sorted[PAIRS_MOST];
    struct interval interval;
    int count = 0;
    do {
        const double before = timing(m, 1);
        ratios[count++] = timing(m, slowdown) / before;
        memcpy(sorted, ratios, sizeof(sorted));
        interval = median_interval(sorted, count);
    } while (wants_more(&interval, PAIRS_MOST));
    *pairs += count;
    return judge(&interval);
}

enum { EXPERIMENTS = 2000 };

static void repeat(const char *name, struct machine m, double slowdown, int found[4])
{
    int pairs = 0;
    memset(found, 0, 4 * sizeof(int));
    m.state = 88172645463325252u;
    for (int i = 0; i < EXPERIMENTS; i++) {
        found[experiment(&m, slowdown, &pairs)]++;
    }
    print_message("%s, slowdown %.2f: same %d, faster %d, slower %d, unclear %d; %.0f pairs each\n", name,
                  slowdown, found[VERDICT_SAME], found[VERDICT_FASTER], found[VERDICT_SLOWER],
                  found[VERDICT_UNCLEAR], (double)pairs / EXPERIMENTS);
}

/* Noise of 30 % in every timing, and nothing became slower: nothing is reported. */
static void test_noise_is_not_reported(void **state)
{
    const struct machine wild = {.spread = 0.3};
    const struct machine bursts = {.spread = 0.03, .bursts = 0.5, .slowest = 1.6};
    int found[4];
    (void)state;
    repeat("noise of 30 %", wild, 1, found);
    assert_int_equal(found[VERDICT_SLOWER], 0);
    assert_int_equal(found[VERDICT_FASTER], 0);
    repeat("bursts", bursts, 1, found);
    assert_int_equal(found[VERDICT_SLOWER], 0);
    assert_int_equal(found[VERDICT_FASTER], 0);
}

/* 10 % slower on a machine as CI has it, where something else runs now and then: found. */
static void test_slowdown_is_found(void **state)
{
    const struct machine usual = {.spread = 0.03, .bursts = 0.1, .slowest = 1.5};
    int found[4];
    (void)state;
    repeat("usual noise", usual, 1.10, found);
    assert_in_range(found[VERDICT_SLOWER], EXPERIMENTS * 99 / 100, EXPERIMENTS);
    assert_int_equal(found[VERDICT_SAME] + found[VERDICT_FASTER], 0);
    repeat("usual noise", usual, 1, found);
    assert_in_range(found[VERDICT_SAME], EXPERIMENTS * 99 / 100, EXPERIMENTS);
    assert_int_equal(found[VERDICT_SLOWER] + found[VERDICT_FASTER], 0);
    repeat("usual noise", usual, 0.8, found);
    assert_in_range(found[VERDICT_FASTER], EXPERIMENTS * 99 / 100, EXPERIMENTS);
}

/* Where noise hides a slowdown of 10 %, nobody says that there is none. */
static void test_noise_does_not_excuse(void **state)
{
    const struct machine wild = {.spread = 0.3};
    int found[4];
    (void)state;
    repeat("noise of 30 %", wild, 1.10, found);
    assert_in_range(found[VERDICT_SAME] + found[VERDICT_FASTER], 0, EXPERIMENTS / 500);
    repeat("noise of 30 %", wild, 2, found);
    assert_int_equal(found[VERDICT_SLOWER], EXPERIMENTS);
}

/* 21 samples: P(2 or fewer below the median) = 1.1e-4, P(3 or fewer) = 7.4e-4. */
static void test_interval(void **state)
{
    double samples[22];
    (void)state;
    for (int i = 0; i < 21; i++) {
        samples[i] = (i * 8) % 21;
    }
    struct interval interval = median_interval(samples, 21);
    assert_true(interval.median == 10 && interval.low == 2 && interval.high == 18 && interval.count == 21);
    for (int i = 0; i < 4; i++) {
        samples[i] = 4 - i;
    }
    interval = median_interval(samples, 4);
    assert_true(interval.median == 2.5 && interval.low == 1 && interval.high == 4);
    interval = median_interval(samples, 1);
    assert_true(interval.median == 1 && interval.low == 1 && interval.high == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_noise_is_not_reported),
        cmocka_unit_test(test_slowdown_is_found),
        cmocka_unit_test(test_noise_does_not_excuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
