#include "worker_certificate.h"

#include "poison.h"

#include <math.h>
#include <stdlib.h>

struct worker_certificate {
    const struct worker_plan *plan;
    struct graph *graphs;             /* [model]: with what leaves the body */
    struct certificate_route *routes; /* [model] */
    void **states;                    /* [model] */
    double *levels;                   /* [output][lane][row], by the other route */
    double eliminated[CERTIFICATE_GROUP_MAX];
    double remaining[CERTIFICATE_GROUP_MAX];
};

struct worker_certificate *worker_certificate_create(const struct worker_plan *plan)
{
    const struct study *study = plan->study;
    const size_t models = (size_t)study->model_count;
    struct worker_certificate *c = calloc(1, sizeof(*c));
    if (!c) {
        return NULL;
    }
    c->plan = plan;
    c->graphs = calloc(models, sizeof(*c->graphs));
    c->routes = calloc(models, sizeof(*c->routes));
    c->states = calloc(models, sizeof(*c->states));
    c->levels =
        calloc(MODEL_OUTPUTS_MAX * CERTIFICATE_GROUP_MAX * ((size_t)plan->most_rows + 1), sizeof(double));
    if (!c->graphs || !c->routes || !c->states || !c->levels) {
        goto failed;
    }
    for (int m = 0; m < study->model_count; m++) {
        graph_init(&c->graphs[m], &study->models[m], true);
        c->routes[m] = certificate_route(study, &study->models[m]);
        c->states[m] =
            c->routes[m].integrator->create(&c->graphs[m], CERTIFICATE_GROUP_MAX, &c->routes[m].options);
        if (!c->states[m]) {
            goto failed;
        }
    }
    return c;
failed:
    worker_certificate_free(c);
    return NULL;
}

void worker_certificate_free(struct worker_certificate *c)
{
    if (!c) {
        return;
    }
    for (int m = 0; c->states && m < c->plan->study->model_count; m++) {
        if (c->states[m]) {
            c->routes[m].integrator->free(c->states[m]);
        }
    }
    free(c->graphs);
    free(c->routes);
    free(c->states);
    free(c->levels);
    free(c);
}

/* --- Mass --- */

/* mg of the pulses that have entered by `last`, h. */
static double pulses_given(const struct lane *lane, double last)
{
    double given = 0;
    for (int i = 0; i < lane->pulse_count; i++) {
        const struct pulse *p = &lane->pulses[i];
        if (p->start < last) {
            given += p->end > last ? p->amount * ((last - p->start) / (p->end - p->start)) : p->amount;
        }
    }
    return given;
}

/* mg that the rows of an event table give, all epochs together. */
static double rows_given(const struct lane *lane)
{
    const struct history *history = &lane->events->history;
    double given = 0;
    for (int e = 0; e < history->epoch_count; e++) {
        given += timeline_given(&history->epochs[e].timeline);
    }
    return given;
}

/* Relative to the dose. */
static double imbalance(const struct worker_certificate *c, const struct lane *lane, int l)
{
    const struct study *study = c->plan->study;
    const double given =
        lane->events ? rows_given(lane) : pulses_given(lane, study->times[study->time_count - 1]);
    const double missing = fabs(given - c->eliminated[l] - c->remaining[l]);
    return missing > 0 ? missing / given : 0;
}

/* --- Levels --- */

/* A lane's levels where they lie among those of a batch. */
struct own_levels {
    const double *first; /* of output 0 */
    ptrdiff_t stride;    /* to the next output */
};

/* Which analyte of the study an output of a model is. */
static int analyte_of(const struct worker_plan *plan, int model, int output)
{
    int a = plan->study->analyte_count - 1;
    while (a >= 0 && plan->output_of[model * plan->study->analyte_count + a] != output) {
        a--;
    }
    return a;
}

/* Finds the largest discrepancy of a lane. Whether all levels of the other route are finite. */
static bool find_worst(const struct worker_plan *plan, const struct lane *lane, struct own_levels own,
                       struct own_levels other, struct certified *found)
{
    const struct study *study = plan->study;
    const int rows = lane_rows(lane, study);
    found->discrepancy = -1;
    for (int output = 0; output < study->models[lane->model].level_count; output++) {
        const double *levels = own.first + output * own.stride;
        const double *references = other.first + output * other.stride;
        double floor = NAN;
        for (int row = 0, occasion = -1; row < rows; row++) {
            const int before = occasion;
            occasion = lane_occasion(lane, study, row, occasion < 0 ? 0 : occasion);
            if (occasion != before) {
                floor = certificate_floor(study, lane_level_scale(lane, occasion, output));
            }
            const double discrepancy = fabs(levels[row] - references[row]) / fmax(references[row], floor);
            if (!isfinite(references[row])) {
                return false;
            }
            if (discrepancy > found->discrepancy) {
                found->discrepancy = discrepancy;
                found->time = lane_time(lane, study, row);
                found->analyte = analyte_of(plan, lane->model, output);
                found->level = levels[row];
                found->reference = references[row];
            }
        }
    }
    return true;
}

