#include "exposure_solution.h"

#include <math.h>

static const struct span *span_of(const struct exposure *e, int i)
{
    return &e->profile->solution->spans[i];
}

double solution_highest(const struct exposure *e, double *time)
{
    const struct span *best = span_of(e, e->first_span);

    for (int i = e->first_span + 1; i <= e->last_span; i++) {
        best = span_of(e, i)->highest > best->highest ? span_of(e, i) : best;
    }
    *time = best->highest_time;
    return best->highest;
}

double solution_lowest(const struct exposure *e)
{
    double lowest = INFINITY;

    for (int i = e->first_span; i <= e->last_span; i++) {
        lowest = fmin(lowest, span_of(e, i)->lowest);
    }
    return lowest;
}

double solution_area(const struct exposure *e)
{
    return solution_area_between(e, -INFINITY, INFINITY);
}

double solution_moment(const struct exposure *e)
{
    double sum = 0;

    for (int i = e->first_span; i <= e->last_span; i++) {
        const struct span *span = span_of(e, i);
        sum += span->moment + (span->start - e->start) * span->area;
    }
    return sum;
}

struct time_above solution_time_above(const struct exposure *e, double threshold)
{
    const struct spans *s = e->profile->solution;
    struct time_above sum = {0, NAN, NAN};
    int k = 0;

    while (k < s->threshold_count && s->thresholds[k] != threshold) {
        k++;
    }
    if (k == s->threshold_count) {
        return (struct time_above){NAN, NAN, NAN};
    }
    for (int i = e->first_span; i <= e->last_span; i++) {
        time_above_add(&sum, s->above[i * s->threshold_count + k]);
    }
    return sum;
}

double solution_level(const struct exposure *e, double time)
{
    const int i = spans_ending(e->profile->solution, time);

    return i < 0 ? (double)NAN : span_of(e, i)->last;
}

double solution_before(const struct exposure *e)
{
    return e->first_span > 0 ? span_of(e, e->first_span - 1)->last : 0;
}

double solution_last(const struct exposure *e)
{
    return span_of(e, e->last_span)->last;
}

double solution_area_between(const struct exposure *e, double from, double to)
{
    double sum = 0;

    for (int i = e->first_span; i <= e->last_span; i++) {
        const struct span *span = span_of(e, i);
        sum += span->start >= from && span->end <= to ? span->area : 0;
    }
    return sum;
}
