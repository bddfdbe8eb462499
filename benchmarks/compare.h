/* compare - whether something became slower, told from measurements that a noisy machine made.
 *
 * The measure is a slowdown: new time / old time, 1 for no change. A slowdown is found when its whole confidence interval
 * lies above SLOWDOWN_ALLOWED; it is excluded when the whole interval lies below SLOWDOWN_SOUGHT. Where noise leaves room
 * for both, nothing is claimed.
 */
#ifndef KETSIM_BENCHMARKS_COMPARE_H
#define KETSIM_BENCHMARKS_COMPARE_H

#include <stdbool.h>

#define SLOWDOWN_SOUGHT 1.10  /* what must be found */
#define SLOWDOWN_ALLOWED 1.05 /* two builds of the same source can differ by some hundredths */
#define TAIL 0.0005           /* the most probability that the median lies beyond either end of an interval */

enum { PAIRS_LEAST = 15, PAIRS_MOST = 100 };

struct interval {
    double median;
    double low;
    double high;
    int count;
};

/* The median of `count` >= 1 samples (which are sorted in place) and its interval by order statistics: whatever the
 * distribution of the noise. With fewer than 11 samples, from the smallest to the largest. */
struct interval median_interval(double *samples, int count);

/* Whether more pairs would help: fewer than PAIRS_LEAST, or fewer than `most` and the interval wider than the distance between
 * what is allowed and what is sought. Looks at the width alone, so that stopping early favors neither verdict. */
bool wants_more(const struct interval *slowdown, int most);

enum verdict { VERDICT_SAME, VERDICT_FASTER, VERDICT_SLOWER, VERDICT_UNCLEAR };

enum verdict judge(const struct interval *slowdown);

#endif
