/* poison - in debug builds, makes what a batch left in a buffer unfit for use, so that no number of one patient can get into
 * another's without being seen: whatever is computed from it is NaN. */
#ifndef KETSIM_POISON_H
#define KETSIM_POISON_H

#include <math.h>
#include <stddef.h>

static inline void poison(double *numbers, size_t count)
{
#ifndef NDEBUG
    for (size_t i = 0; i < count; i++) {
        numbers[i] = (double)NAN;
    }
#else
    (void)numbers;
    (void)count;
#endif
}

#endif
