#include "history.h"

#include "timeline_join.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part of a dose that waits for its time, or an infusion that runs. */
struct history_dose {
    double start; /* h */
    double end;   /* h; equal to start: all at once. Of a modeled rate: as it stands now */
    int64_t order;
    int compartment;
    bool modeled;
    bool additional; /* of ADDL */
    double amount;   /* mg; of a modeled rate: what is still to come */
    double rate;     /* mg/h, of those that are not modeled */
};

/* What is needed while a history is written. */
struct scribe {
    struct history *history;
    const struct history_rows *rows;
    struct steady_solver *steady;
    struct timeline_writer *epoch;
    struct solve_failure *why;
    double last; /* h: no row is later, and what enters after it is of no account */
};

static int fail(const struct scribe *s, const char *text)
{
    s->why->time = s->epoch ? s->epoch->now : 0;
    snprintf(s->why->text, sizeof(s->why->text), "%s", text);
    return -1;
}

static int no_memory(const struct scribe *s)
{
    return fail(s, "out of memory");
}

static int too_many_infusions(const struct scribe *s)
{
    return fail(s, "more than 10000 infusions run at one time");
}

/* --- What waits: a heap, the earliest first --- */

static bool comes_before(const struct history_dose *a, const struct history_dose *b)
{
    return a->start != b->start ? a->start < b->start : a->order < b->order;
}

static void swap(struct history_dose *a, struct history_dose *b)
{
    struct history_dose kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_down(struct history_dose *heap, int count, int i)
{
    for (int child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && comes_before(&heap[child + 1], &heap[child])) {
            child++;
        }
        if (!comes_before(&heap[child], &heap[i])) {
            return;
        }
        swap(&heap[child], &heap[i]);
    }
}

static int wait_for(struct scribe *s, const struct history_dose *dose)
{
    struct history *h = s->history;
    if (dose->start > s->last) {
        return 0;
    }
    if (h->pending_count == HISTORY_DOSES_MAX) {
        return fail(s, "more than a million doses wait for their time: fewer additional doses (ADDL)");
    }
    if (h->pending_count == h->pending_capacity) {
        const int more = 2 * h->pending_capacity + 16;
        struct history_dose *grown = realloc(h->pending, (size_t)more * sizeof(*grown));
        if (!grown) {
            return no_memory(s);
        }
        h->pending = grown;
        h->pending_capacity = more;
    }
    int i = h->pending_count++;
    h->pending[i] = *dose;
    h->pending[i].order = h->written++;
    for (int parent; i > 0 && comes_before(&h->pending[i], &h->pending[parent = (i - 1) / 2]); i = parent) {
        swap(&h->pending[i], &h->pending[parent]);
    }
    return 0;
}

static struct history_dose take_first(struct history *h)
{
    struct history_dose first = h->pending[0];
    h->pending[0] = h->pending[--h->pending_count];
    sift_down(h->pending, h->pending_count, 0);
    return first;
}

/* --- Time --- */

/* A dose enters now. */
static int enter(struct scribe *s, const struct history_dose *dose)
{
    struct history *h = s->history;
    if (!(dose->amount > 0)) {
        return 0;
    }
    if (!dose->modeled && !(dose->end > dose->start)) {
        return timeline_writer_bolus(s->epoch, dose->compartment, dose->amount) ? no_memory(s) : 0;
    }
    if (h->running_count == HISTORY_RUNNING_MAX) {
        return too_many_infusions(s);
    }
    if (h->running_count == h->running_capacity) {
        const int more = 2 * h->running_capacity + 16;
        struct history_dose *grown = realloc(h->running, (size_t)more * sizeof(*grown));
        if (!grown) {
            return no_memory(s);
        }
        h->running = grown;
        h->running_capacity = more;
    }
    h->running[h->running_count++] = *dose;
    return 0;
}

/* Rates that are modeled follow the parameters of the period. */
static void model_rates(const struct scribe *s, int period)
{
    struct history *h = s->history;
    for (int i = 0; i < h->running_count; i++) {
        struct history_dose *dose = &h->running[i];
        if (dose->modeled) {
            dose->rate = s->rows->occasions[period].dose_rates[dose->compartment];
            dose->end = s->epoch->now + dose->amount / dose->rate;
        }
    }
}

/* The next time after now, at most `limit`, at which an infusion ends or something enters. */
static double next_stop(const struct history *h, double limit)
{
    double next = limit;
    if (h->pending_count > 0 && h->pending[0].start < next) {
        next = h->pending[0].start;
    }
    for (int i = 0; i < h->running_count; i++) {
        next = h->running[i].end < next ? h->running[i].end : next;
    }
    return next;
}

static void drop_ended(struct history *h, double now)
{
    int kept = 0;
    for (int i = 0; i < h->running_count; i++) {
        if (h->running[i].end > now) {
            h->running[kept++] = h->running[i];
        }
    }
    h->running_count = kept;
}

