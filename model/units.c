#include "units.h"

#include "diagnostics.h"
#include "unit_text.h"

#include <udunits2.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_row {
    const char *name; /* letters or %, as users write it; `u` also stands for the micro sign */
    uint64_t num;     /* num / den times ... */
    uint64_t den;
    const char *of; /* ... this, a row above it or "1"; NULL for a base unit */
};

/* The sizes are whole numbers of our own, where UDUNITS-2 would compute with rounded ones; it keeps account of the
 * dimensions. A year is 365.25 d. The base of body weight is so small for the sake of the pound, and has a name that
 * the grammar of unit_text lets no user write. */
static const struct unit_row unit_rows[] = {
    {"s", 1, 1, NULL},
    {"sec", 1, 1, "s"},
    {"second", 1, 1, "s"},
    {"seconds", 1, 1, "s"},
    {"min", 60, 1, "s"},
    {"minute", 1, 1, "min"},
    {"minutes", 1, 1, "min"},
    {"h", 60, 1, "min"},
    {"hr", 1, 1, "h"},
    {"hour", 1, 1, "h"},
    {"hours", 1, 1, "h"},
    {"d", 24, 1, "h"},
    {"day", 1, 1, "d"},
    {"days", 1, 1, "d"},
    {"week", 7, 1, "d"},
    {"weeks", 1, 1, "week"},
    {"year", 8766, 1, "h"},
    {"years", 1, 1, "year"},
    {"pg", 1, 1, NULL},
    {"ng", 1000, 1, "pg"},
    {"ug", 1000, 1, "ng"},
    {"mcg", 1, 1, "ug"},
    {"mg", 1000, 1, "ug"},
    {"g", 1000, 1, "mg"},
    {"uL", 1, 1, NULL},
    {"ul", 1, 1, "uL"},
    {"mL", 1000, 1, "uL"},
    {"ml", 1, 1, "mL"},
    {"dL", 100, 1, "mL"},
    {"dl", 1, 1, "dL"},
    {"L", 1000, 1, "mL"},
    {"l", 1, 1, "L"},
    {"_body", 1, 1, NULL}, /* 10 ug */
    {"kg", 100000000, 1, "_body"},
    {"lb", 45359237, 1, "_body"},
    {"pmol", 1, 1, NULL},
    {"nmol", 1000, 1, "pmol"},
    {"umol", 1000, 1, "nmol"},
    {"mmol", 1000, 1, "umol"},
    {"mol", 1000, 1, "mmol"},
    {"%", 1, 100, "1"},
};

enum { UNIT_ROWS = sizeof(unit_rows) / sizeof(unit_rows[0]) };

struct dimension_row {
    const char *internal; /* the unit that ketsim computes in */
    const char *words;
};

static const struct dimension_row dimension_rows[] = {
    {"1", "a plain number"},
    {"h", "a time"},
    {"mg", "a mass"},
    {"L", "a volume"},
    {"kg", "a body weight"},
    {"1/h", "a rate"},
    {"L/h", "a volume per time"},
    {"mg/h", "a mass per time"},
    {"mg/kg", "a mass per body weight"},
    {"mg/kg/h", "a mass per body weight and time"},
    {"mg/L", "a mass concentration"},
    {"mg*h/L", "an area under a mass concentration"},
    {"L/kg", "a volume per body weight"},
    {"L/h/kg", "a volume per time and body weight"},
    {"umol", "an amount of substance"},
    {"umol/h", "an amount of substance per time"},
    {"umol/L", "a molar concentration"},
    {"umol*h/L", "an area under a molar concentration"},
    {"mg/umol", "a molar mass"},
};

enum { DIMENSION_ROWS = sizeof(dimension_rows) / sizeof(dimension_rows[0]) };

/* The largest whole number up to which a double misses none. */
static const uint64_t EXACT_MAX = (uint64_t)1 << 53;

/* 1 unit = num / den base units, in lowest terms. */
struct factor {
    uint64_t num;
    uint64_t den;
};

struct units {
    ut_system *system;
    ut_unit *one;
    ut_unit *kinds[UNIT_ROWS]; /* the base units, which stand for the dimensions */
    struct factor factors[UNIT_ROWS];
    ut_unit *dimensions[DIMENSION_ROWS];
};

