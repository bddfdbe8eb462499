/* results_certificate - what a result says of the simulations that were solved again by another route (solver/certificate.h). */
#ifndef KETSIM_RESULTS_CERTIFICATE_H
#define KETSIM_RESULTS_CERTIFICATE_H

#include "results_read.h"

struct result_certificate {
    char *route; /* owned: what they were solved by; NULL: the result does not say, and has no certificate */
    int64_t compared;
    int64_t differing; /* of those compared */
    int64_t unsolved;
    double discrepancy; /* the largest, relative to the level; NaN: none was compared */
    double limit;
    double imbalance; /* the largest, relative to the dose */
    double imbalance_limit;
};

/* For the caller to clear. */
void result_certificate_read(struct result_certificate *certificate, struct result *result);
void result_certificate_clear(struct result_certificate *certificate);

/* In words, in one line. */
struct certificate_line {
    char text[400];
};
struct certificate_line result_certificate_describe(const struct result_certificate *certificate);

#endif
