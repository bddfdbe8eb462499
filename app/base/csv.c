#include "csv.h"

#include <math.h>
#include <string.h>

void csv_text(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"') {
            putc('"', out);
        }
        putc(*text, out);
    }
    putc('"', out);
}

void csv_number(FILE *out, double value)
{
    putc(',', out);
    if (!isnan(value)) {
        fprintf(out, "%.17g", value);
    }
}
