/* The search for candidates whose probabilities keep to bounds, against trying all of them. */
#include "check.h"

#include "solver/threshold_search.h"

#include <math.h>

enum { BOUNDS = 2 };

/* Events of a made-up population: bound 0 happens the more often the larger the candidate, bound 1 too, but later. */
struct population {
    int64_t trials;
    double centers[BOUNDS];
    double width;
    int waves; /* over the candidates; 0: even */
    int runs;
    int64_t asked;
    int fail_at; /* the run that gives up, -1: none */
};

static int64_t count_of(const struct population *p, int64_t candidate, int bound)
{
    double z = ((double)candidate - p->centers[bound]) / p->width;
    double probability = 1 / (1 + exp(-z));
    if (p->waves && bound == 1) {
        probability = 0.5 + 0.4 * sin((double)candidate / 7);
    }
    return llround(probability * (double)p->trials);
}

static int run(void *payload, const int64_t *candidates, int count, int64_t *counts)
{
    struct population *p = payload;
    if (p->runs++ == p->fail_at) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        assert_true(i == 0 || candidates[i] > candidates[i - 1]);
        for (int b = 0; b < BOUNDS; b++) {
            counts[i * BOUNDS + b] = count_of(p, candidates[i], b);
        }
    }
    p->asked += count;
    return 0;
}

static bool keeps(const struct probability_bound *bound, double p)
{
    return bound->at_most ? p <= bound->probability : p >= bound->probability;
}

/* side 0: the estimate; 1: the end of the interval on the wrong side; 2: on the right side. */
static bool is_met(const struct population *p, const struct probability_bound *bounds, int64_t candidate,
                   int side)
{
    for (int b = 0; b < BOUNDS; b++) {
        const struct probability x = probability_of(count_of(p, candidate, b), p->trials);
        const double strict = bounds[b].at_most ? x.upper : x.lower;
        const double mild = bounds[b].at_most ? x.lower : x.upper;
        if (!keeps(&bounds[b], side == 0 ? x.value : side == 1 ? strict : mild)) {
            return false;
        }
    }
    return true;
}

static void check_window(const struct population *p, const struct probability_bound *bounds, int64_t last,
                         int side, struct candidates found)
{
    int64_t first = last + 1;
    int64_t end = -1;
    for (int64_t k = 0; k <= last; k++) {
        if (is_met(p, bounds, k, side)) {
            first = k < first ? k : first;
            end = k;
        }
    }
    if (end < 0) {
        assert_true(found.last < found.first);
    } else {
        assert_int_equal(found.first, first);
        assert_int_equal(found.last, end);
    }
}

static void test_windows_are_those_of_all_candidates(void **state)
{
    static const int64_t lasts[] = {0, 1, 5, 16, 17, 100, 999, 12345};
    static const double centers[][BOUNDS] = {{0.2, 0.7}, {0.7, 0.2}, {0.5, 0.5},
                                             {-1, 2},    {2, -1},    {0.01, 0.99}};
    static const struct probability_bound bounds[][BOUNDS] = {
        {{true, 0.05}, {true, 0.3}},   {{true, 0.5}, {false, 0.01}}, {{false, 0.9}, {true, 0.2}},
        {{false, 0.5}, {false, 0.99}}, {{true, 0}, {false, 1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(lasts) / sizeof(lasts[0]); i++) {
        for (size_t c = 0; c < sizeof(centers) / sizeof(centers[0]); c++) {
            for (size_t k = 0; k < sizeof(bounds) / sizeof(bounds[0]); k++) {
                const double n = (double)lasts[i] + 1;
                struct population p = {.trials = 200,
                                       .centers = {centers[c][0] * n, centers[c][1] * n},
                                       .width = 0.02 * n + 1,
                                       .fail_at = -1};
                const struct experiment experiment = {&p, run};
                struct threshold_search s;
                assert_int_equal(threshold_search(&s, &experiment, lasts[i], bounds[k], BOUNDS, p.trials), 0);
                check_window(&p, bounds[k], lasts[i], 0, s.all);
                check_window(&p, bounds[k], lasts[i], 1, s.sure);
                check_window(&p, bounds[k], lasts[i], 2, s.open);
                assert_int_equal(s.uneven, -1);
                assert_int_equal(p.asked, s.tried_count);
                assert_true(p.asked <= 300);
                for (int64_t t = 0; t < s.tried_count; t++) {
                    assert_true(t == 0 || s.tried[t] > s.tried[t - 1]);
                    assert_int_equal(threshold_search_counts(&s, s.tried[t])[1], count_of(&p, s.tried[t], 1));
                }
                threshold_search_clear(&s);
            }
        }
    }
}

static void test_what_goes_up_and_down(void **state)
{
    static const struct probability_bound bounds[BOUNDS] = {{true, 0.5}, {true, 0.7}};
    struct population p = {.trials = 500, .centers = {60, 0}, .width = 10, .waves = 1, .fail_at = -1};
    const struct experiment experiment = {&p, run};
    struct threshold_search s;
    (void)state;

    assert_int_equal(threshold_search(&s, &experiment, 255, bounds, BOUNDS, p.trials), 0);
    assert_int_equal(s.uneven, 1);
    assert_int_equal(s.tried_count, 256); /* all of them */
    for (int64_t k = s.all.first; k <= s.all.last; k++) {
        assert_true(is_met(&p, bounds, k, 0));
    }
    assert_true(s.met[1].last - s.met[1].first >= 25); /* most of a wave of 2 pi 7 */
    /* Bound 0 is kept by the first 60 alone, and the longest run of bound 1 may lie elsewhere. */
    int64_t longest = 0;
    int64_t length = 0;
    for (int64_t k = 0; k < 256; k++) {
        length = is_met(&p, bounds, k, 0) ? length + 1 : 0;
        longest = length > longest ? length : longest;
    }
    assert_true(longest > 0);
    assert_int_equal(s.all.last - s.all.first + 1, longest);
    assert_false(keeps(&bounds[1], (double)count_of(&p, s.met[1].last + 1, 1) / 500));
    threshold_search_clear(&s);

    assert_int_equal(threshold_search(&s, &experiment, 256, bounds, BOUNDS, p.trials), 1);
    assert_int_equal(s.uneven, 1);
    threshold_search_clear(&s);
}

static void test_an_experiment_gives_up(void **state)
{
    static const struct probability_bound bounds[BOUNDS] = {{true, 0.5}, {true, 0.7}};
    (void)state;
    for (int at = 0; at < 3; at++) {
        struct population p = {.trials = 500, .centers = {600, 300}, .width = 10, .fail_at = at};
        const struct experiment experiment = {&p, run};
        struct threshold_search s;
        assert_int_equal(threshold_search(&s, &experiment, 1000, bounds, BOUNDS, p.trials), -1);
        assert_int_equal(p.runs, at + 1);
        threshold_search_clear(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows_are_those_of_all_candidates),
        cmocka_unit_test(test_what_goes_up_and_down),
        cmocka_unit_test(test_an_experiment_gives_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
