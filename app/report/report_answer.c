/* The answer in words: how high, when, and what is left after two hours. */
#include "report.h"

#include "app/base/text_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double watch_hours = 2;

static const struct summary_row *row_find(const struct report *report, int64_t arm, const char *analyte,
                                          const char *metric)
{
    for (int64_t i = 0; i < report->summary.row_count; i++) {
        const struct summary_row *row = &report->summary.rows[i];
        if (row->arm == arm && row->interval == 0 && strcmp(row->variable->analyte, analyte) == 0 &&
            strcmp(row->variable->metric, metric) == 0 && row->spread.n > 0) {
            return row;
        }
    }
    return NULL;
}

/* "93.1 ng/mL (5 to 95 %: 52.0 to 163)"; one value alone. */
static void put_spread(FILE *out, const struct spread *s, const char *unit)
{
    fprintf(out, "%s%s%s", number_describe(s->median).text, strcmp(unit, "1") == 0 ? "" : " ",
            strcmp(unit, "1") == 0 ? "" : unit);
    if (s->n > 1 && s->max > s->min) {
        fprintf(out, " in the median patient (5 to 95 %%: %s to %s)", number_describe(s->p05).text,
                number_describe(s->p95).text);
    }
}

/* The level two hours after the first dose, at the first record from then on. */
static void put_later(FILE *out, struct report *report, int64_t arm, const char *analyte, const char *unit)
{
    const struct plot *plot = &report->plot;

    for (int i = 0; i < plot->series_count && report->drawable; i++) {
        const struct plot_series *s = &plot->series[i];
        const struct plot_curve *curve = &plot->curves[s->curve];
        if (curve->arm != arm || strcmp(plot->analytes[s->analyte]->analyte, analyte) != 0 || !curve->doses ||
            curve->doses->dose_count == 0) {
            continue;
        }
        const double first = curve->doses->doses[0].time;
        if (plot->times[0] > first + watch_hours) {
            return; /* the picture is of a later session */
        }
        int64_t k = 0;
        while (k < plot->time_count && plot->times[k] < first + watch_hours - 1e-9) {
            k++;
        }
        if (k == plot->time_count) {
            return;
        }
        const double *levels = s->levels + k;
        fprintf(out, " %.4g h after the first dose it is %s%s%s", plot->times[k] - first,
                number_describe(levels[PLOT_MEDIAN * plot->time_count]).text,
                strcmp(unit, "1") == 0 ? "" : " ", strcmp(unit, "1") == 0 ? "" : unit);
        if (s->spreads && !isnan(plot->fractions[0])) {
            fprintf(out, " (%g to %g %%: %s to %s)", 100 * plot->fractions[0],
                    100 * plot->fractions[PLOT_LINES - 1], number_describe(levels[0]).text,
                    number_describe(levels[(ptrdiff_t)(PLOT_LINES - 1) * plot->time_count]).text);
        }
        putc('.', out);
        return;
    }
}

/* How long it is above the levels of exposure.time_above. */
static void put_thresholds(FILE *out, const struct report *report, int64_t arm, const char *analyte)
{
    static const char prefix[] = "time_above_";

    for (int64_t i = 0; i < report->summary.row_count; i++) {
        const struct summary_row *row = &report->summary.rows[i];
        const char *metric = row->variable->metric;
        if (row->arm == arm && row->interval == 0 && row->spread.n > 0 &&
            strcmp(row->variable->analyte, analyte) == 0 &&
            strncmp(metric, prefix, sizeof(prefix) - 1) == 0) {
            fprintf(out, " It is at or above %s ng/mL for ", metric + sizeof(prefix) - 1);
            put_spread(out, &row->spread, row->variable->unit);
            putc('.', out);
        }
    }
}

/* How sure the median patient's peak is. */
static void put_uncertainty(FILE *out, const struct report *report, const struct summary_row *cmax)
{
    const struct replicate_intervals *r = cmax->replicates;

    if (r && r->n > 0) {
        fprintf(out,
                " With the model's estimates as uncertain as the study says, the median of the highest is %s "
                "to %s%s%s in %g %% of replicates.",
                number_describe(r->median.lower).text, number_describe(r->median.upper).text,
                strcmp(cmax->variable->unit, "1") == 0 ? "" : " ",
                strcmp(cmax->variable->unit, "1") == 0 ? "" : cmax->variable->unit,
                100 * report->result.confidence);
    }
}

