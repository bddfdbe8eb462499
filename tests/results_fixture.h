/* results_fixture - a small study made by hand, with levels that are simple to say, for the tests of result files.
 *
 * Two arms, five patients, four times, two analytes. The second arm's model has no noresketamine, and its third
 * patient (number 3) could not be solved.
 */
#ifndef KETSIM_TESTS_RESULTS_FIXTURE_H
#define KETSIM_TESTS_RESULTS_FIXTURE_H

#include "check.h"

#include "app/results/results.h"
#include "app/results/results_read.h"
#include "solver/exposure.h"

#include <sys/stat.h>
#include <unistd.h>

enum { ARMS = 2, PATIENTS_MAX = 1500, TIMES = 4, ANALYTES = 2, METRICS = 3, QUANTILES = 3, FAILED = 2 };

struct fixture {
    struct study study;
    struct arm arms[ARMS];
    struct model models[2];
    struct population_covariate covariates[2];
    double times[TIMES];
    double quantiles[QUANTILES];
    const char *analytes[ANALYTES];
    struct metric_request metrics[METRICS];
    struct sweep_axis axis;
    double axis_values[ARMS];
    bool alike;      /* all patients have the metrics of the first, but for what a solver leaves */
    int threads;     /* that the run pretends to have used, and that the quantiles are found with */
    char folder[64]; /* empty at the start */
    char path[96];   /* of the result, in it */
    struct diagnostics d;
};

static const struct provenance fixture_provenance = {"1.2.3", "abcdef", "6.4.1", "1.10.8", "cc 1", "pdp11"};

static inline void fixture_model(struct model *model, const char *name, const char *source)
{
    model->name = name;
    model->title = "A model";
    model->citation = "Someone, somewhere 2021";
    model->doi = "10.1/x";
    model->drug = "S-ketamine";
    model->sampling = "venous";
    model->document.source = (char *)(uintptr_t)source;
    model->parameters[0] = (struct parameter){.name = "Vc", .unit = "L", .num = 1, .den = 1};
    model->parameters[1] = (struct parameter){.name = "ka", .unit = "1/min", .num = 60, .den = 1};
    model->parameter_count = 2;
    model->outputs[0].analyte = "esketamine";
    model->outputs[1].analyte = "noresketamine";
    model->output_count = 2;
}

