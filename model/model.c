#include "model.h"

#include "formula.h"

#include <stdlib.h>
#include <string.h>

int model_covariate(const struct model *model, const char *name)
{
    for (int i = 0; i < model->covariate_count; i++) {
        if (strcmp(model->covariates[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

int model_parameter(const struct model *model, const char *name)
{
    for (int i = 0; i < model->parameter_count; i++) {
        if (strcmp(model->parameters[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

int model_compartment(const struct model *model, const char *name)
{
    for (int i = 0; i < model->compartment_count; i++) {
        if (strcmp(model->compartments[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

int model_route(const struct model *model, const char *name)
{
    for (int i = 0; i < model->route_count; i++) {
        if (strcmp(model->routes[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

int model_output(const struct model *model, const char *analyte)
{
    for (int i = 0; i < model->output_count; i++) {
        if (strcmp(model->outputs[i].analyte, analyte) == 0) {
            return i;
        }
    }
    return -1;
}

int model_drug_output(const struct model *model)
{
    static const char *const names[][2] = {
        {"racemate", "ketamine"},
        {"S-ketamine", "esketamine"},
        {"R-ketamine", "arketamine"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (model->drug && strcmp(model->drug, names[i][0]) == 0) {
            return model_output(model, names[i][1]);
        }
    }
    return -1;
}

bool model_has_occasions(const struct model *model)
{
    for (int i = 0; i < model->parameter_count; i++) {
        if (model->parameters[i].occasion_sd > 0) {
            return true;
        }
    }
    return false;
}

bool output_is_effect(const struct output *output)
{
    return output->sigmoid[SIGMOID_EMAX] != NULL;
}

bool output_is_observable(const struct output *output)
{
    return !output_is_effect(output) && !output->latent;
}

bool model_is_linear(const struct model *model)
{
    for (int i = 0; i < model->flow_count; i++) {
        if (model->flows[i].kind != FLOW_LINEAR || model->flows[i].slope) {
            return false;
        }
    }
    return true;
}

static bool input_mentions(const struct input *input, const char *name)
{
    const char *const formulas[] = {input->fraction, input->over, input->lag, input->rate};
    for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++) {
        if (formulas[i] && formula_mentions(formulas[i], name)) {
            return true;
        }
    }
    return false;
}

bool model_uses_covariate(const struct model *model, const char *name)
{
    for (int i = 0; i < model->parameter_count; i++) {
        const struct parameter *p = &model->parameters[i];
        if (formula_mentions(p->typical, name) || (p->then && formula_mentions(p->then, name))) {
            return true;
        }
    }
    for (int i = 0; i < model->flow_count; i++) {
        const struct flow *flow = &model->flows[i];
        if (formula_mentions(flow->rate, name) || (flow->slope && formula_mentions(flow->slope, name)) ||
            (flow->km && formula_mentions(flow->km, name))) {
            return true;
        }
    }
    for (int i = 0; i < model->output_count; i++) {
        const struct output *output = &model->outputs[i];
        if (!output_is_effect(output) && formula_mentions(output->volume, name)) {
            return true;
        }
        for (int c = 0; output_is_effect(output) && c < SIGMOID_COUNT; c++) {
            if (formula_mentions(output->sigmoid[c], name)) {
                return true;
            }
        }
    }
    for (int i = 0; i < model->route_count; i++) {
        for (int j = 0; j < model->routes[i].input_count; j++) {
            if (input_mentions(&model->routes[i].inputs[j], name)) {
                return true;
            }
        }
    }
    for (int i = 0; i < model->compartment_count; i++) {
        if (input_mentions(&model->compartment_inputs[i], name)) {
            return true;
        }
    }
    return false;
}

static void golden_clear(struct golden *golden)
{
    for (int i = 0; i < golden->series_count; i++) {
        free(golden->series[i].levels);
        free(golden->series[i].tolerances);
    }
    free(golden->times);
}

void model_clear(struct model *model)
{
    for (int i = 0; i < model->golden_count; i++) {
        golden_clear(&model->goldens[i]);
    }
    free(model->goldens);
    free(model->covariance);
    free(model->cholesky);
    free(model->discrepancies);
    document_clear(&model->document);
    *model = (struct model){0};
}
