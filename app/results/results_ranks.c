/* A result that several processes write together. Rank 0 makes the file, or goes on with one, and finishes it; in between all write
 * numbers to their places, which are as far apart for processes as for threads. Blocks are dealt out by the run; the
 * file system must show each what the others have written, as those of one machine and of clusters do, and NFS does not. */
#include "app/base/ranks.h"
#include "results_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a rank's counts are called beside PATH.part. */
struct ending {
    char text[32];
};

static struct ending counts_ending(int rank)
{
    struct ending ending;
    snprintf(ending.text, sizeof(ending.text), RESULTS_COUNTS ".%d", rank);
    return ending;
}

/* --- Joining --- */

static int join_files(struct results *results, int rank, struct diagnostics *d)
{
    const int64_t levels = results_place_levels(results);

    if (part_file_join(&results->file, results->path, d) != 0) {
        return -1;
    }
    if (levels > 0) {
        results->scratch = part_file_levels(&results->file, levels, false, d);
        if (results->scratch < 0) {
            return -1;
        }
    }
    if (results->counts) {
        results->counts_path = part_file_side(&results->file, counts_ending(rank).text);
        return results->counts_path ? 0 : diagnostics_out_of_memory(d);
    }
    return 0;
}

/* The file says where its variables are, and whether this rank would write the same: it has read the same study, and is the same
 * program on the same kind of machine. NULL with the reason in `d`. */
static struct results *join(const char *path, const struct study *study, const struct provenance *provenance,
                            int rank, struct diagnostics *d)
{
    struct results *results = results_prepare(path, study, d);

    if (results && (join_files(results, rank, d) != 0 || results_agrees(results, provenance, d) != 0 ||
                    results_blocks_init(results, d) != 0)) {
        results_leave(results);
        return NULL;
    }
    return results;
}

int results_join(struct results **results, const char *path, const struct study *study,
                 const struct provenance *provenance, struct diagnostics *d)
{
    const struct ranks ranks = ranks_self();

    if (ranks.count == 1) {
        return 0;
    }
    if (ranks.number > 0) {
        *results = join(path, study, provenance, ranks.number, d);
    }
    if (ranks_agree(*results ? 0 : 1) != 0) {
        return -1;
    }
    struct results *own = *results;
    ranks_share(own->done, own->layout.sizes[DIMENSION_BLOCK] * (int64_t)sizeof(*own->done));
    own->shared = true;
    return 0;
}

/* --- Going on with what ranks left --- */

enum { RANKS_MAX = 4096 }; /* who left more has them counted again */

int results_load_ranks(struct results *results, struct diagnostics *d)
{
    for (int rank = 1; rank < RANKS_MAX; rank++) {
        struct diagnostics why;
        char *path = part_file_side(&results->file, counts_ending(rank).text);
        if (!path) {
            return diagnostics_out_of_memory(d);
        }
        diagnostics_init(&why); /* what cannot be read, or is known already, is simulated again */
        if (access(path, F_OK) == 0) {
            quantile_counts_load(results->counts, path, &why);
        }
        diagnostics_clear(&why);
        free(path);
    }
    return 0;
}

void results_remove_ranks(const struct results *results)
{
    for (int rank = 1; rank < RANKS_MAX; rank++) {
        part_file_remove_side(&results->file, counts_ending(rank).text);
    }
}

/* --- The end --- */

static int take_done(void *payload, int rank, const void *bytes, int64_t size)
{
    struct results *results = payload;
    const bool *done = bytes;

    (void)rank;
    for (int64_t b = 0; b < size / (int64_t)sizeof(*done); b++) {
        results->done[b] = results->done[b] || done[b];
    }
    return 0;
}

static int take_report(void *payload, int rank, const void *bytes, int64_t size)
{
    struct sweep_report other;

    (void)rank;
    if (size != (int64_t)sizeof(other)) {
        return -1;
    }
    memcpy(&other, bytes, sizeof(other));
    sweep_report_add(payload, &other);
    return 0;
}

struct counting {
    struct quantile_counts *counts;
    struct diagnostics *d;
};

static int take_counts(void *payload, int rank, const void *bytes, int64_t size)
{
    const struct counting *counting = payload;
    char name[32];
    FILE *from = fmemopen((void *)(uintptr_t)bytes, (size_t)size, "rb");

    snprintf(name, sizeof(name), "the counts of rank %d", rank);
    if (!from) {
        return diagnostics_out_of_memory(counting->d);
    }
    const int failed = quantile_counts_read(counting->counts, from, name, counting->d);
    fclose(from);
    return failed;
}

static int gather_counts(struct results *results, struct diagnostics *d)
{
    struct counting counting = {results->counts, d};
    char *bytes = NULL;
    size_t size = 0;
    int failed = 0;

    if (ranks_self().number > 0) {
        FILE *to = open_memstream(&bytes, &size);
        failed = !to || quantile_counts_write(results->counts, to) != 0;
        if (to) {
            failed |= fclose(to) != 0;
        }
        if (failed) {
            diagnostics_out_of_memory(d);
        }
    }
    if (ranks_agree(failed) != 0) {
        free(bytes);
        return -1;
    }
    failed = ranks_collect(bytes, (int64_t)size, take_counts, &counting);
    free(bytes);
    return ranks_agree(failed != 0) == 0 ? 0 : -1;
}

int results_gather(struct results *results, struct sweep_report *report, struct diagnostics *d)
{
    const struct ranks ranks = ranks_self();
    const struct layout *layout = &results->layout;

    if (ranks.count == 1) {
        return 0;
    }
    const int code = ranks.number > 0 ? results_settle(results) : 0;
    if (code != 0) {
        diagnostics_error(d, (struct place){.file = results->path}, "cannot be written: %s", strerror(code));
    }
    if (ranks_agree(code != 0) != 0 || (results->counts && gather_counts(results, d) != 0)) {
        return -1;
    }
    int failed = ranks_collect(
        results->done, layout->sizes[DIMENSION_BLOCK] * (int64_t)sizeof(*results->done), take_done, results);
    failed |= ranks_collect(report, sizeof(*report), take_report, report);
    report->left_out = layout->sizes[DIMENSION_ARM] * layout->sizes[DIMENSION_PATIENT] - report->finished;
    if (failed) {
        diagnostics_out_of_memory(d);
    }
    return ranks_agree(failed != 0) == 0 ? 0 : -1;
}

void results_leave(struct results *results)
{
    part_file_close(&results->file);
    results_free(results);
}
