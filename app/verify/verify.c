#define _GNU_SOURCE /* files in memory */
#include "app/results/results_place.h"
#include "app/study/study_read.h"
#include "verify_inner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A sample is so many blocks, or one of so many if that is more. */
enum { SAMPLE_BLOCKS = 8, SAMPLE_SHARE = 100 };

struct place verify_place(const struct verify *v)
{
    return (struct place){.file = v->result.path};
}

/* --- Which program --- */

static int read_provenance(struct verify *v)
{
    static const char *const names[] = {"ketsim_version", "ketsim_revision", "sundials_version",
                                        "hdf5_version",   "compiler",        "arithmetic"};
    const struct provenance *now = v->request->now;
    const char *const mine[] = {now->version, now->revision, now->sundials,
                                now->hdf5,    now->compiler, now->arithmetic};

    v->report->same_program = true;
    for (int i = 0; i < 6; i++) {
        v->made_with[i] = result_text(&v->result, names[i]);
        if (!v->made_with[i]) {
            return diagnostics_error(v->d, verify_place(v), "does not say what it was made with: %s",
                                     names[i]);
        }
        /* another HDF5 has no part in the numbers */
        if (i != 3 && strcmp(v->made_with[i], mine[i] ? mine[i] : "") != 0) {
            diagnostics_warning(v->d, verify_place(v), "its %s is %s, and this program's is %s", names[i],
                                v->made_with[i], mine[i] ? mine[i] : "");
            v->report->same_program = false;
        }
    }
    v->stored = (struct provenance){v->made_with[0], v->made_with[1], v->made_with[2],
                                    v->made_with[3], v->made_with[4], v->made_with[5]};
    if (!v->report->same_program) {
        diagnostics_warning(v->d, verify_place(v),
                            "another program or machine made it, whose last digits may differ: nothing is "
                            "simulated again, and only the checksums are looked at");
    }
    return 0;
}

/* --- The result as this program would write it --- */

/* Makes ready to compare: the layout of the study, whose variables must all be there. */
static int prepare(struct verify *v)
{
    v->results = results_prepare(v->result.path, &v->study, v->d);
    if (!v->results) {
        return -1;
    }
    struct layout *layout = &v->results->layout;
    if (!v->request->all) { /* counts of a sample are of no use */
        quantile_counts_free(v->results->counts);
        v->results->counts = NULL;
    }
    for (int i = 0; i < layout->count; i++) {
        if (!layout->variables[i].scratch &&
            metadata_find(v->result.file, layout, &layout->variables[i], v->d) != 0) {
            return -1;
        }
    }
    v->results->stored = stored_create(v->result.file, layout);
    v->damaged = calloc((size_t)layout->sizes[DIMENSION_BLOCK], sizeof(*v->damaged));
    if (!v->results->stored || !v->damaged) {
        return diagnostics_out_of_memory(v->d);
    }
    return results_blocks_init(v->results, v->d);
}

/* --- Simulating again --- */

/* Chooses what is simulated: blocks spread evenly, and those that are damaged. */
static void choose_blocks(struct verify *v)
{
    const int64_t blocks = v->results->layout.sizes[DIMENSION_BLOCK];
    const int64_t share = blocks / SAMPLE_SHARE;
    const int64_t most = share > SAMPLE_BLOCKS ? share : SAMPLE_BLOCKS;
    const int64_t count = most < blocks ? most : blocks;

    for (int64_t b = 0; b < blocks; b++) {
        v->results->done[b] = !v->request->all && !v->damaged[b];
    }
    for (int64_t i = 0; i < count; i++) {
        v->results->done[(int64_t)((double)blocks * ((double)i + 0.5) / (double)count)] = false;
    }
}

static int again_take(void *payload, const struct simulated *patients, int count)
{
    struct verify *v = payload;

    return results_take(v->results, patients, count);
}

static bool again_wanted(void *payload, int64_t block)
{
    const struct verify *v = payload;

    return results_wanted(v->results, block);
}

