/* table_header - what the headers of all tables have in common: separators, and what a study says of columns. */
#ifndef KETSIM_TABLE_HEADER_H
#define KETSIM_TABLE_HEADER_H

#include "app/base/csv_reader.h"
#include "event_table.h"

/* Indices in the rules by a column's name, case ignored; -1 where there is none. */
int table_find_rename(const struct event_rules *rules, const char *name);
int table_find_ignored(const struct event_rules *rules, const char *name);
int table_find_covariate(const struct event_rules *rules, const char *name);

/* The header is the current row. A header of one cell may be a table with another separator: 0, or -1 with the mistake told. */
int table_check_separator(const struct csv *csv, struct diagnostics *d);

/* Tells names of the study's that the file does not have: a mistake where it says what a column is. -1 without memory. */
int table_check_names(const struct csv *csv, const struct event_rules *rules, struct diagnostics *d);

/* Whether the current row has a cell for each of the header: 0, or -1 with the mistake told. */
int table_check_length(const struct csv *csv, int header_count, struct diagnostics *d);

/* The value of a covariate in a cell; NaN with the mistake told. */
double table_read_covariate(const struct event_covariate *covariate, const char *text, struct place at,
                            struct diagnostics *d);

#endif
