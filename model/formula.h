/* formula - arithmetic written in model files, over named values.
 *
 * The only door to muParser. A formula knows + - * / ^, comparisons, && ||, c ? a : b and the functions exp, ln,
 * sqrt, abs, min, max. Evaluated once per patient, never inside the right-hand side.
 */
#ifndef KETSIM_FORMULA_H
#define KETSIM_FORMULA_H

#include <stdbool.h>

/* Bytes. muParser copies its messages, which may quote the whole formula, into 2048 bytes without looking. */
enum { FORMULA_SIZE_MAX = 1024 };

struct formula; /* opaque; belongs to one thread */

struct formula_error {
    char text[256];
};

/* Compiles `text` over `count` names; the value of names[i] is read from values[i] at each evaluation, so `values`
 * must outlive the formula. NULL with the reason in `why`: unknown name, bad syntax, no memory. */
struct formula *formula_create(const char *text, const char *const *names, double *values, int count,
                               struct formula_error *why);
void formula_free(struct formula *formula);

/* The value for what `values` holds now; NaN where it cannot be computed. */
double formula_value(struct formula *formula);

/* Whether the text mentions the name (as a whole word). */
bool formula_mentions(const char *text, const char *name);

/* Whether `name` may be given to a parameter, covariate or compartment: a letter, then letters, digits and
 * underscores, at most 31 of them, and no function of the language. */
bool formula_name_allowed(const char *name);

#endif
