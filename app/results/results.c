#include "hdf_pack.h"
#include "results_described.h"
#include "results_inner.h"
#include "seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int results_put(const struct results *results, const struct layout_variable *variable, const void *bytes,
                size_t size, int64_t offset)
{
    if (variable->scratch) { /* not kept where a part of a result is checked */
        return results->scratch < 0 ? 0
                                    : bytes_write(results->scratch, bytes, size, variable->offset + offset);
    }
    return results->stored ? stored_compare(results->stored, variable, bytes, size, offset)
                           : bytes_write(results->file.fd, bytes, size, variable->offset + offset);
}

int results_get(const struct results *results, const struct layout_variable *variable, void *bytes,
                size_t size, int64_t offset)
{
    if (variable->scratch) {
        return bytes_read(results->scratch, bytes, size, variable->offset + offset);
    }
    return results->stored ? stored_read(results->stored, variable, bytes, size, offset)
                           : bytes_read(results->file.fd, bytes, size, variable->offset + offset);
}

static struct place results_place(const struct results *results)
{
    return (struct place){.file = results->path};
}

int results_write_failed(const struct results *results, int code, struct diagnostics *d)
{
    return diagnostics_error(d, results_place(results), "cannot be written: %s", strerror(code));
}

void results_free(struct results *results)
{
    if (!results) {
        return;
    }
    if (results->scratch >= 0) {
        close(results->scratch);
    }
    quantile_counts_free(results->counts);
    layout_clear(&results->layout);
    free(results->counts_path);
    free(results->checked);
    free(results->done);
    pthread_mutex_destroy(&results->lock);
    pthread_mutex_destroy(&results->settling);
    free(results->path);
    free(results);
}

/* --- Creation --- */

/* HDF5 is not asked to make a file for which there is no room: it does not come through that unharmed. */
static int expect_space(struct results *results, struct diagnostics *d)
{
    int64_t bytes = 0;

    for (int i = 0; i < results->layout.count; i++) {
        bytes += layout_bytes(&results->layout, &results->layout.variables[i]);
    }
    /* The compressed file stands beside the plain one until it is whole, and is no larger. */
    return part_file_expect(&results->file, results->study->deflate ? 2 * bytes : bytes, d);
}

/* All that HDF5 writes: after this only raw numbers are added, and the outcome is overwritten in place. */
static int create_metadata(struct results *results, const struct provenance *provenance,
                           struct diagnostics *d)
{
    struct hdf *file = hdf_create(part_file_name(&results->file), d);
    int ret;

    if (!file) {
        return -1;
    }
    ret = metadata_write(file, &results->layout, results->study, provenance, d);
    return hdf_close(file, d) == 0 ? ret : -1;
}

int64_t results_place_levels(struct results *results)
{
    struct layout *layout = &results->layout;
    int64_t end = 0;

    for (int i = 0; i < layout->count; i++) {
        struct layout_variable *v = &layout->variables[i];
        if (v->scratch) {
            v->offset = end;
            end += layout_bytes(layout, v);
        }
    }
    return end;
}

/* The space for everything, now: a disk that is too small is told before hours of work. With `fresh` there is nothing yet of levels
 * that only the quantiles need. */
static int reserve_space(struct results *results, bool fresh, struct diagnostics *d)
{
    struct layout *layout = &results->layout;
    const int64_t scratch = results_place_levels(results);
    int64_t end = 0;

    for (int i = 0; i < layout->count; i++) {
        struct layout_variable *v = &layout->variables[i];
        if (!v->scratch && v->offset + layout_bytes(layout, v) > end) {
            end = v->offset + layout_bytes(layout, v);
        }
    }
    if (part_file_reserve(&results->file, end, d) != 0) {
        return -1;
    }
    if (scratch > 0) {
        results->scratch = part_file_levels(&results->file, scratch, fresh, d);
        return results->scratch < 0 ? -1 : 0;
    }
    return 0;
}

static int create_counts(struct results *results, struct diagnostics *d)
{
    const struct quantile_plan *plan = &results->layout.quantiles;

    if (plan->wanted && plan->streaming) {
        results->counts = quantile_counts_create(results->study, plan, d);
        return results->counts ? 0 : -1;
    }
    return 0;
}

