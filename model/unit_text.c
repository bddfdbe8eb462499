#include "unit_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%";

static int cannot_read(const char *text, struct units_error *why)
{
    snprintf(why->text, sizeof(why->text),
             "cannot read \"%.*s\" as a unit; write it like mg, mg/kg/h or mg*h/L", UNIT_TEXT_MAX, text);
    return -1;
}

/* The next character, with `*width` bytes of it taken from the text. */
static char next_character(const char *text, size_t *width)
{
    static const struct {
        const char *from;
        char to;
    } others[] = {
        {"\xC2\xB5", 'u'}, /* micro sign */
        {"\xCE\xBC", 'u'}, /* Greek mu */
        {"\xC2\xB7", '*'}, /* middle dot */
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        *width = strlen(others[i].from);
        if (strncmp(text, others[i].from, *width) == 0) {
            return others[i].to;
        }
    }
    *width = 1;
    return *text;
}

static bool is_operator(char c)
{
    return c == '/' || c == '*' || c == '.';
}

/* Fills `normal`; -1 if the text is too long. */
static int normalize(const char *text, char normal[UNIT_TEXT_MAX])
{
    size_t length = 0;

    text += strspn(text, " ");
    if (*text == '/') {
        normal[length++] = '1';
    }
    while (*text != '\0') {
        size_t width = 0;
        const char c = next_character(text, &width);
        text += width;
        if (c == ' ') {
            text += strspn(text, " ");
            if (*text == '\0' || is_operator(next_character(text, &width)) ||
                is_operator(normal[length - 1])) {
                continue;
            }
        }
        if (length + 1 >= UNIT_TEXT_MAX) {
            return -1;
        }
        normal[length++] = c;
    }
    normal[length] = '\0';
    return 0;
}

/* Reads NAME[^POWER] at `*at` and moves behind it; -1 if there is none. */
static int scan_term(struct unit_term *term, const char **at)
{
    const size_t length = strspn(*at, letters);

    if (length == 0) {
        return -1;
    }
    memcpy(term->name, *at, length);
    term->name[length] = '\0';
    term->power = 1;
    *at += length;
    if (**at == '^') {
        const bool negative = (*at)[1] == '-';
        *at += negative ? 2 : 1;
        if (**at < '1' || **at > '0' + UNIT_POWER_MAX) {
            return -1;
        }
        term->power = (negative ? -1 : 1) * (**at - '0');
        *at += 1;
    }
    return 0;
}

int unit_text_scan(struct unit_text *unit, const char *text, struct units_error *why)
{
    const char *at = unit->text;
    char sign = '*';

    unit->count = 0;
    if (normalize(text, unit->text) != 0) {
        return cannot_read(text, why);
    }
    if (strcmp(at, "1") == 0) {
        return 0;
    }
    if (strncmp(at, "1/", 2) == 0) {
        sign = '/';
        at += 2;
    }
    for (;;) {
        struct unit_term *term = &unit->terms[unit->count];
        if (unit->count == UNIT_TERMS_MAX || scan_term(term, &at) != 0) {
            return cannot_read(unit->text, why);
        }
        term->power *= sign == '/' ? -1 : 1;
        unit->count++;
        if (*at == '\0') {
            return 0;
        }
        if (!is_operator(*at)) {
            return cannot_read(unit->text, why);
        }
        if (*at != '/' && sign == '/') {
            snprintf(why->text, sizeof(why->text),
                     "\"%s\" can be read in two ways; put what is multiplied first, as in mg*h/L, "
                     "or divide by both, as in mg/kg/h",
                     unit->text);
            return -1;
        }
        sign = *at++;
    }
}
