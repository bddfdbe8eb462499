/* Which blocks are done: those whose checksums, in the file, agree with what stands there. A block's numbers are written first,
 * then what it took, and its checksums last; but nothing depends on that order, so that neither a kill nor the loss of power,
 * after which the disk has some writes and lacks earlier ones, makes a block that is not whole look done. */
#include "app/base/checksum.h"
#include "results_inner.h"

#include "solver/parallel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Checksums that are read or written at a time, and bytes that are read for one: what fits in the first cache. */
enum { SUMS = 64, SUMMED_BYTES = 16 << 10 };

/* Seconds until what is in the file is on the disk, the first time and from then on: what a loss of power may cost. It takes at
 * most a small share of the time. */
static const double first_sync = 1;
static const double next_sync = 10;
static const double sync_share = 0.05;

int results_blocks_init(struct results *results, struct diagnostics *d)
{
    const struct layout *layout = &results->layout;
    int count = 0;

    results->done = calloc((size_t)layout->sizes[DIMENSION_BLOCK], sizeof(*results->done));
    results->checked = calloc((size_t)layout->sizes[DIMENSION_CHECKED], sizeof(*results->checked));
    if (!results->done || !results->checked) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < layout->count; i++) {
        const struct layout_variable *v = &layout->variables[i];
        if (layout_is_checked(v)) {
            results->checked[count++] = v;
        }
        if (v->role == ROLE_CHECKSUM) {
            results->checksums = v;
        }
        if (v->role == ROLE_BLOCK_WORK) {
            results->works[v->index] = v;
        }
    }
    results->sync_at = parallel_seconds() + first_sync;
    return 0;
}

/* --- Of one block --- */

/* Where its checksum of the variable `index` of those checked is. */
static int64_t sum_offset(const struct results *results, int64_t block, int64_t index)
{
    return (block * results->layout.sizes[DIMENSION_CHECKED] + index) * (int64_t)sizeof(uint64_t);
}

int results_block_sum(const struct results *results, const struct layout_variable *v, int64_t block,
                      uint64_t *sum)
{
    const struct layout_range range = layout_block_range(&results->layout, results->study, v, block);
    struct checksum checksum;
    char bytes[SUMMED_BYTES];
    int code = 0;

    checksum_begin(&checksum);
    for (int64_t done = 0; done < range.bytes && code == 0; done += SUMMED_BYTES) {
        const int64_t left = range.bytes - done;
        const size_t part = left < SUMMED_BYTES ? (size_t)left : SUMMED_BYTES;
        code = results_get(results, v, bytes, part, range.offset + done);
        if (code == 0) {
            checksum_add(&checksum, bytes, part);
        }
    }
    *sum = checksum_end(&checksum);
    return code;
}

int results_block_stored_sum(const struct results *results, int64_t block, int64_t index, uint64_t *sum)
{
    return results_get(results, results->checksums, sum, sizeof(*sum), sum_offset(results, block, index));
}

/* Computes checksums from what stands in the file: of `count` variables from `first` on. 0, or the errno. */
static int compute_sums(const struct results *results, int64_t block, int64_t first, int64_t count,
                        uint64_t *sums)
{
    int code = 0;

    for (int64_t i = 0; i < count && code == 0; i++) {
        code = results_block_sum(results, results->checked[first + i], block, &sums[i]);
    }
    return code;
}

static int64_t piece(const struct results *results, int64_t first)
{
    const int64_t left = results->layout.sizes[DIMENSION_CHECKED] - first;
    return left < SUMS ? left : SUMS;
}

/* Writes the block's checksums. 0, or the errno. */
static int write_sums(const struct results *results, int64_t block)
{
    uint64_t sums[SUMS];
    int code = 0;

    for (int64_t i = 0; i < results->layout.sizes[DIMENSION_CHECKED] && code == 0; i += SUMS) {
        const int64_t count = piece(results, i);
        code = compute_sums(results, block, i, count, sums);
        if (code == 0) {
            code = results_put(results, results->checksums, sums, (size_t)count * sizeof(*sums),
                               sum_offset(results, block, i));
        }
    }
    return code;
}