/* No patient is simulated yet. */
static int write_start(const struct results *results, struct diagnostics *d)
{
    for (int i = 0; i < results->layout.count; i++) {
        const struct layout_variable *v = &results->layout.variables[i];
        const int code = v->role == ROLE_STATUS ? results_write_pending(results, v) : 0;
        if (code != 0) {
            return results_write_failed(results, code, d);
        }
    }
    return results_write_study(results, d);
}

struct results *results_prepare(const char *path, const struct study *study, struct diagnostics *d)
{
    struct results *results = calloc(1, sizeof(*results));

    if (!results || !(results->path = strdup(path))) {
        free(results);
        diagnostics_out_of_memory(d);
        return NULL;
    }
    results->study = study;
    results->scratch = -1;
    results->file.fd = -1;
    pthread_mutex_init(&results->lock, NULL);
    pthread_mutex_init(&results->settling, NULL);
    if (layout_init(&results->layout, study, d) != 0 || create_counts(results, d) != 0) {
        results_free(results);
        return NULL;
    }
    return results;
}

/* Where counts go; what is there belongs to an earlier run. */
static int name_counts(struct results *results, struct diagnostics *d)
{
    part_file_remove_side(&results->file, RESULTS_COUNTS);
    if (results->counts) {
        results->counts_path = part_file_side(&results->file, RESULTS_COUNTS);
    }
    return !results->counts || results->counts_path ? 0 : diagnostics_out_of_memory(d);
}

struct results *results_create(const char *path, bool force, const struct study *study,
                               const struct provenance *provenance, struct diagnostics *d)
{
    struct results *results = results_prepare(path, study, d);

    if (!results) {
        return NULL;
    }
    if (part_file_create(&results->file, results->path, force, d) != 0 || expect_space(results, d) != 0 ||
        results_blocks_init(results, d) != 0 || create_metadata(results, provenance, d) != 0 ||
        reserve_space(results, true, d) != 0 || write_start(results, d) != 0 ||
        name_counts(results, d) != 0 || part_file_begin(&results->file, d) != 0) {
        results_abandon(results);
        return NULL;
    }
    return results;
}

/* --- Going on with what an earlier run left --- */

int results_agrees(struct results *results, const struct provenance *provenance, struct diagnostics *d)
{
    struct hdf *file = hdf_open(results->file.part, false, d);
    int ret;

    if (!file) {
        return -1;
    }
    ret = metadata_compare(file, &results->layout, results->study, provenance, d);
    for (int i = 0; i < results->layout.count && ret == 0; i++) {
        struct layout_variable *v = &results->layout.variables[i];
        if (!v->scratch && v->type != HDF_TEXT) {
            ret = hdf_offset(file, v->name, &v->offset, d);
        }
    }
    return hdf_close(file, d) == 0 ? ret : -1;
}

/* Numbers that lie where others do are none that a run has written. */
static int check_places(const struct results *results, struct diagnostics *d)
{
    const struct layout *layout = &results->layout;

    for (int i = 0; i < layout->count; i++) {
        const struct layout_variable *v = &layout->variables[i];
        for (int k = 0; k < i && !v->scratch && v->type != HDF_TEXT; k++) {
            const struct layout_variable *other = &layout->variables[k];
            if (!other->scratch && other->type != HDF_TEXT &&
                v->offset < other->offset + layout_bytes(layout, other) &&
                other->offset < v->offset + layout_bytes(layout, v)) {
                return diagnostics_error(d, results_place(results),
                                         "is damaged: \"%s\" and \"%s\" lie in one place; --force, without "
                                         "--resume, begins anew",
                                         other->name, v->name);
            }
        }
    }
    return 0;
}

/* What is gone on with gets a seal in the end, which must not be one over what was damaged meanwhile. */
static int check_description(const struct results *results, const struct provenance *provenance,
                             struct diagnostics *d)
{
    struct hdf *file = hdf_open(results->file.part, false, d);
    char *wanted = part_file_side(&results->file, RESULTS_WANTED);
    int ret = -1;

