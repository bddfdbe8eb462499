#include "model_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 100, NAME_WIDTH = 14, EQUATION_INDENT = 8 };

static const double seconds_per_minute = 60;

/* Goes on from `column` with `text` in lines of bearable length; the next ones begin at `indent`. */
static void text_print(FILE *out, int column, int indent, const char *text)
{
    bool first = true;

    while (*text != '\0') {
        int word = (int)strcspn(text, " \n");
        if (word == 1 && text[1] != '\0') {
            word = 2 + (int)strcspn(text + 2, " \n"); /* an operator stays with what follows */
        }
        if (!first && column + 1 + word > LINE_WIDTH) {
            column = fprintf(out, "\n%*s", indent, "") - 1;
            first = true;
        }
        column += fprintf(out, "%s%.*s", first ? "" : " ", word, text);
        first = false;
        text += word;
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

static void paragraph_print(FILE *out, const char *label, const char *text)
{
    const int column = fprintf(out, "  %-*s", NAME_WIDTH, label);

    text_print(out, column, column, text);
}

static void range_print(FILE *out, double lowest, double highest, const char *unit)
{
    const char *space = strcmp(unit, "1") == 0 ? "" : " ";
    const char *shown = strcmp(unit, "1") == 0 ? "" : unit;

    if (isfinite(lowest) && isfinite(highest)) {
        fprintf(out, "%g to %g%s%s", lowest, highest, space, shown);
    } else if (isfinite(lowest)) {
        fprintf(out, "from %g%s%s", lowest, space, shown);
    } else if (isfinite(highest)) {
        fprintf(out, "up to %g%s%s", highest, space, shown);
    } else {
        fprintf(out, "no limits given");
    }
}

static void source_print(FILE *out, const struct model *model)
{
    fprintf(out, "%s\n%s\n\n", model->name, model->title);
    paragraph_print(out, "citation", model->citation);
    paragraph_print(out, "doi", model->doi);
    paragraph_print(out, "drug", model->drug);
    paragraph_print(out, "sampling", model->sampling);
    paragraph_print(out, "patients", model->age_group);
    paragraph_print(out, "population", model->population);
}

static void covariates_print(FILE *out, const struct model *model)
{
    fprintf(out, "\nCovariates: unless a study says otherwise; range of validity\n");
    for (int i = 0; i < model->covariate_count; i++) {
        const struct covariate *covariate = &model->covariates[i];
        fprintf(out, "  %-*s", NAME_WIDTH, covariate->name);
        if (covariate->category) {
            fprintf(out, "%g (0 or 1%s%s)", covariate->typical,
                    covariate->within != NULL ? "; 1 only within " : "",
                    covariate->within != NULL ? covariate->within : "");
        } else {
            fprintf(out, "%g %s; ", covariate->typical, covariate->unit);
            range_print(out, covariate->lowest, covariate->highest, covariate->unit);
        }
        if (!model_uses_covariate(model, covariate->name)) {
            fprintf(out, "; without effect in this model");
        }
        fputc('\n', out);
    }
    for (int i = 0; i < model->route_count; i++) {
        const struct route *route = &model->routes[i];
        if (isfinite(route->lowest_dose) || isfinite(route->highest_dose)) {
            fprintf(out, "  %-*s", NAME_WIDTH, route->name);
            range_print(out, route->lowest_dose, route->highest_dose, "mg");
            fputc('\n', out);
        }
    }
}

static void spread_print(FILE *out, const struct parameter *parameter, enum variability variability,
                         double variance)
{
    switch (variability) {
    case VARIABILITY_NONE:
        break;
    case VARIABILITY_LOGNORMAL:
        fprintf(out, "; CV %.3g %% (lognormal)", 100 * sqrt(expm1(variance)));
        break;
    case VARIABILITY_LOGIT:
        fprintf(out, "; sd %.3g on the logit scale", sqrt(variance));
        break;
    case VARIABILITY_NORMAL:
        fprintf(out, "; sd %.3g%s%s", sqrt(variance) * parameter->den / parameter->num,
                strcmp(parameter->unit, "1") == 0 ? "" : " ",
                strcmp(parameter->unit, "1") == 0 ? "" : parameter->unit);
        break;
    }
}

static void variability_print(FILE *out, const struct model *model, const struct parameter *parameter)
{
    if (parameter->effect >= 0) {
        spread_print(out, parameter, parameter->variability,
                     model->covariance[parameter->effect * model->effect_count + parameter->effect]);
    }
    if (parameter->occasion_sd > 0) {
        spread_print(out, parameter, parameter->occasion, parameter->occasion_sd * parameter->occasion_sd);
        fprintf(out, " from dose to dose");
    }
}

static void parameter_print(FILE *out, const struct model *model, const struct parameter *parameter)
{
    const double to_declared = parameter->den / parameter->num;

    fprintf(out, "  %-*s%s%s%s", NAME_WIDTH, parameter->name, parameter->typical,
            strcmp(parameter->unit, "1") == 0 ? "" : " ",
            strcmp(parameter->unit, "1") == 0 ? "" : parameter->unit);
    variability_print(out, model, parameter);
    if (parameter->then != NULL) {
        fprintf(out, "; then %s", parameter->then);
    }
    if (isfinite(parameter->lowest) || isfinite(parameter->highest)) {
        fprintf(out, "; kept to ");
        range_print(out, parameter->lowest * to_declared, parameter->highest * to_declared, parameter->unit);
    }
    fputc('\n', out);
}

static void parameters_print(FILE *out, const struct model *model)
{
    const int n = model->effect_count;
    bool none = true;

    fprintf(out, "\nParameters: typical value; differences between patients\n");
    for (int i = 0; i < model->parameter_count; i++) {
        parameter_print(out, model, &model->parameters[i]);
    }
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
            const double covariance = model->covariance[i * n + j];
            if (covariance != 0) {
                fprintf(out, "%s  %s and %s: %.3g\n", none ? "\nCorrelations of the random effects\n" : "",
                        model->parameters[model->effects[j].parameter].name,
                        model->parameters[model->effects[i].parameter].name,
                        covariance / sqrt(model->covariance[i * n + i] * model->covariance[j * n + j]));
                none = false;
            }
        }
    }
}