/* A unit as written, taken apart. */
struct measure {
    ut_unit *kind; /* a product of base units */
    struct factor factor;
    bool is_percent; /* written "%" */
};

__attribute__((format(printf, 2, 3))) static int why_not(struct units_error *why, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why->text, sizeof(why->text), format, arguments);
    va_end(arguments);
    return -1;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* a *= b in lowest terms; -1 if that does not fit. */
static int factor_multiply(struct factor *a, struct factor b)
{
    const uint64_t across = common_divisor(a->num, b.den);
    const uint64_t along = common_divisor(b.num, a->den);

    a->num /= across;
    b.den /= across;
    b.num /= along;
    a->den /= along;
    if (a->num > UINT64_MAX / b.num || a->den > UINT64_MAX / b.den) {
        return -1;
    }
    a->num *= b.num;
    a->den *= b.den;
    return 0;
}

static struct factor factor_inverse(struct factor a)
{
    return (struct factor){a.den, a.num};
}

static int unit_row_find(const char *name)
{
    for (int i = 0; i < UNIT_ROWS; i++) {
        if (strcmp(unit_rows[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static int unit_unknown(const char *name, struct units_error *why)
{
    const char *names[UNIT_ROWS];
    int count = 0;

    if (strncmp(name, "month", strlen("month")) == 0) {
        return why_not(why, "a month has no fixed length; write it in weeks or days");
    }
    for (int i = 0; i < UNIT_ROWS; i++) {
        if (unit_rows[i].name[0] != '_') {
            names[count++] = unit_rows[i].name;
        }
    }
    const char *nearest = nearest_spelling(name, names, count);
    if (nearest != NULL) {
        return why_not(why, "unknown unit \"%s\"; did you mean %s?", name, nearest);
    }
    return why_not(why, "unknown unit \"%s\"", name);
}

/* *kind *= factor^power; -1 without memory. */
static int kind_multiply(ut_unit **kind, ut_unit *factor, int power)
{
    ut_unit *raised = ut_raise(factor, power);
    ut_unit *product = raised != NULL ? ut_multiply(*kind, raised) : NULL;

    ut_free(raised);
    if (product == NULL) {
        return -1;
    }
    ut_free(*kind);
    *kind = product;
    return 0;
}

/* Reads `text` into `measure`, whose kind the caller frees with ut_free, also after a failure. Without ut_parse, which
 * ends the program where memory is short. */
static int measure_read(struct units *units, const char *text, struct measure *measure,
                        struct units_error *why)
{
    struct unit_text unit;

    *measure = (struct measure){.factor = {1, 1}};
    if (unit_text_scan(&unit, text, why) != 0) {
        return -1;
    }
    measure->is_percent = strcmp(unit.text, "%") == 0;
    measure->kind = ut_clone(units->one);
    if (measure->kind == NULL) {
        return why_not(why, "out of memory");
    }
    for (int i = 0; i < unit.count; i++) {
        const int row = unit_row_find(unit.terms[i].name);
        const int power = unit.terms[i].power;
        if (row < 0) {
            return unit_unknown(unit.terms[i].name, why);
        }
        const struct factor one = units->factors[row];
        for (int j = 0; j < abs(power); j++) {
            if (factor_multiply(&measure->factor, power < 0 ? factor_inverse(one) : one) != 0) {
                return why_not(why, "the unit \"%s\" is out of range", unit.text);
            }
        }
        if (kind_multiply(&measure->kind, units->kinds[row], power) != 0) {
            return why_not(why, "out of memory");
        }
    }
    return 0;
}

/* Not ut_are_convertible, to which a time and a rate are the same. */
static bool same_dimension(const ut_unit *a, const ut_unit *b)
{
    ut_unit *ratio = ut_divide(a, b);
    const bool same = ratio != NULL && ut_is_dimensionless(ratio) != 0;

    ut_free(ratio);
    return same;
}

/* NULL for a dimension of no use here. */
static const struct dimension_row *dimension_find(const struct units *units, const ut_unit *unit)
{
    for (int i = 0; i < DIMENSION_ROWS; i++) {
        if (same_dimension(unit, units->dimensions[i])) {
            return &dimension_rows[i];
        }
    }
    return NULL;
}

static const char *measure_words(const struct units *units, const struct measure *measure)
{
    if (measure->is_percent) {
        return "a percentage";
    }
    const struct dimension_row *row = dimension_find(units, measure->kind);
    return row != NULL ? row->words : NULL;
}

static int silence(const char *format, va_list arguments)
{
    (void)format;
    (void)arguments;
    return 0;
}

static int units_add(struct units *units, int row)
{
    const struct unit_row *unit = &unit_rows[row];
    const int of = unit->of != NULL ? unit_row_find(unit->of) : -1;

    units->factors[row] = (struct factor){unit->num, unit->den};
    if (of >= 0 && factor_multiply(&units->factors[row], units->factors[of]) != 0) {
        return -1;
    }
    units->kinds[row] = unit->of == NULL ? ut_new_base_unit(units->system)
                                         : ut_clone(of >= 0 ? units->kinds[of] : units->one);
    return units->kinds[row] != NULL ? 0 : -1;
}

struct units *units_create(void)
{
    struct units *units = calloc(1, sizeof(*units));

    if (units == NULL) {
        return NULL;
    }
    ut_set_error_message_handler(silence);
    units->system = ut_new_system();
    units->one = units->system != NULL ? ut_get_dimensionless_unit_one(units->system) : NULL;
    if (units->one == NULL) {
        goto out;
    }
    for (int row = 0; row < UNIT_ROWS; row++) {
        if (units_add(units, row) != 0) {
            goto out;
        }
    }
    for (int i = 0; i < DIMENSION_ROWS; i++) {
        struct units_error ignored;
        struct measure measure;
        const int status = measure_read(units, dimension_rows[i].internal, &measure, &ignored);
        units->dimensions[i] = measure.kind;
        if (status != 0) {
            goto out;
        }
    }
    return units;

out:
    units_free(units);
    return NULL;
}

void units_free(struct units *units)
{
    if (units == NULL) {
        return;
    }
    for (int i = 0; i < DIMENSION_ROWS; i++) {
        ut_free(units->dimensions[i]);
    }
    for (int i = 0; i < UNIT_ROWS; i++) {
        ut_free(units->kinds[i]);
    }
    ut_free(units->one);
    ut_free_system(units->system);
    free(units);
}

int units_factors(struct units *units, const char *from, const char *to, double *num, double *den,
                  struct units_error *why)
{
    struct measure source = {0};
    struct measure target = {0};
    int status = -1;

    if (measure_read(units, from, &source, why) != 0 || measure_read(units, to, &target, why) != 0) {
        goto out;
    }
    if (!same_dimension(source.kind, target.kind)) {
        const char *source_words = measure_words(units, &source);
        const char *target_words = measure_words(units, &target);
        why_not(why, "\"%s\" is %s, \"%s\" is %s", from,
                source_words != NULL ? source_words : "another kind of quantity", to,
                target_words != NULL ? target_words : "another kind of quantity");
        goto out;
    }
    struct factor ratio = source.factor;
    if (factor_multiply(&ratio, factor_inverse(target.factor)) != 0 || ratio.num > EXACT_MAX ||
        ratio.den > EXACT_MAX) {
        why_not(why, "\"%s\" cannot be converted to \"%s\" exactly", from, to);
        goto out;
    }
    *num = (double)ratio.num;
    *den = (double)ratio.den;
    status = 0;
out:
    ut_free(source.kind);
    ut_free(target.kind);
    return status;
}

const char *units_internal(struct units *units, const char *unit)
{
    struct units_error ignored;
    struct measure measure;

    if (measure_read(units, unit, &measure, &ignored) != 0) {
        ut_free(measure.kind);
        return NULL;
    }
    const struct dimension_row *row = dimension_find(units, measure.kind);
    ut_free(measure.kind);
    return row != NULL ? row->internal : NULL;
}

const char *units_dimension_name(struct units *units, const char *unit)
{
    struct units_error ignored;
    struct measure measure;

    if (measure_read(units, unit, &measure, &ignored) != 0) {
        ut_free(measure.kind);
        return NULL;
    }
    const char *words = measure_words(units, &measure);
    ut_free(measure.kind);
    return words != NULL ? words : "another kind of quantity";
}
