/* unit_text - the grammar of units: [1/] NAME[^POWER] { [*./] NAME[^POWER] }.
 *
 * Narrower than the grammar of UDUNITS-2, which takes much that must be an error in a dose: numbers, offsets,
 * dates, logarithms, a space for a product, and `*` after `/`, which people read in two ways.
 */
#ifndef KETSIM_UNIT_TEXT_H
#define KETSIM_UNIT_TEXT_H

#include "units.h"

enum {
    UNIT_TEXT_MAX = 64, /* bytes of a unit, with its '\0' */
    UNIT_TERMS_MAX = 8,
    UNIT_POWER_MAX = 9, /* a single digit */
};

struct unit_term {
    char name[UNIT_TEXT_MAX]; /* letters or % */
    int power;                /* negative below the line, never 0 */
};

struct unit_text {
    char text[UNIT_TEXT_MAX]; /* in ASCII, without spaces, "1/h" for "/h" */
    int count;                /* terms; none for "1" */
    struct unit_term terms[UNIT_TERMS_MAX];
};

/* Takes `text` apart: the micro sign and the Greek mu are `u`, the middle dot is `*`. 0, or -1 with the reason. */
int unit_text_scan(struct unit_text *unit, const char *text, struct units_error *why);

#endif
