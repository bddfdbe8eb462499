/* results_inner - what the files that make up app/results/results share. */
#ifndef KETSIM_RESULTS_INNER_H
#define KETSIM_RESULTS_INNER_H

#include "app/base/bytes.h"
#include "layout.h"
#include "part_file.h"
#include "quantile_counts.h"
#include "results.h"
#include "stored.h"

#include <pthread.h>

struct results {
    const struct study *study;
    char *path;
    struct part_file file;
    int scratch;       /* descriptor of the levels that only the quantiles need; -1: none */
    char *counts_path; /* where the counts are kept for a later run */
    struct layout layout;
    struct quantile_counts *counts;          /* that the quantiles are found from; NULL: from the levels */
    const struct layout_variable **checked;  /* [checked variable]: what blocks write */
    const struct layout_variable *checksums; /* of it */
    const struct layout_variable *works[BLOCK_WORK_COUNT]; /* what blocks took */
    bool *done;                                            /* [block] */
    bool shared;              /* with other ranks, who may have done what this one does not know of */
    pthread_mutex_t settling; /* held by the thread that gets numbers onto the disk */
    double sync_at;           /* s, as parallel_seconds: when that is to be done next */
    pthread_mutex_t lock;     /* of failure */
    struct stored
        *stored;       /* an earlier result that is checked, in place of a file that is written; NULL: none */
    char failure[512]; /* the first reason why results_take failed; "": it did not */
};

/* Bytes of a variable to their place, `offset` bytes from its start; or from there; any thread. Where an earlier result is checked,
 * put compares with what stands there, and get reads it. 0, or the errno. */
int results_put(const struct results *results, const struct layout_variable *variable, const void *bytes,
                size_t size, int64_t offset);
int results_get(const struct results *results, const struct layout_variable *variable, void *bytes,
                size_t size, int64_t offset);

/* Tells the first failure only: the rest follow from it. `code`: an errno, or PART_FILE_GONE. Returns -1. */
int results_take_failed(struct results *results, int code);

/* Everything that does not need the file. NULL with the reason in `d`. */
struct results *results_prepare(const char *path, const struct study *study, struct diagnostics *d);

/* Frees the struct and what it owns; the file is the caller's affair. NULL is allowed. */
void results_free(struct results *results);

/* Endings of what a run keeps beside PATH.part. */
#define RESULTS_COUNTS ".counts" /* rank N of several: .counts.N */
#define RESULTS_LEVELS ".levels"
#define RESULTS_PACKED ".packed"
#define RESULTS_WANTED ".wanted"

/* Gives the levels that only the quantiles need their places beside PATH.part. Returns how many bytes they take. */
int64_t results_place_levels(struct results *results);

/* Takes up what other ranks of an earlier run counted. 0, or -1 with the reason in `d`. */
int results_load_ranks(struct results *results, struct diagnostics *d);

/* Removes it. */
void results_remove_ranks(const struct results *results);

/* Removes all that a finished run has no more use for beside PATH.part. */
void results_remove_sides(const struct results *results);

/* Blocks, once there is a layout: none is done. -1 without memory. */
int results_blocks_init(struct results *results, struct diagnostics *d);

/* The checksum of what stands in the file of a variable that blocks write; and the one that is stored of the `index`-th of those. 0, or
 * the errno. */
int results_block_sum(const struct results *results, const struct layout_variable *variable, int64_t block,
                      uint64_t *sum);
int results_block_stored_sum(const struct results *results, int64_t block, int64_t index, uint64_t *sum);

/* Tells that the result cannot be written, for the reason that an errno gives. Returns -1. */
int results_write_failed(const struct results *results, int code, struct diagnostics *d);

/* Marks all patients as not yet simulated, in a variable of statuses. 0, or the errno. */
int results_write_pending(const struct results *results, const struct layout_variable *variable);

/* Puts what the study alone determines. 0, or -1 with the reason in `d`. */
int results_write_study(const struct results *results, struct diagnostics *d);

/* Finds out which blocks an earlier run has done, on so many threads, and marks the patients of others as pending. 0, or the errno. */
int results_blocks_look(struct results *results, int threads);

/* Adds the levels of a block that is done to the counts, where there are any. 0, or -1 with the failure noted. */
int results_count_levels(struct results *results, int64_t block);

/* Gets all that a later run needs onto the disk. 0, the errno, or PART_FILE_GONE. */
int results_settle(struct results *results);

