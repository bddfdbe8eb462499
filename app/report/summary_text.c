#include "summary_text.h"

#include "app/base/text_table.h"
#include "app/results/results.h"
#include "app/results/results_certificate.h"
#include "summary_changes.h"
#include "summary_sensitivity.h"
#include "summary_thresholds.h"
#include "summary_uncertainty.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Cells --- */

/* As a percentage; what a solver leaves between identical patients is none. */
static struct number_text cv_describe(const struct spread *spread)
{
    if (!isnan(spread->geometric_cv) && !spread_differs(spread)) {
        return (struct number_text){"0.00"};
    }
    return number_describe(100 * spread->geometric_cv);
}

/* Into `cell`: "101.2 (27.50 %) 62.10 to 160.3"; of times and effects "0.7500 (0.5000 to 1.250)", of half-lives "10.97
 * (SD 2.100)"; one value stands alone. */
static void cell_describe(char *cell, size_t size, const struct summary_row *row, int64_t patients)
{
    const struct spread *s = &row->spread;
    size_t end;

    if (s->n == 0) {
        snprintf(cell, size, "-");
    } else if (s->n == 1) {
        snprintf(cell, size, "%s", number_describe(s->median).text);
    } else if (summary_statistic(row->variable) == STATISTIC_MEDIAN) {
        snprintf(cell, size, "%s (%s to %s)", number_describe(s->median).text, number_describe(s->min).text,
                 number_describe(s->max).text);
    } else if (summary_statistic(row->variable) == STATISTIC_MEAN) {
        snprintf(cell, size, "%s (SD %s)", number_describe(s->mean).text, number_describe(s->sd).text);
    } else {
        snprintf(cell, size, "%s (%s %%) %s to %s", number_describe(s->geometric_mean).text,
                 cv_describe(s).text, number_describe(s->p05).text, number_describe(s->p95).text);
    }
    if (s->n > 0 && s->n < patients) {
        end = strlen(cell);
        snprintf(cell + end, size - end, " n=%" PRId64, s->n);
    }
}

/* --- What the table says --- */

enum { COLUMN_ARM, COLUMN_ANALYTE };

/* The table of profiles, or that of dosing intervals, which says which interval. */
struct table_kind {
    enum role role;
    int first_metric; /* column */
};

static const struct table_kind of_profiles = {ROLE_METRIC, 2};
static const struct table_kind of_intervals = {ROLE_INTERVAL_METRIC, 4};

enum { COLUMN_INTERVAL = 2, COLUMN_START };

/* The column of a metric: that of the first variable with the same metric and unit, since levels and effects do not share
 * units; `count` if there is none. */
static int column_find(const struct result_variable *const *columns, int count,
                       const struct result_variable *v)
{
    int i = 0;

    while (i < count &&
           (strcmp(columns[i]->metric, v->metric) != 0 || strcmp(columns[i]->unit, v->unit) != 0)) {
        i++;
    }
    return i;
}

/* The columns in the order of the file, whatever analyte they are of. `columns` has room for metric_count. */
static int list_columns(const struct summary *summary, enum role role, const struct result_variable **columns)
{
    int count = 0;

    for (int i = 0; i < summary->result.variable_count; i++) {
        const struct result_variable *v = &summary->result.variables[i];
        if (v->role == role && column_find(columns, count, v) == count) {
            columns[count++] = v;
        }
    }
    return count;
}

/* Whether a row stands in another line of the table than the row before it. */
static bool begins_line(const struct summary_row *row, const struct summary *summary)
{
    return row == summary->rows || row->arm != row[-1].arm || row->interval != row[-1].interval ||
           strcmp(row->variable->analyte, row[-1].variable->analyte) != 0;
}

static int table_fill_row(struct table *table, int64_t line, const struct summary *summary,
                          const struct summary_row *row, const struct table_kind *kind,
                          const struct result_variable *const *columns)
{
    const struct result *result = &summary->result;
    const struct result_variable *v = row->variable;
    const int column = kind->first_metric + column_find(columns, table->columns - kind->first_metric, v);
    char text[256];

    snprintf(text, sizeof(text), "%s, %s", v->metric, v->unit);
    if (table_put(table, 0, column, text) != 0 ||
        table_put(table, line, COLUMN_ARM, result->arms[row->arm]) != 0 ||
        table_put(table, line, COLUMN_ANALYTE, v->analyte) != 0) {
        return -1;
    }
    if (row->interval > 0) {
        snprintf(text, sizeof(text), "%" PRId64, row->interval);
        if (table_put(table, line, COLUMN_INTERVAL, text) != 0) {
            return -1;
        }
        snprintf(text, sizeof(text), "%g", row->start);
        if (table_put(table, line, COLUMN_START, text) != 0) {
            return -1;
        }
    }
    cell_describe(text, sizeof(text), row, result->sizes[DIMENSION_PATIENT]);
    return table_put(table, line, column, text);
}

