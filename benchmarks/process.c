/* The part of run.h that starts processes. */
#include "run.h"

#include "solver/parallel.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* Waits for the process and takes its figures; its exit status, or -1. */
static int await(pid_t process, double start, struct outcome *outcome)
{
    struct rusage used;
    int status = 0;
    if (wait4(process, &status, 0, &used) < 0) {
        return -1;
    }
    outcome->wall = parallel_seconds() - start;
    outcome->cpu = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    outcome->memory = (double)used.ru_maxrss / 1024;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Reads until the writer closes, keeping the last `size` bytes at most. Returns how many. */
static size_t drain(int from, char *buffer, size_t size)
{
    char block[4096];
    size_t kept = 0;
    ssize_t got;
    while ((got = read(from, block, sizeof(block))) > 0) {
        size_t fresh = (size_t)got;
        const char *text = block;
        if (fresh > size) {
            text += fresh - size;
            fresh = size;
        }
        const size_t old = kept + fresh > size ? size - fresh : kept;
        memmove(buffer, buffer + (kept - old), old);
        memcpy(buffer + old, text, fresh);
        kept = old + fresh;
    }
    return kept;
}

int task_apart(void (*task)(const void *input, void *output), const void *input, void *output, size_t size,
               struct outcome *outcome)
{
    int ends[2];
    if (pipe(ends) != 0) {
        snprintf(outcome->why, sizeof(outcome->why), "a pipe cannot be made");
        return -1;
    }
    const double start = parallel_seconds();
    const pid_t process = fork();
    if (process == 0) {
        close(ends[0]);
        task(input, output);
        const bool written = write(ends[1], output, size) == (ssize_t)size;
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    const size_t got = drain(ends[0], output, size);
    close(ends[0]);
    if (process < 0 || await(process, start, outcome) != 0 || got != size) {
        snprintf(outcome->why, sizeof(outcome->why), "the process of a measurement ended early");
        return -1;
    }
    return 0;
}

static void run_task(const void *run, void *outcome)
{
    run_here(run, outcome, NULL);
}

int run_apart(const struct run *run, struct outcome *outcome)
{
    struct outcome process = {0};
    if (task_apart(run_task, run, outcome, sizeof(*outcome), &process) != 0) {
        *outcome = process;
        return -1;
    }
    outcome->wall = process.wall;
    outcome->cpu = process.cpu;
    outcome->memory = process.memory;
    return outcome->why[0] ? -1 : 0;
}

int program_run(const char *const *arguments, char *said, size_t size, struct outcome *outcome)
{
    int ends[2];
    *outcome = (struct outcome){0};
    if (pipe(ends) != 0) {
        return -1;
    }
    const double start = parallel_seconds();
    const pid_t process = fork();
    if (process == 0) {
        const int nowhere = open("/dev/null", O_RDWR);
        dup2(nowhere, 0);
        dup2(nowhere, 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    close(ends[1]);
    const size_t got = drain(ends[0], said, size - 1);
    said[got] = '\0';
    close(ends[0]);
    return process < 0 ? -1 : await(process, start, outcome);
}
