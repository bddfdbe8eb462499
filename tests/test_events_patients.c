/* Many patients of an event table: whoever they share a batch or a thread with, and whatever their own parameters are. */
#include "check.h"

#include "closed_form.h"
#include "event_run.h"

#include <time.h>

static const char varied[] = "model: varied\n"
                             "title: t\n"
                             "citation: none\n"
                             "drug: other\n"
                             "sampling: unstated\n"
                             "parameters:\n"
                             "  CL: {typical: 1.1, unit: L/h, variability: {lognormal: {cv: 30 %}}}\n"
                             "  V: {typical: 20, unit: L, variability: {lognormal: {cv: 20 %}}}\n"
                             "  F2: {typical: 0.6, variability: {logit: {sd: 0.5}}}\n"
                             "  ALAG2: {typical: 2, unit: h, variability: {lognormal: {cv: 60 %}}}\n"
                             "  D2: {typical: 3, unit: h, variability: {lognormal: {cv: 40 %}}}\n"
                             "compartments: [depot, central]\n"
                             "flows:\n"
                             "  - {from: depot, to: central, rate: \"1.5\"}\n"
                             "  - {from: central, rate: CL/V}\n"
                             "routes: {iv: {inputs: [{to: central}]}}\n"
                             "doses: {central: {fraction: F2, lag: ALAG2, over: D2}}\n"
                             "outputs: {ketamine: {amount: central, volume: V}}\n";

/* Rows of `patients` patients, the same of all but for the number in front. The caller frees it. */
static char *table_of(const char *header, int patients, const char *const *rows)
{
    size_t size = strlen(header) + 1;
    for (int i = 0; rows[i]; i++) {
        size += (strlen(rows[i]) + 16) * (size_t)patients;
    }
    char *text = malloc(size);
    assert_non_null(text);
    size_t used = (size_t)snprintf(text, size, "%s", header);
    for (int p = 1; p <= patients; p++) {
        for (int i = 0; rows[i]; i++) {
            used += (size_t)snprintf(text + used, size - used, "%d,%s\n", p, rows[i]);
        }
    }
    return text;
}

static void run(struct event_run *r, const struct event_input *input)
{
    const bool ran = event_run(r, input);
    assert_no_errors(&r->d);
    assert_true(ran);
    assert_int_equal(r->report.failed, 0);
}

#define HEADER "ID,TIME,EVID,AMT,RATE,CMT,ADDL,II,SS\n"
#define STUDY "title: t\nmodel: model.yaml\nseed: 5\n"

static const char *const rows_apart[] = {
    "0,1,100,0,2,2,10,0", "1,0,0,0,0,0,0,0",     "4,1,50,-2,2,1,8,0", "6,0,0,0,0,0,0,0",  "12,0,0,0,0,0,0,0",
    "24,0,0,0,0,0,0,0",   "30,1,80,-2,2,0,12,1", "33,0,0,0,0,0,0,0",  "40,0,0,0,0,0,0,0", NULL};

enum { PATIENTS = 70, ROWS = 9 };

/* What a patient should have, from the parameters that the result says that it has. */
static void check_patient(const struct event_run *r, int64_t patient, double relative)
{
    const int64_t first = patient * ROWS;
    const double f = event_run_parameter(r, 0, first, "F2");
    const double lag = event_run_parameter(r, 0, first, "ALAG2");
    const double over = event_run_parameter(r, 0, first, "D2");
    const double v = event_run_parameter(r, 0, first, "V");
    const struct oral_model m = {1.5L, event_run_parameter(r, 0, first, "CL") / v, v};
    const struct train before[] = {{lag, 2, 100 * f, .every = 10, .more = 2},
                                   {4 + lag, 2, 50 * f, over, .every = 8, .more = 1}};
    const struct train after = {30 + lag, 2, 80 * f, over, .every = 12, .forever = true};
    for (int row = 0; row < ROWS; row++) {
        const double time = r->study.events->events[first + row].time;
        const long double expected = time < 30
                                         ? oral_level(&m, &before[0], time) + oral_level(&m, &before[1], time)
                                         : oral_level(&m, &after, time);
        assert_close(event_run_level(r, 0, first + row), (double)expected, relative, 1e-6);
    }
}

