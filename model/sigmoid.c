#include "sigmoid.h"

#include <math.h>

const char *sigmoid_coefficient_name(enum sigmoid_coefficient coefficient)
{
    static const char *const names[] = {
        [SIGMOID_E0] = "e0",
        [SIGMOID_EMAX] = "emax",
        [SIGMOID_EC50] = "ec50",
        [SIGMOID_HILL] = "hill",
    };
    return names[coefficient];
}

bool sigmoid_allows(enum sigmoid_coefficient coefficient, double value)
{
    const bool positive = coefficient == SIGMOID_EC50 || coefficient == SIGMOID_HILL;
    return isfinite(value) && (value > 0 || !positive);
}

double sigmoid_value(const double coefficients[SIGMOID_COUNT], double level)
{
    if (level <= 0) {
        return coefficients[SIGMOID_E0];
    }
    /* Divided by L^hill, so that neither power can overflow alone. */
    const double ratio = pow(coefficients[SIGMOID_EC50] / level, coefficients[SIGMOID_HILL]);
    return coefficients[SIGMOID_E0] + coefficients[SIGMOID_EMAX] / (1 + ratio);
}
