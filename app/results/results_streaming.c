/* Quantiles of a result from counts, and what the file says of how its quantiles were found. */
#include "results_inner.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int results_count_levels(struct results *results, int64_t block)
{
    const int code = results->counts ? quantile_counts_block_done(results->counts, block) : 0;

    if (code == 0) {
        return 0;
    }
    return results_fail(results, code == ERANGE
                                     ? "the quantiles cannot be computed: a level is above 1.8e19, and "
                                       "cannot be counted; take `quantile_method: exact`"
                                     : "the quantiles cannot be computed: out of memory");
}

static int write_numbers(const struct results *results, const struct layout_variable *v,
                         const double *numbers, int64_t count)
{
    float *narrow;
    int code;

    if (v->type == HDF_FLOAT64) {
        return results_put(results, v, numbers, (size_t)count * sizeof(*numbers), 0);
    }
    narrow = malloc((size_t)count * sizeof(*narrow));
    if (!narrow) {
        return ENOMEM;
    }
    for (int64_t i = 0; i < count; i++) {
        narrow[i] = (float)numbers[i];
    }
    code = results_put(results, v, narrow, (size_t)count * sizeof(*narrow), 0);
    free(narrow);
    return code;
}

/* The quantiles of an analyte, [arm][quantile][time], as the file has them. */
static int write_quantiles(const struct results *results, const struct layout_variable *v)
{
    const struct study *study = results->study;
    const int64_t times = study->time_count;
    const int64_t count = layout_values(&results->layout, v);
    double *numbers = malloc((size_t)count * sizeof(*numbers));
    double *found = malloc((size_t)study->quantile_count * sizeof(*found));
    int code = numbers && found ? 0 : ENOMEM;

    for (int arm = 0; arm < study->arm_count && code == 0; arm++) {
        for (int time = 0; time < times; time++) {
            quantile_counts_find(results->counts, arm, v->analyte, time, found);
            for (int i = 0; i < study->quantile_count; i++) {
                numbers[((int64_t)arm * study->quantile_count + i) * times + time] = found[i];
            }
        }
    }
    code = code == 0 ? write_numbers(results, v, numbers, count) : code;
    free(found);
    free(numbers);
    return code;
}

int results_streamed(const struct results *results, struct diagnostics *d)
{
    int code = 0;

    for (int i = 0; i < results->layout.count && code == 0; i++) {
        if (results->layout.variables[i].role == ROLE_QUANTILE) {
            code = write_quantiles(results, &results->layout.variables[i]);
        }
    }
    return code == 0 ? 0
                     : diagnostics_error(d, (struct place){.file = results->path},
                                         "the quantiles cannot be written: %s", strerror(code));
}

int metadata_quantiles(struct hdf *file, const struct layout *layout, double error, struct diagnostics *d)
{
    for (int i = 0; i < layout->count; i++) {
        const struct layout_variable *v = &layout->variables[i];
        if (v->role == ROLE_QUANTILE &&
            (hdf_set_text(file, v->name, "quantile_method", error > 0 ? "streaming" : "exact", d) != 0 ||
             hdf_set_numbers(file, v->name, "relative_error_bound", HDF_FLOAT64, &error, 1, d) != 0)) {
            return -1;
        }
    }
    return 0;
}
