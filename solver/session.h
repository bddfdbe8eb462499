/* session - what happens after each session of an arm: when levels cross thresholds, and what they are at a time.
 *
 * A session begins with a dose, and what is given less than SESSION_GAP after the dose before belongs to it: a bolus and the
 * infusion that follows, a dose at 9 and a supplement at 10. It ends where the next one begins, or with the last observation. Its
 * metrics are those rows of exposure.h that have a function for sessions. They are of the solution, and their times count from its start:
 *
 *   first_above  INFINITY where the level is not reached before the session ends, 0 where it is above from the start
 *   last_above   INFINITY where the level is still at or above it when the session ends, 0 where it never is
 *   level_at     of a time that comes after the end of the session NaN; at the time of a dose the level before it
 */
#ifndef KETSIM_SESSION_H
#define KETSIM_SESSION_H

#include "exposure.h"

enum { SESSION_GAP = 6 }; /* h */

struct dosing_session {
    double start, end; /* h */
};

/* The sessions of doses, sorted by start, that begin before the last observation (h). How many; written unless `sessions` is NULL. */
int dosing_sessions(const struct given_dose *doses, int dose_count, double last,
                    struct dosing_session *sessions);

/* Those of an arm; `sessions` has room for as many as the arm has doses. And the most that any arm has. -1 without memory. */
int study_arm_sessions(const struct study *study, const struct arm *arm, struct dosing_session *sessions);
int study_most_sessions(const struct study *study);

/* The metrics that a study's thresholds ask for of one analyte (index), from its solution: values[request][session] with `room` sessions
 * per request. NaN beyond the patient's own sessions; those of other analytes are left as they are. */
void session_metrics(const struct study *study, int analyte, const struct spans *solution,
                     const struct dosing_session *sessions, int session_count, int room, double *values);

#endif
