/* study_fit - what a run of a study will take: memory, disk, time; and whether there is that much. All of it estimates. */
#ifndef KETSIM_STUDY_FIT_H
#define KETSIM_STUDY_FIT_H

#include "app/results/quantile_counts.h"

struct study_fit {
    struct quantile_plan quantiles;
    int threads;
    double file;   /* bytes of the result */
    double beside; /* bytes on the same disk while it runs, and not after */
    double memory; /* bytes of the process at its most */
    double
        space; /* bytes of addresses, which a limit like ulimit -v is about: with libraries and the stacks of threads */
};

/* What so many threads (0: as for sweep_threads) will take, from the sizes of the study, which is in memory already. 0, or -1 with the
 * reason in `d`: no result can hold the study. */
int study_fit(struct study_fit *fit, const struct study *study, int threads, struct diagnostics *d);

/* Whether it is more memory than the machine has, or this process may use; and more disk than is free where `output` would be.
 * Then `text` says so. */
struct fit_text {
    char text[512];
};
bool study_lacks_memory(const struct study_fit *fit, struct fit_text *text);
bool study_lacks_disk(const struct study_fit *fit, const char *output, struct fit_text *text);

/* How long the simulation will take, from solving a few blocks of the study itself. */
struct study_pilot {
    int64_t blocks; /* that were solved; 0: none could be, and the rest does not hold */
    double
        seconds; /* of the whole run, on the threads of `fit` and the processors there are; without waiting for the disk */
};

/* Takes about a second at most, or as long as the first block. */
void study_pilot(struct study_pilot *pilot, const struct study *study, const struct study_fit *fit);

#endif
