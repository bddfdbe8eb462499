#include "results_inner.h"
#include "statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The levels lie in the file by patient, and are wanted by time. So many bytes are turned round at once, or one time
 * for all patients where that is more; and so many are read at once. */
enum { TURN_BYTES = 256 << 20, READ_BYTES = 1 << 20 };

struct turner {
    const struct results *results;
    const struct layout_variable *profile;
    int64_t patients;
    int64_t times;
    int64_t block;     /* times turned at once */
    int64_t rows;      /* patients read at once: 1 unless whole rows are read */
    uint8_t *statuses; /* [patient], of the arm */
    void *read;        /* [row][time of the block], as in the file */
    double *columns;   /* [time of the block][patient simulated] */
    int64_t simulated; /* patients in a column */
    double *found;     /* [quantile], of one time */
    void *quantiles;   /* [quantile][time], as in the file */
};

static void turner_clear(struct turner *t)
{
    free(t->statuses);
    free(t->read);
    free(t->columns);
    free(t->found);
    free(t->quantiles);
}

static int64_t at_least_one(int64_t value)
{
    return value < 1 ? 1 : value;
}

static int turner_init(struct turner *t, const struct results *results)
{
    const int64_t *sizes = results->layout.sizes;
    const size_t value = hdf_size(results->study->float32 ? HDF_FLOAT32 : HDF_FLOAT64);

    *t = (struct turner){
        .results = results,
        .patients = sizes[DIMENSION_PATIENT],
        .times = sizes[DIMENSION_TIME],
    };
    t->block = at_least_one(TURN_BYTES / 8 / t->patients);
    t->block = t->block < t->times ? t->block : t->times;
    t->rows = t->block == t->times ? at_least_one(READ_BYTES / 8 / t->times) : 1;
    t->rows = t->rows < t->patients ? t->rows : t->patients;
    t->statuses = malloc((size_t)t->patients);
    t->read = malloc((size_t)(t->rows * t->block) * value);
    t->columns = malloc((size_t)(t->block * t->patients) * sizeof(*t->columns));
    t->found = malloc((size_t)sizes[DIMENSION_QUANTILE] * sizeof(*t->found));
    t->quantiles = malloc((size_t)(sizes[DIMENSION_QUANTILE] * t->times) * value);
    if (!t->statuses || !t->read || !t->columns || !t->found || !t->quantiles) {
        turner_clear(t);
        return -1;
    }
    return 0;
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
static void turner_take(struct turner *t, int64_t patient, int64_t rows, int64_t times)
{
    for (int64_t row = 0; row < rows; row++) {
        /* An arm whose model does not have the analyte holds nothing but NaN. */
        if (t->statuses[patient + row] != PATIENT_SIMULATED || isnan(value_at(t, row * times))) {
            continue;
        }
        for (int64_t time = 0; time < times; time++) {
            t->columns[time * t->patients + t->simulated] = value_at(t, row * times + time);
        }
        t->simulated++;
    }
}

/* Turns the levels of an arm from `first` on, `times` of them. 0, or the errno. */
static int turner_read(struct turner *t, int64_t arm, int64_t first, int64_t times)
{
    const int64_t size = (int64_t)hdf_size(t->profile->type);
    const int fd = results_file(t->results, t->profile);

    t->simulated = 0;
    for (int64_t patient = 0; patient < t->patients; patient += t->rows) {
        const int64_t rows = t->patients - patient < t->rows ? t->patients - patient : t->rows;
        const int64_t before = (arm * t->patients + patient) * t->times + first;
        const int code =
            bytes_read(fd, t->read, (size_t)(rows * times * size), t->profile->offset + before * size);
        if (code != 0) {
            return code;
        }
        turner_take(t, patient, rows, times);
    }
    return 0;
}

static void turner_quantiles(struct turner *t, int64_t first, int64_t times)
{
    const struct study *study = t->results->study;

    for (int64_t time = 0; time < times; time++) {
        quantiles_compute(t->columns + time * t->patients, t->simulated, study->quantiles,
                          study->quantile_count, t->found);
        for (int i = 0; i < study->quantile_count; i++) {
            put_quantile(t, i * t->times + first + time, t->found[i]);
        }
    }
}

/* The quantiles of one analyte in one arm, whose statuses are there. 0, or the errno. */
static int turner_arm(struct turner *t, const struct layout_variable *quantile, int64_t arm)
{
    const int64_t size =
        t->results->layout.sizes[DIMENSION_QUANTILE] * t->times * (int64_t)hdf_size(quantile->type);

    for (int64_t first = 0; first < t->times; first += t->block) {
        const int64_t times = t->times - first < t->block ? t->times - first : t->block;
        const int code = turner_read(t, arm, first, times);
        if (code != 0) {
            return code;
        }
        turner_quantiles(t, first, times);
    }
    return bytes_write(t->results->file.fd, t->quantiles, (size_t)size, quantile->offset + arm * size);
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

static int turner_run(struct turner *t)
{
    const struct results *results = t->results;
    const struct layout *layout = &results->layout;
    const struct layout_variable *status = variable_of(layout, ROLE_STATUS, 0);
    int code = 0;

    for (int64_t arm = 0; arm < layout->sizes[DIMENSION_ARM] && code == 0; arm++) {
        code = bytes_read(results->file.fd, t->statuses, (size_t)t->patients,
                          status->offset + arm * t->patients);
        for (int i = 0; i < results->study->analyte_count && code == 0; i++) {
            t->profile = variable_of(layout, ROLE_PROFILE, i);
            code = turner_arm(t, variable_of(layout, ROLE_QUANTILE, i), arm);
        }
    }
    return code;
}

int results_quantiles(struct results *results, struct diagnostics *d)
{
    struct turner t;
    int code;

    if (results->layout.sizes[DIMENSION_QUANTILE] == 0) {
        return 0;
    }
    if (turner_init(&t, results) != 0) {
        return diagnostics_out_of_memory(d);
    }
    code = turner_run(&t);
    turner_clear(&t);
    if (code != 0) {
        return diagnostics_error(d, (struct place){.file = results->path},
                                 "the quantiles cannot be computed: %s", strerror(code));
    }
    return 0;
}
