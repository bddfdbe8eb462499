/* lane_events - a patient whom the rows of an event table dose and observe, made ready to be solved. For worker.c. */
#ifndef KETSIM_LANE_EVENTS_H
#define KETSIM_LANE_EVENTS_H

#include "history.h"

struct lane_events {
    const struct event *events; /* the patient's rows */
    int count;
    int *periods;           /* [row]: its parameters, an index into lane->occasions */
    double *parameters;     /* [period][MODEL_PARAMETERS_MAX], internal units */
    struct row_dose *doses; /* [row] */
    struct dose_part *parts;
    int part_capacity;
    struct history history;
};

/* Room for the patients of the plan's study; NULL without memory. */
struct lane_events *lane_events_create(const struct worker_plan *plan);
void lane_events_free(struct lane_events *events);

/* The most parameter sets that any patient of the study can have. */
int events_most_periods(const struct study *study);

/* Fills lane->events and all that lane_prepare fills. `steady` is of the lane's model. */
void lane_prepare_events(struct lane *lane, const struct worker_plan *plan, struct evaluator *evaluator,
                         struct steady_solver *steady);

#endif
