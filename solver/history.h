/* history - what the rows of an event table do to one patient, in NONMEM's order.
 *
 * - Rows are processed in the order of the file. A row is observed after what it does: a dose row shows its own dose.
 * - What enters later than its row (a lag, an additional dose) enters between rows: before a row of exactly its time.
 *   Times are compared as they are, without any tolerance.
 * - A reset, and a steady state that takes the place of everything, begin an epoch: nothing of the time before is left.
 * - Between two rows the parameters are those of the later row, or of the earlier one where the table is to be read so. How much
 *   of a dose enters, when, and for how long is a matter of its own row, also for additional doses; only RATE -1
 *   follows the parameters of the time.
 * - A steady state with a lag is that of doses entering `lag` after their times, however long the lag.
 */
#ifndef KETSIM_HISTORY_H
#define KETSIM_HISTORY_H

#include "lane.h"
#include "steady_state.h"
#include "timeline_writer.h"

/* What a row's dose is made of, for one patient. */
struct row_dose {
    int count; /* of parts; 0: the row doses nothing */
    struct dose_part *parts;
};

/* A patient, row by row. */
struct history_rows {
    const struct event_table *table;
    const struct event *events; /* [count] */
    int count;
    const int *periods;               /* [row]: its parameters, an index into `occasions` */
    const struct occasion *occasions; /* [period] */
    const struct row_dose *doses;     /* [row] */
    int compartments;                 /* of the model */
};

struct history_dose; /* what is to enter, or is entering */

struct history {
    struct timeline_writer *epochs; /* [epoch_count]: the rows in their order, spread over the epochs */
    int epoch_count;
    int epoch_capacity;
    struct history_dose *pending; /* by time; same time: in the order in which they were written */
    int pending_count, pending_capacity;
    struct history_dose *running;
    int running_count, running_capacity;
    int64_t written; /* doses so far, which orders those of the same time */
};

/* Of one patient: a hostile table must neither take the memory nor the time, which goes with the infusions at each stop. */
enum {
    HISTORY_DOSES_MAX = 1000000, /* waiting at one time */
    HISTORY_RUNNING_MAX = 10000, /* infusions at one time */
};

/* Writes the timelines; `history` is zeroed or was used before. 0, or -1 with the reason. */
int history_write(struct history *history, const struct history_rows *rows, struct steady_solver *steady,
                  struct solve_failure *why);
void history_clear(struct history *history);

/* Whether the same happens to two patients in the same order; with `same_times` also at the same times. */
bool history_same_order(const struct history *a, const struct history *b, bool same_times);

#endif
