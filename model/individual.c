#include "individual.h"

#include "formula.h"
#include "random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAMES_MAX = MODEL_COVARIATES_MAX + MODEL_PARAMETERS_MAX + 2 };

/* Of an input of a route, or of a compartment; NULL where the model file has none. */
struct intake_formulas {
    struct formula *fraction;
    struct formula *over;
    struct formula *lag;
    struct formula *rate;
};

/* Formulas read `values`: the covariates, the parameters, then `device` and `dose`. */
struct evaluator {
    const struct model *model;
    const char *names[NAMES_MAX];
    double values[NAMES_MAX];
    struct formula *typical[MODEL_PARAMETERS_MAX];
    struct formula *then[MODEL_PARAMETERS_MAX];
    struct formula *rates[MODEL_FLOWS_MAX];
    struct formula *slopes[MODEL_FLOWS_MAX];
    struct formula *kms[MODEL_FLOWS_MAX];
    struct formula *volumes[MODEL_OUTPUTS_MAX];
    struct formula *sigmoids[MODEL_OUTPUTS_MAX][SIGMOID_COUNT];
    struct intake_formulas routes[MODEL_ROUTES_MAX][MODEL_INPUTS_MAX];
    struct intake_formulas compartments[MODEL_COMPARTMENTS_MAX];
};

static int compile(struct evaluator *e, struct formula **formula, const char *text, int names,
                   struct diagnostics *d)
{
    struct formula_error why;
    *formula = text ? formula_create(text, e->names, e->values, names, &why) : NULL;
    if (text && !*formula) {
        return diagnostics_error(d, document_place(&e->model->document, NULL), "%s", why.text);
    }
    return 0;
}

static int compile_intake(struct evaluator *e, struct intake_formulas *formulas, const struct input *input,
                          struct diagnostics *d)
{
    const int names = e->model->covariate_count + e->model->parameter_count + 2;
    int failed = compile(e, &formulas->fraction, input->fraction, names, d);
    failed |= compile(e, &formulas->over, input->over, names, d);
    failed |= compile(e, &formulas->lag, input->lag, names, d);
    failed |= compile(e, &formulas->rate, input->rate, names, d);
    return failed;
}

static int compile_all(struct evaluator *e, struct diagnostics *d)
{
    const struct model *m = e->model;
    int first = m->covariate_count;
    int all = m->covariate_count + m->parameter_count;
    int failed = 0;
    for (int i = 0; i < m->parameter_count; i++) {
        failed |= compile(e, &e->typical[i], m->parameters[i].typical, first + i, d);
        failed |= compile(e, &e->then[i], m->parameters[i].then, first + i + 1, d);
    }
    for (int i = 0; i < m->flow_count; i++) {
        failed |= compile(e, &e->rates[i], m->flows[i].rate, all, d);
        failed |= compile(e, &e->slopes[i], m->flows[i].slope, all, d);
        failed |= compile(e, &e->kms[i], m->flows[i].km, all, d);
    }
    for (int i = 0; i < m->output_count; i++) {
        failed |= compile(e, &e->volumes[i], m->outputs[i].volume, all, d);
        for (int c = 0; c < SIGMOID_COUNT; c++) {
            failed |= compile(e, &e->sigmoids[i][c], m->outputs[i].sigmoid[c], all, d);
        }
    }
    for (int i = 0; i < m->route_count; i++) {
        for (int j = 0; j < m->routes[i].input_count; j++) {
            failed |= compile_intake(e, &e->routes[i][j], &m->routes[i].inputs[j], d);
        }
    }
    for (int i = 0; i < m->compartment_count; i++) {
        failed |= compile_intake(e, &e->compartments[i], &m->compartment_inputs[i], d);
    }
    return failed;
}

struct evaluator *evaluator_create(const struct model *model, struct diagnostics *d)
{
    struct evaluator *e = calloc(1, sizeof(*e));
    if (!e) {
        diagnostics_out_of_memory(d);
        return NULL;
    }
    e->model = model;
    int n = 0;
    for (int i = 0; i < model->covariate_count; i++) {
        e->names[n++] = model->covariates[i].name;
    }
    for (int i = 0; i < model->parameter_count; i++) {
        e->names[n++] = model->parameters[i].name;
    }
    e->names[n++] = "device";
    e->names[n] = "dose";
    if (compile_all(e, d)) {
        evaluator_free(e);
        return NULL;
    }
    return e;
}

static void intake_free(struct intake_formulas *formulas)
{
    formula_free(formulas->fraction);
    formula_free(formulas->over);
    formula_free(formulas->lag);
    formula_free(formulas->rate);
}

