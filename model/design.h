/* design - where a sweep that draws its values draws them: points of the unit hypercube, row by row.
 *
 * A point has a coordinate in (0, 1) for each axis; what an axis makes of it is its distribution's affair (the quantile of that
 * probability). Points depend on the number of axes, their names, the number of points and the seed, and on nothing else.
 * Gives the designs of `sweep.design`: one row in design.c each, beside its function.
 */
#ifndef KETSIM_DESIGN_H
#define KETSIM_DESIGN_H

#include "study.h"

struct design_request {
    int axes;
    const char *const *names; /* [axis]; draws are keyed by them, so that another axis changes no other's */
    int64_t points;           /* `sweep.points`, at least 1 */
    uint64_t seed;
};

struct design {
    const char *name;
    const char *meaning; /* one line, for the reference of keys */
    int axes_max;        /* 0: any number */
    /* How many rows so many points make; NULL: as many. */
    int64_t (*rows)(int axes, int64_t points);
    /* Fills u[row][axis]. 0, or -1 without memory. */
    int (*fill)(const struct design_request *request, double *u);
    enum sensitivity_kind sensitivity; /* what its points are made for */
};

extern const struct design designs[];
extern const int design_count;

/* NULL where there is none of that name. */
const struct design *design_find(const char *name);

int64_t design_rows(const struct design *design, int axes, int64_t points);

#endif