static void judge(const struct worker_certificate *c, const struct lane *lane, int l, struct own_levels own,
                  struct own_levels other, struct certified *found)
{
    struct certified seen = *found;
    if (!find_worst(c->plan, lane, own, other, &seen)) {
        return;
    }
    seen.imbalance = imbalance(c, lane, l);
    seen.outcome =
        seen.discrepancy <= certificate_limit(c->plan->study) && seen.imbalance <= CERTIFICATE_IMBALANCE_LIMIT
            ? CERTIFICATE_AGREES
            : CERTIFICATE_DIFFERS;
    *found = seen;
}

/* --- Lanes --- */

/* Lanes of the sample, at most CERTIFICATE_GROUP_MAX. */
struct chosen {
    struct lane *lanes[CERTIFICATE_GROUP_MAX];
    struct own_levels own[CERTIFICATE_GROUP_MAX];
    struct certified *found[CERTIFICATE_GROUP_MAX];
    int count;
};

/* Those chosen from `first` on, as one batch; where that fails, half by half. */
static int compare(struct worker_certificate *c, struct worker_batch *worker, struct chosen *chosen,
                   int first, int count)
{
    const int m = chosen->lanes[first]->model;
    const int rows = lane_rows(chosen->lanes[first], c->plan->study);
    const struct approach by = {c->routes[m].integrator, c->states[m], &c->graphs[m], c->levels, NULL};
    struct batch batch = {.eliminated = c->eliminated, .remaining = c->remaining};
    struct solve_failure why;
    poison(c->levels, MODEL_OUTPUTS_MAX * CERTIFICATE_GROUP_MAX * (size_t)c->plan->most_rows);
    int failed = worker_batch_solve(worker, &by, chosen->lanes + first, count, &batch, &why);
    if (failed == -2) {
        return -2;
    }
    if (failed && count > 1) {
        failed = compare(c, worker, chosen, first, count / 2);
        return failed ? failed : compare(c, worker, chosen, first + count / 2, count - count / 2);
    }
    for (int l = 0; l < count && !failed; l++) {
        const struct own_levels other = {c->levels + (ptrdiff_t)l * rows, (ptrdiff_t)count * rows};
        judge(c, chosen->lanes[first + l], l, chosen->own[first + l], other, chosen->found[first + l]);
    }
    return 0;
}

int worker_certificate_compare(struct worker_certificate *c, struct worker_batch *worker,
                               struct lane *const *lanes, int count, const double *levels,
                               struct certified *found)
{
    const struct study *study = c->plan->study;
    const struct certificate_sample *sample = &c->plan->sample;
    struct chosen chosen = {.count = 0};
    for (int l = 0; l < count; l++) {
        const int64_t number = lanes[l]->arm * study->patient_count + lanes[l]->patient;
        const int64_t position = certificate_before(sample, number);
        found[l] = (struct certified){-1, CERTIFICATE_PENDING, NAN, NAN, -1, NAN, NAN, NAN};
        if (certificate_before(sample, number + 1) == position) {
            continue;
        }
        found[l].position = position;
        found[l].outcome = CERTIFICATE_FAILED;
        if (lanes[l]->status != PATIENT_SIMULATED) {
            continue;
        }
        const ptrdiff_t rows = lane_rows(lanes[l], study);
        found[l].outcome = CERTIFICATE_UNSOLVED;
        chosen.lanes[chosen.count] = lanes[l];
        chosen.own[chosen.count] = (struct own_levels){levels + l * rows, count * rows};
        chosen.found[chosen.count++] = &found[l];
        if (chosen.count == CERTIFICATE_GROUP_MAX) {
            if (compare(c, worker, &chosen, 0, chosen.count)) {
                return -2;
            }
            chosen.count = 0;
        }
    }
    return chosen.count > 0 ? compare(c, worker, &chosen, 0, chosen.count) : 0;
}
