/* summary_uncertainty - what the replicates of the parameter uncertainty do to a summary, as text, csv and json. */
#ifndef KETSIM_SUMMARY_UNCERTAINTY_H
#define KETSIM_SUMMARY_UNCERTAINTY_H

#include "summary_rows.h"

#include <jansson.h>
#include <stdio.h>

/* The table of intervals over the replicates beside the spread over patients; nothing without replicates. 0, or -1 without
 * memory. */
int uncertainty_print(FILE *out, struct summary *summary);

/* Further columns of the csv, in its head and in a row; nothing without replicates. */
void uncertainty_csv_head(FILE *out, const struct summary *summary);
void uncertainty_csv(FILE *out, const struct summary *summary, const struct summary_row *row);

/* Of a row, and of the whole; NULL without memory. */
json_t *uncertainty_json_row(const struct summary_row *row);
json_t *uncertainty_json(struct summary *summary);

#endif
