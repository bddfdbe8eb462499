/* Sensitivity as a study asks for it: of a drug in one compartment, whose area is dose / CL, so that all
 * indices are known. */
#include "study_check.h"

#include "app/report/sensitivity_table.h"
#include "app/results/results.h"
#include "solver/sweep.h"

#include <unistd.h>

static const char model_text[] = "model: one\n"
                                 "title: one compartment\n"
                                 "citation: \"none: for a test\"\n"
                                 "drug: other\n"
                                 "sampling: unstated\n"
                                 "population: nobody\n"
                                 "parameters:\n"
                                 "  CL: {typical: 40, unit: L/h, variability: {lognormal: {cv: 50 %}}}\n"
                                 "  V: {typical: 100, unit: L}\n"
                                 "compartments: [body]\n"
                                 "flows:\n"
                                 "  - {from: body, rate: CL/V}\n"
                                 "routes:\n"
                                 "  iv: {inputs: [{to: body}]}\n"
                                 "outputs:\n"
                                 "  drug: {amount: body, volume: V}\n";

#define STUDY(patients, arms, sweep, more)                                                                   \
    "seed: 5\nmodel: one.yaml\npatients: " patients "\narms:\n" arms "sweep: " sweep "\n" more               \
    "observe: {to: 24 h, every: 1 h}\nsolver: {method: exact}\n"                                             \
    "exposure: {metrics: [auc_inf, half_life, tmax], from: solution}\noutput: {store: [exposure]}\n"

#define ONE "  - {name: a, regimen: [{route: iv, dose: 1 mg}]}\n"
#define TWO ONE "  - {name: b, regimen: [{route: iv, dose: 1 mg, over: 1 h}]}\n"
#define AXES                                                                                                 \
    "dose: {uniform: {min: 50 mg, max: 150 mg}}, CL: {uniform: {min: 20 L/h, max: 60 L/h}}, "                \
    "V: {uniform: {min: 90 L, max: 110 L}}}"

struct ran {
    char folder[64];
    char path[96];
    struct study study;
    struct diagnostics d;
    struct result result;
    struct sensitivity_table table;
};

static void put_file(const char *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
}

