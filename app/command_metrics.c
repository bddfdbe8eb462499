/* ketsim metrics - the exposure metrics that a study can ask for. */
#include "app/base/csv.h"
#include "app/base/messages.h"
#include "app/base/text_table.h"
#include "arguments.h"
#include "commands.h"

#include "solver/exposure.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON };

static const char *const formats[] = {
    [FORMAT_TEXT] = "text",
    [FORMAT_CSV] = "csv",
    [FORMAT_JSON] = "json",
};

static const struct argp_option options[] = {
    {"format", 'f', "FORMAT", 0, "How they are printed: text (the default), csv or json", 0},
    {0},
};

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    enum format *format = state->input;

    switch (key) {
    case 'f':
        *format = (enum format)argument_choice(state, "--format", value, formats,
                                               (int)(sizeof(formats) / sizeof(*formats)));
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is one argument too many", value);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = arguments_take,
    .doc =
        "Lists the exposure metrics that a study can ask for with exposure.metrics, or with a key of their "
        "own, on stdout.",
};

/* --- What is said of a metric --- */

/* The columns beside name, code, unit and meaning. */
enum { FACT_PER, FACT_STATISTIC, FACT_EFFECTS, FACT_DRUG, FACT_SLOPE, FACT_FROM, FACT_KEY, FACT_COUNT };

static const char *const fact_names[] = {
    [FACT_PER] = "per",           [FACT_STATISTIC] = "statistic",  [FACT_EFFECTS] = "of_effects",
    [FACT_DRUG] = "only_of_drug", [FACT_SLOPE] = "needs_lambda_z", [FACT_FROM] = "from",
    [FACT_KEY] = "key",
};

static const char *yes_or_no(unsigned bits)
{
    return bits ? "yes" : "no";
}

static const char *fact(const struct exposure_metric *metric, int which)
{
    switch (which) {
    case FACT_PER:
        return metric->interval  ? metric->session ? "profile, interval, session" : "profile, interval"
               : metric->profile ? "profile"
                                 : "session";
    case FACT_STATISTIC:
        return statistic_name(metric->statistic);
    case FACT_EFFECTS:
        return yes_or_no(metric->traits & METRIC_OF_EFFECTS);
    case FACT_DRUG:
        return yes_or_no(metric->traits & METRIC_OF_DRUG);
    case FACT_SLOPE:
        return yes_or_no(metric->traits & METRIC_NEEDS_SLOPE);
    case FACT_FROM:
        return metric->traits & METRIC_OBSERVED      ? "observations"
               : metric->profile || metric->interval ? "observations, solution"
                                                     : "solution";
    default:
        return metric->key ? metric->key : "metrics";
    }
}

/* --- For people --- */

enum { COLUMN_NAME, COLUMN_CDISC, COLUMN_UNIT, COLUMN_PER, COLUMN_DOC, COLUMN_COUNT };

enum { DOC_WIDTH = 54, DOC_LINES_MAX = 4 };

/* Where a text goes on in the next line: after as many words as fit. */
static size_t line_length(const char *text)
{
    size_t length = strlen(text);

    if (length <= DOC_WIDTH) {
        return length;
    }
    for (length = DOC_WIDTH; length > 1 && text[length] != ' ';) {
        length--;
    }
    return length;
}

static int put_doc(struct table *table, int64_t *line, const char *doc)
{
    char part[DOC_WIDTH + 1];

    for (int i = 0; *doc && i < DOC_LINES_MAX; i++) {
        const size_t length = line_length(doc);
        snprintf(part, sizeof(part), "%.*s", (int)length, doc);
        if (table_put(table, *line, COLUMN_DOC, part) != 0) {
            return -1;
        }
        doc += length + (doc[length] == ' ');
        ++*line;
    }
    return 0;
}

static int64_t count_lines(void)
{
    int64_t lines = 1;

    for (int i = 0; i < exposure_metric_count; i++) {
        for (const char *doc = exposure_metrics[i].doc; *doc; lines++) {
            const size_t length = line_length(doc);
            doc += length + (doc[length] == ' ');
        }
    }
    return lines;
}

