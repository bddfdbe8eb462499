#include "piece.h"

#include "kernel.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { COEFFICIENTS_MAX = PIECE_DEGREE_MAX + 1, HALVINGS_MAX = 50 };

/* --- Form --- */

LANE_KERNEL void pieces_form(double *rows, int degree, int width)
{
    double binomial = 1; /* C(degree, k) */

    for (int k = 0; k <= degree; k++) {
        for (int i = 0; i < width; i++) {
            rows[k * width + i] /= binomial;
        }
        binomial *= (double)(degree - k) / (k + 1);
    }
    /* b[k] = sum of C(k, j) b[j] */
    for (int round = 1; round <= degree; round++) {
        for (int k = degree; k >= round; k--) {
            for (int i = 0; i < width; i++) {
                rows[k * width + i] += rows[(k - 1) * width + i];
            }
        }
    }
}

/* De Casteljau: `b` becomes the part from s to 1, and `left`, unless it is NULL, the part from 0 to s. The value at s. */
static double cut(double *b, int n, double s, double *left)
{
    for (int round = 0; round <= n; round++) {
        if (left) {
            left[round] = b[0];
        }
        for (int i = 0; i < n - round; i++) {
            b[i] += s * (b[i + 1] - b[i]);
        }
    }
    return b[0];
}

static double value_at(const double *b, int n, double s)
{
    double work[COEFFICIENTS_MAX];

    for (int i = 0; i <= n; i++) {
        work[i] = b[i];
    }
    return cut(work, n, s, NULL);
}

void piece_split(const struct piece *piece, double time, struct piece *left, struct piece *right)
{
    const double s = (time - piece->start) / (piece->end - piece->start);
    struct piece first = *piece;
    struct piece second = *piece;

    first.end = second.start = time;
    cut(second.b, piece->degree, s, first.b);
    *left = first;
    *right = second;
}

/* --- Roots --- */

static int sign_changes(const double *b, int n)
{
    double before = 0;
    int changes = 0;

    for (int i = 0; i <= n; i++) {
        if (b[i] != 0) {
            changes += (before < 0 && b[i] > 0) || (before > 0 && b[i] < 0);
            before = b[i];
        }
    }
    return changes;
}

/* The only root, of coefficients that change sign once. */
static double bisect(const double *b, int n)
{
    double low = 0;
    double high = 1;
    int first = 0;

    while (b[first] == 0) {
        first++;
    }
    for (int halving = 0; halving < 2 * HALVINGS_MAX; halving++) {
        const double middle = (low + high) / 2;
        const double value = value_at(b, n, middle);
        if (!(middle > low && middle < high)) {
            break;
        }
        if ((value > 0) == (b[first] > 0) && value != 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (low + high) / 2;
}

/* Adds the roots strictly between 0 and 1, increasing, as times from `from` to `to`. A root where the sign does not change is not
 * wanted, and may be left out. */
static void find_roots(double *b, int n, double from, double to, int halvings, double *roots, int *count)
{
    const int changes = sign_changes(b, n);
    double left[COEFFICIENTS_MAX];

    if (changes == 0 || halvings == HALVINGS_MAX) {
        return;
    }
    if (changes == 1) {
        roots[(*count)++] = from + bisect(b, n) * (to - from);
        return;
    }
    const double middle = from + (to - from) / 2;
    const bool at_middle = cut(b, n, 0.5, left) == 0;
    find_roots(left, n, from, middle, halvings + 1, roots, count);
    if (at_middle) {
        roots[(*count)++] = middle;
    }
    find_roots(b, n, middle, to, halvings + 1, roots, count);
}

/* The values of s at which a polynomial changes sign, increasing; at most its degree. `b` is used up. */
static int roots_of(double *b, int n, double *roots)
{
    int count = 0;

    find_roots(b, n, 0, 1, 0, roots, &count);
    return count;
}

/* --- What a piece amounts to --- */

double piece_area(const struct piece *piece)
{
    double sum = 0;

    for (int i = 0; i <= piece->degree; i++) {
        sum += piece->b[i];
    }
    return (piece->end - piece->start) * sum / (piece->degree + 1);
}

double piece_moment(const struct piece *piece)
{
    const double n = piece->degree;
    const double length = piece->end - piece->start;
    double sum = 0;

    for (int i = 0; i <= piece->degree; i++) {
        sum += piece->b[i] * (i + 1);
    }
    return length * length * sum / ((n + 1) * (n + 2));
}

/* The highest level with sign 1, minus the lowest with sign -1. */
static double extreme(const struct piece *piece, double sign, double *time)
{
    const int n = piece->degree;
    double slopes[COEFFICIENTS_MAX];
    double roots[COEFFICIENTS_MAX];
    double at = 0;
    double best = sign * piece->b[0];

    for (int i = 0; i < n; i++) {
        slopes[i] = piece->b[i + 1] - piece->b[i];
    }
    const int count = n > 0 ? roots_of(slopes, n - 1, roots) : 0;
    for (int i = 0; i < count; i++) {
        const double value = sign * value_at(piece->b, n, roots[i]);
        at = value > best ? roots[i] : at;
        best = value > best ? value : best;
    }
    if (sign * piece->b[n] > best) {
        at = 1;
        best = sign * piece->b[n];
    }
    *time = at < 1 ? piece->start + at * (piece->end - piece->start) : piece->end;
    return best;
}

double piece_highest(const struct piece *piece, double *time)
{
    return extreme(piece, 1, time);
}

double piece_lowest(const struct piece *piece)
{
    double time;

    return -extreme(piece, -1, &time);
}

void time_above_add(struct time_above *sum, struct time_above later)
{
    sum->total += later.total;
    sum->first = isnan(sum->first) ? later.first : sum->first;
    sum->last = isnan(later.last) ? sum->last : later.last;
}

struct time_above piece_time_above(const struct piece *piece, double threshold)
{
    const int n = piece->degree;
    const double length = piece->end - piece->start;
    double differences[COEFFICIENTS_MAX];
    double roots[COEFFICIENTS_MAX + 1];
    double from = 0;
    struct time_above above = {0, NAN, NAN};

    for (int i = 0; i <= n; i++) {
        differences[i] = piece->b[i] - threshold;
    }
    int count = roots_of(differences, n, roots);
    roots[count++] = 1;
    for (int i = 0; i < count; i++) {
        if (value_at(piece->b, n, (from + roots[i]) / 2) >= threshold) {
            above.total += (roots[i] - from) * length;
            above.first = isnan(above.first) ? piece->start + from * length : above.first;
            above.last = i == count - 1 ? piece->end : piece->start + roots[i] * length;
        }
        from = roots[i];
    }
    return above;
}
