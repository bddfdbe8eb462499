/* summary_sensitivity - the part of a summary that tells which axes the metrics depend on. */
#ifndef KETSIM_SUMMARY_SENSITIVITY_H
#define KETSIM_SUMMARY_SENSITIVITY_H

#include "sensitivity_table.h"

#include <jansson.h>
#include <stdio.h>

/* A table, axes by size, and what has no estimates and why. 0, or -1 without memory. */
int sensitivity_print(FILE *out, const struct sensitivity_table *table);

/* The same for programs; NULL without memory. */
json_t *sensitivity_json(const struct sensitivity_table *table);

#endif
