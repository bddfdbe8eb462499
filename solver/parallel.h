/* parallel - jobs spread over threads. The only door to OpenMP. */
#ifndef KETSIM_PARALLEL_H
#define KETSIM_PARALLEL_H

#include <stdint.h>

/* As many threads as OpenMP offers (OMP_NUM_THREADS, or the number of processors). */
int parallel_threads(void);

/* Does the jobs 0 .. jobs - 1 on `threads` threads, each once and in no particular order. `task` gets the number of the thread
 * that does the job (from 0), to find what that thread owns. Once a task returns other than 0 no further job begins, and that
 * value is returned (of several, one). */
int parallel_run(int threads, int64_t jobs, int (*task)(void *payload, int thread, int64_t job),
                 void *payload);

/* Seconds since some fixed moment. */
double parallel_seconds(void);

#endif
