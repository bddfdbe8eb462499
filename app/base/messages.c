#include "messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void message(const char *format, ...)
{
    va_list arguments;

    fputs("ketsim: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static void diagnostic_print(const struct diagnostics *d, int i)
{
    char *line = diagnostics_line(d, i);
    const char *text = line != NULL ? line : d->items[i].text;

    if (d->items[i].file != NULL) {
        fprintf(stderr, "%s\n", text);
    } else {
        message("%s", text);
    }
    free(line);
}

void messages_flush(struct diagnostics *d, bool quiet)
{
    for (int i = 0; i < d->count; i++) {
        if (!quiet || d->items[i].severity == SEVERITY_ERROR) {
            diagnostic_print(d, i);
        }
    }
    if (d->dropped > 0) {
        message("and at least %d more like these", d->dropped);
    }
    if (d->out_of_memory) {
        message("error: not enough memory");
    }
    diagnostics_clear(d);
}

int input_status(const struct diagnostics *d)
{
    return d->out_of_memory ? STATUS_FAILED : STATUS_WRONG_INPUT;
}

struct size_text size_describe(double bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    const int last = (int)(sizeof(units) / sizeof(*units)) - 1;
    struct size_text size;
    int unit = 0;

    while (bytes >= 999.5 && unit < last) {
        bytes /= 1000;
        unit++;
    }
    const int digits = unit > 0 && bytes < 9.95 ? 1 : 0;
    snprintf(size.text, sizeof(size.text), "%.*f %s", digits, bytes, units[unit]);
    return size;
}
