#include "plot_page.h"

#include <stdlib.h>
#include <string.h>

/* --- UTF-8 --- */

/* Bytes of the letter that begins here; 0 where no valid one does. */
static int letter_bytes(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    const int bytes = c[0] < 0x80   ? 1
                      : c[0] < 0xC2 ? 0
                      : c[0] < 0xE0 ? 2
                      : c[0] < 0xF0 ? 3
                      : c[0] < 0xF5 ? 4
                                    : 0;

    for (int i = 1; i < bytes; i++) {
        if ((c[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    /* Too long for what they say, halves of pairs, and beyond Unicode. */
    if ((c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F) || (c[0] == 0xF0 && c[1] < 0x90) ||
        (c[0] == 0xF4 && c[1] > 0x8F)) {
        return 0;
    }
    return bytes;
}

/* Whether a letter steers instead of being seen, or is none that XML allows. */
static bool letter_is_control(const char *text, int bytes)
{
    const unsigned char *c = (const unsigned char *)text;

    return (bytes == 1 && (c[0] < 0x20 || c[0] == 0x7F)) || (bytes == 2 && c[0] == 0xC2 && c[1] < 0xA0) ||
           (bytes == 3 && c[0] == 0xEF && c[1] == 0xBF && c[2] >= 0xBE) ||
           (bytes == 3 && c[0] == 0xE2 &&
            ((c[1] == 0x80 && c[2] >= 0xA8 && c[2] <= 0xAE) ||
             (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9)));
}

char *text_clean(const char *text)
{
    char *clean = malloc(strlen(text) + 1);
    char *to = clean;

    while (clean && *text) {
        const int bytes = letter_bytes(text);
        if (*text == '\n') {
            *to++ = *text++;
        } else if (bytes == 0 || letter_is_control(text, bytes)) {
            *to++ = '?';
            text += bytes > 0 ? bytes : 1;
        } else {
            memcpy(to, text, (size_t)bytes);
            to += bytes;
            text += bytes;
        }
    }
    if (clean) {
        *to = '\0';
    }
    return clean;
}

void text_quote(FILE *out, const char *text)
{
    char *clean = text_clean(text);

    putc('\'', out);
    for (const char *c = clean ? clean : "?"; *c; c++) {
        if (*c == '\'') {
            putc('\'', out);
        }
        putc(*c == '\n' ? ' ' : *c, out);
    }
    putc('\'', out);
    free(clean);
}

/* --- Lines --- */

/* Letters, by the width that fonts without serifs have on average; those of East Asia are twice as wide. */
static int letters_in(const char *text, const char *end)
{
    int count = 0;

    for (; text < end && *text; text++) {
        const unsigned char c = (unsigned char)*text;
        count += (c & 0xC0) == 0x80 ? 0 : c >= 0xE3 ? 2 : 1;
    }
    return count;
}

int text_pixels(const char *text, int font)
{
    return letters_in(text, text + strlen(text)) * font * 11 / 20;
}

static int lines_add(struct text_lines *lines, const char *text, size_t length)
{
    char **more = realloc(lines->lines, (size_t)(lines->count + 1) * sizeof(*more));

    if (!more) {
        return -1;
    }
    lines->lines = more;
    more[lines->count] = strndup(text, length);
    if (!more[lines->count]) {
        return -1;
    }
    lines->count++;
    return 0;
}

/* Where the line that begins here ends: after a word if one fits, else after a letter. */
static const char *line_end(const char *text, int letters)
{
    const char *end = text;
    const char *last = NULL;

    while (*end && *end != '\n') {
        const char *next = end + 1;
        while (((unsigned char)*next & 0xC0) == 0x80) {
            next++;
        }
        if (letters_in(text, next) > letters) {
            return last ? last : end > text ? end : next;
        }
        end = next;
        if (*end == ' ') {
            last = end;
        }
    }
    return end;
}

int text_lines_init(struct text_lines *lines, const char *text, int pixels, int font)
{
    const int letters = pixels * 20 / 11 / font;
    char *clean = text_clean(text);
    const char *rest = clean;
    int ret = clean ? 0 : -1;

    *lines = (struct text_lines){0};
    while (ret == 0 && *rest) {
        const char *end = line_end(rest, letters);
        ret = lines_add(lines, rest, (size_t)(end - rest));
        rest = end;
        if (*rest == '\n') {
            rest++;
        } else {
            rest += strspn(rest, " ");
        }
    }
    free(clean);
    return ret;
}

void text_lines_clear(struct text_lines *lines)
{
    for (int i = 0; i < lines->count; i++) {
        free(lines->lines[i]);
    }
    free(lines->lines);
    *lines = (struct text_lines){0};
}
