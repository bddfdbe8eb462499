/* answers - what the patients' own numbers say of the population that they are drawn from, and how well that many patients tell it.
 *
 * Every answer comes with the interval in which that of the whole population lies with 95 % confidence: the error of having drawn so
 * many patients (Monte Carlo error), and nothing of the model's. A patient whose number is not known, NaN, is left out.
 */
#ifndef KETSIM_ANSWERS_H
#define KETSIM_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

/* How probable something is that happens in `count` of `trials` patients, with the score interval of Wilson (1927,
 * doi:10.1080/01621459.1927.10502953). NaN of no patients. */
struct probability {
    double value, lower, upper;
};
struct probability probability_of(int64_t count, int64_t trials);

/* How probable it is that a level is at or above a threshold. */
struct probability probability_above(const double *levels, int64_t count, double threshold);

/* Leaves out what is NaN and sorts the rest, in place. How many are left. */
int64_t answers_sort(double *values, int64_t count);

/* Between which of `count` sorted values, by their ranks from 1, the quantile of the whole population lies with 95 % confidence, whatever
 * the distribution; 0 and count + 1 where there are too few of them to say. */
void quantile_ranks(int64_t count, double fraction, int64_t *lower, int64_t *upper);

/* The time from which on a fraction of the population stays below something, of each patient's own time. */
struct time_answer {
    double
        value; /* h: until then so many are below; INFINITY if that takes longer than was observed; NaN of no patients */
    double lower,
        upper; /* h; INFINITY: later than was observed, or, above, so few patients that it may be any time */
    bool censored; /* value is INFINITY: the answer is "later than the end of what was observed" */
};

/* times[count]: as answers_sort leaves them. Of each patient from when on it stays below, 0 if it was never above, INFINITY if it is
 * still above at the end of what is observed. `fraction` in (0, 1). The answer is an order statistic, as are the ends of its interval
 * (the binomial interval of a quantile), so that it holds whatever the distribution. */
struct time_answer time_until(const double *times, int64_t count, double fraction);

#endif
