/* The answer of `ketsim optimize` for people. */
#include "search_answer.h"

#include "app/base/text_table.h"
#include "app/results/results_certificate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN_CONSTRAINT, COLUMN_MET, COLUMN_SHOWN, SHOWN_MAX = 4 };

static const char *candidate_text(const struct study *study, int64_t candidate)
{
    return study->optimize.candidates[candidate].text;
}

/* "7 mg to 83 mg", "84 mg", "none" */
static void range_describe(char *text, size_t size, const struct study *study, struct candidates range)
{
    if (range.last < range.first) {
        snprintf(text, size, "none");
    } else if (range.first == range.last) {
        snprintf(text, size, "%s", candidate_text(study, range.first));
    } else {
        snprintf(text, size, "%s to %s", candidate_text(study, range.first),
                 candidate_text(study, range.last));
    }
}

/* "4.9 % (3.7 % to 6.4 %)" */
static void probability_describe(char *text, size_t size, struct probability p)
{
    snprintf(text, size, "%.4g %% (%.3g %% to %.3g %%)", 100 * p.value, 100 * p.lower, 100 * p.upper);
}

/* --- the table --- */

static int put_range(struct table *table, int64_t line, const char *name, const struct study *study,
                     struct candidates range)
{
    char text[256];

    range_describe(text, sizeof(text), study, range);
    return table_put(table, line, COLUMN_CONSTRAINT, name) != 0 ||
                   table_put(table, line, COLUMN_MET, text) != 0
               ? -1
               : 0;
}

static int put_constraint(struct table *table, int number, const struct study *study,
                          const struct treatment_search *search, const int64_t *shown, int count)
{
    const struct constraint *constraint = &study->optimize.constraints[number];
    char name[400];
    char text[128];

    snprintf(name, sizeof(name), "  %d. %s", number + 1, constraint_describe(study, constraint).text);
    int ret = put_range(table, number + 1, name, study, search->found.met[number]);
    for (int i = 0; i < count && ret == 0; i++) {
        const struct probability p = treatment_probability(search, shown[i], number);
        probability_describe(text, sizeof(text), p);
        ret = table_put(table, number + 1, COLUMN_SHOWN + i, text);
    }
    return ret;
}

/* A line per constraint, with its probability at some candidates, and those of all together. */
static int print_constraints(FILE *out, const struct study *study, const struct treatment_search *search,
                             const int64_t *shown, int count)
{
    const int constraints = study->optimize.constraint_count;
    struct table table;
    char text[256];
    int ret = table_init(&table, constraints + 3, COLUMN_SHOWN + count);

    if (ret == 0 && (table_put(&table, 0, COLUMN_CONSTRAINT, "  constraint") != 0 ||
                     table_put(&table, 0, COLUMN_MET, "kept by") != 0)) {
        ret = -1;
    }
    for (int i = 0; i < count && ret == 0; i++) {
        snprintf(text, sizeof(text), "at %s%s", candidate_text(study, shown[i]),
                 i == 0 ? " (95 % interval)" : "");
        ret = table_put(&table, 0, COLUMN_SHOWN + i, text);
    }
    for (int i = 0; i < constraints && ret == 0; i++) {
        ret = put_constraint(&table, i, study, search, shown, count);
    }
    if (ret == 0 &&
        (put_range(&table, constraints + 1, "  all of them", study, search->found.all) != 0 ||
         put_range(&table, constraints + 2, "  all, surely (95 %)", study, search->found.sure) != 0)) {
        ret = -1;
    }
    if (ret == 0) {
        table_print(out, &table);
    }
    table_clear(&table);
    return ret;
}

/* --- what is recommended --- */

static void print_error(FILE *out, const struct study *study, struct recommended_range range)
{
    const bool up = range.sure < range.open;
    char text[256];

    if (range.sure < 0) {
        fputs("may be that none does", out);
        return;
    }
    range_describe(text, sizeof(text), study,
                   (struct candidates){up ? range.sure : range.open, up ? range.open : range.sure});
    fprintf(out, "is %s", text);
}

