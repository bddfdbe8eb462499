#include "timeline.h"

#include <stdlib.h>

bool timeline_shared(const struct pulse *a, const struct pulse *b, int count)
{
    for (int i = 0; i < count; i++) {
        if (a[i].start != b[i].start || a[i].end != b[i].end || a[i].compartment != b[i].compartment) {
            return false;
        }
    }
    return true;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool lasts(const struct pulse *pulse)
{
    return pulse->end > pulse->start;
}

/* The distinct times before the last observation at which a pulse or a period starts or ends, then that observation. */
static int find_stops(struct timeline *t, const struct pulse *pulses, int count)
{
    double last = t->times[t->time_count - 1];
    double *stops = realloc(t->stops, (2 * (size_t)count + (size_t)t->period_count + 1) * sizeof(*stops));
    if (!stops) {
        return -1;
    }
    t->stops = stops;
    int n = 0;
    for (int i = 0; i < count; i++) {
        if (pulses[i].start < last) {
            stops[n++] = pulses[i].start;
        }
        if (lasts(&pulses[i]) && pulses[i].end < last) {
            stops[n++] = pulses[i].end;
        }
    }
    for (int i = 1; i < t->period_count; i++) {
        if (t->period_starts[i] < last) {
            stops[n++] = t->period_starts[i];
        }
    }
    qsort(stops, (size_t)n, sizeof(*stops), compare_doubles);
    int distinct = 0;
    for (int i = 0; i < n; i++) {
        if (distinct == 0 || stops[i] != stops[distinct - 1]) {
            stops[distinct++] = stops[i];
        }
    }
    stops[distinct] = last;
    t->segment_count = distinct;
    return 0;
}

/* Grows the arrays to what `count` pulses over the segments can need. */
static int reserve(struct timeline *t, int count, size_t rates)
{
    size_t segments = (size_t)t->segment_count + 1;
    size_t lanes = (size_t)t->lanes;
    size_t boluses = (size_t)count + 1;
    int *bolus_begin = realloc(t->bolus_begin, segments * sizeof(int));
    t->bolus_begin = bolus_begin ? bolus_begin : t->bolus_begin;
    int *bolus_compartment = realloc(t->bolus_compartment, boluses * sizeof(int));
    t->bolus_compartment = bolus_compartment ? bolus_compartment : t->bolus_compartment;
    double *bolus_amount = realloc(t->bolus_amount, boluses * lanes * sizeof(double));
    t->bolus_amount = bolus_amount ? bolus_amount : t->bolus_amount;
    int *rate_begin = realloc(t->rate_begin, segments * sizeof(int));
    t->rate_begin = rate_begin ? rate_begin : t->rate_begin;
    int *rate_compartment = realloc(t->rate_compartment, (rates + 1) * sizeof(int));
    t->rate_compartment = rate_compartment ? rate_compartment : t->rate_compartment;
    double *rate = realloc(t->rate, (rates + 1) * lanes * sizeof(double));
    t->rate = rate ? rate : t->rate;
    int *period = realloc(t->period, segments * sizeof(int));
    t->period = period ? period : t->period;
    int *time_begin = realloc(t->time_begin, segments * sizeof(int));
    t->time_begin = time_begin ? time_begin : t->time_begin;
    return bolus_begin && bolus_compartment && bolus_amount && rate_begin && rate_compartment && rate &&
                   period && time_begin
               ? 0
               : -1;
}

/* Pulses by start; those that start together stay in the order of the regimen. */
struct started {
    double start;
    int pulse;
};

static int compare_started(const void *a, const void *b)
{
    const struct started *x = a;
    const struct started *y = b;
    return x->start != y->start ? (x->start > y->start) - (x->start < y->start)
                                : (x->pulse > y->pulse) - (x->pulse < y->pulse);
}

static struct started *sort_by_start(const struct pulse *pulses, int count)
{
    struct started *sorted = malloc(((size_t)count + 1) * sizeof(*sorted));
    for (int i = 0; sorted && i < count; i++) {
        sorted[i] = (struct started){pulses[i].start, i};
    }
    if (sorted) {
        qsort(sorted, (size_t)count, sizeof(*sorted), compare_started);
    }
    return sorted;
}

static void add_bolus(struct timeline *t, const struct pulse *const *pulses, int pulse, int *boluses)
{
    int b = (*boluses)++;
    t->bolus_compartment[b] = pulses[0][pulse].compartment;
    for (int lane = 0; lane < t->lanes; lane++) {
        t->bolus_amount[b * t->lanes + lane] = pulses[lane][pulse].amount;
    }
}

/* Adds a running pulse to the rates of segment s. Rates are summed afresh in each segment, so that what one infusion adds
 * leaves no residue when it ends. */
static void add_rate(struct timeline *t, const struct pulse *const *pulses, int pulse, int s, int *rates)
{
    int compartment = pulses[0][pulse].compartment;
    int r = t->rate_begin[s];
    while (r < *rates && t->rate_compartment[r] != compartment) {
        r++;
    }
    if (r == *rates) {
        (*rates)++;
        t->rate_compartment[r] = compartment;
        for (int lane = 0; lane < t->lanes; lane++) {
            t->rate[r * t->lanes + lane] = 0;
        }
    }
    for (int lane = 0; lane < t->lanes; lane++) {
        const struct pulse *p = &pulses[lane][pulse];
        t->rate[r * t->lanes + lane] += p->amount / (p->end - p->start);
    }
}

/* Drops the pulses that have ended by `time` from `running`, keeping the order. */
static int drop_ended(int *running, int count, const struct pulse *pulses, double time)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        if (pulses[running[i]].end > time) {
            running[kept++] = running[i];
        }
    }
    return kept;
}

