/* model_reader - what the parts of the model reader share; for model_read*.c only. */
#ifndef KETSIM_MODEL_READER_H
#define KETSIM_MODEL_READER_H

#include "model.h"

/* Everything that a part of the reader needs. */
struct model_reader {
    struct model *model;
    struct units *units;
    struct diagnostics *d;
    /* The names that a formula may use: covariates, parameters read so far, `device` and `dose`. */
    const char *names[MODEL_COVARIATES_MAX + MODEL_PARAMETERS_MAX + 2];
    double values[MODEL_COVARIATES_MAX + MODEL_PARAMETERS_MAX + 2];
    int name_count;
};

/* Shorthands over the tree of the model file. */
struct place reader_place(const struct model_reader *r, const struct node *node);
const struct node *reader_root(const struct model_reader *r, const char *key);
const char *reader_text(const struct node *map, const char *key);

/* The compartment that `node` names, or -1 with the mistake told. */
int reader_compartment(const struct model_reader *r, const struct node *node);

/* Checks that a formula compiles over the names known so far; 0, or -1 with the mistake told. */
int reader_formula(struct model_reader *r, const struct node *node);

/* Checks that `key` can be the name of a new covariate, parameter or output: well formed, and not taken; 0, or -1 with
 * the mistake told. They are all variables of one result file. */
int reader_name(const struct model_reader *r, const struct node *key);

/* Reads a list of two quantities, [lowest, highest], in `unit`; 0, or -1 with the mistake told. */
int reader_range(struct model_reader *r, const struct node *list, const char *unit, double *lowest,
                 double *highest);

/* Read covariates with their validity, and parameters with their variability and its covariance. */
void reader_covariates(struct model_reader *r);
void reader_parameters(struct model_reader *r);

/* Reads how doses enter: by a route, or into a compartment that an event table names. */
void reader_routes(struct model_reader *r);

/* Reads what is observed. */
void reader_outputs(struct model_reader *r);

#endif
