/* results_read - opens a result file for the commands that look into one.
 *
 * A file is believed only where it can be: it must say that it is a complete result, and every variable that has a role
 * (app/results/layout.h) must have the dimensions and the sizes that go with it. Variables without a role are left alone, so that
 * users may add their own.
 */
#ifndef KETSIM_RESULTS_READ_H
#define KETSIM_RESULTS_READ_H

#include "layout.h"

struct result_variable {
    char *name;
    char *long_name;
    char *unit;
    char *analyte;   /* where role_is_of_analyte, else NULL */
    char *metric;    /* of metrics, else NULL */
    char *statistic; /* of metrics: what tells of it over patients; NULL: the file does not say */
    char *from;      /* of metrics: "observations", "solution", ...; NULL: the file does not say */
    enum role role;
    int rank;
    enum dimension dimensions[HDF_RANK_MAX];
};

struct result {
    const char *path; /* not owned */
    struct hdf *file;
    int64_t sizes[DIMENSION_COUNT];    /* DIMENSION_QUANTILE, DIMENSION_INTERVAL: 0 without */
    char **arms;                       /* [arm]: labels */
    char **arm_names;                  /* [arm]: without model and sweep values */
    char **arm_models;                 /* [arm]: names */
    int64_t *baselines;                /* [arm]: the arm that it is compared with, -1: none; NULL: none is */
    struct result_variable *variables; /* in the order of the file, those with a role */
    int variable_count;
    int variable_capacity;
    const char **analytes; /* in the order of the file; the texts belong to the variables */
    int analyte_count;
    int64_t replicates;  /* of the parameter uncertainty, which follow each arm as published; 0 without */
    double confidence;   /* of intervals over them */
    const char **models; /* in the order of the arms; the texts belong to arm_models */
    int model_count;
};

/* 0, or -1 with the reason in `d`: unreadable, no result, unfinished, of another version, or with parts that do not
 * agree; then there is nothing to close, and closing is still allowed. `path` must outlive the struct. */
int result_open(struct result *result, const char *path, struct diagnostics *d);
void result_close(struct result *result);

/* The first variable of a role, or NULL; with `analyte` or `metric` (NULL: any) the one of that. */
const struct result_variable *result_find(const struct result *result, enum role role, const char *analyte,
                                          const char *metric);

/* Reads numbers of a variable as double: of `arm` (ignored where the variable is not over arms) the patients (quantiles,
 * times) from `first`, `count` of them, each with all of its times if there are more dimensions. 0, or -1 with the
 * reason in `d`. */
int result_read(struct result *result, const struct result_variable *variable, int64_t arm, int64_t first,
                int64_t count, double *values, struct diagnostics *d);

/* For result_open, once labels are known. The arms that `baseline` names by their labels; and how many replicates follow each arm
 * as published. Nothing to do where the result has none. 0, or -1 with the reason in `d`. */
int result_read_baselines(struct result *result, struct diagnostics *d);
int result_read_replicates(struct result *result, struct diagnostics *d);

/* Whether the arm is a replicate, and not the model as published. */
bool result_is_replicate(const struct result *result, int64_t arm);

/* An attribute of the file, malloc'ed, or NULL: of the whole, or of one of its models ("citation", "doi", "drug",
 * "sampling", "title", "model"; "analytes", separated by blanks). */
char *result_text(struct result *result, const char *name);
char *result_model_text(struct result *result, const char *what, const char *model);

/* Whether a model of the result has levels of an analyte; true where the file does not say. */
bool result_model_has(struct result *result, const char *model, const char *analyte);

/* A counter such as "failed"; -1 where there is none. */
int64_t result_counter(struct result *result, const char *name);

#endif
