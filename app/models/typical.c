#include "typical.h"

#include "app/study/study_read.h"

#include "solver/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double solver_default(const char *path)
{
    return strtod(schema_row(&study_schema, path)->fallback, NULL);
}

/* Receives the one patient. */
struct reception {
    int output_count;
    int time_count;
    double *levels;
    enum patient_status status;
};

static int reception_take(void *payload, const struct simulated *patients, int count)
{
    struct reception *reception = payload;

    if (count != 1) {
        return -1;
    }
    reception->status = patients->status;
    for (int i = 0; i < reception->output_count && patients->status == PATIENT_SIMULATED; i++) {
        memcpy(reception->levels + (size_t)i * (size_t)reception->time_count, patients->levels[i],
               (size_t)reception->time_count * sizeof(double));
    }
    return 0;
}

int typical_solve(const struct typical *typical, const char *method, double *levels, struct diagnostics *d)
{
    const struct model *model = typical->model;
    struct model copy = *model; /* a study wants to own what it holds */
    struct population_covariate covariates[MODEL_COVARIATES_MAX];
    const char *analytes[MODEL_OUTPUTS_MAX];
    struct dose *doses = calloc((size_t)typical->dose_count + 1, sizeof(*doses));
    double *times = calloc((size_t)typical->time_count + 1, sizeof(*times));
    struct reception reception = {model->output_count, typical->time_count, levels, PATIENT_PENDING};
    struct sweep_report report = {0};
    int result = -1;

    if (doses == NULL || times == NULL) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    memcpy(doses, typical->doses, (size_t)typical->dose_count * sizeof(*doses));
    memcpy(times, typical->times, (size_t)typical->time_count * sizeof(*times));
    for (int i = 0; i < model->covariate_count; i++) {
        const struct covariate *covariate = &model->covariates[i];
        covariates[i] = (struct population_covariate){
            .name = covariate->name,
            .unit = covariate->unit,
            .kind = DISTRIBUTION_FIXED,
            .a = typical->covariates[i],
            .lowest = -INFINITY,
            .highest = INFINITY,
            .within = -1, /* the caller has said it all */
            .random_index = covariate->random_index,
        };
    }
    for (int i = 0; i < model->output_count; i++) {
        analytes[i] = model->outputs[i].analyte;
    }
    struct arm arm = {
        .name = typical->title,
        .doses = doses,
        .dose_count = typical->dose_count,
    };
    const struct study study = {
        .title = typical->title,
        .models = &copy,
        .model_count = 1,
        .patient_count = 1,
        .applicability = APPLICABILITY_IGNORE,
        .covariates = covariates,
        .covariate_count = model->covariate_count,
        .arms = &arm,
        .arm_count = 1,
        .times = times,
        .time_count = typical->time_count,
        .analytes = analytes,
        .analyte_count = model->output_count,
        .auc_rule = "linear",
        .method = method,
        .rtol = solver_default("solver.rtol"),
        .atol = solver_default("solver.atol"), /* written in mg */
        .max_steps = (int64_t)solver_default("solver.max_steps"),
    };
    const struct sink sink = {.payload = &reception, .take = reception_take};

    if (sweep_run(&study, 1, &sink, &report, d) != 0) {
        goto out;
    }
    if (reception.status != PATIENT_SIMULATED) {
        diagnostics_error(d, NOWHERE, "%s of %s by %s: %s", typical->title, model->name, method,
                          report.failure_count > 0 ? report.failures[0].why.text
                                                   : patient_status_text(reception.status));
        goto out;
    }
    result = 0;

out:
    free(doses);
    free(times);
    return result;
}
