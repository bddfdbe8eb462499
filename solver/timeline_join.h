/* timeline_join - the timelines of several patients as one, for a batch of them.
 *
 * Patients can be solved together when the same happens to them in the same order: in each segment boluses and inputs enter the same
 * compartments, and the parameters are of the same period. Amounts, rates and times are each patient's own.
 */
#ifndef KETSIM_TIMELINE_JOIN_H
#define KETSIM_TIMELINE_JOIN_H

#include "timeline.h"

/* Whether the same happens in two timelines of one lane each, in the same order, with as many observations. */
bool timeline_same_order(const struct timeline *a, const struct timeline *b);

/* Whether that also happens at the same times. */
bool timeline_same_times(const struct timeline *a, const struct timeline *b);

/* Zeroed before its first use. */
struct timeline_join {
    struct timeline timeline;
    size_t bolus_capacity, rate_capacity, lane_capacity;
    struct lane_times *lanes;
};

/* Joins timelines of one lane each and the same order into one of `lanes`, in memory of `joined` that may have been used before; it
 * points into the parts for all that is not amounts or rates. Where all have the same times too, timeline.own is NULL. 0, or -1
 * without memory. */
int timeline_join(struct timeline_join *joined, const struct timeline *const *parts, int lanes);
void timeline_join_clear(struct timeline_join *joined);

#endif
