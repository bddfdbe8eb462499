/* exposure_inner - what the files that make up solver/exposure share. */
#ifndef KETSIM_EXPOSURE_INNER_H
#define KETSIM_EXPOSURE_INNER_H

#include "exposure_area.h"
#include "exposure_slope.h"

/* Observations first .. last of a profile, or spans first_span .. last_span of its solution: all of it, or a dosing interval. */
struct exposure {
    const struct profile *profile;
    const double
        *lefts; /* [observation]: where the segment after it begins, which a bolus raises above the level */
    int first, last;           /* last < first: nothing was observed */
    int first_span, last_span; /* where profile->solution is not NULL */
    double start,
        end;    /* h: of a dosing interval; else the first dose (without doses 0) and the last observation */
    bool whole; /* of a dosing interval: known from end to end, and its length is known */
    bool from_start;                /* of a profile: nothing was given before what is known of it */
    const struct given_dose *doses; /* given in it */
    int dose_count;
    struct terminal_slope slope;   /* of a profile */
    const struct exposure *before; /* the dosing interval before; NULL: this is the first */
    const struct exposure *first_interval;
    double area, moment; /* to the last level above 0, once computed; NaN before */
};

/* The segment that ends with observation i. */
static inline struct segment exposure_segment(const struct exposure *e, int i)
{
    const struct profile *p = e->profile;

    return (struct segment){p->times[i - 1], p->times[i], e->lefts[i - 1], p->levels[i], p->rule};
}

/* The functions of the table, by what they are of. */
metric_function cmax, tmax, cmin, ctrough, cav, clast, tlast;
metric_function auc_last, auc_all, auc_inf, auc_inf_pred, auc_extrapolated, auc_tau, auc_between;
metric_function aumc_last, aumc_inf, mrt;
metric_function lambda_z, lambda_z_points, lambda_z_r2adj, half_life, span_ratio;
metric_function cl, cl_f, cl_steady, cl_f_steady, vz, vz_f, vss;
metric_function fluctuation, swing, accumulation, time_above;
metric_function first_above, last_above, session_level;

#endif
