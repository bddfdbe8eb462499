/* What a result says of random effects, and of how sure the models' estimates are. */
#include "results_inner.h"

#include "model/effects.h"

#include <stdio.h>

static const char *scale_name(enum variability scale)
{
    return scale == VARIABILITY_LOGNORMAL ? "lognormal" : scale == VARIABILITY_LOGIT ? "logit" : "normal";
}

/* The first model in which what the variable holds has a random effect; -1: none. */
static int varying_model(const struct layout_variable *v, const struct study *study)
{
    for (int m = 0; m < study->model_count && v->parameters; m++) {
        const int p = v->parameters[m];
        if (p >= 0 && study->models[m].parameters[p].effect >= 0 && !layout_is_set(study, m, p)) {
            return m;
        }
    }
    return -1;
}

int effects_set(struct hdf *file, const struct layout_variable *v, const struct study *study,
                struct diagnostics *d)
{
    const bool of_occasion = v->role == ROLE_OCCASION_EFFECT || v->role == ROLE_RECORD_OCCASION_EFFECT;
    const int m = varying_model(v, study);

    if (of_occasion) {
        return hdf_set_text(file, v->name, "origin",
                            effect_origin_name(study->variability ? EFFECT_SAMPLED : EFFECT_FIXED), d);
    }
    if (m < 0) {
        return 0;
    }
    const char *origin = effect_origin_name(effect_origin(study, m, v->parameters[m]));
    if (v->role != ROLE_EFFECT) {
        return hdf_set_text(file, v->name, "random_effect", origin, d);
    }
    return hdf_set_text(file, v->name, "origin", origin, d);
}

int deviation_set(struct hdf *file, const struct layout_variable *v, const struct study *study,
                  struct diagnostics *d)
{
    if (v->role != ROLE_DEVIATION) {
        return 0;
    }
    const struct uncertain_estimate *e = &study->uncertainty[v->model].estimates[v->index];
    const struct parameter *p = &study->models[v->model].parameters[e->parameter];
    const double sd = e->scale == VARIABILITY_NORMAL ? e->sd * p->den / p->num : e->sd;

    if (hdf_set_text(file, v->name, "scale", scale_name(e->scale), d) != 0 ||
        hdf_set_text(file, v->name, "parameter", p->name, d) != 0) {
        return -1;
    }
    return hdf_set_numbers(file, v->name, "standard_error", HDF_FLOAT64, &sd, 1, d);
}

int uncertainty_set(struct hdf *file, const struct study *study, struct diagnostics *d)
{
    const int64_t replicates = study->replicates;

    if (replicates == 0) {
        return 0;
    }
    for (int m = 0; m < study->model_count; m++) {
        char name[192];
        snprintf(name, sizeof(name), "uncertainty_source_%s", study->models[m].name);
        if (hdf_set_text(file, NULL, name, study->uncertainty[m].source, d) != 0) {
            return -1;
        }
    }
    return hdf_set_numbers(file, NULL, "uncertainty_replicates", HDF_INT64, &replicates, 1, d) == 0
               ? hdf_set_numbers(file, NULL, "uncertainty_confidence", HDF_FLOAT64, &study->confidence, 1, d)
               : -1;
}
