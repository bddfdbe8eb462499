#include "worker_exposure.h"

#include "lane_events.h"
#include "session.h"
#include "worker_solution.h"

#include <math.h>
#include <stdlib.h>

struct worker_exposure {
    const struct worker_plan *plan;
    bool wanted;   /* the study stores metrics */
    int sessions;  /* per metric in session_values; 0 where the study asks about no thresholds */
    int intervals; /* per metric in interval_values; 0 where the study wants no metrics of dosing intervals */
    struct exposure_scratch *scratch;
    struct worker_solution *solution; /* NULL: metrics are of the observations, and none of sessions */
    struct given_dose *given;         /* [dose] of the patient at hand */
    struct dosing_session *of_given;  /* [session] the same */
    double *times, *levels;           /* [row], of a patient of an event table */
    double *values;                   /* [lane][analyte][metric] */
    double *interval_values;          /* [lane][analyte][metric][interval] */
    double *session_values;           /* [lane][metric of the thresholds][session] */
    int32_t *flags;                   /* [lane][analyte] */
    const double **value_rows;        /* [lane][analyte] */
    const double **interval_rows;     /* [lane][analyte] */
};

static void *allocate(size_t count, size_t size)
{
    return calloc(count ? count : 1, size);
}

struct worker_exposure *worker_exposure_create(const struct worker_plan *plan)
{
    const struct study *study = plan->study;
    const size_t rows = WORKER_LANES * (size_t)study->analyte_count;
    struct worker_exposure *e = allocate(1, sizeof(*e));
    if (!e) {
        return NULL;
    }
    e->plan = plan;
    e->wanted = (study->store & STORE_EXPOSURE) && study->metric_count > 0;
    e->intervals = e->wanted && study->per_interval ? plan->most_intervals : 0;
    e->scratch = exposure_scratch_create(plan->most_rows, plan->most_intervals);
    e->sessions = plan->most_sessions;
    const bool watched = (e->wanted && study->from_solution) || e->sessions > 0;
    e->solution = watched ? worker_solution_create(plan) : NULL;
    e->given = allocate((size_t)plan->most_doses, sizeof(*e->given));
    e->of_given = allocate((size_t)plan->most_doses, sizeof(*e->of_given));
    e->times = allocate((size_t)plan->most_rows, sizeof(*e->times));
    e->levels = allocate((size_t)plan->most_rows, sizeof(*e->levels));
    e->values = allocate(rows * (size_t)study->metric_count, sizeof(double));
    e->interval_values = allocate(rows * (size_t)study->metric_count * (size_t)e->intervals, sizeof(double));
    e->session_values =
        allocate(WORKER_LANES * (size_t)study->thresholds.metric_count * (size_t)e->sessions, sizeof(double));
    e->flags = allocate(rows, sizeof(*e->flags));
    e->value_rows = allocate(rows, sizeof(*e->value_rows));
    e->interval_rows = allocate(rows, sizeof(*e->interval_rows));
    if (!e->scratch || !e->given || !e->of_given || !e->times || !e->levels || !e->values ||
        !e->interval_values || !e->session_values || !e->flags || !e->value_rows || !e->interval_rows ||
        (watched && !e->solution)) {
        worker_exposure_free(e);
        return NULL;
    }
    return e;
}

void worker_exposure_free(struct worker_exposure *e)
{
    if (!e) {
        return;
    }
    exposure_scratch_free(e->scratch);
    worker_solution_free(e->solution);
    free(e->given);
    free(e->of_given);
    free(e->times);
    free(e->levels);
    free(e->values);
    free(e->interval_values);
    free(e->session_values);
    free(e->flags);
    free(e->value_rows);
    free(e->interval_rows);
    free(e);
}

const struct watch *worker_exposure_watch(struct worker_exposure *e, struct lane *const *lanes, int count)
{
    return e->solution ? worker_solution_begin(e->solution, lanes, count) : NULL;
}

static void fill_nan(double *values, ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        values[i] = NAN;
    }
}

/* The observations of a patient of an event table; of several at one time the last. How many, or -1 where time goes
 * back or nothing is observed, and there is no profile. */
static int observed_profile(struct worker_exposure *e, const struct lane_events *events, const double *levels)
{
    int count = 0;
    for (int row = 0; row < events->count; row++) {
        const double time = events->events[row].time;
        if (row > 0 && time < events->events[row - 1].time) {
            return -1;
        }
        if (events->events[row].kind != EVENT_OBSERVATION) {
            continue;
        }
        count -= count > 0 && e->times[count - 1] == time;
        e->times[count] = time;
        e->levels[count++] = levels[row];
    }
    return count > 0 ? count : -1;
}

