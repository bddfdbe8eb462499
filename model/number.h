/* number - numbers as texts hold them.
 *
 * Stricter than strtod: finite decimal numbers, a point and never a comma, no hexadecimal, inf or nan, and
 * nothing that overflows or vanishes.
 */
#ifndef KETSIM_NUMBER_H
#define KETSIM_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number_status {
    NUMBER_OK,
    NUMBER_NONE,      /* the text does not begin with a number */
    NUMBER_TOO_LARGE, /* overflows a double */
    NUMBER_TOO_SMALL, /* not zero, but too near to it for a double to hold with full precision */
};

/* Reads the number that `text` begins with; `*length` is its bytes (0 for NUMBER_NONE), which may be NULL. The
 * value is the double nearest to the decimal number. */
enum number_status number_scan(const char *text, double *value, size_t *length);

/* Whether the whole of `text` is one number, without spaces; then `*value` is set. */
bool number_read(const char *text, double *value);

/* Whether the whole of `text` is a run of digits that fits; then `*value` is set. */
bool number_read_whole(const char *text, uint64_t *value);

#endif
