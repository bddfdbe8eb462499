/* regimen_search - which candidates of a study keep to its constraints, simulated with the same patients for each.
 *
 * The study has the arms of its candidates: study->optimize.candidate_count in a row make a treatment, which is an arm as written, with
 * one model, at one point of the sweep. Each treatment is searched by itself.
 *
 * A patient who cannot be simulated, or of whom the metric is missing, counts against a constraint: as one more in whom happens what is
 * to happen in at most so many, and as one less in whom happens what is to happen in at least so many. It is counted how many there are.
 */
#ifndef KETSIM_REGIMEN_SEARCH_H
#define KETSIM_REGIMEN_SEARCH_H

#include "sweep.h"
#include "threshold_search.h"

#include "model/applicability.h"

/* What became of the patients with a candidate. */
struct candidate_tally {
    int64_t candidate;
    int64_t failed;                   /* could not be simulated */
    int64_t missing[CONSTRAINTS_MAX]; /* simulated, but without the metric; per constraint */
    int64_t outside[LIMITS_MAX];      /* break this limit of the model; see model/applicability.h */
};

/* Of one treatment. To be cleared by treatment_search_clear. */
struct treatment_search {
    const struct arm *arms;        /* [candidate], of the study */
    struct threshold_search found; /* bounds are the constraints, trials the patients */
    bool refused;        /* a count goes up and down, and there are too many candidates to try all */
    int64_t recommended; /* the candidate; -1: none */
    struct candidate_tally *tallies; /* owned: of the candidates tried, in that order */
    int tally_count;
    /* Of all simulations; arms are numbered as in the study, positions in a sample as in its round. */
    struct sweep_report report;
};

int regimen_treatments(const struct study *study);

/* Who is told of its progress: as in struct sink, of the candidates that are tried at once. */
struct search_watch {
    void *payload;
    void (*progress)(void *payload, int64_t finished, int64_t total);
};

/* Searches treatment number `treatment`, with `threads` threads as in sweep_run; the result is the same for any number. `watch` may be NULL. 0,
 * or -1 with the reason in `d`. */
int treatment_search(struct treatment_search *search, const struct study *study, int treatment, int threads,
                     const struct search_watch *watch, struct diagnostics *d);
void treatment_search_clear(struct treatment_search *search);

/* What became of the patients with a candidate that was tried; NULL otherwise. */
const struct candidate_tally *treatment_tally(const struct treatment_search *search, int64_t candidate);

#endif
