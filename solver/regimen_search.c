#include "regimen_search.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int regimen_treatments(const struct study *study)
{
    return study->arm_count / study->optimize.candidate_count;
}

/* --- one round: some candidates simulated --- */

/* The same as struct candidate_tally, while threads count. */
struct counters {
    atomic_llong failed;
    atomic_llong events[CONSTRAINTS_MAX];
    atomic_llong missing[CONSTRAINTS_MAX];
    atomic_llong outside[LIMITS_MAX];
};

struct round {
    const struct study *study; /* its arms are the candidates of the round */
    struct counters *counters; /* [arm] */
    const struct search_watch *watch;
};

/* Whether what the constraint is about happens in the patient; a missing value is against the constraint. */
static bool happens(const struct constraint *constraint, double value)
{
    if (isnan(value)) {
        return constraint->at_most;
    }
    return constraint->below ? value < constraint->threshold : value > constraint->threshold;
}

static void count_patient(const struct optimize *optimize, struct counters *counters,
                          const struct simulated *patient)
{
    const bool failed = patient->status != PATIENT_SIMULATED;
    atomic_fetch_add(&counters->failed, failed);
    for (int i = 0; i < LIMITS_MAX; i++) {
        if ((uint32_t)patient->outside >> i & 1) {
            atomic_fetch_add(&counters->outside[i], 1);
        }
    }
    for (int i = 0; i < optimize->constraint_count; i++) {
        const struct constraint *constraint = &optimize->constraints[i];
        const double value = failed ? (double)NAN
                             : constraint->metric >= 0
                                 ? patient->metrics[constraint->analyte][constraint->metric]
                                 : patient->levels[constraint->analyte][constraint->time];
        if (happens(constraint, value)) {
            atomic_fetch_add(&counters->events[i], 1);
        }
        if (!failed && isnan(value)) {
            atomic_fetch_add(&counters->missing[i], 1);
        }
    }
}

static int round_take(void *payload, const struct simulated *patients, int count)
{
    const struct round *round = payload;
    for (int i = 0; i < count; i++) {
        count_patient(&round->study->optimize, &round->counters[patients[i].arm], &patients[i]);
    }
    return 0;
}

static void round_progress(void *payload, int64_t finished, int64_t total)
{
    const struct round *round = payload;
    round->watch->progress(round->watch->payload, finished, total);
}

/* --- the search, as an experiment --- */

struct trial {
    struct treatment_search *search;
    const struct study *study;
    const struct search_watch *watch;
    int threads;
    struct diagnostics *d;
};

static struct candidate_tally tally_of(int64_t candidate, const struct counters *counters)
{
    struct candidate_tally tally = {.candidate = candidate, .failed = counters->failed};
    for (int i = 0; i < CONSTRAINTS_MAX; i++) {
        tally.missing[i] = counters->missing[i];
    }
    for (int i = 0; i < LIMITS_MAX; i++) {
        tally.outside[i] = counters->outside[i];
    }
    return tally;
}

/* Adds a round to what is told of all; its arms get their numbers in the study. */
static void add_report(struct trial *trial, const int64_t *candidates, struct sweep_report *report)
{
    const ptrdiff_t first = trial->search->arms - trial->study->arms;
    struct sweep_report *all = &trial->search->report;
    const double seconds = all->seconds + report->seconds; /* one round after the other */
    const int threads = report->threads;
    for (int i = 0; i < report->failure_count; i++) {
        report->failures[i].arm = (int)(first + candidates[report->failures[i].arm]);
    }
    sweep_report_add(all, report);
    all->seconds = seconds;
    all->threads = threads;
}

static int try_candidates(void *payload, const int64_t *candidates, int count, int64_t *counts)
{
    struct trial *trial = payload;
    struct treatment_search *search = trial->search;
    const int bounds = trial->study->optimize.constraint_count;
    struct study study = *trial->study; /* the same, with fewer arms; owns nothing */
    struct arm *arms = malloc((size_t)count * sizeof(*arms));
    struct counters *counters = calloc((size_t)count, sizeof(*counters));
    struct candidate_tally *tallies =
        realloc(search->tallies, (size_t)(search->tally_count + count) * sizeof(*tallies));
    struct round round = {&study, counters, trial->watch};
    struct sweep_report report;
    int failed = -1;
    search->tallies = tallies ? tallies : search->tallies;
    if (!arms || !counters || !tallies) {
        diagnostics_out_of_memory(trial->d);
        goto out;
    }
    for (int i = 0; i < count; i++) {
        arms[i] = search->arms[candidates[i]];
    }
    study.arms = arms;
    study.arm_count = count;
    const struct sink sink = {.payload = &round,
                              .certify = true,
                              .take = round_take,
                              .progress = trial->watch ? round_progress : NULL};
    failed = sweep_run(&study, trial->threads, &sink, &report, trial->d);
    if (failed) {
        goto out;
    }
    add_report(trial, candidates, &report);
    for (int i = 0; i < count; i++) {
        search->tallies[search->tally_count++] = tally_of(candidates[i], &counters[i]);
        for (int b = 0; b < bounds; b++) {
            counts[i * bounds + b] = counters[i].events[b];
        }
    }
out:
    free(arms);
    free(counters);
    return failed;
}

int treatment_search(struct treatment_search *search, const struct study *study, int treatment, int threads,
                     const struct search_watch *watch, struct diagnostics *d)
{
    const struct optimize *optimize = &study->optimize;
    struct probability_bound bounds[CONSTRAINTS_MAX];
    struct trial trial = {search, study, watch, threads, d};
    const struct experiment experiment = {&trial, try_candidates};
    *search = (struct treatment_search){
        .arms = study->arms + (ptrdiff_t)treatment * optimize->candidate_count, .recommended = -1};
    for (int i = 0; i < optimize->constraint_count; i++) {
        bounds[i] = (struct probability_bound){optimize->constraints[i].at_most,
                                               optimize->constraints[i].probability};
    }
    const int found = threshold_search(&search->found, &experiment, optimize->candidate_count - 1, bounds,
                                       optimize->constraint_count, study->patient_count);
    if (found == -2) {
        diagnostics_out_of_memory(d);
    }
    if (found < 0) {
        treatment_search_clear(search);
        return -1;
    }
    search->refused = found > 0;
    const struct candidates all = search->found.all;
    if (!search->refused && all.first <= all.last) {
        search->recommended = optimize->largest ? all.last : all.first;
    }
    return 0;
}

void treatment_search_clear(struct treatment_search *search)
{
    threshold_search_clear(&search->found);
    free(search->tallies);
    *search = (struct treatment_search){.recommended = -1};
}

const struct candidate_tally *treatment_tally(const struct treatment_search *search, int64_t candidate)
{
    for (int i = 0; i < search->tally_count; i++) {
        if (search->tallies[i].candidate == candidate) {
            return &search->tallies[i];
        }
    }
    return NULL;
}