/* What solving took, too; and of levels that are not kept their checksum. */
static int again_done(void *payload, int64_t block, const struct solver_work *work)
{
    struct verify *v = payload;
    struct results *results = v->results;
    const int64_t works[BLOCK_WORK_COUNT] = {work->steps, work->evaluations, work->batches};

    for (int i = 0; i < BLOCK_WORK_COUNT; i++) {
        results_put(results, results->works[i], &works[i], sizeof(works[i]),
                    block * (int64_t)sizeof(works[i]));
    }
    for (int i = 0; i < results->layout.sizes[DIMENSION_CHECKED] && results->scratch >= 0; i++) {
        uint64_t sum;
        if (results->checked[i]->scratch) {
            const int code = results_block_sum(results, results->checked[i], block, &sum);
            if (code != 0) {
                return results_take_failed(results, code);
            }
            results_put(results, results->checksums, &sum, sizeof(sum),
                        (block * results->layout.sizes[DIMENSION_CHECKED] + i) * (int64_t)sizeof(sum));
        }
    }
    return results_count_levels(results, block);
}

static void again_progress(void *payload, int64_t finished, int64_t total)
{
    struct verify *v = payload;

    if (v->request->progress) {
        progress_show(v->request->progress, finished, total);
    }
}

/* Levels that the file does not keep, for their quantiles: beside no file, because none is written. */
static int open_levels(struct verify *v)
{
    const int64_t bytes = v->request->all ? results_place_levels(v->results) : 0;

    if (bytes > 0) {
        v->results->scratch = memfd_create("levels", MFD_CLOEXEC);
        if (v->results->scratch < 0 || ftruncate(v->results->scratch, bytes) != 0) {
            return diagnostics_error(v->d, verify_place(v), "no room for %.3g MB of levels: %s",
                                     (double)bytes / 1e6, strerror(errno));
        }
    }
    return 0;
}

static int simulate_again(struct verify *v)
{
    const struct sink sink = {.payload = v,
                              .certify = true,
                              .take = again_take,
                              .progress = again_progress,
                              .wanted = again_wanted,
                              .block_done = again_done};
    struct sweep_report report;

    choose_blocks(v);
    if (open_levels(v) != 0) {
        return -1;
    }
    if (sweep_run(&v->study, v->request->threads, &sink, &report, v->d) != 0) {
        const char *why = results_failure(v->results);
        return why ? diagnostics_error(v->d, verify_place(v), "%s", why) : -1;
    }
    v->report->again = report.finished;
    return 0;
}

/* --- What follows from the numbers --- */

static bool has_role(const struct layout *layout, enum role role)
{
    for (int i = 0; i < layout->count; i++) {
        if (layout->variables[i].role == role) {
            return true;
        }
    }
    return false;
}

/* Where numbers are damaged, what follows from them would differ without being damaged itself. */
static int derive(struct verify *v)
{
    struct results *results = v->results;
    const int threads = sweep_threads(&v->study, v->request->threads);
    const bool kept = (v->study.store & STORE_PROFILES) && !results->layout.quantiles.streaming;

    v->report->has_quantiles = has_role(&results->layout, ROLE_QUANTILE);
    v->report->sensitivity = has_role(&results->layout, ROLE_SENSITIVITY) && !v->any_damaged;
    v->report->quantiles = v->report->has_quantiles && (kept ? !v->any_damaged : v->request->all);
    v->report->answers = has_role(&results->layout, ROLE_ANSWERED) && !v->any_damaged;
    if ((v->report->sensitivity && results_sensitivity(results, threads, v->d) != 0) ||
        (v->report->answers && results_answers(results, threads, v->d) != 0)) {
        return -1;
    }
    if (!v->report->quantiles) {
        return 0;
    }
    return results->counts ? results_streamed(results, v->d) : results_quantiles(results, threads, v->d);
}

/* --- Differences --- */

