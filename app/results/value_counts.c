#include "value_counts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FRACTION_BITS = 52, EXPONENT_BIAS = 1023, NEGATIVE = VALUE_BINADES / 2 };

int value_counts_init(struct value_counts *counts, int64_t cells, int bits)
{
    *counts = (struct value_counts){.cells = calloc((size_t)cells, sizeof(*counts->cells)), .bits = bits};
    if (!counts->cells) {
        return ENOMEM;
    }
    counts->cell_count = cells;
    for (int64_t i = 0; i < cells; i++) {
        counts->cells[i].least = INFINITY;
        counts->cells[i].most = -INFINITY;
    }
    return 0;
}

void value_counts_clear(struct value_counts *counts)
{
    for (int64_t i = 0; i < counts->cell_count; i++) {
        for (int k = 0; k < VALUE_BINADES; k++) {
            free(counts->cells[i].binades[k]);
        }
    }
    free(counts->cells);
    *counts = (struct value_counts){0};
}

int64_t value_counts_bytes(const struct value_counts *counts)
{
    return ((int64_t)counts->binade_count * (int64_t)sizeof(uint32_t)) << counts->bits;
}

int64_t value_cells_bytes(int64_t cells)
{
    return cells * (int64_t)sizeof(struct value_cell);
}

/* --- Adding --- */

/* The bins of a binade, made when it is first met. NULL without memory. */
static uint32_t *binade_of(struct value_counts *counts, struct value_cell *cell, int binade)
{
    if (!cell->binades[binade]) {
        cell->binades[binade] = calloc((size_t)1 << counts->bits, sizeof(uint32_t));
        if (cell->binades[binade]) {
            atomic_fetch_add_explicit(&counts->binade_count, 1, memory_order_relaxed);
        }
    }
    return cell->binades[binade];
}

static int value_add(struct value_counts *counts, struct value_cell *cell, double value)
{
    uint64_t word;

    memcpy(&word, &value, sizeof(word));
    const int exponent = (int)(word >> FRACTION_BITS & 0x7ff) - EXPONENT_BIAS;
    if (exponent >= VALUE_EXPONENT_LEAST && exponent < VALUE_EXPONENT_END) {
        const int binade = exponent - VALUE_EXPONENT_LEAST + (word >> 63 ? NEGATIVE : 0);
        const uint64_t mask = ((uint64_t)1 << counts->bits) - 1;
        uint32_t *bins = binade_of(counts, cell, binade);
        if (!bins) {
            return ENOMEM;
        }
        bins[word >> (FRACTION_BITS - counts->bits) & mask]++;
    } else if (exponent < VALUE_EXPONENT_LEAST) {
        cell->zeros++;
        value = 0;
    } else if (isnan(value)) {
        return 0;
    } else {
        return ERANGE;
    }
    cell->count++;
    cell->least = value < cell->least ? value : cell->least;
    cell->most = value > cell->most ? value : cell->most;
    return 0;
}

int value_counts_add(struct value_counts *counts, int64_t cell, const double *values, int64_t stride,
                     int64_t count)
{
    int code = 0;

    for (int64_t i = 0; i < count && code == 0; i++) {
        code = value_add(counts, &counts->cells[cell], values[i * stride]);
    }
    return code;
}

void value_counts_coarsen(struct value_counts *counts)
{
    if (counts->bits == 0) {
        return;
    }
    const size_t bins = (size_t)1 << (counts->bits - 1);
    for (int64_t i = 0; i < counts->cell_count; i++) {
        uint32_t **binades = counts->cells[i].binades;
        for (int k = 0; k < VALUE_BINADES; k++) {
            uint32_t *smaller;
            for (size_t j = 0; j < bins && binades[k]; j++) {
                binades[k][j] = binades[k][2 * j] + binades[k][2 * j + 1];
            }
            smaller = binades[k] ? realloc(binades[k], bins * sizeof(uint32_t)) : NULL;
            binades[k] = smaller ? smaller : binades[k];
        }
    }
    counts->bits--;
}

