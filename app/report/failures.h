/* failures - what is told of patients who could not be simulated, and what to change so that they are. */
#ifndef KETSIM_FAILURES_H
#define KETSIM_FAILURES_H

#include "summary.h"

#include "solver/sweep.h"

/* What to change in the study so that a patient of this status is simulated. Static text. */
const char *failure_remedy(enum patient_status status);

/* Every failure of a result: patient, arm, time and reason; as text with what to change at the end, as csv in each row. Not as
 * json. 0, or -1 with the reason in `d`. */
int failures_print(FILE *out, const char *path, enum summary_format format, struct diagnostics *d);

#endif
