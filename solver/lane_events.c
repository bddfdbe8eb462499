#include "lane_events.h"

#include "model/applicability.h"
#include "model/effects.h"
#include "model/patients.h"
#include "model/uncertainty.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lane_events *lane_events_create(const struct worker_plan *plan)
{
    const size_t rows = (size_t)plan->most_rows + 1;
    struct lane_events *e = calloc(1, sizeof(*e));
    if (!e) {
        return NULL;
    }
    e->periods = calloc(rows, sizeof(*e->periods));
    e->parameters = calloc((size_t)plan->most_occasions * MODEL_PARAMETERS_MAX, sizeof(*e->parameters));
    e->doses = calloc(rows, sizeof(*e->doses));
    if (!e->periods || !e->parameters || !e->doses) {
        lane_events_free(e);
        return NULL;
    }
    return e;
}

void lane_events_free(struct lane_events *e)
{
    if (!e) {
        return;
    }
    free(e->periods);
    free(e->parameters);
    free(e->doses);
    free(e->parts);
    history_clear(&e->history);
    free(e);
}

/* Whether a row needs parameters of its own: another occasion or other covariates than the row before. */
static bool differs(const struct event_table *table, int64_t row)
{
    const size_t columns = (size_t)table->column_count;
    const double *values = table->values + row * table->column_count;
    return table->events[row].occasion != table->events[row - 1].occasion ||
           (columns > 0 && memcmp(values, values - columns, columns * sizeof(double)) != 0);
}

int events_most_periods(const struct study *study)
{
    const struct event_table *table = study->events;
    int most = 1;
    for (int64_t p = 0; p < table->patient_count; p++) {
        int periods = 1;
        for (int i = 1; i < table->patients[p].count; i++) {
            periods += differs(table, table->patients[p].first + i);
        }
        most = periods > most ? periods : most;
    }
    return most;
}

/* --- What a row's dose is made of --- */

static struct dose_part *add_part(struct lane_events *e, int count)
{
    if (count == e->part_capacity) {
        const int more = 2 * count + 16;
        struct dose_part *grown = realloc(e->parts, (size_t)more * sizeof(*grown));
        if (!grown) {
            return NULL;
        }
        e->parts = grown;
        e->part_capacity = more;
    }
    return &e->parts[count];
}

/* Into a compartment that the table names. Of RATE > 0 the amount that enters decides how long it takes, of DUR and RATE -2 how
 * fast it enters. */
static int compartment_part(struct evaluator *evaluator, const struct event *event, int entry, int routes,
                            struct dose_part *part, struct individual_error *why)
{
    struct intake intake;
    if (evaluator_intake(evaluator, entry, 0, 1, event->amount, &intake, why)) {
        return -1;
    }
    *part = (struct dose_part){
        .offset = intake.lag,
        .compartment = entry - routes,
        .amount = event->amount * intake.fraction,
    };
    if (event->rate > 0) {
        part->duration = part->amount / event->rate;
    } else if (event->rate == DURATION_MODELED) {
        part->duration = intake.over;
    } else if (event->rate == RATE_MODELED) {
        part->duration = part->amount / intake.rate;
        part->modeled = true;
    } else {
        part->duration = event->duration;
    }
    return 0;
}

/* By a route, as in a regimen: what RATE and DUR say holds for the whole dose. */
static int route_parts(struct evaluator *evaluator, struct lane_events *e, const struct event *event,
                       int number, const struct route *route, int *count, struct individual_error *why)
{
    const int devices = route->device_amount > 0 ? (int)lround(event->amount / route->device_amount) : 1;
    const double over = event->rate > 0 ? event->amount / event->rate : event->duration;
    for (int device = 1; device <= devices; device++) {
        for (int i = 0; i < route->input_count; i++) {
            struct intake intake;
            struct dose_part *part = add_part(e, *count);
            if (!part) {
                snprintf(why->text, sizeof(why->text), "out of memory");
                return -1;
            }
            if (evaluator_intake(evaluator, number, i, device, event->amount, &intake, why)) {
                return -1;
            }
            *part = (struct dose_part){
                .offset = (device - 1) * route->device_spacing / 3600 + intake.lag,
                .duration = isnan(intake.over) ? over : intake.over,
                .compartment = route->inputs[i].to,
                .amount = event->amount / devices * intake.fraction,
            };
            ++*count;
        }
    }
    return 0;
}

