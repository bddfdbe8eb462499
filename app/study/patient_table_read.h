/* patient_table_read - reads a table of patients, a row each. app/README.md says what it may hold. */
#ifndef KETSIM_PATIENT_TABLE_READ_H
#define KETSIM_PATIENT_TABLE_READ_H

#include "event_table.h"

#include "model/patient_table.h"

enum { PATIENT_ROWS_MAX = 10000000 };

/* `rules` says what columns are called, which covariates there are, and, by its models, which random effects. 0, or -1
 * with every mistake in `d`, in order of place; then the table is empty, and clearing it is still allowed. */
int patient_table_read(struct patient_table *table, const char *path, const struct event_rules *rules,
                       struct units *units, struct diagnostics *d);
int patient_table_parse(struct patient_table *table, const char *path, const char *text, size_t size,
                        const struct event_rules *rules, struct units *units, struct diagnostics *d);
void patient_table_clear(struct patient_table *table);

#endif
