#include "arithmetic.h"

#include "checksum.h"

#include <gnu/libc-version.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* Few results depend on how a function rounds: one in a thousand or so. */
enum { ARGUMENTS = 4096, FUNCTIONS = 8 };

static uint64_t fingerprint(void)
{
    struct checksum checksum;

    checksum_begin(&checksum);
    for (int i = 0; i < ARGUMENTS; i++) {
        const double x = 1e-3 + i * (30.0 / ARGUMENTS);
        const double values[FUNCTIONS] = {exp(-x),   exp(x / 8),   log(x),       log1p(x),
                                          expm1(-x), pow(x, 0.75), pow(x, -1.3), sin(x)};
        checksum_add(&checksum, values, sizeof(values));
    }
    return checksum_end(&checksum);
}

struct arithmetic arithmetic_describe(void)
{
    struct arithmetic arithmetic;
    struct utsname machine;

    if (uname(&machine) != 0) {
        strcpy(machine.machine, "unknown");
    }
    snprintf(arithmetic.text, sizeof(arithmetic.text), "%.20s, glibc %.20s, %016" PRIx64, machine.machine,
             gnu_get_libc_version(), fingerprint());
    return arithmetic;
}
