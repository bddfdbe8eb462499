/* interval - how eight patients are taken from observation to observation, side by side. For propagator.c.
 *
 * Where each lane has times of its own they see their first observation of a segment together, then their second, and so on; those
 * with fewer wait until the others have seen theirs. On a common grid all intervals but the first and the last are equal.
 */
#ifndef KETSIM_INTERVAL_H
#define KETSIM_INTERVAL_H

#include "exponential.h"
#include "timeline.h"

enum { INTERVAL_LANES = (1 << EXPONENTIAL_LANES) - 1 /* all of them */ };

/* The way from one observation, or from the start of a segment, to the next or to the segment's end. */
struct interval {
    double lengths[EXPONENTIAL_LANES]; /* h; of a lane that waits: whatever another has */
    unsigned lanes;                    /* a bit for each that does not wait */
    int equal; /* so many intervals to observations follow of the same lengths and lanes, itself included */
};

struct intervals {
    struct interval *list; /* of each segment: to its observations, and one to its end */
    size_t capacity;
};

/* How many observations a segment has, of the lane with most. `lane` lists EXPONENTIAL_LANES lanes of the timeline. */
int interval_observations(const struct timeline *timeline, int segment, const int *lane);

/* Finds all intervals of the lanes listed; `intervals` is zeroed or was used before. 0, or -1 without memory. */
int intervals_find(struct intervals *intervals, const struct timeline *timeline, const int *lane);
void intervals_clear(struct intervals *intervals);

#endif