static void remove_file(const char *folder, const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

/* Runs a study and reads what its result says of sensitivity. */
static void run(struct ran *ran, const char *text, int threads)
{
    static const struct provenance provenance = {
        .version = "1", .revision = "2", .sundials = "3", .hdf5 = "4", .compiler = "5", .arithmetic = "6"};
    struct sweep_report report = {0};
    char study_path[96];

    *ran = (struct ran){.folder = "/tmp/ketsim-sensitivity-XXXXXX"};
    diagnostics_init(&ran->d);
    assert_non_null(mkdtemp(ran->folder));
    put_file(ran->folder, "one.yaml", model_text);
    put_file(ran->folder, "study.yaml", text);
    snprintf(ran->path, sizeof(ran->path), "%s/out.h5", ran->folder);
    snprintf(study_path, sizeof(study_path), "%s/study.yaml", ran->folder);
    study_read(&ran->study, study_path, NULL, 0, &ran->d);
    assert_no_errors(&ran->d);
    struct results *results = results_create(ran->path, false, &ran->study, &provenance, &ran->d);
    assert_no_errors(&ran->d);
    const struct sink sink = {.payload = results, .take = results_take, .block_done = results_block_done};
    assert_int_equal(sweep_run(&ran->study, threads, &sink, &report, &ran->d), 0);
    assert_int_equal(results_finish(results, &report, &ran->d), 0);
    assert_int_equal(result_open(&ran->result, ran->path, &ran->d), 0);
    assert_int_equal(sensitivity_table_read(&ran->table, &ran->result, &ran->d), 0);
    assert_no_errors(&ran->d);
}

static void ran_clear(struct ran *ran)
{
    sensitivity_table_clear(&ran->table);
    result_close(&ran->result);
    study_clear(&ran->study);
    diagnostics_clear(&ran->d);
    remove_file(ran->folder, "one.yaml");
    remove_file(ran->folder, "study.yaml");
    remove_file(ran->folder, "out.h5");
    assert_int_equal(rmdir(ran->folder), 0);
}

static const struct sensitivity_output *output(const struct ran *ran, const char *treatment,
                                               const char *metric)
{
    for (int64_t i = 0; i < ran->table.output_count; i++) {
        const struct sensitivity_output *found = &ran->table.outputs[i];
        if (strcmp(found->treatment, treatment) == 0 && strcmp(found->metric, metric) == 0) {
            return found;
        }
    }
    fail_msg("no sensitivity of %s in %s", metric, treatment);
    return NULL;
}

static void assert_within(const struct estimate *e, double truth, double slack)
{
    if (!(e->lower - slack <= truth && truth <= e->upper + slack)) {
        fail_msg("%g is not within %g .. %g", truth, e->lower, e->upper);
    }
}

/* auc_inf = dose / CL: E[1/CL] = ln 3 / 40, E[1/CL^2] = 1/1200, E[dose] = 100, Var[dose] = 10000/12. */
static void test_closed_form(void **state)
{
    static const char *const treatments[] = {"a", "b"};
    struct ran ran;

    (void)state;
    run(&ran, STUDY("{count: 1}", TWO, "{design: saltelli, points: 512, " AXES, ""), 2);
    assert_int_equal(ran.study.arm_count, 2 * 512 * 5);
    assert_int_equal(ran.table.treatment_count, 2);
    assert_int_equal(ran.table.metric_count, 3);
    assert_int_equal(ran.table.axis_count, 3);
    assert_int_equal(ran.table.rows, 512);
    assert_int_equal(ran.table.points, 512 * 5);
    assert_string_equal(ran.table.axes[1], "CL");
    assert_string_equal(ran.table.patients, "mean");
    const double inverse = log(3) / 40;
    const double squares = 1.0 / 1200;
    const double variance = (1e4 + 1e4 / 12) * squares - 1e4 * inverse * inverse;
    const double of_dose = 1e4 / 12 * inverse * inverse / variance;
    const double of_cl = 1e4 * (squares - inverse * inverse) / variance;
    for (int i = 0; i < 2; i++) {
        const struct sensitivity_output *area = output(&ran, treatments[i], "drug_auc_inf");
        const struct estimate(*e)[SOBOL_STATISTICS] = (const void *)area->estimates;
        assert_int_equal(area->gap, SENSITIVITY_KNOWN);
        assert_int_equal(area->dropped, 0);
        assert_string_equal(area->unit, "ng*h/mL");
        assert_within(&e[0][SOBOL_FIRST], of_dose, 0);
        assert_within(&e[1][SOBOL_FIRST], of_cl, 0);
        assert_within(&e[0][SOBOL_TOTAL], 1 - of_cl, 0);
        assert_within(&e[1][SOBOL_TOTAL], 1 - of_dose, 0);
        assert_close(e[0][SOBOL_FIRST].value, of_dose, 0, 0.02);
        assert_close(e[1][SOBOL_TOTAL].value, 1 - of_dose, 0, 0.02);
        assert_close(e[2][SOBOL_TOTAL].value, 0, 0, 1e-9); /* V */
        assert_int_equal(area->order[0], 1);
        assert_int_equal(area->order[2], 2);
        /* ln 2 V / CL: the dose has no part in it */
        const struct estimate(*h)[SOBOL_STATISTICS] =
            (const void *)output(&ran, treatments[i], "drug_half_life")->estimates;
        assert_close(h[0][SOBOL_TOTAL].value, 0, 0, 1e-9);
    }
    /* The peak of a bolus is at its time, wherever. */
    const struct sensitivity_output *peak = output(&ran, "a", "drug_tmax");
    assert_int_equal(peak->gap, SENSITIVITY_CONSTANT);
    assert_true(isnan(peak->estimates[0].value));
    ran_clear(&ran);
}

/* The elementary effect of half an axis of the dose is 50 mg / CL over a half: 100 mg over CL of 20 to 60
 * L/h. */
static void test_morris(void **state)
{
    struct ran ran;

    (void)state;
    run(&ran,
        STUDY("{count: 1}", ONE, "{design: morris, points: 50, " AXES, "sensitivity: {confidence: 90 %}\n"),
        2);
    assert_int_equal(ran.study.arm_count, 50 * 4);
    const struct estimate(*e)[MORRIS_STATISTICS] = (const void *)output(&ran, "a", "drug_auc_inf")->estimates;
    const double mean = 1000 * 100 * log(3) / 40; /* ng/mL h, over CL */
    assert_true(ran.table.confidence == 0.9);
    assert_within(&e[0][MORRIS_MU], mean, 0);
    assert_close(e[0][MORRIS_MU].value, mean, 0.02, 0);
    assert_close(e[0][MORRIS_MU_STAR].value, e[0][MORRIS_MU].value, 1e-12, 0);
    const double sd = 1000 * 100 * sqrt(1.0 / 1200 - log(3) / 40 * log(3) / 40);
    assert_close(e[0][MORRIS_SIGMA].value, sd, 0.15, 0);
    assert_true(e[1][MORRIS_MU].value < 0 && e[1][MORRIS_MU].upper < 0);
    assert_close(e[1][MORRIS_MU_STAR].value, -e[1][MORRIS_MU].value, 1e-12, 0);
    assert_close(e[2][MORRIS_MU_STAR].value, 0, 0, 1e-6 * mean);
    ran_clear(&ran);
}

/* The same bytes, and of several patients the statistic that is asked for: they are all alike here. */
static void test_threads_and_patients(void **state)
{
    static const int threads[] = {1, 2, 7};
    static const char *const patients[] = {"{count: 1}", "{count: 3}", "{count: 3}"};
    struct ran first;

    (void)state;
    run(&first, STUDY("{count: 1}", ONE, "{design: saltelli, points: 32, " AXES, ""), 1);
    const int64_t size = first.table.output_count * 3 * SOBOL_STATISTICS * (int64_t)sizeof(struct estimate);
    for (int i = 0; i < 3; i++) {
        struct ran ran;
        char text[2048];
        snprintf(text, sizeof(text),
                 STUDY("%s", ONE, "{design: saltelli, points: 32, " AXES, "sensitivity: {patients: %s}\n"),
                 patients[i],
                 i == 2   ? "0.9"
                 : i == 1 ? "median"
                          : "mean");
        run(&ran, text, threads[i]);
        assert_string_equal(ran.table.patients, i == 2   ? "quantile 0.90000000000000002"
                                                : i == 1 ? "quantile 0.5"
                                                         : "mean");
        for (int64_t k = 0; k < size / (int64_t)sizeof(double); k++) {
            const double a = ((const double *)first.table.estimates)[k];
            const double b = ((const double *)ran.table.estimates)[k];
            assert_true((isnan(a) && isnan(b)) || a == b);
        }
        ran_clear(&ran);
    }
    ran_clear(&first);
}

/* Observed for an hour, patients with a low CL have no terminal slope that an area could be extrapolated
 * by, and some rows lack it. */
static void test_missing(void **state)
{
    struct ran ran;
    char text[2048];

    (void)state;
    snprintf(text, sizeof(text), "%s",
             "seed: 5\nmodel: one.yaml\npatients: {count: 1}\narms:\n" ONE
             "sweep: {design: saltelli, points: 40, over: {uniform: {min: 1 h, max: 3 h}}, CL: {uniform: "
             "{min: 20 L/h, max: 60 L/h}}}\n"
             "observe: {to: 4 h, every: 30 min}\nsolver: {method: exact}\n"
             "exposure: {metrics: [cmax, half_life]}\noutput: {store: [exposure]}\n");
    char *dose = strstr(text, "dose: 1 mg");
    char changed[2048];
    snprintf(changed, sizeof(changed), "%.*sdose: 9 mg, over: 1 h%s", (int)(dose - text), text,
             dose + strlen("dose: 1 mg"));
    run(&ran, changed, 2);
    const struct sensitivity_output *half = output(&ran, "a", "drug_half_life");
    const struct sensitivity_output *peak = output(&ran, "a", "drug_cmax");
    assert_int_equal(peak->dropped, 0);
    assert_in_range(half->dropped, 1, 39); /* an infusion until 2.6 h leaves two levels after it */
    ran_clear(&ran);
}

/* Half-lives are ln 2 V / CL, and V has an axis of 20 L: its effect is that of 20 L in what stands for the patients. */
static void test_patients_differ(void **state)
{
    enum { PATIENTS = 5 };
    static const char sweep[] = "{design: morris, points: 8, V: {uniform: {min: 90 L, max: 110 L}}}";

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct ran ran;
        char text[2048];
        double lives[PATIENTS];
        snprintf(text, sizeof(text), STUDY("{count: 5}", ONE, "%s", "sensitivity: {patients: %s}\n"), sweep,
                 i == 0 ? "mean" : "25 %");
        run(&ran, text, 2);
        const struct result_variable *cl = ran.result.variables;
        while (strcmp(cl->name, "CL") != 0) {
            cl++;
        }
        assert_int_equal(result_read(&ran.result, cl, 0, 0, PATIENTS, lives, &ran.d), 0);
        double sum = 0;
        double sorted[PATIENTS];
        for (int k = 0; k < PATIENTS; k++) {
            int place = k;
            lives[k] = log(2) * 20 / lives[k];
            sum += lives[k];
            for (; place > 0 && sorted[place - 1] > lives[k]; place--) {
                sorted[place] = sorted[place - 1];
            }
            sorted[place] = lives[k];
        }
        assert_true(sorted[0] < sorted[4]);
        /* type 7 of Hyndman and Fan: the quarter of five is the second */
        const double expected = i == 0 ? sum / PATIENTS : sorted[1];
        const struct estimate *e = output(&ran, "a", "drug_half_life")->estimates;
        assert_close(e[MORRIS_MU].value, expected, 1e-6, 0);
        assert_close(e[MORRIS_SIGMA].value, 0, 0, 1e-6);
        ran_clear(&ran);
    }
}

