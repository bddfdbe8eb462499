/* Blocks of patients: what is left out is left out, and nobody else notices. */
#include "check.h"

#include "simulate.h"

#define STUDY                                                                                                \
    "{title: t, model: perez-ruixo-2021, seed: 7, patients: {count: 150},\n"                                 \
    "arms: [{name: low, regimen: [{route: intranasal, dose: 28 mg}]},\n"                                     \
    "       {name: high, regimen: [{route: intranasal, dose: 84 mg}]}],\n"                                   \
    "observe: {to: 4 h, every: 30 min}}\n"

enum { PEOPLE = 300, TIMES = 9, BLOCKS_MAX = 64 };

struct chosen {
    const struct study *study;
    int every;            /* one block of so many is wanted */
    int refused;          /* the block after which the run is stopped, -1: none */
    int done[BLOCKS_MAX]; /* calls of block_done */
    struct solver_work work[BLOCKS_MAX];
    int taken[PEOPLE];            /* calls of take */
    double levels[PEOPLE][TIMES]; /* of the first analyte */
};

static int take(void *payload, const struct simulated *patients, int count)
{
    struct chosen *chosen = payload;
    for (int i = 0; i < count; i++) {
        const int64_t number = patients[i].arm * chosen->study->patient_count + patients[i].patient;
        chosen->taken[number]++;
        memcpy(chosen->levels[number], patients[i].levels[0], sizeof(chosen->levels[number]));
        assert_int_equal(chosen->done[number / sweep_block_lanes(chosen->study)], 0);
    }
    return 0;
}

static bool wanted(void *payload, int64_t block)
{
    const struct chosen *chosen = payload;
    return block % chosen->every == 0;
}

static int block_done(void *payload, int64_t block, const struct solver_work *work)
{
    struct chosen *chosen = payload;
    chosen->done[block]++;
    chosen->work[block] = *work;
    return block == chosen->refused ? -1 : 0;
}

static int run(const struct study *study, struct chosen *chosen, int threads, struct sweep_report *report,
               struct diagnostics *d)
{
    const struct sink sink = {.payload = chosen, .take = take, .wanted = wanted, .block_done = block_done};
    chosen->study = study;
    return sweep_run(study, threads, &sink, report, d);
}

static void test_a_block_is_left_out(void **state)
{
    static struct chosen all = {.every = 1, .refused = -1};
    static struct chosen some = {.every = 2, .refused = -1};
    struct study study;
    struct sweep_report report;
    struct diagnostics d;
    (void)state;
    diagnostics_init(&d);
    assert_int_equal(study_parse(&study, "study", STUDY, strlen(STUDY), NULL, 0, &d), 0);
    const int lanes = sweep_block_lanes(&study);
    const int64_t blocks = sweep_block_count(&study);
    assert_true(lanes > 1 && blocks > 2 && blocks <= BLOCKS_MAX);
    assert_true((blocks - 1) * lanes < PEOPLE && blocks * lanes >= PEOPLE);

    assert_int_equal(run(&study, &all, 1, &report, &d), 0);
    assert_int_equal(report.finished, PEOPLE);
    assert_int_equal(report.left_out, 0);
    int64_t steps = 0;
    int64_t batches = 0;
    for (int b = 0; b < blocks; b++) {
        steps += all.work[b].steps;
        batches += all.work[b].batches;
    }
    assert_int_equal(steps, report.steps);
    assert_int_equal(batches, report.batches);
    assert_int_equal(run(&study, &some, 3, &report, &d), 0);
    int64_t finished = 0;
    for (int i = 0; i < PEOPLE; i++) {
        const bool of_wanted = i / lanes % 2 == 0;
        assert_int_equal(all.taken[i], 1);
        assert_int_equal(some.taken[i], of_wanted);
        finished += of_wanted;
        if (of_wanted) {
            assert_memory_equal(some.levels[i], all.levels[i], sizeof(all.levels[i]));
        }
    }
    for (int b = 0; b < blocks; b++) {
        assert_int_equal(all.done[b], 1);
        assert_int_equal(some.done[b], b % 2 == 0);
        assert_int_equal(some.work[b].steps, b % 2 == 0 ? all.work[b].steps : 0);
    }
    assert_int_equal(report.finished, finished);
    assert_int_equal(report.left_out, PEOPLE - finished);
    study_clear(&study);
    diagnostics_clear(&d);
}

static void test_the_run_stops_after_a_block(void **state)
{
    static struct chosen chosen = {.every = 1, .refused = 1};
    struct study study;
    struct sweep_report report;
    struct diagnostics d;
    (void)state;
    diagnostics_init(&d);
    assert_int_equal(study_parse(&study, "study", STUDY, strlen(STUDY), NULL, 0, &d), 0);
    const int lanes = sweep_block_lanes(&study);
    assert_int_equal(run(&study, &chosen, 1, &report, &d), -1);
    assert_int_equal(report.finished, 2 * lanes);
    assert_int_equal(chosen.done[2], 0);
    assert_int_equal(chosen.taken[2 * lanes], 0);
    study_clear(&study);
    diagnostics_clear(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_block_is_left_out),
        cmocka_unit_test(test_the_run_stops_after_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
