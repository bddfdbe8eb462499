#include "summary_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum metric_statistic summary_statistic(const struct result_variable *v)
{
    for (enum metric_statistic i = STATISTIC_GEOMETRIC; v->statistic && i <= STATISTIC_MEAN; i++) {
        if (strcmp(v->statistic, statistic_name(i)) == 0) {
            return i;
        }
    }
    return strcmp(v->unit, "h") == 0 || strcmp(v->unit, "1") == 0 ? STATISTIC_MEDIAN : STATISTIC_GEOMETRIC;
}

static int count_role(const struct result *result, enum role role)
{
    int count = 0;

    for (int i = 0; i < result->variable_count; i++) {
        count += result->variables[i].role == role;
    }
    return count;
}

/* --- Rows --- */

static bool is_of_arm(struct result *result, const struct result_variable *v, enum role role, int64_t arm)
{
    return v->role == role && result_model_has(result, result->arm_models[arm], v->analyte);
}

/* `values` has room for a value per patient and interval. */
static int read_arm(struct summary *summary, int64_t arm, double *values, struct diagnostics *d)
{
    struct result *result = &summary->result;
    const int64_t patients = result->sizes[DIMENSION_PATIENT];

    for (int i = 0; i < result->variable_count; i++) {
        const struct result_variable *v = &result->variables[i];
        if (!is_of_arm(result, v, ROLE_METRIC, arm)) {
            continue;
        }
        if (result_read(result, v, arm, 0, patients, values, d) != 0) {
            return -1;
        }
        /* Who was not simulated has NaN, which the spread leaves out. */
        const double share = summary_share(v, values, patients);
        summary->rows[summary->row_count++] = (struct summary_row){
            .arm = arm,
            .variable = v,
            .start = NAN,
            .spread = spread_compute(values, patients),
            .share = share,
            .comparison = -1,
        };
    }
    return 0;
}

/* The starts of the arm's dosing intervals (h). How many, or -1. */
static int64_t read_starts(struct result *result, int64_t arm, double *starts, struct diagnostics *d)
{
    const struct result_variable *v = result_find(result, ROLE_INTERVAL, NULL, NULL);
    const int64_t most = result->sizes[DIMENSION_INTERVAL];
    int64_t count = 0;

    if (!v) {
        return 0;
    }
    if (result_read(result, v, arm, 0, most, starts, d) != 0) {
        return -1;
    }
    while (count < most && !isnan(starts[count])) {
        count++;
    }
    return count;
}

/* The rows of a metric, `step` apart from `rows` on: one per dosing interval. */
static int read_intervals(struct summary *summary, const struct result_variable *v, int64_t arm,
                          struct summary_row *rows, int64_t step, const double *starts, int64_t count,
                          double *values, struct diagnostics *d)
{
    struct result *result = &summary->result;
    const int64_t patients = result->sizes[DIMENSION_PATIENT];
    const int64_t most = result->sizes[DIMENSION_INTERVAL];
    double *column = values + patients * most;

    if (result_read(result, v, arm, 0, patients, values, d) != 0) {
        return -1;
    }
    for (int64_t k = 0; k < count; k++) {
        for (int64_t i = 0; i < patients; i++) {
            column[i] = values[i * most + k];
        }
        const double share = summary_share(v, column, patients);
        rows[k * step] = (struct summary_row){
            .arm = arm,
            .variable = v,
            .interval = k + 1,
            .start = starts[k],
            .spread = spread_compute(column, patients),
            .share = share,
            .comparison = -1,
        };
    }
    return 0;
}

/* By analyte, then by interval: the metrics of an analyte follow each other in the file. */
static int read_arm_intervals(struct summary *summary, int64_t arm, double *starts, double *values,
                              struct diagnostics *d)
{
    struct result *result = &summary->result;
    const int64_t count = read_starts(result, arm, starts, d);
    int ret = count < 0 ? -1 : 0;

