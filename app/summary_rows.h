/* summary_rows - the numbers behind a summary: the spread of each metric over the patients of each arm. */
#ifndef KETSIM_SUMMARY_ROWS_H
#define KETSIM_SUMMARY_ROWS_H

#include "changes.h"
#include "results_limits.h"
#include "results_slopes.h"
#include "sensitivity_table.h"
#include "statistics.h"

/* A metric of an analyte in an arm whose model has the analyte. */
struct summary_row {
    int64_t arm;
    const struct result_variable *variable; /* belongs to the result */
    int64_t interval;                       /* number of the dosing interval; 0: of the whole profile */
    double start;                           /* h, of the dosing interval; else NaN */
    struct spread spread; /* over the patients simulated who have a value; in the variable's unit */
    int64_t comparison;   /* the place in summary.comparisons of that which it is part of; -1: of none */
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
    struct summary_row
        *rows; /* by arm, then as the variables stand in the file; then those of dosing intervals: by arm,
                                 analyte, interval, and then as in the file */
    int64_t row_count;
    int metric_count; /* variables of metrics, of profiles and of intervals */
    struct broken_limits limits;
    struct doubtful_slopes slopes;
    struct comparison *comparisons; /* in the order of their first rows */
    int64_t comparison_count;
    struct changes changes;               /* against baselines */
    struct sensitivity_table sensitivity; /* its method NULL where the result holds none */
};

/* 0, or -1 with the reason in `d`; then there is nothing to clear, and clearing is still allowed. */
int summary_read(struct summary *summary, const char *path, struct diagnostics *d);
void summary_clear(struct summary *summary);

/* For summary_read: fills in the comparisons of the rows. 0, or -1 without memory; summary_clear frees what there
 * is. */
int summary_compare(struct summary *summary);

/* What is told of a metric, as the file says it; of one that does not say a median and a range where the metric is a time or
 * without unit, which can be 0. */
enum metric_statistic summary_statistic(const struct result_variable *variable);

#endif