/* Lets time pass to the next stop, at most `limit`. */
static int pass(struct scribe *s, double limit, int period)
{
    struct history *h = s->history;
    double rates[MODEL_COMPARTMENTS_MAX] = {0};
    model_rates(s, period);
    drop_ended(h, s->epoch->now);
    const double next = fmax(next_stop(h, limit), s->epoch->now);
    const double length = next - s->epoch->now;
    for (int i = 0; i < h->running_count && length > 0; i++) {
        struct history_dose *dose = &h->running[i];
        if (dose->modeled && dose->end <= next) {
            dose->rate = dose->amount / length; /* all of it, however short */
        }
        rates[dose->compartment] += dose->rate;
        dose->amount -= dose->modeled ? dose->rate * length : 0;
    }
    if (timeline_writer_advance(s->epoch, next, period, rates, s->rows->compartments)) {
        return no_memory(s);
    }
    drop_ended(h, next);
    return 0;
}

/* Gives what waits for a time up to `limit`; what waits for exactly that time only if `with_limit`. */
static int advance(struct scribe *s, double limit, int period, bool with_limit)
{
    struct history *h = s->history;
    for (;;) {
        while (h->pending_count > 0 && h->pending[0].start <= s->epoch->now &&
               (h->pending[0].start < limit || with_limit)) {
            const struct history_dose dose = take_first(h);
            if (enter(s, &dose)) {
                return -1;
            }
        }
        if (s->epoch->now >= limit) {
            return 0;
        }
        if (pass(s, limit, period)) {
            return -1;
        }
    }
}

/* --- Doses --- */

/* Times are rounded; the rate is such that all of the amount enters between them. */
static struct history_dose dose_of(const struct dose_part *part, double start, bool additional)
{
    const double end = start + part->duration;
    return (struct history_dose){
        .start = start,
        .end = end,
        .compartment = part->compartment,
        .modeled = part->modeled,
        .additional = additional,
        .amount = part->amount,
        .rate = end > start ? part->amount / (end - start) : 0,
    };
}

/* The row's own dose, and its additional ones. */
static int give(struct scribe *s, int row)
{
    const struct event *event = &s->rows->events[row];
    const struct row_dose *doses = &s->rows->doses[row];
    for (int k = 0; k <= event->additional && event->time + k * event->interval <= s->last; k++) {
        for (int i = 0; i < doses->count; i++) {
            const double time = event->time + k * event->interval;
            const struct history_dose dose = dose_of(&doses->parts[i], time + doses->parts[i].offset, k > 0);
            const bool now = k == 0 && !(doses->parts[i].offset > 0);
            if (now ? enter(s, &dose) : wait_for(s, &dose)) {
                return -1;
            }
        }
    }
    return 0;
}

/* What doses given before the row, for ever, are still to bring after it. Which of them have entered is told by the
 * phase in the interval, as steady_state.c tells it, and never by rounded times. */
static int go_on(struct scribe *s, int row)
{
    const struct event *event = &s->rows->events[row];
    const struct row_dose *doses = &s->rows->doses[row];
    for (int i = 0; i < doses->count; i++) {
        const struct dose_part *part = &doses->parts[i];
        const double phase = fmod(part->offset, event->interval);
        const double late = round((part->offset - phase) / event->interval); /* whole intervals */
        if (!(part->amount > 0)) {
            continue;
        }
        if (late > HISTORY_DOSES_MAX || part->duration / event->interval > HISTORY_RUNNING_MAX) {
            return late > HISTORY_DOSES_MAX ? fail(s, "a lag of more than a million intervals (II)")
                                            : too_many_infusions(s);
        }
        for (double k = 1;; k++) {
            const double since = (k - late) * event->interval - phase; /* h, entered so long before the row */
            struct history_dose dose = dose_of(part, event->time - since, false);
            if (since < 0) { /* the lag is longer than the interval */
                if (wait_for(s, &dose)) {
                    return -1;
                }
                continue;
            }
            if (!(part->duration > since && dose.end > event->time)) {
                break;
            }
            dose.amount = part->amount / part->duration * (part->duration - since);
            dose.rate = dose.amount / (dose.end - event->time);
            if (enter(s, &dose)) {
                return -1;
            }
        }
    }
    return 0;
}

