/* What arms change against their baselines, in words and as a table; and when their sessions are. */
#include "app/base/calendar.h"
#include "report.h"
#include "summary_changes.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES_MAX = 400, SESSIONS_MAX = 60 }; /* lines of the table; sessions that are listed */

/* --- In words --- */

/* "3.0 % lower"; what rounds to nothing is "the same". */
static void put_percent(FILE *out, double ratio)
{
    const double percent = 100 * (ratio - 1);

    if (fabs(percent) < 0.05) {
        fputs("the same to 0.1 %", out);
    } else {
        fprintf(out, "%.1f %% %s", fabs(percent), percent > 0 ? "higher" : "lower");
    }
}

/* "+0.2", in percent; what rounds to nothing has no sign. */
static void put_signed(FILE *out, double ratio)
{
    const double percent = round(1000 * (ratio - 1)) / 10;

    fprintf(out, percent == 0 ? "0.0" : "%+.1f", percent);
}

static void put_range(FILE *out, const char *before, double from, double to)
{
    fputs(before, out);
    put_signed(out, from);
    fputs(" to ", out);
    put_signed(out, to);
    fputs(" %", out);
}

static void put_ratio(FILE *out, const struct change *change)
{
    put_percent(out, change->ratio.median);
    if (change->n > 1) {
        put_range(out, " in the median patient (5 to 95 %: ", change->ratio.p05, change->ratio.p95);
        if (!isnan(change->ratio.lower)) {
            put_range(out, "; the median itself, with 95 % confidence: ", change->ratio.lower,
                      change->ratio.upper);
        }
        putc(')', out);
    }
}

/* Of an analyte in an arm: the session that differs, if the result tells of sessions, and the whole. */
static int tell_analyte(struct report *report, int64_t arm, int64_t baseline, const char *analyte)
{
    static const struct {
        const char *metric, *words;
    } told[] = {{"cmax", "the highest level"},
                {"auc_last", "the area under the curve"},
                {"auc_inf", "the area to infinity"}};
    const struct changes *changes = &report->summary.changes;
    const struct outline_arm *a = outline_arm(&report->outline, report->result.arm_names[arm]);
    const struct outline_arm *b = outline_arm(&report->outline, report->result.arm_names[baseline]);
    const int session = a && b ? outline_session(b, a) : 0;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int count = 0;

    if (!out) {
        return diagnostics_out_of_memory(report->d);
    }
    fprintf(out, "%s, compared with %s: of %s", report->result.arms[arm], report->result.arms[baseline],
            analyte);
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        const struct change *of_session =
            session > 0 ? changes_find_ratio(changes, arm, analyte, session, told[i].metric) : NULL;
        const struct change *change =
            of_session ? of_session : changes_find_ratio(changes, arm, analyte, 0, told[i].metric);
        if (!change) {
            continue;
        }
        fputs(count++ > 0 ? "; " : " ", out);
        if (of_session) {
            fprintf(out, "in session %d ", session);
        } else if (a && a->dose_count > 1) {
            fputs("over all sessions ", out);
        }
        fprintf(out, "%s is ", told[i].words);
        put_ratio(out, change);
    }
    putc('.', out);
    fclose(out);
    if (count > 0) {
        page_item(&report->page, "%s", text);
    }
    free(text);
    return 0;
}

/* --- As a table --- */

static int put_row(struct report_page *page, const struct change *change, const struct result *result)
{
    const struct change_spread *spread = change_told(change);
    const bool ratio = change_is_ratio(change);
    char text[160];
    int failed = page_cell(page, result->arms[change->arm]) | page_cell(page, change->variable->analyte);

    if (change->interval > 0) {
        snprintf(text, sizeof(text), "%s in interval %" PRId64, change->variable->metric, change->interval);
    } else {
        snprintf(text, sizeof(text), "%s", change->variable->metric);
    }
    failed |= page_cell(page, text);
    snprintf(text, sizeof(text), "%s%s%s%s",
             ratio                 ? "x "
             : spread->median >= 0 ? "+"
                                   : "",
             change_describe(change, spread->median).text, ratio ? "" : " ",
             ratio ? "" : change->variable->unit);
    failed |= page_cell(page, text);
    snprintf(text, sizeof(text), "%s to %s", change_describe(change, spread->p05).text,
             change_describe(change, spread->p95).text);
    failed |= page_cell(page, text);
    snprintf(text, sizeof(text), "%s to %s", change_describe(change, spread->lower).text,
             change_describe(change, spread->upper).text);
    return failed | page_cell(page, isnan(spread->lower) ? "-" : text);
}

static int put_table(struct report *report)
{
    static const char *const heads[] = {
        "arm", "analyte", "metric", "change", "5 to 95 % of patients", "median, 95 % CI"};
    enum { HEADS = sizeof(heads) / sizeof(heads[0]) };
    const struct changes *changes = &report->summary.changes;
    const int64_t lines = changes->count < CHANGES_MAX ? changes->count : CHANGES_MAX;
    int failed = page_table_begin(
        &report->page, 1 + lines, HEADS,
        "Each patient's change: median, spread over the patients, and between which values the "
        "median of all such patients lies with 95 % confidence; `ketsim summary` tells all.");

    for (int i = 0; i < HEADS && !failed; i++) {
        failed |= page_cell(&report->page, heads[i]);
    }
    for (int64_t i = 0; i < lines && !failed; i++) {
        failed |= put_row(&report->page, &changes->items[i], &report->summary.result);
    }
    return failed || page_table_end(&report->page) != 0 ? diagnostics_out_of_memory(report->d) : 0;
}

int report_changes(struct report *report)
{
    const struct result *result = &report->result;

    if (!report->summarized || report->summary.changes.count == 0) {
        return 0;
    }
    page_heading(&report->page, "What changes");
    page_paragraph(&report->page, "The same patients, with the same parameters, are in each arm and in the "
                                  "baseline that it is compared with: "
                                  "what differs is the treatment alone.");
    page_list_begin(&report->page);
    for (int64_t arm = 0, told = 0; arm < result->sizes[DIMENSION_ARM] && told < REPORT_ARMS_MAX; arm++) {
        if (result->baselines[arm] < 0) {
            continue;
        }
        told++;
        for (int i = 0; i < result->analyte_count; i++) {
            if (tell_analyte(report, arm, result->baselines[arm], result->analytes[i]) != 0) {
                return -1;
            }
        }
    }
    page_list_end(&report->page);
    return put_table(report);
}

/* --- Sessions --- */

int report_sessions(struct report *report, const struct outline_arm *arm)
{
    char *text = NULL;
    size_t size;
    FILE *out;
    int count = 0;

    if (!report->outline.has_start || arm->baseline || arm->dose_count == 0) {
        return 0;
    }
    out = open_memstream(&text, &size);
    if (!out) {
        return diagnostics_out_of_memory(report->d);
    }
    for (int i = 0; i < arm->dose_count && count < SESSIONS_MAX; i++) {
        char date[64];
        if (i > 0 && arm->doses[i].time == arm->doses[i - 1].time) {
            continue;
        }
        calendar_write(date, sizeof(date), count == 0 ? "%a %-d %b %Y %H:%M" : "%a %-d %b %H:%M",
                       report->outline.start + (int64_t)llround(arm->doses[i].time * 3600));
        fprintf(out, "%s%s", count++ > 0 ? ", " : "", date);
    }
    fclose(out);
    page_item(&report->page, "sessions of %s: %s%s", arm->name ? arm->name : "?", text,
              count == SESSIONS_MAX ? ", ..." : "");
    free(text);
    return 0;
}
