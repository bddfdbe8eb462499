#include "golden.h"

#include "study_read.h"

#include "solver/sweep.h"

#include <math.h>
#include <stdlib.h>

static const double seconds_per_hour = 3600;

/* The solver's settings are those of a study that says nothing about them: what is checked is what users get. */
static double solver_default(const char *path)
{
    return strtod(schema_row(&study_schema, path)->fallback, NULL);
}

/* Receives the one patient of a golden study. */
struct reception {
    const struct golden *golden;
    const struct model *model;
    struct golden_check *check;
    enum patient_status status;
};

static void value_compare(struct reception *reception, const struct golden_series *series, int time,
                          double level)
{
    struct golden_check *check = reception->check;
    const double deviation = fabs(level - series->levels[time]) / series->tolerances[time];

    check->value_count++;
    if (deviation <= check->deviation) {
        return;
    }
    /* Also when the deviation is not a number: such a level passes nothing. */
    *check = (struct golden_check){
        .value_count = check->value_count,
        .deviation = isnan(deviation) ? INFINITY : deviation,
        .analyte = reception->model->outputs[series->output].analyte,
        .time = reception->golden->times[time] / seconds_per_hour,
        .level = level,
        .published = series->levels[time],
    };
}

static int reception_take(void *payload, const struct simulated *patients, int count)
{
    struct reception *reception = payload;
    const struct golden *golden = reception->golden;

    if (count != 1) {
        return -1;
    }
    reception->status = patients->status;
    for (int i = 0; i < golden->series_count && patients->status == PATIENT_SIMULATED; i++) {
        const struct golden_series *series = &golden->series[i];
        for (int j = 0; j < series->count; j++) {
            value_compare(reception, series, j, patients->levels[series->output][j]);
        }
    }
    return 0;
}

int golden_solve(const struct model *model, int golden, const char *method, struct golden_check *check,
                 struct diagnostics *d)
{
    const struct golden *wanted = &model->goldens[golden];
    struct model copy = *model; /* a study wants to own its models */
    struct population_covariate covariates[MODEL_COVARIATES_MAX];
    double unset[MODEL_COVARIATES_MAX]; /* the arm changes no covariate */
    const char *analytes[MODEL_OUTPUTS_MAX];
    double *times = calloc((size_t)wanted->time_count, sizeof(*times));
    struct reception reception = {wanted, model, check, PATIENT_PENDING};
    struct sweep_report report = {0};
    int result = -1;

    *check = (struct golden_check){.deviation = -1};
    if (times == NULL) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < wanted->time_count; i++) {
        times[i] = wanted->times[i] / seconds_per_hour;
    }
    for (int i = 0; i < model->covariate_count; i++) {
        const struct covariate *covariate = &model->covariates[i];
        covariates[i] = (struct population_covariate){
            .name = covariate->name,
            .unit = covariate->unit,
            .kind = DISTRIBUTION_FIXED,
            .a = wanted->covariates[i],
            .lowest = -INFINITY,
            .highest = INFINITY,
            .within = -1, /* the golden says it all */
            .random_index = covariate->random_index,
        };
        unset[i] = NAN;
    }
    for (int i = 0; i < model->output_count; i++) {
        analytes[i] = model->outputs[i].analyte;
    }
    struct dose dose = {
        .route = wanted->route,
        .amount = wanted->amount,
        .basis = DOSE_ABSOLUTE,
        .over = wanted->over,
        .share = 1,
    };
    struct arm arm = {
        .name = wanted->title,
        .doses = &dose,
        .dose_count = 1,
        .covariates = unset,
    };
    const struct study study = {
        .title = wanted->title,
        .models = &copy,
        .model_count = 1,
        .patient_count = 1,
        .applicability = APPLICABILITY_IGNORE,
        .covariates = covariates,
        .covariate_count = model->covariate_count,
        .arms = &arm,
        .arm_count = 1,
        .times = times,
        .time_count = wanted->time_count,
        .analytes = analytes,
        .analyte_count = model->output_count,
        .auc_rule = "linear",
        .method = method,
        .rtol = solver_default("solver.rtol"),
        .atol = solver_default("solver.atol"), /* written in mg */
        .max_steps = (int64_t)solver_default("solver.max_steps"),
    };
    const struct sink sink = {&reception, reception_take, NULL};

    if (sweep_run(&study, 1, &sink, &report, d) != 0) {
        goto out;
    }
    if (reception.status != PATIENT_SIMULATED) {
        diagnostics_error(d, NOWHERE, "golden \"%s\" of %s by %s: %s", wanted->title, model->name, method,
                          report.failure_count > 0 ? report.failures[0].why.text
                                                   : patient_status_text(reception.status));
        goto out;
    }
    result = 0;

out:
    free(times);
    return result;
}

bool golden_passes(const struct golden_check *check)
{
    return check->value_count > 0 && check->deviation <= 1;
}
