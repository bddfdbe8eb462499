/* exponential - exp(B h) for the matrices B of eight patients side by side. For propagator.c.
 *
 * All off-diagonal entries of B are >= 0. With s no less than what the fastest state loses, B + s I has no negative entry, and
 *     exp(B h) = exp(-s h) exp((B + s I) h)
 * is computed by scaling, a Taylor sum and squaring in which nothing ever cancels, also where rate constants are equal, nearly equal or
 * zero. (The idea is uniformization, known from Markov chains.) What is left of a slow state is nearly 1 for many squarings, each of which
 * doubles its rounding error. But nothing gets lost: what leaves the body goes to a sink, so that what becomes of a state adds up to 1, and is
 * made to, each time. Then each entry is exact to rounding, however much faster other states are.
 *
 * Entries that are zero by the shape of B are never touched.
 */
#ifndef KETSIM_EXPONENTIAL_H
#define KETSIM_EXPONENTIAL_H

#include "graph.h"

enum {
    EXPONENTIAL_LANES = 8,
    EXPONENTIAL_SINKS = 2, /* of the body, and of images */
    EXPONENTIAL_STATES_MAX = 2 * GRAPH_STATES_MAX + EXPONENTIAL_SINKS,
    EXPONENTIAL_CACHE = 48, /* distinct intervals remembered */
    EXPONENTIAL_STRIDE = 4, /* equal intervals that are crossed at once */
};

/* A product of two matrices, entry by entry: result[i] = sum of left[k] * right[k] for k in begin[i] .. begin[i + 1] - 1. */
struct product {
    int *begin;
    int *left;
    int *right;
};

/* What a state holds. What becomes of it adds up to 1 over the states of its kind; an input stays as it is. */
enum exponential_kind { EXPONENTIAL_BODY, EXPONENTIAL_IMAGE, EXPONENTIAL_INPUT };

struct exponential {
    int states;      /* of x */
    int size;        /* with the sinks, which come last */
    int entry_count; /* of exp(B h) that can be other than zero, row by row */
    int row_begin[EXPONENTIAL_STATES_MAX + 1];
    int entry_row[EXPONENTIAL_STATES_MAX * EXPONENTIAL_STATES_MAX];
    int entry_column[EXPONENTIAL_STATES_MAX * EXPONENTIAL_STATES_MAX];
    int entry_of[EXPONENTIAL_STATES_MAX][EXPONENTIAL_STATES_MAX]; /* [row][column]; -1: always zero */
    int share_begin[EXPONENTIAL_STATES_MAX + 1]; /* of a column: the entries that add up to 1 */
    int share_entry[EXPONENTIAL_STATES_MAX * EXPONENTIAL_STATES_MAX];
    struct product squaring; /* exponential times exponential */
    struct product taylor;   /* B + s I times exponential */
    /* Numbers, [entry][lane]. */
    double *memory;
    double *shifted; /* B + s I, 1/h */
    double *scaled;  /* (B + s I) h / 2^m */
    double *work;
    double *cached[EXPONENTIAL_CACHE];
    double cached_interval[EXPONENTIAL_CACHE][EXPONENTIAL_LANES]; /* h */
    int cached_count;
    double *powers[EXPONENTIAL_STRIDE]; /* of the exponential of one interval: the first, the second, ... */
    double powers_interval[EXPONENTIAL_LANES]; /* h; 0: of none */
    double fastest[EXPONENTIAL_LANES];         /* s */
};

/* Lays out the matrices: B has an entry [row][column] where `direct` says so, and its diagonal. Behind the `states` of x, each of its
 * kind, are the sinks, of the body and of images: what leaves either flows there. `m` is zeroed or was laid out before. 0, or -1 without
 * memory. */
int exponential_shape(struct exponential *m, int states, const enum exponential_kind *kinds,
                      bool direct[EXPONENTIAL_STATES_MAX][EXPONENTIAL_STATES_MAX]);
void exponential_clear(struct exponential *m);

/* Takes up new numbers: the entries of B that are not on the diagonal are then added with exponential_entry, and
 * exponential_ready is told what each state loses per hour, [state][lane]. */
void exponential_begin(struct exponential *m);
double *exponential_entry(struct exponential *m, int row, int column); /* [lane] */
void exponential_ready(struct exponential *m, double (*loss)[EXPONENTIAL_LANES]);

/* The exponential of an interval of each lane, h, that differs from the one asked for by `within` at most; `*found` are the
 * intervals it is of. Valid until the next call. */
const double *exponential_find(struct exponential *m, const double *interval, double within,
                               const double **found);

/* result = exponential x; both are [state][lane] and do not overlap. */
void exponential_apply(const struct exponential *m, const double *exponential, double (*x)[EXPONENTIAL_LANES],
                       double (*result)[EXPONENTIAL_LANES]);

/* Whether powers_interval are these lengths of each lane, h. */
bool exponential_is_ready(const struct exponential *m, const double *interval);

/* Makes ready to cross EXPONENTIAL_STRIDE intervals of equal length at once, given its exponential. Costs about as much as
 * EXPONENTIAL_STRIDES strides save, and nothing if it was done for the same lengths last. */
void exponential_stride_ready(struct exponential *m, const double *exponential, const double *interval);
enum { EXPONENTIAL_STRIDES = 8 };

/* Crosses them: result is x after the last. Of the `count` states listed `watched` gets their values after each interval,
 * [interval][state of the list][lane]. The arrays do not overlap. */
void exponential_stride(const struct exponential *m, const int *states, int count,
                        double (*x)[EXPONENTIAL_LANES], double (*result)[EXPONENTIAL_LANES],
                        double (*watched)[EXPONENTIAL_LANES]);

#endif
