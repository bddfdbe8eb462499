/* quantile_counts_inner - what the files that make up app/results/quantile_counts share. */
#ifndef KETSIM_QUANTILE_COUNTS_INNER_H
#define KETSIM_QUANTILE_COUNTS_INNER_H

#include "quantile_counts.h"
#include "value_counts.h"

#include <pthread.h>

/* So many cells are added to under one lock, and so many locks there are: threads that add blocks of the same arm at
 * the same time wait for each other for a few microseconds at most. */
enum { STRIPE_CELLS = 32, STRIPES = 64 };

/* The levels of a block that is not done. */
struct stage {
    int64_t block;  /* -1: free */
    double *levels; /* [lane][analyte][time], NaN where there are none */
};

struct quantile_counts {
    const struct study *study;
    int lanes; /* of a block */
    int64_t blocks;
    uint64_t identity; /* of the study, for files */
    struct value_counts values;
    pthread_rwlock_t whole; /* read: adding a block; write: all that must see only whole blocks */
    pthread_mutex_t stripes[STRIPES];
    pthread_mutex_t lock; /* of what follows */
    uint8_t *done;        /* a bit per block */
    struct stage *stages;
    int stage_count;
};

size_t quantile_counts_done_bytes(const struct quantile_counts *counts);

/* Joins bins until they fit; `whole` must be held for writing. */
void quantile_counts_fit(struct quantile_counts *counts);

#endif
