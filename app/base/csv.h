/* csv - cells of tables for programs, as RFC 4180 has them. */
#ifndef KETSIM_CSV_H
#define KETSIM_CSV_H

#include <stdio.h>

/* A text, in quotes where it must be. */
void csv_text(FILE *out, const char *text);

/* A comma and a number with 17 digits. What is not defined is left empty: missing, to all readers of tables. */
void csv_number(FILE *out, double value);

#endif
