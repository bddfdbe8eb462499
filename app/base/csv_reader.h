/* csv_reader - tables of cells separated by commas, row by row, with the place of each cell.
 *
 * Strict: UTF-8, lines of at most CSV_LINE_MAX bytes that end in LF or CRLF, and a quoted cell ends in its line. Spaces
 * around a cell are not part of it, a byte order mark is not part of the table, and lines of nothing but spaces are
 * passed over.
 */
#ifndef KETSIM_CSV_READER_H
#define KETSIM_CSV_READER_H

#include "model/input.h"

#include <stddef.h>

enum {
    CSV_LINE_MAX = 1000000,    /* bytes */
    CSV_SIZE_MAX = 1000000000, /* bytes of a file */
};

struct csv_cell {
    const char *text; /* without quotes; lives as long as the struct csv */
    int column; /* its first character, or its quote, in its line, from 1; of an empty cell what ends it */
};

struct csv {
    const char *path; /* not owned */
    char *text;       /* owned */
    char *next;       /* what has not been read yet */
    char *end;
    int line; /* of the row, from 1 */
    struct csv_cell *cells;
    int count;
    int capacity;
    int end_column; /* one past the last character of the row */
};

enum csv_status {
    CSV_ROW,
    CSV_END,     /* no more rows */
    CSV_MISTAKE, /* told; the next row can be read */
    CSV_FAILED,  /* told; nothing more can be read */
};

extern const struct input_limits csv_limits;

/* Reads a whole file into memory; `path` is kept. 0, or -1 with the reason in `d`; `csv` can be cleared then, too. */
int csv_read(struct csv *csv, const char *path, struct diagnostics *d);

/* The same from memory. */
int csv_parse(struct csv *csv, const char *path, const char *text, size_t size, struct diagnostics *d);

/* Reads the next row into csv->cells[0 .. csv->count - 1]. */
enum csv_status csv_next(struct csv *csv, struct diagnostics *d);

void csv_clear(struct csv *csv);

#endif
