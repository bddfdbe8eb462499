/* search_answer - what `ketsim optimize` has found, for people and for programs. */
#ifndef KETSIM_SEARCH_ANSWER_H
#define KETSIM_SEARCH_ANSWER_H

#include "solver/regimen_search.h"

#include <stdio.h>

enum answer_format { ANSWER_TEXT, ANSWER_CSV, ANSWER_JSON };

struct search_answer {
    const struct study *study; /* read with its candidates */
    const struct treatment_search *treatments;
    int treatment_count;
};

/* Prints the answer. 0, or -1 without memory. */
int answer_print(FILE *out, const struct search_answer *answer, enum answer_format format,
                 struct diagnostics *d);
int answer_print_text(FILE *out, const struct search_answer *answer);
int answer_print_csv(FILE *out, const struct search_answer *answer);
int answer_print_json(FILE *out, const struct search_answer *answer);

/* What the formats share. */

/* What every answer says of itself. */
extern const char answer_notice[];

/* "P(esketamine cmax > 150 ng/mL) <= 5 %" */
struct constraint_text {
    char text[384];
};
struct constraint_text constraint_describe(const struct study *study, const struct constraint *constraint);

/* The name of a treatment: the label of its arms without the candidate. malloc'ed; NULL without memory. */
char *treatment_label(const struct study *study, const struct treatment_search *search);

/* The probability that a constraint is about, at a candidate that was tried. */
struct probability treatment_probability(const struct treatment_search *search, int64_t candidate,
                                         int constraint);

/* Whether it keeps to its bound. */
bool constraint_is_kept(const struct constraint *constraint, struct probability probability);

/* Where no candidate keeps to all constraints: those next to doing so, which are the ends of what each constraint allows, and of one that
 * nothing keeps to the candidate that comes nearest. Increasing; how many of them, at most `most`. */
int treatment_nearest(const struct study *study, const struct treatment_search *search, int64_t *candidates,
                      int most);

/* The candidates that keep to all constraints in each treatment. */
struct candidates answer_common(const struct search_answer *answer);

/* From where to where the recommended candidate may lie, by the Monte Carlo error: the ends of what is sure, and of what is not ruled
 * out. -1 where nothing is sure; both where a count goes up and down, and ends of runs say nothing of each other. */
struct recommended_range {
    int64_t sure;
    int64_t open;
};
struct recommended_range treatment_error(const struct study *study, const struct treatment_search *search);

/* What `ketsim run` is to be told, so that the study gives what is recommended: setting number `i` of its `--set`. false where there are no
 * more, or none could say it. */
struct setting_text {
    char text[256];
};
bool treatment_setting(struct setting_text *setting, const struct study *study,
                       const struct treatment_search *search, int i);

#endif
