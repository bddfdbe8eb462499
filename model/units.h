/* units - quantities with a unit, checked for their dimension.
 *
 * The only door to UDUNITS-2, with a unit system of our own in place of its database: drug mass (g and its
 * fractions), body weight (kg, lb) and amount of substance (mol) are different dimensions here, so that
 * `0.5 mg/kg` cannot pass for a ratio of masses, nor `84 mL` for a dose. Every unit is a whole multiple of a
 * tiny base unit (s, pg, uL, 10 ug of body weight, pmol): 5 min is exactly 300 s and 1440 min exactly 24 h.
 */
#ifndef KETSIM_UNITS_H
#define KETSIM_UNITS_H

#include <stddef.h>

/* Opaque. UDUNITS-2 keeps a status of its own for the whole process, so in all of this module one thread at a time
 * may be at work, even with several `struct units`. */
struct units;

struct units *units_create(void); /* NULL without memory */
void units_free(struct units *units);

/* Why a text is no quantity of the wanted dimension: one line, for a diagnostic. */
struct units_error {
    char text[256];
};

/* Reads `text` ("84 mg", "0.5 mg/kg", "27.5 %", "45 years") and converts it to `unit`. A unit is demanded even
 * where the value is 0, and refused where `unit` is "1" (`%` is then 0.01). Numbers are finite decimal numbers
 * as C writes them, without hexadecimal, inf and nan, of either sign. 0, or -1 with the reason. */
int units_read(struct units *units, const char *text, const char *unit, double *value,
               struct units_error *why);

/* As units_read with several units to choose from, by dimension (a dose in mg or in mg/kg); `*which` is the
 * index of the one that fits. */
int units_read_any(struct units *units, const char *text, const char *const *choices, int count,
                   double *value, int *which, struct units_error *why);

/* How many `to` one `from` is, as a pair of exact factors: value_in_to = value * num / den. 0, or -1. */
int units_factors(struct units *units, const char *from, const char *to, double *num, double *den,
                  struct units_error *why);

/* The unit that ketsim computes in for the dimension of `unit` ("L" for "mL", "1/h" for "1/min", "mg/L" for
 * "ng/mL"), or NULL for an unknown unit or a dimension that ketsim has no use for. Static text. */
const char *units_internal(struct units *units, const char *unit);

/* What kind of quantity a unit measures, in words: "a mass", "a volume per time"; NULL for an unknown unit. */
const char *units_dimension_name(struct units *units, const char *unit);

#endif
