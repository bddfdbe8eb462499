/* value_counts - how many values lie in which bin, for quantiles of more values than can be kept.
 *
 * A cell counts the values of one kind. Its bins are cut by the numbers themselves: all doubles that agree in sign, exponent
 * and the first `bits` bits of the fraction share a bin, which is 2^-bits of its lower edge wide. That takes no logarithm, and is the same on
 * every machine. Bins are kept by binades, from one power of two to the next, and only those that have been met.
 *
 * Counts are whole numbers: what they are does not depend on the order in which values are added, nor on how many threads add
 * them. Different cells may be added to from different threads at the same time; nothing else may.
 */
#ifndef KETSIM_VALUE_COUNTS_H
#define KETSIM_VALUE_COUNTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Values nearer to 0 than 2^EXPONENT_LEAST count as 0; those from 2^EXPONENT_END on cannot be counted. */
enum { VALUE_EXPONENT_LEAST = -64, VALUE_EXPONENT_END = 64, VALUE_BINADES = 256, VALUE_BITS_MAX = 20 };

struct value_cell {
    uint32_t count; /* values, at most 2^32 - 1 */
    uint32_t zeros;
    double least, most; /* of all; of none: infinite */
    uint32_t
        *binades[VALUE_BINADES]; /* [2^bits] each; NULL: none met. Those of negative values come second */
};

struct value_counts {
    struct value_cell *cells; /* owned */
    int64_t cell_count;
    int bits;
    atomic_llong binade_count; /* that were met, in all cells */
};

/* 0, or ENOMEM; to be cleared either way. */
int value_counts_init(struct value_counts *counts, int64_t cells, int bits);
void value_counts_clear(struct value_counts *counts);

/* Bytes of the bins, and of what stands beside them whatever is counted. */
int64_t value_counts_bytes(const struct value_counts *counts);
int64_t value_cells_bytes(int64_t cells);

/* Adds values[0], values[stride], ...; NaN is left out. 0, ENOMEM, or ERANGE when one is too large to be counted: then the cell
 * holds a part of the values, and is of no use. */
int value_counts_add(struct value_counts *counts, int64_t cell, const double *values, int64_t stride,
                     int64_t count);

/* Joins pairs of bins: `bits` becomes one less (not below 0), as if it had been so from the start. */
void value_counts_coarsen(struct value_counts *counts);

/* Adds the counts of `other`, of as many cells. Where one is coarser both become so, `other` too. 0, or ENOMEM. */
int value_counts_merge(struct value_counts *counts, struct value_counts *other);

/* The quantiles of a cell as in quantiles_compute (type 7), where the value of a rank is estimated from its place in its
 * bin and from the least and the greatest value: it is off by less than 2^-bits of itself, or 2^-64 where that is more. NaN without
 * values. */
void value_counts_quantiles(const struct value_counts *counts, int64_t cell, const double *fractions,
                            int fraction_count, double *quantiles);

#endif
