/* Quantiles of a study from counts: threads, blocks, what is saved and read back. */
#include "check.h"

#include "simulate.h"

#include "app/base/statistics.h"
#include "app/results/quantile_counts.h"

#include <errno.h>
#include <unistd.h>

#define STUDY                                                                                                \
    "{title: t, models: [perez-ruixo-2021, domino-1982], seed: %d, patients: {count: 150, covariates: "      \
    "{weight: 70 kg}},\n"                                                                                    \
    "racemate: halve, arms: [{name: low, regimen: [{route: iv, dose: 28 mg, drug: racemate, over: 40 "       \
    "min}]}],\n"                                                                                             \
    "observe: {to: 4 h, every: 30 min},\n"                                                                   \
    "output: {store: [quantiles], quantile_method: streaming}}\n"

enum { FILE_MAX = 4 << 20 };

struct run {
    struct study study;
    struct quantile_plan plan;
    struct quantile_counts *counts;
    struct diagnostics d;
    int64_t first, end; /* blocks that are simulated */
};

static int take(void *payload, const struct simulated *patients, int count)
{
    struct run *run = payload;
    return quantile_counts_take(run->counts, patients, count);
}

static bool wanted(void *payload, int64_t block)
{
    struct run *run = payload;
    return block >= run->first && block < run->end && !quantile_counts_has(run->counts, block);
}

static int block_done(void *payload, int64_t block, const struct solver_work *work)
{
    struct run *run = payload;
    (void)work;
    return quantile_counts_block_done(run->counts, block);
}

static void run_create(struct run *run, int seed)
{
    char text[1024];

    *run = (struct run){.end = INT64_MAX};
    diagnostics_init(&run->d);
    snprintf(text, sizeof(text), STUDY, seed);
    study_parse(&run->study, "study", text, strlen(text), NULL, 0, &run->d);
    assert_no_errors(&run->d);
    assert_int_equal(quantile_plan(&run->plan, &run->study, &run->d), 0);
    assert_true(run->plan.wanted && run->plan.streaming);
    run->counts = quantile_counts_create(&run->study, &run->plan, &run->d);
    assert_non_null(run->counts);
}

static void run_blocks(struct run *run, int threads, int64_t first, int64_t end)
{
    const struct sink sink = {.payload = run, .take = take, .wanted = wanted, .block_done = block_done};
    struct sweep_report report;

    run->first = first;
    run->end = end;
    assert_int_equal(sweep_run(&run->study, threads, &sink, &report, &run->d), 0);
}

static void run_clear(struct run *run)
{
    quantile_counts_free(run->counts);
    study_clear(&run->study);
    diagnostics_clear(&run->d);
}

/* The counts as a file has them: malloc'ed. */
static char *written(struct run *run, size_t *size)
{
    char *bytes = NULL;
    FILE *file = open_memstream(&bytes, size);

    assert_non_null(file);
    assert_int_equal(quantile_counts_write(run->counts, file), 0);
    fclose(file);
    return bytes;
}

static void assert_same_bytes(struct run *a, struct run *b)
{
    size_t sizes[2];
    char *bytes[2] = {written(a, &sizes[0]), written(b, &sizes[1])};

    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
}

/* Against the exact quantiles of the levels themselves, and the same bytes from 1, 2 and 7 threads. */
static void test_exact_within_the_bound(void **state)
{
    struct simulation s;
    struct run one, other;
    char text[1024];
    double column[150], exact[8], found[8];
    size_t compared = 0;

    (void)state;
    snprintf(text, sizeof(text), STUDY, 7);
    simulate(&s, text, NULL, 1);
    run_create(&one, 7);
    run_blocks(&one, 1, 0, INT64_MAX);
    assert_close(quantile_counts_error(one.counts), 1.0 / 1024, 0, 0);
    for (int arm = 0; arm < s.study.arm_count; arm++) {
        for (int a = 0; a < s.study.analyte_count; a++) {
            for (int t = 0; t < s.study.time_count; t++) {
                int64_t count = 0;
                for (int64_t p = 0; p < s.study.patient_count; p++) {
                    column[count] = simulation_levels(&s, arm, p, a)[t];
                    count += !isnan(column[count]);
                }
                quantiles_compute(column, count, s.study.quantiles, s.study.quantile_count, exact);
                quantile_counts_find(one.counts, arm, a, t, found);
                for (int q = 0; q < s.study.quantile_count; q++, compared++) {
                    assert_true(isnan(exact[q]) == isnan(found[q])); /* what a model has none of */
                    if (!isnan(exact[q])) {
                        assert_close(found[q], exact[q], 1.0 / 1024, 1e-19);
                    }
                }
            }
        }
    }
    assert_true(compared > 2 * 2 * 9 * 5 - 1);
    for (int threads = 2; threads <= 7; threads += 5) {
        run_create(&other, 7);
        run_blocks(&other, threads, 0, INT64_MAX);
        assert_same_bytes(&one, &other);
        run_clear(&other);
    }
    run_clear(&one);
    simulation_clear(&s);
}

