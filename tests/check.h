/* check - cmocka, and what it lacks. Include this in place of cmocka.h. */
#ifndef KETSIM_TESTS_CHECK_H
#define KETSIM_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/diagnostics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* |a - b| <= relative * |b| + absolute; NaN is close to nothing. A macro, so that the line number is the test's. */
#define assert_close(a, b, relative, absolute)                                                               \
    do {                                                                                                     \
        const double assert_close_a = (a);                                                                   \
        const double assert_close_b = (b);                                                                   \
        if (!(fabs(assert_close_a - assert_close_b) <= (relative)*fabs(assert_close_b) + (absolute))) {      \
            print_error("%s = %.17g, expected %.17g (difference %.3g)\n", #a, assert_close_a,                \
                        assert_close_b, assert_close_a - assert_close_b);                                    \
            fail();                                                                                          \
        }                                                                                                    \
    } while (0)

/* Fails with the diagnostics printed if there is an error among them. */
#define assert_no_errors(d)                                                                                  \
    do {                                                                                                     \
        for (int assert_i = 0; (d)->errors && assert_i < (d)->count; assert_i++) {                           \
            print_error("%s\n", (d)->items[assert_i].text);                                                  \
        }                                                                                                    \
        assert_int_equal((d)->errors, 0);                                                                    \
    } while (0)

/* Fails unless one of the diagnostics, as diagnostics_line writes it, contains `part`. */
#define assert_told(d, part)                                                                                 \
    do {                                                                                                     \
        int assert_found = 0;                                                                                \
        for (int assert_i = 0; assert_i < (d)->count; assert_i++) {                                          \
            char *assert_line = diagnostics_line((d), assert_i);                                             \
            assert_found |= assert_line && strstr(assert_line, (part)) != NULL;                              \
            free(assert_line);                                                                               \
        }                                                                                                    \
        if (!assert_found) {                                                                                 \
            print_error("nothing said \"%s\"; said was:\n", (part));                                         \
            for (int assert_i = 0; assert_i < (d)->count; assert_i++) {                                      \
                char *assert_line = diagnostics_line((d), assert_i);                                         \
                print_error("    %s\n", assert_line ? assert_line : "?");                                    \
                free(assert_line);                                                                           \
            }                                                                                                \
            fail();                                                                                          \
        }                                                                                                    \
    } while (0)

#endif
