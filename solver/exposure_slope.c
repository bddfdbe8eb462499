#include "exposure_slope.h"

#include <math.h>

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
    const double n = ++line->points;

    line->mean_x += dx / n;
    line->mean_y += dy / n;
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

struct terminal_slope terminal_slope_find(const struct profile *p)
{
    const struct tail tail = tail_find(p);
    const bool chooses = !p->slope.fixed;
    const int fewest = p->slope.points > 3 ? p->slope.points : 3;
    struct terminal_slope found = {NAN, NAN, NAN, 0, NAN, NAN};
    double best = -INFINITY;

    /* Once to find the best fit, once to find the longest that is as good. */
    for (int pass = 0; pass < 2; pass++) {
        struct line line = {0};
        double last = NAN;
        for (int i = p->count - 1; i >= tail.first; i--) {
            if (!tail_has(&tail, p, i)) {
                continue;
            }
            last = line.points == 0 ? p->times[i] : last;
            line_add(&line, p->times[i] - last, log(p->levels[i]));
            if (line.points < fewest || (!chooses && pass == 0)) {
                continue;
            }
            const double r2adj = line_r2adj(&line);
            if (pass == 0) {
                best = r2adj > best ? r2adj : best;
            } else if (!chooses || r2adj >= best - r2_tolerance) {
                const double slope = line.xy / line.xx;
                found = (struct terminal_slope){
                    .lambda_z = isnan(r2adj) ? (double)NAN : -slope,
                    .last_log = line.mean_y - slope * line.mean_x,
                    .r2adj = r2adj,
                    .points = line.points,
                    .first = p->times[i],
                    .last = last,
                };
            }
        }
    }
    return found;
}
