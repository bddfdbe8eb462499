/* What a report says of a result that holds sensitivity: of its thousands of points only what they say together. */
#include "app/base/text_table.h"
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { AXES_TOLD = 4 };

/* "0.613 (0.509 to 0.743)" */
static void describe(char *text, size_t size, const struct estimate *e)
{
    snprintf(text, size, "%s (%s to %s)", number_describe(e->value).text, number_describe(e->lower).text,
             number_describe(e->upper).text);
}

static int tell_output(struct report *report, const struct sensitivity_table *table,
                       const struct sensitivity_output *output)
{
    const int leading = sensitivity_leading(table->method);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out) {
        return diagnostics_out_of_memory(report->d);
    }
    for (int i = 0; i < table->axis_count && i < AXES_TOLD; i++) {
        const int axis = output->order[i];
        char number[128];
        describe(number, sizeof(number), &output->estimates[axis * table->method->statistic_count + leading]);
        fprintf(out, "%s%s %s", i > 0 ? ", " : "", table->axes[axis], number);
    }
    if (fclose(out) != 0) {
        free(text);
        return diagnostics_out_of_memory(report->d);
    }
    page_item(&report->page, "%s, %s: %s", output->treatment, output->metric, text);
    free(text);
    return 0;
}

int report_sensitivity_answer(struct report *report)
{
    const struct sensitivity_table *table = &report->summary.sensitivity;
    const struct sensitivity_statistic *leading =
        &table->method->statistics[sensitivity_leading(table->method)];
    struct report_page *page = &report->page;

    page_heading(page, "Answer");
    page_paragraph(page, "Of the axes of the sweep each metric depends most on these, told by %s: %s.",
                   leading->name, leading->doc);
    page_list_begin(page);
    for (int64_t i = 0; i < table->output_count; i++) {
        const struct sensitivity_output *output = &table->outputs[i];
        if (output->gap != SENSITIVITY_KNOWN) {
            page_item(page, "%s, %s: no estimates, because %s", output->treatment, output->metric,
                      sensitivity_gap_text(output->gap));
        } else if (tell_output(report, table, output) != 0) {
            return -1;
        }
        if (output->dropped > 0) {
            page_item(page,
                      "%s, %s: %" PRId64 " of %" PRId64 " rows are left out, missing at one of their points",
                      output->treatment, output->metric, output->dropped, table->rows);
        }
    }
    page_list_end(page);
    page_paragraph(page,
                   "%s. Of the %s of the patients at each of %" PRId64 " points (%" PRId64
                   " rows); in brackets %g %% intervals from %" PRId64 " bootstrap replicates.",
                   table->method_text, table->patients, table->points, table->rows, 100 * table->confidence,
                   table->replicates);
    return 0;
}

static int put_row(struct report *report, const struct sensitivity_table *table,
                   const struct sensitivity_output *output, int axis)
{
    const int statistics = table->method->statistic_count;
    struct report_page *page = &report->page;
    char text[256];
    int failed = 0;

    snprintf(text, sizeof(text), "%s%s%s", output->metric, table->method->statistics[0].share ? "" : ", ",
             table->method->statistics[0].share ? "" : output->unit);
    failed |= page_cell(page, output->treatment);
    failed |= page_cell(page, text);
    failed |= page_cell(page, table->axes[axis]);
    for (int s = 0; s < statistics; s++) {
        describe(text, sizeof(text), &output->estimates[axis * statistics + s]);
        failed |= page_cell(page, text);
    }
    return failed;
}

int report_sensitivity_table(struct report *report)
{
    const struct sensitivity_table *table = &report->summary.sensitivity;
    struct report_page *page = &report->page;
    int failed = 0;

    page_heading(page, "Table");
    failed |= page_table_begin(page, 1 + table->output_count * table->axis_count,
                               3 + table->method->statistic_count,
                               "What each metric depends on. The exposure at each point is in the csv of "
                               "`ketsim summary`.");
    failed |= page_cell(page, "arm") | page_cell(page, "metric") | page_cell(page, "axis");
    for (int s = 0; s < table->method->statistic_count; s++) {
        failed |= page_cell(page, table->method->statistics[s].name);
    }
    for (int64_t i = 0; i < table->output_count && !failed; i++) {
        for (int k = 0; k < table->axis_count && !failed; k++) {
            failed |= put_row(report, table, &table->outputs[i], table->outputs[i].order[k]);
        }
    }
    return failed || page_table_end(page) != 0 ? diagnostics_out_of_memory(report->d) : 0;
}