static void test_own_timetables(void **state)
{
    char *table = table_of(HEADER, PATIENTS, rows_apart);
    (void)state;
    for (int i = 0; i < integrator_count; i++) {
        struct event_run r;
        const struct event_input input = {varied, table, STUDY, true, integrators[i].name, 2};
        double least = INFINITY;
        double most = 0;
        run(&r, &input);
        for (int64_t p = 0; p < PATIENTS; p++) {
            check_patient(&r, p, integrators[i].only_linear ? 1e-11 : 2e-6);
            least = fmin(least, event_run_parameter(&r, 0, p * ROWS, "ALAG2"));
            most = fmax(most, event_run_parameter(&r, 0, p * ROWS, "ALAG2"));
        }
        assert_true(most > 4 * least);
        event_run_clear(&r);
    }
    free(table);
}

static void test_threads(void **state)
{
    static const int threads[] = {2, 7};
    char *table = table_of(HEADER, 150, rows_apart);
    (void)state;
    for (int i = 0; i < integrator_count; i++) {
        struct event_run one;
        struct event_input input = {varied, table, STUDY, true, integrators[i].name, 1};
        run(&one, &input);
        const size_t size = 150 * ROWS * sizeof(double);
        for (int t = 0; t < 2; t++) {
            struct event_run more;
            input.threads = threads[t];
            run(&more, &input);
            assert_memory_equal(more.levels, one.levels, size);
            assert_memory_equal(more.parameters, one.parameters, size * MODEL_PARAMETERS_MAX);
            event_run_clear(&more);
        }
        event_run_clear(&one);
    }
    free(table);
}

/* Patients who differ in amounts and parameters only are solved together, and none is changed by that beyond the
 * tolerance: each is also solved alone. */
static void test_shared_batches(void **state)
{
    static const char *const rows[] = {"0,1,100,20,1,2,12,0", "3,0,0,0,0,0,0,0",  "12,0,0,0,0,0,0,0",
                                       "30,1,40,0,1,0,6,2",   "41,0,0,0,0,0,0,0", NULL};
    char *table = table_of(HEADER, PATIENTS, rows);
    struct event_run all;
    struct event_input input = {varied, table, STUDY, true, "cvode", 2};
    double most = 0;
    (void)state;
    run(&all, &input);
    assert_true(all.report.batches <= 2);
    for (int p = 0; p < PATIENTS; p += 7) {
        char alone[512];
        int used = snprintf(alone, sizeof(alone), HEADER);
        for (int i = 0; rows[i]; i++) {
            used += snprintf(alone + used, sizeof(alone) - (size_t)used, "%d,%s\n", p + 1, rows[i]);
        }
        struct event_run one;
        input.table = alone;
        run(&one, &input);
        for (int row = 0; row < 5; row++) {
            const double level = event_run_level(&one, 0, row);
            assert_close(event_run_level(&all, 0, p * 5 + row), level, 2e-6, 1e-6);
            most = fmax(most, fabs(event_run_level(&all, 0, p * 5 + row) / level - 1));
        }
        assert_close(event_run_parameter(&one, 0, 0, "CL"), event_run_parameter(&all, 0, p * 5, "CL"), 0, 0);
        event_run_clear(&one);
    }
    print_message("whom a patient shares a batch with makes %.1g of the level at most\n", most);
    event_run_clear(&all);
    free(table);
}

/* Keeps what an assay would report of the first analyte of the last patient. */
struct reported {
    double observed[3];
    int64_t patient;
};

static int take_reported(void *payload, const struct simulated *patients, int count)
{
    struct reported *reported = payload;
    for (int i = 0; i < count; i++) {
        if (patients[i].patient == reported->patient) {
            memcpy(reported->observed, patients[i].observed[0], sizeof(reported->observed));
        }
    }
    return 0;
}

