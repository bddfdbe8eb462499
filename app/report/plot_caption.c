/* What must be read with a picture: what is drawn, by which models, and what they cannot tell. */
#include "plot_page.h"

#include "app/results/results.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- What is drawn --- */

/* The most bands that any panel has, and the least. */
static void count_bands(const struct plot *plot, int *least, int *most)
{
    *least = PLOT_BANDS;
    *most = 0;
    for (int a = 0; a < plot->analyte_count; a++) {
        for (int f = 0; f < plot->facet_count; f++) {
            if (panel_curves(plot, a, f) > 0) {
                const int bands = panel_bands(plot, a, f);
                *least = bands < *least ? bands : *least;
                *most = bands > *most ? bands : *most;
            }
        }
    }
}

static bool band_is_known(const struct plot *plot, int band)
{
    return !isnan(plot->fractions[band]);
}

static void tell_bands(FILE *out, const struct plot *plot)
{
    int least;
    int most;

    count_bands(plot, &least, &most);
    if (most > 1 && band_is_known(plot, 0) && band_is_known(plot, 1)) {
        fprintf(out, "; bands: %g to %g %% (darker) and %g to %g %% of them", 100 * plot->fractions[1],
                100 * plot->fractions[PLOT_LINES - 2], 100 * plot->fractions[0],
                100 * plot->fractions[PLOT_LINES - 1]);
    } else if (most > 0 && band_is_known(plot, 0)) {
        fprintf(out, "; band: %g to %g %% of them", 100 * plot->fractions[0],
                100 * plot->fractions[PLOT_LINES - 1]);
    }
    fputs(plot->computed ? ", computed from the profiles. " : ". ", out);
    if (!band_is_known(plot, 0)) {
        fputs("The result holds no quantiles for bands. ", out);
    } else if (least == 0) {
        fputs("Where many curves share a panel they have no bands; --arm draws one arm with its bands. ",
              out);
    }
}

/* Names the arms whose patients are all alike. */
static void tell_alike(FILE *out, const struct plot *plot)
{
    int alike = 0;

    if (!band_is_known(plot, 0)) {
        return;
    }
    for (int style = 0; style < plot->style_count; style++) {
        bool spreads = false;
        for (int i = 0; i < plot->series_count; i++) {
            spreads =
                spreads || (plot->curves[plot->series[i].curve].style == style && plot->series[i].spreads);
        }
        if (!spreads) {
            fprintf(out, "%s%s", alike++ == 0 ? "Without spread, because all patients are alike: " : "; ",
                    plot->style_labels[style]);
        }
    }
    fputs(alike > 0 ? ". " : "", out);
}

static void tell_lines(FILE *out, struct plot *plot)
{
    const int64_t patients = plot->result.sizes[DIMENSION_PATIENT];

    if (patients == 1) {
        fputs("Line: one patient. ", out);
    } else {
        fprintf(out, "Line: median of %" PRId64 " patients", patients);
        tell_bands(out, plot);
        tell_alike(out, plot);
    }
    if (plot->result.replicates > 0) {
        fprintf(out,
                "By the models as published: the %" PRId64
                " replicates with other estimates are drawn by --arm and their label only. ",
                plot->result.replicates);
    }
    const int drawn = plot->varies ? plot->facet_count : plot->curve_count;
    if (drawn < plot->arm_count) {
        fprintf(out, "%d of %" PRId64 " arms%s are drawn, evenly chosen; --arm draws others. ", drawn,
                plot->arm_count, plot->varies ? " with a baseline" : "");
    }
}

/* Each level once, whatever it is a threshold of. */
static void put_thresholds(FILE *out, const struct plot *plot)
{
    double told[PLOT_FACETS_MAX * PLOT_THRESHOLDS_MAX];
    double levels[PLOT_THRESHOLDS_MAX];
    int count = 0;

    for (int a = 0; a < plot->analyte_count; a++) {
        const int more = plot_thresholds(plot, a, levels);
        for (int i = 0; i < more; i++) {
            int k = 0;
            while (k < count && told[k] != levels[i]) {
                k++;
            }
            if (k == count && count < (int)(sizeof(told) / sizeof(*told))) {
                told[count++] = levels[i];
                fprintf(out, "%s%.6g ng/mL", count == 1 ? "Thin line: threshold of the study, " : ", ",
                        levels[i]);
            }
        }
    }
    fputs(count > 0 ? ". " : "", out);
}

static void tell_marks(FILE *out, const struct plot *plot)
{
    bool known = false;
    bool nasal = false;
    bool crowded = false;
    int rows[PLOT_DOSE_ROWS_MAX];

    for (int i = 0; i < plot->curve_count; i++) {
        const struct outline_arm *doses = plot->curves[i].doses;
        crowded = crowded || (doses && facet_dose_rows(plot, plot->curves[i].facet, rows) == 0);
        for (int k = 0; doses && k < doses->dose_count; k++) {
            known = true;
            nasal = nasal || doses->doses[k].nasal;
        }
    }
    if (crowded) {
        fputs("The arms' doses are at too many different times to be marked. ", out);
    } else {
        fputs(known ? "Triangle: dose. " : "The doses are not known. ", out);
    }
    if (nasal && (!plot_in_days(plot) || plot_beside(plot) == BESIDE_SESSIONS)) {
        fputs("Shaded: the two hours after a nasal dose, in which patients are watched; dotted: 40 min after "
              "it, when blood "
              "pressure is looked at (SPRAVATO prescribing information). ",
              out);
    }
    if (plot->varies) {
        fputs("Above each panel what changes against the baseline, patient by patient: median (5 to 95 % of "
              "the patients). ",
              out);
    }
    put_thresholds(out, plot);
    if (plot->request.log) {
        fputs("Logarithmic levels: the axis does not begin at 0. ", out);
    }
    if (plot_beside(plot) == BESIDE_SESSIONS) {
        fputs("Right: the last session; dashed, the median of the first. ", out);
    }
    if (plot_beside(plot) == BESIDE_MODELS) {
        fputs("Right: cmax of each model, geometric mean (point) and 5 to 95 % of patients (bar); highest to "
              "lowest mean "
              "between models, and p95/p05 between patients, median of the models whose patients differ. ",
              out);
    }
}