/* Whether a rate can stand before `*A` without parentheses: no operator in it binds less than `*`. */
static bool is_product(const char *formula)
{
    int depth = 0;

    for (const char *c = formula; *c != '\0'; c++) {
        depth += (*c == '(') - (*c == ')');
        if (depth == 0 && strchr("+-<>=!&|?:,", *c) != NULL) {
            return false;
        }
    }
    return true;
}

/* The text with parentheses around it where a product would tear it apart. */
static void factor_print(FILE *out, const char *formula)
{
    const bool product = is_product(formula);

    fprintf(out, "%s%s%s", product ? "" : "(", formula, product ? "" : ")");
}

static void flow_print(FILE *out, const struct model *model, const struct flow *flow)
{
    const char *from = model->compartments[flow->from];

    if (flow->slope != NULL) {
        fprintf(out, "(%s + ", flow->rate);
        factor_print(out, flow->slope);
        fprintf(out, "*t)*A_%s", from);
        return;
    }
    factor_print(out, flow->rate);
    fprintf(out, "*A_%s", from);
    if (flow->kind == FLOW_SATURABLE) {
        fprintf(out, "/(%s + A_%s)", flow->km, from);
    }
}

/* The right-hand side of a compartment: what routes and flows bring, less what flows take away. */
static void balance_print(FILE *out, const struct model *model, int compartment)
{
    const char *plus = "";

    for (int i = 0; i < model->route_count; i++) {
        for (int j = 0; j < model->routes[i].input_count; j++) {
            if (model->routes[i].inputs[j].to == compartment) {
                fprintf(out, "%s%s(t)", plus, model->routes[i].name);
                plus = " + ";
            }
        }
    }
    for (int i = 0; i < model->flow_count; i++) {
        if (model->flows[i].to == compartment) {
            fputs(plus, out);
            flow_print(out, model, &model->flows[i]);
            plus = " + ";
        }
    }
    for (int i = 0; i < model->flow_count; i++) {
        if (model->flows[i].from == compartment && !model->flows[i].copies) {
            fputs(plus[0] != '\0' ? " - " : "-", out);
            flow_print(out, model, &model->flows[i]);
            plus = " + ";
        }
    }
}

