/* sigmoid - an effect as a curve of a level: e0 + emax * L^hill / (ec50^hill + L^hill).
 *
 * L and ec50 are in ng/mL, hill has no unit, e0 and emax have that of the effect, which is none ("1"). emax may be
 * negative: then the effect falls from e0.
 */
#ifndef KETSIM_SIGMOID_H
#define KETSIM_SIGMOID_H

#include <stdbool.h>

enum sigmoid_coefficient { SIGMOID_E0, SIGMOID_EMAX, SIGMOID_EC50, SIGMOID_HILL, SIGMOID_COUNT };

/* As in a model file: "ec50". */
const char *sigmoid_coefficient_name(enum sigmoid_coefficient coefficient);

/* Whether a coefficient can have the value: a finite number, and of ec50 and hill a positive one. */
bool sigmoid_allows(enum sigmoid_coefficient coefficient, double value);

/* The effect of a level, ng/mL; a level below 0 counts as 0. */
double sigmoid_value(const double coefficients[SIGMOID_COUNT], double level);

#endif