static int cell_merge(struct value_counts *counts, struct value_cell *cell, const struct value_cell *other)
{
    const size_t bins = (size_t)1 << counts->bits;

    for (int k = 0; k < VALUE_BINADES; k++) {
        uint32_t *sums = other->binades[k] ? binade_of(counts, cell, k) : NULL;
        if (other->binades[k] && !sums) {
            return ENOMEM;
        }
        for (size_t j = 0; j < bins && sums; j++) {
            sums[j] += other->binades[k][j];
        }
    }
    cell->count += other->count;
    cell->zeros += other->zeros;
    cell->least = other->least < cell->least ? other->least : cell->least;
    cell->most = other->most > cell->most ? other->most : cell->most;
    return 0;
}

int value_counts_merge(struct value_counts *counts, struct value_counts *other)
{
    int code = 0;

    while (counts->bits > other->bits) {
        value_counts_coarsen(counts);
    }
    while (other->bits > counts->bits) {
        value_counts_coarsen(other);
    }
    for (int64_t i = 0; i < counts->cell_count && code == 0; i++) {
        code = cell_merge(counts, &counts->cells[i], &other->cells[i]);
    }
    return code;
}

/* --- Quantiles --- */

/* A walk over the bins of a cell from the least value to the greatest, for ranks that do not decrease. */
struct walk {
    const struct value_cell *cell;
    int bits;
    int binade; /* -NEGATIVE .. -1: of negative values, -NEGATIVE the farthest from 0; 0: zeros; 1 .. NEGATIVE */
    int64_t bin;    /* of the binade, in order of value; of zeros 0 */
    int64_t before; /* values in the bins before */
};

static int64_t walk_count(const struct walk *walk)
{
    const int64_t last = ((int64_t)1 << walk->bits) - 1;

    if (walk->binade < 0) {
        const uint32_t *bins = walk->cell->binades[NEGATIVE - walk->binade - 1];
        return bins ? bins[last - walk->bin] : 0;
    }
    if (walk->binade == 0) {
        return walk->cell->zeros;
    }
    const uint32_t *bins = walk->cell->binades[walk->binade - 1];
    return bins ? bins[walk->bin] : 0;
}

static void walk_next(struct walk *walk)
{
    const bool is_met = walk->binade < 0 ? walk->cell->binades[NEGATIVE - walk->binade - 1] != NULL
                                         : walk->binade > 0 && walk->cell->binades[walk->binade - 1] != NULL;

    walk->before += walk_count(walk);
    walk->bin++;
    if (!is_met || walk->bin == (int64_t)1 << walk->bits) {
        walk->bin = 0;
        walk->binade++;
    }
}

/* Where the value of a rank lies, which is in the walk's bin: its values are taken to lie at equal distances. */
static double walk_value(const struct walk *walk, int64_t rank)
{
    const double place = ((double)(rank - walk->before) + 0.5) / (double)walk_count(walk);
    const int negative = walk->binade < 0;
    const int exponent = (negative ? -walk->binade : walk->binade) - 1 + VALUE_EXPONENT_LEAST;
    const double bins = ldexp(1, walk->bits);
    double value = 0;

    if (negative) {
        value = -ldexp(1 + (bins - (double)walk->bin - place) / bins, exponent);
    } else if (walk->binade > 0) {
        value = ldexp(1 + ((double)walk->bin + place) / bins, exponent);
    }
    return fmax(fmin(value, walk->cell->most), walk->cell->least);
}

static double walk_to(struct walk *walk, int64_t rank)
{
    while (walk->before + walk_count(walk) <= rank) {
        walk_next(walk);
    }
    return walk_value(walk, rank);
}

void value_counts_quantiles(const struct value_counts *counts, int64_t cell, const double *fractions,
                            int fraction_count, double *quantiles)
{
    const int64_t count = counts->cells[cell].count;
    struct walk walk = {.cell = &counts->cells[cell], .bits = counts->bits, .binade = -NEGATIVE};

    for (int i = 0; i < fraction_count; i++) {
        const double position = fractions[i] * (double)(count - 1);
        const int64_t below = (int64_t)position;
        if (count < 1) {
            quantiles[i] = NAN;
            continue;
        }
        const double lower = walk_to(&walk, below);
        struct walk onward = walk; /* the next fraction may ask for the same rank again */
        const double upper = below + 1 < count ? walk_to(&onward, below + 1) : lower;
        quantiles[i] = lower + (position - (double)below) * (upper - lower);
    }
}
