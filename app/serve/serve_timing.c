#include "serve_timing.h"

#include "solver/session.h"

#include <math.h>
#include <stdlib.h>

static const double seconds_per_hour = 3600;
static const double after_last_h = 24; /* observed after the last session, unless told */
/* Of more, the solution between the records takes longer than somebody waits. */
static const double whole_h = 120;

void timing_clear(struct timing *timing)
{
    free(timing->doses);
    free(timing->times);
    *timing = (struct timing){0};
}

/* The time from one record to the next, s: 288 records or more, a day every 5 min. */
static int step_of(double end)
{
    static const int steps[] = {1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800};
    enum { COUNT = sizeof(steps) / sizeof(*steps), RECORDS = 288 };
    int i = 0;

    while (i < COUNT - 1 && steps[i + 1] * RECORDS <= end * seconds_per_hour) {
        i++;
    }
    return steps[i];
}

/* How long after the start of its session a time (s) is. At the start of one it is the session before that it belongs to. */
static double time_in_session(const struct timing *timing, double time)
{
    double start = timing->doses[0];

    for (int i = 1; i < timing->count && timing->doses[i] < time; i++) {
        if (timing->doses[i] - timing->doses[i - 1] >= SESSION_GAP * seconds_per_hour) {
            start = timing->doses[i];
        }
    }
    return time - start;
}

static int compare_times(const void *a, const void *b)
{
    const int x = *(const int *)a;
    const int y = *(const int *)b;

    return (x > y) - (x < y);
}

/* How dense records of several sessions are: so dense for a while after each, and less between. */
struct density {
    int near, near_for, far; /* s */
};

/* Fills times[SCENARIO_TIMES_MAX]; how many, -1: there is no room for all. */
static int list_records(const struct timing *timing, double at, const struct density *density, int *times)
{
    const int end = (int)(timing->end * seconds_per_hour);
    int count = 0;
    int distinct = 0;

    for (int i = 0; i < timing->count; i++) {
        const int start = (int)round(timing->doses[i]);
        const int next = i + 1 < timing->count ? (int)round(timing->doses[i + 1]) : end + 1;
        for (int t = start; t < next && t <= end;
             t += t < start + density->near_for ? density->near : density->far) {
            if (count + 3 > SCENARIO_TIMES_MAX) {
                return -1;
            }
            times[count++] = t;
        }
    }
    times[count++] = 0;
    times[count++] = (int)round(at * seconds_per_hour);
    times[count++] = end;
    qsort(times, (size_t)count, sizeof(*times), compare_times);
    for (int i = 0; i < count; i++) {
        if (distinct == 0 || times[i] != times[distinct - 1]) {
            times[distinct++] = times[i];
        }
    }
    return distinct;
}

int timing_records(struct timing *timing, const struct scenario *s, int number, json_t *errors)
{
    static const struct density densities[] = {{300, 14400, 3600}, {600, 10800, 14400}, {1200, 7200, 43200}};
    const double at = s->at.value;

    timing->end =
        s->to.text ? s->to.value : timing->doses[timing->count - 1] / seconds_per_hour + after_last_h;
    if (timing->end <= 0) {
        scenario_error(errors, number, "to", "\"%s\" must be above 0", s->to.text);
        return -1;
    }
    if (at > timing->end) {
        scenario_error(errors, number, "at", "\"%s\" comes after the end of what is simulated, %g h",
                       s->at.text, timing->end);
        return -1;
    }
    timing->whole = timing->end <= whole_h;
    if (timing->whole) {
        const double after = time_in_session(timing, at * seconds_per_hour);
        if (after < 0 && at > 0) {
            scenario_error(errors, number, "at", "\"%s\" comes before the first dose", s->at.text);
            return -1;
        }
        timing->after = after > 0 ? after : 0;
    }
    if (timing->whole && timing->count == 1) {
        timing->step = step_of(timing->end);
        return 0;
    }
    if (fabs(at * seconds_per_hour - round(at * seconds_per_hour)) > 1e-6) {
        scenario_error(errors, number, "at", "\"%s\" must be a whole number of seconds", s->at.text);
        return -1;
    }
    timing->times = malloc(SCENARIO_TIMES_MAX * sizeof(*timing->times));
    if (!timing->times) {
        scenario_error(errors, number, "", "no memory");
        return -1;
    }
    for (int i = 0; i < 3 && timing->time_count < 1; i++) {
        timing->time_count = list_records(timing, at, &densities[i], timing->times);
    }
    if (timing->time_count < 1) {
        scenario_error(errors, number, "to", "%d sessions up to %g h take more than %d records; take fewer",
                       timing->count, timing->end, SCENARIO_TIMES_MAX);
    }
    return timing->time_count < 1 ? -1 : 0;
}

int timing_single(struct timing *timing, double start)
{
    timing->doses = malloc(sizeof(*timing->doses));
    if (!timing->doses) {
        return -1;
    }
    timing->doses[0] = start;
    timing->count = 1;
    return 0;
}

int timing_doses(struct timing *timing, const struct arm *arm)
{
    timing->doses = malloc((size_t)arm->dose_count * sizeof(*timing->doses));
    timing->count = 0;
    if (!timing->doses) {
        return -1;
    }
    for (int i = 0; i < arm->dose_count; i++) {
        if (i == 0 || arm->doses[i].time > timing->doses[timing->count - 1]) {
            timing->doses[timing->count++] = arm->doses[i].time;
        }
    }
    return 0;
}
