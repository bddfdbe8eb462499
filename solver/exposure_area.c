#include "exposure_area.h"

#include <math.h>

static bool is_logarithmic(const struct segment *s)
{
    return s->rule == AUC_LINEAR_UP_LOG_DOWN && s->right < s->left && s->right > 0;
}

/* ln(left/right), kept exact where the two are nearly equal. */
static double log_ratio(const struct segment *s)
{
    return log1p((s->left - s->right) / s->right);
}

double segment_area(const struct segment *s)
{
    const double dt = s->end - s->start;

    return is_logarithmic(s) ? dt * (s->left - s->right) / log_ratio(s) : dt * (s->left + s->right) / 2;
}

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

    if (is_logarithmic(s)) {
        /* the integral of t left exp(-k (t - start)), k dt = ln(left/right) */
        return start * segment_area(s) + dt * dt * s->left * moment_weight(log_ratio(s));
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
    return is_logarithmic(s) ? s->left * exp(-log_ratio(s) * part) : s->left + (s->right - s->left) * part;
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
    if (is_logarithmic(s)) {
        return dt * log(s->left / threshold) / log_ratio(s);
    }
    const double above = fabs((left ? s->left : s->right) - threshold);
    return dt * above / fabs(s->left - s->right);
}