void evaluator_free(struct evaluator *e)
{
    if (!e) {
        return;
    }
    for (int i = 0; i < MODEL_PARAMETERS_MAX; i++) {
        formula_free(e->typical[i]);
        formula_free(e->then[i]);
    }
    for (int i = 0; i < MODEL_FLOWS_MAX; i++) {
        formula_free(e->rates[i]);
        formula_free(e->slopes[i]);
        formula_free(e->kms[i]);
    }
    for (int i = 0; i < MODEL_OUTPUTS_MAX; i++) {
        formula_free(e->volumes[i]);
        for (int c = 0; c < SIGMOID_COUNT; c++) {
            formula_free(e->sigmoids[i][c]);
        }
    }
    for (int i = 0; i < MODEL_ROUTES_MAX; i++) {
        for (int j = 0; j < MODEL_INPUTS_MAX; j++) {
            intake_free(&e->routes[i][j]);
        }
    }
    for (int i = 0; i < MODEL_COMPARTMENTS_MAX; i++) {
        intake_free(&e->compartments[i]);
    }
    free(e);
}

/* The individual value from the typical one. Without a random effect it is the typical value to the bit. */
static double vary(enum variability variability, double typical, double eta)
{
    if (eta == 0) {
        return typical;
    }
    switch (variability) {
    case VARIABILITY_LOGNORMAL:
        return typical * exp(eta);
    case VARIABILITY_LOGIT:
        return 1 / (1 + (1 - typical) / typical * exp(-eta));
    case VARIABILITY_NORMAL:
        return typical + eta;
    case VARIABILITY_NONE:
        break;
    }
    return typical;
}

static double clamp(double value, double lowest, double highest)
{
    return value < lowest ? lowest : value > highest ? highest : value;
}

static int parameter_value(struct evaluator *e, struct individual *individual, int i,
                           struct individual_error *why)
{
    const struct parameter *p = &e->model->parameters[i];
    double *value = &e->values[e->model->covariate_count + i];
    const enum variability shift = individual->shift_scales[i];
    double typical = vary(shift, formula_value(e->typical[i]) * p->num / p->den, individual->shifts[i]);
    double eta = p->effect >= 0 ? individual->etas[p->effect] : 0;
    bool is_fraction =
        p->variability == VARIABILITY_LOGIT || p->occasion == VARIABILITY_LOGIT || shift == VARIABILITY_LOGIT;
    if (is_fraction && !(typical > 0 && typical < 1)) {
        snprintf(why->text, sizeof(why->text),
                 "%s = %g: the typical value of a fraction lies between 0 and 1", p->name, typical);
        return -1;
    }
    *value = vary(p->occasion, vary(p->variability, typical, eta), individual->kappas[i]);
    if (e->then[i]) {
        *value = formula_value(e->then[i]);
    }
    double limited = clamp(*value, p->lowest, p->highest);
    individual->clamped[i] = limited != *value && !isnan(*value);
    *value = limited;
    if (!isfinite(*value)) {
        snprintf(why->text, sizeof(why->text), "%s = %g %s", p->name, *value, p->unit);
        return -1;
    }
    return 0;
}

/* A set parameter stands in place of the individual value, also for the parameters below it. */
static void settle(struct evaluator *e, struct individual *individual, int i, const struct setting *settings,
                   int setting_count)
{
    for (int k = 0; k < setting_count; k++) {
        if (settings[k].parameter == i) {
            e->values[e->model->covariate_count + i] = settings[k].value;
            individual->clamped[i] = false;
        }
    }
    individual->parameters[i] = e->values[e->model->covariate_count + i];
}

/* 1/h, a half-life of 25 us. Nothing in a body is as fast, and what flows much faster a solver loses in rounding: the level that is
 * left looks like any other. */
static const double FASTEST = 1e8;

static int flow_values(struct evaluator *e, struct individual *individual, int i,
                       struct individual_error *why)
{
    const struct model *m = e->model;
    const struct flow *flow = &m->flows[i];
    individual->rates[i] = formula_value(e->rates[i]);
    individual->slopes[i] = flow->slope ? formula_value(e->slopes[i]) : 0;
    individual->kms[i] = flow->km ? formula_value(e->kms[i]) : 0;
    if (!(individual->rates[i] >= 0 && isfinite(individual->rates[i]))) {
        snprintf(why->text, sizeof(why->text), "the flow from %s has the %s %s = %g %s",
                 m->compartments[flow->from], flow->km ? "vmax" : "rate", flow->rate, individual->rates[i],
                 flow->km ? "mg/h" : "1/h");
        return -1;
    }
    if (!isfinite(individual->slopes[i])) {
        snprintf(why->text, sizeof(why->text), "the flow from %s has the slope %s = %g 1/h^2",
                 m->compartments[flow->from], flow->slope, individual->slopes[i]);
        return -1;
    }
    if (flow->km && !(individual->kms[i] > 0 && isfinite(individual->kms[i]))) {
        snprintf(why->text, sizeof(why->text), "the flow from %s has the km %s = %g mg",
                 m->compartments[flow->from], flow->km, individual->kms[i]);
        return -1;
    }
    const double fastest = flow->km ? individual->rates[i] / individual->kms[i] : individual->rates[i];
    if (fastest > FASTEST) {
        snprintf(why->text, sizeof(why->text), "the flow from %s has the rate %s%s%s = %g 1/h, above %g 1/h",
                 m->compartments[flow->from], flow->rate, flow->km ? "/" : "", flow->km ? flow->km : "",
                 fastest, FASTEST);
        return -1;
    }
    return 0;
}

