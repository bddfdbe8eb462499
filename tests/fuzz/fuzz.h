/* fuzz - what the fuzz targets share.
 *
 * A target is one file fuzz_NAME.c with a LLVMFuzzerTestOneInput. `./dev fuzz NAME` links it with clang's fuzzer, which
 * looks for input that breaks it; elsewhere it is linked with replay.c, and the test fuzz_NAME gives it the files of
 * corpus/NAME. A target that finds a promise broken aborts, as a sanitizer does.
 */
#ifndef KETSIM_TESTS_FUZZ_H
#define KETSIM_TESTS_FUZZ_H

#include "model/diagnostics.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program unless `held`, naming what was promised. */
#define fuzz_promise(held)                                                                                   \
    do {                                                                                                     \
        if (!(held)) {                                                                                       \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #held);                       \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* A copy of the input that ends in '\0', for the caller to free. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    fuzz_promise(text);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* What diagnostics.h says of messages: -1 goes with an error, each is one line without control characters and not long. */
static inline void fuzz_check_messages(const struct diagnostics *d, int status)
{
    enum { LONGEST = 1000 };
    int errors = d->dropped > 0;

    fuzz_promise(status == 0 || status == -1);
    fuzz_promise((status == 0) == (d->errors == 0));
    fuzz_promise(!d->out_of_memory);
    for (int i = 0; i < d->count; i++) {
        errors |= d->items[i].severity == SEVERITY_ERROR;
        fuzz_promise(d->items[i].text[0] != '\0' && strlen(d->items[i].text) < LONGEST);
        for (const char *c = d->items[i].text; *c != '\0'; c++) {
            fuzz_promise((unsigned char)*c >= 0x20 && *c != 0x7F);
        }
        char *line = diagnostics_line(d, i);
        fuzz_promise(line);
        free(line);
    }
    fuzz_promise((d->errors > 0) == (errors != 0));
}

#endif
