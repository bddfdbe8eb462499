#include "span.h"

#include <math.h>
#include <stddef.h>

void spans_begin(struct spans *s, const double *cuts, int cut_count)
{
    s->count = cut_count - 1;
    s->at = 0;
    s->begun = false;
    for (int i = 0; i < s->count; i++) {
        s->spans[i] = (struct span){.start = cuts[i], .end = cuts[i + 1], .highest_time = cuts[i]};
    }
    for (int i = 0; i < s->count * s->threshold_count; i++) {
        s->above[i] = (struct time_above){0, NAN, NAN};
    }
}

/* The lowest and the highest level that the coefficients allow. */
static void bounds_of(const struct piece *piece, double *low, double *high)
{
    *low = *high = piece->b[0];
    for (int i = 1; i <= piece->degree; i++) {
        *low = piece->b[i] < *low ? piece->b[i] : *low;
        *high = piece->b[i] > *high ? piece->b[i] : *high;
    }
}

/* Adds a piece that lies within the present span. */
static void add_here(struct spans *s, const struct piece *piece)
{
    struct span *span = &s->spans[s->at];
    struct time_above *above = s->above + (ptrdiff_t)s->at * s->threshold_count;
    const double area = piece_area(piece);
    double low, high, time;

    bounds_of(piece, &low, &high);
    if (!s->begun && !(piece->start > span->start)) {
        span->first = span->lowest = span->highest = piece->b[0];
    }
    s->begun = true;
    if (high > span->highest) {
        const double highest = piece_highest(piece, &time);
        span->highest_time = highest > span->highest ? time : span->highest_time;
        span->highest = highest > span->highest ? highest : span->highest;
    }
    if (low < span->lowest) {
        const double lowest = piece_lowest(piece);
        span->lowest = lowest < span->lowest ? lowest : span->lowest;
    }
    span->last = piece->b[piece->degree];
    span->moment += piece_moment(piece) + (piece->start - span->start) * area;
    span->area += area;
    for (int k = 0; k < s->threshold_count; k++) {
        if (low >= s->thresholds[k]) {
            time_above_add(&above[k],
                           (struct time_above){piece->end - piece->start, piece->start, piece->end});
        } else if (high >= s->thresholds[k]) {
            time_above_add(&above[k], piece_time_above(piece, s->thresholds[k]));
        }
    }
}

static void go_on(struct spans *s)
{
    s->at++;
    s->begun = false;
}

void spans_add(struct spans *s, const struct piece *piece)
{
    if (s->at < s->count && piece->start >= s->spans[s->at].start && piece->end <= s->spans[s->at].end) {
        add_here(s, piece);
        return;
    }
    struct piece rest = *piece;
    struct piece part;

    if (s->count == 0 || !(rest.end > s->spans[0].start)) {
        return;
    }
    if (rest.start < s->spans[0].start) {
        piece_split(&rest, s->spans[0].start, &part, &rest);
    }
    while (s->at < s->count && rest.start >= s->spans[s->at].end) {
        go_on(s);
    }
    while (s->at < s->count && rest.end > s->spans[s->at].end) {
        piece_split(&rest, s->spans[s->at].end, &part, &rest);
        add_here(s, &part);
        go_on(s);
    }
    if (s->at < s->count) {
        add_here(s, &rest);
    }
}

int spans_starting(const struct spans *s, double time)
{
    for (int i = 0; i < s->count; i++) {
        if (s->spans[i].start == time) {
            return i;
        }
    }
    return -1;
}

int spans_ending(const struct spans *s, double time)
{
    for (int i = 0; i < s->count; i++) {
        if (s->spans[i].end == time) {
            return i;
        }
    }
    return -1;
}
