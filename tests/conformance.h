/* conformance - ketsim against numbers that it did not compute: what other programs print, and closed forms.
 *
 * A suite is a list of cases, each with some values; a case passes if all its values do. `conformance` prints the card.
 */
#ifndef KETSIM_TESTS_CONFORMANCE_H
#define KETSIM_TESTS_CONFORMANCE_H

#include "event_run.h"

struct score {
    const char *method; /* of the solver */
    int cases;
    int passed;
    double worst;    /* relative error of a value that is not 0 */
    double furthest; /* error of a value, as a part of what is allowed */

    const char *title; /* of the case at hand */
    bool failed;
};

void score_begin(struct score *score, const char *title);
/* A value of the case; a wrong one is told on stderr with `where` (a time, a row). */
void score_value(struct score *score, double where, double got, double expected, double relative,
                 double absolute);
/* The case could not be run; the reasons may be NULL. */
void score_broken(struct score *score, const struct diagnostics *d);
void score_end(struct score *score);

/* What solutions by a method may be off a closed form: relative, and in ng/mL. */
double score_relative(const struct score *score);
double score_absolute(const struct score *score);

/* The suites. */
void conformance_nonmem(struct score *score);
void conformance_closed(struct score *score);
void conformance_covariates(struct score *score);
void conformance_exposure(struct score *score);
void conformance_golden(struct score *score);

#endif
