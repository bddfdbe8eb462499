/* model - a published pharmacokinetic model, as its file states it.
 *
 * A model is a graph of compartments joined by first-order flows, doses that enter it by routes, and outputs that
 * are concentrations; all its numbers are parameters, each a typical value (a formula of covariates and of the
 * parameters above it) with a random effect. Nothing here depends on a patient: model/individual.h does that.
 *
 * Units: amounts mg, volumes L, times h, rates 1/h. In a formula a covariate has the unit that the model file
 * declares for it and a parameter the internal unit; the result of a formula is in the unit declared beside it.
 */
#ifndef KETSIM_MODEL_H
#define KETSIM_MODEL_H

#include "document.h"
#include "residual.h"
#include "schema.h"
#include "sigmoid.h"
#include "units.h"

#include <stdint.h>

enum {
    MODEL_COVARIATES_MAX = 16,
    MODEL_PARAMETERS_MAX = 64,
    MODEL_COMPARTMENTS_MAX = 24,
    MODEL_FLOWS_MAX = 64,
    MODEL_ROUTES_MAX = 8,
    MODEL_INPUTS_MAX = 4,
    MODEL_OUTPUTS_MAX = 8,
};

struct covariate {
    const char *name;
    const char *unit; /* "years", "kg"; "1" for a category, which is 0 or 1 */
    bool category;
    double
        typical; /* in `unit`: the model's own value where a study gives none; NaN: a study must state it */
    const char *within; /* a category whose 1 presupposes another's 1 (japanese within asian); or NULL */
    double lowest;      /* validity, in `unit`; -INFINITY and INFINITY where the source gives none */
    double highest;
    uint32_t random_index;
};

enum variability {
    VARIABILITY_NONE,
    VARIABILITY_LOGNORMAL, /* typical * exp(eta) */
    VARIABILITY_LOGIT,     /* expit(logit(typical) + eta), for fractions */
    VARIABILITY_NORMAL,    /* typical + eta */
};

struct parameter {
    const char *name;
    const char *unit;    /* as declared */
    const char *typical; /* formula, in `unit` */
    double num, den;     /* internal value = declared value * num / den */
    enum variability variability;
    int effect;                /* index of its random effect, -1 without */
    enum variability occasion; /* how it differs from dose to dose within a patient, on top */
    double occasion_sd;        /* of that random effect; 0 without */
    const char
        *then; /* formula applied after the random effect, on the individual value, internal units; or NULL */
    double lowest; /* physical range, internal units; a value outside is set to the limit, and counted */
    double highest;
};

struct effect {
    int parameter;
    uint32_t random_index;
};

enum flow_kind {
    FLOW_LINEAR,    /* (rate + slope * t) * amount */
    FLOW_SATURABLE, /* Michaelis-Menten: vmax * amount / (km + amount) */
};

struct flow {
    enum flow_kind kind;
    int from;
    int to;      /* -1: leaves the body */
    bool copies; /* what arrives is not taken away where it comes from: the input of an effect compartment */
    const char *rate;  /* formula, 1/h; FLOW_SATURABLE: of vmax, mg/h */
    const char *slope; /* formula, 1/h^2; NULL: constant */
    const char *km;    /* FLOW_SATURABLE: formula, mg; else NULL */
};

/* One way in which a part of a dose enters the model. */
struct input {
    int to;
    const char *
        fraction; /* formula, of the dose; may use `device` (1 for the first of a dose) and `dose` (all of it, mg) */
    const char *over; /* formula, h: enters at a constant rate for so long; NULL: as the regimen says */
    const char *lag;  /* formula, h: enters so much later; NULL: at once */
    const char *rate; /* formula, mg/h, of compartment_inputs only: enters at this rate; NULL: none */
};

struct route {
    const char *name;      /* iv | intranasal | oral */
    double device_amount;  /* mg per device; 0: the route uses none */
    double device_spacing; /* s between devices */
    double lowest_dose;    /* mg, validity; -INFINITY and INFINITY where the source gives none */
    double highest_dose;
    struct input inputs[MODEL_INPUTS_MAX];
    int input_count;
};

