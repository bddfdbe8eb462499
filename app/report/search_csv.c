/* The candidates that `ketsim optimize` has tried, as a table for programs: a row per treatment, candidate and constraint. */
#include "search_answer.h"

#include "app/base/csv.h"

#include <inttypes.h>
#include <stdlib.h>

static void print_row(FILE *out, const struct study *study, const struct treatment_search *search,
                      const struct candidate_tally *tally, int number)
{
    const struct optimize *optimize = &study->optimize;
    const struct constraint *constraint = &optimize->constraints[number];
    const struct optimize_candidate *candidate = &optimize->candidates[tally->candidate];
    const struct probability p = treatment_probability(search, tally->candidate, number);
    const int64_t count = threshold_search_counts(&search->found, tally->candidate)[number];

    csv_text(out, candidate->text);
    csv_number(out, candidate->value);
    fprintf(out, ",%s,%d,", optimize->unit, number + 1);
    csv_text(out, constraint_describe(study, constraint).text);
    fprintf(out, ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64, count, study->patient_count, tally->failed,
            tally->missing[number]);
    csv_number(out, p.value);
    csv_number(out, p.lower);
    csv_number(out, p.upper);
    fprintf(out, ",%d,%d\n", constraint_is_kept(constraint, p), tally->candidate == search->recommended);
}

int answer_print_csv(FILE *out, const struct search_answer *answer)
{
    const struct study *study = answer->study;

    fputs("arm,arm_name,model,candidate,value,unit,constraint,probability_of,count,patients,failed,missing,"
          "probability,lower,upper,kept,recommended\n",
          out);
    for (int i = 0; i < answer->treatment_count; i++) {
        const struct treatment_search *search = &answer->treatments[i];
        char *label = treatment_label(study, search);
        if (label == NULL) {
            return -1;
        }
        for (int64_t t = 0; t < search->found.tried_count; t++) {
            for (int c = 0; c < study->optimize.constraint_count; c++) {
                csv_text(out, label);
                putc(',', out);
                csv_text(out, search->arms[0].name);
                putc(',', out);
                csv_text(out, study->models[search->arms[0].model].name);
                putc(',', out);
                print_row(out, study, search, treatment_tally(search, search->found.tried[t]), c);
            }
        }
        free(label);
    }
    return 0;
}
