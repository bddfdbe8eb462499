/* threshold_table - what a result says of thresholds: how probable it is to be above them, and until when. */
#ifndef KETSIM_THRESHOLD_TABLE_H
#define KETSIM_THRESHOLD_TABLE_H

#include "app/results/results_read.h"

#include "solver/answers.h"

/* A threshold of the study. */
struct asked_threshold {
    const char *analyte; /* belongs to the result */
    double level;        /* ng/mL */
    char *name;          /* of a published one; owned, as is the rest; NULL where the result says nothing */
    char *meaning;
    char *source;
    char *limits;
    const struct result_variable
        *above[3]; /* probability and ends of its interval; NULL where it was not asked for */
    const struct result_variable *below[3]; /* time and ends of its interval */
};

/* Its answers are those of the arm that was read last. */
struct threshold_table {
    int count; /* 0: the study asks about none */
    struct asked_threshold *thresholds;
    int64_t after_count, below_count, session_room; /* sizes of the dimensions */
    double *after;                                  /* h since the start of a session */
    double *fractions;
    int64_t session_count; /* of the arm */
    double *starts, *ends; /* [session], h */
    int64_t patients;      /* of the arm: those who could be simulated */
    double *above;         /* [threshold][end][session][after] */
    double *below;         /* [threshold][end][session][fraction] */
};

/* 0, or -1 with the reason in `d`: the result is damaged, or no memory. Clearing is allowed either way. The result must outlive the
 * table. */
int threshold_table_open(struct threshold_table *table, struct result *result, struct diagnostics *d);
void threshold_table_clear(struct threshold_table *table);

/* Reads the answers of an arm. */
int threshold_table_read(struct threshold_table *table, struct result *result, int64_t arm,
                         struct diagnostics *d);

/* Answers of a session, from 0. NaN where nobody was simulated, or the session is shorter. */
struct probability threshold_above(const struct threshold_table *table, int threshold, int64_t session,
                                   int64_t after);
struct time_answer threshold_below(const struct threshold_table *table, int threshold, int64_t session,
                                   int64_t fraction);

/* "50 ng/mL of esketamine"; "effect site" in place of "_effect_site". malloc'ed; NULL without memory. */
char *threshold_describe(const struct asked_threshold *threshold);

/* "2.173 h (2.123 to 2.213)", "later than 24.00 h (20.31 or later)". Of a single patient without interval. */
struct answer_text {
    char text[96];
};
struct answer_text time_answer_describe(const struct threshold_table *table, int64_t session,
                                        struct time_answer answer);
/* "58.4 % (54.0 to 62.6)" */
struct answer_text probability_describe(const struct threshold_table *table, struct probability probability);

#endif
