#include "summary_text.h"

#include "results.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Significant digits: more would pretend to know what the models do not. */
enum { DIGITS = 4 };

/* --- Cells --- */

struct number_text {
    char text[32];
};

static struct number_text number_describe(double value)
{
    struct number_text number = {"-"};

    if (isnan(value)) {
        return number;
    }
    const double size = fabs(value);
    if (size >= 1e6 || (size > 0 && size < 1e-4)) {
        snprintf(number.text, sizeof(number.text), "%.*e", DIGITS - 1, value);
        return number;
    }
    /* Fixed digits, so that numbers of one column are easily compared: 101.2, 10.12, 0.1012. */
    const int before = size > 0 ? (int)floor(log10(size)) + 1 : 1;
    const int after = before >= DIGITS ? 0 : DIGITS - before;
    snprintf(number.text, sizeof(number.text), "%.*f", after, value);
    return number;
}

/* Into `cell`: "101.2 (27.50 %) 62.10 to 160.3" or, for a time, "0.7500 (0.5000 to 1.250)"; one value stands alone. */
static void cell_describe(char *cell, size_t size, const struct summary_row *row, int64_t patients)
{
    const struct spread *s = &row->spread;
    size_t end;

    if (s->n == 0) {
        snprintf(cell, size, "-");
    } else if (s->n == 1) {
        snprintf(cell, size, "%s", number_describe(s->median).text);
    } else if (summary_row_is_time(row)) {
        snprintf(cell, size, "%s (%s to %s)", number_describe(s->median).text, number_describe(s->min).text,
                 number_describe(s->max).text);
    } else {
        snprintf(cell, size, "%s (%s %%) %s to %s", number_describe(s->geometric_mean).text,
                 number_describe(100 * s->geometric_cv).text, number_describe(s->p05).text,
                 number_describe(s->p95).text);
    }
    if (s->n > 0 && s->n < patients) {
        end = strlen(cell);
        snprintf(cell + end, size - end, " n=%" PRId64, s->n);
    }
}

/* --- Columns --- */

