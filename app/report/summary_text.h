/* summary_text - a summary for people, as aligned columns. */
#ifndef KETSIM_SUMMARY_TEXT_H
#define KETSIM_SUMMARY_TEXT_H

#include "summary_rows.h"

#include <stdio.h>

/* 0, or -1 without memory. */
int summary_text_print(FILE *out, struct summary *summary, struct diagnostics *d);

#endif