/* How many (segment, running pulse) pairs there are: the most rates that can be needed. */
static size_t count_rates(const struct timeline *t, const struct pulse *pulses, const struct started *sorted,
                          int count, int *running)
{
    size_t rates = 0;
    int next = 0;
    int running_count = 0;
    for (int s = 0; s < t->segment_count; s++) {
        running_count = drop_ended(running, running_count, pulses, t->stops[s]);
        for (; next < count && sorted[next].start == t->stops[s]; next++) {
            if (lasts(&pulses[sorted[next].pulse])) {
                running[running_count++] = sorted[next].pulse;
            }
        }
        rates += (size_t)running_count;
    }
    return rates;
}

static void lay_out(struct timeline *t, const struct pulse *const *pulses, const struct started *sorted,
                    int count, int *running)
{
    int boluses = 0;
    int rates = 0;
    int next = 0;
    int running_count = 0;
    int time = 0;
    int period = 0;
    while (time < t->time_count && !(t->times[time] > t->stops[0])) {
        time++;
    }
    for (int s = 0; s < t->segment_count; s++) {
        t->bolus_begin[s] = boluses;
        t->rate_begin[s] = rates;
        t->time_begin[s] = time;
        while (period + 1 < t->period_count && t->period_starts[period + 1] <= t->stops[s]) {
            period++;
        }
        t->period[s] = period;
        running_count = drop_ended(running, running_count, pulses[0], t->stops[s]);
        for (; next < count && sorted[next].start == t->stops[s]; next++) {
            if (lasts(&pulses[0][sorted[next].pulse])) {
                running[running_count++] = sorted[next].pulse;
            } else {
                add_bolus(t, pulses, sorted[next].pulse, &boluses);
            }
        }
        for (int i = 0; i < running_count; i++) {
            add_rate(t, pulses, running[i], s, &rates);
        }
        while (time < t->time_count && t->times[time] <= t->stops[s + 1]) {
            time++;
        }
    }
    t->bolus_begin[t->segment_count] = boluses;
    t->rate_begin[t->segment_count] = rates;
    t->time_begin[t->segment_count] = time;
}

int timeline_build(struct timeline *t, const struct pulse *const *pulses, int count, int lanes,
                   const double *times, int time_count)
{
    int failed = -1;
    struct started *sorted = NULL;
    int *running = NULL;
    t->lanes = lanes;
    t->times = times;
    t->time_count = time_count;
    if (find_stops(t, pulses[0], count)) {
        goto out;
    }
    sorted = sort_by_start(pulses[0], count);
    running = malloc(((size_t)count + 1) * sizeof(*running));
    if (!sorted || !running || reserve(t, count, count_rates(t, pulses[0], sorted, count, running))) {
        goto out;
    }
    lay_out(t, pulses, sorted, count, running);
    failed = 0;
out:
    free(sorted);
    free(running);
    return failed;
}

double timeline_given(const struct timeline *t)
{
    double given = 0;
    for (int s = 0; s < t->segment_count; s++) {
        for (int b = t->bolus_begin[s]; b < t->bolus_begin[s + 1]; b++) {
            given += t->bolus_amount[b];
        }
        for (int r = t->rate_begin[s]; r < t->rate_begin[s + 1]; r++) {
            given += t->rate[r] * (t->stops[s + 1] - t->stops[s]);
        }
    }
    return given;
}

void timeline_clear(struct timeline *t)
{
    free(t->stops);
    free(t->bolus_begin);
    free(t->bolus_compartment);
    free(t->bolus_amount);
    free(t->rate_begin);
    free(t->rate_compartment);
    free(t->rate);
    free(t->period);
    free(t->time_begin);
    *t = (struct timeline){0};
}
