#include "design.h"

#include "random.h"

#include <gsl/gsl_qrng.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- At random --- */

/* What a number is drawn for. */
enum { DRAW_PLACE, DRAW_ORDER };

static uint64_t axis_seed(const struct design_request *request, int axis)
{
    return random_seed(request->seed, PURPOSE_DESIGN, request->names[axis], "");
}

static int fill_random(const struct design_request *request, double *u)
{
    for (int a = 0; a < request->axes; a++) {
        const uint64_t seed = axis_seed(request, a);
        for (int64_t i = 0; i < request->points; i++) {
            u[i * request->axes + a] = random_uniform(seed, (uint64_t)i, PURPOSE_DESIGN, DRAW_PLACE);
        }
    }
    return 0;
}

/* --- Latin hypercube --- */

/* A number of 0 to `below` - 1. */
static int64_t draw_below(uint64_t seed, int64_t i, int64_t below)
{
    const double u = random_uniform(seed, (uint64_t)i, PURPOSE_DESIGN, DRAW_ORDER);
    const int64_t drawn = (int64_t)(u * (double)below);
    return drawn < below ? drawn : below - 1;
}

/* A place within a stratum: floor(u * points) is the stratum, also after rounding. */
static double place_within(int64_t stratum, double part, int64_t points)
{
    const double count = (double)points;
    double u = ((double)stratum + part) / count;
    while (u * count >= (double)(stratum + 1)) {
        u = nextafter(u, 0);
    }
    while (u * count < (double)stratum) {
        u = nextafter(u, 1);
    }
    return u;
}

/* Each axis has as many strata as there are points, and a point in each; which point in which, and where in it, is random. */
static int fill_lhs(const struct design_request *request, double *u)
{
    const int64_t points = request->points;
    int64_t *strata = malloc((size_t)points * sizeof(*strata));
    if (!strata) {
        return -1;
    }
    for (int a = 0; a < request->axes; a++) {
        const uint64_t seed = axis_seed(request, a);
        for (int64_t i = 0; i < points; i++) { /* shuffled as it grows */
            const int64_t other = draw_below(seed, i, i + 1);
            strata[i] = strata[other];
            strata[other] = i;
        }
        for (int64_t i = 0; i < points; i++) {
            const double part = random_uniform(seed, (uint64_t)i, PURPOSE_DESIGN, DRAW_PLACE);
            u[i * request->axes + a] = place_within(strata[i], part, points);
        }
    }
    free(strata);
    return 0;
}

/* --- Sequences that fill space evenly --- */

/* The axes are the sequence's dimensions in their order. GSL leaves out its first point, the origin, in which no distribution
 * without limits has a value. */
static int fill_sequence(const gsl_qrng_type *type, const struct design_request *request, double *u)
{
    gsl_qrng *sequence = gsl_qrng_alloc(type, (unsigned)request->axes);
    if (!sequence) {
        return -1;
    }
    for (int64_t i = 0; i < request->points; i++) {
        gsl_qrng_get(sequence, u + i * request->axes);
    }
    gsl_qrng_free(sequence);
    return 0;
}

static int fill_sobol(const struct design_request *request, double *u)
{
    return fill_sequence(gsl_qrng_sobol, request, u);
}

static int fill_halton(const struct design_request *request, double *u)
{
    return fill_sequence(gsl_qrng_halton, request, u);
}

/* --- For sensitivity: solver/sensitivity.h says what is made of them --- */

static int64_t saltelli_rows(int axes, int64_t points)
{
    return points * (axes + 2);
}

/* The first half of a point of Sobol's sequence in twice as many dimensions is A, the second B; between them A with each of
 * B's coordinates in turn. */
static int fill_saltelli(const struct design_request *request, double *u)
{
    const int axes = request->axes;
    const int64_t width = (int64_t)saltelli_rows(axes, 1) * axes;
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, 2 * (unsigned)axes);
    double *pair = malloc(2 * (size_t)axes * sizeof(*pair));
    int ret = -1;

    if (sequence && pair) {
        for (int64_t i = 0; i < request->points; i++, u += width) {
            gsl_qrng_get(sequence, pair);
            for (int row = 0; row < axes + 1; row++) {
                memcpy(u + row * axes, pair, (size_t)axes * sizeof(*u));
            }
            for (int a = 0; a < axes; a++) {
                u[(a + 1) * axes + a] = pair[axes + a];
            }
            memcpy(u + (axes + 1) * axes, pair + axes, (size_t)axes * sizeof(*u));
        }
        ret = 0;
    }
    free(pair);
    if (sequence) {
        gsl_qrng_free(sequence);
    }
    return ret;
}

static int64_t morris_rows(int axes, int64_t points)
{
    return points * (axes + 1);
}

/* The bases are a Latin hypercube; after each come the points that are half an axis away from it, up from the lower half and down
 * from the upper one, but for rounding: no distribution without limits has values at 0 and 1. */
static int fill_morris(const struct design_request *request, double *u)
{
    const int axes = request->axes;
    const int64_t width = morris_rows(axes, 1) * axes;

    if (fill_lhs(request, u) != 0) {
        return -1;
    }
    for (int64_t i = request->points - 1; i >= 0; i--) { /* from the last on, so that none is overwritten */
        double *base = u + i * width;
        memmove(base, u + i * axes, (size_t)axes * sizeof(*u));
        for (int a = 0; a < axes; a++) {
            double *moved = base + (a + 1) * axes;
            memcpy(moved, base, (size_t)axes * sizeof(*u));
            moved[a] = base[a] < 0.5 ? fmin(base[a] + 0.5, 1 - 0x1p-53) : fmax(base[a] - 0.5, 0x1p-53);
        }
    }
    return 0;
}

/* --- The table --- */

const struct design designs[] = {
    {"random", "each value at random", 0, NULL, fill_random, SENSITIVITY_NONE},
    {"lhs", "a Latin hypercube: each of `points` equally probable parts of each axis is hit once", 0, NULL,
     fill_lhs, SENSITIVITY_NONE},
    {"sobol", "Sobol's sequence, from its second point on", 40, NULL, fill_sobol, SENSITIVITY_NONE},
    {"halton", "Halton's sequence, from its second point on", 1229, NULL, fill_halton, SENSITIVITY_NONE},
    {"saltelli", "for Sobol indices: `points` times the axes and 2 more, on Sobol's sequence", 20,
     saltelli_rows, fill_saltelli, SENSITIVITY_SOBOL},
    {"morris", "for Morris screening: `points` times the axes and 1 more, around a Latin hypercube", 0,
     morris_rows, fill_morris, SENSITIVITY_MORRIS},
};

const int design_count = sizeof(designs) / sizeof(designs[0]);

const struct design *design_find(const char *name)
{
    for (int i = 0; i < design_count; i++) {
        if (strcmp(designs[i].name, name) == 0) {
            return &designs[i];
        }
    }
    return NULL;
}

int64_t design_rows(const struct design *design, int axes, int64_t points)
{
    return design->rows ? design->rows(axes, points) : points;
}
