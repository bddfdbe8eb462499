#include "units.h"

#include "number.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Bytes, with the '\0', of the parts of a message; together they fit into units_error. */
enum { QUOTE_MAX = 64, NUMBER_MAX = 24, EXPECTED_MAX = 144 };

static const char blanks[] = " \t";

/* What messages need to say what would have been right. */
struct reading {
    struct units *units;
    const char *const *choices;
    int count;
    char quoted[QUOTE_MAX];      /* the text as written */
    char number[NUMBER_MAX];     /* its number as written, for the example */
    char expected[EXPECTED_MAX]; /* "a mass is expected here, for example 84 mg" */
    struct units_error *why;
};

__attribute__((format(printf, 2, 3))) static int why_not(struct units_error *why, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why->text, sizeof(why->text), format, arguments);
    va_end(arguments);
    return -1;
}

/* Copies `length` bytes of `text`, or as many whole characters as fit with "..." after them. */
static void shorten(char *to, size_t size, const char *text, size_t length)
{
    static const char gap[] = "...";
    const bool fits = length < size;

    if (!fits) {
        length = size - sizeof(gap);
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    memcpy(to, text, length);
    strcpy(to + length, fits ? "" : gap);
}

static size_t length_without_blanks(const char *text)
{
    size_t length = strlen(text);

    while (length > 0 && strchr(blanks, text[length - 1]) != NULL) {
        length--;
    }
    return length;
}

static bool is_plain(const char *unit)
{
    return strcmp(unit, "1") == 0;
}

static bool same_kind(struct units *units, const char *unit, const char *other)
{
    struct units_error ignored;
    double num = 0.0;
    double den = 0.0;

    return units_factors(units, unit, other, &num, &den, &ignored) == 0;
}

__attribute__((format(printf, 4, 5))) static size_t append(char *text, size_t size, size_t length,
                                                           const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (length < size) {
        vsnprintf(text + length, size - length, format, arguments);
    }
    va_end(arguments);
    return strlen(text);
}

/* "a mass or a mass per body weight is expected here, for example 84 mg or 84 mg/kg" */
static const char *say_expected(struct reading *r)
{
    const size_t size = sizeof(r->expected);
    const char *number = r->number[0] != '\0' ? r->number : "2";
    size_t length = 0;

    r->expected[0] = '\0';
    for (int i = 0; i < r->count; i++) {
        const char *words = units_dimension_name(r->units, r->choices[i]);
        const char *join = i == 0 ? "" : i + 1 < r->count ? ", " : " or ";
        length = append(r->expected, size, length, "%s%s", join, words != NULL ? words : r->choices[i]);
    }
    length = append(r->expected, size, length, " is expected here, for example ");
    for (int i = 0; i < r->count; i++) {
        const bool plain = is_plain(r->choices[i]);
        const char *join = i == 0 ? "" : i + 1 < r->count ? ", " : " or ";
        length = append(r->expected, size, length, "%s%s%s%s", join, number, plain ? "" : " ",
                        plain ? "" : r->choices[i]);
    }
    return r->expected;
}

static int no_unit(struct reading *r, double number, double *value, int *which)
{
    for (int i = 0; i < r->count; i++) {
        if (is_plain(r->choices[i])) {
            *value = number;
            *which = i;
            return 0;
        }
    }
    return why_not(r->why, "\"%s\" has no unit; %s", r->quoted, say_expected(r));
}

/* Reports a unit that cannot be read, or is of none of the dimensions that are wanted. */
static int wrong_unit(struct reading *r, const char *unit)
{
    struct units_error reason;
    double num = 0.0;
    double den = 0.0;

    if (strchr("0123456789+-", *unit) != NULL && strncmp(unit, "1/", 2) != 0) {
        return why_not(r->why, "\"%s\" holds more than one number; %s", r->quoted, say_expected(r));
    }
    if (*unit == ',') {
        return why_not(r->why, "\"%s\" has a decimal comma; write a decimal point", r->quoted);
    }
    if (units_factors(r->units, unit, unit, &num, &den, &reason) != 0) {
        const bool has_remedy = strchr(reason.text, ';') != NULL;
        return why_not(r->why, "\"%s\": %s%s%s", r->quoted, reason.text, has_remedy ? "" : "; ",
                       has_remedy ? "" : say_expected(r));
    }
    if (same_kind(r->units, unit, "1") && strcmp(unit, "%") != 0) {
        return why_not(r->why, "\"%s\" has a unit that cancels out; %s", r->quoted, say_expected(r));
    }
    return why_not(r->why, "\"%s\" is %s; %s", r->quoted, units_dimension_name(r->units, unit),
                   say_expected(r));
}

static int convert(struct reading *r, double number, const char *unit, double *value, int *which)
{
    for (int i = 0; i < r->count; i++) {
        struct units_error reason;
        double num = 0.0;
        double den = 0.0;
        if (is_plain(r->choices[i]) && strcmp(unit, "%") != 0) {
            continue;
        }
        if (units_factors(r->units, unit, r->choices[i], &num, &den, &reason) != 0) {
            continue;
        }
        const double converted = number * num / den;
        if (!isfinite(converted) || (number != 0.0 && fabs(converted) < DBL_MIN)) {
            return why_not(r->why, "\"%s\" is out of range", r->quoted);
        }
        *value = converted;
        *which = i;
        return 0;
    }
    return wrong_unit(r, unit);
}

int units_read_any(struct units *units, const char *text, const char *const *choices, int count,
                   double *value, int *which, struct units_error *why)
{
    struct reading r = {.units = units, .choices = choices, .count = count, .why = why};
    char unit[QUOTE_MAX];
    double number = 0.0;
    size_t length = 0;

    text += strspn(text, blanks);
    shorten(r.quoted, sizeof(r.quoted), text, length_without_blanks(text));
    const enum number_status status = number_scan(text, &number, &length);
    shorten(r.number, sizeof(r.number), text, length);
    switch (status) {
    case NUMBER_OK:
        break;
    case NUMBER_NONE:
        return why_not(why, "\"%s\" does not begin with a number; %s", r.quoted, say_expected(&r));
    case NUMBER_TOO_LARGE:
        return why_not(why, "\"%s\": the number is too large", r.quoted);
    case NUMBER_TOO_SMALL:
        return why_not(why, "\"%s\": the number is too small", r.quoted);
    }
    text += length;
    text += strspn(text, blanks);
    shorten(unit, sizeof(unit), text, length_without_blanks(text));
    return unit[0] == '\0' ? no_unit(&r, number, value, which) : convert(&r, number, unit, value, which);
}

int units_read(struct units *units, const char *text, const char *unit, double *value,
               struct units_error *why)
{
    int which = 0;

    return units_read_any(units, text, &unit, 1, value, &which, why);
}
