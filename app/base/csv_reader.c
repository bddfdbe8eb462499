#include "csv_reader.h"

#include "model/input.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char byte_order_mark[] = "\xEF\xBB\xBF";

void csv_clear(struct csv *csv)
{
    free(csv->text);
    free(csv->cells);
    *csv = (struct csv){0};
}

/* --- the whole text --- */

/* Takes over `text`, which has room for a '\0' behind it. */
static int begin(struct csv *csv, const char *path, char *text, size_t size, struct diagnostics *d)
{
    const struct place at = {.file = path};

    *csv = (struct csv){.path = path, .text = text, .next = text, .end = text + size};
    *csv->end = '\0';
    if (size >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
        return diagnostics_error(d, at, "is text in UTF-16; save it as UTF-8");
    }
    if (size > CSV_SIZE_MAX) {
        return diagnostics_error(d, at, "is larger than %d bytes", CSV_SIZE_MAX);
    }
    if (size >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
        csv->next += 3;
    }
    return 0;
}

int csv_parse(struct csv *csv, const char *path, const char *text, size_t size, struct diagnostics *d)
{
    char *copy = malloc(size + 1);

    *csv = (struct csv){0};
    if (copy == NULL) {
        return diagnostics_out_of_memory(d);
    }
    memcpy(copy, text, size);
    return begin(csv, path, copy, size, d);
}

const struct input_limits csv_limits = {.expected = "a table", .size = CSV_SIZE_MAX, .line = CSV_LINE_MAX};

int csv_read(struct csv *csv, const char *path, struct diagnostics *d)
{
    size_t size = 0;
    char *text = input_read(path, &csv_limits, &size, d);

    *csv = (struct csv){0};
    return text == NULL ? -1 : begin(csv, path, text, size, d);
}

/* --- a row --- */

/* A line that is being cut into cells. */
struct cutter {
    struct csv *csv;
    char *next;
    char *end; /* of the line, its line break excluded */
    int column;
    struct diagnostics *d;
};

static enum csv_status mistake(const struct cutter *c, const char *text)
{
    diagnostics_error(c->d, (struct place){c->csv->path, c->csv->line, c->column}, "%s", text);
    return CSV_MISTAKE;
}

/* Bytes of the UTF-8 character at `c`, 0 where there is none: no overlong forms, no surrogates, nothing
 * above U+10FFFF. */
