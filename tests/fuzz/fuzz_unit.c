/* Quantities and units: the first line is the quantity, a second line the unit wanted of it. */
#include "fuzz.h"

#include "model/units.h"

#include <math.h>

static const char *const doses[] = {"mg", "mg/kg"};
static const char *const others[] = {"1", "h", "kg", "L/h", "mg*h/L", "umol/L"};

static void check(int status, double value, const struct units_error *why)
{
    fuzz_promise(status == 0 ? isfinite(value) : why->text[0] != '\0');
    fuzz_promise(strnlen(why->text, sizeof(why->text)) < sizeof(why->text));
}

/* Made once: that takes longer than a run. */
static struct units *units;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    char *unit = strchr(text, '\n');
    struct units_error why = {""};
    double value = 0;
    double num = 0;
    double den = 0;
    int which = -1;

    units = units ? units : units_create();
    fuzz_promise(units);
    if (unit) {
        *unit++ = '\0';
        check(units_read(units, text, unit, &value, &why), value, &why);
        if (units_factors(units, text, unit, &num, &den, &why) == 0) {
            fuzz_promise(num >= 1 && den >= 1 && isfinite(num) && isfinite(den));
            /* The way back is the inverse, exactly. */
            double back[2] = {0};
            fuzz_promise(units_factors(units, unit, text, &back[0], &back[1], &why) == 0);
            fuzz_promise(back[0] == den && back[1] == num);
        }
        units_internal(units, unit);
        units_dimension_name(units, unit);
    }
    const int status = units_read_any(units, text, doses, 2, &value, &which, &why);
    check(status, value, &why);
    fuzz_promise(status != 0 || which == 0 || which == 1);
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        check(units_read(units, text, others[i], &value, &why), value, &why);
    }
    free(text);
    return 0;
}
