/* The variables that hold random effects, and those that tell replicates of the parameter uncertainty apart. */
#include "layout_inner.h"

#include "model/individual.h"
#include "solver/dosing.h"

#include <math.h>
#include <string.h>

/* --- Random effects --- */

static const char *effect_unit(enum variability scale, const struct parameter *p)
{
    return scale == VARIABILITY_NORMAL ? p->unit : "1";
}

bool layout_is_set(const struct study *study, int model, int parameter)
{
    for (int i = 0; i < study->arm_count; i++) {
        const struct arm *arm = &study->arms[i];
        if (arm->model != model) {
            continue;
        }
        for (int k = 0; k < arm->setting_count; k++) {
            if (arm->settings[k].parameter == parameter) {
                return true;
            }
        }
        return false; /* what is set is set in all arms of the model */
    }
    return false;
}

/* A random effect between patients: the same in every arm of a model, unless replicates widen it. */
static int add_effect(struct layout *layout, const struct study *study, int model, int parameter)
{
    const struct parameter *p = &study->models[model].parameters[parameter];
    bool by_arm = study->model_count > 1;
    char name[sizeof(layout->variables->name)];
    struct layout_variable *v;

    for (int m = 0; m < study->model_count && study->uncertainty; m++) {
        for (int i = 0; i < study->uncertainty[m].count; i++) {
            by_arm |= study->uncertainty[m].estimates[i].of_variability;
        }
    }
    TEXT(name, "%s%s", PATIENT_EFFECT_PREFIX, p->name);
    v = layout_share(layout, study, ROLE_EFFECT, name, effect_unit(p->variability, p), model, parameter);
    if (v && v->rank == 0) {
        TEXT(v->long_name, "random effect of %s, between patients", p->name);
        layout_set_patient_dimensions(v, by_arm);
    }
    return v ? 0 : -1;
}

static int add_occasion_effect(struct layout *layout, const struct study *study, int model, int parameter)
{
    const struct parameter *p = &study->models[model].parameters[parameter];
    const enum role role = study->events ? ROLE_RECORD_OCCASION_EFFECT : ROLE_OCCASION_EFFECT;
    char name[sizeof(layout->variables->name)];
    struct layout_variable *v;

    TEXT(name, "kappa_%s", p->name);
    v = layout_share(layout, study, role, name, effect_unit(p->occasion, p), model, parameter);
    if (!v) {
        return -1;
    }
    if (v->rank == 0 && study->events) {
        TEXT(v->long_name, "random effect of %s on the occasion of a row, beside the patient's", p->name);
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_RECORD);
    } else if (v->rank == 0) {
        TEXT(v->long_name, "random effect of %s on an occasion, beside the patient's", p->name);
        v->comment = "an occasion lasts from one dose to the next; NaN beyond an arm's last";
        DIMENSIONS(v, DIMENSION_ARM, DIMENSION_PATIENT, DIMENSION_OCCASION);
    }
    return 0;
}

/* The most occasions of any arm that tells them apart; 0 where none does, or an event table names them. */
static int64_t most_occasions(const struct study *study)
{
    int most = 0;

    for (int i = 0; i < study->arm_count && !study->events; i++) {
        if (model_has_occasions(&study->models[study->arms[i].model])) {
            const int occasions = dosing_occasions(&study->arms[i], NULL);
            most = occasions > most ? occasions : most;
        }
    }
    return most;
}

int layout_add_effects(struct layout *layout, const struct study *study)
{
    if (!(study->store & STORE_RANDOM_EFFECTS)) {
        return 0;
    }
    layout->sizes[DIMENSION_OCCASION] = most_occasions(study);
    if (layout->sizes[DIMENSION_OCCASION] > 0 &&
        layout_add_coordinate(
            layout, DIMENSION_OCCASION, HDF_INT64, "1",
            "number of the occasion: of the dose that it begins with, doses at one time being "
            "one") != 0) {
        return -1;
    }
    for (int m = 0; m < study->model_count; m++) {
        const struct model *model = &study->models[m];
        for (int p = 0; p < model->parameter_count; p++) {
            if (layout_is_set(study, m, p)) {
                continue;
            }
            if ((model->parameters[p].effect >= 0 && add_effect(layout, study, m, p) != 0) ||
                (model->parameters[p].occasion_sd > 0 && add_occasion_effect(layout, study, m, p) != 0)) {
                return -1;
            }
        }
    }
    return 0;
}

/* --- Replicates --- */

/* Which replicate an arm is of. */
static int add_replicate(struct layout *layout)
{
    struct layout_variable *v = layout_add(layout, ROLE_REPLICATE, HDF_INT64);

    if (!v) {
        return -1;
    }
    TEXT(v->name, "replicate");
    TEXT(v->unit, "1");
    TEXT(v->long_name,
         "replicate of the parameter uncertainty that the arm is of, 0 for the model as published");
    v->comment = "the same patients in all";
    DIMENSIONS(v, DIMENSION_ARM);
    return 0;
}

/* What replicates take an estimate of a model to be. */
static int add_deviation(struct layout *layout, const struct study *study, int model, int index)
{
    static const char *const meanings[] = {
        [VARIABILITY_LOGNORMAL] = "the factor is exp of it",
        [VARIABILITY_LOGIT] = "added to its logit",
        [VARIABILITY_NORMAL] = "added",
    };
    const struct uncertain_estimate *e = &study->uncertainty[model].estimates[index];
    const struct parameter *p = &study->models[model].parameters[e->parameter];
    const bool several = study->model_count > 1;
    struct layout_variable *v = layout_add(layout, ROLE_DEVIATION, HDF_FLOAT64);

    if (!v) {
        return -1;
    }
    TEXT(v->name, "uncertainty_%s%s%s%s", e->of_variability ? "variability_" : "", p->name,
         several ? "_" : "", several ? study->models[model].name : "");
    TEXT(v->unit, "%s", effect_unit(e->scale, p));
    TEXT(v->long_name, "how far the replicate moves the %s of %s: %s",
         e->of_variability ? "standard deviation of the random effect" : "typical value", p->name,
         meanings[e->scale]);
    v->index = index;
    v->model = model;
    DIMENSIONS(v, DIMENSION_ARM);
    return 0;
}

int layout_add_replicates(struct layout *layout, const struct study *study)
{
    if (study->replicates == 0) {
        return 0;
    }
    if (add_replicate(layout) != 0) {
        return -1;
    }
    for (int m = 0; m < study->model_count; m++) {
        for (int i = 0; i < study->uncertainty[m].count; i++) {
            if (add_deviation(layout, study, m, i) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

double layout_deviation(const struct study *study, const struct layout_variable *v, int64_t arm)
{
    const struct arm *of = &study->arms[arm];
    const struct uncertain_estimate *e = &study->uncertainty[v->model].estimates[v->index];
    const struct parameter *p = &study->models[v->model].parameters[e->parameter];

    if (of->model != v->model) {
        return NAN;
    }
    const double value = of->replicate > 0 ? of->deviations[v->index].value : 0;
    return e->scale == VARIABILITY_NORMAL ? value * p->den / p->num : value;
}