/* --- What is drawn of sensitivity --- */

static void tell_sensitivity(FILE *out, const struct plot *plot)
{
    const struct sensitivity_table *table = &plot->sensitivity;
    int64_t dropped = 0;

    fprintf(out,
            "%s. Of the %s of the patients at each of %" PRId64 " points (%" PRId64
            " rows of the design). Lines across the bars: %g %% intervals from %" PRId64
            " bootstrap replicates. ",
            table->method_text, table->patients, table->points, table->rows, 100 * table->confidence,
            table->replicates);
    if (tornado_axes(plot) < table->axis_count) {
        fprintf(out, "Of %d axes the %d largest are drawn. ", table->axis_count, tornado_axes(plot));
    }
    if (plot->output_count < plot->outputs_asked) {
        fprintf(out, "Of %" PRId64 " metrics the first %d are drawn; --arm and --analyte draw others. ",
                plot->outputs_asked, plot->output_count);
    }
    for (int i = 0; i < plot->output_count; i++) {
        const struct sensitivity_output *output = &table->outputs[plot->outputs[i]];
        if (output->dropped > 0) {
            fprintf(out, "%s%s: %" PRId64,
                    dropped == 0 ? "Rows LEFT OUT because the metric is missing in one: " : "; ",
                    output->metric, output->dropped);
            dropped += output->dropped;
        }
    }
    fputs(dropped > 0 ? ". " : "", out);
    for (int64_t i = 0, told = 0; i < table->output_count; i++) {
        if (table->outputs[i].gap != SENSITIVITY_KNOWN) {
            fprintf(out, "%s%s", told++ == 0 ? "Without estimates, as the summary tells: " : "; ",
                    table->outputs[i].metric);
        }
    }
}

/* --- What it stands on --- */

static void put_text(FILE *out, const char *before, char *text)
{
    if (text && *text) {
        fprintf(out, "%s%s", before, text);
    }
    free(text);
}

static bool model_is_drawn(const struct plot *plot, const char *model)
{
    if (plot->sensitivity.method) {
        return true;
    }
    for (int i = 0; i < plot->curve_count; i++) {
        if (strcmp(plot->result.arm_models[plot->curves[i].arm], model) == 0) {
            return true;
        }
    }
    return false;
}

static void tell_models(FILE *out, struct plot *plot)
{
    struct result *result = &plot->result;

    for (int i = 0; i < result->model_count; i++) {
        const char *model = result->models[i];
        if (!model_is_drawn(plot, model)) {
            continue;
        }
        fprintf(out, "Model %s", model);
        put_text(out, ": ", result_model_text(result, "title", model));
        put_text(out, ". ", result_model_text(result, "citation", model));
        put_text(out, ", doi:", result_model_text(result, "doi", model));
        put_text(out, "; samples: ", result_model_text(result, "sampling", model));
        putc('\n', out);
    }
    char *site = result_text(result, "effect_site");
    if (site) {
        fprintf(out, "Effect site %s", site);
        put_text(out, ": ", result_text(result, "effect_site_citation"));
        put_text(out, ", doi:", result_text(result, "effect_site_doi"));
        char *limits = result_text(result, "effect_site_limits");
        for (char *c = limits; c && *c; c++) {
            *c = (char)(*c == '\n' ? ' ' : *c);
        }
        put_text(out, ". Limits: ", limits);
        putc('\n', out);
    }
    free(site);
}

static void tell_doubts(FILE *out, struct plot *plot)
{
    struct result *result = &plot->result;
    const int64_t all = result->sizes[DIMENSION_ARM] * result->sizes[DIMENSION_PATIENT];
    const int64_t failed = result_counter(result, "failed");
    const int64_t clamped = result_counter(result, "clamped");

    for (int i = 0; i < plot->limits.count; i++) {
        const struct broken_limit *limit = &plot->limits.items[i];
        fprintf(out, "%s%s of %s: %" PRId64 " of %" PRId64 " simulations",
                i == 0 ? "OUTSIDE what the model's source studied, and still drawn: " : "; ", limit->name,
                limit->model, limit->simulations, all);
    }
    fputs(plot->limits.count > 0 ? ".\n" : "", out);
    if (failed > 0) {
        fprintf(out, "NOT SIMULATED, and not in the curves: %" PRId64 " of %" PRId64 ".\n", failed, all);
    }
    if (clamped > 0) {
        fprintf(out, "With a parameter at its physical limit: %" PRId64 " of %" PRId64 " simulations.\n",
                clamped, all);
    }
}

char *plot_caption(struct plot *plot)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out) {
        return NULL;
    }
    if (plot->sensitivity.method) {
        tell_sensitivity(out, plot);
    } else {
        tell_lines(out, plot);
        tell_marks(out, plot);
    }
    putc('\n', out);
    tell_models(out, plot);
    tell_doubts(out, plot);
    fputs(RESULTS_DISCLAIMER, out);
    put_text(out, " Made by ", result_text(&plot->result, "source"));
    put_text(out, " ", result_text(&plot->result, "ketsim_revision"));
    putc('.', out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
