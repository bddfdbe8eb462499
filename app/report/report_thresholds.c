/* What is asked about thresholds, in words. */
#include "report.h"

#include "app/base/text_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* " 1.5 h after the start of the session 87.8 % of the patients are at or above it (95 % interval 85.6 to 89.7 %), after 2 h ...". */
static void put_above(FILE *out, const struct threshold_table *t, int threshold, int64_t session)
{
    bool first = true;

    for (int64_t i = 0; i < t->after_count; i++) {
        const struct probability p = threshold_above(t, threshold, session, i);
        if (isnan(p.value)) {
            continue;
        }
        if (first) {
            fprintf(out, " %.4g h after the start of the session ", t->after[i]);
        } else {
            fprintf(out, ", after %.4g h ", t->after[i]);
        }
        if (t->patients < 2) {
            fputs(p.value > 0 ? "the patient is at or above it" : "the patient is below it", out);
        } else {
            fprintf(out, "%.1f %%%s (%s%.1f to %.1f %%)", 100 * p.value,
                    first ? " of the patients are at or above it" : "", first ? "95 % interval " : "",
                    100 * p.lower, 100 * p.upper);
        }
        first = false;
    }
    fputs(first ? "" : ".", out);
}

/* " 50 % of the patients stay below it from 2.173 h (2.123 to 2.213) on. ..." */
static void put_below(FILE *out, const struct threshold_table *t, int threshold, int64_t session)
{
    const double length = t->ends[session] - t->starts[session];

    for (int64_t i = 0; i < t->below_count; i++) {
        const struct time_answer a = threshold_below(t, threshold, session, i);
        if (isnan(a.value) || (t->patients < 2 && i > 0)) {
            continue;
        }
        if (t->patients < 2) {
            fputs(" The patient", out);
        } else {
            fprintf(out, " %.4g %% of the patients", 100 * t->fractions[i]);
        }
        if (a.censored) {
            fprintf(out,
                    " stay%s below it only later than %s h, when the session is no longer observed or the "
                    "next one begins.",
                    t->patients < 2 ? "s" : "", number_describe(length).text);
            continue;
        }
        if (!(a.value > 0)) {
            fprintf(out, " %s at or above it%s", t->patients < 2 ? "is never" : "or more are never",
                    t->patients < 2 ? "" : " at all");
        } else {
            fprintf(out, " %s below it from %s on", t->patients < 2 ? "stays" : "stay",
                    time_answer_describe(t, session, a).text);
        }
        putc('.', out);
    }
}

/* The first session and the last: those between are in the table. */
static int tell_session(struct report *report, int64_t arm, int threshold, int64_t session)
{
    const struct threshold_table *t = &report->summary.thresholds;
    char *words = threshold_describe(&t->thresholds[threshold]);
    char *text = NULL;
    size_t size;
    FILE *out = words ? open_memstream(&text, &size) : NULL;

    if (!out) {
        free(words);
        return diagnostics_out_of_memory(report->d);
    }
    fputs(report->result.arms[arm], out);
    if (t->session_count > 1) {
        fprintf(out, ", session %" PRId64 " of %" PRId64 " (from %.6g h on)", session + 1, t->session_count,
                t->starts[session]);
    }
    fprintf(out, ", %s:", words);
    if (t->patients == 0) {
        fputs(" nobody could be simulated.", out);
    }
    put_above(out, t, threshold, session);
    put_below(out, t, threshold, session);
    fclose(out);
    page_item(&report->page, "%s", text);
    free(text);
    free(words);
    return 0;
}

int report_thresholds(struct report *report, int64_t arm)
{
    struct threshold_table *t = &report->summary.thresholds;

    if (t->count == 0) {
        return 0;
    }
    if (threshold_table_read(t, &report->result, arm, report->d) != 0) {
        return -1;
    }
    for (int i = 0; i < t->count; i++) {
        if (!result_model_has(&report->result, report->result.arm_models[arm], t->thresholds[i].analyte)) {
            continue;
        }
        if ((t->session_count > 0 && tell_session(report, arm, i, 0) != 0) ||
            (t->session_count > 1 && tell_session(report, arm, i, t->session_count - 1) != 0)) {
            return -1;
        }
    }
    return 0;
}

int report_threshold_sources(struct report *report)
{
    const struct threshold_table *t = &report->summary.thresholds;

    for (int i = 0; i < t->count; i++) {
        const struct asked_threshold *asked = &t->thresholds[i];
        char *words = threshold_describe(asked);
        if (!words) {
            return diagnostics_out_of_memory(report->d);
        }
        if (asked->meaning) {
            page_paragraph(&report->page, "%s: %s (%s). %s", words, asked->meaning,
                           asked->source ? asked->source : "", asked->limits ? asked->limits : "");
        } else if (asked->source) {
            page_paragraph(&report->page, "%s: %s", words, asked->source);
        }
        free(words);
    }
    return 0;
}
