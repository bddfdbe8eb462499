/* summary_rows - the numbers behind a summary: the spread of each metric over the patients of each arm. */
#ifndef KETSIM_SUMMARY_ROWS_H
#define KETSIM_SUMMARY_ROWS_H

#include "app/base/statistics.h"
#include "app/results/results_limits.h"
#include "app/results/results_slopes.h"
#include "changes.h"
#include "sensitivity_table.h"
#include "threshold_table.h"

/* Statistics over patients that are told with their interval over the replicates of the parameter uncertainty. */
#define REPLICATE_STATISTIC_LIST(X)                                                                          \
    X(mean)                                                                                                  \
    X(geometric_mean)                                                                                        \
    X(p05)                                                                                                   \
    X(median)                                                                                                \
    X(p95)                                                                                                   \
    X(share)

/* Between them lies the statistic in the middle part of the replicates, as large as result.confidence says. */
struct replicate_interval {
    double lower, upper;
};

struct replicate_intervals {
    int64_t n; /* replicates with patients who have a value */
#define X(name) struct replicate_interval name;
    REPLICATE_STATISTIC_LIST(X)
#undef X
};

/* A metric of an analyte in an arm whose model has the analyte. */
struct summary_row {
    int64_t arm;
    const struct result_variable *variable; /* belongs to the result */
    int64_t interval;                       /* number of the dosing interval; 0: of the whole profile */
    double start;                           /* h, of the dosing interval; else NaN */
    struct spread spread; /* over the patients simulated who have a value; in the variable's unit */
    double share;         /* of those patients: who have more than 0, of a time above a level; else NaN */
    const struct replicate_intervals *replicates; /* NULL without; belongs to the summary */
    int64_t comparison; /* the place in summary.comparisons of that which it is part of; -1: of none */
};

/* A metric in the arms that differ in nothing but their model: how far the models lie apart, and how far the patients
 * within each. */
struct comparison {
    char *arm; /* owned: the arms' label without the model */
    const struct result_variable *variable;
    int models;              /* 2 or more: those with a geometric mean */
    int64_t lowest, highest; /* rows of the lowest and highest geometric mean */
    double models_ratio;     /* of the two */
    double
        patients_ratio; /* median of p95/p05 over the models whose patients differ; NaN where they do in none */
    int patients_models; /* how many models that are */
};

struct summary {
    struct result result;
    struct summary_row *
        rows; /* by arm as published, then as the variables stand in the file; then those of dosing intervals: by arm,
                                 analyte, interval, and then as in the file */
    int64_t row_count;
    struct replicate_intervals *replicates; /* [row]; NULL without */
    int metric_count;                       /* variables of metrics, of profiles and of intervals */
    struct broken_limits limits;
    struct doubtful_slopes slopes;
    struct comparison *comparisons; /* in the order of their first rows */
    int64_t comparison_count;
    struct changes changes;               /* against baselines */
    struct threshold_table thresholds;    /* its count 0 where the study asks about none */
    struct sensitivity_table sensitivity; /* its method NULL where the result holds none */
};

/* 0, or -1 with the reason in `d`; then there is nothing to clear, and clearing is still allowed. */
int summary_read(struct summary *summary, const char *path, struct diagnostics *d);
void summary_clear(struct summary *summary);

/* For summary_read: fills in the intervals over the replicates. 0, or -1 with the reason in `d`. */
int summary_replicates(struct summary *summary, struct diagnostics *d);

/* The part of the patients with a value who have more than 0, where the metric is a time above a level; else NaN. */
double summary_share(const struct result_variable *variable, const double *values, int64_t count);

/* For summary_read: fills in the comparisons of the rows. 0, or -1 without memory; summary_clear frees what there
 * is. */
int summary_compare(struct summary *summary);

/* What is told of a metric, as the file says it; of one that does not say a median and a range where the metric is a time or
 * without unit, which can be 0. */
enum metric_statistic summary_statistic(const struct result_variable *variable);

#endif