    part_file_remove_side(&results->file, RESULTS_WANTED); /* a link would be followed */
    if (file && wanted) {
        ret = results_described(file, wanted, &results->layout, results->study, provenance, NULL, d);
        part_file_remove_side(&results->file, RESULTS_WANTED);
    } else if (file) {
        diagnostics_out_of_memory(d);
    }
    free(wanted);
    return hdf_close(file, d) == 0 ? ret : -1;
}

/* Takes up the counts of the earlier run; blocks that are not in them are simulated again. */
static int load_counts(struct results *results, struct diagnostics *d)
{
    struct diagnostics why;

    if (!results->counts) {
        return 0;
    }
    results->counts_path = part_file_side(&results->file, RESULTS_COUNTS);
    if (!results->counts_path) {
        return diagnostics_out_of_memory(d);
    }
    if (access(results->counts_path, F_OK) != 0) {
        return 0; /* it was not yet written */
    }
    diagnostics_init(&why);
    if (quantile_counts_load(results->counts, results->counts_path, &why) != 0) {
        diagnostics_warning(d, results_place(results),
                            "what was counted for the quantiles is lost, and is counted "
                            "again: %s",
                            why.count > 0 ? why.items[0].text : "no reason given");
    }
    diagnostics_clear(&why);
    return results_load_ranks(results, d);
}

void results_remove_sides(const struct results *results)
{
    part_file_remove_side(&results->file, RESULTS_COUNTS);
    part_file_remove_side(&results->file, RESULTS_LEVELS);
    if (results->counts) {
        results_remove_ranks(results);
    }
    part_file_remove_side(&results->file, RESULTS_PACKED);
    part_file_remove_side(&results->file, RESULTS_WANTED);
}

int results_resume(struct results **results, const char *path, bool force, const struct study *study,
                   const struct provenance *provenance, int threads, struct diagnostics *d)
{
    struct results *r = results_prepare(path, study, d);
    int ret;
    int code;

    *results = NULL;
    if (!r) {
        return -1;
    }
    ret = part_file_reopen(&r->file, r->path, force, d);
    if (ret != 0) {
        part_file_close(&r->file);
        results_free(r);
        return ret;
    }
    if (results_agrees(r, provenance, d) != 0 || check_places(r, d) != 0 ||
        check_description(r, provenance, d) != 0 || results_blocks_init(r, d) != 0 ||
        reserve_space(r, false, d) != 0 || results_write_study(r, d) != 0 || load_counts(r, d) != 0) {
        part_file_close(&r->file);
        results_free(r);
        return -1;
    }
    code = results_blocks_look(r, threads);
    if (code != 0) {
        diagnostics_error(d, results_place(r), "what is done cannot be read: %s", strerror(code));
        part_file_close(&r->file);
        results_free(r);
        return -1;
    }
    *results = r;
    return 0;
}

/* --- The end --- */

const char *results_failure(const struct results *results)
{
    return results->failure[0] ? results->failure : NULL;
}

static int64_t count_pending(const uint8_t *statuses, int64_t count)
{
    int64_t pending = 0;

    for (int64_t i = 0; i < count; i++) {
        pending += statuses[i] == PATIENT_PENDING;
    }
    return pending;
}

enum { READ_STATUSES = 4096 };

/* A result with a hole must never get its name. */
static int check_finished(const struct results *results, struct diagnostics *d)
{
    for (int i = 0; i < results->layout.count; i++) {
        const struct layout_variable *v = &results->layout.variables[i];
        const int64_t count = layout_values(&results->layout, v);
        int64_t pending = 0;
        uint8_t statuses[READ_STATUSES];
        for (int64_t done = 0; v->role == ROLE_STATUS && done < count; done += READ_STATUSES) {
            const int64_t part = count - done < READ_STATUSES ? count - done : READ_STATUSES;
            const int code = results_get(results, v, statuses, (size_t)part, done);
            if (code != 0) {
                return diagnostics_error(d, results_place(results), "cannot be read back: %s",
                                         strerror(code));
            }
            pending += count_pending(statuses, part);
        }
        if (pending > 0) {
            return diagnostics_error(d, results_place(results),
                                     "%lld patients were not simulated, so that there is no result",
                                     (long long)pending);
        }
    }
    return 0;
}

