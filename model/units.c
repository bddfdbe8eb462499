#include "units.h"

#include "diagnostics.h"
#include "unit_text.h"

#include <udunits2.h>

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_row {
    const char *name;       /* letters or %, as users write it; `u` also stands for the micro sign */
    const char *definition; /* in terms of rows above it; NULL for a base unit */
};

/* Each is a whole multiple of its base unit, or, for the percent, a whole part of 1. The base of body weight is
 * so small for the sake of the pound, and has a name that the grammar of unit_text lets no user write. */
static const struct unit_row unit_rows[] = {
    {"s", NULL},
    {"sec", "s"},
    {"second", "s"},
    {"seconds", "s"},
    {"min", "60 s"},
    {"minute", "min"},
    {"minutes", "min"},
    {"h", "60 min"},
    {"hr", "h"},
    {"hour", "h"},
    {"hours", "h"},
    {"d", "24 h"},
    {"day", "d"},
    {"days", "d"},
    {"week", "7 d"},
    {"weeks", "week"},
    {"year", "365.25 d"},
    {"years", "year"},
    {"pg", NULL},
    {"ng", "1000 pg"},
    {"ug", "1000 ng"},
    {"mcg", "ug"},
    {"mg", "1000 ug"},
    {"g", "1000 mg"},
    {"uL", NULL},
    {"ul", "uL"},
    {"mL", "1000 uL"},
    {"ml", "mL"},
    {"dL", "100 mL"},
    {"dl", "dL"},
    {"L", "1000 mL"},
    {"l", "L"},
    {"_body", NULL}, /* 10 ug */
    {"kg", "100000000 _body"},
    {"lb", "45359237 _body"},
    {"pmol", NULL},
    {"nmol", "1000 pmol"},
    {"umol", "1000 nmol"},
    {"mmol", "1000 umol"},
    {"mol", "1000 mmol"},
    {"%", "0.01"},
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
    struct factor factors[UNIT_ROWS];
    ut_unit *dimensions[DIMENSION_ROWS];
};

/* A unit as written, taken apart. */
struct measure {
    ut_unit *unit;
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

/* Reads `text` into `measure`, whose unit the caller frees with ut_free, also after a failure. */
static int measure_read(struct units *units, const char *text, struct measure *measure,
                        struct units_error *why)
{
    struct unit_text unit;

    *measure = (struct measure){.factor = {1, 1}};
    if (unit_text_scan(&unit, text, why) != 0) {
        return -1;
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
    }
    measure->is_percent = strcmp(unit.text, "%") == 0;
    measure->unit = ut_parse(units->system, unit.text, UT_ASCII);
    return measure->unit != NULL ? 0 : why_not(why, "cannot read \"%s\" as a unit", unit.text);
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
    const struct dimension_row *row = dimension_find(units, measure->unit);
    return row != NULL ? row->words : NULL;
}

static int silence(const char *format, va_list arguments)
{
    (void)format;
    (void)arguments;
    return 0;
}

/* How many of the base unit, or of 1, `unit` is; both ways, because 0.01 is no whole number and 100 is. */
static int factor_measure(ut_unit *unit, ut_unit *base, struct factor *factor)
{
    cv_converter *there = ut_get_converter(unit, base);
    cv_converter *back = ut_get_converter(base, unit);
    int status = -1;

    if (there != NULL && back != NULL) {
        const double num = cv_convert_double(there, 1.0);
        const double den = cv_convert_double(back, 1.0);
        *factor =
            (struct factor){num >= 1.0 ? (uint64_t)llround(num) : 1, num >= 1.0 ? 1 : (uint64_t)llround(den)};
        status = 0;
    }
    cv_free(there);
    cv_free(back);
    return status;
}

static int units_add(struct units *units, int row, ut_unit *base)
{
    const char *definition = unit_rows[row].definition;
    ut_unit *unit = NULL;
    ut_unit *one = ut_get_dimensionless_unit_one(units->system);
    int status = -1;

    unit =
        definition == NULL ? ut_new_base_unit(units->system) : ut_parse(units->system, definition, UT_ASCII);
    if (unit == NULL || one == NULL) {
        goto out;
    }
    /* As a symbol, because udunits does not tell upper from lower case in names. */
    if (ut_map_symbol_to_unit(unit_rows[row].name, UT_ASCII, unit) != UT_SUCCESS) {
        goto out;
    }
    if (definition == NULL) {
        units->factors[row] = (struct factor){1, 1};
        status = 0;
    } else {
        status = factor_measure(unit, ut_is_dimensionless(unit) ? one : base, &units->factors[row]);
    }
out:
    ut_free(unit);
    ut_free(one);
    return status;
}

struct units *units_create(void)
{
    struct units *units = calloc(1, sizeof(*units));
    ut_unit *base = NULL;

    if (units == NULL) {
        return NULL;
    }
    ut_set_error_message_handler(silence);
    units->system = ut_new_system();
    if (units->system == NULL) {
        goto out;
    }
    for (int row = 0; row < UNIT_ROWS; row++) {
        if (units_add(units, row, base) != 0) {
            goto out;
        }
        if (unit_rows[row].definition == NULL) {
            ut_free(base);
            base = ut_get_unit_by_symbol(units->system, unit_rows[row].name);
        }
    }
    for (int i = 0; i < DIMENSION_ROWS; i++) {
        units->dimensions[i] = ut_parse(units->system, dimension_rows[i].internal, UT_ASCII);
        if (units->dimensions[i] == NULL) {
            goto out;
        }
    }
    ut_free(base);
    return units;

out:
    ut_free(base);
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
    if (!same_dimension(source.unit, target.unit)) {
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
    ut_free(source.unit);
    ut_free(target.unit);
    return status;
}

const char *units_internal(struct units *units, const char *unit)
{
    struct units_error ignored;
    struct measure measure;

    if (measure_read(units, unit, &measure, &ignored) != 0) {
        return NULL;
    }
    const struct dimension_row *row = dimension_find(units, measure.unit);
    ut_free(measure.unit);
    return row != NULL ? row->internal : NULL;
}

const char *units_dimension_name(struct units *units, const char *unit)
{
    struct units_error ignored;
    struct measure measure;

    if (measure_read(units, unit, &measure, &ignored) != 0) {
        return NULL;
    }
    const char *words = measure_words(units, &measure);
    ut_free(measure.unit);
    return words != NULL ? words : "another kind of quantity";
}
