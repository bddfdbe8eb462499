/* verdicts - what a comparison found: a table for people, JUnit XML for CI. */
#ifndef KETSIM_BENCHMARKS_VERDICTS_H
#define KETSIM_BENCHMARKS_VERDICTS_H

#include "compare.h"

#include <stdio.h>

struct verdict_row {
    char subject[64];       /* "w1 cvode" */
    char measure[32];       /* "wall time" */
    struct interval change; /* now / before; 1: none */
    enum verdict verdict;
};

/* Zeroed to begin with. */
struct verdicts {
    struct verdict_row *rows; /* owned */
    int count;
};

/* Adds a row. 0, or -1 without memory. */
int verdicts_add(struct verdicts *verdicts, const struct verdict_row *row);
void verdicts_clear(struct verdicts *verdicts);

int verdicts_count(const struct verdicts *verdicts, enum verdict verdict);

void verdicts_print(const struct verdicts *verdicts, FILE *out);

/* A test case per row: a failure where slower, skipped where unclear. 0, or -1 with errno set. */
int verdicts_junit(const struct verdicts *verdicts, const char *path);

#endif
