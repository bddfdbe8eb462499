#include "study_fit.h"

#include "app/base/messages.h"
#include "app/results/study_size.h"

#include "solver/parallel.h"

#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* --- Memory --- */

/* What a run has beyond what it read: HDF5, a worker's integrators; and exact quantiles, for all threads (results_quantiles). */
static const double bytes_run = 8e6;
static const double bytes_worker = 1.5e6;
static const double bytes_turned = 128 << 20;

/* Of the process, so far. */
static double memory_used(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 ? (double)usage.ru_maxrss * 1024 : 0;
}

/* The same of addresses; not known is nothing. */
static double space_used(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    double pages = 0;

    if (file && fscanf(file, "%lf", &pages) != 1) {
        pages = 0;
    }
    if (file) {
        fclose(file);
    }
    return pages * (double)sysconf(_SC_PAGE_SIZE);
}

static double stacks_space(int threads)
{
    struct rlimit stack;

    return getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY
               ? (threads - 1) * (double)stack.rlim_cur
               : 0;
}

/* Levels of a block, as the solver and the sink have them. */
static double worker_bytes(const struct study *study, bool staged)
{
    const double rows = study->events ? study->events->most_events : study->time_count;
    const double tables = study->store & STORE_OBSERVATIONS ? 2 : 1;

    return bytes_worker + (tables + staged) * sweep_block_lanes(study) * rows * study->analyte_count * 8;
}

/* At the end, when the workers are gone: the levels of some times, and the statuses of an arm, per thread that has work. */
static double exact_bytes(const struct quantile_plan *plan, int64_t patients, int threads)
{
    const double busy = fmin(threads, (double)plan->cells);
    const double column = (double)patients * 8;

    return fmin((double)plan->cells * column, fmax(bytes_turned, busy * column)) + busy * (double)patients;
}

static double memory_needed(const struct study *study, const struct study_fit *fit)
{
    const struct quantile_plan *plan = &fit->quantiles;
    const bool streaming = plan->wanted && plan->streaming;
    const double working =
        fit->threads * worker_bytes(study, streaming) + (streaming ? plan->counts_bytes : 0);
    const double ending =
        plan->wanted && !plan->streaming ? exact_bytes(plan, study->patient_count, fit->threads) : 0;

    return memory_used() + bytes_run + fmax(working, ending);
}

/* What this process may have: of the machine, of its container. */
static double memory_limit(void)
{
    static const char *const files[] = {"/sys/fs/cgroup/memory.max",
                                        "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    double limit = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);

    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        FILE *file = fopen(files[i], "r");
        double bytes;
        if (file && fscanf(file, "%lf", &bytes) == 1 && bytes > 0) {
            limit = fmin(limit, bytes);
        }
        if (file) {
            fclose(file);
        }
    }
    return limit;
}

static double space_limit(void)
{
    struct rlimit own;

    return getrlimit(RLIMIT_AS, &own) == 0 && own.rlim_cur != RLIM_INFINITY ? (double)own.rlim_cur : INFINITY;
}

/* --- Disk --- */

/* Infinite where the file system does not say. */
static double disk_free(const char *output)
{
    char *copy = strdup(output);
    struct statvfs status;
    double bytes = INFINITY;

    if (copy && statvfs(dirname(copy), &status) == 0 && status.f_blocks > 0) {
        bytes = (double)status.f_bavail * (double)status.f_frsize;
    }
    free(copy);
    return bytes;
}

/* --- The whole --- */

int study_fit(struct study_fit *fit, const struct study *study, int threads, struct diagnostics *d)
{
    struct study_size size;

    *fit = (struct study_fit){.threads = sweep_threads(study, threads)};
    if (study_size(&size, study, d) != 0 || quantile_plan(&fit->quantiles, study, d) != 0) {
        return -1;
    }
    fit->file = size.bytes;
    if (fit->quantiles.wanted && !fit->quantiles.streaming) {
        fit->beside = fit->quantiles.level_bytes;
    }
    if (study->deflate) {
        fit->beside += fit->file; /* at most: the compressed one */
    }
    fit->memory = memory_needed(study, fit);
    fit->space = fit->memory - memory_used() + space_used() + stacks_space(fit->threads);
    return 0;
}

