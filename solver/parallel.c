#include "parallel.h"

#include <omp.h>

#include <stdatomic.h>

int parallel_threads(void)
{
    return omp_get_max_threads();
}

int parallel_run(int threads, int64_t jobs, int (*task)(void *payload, int thread, int64_t job),
                 void *payload)
{
    atomic_int outcome = 0;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (int64_t job = 0; job < jobs; job++) {
        if (atomic_load_explicit(&outcome, memory_order_relaxed) == 0) {
            int result = task(payload, omp_get_thread_num(), job);
            if (result) {
                atomic_store(&outcome, result);
            }
        }
    }
    return atomic_load(&outcome);
}

double parallel_seconds(void)
{
    return omp_get_wtime();
}
