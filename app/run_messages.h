/* run_messages - what `ketsim run` says before and after the work. */
#ifndef KETSIM_RUN_MESSAGES_H
#define KETSIM_RUN_MESSAGES_H

#include "app/results/study_size.h"

#include "solver/sweep.h"

/* One line on what is going to be done, by so many processes with so many threads each. */
void run_announce(const struct study *study, const struct study_size *size, int processes, int threads,
                  const char *output);

/* That what `ketsim optimize` is for is not done here, where the study asks for it. */
void run_tell_unsearched(const struct study *study);

/* How many patients x arms need not be simulated again; nothing where that is none. */
void run_tell_resumed(const struct study *study, int64_t done);

/* What was done, what the reader of the result must know, and which patients failed; with `quiet` only the last. */
void run_tell(const struct study *study, const struct sweep_report *report, const char *output, bool quiet);

/* The same of a result that was finished before. */
void run_tell_finished(const struct study *study, const struct sweep_report *report, const char *output,
                       bool quiet);

/* That more than `allowed` simulations failed, and which. */
void run_tell_stopped(const struct study *study, const struct sweep_report *report, int64_t allowed);

#endif
