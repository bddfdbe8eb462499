/* event_table - reads a table of doses and observations, as the users of NONMEM write it.
 *
 * Columns, in any order and case: ID TIME EVID AMT RATE DUR CMT ADDL II SS MDV DV OCC and covariates; `.` or
 * nothing is a missing value. app/README.md says what a row may hold.
 */
#ifndef KETSIM_EVENT_TABLE_H
#define KETSIM_EVENT_TABLE_H

#include "model/diagnostics.h"
#include "model/events.h"
#include "model/model.h"

enum {
    EVENT_ROWS_MAX = 10000000,
    EVENT_TIME_MAX = 10000000,      /* h; TIME */
    EVENT_ADDITIONAL_MAX = 1000000, /* ADDL */
    EVENT_OCCASIONS_MAX = 1000000,  /* OCC */
};

/* Doses that follow each other closer than this, h, are a mistake, and would take for ever. */
static const double event_interval_shortest = 1e-6;

/* A column under the name that it has in the file, and what it is: a standard column or a covariate. */
struct event_rename {
    const char *from;
    const char *to;
};

/* A covariate that the table may hold. */
struct event_covariate {
    const char *name;
    const char *unit;
    bool category;      /* 0 or 1 */
    const char *within; /* the category whose 1 this one's presupposes; or NULL */
};

/* One of the table is num / den of the internal unit. */
struct event_factor {
    double num;
    double den;
};

/* How a study wants the table read. Case is ignored in the names of columns. */
struct event_rules {
    const struct event_rename *columns;
    int column_count;
    const char *const *ignored; /* columns of the file that have no use */
    int ignored_count;
    const struct event_covariate *covariates;
    int covariate_count;
    const struct model *models; /* what CMT refers to; one at least */
    int model_count;
    struct event_factor time;   /* to h: TIME, II, DUR and, below the line, RATE */
    struct event_factor amount; /* to mg: AMT, RATE */
};

/* Reads a table from a file, or from memory. `path` is what messages call it. 0, or -1 with every mistake in `d`, in
 * order of place; then the table is empty, and clearing it is still allowed. Where programs differ, the table
 * is marked to be read as NONMEM does. */
int event_table_read(struct event_table *table, const char *path, const struct event_rules *rules,
                     struct diagnostics *d);
int event_table_parse(struct event_table *table, const char *path, const char *text, size_t size,
                      const struct event_rules *rules, struct diagnostics *d);
void event_table_clear(struct event_table *table);

#endif