/* A patient's draws follow the ID, whoever else is in the table: random effects and residual errors alike. */
static void test_draws_follow_the_id(void **state)
{
    static const char *const tables[] = {
        "ID,TIME,EVID,AMT,CMT\n1,0,1,50,2\n1,3,0,.,.\n1,5,0,.,.\n7,0,1,80,2\n7,4,0,.,.\n7,9,0,.,.\n",
        "ID,TIME,EVID,AMT,CMT\n7,0,1,80,2\n7,4,0,.,.\n7,9,0,.,.\n",
        "ID,TIME,EVID,AMT,CMT\n8,0,1,80,2\n8,4,0,.,.\n8,9,0,.,.\n"};
    struct reported reported[3] = {{.patient = 1}, {.patient = 0}, {.patient = 0}};
    char model[sizeof(varied) + 128];
    (void)state;
    const int kept = (int)(strstr(varied, ", volume: V}") - varied);
    snprintf(model, sizeof(model), "%.*s, volume: V, residual: {proportional: {sd: 20 %%}}}}\n", kept,
             varied);
    for (int i = 0; i < 3; i++) {
        struct event_run r;
        const struct event_input input = {
            model, tables[i], STUDY "output: {store: [profiles, observations]}\n", true, "exact", 1};
        const struct sink sink = {.payload = &reported[i], .take = take_reported};
        event_run_read(&r, &input);
        assert_no_errors(&r.d);
        assert_int_equal(sweep_run(&r.study, 1, &sink, &r.report, &r.d), 0);
        event_run_clear(&r);
    }
    assert_true(reported[0].observed[1] > 0);
    assert_memory_equal(reported[0].observed, reported[1].observed, sizeof(reported[0].observed));
    for (int row = 1; row < 3; row++) {
        assert_true(reported[2].observed[row] != reported[1].observed[row]);
    }
}

/* A rate that a formula makes 0 is told; with it the dose would never end. */
static void test_a_modeled_rate_must_be_above_0(void **state)
{
    static const char table[] = "ID,TIME,EVID,AMT,RATE,CMT,RM\n1,0,1,50,-1,2,4\n1,3,0,.,.,.,4\n"
                                "12,0,1,50,-1,2,4\n12,3,0,.,.,.,0\n";
    char model[sizeof(varied) + 128];
    struct event_run r;
    (void)state;
    const int kept = (int)(strstr(varied, "parameters:") - varied);
    const int rest = (int)(strstr(varied, "doses:") - varied);
    snprintf(model, sizeof(model),
             "%.*scovariates: {RM: {unit: \"1\", default: 1}}\n%.*sdoses: {central: {rate: 3*RM}}\n%s", kept,
             varied, rest - kept, varied + kept, strstr(varied, "outputs:"));
    const struct event_input input = {model, table, STUDY, false, "exact", 1};
    event_run(&r, &input);
    assert_no_errors(&r.d);
    assert_int_equal(r.report.failed, 1);
    assert_int_equal(r.status[0], PATIENT_SIMULATED);
    assert_int_equal(r.status[1], PATIENT_PARAMETERS);
    assert_string_equal(r.report.failures[0].why.text, "the rate of doses into central is not above 0");
    event_run_clear(&r);
}

/* Reading must not take longer than solving. */
static void test_reading_is_not_what_takes_time(void **state)
{
    const int patients = 100;
    const int rows = 100;
    char *table = malloc(64 * (size_t)(patients * rows) + 64);
    size_t used = (size_t)sprintf(table, HEADER);
    struct event_run r;
    struct timespec begin, end;
    (void)state;
    for (int p = 1; p <= patients; p++) {
        for (int i = 0; i < rows; i++) {
            used +=
                (size_t)(i % 4 == 0 ? sprintf(table + used, "%d,%d,1,%d,20,1,0,0,0\n", p, 6 * i, 50 + p)
                                    : sprintf(table + used, "%d,%g,0,.,.,.,.,.,.\n", p, 6 * i + 0.01 * p));
        }
    }
    const struct event_input input = {varied, table, STUDY, true, "cvode", 1};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    assert_true(event_run_read(&r, &input));
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_int_equal(r.study.events->event_count, patients * rows);
    assert_true(event_run_solve(&r, 1));
    const double reading = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    print_message("10,000 rows of 100 patients: read in %.0f ms, solved in %.0f ms\n", 1000 * reading,
                  1000 * r.report.seconds);
    assert_true(reading < fmax(r.report.seconds, 0.05));
    event_run_clear(&r);
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_timetables),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_shared_batches),
        cmocka_unit_test(test_draws_follow_the_id),
        cmocka_unit_test(test_a_modeled_rate_must_be_above_0),
        cmocka_unit_test(test_reading_is_not_what_takes_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
