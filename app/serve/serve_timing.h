/* serve_timing - when the sessions of a scenario are, and when its levels are recorded. For serve_study.c. */
#ifndef KETSIM_SERVE_TIMING_H
#define KETSIM_SERVE_TIMING_H

#include "serve.h"

/* When the doses of a scenario begin, s, increasing, and what is recorded. */
struct timing {
    double *doses; /* [count]; owned */
    int count;
    double end;  /* h */
    double step; /* s: of a single session the time from one record to the next */
    int *times;  /* s: else the records themselves; owned */
    int time_count;
    bool whole; /* answers are of the solution, in place of the records */
    double
        after; /* s since the start of the session that the time asked about is in; 0: there is no such time */
};

/* Fill in the doses: one at a time (s), or those of an arm. 0, or -1 without memory; clearing is allowed either way. */
int timing_single(struct timing *timing, double start);
int timing_doses(struct timing *timing, const struct arm *arm);

/* Fills in the rest, where there are doses. 0, or -1 with the mistake told. */
int timing_records(struct timing *timing, const struct scenario *scenario, int number, json_t *errors);

void timing_clear(struct timing *timing);

#endif
