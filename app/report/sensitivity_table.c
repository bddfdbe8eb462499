#include "sensitivity_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sensitivity_table_clear(struct sensitivity_table *table)
{
    free(table->method_text);
    free(table->patients);
    hdf_texts_free(table->axes, table->axis_count);
    hdf_texts_free(table->treatments, table->treatment_count);
    hdf_texts_free(table->metrics, table->metric_count);
    hdf_texts_free(table->units, table->metric_count);
    free(table->outputs);
    free(table->estimates);
    free(table->orders);
    *table = (struct sensitivity_table){0};
}

int sensitivity_leading(const struct sensitivity_method *method)
{
    return method == sensitivity_method(SENSITIVITY_SOBOL) ? SOBOL_TOTAL : MORRIS_MU_STAR;
}

static int damaged(const struct result *result, const char *what, struct diagnostics *d)
{
    return diagnostics_error(d, (struct place){.file = result->path}, "the %s of its sensitivity is damaged",
                             what);
}

/* --- What it is --- */

static int read_head(struct sensitivity_table *table, struct result *result, struct diagnostics *d)
{
    static const enum sensitivity_kind kinds[] = {SENSITIVITY_SOBOL, SENSITIVITY_MORRIS};
    char *name = result_text(result, "sensitivity");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && name; i++) {
        if (strcmp(sensitivity_method(kinds[i])->name, name) == 0) {
            table->method = sensitivity_method(kinds[i]);
        }
    }
    free(name);
    table->method_text = result_text(result, "sensitivity_method");
    table->patients = result_text(result, "sensitivity_patients");
    table->rows = result_counter(result, "sensitivity_rows");
    table->points = result_counter(result, "sensitivity_points");
    table->replicates = result_counter(result, "sensitivity_replicates");
    if (!table->method || !table->method_text || !table->patients || table->rows < 1 || table->points < 1 ||
        !hdf_number(result->file, NULL, "sensitivity_confidence", HDF_FLOAT64, &table->confidence)) {
        return damaged(result, "description", d);
    }
    return 0;
}

static int read_texts(struct sensitivity_table *table, struct result *result, struct diagnostics *d)
{
    const struct result_variable *units = result_find(result, ROLE_METRIC_UNIT, NULL, NULL);
    int64_t axes = 0;
    int64_t unit_count = 0;

    if (!units) {
        return damaged(result, "units", d);
    }
    if (hdf_read_texts(result->file, dimension_name(DIMENSION_AXIS), &table->axes, &axes, d) != 0) {
        return -1;
    }
    table->axis_count = (int)axes;
    if (hdf_read_texts(result->file, dimension_name(DIMENSION_TREATMENT), &table->treatments,
                       &table->treatment_count, d) != 0 ||
        hdf_read_texts(result->file, dimension_name(DIMENSION_METRIC), &table->metrics, &table->metric_count,
                       d) != 0) {
        return -1;
    }
    return hdf_read_texts(result->file, units->name, &table->units, &unit_count, d);
}

/* --- Its numbers --- */

/* The variable that holds one end of a statistic's estimates. */
static const struct result_variable *variable_of(const struct result *result,
                                                 const struct sensitivity_method *method, int statistic,
                                                 const char *suffix)
{
    char name[128];

    snprintf(name, sizeof(name), "%s_%s%s", method->name, method->statistics[statistic].name, suffix);
    for (int i = 0; i < result->variable_count; i++) {
        const struct result_variable *v = &result->variables[i];
        if (v->role == ROLE_SENSITIVITY && strcmp(v->name, name) == 0) {
            return v;
        }
    }
    return NULL;
}

static int read_ends(struct sensitivity_table *table, struct result *result, int statistic, int end,
                     double *values, struct diagnostics *d)
{
    static const char *const suffixes[] = {"", "_lower", "_upper"};
    const struct result_variable *v = variable_of(result, table->method, statistic, suffixes[end]);
    const int64_t count = table->output_count * table->axis_count;
    const int64_t start[] = {0, 0, 0};
    const int64_t sizes[] = {table->treatment_count, table->metric_count, table->axis_count};

    if (!v) {
        return damaged(result, "estimates", d);
    }
    if (hdf_read(result->file, v->name, HDF_FLOAT64, start, sizes, values, d) != 0) {
        return -1;
    }
    for (int64_t i = 0; i < count; i++) {
        struct estimate *e = &table->estimates[i * table->method->statistic_count + statistic];
        *(end == 0 ? &e->value : end == 1 ? &e->lower : &e->upper) = values[i];
    }
    return 0;
}