static int count_outcome(const struct results *results, struct sweep_report *report, struct diagnostics *d)
{
    const int code = results_count(results, report);

    return code == 0
               ? 0
               : diagnostics_error(d, results_place(results), "cannot be read back: %s", strerror(code));
}

static int finish_metadata(const struct results *results, const struct sweep_report *report,
                           struct diagnostics *d)
{
    struct hdf *file = hdf_open(results->file.part, true, d);
    int ret;

    if (!file) {
        return -1;
    }
    ret = metadata_finish(file, report, d);
    if (ret == 0 && results->counts) {
        ret = metadata_quantiles(file, &results->layout, quantile_counts_error(results->counts), d);
    }
    return hdf_close(file, d) == 0 ? ret : -1;
}

/* The finished file, compressed, takes its place. A run that is killed meanwhile leaves PATH.part whole. */
static int pack_file(struct results *results, int threads, struct diagnostics *d)
{
    char *name = part_file_side(&results->file, RESULTS_PACKED);
    int ret = -1;

    part_file_remove_side(&results->file, RESULTS_PACKED); /* a link would be followed */
    ret = name ? hdf_pack(results->file.part, name, threads, d) : diagnostics_out_of_memory(d);
    if (ret == 0) {
        ret = part_file_exchange(&results->file, RESULTS_PACKED, d);
    }
    if (ret != 0) {
        part_file_remove_side(&results->file, RESULTS_PACKED);
    }
    free(name);
    return ret;
}

/* Of a plain file what blocks have checksums of is left out; the compressed one has just been written, and is read whole. */
static int seal_file(const struct results *results, struct diagnostics *d)
{
    const int64_t checked = results->layout.sizes[DIMENSION_CHECKED];
    struct seal_range *ranges = calloc((size_t)checked + 1, sizeof(*ranges));
    int count = 0;
    int code = ranges ? 0 : ENOMEM;

    for (int64_t i = 0; i < checked && code == 0 && !results->study->deflate; i++) {
        const struct layout_variable *v = results->checked[i];
        if (!v->scratch) {
            ranges[count++] = (struct seal_range){v->offset, layout_bytes(&results->layout, v)};
        }
    }
    if (code == 0) {
        code = seal_write(results->file.fd, ranges, count);
    }
    free(ranges);
    return code == 0 ? 0 : results_write_failed(results, code, d);
}

int results_finish(struct results *results, struct sweep_report *report, struct diagnostics *d)
{
    int ret = 0;

    if (results->failure[0]) {
        ret = diagnostics_error(d, results_place(results), "%s", results->failure);
    }
    if (ret == 0) {
        ret = part_file_restore(&results->file, d);
    }
    if (ret != 0 || check_finished(results, d) != 0 || count_outcome(results, report, d) != 0 ||
        results_statistics(results, report->threads, d) != 0 || finish_metadata(results, report, d) != 0 ||
        (results->study->deflate && pack_file(results, report->threads, d) != 0) ||
        seal_file(results, d) != 0) {
        part_file_exchange_back(&results->file);
        results_suspend(results, d);
        return -1;
    }
    ret = part_file_publish(&results->file, d);
    if (ret == 0) {
        results_remove_sides(results);
    }
    part_file_close(&results->file);
    results_free(results);
    return ret;
}

int results_suspend(struct results *results, struct diagnostics *d)
{
    int ret;
    int code;

    if (!results || (results_done(results) == 0 && !results->shared)) {
        results_abandon(results);
        return 0;
    }
    ret = part_file_restore(&results->file, d);
    code = ret == 0 ? results_settle(results) : 0;
    if (code != 0) {
        ret = diagnostics_error(d, results_place(results), "cannot be made safe against a power failure: %s",
                                strerror(code));
    }
    part_file_close(&results->file);
    results_free(results);
    return ret;
}

void results_abandon(struct results *results)
{
    if (results) {
        if (results->file.fd >= 0) {
            results_remove_sides(results);
        }
        part_file_remove(&results->file);
        results_free(results);
    }
}