/* Adds what row `row` gives. `*count`: parts so far. */
static int add_dose(struct lane *lane, const struct worker_plan *plan, struct evaluator *evaluator, int row,
                    int *count, struct individual_error *why)
{
    struct lane_events *e = lane->events;
    const struct event *event = &e->events[row];
    const struct event_table *table = plan->study->events;
    const struct model *model = &plan->study->models[lane->model];
    const int before = *count;
    e->doses[row] = (struct row_dose){0};
    if (event->kind != EVENT_DOSE && event->kind != EVENT_RESET_AND_DOSE) {
        return 0;
    }
    const int entry = table->entries[lane->model * table->entry_count + event->entry];
    if (entry < model->route_count) {
        if (route_parts(evaluator, e, event, entry, &model->routes[entry], count, why)) {
            return -1;
        }
        if (event->amount > 0 && range_excludes(dose_range(&model->routes[entry]), event->amount)) {
            lane->outside |= 1 << LIMIT_DOSE;
        }
    } else {
        struct dose_part *part = add_part(e, *count);
        if (!part) {
            snprintf(why->text, sizeof(why->text), "out of memory");
            return -1;
        }
        if (compartment_part(evaluator, event, entry, model->route_count, part, why)) {
            return -1;
        }
        ++*count;
    }
    e->doses[row].count = *count - before;
    return 0;
}

/* --- Rows --- */

/* The covariates of a row, of the study and of the model. */
static void set_covariates(struct lane *lane, const struct worker_plan *plan, const double *drawn,
                           int64_t row, double *covariates)
{
    const struct study *study = plan->study;
    const struct model *model = &study->models[lane->model];
    for (int c = 0; c < study->covariate_count; c++) {
        const struct population_covariate *covariate = &study->covariates[c];
        covariates[c] = covariate->kind == DISTRIBUTION_EVENTS
                            ? study->events->values[row * study->events->column_count + covariate->column]
                            : drawn[c];
    }
    for (int c = 0; c < model->covariate_count; c++) {
        const int source = plan->covariate_of[lane->model * MODEL_COVARIATES_MAX + c];
        lane->individual.covariates[c] = source >= 0 ? covariates[source] : model->covariates[c].typical;
    }
}

static void keep_occasion(struct lane *lane, const struct model *model, struct evaluator *evaluator,
                          bool modeled_rates)
{
    struct occasion *occasion = &lane->occasions[lane->occasion_count++];
    lane_set_occasion(occasion, &lane->individual);
    lane_keep_kappas(lane, lane->occasion_count - 1);
    memcpy(lane->events->parameters + (ptrdiff_t)(lane->occasion_count - 1) * MODEL_PARAMETERS_MAX,
           lane->individual.parameters, sizeof(lane->individual.parameters));
    for (int c = 0; c < model->compartment_count; c++) {
        struct intake intake = {.rate = NAN};
        struct individual_error why;
        if (modeled_rates && model->compartment_inputs[c].rate &&
            evaluator_intake(evaluator, model->route_count + c, 0, 1, 0, &intake, &why)) {
            intake.rate = NAN;
        }
        occasion->dose_rates[c] = intake.rate;
    }
}

/* A modeled rate must be known for as long as an infusion at it can run: the rest of the table. */
static int check_dose_rates(const struct lane *lane, const struct worker_plan *plan,
                            struct individual_error *why)
{
    const struct event_table *table = plan->study->events;
    const struct model *model = &plan->study->models[lane->model];
    const struct lane_events *e = lane->events;
    for (int row = 0; row < e->count; row++) {
        if (e->events[row].rate != RATE_MODELED) {
            continue;
        }
        const int c =
            table->entries[lane->model * table->entry_count + e->events[row].entry] - model->route_count;
        for (int o = 0; c >= 0 && o < lane->occasion_count; o++) {
            if (!(lane->occasions[o].dose_rates[c] > 0)) {
                snprintf(why->text, sizeof(why->text), "the rate of doses into %s is not above 0",
                         model->compartments[c]);
                return -1;
            }
        }
    }
    return 0;
}

