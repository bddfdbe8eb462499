#include "session.h"

#include "exposure_inner.h"
#include "exposure_solution.h"

#include <math.h>
#include <stdlib.h>

int dosing_sessions(const struct given_dose *doses, int dose_count, double last,
                    struct dosing_session *sessions)
{
    double before = -INFINITY; /* the dose before */
    int count = 0;

    for (int i = 0; i < dose_count && doses[i].start < last; i++) {
        const double start = doses[i].start;
        if (start - before >= SESSION_GAP) {
            if (sessions) {
                sessions[count] = (struct dosing_session){start, last};
                sessions[count > 0 ? count - 1 : 0].end = count > 0 ? start : last;
            }
            count++;
        }
        before = start;
    }
    return count;
}

int study_arm_sessions(const struct study *study, const struct arm *arm, struct dosing_session *sessions)
{
    const double last = study->time_count > 0 ? study->times[study->time_count - 1] : (double)-INFINITY;
    struct given_dose *given = calloc((size_t)arm->dose_count + 1, sizeof(*given));
    int count = -1;

    if (given) {
        dosing_given(&study->models[arm->model], arm, 1, given); /* whatever the weight: only times matter */
        count = dosing_sessions(given, arm->dose_count, last, sessions);
    }
    free(given);
    return count;
}

int study_most_sessions(const struct study *study)
{
    int most = 0;

    for (int a = 0; a < study->arm_count; a++) {
        const int count = study_arm_sessions(study, &study->arms[a], NULL);
        if (count < 0) {
            return -1;
        }
        most = count > most ? count : most;
    }
    return most;
}

/* --- Metrics --- */

double first_above(struct exposure *e, const struct metric_request *request)
{
    const struct time_above above = solution_time_above(e, request->threshold);

    return isnan(above.first) ? (double)INFINITY : above.first - e->start;
}

/* Whether it still is when the session ends is told by the level there: the end of the last piece may be off by rounding. */
double last_above(struct exposure *e, const struct metric_request *request)
{
    const struct time_above above = solution_time_above(e, request->threshold);

    if (isnan(above.last)) {
        return 0;
    }
    return solution_last(e) >= request->threshold ? (double)INFINITY : above.last - e->start;
}

double session_level(struct exposure *e, const struct metric_request *request)
{
    const double time = e->start + request->after;

    return time <= e->end ? fmax(0, solution_level(e, time)) : (double)NAN;
}

void session_metrics(const struct study *study, int analyte, const struct spans *solution,
                     const struct dosing_session *sessions, int session_count, int room, double *values)
{
    const struct profile profile = {.solution = solution};

    for (int i = 0; i < study->thresholds.metric_count; i++) {
        const struct metric_request *request = &study->thresholds.metrics[i];
        for (int k = 0; k < room && request->analyte == analyte; k++) {
            double *value = &values[(ptrdiff_t)i * room + k];
            if (k >= session_count) {
                *value = NAN;
                continue;
            }
            struct exposure e = {
                .profile = &profile,
                .start = sessions[k].start,
                .end = sessions[k].end,
                .first_span = spans_starting(solution, sessions[k].start),
                .last_span = spans_ending(solution, sessions[k].end),
            };
            *value = exposure_metrics[request->metric].session(&e, request);
        }
    }
}