/* A level, or an effect that follows from one. */
struct output {
    const char *analyte;
    int compartment;    /* of a level; of an effect -1 */
    const char *volume; /* formula, L: level in ng/mL = 1000 * amount / volume; of an effect NULL */
    struct residual residual;
    bool latent;                        /* a level that no assay reports, as that of an effect compartment */
    int of;                             /* of an effect: the output whose level it follows; of a level -1 */
    const char *sigmoid[SIGMOID_COUNT]; /* of an effect: formulas; ec50 in ng/mL */
};

/* Published levels of the typical patient after one dose, which `ketsim models --check` reproduces. */
struct golden_series {
    int output;
    int count;
    double *levels;     /* ng/mL */
    double *tolerances; /* ng/mL: half a unit of the last digit printed in the file */
};

struct golden {
    const char *title;
    const char *source;
    int route;
    double amount; /* mg */
    double over;   /* s; 0: as the route says */
    double covariates[MODEL_COVARIATES_MAX];
    int time_count;
    double *times; /* s after the dose, increasing */
    struct golden_series series[MODEL_OUTPUTS_MAX];
    int series_count;
};

struct model {
    struct document document; /* owns all the text below */
    const char *name;
    const char *title;
    const char *citation;
    const char *doi;
    const char *drug;      /* racemate | S-ketamine | R-ketamine */
    const char *sampling;  /* venous | arterial | unstated */
    const char *age_group; /* adults | children | any */
    const char *population;
    const char **discrepancies;
    int discrepancy_count;

    struct covariate covariates[MODEL_COVARIATES_MAX];
    int covariate_count;
    struct parameter parameters[MODEL_PARAMETERS_MAX];
    int parameter_count;
    struct effect effects[MODEL_PARAMETERS_MAX];
    int effect_count;
    double *covariance; /* [effect][effect], symmetric */
    double *cholesky;   /* [effect][effect], lower triangle L with L L' = covariance */

    const char *compartments[MODEL_COMPARTMENTS_MAX];
    int compartment_count;
    struct flow flows[MODEL_FLOWS_MAX];
    int flow_count;
    struct route routes[MODEL_ROUTES_MAX];
    int route_count;
    struct input
        compartment_inputs[MODEL_COMPARTMENTS_MAX]; /* how a dose of an event table enters a compartment
                                                                that it names: `over` and `rate` only where it asks
                                                                for them */
    struct output outputs[MODEL_OUTPUTS_MAX];
    int output_count;
    int level_count; /* of the outputs: they come first, and effects after them */
    struct golden *goldens;
    int golden_count;
};

extern const struct schema model_schema;

/* Reads a model of the library (by name) or a model file (by path: anything with a `/` or ending in .yaml); `from`
 * is where a study asks for it. 0, or -1 with every mistake in `d`; then `model` is empty, and clearing it is
 * still allowed. */
int model_read(struct model *model, const char *name, struct units *units, struct place from,
               struct diagnostics *d);
/* The same from text in memory; `name` is what messages call it. */
int model_parse(struct model *model, const char *name, const char *text, size_t size, struct units *units,
                struct diagnostics *d);
void model_clear(struct model *model);

/* Indices by name, -1 where there is none. */
int model_covariate(const struct model *model, const char *name);
int model_parameter(const struct model *model, const char *name);
int model_compartment(const struct model *model, const char *name);
int model_route(const struct model *model, const char *name);
int model_output(const struct model *model, const char *analyte);

/* The output that is the level of the drug itself: ketamine, esketamine or arketamine, as model->drug says. -1 where there
 * is none of that name. */
int model_drug_output(const struct model *model);

/* Whether a parameter differs from dose to dose. */
bool model_has_occasions(const struct model *model);

bool output_is_effect(const struct output *output);

/* Whether an assay can report it: a level that is not latent. */
bool output_is_observable(const struct output *output);

/* Whether all flows are of first order with constant rates, so that the model has an exact solution. */
bool model_is_linear(const struct model *model);

/* Whether any formula of the model mentions the covariate. */
bool model_uses_covariate(const struct model *model, const char *name);

#endif
