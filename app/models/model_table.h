/* model_table - the library in short: a line per model or effect site. */
#ifndef KETSIM_MODEL_TABLE_H
#define KETSIM_MODEL_TABLE_H

#include "model/effect_site.h"
#include "model/model.h"

#include <stdio.h>

/* Name, drug, patients, sampling, routes, analytes, under a heading. */
void models_print(FILE *out, const struct model *models, int count);

/* Name, analyte, title. */
void effect_site_print_line(FILE *out, const struct effect_site *site);

#endif
