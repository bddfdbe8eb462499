#include "report.h"

#include "app/base/text_table.h"
#include "app/results/results.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Question --- */

static void put_item_key(FILE *out, const struct node *item, const char *key, const char *before,
                         const char *after)
{
    const struct node *node = node_find(item, key);

    if (node_is_scalar(node)) {
        fprintf(out, "%s%s%s", before, node->text, after);
    } else if (node && node->kind == NODE_LIST) {
        for (int i = 0; i < node->count; i++) {
            fprintf(out, "%s%s", i == 0 ? before : ", ",
                    node_is_scalar(node->items[i]) ? node->items[i]->text : "?");
        }
        fputs(after, out);
    }
}

/* "84 mg intranasal on days 0, 3; 28 mg iv over 40 min at 1 h". malloc'ed; NULL without memory. */
static char *regimen_words(const struct outline_arm *arm)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out) {
        return NULL;
    }
    for (int i = 0; arm->regimen && i < arm->regimen->count; i++) {
        const struct node *item = arm->regimen->items[i];
        const bool days = node_find(item, "on_days") != NULL;
        fputs(i > 0 ? "; " : "", out);
        put_item_key(out, item, "dose", "", " ");
        put_item_key(out, item, "drug", "", " ");
        put_item_key(out, item, "route", "", "");
        put_item_key(out, item, "over", " over ", "");
        put_item_key(out, item, "rate", " at a rate of ", "");
        if (!days || !node_reads(node_find(item, "at"), "0 h")) {
            put_item_key(out, item, "at", days ? ", each " : " at ",
                         days ? " after the start of the day," : "");
        }
        put_item_key(out, item, "on_days", " on days ", "");
        put_item_key(out, item, "on_dates", " on ", "");
        put_item_key(out, item, "skip_devices", ", without device ", "");
        put_item_key(out, item, "lost_sprays", ", with a spray lost of device ", "");
        put_item_key(out, item, "every", ", every ", "");
        put_item_key(out, item, "times", ", ", " times");
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int report_question(struct report *report)
{
    struct report_page *page = &report->page;
    const int64_t patients = report->result.sizes[DIMENSION_PATIENT];
    const int64_t arms = report->result.sizes[DIMENSION_ARM] / (report->result.replicates + 1);

    page_heading(page, "Question");
    page_paragraph(page,
                   patients == 1 ? "What levels does %" PRId64 " simulated patient reach after these doses?"
                                 : "What levels do %" PRId64 " simulated patients reach after these doses?",
                   patients);
    page_list_begin(page);
    for (int i = 0; i < report->outline.arm_count && i < REPORT_ARMS_MAX; i++) {
        const struct outline_arm *arm = &report->outline.arms[i];
        char *words = regimen_words(arm);
        if (!words) {
            return diagnostics_out_of_memory(report->d);
        }
        page_item(page, "%s: %s%s%s%s", arm->name ? arm->name : "?", words, arm->note ? " (" : "",
                  arm->note ? arm->note : "", arm->note ? ")" : "");
        free(words);
        if (report_sessions(report, arm) != 0) {
            return -1;
        }
    }
    if (report->outline.arm_count > REPORT_ARMS_MAX) {
        page_item(page, "and %d more, in the study below", report->outline.arm_count - REPORT_ARMS_MAX);
    }
    if (report->outline.arm_count == 0) {
        page_item(page, "the doses of the study's event table");
    }
    page_list_end(page);
    if (arms > report->outline.arm_count && report->outline.arm_count > 0) {
        page_paragraph(page,
                       "With its models and sweep values, whose doses take the place of those above, the "
                       "study has %" PRId64 " arms.",
                       arms);
    }
    return 0;
}

/* --- Picture --- */

static int report_picture(struct report *report)
{
    struct report_page *page = &report->page;
    struct diagnostics why;
    FILE *svg = NULL;
    char *title = result_text(&report->result, "title");
    char *caption = report->drawable ? plot_caption(&report->plot) : NULL;
    int ret = -1;

    diagnostics_init(&why);
    page_heading(page, "Picture");
    if (page->format == REPORT_TEXT) {
        page_paragraph(page, "`ketsim plot %s` draws it.", report->result.path);
        ret = 0;
    } else if (report->drawable && caption && (svg = tmpfile())) {
        caption[strcspn(caption, "\n")] = '\0'; /* the rest of it is said elsewhere */
        if (plot_draw(fileno(svg), &report->plot, PLOT_SVG, false, &why) == 0) {
            ret = page_picture(page, fileno(svg), title ? title : "", caption);
        }
    }
    if (ret != 0) {
        page_paragraph(page, "There is no picture: %s",
                       why.count > 0     ? why.items[0].text
                       : report->why_not ? report->why_not
                                         : "it could not be drawn");
    }
    if (svg) {
        fclose(svg);
    }
    free(title);
    free(caption);
    diagnostics_clear(&why);
    return 0;
}

/* --- Table --- */

static const char *const heads[] = {
    "arm", "analyte", "metric", "patients", "median", "5 to 95 %", "geometric mean (CV)", "range",
};
enum { HEAD_COUNT = sizeof(heads) / sizeof(*heads) };

static int put_table_row(struct report *report, const struct summary_row *row)
{
    struct report_page *page = &report->page;
    const struct spread *s = &row->spread;
    char text[160];
    int failed = 0;

    failed |= page_cell(page, report->summary.result.arms[row->arm]);
    failed |= page_cell(page, row->variable->analyte);
    if (row->interval > 0) {
        snprintf(text, sizeof(text), "%s, %s, interval %" PRId64 " from %g h", row->variable->metric,
                 row->variable->unit, row->interval, row->start);
    } else {
        snprintf(text, sizeof(text), "%s, %s", row->variable->metric, row->variable->unit);
    }
    failed |= page_cell(page, text);
    snprintf(text, sizeof(text), "%" PRId64, s->n);
    failed |= page_cell(page, text);
    failed |= page_cell(page, number_describe(s->median).text);
    snprintf(text, sizeof(text), "%s to %s", number_describe(s->p05).text, number_describe(s->p95).text);
    failed |= page_cell(page, text);
    if (isnan(s->geometric_cv)) {
        snprintf(text, sizeof(text), "%s", number_describe(s->geometric_mean).text);
    } else {
        snprintf(text, sizeof(text), "%s (%s %%)", number_describe(s->geometric_mean).text,
                 spread_differs(s) ? number_describe(100 * s->geometric_cv).text : "0.00");
    }
    failed |= page_cell(page, text);
    snprintf(text, sizeof(text), "%s to %s", number_describe(s->min).text, number_describe(s->max).text);
    return failed | page_cell(page, text);
}

static int report_table(struct report *report)
{
    struct report_page *page = &report->page;
    int failed = 0;

    if (report->summarized && report->summary.sensitivity.method) {
        return report_sensitivity_table(report);
    }
    page_heading(page, "Table");
    if (!report->summarized) {
        page_paragraph(page, "The result holds no exposure; the study's output.store has no \"exposure\".");
        return 0;
    }
    failed |= page_table_begin(page, 1 + report->summary.row_count, HEAD_COUNT,
                               "Exposure over the patients who have a value; `ketsim summary` tells more of "
                               "it. Times count from the start of the study, in "
                               "a dosing interval from its dose.");
    for (int i = 0; i < HEAD_COUNT && !failed; i++) {
        failed |= page_cell(page, heads[i]);
    }
    for (int64_t i = 0; i < report->summary.row_count && !failed; i++) {
        failed |= put_table_row(report, &report->summary.rows[i]);
    }
    return failed || page_table_end(page) != 0 ? diagnostics_out_of_memory(report->d) : 0;
}

/* --- The whole --- */

static int read_outline(struct report *report)
{
    char *resolved = result_text(&report->result, "resolved_study");
    const struct place at = {.file = report->result.path};
    int ret = resolved ? outline_read(&report->outline, report->result.path, resolved, report->d)
                       : diagnostics_error(report->d, at, "does not hold the study that it is of");

    free(resolved);
    return ret;
}

/* What can be drawn; a result without levels still has a report. */
static int read_plot(struct report *report, const char *path)
{
    const struct plot_request request = {.from = NAN, .to = NAN};
    struct diagnostics why;

    diagnostics_init(&why);
    report->drawable = plot_read(&report->plot, path, &request, &why) == 0;
    const int ret = why.out_of_memory ? diagnostics_out_of_memory(report->d) : 0;
    report->why_not = why.count > 0 ? strdup(why.items[0].text) : NULL;
    diagnostics_clear(&why);
    return ret;
}

static int report_read(struct report *report, const char *path)
{
    if (result_open(&report->result, path, report->d) != 0 || read_outline(report) != 0 ||
        broken_limits_read(&report->limits, &report->result, report->d) != 0 ||
        read_plot(report, path) != 0) {
        return -1;
    }
    report->summarized = result_find(&report->result, ROLE_METRIC, NULL, NULL) ||
                         result_find(&report->result, ROLE_INTERVAL_METRIC, NULL, NULL);
    return report->summarized ? summary_read(&report->summary, path, report->d) : 0;
}

static void report_clear(struct report *report)
{
    if (report->page.table) {
        table_clear(report->page.table);
        free(report->page.table);
    }
    plot_clear(&report->plot);
    if (report->summarized) {
        summary_clear(&report->summary);
    }
    free(report->why_not);
    broken_limits_clear(&report->limits);
    outline_clear(&report->outline);
    result_close(&report->result);
}

int report_write(FILE *out, const char *path, enum report_format format, struct diagnostics *d)
{
    struct report report = {.page = {.out = out, .format = format}, .d = d};
    char *title = NULL;
    int ret = report_read(&report, path);

    if (ret == 0) {
        title = result_text(&report.result, "title");
        page_begin(&report.page, title && *title ? title : path);
        page_paragraph(&report.page, "%s", RESULTS_DISCLAIMER);
        ret = report_question(&report) != 0 || report_answer(&report) != 0 || report_changes(&report) != 0 ||
                      report_doubts(&report) != 0 || report_picture(&report) != 0 ||
                      report_table(&report) != 0 || report_models(&report) != 0
                  ? -1
                  : 0;
    }
    if (ret == 0) {
        report_origin(&report);
        page_paragraph(&report.page, "%s", RESULTS_DISCLAIMER);
        page_end(&report.page);
    }
    free(title);
    report_clear(&report);
    return ret;
}
