/* summary_rows - the numbers behind a summary: the spread of each metric over the patients of each arm. */
#ifndef KETSIM_SUMMARY_ROWS_H
#define KETSIM_SUMMARY_ROWS_H

#include "results_read.h"
#include "statistics.h"

/* A metric of an analyte in an arm. */
struct summary_row {
    int64_t arm;
    const struct result_variable *variable; /* belongs to the result */
    struct spread spread; /* over the patients simulated who have a value; in the variable's unit */
};

struct summary {
    struct result result;
    struct summary_row *rows; /* by arm, then as the variables stand in the file */
    int64_t row_count;
    int metric_count; /* rows per arm */
};

/* 0, or -1 with the reason in `d`; then there is nothing to clear, and clearing is still allowed. */
int summary_read(struct summary *summary, const char *path, struct diagnostics *d);
void summary_clear(struct summary *summary);

/* Whether a metric is a time, of which a median and a range are told, and not a geometric mean. */
bool summary_row_is_time(const struct summary_row *row);

#endif
