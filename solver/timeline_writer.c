#include "timeline_writer.h"

#include <stdlib.h>

/* The array with room for `count` items; as it was, and `*failed` set, without memory. */
static void *grow(void *array, size_t size, int count, int *capacity, bool *failed)
{
    if (count <= *capacity) {
        return array;
    }
    const int more = 2 * count + 8;
    void *grown = realloc(array, (size_t)more * size);
    *failed |= !grown;
    *capacity = grown ? more : *capacity;
    return grown ? grown : array;
}

void timeline_writer_begin(struct timeline_writer *w, double now)
{
    w->now = now;
    w->bolus_count = w->first_pending = w->rate_count = 0;
    w->timeline.lanes = 1;
    w->timeline.segment_count = w->timeline.time_count = 0;
}

int timeline_writer_bolus(struct timeline_writer *w, int compartment, double amount)
{
    struct timeline *t = &w->timeline;
    bool failed = false;
    int capacity = w->bolus_capacity;
    t->bolus_compartment = grow(t->bolus_compartment, sizeof(int), w->bolus_count + 1, &capacity, &failed);
    t->bolus_amount = grow(t->bolus_amount, sizeof(double), w->bolus_count + 1, &w->bolus_capacity, &failed);
    if (failed) {
        return -1;
    }
    t->bolus_compartment[w->bolus_count] = compartment;
    t->bolus_amount[w->bolus_count++] = amount;
    return 0;
}

static int reserve_segment(struct timeline_writer *w)
{
    struct timeline *t = &w->timeline;
    const int count = t->segment_count + 2;
    bool failed = false;
    int **const lists[] = {&t->bolus_begin, &t->rate_begin, &t->period, &t->time_begin};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        int capacity = w->segment_capacity;
        *lists[i] = grow(*lists[i], sizeof(int), count, &capacity, &failed);
    }
    t->stops = grow(t->stops, sizeof(double), count, &w->segment_capacity, &failed);
    return failed ? -1 : 0;
}

static int add_rate(struct timeline_writer *w, int compartment, double rate)
{
    struct timeline *t = &w->timeline;
    bool failed = false;
    int capacity = w->rate_capacity;
    t->rate_compartment = grow(t->rate_compartment, sizeof(int), w->rate_count + 1, &capacity, &failed);
    t->rate = grow(t->rate, sizeof(double), w->rate_count + 1, &w->rate_capacity, &failed);
    if (failed) {
        return -1;
    }
    t->rate_compartment[w->rate_count] = compartment;
    t->rate[w->rate_count++] = rate;
    return 0;
}

/* Opens a segment from now to `end`. */
static int open_segment(struct timeline_writer *w, double end, int period, const double *rates,
                        int compartments)
{
    struct timeline *t = &w->timeline;
    if (reserve_segment(w)) {
        return -1;
    }
    const int s = t->segment_count++;
    t->stops[s] = w->now;
    t->stops[s + 1] = end;
    t->period[s] = period;
    t->time_begin[s] = t->time_count;
    t->bolus_begin[s] = w->first_pending;
    w->first_pending = w->bolus_count;
    t->rate_begin[s] = w->rate_count;
    for (int c = 0; c < compartments; c++) {
        if (rates[c] != 0 && add_rate(w, c, rates[c])) {
            return -1;
        }
    }
    return 0;
}

/* Whether the last segment has these rates. */
static bool has_rates(const struct timeline_writer *w, const double *rates, int compartments)
{
    const struct timeline *t = &w->timeline;
    int r = t->rate_begin[t->segment_count - 1];
    for (int c = 0; c < compartments; c++) {
        if (rates[c] == 0) {
            continue;
        }
        if (r == w->rate_count || t->rate_compartment[r] != c || t->rate[r] != rates[c]) {
            return false;
        }
        r++;
    }
    return r == w->rate_count;
}

/* Whether what comes now can go on in the last segment. */
static bool goes_on(const struct timeline_writer *w, int period)
{
    const struct timeline *t = &w->timeline;
    return t->segment_count > 0 && w->first_pending == w->bolus_count &&
           t->period[t->segment_count - 1] == period;
}

int timeline_writer_advance(struct timeline_writer *w, double time, int period, const double *rates,
                            int compartments)
{
    struct timeline *t = &w->timeline;
    if (time == w->now) {
        return 0;
    }
    const int last = t->segment_count - 1;
    if (goes_on(w, period) && t->stops[last] < t->stops[last + 1] && has_rates(w, rates, compartments)) {
        t->stops[last + 1] = time;
    } else if (open_segment(w, time, period, rates, compartments)) {
        return -1;
    }
    w->now = time;
    return 0;
}

int timeline_writer_observe(struct timeline_writer *w, int period)
{
    struct timeline *t = &w->timeline;
    if (!goes_on(w, period) && open_segment(w, w->now, period, NULL, 0)) {
        return -1;
    }
    bool failed = false;
    w->times = grow(w->times, sizeof(double), t->time_count + 1, &w->time_capacity, &failed);
    if (failed) {
        return -1;
    }
    w->times[t->time_count++] = w->now;
    return 0;
}

void timeline_writer_end(struct timeline_writer *w)
{
    struct timeline *t = &w->timeline;
    t->bolus_begin[t->segment_count] = w->first_pending;
    t->rate_begin[t->segment_count] = w->rate_count;
    t->time_begin[t->segment_count] = t->time_count;
    t->times = w->times;
}

void timeline_writer_clear(struct timeline_writer *w)
{
    timeline_clear(&w->timeline);
    free(w->times);
    *w = (struct timeline_writer){0};
}
