#include "summary_sensitivity.h"

#include "app/base/text_table.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* --- For people --- */

enum { COLUMN_ARM, COLUMN_METRIC, COLUMN_AXIS, COLUMN_STATISTICS };

/* Shares with as many digits as their intervals are ever sure of. */
static struct number_text value_describe(const struct sensitivity_statistic *statistic, double value)
{
    struct number_text text = number_describe(value);

    if (statistic->share && !isnan(value)) {
        snprintf(text.text, sizeof(text.text), "%.3f", value);
    }
    return text;
}

static int put_estimate(struct table *lines, int64_t line, int column,
                        const struct sensitivity_statistic *statistic, const struct estimate *e)
{
    char text[128];

    snprintf(text, sizeof(text), "%s (%s to %s)", value_describe(statistic, e->value).text,
             value_describe(statistic, e->lower).text, value_describe(statistic, e->upper).text);
    return table_put(lines, line, column, text);
}

static int put_output(struct table *lines, int64_t line, const struct sensitivity_table *table,
                      const struct sensitivity_output *output)
{
    const struct sensitivity_method *method = table->method;
    char metric[256];
    int ret = 0;

    snprintf(metric, sizeof(metric), "%s%s%s", output->metric, method->statistics[0].share ? "" : ", ",
             method->statistics[0].share ? "" : output->unit);
    for (int i = 0; i < table->axis_count && ret == 0; i++) {
        const int axis = output->order[i];
        if (table_put(lines, line + i, COLUMN_ARM, output->treatment) != 0 ||
            table_put(lines, line + i, COLUMN_METRIC, metric) != 0 ||
            table_put(lines, line + i, COLUMN_AXIS, table->axes[axis]) != 0) {
            ret = -1;
        }
        for (int s = 0; s < method->statistic_count && ret == 0; s++) {
            ret = put_estimate(lines, line + i, COLUMN_STATISTICS + s, &method->statistics[s],
                               &output->estimates[axis * method->statistic_count + s]);
        }
    }
    return ret;
}

static int print_estimates(FILE *out, const struct sensitivity_table *table)
{
    const struct sensitivity_method *method = table->method;
    struct table lines;
    int64_t line = 1;
    int64_t known = 0;
    int ret;

    for (int64_t i = 0; i < table->output_count; i++) {
        known += table->outputs[i].gap == SENSITIVITY_KNOWN;
    }
    if (known == 0) {
        return 0;
    }
    ret = table_init(&lines, 1 + known * table->axis_count, COLUMN_STATISTICS + method->statistic_count);
    if (ret == 0 &&
        (table_put(&lines, 0, COLUMN_ARM, "arm") != 0 || table_put(&lines, 0, COLUMN_METRIC, "metric") != 0 ||
         table_put(&lines, 0, COLUMN_AXIS, "axis") != 0)) {
        ret = -1;
    }
    for (int s = 0; s < method->statistic_count && ret == 0; s++) {
        ret = table_put(&lines, 0, COLUMN_STATISTICS + s, method->statistics[s].name);
    }
    for (int64_t i = 0; i < table->output_count && ret == 0; i++) {
        if (table->outputs[i].gap == SENSITIVITY_KNOWN) {
            ret = put_output(&lines, line, table, &table->outputs[i]);
            line += table->axis_count;
        }
    }
    if (ret == 0) {
        table_print(out, &lines);
    }
    table_clear(&lines);
    return ret;
}

static void print_doubts(FILE *out, const struct sensitivity_table *table)
{
    for (int64_t i = 0; i < table->output_count; i++) {
        const struct sensitivity_output *output = &table->outputs[i];
        if (output->gap == SENSITIVITY_KNOWN && output->dropped == 0) {
            continue;
        }
        text_put(out, output->metric);
        fputs(" in ", out);
        text_put(out, output->treatment);
        if (output->gap != SENSITIVITY_KNOWN) {
            fprintf(out, ": no estimates, because %s", sensitivity_gap_text(output->gap));
        }
        if (output->dropped > 0) {
            fprintf(out,
                    "%s %" PRId64 " of %" PRId64 " rows are left out: it is missing at one of their points",
                    output->gap == SENSITIVITY_KNOWN ? ":" : ";", output->dropped, table->rows);
        }
        putc('\n', out);
    }
}

int sensitivity_print(FILE *out, const struct sensitivity_table *table)
{
    const struct sensitivity_method *method = table->method;

    fprintf(out, "%s\nof the ", method->doc);
    text_put(out, table->patients);
    fprintf(out,
            " of the patients at each of %" PRId64 " points (%" PRId64
            " rows); in brackets: %g %% interval from %" PRId64 " bootstrap replicates\n\n",
            table->points, table->rows, 100 * table->confidence, table->replicates);
    if (print_estimates(out, table) != 0) {
        return -1;
    }
    putc('\n', out);
    print_doubts(out, table);
    for (int s = 0; s < method->statistic_count; s++) {
        fprintf(out, "%s: %s\n", method->statistics[s].name, method->statistics[s].doc);
    }
    return 0;
}

/* --- For programs --- */

static json_t *number_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *axis_json(const struct sensitivity_table *table, const struct sensitivity_output *output,
                         int axis)
{
    const struct sensitivity_method *method = table->method;
    json_t *object = json_object();
    int failed = json_object_set_new(object, "axis", json_string(table->axes[axis]));

    for (int s = 0; s < method->statistic_count; s++) {
        const struct estimate *e = &output->estimates[axis * method->statistic_count + s];
        json_t *ends = json_object();
        failed |= json_object_set_new(ends, "value", number_json(e->value));
        failed |= json_object_set_new(ends, "lower", number_json(e->lower));
        failed |= json_object_set_new(ends, "upper", number_json(e->upper));
        failed |= json_object_set_new(object, method->statistics[s].name, ends);
    }
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *output_json(const struct sensitivity_table *table, const struct sensitivity_output *output)
{
    json_t *object = json_object();
    json_t *axes = json_array();
    int failed = 0;

    for (int i = 0; i < table->axis_count; i++) {
        failed |= json_array_append_new(axes, axis_json(table, output, output->order[i]));
    }
    failed |= json_object_set_new(object, "arm", json_string(output->treatment));
    failed |= json_object_set_new(object, "metric", json_string(output->metric));
    failed |= json_object_set_new(object, "unit", json_string(output->unit));
    failed |= json_object_set_new(object, "rows_dropped", json_integer(output->dropped));
    failed |= json_object_set_new(
        object, "gap",
        output->gap == SENSITIVITY_KNOWN ? json_null() : json_string(sensitivity_gap_text(output->gap)));
    failed |= json_object_set_new(object, "axes", axes);
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *sensitivity_json(const struct sensitivity_table *table)
{
    json_t *object = json_object();
    json_t *outputs = json_array();
    int failed = 0;

    for (int64_t i = 0; i < table->output_count; i++) {
        failed |= json_array_append_new(outputs, output_json(table, &table->outputs[i]));
    }
    failed |= json_object_set_new(object, "method", json_string(table->method->name));
    failed |= json_object_set_new(object, "of_patients", json_string(table->patients));
    failed |= json_object_set_new(object, "rows", json_integer(table->rows));
    failed |= json_object_set_new(object, "points", json_integer(table->points));
    failed |= json_object_set_new(object, "confidence", json_real(table->confidence));
    failed |= json_object_set_new(object, "replicates", json_integer(table->replicates));
    failed |= json_object_set_new(object, "outputs", outputs);
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}
