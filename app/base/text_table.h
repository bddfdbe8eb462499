/* text_table - columns of text for the terminal, aligned also where letters have several bytes. */
#ifndef KETSIM_TEXT_TABLE_H
#define KETSIM_TEXT_TABLE_H

#include <stdint.h>
#include <stdio.h>

/* A line of head, then the lines below it. */
struct table {
    char **cells; /* [line][column], owned; NULL: empty */
    int *widths;  /* [column] */
    int64_t lines;
    int columns;
};

/* 0, or -1 without memory; clearing is allowed either way. */
int table_init(struct table *table, int64_t lines, int columns);
void table_clear(struct table *table);

/* Fills a cell with a copy of the text. 0, or -1 without memory. */
int table_put(struct table *table, int64_t line, int column, const char *text);

void table_print(FILE *out, const struct table *table);

/* Prints a text of a file from elsewhere, which must not steer the terminal. */
void text_put(FILE *out, const char *text);

/* A number with four significant digits, fixed ones so that those of a column are easily compared: 101.2, 10.12, 0.1012; "-"
 * for NaN. */
struct number_text {
    char text[32];
};
struct number_text number_describe(double value);

#endif