static int character_size(const char *text, const char *end)
{
    const unsigned char *c = (const unsigned char *)text;
    const int size = c[0] < 0x80                   ? 1
                     : c[0] >= 0xC2 && c[0] < 0xE0 ? 2
                     : c[0] >= 0xE0 && c[0] < 0xF0 ? 3
                     : c[0] >= 0xF0 && c[0] < 0xF5 ? 4
                                                   : 0;

    if (size == 0 || end - text < size) {
        return 0;
    }
    for (int i = 1; i < size; i++) {
        if ((c[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    const bool wrong = (c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] >= 0xA0) ||
                       (c[0] == 0xF0 && c[1] < 0x90) || (c[0] == 0xF4 && c[1] >= 0x90);
    return wrong ? 0 : size;
}

/* Passes one character; false with the mistake told. */
static bool pass(struct cutter *c)
{
    const unsigned char byte = (unsigned char)*c->next;
    const int size = character_size(c->next, c->end);

    if (byte == '\0') {
        mistake(c, "a NUL byte; a table is text in UTF-8");
    } else if (byte == '\r') {
        mistake(c, "a carriage return inside a line; lines end in LF or CRLF");
    } else if ((byte < ' ' && byte != '\t') || byte == 0x7F) {
        mistake(c, "a control character");
    } else if (size == 0) {
        mistake(c, "no text in UTF-8; save the table as UTF-8");
    } else {
        c->next += size;
        c->column++;
        return true;
    }
    return false;
}

static void pass_spaces(struct cutter *c)
{
    while (c->next < c->end && (*c->next == ' ' || *c->next == '\t')) {
        c->next++;
        c->column++;
    }
}

static bool add_cell(struct csv *csv, struct csv_cell cell)
{
    if (csv->count == csv->capacity) {
        const int capacity = csv->capacity == 0 ? 32 : 2 * csv->capacity;
        struct csv_cell *cells = realloc(csv->cells, (size_t)capacity * sizeof(*cells));
        if (cells == NULL) {
            return false;
        }
        csv->cells = cells;
        csv->capacity = capacity;
    }
    csv->cells[csv->count++] = cell;
    return true;
}

/* From behind the opening quote to behind the closing one; `*last` is where the text then ends. */
static enum csv_status cut_quoted(struct cutter *c, char **last)
{
    char *to = c->next;

    while (c->next < c->end) {
        char *from = c->next;
        if (*from == '"' && (from + 1 == c->end || from[1] != '"')) {
            c->next++;
            c->column++;
            *last = to;
            return CSV_ROW;
        }
        if (*from == '"') { /* two stand for one */
            c->next++;
            c->column++;
            from++;
        }
        if (!pass(c)) {
            return CSV_MISTAKE;
        }
        memmove(to, from, (size_t)(c->next - from));
        to += c->next - from;
    }
    return mistake(c, "the quoted text does not end in its line");
}

/* Visible ASCII without a meaning here. */
static bool is_plain(char c)
{
    return c > ' ' && c < 0x7F && c != ',' && c != '"';
}

static enum csv_status cut_plain(struct cutter *c, char **last)
{
    *last = c->next;
    while (true) {
        while (c->next < c->end && is_plain(*c->next)) { /* nearly all there is */
            *last = ++c->next;
            c->column++;
        }
        if (c->next == c->end || *c->next == ',') {
            return CSV_ROW;
        }
        if (*c->next == '"') {
            return mistake(
                c, "a quote inside a cell; quotes enclose a whole cell, and \"\" in them is one quote");
        }
        const bool space = *c->next == ' ' || *c->next == '\t';
        if (!pass(c)) {
            return CSV_MISTAKE;
        }
        *last = space ? *last : c->next;
    }
}

/* Adds one cell, and stops at what separates it from the next. */
static enum csv_status cut_cell(struct cutter *c)
{
    enum csv_status status;
    char *last;

    pass_spaces(c);
    struct csv_cell cell = {c->next, c->column};
    if (c->next < c->end && *c->next == '"') {
        c->next++;
        c->column++;
        cell.text = c->next;
        status = cut_quoted(c, &last);
        pass_spaces(c);
        if (status == CSV_ROW && c->next < c->end && *c->next != ',') {
            return mistake(c, "a comma is expected after the quoted text");
        }
    } else {
        status = cut_plain(c, &last);
    }
    if (status != CSV_ROW) {
        return status;
    }
    if (!add_cell(c->csv, cell)) {
        diagnostics_out_of_memory(c->d);
        return CSV_FAILED;
    }
    c->csv->end_column = c->column;
    const bool more = c->next < c->end;
    *last = '\0'; /* at the latest on the separator or on the line break */
    c->next += more;
    c->column += more;
    return more ? CSV_ROW : CSV_END;
}

/* The next line that holds more than spaces; false without. */
static bool find_line(struct csv *csv, struct cutter *c)
{
    while (csv->next < csv->end) {
        char *line_break = memchr(csv->next, '\n', (size_t)(csv->end - csv->next));
        *c = (struct cutter){csv, csv->next, line_break != NULL ? line_break : csv->end, 1, c->d};
        csv->next = line_break != NULL ? line_break + 1 : csv->end;
        csv->line++;
        if (c->end > c->next && c->end[-1] == '\r') {
            c->end--;
        }
        struct cutter spaces = *c;
        pass_spaces(&spaces);
        if (spaces.next < spaces.end) {
            return true;
        }
    }
    return false;
}

enum csv_status csv_next(struct csv *csv, struct diagnostics *d)
{
    struct cutter c = {.d = d};
    enum csv_status status = CSV_ROW;

    csv->count = 0;
    if (!find_line(csv, &c)) {
        return CSV_END;
    }
    if (c.end - c.next > CSV_LINE_MAX) {
        char text[64];
        snprintf(text, sizeof(text), "a line of more than %d bytes", CSV_LINE_MAX);
        return mistake(&c, text);
    }
    while (status == CSV_ROW) {
        status = cut_cell(&c);
    }
    return status == CSV_END ? CSV_ROW : status;
}
