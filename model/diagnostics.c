#include "diagnostics.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer words are never typing mistakes of a key or a unit. */
enum { WORD_MAX = 63 };

/* A key or a scalar of megabytes must not fill the terminal: of a longer text the two ends are shown,
 * because the remedy stands at the end. Bytes. */
enum { TEXT_MAX = 600, TEXT_END = 295 };

void diagnostics_init(struct diagnostics *d)
{
    *d = (struct diagnostics){0};
}

void diagnostics_clear(struct diagnostics *d)
{
    for (int i = 0; i < d->count; i++) {
        free(d->items[i].file);
        free(d->items[i].text);
    }
    free(d->items);
    diagnostics_init(d);
}

int diagnostics_out_of_memory(struct diagnostics *d)
{
    d->out_of_memory = true;
    d->errors++;
    return -1;
}

static bool is_utf8_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* One line, without the control characters that could steer a terminal, and of bearable length. */
static void make_one_line(char *text)
{
    static const char gap[] = " ... ";
    const size_t length = strlen(text);

    if (length > TEXT_MAX) {
        size_t head = TEXT_END;
        size_t tail = length - TEXT_END;
        while (head > 0 && is_utf8_continuation(text[head])) {
            head--;
        }
        while (is_utf8_continuation(text[tail])) {
            tail++;
        }
        memcpy(text + head, gap, sizeof(gap) - 1);
        memmove(text + head + sizeof(gap) - 1, text + tail, length - tail + 1);
    }
    for (char *c = text; *c != '\0'; c++) {
        if (iscntrl((unsigned char)*c)) {
            *c = isspace((unsigned char)*c) ? ' ' : '?';
        }
    }
}

static char *format_text(const char *format, va_list arguments)
{
    va_list again;
    char *text = NULL;

    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    if (length >= 0) {
        text = malloc((size_t)length + 1);
    }
    if (text != NULL) {
        vsnprintf(text, (size_t)length + 1, format, again);
        make_one_line(text);
    }
    va_end(again);
    return text;
}

static int reserve_item(struct diagnostics *d)
{
    if (d->count < d->capacity) {
        return 0;
    }
    const int capacity = d->capacity == 0 ? 8 : 2 * d->capacity;
    struct diagnostic *items = realloc(d->items, (size_t)capacity * sizeof(*items));
    if (items == NULL) {
        return -1;
    }
    d->items = items;
    d->capacity = capacity;
    return 0;
}

static int add_item(struct diagnostics *d, enum severity severity, struct place at, const char *format,
                    va_list arguments)
{
    char *file = NULL;
    char *text = NULL;

    if (d->count >= DIAGNOSTICS_MAX) {
        d->dropped++;
        d->errors += severity == SEVERITY_ERROR;
        return -1;
    }
    if (reserve_item(d) != 0) {
        goto out;
    }
    text = format_text(format, arguments);
    if (text == NULL) {
        goto out;
    }
    if (at.file != NULL) {
        file = strdup(at.file);
        if (file == NULL) {
            goto out;
        }
    }
    d->items[d->count++] = (struct diagnostic){severity, file, at.line, at.column, text};
    d->errors += severity == SEVERITY_ERROR;
    return -1;

out:
    free(text);
    free(file);
    return diagnostics_out_of_memory(d);
}

bool diagnostics_full(const struct diagnostics *d)
{
    return d->count >= DIAGNOSTICS_MAX && d->errors > 0;
}

int diagnostics_error(struct diagnostics *d, struct place at, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    const int status = add_item(d, SEVERITY_ERROR, at, format, arguments);
    va_end(arguments);
    return status;
}

int diagnostics_warning(struct diagnostics *d, struct place at, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    const int status = add_item(d, SEVERITY_WARNING, at, format, arguments);
    va_end(arguments);
    return status;
}

static bool stands_after(const struct diagnostic *a, const struct diagnostic *b)
{
    return a->line != b->line ? a->line > b->line : a->column > b->column;
}

void diagnostics_sort(struct diagnostics *d, int first)
{
    for (int i = first + 1; i < d->count; i++) {
        const struct diagnostic item = d->items[i];
        int j = i;
        for (; j > first && stands_after(&d->items[j - 1], &item); j--) {
            d->items[j] = d->items[j - 1];
        }
        d->items[j] = item;
    }
}

char *diagnostics_line(const struct diagnostics *d, int i)
{
    const struct diagnostic *item = &d->items[i];
    const char *severity = item->severity == SEVERITY_ERROR ? "error" : "warning";
    const char *file = item->file != NULL ? item->file : "";
    const char *after_file = item->file != NULL ? ":" : "";
    char position[32] = "";

    if (item->line > 0) {
        snprintf(position, sizeof(position), "%d:%d:", item->line, item->column);
    }
    const char *space = item->file != NULL || item->line > 0 ? " " : "";
    const size_t size = strlen(file) + sizeof(position) + strlen(item->text) + 16;
    char *line = malloc(size);
    if (line != NULL) {
        snprintf(line, size, "%s%s%s%s%s: %s", file, after_file, position, space, severity, item->text);
    }
    return line;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* How many letters must be added, dropped, replaced, or swapped with their neighbor. */
static int spelling_distance(const char *a, int a_length, const char *b, int b_length)
{
    int rows[3][WORD_MAX + 1];
    int *before = rows[0];
    int *above = rows[1];
    int *row = rows[2];

    for (int j = 0; j <= b_length; j++) {
        row[j] = j;
    }
    for (int i = 1; i <= a_length; i++) {
        int *const oldest = before;
        before = above;
        above = row;
        row = oldest;
        row[0] = i;
        for (int j = 1; j <= b_length; j++) {
            const int replaced = above[j - 1] + !same_letter(a[i - 1], b[j - 1]);
            row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1])) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
    }
    return row[b_length];
}

static int common_start(const char *a, const char *b)
{
    int length = 0;

    while (a[length] != '\0' && b[length] != '\0' && same_letter(a[length], b[length])) {
        length++;
    }
    return length;
}

const char *nearest_spelling(const char *word, const char *const *candidates, int count)
{
    const size_t length = strlen(word);
    const char *nearest = NULL;
    int nearest_distance = WORD_MAX + 1;

    if (length == 0 || length > WORD_MAX) {
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        const size_t other = strlen(candidates[i]);
        if (other > WORD_MAX) {
            continue;
        }
        const int longer = (int)(other > length ? other : length);
        const int distance = spelling_distance(word, (int)length, candidates[i], (int)other);
        const bool nearer =
            distance < nearest_distance || (distance == nearest_distance && nearest != NULL &&
                                            common_start(word, candidates[i]) > common_start(word, nearest));
        if (3 * distance <= longer && nearer) {
            nearest = candidates[i];
            nearest_distance = distance;
        }
    }
    return nearest;
}