static void print_recommended(FILE *out, const struct study *study, const struct treatment_search *search)
{
    const struct optimize *optimize = &study->optimize;
    const struct recommended_range range = treatment_error(study, search);
    const char *extreme = optimize->largest ? "largest" : "smallest";
    const int64_t edge = optimize->largest ? optimize->candidate_count - 1 : 0;

    fprintf(out, "  recommended: %s, the %s%s that keeps to all", candidate_text(study, search->recommended),
            extreme, search->found.uneven < 0 ? "" : " of the longest range");
    if (range.open >= 0) {
        fprintf(out, "; by the Monte Carlo error of %" PRId64 " patients (95 %%) it ", study->patient_count);
        print_error(out, study, range);
    }
    putc('\n', out);
    if (search->recommended == edge) {
        fprintf(out, "  note: that is the %s candidate of all; %s ones may keep to all, too\n", extreme,
                optimize->largest ? "larger" : "smaller");
    }
}

/* How to simulate it. */
static void print_settings(FILE *out, const struct study *study, const struct treatment_search *search)
{
    struct setting_text setting;
    for (int i = 0; treatment_setting(&setting, study, search, i); i++) {
        fprintf(out, "%s --set '%s'", i == 0 ? "  in ketsim run:" : "", setting.text);
    }
    if (treatment_setting(&setting, study, search, 0)) {
        putc('\n', out);
    }
}

/* Which constraints exclude each other. */
static void print_conflict(FILE *out, const struct study *study, const struct treatment_search *search)
{
    const struct optimize *optimize = &study->optimize;
    const struct candidates *met = search->found.met;
    int late = 0;
    int early = 0;
    bool told = false;

    fputs("  recommended: none; no candidate keeps to all", out);
    for (int i = 0; i < optimize->constraint_count; i++) {
        if (met[i].last < met[i].first) {
            fprintf(out, "%s %d", told ? "," : ", and none to", i + 1);
            told = true;
        }
        late = met[i].first > met[late].first ? i : late;
        early = met[i].last < met[early].last ? i : early;
    }
    if (!told && search->found.uneven < 0 && met[late].first > met[early].last) {
        fprintf(out, ": %d needs %s or more, and %d %s or less", late + 1,
                candidate_text(study, met[late].first), early + 1, candidate_text(study, met[early].last));
    }
    putc('\n', out);
}

/* --- what to bear in mind --- */

static int64_t count_missing(const struct study *study, const struct treatment_search *search,
                             int64_t *failed)
{
    int64_t missing = 0;

    *failed = 0;
    for (int i = 0; i < search->tally_count; i++) {
        *failed += search->tallies[i].failed;
        for (int b = 0; b < study->optimize.constraint_count; b++) {
            missing += search->tallies[i].missing[b];
        }
    }
    return missing;
}

/* Who is outside what the model's source studied, by limit: whom more than one concerns is counted for each. */
static void print_outside(FILE *out, const struct study *study, const struct treatment_search *search,
                          int64_t candidate)
{
    const struct candidate_tally *tally = treatment_tally(search, candidate);
    const char *before = "  outside what the model's source studied:";

    for (int i = 0; i < limit_count(study) && tally != NULL; i++) {
        if (tally->outside[i] > 0) {
            fprintf(out, "%s %s %" PRId64 " of %" PRId64, before, limit_name(study, i), tally->outside[i],
                    study->patient_count);
            before = ",";
        }
    }
    if (strcmp(before, ",") == 0) {
        fprintf(out, " patients at %s\n", candidate_text(study, candidate));
    }
}

