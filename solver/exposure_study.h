/* exposure_study - what the metrics of a study are of: its dosing intervals, its drugs, its terminal slopes. */
#ifndef KETSIM_EXPOSURE_STUDY_H
#define KETSIM_EXPOSURE_STUDY_H

#include "exposure.h"

/* The dosing intervals of an arm, as metrics see them: how many, or -1 without memory. `intervals` has room for as many as
 * the arm has doses; NULL: they are only counted. */
int study_arm_intervals(const struct study *study, const struct arm *arm, struct dosing_interval *intervals);

/* The most that any arm has; -1 without memory. */
int study_most_intervals(const struct study *study);

/* Whether an interval of the arm is observed whole: 1 or 0; -1 without memory. */
int study_arm_has_whole_interval(const struct study *study, const struct arm *arm);

/* Whether a request goes beyond the observations: all that stands on the terminal slope. */
bool study_request_needs_slope(const struct study *study, const struct metric_request *request);

/* Whether a metric has a meaning for an analyte in any model of the study: an effect has few, a metabolite no dose. */
bool study_metric_applies(const struct study *study, int metric, int analyte);

/* What the values of a metric are of, as the result file says it: "observations", "solution", or where what lies beyond the last
 * observation is extrapolated "solution; lambda_z of observations". */
const char *study_metric_from(const struct study *study, const struct metric_request *request, int analyte,
                              bool of_interval);

#endif