/* The metrics of one analyte of the lane at `position`; its numbers go to row `row` of the arrays. */
static void compute_analyte(struct worker_exposure *e, const struct lane *lane, int position, ptrdiff_t row,
                            int output, const double *levels)
{
    const struct study *study = e->plan->study;
    const struct model *model = &study->models[lane->model];
    const struct exposure_request request = {
        .metrics = study->metrics,
        .metric_count = study->metric_count,
        .intervals = e->intervals,
        .values = e->values + row * study->metric_count,
        .interval_values = e->interval_values + row * study->metric_count * e->intervals,
        .flags = e->plan->needs_slope ? &e->flags[row] : NULL,
    };
    struct profile profile = {
        .times = study->times,
        .levels = levels,
        .count = study->time_count,
        .rule = e->plan->auc_rule,
        .doses = e->given,
        .dose_count = study->arms[lane->arm].dose_count,
        .of_effect = output_is_effect(&model->outputs[output]),
        .of_drug = output == model_drug_output(model),
        .compartment = model->outputs[output].compartment,
        .slope = study->slope,
        .solution = study->from_solution && e->solution && !output_is_effect(&model->outputs[output])
                        ? worker_solution_of(e->solution, position, output)
                        : NULL,
    };
    if (lane->events) { /* rows see their own doses: what needs a level before a dose is missing */
        profile.times = e->times;
        profile.levels = e->levels;
        profile.count = observed_profile(e, lane->events, levels);
        profile.doses = NULL;
        profile.dose_count = 0;
    }
    if (profile.count > 0) {
        exposure_compute(&request, &profile, e->scratch);
    } else {
        fill_nan(request.values, request.metric_count);
        e->flags[row] = SLOPE_MISSING;
    }
}

/* What the study's thresholds ask of the lane at `position`; NULL where they ask nothing. */
static const double *compute_sessions(struct worker_exposure *e, const struct lane *lane, int position)
{
    const struct study *study = e->plan->study;
    const ptrdiff_t count = (ptrdiff_t)study->thresholds.metric_count * e->sessions;
    double *values = e->session_values + position * count;

    if (e->sessions == 0) {
        return NULL;
    }
    fill_nan(values, count);
    if (lane->status != PATIENT_SIMULATED) {
        return values;
    }
    const int sessions = dosing_sessions(e->given, study->arms[lane->arm].dose_count,
                                         study->times[study->time_count - 1], e->of_given);
    for (int a = 0; a < study->analyte_count; a++) {
        const int output = e->plan->output_of[lane->model * study->analyte_count + a];
        if (output >= 0 && !output_is_effect(&study->models[lane->model].outputs[output])) {
            session_metrics(study, a, worker_solution_of(e->solution, position, output), e->of_given,
                            sessions, e->sessions, values);
        }
    }
    return values;
}

void worker_exposure_compute(struct worker_exposure *e, const struct lane *lane, int position,
                             struct simulated *finished)
{
    const struct study *study = e->plan->study;
    const int analytes = study->analyte_count;
    const ptrdiff_t first = (ptrdiff_t)position * analytes;
    const double weight = e->plan->weight >= 0 ? lane->covariates[e->plan->weight] : (double)NAN;

    if ((e->wanted || e->sessions > 0) && lane->status == PATIENT_SIMULATED && !lane->events) {
        dosing_given(&study->models[lane->model], &study->arms[lane->arm], weight, e->given);
    }
    for (int a = 0; a < analytes; a++) {
        const ptrdiff_t row = first + a;
        const int output = e->plan->output_of[lane->model * analytes + a];
        double *values = e->values + row * study->metric_count;
        double *interval_values = e->interval_values + row * study->metric_count * e->intervals;
        e->value_rows[row] = e->wanted && output >= 0 ? values : NULL;
        e->interval_rows[row] = e->wanted && output >= 0 ? interval_values : NULL;
        e->flags[row] = SLOPE_MISSING;
        if (output < 0 || lane->status != PATIENT_SIMULATED) {
            fill_nan(values, study->metric_count);
            fill_nan(interval_values, (ptrdiff_t)study->metric_count * e->intervals);
        } else if (e->wanted) {
            compute_analyte(e, lane, position, row, output, finished->levels[a]);
        }
    }
    finished->metrics = e->value_rows + first;
    finished->interval_metrics = e->intervals > 0 ? e->interval_rows + first : NULL;
    finished->slope_flags = e->flags + first;
    finished->session_metrics = compute_sessions(e, lane, position);
}