static int level_values(struct evaluator *e, struct individual *individual, int i,
                        struct individual_error *why)
{
    const struct output *output = &e->model->outputs[i];
    individual->volumes[i] = formula_value(e->volumes[i]);
    if (!(individual->volumes[i] > 0 && isfinite(individual->volumes[i]))) {
        snprintf(why->text, sizeof(why->text), "the volume of %s is %s = %g L", output->analyte,
                 output->volume, individual->volumes[i]);
        return -1;
    }
    return 0;
}

static int effect_values(struct evaluator *e, struct individual *individual, int i,
                         struct individual_error *why)
{
    const struct output *output = &e->model->outputs[i];
    for (enum sigmoid_coefficient c = 0; c < SIGMOID_COUNT; c++) {
        const double value = formula_value(e->sigmoids[i][c]);
        individual->sigmoids[i][c] = value;
        if (!sigmoid_allows(c, value)) {
            snprintf(why->text, sizeof(why->text), "the %s of %s is %s = %g", sigmoid_coefficient_name(c),
                     output->analyte, output->sigmoid[c], value);
            return -1;
        }
    }
    return 0;
}

int evaluator_individual(struct evaluator *e, struct individual *individual, const struct setting *settings,
                         int setting_count, struct individual_error *why)
{
    const struct model *m = e->model;
    for (int i = 0; i < m->covariate_count; i++) {
        e->values[i] = individual->covariates[i];
        if (!isfinite(e->values[i])) {
            snprintf(why->text, sizeof(why->text), "%s = %g %s", m->covariates[i].name, e->values[i],
                     m->covariates[i].unit);
            return -1;
        }
    }
    for (int i = 0; i < m->parameter_count; i++) {
        int failed = parameter_value(e, individual, i, why);
        if (failed) {
            return -1;
        }
        settle(e, individual, i, settings, setting_count);
    }
    for (int i = 0; i < m->flow_count; i++) {
        if (flow_values(e, individual, i, why)) {
            return -1;
        }
    }
    for (int i = 0; i < m->output_count; i++) {
        int failed =
            i < m->level_count ? level_values(e, individual, i, why) : effect_values(e, individual, i, why);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

static double value_or(struct formula *formula, double otherwise)
{
    return formula ? formula_value(formula) : otherwise;
}

int evaluator_intake(struct evaluator *e, int route, int input, int device, double dose,
                     struct intake *intake, struct individual_error *why)
{
    const struct model *m = e->model;
    const bool named = route < m->route_count;
    const struct intake_formulas *formulas =
        named ? &e->routes[route][input] : &e->compartments[route - m->route_count];
    const char *to = m->compartments[named ? m->routes[route].inputs[input].to : route - m->route_count];
    const char *of = named ? m->routes[route].name : "event table's";
    e->values[m->covariate_count + m->parameter_count] = device;
    e->values[m->covariate_count + m->parameter_count + 1] = dose;
    intake->fraction = value_or(formulas->fraction, 1);
    intake->over = value_or(formulas->over, NAN);
    intake->lag = value_or(formulas->lag, 0);
    intake->rate = value_or(formulas->rate, NAN);
    if (!(intake->fraction >= 0 && isfinite(intake->fraction))) {
        snprintf(why->text, sizeof(why->text), "the part of the %s dose that enters %s is %g", of, to,
                 intake->fraction);
        return -1;
    }
    if (formulas->over && !(intake->over > 0 && isfinite(intake->over))) {
        snprintf(why->text, sizeof(why->text), "the %s dose enters %s over %g h", of, to, intake->over);
        return -1;
    }
    if (!(intake->lag >= 0 && isfinite(intake->lag))) {
        snprintf(why->text, sizeof(why->text), "the %s dose enters %s after a lag of %g h", of, to,
                 intake->lag);
        return -1;
    }
    if (formulas->rate && !(intake->rate > 0 && isfinite(intake->rate))) {
        snprintf(why->text, sizeof(why->text), "the %s dose enters %s at %g mg/h", of, to, intake->rate);
        return -1;
    }
    return 0;
}

void individual_draw_effects(const struct model *model, uint64_t seed, uint64_t patient, double *etas)
{
    int n = model->effect_count;
    double z[MODEL_PARAMETERS_MAX];
    for (int i = 0; i < n; i++) {
        z[i] = random_normal(seed, patient, PURPOSE_BETWEEN_SUBJECT, model->effects[i].random_index);
        etas[i] = 0;
        for (int j = 0; j <= i; j++) {
            etas[i] += model->cholesky[i * n + j] * z[j];
        }
    }
}

void individual_draw_occasion(const struct model *model, uint64_t seed, uint64_t patient, int occasion,
                              double *kappas)
{
    for (int i = 0; i < model->parameter_count; i++) {
        const struct parameter *p = &model->parameters[i];
        kappas[i] = 0;
        if (p->occasion_sd > 0) {
            uint64_t own = random_seed(seed, PURPOSE_OCCASION, p->name, "");
            kappas[i] = p->occasion_sd * random_normal(own, patient, PURPOSE_OCCASION, (uint32_t)occasion);
        }
    }
}
