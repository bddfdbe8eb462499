/* lane_group - which patients of a block are solved together. For worker.c.
 *
 * Patients who share their times are a batch, if they are enough. Of the others those to whom the same happens in the same order are
 * one, each at its own times: dearer by the patient than a shared timetable, and much cheaper than alone. All that is a matter of the
 * study alone.
 */
#ifndef KETSIM_LANE_GROUP_H
#define KETSIM_LANE_GROUP_H

#include "lane.h"
#include "timeline_join.h"

struct lane_group {
    struct lane *lanes[WORKER_LANES];
    int count;
};

/* The next of the groups that `count` lanes make: of those that are not taken; empty when all are. A lane that cannot be solved is a
 * group by itself. Lanes of a group that do not share their times are laid out. 0, or -1 without memory. */
int lane_group_next(struct lane *lanes, int count, const struct study *study, struct lane_group *group);

/* The timeline of lanes with a regimen: of a group, or of a part of one. Zeroed before its first use. */
struct group_timeline {
    struct timeline shared; /* of lanes that share their times */
    struct timeline_join join;
};

/* Lays it out; valid until the next time. NULL without memory. */
const struct timeline *lane_group_timeline(struct group_timeline *timeline, struct lane *const *lanes,
                                           int count, const struct study *study);
void group_timeline_clear(struct group_timeline *timeline);

#endif