/* --- the reader --- */

#define SWEEP(sweep, more)                                                                                   \
    TOP("otto-2021") ARM "{route: iv, dose: 0.2 mg/kg, over: 40 min}\nsweep: " sweep OBSERVE more

static void test_defaults(void **state)
{
    struct reading r;

    (void)state;
    read_right(&r, SWEEP("{design: saltelli, points: 8, CL: [90 L/h, 100 L/h]}", ""));
    assert_int_equal(r.study.sensitivity.kind, SENSITIVITY_SOBOL);
    assert_int_equal(r.study.sensitivity.rows, 8);
    assert_int_equal(r.study.sensitivity.replicates, 1000);
    assert_true(r.study.sensitivity.confidence == 0.95 && isnan(r.study.sensitivity.quantile));
    assert_int_equal(r.study.point_count, 8 * 3);
    reading_clear(&r);
    read_right(&r, SWEEP("{design: lhs, points: 8, CL: [90 L/h, 100 L/h]}", ""));
    assert_int_equal(r.study.sensitivity.kind, SENSITIVITY_NONE);
    assert_null(node_find(r.study.document.root, "sensitivity"));
    reading_clear(&r);
}

static void test_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        SWEEP("{design: lhs, points: 8, CL: [90 L/h, 100 L/h]}", "sensitivity: {confidence: 0.9}\n"),
        "s.yaml:10:14: error: sensitivity is of a sweep whose design is saltelli or morris");
    expect_mistakes(
        SWEEP("{design: morris, points: 3, CL: [90 L/h, 100 L/h]}",
              "sensitivity: {confidence: 100 %, replicates: 99, patients: most}\n"),
        "s.yaml:10:60: error: \"most\" stands for no patients: write mean, median, or a quantile between "
        "0 and 1\n"
        "s.yaml:10:27: error: the confidence \"100 %\" must lie between 0 and 1\n"
        "s.yaml:10:46: error: replicates must be 100 to 100000\n"
        "s.yaml:8:33: error: morris needs 4 points at least; hundreds make good estimates");
    expect_mistakes(
        SWEEP("{design: saltelli, points: 8, CL: [90 L/h, 100 L/h]}", "output: {store: [profiles]}\n"),
        "s.yaml:8:17: error: saltelli is about exposure metrics, and output.store has no \"exposure\"");
    expect_mistakes(
        SWEEP("{design: saltelli, points: 8, CL: [90 L/h, 100 L/h]}", "exposure: {per: [interval]}\n"),
        "s.yaml:8:17: error: saltelli is about metrics of whole profiles, and exposure.per has no "
        "\"profile\"");
    expect_mistakes(
        SWEEP("{design: saltelli, points: 8, CL: [90 L/h, 100 L/h]}", "exposure: {metrics: []}\n"),
        "s.yaml:8:17: error: saltelli is about exposure metrics, and exposure.metrics has none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_form),
        cmocka_unit_test(test_morris),
        cmocka_unit_test(test_threads_and_patients),
        cmocka_unit_test(test_patients_differ),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
