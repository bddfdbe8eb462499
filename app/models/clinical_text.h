/* clinical_text - models beside what was observed in people, for people to read. */
#ifndef KETSIM_CLINICAL_TEXT_H
#define KETSIM_CLINICAL_TEXT_H

#include "clinical.h"

#include <stdio.h>

/* Every comparison by study, what cannot be compared and why, and one line per model. 0, or -1 with the reason in `d`. */
int clinical_print(FILE *out, const struct clinical_table *table, const struct model *models, int model_count,
                   struct diagnostics *d);

#endif
