#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 1 << 16 };

static void cannot_read(struct diagnostics *d, const char *path, int error)
{
    char reason[128] = "unknown error";

    (void)!strerror_r(error, reason, sizeof(reason));
    diagnostics_error(d, (struct place){.file = path}, "cannot be read: %s", reason);
}

static int too_large(struct diagnostics *d, const char *path, const struct input_limits *limits)
{
    return diagnostics_error(d, (struct place){.file = path}, "is larger than %zu bytes", limits->size);
}

/* Opened without waiting for the other end of a pipe: one that nobody has open reads as empty. -1 with the reason in `d`. */
static int input_open(const char *path, const struct input_limits *limits, struct diagnostics *d)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0) {
        cannot_read(d, path, errno);
    } else if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
        diagnostics_error(d, (struct place){.file = path}, "is a %s; %s is expected",
                          S_ISDIR(status.st_mode) ? "directory" : "device", limits->expected);
    } else if (S_ISREG(status.st_mode) && (uint64_t)status.st_size > limits->size) {
        too_large(d, path, limits);
    } else if (fcntl(fd, F_SETFL, 0) != 0) { /* from here on a pipe waits for what is written to it */
        cannot_read(d, path, errno);
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

/* Whether the line that begins at `*line` and has not ended yet is longer than allowed; moves on to the last line. */
static bool line_is_too_long(const char *text, size_t size, size_t *line, const struct input_limits *limits)
{
    for (const char *end = text + size; limits->line > 0;) {
        const char *begin = text + *line;
        const char *line_break = memchr(begin, '\n', (size_t)(end - begin));
        if ((size_t)((line_break ? line_break : end) - begin) > limits->line) {
            return true;
        }
        if (!line_break) {
            return false;
        }
        *line = (size_t)(line_break - text) + 1;
    }
    return false;
}

/* To the end of the file, or of what is allowed. NULL with the reason in `d`. */
static char *read_all(int fd, const char *path, const struct input_limits *limits, size_t *size,
                      struct diagnostics *d)
{
    size_t capacity = FIRST_BYTES;
    size_t line = 0;
    char *text = NULL;

    *size = 0;
    while (true) {
        char *larger = realloc(text, capacity + 1);
        if (larger == NULL) {
            diagnostics_out_of_memory(d);
            break;
        }
        text = larger;
        ssize_t got = 1;
        while (*size < capacity && got > 0) {
            got = read(fd, text + *size, capacity - *size);
            *size += got > 0 ? (size_t)got : 0;
        }
        if (got < 0) {
            cannot_read(d, path, errno);
            break;
        }
        if (*size > limits->size) {
            too_large(d, path, limits);
            break;
        }
        if (got == 0 || line_is_too_long(text, *size, &line, limits)) {
            return text;
        }
        capacity = 2 * capacity;
    }
    free(text);
    return NULL;
}

char *input_read(const char *path, const struct input_limits *limits, size_t *size, struct diagnostics *d)
{
    const int fd = input_open(path, limits, d);
    char *text;

    *size = 0;
    if (fd < 0) {
        return NULL;
    }
    text = read_all(fd, path, limits, size, d);
    close(fd);
    return text;
}