/* Letters on the terminal: bytes that do not continue a letter of UTF-8. */
static int text_width(const char *text)
{
    int width = 0;

    for (; *text; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

/* Texts of a file from elsewhere must not steer the terminal. */
static void text_put(FILE *out, const char *text)
{
    for (; *text; text++) {
        putc(iscntrl((unsigned char)*text) ? '?' : *text, out);
    }
}

static void text_put_padded(FILE *out, const char *text, int width)
{
    text_put(out, text);
    for (int i = text_width(text); i < width; i++) {
        putc(' ', out);
    }
}

/* The table: a line of head, then a line per arm and analyte. */
struct table {
    char **cells; /* [line][column], owned; NULL: empty */
    int *widths;  /* [column] */
    int64_t lines;
    int columns;
};

static int table_init(struct table *table, int64_t lines, int columns)
{
    *table = (struct table){.lines = lines, .columns = columns};
    table->cells = calloc((size_t)lines * (size_t)columns, sizeof(*table->cells));
    table->widths = calloc((size_t)columns, sizeof(*table->widths));
    return table->cells && table->widths ? 0 : -1;
}

static void table_clear(struct table *table)
{
    for (int64_t i = 0; i < table->lines * table->columns && table->cells; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    free(table->widths);
}

static int table_put(struct table *table, int64_t line, int column, const char *text)
{
    char **cell = &table->cells[line * table->columns + column];
    const int width = text_width(text);

    free(*cell);
    *cell = strdup(text);
    if (width > table->widths[column]) {
        table->widths[column] = width;
    }
    return *cell ? 0 : -1;
}

static void table_print(FILE *out, const struct table *table)
{
    for (int64_t line = 0; line < table->lines; line++) {
        for (int column = 0; column < table->columns; column++) {
            const char *cell = table->cells[line * table->columns + column];
            const bool last = column == table->columns - 1;
            text_put_padded(out, cell ? cell : "", last ? 0 : table->widths[column] + 2);
        }
        putc('\n', out);
    }
}

/* --- What the table says --- */

enum { COLUMN_ARM, COLUMN_ANALYTE, COLUMN_METRICS };

/* The place of a text in a list, `count` if it is not there. */
static int list_find(const char *const *list, int count, const char *text)
{
    int i = 0;

    while (i < count && strcmp(list[i], text) != 0) {
        i++;
    }
    return i;
}

/* The metrics in the order of the file, whatever analyte they are of. `metrics` has room for metric_count. */
static int list_metrics(const struct summary *summary, const char **metrics)
{
    int count = 0;

    for (int i = 0; i < summary->metric_count; i++) {
        const char *metric = summary->rows[i].variable->metric;
        if (list_find(metrics, count, metric) == count) {
            metrics[count++] = metric;
        }
    }
    return count;
}

static int table_fill_row(struct table *table, const struct summary *summary, const struct summary_row *row,
                          const char *const *metrics)
{
    const struct result *result = &summary->result;
    const struct result_variable *v = row->variable;
    const int column = COLUMN_METRICS + list_find(metrics, table->columns - COLUMN_METRICS, v->metric);
    const int analyte = list_find(result->analytes, result->analyte_count, v->analyte);
    const int64_t line = 1 + row->arm * result->analyte_count + analyte;
    char text[256];

    snprintf(text, sizeof(text), "%s, %s", v->metric, v->unit);
    if (table_put(table, 0, column, text) != 0 ||
        table_put(table, line, COLUMN_ARM, result->arms[row->arm]) != 0 ||
        table_put(table, line, COLUMN_ANALYTE, v->analyte) != 0) {
        return -1;
    }
    cell_describe(text, sizeof(text), row, result->sizes[DIMENSION_PATIENT]);
    return table_put(table, line, column, text);
}

static int print_table(FILE *out, const struct summary *summary)
{
    const struct result *result = &summary->result;
    const char **metrics = calloc((size_t)summary->metric_count, sizeof(*metrics));
    struct table table = {0};
    int ret = -1;

    if (!metrics ||
        table_init(&table, 1 + result->sizes[DIMENSION_ARM] * result->analyte_count,
                   COLUMN_METRICS + list_metrics(summary, metrics)) != 0 ||
        table_put(&table, 0, COLUMN_ARM, "arm") != 0 ||
        table_put(&table, 0, COLUMN_ANALYTE, "analyte") != 0) {
        goto out;
    }
    for (int64_t i = 0; i < summary->row_count; i++) {
        if (table_fill_row(&table, summary, &summary->rows[i], metrics) != 0) {
            goto out;
        }
    }
    table_print(out, &table);
    ret = 0;

out:
    table_clear(&table);
    free(metrics);
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

static void print_head(FILE *out, struct result *result)
{
    const int64_t arms = result->sizes[DIMENSION_ARM];
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
    fprintf(out, "; not simulated: %" PRId64, result_counter(result, "failed"));
    fprintf(out, "; with a parameter at its physical limit: %" PRId64, result_counter(result, "clamped"));
    fprintf(out, "; outside the model's validity: %" PRId64 "\n\n",
            result_counter(result, "outside_validity"));
}

int summary_text_print(FILE *out, struct summary *summary, struct diagnostics *d)
{
    print_head(out, &summary->result);
    if (print_table(out, summary) != 0) {
        return diagnostics_out_of_memory(d);
    }
    if (summary->result.sizes[DIMENSION_PATIENT] > 1) {
        fputs("\nlevels and areas: geometric mean (geometric CV) 5th to 95th percentile; times: median "
              "(range)\n"
              "n: patients with a value, where not all have one\n",
              out);
    }
    fprintf(out, "\n%s\n", RESULTS_DISCLAIMER);
    return 0;
}
