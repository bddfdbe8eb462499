/* changes - what an arm changes against its baseline, patient by patient: the same patients are in both, with the same parameters,
 * so that what differs is the treatment alone.
 */
#ifndef KETSIM_CHANGES_H
#define KETSIM_CHANGES_H

#include "app/results/results_read.h"

/* Of the patients' own differences or ratios. NaN where there are none. */
struct change_spread {
    double median, p05, p95; /* over the patients */
    double lower,
        upper; /* between which the median of all such patients lies, with 95 % confidence; NaN: too few patients */
};

/* A metric of an analyte that both arms have. */
struct change {
    int64_t arm;
    int64_t baseline;
    const struct result_variable *variable; /* belongs to the result */
    int64_t interval;                       /* number of the dosing interval; 0: of the whole profile */
    int64_t n;                              /* patients who have a value in both */
    struct change_spread difference;        /* in the variable's unit: the arm's less the baseline's */
    struct change_spread ratio; /* the arm's over the baseline's; NaN where a baseline is not above 0 */
};

struct changes {
    struct change *items; /* by arm, then as the variables stand in the file, then by interval */
    int64_t count;
};

/* Reads all changes of a result; none where no arm has a baseline. Of dosing intervals those of arms that have as many as their
 * baseline, whose intervals are then the same sessions. 0, or -1 with the reason in `d`; clearing is allowed either way. */
int changes_read(struct changes *changes, struct result *result, struct diagnostics *d);
/* The first change of an arm, or of the next one that has any; changes->count behind all. */
int64_t changes_first(const struct changes *changes, int64_t arm);

void changes_clear(struct changes *changes);

/* Spread of `count` values that are not NaN, which it reorders. */
struct change_spread change_spread_compute(double *values, int64_t count);

#endif
