#include "interval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = EXPONENTIAL_LANES };

/* How many of the lanes listed need be looked at: one, where all have the same times. */
static int timetables(const struct timeline *t)
{
    return t->own ? LANES : 1;
}

static int count_observations(const struct timeline *t, int segment, int lane)
{
    const int *time_begin = timeline_times(t, lane).time_begin;
    return time_begin[segment + 1] - time_begin[segment];
}

int interval_observations(const struct timeline *t, int segment, const int *lane)
{
    int most = 0;
    for (int l = 0; l < timetables(t); l++) {
        const int count = count_observations(t, segment, lane[l]);
        most = count > most ? count : most;
    }
    return most;
}

/* A time. One of whole seconds is known better than its number of hours is rounded. */
struct moment {
    double hours;
    double seconds; /* NaN: no whole number */
};

static struct moment moment_at(double hours)
{
    const double seconds = rint(hours * 3600);
    return (struct moment){hours, seconds / 3600 == hours ? seconds : (double)NAN};
}

/* Hours from one time to another, so that equal steps of whole seconds give equal intervals; but an infusion runs for exactly as long
 * as its rate was reckoned for. */
static double length_between(struct moment from, struct moment to, bool has_inputs)
{
    if (!has_inputs && from.seconds < to.seconds) {
        return (to.seconds - from.seconds) / 3600;
    }
    return to.hours - from.hours;
}

/* Where the lanes listed are in a segment. */
struct walk {
    const struct timeline *timeline;
    int segment;
    bool has_inputs;
    struct moment now[LANES];
    const double *times[LANES]; /* h, of the observations in the segment */
    int counts[LANES];          /* of them */
    double ends[LANES];         /* h */
};

static void begin_walk(struct walk *walk, const struct timeline *t, int segment, const int *lane)
{
    walk->timeline = t;
    walk->segment = segment;
    walk->has_inputs = t->rate_begin[segment] < t->rate_begin[segment + 1];
    for (int l = 0; l < timetables(t); l++) {
        const struct lane_times own = timeline_times(t, lane[l]);
        walk->now[l] = moment_at(own.stops[segment]);
        walk->ends[l] = own.stops[segment + 1];
        walk->times[l] = own.times + own.time_begin[segment];
        walk->counts[l] = count_observations(t, segment, lane[l]);
    }
}

/* Takes one lane there: the length of the way, h. */
static inline double walk_lane(struct walk *walk, int l, int i, bool to_end)
{
    const struct moment then = moment_at(to_end ? walk->ends[l] : walk->times[l][i]);
    const double length = length_between(walk->now[l], then, walk->has_inputs);
    walk->now[l] = then;
    return length;
}

/* Takes the lanes to their observation number `i` of the segment, or to the end of it. */
static void walk_on(struct walk *walk, int i, bool to_end, struct interval *interval)
{
    const bool shared = !walk->timeline->own;
    double any = shared ? walk_lane(walk, 0, i, to_end) : 0;
    interval->lanes = shared ? INTERVAL_LANES : 0;
    interval->equal = 1;
    for (int l = 0; l < LANES && !shared; l++) {
        if (to_end || i < walk->counts[l]) {
            any = walk_lane(walk, l, i, to_end);
            interval->lengths[l] = any;
            interval->lanes |= 1U << l;
        }
    }
    for (int l = 0; l < LANES; l++) {
        interval->lengths[l] = !shared && interval->lanes >> l & 1 ? interval->lengths[l] : any;
    }
}

/* Whether the intervals of a timeline have the same lengths and lanes. */
static bool same(const struct timeline *t, const struct interval *a, const struct interval *b)
{
    return a->lengths[0] == b->lengths[0] &&
           (!t->own || (a->lanes == b->lanes && memcmp(a->lengths, b->lengths, sizeof(a->lengths)) == 0));
}

int intervals_find(struct intervals *intervals, const struct timeline *t, const int *lane)
{
    size_t needed = (size_t)t->segment_count;
    for (int segment = 0; segment < t->segment_count; segment++) {
        needed += (size_t)interval_observations(t, segment, lane);
    }
    if (needed > intervals->capacity) {
        struct interval *grown = realloc(intervals->list, needed * sizeof(*grown));
        if (!grown) {
            return -1;
        }
        *intervals = (struct intervals){grown, needed};
    }
    struct interval *interval = intervals->list;
    for (int segment = 0; segment < t->segment_count; segment++) {
        const int observations = interval_observations(t, segment, lane);
        struct walk walk;
        begin_walk(&walk, t, segment, lane);
        for (int i = 0; i <= observations; i++) {
            walk_on(&walk, i, i == observations, &interval[i]);
        }
        for (int i = observations - 2; i >= 0; i--) {
            interval[i].equal = same(t, &interval[i], &interval[i + 1]) ? interval[i + 1].equal + 1 : 1;
        }
        interval += observations + 1;
    }
    return 0;
}

void intervals_clear(struct intervals *intervals)
{
    free(intervals->list);
    *intervals = (struct intervals){0};
}
