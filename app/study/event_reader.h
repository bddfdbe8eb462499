/* event_reader - what the parts of the reader of event tables share; for app/study/event_*.c only. */
#ifndef KETSIM_EVENT_READER_H
#define KETSIM_EVENT_READER_H

#include "app/base/csv_reader.h"
#include "event_table.h"

enum event_column {
    COLUMN_ID,
    COLUMN_TIME,
    COLUMN_EVID,
    COLUMN_AMT,
    COLUMN_RATE,
    COLUMN_DUR,
    COLUMN_CMT,
    COLUMN_ADDL,
    COLUMN_II,
    COLUMN_SS,
    COLUMN_MDV,
    COLUMN_DV,
    COLUMN_OCC,
    COLUMN_COUNT,
};

/* What has no effect is told once, with the number of rows. */
enum event_warning {
    WARNING_INTERVAL,  /* II without ADDL and SS */
    WARNING_OBSERVED,  /* DV on a row that is no observation */
    WARNING_SAME_NAME, /* CMT names a route and a compartment */
    WARNING_COUNT,
};

/* A covariate column: of the file, and of rules->covariates. */
struct event_values {
    int cell;
    const struct event_covariate *covariate;
};

struct event_reader {
    const struct event_rules *rules;
    struct event_table *table;
    struct diagnostics *d;
    struct csv csv;
    int header_count;               /* cells of the header */
    int cells[COLUMN_COUNT];        /* of each standard column; -1: the table has none */
    struct event_values *values;    /* [table->column_count] */
    int *where;                     /* [model]: what CMT of the current row means */
    int *found;                     /* [entry][model] */
    struct place at[WARNING_COUNT]; /* the first row of each warning */
    int64_t warned[WARNING_COUNT];
    const struct model *same_name_model; /* of the first WARNING_SAME_NAME, and its compartment */
    int same_name;
    bool no_amount_told; /* that the table has doses and no AMT */
    bool no_compartment_told;
    int64_t event_capacity;
    int64_t patient_capacity;
    int64_t *slots; /* a hash table of the patients: index + 1 */
    int64_t slot_count;
};

enum cell_state { CELL_MISSING, CELL_GIVEN, CELL_WRONG };

/* The numbers of a row; 0 where none is given. */
struct event_row {
    double value[COLUMN_COUNT];
    enum cell_state state[COLUMN_COUNT];
};

extern const char *const event_column_names[COLUMN_COUNT];

/* The place of a cell of the current row; of the row, for a column that the table does not have (cell -1). */
struct place event_place(const struct event_reader *r, int cell);

/* Counts a row of which a warning is due. */
void event_warn(struct event_reader *r, enum event_warning warning, int cell);

/* Reads the header. 0, or -1 where no row can be read then; mistakes are told either way. */
int event_header_read(struct event_reader *r);

/* Reads a row that has a cell per column into `event` and its covariates into `values`, and the id (0 after a mistake).
 * Without memory it is told, as are mistakes. */
void event_row_read(struct event_reader *r, struct event *event, double *values, int64_t *id);

/* Where the doses of the current row enter: an entry of the table; -1 with the mistake told. */
int event_entry_find(struct event_reader *r, bool dose);

/* Puts what was found into the table; -1 without memory. */
int event_entries_finish(struct event_reader *r);

/* Whether a dose can enter there with its amount, rate and duration; tells what is wrong. */
void event_entry_check(struct event_reader *r, const struct event_row *row, int entry);

#endif