bool study_lacks_memory(const struct study_fit *fit, struct fit_text *text)
{
    const double spaces = space_limit();
    const bool by_space =
        fit->space > spaces; /* HDF5 and OpenMP end the program, or crash, where they get none */
    const double limit = by_space ? spaces : memory_limit();
    const double needed = by_space ? fit->space : fit->memory;

    snprintf(text->text, sizeof(text->text),
             "a run takes about %s of memory, and there is %s; take fewer patients, arms or times, fewer "
             "threads, or "
             "`output: {quantile_method: streaming}`",
             size_describe(needed).text, size_describe(limit).text);
    return needed > limit;
}

bool study_lacks_disk(const struct study_fit *fit, const char *output, struct fit_text *text)
{
    const double bytes = fit->file + fit->beside;
    const double free_bytes = disk_free(output);

    snprintf(
        text->text, sizeof(text->text),
        "a run takes about %s of disk, and %s are free where \"%s\" would be; store less (`output: {store: "
        "[exposure, quantiles]}`, `precision: float32`), or take another folder",
        size_describe(bytes).text, size_describe(free_bytes).text, output);
    return bytes > free_bytes;
}

/* --- Time --- */

enum { PILOT_BLOCKS = 16 };
static const double pilot_seconds = 1;

/* Beside solving, per level: to find exact quantiles, or to count, both of which wait for memory; to copy to the file.
 * Measured, in s. */
static const double seconds_exact = 3e-8;
static const double seconds_counted = 3e-8;
static const double seconds_per_byte = 1e-9;

struct pilot {
    int64_t total;
    double start;
    double first; /* when the block began that is being solved */
    double spent;
    int64_t solved;
};

static bool pilot_wants(void *payload, int64_t block)
{
    struct pilot *pilot = payload;
    const int64_t step = pilot->total / PILOT_BLOCKS + 1;

    if (block % step != step / 2) {
        return false;
    }
    pilot->first = parallel_seconds();
    return pilot->solved == 0 || pilot->first - pilot->start < pilot_seconds;
}

static int pilot_take(void *payload, const struct simulated *patients, int count)
{
    (void)payload;
    (void)patients;
    (void)count;
    return 0;
}

static int pilot_done(void *payload, int64_t block, const struct solver_work *work)
{
    struct pilot *pilot = payload;

    (void)block;
    (void)work;
    pilot->spent += parallel_seconds() - pilot->first;
    pilot->solved++;
    return 0;
}

void study_pilot(struct study_pilot *pilot, const struct study *study, const struct study_fit *fit)
{
    struct pilot trial = {.total = sweep_block_count(study), .start = parallel_seconds()};
    const struct sink sink = {
        .payload = &trial, .take = pilot_take, .wanted = pilot_wants, .block_done = pilot_done};
    const int processors = parallel_threads();
    const double threads = fit->threads < processors ? fit->threads : processors;
    const double levels = (double)fit->quantiles.cells * (double)study->patient_count;
    struct sweep_report report;
    struct diagnostics ignored; /* a run tells it */

    *pilot = (struct study_pilot){0};
    diagnostics_init(&ignored);
    if (sweep_run(study, 1, &sink, &report, &ignored) == 0 && trial.solved > 0) {
        const double quantile = !fit->quantiles.wanted     ? 0
                                : fit->quantiles.streaming ? seconds_counted
                                                           : seconds_exact;
        pilot->blocks = trial.solved;
        pilot->seconds = (trial.spent / (double)trial.solved * (double)trial.total + levels * quantile +
                          (fit->file + fit->beside) * seconds_per_byte) /
                         threads;
    }
    diagnostics_clear(&ignored);
}
