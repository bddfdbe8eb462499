#include "text_table.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Letters on the terminal: bytes that do not continue a letter of UTF-8. */
static int text_width(const char *text)
{
    int width = 0;

    for (; *text; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

void text_put(FILE *out, const char *text)
{
    for (; *text; text++) {
        putc(iscntrl((unsigned char)*text) ? '?' : *text, out);
    }
}

static void text_put_padded(FILE *out, const char *text, int width)
{
    text_put(out, text);
    for (int i = text_width(text); i < width; i++) {
        putc(' ', out);
    }
}

int table_init(struct table *table, int64_t lines, int columns)
{
    *table = (struct table){.lines = lines, .columns = columns};
    table->cells = calloc((size_t)lines * (size_t)columns, sizeof(*table->cells));
    table->widths = calloc((size_t)columns, sizeof(*table->widths));
    return table->cells && table->widths ? 0 : -1;
}

void table_clear(struct table *table)
{
    for (int64_t i = 0; i < table->lines * table->columns && table->cells; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    free(table->widths);
}

int table_put(struct table *table, int64_t line, int column, const char *text)
{
    char **cell = &table->cells[line * table->columns + column];
    const int width = text_width(text);

    free(*cell);
    *cell = strdup(text);
    if (width > table->widths[column]) {
        table->widths[column] = width;
    }
    return *cell ? 0 : -1;
}

void table_print(FILE *out, const struct table *table)
{
    for (int64_t line = 0; line < table->lines; line++) {
        for (int column = 0; column < table->columns; column++) {
            const char *cell = table->cells[line * table->columns + column];
            const bool last = column == table->columns - 1;
            text_put_padded(out, cell ? cell : "", last ? 0 : table->widths[column] + 2);
        }
        putc('\n', out);
    }
}

/* Significant digits: more would pretend to know what the models do not. */
enum { DIGITS = 4 };

struct number_text number_describe(double value)
{
    struct number_text number = {"-"};

    if (isnan(value)) {
        return number;
    }
    const double size = fabs(value);
    if (size >= 1e6 || (size > 0 && size < 1e-4)) {
        snprintf(number.text, sizeof(number.text), "%.*e", DIGITS - 1, value);
        return number;
    }
    /* Fixed digits, so that numbers of one column are easily compared: 101.2, 10.12, 0.1012. */
    const int before = size > 0 ? (int)floor(log10(size)) + 1 : 1;
    const int after = before >= DIGITS ? 0 : DIGITS - before;
    snprintf(number.text, sizeof(number.text), "%.*f", after, value);
    return number;
}