/* A block that ends in the middle is not in the counts, and a block that comes again is not counted again. */
static void test_blocks_enter_whole_and_once(void **state)
{
    struct run one, other;
    const double levels[2][9] = {{1, 2, 3}, {4, 5, 6}};
    const double *const rows[] = {levels[0], levels[1], NULL}; /* of each analyte of the study */
    const struct simulated patient = {.status = PATIENT_SIMULATED, .levels = rows};

    (void)state;
    run_create(&one, 7);
    run_create(&other, 7);
    assert_int_equal(quantile_counts_take(other.counts, &patient, 1), 0);
    assert_false(quantile_counts_has(other.counts, 0));
    assert_same_bytes(&one, &other);

    run_blocks(&one, 2, 0, INT64_MAX);
    run_clear(&other);
    run_create(&other, 7);
    run_blocks(&other, 2, 0, INT64_MAX);
    assert_true(quantile_counts_has(other.counts, 0));
    assert_int_equal(quantile_counts_take(other.counts, &patient, 1), 0);
    assert_int_equal(quantile_counts_block_done(other.counts, 0), 0);
    assert_same_bytes(&one, &other);
    run_clear(&one);
    run_clear(&other);
}

/* Saved in the middle, read back and finished; and the same of two processes that did half each. */
static void test_parts_make_the_whole(void **state)
{
    char path[] = "/tmp/ketsim-counts-XXXXXX";
    char fresh[64];
    struct run whole, first, second;
    size_t size;

    (void)state;
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    run_create(&whole, 7);
    run_blocks(&whole, 1, 0, INT64_MAX);

    run_create(&first, 7);
    run_blocks(&first, 1, 1, 3);
    assert_int_equal(quantile_counts_save(first.counts, path), 0);
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    assert_int_equal(access(fresh, F_OK), -1);
    run_create(&second, 7);
    assert_int_equal(quantile_counts_load(second.counts, path, &second.d), 0);
    assert_true(quantile_counts_has(second.counts, 1) && !quantile_counts_has(second.counts, 3));
    run_blocks(&second, 2, 0, INT64_MAX);
    assert_same_bytes(&whole, &second);

    run_clear(&second);
    run_create(&second, 7);
    run_blocks(&second, 1, 0, 1);
    run_blocks(&second, 1, 3, INT64_MAX);
    char *bytes = written(&second, &size);
    FILE *file = fmemopen(bytes, size, "rb");
    assert_int_equal(quantile_counts_read(first.counts, file, "rank 1", &first.d), 0);
    fclose(file);
    assert_same_bytes(&whole, &first);

    file = fmemopen(bytes, size, "rb");
    assert_int_equal(quantile_counts_read(first.counts, file, "rank 1", &first.d), -1);
    fclose(file);
    assert_told(&first.d,
                "rank 1: error: the counts for the quantiles have blocks that were counted already");
    assert_same_bytes(&whole, &first);
    free(bytes);
    run_clear(&whole);
    run_clear(&first);
    run_clear(&second);
    unlink(path);
}

/* Torn at any byte, or with any byte changed, it is refused, and nothing of it is added. */
static void test_damage_is_refused(void **state)
{
    struct run run, empty;
    size_t size;
    size_t step;

    (void)state;
    run_create(&run, 7);
    run_blocks(&run, 1, 0, 1);
    run_create(&empty, 7);
    char *bytes = written(&run, &size);
    assert_true(size < FILE_MAX);
    for (size_t end = 0; end < size; end += step) {
        step = end < 4000 || end > size - 200 ? 1 : 9973;
        FILE *file = fmemopen(bytes, end > 0 ? end : 1, "rb");
        if (end == 0) {
            fgetc(file);
        }
        const int errors = empty.d.errors;
        assert_int_equal(quantile_counts_read(empty.counts, file, "torn", &empty.d), -1);
        assert_int_equal(empty.d.errors, errors + 1);
        fclose(file);
        bytes[end] ^= 4;
        file = fmemopen(bytes, size, "rb");
        assert_int_equal(quantile_counts_read(empty.counts, file, "changed", &empty.d), -1);
        fclose(file);
        bytes[end] ^= 4;
    }
    assert_told(&empty.d, "torn: error: the counts for the quantiles are damaged; they cannot be used");
    assert_told(&empty.d, "changed: error: the counts for the quantiles are damaged; they cannot be used");
    assert_false(quantile_counts_has(empty.counts, 0));
    FILE *file = fmemopen(bytes, size, "rb");
    assert_int_equal(quantile_counts_read(empty.counts, file, "whole", &empty.d), 0);
    fclose(file);
    assert_same_bytes(&run, &empty);
    free(bytes);
    run_clear(&run);
    run_clear(&empty);
}