/* 0, or -1 without memory. */
static int print_text(FILE *out)
{
    static const char *const heads[COLUMN_COUNT] = {"metric", "CDISC", "unit", "per", "meaning"};
    struct table table;
    int64_t line = 1;
    int failed = table_init(&table, count_lines(), COLUMN_COUNT);

    for (int i = 0; i < COLUMN_COUNT && !failed; i++) {
        failed = table_put(&table, 0, i, heads[i]);
    }
    for (int i = 0; i < exposure_metric_count && !failed; i++) {
        const struct exposure_metric *metric = &exposure_metrics[i];
        failed = table_put(&table, line, COLUMN_NAME, metric->name) ||
                 table_put(&table, line, COLUMN_CDISC, metric->cdisc ? metric->cdisc : "-") ||
                 table_put(&table, line, COLUMN_UNIT, metric_unit(metric->kind, false)) ||
                 table_put(&table, line, COLUMN_PER, fact(metric, FACT_PER)) ||
                 put_doc(&table, &line, metric->doc);
    }
    if (!failed) {
        table_print(out, &table);
        fputs(
            "\nauc_between and time_above have keys of their own:\n"
            "  exposure: {auc_between: [{from: 0 h, to: 4 h}], time_above: [50 ng/mL]}\n"
            "Those of sessions are what a study's thresholds ask for, and always of the solution:\n"
            "  thresholds: {levels: [{level: 50 ng/mL, analyte: esketamine}], after: [2 h]}\n"
            "A metric of dosing intervals is, of a profile, that of its last whole interval. What stands on "
            "lambda_z is\nmissing without one; what needs the dose is missing for metabolites.\n"
            "With exposure: {from: solution} metrics are exact, not of the records; but lambda_z and what is "
            "said of its fit\n"
            "(half_life, ...) are always of the records.\n",
            out);
    }
    table_clear(&table);
    return failed ? -1 : 0;
}

/* --- For programs --- */

static void print_csv(FILE *out)
{
    fputs("metric,cdisc,unit", out);
    for (int k = 0; k < FACT_COUNT; k++) {
        fprintf(out, ",%s", fact_names[k]);
    }
    fputs(",meaning\n", out);
    for (int i = 0; i < exposure_metric_count; i++) {
        const struct exposure_metric *metric = &exposure_metrics[i];
        fprintf(out, "%s,%s,%s", metric->name, metric->cdisc ? metric->cdisc : "",
                metric_unit(metric->kind, false));
        for (int k = 0; k < FACT_COUNT; k++) {
            putc(',', out);
            csv_text(out, fact(metric, k));
        }
        putc(',', out);
        csv_text(out, metric->doc);
        putc('\n', out);
    }
}

static json_t *json_metric(const struct exposure_metric *metric)
{
    json_t *object = json_object();
    int failed = json_object_set_new(object, "metric", json_string(metric->name));

    failed |= json_object_set_new(object, "cdisc", metric->cdisc ? json_string(metric->cdisc) : json_null());
    failed |= json_object_set_new(object, "unit", json_string(metric_unit(metric->kind, false)));
    for (int k = 0; k < FACT_COUNT; k++) {
        failed |= json_object_set_new(object, fact_names[k], json_string(fact(metric, k)));
    }
    failed |= json_object_set_new(object, "meaning", json_string(metric->doc));
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* 0, or -1 without memory. */
static int print_json(FILE *out)
{
    json_t *array = json_array();
    int failed = !array;

    for (int i = 0; i < exposure_metric_count && !failed; i++) {
        failed = json_array_append_new(array, json_metric(&exposure_metrics[i]));
    }
    if (!failed) {
        json_dumpf(array, out, JSON_INDENT(2));
        putc('\n', out);
    }
    json_decref(array);
    return failed ? -1 : 0;
}

int command_metrics(int argc, char **argv)
{
    enum format format = FORMAT_TEXT;
    int failed = 0;

    argp_parse(&command_line, argc, argv, 0, NULL, &format);
    switch (format) {
    case FORMAT_TEXT:
        failed = print_text(stdout);
        break;
    case FORMAT_CSV:
        print_csv(stdout);
        break;
    case FORMAT_JSON:
        failed = print_json(stdout);
        break;
    }
    if (failed) {
        message("error: out of memory");
    } else if (fflush(stdout) != 0) {
        message("error: the metrics cannot be written to the standard output");
        failed = -1;
    }
    return failed ? STATUS_FAILED : STATUS_OK;
}
