/* piece - a level during a short time, as a polynomial: what an integrator knows between two of its stops.
 *
 * In Bernstein's form: at start + s (end - start) the level is the sum of b[i] C(degree, i) s^i (1 - s)^(degree - i). It begins with
 * b[0], ends with b[degree], lies between the lowest and the highest b, and has at most as many roots as the b change sign.
 * Extrema and crossings are found by halving until that number is 0 or 1, so that none is overlooked however many lie in a piece.
 */
#ifndef KETSIM_PIECE_H
#define KETSIM_PIECE_H

enum { PIECE_DEGREE_MAX = 24 };

struct piece {
    double start, end; /* h */
    int degree;
    double b[PIECE_DEGREE_MAX + 1]; /* ng/mL */
};

/* Turns sums of c[k] u^k, where u goes from 0 to 1, into Bernstein's form, `width` of them side by side: rows[k * width + i] is c[k] of
 * the one numbered i before, and its b[k] after. */
void pieces_form(double *rows, int degree, int width);

/* Cuts a piece in two at a time within it. Either part may be the piece itself. */
void piece_split(const struct piece *piece, double time, struct piece *left, struct piece *right);

double piece_area(const struct piece *piece);

/* Area under level times time since the start of the piece. */
double piece_moment(const struct piece *piece);

/* The highest level and when, h, the first of equals; and the lowest level. */
double piece_highest(const struct piece *piece, double *time);
double piece_lowest(const struct piece *piece);

/* When the level is at or above a threshold, h: how long in all, and when first and last; NaN if it never is. */
struct time_above {
    double total;
    double first, last;
};
struct time_above piece_time_above(const struct piece *piece, double threshold);

/* Adds that of what follows in time. */
void time_above_add(struct time_above *sum, struct time_above later);

#endif
