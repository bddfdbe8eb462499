/* model_text - a model for people to read: what its paper says, and the equations that ketsim solves. */
#ifndef KETSIM_MODEL_TEXT_H
#define KETSIM_MODEL_TEXT_H

#include "model/effect_site.h"
#include "model/model.h"

#include <stdio.h>

/* Everything about one model. */
void model_print(FILE *out, const struct model *model);

/* Everything about one effect-site layer. */
void effect_site_print(FILE *out, const struct effect_site *site);

#endif
