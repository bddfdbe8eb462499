/* The levels lie in the file by patient, and the quantiles want them by time: a job is to turn round the levels of one
 * analyte in one arm at a block of times, and to find their quantiles. Jobs write to places of their own and depend
 * on nothing else, so that the number of threads leaves no trace. */
#include "app/base/statistics.h"
#include "results_inner.h"

#include "solver/parallel.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many bytes of levels are turned round by all threads at once, or one time of all patients by each where that is more; and
 * so many are read at once. */
enum { TURN_BYTES = 128 << 20, READ_BYTES = 1 << 20, THREADS_MAX = 256 };

struct queue {
    const struct results *results;
    int64_t patients;
    int64_t times;
    int64_t block;  /* times of a job */
    int64_t blocks; /* jobs of an analyte in an arm */
    int64_t jobs;
    struct turner *turners; /* [thread] */
};

/* What a thread works with. */
struct turner {
    struct queue *queue;
    const struct layout_variable *profile;
    int64_t rows;      /* patients read at once: 1 unless whole rows are read */
    uint8_t *statuses; /* [patient], of the arm */
    void *read;        /* [row][time of the block], as in the file */
    double *columns;   /* [time of the block][patient simulated] */
    int64_t simulated; /* patients in a column */
    double *found;     /* [quantile], of one time */
    void *quantiles;   /* [quantile][time of the block], as in the file */
};

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t at_least_one(int64_t value)
{
    return value < 1 ? 1 : value;
}

static void turner_clear(struct turner *t)
{
    free(t->statuses);
    free(t->read);
    free(t->columns);
    free(t->found);
    free(t->quantiles);
}

/* 0, or the errno. */
static int turner_init(struct turner *t, struct queue *queue)
{
    const struct study *study = queue->results->study;
    const size_t value = hdf_size(study->float32 ? HDF_FLOAT32 : HDF_FLOAT64);
    const bool whole_rows = queue->block == queue->times;

    *t = (struct turner){.queue = queue};
    t->rows = whole_rows ? smaller(at_least_one(READ_BYTES / 8 / queue->times), queue->patients) : 1;
    t->statuses = malloc((size_t)queue->patients);
    t->read = malloc((size_t)(t->rows * queue->block) * value);
    t->columns = malloc((size_t)(queue->block * queue->patients) * sizeof(*t->columns));
    t->found = malloc((size_t)study->quantile_count * sizeof(*t->found));
    t->quantiles = malloc((size_t)(study->quantile_count * queue->block) * value);
    return t->statuses && t->read && t->columns && t->found && t->quantiles ? 0 : ENOMEM;
}

static double value_at(const struct turner *t, int64_t index)
{
    return t->profile->type == HDF_FLOAT32 ? (double)((const float *)t->read)[index]
                                           : ((const double *)t->read)[index];
}

static void put_quantile(struct turner *t, int64_t index, double value)
{
    if (t->profile->type == HDF_FLOAT32) {
        ((float *)t->quantiles)[index] = (float)value;
    } else {
        ((double *)t->quantiles)[index] = value;
    }
}

/* Distributes the rows just read to the columns, without the patients that were not simulated. */
static void turner_distribute(struct turner *t, int64_t patient, int64_t rows, int64_t times)
{
    for (int64_t row = 0; row < rows; row++) {
        /* An arm whose model does not have the analyte holds nothing but NaN. */
        if (t->statuses[patient + row] != PATIENT_SIMULATED || isnan(value_at(t, row * times))) {
            continue;
        }
        for (int64_t time = 0; time < times; time++) {
            t->columns[time * t->queue->patients + t->simulated] = value_at(t, row * times + time);
        }
        t->simulated++;
    }
}

/* Turns the levels of an arm at `times` times from `first` on. 0, or the errno. */
static int turner_read(struct turner *t, int64_t arm, int64_t first, int64_t times)
{
    const struct queue *q = t->queue;
    const int64_t size = (int64_t)hdf_size(t->profile->type);

    t->simulated = 0;
    for (int64_t patient = 0; patient < q->patients; patient += t->rows) {
        const int64_t rows = smaller(q->patients - patient, t->rows);
        const int64_t before = (arm * q->patients + patient) * q->times + first;
        const int code =
            results_get(q->results, t->profile, t->read, (size_t)(rows * times * size), before * size);
        if (code != 0) {
            return code;
        }
        turner_distribute(t, patient, rows, times);
    }
    return 0;
}