/* 0 also where there are no rows. */
static int print_table(FILE *out, const struct summary *summary, const struct table_kind *kind)
{
    const struct result_variable **columns = calloc((size_t)summary->metric_count + 1, sizeof(*columns));
    struct table table = {0};
    int64_t lines = 1;
    int64_t line = 0;
    int ret = -1;

    for (int64_t i = 0; i < summary->row_count; i++) {
        lines += summary->rows[i].variable->role == kind->role && begins_line(&summary->rows[i], summary);
    }
    if (lines == 1) {
        ret = 0;
        goto out;
    }
    if (!columns ||
        table_init(&table, lines, kind->first_metric + list_columns(summary, kind->role, columns)) != 0 ||
        table_put(&table, 0, COLUMN_ARM, "arm") != 0 ||
        table_put(&table, 0, COLUMN_ANALYTE, "analyte") != 0) {
        goto out;
    }
    for (int64_t i = 0; i < summary->row_count; i++) {
        if (summary->rows[i].variable->role != kind->role) {
            continue;
        }
        line += begins_line(&summary->rows[i], summary);
        if (table_fill_row(&table, line, summary, &summary->rows[i], kind, columns) != 0) {
            goto out;
        }
    }
    if (kind->role == ROLE_INTERVAL_METRIC) {
        if (table_put(&table, 0, COLUMN_INTERVAL, "interval") != 0 ||
            table_put(&table, 0, COLUMN_START, "from, h") != 0) {
            goto out;
        }
        fputs("\nby dosing interval; tmax since its start\n\n", out);
    }
    table_print(out, &table);
    ret = 0;

out:
    table_clear(&table);
    free(columns);
    return ret;
}

/* --- Between models --- */

/* "118.2 domino-1982": the geometric mean of a row and its model. */
static int put_extreme(struct table *table, int64_t line, int column, const struct summary *summary,
                       int64_t row)
{
    char text[256];

    snprintf(text, sizeof(text), "%s %s", number_describe(summary->rows[row].spread.geometric_mean).text,
             summary->result.arm_models[summary->rows[row].arm]);
    return table_put(table, line, column, text);
}

enum {
    BETWEEN_ARM,
    BETWEEN_ANALYTE,
    BETWEEN_METRIC,
    BETWEEN_LOWEST,
    BETWEEN_HIGHEST,
    BETWEEN_MODELS,
    BETWEEN_PATIENTS,
    BETWEEN_COLUMNS
};

static int table_fill_comparison(struct table *table, int64_t line, const struct summary *summary,
                                 const struct comparison *c)
{
    char text[256];

    snprintf(text, sizeof(text), "%s, %s", c->variable->metric, c->variable->unit);
    if (table_put(table, line, BETWEEN_ARM, c->arm) != 0 ||
        table_put(table, line, BETWEEN_ANALYTE, c->variable->analyte) != 0 ||
        table_put(table, line, BETWEEN_METRIC, text) != 0 ||
        put_extreme(table, line, BETWEEN_LOWEST, summary, c->lowest) != 0 ||
        put_extreme(table, line, BETWEEN_HIGHEST, summary, c->highest) != 0) {
        return -1;
    }
    snprintf(text, sizeof(text), "%.2f (%d)", c->models_ratio, c->models);
    if (table_put(table, line, BETWEEN_MODELS, text) != 0) {
        return -1;
    }
    if (c->patients_models > 0) {
        snprintf(text, sizeof(text), "%.2f (%d)", c->patients_ratio, c->patients_models);
    } else {
        snprintf(text, sizeof(text), "-");
    }
    return table_put(table, line, BETWEEN_PATIENTS, text);
}

/* The second table, where there is something to compare. */
static int print_comparisons(FILE *out, const struct summary *summary)
{
    static const char *const heads[BETWEEN_COLUMNS] = {
        "arm", "analyte", "metric", "lowest model", "highest model", "highest/lowest", "patients p95/p05",
    };
    struct table table = {0};
    int ret = -1;

    if (summary->comparison_count == 0) {
        return 0;
    }
    if (table_init(&table, 1 + summary->comparison_count, BETWEEN_COLUMNS) != 0) {
        goto out;
    }
    for (int i = 0; i < BETWEEN_COLUMNS; i++) {
        if (table_put(&table, 0, i, heads[i]) != 0) {
            goto out;
        }
    }
    for (int64_t i = 0; i < summary->comparison_count; i++) {
        if (table_fill_comparison(&table, 1 + i, summary, &summary->comparisons[i]) != 0) {
            goto out;
        }
    }
    fputs(
        "\nspread between models: lowest and highest geometric mean (of how many models); between patients: "
        "p95/p05, median over\nthe models whose patients differ (how many)\n\n",
        out);
    table_print(out, &table);
    ret = 0;

out:
    table_clear(&table);
    return ret;
}

/* --- What stands around it --- */

