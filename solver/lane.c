#include "lane.h"

#include "lane_events.h"
#include "timeline_join.h"

#include "model/applicability.h"
#include "model/effects.h"
#include "model/patients.h"
#include "model/uncertainty.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int lane_check_slopes(const struct model *model, const struct individual *individual, double last,
                      struct individual_error *why)
{
    for (int f = 0; f < model->flow_count; f++) {
        if (individual->rates[f] + individual->slopes[f] * last < 0) {
            snprintf(why->text, sizeof(why->text), "the rate of the flow from %s falls below 0 at %g h",
                     model->compartments[model->flows[f].from],
                     -individual->rates[f] / individual->slopes[f]);
            return -1;
        }
    }
    return 0;
}

int lane_rows(const struct lane *lane, const struct study *study)
{
    return lane->events ? lane->events->count : study->time_count;
}

double lane_time(const struct lane *lane, const struct study *study, int row)
{
    return lane->events ? lane->events->events[row].time : study->times[row];
}

int lane_occasion(const struct lane *lane, const struct study *study, int row, int occasion)
{
    if (lane->events) {
        return lane->events->periods[row];
    }
    /* An observation at the start of an occasion still sees the one before, as levels do. */
    while (occasion + 1 < lane->occasion_count && lane->occasion_starts[occasion + 1] < study->times[row]) {
        occasion++;
    }
    return occasion;
}

void lane_set_occasion(struct occasion *occasion, const struct individual *individual)
{
    memcpy(occasion->rates, individual->rates, sizeof(occasion->rates));
    memcpy(occasion->slopes, individual->slopes, sizeof(occasion->slopes));
    memcpy(occasion->kms, individual->kms, sizeof(occasion->kms));
    memcpy(occasion->volumes, individual->volumes, sizeof(occasion->volumes));
    memcpy(occasion->sigmoids, individual->sigmoids, sizeof(occasion->sigmoids));
}

void lane_keep_kappas(struct lane *lane, int occasion)
{
    if (lane->kappas) {
        memcpy(lane->kappas + (ptrdiff_t)occasion * MODEL_PARAMETERS_MAX, lane->individual.kappas,
               sizeof(lane->individual.kappas));
    }
}

/* Computes the patient on each occasion of the arm, and the doses that follow; then without the effects of an occasion. */
static int prepare_occasions(struct lane *lane, const struct worker_plan *plan, struct evaluator *evaluator,
                             const struct arm *arm, double weight, struct individual_error *why)
{
    const struct study *study = plan->study;
    const struct model *model = &study->models[lane->model];
    struct individual *individual = &lane->individual;
    bool varies = model_has_occasions(model);
    double last = study->times[study->time_count - 1];
    bool clamped[MODEL_PARAMETERS_MAX] = {false};
    lane->occasion_count = varies ? dosing_occasions(arm, lane->occasion_starts) : 1;
    lane->pulse_count = 0;
    for (int o = 0; o < lane->occasion_count; o++) {
        if (varies && study->variability) {
            individual_draw_occasion(model, study->seed, patient_key(study, lane->patient), o,
                                     individual->kappas);
        }
        if (evaluator_individual(evaluator, individual, arm->settings, arm->setting_count, why) ||
            lane_check_slopes(model, individual, last, why)) {
            return -1;
        }
        int pulses = dosing_pulses(evaluator, model, arm, varies ? o : ALL_OCCASIONS, weight,
                                   lane->pulses + lane->pulse_count, why);
        if (pulses < 0) {
            return -1;
        }
        lane->pulse_count += pulses;
        struct occasion *occasion = &lane->occasions[o];
        lane_set_occasion(occasion, individual);
        lane_keep_kappas(lane, o);
        for (int p = 0; p < model->parameter_count; p++) {
            clamped[p] |= individual->clamped[p];
        }
    }
    for (int p = 0; p < model->parameter_count; p++) {
        lane->clamped += clamped[p];
    }
    if (varies) {
        memset(individual->kappas, 0, sizeof(individual->kappas));
        return evaluator_individual(evaluator, individual, arm->settings, arm->setting_count, why);
    }
    return 0;
}

