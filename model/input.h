/* input - the text of a file whose size and kind nobody has vouched for.
 *
 * Never waits for somebody to write to a named pipe that nobody has open, never reads a device, and never takes more into
 * memory than was allowed.
 */
#ifndef KETSIM_INPUT_H
#define KETSIM_INPUT_H

#include "diagnostics.h"

#include <stddef.h>
#include <stdint.h>

struct input_limits {
    const char *expected; /* "a YAML file": what messages say was wanted */
    size_t size;          /* bytes that are taken at most; a file that has more is told */
    size_t line;          /* reading ends within a line that is longer, for its reader to tell; 0: any */
};

/* Reads a file, or a pipe to its end. malloc'ed, with room for a '\0' behind its `*size` bytes; NULL with the reason in
 * `d`. */
char *input_read(const char *path, const struct input_limits *limits, size_t *size, struct diagnostics *d);

#endif