/* The text with parentheses around it where it has an operator. */
static void operand_print(FILE *out, const char *formula)
{
    const bool alone = strpbrk(formula, "+-*/^<>=!&|?:,") == NULL;

    fprintf(out, "%s%s%s", alone ? "" : "(", formula, alone ? "" : ")");
}

static void equations_print(FILE *out, const struct model *model)
{
    fprintf(out, "\nEquations: amounts A in mg, t in h\n");
    for (int i = 0; i < model->compartment_count; i++) {
        char *balance = NULL;
        size_t size = 0;
        FILE *text = open_memstream(&balance, &size);
        if (text == NULL) {
            continue;
        }
        balance_print(text, model, i);
        fclose(text);
        const int column = fprintf(out, "  dA_%s/dt = ", model->compartments[i]);
        text_print(out, column, EQUATION_INDENT, balance);
        free(balance);
    }
    fprintf(out, "\nLevels: ng/mL\n");
    for (int i = 0; i < model->level_count; i++) {
        const struct output *output = &model->outputs[i];
        fprintf(out, "  %s = 1000*A_%s/", output->analyte, model->compartments[output->compartment]);
        operand_print(out, output->volume);
        fputc('\n', out);
    }
}

static void effects_print(FILE *out, const struct model *model)
{
    for (int i = model->level_count; i < model->output_count; i++) {
        const struct output *output = &model->outputs[i];
        const char *level = model->outputs[output->of].analyte;
        const char *ec50 = output->sigmoid[SIGMOID_EC50];
        const char *hill = output->sigmoid[SIGMOID_HILL];
        fprintf(out, "%s  %s = ", i == model->level_count ? "\nEffects: no unit; levels in ng/mL\n" : "",
                output->analyte);
        operand_print(out, output->sigmoid[SIGMOID_E0]);
        fputs(" + ", out);
        operand_print(out, output->sigmoid[SIGMOID_EMAX]);
        fprintf(out, "*%s^", level);
        operand_print(out, hill);
        fputs("/(", out);
        operand_print(out, ec50);
        fputc('^', out);
        operand_print(out, hill);
        fprintf(out, " + %s^", level);
        operand_print(out, hill);
        fputs(")\n", out);
    }
}

static void residual_print(FILE *out, const struct residual *residual)
{
    if (residual->lognormal > 0) {
        fprintf(out, "level*exp(eps), sd %g", residual->lognormal);
    } else if (residual->proportional > 0 && residual->additive > 0) {
        fprintf(out, "level*(1 + eps1) + eps2, sd %.4g %% and %g ng/mL", 100 * residual->proportional,
                residual->additive);
    } else if (residual->proportional > 0) {
        fprintf(out, "level*(1 + eps), sd %.4g %%", 100 * residual->proportional);
    } else if (residual->additive > 0) {
        fprintf(out, "level + eps, sd %g ng/mL", residual->additive);
    } else {
        fprintf(out, "none stated: no observations can be simulated");
    }
}

static void residuals_print(FILE *out, const struct model *model)
{
    fprintf(out, "\nResidual error of an observation\n");
    for (int i = 0; i < model->level_count; i++) {
        fprintf(out, "  %-*s ", NAME_WIDTH, model->outputs[i].analyte);
        residual_print(out, &model->outputs[i].residual);
        fputc('\n', out);
    }
}

