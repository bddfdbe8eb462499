#include "changes.h"

#include "app/base/statistics.h"
#include "solver/answers.h"

#include <math.h>
#include <stdlib.h>

struct change_spread change_spread_compute(double *values, int64_t count)
{
    static const double fractions[] = {0.05, 0.5, 0.95};
    struct change_spread spread = {NAN, NAN, NAN, NAN, NAN};
    double quantiles[3];
    int64_t lower;
    int64_t upper;

    if (count == 0) {
        return spread;
    }
    count = answers_sort(values, count);
    quantile_ranks(count, 0.5, &lower, &upper);
    if (lower >= 1 && upper <= count) {
        spread.lower = values[lower - 1];
        spread.upper = values[upper - 1];
    }
    quantiles_compute(values, count, fractions, 3, quantiles);
    spread.p05 = quantiles[0];
    spread.median = quantiles[1];
    spread.p95 = quantiles[2];
    return spread;
}

/* What is read for one variable: [patient][interval] of the arm and of its baseline, and the patients' changes. */
struct work {
    double *of_arm, *of_baseline;
    double *differences, *ratios; /* [patient] */
};

static int work_init(struct work *work, const struct result *result)
{
    const size_t patients = (size_t)result->sizes[DIMENSION_PATIENT] + 1;
    const size_t values = patients * ((size_t)result->sizes[DIMENSION_INTERVAL] + 1);

    *work = (struct work){
        .of_arm = calloc(values, sizeof(double)),
        .of_baseline = calloc(values, sizeof(double)),
        .differences = calloc(patients, sizeof(double)),
        .ratios = calloc(patients, sizeof(double)),
    };
    return work->of_arm && work->of_baseline && work->differences && work->ratios ? 0 : -1;
}

static void work_clear(struct work *work)
{
    free(work->of_arm);
    free(work->of_baseline);
    free(work->differences);
    free(work->ratios);
}

/* Compares column `k` of `columns`. */
static void add_change(struct changes *changes, const struct work *work, int64_t patients, int64_t columns,
                       int64_t k, struct change change)
{
    bool positive = true;

    for (int64_t p = 0; p < patients; p++) {
        const double value = work->of_arm[p * columns + k];
        const double base = work->of_baseline[p * columns + k];
        if (isnan(value) || isnan(base)) {
            continue;
        }
        positive &= base > 0;
        work->differences[change.n] = value - base;
        work->ratios[change.n] = value / base;
        change.n++;
    }
    change.difference = change_spread_compute(work->differences, change.n);
    change.ratio = change_spread_compute(work->ratios, positive ? change.n : 0);
    changes->items[changes->count++] = change;
}

/* How many dosing intervals an arm has. -1 with the reason in `d`. */
static int64_t count_intervals(struct result *result, int64_t arm, struct diagnostics *d)
{
    const struct result_variable *v = result_find(result, ROLE_INTERVAL, NULL, NULL);
    const int64_t most = result->sizes[DIMENSION_INTERVAL];
    int64_t count = 0;
    double *starts;

    if (!v) {
        return 0;
    }
    starts = calloc((size_t)most + 1, sizeof(*starts));
    if (!starts) {
        return diagnostics_out_of_memory(d);
    }
    if (result_read(result, v, arm, 0, most, starts, d) != 0) {
        count = -1;
    }
    while (count >= 0 && count < most && !isnan(starts[count])) {
        count++;
    }
    free(starts);
    return count;
}

static int read_arm(struct changes *changes, struct result *result, int64_t arm, const struct work *work,
                    struct diagnostics *d)
{
    const int64_t baseline = result->baselines[arm];
    const int64_t patients = result->sizes[DIMENSION_PATIENT];
    const int64_t intervals = count_intervals(result, arm, d);
    const int64_t of_baseline = count_intervals(result, baseline, d);

    if (intervals < 0 || of_baseline < 0) {
        return -1;
    }
    for (int i = 0; i < result->variable_count; i++) {
        const struct result_variable *v = &result->variables[i];
        const bool by_interval = v->role == ROLE_INTERVAL_METRIC;
        if ((v->role != ROLE_METRIC && !(by_interval && intervals == of_baseline)) ||
            !result_model_has(result, result->arm_models[arm], v->analyte) ||
            !result_model_has(result, result->arm_models[baseline], v->analyte)) {
            continue;
        }
        if (result_read(result, v, arm, 0, patients, work->of_arm, d) != 0 ||
            result_read(result, v, baseline, 0, patients, work->of_baseline, d) != 0) {
            return -1;
        }
        for (int64_t k = 0; k < (by_interval ? intervals : 1); k++) {
            const struct change change = {
                .arm = arm, .baseline = baseline, .variable = v, .interval = by_interval ? k + 1 : 0};
            add_change(changes, work, patients, by_interval ? result->sizes[DIMENSION_INTERVAL] : 1, k,
                       change);
        }
    }
    return 0;
}

/* Room for all that there can be. */
static size_t count_most(const struct result *result)
{
    size_t variables = 0;
    size_t arms = 0;

    for (int i = 0; i < result->variable_count; i++) {
        const enum role role = result->variables[i].role;
        variables += role == ROLE_METRIC;
        variables += role == ROLE_INTERVAL_METRIC ? (size_t)result->sizes[DIMENSION_INTERVAL] : 0;
    }
    for (int64_t i = 0; i < result->sizes[DIMENSION_ARM]; i++) {
        arms += result->baselines[i] >= 0;
    }
    return arms * variables + 1;
}

int changes_read(struct changes *changes, struct result *result, struct diagnostics *d)
{
    struct work work = {0};
    int ret = 0;

    *changes = (struct changes){0};
    if (!result->baselines) {
        return 0;
    }
    changes->items = calloc(count_most(result), sizeof(*changes->items));
    if (work_init(&work, result) != 0 || !changes->items) {
        ret = diagnostics_out_of_memory(d);
    }
    for (int64_t arm = 0; arm < result->sizes[DIMENSION_ARM] && ret == 0; arm++) {
        if (result->baselines[arm] >= 0 && !result_is_replicate(result, arm)) {
            ret = read_arm(changes, result, arm, &work, d);
        }
    }
    work_clear(&work);
    return ret;
}

int64_t changes_first(const struct changes *changes, int64_t arm)
{
    int64_t from = 0;
    int64_t to = changes->count;

    while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        if (changes->items[middle].arm < arm) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

void changes_clear(struct changes *changes)
{
    free(changes->items);
    *changes = (struct changes){0};
}
