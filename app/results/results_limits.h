/* results_limits - which limits of which models the simulations of a result break. */
#ifndef KETSIM_RESULTS_LIMITS_H
#define KETSIM_RESULTS_LIMITS_H

#include "results_read.h"

struct broken_limit {
    const char *model;   /* belongs to the result */
    char *name;          /* owned: "age", "dose", "age_group" */
    int bit;             /* of outside_validity */
    int64_t simulations; /* patients x arms, at least 1 */
};

/* By model, then in the order of the limits. */
struct broken_limits {
    struct broken_limit *items;
    int count;
};

/* 0, or -1 with the reason in `d`; then there is nothing to clear, and clearing is still allowed. */
int broken_limits_read(struct broken_limits *limits, struct result *result, struct diagnostics *d);
void broken_limits_clear(struct broken_limits *limits);

#endif