/* An attribute, or nothing where the file has none; freed. */
static void print_attribute(FILE *out, const char *before, char *text)
{
    if (text && *text) {
        fputs(before, out);
        text_put(out, text);
    }
    free(text);
}

static void print_certificate(FILE *out, struct result *result)
{
    struct result_certificate certificate;

    result_certificate_read(&certificate, result);
    if (certificate.route.text[0]) {
        fputs("certificate: ", out);
        text_put(out, result_certificate_describe(&certificate).text);
        putc('\n', out);
    }
}

/* Tells if metrics are not, as usually, of what was observed alone. */
static void print_origin(FILE *out, const struct summary *summary)
{
    bool solution = false;
    bool observed = false;

    for (int64_t i = 0; i < summary->row_count; i++) {
        const char *from = summary->rows[i].variable->from;
        solution |= from && strncmp(from, "solution", strlen("solution")) == 0;
        observed |= from && strstr(from, "observations") != NULL;
    }
    if (solution) {
        fprintf(out, "exposure is from the solution%s\n",
                observed ? "; lambda_z, what stands on it, and effects: from the observations" : "");
    }
}

static void print_head(FILE *out, struct summary *summary)
{
    struct result *result = &summary->result;
    const int64_t arms = result->sizes[DIMENSION_ARM] / (result->replicates + 1);
    const int64_t patients = result->sizes[DIMENSION_PATIENT];

    print_attribute(out, "", result_text(result, "title"));
    putc('\n', out);
    for (int i = 0; i < result->model_count; i++) {
        const char *model = result->models[i];
        fputs("model ", out);
        text_put(out, model);
        print_attribute(out, ": ", result_model_text(result, "citation", model));
        print_attribute(out, "; doi:", result_model_text(result, "doi", model));
        print_attribute(out, "; drug: ", result_model_text(result, "drug", model));
        print_attribute(out, "; samples: ", result_model_text(result, "sampling", model));
        putc('\n', out);
    }
    fprintf(out, "%" PRId64 " patient%s x %" PRId64 " arm%s", patients, patients == 1 ? "" : "s", arms,
            arms == 1 ? "" : "s");
    if (result->replicates > 0) {
        fprintf(out, " x (1 + %" PRId64 " replicates)", result->replicates);
    }
    fprintf(out, "; not simulated: %" PRId64, result_counter(result, "failed"));
    fprintf(out, "; with a parameter at its physical limit: %" PRId64, result_counter(result, "clamped"));
    fprintf(out, "; outside the model's validity: %" PRId64, result_counter(result, "outside_validity"));
    for (int i = 0; i < summary->limits.count; i++) {
        const struct broken_limit *limit = &summary->limits.items[i];
        fputs(i == 0 ? " (" : "; ", out);
        text_put(out, limit->name);
        fputs(" of ", out);
        text_put(out, limit->model);
        fprintf(out, ": %" PRId64, limit->simulations);
    }
    fputs(summary->limits.count > 0 ? ")\n" : "\n", out);
    for (int i = 0; i < summary->slopes.count; i++) {
        const struct doubtful_slope *slope = &summary->slopes.items[i];
        char *text = doubtful_slope_describe(slope);
        fputs("doubtful terminal slope of ", out);
        text_put(out, slope->analyte);
        fprintf(out, ": %" PRId64 " of %" PRId64 " (%s)\n", slope->doubtful, slope->simulated,
                text ? text : "");
        free(text);
    }
    print_certificate(out, result);
    print_origin(out, summary);
    putc('\n', out);
}

/* The points of a design say little one by one, and there are thousands: what they say together is told. */
static int print_sensitivity(FILE *out, const struct summary *summary, struct diagnostics *d)
{
    if (sensitivity_print(out, &summary->sensitivity) != 0) {
        return diagnostics_out_of_memory(d);
    }
    fprintf(out, "\nthe exposure at each point is in the csv\n\n%s\n", RESULTS_DISCLAIMER);
    return 0;
}

int summary_text_print(FILE *out, struct summary *summary, struct diagnostics *d)
{
    print_head(out, summary);
    if (summary->sensitivity.method) {
        return print_sensitivity(out, summary, d);
    }
    if (print_table(out, summary, &of_profiles) != 0 || print_table(out, summary, &of_intervals) != 0) {
        return diagnostics_out_of_memory(d);
    }
    if (summary->result.sizes[DIMENSION_PATIENT] > 1) {
        fputs("\nlevels, areas and what follows: geometric mean (geometric CV) 5th to 95th percentile; "
              "times and effects: median (range); half-life: mean (SD)\n"
              "n: patients with a value, where not all have one\n",
              out);
    }
    if (uncertainty_print(out, summary) != 0 || print_comparisons(out, summary) != 0 ||
        changes_print(out, &summary->changes, &summary->result) != 0) {
        return diagnostics_out_of_memory(d);
    }
    if (thresholds_print(out, summary, d) != 0) {
        return -1;
    }
    fprintf(out, "\n%s\n", RESULTS_DISCLAIMER);
    return 0;
}
