/* results_described - whether what a file says of its numbers is what this program would say of them. */
#ifndef KETSIM_RESULTS_DESCRIBED_H
#define KETSIM_RESULTS_DESCRIBED_H

#include "hdf.h"
#include "layout.h"
#include "results.h"

/* What is known at the end of a run. */
struct results_outcome {
    const struct sweep_report *report;
    bool counted; /* quantiles come from counts, with */
    double error; /* this relative error at most */
};

/* Compares attributes, texts, dimensions, fill values and which variables there are with what would be written for the study; at its
 * end, or, where `outcome` is NULL, at its beginning. What tells of the run itself is left out. `path`: a file to write that to, for the caller
 * to remove; it is as long as the result, and takes next to no space. 0, or -1 with all that differs, or why that cannot be told, in `d`. */
int results_described(struct hdf *file, const char *path, const struct layout *layout,
                      const struct study *study, const struct provenance *provenance,
                      const struct results_outcome *outcome, struct diagnostics *d);

#endif
