#include "clinical_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char caveat[] =
    "Observed in people, beside the typical patient of each model (70 kg unless the study says otherwise).\n"
    "Columns: observed, model, simulated, simulated / observed. [R]: read in the named source; [R2]: read in "
    "a\n"
    "secondary place. A ratio is no verdict: arterial levels exceed venous ones during and soon after a "
    "dose, a\n"
    "model of one enantiomer is given half of a racemate as if the other half did not matter, and some "
    "models\n"
    "were made of the very data that stand beside them.\n";

/* A model against all levels and areas that it can be held against. */
struct tally {
    int count;
    double log_sum; /* of the ratios */
    double worst;   /* the ratio furthest from 1, as a factor */
    const struct clinical_row *worst_row;
};

static void tally_add(struct tally *tally, const struct clinical_row *row, double ratio)
{
    if (!clinical_is_exposure(row) || !(ratio > 0)) {
        return; /* a range, or no level at all, has no mean */
    }
    tally->count++;
    tally->log_sum += log(ratio);
    if (tally->worst_row == NULL || fabs(log(ratio)) > fabs(log(tally->worst))) {
        tally->worst = ratio;
        tally->worst_row = row;
    }
}

static bool same_study(const struct clinical_row *a, const struct clinical_row *b)
{
    return strcmp(a->study, b->study) == 0;
}

/* Same people, same dose. */
static bool same_arm(const struct clinical_row *a, const struct clinical_row *b)
{
    return same_study(a, b) && strcmp(a->drug, b->drug) == 0 && strcmp(a->route, b->route) == 0 &&
           strcmp(a->dose, b->dose) == 0 && strcmp(a->over, b->over) == 0 && strcmp(a->note, b->note) == 0 &&
           strcmp(a->sampling, b->sampling) == 0 && a->children == b->children;
}

static void arm_print(FILE *out, const struct clinical_row *row)
{
    fprintf(out, "  %s %s %s%s%s; %s%s%s%s%s\n", row->drug, row->route,
            row->dose[0] != '\0' ? row->dose : "any dose", row->over[0] != '\0' ? " over " : "", row->over,
            row->children ? "children" : "adults", strcmp(row->sampling, "unstated") == 0 ? "" : ", ",
            strcmp(row->sampling, "unstated") == 0 ? "" : row->sampling, row->note[0] != '\0' ? "; " : "",
            row->note);
}

/* "esketamine at 30 min", "ketamine auc up to 6 h". */
static void label_print(char *text, size_t size, const struct clinical_row *row)
{
    if (row->quantity == CLINICAL_LEVEL) {
        snprintf(text, size, "%s at %s", row->analyte, row->time);
    } else {
        snprintf(text, size, "%s %s%s%s", row->analyte, clinical_quantity_name(row->quantity),
                 row->time[0] != '\0' ? " up to " : "", row->time);
    }
}

static void comparison_print(FILE *out, const struct clinical_row *row, const struct model *model,
                             double simulated, double share)
{
    char label[64];
    char observed[64];
    char verdict[16];
    const double ratio = clinical_ratio(row, simulated);
    const double shown = simulated * row->to_unit;

    label_print(label, sizeof(label), row);
    snprintf(observed, sizeof(observed), "%s%s%s%s %s", row->observed, row->spread[0] != '\0' ? " (" : "",
             row->spread, row->spread[0] != '\0' ? ")" : "", row->unit);
    if (isnan(ratio)) {
        snprintf(verdict, sizeof(verdict), "%s",
                 simulated < row->low    ? "below"
                 : simulated > row->high ? "above"
                                         : "within");
    } else {
        snprintf(verdict, sizeof(verdict), "%.2f", ratio);
    }
    fprintf(out, "    %-34s %-30s %-24s %9.*g  %6s%s\n", label, observed, model->name, shown >= 1e4 ? 5 : 4,
            shown, verdict, share < 1 ? "  half of the racemate" : "");
}

/* One row against all models. `shown` is the row above it that was printed, or NULL. Returns the closest fit, or -1. */
static int row_print(FILE *out, const struct clinical_row *row, const struct clinical_row **shown,
                     const struct model *models, int model_count, struct tally *tallies,
                     struct diagnostics *d)
{
    int closest = CLINICAL_NO_ROUTE;

    for (int i = 0; i < model_count; i++) {
        double share;
        double simulated;
        const enum clinical_fit fit = clinical_fit(row, &models[i], &share);
        closest = (int)fit > closest ? (int)fit : closest;
        if (fit != CLINICAL_FITS) {
            continue;
        }
        if (clinical_simulate(row, &models[i], &simulated, d)) {
            return -1;
        }
        if (*shown == NULL || !same_study(*shown, row)) {
            fprintf(out, "\n%s - %s [%s]\n", row->study, row->source, row->provenance);
        }
        if (*shown == NULL || !same_arm(*shown, row)) {
            arm_print(out, row);
        }
        *shown = row;
        comparison_print(out, row, &models[i], simulated, share);
        tally_add(&tallies[i], row, clinical_ratio(row, simulated));
    }
    return closest;
}

/* What could not be compared: one line per study and reason. */
static void left_out_print(FILE *out, const struct clinical_table *table, const int *fits)
{
    fprintf(out, "\nNot compared\n");
    for (int i = 0; i < table->count; i++) {
        const struct clinical_row *row = &table->rows[i];
        int first = i;
        int count = 0;
        if (fits[i] == CLINICAL_FITS) {
            continue;
        }
        for (int j = 0; j < table->count; j++) {
            if (same_study(&table->rows[j], row) && fits[j] == fits[i]) {
                first = j < first ? j : first;
                count++;
            }
        }
        if (first == i) {
            fprintf(out, "  %-40s %2d value%s  %s\n", row->study, count,
                    count == 1 ? ": " : "s:", clinical_fit_text((enum clinical_fit)fits[i]));
        }
    }
}

static void tallies_print(FILE *out, const struct model *models, int model_count, const struct tally *tallies)
{
    fprintf(
        out,
        "\nLevels and areas, simulated / observed (times, clearances, fractions and ranges not counted)\n");
    fprintf(out, "  %-24s %-9s %6s %15s %12s\n", "model", "sampling", "count", "geometric mean", "worst");
    for (int i = 0; i < model_count; i++) {
        const struct tally *tally = &tallies[i];
        fprintf(out, "  %-24s %-9s %6d", models[i].name, models[i].sampling, tally->count);
        if (tally->count > 0) {
            char label[64];
            label_print(label, sizeof(label), tally->worst_row);
            fprintf(out, " %15.2f %12.2f  %s, %s", exp(tally->log_sum / tally->count), tally->worst,
                    tally->worst_row->study, label);
        }
        fputc('\n', out);
    }
}

int clinical_print(FILE *out, const struct clinical_table *table, const struct model *models, int model_count,
                   struct diagnostics *d)
{
    struct tally *tallies = calloc((size_t)model_count + 1, sizeof(*tallies));
    int *fits = calloc((size_t)table->count + 1, sizeof(*fits));
    const struct clinical_row *shown = NULL;
    int result = -1;

    if (tallies == NULL || fits == NULL) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    fprintf(out, "%s", caveat);
    for (int i = 0; i < table->count; i++) {
        fits[i] = row_print(out, &table->rows[i], &shown, models, model_count, tallies, d);
        if (fits[i] < 0) {
            goto out;
        }
    }
    left_out_print(out, table, fits);
    tallies_print(out, models, model_count, tallies);
    result = 0;

out:
    free(tallies);
    free(fits);
    return result;
}
