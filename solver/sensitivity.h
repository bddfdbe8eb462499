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

#include "model/study.h"

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

/* Why there are no estimates. */
#define SENSITIVITY_GAP_LIST(X)                                                                              \
    X(SENSITIVITY_KNOWN, 0, "known", "there are estimates")                                                  \
    X(SENSITIVITY_FEW_ROWS, 1, "too_few_rows", "fewer than 4 rows have all their outputs")                   \
    X(SENSITIVITY_CONSTANT, 2, "constant",                                                                   \
      "the output is the same at all points: there is nothing to apportion")

enum sensitivity_gap {
#define X(symbol, value, word, text) symbol = value,
    SENSITIVITY_GAP_LIST(X)
#undef X
};

enum { SENSITIVITY_ROWS_MIN = 4 };

/* The sentence of a gap. */
const char *sensitivity_gap_text(enum sensitivity_gap gap);

/* What is estimated of each axis: the statistics of a method, in the order of its table. */
enum { SOBOL_FIRST, SOBOL_TOTAL, SOBOL_STATISTICS };
enum { MORRIS_MU, MORRIS_MU_STAR, MORRIS_SIGMA, MORRIS_STATISTICS };
enum { SENSITIVITY_STATISTICS_MAX = 3 };

struct sensitivity_statistic {
    const char *name; /* "total" */
    const char *doc;
    bool share; /* of the variance; else in the unit of the output */
};

struct sensitivity_method {
    const char *name; /* "sobol" */
    const char *doc;  /* with the sources of its estimators */
    int outputs;      /* of a row, beside one per axis */
    int statistic_count;
    struct sensitivity_statistic statistics[SENSITIVITY_STATISTICS_MAX];
};

/* Of a study that asks for one: not of SENSITIVITY_NONE. */
const struct sensitivity_method *sensitivity_method(enum sensitivity_kind kind);

/* How many points the design of such a study has: each arm as written has so many arms after the sweep. */
int64_t sensitivity_points(const struct study *study);

/* One output at all points of a design. */
struct sensitivity_design {
    enum sensitivity_kind kind;
    int64_t rows;
    int axes;
    /* [row][method's outputs + axes]. Sobol: A, A with B's axis 0, ..., A with B's last axis, B. Morris:
     * the base, and the base moved along each axis in turn. */
    const double *outputs;
    const double *steps; /* Morris: [row][axis], none of them 0 */
    double
        noise; /* Sobol: an output whose standard deviation is at most `noise` times its largest magnitude is constant */
};

/* What stands behind the estimates of one output. */
struct sensitivity_rows {
    int64_t used;
    int64_t dropped; /* with an output that is not finite: all of the row is left out */
    enum sensitivity_gap gap;
};

/* estimates[axis][statistic of the method]; all NaN with a gap. An output that is the same everywhere has
 * Morris effects of 0, but no Sobol indices. 0, or -1 without memory. */
int sensitivity_estimate(const struct sensitivity_design *design, const struct bootstrap *bootstrap,
                         struct estimate *estimates, struct sensitivity_rows *behind);

#endif
