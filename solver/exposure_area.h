/* exposure_area - areas under a profile, from one observation to the next. For exposure.c. */
#ifndef KETSIM_EXPOSURE_AREA_H
#define KETSIM_EXPOSURE_AREA_H

#include "exposure.h"

/* Between two observations: the level goes from `left` to `right` in the time from `start` to `end` (h). */
struct segment {
    double start, end;
    double left, right;
    enum auc_rule rule;
};

double segment_area(const struct segment *s);

/* Area under level times time, counted from `origin`. */
double segment_moment(const struct segment *s, double origin);

/* The level at a time within, by the rule that the area goes by. */
double segment_level(const struct segment *s, double time);

/* The area between two times; 0 where the segment lies outside. */
double segment_area_between(const struct segment *s, double from, double to);

/* How long the level is at or above a threshold (above 0). */
double segment_time_above(const struct segment *s, double threshold);

#endif
