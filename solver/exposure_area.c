#include "exposure_area.h"

#include <math.h>

/* (1 - (1 + x) exp(-x)) / x^2, which tends to 1/2 for small x: there by its series. */
static double moment_weight(double x)
{
    static const double small = 0.1;
    double sum = 0;
    double term = 1; /* (-x)^k / k! */

    if (x > small) {
        return -(expm1(-x) + x * exp(-x)) / (x * x);
    }
    for (int k = 0; k < 12; k++) {
        sum += term / (k + 2);
        term *= -x / (k + 1);
    }
    return sum;
}

double segment_moment(const struct segment *s, double origin)
{
    const double dt = s->end - s->start;
    const double start = s->start - origin;

    if (segment_falls(s)) {
        /* the integral of t left exp(-k (t - start)), k dt = ln(left/right) */
        return start * segment_area(s) + dt * dt * s->left * moment_weight(segment_log_ratio(s));
    }
    return dt * (start * s->left + (s->end - origin) * s->right) / 2;
}

double segment_level(const struct segment *s, double time)
{
    if (time <= s->start) {
        return s->left;
    }
    if (time >= s->end) {
        return s->right;
    }
    const double part = (time - s->start) / (s->end - s->start);
    return segment_falls(s) ? s->left * exp(-segment_log_ratio(s) * part)
                            : s->left + (s->right - s->left) * part;
}

double segment_area_between(const struct segment *s, double from, double to)
{
    const double start = fmax(from, s->start);
    const double end = fmin(to, s->end);

    if (!(end > start)) {
        return 0;
    }
    const struct segment part = {start, end, segment_level(s, start), segment_level(s, end), s->rule};
    return segment_area(&part);
}

double segment_time_above(const struct segment *s, double threshold)
{
    const double dt = s->end - s->start;
    const bool left = s->left >= threshold;
    const bool right = s->right >= threshold;

    if (left == right) {
        return left ? dt : 0;
    }
    if (segment_falls(s)) {
        return dt * log(s->left / threshold) / segment_log_ratio(s);
    }
    const double above = fabs((left ? s->left : s->right) - threshold);
    return dt * above / fabs(s->left - s->right);
}
