/* span - what the solution of a patient amounts to from one time to another, put together piece by piece.
 *
 * The spans of a level follow each other without gaps; a longer time is made of several. What happens at a time where two meet
 * belongs to the later one: a dose there raises its levels, not those of the earlier.
 */
#ifndef KETSIM_SPAN_H
#define KETSIM_SPAN_H

#include "piece.h"

#include <stdbool.h>

struct span {
    double start, end; /* h */
    double first,
        last; /* ng/mL, at either end: after what is given at the start, before what is given at the end */
    double highest, highest_time; /* the first of equals; h */
    double lowest;
    double area;   /* ng*h/mL */
    double moment; /* ng*h^2/mL: of level times time since the start */
};

struct spans {
    struct span *spans;
    int count;
    const double *thresholds; /* ng/mL; not owned */
    int threshold_count;
    struct time_above *above; /* [span][threshold] */
    int at;                   /* the span that the next piece is of */
    bool begun;               /* and it has had one already */
};

/* Sets the spans from cuts[0] to cuts[1], from there to cuts[2], ...: cuts increase, and there is room for cut_count - 1 spans and
 * their times above thresholds. The level is 0 until a piece says otherwise. */
void spans_begin(struct spans *spans, const double *cuts, int cut_count);

/* Takes the next piece in time; what lies outside of the spans is left out. */
void spans_add(struct spans *spans, const struct piece *piece);

/* The span that starts, or ends, at a time (h); -1: none does. */
int spans_starting(const struct spans *spans, double time);
int spans_ending(const struct spans *spans, double time);

#endif