static void test_files_that_do_not_fit(void **state)
{
    struct run run, other;
    size_t size;

    (void)state;
    run_create(&run, 7);
    run_create(&other, 8);
    char *bytes = written(&run, &size);
    FILE *file = fmemopen(bytes, size, "rb");
    assert_int_equal(quantile_counts_read(other.counts, file, "old", &other.d), -1);
    assert_told(&other.d, "old: error: the counts for the quantiles are of another study");
    fclose(file);
    free(bytes);
    assert_int_equal(quantile_counts_load(run.counts, "/nonexistent/counts", &run.d), -1);
    assert_told(&run.d, "/nonexistent/counts: error: cannot be read: No such file or directory");
    assert_int_equal(quantile_counts_save(run.counts, "/nonexistent/counts"), ENOENT);
    run_clear(&run);
    run_clear(&other);
}

/* --- Which way --- */

static struct quantile_plan planned(const char *text, struct diagnostics *d)
{
    struct study study = {0};
    struct quantile_plan plan;

    study_parse(&study, "study", text, strlen(text), NULL, 0, d);
    assert_no_errors(d);
    quantile_plan(&plan, &study, d);
    study_clear(&study);
    return plan;
}

#define LARGE(count, every, output)                                                                          \
    "{title: t, model: perez-ruixo-2021, seed: 1, patients: {count: " count "},\n"                           \
    "arms: [{name: low, regimen: [{route: intranasal, dose: 28 mg}]}],\n"                                    \
    "observe: {to: 24 h, every: " every "}, output: {" output "}}\n"

static void test_the_study_decides(void **state)
{
    struct diagnostics d;
    struct quantile_plan plan;

    (void)state;
    diagnostics_init(&d);
    /* 2 analytes x 289 times x 8 bytes: 58,051 patients in 268,435,456 bytes */
    plan = planned(LARGE("58051", "5 min", "store: [quantiles]"), &d);
    assert_true(plan.wanted && !plan.streaming);
    assert_close(plan.level_bytes, 58051.0 * 2 * 289 * 8, 0, 0);
    plan = planned(LARGE("58053", "5 min", "store: [quantiles]"), &d);
    assert_true(plan.streaming);
    assert_int_equal(plan.bits, 10);
    plan = planned(LARGE("58053", "5 min", "store: [quantiles], precision: float32"), &d);
    assert_false(plan.streaming);
    plan = planned(LARGE("1000000", "5 min", "store: [profiles, quantiles]"), &d);
    assert_true(!plan.streaming && plan.level_bytes == 0);
    plan = planned(LARGE("1000000", "5 min", "store: [quantiles], quantile_method: exact"), &d);
    assert_false(plan.streaming);
    plan = planned(LARGE("10", "5 min", "store: [profiles, quantiles], quantile_method: streaming"), &d);
    assert_true(plan.streaming);
    plan = planned(LARGE("10", "5 min", "store: [profiles, exposure], quantile_method: streaming"), &d);
    assert_false(plan.wanted);
    plan = planned(LARGE("1000000", "10 s", "store: [quantiles]"), &d);
    assert_true(plan.streaming && plan.bits == 8);
    assert_no_errors(&d);
    planned(LARGE("1000000", "5 s", "store: [quantiles]"), &d);
    assert_told(
        &d, "streaming quantiles of 1 arm x 2 analytes x 17281 times need about 496 MB of counts, and 268 MB "
            "is the most; take fewer arms or times");
    assert_told(&d, "or take `quantile_method: exact`, which keeps 2.76e+05 MB of levels on the disk");
    diagnostics_clear(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_within_the_bound), cmocka_unit_test(test_blocks_enter_whole_and_once),
        cmocka_unit_test(test_parts_make_the_whole),   cmocka_unit_test(test_damage_is_refused),
        cmocka_unit_test(test_files_that_do_not_fit),  cmocka_unit_test(test_the_study_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
