/* layout_inner - what the files that make up app/results/layout share. */
#ifndef KETSIM_LAYOUT_INNER_H
#define KETSIM_LAYOUT_INNER_H

#include "layout.h"

#include <stdio.h>

/* A new row; NULL without memory. It holds until the next is added. */
struct layout_variable *layout_add(struct layout *layout, enum role role, enum hdf_type type);

/* A text for each entry of a dimension. -1 without memory. */
int layout_add_text(struct layout *layout, enum role role, enum dimension dimension, const char *name,
                    const char *long_name);

/* -1 without memory. */
int layout_add_coordinate(struct layout *layout, enum dimension dimension, enum hdf_type type,
                          const char *unit, const char *long_name);

void layout_set_dimensions(struct layout_variable *variable, int rank, const enum dimension *dimensions);

#define DIMENSIONS(variable, ...)                                                                            \
    layout_set_dimensions(variable, (int)(sizeof((enum dimension[]){__VA_ARGS__}) / sizeof(enum dimension)), \
                          (enum dimension[]){__VA_ARGS__})

/* Too long a text is cut, which layout_check finds for names; a unit or a meaning is just shorter. */
#define TEXT(array, ...) (void)snprintf(array, sizeof(array), __VA_ARGS__)

/* Per patient, or where it can differ between the arms per arm too; a reader is told which. */
void layout_set_patient_dimensions(struct layout_variable *variable, bool by_arm);

/* The variable of a role that holds what is of a parameter of a model: models that call the parameter the same and give it in the
 * same unit share it; where the unit differs it is called NAME_MODEL. Its rank is 0 if it is new. NULL without memory. */
struct layout_variable *layout_share(struct layout *layout, const struct study *study, enum role role,
                                     const char *name, const char *unit, int model, int parameter);

bool layout_is_effect(const struct study *study, int analyte);
bool layout_is_observable(const struct study *study, int analyte);

/* What each patient is: covariates, parameters. -1 without memory. */
int layout_add_patients(struct layout *layout, const struct study *study);

/* Everything that output.store calls random effects. -1 without memory. */
int layout_add_effects(struct layout *layout, const struct study *study);

/* Which replicate of the parameter uncertainty an arm is of, and what that changes. -1 without memory. */
int layout_add_replicates(struct layout *layout, const struct study *study);

/* Everything that output.store calls exposure. -1 without memory. */
int layout_add_exposure(struct layout *layout, const struct study *study);

/* The metrics of sessions, and the answers that they make. -1 without memory. */
int layout_add_thresholds(struct layout *layout, const struct study *study);

/* What a design for sensitivity finds of the metrics, which must be there already. -1 without memory. */
int layout_add_sensitivity(struct layout *layout, const struct study *study);

/* What the rows of an event table say, and the levels at them. -1 without memory. */
int layout_add_events(struct layout *layout, const struct study *study);

/* How the simulations of the sample agree with another route. -1 without memory. */
int layout_add_sample(struct layout *layout, const struct study *study);

/* Blocks, what they took, and their checksums: last, when all that blocks write is known. -1 without memory. */
int layout_add_blocks(struct layout *layout, const struct study *study);

#endif
