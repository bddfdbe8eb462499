#include "applicability.h"

#include "patients.h"

#include <math.h>
#include <string.h>

static const double rounding = 1e-9; /* relative */

int limit_count(const struct study *study)
{
    return LIMIT_COVARIATES + study->covariate_count;
}

const char *limit_name(const struct study *study, int limit)
{
    switch (limit) {
    case LIMIT_DOSE:
        return "dose";
    case LIMIT_AGE_GROUP:
        return "age_group";
    default:
        return study->covariates[limit - LIMIT_COVARIATES].name;
    }
}

struct range covariate_range(const struct covariate *covariate)
{
    return (struct range){.lowest = covariate->lowest, .highest = covariate->highest};
}

struct range dose_range(const struct route *route)
{
    return (struct range){.lowest = route->lowest_dose, .highest = route->highest_dose};
}

struct range age_group_range(const struct model *model, const struct study *study)
{
    struct range range = {.lowest = -INFINITY, .highest = INFINITY};
    if (strcmp(model->age_group, "adults") == 0) {
        range.lowest = study->adult_age;
    } else if (strcmp(model->age_group, "children") == 0) {
        range.highest = study->adult_age;
        range.below = true;
    }
    return range;
}

bool range_excludes(struct range range, double value)
{
    double tolerance = rounding * fabs(range.highest);
    if (value < range.lowest - rounding * fabs(range.lowest)) {
        return true;
    }
    return range.below ? value >= range.highest - tolerance : value > range.highest + tolerance;
}

double dose_mg(const struct dose *dose, double weight)
{
    return dose->lost > 0 ? dose->amount - dose->lost
                          : dose->amount * dose->share * (dose->basis == DOSE_PER_KG ? weight : 1);
}

static double value_of(const struct study *study, const double *covariates, const char *name)
{
    int c = study_covariate(study, name);
    return c >= 0 ? covariates[c] : (double)NAN;
}

int32_t limits_broken(const struct study *study, const struct arm *arm, const double *covariates)
{
    const struct model *model = &study->models[arm->model];
    double weight = value_of(study, covariates, "weight");
    double age = value_of(study, covariates, "age");
    uint32_t broken = 0;
    for (int i = 0; i < arm->dose_count; i++) {
        const struct dose *dose = &arm->doses[i];
        if (dose->amount > 0 &&
            range_excludes(dose_range(&model->routes[dose->route]), dose_mg(dose, weight))) {
            broken |= 1U << LIMIT_DOSE;
        }
    }
    if (range_excludes(age_group_range(model, study), age)) {
        broken |= 1U << LIMIT_AGE_GROUP;
    }
    for (int i = 0; i < model->covariate_count; i++) {
        int c = study_covariate(study, model->covariates[i].name);
        if (c >= 0 && range_excludes(covariate_range(&model->covariates[i]), covariates[c])) {
            broken |= 1U << (LIMIT_COVARIATES + c);
        }
    }
    return (int32_t)broken;
}