static inline int fixture_create(void **state)
{
    static const char text[] = "title: A study\nmodel: one\n";
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    diagnostics_init(&f->d);
    f->threads = 1;
    snprintf(f->folder, sizeof(f->folder), "/tmp/ketsim-results-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof(f->path), "%s/out.h5", f->folder);

    fixture_model(&f->models[0], "one", "model: one\n");
    fixture_model(&f->models[1], "two", "model: two\n");
    f->models[1].output_count = 1;
    for (int i = 0; i < TIMES; i++) {
        f->times[i] = 0.25 * i;
    }
    memcpy(f->quantiles, (double[]){0.05, 0.5, 0.95}, sizeof(f->quantiles));
    f->analytes[0] = "esketamine";
    f->analytes[1] = "noresketamine";
    f->metrics[0] = metric_request_plain(exposure_metric_find("cmax"));
    f->metrics[1] = metric_request_plain(exposure_metric_find("tmax"));
    f->metrics[2] = metric_request_plain(exposure_metric_find("auc_last"));
    f->covariates[0] = (struct population_covariate){.name = "age", .unit = "years"};
    f->covariates[1] = (struct population_covariate){.name = "asian", .unit = "1"};
    f->arms[0] = (struct arm){.name = "low", .label = "low, 28 mg"};
    f->arms[1] = (struct arm){.name = "high", .label = "h\303\266her"};
    f->study = (struct study){
        .source = (char *)(uintptr_t)text,
        .title = "A study",
        .seed = 18446744073709551615U,
        .models = f->models,
        .model_count = 1,
        .patient_count = 5,
        .covariates = f->covariates,
        .covariate_count = 2,
        .arms = f->arms,
        .arm_count = ARMS,
        .times = f->times,
        .time_count = TIMES,
        .analytes = f->analytes,
        .analyte_count = ANALYTES,
        .metrics = f->metrics,
        .metric_count = METRICS,
        .per_profile = true,
        .quantiles = f->quantiles,
        .quantile_count = QUANTILES,
        .auc_rule = "linear",
        .method = "cvode",
        .rtol = 1e-8,
        .atol = 1e-10,
        .max_steps = 1000,
        .store = STORE_PROFILES | STORE_EXPOSURE | STORE_QUANTILES,
    };
    assert_int_equal(document_parse(&f->study.document, "study.yaml", text, sizeof(text) - 1, &f->d), 0);
    *state = f;
    return 0;
}

/* Also checks that the test left nothing behind but what it removed itself and the result. */
static inline int fixture_free(void **state)
{
    struct fixture *f = *state;

    unlink(f->path);
    if (rmdir(f->folder) != 0) {
        print_error("something was left in %s\n", f->folder);
        return -1;
    }
    document_clear(&f->study.document);
    diagnostics_clear(&f->d);
    free(f);
    return 0;
}

/* --- What is known of the patients --- */

static inline bool fixture_fails(int arm, int64_t patient)
{
    return arm == 1 && patient == FAILED;
}

/* Neither in the order of the patients nor with equal steps, so that a quantile is not right by chance. */
static inline double fixture_level(int arm, int analyte, int64_t patient, int time)
{
    return 1000 * arm + 100 * analyte + (double)((patient * 7) % 11) * (1 + time) + 0.1 * time;
}

static inline double fixture_metric(int arm, int analyte, int64_t patient, int metric)
{
    return 1 + 1000 * arm + 100 * analyte + 10 * metric + 0.5 * (double)patient;
}

static inline double fixture_parameter(int arm, int64_t patient, int parameter)
{
    return 60 * (double)(1 + parameter + patient) + (arm > 0 ? 6000 : 0);
}

/* What an assay reports of a level. */
static inline double fixture_observed(double level)
{
    return level - 1.5;
}

/* Hands over `count` patients of an arm from `first` on, with their levels in one block as the solver has them. */
static inline int fixture_take_patients(struct results *results, int arm, int64_t first, int count,
                                        bool alike)
{
    struct simulated *patients = calloc((size_t)count, sizeof(*patients));
    struct individual *individuals = calloc((size_t)count, sizeof(*individuals));
    double *levels = calloc((size_t)count * ANALYTES * TIMES, sizeof(*levels));
    double *observed = calloc((size_t)count * ANALYTES * TIMES, sizeof(*observed));
    double *metrics = calloc((size_t)count * ANALYTES * METRICS, sizeof(*metrics));
    const double **pointers = calloc((size_t)count * ANALYTES * 3, sizeof(*pointers));
    double *covariates = calloc((size_t)count * 2, sizeof(*covariates));
    int ret;

    assert_true(patients && individuals && levels && observed && metrics && pointers && covariates);
    for (int i = 0; i < count; i++) {
        const int64_t patient = first + i;
        const bool fails = fixture_fails(arm, patient);
        for (int a = 0; a < ANALYTES; a++) {
            double *row = levels + (a * count + i) * TIMES;
            double *values = metrics + (a * count + i) * METRICS;
            for (int t = 0; t < TIMES; t++) {
                row[t] = fails ? NAN : fixture_level(arm, a, patient, t);
                observed[(a * count + i) * TIMES + t] = fixture_observed(row[t]);
            }
            for (int m = 0; m < METRICS; m++) {
                values[m] = fails ? NAN
                                  : fixture_metric(arm, a, alike ? 0 : patient, m) *
                                        (1 + 1e-9 * alike * (double)patient);
            }
            const bool has = arm == 0 || a == 0;
            pointers[(3 * i) * ANALYTES + a] = has ? row : NULL;
            pointers[(3 * i + 1) * ANALYTES + a] = has ? values : NULL;
            pointers[(3 * i + 2) * ANALYTES + a] = has ? observed + (a * count + i) * TIMES : NULL;
        }
        individuals[i].parameters[0] = fixture_parameter(arm, patient, 0);
        individuals[i].parameters[1] = fixture_parameter(arm, patient, 1);
        covariates[2 * i] = 40 + (double)patient;
        covariates[2 * i + 1] = (double)(patient % 2);
        patients[i] = (struct simulated){
            .arm = arm,
            .patient = patient,
            .status = fails ? PATIENT_SOLVER : PATIENT_SIMULATED,
            .failure_time = fails ? 1.5 : (double)NAN,
            .steps = (int32_t)(100 + patient),
            .covariates = covariates + 2 * i,
            .individual = &individuals[i],
            .outside = (int)(patient % 3),
            .clamped = arm,
            .levels = pointers + (3 * i) * ANALYTES,
            .observed = pointers + (3 * i + 2) * ANALYTES,
            .metrics = pointers + (3 * i + 1) * ANALYTES,
        };
    }
    ret = results_take(results, patients, count);
    free(covariates);
    free(pointers);
    free(metrics);
    free(observed);
    free(levels);
    free(individuals);
    free(patients);
    return ret;
}

static inline int fixture_take(struct results *results, int arm, int64_t first, int count)
{
    return fixture_take_patients(results, arm, first, count, false);
}

/* Says of every block that it is done. */
static inline void fixture_blocks_done(const struct fixture *f, struct results *results)
{
    for (int64_t block = 0; block < sweep_block_count(&f->study); block++) {
        const struct solver_work work = {block == 0 ? 700 : 0, block == 0 ? 900 : 0, block == 0 ? 3 : 0};
        assert_int_equal(results_block_done(results, block, &work), 0);
    }
}

static inline void fixture_take_all(struct fixture *f, struct results *results)
{
    for (int arm = 0; arm < f->study.arm_count; arm++) {
        assert_int_equal(fixture_take_patients(results, arm, 0, (int)f->study.patient_count, f->alike), 0);
    }
    fixture_blocks_done(f, results);
}

static inline struct results *fixture_start(struct fixture *f, const char *path, bool force)
{
    return results_create(path, force, &f->study, &fixture_provenance, &f->d);
}

static inline void fixture_finish(struct fixture *f, struct results *results)
{
    struct sweep_report report = {
        .finished = ARMS * f->study.patient_count,
        .failed = 1,
        .clamped = 5,
        .outside = 6,
        .steps = 700,
        .evaluations = 900,
        .batches = 3,
        .threads = f->threads,
        .seconds = 1.5,
    };

    assert_int_equal(results_finish(results, &report, &f->d), 0);
    assert_no_errors(&f->d);
}

/* The whole result, at f->path. */
static inline void fixture_write(struct fixture *f)
{
    struct results *results = fixture_start(f, f->path, false);

    assert_no_errors(&f->d);
    assert_non_null(results);
    fixture_take_all(f, results);
    fixture_finish(f, results);
}

static inline bool path_exists(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

#endif
