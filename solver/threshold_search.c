#include "threshold_search.h"

#include <stdlib.h>
#include <string.h>

/* Candidates of the first look, and how many are tried at once between two of them. */
enum { FIRST_LOOK = 17, AT_ONCE = 8 };

/* Which number of a probability is held against its bound. */
enum side { SIDE_ESTIMATE, SIDE_SURE, SIDE_OPEN, SIDE_COUNT };

static bool keeps(const struct probability_bound *bound, int64_t count, int64_t trials, enum side side)
{
    const struct probability p = probability_of(count, trials);
    const double strict = bound->at_most ? p.upper : p.lower;
    const double mild = bound->at_most ? p.lower : p.upper;
    const double value = side == SIDE_ESTIMATE ? p.value : side == SIDE_SURE ? strict : mild;

    return bound->at_most ? value <= bound->probability : value >= bound->probability;
}

/* --- What has been tried --- */

/* The place of the candidate among those tried, or where it belongs. */
static int64_t place_of(const struct threshold_search *s, int64_t candidate)
{
    int64_t low = 0;
    int64_t high = s->tried_count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (s->tried[middle] < candidate) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const int64_t *threshold_search_counts(const struct threshold_search *s, int64_t candidate)
{
    const int64_t at = place_of(s, candidate);
    return at < s->tried_count && s->tried[at] == candidate ? s->counts + at * s->bound_count : NULL;
}

/* Tries those of the candidates, which increase, that have not been tried. */
static int try(struct threshold_search *s, const struct experiment *experiment, const int64_t *candidates,
               int count)
{
    const size_t bounds = (size_t)s->bound_count;
    const size_t room = (size_t)(s->tried_count + count) + 1;
    int64_t *fresh = malloc(((size_t)count + 1) * sizeof(*fresh));
    int64_t *found = malloc(((size_t)count + 1) * bounds * sizeof(*found));
    int64_t *tried = realloc(s->tried, room * sizeof(*tried));
    s->tried = tried ? tried : s->tried;
    int64_t *counts = realloc(s->counts, room * bounds * sizeof(*counts));
    s->counts = counts ? counts : s->counts;
    int failed = fresh && found && tried && counts ? 0 : -2;
    int fresh_count = 0;
    for (int i = 0; i < count && !failed; i++) {
        if (!threshold_search_counts(s, candidates[i])) {
            fresh[fresh_count++] = candidates[i];
        }
    }
    if (!failed && fresh_count > 0) {
        failed = experiment->run(experiment->payload, fresh, fresh_count, found);
    }
    for (int i = 0; i < fresh_count && !failed; i++) {
        const int64_t at = place_of(s, fresh[i]);
        const size_t behind = (size_t)(s->tried_count - at);
        memmove(s->tried + at + 1, s->tried + at, behind * sizeof(*s->tried));
        memmove(s->counts + (at + 1) * s->bound_count, s->counts + at * s->bound_count,
                behind * bounds * sizeof(*s->counts));
        s->tried[at] = fresh[i];
        memcpy(s->counts + at * s->bound_count, found + i * s->bound_count, bounds * sizeof(*s->counts));
        s->tried_count++;
    }
    free(fresh);
    free(found);
    return failed;
}

/* Tries `most` candidates at about equal distances from first to last, both included. */
static int try_between(struct threshold_search *s, const struct experiment *experiment, int64_t first,
                       int64_t last, int most)
{
    int64_t candidates[THRESHOLD_UNEVEN_MAX];
    const int64_t gaps = last - first < most - 1 ? last - first : most - 1;
    for (int64_t i = 0; i <= gaps; i++) {
        candidates[i] =
            gaps == 0 ? first : first + (last - first) / gaps * i + (last - first) % gaps * i / gaps;
    }
    return try(s, experiment, candidates, (int)gaps + 1);
}

/* The first bound whose count both rises and falls among those tried, -1: none. */
static int find_uneven(const struct threshold_search *s)
{
    for (int b = 0; b < s->bound_count; b++) {
        bool rises = false;
        bool falls = false;
        for (int64_t i = 1; i < s->tried_count; i++) {
            const int64_t before = s->counts[(i - 1) * s->bound_count + b];
            const int64_t now = s->counts[i * s->bound_count + b];
            rises |= now > before;
            falls |= now < before;
        }
        if (rises && falls) {
            return b;
        }
    }
    return -1;
}

/* --- Where a bound is kept --- */

/* The longest run of tried candidates that keep to the bounds number `first` to `last`; neighbors of the run that are tried, do not. */
static struct candidates longest_run(const struct threshold_search *s, const struct probability_bound *bounds,
                                     int first, int last, enum side side)
{
    struct candidates longest = {0, -1};
    int64_t length = 0;
    for (int64_t i = 0; i < s->tried_count; i++) {
        bool all = true;
        for (int b = first; b <= last; b++) {
            all &= keeps(&bounds[b], s->counts[i * s->bound_count + b], s->trials, side);
        }
        if (!all) {
            length = 0;
            continue;
        }
        length++;
        const struct candidates run = {s->tried[i - length + 1], s->tried[i]};
        if (longest.last < longest.first || run.last - run.first > longest.last - longest.first) {
            longest = run;
        }
    }
    return longest;
}

/* Halves, or better, the gap between a candidate that keeps to the bound and its neighbor that does not, until they are next to each
 * other. `run` is of what is tried; 1: there is a gap no more. */
static int narrow(struct threshold_search *s, const struct experiment *experiment, struct candidates run)
{
    const int64_t low = place_of(s, run.first);
    const int64_t high = place_of(s, run.last);
    int failed = 0;
    bool gap = false;
    const int64_t before = low > 0 ? s->tried[low - 1] : run.first - 1;
    const int64_t after = high + 1 < s->tried_count ? s->tried[high + 1] : run.last + 1;
    if (before < run.first - 1) {
        gap = true;
        failed = try_between(s, experiment, before + 1, run.first - 1, AT_ONCE);
    }
    if (!failed && after > run.last + 1) {
        gap = true;
        failed = try_between(s, experiment, run.last + 1, after - 1, AT_ONCE);
    }
    return failed ? failed : gap ? 0 : 1;
}

static int find_edges(struct threshold_search *s, const struct experiment *experiment,
                      const struct probability_bound *bounds, int b, enum side side, struct candidates *met)
{
    for (;;) {
        *met = longest_run(s, bounds, b, b, side);
        if (met->last < met->first) {
            return 0;
        }
        const int done = narrow(s, experiment, *met);
        if (done) {
            return done < 0 ? done : 0;
        }
    }
}

static struct candidates common(struct candidates a, struct candidates b)
{
    return (struct candidates){a.first > b.first ? a.first : b.first, a.last < b.last ? a.last : b.last};
}

static int find_all_edges(struct threshold_search *s, const struct experiment *experiment, int64_t last,
                          const struct probability_bound *bounds)
{
    struct candidates *const together[] = {&s->all, &s->sure, &s->open};
    for (int side = 0; side < SIDE_COUNT; side++) {
        *together[side] = (struct candidates){0, last};
        for (int b = 0; b < s->bound_count; b++) {
            struct candidates met;
            const int failed = find_edges(s, experiment, bounds, b, (enum side)side, &met);
            if (failed) {
                return failed;
            }
            if (side == SIDE_ESTIMATE) {
                s->met[b] = met;
            }
            *together[side] = common(*together[side], met);
        }
    }
    return 0;
}

/* All candidates have been tried: nothing is left to be found but runs of them. */
static void find_runs(struct threshold_search *s, const struct probability_bound *bounds)
{
    struct candidates *const together[] = {&s->all, &s->sure, &s->open};
    for (int b = 0; b < s->bound_count; b++) {
        s->met[b] = longest_run(s, bounds, b, b, SIDE_ESTIMATE);
    }
    for (int side = 0; side < SIDE_COUNT; side++) {
        *together[side] = longest_run(s, bounds, 0, s->bound_count - 1, (enum side)side);
    }
}

int threshold_search(struct threshold_search *s, const struct experiment *experiment, int64_t last,
                     const struct probability_bound *bounds, int bound_count, int64_t trials)
{
    *s = (struct threshold_search){.bound_count = bound_count, .trials = trials, .uneven = -1};
    s->met = calloc((size_t)bound_count, sizeof(*s->met));
    int failed = s->met ? try_between(s, experiment, 0, last, FIRST_LOOK) : -2;
    if (!failed) {
        failed = find_all_edges(s, experiment, last, bounds);
    }
    if (!failed && (s->uneven = find_uneven(s)) >= 0) {
        if (last >= THRESHOLD_UNEVEN_MAX) {
            return 1;
        }
        failed = try_between(s, experiment, 0, last, THRESHOLD_UNEVEN_MAX);
        if (!failed) {
            find_runs(s, bounds);
        }
    }
    return failed;
}

void threshold_search_clear(struct threshold_search *s)
{
    free(s->tried);
    free(s->counts);
    free(s->met);
    *s = (struct threshold_search){0};
}
