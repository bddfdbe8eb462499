#include "timeline_join.h"

#include <stdlib.h>
#include <string.h>

static bool same_ints(const int *a, const int *b, int count)
{
    return count == 0 || memcmp(a, b, (size_t)count * sizeof(int)) == 0;
}

static bool same_doubles(const double *a, const double *b, int count)
{
    for (int i = 0; i < count; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

bool timeline_same_order(const struct timeline *a, const struct timeline *b)
{
    const int n = a->segment_count;
    return n == b->segment_count && a->time_count == b->time_count && same_ints(a->period, b->period, n) &&
           same_ints(a->bolus_begin, b->bolus_begin, n + 1) &&
           same_ints(a->rate_begin, b->rate_begin, n + 1) &&
           same_ints(a->bolus_compartment, b->bolus_compartment, a->bolus_begin[n]) &&
           same_ints(a->rate_compartment, b->rate_compartment, a->rate_begin[n]);
}

bool timeline_same_times(const struct timeline *a, const struct timeline *b)
{
    const int n = a->segment_count;
    return same_doubles(a->stops, b->stops, n + 1) &&
           (a->times == b->times || same_doubles(a->times, b->times, a->time_count)) &&
           same_ints(a->time_begin, b->time_begin, n + 1);
}

/* Sets joined[item][lane] from the lanes' own lists. */
static int join(double **joined, size_t *capacity, const struct timeline *const *parts, int lanes, int count,
                bool boluses)
{
    const size_t needed = (size_t)count * (size_t)lanes;
    if (needed > *capacity) {
        double *grown = realloc(*joined, 2 * needed * sizeof(double));
        if (!grown) {
            return -1;
        }
        *joined = grown;
        *capacity = 2 * needed;
    }
    for (int l = 0; l < lanes; l++) {
        const double *own = boluses ? parts[l]->bolus_amount : parts[l]->rate;
        for (int i = 0; i < count; i++) {
            (*joined)[(ptrdiff_t)i * lanes + l] = own[i];
        }
    }
    return 0;
}

/* Each lane's own times; nothing where they are all the same. */
static int join_times(struct timeline_join *joined, const struct timeline *const *parts, int lanes)
{
    bool same = true;
    for (int l = 1; l < lanes && same; l++) {
        same = timeline_same_times(parts[0], parts[l]);
    }
    joined->timeline.own = NULL;
    if (same) {
        return 0;
    }
    if ((size_t)lanes > joined->lane_capacity) {
        struct lane_times *grown = realloc(joined->lanes, (size_t)lanes * sizeof(*grown));
        if (!grown) {
            return -1;
        }
        joined->lanes = grown;
        joined->lane_capacity = (size_t)lanes;
    }
    for (int l = 0; l < lanes; l++) {
        joined->lanes[l] = timeline_times(parts[l], 0);
    }
    joined->timeline.own = joined->lanes;
    return 0;
}

int timeline_join(struct timeline_join *joined, const struct timeline *const *parts, int lanes)
{
    double *amounts = joined->timeline.bolus_amount;
    double *rates = joined->timeline.rate;
    const int n = parts[0]->segment_count;
    joined->timeline = *parts[0];
    joined->timeline.lanes = lanes;
    const int failed =
        join(&amounts, &joined->bolus_capacity, parts, lanes, parts[0]->bolus_begin[n], true) ||
        join(&rates, &joined->rate_capacity, parts, lanes, parts[0]->rate_begin[n], false) ||
        join_times(joined, parts, lanes);
    joined->timeline.bolus_amount = amounts;
    joined->timeline.rate = rates;
    return failed ? -1 : 0;
}

void timeline_join_clear(struct timeline_join *joined)
{
    free(joined->timeline.bolus_amount);
    free(joined->timeline.rate);
    free(joined->lanes);
    *joined = (struct timeline_join){0};
}
