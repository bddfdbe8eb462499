/* summary_changes - what arms change against their baselines, as the parts of a summary that tell it. */
#ifndef KETSIM_SUMMARY_CHANGES_H
#define KETSIM_SUMMARY_CHANGES_H

#include "app/base/csv.h"
#include "app/base/text_table.h"
#include "changes.h"

#include <jansson.h>

/* How a change is told: as a ratio of levels, areas and what follows, or as a difference of times, effects and what can be 0. */
bool change_is_ratio(const struct change *change);
const struct change_spread *change_told(const struct change *change);

/* The change in a metric whose name begins like this, of an analyte in an arm, in a dosing interval or (0) the whole profile; NULL
 * where there is none, or no ratio. */
const struct change *changes_find_ratio(const struct changes *changes, int64_t arm, const char *analyte,
                                        int64_t interval, const char *metric);

/* A number of it as text: what a solver leaves between patients who do not differ is no change. */
struct number_text change_describe(const struct change *change, double value);

/* A table for people; nothing where there are no changes. 0, or -1 without memory. */
int changes_print(FILE *out, const struct changes *changes, const struct result *result);

/* The columns of the csv, with their commas before: the heads, and those of the change in a metric of an arm, empty without. */
extern const char changes_csv_heads[];
void changes_csv(FILE *out, const struct changes *changes, const struct result *result, int64_t arm,
                 const struct result_variable *variable, int64_t interval);

/* A list; NULL without memory. */
json_t *changes_json(const struct changes *changes, const struct result *result);

#endif
