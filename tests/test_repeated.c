/* Nothing of one patient, block or run gets into another: a study simulated a hundred times in one process, and its blocks after other
 * blocks than usual, give the same bytes, in memory that does not grow. */
#include "check.h"

#include "simulate.h"

#include <unistd.h>

/* A sanitizer keeps notes of its own on memory: what it sees is then no leak of a run. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GROWTH_MAX (8L << 20)
#endif
#endif
#ifndef GROWTH_MAX
#define GROWTH_MAX (1L << 20) /* bytes */
#endif

enum { PATIENTS = 640, LANES = 64, TIMES = 25, REPETITIONS = 100, SELECTIONS = 20 };

static const char study_text[] = "{title: t, models: [perez-ruixo-2021, otto-2021], seed: 1, racemate: "
                                 "halve, patients: {count: 320, covariates: {weight: "
                                 "70 kg}}, arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 40 min, "
                                 "drug: racemate}]}], observe: {to: 24 h, every: "
                                 "1 h}}";

/* Levels of the first analyte of the blocks that are wanted. */
struct selection {
    bool wanted[PATIENTS / LANES];
    int64_t patients; /* of an arm */
    double levels[PATIENTS][TIMES];
};

static int take(void *payload, const struct simulated *patients, int count)
{
    struct selection *s = payload;
    for (int i = 0; i < count; i++) {
        const int64_t number = patients[i].arm * s->patients + patients[i].patient;
        assert_int_equal(patients[i].status, PATIENT_SIMULATED);
        memcpy(s->levels[number], patients[i].levels[0], sizeof(s->levels[0]));
    }
    return 0;
}

static bool wants(void *payload, int64_t block)
{
    const struct selection *s = payload;
    return s->wanted[block];
}

static void run(struct selection *s, const struct study *study)
{
    const struct sink sink = {.payload = s, .certify = true, .take = take, .wanted = wants};
    struct sweep_report report;
    struct diagnostics d;
    diagnostics_init(&d);
    assert_int_equal(sweep_run(study, 1, &sink, &report, &d), 0);
    diagnostics_clear(&d);
}

static void read_study(struct study *study, struct diagnostics *d)
{
    diagnostics_init(d);
    study_parse(study, "study", study_text, strlen(study_text), NULL, 0, d);
    assert_no_errors(d);
    assert_int_equal(study->time_count, TIMES);
    assert_int_equal(study->arm_count * study->patient_count, PATIENTS);
    assert_int_equal(sweep_block_lanes(study), LANES);
}

/* One thread simulates some of the blocks, each after another one than when it simulates all. */
static void test_order_of_blocks(void **state)
{
    static const char *const methods[] = {"cvode", "exact"};
    static struct selection all, some;
    struct study study;
    struct diagnostics d;
    (void)state;
    read_study(&study, &d);
    for (size_t m = 0; m < 2; m++) {
        study.method = methods[m];
        memset(all.wanted, true, sizeof(all.wanted));
        all.patients = some.patients = study.patient_count;
        run(&all, &study);
        for (unsigned k = 1; k <= SELECTIONS; k++) {
            for (unsigned b = 0; b < PATIENTS / LANES; b++) {
                some.wanted[b] = (k * 2654435761U >> (7 + b)) & 1;
            }
            memset(some.levels, 0, sizeof(some.levels));
            run(&some, &study);
            for (int b = 0; b < PATIENTS / LANES; b++) {
                if (some.wanted[b]) {
                    assert_memory_equal(some.levels[b * LANES], all.levels[b * LANES],
                                        LANES * sizeof(all.levels[0]));
                }
            }
        }
    }
    study_clear(&study);
    diagnostics_clear(&d);
}

/* Pages in use, of /proc. */
static long resident(void)
{
    long size = 0;
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &pages), 2);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void test_hundred_runs(void **state)
{
    struct simulation first;
    long settled = 0;
    (void)state;
    simulate(&first, study_text, "cvode", 2);
    const size_t bytes = (size_t)PATIENTS * (size_t)first.study.analyte_count * TIMES * sizeof(double);
    for (int i = 0; i < REPETITIONS; i++) {
        struct simulation again;
        simulate(&again, study_text, "cvode", 2);
        assert_memory_equal(again.levels, first.levels, bytes);
        simulation_clear(&again);
        settled = i == REPETITIONS / 5 ? resident() : settled;
    }
    const long grown = resident() - settled;
    print_message("%ld kB grew by %ld kB in %d runs\n", settled / 1024, grown / 1024, REPETITIONS * 4 / 5);
    assert_true(grown < GROWTH_MAX);
    simulation_clear(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_blocks),
        cmocka_unit_test(test_hundred_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
