/* A job is one metric in one arm as written: its values at all points of the design are read back, each point's patients made
 * one number, and the estimates written to places of their own, so that the number of threads leaves no trace. */
#include "app/base/statistics.h"
#include "results_inner.h"

#include "solver/parallel.h"
#include "solver/sensitivity.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many values are read at once, or those of a point where they are more. */
enum { READ_VALUES = 1 << 16 };

/* What a solver leaves between identical patients, relative: see spread_differs. */
static const double noise_least = 5e-5;
static const double noise_of_rtol = 10;

/* The number that stands for the patients of a point. One that is missing makes it missing: the rest are not the same patients as
 * at the other points. Reorders `values`. */
static double over_patients(double *values, int64_t count, double quantile)
{
    double sum = 0;

    for (int64_t i = 0; i < count; i++) {
        sum += values[i];
    }
    if (isnan(sum) || isnan(quantile)) {
        return sum / (double)count;
    }
    quantiles_compute(values, count, &quantile, 1, &sum);
    return sum;
}

/* outputs[point], of the points from arm `first` on. 0, or the errno. */
static int read_outputs(const struct results *results, const struct layout_variable *metric, int64_t first,
                        int64_t points, double *outputs)
{
    const int64_t patients = results->layout.sizes[DIMENSION_PATIENT];
    const int64_t most = patients < READ_VALUES ? READ_VALUES / patients : 1;
    const int64_t size = (int64_t)sizeof(double);
    double *values = malloc((size_t)(most * patients * size));
    int code = values ? 0 : ENOMEM;

    for (int64_t point = 0; point < points && code == 0; point += most) {
        const int64_t part = points - point < most ? points - point : most;
        code = results_get(results, metric, values, (size_t)(part * patients * size),
                           (first + point) * patients * size);
        for (int64_t i = 0; i < part && code == 0; i++) {
            outputs[point + i] =
                over_patients(values + i * patients, patients, results->study->sensitivity.quantile);
        }
    }
    free(values);
    return code;
}

/* --- Writing --- */

/* One end of the estimates of all axes, from estimates[axis][statistic]. */
static int write_estimates(const struct results *results, const struct layout_variable *v, int64_t at,
                           const struct estimate *estimates, int statistics)
{
    const int64_t axes = results->layout.sizes[DIMENSION_AXIS];
    double *values = malloc((size_t)axes * sizeof(*values));
    int code = values ? 0 : ENOMEM;

    for (int64_t axis = 0; axis < axes && code == 0; axis++) {
        const struct estimate *e = &estimates[axis * statistics + v->index / SENSITIVITY_BOUNDS];
        const double ends[SENSITIVITY_BOUNDS] = {e->value, e->lower, e->upper};
        const double value = ends[v->index % SENSITIVITY_BOUNDS];
        values[axis] = isnan(value) ? (double)NAN : value; /* all NaNs alike, whatever their sign */
    }
    if (code == 0) {
        code = results_put(results, v, values, (size_t)axes * sizeof(*values),
                           at * axes * (int64_t)sizeof(*values));
    }
    free(values);
    return code;
}

/* What is known of output `at`: the metrics of one arm as written after those of another. 0, or the errno. */
static int write_output(const struct results *results, int64_t at, const struct estimate *estimates,
                        int statistics, const struct sensitivity_rows *behind)
{
    const uint8_t gap = (uint8_t)behind->gap;
    int code = 0;

    for (int i = 0; i < results->layout.count && code == 0; i++) {
        const struct layout_variable *v = &results->layout.variables[i];
        if (v->role == ROLE_SENSITIVITY) {
            code = write_estimates(results, v, at, estimates, statistics);
        } else if (v->role == ROLE_SENSITIVITY_DROPPED) {
            code = results_put(results, v, &behind->dropped, sizeof(behind->dropped),
                               at * (int64_t)sizeof(behind->dropped));
        } else if (v->role == ROLE_SENSITIVITY_GAP) {
            code = results_put(results, v, &gap, sizeof(gap), at);
        }
    }
    return code;
}

/* --- Jobs --- */

static int output_estimate(void *payload, int thread, int64_t job)
{
    const struct results *results = payload;
    const struct study *study = results->study;
    const struct sensitivity *wanted = &study->sensitivity;
    const int64_t metrics = results->layout.sizes[DIMENSION_METRIC];
    const int64_t points = sensitivity_points(study);
    const int statistics = sensitivity_method(wanted->kind)->statistic_count;
    const struct bootstrap bootstrap = {study->seed, (int)wanted->replicates, wanted->confidence};
    double *outputs = malloc((size_t)points * sizeof(*outputs));
    struct estimate *estimates = malloc((size_t)(study->axis_count * statistics) * sizeof(*estimates));
    const struct sensitivity_design design = {
        .kind = wanted->kind,
        .rows = wanted->rows,
        .axes = study->axis_count,
        .outputs = outputs,
        .steps = wanted->steps,
        .noise = fmax(noise_least, noise_of_rtol * study->rtol),
    };
    struct sensitivity_rows behind;
    int code = ENOMEM;

    (void)thread;
    if (outputs && estimates) {
        code = read_outputs(results, layout_metric(&results->layout, job % metrics), job / metrics * points,
                            points, outputs);
        if (code == 0) {
            code = sensitivity_estimate(&design, &bootstrap, estimates, &behind) != 0
                       ? ENOMEM
                       : write_output(results, job, estimates, statistics, &behind);
        }
    }
    free(outputs);
    free(estimates);
    return code;
}

int results_sensitivity(struct results *results, int threads, struct diagnostics *d)
{
    const int64_t *sizes = results->layout.sizes;
    const int code =
        parallel_run(threads, sizes[DIMENSION_TREATMENT] * sizes[DIMENSION_METRIC], output_estimate, results);

    return code == 0 ? 0
                     : diagnostics_error(d, (struct place){.file = results->path},
                                         "the sensitivity cannot be computed: %s", strerror(code));
}
