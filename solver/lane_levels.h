/* lane_levels - what integrating a batch comes to: levels at the observations, and pieces for whoever watches. For cvode_batch.c.
 *
 * The integrator's clock starts at 0 in each segment. Where the lanes share their times it counts hours, to the end of the segment.
 * Where each lane has its own it runs from 0 to 1 in the segment of each of them, however long: what happens per hour is then
 * multiplied by the lane's length of the segment.
 */
#ifndef KETSIM_LANE_LEVELS_H
#define KETSIM_LANE_LEVELS_H

#include "integrator.h"

struct lane_levels {
    struct batch *batch;
    const struct graph *part; /* what is solved of the batch's graph */
    int lanes;                /* whole fours (kernel.h): those that the batch does not fill repeat its last */
    int segment;
    double end;     /* of the segment, by the clock; 0: it has no length */
    double *start;  /* [lane], h, of the segment; set where lanes have their own times, as all that follows */
    double *length; /* [lane], h */
    double *due;    /* [lane]: the next observation of the segment, by the clock; INFINITY: none is left */
    int *next;      /* [lane]: its number */
};

/* Room for so many lanes; 0, or -1 without memory (clearing is allowed then). */
int lane_levels_init(struct lane_levels *levels, int lanes);
void lane_levels_clear(struct lane_levels *levels);

/* Begins a batch, whose part must outlive its use; and one of its segments. */
void lane_levels_batch(struct lane_levels *levels, struct batch *batch, const struct graph *part);
void lane_levels_segment(struct lane_levels *levels, int segment);

/* Hours of lane 0 at a time of the clock. */
double lane_levels_hours(const struct lane_levels *levels, double clock);

/* Amounts and polynomials are of the batch's outputs, [output][lane], mg. */

/* Writes amounts as the levels at observation number `index` of all lanes. */
void lane_levels_record(const struct lane_levels *levels, const double *amounts, int index);

/* Writes them at all observations of a segment without length. */
void lane_levels_record_segment(const struct lane_levels *levels, const double *amounts);

/* Whether a lane with times of its own has an observation due at or before a time of the clock. */
bool lane_levels_due(const struct lane_levels *levels, double clock);

/* The rest is of a step from one time of the clock to another, in which the amounts are
 *     sum of series[power][output][lane] u^power, u = (to - clock) / (to - from). */

/* Writes the levels of the observations that are due in the step. */
void lane_levels_observe(struct lane_levels *levels, const double *series, int degree, double from,
                         double to);

/* Shows the step to the watcher; this changes `series`. */
void lane_levels_show(const struct lane_levels *levels, double *series, int degree, double from, double to);

#endif
