/* sensitivity_table - what a result says of the axes that its metrics depend on. */
#ifndef KETSIM_SENSITIVITY_TABLE_H
#define KETSIM_SENSITIVITY_TABLE_H

#include "app/results/results_read.h"

#include "solver/sensitivity.h"

/* The estimates of one metric in one arm as written. */
struct sensitivity_output {
    const char *treatment; /* as are all texts, the table's */
    const char *metric;
    const char *unit;
    int64_t dropped; /* rows of the design */
    enum sensitivity_gap gap;
    const struct estimate *estimates; /* [axis][statistic] */
    int *order; /* [axis]: by the statistic that tables and pictures are sorted by, the largest first */
};

struct sensitivity_table {
    const struct sensitivity_method *method; /* NULL: the result holds no sensitivity */
    char *method_text;                       /* what the result says of it */
    char *patients; /* what stands for the patients at a point: "mean", "quantile 0.9" */
    int64_t rows;   /* of the design */
    int64_t points;
    double confidence;
    int64_t replicates;
    int axis_count;
    char **axes;
    int64_t output_count;
    struct sensitivity_output *outputs; /* by treatment, then by metric */
    int64_t treatment_count;
    int64_t metric_count;

    char **treatments; /* owned, and so is what follows */
    char **metrics;
    char **units;
    struct estimate *estimates;
    int *orders;
};

/* 0, or -1 with the reason in `d`: the result is damaged, or no memory. Clearing is allowed either way. */
int sensitivity_table_read(struct sensitivity_table *table, struct result *result, struct diagnostics *d);
void sensitivity_table_clear(struct sensitivity_table *table);

/* The statistic by which axes are sorted: total, or mu_star. */
int sensitivity_leading(const struct sensitivity_method *method);

#endif
