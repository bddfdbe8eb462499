#include "progress.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 30, LINE_SIZE = 160 };

/* Seconds between two signs of life: fluent on a terminal, few lines in a log. */
static const double bar_interval = 0.1;
static const double line_interval = 10;

/* Before this, rate and remaining time would be guesses. Seconds. */
static const double rate_known_after = 0.5;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void progress_begin(struct progress *progress, FILE *out, int quiet)
{
    *progress = (struct progress){.out = out};
    progress->style = quiet ? PROGRESS_NONE : isatty(fileno(out)) ? PROGRESS_BAR : PROGRESS_LINES;
    progress->started = now();
    progress->shown = progress->started;
}

static void duration_describe(char *text, size_t size, double seconds)
{
    const int64_t whole = (int64_t)(seconds + 0.5);

    if (whole < 3600) {
        snprintf(text, size, "%d:%02d", (int)(whole / 60), (int)(whole % 60));
    } else {
        snprintf(text, size, "%" PRId64 ":%02d:%02d", whole / 3600, (int)(whole / 60 % 60),
                 (int)(whole % 60));
    }
}

void progress_describe(char *line, size_t size, int bar, int64_t finished, int64_t total, double seconds)
{
    const double part = total > 0 ? (double)finished / (double)total : 1;
    char drawing[BAR_WIDTH + 4] = "";
    char speed[64] = "";

    if (bar) {
        const int filled = (int)(part * BAR_WIDTH);
        memset(drawing, ' ', BAR_WIDTH + 2);
        drawing[0] = '[';
        memset(drawing + 1, '=', (size_t)filled);
        drawing[BAR_WIDTH + 1] = ']';
        drawing[BAR_WIDTH + 2] = ' ';
        drawing[BAR_WIDTH + 3] = '\0';
    }
    if (finished > 0 && seconds >= rate_known_after) {
        const double rate = (double)finished / seconds;
        char left[32];
        duration_describe(left, sizeof(left), (double)(total - finished) / rate);
        snprintf(speed, sizeof(speed), ", %.*f/s, %s left", rate < 10 ? 1 : 0, rate, left);
    }
    snprintf(line, size, "%s%3d %%  %" PRId64 " of %" PRId64 "%s", drawing, (int)(100 * part), finished,
             total, speed);
}

void progress_show(struct progress *progress, int64_t finished, int64_t total)
{
    const double time = now();
    const double interval = progress->style == PROGRESS_BAR ? bar_interval : line_interval;
    char line[LINE_SIZE];

    if (progress->style == PROGRESS_NONE || time - progress->shown < interval) {
        return;
    }
    progress->shown = time;
    progress_describe(line, sizeof(line), progress->style == PROGRESS_BAR, finished, total,
                      time - progress->started);
    if (progress->style == PROGRESS_LINES) {
        fprintf(progress->out, "%s\n", line);
        return;
    }
    /* A shorter line must cover what is left of a longer one. */
    fprintf(progress->out, "\r%-*s", progress->width, line);
    fflush(progress->out);
    progress->width = (int)strlen(line);
}

void progress_end(struct progress *progress)
{
    if (progress->width > 0) {
        fprintf(progress->out, "\r%*s\r", progress->width, "");
        fflush(progress->out);
        progress->width = 0;
    }
}
