/* progress - how far a run has come, for those who wait for it. */
#ifndef KETSIM_PROGRESS_H
#define KETSIM_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

enum progress_style {
    PROGRESS_NONE,
    PROGRESS_BAR,   /* one line of a terminal, written over and over */
    PROGRESS_LINES, /* now and then a line, for logs */
};

struct progress {
    FILE *out;
    enum progress_style style;
    double started; /* s */
    double shown;   /* s: when something was last written */
    int width;      /* characters of the bar's line that are on the terminal */
};

/* Bar or lines, as suits `out`; nothing with `quiet`. The clock starts. */
void progress_begin(struct progress *progress, FILE *out, int quiet);

/* Shows that `finished` of `total` simulations are done, unless something was shown a moment ago. */
void progress_show(struct progress *progress, int64_t finished, int64_t total);

/* Takes the bar off the terminal. */
void progress_end(struct progress *progress);

/* The line for a run `seconds` old, without line end; with a bar if `bar`. */
void progress_describe(char *line, size_t size, int bar, int64_t finished, int64_t total, double seconds);

#endif