struct number_text {
    char text[40];
};

static struct number_text number_describe(enum hdf_type type, const unsigned char *bytes)
{
    struct number_text number;
    double wide;
    float narrow;
    int64_t whole;
    int32_t word;

    memcpy(&wide, bytes, sizeof(wide));
    memcpy(&narrow, bytes, sizeof(narrow));
    memcpy(&whole, bytes, sizeof(whole));
    memcpy(&word, bytes, sizeof(word));
    switch (type) {
    case HDF_FLOAT64:
        snprintf(number.text, sizeof(number.text), "%.17g", wide);
        break;
    case HDF_FLOAT32:
        snprintf(number.text, sizeof(number.text), "%.9g", (double)narrow);
        break;
    case HDF_UINT64:
        snprintf(number.text, sizeof(number.text), "%016" PRIx64, (uint64_t)whole);
        break;
    case HDF_INT64:
        snprintf(number.text, sizeof(number.text), "%" PRId64, whole);
        break;
    case HDF_INT32:
        snprintf(number.text, sizeof(number.text), "%" PRId32, word);
        break;
    default:
        snprintf(number.text, sizeof(number.text), "%u", bytes[0]);
        break;
    }
    return number;
}

static void tell_differences(const struct verify *v)
{
    const struct stored *stored = v->results->stored;
    int count;
    const struct stored_difference *differences = stored_differences(stored, &count);

    for (int i = 0; i < count; i++) {
        const struct stored_difference *d = &differences[i];
        const struct value_place at = results_place_of(&v->results->layout, &v->study, d->variable, d->value);
        if (d->unreadable) {
            diagnostics_error(v->d, verify_place(v), "\"%s\" from %s on: cannot be read", d->variable->name,
                              at.text);
        } else {
            diagnostics_error(v->d, verify_place(v),
                              "\"%s\" of %s: %s is stored, and it is %s when computed again",
                              d->variable->name, at.text, number_describe(d->variable->type, d->stored).text,
                              number_describe(d->variable->type, d->computed).text);
        }
    }
    if (stored_difference_count(stored) > count) {
        diagnostics_error(v->d, verify_place(v), "and %" PRId64 " more values differ",
                          stored_difference_count(stored) - count);
    }
}

/* --- The whole --- */

static void verify_clear(struct verify *v)
{
    if (v->results) {
        stored_free(v->results->stored);
    }
    free(v->damaged);
    results_free(v->results);
    study_clear(&v->study);
    for (int i = 0; i < 6; i++) {
        free(v->made_with[i]);
    }
    result_close(&v->result);
}

static int check_numbers(struct verify *v)
{
    struct verify_sums sums;
    const bool same = v->report->same_program;

    if (verify_blocks(v, &sums) != 0 ||
        (same && (simulate_again(v) != 0 || results_write_study(v->results, v->d) != 0 || derive(v) != 0))) {
        return -1;
    }
    verify_tell_blocks(v, &sums);
    tell_differences(v);
    if (same) {
        verify_metadata(v);
    }
    return 0;
}

int verify_result(const char *path, const struct verify_request *request, struct verify_report *report,
                  struct diagnostics *d)
{
    const int errors = d->errors;
    struct verify v = {.request = request, .report = report, .d = d};

    *report = (struct verify_report){0};
    if (result_open(&v.result, path, d) == 0 && read_provenance(&v) == 0 &&
        verify_read_study(&v.study, &v.result, d) == 0 && prepare(&v) == 0) {
        report->simulations = v.study.arm_count * v.study.patient_count;
        check_numbers(&v);
        if (d->errors == errors) { /* nothing told better what the damage is to */
            for (int i = 0; i < request->seal->damages && i < SEAL_DAMAGES_MAX; i++) {
                verify_tell_damage(&v, &request->seal->damaged[i]);
            }
        }
    }
    verify_clear(&v);
    return d->errors == errors ? 0 : -1;
}
