/* run - a study simulated in memory by one method, measured; and the same in a process of its own. */
#ifndef KETSIM_BENCHMARKS_RUN_H
#define KETSIM_BENCHMARKS_RUN_H

#include "model/diagnostics.h"

#include <stddef.h>
#include <stdint.h>

struct run {
    const char *study;  /* path */
    const char *method; /* of solver/integrator.h or methods.h */
    int64_t patients;   /* 0: as many as the study says */
    int threads;
    int finer;   /* so many times as many observations; 1: as the study says */
    double rtol; /* 0: as the study says, atol too */
    double atol; /* mg */
    bool keep;   /* all levels in memory; else the sink drops them */
};

struct outcome {
    int64_t patients; /* x arms */
    int observations;
    int analytes;
    double rtol;
    double atol; /* mg */
    int64_t steps;
    int64_t evaluations; /* right-hand sides */
    double seconds;      /* wall, of the simulation alone */
    double busy;         /* s of processor time, of the simulation alone, all threads */
    /* Of the process, where it ran in one of its own: */
    double wall;   /* s */
    double cpu;    /* s, of all threads, user and system */
    double memory; /* MiB, largest */
    char why[300]; /* it failed; empty: it did not */
};

/* Every level of a study: [patient x arm][analyte][time], ng/mL. */
struct levels {
    int64_t patients;
    int analytes;
    int times;
    double *values; /* owned */
};

/* Runs here. A patient who cannot be simulated is a failure: a benchmark has none. `levels` (NULL: not wanted) is filled
 * where run->keep, and cleared by the caller. 0, or -1 with the reason in outcome->why. */
int run_here(const struct run *run, struct outcome *outcome, struct levels *levels);
void levels_clear(struct levels *levels);

/* The largest difference of any level, relative to the same patient's and analyte's peak in `reference`. NaN where the two
 * differ in size or hold what is not finite. */
double levels_difference(const struct levels *levels, const struct levels *reference);

/* Whether the study's models all have an exact solution; -1 with the reason in `why` (300 bytes). */
int study_is_linear(const char *path, char *why);

/* Runs in a process of its own, so that memory is its own and everything is as cold as for a user. */
int run_apart(const struct run *run, struct outcome *outcome);

/* Calls task(input, output) in a process of its own, which hands back the `size` bytes of output. 0; or -1 with the
 * reason in outcome->why, whose last three figures are filled either way. */
int task_apart(void (*task)(const void *input, void *output), const void *input, void *output, size_t size,
               struct outcome *outcome);

/* Runs a program to its end, its standard output dropped and the last of its standard error kept in `said` (`size` bytes).
 * Its exit status, or -1; fills the figures of the process. */
int program_run(const char *const *arguments, char *said, size_t size, struct outcome *outcome);

#endif
