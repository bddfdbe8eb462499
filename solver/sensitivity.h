/* sensitivity - which axes of a design an output depends on, and how well that is known.
 *
 * Works on outputs alone: what the points are, and how they were computed, is the caller's business. Two
 * designs:
 *
 * Sobol indices. A row of the design is two independent points A and B, and for each axis the point A with
 * B's value of that axis. First order: the share of the output's variance that an axis makes by itself, by
 * the estimator of Saltelli et al. (2010, doi:10.1016/j.cpc.2009.09.018, table 2 b); total: with everything
 * that it is part of, by that of Jansen (1999, doi:10.1016/S0010-4655(98)00154-4). Of an axis that does
 * nothing both are 0 exactly.
 *
 * Morris screening. A row is a base point, and for each axis the base moved along that axis alone (the
 * radial design of Campolongo et al. 2011, doi:10.1016/j.cpc.2010.12.039). An elementary effect is the
 * difference over the step.
 *
 * Intervals are percentiles of bootstrap replicates that draw whole rows, with replacement. Draws are keyed
 * by the seed, and are the same for all outputs.
 */
#ifndef KETSIM_SENSITIVITY_H
#define KETSIM_SENSITIVITY_H

#include <stdint.h>

/* A number with its confidence interval. NaN: unknown. */
struct estimate {
    double value;
    double lower;
    double upper;
};

struct bootstrap {
    uint64_t seed;
    int replicates;    /* 1 or more */
    double confidence; /* in (0, 1) */
};

/* Why there are no indices. */
enum sensitivity_gap {
    SENSITIVITY_KNOWN,
    SENSITIVITY_FEW_ROWS, /* fewer than SENSITIVITY_ROWS_MIN without a missing output */
    SENSITIVITY_CONSTANT, /* the output is the same everywhere: nothing to apportion */
};

enum { SENSITIVITY_ROWS_MIN = 4 };

/* What stands behind the indices of one output. */
struct sensitivity_rows {
    int64_t used;
    int64_t dropped; /* with an output that is not finite: all of the row is left out */
    enum sensitivity_gap gap;
};

struct sobol_index {
    struct estimate first;
    struct estimate total;
};

/* How many outputs a row has: A, A with B's axis 0, ..., A with B's axis `axes - 1`, B. */
int sobol_row(int axes);

/* The indices of one output, indices[axes], from outputs[rows][sobol_row(axes)]. All NaN with a gap. The
 * output is taken for constant where its standard deviation is at most `noise` times its largest magnitude.
 * 0, or -1 without memory. */
int sobol_indices(const double *outputs, int64_t rows, int axes, double noise,
                  const struct bootstrap *bootstrap, struct sobol_index *indices,
                  struct sensitivity_rows *behind);

/* In the unit of the output, as the change over an axis from one end of its distribution (0) to the other
 * (1). */
struct morris_effect {
    struct estimate mu;      /* the mean of the elementary effects */
    struct estimate mu_star; /* of their magnitudes */
    struct estimate
        sigma; /* their standard deviation, with rows - 1: 0 where the output is linear in the axis */
};

/* How many outputs a row has: of the base, and of the base moved along each axis in turn. */
int morris_row(int axes);

/* The effects of one output, effects[axes], from outputs[rows][morris_row(axes)] and steps[rows][axes],
 * none of which is 0. NaN with a gap; a constant output is none, its effects are 0. 0, or -1 without
 * memory. */
int morris_effects(const double *outputs, const double *steps, int64_t rows, int axes,
                   const struct bootstrap *bootstrap, struct morris_effect *effects,
                   struct sensitivity_rows *behind);

#endif
