/* timeline_writer - writes the timeline of one patient as time goes by.
 *
 * What happens at one time is written in its order: a dose, an observation, another dose. An observation after a dose of the
 * same time is the end of a segment without length.
 */
#ifndef KETSIM_TIMELINE_WRITER_H
#define KETSIM_TIMELINE_WRITER_H

#include "timeline.h"

struct timeline_writer {
    struct timeline timeline; /* of one lane; complete after timeline_writer_end */
    double *times;            /* observations, h; what timeline.times points to */
    double now;               /* h */
    int bolus_count;          /* those from first_pending on begin the next segment */
    int first_pending;
    int rate_count;
    int segment_capacity, bolus_capacity, rate_capacity, time_capacity;
};

/* Begins anew at `now` (h), in memory that may have been used before; a writer that never was is zeroed. */
void timeline_writer_begin(struct timeline_writer *writer, double now);

/* All return 0, or -1 without memory. */
int timeline_writer_bolus(struct timeline_writer *writer, int compartment, double amount);
/* Goes on to `time` (not before now) with `rates` (mg/h) by compartment and the parameters of a period. */
int timeline_writer_advance(struct timeline_writer *writer, double time, int period, const double *rates,
                            int compartments);
/* Observes now, with the volumes of a period. */
int timeline_writer_observe(struct timeline_writer *writer, int period);
void timeline_writer_end(struct timeline_writer *writer);
void timeline_writer_clear(struct timeline_writer *writer);

#endif