    for (int i = 0, next; i < result->variable_count && ret == 0; i = next) {
        const struct result_variable *v = &result->variables[i];
        next = i + 1;
        if (!is_of_arm(result, v, ROLE_INTERVAL_METRIC, arm)) {
            continue;
        }
        while (next < result->variable_count && result->variables[next].role == ROLE_INTERVAL_METRIC &&
               strcmp(result->variables[next].analyte, v->analyte) == 0) {
            next++;
        }
        for (int k = i; k < next && ret == 0; k++) {
            ret = read_intervals(summary, &result->variables[k], arm,
                                 summary->rows + summary->row_count + (k - i), next - i, starts, count,
                                 values, d);
        }
        summary->row_count += ret == 0 ? count * (next - i) : 0;
    }
    return ret;
}

static int read_rows(struct summary *summary, double *starts, double *values, struct diagnostics *d)
{
    const int64_t arms = summary->result.sizes[DIMENSION_ARM];
    const int64_t step = summary->result.replicates + 1; /* from one arm as published to the next */
    int ret = 0;

    for (int64_t arm = 0; arm < arms && ret == 0; arm += step) {
        ret = read_arm(summary, arm, values, d);
    }
    for (int64_t arm = 0; arm < arms && ret == 0; arm += step) {
        ret = read_arm_intervals(summary, arm, starts, values, d);
    }
    return ret;
}

int summary_read(struct summary *summary, const char *path, struct diagnostics *d)
{
    struct result *result = &summary->result;
    double *values = NULL;
    double *starts = NULL;
    int ret = -1;

    *summary = (struct summary){0};
    if (result_open(result, path, d) != 0) {
        return -1;
    }
    const int metrics = count_role(result, ROLE_METRIC);
    const int interval_metrics = count_role(result, ROLE_INTERVAL_METRIC);
    const size_t intervals = interval_metrics > 0 ? (size_t)result->sizes[DIMENSION_INTERVAL] : 0;
    const size_t patients = (size_t)result->sizes[DIMENSION_PATIENT];
    summary->metric_count = metrics + interval_metrics;
    if (threshold_table_open(&summary->thresholds, result, d) != 0) {
        goto out;
    }
    if (summary->metric_count == 0 && summary->thresholds.count == 0) {
        diagnostics_error(d, (struct place){.file = path},
                          "holds no exposure; the study's output.store has no \"exposure\"");
        goto out;
    }
    summary->rows = calloc(
        (size_t)result->sizes[DIMENSION_ARM] * ((size_t)metrics + (size_t)interval_metrics * intervals) + 1,
        sizeof(*summary->rows));
    values = calloc(patients * (intervals + 1), sizeof(*values));
    starts = calloc((size_t)result->sizes[DIMENSION_INTERVAL] + 1, sizeof(*starts));
    if (!summary->rows || !values || !starts) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    if (broken_limits_read(&summary->limits, result, d) != 0 ||
        doubtful_slopes_read(&summary->slopes, result, d) != 0 ||
        sensitivity_table_read(&summary->sensitivity, result, d) != 0 ||
        changes_read(&summary->changes, result, d) != 0) {
        goto out;
    }
    ret = read_rows(summary, starts, values, d) != 0 ? -1 : summary_replicates(summary, d);
    if (ret == 0 && summary_compare(summary) != 0) {
        ret = diagnostics_out_of_memory(d);
    }

out:
    free(values);
    free(starts);
    if (ret != 0) {
        summary_clear(summary);
    }
    return ret;
}

void summary_clear(struct summary *summary)
{
    for (int64_t i = 0; i < summary->comparison_count; i++) {
        free(summary->comparisons[i].arm);
    }
    free(summary->comparisons);
    broken_limits_clear(&summary->limits);
    doubtful_slopes_clear(&summary->slopes);
    changes_clear(&summary->changes);
    threshold_table_clear(&summary->thresholds);
    sensitivity_table_clear(&summary->sensitivity);
    free(summary->rows);
    free(summary->replicates);
    result_close(&summary->result);
    *summary = (struct summary){0};
}
