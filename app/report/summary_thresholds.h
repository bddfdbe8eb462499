/* summary_thresholds - what a summary says of thresholds. */
#ifndef KETSIM_SUMMARY_THRESHOLDS_H
#define KETSIM_SUMMARY_THRESHOLDS_H

#include "summary_rows.h"

#include <jansson.h>
#include <stdio.h>

/* A table, and where the thresholds are from; nothing where the result has none. 0, or -1 with the reason in `d`. */
int thresholds_print(FILE *out, struct summary *summary, struct diagnostics *d);

/* Rows of the csv, a row per answer. Of its columns those with a meaning here are filled, so many of statistics, comparisons and others are
 * empty, and those below follow at the end. 0, or -1 with the reason in `d`. */
int thresholds_csv(FILE *out, struct summary *summary, int statistics, int comparisons, int others,
                   struct diagnostics *d);

/* The heads of the columns at the end, beginning with a comma; and what rows of something else have there. */
extern const char thresholds_csv_heads[];
extern const char thresholds_csv_nothing[];

/* An array with an object per arm, session and threshold. NULL without memory, or with the reason in `d`. */
json_t *thresholds_json(struct summary *summary, struct diagnostics *d);

#endif