static int turner_write(const struct turner *t, const struct layout_variable *quantile, int64_t arm,
                        int64_t first, int64_t times)
{
    const struct queue *q = t->queue;
    const int64_t count = q->results->study->quantile_count;
    const int64_t size = (int64_t)hdf_size(quantile->type);
    int code = 0;

    for (int64_t i = 0; i < count && code == 0; i++) {
        const int64_t before = (arm * count + i) * q->times + first;
        code = results_put(q->results, quantile, (const char *)t->quantiles + i * times * size,
                           (size_t)(times * size), before * size);
    }
    return code;
}

static const struct layout_variable *variable_of(const struct layout *layout, enum role role, int analyte)
{
    for (int i = 0; i < layout->count; i++) {
        const struct layout_variable *v = &layout->variables[i];
        if (v->role == role && v->analyte == analyte) {
            return v;
        }
    }
    return NULL;
}

/* 0, or the errno. */
static int turner_work(struct turner *t, int64_t job)
{
    const struct queue *q = t->queue;
    const struct study *study = q->results->study;
    const struct layout *layout = &q->results->layout;
    const struct layout_variable *status = variable_of(layout, ROLE_STATUS, 0);
    const int analyte = (int)(job / q->blocks % study->analyte_count);
    const int64_t arm = job / q->blocks / study->analyte_count;
    const int64_t first = job % q->blocks * q->block;
    const int64_t times = smaller(q->times - first, q->block);
    int code;

    t->profile = variable_of(layout, ROLE_PROFILE, analyte);
    code = results_get(q->results, status, t->statuses, (size_t)q->patients, arm * q->patients);
    if (code == 0) {
        code = turner_read(t, arm, first, times);
    }
    if (code != 0) {
        return code;
    }
    for (int64_t time = 0; time < times; time++) {
        quantiles_compute(t->columns + time * q->patients, t->simulated, study->quantiles,
                          study->quantile_count, t->found);
        for (int i = 0; i < study->quantile_count; i++) {
            put_quantile(t, i * times + time, t->found[i]);
        }
    }
    return turner_write(t, variable_of(layout, ROLE_QUANTILE, analyte), arm, first, times);
}

static int queue_work(void *payload, int thread, int64_t job)
{
    struct queue *queue = payload;
    return turner_work(&queue->turners[thread], job);
}

/* 0, or the errno. */
static int queue_run(struct queue *queue, int threads)
{
    int code = 0;
    queue->turners = calloc((size_t)threads, sizeof(*queue->turners));
    if (!queue->turners) {
        return ENOMEM;
    }
    for (int i = 0; i < threads && code == 0; i++) {
        code = turner_init(&queue->turners[i], queue);
    }
    if (code == 0) {
        code = parallel_run(threads, queue->jobs, queue_work, queue);
    }
    for (int i = 0; i < threads; i++) {
        turner_clear(&queue->turners[i]);
    }
    free(queue->turners);
    return code;
}

int results_quantiles(const struct results *results, int threads, struct diagnostics *d)
{
    const int64_t *sizes = results->layout.sizes;
    const int64_t tables = sizes[DIMENSION_ARM] * results->study->analyte_count;
    struct queue queue = {
        .results = results,
        .patients = sizes[DIMENSION_PATIENT],
        .times = sizes[DIMENSION_TIME],
    };
    const int64_t wanted = smaller(at_least_one(threads), THREADS_MAX);

    if (sizes[DIMENSION_QUANTILE] == 0) {
        return 0;
    }
    /* Whole rows where there are jobs enough for all threads and memory for it. */
    queue.block = at_least_one(queue.times * tables / wanted);
    queue.block = smaller(queue.block, at_least_one(TURN_BYTES / wanted / 8 / queue.patients));
    queue.block = smaller(queue.block, queue.times);
    queue.blocks = (queue.times + queue.block - 1) / queue.block;
    queue.jobs = tables * queue.blocks;
    int code = queue_run(&queue, (int)smaller(wanted, queue.jobs));
    if (code != 0) {
        return diagnostics_error(d, (struct place){.file = results->path},
                                 "the quantiles cannot be computed: %s", strerror(code));
    }
    return 0;
}

int results_statistics(struct results *results, int threads, struct diagnostics *d)
{
    const int ret = results->counts ? results_streamed(results, d) : results_quantiles(results, threads, d);

    return ret != 0 || results_answers(results, threads, d) != 0 ? -1
                                                                 : results_sensitivity(results, threads, d);
}
