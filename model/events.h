/* events - a table of doses and observations, row by row, as the users of NONMEM write it.
 *
 * The rows of a patient follow each other and are processed in the order of the file. What a row means to a model is
 * resolved when the table is read; what it does to a patient is solver/history.h.
 */
#ifndef KETSIM_EVENTS_H
#define KETSIM_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

/* The column EVID. */
enum event_kind {
    EVENT_OBSERVATION = 0,
    EVENT_DOSE = 1,
    EVENT_OTHER = 2, /* covariates change here, or a prediction is wanted */
    EVENT_RESET = 3,
    EVENT_RESET_AND_DOSE = 4,
};

/* Values of the column RATE that leave it to the model. */
enum { RATE_MODELED = -1, DURATION_MODELED = -2 };

enum steady_state {
    STEADY_STATE_NONE = 0,
    STEADY_STATE_RESETS = 1, /* SS 1 and 3: it takes the place of everything */
    STEADY_STATE_ADDS = 2,
};

struct event {
    double time; /* h */
    enum event_kind kind;
    double amount;   /* mg; 0 but for doses */
    double rate;     /* mg/h; RATE_MODELED; DURATION_MODELED; 0: all at once, or as `duration` says */
    double duration; /* h, of the column DUR; 0: none */
    double interval; /* h, II */
    int additional;  /* ADDL */
    enum steady_state steady_state;
    int entry;       /* of the table: where a dose enters; -1 on other rows */
    int occasion;    /* of the column OCC, from 1; 0 without the column */
    bool missing;    /* the row has no observed value: MDV 1, no DV, or no observation */
    double observed; /* DV of an observation, as written; NaN where there is none */
    int line;        /* of the file */
};

/* The rows of one patient: events[first .. first + count - 1]. */
struct event_patient {
    int64_t id; /* as in the column ID: a whole number, 1 or above */
    int64_t first;
    int count;
};

enum covariates_between { COVARIATES_BACKWARD, COVARIATES_FORWARD };

struct event_table {
    struct event *events;
    int64_t event_count;
    struct event_patient *patients;
    int64_t patient_count;
    int most_events; /* of any patient */

    /* Where doses enter: the distinct values of the column CMT. Per model the index of a route, or the number of its
     * routes plus that of a compartment. */
    int entry_count;
    int *entries; /* [model][entry] */

    /* Covariates, in the units of the study's: a column per name. */
    int column_count;
    char **columns; /* owned names */
    double *values; /* [event][column] */

    /* How the table is to be read where programs differ. */
    enum covariates_between
        covariates; /* between two rows those of the later (NONMEM), or of the earlier one */
    bool
        additional_after; /* an additional or lagged dose at the time of a row enters after it; NONMEM: before */
    bool reset_keeps_doses; /* a reset leaves additional doses to come; NONMEM: it cancels them */
};

#endif
