#include "number.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

/* Bytes of the decimal number at the start of `text`: [+-] digits [. digits] [e [+-] digits], with a digit
 * before or after the point. 0 if there is none. */
static size_t decimal_length(const char *text)
{
    const char *end = text;

    end += *end == '+' || *end == '-';
    const size_t whole = strspn(end, digits);
    end += whole;
    size_t fraction = 0;
    if (*end == '.') {
        fraction = strspn(end + 1, digits);
        if (whole + fraction > 0) {
            end += 1 + fraction;
        }
    }
    if (whole + fraction == 0) {
        return 0;
    }
    if (*end == 'e' || *end == 'E') {
        const size_t sign = end[1] == '+' || end[1] == '-';
        const size_t exponent = strspn(end + 1 + sign, digits);
        if (exponent > 0) {
            end += 1 + sign + exponent;
        }
    }
    return (size_t)(end - text);
}

/* Whether a digit other than 0 stands before the exponent. */
static bool is_nonzero(const char *text, size_t length)
{
    for (size_t i = 0; i < length && text[i] != 'e' && text[i] != 'E'; i++) {
        if (text[i] >= '1' && text[i] <= '9') {
            return true;
        }
    }
    return false;
}

/* Reads a number of few digits and no exponent, as most are. Whole numbers below 2^53 and powers of ten up to 10^22 are
 * exact doubles, so that their quotient is the double nearest to the decimal number. False for other numbers. */
static bool scan_short(const char *text, size_t length, double *value)
{
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const size_t sign = *text == '+' || *text == '-';
    uint64_t whole = 0;
    size_t point = length; /* where it stands */

    if (length > sign + 15) {
        return false;
    }
    for (size_t i = sign; i < length; i++) {
        if (text[i] == '.') {
            point = i;
        } else if (text[i] >= '0' && text[i] <= '9') {
            whole = 10 * whole + (uint64_t)(text[i] - '0');
        } else {
            return false;
        }
    }
    const double number = (double)whole / powers[point < length ? length - point - 1 : 0];
    *value = *text == '-' ? -number : number;
    return true;
}

enum number_status number_scan(const char *text, double *value, size_t *length)
{
    const size_t found = decimal_length(text);

    if (length != NULL) {
        *length = found;
    }
    if (found == 0) {
        return NUMBER_NONE;
    }
    if (scan_short(text, found, value)) {
        return NUMBER_OK;
    }
    char *end = NULL;
    double number = strtod(text, &end);
    assert(end >= text + found); /* else the locale has no decimal point: nobody may call setlocale */
    if (end > text + found) {
        number = 0.0; /* only 0x10 takes strtod further; the number ends at its x */
    }
    if (!isfinite(number)) {
        return NUMBER_TOO_LARGE;
    }
    if (fabs(number) < DBL_MIN && is_nonzero(text, found)) {
        return NUMBER_TOO_SMALL;
    }
    *value = number;
    return NUMBER_OK;
}

bool number_read(const char *text, double *value)
{
    size_t length = 0;
    double number = 0.0;

    if (number_scan(text, &number, &length) != NUMBER_OK || text[length] != '\0') {
        return false;
    }
    *value = number;
    return true;
}

bool number_read_whole(const char *text, uint64_t *value)
{
    uint64_t number = 0;

    if (*text == '\0') {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9') {
            return false;
        }
        const uint64_t digit = (uint64_t)(*c - '0');
        if (number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        number = 10 * number + digit;
    }
    *value = number;
    return true;
}