static int prepare_rows(struct lane *lane, const struct worker_plan *plan, struct evaluator *evaluator,
                        const struct arm *arm, const double *drawn, double *covariates,
                        struct individual_error *why)
{
    const struct study *study = plan->study;
    const struct event_table *table = study->events;
    const struct model *model = &study->models[lane->model];
    const struct event_patient *patient = &table->patients[lane->patient];
    struct lane_events *e = lane->events;
    struct individual first = {0};
    bool clamped[MODEL_PARAMETERS_MAX] = {false};
    bool modeled_rates = false;
    double last = 0;
    int parts = 0;
    for (int row = 0; row < e->count; row++) {
        modeled_rates |= e->events[row].rate == RATE_MODELED;
        last = fmax(last, e->events[row].time);
    }
    for (int row = 0; row < e->count; row++) {
        if (row == 0 || differs(table, patient->first + row)) {
            set_covariates(lane, plan, drawn, patient->first + row, covariates);
            lane->outside |= limits_broken(study, arm, covariates);
            if (study->variability && model_has_occasions(model)) {
                individual_draw_occasion(model, study->seed, (uint64_t)patient->id - 1,
                                         e->events[row].occasion - 1, lane->individual.kappas);
            }
            if (evaluator_individual(evaluator, &lane->individual, arm->settings, arm->setting_count, why) ||
                lane_check_slopes(model, &lane->individual, last, why)) {
                return -1;
            }
            keep_occasion(lane, model, evaluator, modeled_rates);
            if (row == 0) {
                first = lane->individual;
            }
            for (int p = 0; p < model->parameter_count; p++) {
                clamped[p] |= lane->individual.clamped[p];
            }
        }
        e->periods[row] = lane->occasion_count - 1;
        if (add_dose(lane, plan, evaluator, row, &parts, why)) {
            return -1;
        }
    }
    lane->individual = first;
    for (int p = 0; p < model->parameter_count; p++) {
        lane->clamped += clamped[p];
    }
    for (int row = 0, part = 0; row < e->count; row++) {
        e->doses[row].parts = e->parts + part; /* now that they stay where they are */
        part += e->doses[row].count;
    }
    return check_dose_rates(lane, plan, why);
}

void lane_prepare_events(struct lane *lane, const struct worker_plan *plan, struct evaluator *evaluator,
                         struct steady_solver *steady)
{
    const struct study *study = plan->study;
    const struct event_patient *patient = &study->events->patients[lane->patient];
    const struct arm *arm = &study->arms[lane->arm];
    const struct model *model = &study->models[lane->model];
    struct lane_events *e = lane->events;
    struct individual_error why;
    e->events = study->events->events + patient->first;
    e->count = patient->count;
    lane->occasion_count = 0;
    lane->outside = 0;
    patient_effects(study, arm, lane->patient, lane->individual.etas);
    deviation_shifts(arm, &lane->individual);
    patient_covariates_in_arm(study, arm, lane->patient, lane->covariates);
    if (prepare_rows(lane, plan, evaluator, arm, lane->covariates, lane->row_covariates, &why)) {
        lane->status = PATIENT_PARAMETERS;
        lane->why.time = e->events[0].time;
        snprintf(lane->why.text, sizeof(lane->why.text), "%s", why.text);
        return;
    }
    const struct history_rows rows = {
        .table = study->events,
        .events = e->events,
        .count = e->count,
        .periods = e->periods,
        .occasions = lane->occasions,
        .doses = e->doses,
        .compartments = model->compartment_count,
    };
    lane->why.status = PATIENT_SOLVER;
    lane->status =
        history_write(&e->history, &rows, steady, &lane->why) ? lane->why.status : PATIENT_SIMULATED;
}
