/* serve_timing - when the sessions of a scenario are, and when its levels are recorded. For serve_study.c. */
#ifndef KETSIM_SERVE_TIMING_H
#define KETSIM_SERVE_TIMING_H

#include "serve.h"

/* When the sessions of a scenario begin, s, increasing, and what is recorded. */
struct timing {
    double *sessions; /* [count]; owned */
    int count;
    double end;  /* h */
    double step; /* s: of a single session the time from one record to the next */
    int *times;  /* s: of several, the records themselves; owned */
    int time_count;
};

/* Fill in the sessions: one at 0, or when doses of an arm begin. 0, or -1 without memory; clearing is allowed either way. */
int timing_single(struct timing *timing);
int timing_sessions(struct timing *timing, const struct arm *arm);

/* Fills in the rest, where there are sessions. 0, or -1 with the mistake told. */
int timing_records(struct timing *timing, const struct scenario *scenario, int number, json_t *errors);

void timing_clear(struct timing *timing);

#endif
