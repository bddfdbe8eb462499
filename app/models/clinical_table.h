/* clinical_table - what was observed in people: the rows of tests/reference/clinical.csv, embedded at build time.
 *
 * tests/reference/README.md says what the columns mean. Here times are in h, doses mg or mg/kg, levels ng/mL.
 */
#ifndef KETSIM_CLINICAL_TABLE_H
#define KETSIM_CLINICAL_TABLE_H

#include "model/study.h"

extern const char clinical_table_text[]; /* the file, ending in '\0' */

enum clinical_quantity {
    CLINICAL_LEVEL,                /* ng/mL at `time` */
    CLINICAL_PLATEAU,              /* ng/mL at the end of the infusion */
    CLINICAL_CMAX,                 /* ng/mL */
    CLINICAL_TMAX,                 /* h after the dose */
    CLINICAL_TMAX_FROM_LAST,       /* h after the last device */
    CLINICAL_AUC,                  /* ng*h/mL up to `time` */
    CLINICAL_CLEARANCE,            /* L/h: dose over area */
    CLINICAL_CLEARANCE_PER_WEIGHT, /* L/h/kg */
    CLINICAL_BIOAVAILABILITY,      /* fraction: area over that of the same dose by vein */
};

enum { CLINICAL_DOSES_MAX = 4 };

struct clinical_row {
    int line; /* in the file */
    const char *study;
    const char *source;
    const char *provenance; /* R: read in the named place; R2: read in a secondary one */
    const char *drug;       /* as in a model file */
    const char *route;
    const char *dose; /* as written; "" where any will do, since areas go by the dose */
    const char *over; /* as written; "" for a bolus, or where it is not known */
    const char *analyte;
    const char *time;     /* as written; "" where the quantity has none */
    const char *observed; /* as written */
    const char *spread;   /* as written, or "" */
    const char *unit;     /* of observed */
    const char *sampling; /* venous | arterial | unstated */
    const char *note;

    enum clinical_quantity quantity;
    double amounts[CLINICAL_DOSES_MAX]; /* mg or mg/kg, one after the other, each over `hours` */
    int dose_count;
    enum dose_basis basis;
    double hours; /* of the infusion; 0 where `over` is "" */
    double at;    /* h; INFINITY for an area without end */
    double low;   /* the observed value, or the ends of the observed range */
    double high;
    double to_unit; /* one internal unit is so many of `unit` */
    bool children;
    double weight; /* kg; NaN: not stated */
    double age;    /* years; NaN: not stated */
};

struct clinical_table {
    char *text; /* owns what the rows point to */
    struct clinical_row *rows;
    int count;
};

/* Reads a table; 0, or -1 with every mistake in `d` (then `table` is empty, and clearing it is still allowed). */
int clinical_table_parse(struct clinical_table *table, const char *name, const char *text,
                         struct units *units, struct diagnostics *d);
void clinical_table_clear(struct clinical_table *table);

/* "level", "cmax", ...: as in the column `quantity`. */
const char *clinical_quantity_name(enum clinical_quantity quantity);

#endif