static void routes_print(FILE *out, const struct model *model)
{
    fprintf(out, "\nRoutes: which part of a dose enters where\n");
    for (int i = 0; i < model->route_count; i++) {
        const struct route *route = &model->routes[i];
        fprintf(out, "  %s", route->name);
        if (route->device_amount > 0) {
            fprintf(out, ", by devices of %g mg, %g min apart", route->device_amount,
                    route->device_spacing / seconds_per_minute);
        }
        fputc('\n', out);
        for (int j = 0; j < route->input_count; j++) {
            const struct input *input = &route->inputs[j];
            fprintf(out, "    %s into %s", input->fraction, model->compartments[input->to]);
            if (input->over != NULL) {
                fprintf(out, ", over %s h", input->over);
            }
            if (input->lag != NULL) {
                fprintf(out, ", after %s h", input->lag);
            }
            fputc('\n', out);
        }
    }
}

static void compartment_inputs_print(FILE *out, const struct model *model)
{
    const char *const heading = "\nDoses into compartments: what an event table gives without a route\n";
    bool first = true;

    for (int i = 0; i < model->compartment_count; i++) {
        const struct input *input = &model->compartment_inputs[i];
        if (input->fraction == NULL && input->over == NULL && input->lag == NULL && input->rate == NULL) {
            continue;
        }
        fprintf(out, "%s  %s:", first ? heading : "", model->compartments[i]);
        first = false;
        const char *const parts[][3] = {{" ", input->fraction, " of the amount"},
                                        {" after ", input->lag, " h"},
                                        {" RATE -2 over ", input->over, " h"},
                                        {" RATE -1 at ", input->rate, " mg/h"}};
        const char *separator = "";
        for (size_t k = 0; k < sizeof(parts) / sizeof(*parts); k++) {
            if (parts[k][1] != NULL) {
                fprintf(out, "%s%s%s%s", separator, parts[k][0], parts[k][1], parts[k][2]);
                separator = ",";
            }
        }
        fputc('\n', out);
    }
}

void model_print(FILE *out, const struct model *model)
{
    source_print(out, model);
    covariates_print(out, model);
    parameters_print(out, model);
    equations_print(out, model);
    effects_print(out, model);
    residuals_print(out, model);
    routes_print(out, model);
    compartment_inputs_print(out, model);
    if (model->discrepancy_count > 0) {
        fprintf(out, "\nDiscrepancies: what the source gets wrong or leaves out\n");
        for (int i = 0; i < model->discrepancy_count; i++) {
            char label[16];
            snprintf(label, sizeof(label), "%d", i + 1);
            paragraph_print(out, label, model->discrepancies[i]);
        }
    }
    if (model->golden_count > 0) {
        fprintf(out, "\nChecked by `ketsim models %s --check'\n", model->name);
        for (int i = 0; i < model->golden_count; i++) {
            char label[16];
            snprintf(label, sizeof(label), "%d", i + 1);
            paragraph_print(out, label, model->goldens[i].title);
            paragraph_print(out, "", model->goldens[i].source);
        }
    }
}

void effect_site_print(FILE *out, const struct effect_site *site)
{
    fprintf(out, "%s\n%s\n\n", site->name, site->title);
    paragraph_print(out, "citation", site->citation);
    paragraph_print(out, "doi", site->doi);
    paragraph_print(out, "population", site->population);
    paragraph_print(out, "follows", site->analyte);
    fprintf(out, "  %-*s%g min\n", NAME_WIDTH, "half-life", site->half_life * 60);
    fprintf(out, "  %-*s%g ng/mL\n", NAME_WIDTH, "c50", site->c50);
    fprintf(out, "\nEquation: Ce is the level at the effect site, C that in plasma\n");
    fprintf(out, "  dCe/dt = ln(2) / half-life * (C - Ce)\n");
    fprintf(out, "\nLimits\n");
    for (int i = 0; i < site->limit_count; i++) {
        text_print(out, fprintf(out, "  - ") - 1, 4, site->limits[i]);
    }
}
