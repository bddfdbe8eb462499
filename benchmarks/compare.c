#include "compare.h"

#include <stdlib.h>

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many of the smallest samples lie outside the interval: the most with P(Binomial(count, 1/2) <= outside - 1) <= TAIL. */
static int samples_outside(int count)
{
    double probability = 1;
    for (int i = 0; i < count; i++) {
        probability /= 2;
    }
    double sum = 0;
    int outside = 0;
    while (outside < count / 2 && sum + probability <= TAIL) {
        sum += probability;
        probability *= (double)(count - outside) / (outside + 1);
        outside++;
    }
    return outside > 0 ? outside - 1 : 0;
}

struct interval median_interval(double *samples, int count)
{
    qsort(samples, (size_t)count, sizeof(*samples), compare_numbers);
    const int outside = samples_outside(count);
    return (struct interval){
        .median = (samples[(count - 1) / 2] + samples[count / 2]) / 2,
        .low = samples[outside],
        .high = samples[count - 1 - outside],
        .count = count,
    };
}

bool wants_more(const struct interval *slowdown, int most)
{
    return slowdown->count < most && (slowdown->count < PAIRS_LEAST ||
                                      slowdown->high / slowdown->low > SLOWDOWN_SOUGHT / SLOWDOWN_ALLOWED);
}

enum verdict judge(const struct interval *slowdown)
{
    if (slowdown->low > SLOWDOWN_ALLOWED) {
        return VERDICT_SLOWER;
    }
    if (slowdown->high >= SLOWDOWN_SOUGHT) {
        return VERDICT_UNCLEAR;
    }
    return slowdown->high < 1 / SLOWDOWN_ALLOWED ? VERDICT_FASTER : VERDICT_SAME;
}