/* Whether all checksums are there and right. 0, or the errno. */
static int compare_sums(const struct results *results, int64_t block, bool *agree)
{
    uint64_t stored[SUMS];
    uint64_t sums[SUMS];
    int code = 0;

    *agree = true;
    for (int64_t i = 0; i < results->layout.sizes[DIMENSION_CHECKED] && *agree && code == 0; i += SUMS) {
        const int64_t count = piece(results, i);
        code = results_get(results, results->checksums, stored, (size_t)count * sizeof(*stored),
                           sum_offset(results, block, i));
        if (code == 0 && stored[0] == CHECKSUM_NONE) {
            *agree = false;
            return 0;
        }
        if (code == 0) {
            code = compute_sums(results, block, i, count, sums);
            *agree = code == 0 && memcmp(stored, sums, (size_t)count * sizeof(*sums)) == 0;
        }
    }
    return code;
}

/* --- While patients are simulated --- */

bool results_wanted(void *payload, int64_t block)
{
    const struct results *results = payload;
    return !results->done[block];
}

int results_settle(struct results *results)
{
    const int code = part_file_settle(&results->file);

    return code == 0 && results->counts ? quantile_counts_save(results->counts, results->counts_path) : code;
}

/* Now and then one thread gets what is there onto the disk, and looks whether the file is still in its place; the others
 * go on. 0, or -1. */
static int settle(struct results *results)
{
    int code = 0;

    if (pthread_mutex_trylock(&results->settling) != 0) {
        return 0;
    }
    const double now = parallel_seconds();
    if (now > results->sync_at) {
        code = results_settle(results);
        const double end = parallel_seconds();
        const double pause = (end - now) / sync_share;
        results->sync_at = end + (pause > next_sync ? pause : next_sync);
    }
    pthread_mutex_unlock(&results->settling);
    return code == 0 ? 0 : results_take_failed(results, code);
}

int results_block_done(void *payload, int64_t block, const struct solver_work *work)
{
    struct results *results = payload;
    const int64_t works[BLOCK_WORK_COUNT] = {work->steps, work->evaluations, work->batches};
    int code = 0;

    for (int i = 0; i < BLOCK_WORK_COUNT && code == 0; i++) {
        code = results_put(results, results->works[i], &works[i], sizeof(works[i]),
                           block * (int64_t)sizeof(works[i]));
    }
    if (code == 0) {
        code = write_sums(results, block);
    }
    if (code != 0) {
        return results_take_failed(results, code);
    }
    if (results_count_levels(results, block) != 0) {
        return -1;
    }
    results->done[block] = true;
    return settle(results);
}

/* --- What the whole file says --- */

enum { COUNTED = 4096 };

/* Adds how many values of a variable over arms and patients are other than 0 and, of bytes, `unmarked`. 0, or the errno. */
static int count_marked(const struct results *results, const struct layout_variable *v, uint8_t unmarked,
                        int64_t *marked)
{
    const int64_t size = (int64_t)hdf_size(v->type);
    const int64_t count = layout_values(&results->layout, v);
    static const char zero[8] = {0};
    char values[COUNTED * 8];
    int code = 0;

    for (int64_t done = 0; done < count && code == 0; done += COUNTED) {
        const int64_t part = count - done < COUNTED ? count - done : COUNTED;
        code = results_get(results, v, values, (size_t)(part * size), done * size);
        for (int64_t i = 0; i < part && code == 0; i++) {
            *marked += memcmp(values + i * size, zero, (size_t)size) != 0 &&
                       (size > 1 || (uint8_t)values[i] != unmarked);
        }
    }
    return code;
}

/* Adds up what blocks took. 0, or the errno. */
static int count_work(const struct results *results, const struct layout_variable *v, int64_t *sum)
{
    const int64_t count = layout_values(&results->layout, v);
    int64_t values[COUNTED];
    int code = 0;

    for (int64_t done = 0; done < count && code == 0; done += COUNTED) {
        const int64_t part = count - done < COUNTED ? count - done : COUNTED;
        code =
            results_get(results, v, values, (size_t)part * sizeof(*values), done * (int64_t)sizeof(*values));
        for (int64_t i = 0; i < part && code == 0; i++) {
            *sum += values[i];
        }
    }
    return code;
}

