/* summary - the exposure in each arm of a result, as a table. */
#ifndef KETSIM_SUMMARY_H
#define KETSIM_SUMMARY_H

#include "model/diagnostics.h"

#include <stdio.h>

enum summary_format {
    SUMMARY_TEXT, /* for people: levels and areas as geometric mean with CV and percentiles, times as median and range */
    SUMMARY_CSV,  /* for programs: a line per arm, analyte and metric, all numbers with 17 digits */
    SUMMARY_JSON, /* the same, with what the text says of the models and the patients */
};

/* Prints the summary of the result file `path`. 0, or -1 with the reason in `d`: the file cannot be read or is no
 * finished result, or no memory. Nothing is printed before the file has been found to be a result; whether `out` took
 * the text is for the caller to ask. */
int summary_print(FILE *out, const char *path, enum summary_format format, struct diagnostics *d);

#endif
