/* quantile_counts - the levels of all patients at each time as counts, from which the quantiles are found: memory that does not
 * grow with the number of patients, and no levels on the disk.
 *
 * Blocks of patients (solver/sweep.h) enter as a whole or not at all, each once, and a bit tells which have. What has been counted can be
 * written to a file at any time, and read back to go on from there; the counts of several processes can be added.
 * All functions may be called from several threads at once, unless said otherwise.
 */
#ifndef KETSIM_QUANTILE_COUNTS_H
#define KETSIM_QUANTILE_COUNTS_H

#include "solver/sweep.h"

#include <stdio.h>

/* --- Which way --- */

/* Levels that are kept for quantiles alone, and bins: more of them is too much for `auto`, and for counts. Bytes. */
enum { QUANTILE_LEVELS_MAX = 256 << 20, QUANTILE_COUNTS_MAX = 256 << 20 };

/* How the quantiles of a study are found; a function of the study alone. */
struct quantile_plan {
    bool wanted;        /* the study stores quantiles; nothing below holds if not */
    bool streaming;     /* from counts, else exactly from the levels */
    int bits;           /* the error of streaming is 2^-bits, relative */
    int64_t cells;      /* arms x analytes x times */
    double level_bytes; /* levels that are kept for the quantiles alone: 0 where the profiles are stored */
    double
        counts_bytes; /* bins of streaming, if levels of a time spread over 12 binades (3.6 decades) on average */
};

/* 0, or -1 with the reason in `d`: the study's quantiles do not fit, or are to stream and cannot. */
int quantile_plan(struct quantile_plan *plan, const struct study *study, struct diagnostics *d);

/* --- Counts --- */

struct quantile_counts; /* opaque */

/* For the blocks of the study, which must outlive the counts. NULL without memory (told). */
struct quantile_counts *quantile_counts_create(const struct study *study, const struct quantile_plan *plan,
                                               struct diagnostics *d);
void quantile_counts_free(struct quantile_counts *counts);

/* A sink's `take`: keeps the levels of patients until their block is done. 0, or an errno. */
int quantile_counts_take(struct quantile_counts *counts, const struct simulated *patients, int count);

/* A sink's `block_done`: adds what has been taken of the block, unless it is in the counts already. 0, or an errno: ENOMEM, or
 * ERANGE for a level that is too large to be counted (2^64). Then the counts are of no use. */
int quantile_counts_block_done(struct quantile_counts *counts, int64_t block);

/* Whether a block is in the counts. */
bool quantile_counts_has(struct quantile_counts *counts, int64_t block);

/* Writes the counts to the file: `path` is whole at any instant, the old one or the new, and on the disk when this returns. A second
 * file, PATH.new, is in use meanwhile. By one thread at a time, while others count. 0, or an errno. */
int quantile_counts_save(struct quantile_counts *counts, const char *path);

/* Adds what was saved, which must be of the same study and of other blocks. 0; or -1 with the reason in `d`, and nothing is added: ENOENT
 * is told, too. */
int quantile_counts_load(struct quantile_counts *counts, const char *path, struct diagnostics *d);

/* The same to and from an open file, for instance one in memory that is sent to another process. `name` is for messages. */
int quantile_counts_write(struct quantile_counts *counts, FILE *to);
int quantile_counts_read(struct quantile_counts *counts, FILE *from, const char *name, struct diagnostics *d);

/* The quantiles of the study at a time: [quantile of the study]. NaN where no patient was simulated. */
void quantile_counts_find(const struct quantile_counts *counts, int arm, int analyte, int time,
                          double *quantiles);

/* The relative error below which they are now: 2^-bits of the plan, or more where levels were spread so widely that bins had to be joined to
 * keep within QUANTILE_COUNTS_MAX. Depends on what was counted alone, not on the order. */
double quantile_counts_error(const struct quantile_counts *counts);

/* Bytes of the bins now. */
int64_t quantile_counts_bytes(const struct quantile_counts *counts);

#endif
