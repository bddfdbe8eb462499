/* results - the result file: one HDF5 file that is also a valid netCDF-4 file.
 *
 * Everything lies flat in the root group, with dimension scales, `units` and `long_name`, so that one
 * xarray.open_dataset gives one labelled data set. Every variable is contiguous and allocated when the file is made:
 * its place in the file is known, the worker threads write the raw numbers there themselves and no HDF5 call is
 * made while patients are simulated. The metadata does not change after creation and cannot be torn. Until it is
 * complete and synced the file is called PATH.part.
 *
 * The same study gives the same bytes, whatever the number of threads and the order in which patients are taken; only
 * the values of the attributes called run_... differ, and HDF5's checksums of the blocks that hold them.
 */
#ifndef KETSIM_RESULTS_H
#define KETSIM_RESULTS_H

#include "solver/sweep.h"

/* Changes when a reader of the older files would misunderstand the newer ones. */
enum { RESULTS_SCHEMA_VERSION = 1 };

#define RESULTS_DISCLAIMER "Research and teaching tool, not a medical device."

/* What made the numbers. Everything here becomes a root attribute. */
struct provenance {
    const char *version;
    const char *revision;
    const char *sundials; /* version and build */
    const char *hdf5;
    const char *compiler;
};

struct results; /* opaque */

/* Makes PATH.part for the study and takes its whole space on the disk. Refuses to replace an existing PATH or PATH.part
 * unless `force`, and a study whose variables would bear the same name. The study must outlive `results`; `path` is
 * copied. NULL with the reason in `d`; nothing is left then. */
struct results *results_create(const char *path, bool force, const struct study *study,
                               const struct provenance *provenance, struct diagnostics *d);

/* A sink's `take`: writes finished patients to their place; thread-safe for disjoint patients. */
int results_take(void *results, const struct simulated *patients, int count);

/* What is to be called when all patients of a block have been taken, by the thread that took them. 0, or -1 with the reason as for
 * results_take. */
int results_block_done(void *results, int64_t block);

/* The first reason why results_take failed (without PATH), or NULL. To be called when no thread is in results_take. */
const char *results_failure(const struct results *results);

/* Computes the quantiles over patients, fills in the attributes that tell of the run, syncs, gives the file its name
 * and frees `results`. 0, or -1 with the reason in `d`: then PATH is what it was, and PATH.part is removed, unless the
 * result is complete and only its name could not be had. */
int results_finish(struct results *results, const struct sweep_report *report, struct diagnostics *d);

/* Removes PATH.part and frees `results`; NULL is allowed. */
void results_abandon(struct results *results);

#endif
