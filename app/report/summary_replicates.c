/* How far the replicates of the parameter uncertainty lie apart, in what is told of the patients of each. */
#include "summary_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum replicate_statistic {
#define X(name) STATISTIC_OF_##name,
    REPLICATE_STATISTIC_LIST(X)
#undef X
        STATISTICS
};

double summary_share(const struct result_variable *v, const double *values, int64_t count)
{
    static const char prefix[] = "time_above_";
    int64_t known = 0;
    int64_t above = 0;

    if (strncmp(v->metric, prefix, sizeof(prefix) - 1) != 0) {
        return NAN;
    }
    for (int64_t i = 0; i < count; i++) {
        known += !isnan(values[i]);
        above += values[i] > 0; /* not with NaN */
    }
    return known > 0 ? (double)above / (double)known : (double)NAN;
}

/* What a replicate's patients amount to, into all[statistic][replicate], after `share` which spreading would not know. */
static void gather(const struct result_variable *v, double *values, int64_t patients, int64_t replicates,
                   int64_t replicate, double *all)
{
    const double share = summary_share(v, values, patients);
    const struct spread spread = spread_compute(values, patients);
    const double statistics[STATISTICS] = {
        [STATISTIC_OF_mean] = spread.mean, [STATISTIC_OF_geometric_mean] = spread.geometric_mean,
        [STATISTIC_OF_p05] = spread.p05,   [STATISTIC_OF_median] = spread.median,
        [STATISTIC_OF_p95] = spread.p95,   [STATISTIC_OF_share] = share,
    };

    for (int i = 0; i < STATISTICS; i++) {
        all[i * replicates + replicate] = statistics[i];
    }
}

/* Of those that have the statistic; NaN where none has. Reorders `values`. */
static struct replicate_interval interval_of(double *values, int64_t count, double confidence)
{
    const double fractions[] = {(1 - confidence) / 2, (1 + confidence) / 2};
    double ends[2];
    int64_t known = 0;

    for (int64_t i = 0; i < count; i++) {
        if (!isnan(values[i])) {
            values[known++] = values[i];
        }
    }
    quantiles_compute(values, known, fractions, 2, ends);
    return (struct replicate_interval){ends[0], ends[1]};
}

static struct replicate_intervals conclude(double *all, int64_t replicates, double confidence)
{
    struct replicate_intervals intervals = {.n = 0};

    for (int64_t r = 0; r < replicates; r++) {
        intervals.n += !isnan(all[STATISTIC_OF_median * replicates + r]);
    }
#define X(name) intervals.name = interval_of(all + STATISTIC_OF_##name * replicates, replicates, confidence);
    REPLICATE_STATISTIC_LIST(X)
#undef X
    return intervals;
}

/* Of `rows` rows from `first` on, of one variable in one arm: the whole profile, or its dosing intervals `step` apart.
 * values[patient][interval], and behind it a column; all[row][statistic][replicate]. */
static int read_variable(struct summary *summary, int64_t first, int64_t rows, int64_t step, double *values,
                         double *all, struct diagnostics *d)
{
    struct result *result = &summary->result;
    const struct summary_row *row = &summary->rows[first];
    const struct result_variable *v = row->variable;
    const int64_t patients = result->sizes[DIMENSION_PATIENT];
    const int64_t width = row->interval > 0 ? result->sizes[DIMENSION_INTERVAL] : 1;
    const int64_t part = STATISTICS * result->replicates;
    double *column = values + patients * width;

    for (int64_t r = 0; r < result->replicates; r++) {
        if (result_read(result, v, row->arm + 1 + r, 0, patients, values, d) != 0) {
            return -1;
        }
        for (int64_t k = 0; k < rows; k++) {
            for (int64_t i = 0; i < patients; i++) {
                column[i] = values[i * width + k];
            }
            gather(v, column, patients, result->replicates, r, all + k * part);
        }
    }
    for (int64_t k = 0; k < rows; k++) {
        summary->replicates[first + k * step] =
            conclude(all + k * part, result->replicates, result->confidence);
        summary->rows[first + k * step].replicates = &summary->replicates[first + k * step];
    }
    return 0;
}

/* How many rows from `first` on are of its variable and arm, and how far apart they are: its dosing intervals. */
static int64_t count_rows(const struct summary *summary, int64_t first, int64_t *step)
{
    const struct summary_row *row = &summary->rows[first];
    int64_t count = 1;

    *step = 1;
    while (first + *step < summary->row_count && row[*step].arm == row->arm && row->interval > 0 &&
           row[*step].variable != row->variable) {
        (*step)++;
    }
    while (row->interval > 0 && first + count * *step < summary->row_count &&
           row[count * *step].arm == row->arm && row[count * *step].variable == row->variable) {
        count++;
    }
    return count;
}

int summary_replicates(struct summary *summary, struct diagnostics *d)
{
    const struct result *result = &summary->result;
    const int64_t width = result->sizes[DIMENSION_INTERVAL] + 1;
    double *values;
    double *all;
    int ret = 0;

    if (result->replicates == 0) {
        return 0;
    }
    summary->replicates = calloc((size_t)summary->row_count + 1, sizeof(*summary->replicates));
    values = calloc((size_t)result->sizes[DIMENSION_PATIENT], (size_t)(width + 1) * sizeof(*values));
    all = calloc((size_t)width, (size_t)(STATISTICS * result->replicates) * sizeof(*all));
    if (!summary->replicates || !values || !all) {
        ret = diagnostics_out_of_memory(d);
    }
    for (int64_t i = 0; i < summary->row_count && ret == 0; i++) {
        int64_t step;
        if (!summary->rows[i].replicates) {
            const int64_t rows = count_rows(summary, i, &step);
            ret = read_variable(summary, i, rows, step, values, all, d);
        }
    }
    free(values);
    free(all);
    return ret;
}
