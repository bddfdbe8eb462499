#include "quantile_counts_inner.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Making --- */

/* FNV-1a, 64 bits. */
static uint64_t text_hash(uint64_t hash, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        hash = (hash ^ *c) * 0x100000001b3;
    }
    return hash;
}

/* Of everything that the levels depend on. 0 without memory. */
static uint64_t study_identity(const struct study *study)
{
    char *resolved = document_write(&study->document);
    uint64_t hash = 0xcbf29ce484222325;

    if (!resolved) {
        return 0;
    }
    hash = text_hash(hash, resolved);
    for (int i = 0; i < study->model_count; i++) {
        hash = text_hash(hash, study->models[i].document.source);
    }
    free(resolved);
    return hash ? hash : 1;
}

static int locks_init(struct quantile_counts *counts)
{
    pthread_rwlockattr_t attributes;

    /* Who wants to see whole blocks must get a turn between many who add. */
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    const int code = pthread_rwlock_init(&counts->whole, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    pthread_mutex_init(&counts->lock, NULL);
    for (int i = 0; i < STRIPES; i++) {
        pthread_mutex_init(&counts->stripes[i], NULL);
    }
    return code;
}

size_t quantile_counts_done_bytes(const struct quantile_counts *counts)
{
    return (size_t)(counts->blocks + 7) / 8;
}

struct quantile_counts *quantile_counts_create(const struct study *study, const struct quantile_plan *plan,
                                               struct diagnostics *d)
{
    struct quantile_counts *counts = calloc(1, sizeof(*counts));

    if (!counts || locks_init(counts) != 0) {
        free(counts);
        diagnostics_out_of_memory(d);
        return NULL;
    }
    counts->study = study;
    counts->lanes = sweep_block_lanes(study);
    counts->blocks = sweep_block_count(study);
    counts->identity = study_identity(study);
    counts->done = calloc(quantile_counts_done_bytes(counts), 1);
    if (counts->identity == 0 || !counts->done ||
        value_counts_init(&counts->values, plan->cells, plan->bits) != 0) {
        quantile_counts_free(counts);
        diagnostics_out_of_memory(d);
        return NULL;
    }
    return counts;
}

void quantile_counts_free(struct quantile_counts *counts)
{
    if (!counts) {
        return;
    }
    for (int i = 0; i < counts->stage_count; i++) {
        free(counts->stages[i].levels);
    }
    for (int i = 0; i < STRIPES; i++) {
        pthread_mutex_destroy(&counts->stripes[i]);
    }
    pthread_mutex_destroy(&counts->lock);
    pthread_rwlock_destroy(&counts->whole);
    value_counts_clear(&counts->values);
    free(counts->stages);
    free(counts->done);
    free(counts);
}

/* --- Blocks on the way --- */

static int64_t lane_levels(const struct quantile_counts *counts)
{
    return (int64_t)counts->study->analyte_count * counts->study->time_count;
}

/* The stage of a block, -1 for a free one, or -1. `lock` must be held. */
static int stage_index(const struct quantile_counts *counts, int64_t block)
{
    for (int i = 0; i < counts->stage_count; i++) {
        if (counts->stages[i].block == block) {
            return i;
        }
    }
    return -1;
}

/* Takes a free stage, or makes one; there are never more than threads. Its number, or -1. `lock` must be held. */
static int stage_begin(struct quantile_counts *counts, int64_t block)
{
    const size_t size = (size_t)(counts->lanes * lane_levels(counts));
    int index = stage_index(counts, -1);

    if (index < 0) {
        struct stage *more = realloc(counts->stages, (size_t)(counts->stage_count + 1) * sizeof(*more));
        counts->stages = more ? more : counts->stages;
        double *levels = more ? malloc(size * sizeof(*levels)) : NULL;
        if (!levels) {
            return -1;
        }
        index = counts->stage_count++;
        counts->stages[index] = (struct stage){.block = -1, .levels = levels};
    }
    counts->stages[index].block = block;
    for (size_t i = 0; i < size; i++) {
        counts->stages[index].levels[i] = NAN;
    }
    return index;
}

/* Only the thread that simulates a block asks for its levels. NULL without memory, or where there are none. */
static double *stage_levels(struct quantile_counts *counts, int64_t block, bool begin)
{
    double *levels = NULL;

    pthread_mutex_lock(&counts->lock);
    int index = stage_index(counts, block);
    if (index < 0 && begin) {
        index = stage_begin(counts, block);
    }
    if (index >= 0) {
        levels = counts->stages[index].levels;
    }
    pthread_mutex_unlock(&counts->lock);
    return levels;
}

static int64_t patient_number(const struct quantile_counts *counts, const struct simulated *patient)
{
    return patient->arm * counts->study->patient_count + patient->patient;
}

int quantile_counts_take(struct quantile_counts *counts, const struct simulated *patients, int count)
{
    const int64_t times = counts->study->time_count;

    for (int i = 0; i < count; i++) {
        const int64_t number = patient_number(counts, &patients[i]);
        double *levels = stage_levels(counts, number / counts->lanes, true);
        if (!levels) {
            return ENOMEM;
        }
        for (int a = 0; a < counts->study->analyte_count; a++) {
            const double *from = patients[i].levels[a];
            if (patients[i].status == PATIENT_SIMULATED && from) {
                memcpy(levels + number % counts->lanes * lane_levels(counts) + a * times, from,
                       (size_t)times * sizeof(*levels));
            }
        }
    }
    return 0;
}

/* --- Blocks that are done --- */

/* The lanes [first, end) of a block, which are in one arm. Cells are taken stripe by stripe, from another one on for each block, so that
 * threads do not follow each other. */
static int add_lanes(struct quantile_counts *counts, int64_t block, const double *levels, int64_t first,
                     int64_t end)
{
    const int64_t cells = lane_levels(counts);
    const int64_t arm = (block * counts->lanes + first) / counts->study->patient_count;
    const int64_t chunks = (cells + STRIPE_CELLS - 1) / STRIPE_CELLS;
    int code = 0;

    for (int64_t i = 0; i < chunks && code == 0; i++) {
        const int64_t chunk = (i + block) % chunks;
        const int64_t from = chunk * STRIPE_CELLS;
        const int64_t to = from + STRIPE_CELLS < cells ? from + STRIPE_CELLS : cells;
        pthread_mutex_t *stripe = &counts->stripes[(arm * chunks + chunk) % STRIPES];
        pthread_mutex_lock(stripe);
        for (int64_t cell = from; cell < to && code == 0; cell++) {
            code = value_counts_add(&counts->values, arm * cells + cell, levels + first * cells + cell, cells,
                                    end - first);
        }
        pthread_mutex_unlock(stripe);
    }
    return code;
}

static int add_block(struct quantile_counts *counts, int64_t block, const double *levels)
{
    const int64_t patients = counts->study->patient_count;
    const int64_t number = block * counts->lanes;
    const int64_t left = patients * counts->study->arm_count - number;
    const int64_t lanes = left < counts->lanes ? left : counts->lanes;
    int code = 0;

    for (int64_t first = 0, end; first < lanes && code == 0; first = end) {
        const int64_t arm_end = ((number + first) / patients + 1) * patients - number;
        end = arm_end < lanes ? arm_end : lanes;
        code = add_lanes(counts, block, levels, first, end);
    }
    return code;
}

static bool is_done(const struct quantile_counts *counts, int64_t block)
{
    return counts->done[block / 8] >> (block % 8) & 1;
}

bool quantile_counts_has(struct quantile_counts *counts, int64_t block)
{
    pthread_mutex_lock(&counts->lock);
    const bool has = is_done(counts, block);
    pthread_mutex_unlock(&counts->lock);
    return has;
}

static bool is_too_large(const struct quantile_counts *counts)
{
    return value_counts_bytes(&counts->values) + value_cells_bytes(counts->values.cell_count) >
           QUANTILE_COUNTS_MAX;
}

void quantile_counts_fit(struct quantile_counts *counts)
{
    while (is_too_large(counts) && counts->values.bits > 0) {
        value_counts_coarsen(&counts->values);
    }
}

int quantile_counts_block_done(struct quantile_counts *counts, int64_t block)
{
    const double *levels = stage_levels(counts, block, false);
    int code = 0;

    pthread_rwlock_rdlock(&counts->whole);
    if (levels && !quantile_counts_has(counts, block)) {
        code = add_block(counts, block, levels);
    }
    pthread_mutex_lock(&counts->lock);
    const int index = stage_index(counts, block);
    if (index >= 0) {
        counts->stages[index].block = -1;
    }
    if (code == 0) {
        counts->done[block / 8] |= (uint8_t)(1U << (block % 8));
    }
    pthread_mutex_unlock(&counts->lock);
    const bool too_large = is_too_large(counts);
    pthread_rwlock_unlock(&counts->whole);
    if (too_large) {
        pthread_rwlock_wrlock(&counts->whole);
        quantile_counts_fit(counts);
        pthread_rwlock_unlock(&counts->whole);
    }
    return code;
}

/* --- What is known --- */

void quantile_counts_find(const struct quantile_counts *counts, int arm, int analyte, int time,
                          double *quantiles)
{
    const struct study *study = counts->study;
    const int64_t cell = ((int64_t)arm * study->analyte_count + analyte) * study->time_count + time;

    value_counts_quantiles(&counts->values, cell, study->quantiles, study->quantile_count, quantiles);
}

double quantile_counts_error(const struct quantile_counts *counts)
{
    return ldexp(1, -counts->values.bits);
}

int64_t quantile_counts_bytes(const struct quantile_counts *counts)
{
    return value_counts_bytes(&counts->values);
}