static void print_notes(FILE *out, const struct study *study, const struct treatment_search *search)
{
    int64_t failed;
    const int64_t missing = count_missing(study, search, &failed);

    if (search->found.uneven >= 0 && !search->refused) {
        fprintf(out,
                "  note: the probability of constraint %d goes up and down along the candidates; all of them "
                "were tried, and "
                "ranges are the longest without a gap\n",
                search->found.uneven + 1);
    }
    if (failed > 0) {
        fprintf(out,
                "  note: %" PRId64 " of %" PRId64
                " simulations failed; they count against every constraint\n",
                failed, search->report.finished);
    }
    if (missing > 0) {
        fprintf(out,
                "  note: a metric is missing in %" PRId64
                " cases of simulated patients; they count against its constraint\n",
                missing);
    }
    const struct result_certificate certificate = result_certificate_of(study, &search->report.certificate);
    fprintf(out, "  certificate: %s\n", result_certificate_describe(&certificate).text);
    fprintf(out, "  %" PRId64 " of %d candidates tried, %" PRId64 " simulations\n", search->found.tried_count,
            study->optimize.candidate_count, search->report.finished);
}

/* --- the whole --- */

static int print_treatment(FILE *out, const struct study *study, const struct treatment_search *search)
{
    int64_t shown[SHOWN_MAX] = {search->recommended};
    const char *model = study->models[search->arms[0].model].name;
    char *label = treatment_label(study, search);
    int count = 1;

    if (label == NULL) {
        return -1;
    }
    fputc('\n', out);
    text_put(out, label);
    if (strstr(label, model) == NULL) {
        fprintf(out, " (%s)", model);
    }
    putc('\n', out);
    free(label);
    if (search->refused) {
        fprintf(out,
                "  no answer: the probability of constraint %d goes up and down along the candidates, and "
                "there are more "
                "than %d to try one by one; take a larger step, or a narrower range\n",
                search->found.uneven + 1, THRESHOLD_UNEVEN_MAX);
        print_notes(out, study, search);
        return 0;
    }
    if (search->recommended < 0) {
        count = treatment_nearest(study, search, shown, SHOWN_MAX);
    }
    if (print_constraints(out, study, search, shown, count) != 0) {
        return -1;
    }
    if (search->recommended < 0) {
        print_conflict(out, study, search);
    } else {
        print_recommended(out, study, search);
        print_settings(out, study, search);
        print_outside(out, study, search, search->recommended);
    }
    print_notes(out, study, search);
    return 0;
}

static void print_source(FILE *out, const char *name, const char *citation)
{
    fprintf(out, "%s: ", name);
    text_put(out, citation);
    putc('\n', out);
}

int answer_print_text(FILE *out, const struct search_answer *answer)
{
    const struct study *study = answer->study;
    const struct optimize *optimize = &study->optimize;

    if (study->title[0] != '\0') {
        text_put(out, study->title);
        fputc('\n', out);
    }
    text_put(out, optimize->vary);
    fprintf(out, ": %d candidates from %s to %s; %" PRId64 " patients, the same for each; seed %" PRIu64 "\n",
            optimize->candidate_count, optimize->candidates[0].text,
            optimize->candidates[optimize->candidate_count - 1].text, study->patient_count, study->seed);
    for (int i = 0; i < answer->treatment_count; i++) {
        if (print_treatment(out, study, &answer->treatments[i]) != 0) {
            return -1;
        }
    }
    if (answer->treatment_count > 1) {
        char text[256];
        range_describe(text, sizeof(text), study, answer_common(answer));
        fprintf(out, "\nKeep to all constraints in each of the %d: %s\n", answer->treatment_count, text);
    }
    fputs("\nProbabilities are over the patients, of levels without residual error. How far a model is from "
          "the truth is in no "
          "interval.\n",
          out);
    for (int i = 0; i < study->model_count; i++) {
        print_source(out, study->models[i].name, study->models[i].citation);
    }
    if (study->effect_site != NULL) {
        print_source(out, study->effect_site->name, study->effect_site->citation);
    }
    fprintf(out, "%s\n", answer_notice);
    return 0;
}
