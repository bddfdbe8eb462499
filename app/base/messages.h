/* messages - what the program says while it works. All of it goes to stderr. */
#ifndef KETSIM_MESSAGES_H
#define KETSIM_MESSAGES_H

#include "exit_status.h"

#include "model/diagnostics.h"

/* One line, preceded by the program's name. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says everything that is in `d`, one line each, and empties it; with `quiet` only the errors. */
void messages_flush(struct diagnostics *d, bool quiet);

/* The exit status for input that could not be read: wrong, or no memory for it. Call before messages_flush. */
int input_status(const struct diagnostics *d);

/* A number of bytes as people say it: "27 MB". */
struct size_text {
    char text[24];
};
struct size_text size_describe(double bytes);

#endif
