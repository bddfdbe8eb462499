/* model_golden - reads the levels that a model file promises to reproduce. */
#ifndef KETSIM_MODEL_GOLDEN_H
#define KETSIM_MODEL_GOLDEN_H

#include "model.h"

/* Reads `golden` of model->document into model->goldens; everything else of the model has been read. Mistakes go
 * to `d`. */
void model_read_goldens(struct model *model, struct units *units, struct diagnostics *d);

#endif