/* Brings the steady state of the row's dose. */
static int bring_steady_state(struct scribe *s, int row)
{
    const struct history_rows *rows = s->rows;
    const struct event *event = &rows->events[row];
    const struct row_dose *doses = &rows->doses[row];
    const struct occasion *occasion = &rows->occasions[rows->periods[row]];
    const struct patient_rates patient = {occasion->rates, occasion->slopes, occasion->kms};
    double amounts[MODEL_COMPARTMENTS_MAX];
    const bool constant = !(event->interval > 0);
    int failed;
    if (constant) {
        const int compartment = doses->parts[0].compartment;
        const double rate = event->rate > 0 ? event->rate : occasion->dose_rates[compartment];
        failed = steady_state_of_infusion(s->steady, &patient, compartment, rate, amounts, s->why);
    } else {
        failed = steady_state_of_doses(s->steady, &patient, doses->parts, doses->count, event->interval,
                                       amounts, s->why);
    }
    if (failed) {
        s->why->time = event->time;
        return -1;
    }
    for (int c = 0; c < rows->compartments; c++) {
        if (amounts[c] > 0 && timeline_writer_bolus(s->epoch, c, amounts[c])) {
            return no_memory(s);
        }
    }
    return constant ? 0 : go_on(s, row);
}

/* --- Rows --- */

static bool begins_epoch(const struct event *event)
{
    return event->kind == EVENT_RESET || event->kind == EVENT_RESET_AND_DOSE ||
           event->steady_state == STEADY_STATE_RESETS;
}

/* Forgets what runs and what waits; but for additional doses that are still to come, where a reset keeps them. A clock that
 * starts anew begins another time, of which the old doses know nothing. */
static void cancel(struct scribe *s, const struct event *event)
{
    struct history *h = s->history;
    const bool anew = s->epoch && event->time < s->epoch->now;
    const bool keeps =
        s->rows->table->reset_keeps_doses && event->steady_state != STEADY_STATE_RESETS && !anew;
    int kept = 0;
    h->running_count = 0;
    for (int i = 0; keeps && i < h->pending_count; i++) {
        const double start = h->pending[i].start;
        const bool to_come =
            start > event->time || (start == event->time && s->rows->table->additional_after);
        if (h->pending[i].additional && to_come) {
            h->pending[kept++] = h->pending[i];
        }
    }
    h->pending_count = kept;
    for (int i = kept / 2 - 1; i >= 0; i--) {
        sift_down(h->pending, kept, i);
    }
}

static int begin_epoch(struct scribe *s, double time)
{
    struct history *h = s->history;
    if (h->epoch_count == h->epoch_capacity) {
        const int more = 2 * h->epoch_capacity + 1;
        struct timeline_writer *grown = realloc(h->epochs, (size_t)more * sizeof(*grown));
        if (!grown) {
            return no_memory(s);
        }
        memset(grown + h->epoch_capacity, 0, (size_t)(more - h->epoch_capacity) * sizeof(*grown));
        h->epochs = grown;
        h->epoch_capacity = more;
    }
    s->epoch = &h->epochs[h->epoch_count++];
    timeline_writer_begin(s->epoch, time);
    return 0;
}

static int process(struct scribe *s, int row)
{
    const struct history_rows *rows = s->rows;
    const struct event *event = &rows->events[row];
    const bool begins = row == 0 || begins_epoch(event);
    if (begins) {
        if (s->epoch) {
            timeline_writer_end(s->epoch);
        }
        cancel(s, event);
        if (begin_epoch(s, event->time)) {
            return -1;
        }
    } else {
        const int between = rows->periods[rows->table->covariates == COVARIATES_BACKWARD ? row : row - 1];
        if (advance(s, event->time, between, !rows->table->additional_after)) {
            return -1;
        }
    }
    if (event->steady_state != STEADY_STATE_NONE && bring_steady_state(s, row)) {
        return -1;
    }
    if (rows->doses[row].count > 0 && event->amount > 0 && give(s, row)) {
        return -1;
    }
    return timeline_writer_observe(s->epoch, rows->periods[row]) ? no_memory(s) : 0;
}

int history_write(struct history *h, const struct history_rows *rows, struct steady_solver *steady,
                  struct solve_failure *why)
{
    struct scribe s = {.history = h, .rows = rows, .steady = steady, .why = why};
    h->epoch_count = h->pending_count = h->running_count = 0;
    h->written = 0;
    for (int row = 0; row < rows->count; row++) {
        s.last = fmax(s.last, rows->events[row].time);
    }
    for (int row = 0; row < rows->count; row++) {
        if (process(&s, row)) {
            return -1;
        }
    }
    timeline_writer_end(s.epoch);
    return 0;
}

void history_clear(struct history *h)
{
    for (int i = 0; i < h->epoch_capacity; i++) {
        timeline_writer_clear(&h->epochs[i]);
    }
    free(h->epochs);
    free(h->pending);
    free(h->running);
    *h = (struct history){0};
}

bool history_same_order(const struct history *a, const struct history *b, bool same_times)
{
    if (a->epoch_count != b->epoch_count) {
        return false;
    }
    for (int i = 0; i < a->epoch_count; i++) {
        const struct timeline *x = &a->epochs[i].timeline;
        const struct timeline *y = &b->epochs[i].timeline;
        if (!timeline_same_order(x, y) || (same_times && !timeline_same_times(x, y))) {
            return false;
        }
    }
    return true;
}
