#include "lane_group.h"

/* So many patients who share their times have a batch of their own: with fewer, joining others who have other times is cheaper. */
enum { SHARED_MIN = WORKER_LANES / 4 };

/* The lane `first` and those after it that are not taken and go with it. */
static void gather(struct lane *lanes, int count, int first,
                   bool (*together)(const struct lane *a, const struct lane *b), struct lane_group *group)
{
    group->lanes[0] = &lanes[first];
    group->count = 1;
    for (int l = first + 1; l < count; l++) {
        if (!lanes[l].taken && together(&lanes[first], &lanes[l])) {
            group->lanes[group->count++] = &lanes[l];
        }
    }
}

int lane_group_next(struct lane *lanes, int count, const struct study *study, struct lane_group *group)
{
    int first = -1;
    int left = 0;
    for (int l = count - 1; l >= 0; l--) {
        first = lanes[l].taken ? first : l;
        left += !lanes[l].taken;
    }
    group->count = 0;
    for (int l = first; l >= 0 && l < count; l++) {
        if (lanes[l].taken) {
            continue;
        }
        gather(lanes, count, l, lanes_share_times, group);
        if (group->count >= SHARED_MIN || group->count == left || lanes[l].status != PATIENT_SIMULATED) {
            return 0;
        }
    }
    for (int l = first; l >= 0 && l < count; l++) {
        if (!lanes[l].taken && lane_lay_out(&lanes[l], study)) {
            return -1;
        }
    }
    if (first >= 0) {
        gather(lanes, count, first, lanes_share_order, group);
    }
    return 0;
}

const struct timeline *lane_group_timeline(struct group_timeline *timeline, struct lane *const *lanes,
                                           int count, const struct study *study)
{
    const struct pulse *pulses[WORKER_LANES];
    const struct timeline *own[WORKER_LANES];
    struct timeline *shared = &timeline->shared;
    bool same = true;
    for (int l = 0; l < count; l++) {
        pulses[l] = lanes[l]->pulses;
        own[l] = &lanes[l]->timeline;
        same = same && (l == 0 || lanes_share_times(lanes[0], lanes[l]));
    }
    if (!same) {
        return timeline_join(&timeline->join, own, count) ? NULL : &timeline->join.timeline;
    }
    shared->period_starts = lanes[0]->occasion_starts;
    shared->period_count = lanes[0]->occasion_count;
    return timeline_build(shared, pulses, lanes[0]->pulse_count, count, study->times, study->time_count)
               ? NULL
               : shared;
}

void group_timeline_clear(struct group_timeline *timeline)
{
    timeline_clear(&timeline->shared);
    timeline_join_clear(&timeline->join);
}
