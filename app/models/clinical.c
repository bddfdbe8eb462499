#include "clinical.h"

#include "typical.h"

#include "solver/exposure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double seconds_per_hour = 3600;
static const double usual_weight = 70;  /* kg, where a study states none */
static const double usual_dose = 1;     /* mg, where any dose will do */
static const double peak_horizon = 24;  /* h after the last infusion: later than any peak */
static const double area_horizon = 240; /* h: twenty of the longest half-lives */

static const char *const fit_texts[] = {
    [CLINICAL_NO_ROUTE] = "no model has the route",
    [CLINICAL_NO_ANALYTE] = "no model with the route has the analyte",
    [CLINICAL_OTHER_DRUG] = "the models with route and analyte are of another drug",
    [CLINICAL_OTHER_PEOPLE] = "adults and children are not held against each other",
    [CLINICAL_UNKNOWN_PEOPLE] = "the weight and age of the children are not stated",
    [CLINICAL_OTHER_DEVICE] = "not given by the devices that the route of the model consists of",
    [CLINICAL_UNKNOWN_PEAK] = "a peak by vein means nothing without the duration of the dose",
    [CLINICAL_FITS] = "",
};

const char *clinical_fit_text(enum clinical_fit fit)
{
    return fit_texts[fit];
}

static double row_weight(const struct clinical_row *row)
{
    return isnan(row->weight) ? usual_weight : row->weight;
}

static double row_amount(const struct clinical_row *row, int dose)
{
    return row->amounts[dose] * (row->basis == DOSE_PER_KG ? row_weight(row) : 1);
}

/* The covariate of the row's patient; NaN where neither the study nor the model states it. */
static double row_covariate(const struct clinical_row *row, const struct covariate *covariate)
{
    if (strcmp(covariate->name, "age") == 0 && !isnan(row->age)) {
        return row->age;
    }
    if (strcmp(covariate->name, "weight") == 0 && !(isnan(row->weight) && row->children)) {
        return row_weight(row);
    }
    return covariate->typical;
}

static bool is_of_children(const struct model *model)
{
    for (int i = 0; i < model->covariate_count; i++) {
        if (isnan(model->covariates[i].typical)) {
            return true;
        }
    }
    return false;
}

/* Whether every dose of the row is a whole number of the route's devices. */
static bool fits_devices(const struct clinical_row *row, const struct route *route)
{
    for (int i = 0; i < row->dose_count && route->device_amount > 0; i++) {
        const double devices = row->amounts[i] / route->device_amount;
        if (row->basis == DOSE_PER_KG || fabs(devices - round(devices)) > 1e-9) {
            return false;
        }
    }
    return true;
}

static bool is_peak(const struct clinical_row *row)
{
    return row->quantity == CLINICAL_CMAX || row->quantity == CLINICAL_TMAX ||
           row->quantity == CLINICAL_TMAX_FROM_LAST;
}

enum clinical_fit clinical_fit(const struct clinical_row *row, const struct model *model, double *share)
{
    const int route = model_route(model, row->route);
    const int iv = model_route(model, "iv");

    if (route < 0 || (row->quantity == CLINICAL_BIOAVAILABILITY && iv < 0)) {
        return CLINICAL_NO_ROUTE;
    }
    if (model_output(model, row->analyte) < 0) {
        return CLINICAL_NO_ANALYTE;
    }
    *share = strcmp(row->drug, model->drug) == 0 ? 1 : strcmp(row->drug, "racemate") == 0 ? 0.5 : 0;
    if (*share == 0) {
        return CLINICAL_OTHER_DRUG;
    }
    if (row->children != is_of_children(model)) {
        return CLINICAL_OTHER_PEOPLE;
    }
    for (int i = 0; i < model->covariate_count; i++) {
        if (isnan(row_covariate(row, &model->covariates[i]))) {
            return CLINICAL_UNKNOWN_PEOPLE;
        }
    }
    if (!fits_devices(row, &model->routes[route]) || (*share < 1 && model->routes[route].device_amount > 0)) {
        return CLINICAL_OTHER_DEVICE;
    }
    if (route == iv && row->hours == 0 && is_peak(row)) {
        return CLINICAL_UNKNOWN_PEAK;
    }
    return CLINICAL_FITS;
}

/* --- one profile --- */

/* Times from 0 to `end` (h), close together where levels change fast. The second, a millisecond after the first, sees a
 * bolus whole. The count; `times` may be NULL. */
static int times_fill(double *times, double end)
{
    int count = 2;

    if (times != NULL) {
        times[0] = 0;
        times[1] = 0.001 / seconds_per_hour;
    }
    for (int64_t s = 1; (double)s / seconds_per_hour < end; s += s < 120 ? 1 : s < 7200 ? 10 : 60) {
        if (times != NULL) {
            times[count] = (double)s / seconds_per_hour;
        }
        count++;
    }
    if (times != NULL) {
        times[count] = end;
    }
    return count + 1;
}