/* What stands behind that. */
static void tell_uncertainty(struct report *report)
{
    struct result *result = &report->result;

    for (int i = 0; i < result->model_count && result->replicates > 0; i++) {
        char *source = result_model_text(result, "uncertainty_source", result->models[i]);
        page_item(
            &report->page,
            "How sure the estimates of %s are, by the study: %s. %" PRId64
            " replicates simulate the same patients with other estimates; differences between patients are "
            "told apart from that.",
            result->models[i], source ? source : "not stated", result->replicates);
        free(source);
    }
}

static int tell_analyte(struct report *report, int64_t arm, const char *analyte)
{
    const struct summary_row *cmax = row_find(report, arm, analyte, "cmax");
    const struct summary_row *tmax = row_find(report, arm, analyte, "tmax");
    char *text = NULL;
    size_t size;
    FILE *out;

    if (!cmax) {
        return 0;
    }
    out = open_memstream(&text, &size);
    if (!out) {
        return diagnostics_out_of_memory(report->d);
    }
    fprintf(out, "%s: the highest %s is ", report->result.arms[arm], analyte);
    put_spread(out, &cmax->spread, cmax->variable->unit);
    if (tmax) {
        fputs(", reached at ", out);
        put_spread(out, &tmax->spread, tmax->variable->unit);
    }
    putc('.', out);
    put_later(out, report, arm, analyte, cmax->variable->unit);
    put_thresholds(out, report, arm, analyte);
    put_uncertainty(out, report, cmax);
    fclose(out);
    page_item(&report->page, "%s", text);
    free(text);
    return 0;
}

static void tell_comparisons(struct report *report)
{
    for (int64_t i = 0; i < report->summary.comparison_count; i++) {
        const struct comparison *c = &report->summary.comparisons[i];
        const struct summary *summary = &report->summary;
        if (strcmp(c->variable->metric, "cmax") != 0) {
            continue;
        }
        page_item(&report->page,
                  "%s: %d models put cmax of %s %.2f-fold apart, from %s ng/mL (%s) to %s ng/mL (%s); "
                  "patients of one model "
                  "differ %s%s (p95/p05).",
                  c->arm, c->models, c->variable->analyte, c->models_ratio,
                  number_describe(summary->rows[c->lowest].spread.geometric_mean).text,
                  summary->result.arm_models[summary->rows[c->lowest].arm],
                  number_describe(summary->rows[c->highest].spread.geometric_mean).text,
                  summary->result.arm_models[summary->rows[c->highest].arm],
                  c->patients_models > 0 ? number_describe(c->patients_ratio).text : "in none",
                  c->patients_models > 0 ? "-fold" : "");
    }
}

int report_answer(struct report *report)
{
    const struct result *result = &report->result;
    const int64_t step = result->replicates + 1; /* from one arm as published to the next */
    const int64_t arms = result->sizes[DIMENSION_ARM] / step;

    if (report->summarized && report->summary.sensitivity.method) {
        return report_sensitivity_answer(report);
    }
    page_heading(&report->page, "Answer");
    if (!report->summarized ||
        (!row_find(report, 0, result->analytes[0], "cmax") && report->summary.thresholds.count == 0)) {
        page_paragraph(&report->page,
                       "The result holds no peaks (cmax) to tell in words; see the picture and the table.");
        return 0;
    }
    page_paragraph(
        &report->page,
        "Times count from the start of the study, those at which thresholds are crossed from the start "
        "of the session.");
    page_list_begin(&report->page);
    for (int64_t arm = 0; arm < arms && arm < REPORT_ARMS_MAX; arm++) {
        if (report_thresholds(report, arm * step) != 0) {
            return -1;
        }
        if (result->baselines && result->baselines[arm * step] >= 0) {
            continue; /* what it changes is told below */
        }
        for (int i = 0; i < result->analyte_count; i++) {
            if (tell_analyte(report, arm * step, result->analytes[i]) != 0) {
                return -1;
            }
        }
    }
    if (arms > REPORT_ARMS_MAX) {
        page_item(&report->page, "arms that only the table tells of: %" PRId64, arms - REPORT_ARMS_MAX);
    }
    tell_comparisons(report);
    tell_uncertainty(report);
    page_list_end(&report->page);
    return report_threshold_sources(report);
}