/* Counts what the finished file says of the whole run, however many runs it took: outcomes and work. 0, or the errno. */
int results_count(const struct results *results, struct sweep_report *report);

/* What the sample comes to, whichever run solved it again. 0, or the errno. */
int results_certify(const struct results *results, struct certificate *certificate);

/* Whether the metadata of PATH.part are what this program would write for the study, and where its variables are. 0, or -1 with all
 * that differs in `d`. */
int results_agrees(struct results *results, const struct provenance *provenance, struct diagnostics *d);

/* Adds all variables and attributes to a new file and notes the places of the variables in `layout`. */
int metadata_write(struct hdf *file, struct layout *layout, const struct study *study,
                   const struct provenance *provenance, struct diagnostics *d);

/* Whether the metadata of an opened file are those that metadata_write would write, but for what tells of the run. 0, or -1 with all
 * that differs in `d`. */
int metadata_compare(struct hdf *file, const struct layout *layout, const struct study *study,
                     const struct provenance *provenance, struct diagnostics *d);

/* Whether a variable is there with the type and the sizes that it would have now. 0, or -1 with the reason in `d`. */
int metadata_find(struct hdf *file, const struct layout *layout, const struct layout_variable *variable,
                  struct diagnostics *d);

/* Whether an attribute of the file is one of those that metadata_finish overwrites. */
bool metadata_is_outcome(const char *name);

/* For metadata_write. Fills a variable of texts. */
int texts_write(struct hdf *file, const struct layout *layout, const struct layout_variable *variable,
                const struct study *study, struct diagnostics *d);

/* For metadata_write. How the sensitivity of a study that asks for it is computed; and what its gaps mean. */
int sensitivity_set(struct hdf *file, const struct study *study, struct diagnostics *d);
int gaps_set(struct hdf *file, const char *name, struct diagnostics *d);

/* For metadata_write. Of a parameter with a random effect, or that effect: whether it is sampled, supplied or fixed, and how it
 * acts. Nothing to do for other variables. */
int effects_set(struct hdf *file, const struct layout_variable *variable, const struct study *study,
                struct diagnostics *d);

/* For metadata_write. How sure the estimate is that a variable is about (nothing to do for others); and the study's models. */
int deviation_set(struct hdf *file, const struct layout_variable *variable, const struct study *study,
                  struct diagnostics *d);
int uncertainty_set(struct hdf *file, const struct study *study, struct diagnostics *d);

/* For metadata_write. What a metric of sessions or an answer about a threshold is; nothing of other variables. */
int thresholds_set(struct hdf *file, const struct layout_variable *variable, const struct study *study,
                   struct diagnostics *d);

/* For metadata_write. How the sample is solved again; attributes of its variables. */
int certificate_set(struct hdf *file, const struct study *study, struct diagnostics *d);
int sample_set(struct hdf *file, const struct layout_variable *variable, const struct study *study,
               struct diagnostics *d);

/* Adds, or overwrites, the attributes that tell what the sample comes to. */
int certificate_set_outcome(struct hdf *file, const struct certificate *certificate, struct diagnostics *d);

/* Overwrites the attributes that are known only at the end. */
int metadata_finish(struct hdf *file, const struct sweep_report *report, struct diagnostics *d);

/* Notes the first reason why the run cannot go on (without PATH), from any thread. Returns -1. */
int results_fail(struct results *results, const char *why);

/* Writes the quantiles that the counts give. */
int results_streamed(const struct results *results, struct diagnostics *d);

/* Says of the quantiles how they were found: with this relative error, 0 for exactly. */
int metadata_quantiles(struct hdf *file, const struct layout *layout, double error, struct diagnostics *d);

/* Computes the quantiles from the stored levels, on so many threads. */
int results_quantiles(const struct results *results, int threads, struct diagnostics *d);

/* All that the patients' numbers say together: quantiles, answers, sensitivity; on so many threads. */
int results_statistics(struct results *results, int threads, struct diagnostics *d);

/* Computes from the stored metrics of sessions what the study asks about thresholds, on so many threads. */
int results_answers(struct results *results, int threads, struct diagnostics *d);

/* Computes from the stored metrics which axes they depend on, on so many threads; nothing where the study does not ask. */
int results_sensitivity(struct results *results, int threads, struct diagnostics *d);

#endif
