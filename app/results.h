/* results - the result file: one HDF5 file that is also a valid netCDF-4 file.
 *
 * Everything lies flat in the root group, with dimension scales, `units` and `long_name`, so that one
 * xarray.open_dataset gives one labelled data set. Every variable is contiguous and allocated when the file is made:
 * its place in the file is known, the worker threads write the raw numbers there themselves and no HDF5 call is
 * made while patients are simulated. The metadata does not change after creation and cannot be torn. Until it is
 * complete and synced the file is called PATH.part.
 */
#ifndef KETSIM_RESULTS_H
#define KETSIM_RESULTS_H

#include "solver/sweep.h"

/* What made the numbers. Everything here becomes a root attribute. */
struct provenance {
    const char *version;
    const char *revision;
    const char *sundials; /* version and build */
    const char *hdf5;
    const char *compiler;
};

struct results; /* opaque */

/* Makes PATH.part for the study. Refuses to replace an existing PATH unless `force`. NULL with the reason in `d`. */
struct results *results_create(const char *path, bool force, const struct study *study,
                               const struct provenance *provenance, struct diagnostics *d);

/* A sink's `take`: writes finished patients to their place; thread-safe for disjoint patients. */
int results_take(void *results, const struct simulated *patients, int count);

/* The reason why results_take failed, or NULL. */
const char *results_failure(const struct results *results);

/* Computes the quantiles over patients, adds the attributes that tell of the run, syncs, gives the file its name
 * and frees `results`. 0, or -1 with the reason in `d` (then PATH does not exist, or is what it was). */
int results_finish(struct results *results, const struct sweep_report *report, struct diagnostics *d);

/* Removes PATH.part and frees `results`; NULL is allowed. */
void results_abandon(struct results *results);

#endif
