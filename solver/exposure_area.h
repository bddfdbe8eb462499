/* exposure_area - areas under a profile, from one observation to the next. For exposure.c. */
#ifndef KETSIM_EXPOSURE_AREA_H
#define KETSIM_EXPOSURE_AREA_H

#include "exposure.h"

#include <math.h>

/* Between two observations: the level goes from `left` to `right` in the time from `start` to `end` (h). */
struct segment {
    double start, end;
    double left, right;
    enum auc_rule rule;
};

/* Whether the level falls, and by the rule as an exponential. */
static inline bool segment_falls(const struct segment *s)
{
    return s->rule == AUC_LINEAR_UP_LOG_DOWN && s->right < s->left && s->right > 0;
}

/* ln(left/right) of such a one, kept exact where the two are nearly equal. */
static inline double segment_log_ratio(const struct segment *s)
{
    return log1p((s->left - s->right) / s->right);
}

static inline double segment_area(const struct segment *s)
{
    const double dt = s->end - s->start;

    return segment_falls(s) ? dt * (s->left - s->right) / segment_log_ratio(s)
                            : dt * (s->left + s->right) / 2;
}

/* Area under level times time, counted from `origin`. */
double segment_moment(const struct segment *s, double origin);

/* The level at a time within, by the rule that the area goes by. */
double segment_level(const struct segment *s, double time);

/* The area between two times; 0 where the segment lies outside. */
double segment_area_between(const struct segment *s, double from, double to);

/* How long the level is at or above a threshold (above 0). */
double segment_time_above(const struct segment *s, double threshold);

#endif
