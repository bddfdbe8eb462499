#include "exposure_slope.h"

#include <math.h>
#include <stddef.h>

/* Adjusted R2 that differ by less are the same. */
static const double r2_tolerance = 1e-4;

/* Sums of a line through points, updated point by point without cancellation (Welford). */
struct line {
    int points;
    double mean_x, mean_y;
    double xx, xy, yy; /* sums of products of deviations from the means */
};

static void line_add(struct line *line, double x, double y)
{
    const double dx = x - line->mean_x;
    const double dy = y - line->mean_y;
    const double part = 1.0 / ++line->points;

    line->mean_x += dx * part;
    line->mean_y += dy * part;
    line->xx += dx * (x - line->mean_x);
    line->xy += dx * (y - line->mean_y);
    line->yy += dy * (y - line->mean_y);
}

/* 1 - (1 - R2)(n - 1)/(n - 2); NaN for a line that does not decline. */
static double line_r2adj(const struct line *line)
{
    if (!(line->xy < 0) || !(line->xx > 0) || !(line->yy > 0)) {
        return NAN;
    }
    const double unexplained = fmax(0, (line->yy - line->xy / line->xx * line->xy) / line->yy);
    return 1 - unexplained * (line->points - 1) / (line->points - 2);
}

/* Which observations may be fitted. */
struct tail {
    int first; /* the earliest */
    double from, to;
    double above;
};

static struct tail tail_find(const struct profile *p)
{
    struct tail tail = {.from = -INFINITY, .to = INFINITY, .above = p->slope.above};
    double last_start = -INFINITY;
    double last_end = -INFINITY;
    int peak = -1;

    for (int i = 0; i < p->dose_count && p->doses[i].start < p->times[p->count - 1]; i++) {
        last_start = p->doses[i].start;
        last_end = fmax(last_end, p->doses[i].end);
    }
    while (tail.first < p->count && !(p->times[tail.first] > last_start)) {
        tail.first++;
    }
    for (int i = tail.first; i < p->count; i++) {
        if (peak < 0 || p->levels[i] > p->levels[peak]) {
            peak = i;
        }
    }
    if (p->slope.fixed) {
        tail.from = p->slope.from;
        tail.to = p->slope.to;
    } else if (peak >= 0) {
        tail.first = p->slope.include_tmax ? peak : peak + 1;
    }
    while (tail.first < p->count && p->times[tail.first] < last_end) {
        tail.first++;
    }
    return tail;
}

static bool tail_has(const struct tail *tail, const struct profile *p, int i)
{
    return p->times[i] >= tail->from && p->times[i] <= tail->to && p->levels[i] > 0 &&
           p->levels[i] >= tail->above;
}

/* Reads the logarithms of the levels that may be fitted, latest first, and their times. How many. */
static int tail_read(const struct tail *tail, const struct profile *p, double *times, double *logs)
{
    int count = 0;

    for (int i = p->count - 1; i >= tail->first; i--) {
        if (tail_has(tail, p, i)) {
            times[count] = p->times[i];
            logs[count++] = log(p->levels[i]);
        }
    }
    return count;
}

/* The line through the first `count`. */
static struct line line_through(const double *times, const double *logs, int count)
{
    struct line line = {0};

    for (int i = 0; i < count; i++) {
        line_add(&line, times[i] - times[0], logs[i]);
    }
    return line;
}

/* How many points to fit, of `count`: 0 where no fit declines. */
static int choose_points(const double *times, const double *logs, int count, int fewest, double *fits)
{
    struct line line = {0};
    double best = -INFINITY;
    int points = count;

    for (int i = 0; i < count; i++) {
        line_add(&line, times[i] - times[0], logs[i]);
        fits[i] = i + 1 < fewest ? (double)NAN : line_r2adj(&line);
        best = fits[i] > best ? fits[i] : best;
    }
    while (points > 0 && !(fits[points - 1] >= best - r2_tolerance)) {
        points--;
    }
    return points;
}

struct terminal_slope terminal_slope_find(const struct profile *p, double *scratch)
{
    const struct tail tail = tail_find(p);
    const int fewest = p->slope.points > 3 ? p->slope.points : 3;
    double *times = scratch;
    double *logs = scratch + p->count;
    const int count = tail_read(&tail, p, times, logs);
    const int points =
        p->slope.fixed ? count : choose_points(times, logs, count, fewest, scratch + 2 * (ptrdiff_t)p->count);
    const struct line line = line_through(times, logs, points);
    const double r2adj = points < fewest ? (double)NAN : line_r2adj(&line);

    if (isnan(r2adj)) {
        return (struct terminal_slope){NAN, NAN, NAN, 0, NAN, NAN};
    }
    const double slope = line.xy / line.xx;
    return (struct terminal_slope){
        .lambda_z = -slope,
        .last_log = line.mean_y - slope * line.mean_x,
        .r2adj = r2adj,
        .points = points,
        .first = times[points - 1],
        .last = times[0],
    };
}