/* --- What an earlier run left --- */

/* Patients of a block that is not done must not look simulated. 0, or the errno. */
static int block_unmark(const struct results *results, int64_t block)
{
    static const uint64_t none = CHECKSUM_NONE;
    uint8_t pending[256];
    int code = results_put(results, results->checksums, &none, sizeof(none), sum_offset(results, block, 0));

    memset(pending, PATIENT_PENDING, sizeof(pending));
    for (int i = 0; i < results->layout.count && code == 0; i++) {
        const struct layout_variable *v = &results->layout.variables[i];
        if (v->role == ROLE_STATUS) {
            const struct layout_range range = layout_block_range(&results->layout, results->study, v, block);
            for (int64_t done = 0; done < range.bytes && code == 0; done += (int64_t)sizeof(pending)) {
                const int64_t left = range.bytes - done;
                code = results_put(results, v, pending,
                                   left < (int64_t)sizeof(pending) ? (size_t)left : sizeof(pending),
                                   range.offset + done);
            }
        }
    }
    return code;
}

static int block_look(void *payload, int thread, int64_t block)
{
    struct results *results = payload;
    bool agree = false;
    int code = compare_sums(results, block, &agree);

    (void)thread;
    agree = agree && (!results->counts || quantile_counts_has(results->counts, block));
    if (code == 0 && !agree) {
        code = block_unmark(results, block);
    }
    results->done[block] = code == 0 && agree;
    return code;
}

int results_blocks_look(struct results *results, int threads)
{
    return parallel_run(threads, results->layout.sizes[DIMENSION_BLOCK], block_look, results);
}

int results_failed(const struct results *results, int64_t *failed, struct diagnostics *d)
{
    int code = 0;

    *failed = 0;
    for (int i = 0; i < results->layout.count && code == 0; i++) {
        if (results->layout.variables[i].role == ROLE_STATUS) {
            code = count_marked(results, &results->layout.variables[i], PATIENT_PENDING, failed);
        }
    }
    return code == 0 ? 0
                     : diagnostics_error(d, (struct place){.file = results->path}, "cannot be read back: %s",
                                         strerror(code));
}

int64_t results_done(const struct results *results)
{
    const struct layout *layout = &results->layout;
    const int64_t numbers = layout->sizes[DIMENSION_ARM] * layout->sizes[DIMENSION_PATIENT];
    const int64_t blocks = layout->sizes[DIMENSION_BLOCK];
    int64_t done = 0;

    for (int64_t b = 0; b < blocks; b++) {
        const int64_t left = numbers - b * layout->block_lanes;
        done += results->done[b] ? (left < layout->block_lanes ? left : layout->block_lanes) : 0;
    }
    return done;
}

int results_count(const struct results *results, struct sweep_report *report)
{
    int64_t works[BLOCK_WORK_COUNT] = {0};
    int code = 0;

    report->finished = results->layout.sizes[DIMENSION_ARM] * results->layout.sizes[DIMENSION_PATIENT];
    report->failed = report->clamped = report->outside = 0;
    for (int i = 0; i < results->layout.count && code == 0; i++) {
        const struct layout_variable *v = &results->layout.variables[i];
        int64_t *marked = v->role == ROLE_STATUS    ? &report->failed
                          : v->role == ROLE_CLAMPED ? &report->clamped
                          : v->role == ROLE_OUTSIDE ? &report->outside
                                                    : NULL;
        if (marked) {
            code = count_marked(results, v, 0, marked);
        }
        if (v->role == ROLE_BLOCK_WORK) {
            code = count_work(results, v, &works[v->index]);
        }
    }
    report->steps = works[BLOCK_STEPS];
    report->evaluations = works[BLOCK_EVALUATIONS];
    report->batches = works[BLOCK_BATCHES];
    return code == 0 ? results_certify(results, &report->certificate) : code;
}
