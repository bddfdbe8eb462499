/* threshold_search - from where to where on a line of candidates probabilities keep to their bounds.
 *
 * A candidate is a number from 0 on (the dose of so many steps, say). Of each, an experiment counts in how many of `trials` patients,
 * always the same ones, each of several events happens. A bound says that the event's probability is at most, or at least, so much.
 * As the candidate grows each count must rise, or fall, all the way; that is checked at all candidates that are tried, and what goes up and
 * down is searched candidate by candidate, or refused where there are too many. No candidate is tried twice.
 */
#ifndef KETSIM_THRESHOLD_SEARCH_H
#define KETSIM_THRESHOLD_SEARCH_H

#include "answers.h"

struct probability_bound {
    bool at_most; /* else at least */
    double probability;
};

/* Counts events: counts[candidate][bound] of `trials`. 0, or -1 to give up. */
struct experiment {
    void *payload;
    int (*run)(void *payload, const int64_t *candidates, int candidate_count, int64_t *counts);
};

/* Candidates first to last; none where last < first. */
struct candidates {
    int64_t first, last;
};

/* What the search found. To be cleared by threshold_search_clear. */
struct threshold_search {
    int64_t tried_count;
    int64_t *tried;  /* owned, increasing */
    int64_t *counts; /* owned, [tried][bound] */
    int bound_count;
    int64_t trials;
    struct candidates *
        met; /* owned, [bound]: where the estimate keeps to it. Where counts go up and down: the longest run */
    struct candidates
        all; /* where all estimates keep to their bounds; the longest run, too, and not the runs' overlap */
    struct candidates
        sure; /* the same of the ends of their intervals on the wrong side: as strict as the number of patients */
    struct candidates open; /* and on the right side: what they do not rule out */
    int uneven;             /* the first bound whose count goes up and down, -1: none */
};

enum { THRESHOLD_UNEVEN_MAX = 256 }; /* candidates that are all tried when a count goes up and down */

/* Searches the candidates 0 .. last for `bound_count` bounds, at least 1. 0; -1 when the experiment gave up or without memory (-2); 1 when
 * a count goes up and down and there are too many candidates to try all: then `uneven` and what was tried hold. */
int threshold_search(struct threshold_search *search, const struct experiment *experiment, int64_t last,
                     const struct probability_bound *bounds, int bound_count, int64_t trials);
void threshold_search_clear(struct threshold_search *search);

/* The counts of a candidate that was tried; NULL otherwise. */
const int64_t *threshold_search_counts(const struct threshold_search *search, int64_t candidate);

#endif