static int read_behind(struct sensitivity_table *table, struct result *result, double *values,
                       struct diagnostics *d)
{
    const struct result_variable *dropped = result_find(result, ROLE_SENSITIVITY_DROPPED, NULL, NULL);
    const struct result_variable *gap = result_find(result, ROLE_SENSITIVITY_GAP, NULL, NULL);
    const int64_t start[] = {0, 0};
    const int64_t sizes[] = {table->treatment_count, table->metric_count};

    if (!dropped || !gap) {
        return damaged(result, "count of rows", d);
    }
    if (hdf_read(result->file, dropped->name, HDF_FLOAT64, start, sizes, values, d) != 0) {
        return -1;
    }
    for (int64_t i = 0; i < table->output_count; i++) {
        if (!(values[i] >= 0 && values[i] <= (double)table->rows)) {
            return damaged(result, "count of rows", d);
        }
        table->outputs[i].dropped = (int64_t)values[i];
    }
    if (hdf_read(result->file, gap->name, HDF_FLOAT64, start, sizes, values, d) != 0) {
        return -1;
    }
    for (int64_t i = 0; i < table->output_count; i++) {
        if (!(values[i] >= SENSITIVITY_KNOWN && values[i] <= SENSITIVITY_CONSTANT)) {
            return damaged(result, "gaps", d);
        }
        table->outputs[i].gap = (enum sensitivity_gap)values[i];
    }
    return 0;
}

/* --- Order --- */

/* Whether axis `a` comes before `b`: by size, unknown ones last, then as in the sweep. */
static bool comes_before(const struct sensitivity_table *table, const struct sensitivity_output *output,
                         int a, int b)
{
    const int leading = sensitivity_leading(table->method);
    const double of_a = output->estimates[a * table->method->statistic_count + leading].value;
    const double of_b = output->estimates[b * table->method->statistic_count + leading].value;

    if (of_a == of_b || (isnan(of_a) && isnan(of_b))) {
        return a < b;
    }
    return isnan(of_b) || of_a > of_b;
}

static void sort_axes(const struct sensitivity_table *table, struct sensitivity_output *output)
{
    for (int i = 0; i < table->axis_count; i++) {
        int place = i;
        while (place > 0 && comes_before(table, output, i, output->order[place - 1])) {
            output->order[place] = output->order[place - 1];
            place--;
        }
        output->order[place] = i;
    }
}

/* --- The whole --- */

static int read_outputs(struct sensitivity_table *table, struct result *result, struct diagnostics *d)
{
    const int statistics = table->method->statistic_count;
    const int64_t numbers = table->output_count * table->axis_count;
    double *values = malloc((size_t)(numbers + table->output_count + 1) * sizeof(*values));
    int ret = 0;

    table->outputs = calloc((size_t)table->output_count + 1, sizeof(*table->outputs));
    table->estimates = calloc((size_t)(numbers * statistics) + 1, sizeof(*table->estimates));
    table->orders = calloc((size_t)numbers + 1, sizeof(*table->orders));
    if (!values || !table->outputs || !table->estimates || !table->orders) {
        ret = diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < statistics * SENSITIVITY_BOUNDS && ret == 0; i++) {
        ret = read_ends(table, result, i / SENSITIVITY_BOUNDS, i % SENSITIVITY_BOUNDS, values, d);
    }
    if (ret == 0) {
        ret = read_behind(table, result, values, d);
    }
    for (int64_t i = 0; i < table->output_count && ret == 0; i++) {
        struct sensitivity_output *output = &table->outputs[i];
        output->treatment = table->treatments[i / table->metric_count];
        output->metric = table->metrics[i % table->metric_count];
        output->unit = table->units[i % table->metric_count];
        output->estimates = table->estimates + i * table->axis_count * statistics;
        output->order = table->orders + i * table->axis_count;
        sort_axes(table, output);
    }
    free(values);
    return ret;
}

int sensitivity_table_read(struct sensitivity_table *table, struct result *result, struct diagnostics *d)
{
    *table = (struct sensitivity_table){0};
    if (result->sizes[DIMENSION_TREATMENT] == 0) {
        return 0;
    }
    if (read_head(table, result, d) != 0 || read_texts(table, result, d) != 0) {
        return -1;
    }
    table->output_count = table->treatment_count * table->metric_count;
    return read_outputs(table, result, d);
}