/* What was not computed must not be taken for a 0. */
static void forget_numbers(struct individual *individual)
{
    for (int p = 0; p < MODEL_PARAMETERS_MAX; p++) {
        individual->parameters[p] = NAN;
    }
    for (int f = 0; f < MODEL_FLOWS_MAX; f++) {
        individual->rates[f] = NAN;
    }
}

static void prepare_regimen(struct lane *lane, const struct worker_plan *plan, struct evaluator *evaluator)
{
    const struct study *study = plan->study;
    const struct arm *arm = &study->arms[lane->arm];
    const struct model *model = &study->models[lane->model];
    struct individual *individual = &lane->individual;
    patient_covariates_in_arm(study, arm, lane->patient, lane->covariates);
    for (int c = 0; c < model->covariate_count; c++) {
        int source = plan->covariate_of[lane->model * MODEL_COVARIATES_MAX + c];
        double value = source >= 0 ? lane->covariates[source] : model->covariates[c].typical;
        individual->covariates[c] = value;
    }
    lane->outside = limits_broken(study, arm, lane->covariates);
    patient_effects(study, arm, lane->patient, individual->etas);
    deviation_shifts(arm, individual);
    struct individual_error why;
    double weight = plan->weight >= 0 ? lane->covariates[plan->weight] : (double)NAN;
    if (prepare_occasions(lane, plan, evaluator, arm, weight, &why)) {
        lane->status = PATIENT_PARAMETERS;
        lane->why.time = study->times[0];
        snprintf(lane->why.text, sizeof(lane->why.text), "%s", why.text);
        return;
    }
    lane->status = PATIENT_SIMULATED;
}

void lane_prepare(struct lane *lane, const struct worker_plan *plan, struct evaluator *const *evaluators,
                  struct steady_solver *const *steady, int64_t number)
{
    const struct study *study = plan->study;
    lane->arm = (int)(number / study->patient_count);
    lane->patient = number % study->patient_count;
    lane->model = study->arms[lane->arm].model;
    lane->taken = false;
    lane->laid_out = false;
    lane->clamped = 0;
    memset(&lane->individual, 0, sizeof(lane->individual));
    if (study->events) {
        lane_prepare_events(lane, plan, evaluators[lane->model], steady[lane->model]);
    } else {
        prepare_regimen(lane, plan, evaluators[lane->model]);
    }
    if (lane->status == PATIENT_PARAMETERS) {
        forget_numbers(&lane->individual);
    }
}

int lane_lay_out(struct lane *lane, const struct study *study)
{
    const struct pulse *pulses[] = {lane->pulses};
    if (lane->events || lane->laid_out) {
        return 0;
    }
    lane->timeline.period_starts = lane->occasion_starts;
    lane->timeline.period_count = lane->occasion_count;
    if (timeline_build(&lane->timeline, pulses, lane->pulse_count, 1, study->times, study->time_count)) {
        return -1;
    }
    lane->laid_out = true;
    return 0;
}

static bool same_starts(const struct lane *a, const struct lane *b)
{
    return a->occasion_count == 1 ||
           memcmp(a->occasion_starts, b->occasion_starts, (size_t)a->occasion_count * sizeof(double)) == 0;
}

/* Whether both can be solved, by the same model and with as many sets of parameters. */
static bool comparable(const struct lane *a, const struct lane *b)
{
    return a->status == PATIENT_SIMULATED && b->status == PATIENT_SIMULATED && a->model == b->model &&
           a->occasion_count == b->occasion_count;
}

bool lanes_share_order(const struct lane *a, const struct lane *b)
{
    return comparable(a, b) &&
           (a->events ? history_same_order(&a->events->history, &b->events->history, false)
                      : timeline_same_order(&a->timeline, &b->timeline));
}

bool lanes_share_times(const struct lane *a, const struct lane *b)
{
    if (!comparable(a, b)) {
        return false;
    }
    if (a->events) {
        return history_same_order(&a->events->history, &b->events->history, true);
    }
    return same_starts(a, b) && a->pulse_count == b->pulse_count &&
           timeline_shared(a->pulses, b->pulses, a->pulse_count);
}
