/* gate - whether a build of ketsim became slower, or its figures worse. */
#ifndef KETSIM_BENCHMARKS_GATE_H
#define KETSIM_BENCHMARKS_GATE_H

#include "figures.h"
#include "verdicts.h"

enum { GATE_PAIRS_MOST = 1000 };

struct gate {
    const char *now;    /* folder of the build that is judged */
    const char *before; /* folder of the one that it is compared with */
    const struct figures_options *options;
    int pairs; /* most */
};

/* Runs `ketsim run` of both builds in turn on a workload, by each method, and adds the verdicts: wall time, processor time,
 * and the instructions of a patient where valgrind is installed. 0, or -1 with the reason in `why` (300 bytes). */
int gate_builds(const struct gate *gate, const struct workload *workload, struct verdicts *verdicts,
                char *why);

/* Whether these are figures as `bench --json` stores them. 0, or -1 with the reason in `why` (300 bytes). */
int gate_check_figures(const json_t *figures, char *why);

/* Compares figures with older ones, as stored by `bench --json`: errors, steps, right-hand sides; instructions where the
 * compiler, SUNDIALS and machine are the same; and there the rates too, as ratios to the baseline of their own run. What only one
 * of them has is not compared. 0, or -1 with the reason in `why` (300 bytes). */
int gate_figures(const json_t *now, const json_t *before, struct verdicts *verdicts, char *why);

#endif
