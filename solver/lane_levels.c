#include "lane_levels.h"

#include "kernel.h"

#include <math.h>
#include <stdlib.h>

int lane_levels_init(struct lane_levels *v, int lanes)
{
    const size_t row = (size_t)padded(lanes);
    *v = (struct lane_levels){.start = fours_create(3 * row), .next = calloc(row, sizeof(*v->next))};
    if (!v->start || !v->next) {
        return -1;
    }
    v->length = v->start + row;
    v->due = v->length + row;
    return 0;
}

void lane_levels_clear(struct lane_levels *v)
{
    free(v->start);
    free(v->next);
    *v = (struct lane_levels){0};
}

void lane_levels_batch(struct lane_levels *v, struct batch *batch, const struct graph *part)
{
    v->batch = batch;
    v->part = part;
    v->lanes = padded(batch->lanes);
}

/* The next observation of a lane in the segment, by the clock. One at the very end is at 1: nothing is above its own length. */
static double due(const struct lane_levels *v, int lane)
{
    const struct lane_times *own = &v->batch->timeline->own[lane];
    if (v->next[lane] == own->time_begin[v->segment + 1]) {
        return INFINITY;
    }
    return v->length[lane] > 0 ? (own->times[v->next[lane]] - v->start[lane]) / v->length[lane] : 0;
}

void lane_levels_segment(struct lane_levels *v, int segment)
{
    const struct timeline *t = v->batch->timeline;
    v->segment = segment;
    if (!t->own) {
        v->end = t->stops[segment + 1] - t->stops[segment];
        return;
    }
    v->end = 0;
    for (int l = 0; l < v->lanes; l++) {
        const int lane = l < v->batch->lanes ? l : v->batch->lanes - 1;
        v->start[l] = t->own[lane].stops[segment];
        v->length[l] = t->own[lane].stops[segment + 1] - v->start[l];
        v->next[l] = t->own[lane].time_begin[segment];
        v->due[l] = l == lane ? due(v, lane) : (double)INFINITY;
        v->end = v->length[l] > 0 ? 1 : v->end;
    }
}

double lane_levels_hours(const struct lane_levels *v, double clock)
{
    const struct timeline *t = v->batch->timeline;
    return t->own ? v->start[0] + clock * v->length[0] : t->stops[v->segment] + clock;
}

static const double *scales_of(const struct lane_levels *v, int output)
{
    const struct batch *batch = v->batch;
    const int period = batch->timeline->period[v->segment];
    return batch->output_scales + (ptrdiff_t)(period * batch->output_count + output) * batch->lanes;
}

static bool is_solved(const struct lane_levels *v, int output)
{
    return v->part->state_of[v->batch->output_compartments[output]] >= 0;
}

void lane_levels_record(const struct lane_levels *v, const double *amounts, int index)
{
    const struct batch *batch = v->batch;
    const int lanes = batch->lanes;
    const int times = batch->timeline->time_count;
    for (int o = 0; o < batch->output_count; o++) {
        double *levels = batch->levels + (ptrdiff_t)o * lanes * times + index;
        const double *scales = scales_of(v, o);
        const bool solved = is_solved(v, o);
        for (int l = 0; l < lanes; l++) {
            levels[(ptrdiff_t)l * times] = solved ? amounts[o * v->lanes + l] * scales[l] : 0;
        }
    }
}

void lane_levels_record_segment(const struct lane_levels *v, const double *amounts)
{
    const struct batch *batch = v->batch;
    const int times = batch->timeline->time_count;
    for (int l = 0; l < batch->lanes; l++) {
        const int *time_begin = timeline_times(batch->timeline, l).time_begin;
        for (int o = 0; o < batch->output_count; o++) {
            double *levels = batch->levels + ((ptrdiff_t)o * batch->lanes + l) * times;
            const double level = is_solved(v, o) ? amounts[o * v->lanes + l] * scales_of(v, o)[l] : 0;
            for (int i = time_begin[v->segment]; i < time_begin[v->segment + 1]; i++) {
                levels[i] = level;
            }
        }
    }
}

bool lane_levels_due(const struct lane_levels *v, double clock)
{
    bool any = false;
    for (int l = 0; l < v->batch->lanes; l++) {
        any |= v->due[l] <= clock;
    }
    return any;
}

void lane_levels_observe(struct lane_levels *v, const double *series, int degree, double from, double to)
{
    const struct batch *batch = v->batch;
    const int times = batch->timeline->time_count;
    const int rows = batch->output_count * v->lanes;
    for (int l = 0; l < batch->lanes; l++) {
        for (; v->due[l] <= to; v->due[l] = due(v, l)) {
            const double u = (to - v->due[l]) / (to - from);
            double *levels = batch->levels + (ptrdiff_t)l * times + v->next[l]++;
            for (int o = 0; o < batch->output_count; o++) {
                const double *c = series + o * v->lanes + l;
                double amount = c[degree * rows];
                for (int k = degree - 1; k >= 0; k--) {
                    amount = amount * u + c[k * rows];
                }
                levels[(ptrdiff_t)o * batch->lanes * times] =
                    is_solved(v, o) ? amount * scales_of(v, o)[l] : 0;
            }
        }
    }
}

/* Hours of a lane at a time of the clock. */
static double hours(const struct lane_levels *v, int lane, double clock)
{
    const struct timeline *t = v->batch->timeline;
    if (!(clock < v->end)) {
        return timeline_times(t, lane).stops[v->segment + 1];
    }
    return t->own ? v->start[lane] + clock * v->length[lane] : t->stops[v->segment] + clock;
}

void lane_levels_show(const struct lane_levels *v, double *series, int degree, double from, double to)
{
    const struct batch *batch = v->batch;
    const int rows = batch->output_count * v->lanes;
    struct piece piece = {.degree = degree};
    pieces_form(series, degree, rows);
    for (int o = 0; o < batch->output_count; o++) {
        const double *scales = scales_of(v, o);
        for (int l = 0; is_solved(v, o) && l < batch->lanes; l++) {
            piece.start = hours(v, l, from);
            piece.end = hours(v, l, to);
            for (int k = 0; k <= degree; k++) { /* the powers count from the end */
                piece.b[degree - k] = series[k * rows + o * v->lanes + l] * scales[l];
            }
            if (piece.end > piece.start) {
                batch->watch->take(batch->watch->payload, o, l, &piece);
            }
        }
    }
}
