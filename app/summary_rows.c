#include "summary_rows.h"

#include <stdlib.h>
#include <string.h>

bool summary_row_is_ranged(const struct summary_row *row)
{
    const char *unit = row->variable->unit;

    return strcmp(unit, "h") == 0 || strcmp(unit, "1") == 0;
}

static int count_metrics(const struct result *result)
{
    int count = 0;

    for (int i = 0; i < result->variable_count; i++) {
        count += result->variables[i].role == ROLE_METRIC;
    }
    return count;
}

/* Whether a text is one of the words in a list separated by blanks. */
static bool is_among(const char *list, const char *text)
{
    const size_t length = strlen(text);

    for (const char *word = list; *word; word += strspn(word, " ")) {
        const size_t size = strcspn(word, " ");
        if (size == length && strncmp(word, text, length) == 0) {
            return true;
        }
        word += size;
    }
    return false;
}

/* The rows of an arm whose model has these analytes, NULL: all. */
static int read_arm(struct summary *summary, int64_t arm, const char *analytes, double *values,
                    struct diagnostics *d)
{
    struct result *result = &summary->result;
    const int64_t patients = result->sizes[DIMENSION_PATIENT];

    for (int i = 0; i < result->variable_count; i++) {
        const struct result_variable *v = &result->variables[i];
        if (v->role != ROLE_METRIC || (analytes && !is_among(analytes, v->analyte))) {
            continue;
        }
        if (result_read(result, v, arm, 0, patients, values, d) != 0) {
            return -1;
        }
        /* Who was not simulated has NaN, which the spread leaves out. */
        summary->rows[summary->row_count++] =
            (struct summary_row){arm, v, spread_compute(values, patients), -1};
    }
    return 0;
}

static int read_rows(struct summary *summary, double *values, struct diagnostics *d)
{
    struct result *result = &summary->result;
    int ret = 0;

    for (int64_t arm = 0; arm < result->sizes[DIMENSION_ARM] && ret == 0; arm++) {
        char *analytes = result_model_text(result, "analytes", result->arm_models[arm]);
        ret = read_arm(summary, arm, analytes, values, d);
        free(analytes);
    }
    return ret;
}

int summary_read(struct summary *summary, const char *path, struct diagnostics *d)
{
    double *values = NULL;
    size_t rows;
    int ret = -1;

    *summary = (struct summary){0};
    if (result_open(&summary->result, path, d) != 0) {
        return -1;
    }
    summary->metric_count = count_metrics(&summary->result);
    if (summary->metric_count == 0) {
        diagnostics_error(d, (struct place){.file = path},
                          "holds no exposure; the study's output.store has no \"exposure\"");
        goto out;
    }
    rows = (size_t)summary->result.sizes[DIMENSION_ARM] * (size_t)summary->metric_count;
    summary->rows = calloc(rows, sizeof(*summary->rows));
    values = calloc((size_t)summary->result.sizes[DIMENSION_PATIENT], sizeof(*values));
    if (!summary->rows || !values) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    if (broken_limits_read(&summary->limits, &summary->result, d) != 0) {
        goto out;
    }
    ret = read_rows(summary, values, d);
    if (ret == 0 && summary_compare(summary) != 0) {
        ret = diagnostics_out_of_memory(d);
    }

out:
    free(values);
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
    free(summary->rows);
    result_close(&summary->result);
    *summary = (struct summary){0};
}
