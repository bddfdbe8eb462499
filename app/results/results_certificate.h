/* results_certificate - what a result says of the simulations that were solved again by another route (solver/certificate.h). */
#ifndef KETSIM_RESULTS_CERTIFICATE_H
#define KETSIM_RESULTS_CERTIFICATE_H

#include "results_read.h"

#include "solver/certificate.h"

#include <jansson.h>

struct result_certificate {
    struct certificate_text route; /* solved by what; "": the result does not say, and has no certificate */
    int64_t compared;
    int64_t differing; /* of those compared */
    int64_t unsolved;
    double discrepancy; /* the largest, relative to the level; NaN: none was compared */
    double limit;
    double imbalance; /* the largest, relative to the dose */
    double imbalance_limit;
};

void result_certificate_read(struct result_certificate *certificate, struct result *result);

/* The same of simulations that are in no file. */
struct result_certificate result_certificate_of(const struct study *study,
                                                const struct certificate *certificate);

/* Whether the sample vouches for the levels; so does none. */
bool result_certificate_holds(const struct result_certificate *certificate);

/* In words, in one line. */
struct certificate_line {
    char text[600];
};
struct certificate_line result_certificate_describe(const struct result_certificate *certificate);

/* For programs. NULL without memory. */
json_t *result_certificate_json(const struct result_certificate *certificate);

#endif
