/* results - the result file: one HDF5 file that is also a valid netCDF-4 file.
 *
 * Everything lies flat in the root group, with dimension scales, `units` and `long_name`, so that one
 * xarray.open_dataset gives one labelled data set. Every variable is contiguous and allocated when the file is made:
 * its place in the file is known, the worker threads write the raw numbers there themselves and no HDF5 call is
 * made while patients are simulated. The metadata does not change after creation and cannot be torn. Until it is
 * complete and synced the file is called PATH.part. It holds a checksum of all that each block of patients wrote (solver/sweep.h), by
 * which a later run knows what is done.
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
    const char *arithmetic; /* app/base/arithmetic.h */
};

struct results; /* opaque */

/* Makes PATH.part for the study and takes its whole space on the disk. Refuses to replace an existing PATH or PATH.part
 * unless `force`, and a study whose variables would bear the same name. The study must outlive `results`; `path` is
 * copied. NULL with the reason in `d`; nothing is left then. */
struct results *results_create(const char *path, bool force, const struct study *study,
                               const struct provenance *provenance, struct diagnostics *d);

/* Goes on with the PATH.part that an earlier run left of the same study, by the same program on the same kind of machine; `force`
 * is whether it may replace PATH in the end. Looks on `threads` threads for what is done. 0 with `*results`, or -1 with the reason in
 * `d`; 1 where there is no PATH.part. PATH.part stays as it is unless all agrees. */
int results_resume(struct results **results, const char *path, bool force, const struct study *study,
                   const struct provenance *provenance, int threads, struct diagnostics *d);

/* Whether a finished result is called PATH that is of the same study, by the same program on the same kind of machine; then `report` has
 * its counts, and what the run that made it may have left beside it is removed. 1; 0: no file has that name; or -1 with all that
 * differs in `d`. */
int results_finished(const char *path, const struct study *study, const struct provenance *provenance,
                     struct sweep_report *report, struct diagnostics *d);

/* Together (ranks.h): the other ranks join the result that rank 0 has made, or goes on with, and write to it, too; each its own blocks.
 * `*results` is in on rank 0, and out on the others. 0, or -1 on all with the reason in `d` where it lies; then rank 0 still has its
 * result. Does nothing for a process alone. */
int results_join(struct results **results, const char *path, const struct study *study,
                 const struct provenance *provenance, struct diagnostics *d);

/* Together: rank 0 learns what all have done. 0, or -1 on all with the reason in `d` where it lies. */
int results_gather(struct results *results, struct sweep_report *report, struct diagnostics *d);

/* Frees what a rank has of a result that rank 0 finishes. */
void results_leave(struct results *results);

/* How many patients x arms are done: in blocks that have been finished, now or by an earlier run. */
int64_t results_done(const struct results *results);

/* How many patients x arms the file says have failed, whichever run or rank simulated them. 0, or -1 with the reason in `d`. */
int results_failed(const struct results *results, int64_t *failed, struct diagnostics *d);

/* A sink's `wanted` and `block_done`. */
bool results_wanted(void *results, int64_t block);
int results_block_done(void *results, int64_t block, const struct solver_work *work);

/* A sink's `take`: writes finished patients to their place; thread-safe for disjoint patients. */
int results_take(void *results, const struct simulated *patients, int count);

/* The first reason why results_take failed (without PATH), or NULL. To be called when no thread is in results_take. */
const char *results_failure(const struct results *results);

/* Computes the quantiles over patients, fills in the attributes that tell of the run, syncs, gives the file its name
 * and frees `results`. The counts of `report` become those of the whole result, whichever run made it. 0, or -1 with the
 * reason in `d`: then PATH is what it was, and PATH.part stays and can be resumed. */
int results_finish(struct results *results, struct sweep_report *report, struct diagnostics *d);

/* Frees `results`, with PATH.part left for a later run to go on with; where no block is done there is nothing to go on with, and it is
 * removed. NULL is allowed. 0, or -1 with the reason in `d`. */
int results_suspend(struct results *results, struct diagnostics *d);

/* Removes PATH.part and frees `results`; NULL is allowed. */
void results_abandon(struct results *results);

#endif
