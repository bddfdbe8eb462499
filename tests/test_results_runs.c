/* Sweeps have many arms of few patients: what a batch of them is written as at once is what each would be written as alone. */
#include "check.h"

#include "app/results/hdf.h"
#include "app/results/results.h"
#include "app/study/study_read.h"

#include <unistd.h>

static const char text[] =
    "title: t\nmodels: [perez-ruixo-2021, otto-2021]\nseed: 1\npatients: {count: 3}\n"
    "sweep: {design: random, points: 40, weight: {uniform: {min: 50 kg, max: 90 kg}},\n"
    "  over: {uniform: {min: 20 min, max: 80 min}}}\n"
    "arms: [{name: a, regimen: [{route: iv, dose: 0.5 mg/kg, over: 40 min, every: 8 h, times: 2}]}]\n"
    "observe: {to: 24 h, every: 30 min}\nexposure: {metrics: [cmax, auc_tau, half_life], per: [profile, "
    "interval]}\n"
    "output: {store: [profiles, exposure, quantiles], quantile_method: exact}\n";

static const struct provenance provenance = {"1.2.3", "abcdef", "6.4.1", "1.10.8", "cc 1", "pdp11"};

static int take_one_by_one(void *results, const struct simulated *patients, int count)
{
    for (int i = 0; i < count; i++) {
        if (results_take(results, &patients[i], 1)) {
            return -1;
        }
    }
    return 0;
}

static void run(const struct study *study, const char *path,
                int (*take)(void *payload, const struct simulated *patients, int count))
{
    struct diagnostics d;
    struct sweep_report report;
    diagnostics_init(&d);
    struct results *results = results_create(path, true, study, &provenance, &d);
    assert_no_errors(&d);
    const struct sink sink = {
        .payload = results, .take = take, .wanted = results_wanted, .block_done = results_block_done};
    sweep_run(study, 1, &sink, &report, &d);
    report.seconds = 0;
    assert_no_errors(&d);
    assert_int_equal(results_finish(results, &report, &d), 0);
    struct hdf *file = hdf_open(path, true, &d);
    assert_non_null(file);
    assert_int_equal(hdf_set_text(file, NULL, "run_started", "2000-01-01T00:00:00Z", &d), 0);
    assert_int_equal(hdf_close(file, &d), 0);
    diagnostics_clear(&d);
}

static void test_runs(void **state)
{
    static const char batches[] = BINARY_DIR "/test_results_runs_batches.h5";
    static const char singles[] = BINARY_DIR "/test_results_runs_singles.h5";
    struct study study;
    struct diagnostics d;
    int64_t place = 0;
    int bytes[2];
    (void)state;
    diagnostics_init(&d);
    study_parse(&study, "study", text, strlen(text), NULL, 0, &d);
    assert_no_errors(&d);
    assert_int_equal(study.arm_count, 80);
    run(&study, batches, results_take);
    run(&study, singles, take_one_by_one);
    FILE *files[2] = {fopen(batches, "rb"), fopen(singles, "rb")};
    assert_true(files[0] && files[1]);
    do {
        for (int i = 0; i < 2; i++) {
            bytes[i] = getc(files[i]);
        }
        if (bytes[0] != bytes[1]) {
            print_error("the files differ at byte %lld\n", (long long)place);
        }
        assert_int_equal(bytes[0], bytes[1]);
        place++;
    } while (bytes[0] != EOF);
    for (int i = 0; i < 2; i++) {
        fclose(files[i]);
    }
    unlink(batches);
    unlink(singles);
    study_clear(&study);
    diagnostics_clear(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_runs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