static double metric(const char *name, const struct profile *profile)
{
    return exposure_value(exposure_metric_find(name), profile);
}

/* What is observed of the profile, whose last time is the one that matters to a level. */
static double profile_value(const struct profile *profile, enum clinical_quantity quantity)
{
    switch (quantity) {
    case CLINICAL_LEVEL:
    case CLINICAL_PLATEAU:
        return profile->levels[profile->count - 1];
    case CLINICAL_CMAX:
        return metric("cmax", profile);
    case CLINICAL_TMAX:
    case CLINICAL_TMAX_FROM_LAST:
        return metric("tmax", profile);
    default:
        return metric("auc_last", profile);
    }
}

/* Simulates the row's doses, given by `route`, and observes `quantity`. */
static int observe(const struct clinical_row *row, const struct model *model, int route, double share,
                   enum clinical_quantity quantity, double *value, struct diagnostics *d)
{
    const bool one_level = quantity == CLINICAL_LEVEL || quantity == CLINICAL_PLATEAU;
    const double given = row->hours * (row->dose_count > 0 ? row->dose_count : 1);
    const double end = quantity == CLINICAL_PLATEAU ? given
                       : isfinite(row->at)          ? row->at
                       : is_peak(row)               ? given + peak_horizon
                                                    : given + area_horizon;
    const int count = one_level ? 1 : times_fill(NULL, end);
    double *times = calloc((size_t)count, sizeof(*times));
    double *levels = calloc((size_t)count * (size_t)model->output_count, sizeof(*levels));
    double covariates[MODEL_COVARIATES_MAX];
    struct dose doses[CLINICAL_DOSES_MAX];
    int result = -1;

    if (times == NULL || levels == NULL) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    if (one_level) {
        times[0] = end;
    } else {
        times_fill(times, end);
    }
    for (int i = 0; i < model->covariate_count; i++) {
        covariates[i] = row_covariate(row, &model->covariates[i]);
    }
    doses[0] = (struct dose){.route = route, .amount = usual_dose, .share = share};
    for (int i = 0; i < row->dose_count; i++) {
        doses[i] = (struct dose){
            .time = i * row->hours * seconds_per_hour,
            .route = route,
            .amount = row_amount(row, i),
            .over = row->hours * seconds_per_hour,
            .share = share,
        };
    }
    const struct typical typical = {
        .title = row->study,
        .model = model,
        .doses = doses,
        .dose_count = row->dose_count > 0 ? row->dose_count : 1,
        .covariates = covariates,
        .times = times,
        .time_count = count,
    };
    if (typical_solve(&typical, "cvode", levels, d) == 0) {
        const struct profile profile = {
            .times = times,
            .levels = levels + (ptrdiff_t)model_output(model, row->analyte) * count,
            .count = count,
            .rule = AUC_LINEAR_UP_LOG_DOWN,
        };
        *value = profile_value(&profile, quantity);
        result = 0;
    }

out:
    free(times);
    free(levels);
    return result;
}

/* --- one comparison --- */

/* mg of the model's drug. */
static double amount_given(const struct clinical_row *row, double share)
{
    double sum = row->dose_count > 0 ? 0 : usual_dose;

    for (int i = 0; i < row->dose_count; i++) {
        sum += row_amount(row, i);
    }
    return sum * share;
}

int clinical_simulate(const struct clinical_row *row, const struct model *model, double *simulated,
                      struct diagnostics *d)
{
    const int route = model_route(model, row->route);
    const struct route *given = &model->routes[route];
    double share;
    double by_vein;

    clinical_fit(row, model, &share);
    if (observe(row, model, route, share, row->quantity, simulated, d)) {
        return -1;
    }
    switch (row->quantity) {
    case CLINICAL_TMAX_FROM_LAST:
        if (given->device_amount > 0) {
            *simulated -= (round(row_amount(row, 0) / given->device_amount) - 1) * given->device_spacing /
                          seconds_per_hour;
        }
        return 0;
    case CLINICAL_CLEARANCE:
        *simulated = 1000 * amount_given(row, share) / *simulated;
        return 0;
    case CLINICAL_CLEARANCE_PER_WEIGHT:
        *simulated = 1000 * amount_given(row, share) / *simulated / row_weight(row);
        return 0;
    case CLINICAL_BIOAVAILABILITY:
        if (observe(row, model, model_route(model, "iv"), share, CLINICAL_AUC, &by_vein, d)) {
            return -1;
        }
        *simulated /= by_vein;
        return 0;
    default:
        return 0;
    }
}

double clinical_ratio(const struct clinical_row *row, double simulated)
{
    return row->high > row->low ? (double)NAN : simulated / row->low;
}

bool clinical_is_exposure(const struct clinical_row *row)
{
    return row->quantity == CLINICAL_LEVEL || row->quantity == CLINICAL_PLATEAU ||
           row->quantity == CLINICAL_CMAX || row->quantity == CLINICAL_AUC;
}
