/* timeline - when the solver must stop, and what it does there, for a batch of patients.
 *
 * Between two stops all inputs are constant and the system is autonomous. At a stop amounts are added and input rates
 * change. An observation at the time of a dose sees the state before the dose. Times that differ are never merged,
 * however close: integrators must cope with a segment of any positive length.
 *
 * Patients whose timelines differ in times, but not in the order of what happens, are one timeline, too (timeline_join.h).
 */
#ifndef KETSIM_TIMELINE_H
#define KETSIM_TIMELINE_H

#include "dosing.h"

/* When one lane's segments and observations are; as in struct timeline. Not owned. */
struct lane_times {
    const double *stops;   /* [segment_count + 1], h */
    const double *times;   /* [time_count], h */
    const int *time_begin; /* [segment_count + 1] */
};

/* Lists are per segment: the entries of segment s are begin[s] to begin[s + 1] - 1. */
struct timeline {
    int lanes;
    int segment_count;
    double *
        stops; /* [segment_count + 1], h: segment s runs from stops[s] to stops[s + 1], and may have no length */

    int *bolus_begin;
    int *bolus_compartment;
    double *bolus_amount; /* [bolus][lane], mg added when the segment begins */

    int *rate_begin;
    int *rate_compartment; /* at most once per segment */
    double *rate;          /* [rate][lane], mg/h during the segment */

    const double
        *period_starts; /* h, increasing: when the rates of the patients change; not owned, NULL: never */
    int period_count;   /* set both before building */
    int *period;        /* of segment s: the number of the last period started; 0 before the second */

    const double *times; /* observations, h, increasing; not owned */
    int time_count;
    int *
        time_begin; /* of segment s: those in (stops[s], stops[s + 1]]; the ones before time_begin[0] precede all doses */

    /* [lane], where the lanes differ in times but not in the order of what happens: then these hold, and not stops, times and
     * time_begin. NULL: the lanes share those. Not owned. */
    const struct lane_times *own;
};

static inline struct lane_times timeline_times(const struct timeline *timeline, int lane)
{
    return timeline->own ? timeline->own[lane]
                         : (struct lane_times){timeline->stops, timeline->times, timeline->time_begin};
}

/* Whether two patients have the same timetable: the same compartments, starts and ends. */
bool timeline_shared(const struct pulse *a, const struct pulse *b, int count);

/* Lays out the pulses of `lanes` patients who share a timetable; pulses[lane] has `count` entries. `timeline` is zeroed or was
 * built before (its memory is used again). 0, or -1 without memory. */
int timeline_build(struct timeline *timeline, const struct pulse *const *pulses, int count, int lanes,
                   const double *times, int time_count);

/* mg that enter a timeline of one lane, from its first stop to its last. */
double timeline_given(const struct timeline *timeline);

void timeline_clear(struct timeline *timeline);

#endif
