/* results_inner - what the files that make up app/results share. */
#ifndef KETSIM_RESULTS_INNER_H
#define KETSIM_RESULTS_INNER_H

#include "layout.h"
#include "part_file.h"
#include "quantile_counts.h"
#include "results.h"

#include <pthread.h>

struct results {
    const struct study *study;
    char *path;
    struct part_file file;
    int scratch; /* descriptor of the levels that only the quantiles need; -1: none */
    struct layout layout;
    struct quantile_counts *counts; /* that the quantiles are found from; NULL: from the levels */
    pthread_mutex_t lock;           /* of failure */
    char failure[512];              /* the first reason why results_take failed; "": it did not */
};

/* The descriptor of the file that holds a variable. */
int results_file(const struct results *results, const struct layout_variable *variable);

/* Adds all variables and attributes to a new file and notes the places of the variables in `layout`. */
int metadata_write(struct hdf *file, struct layout *layout, const struct study *study,
                   const struct provenance *provenance, struct diagnostics *d);

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

#endif
