#include "sensitivity.h"

#include "model/random.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include <math.h>
#include <stdlib.h>

static const struct sensitivity_method methods[] = {
    [SENSITIVITY_SOBOL] =
        {.name = "sobol",
         .doc =
             "Sobol indices: first order by the estimator of Saltelli et al. 2010, "
             "doi:10.1016/j.cpc.2009.09.018, total by that of Jansen 1999, doi:10.1016/S0010-4655(98)00154-4",
         .outputs = 2,
         .statistic_count = SOBOL_STATISTICS,
         .statistics = {[SOBOL_FIRST] = {"first", "share of the variance that the axis makes by itself",
                                         true},
                        [SOBOL_TOTAL] = {"total", "share of the variance that the axis has a part in",
                                         true}}},
    [SENSITIVITY_MORRIS] =
        {.name = "morris",
         .doc = "Morris screening: elementary effects over half an axis, radial design of Campolongo et al. "
                "2011, doi:10.1016/j.cpc.2010.12.039",
         .outputs = 1,
         .statistic_count = MORRIS_STATISTICS,
         .statistics = {[MORRIS_MU] = {"mu", "mean elementary effect over the whole axis", false},
                        [MORRIS_MU_STAR] = {"mu_star", "mean magnitude of the elementary effects", false},
                        [MORRIS_SIGMA] = {"sigma", "standard deviation of the elementary effects", false}}},
};

const struct sensitivity_method *sensitivity_method(enum sensitivity_kind kind)
{
    return &methods[kind];
}

int64_t sensitivity_points(const struct study *study)
{
    return study->sensitivity.rows * (methods[study->sensitivity.kind].outputs + study->axis_count);
}

const char *sensitivity_gap_text(enum sensitivity_gap gap)
{
    static const char *const texts[] = {
#define X(symbol, value, word, text) [symbol] = text,
        SENSITIVITY_GAP_LIST(X)
#undef X
    };

    return texts[gap];
}

/* --- Replicates --- */

/* The rows of one output that are whole, and what is drawn from them. */
struct sample {
    const double *values; /* [row][width] */
    int width;
    int64_t *rows;  /* [used]: those that are whole */
    int64_t *drawn; /* [used]: those of a replicate */
    int64_t used;
    int statistics;     /* numbers that a replicate gives */
    double *replicates; /* [statistic][replicate] */
};

/* What rows amount to: fills statistics[...]; NaN where they amount to nothing. */
typedef void statistics_of(const struct sample *sample, const void *payload, const int64_t *rows,
                           double *statistics);

static bool row_is_whole(const double *values, int width)
{
    for (int i = 0; i < width; i++) {
        if (!isfinite(values[i])) {
            return false;
        }
    }
    return true;
}

static void sample_clear(struct sample *sample)
{
    free(sample->rows);
    free(sample->drawn);
    free(sample->replicates);
}

static int sample_init(struct sample *sample, const double *values, int64_t rows, int width, int statistics,
                       int replicates)
{
    *sample = (struct sample){.values = values, .width = width, .statistics = statistics};
    sample->rows = malloc((size_t)(rows + 1) * sizeof(*sample->rows));
    sample->drawn = malloc((size_t)(rows + 1) * sizeof(*sample->drawn));
    sample->replicates = malloc((size_t)statistics * (size_t)replicates * sizeof(*sample->replicates));
    if (!sample->rows || !sample->drawn || !sample->replicates) {
        sample_clear(sample);
        return -1;
    }
    for (int64_t row = 0; row < rows; row++) {
        if (row_is_whole(values + row * width, width)) {
            sample->rows[sample->used++] = row;
        }
    }
    return 0;
}

/* Rows with replacement, by numbers that depend on seed, replicate and position alone. */
static void sample_draw(struct sample *sample, uint64_t seed, int replicate)
{
    for (int64_t i = 0; i < sample->used; i++) {
        const double u = random_uniform(seed, (uint64_t)i, PURPOSE_BOOTSTRAP, (uint32_t)replicate);
        sample->drawn[i] = sample->rows[(int64_t)(u * (double)sample->used)];
    }
}

/* The percentile interval of `count` replicates, which it reorders. A replicate without a value (of rows
 * that happen to be all alike) tells nothing; where more than half have none there is no interval. */
static void interval_set(struct estimate *estimate, double *replicates, int count, double confidence)
{
    size_t known = 0;

    estimate->lower = NAN;
    estimate->upper = NAN;
    for (int i = 0; i < count; i++) {
        if (!isnan(replicates[i])) {
            replicates[known++] = replicates[i];
        }
    }
    if (2 * known <= (size_t)count) {
        return;
    }
    gsl_sort(replicates, 1, known);
    estimate->lower = gsl_stats_quantile_from_sorted_data(replicates, 1, known, (1 - confidence) / 2);
    estimate->upper = gsl_stats_quantile_from_sorted_data(replicates, 1, known, (1 + confidence) / 2);
}

/* estimates[statistic] of the sample, with their intervals. `found` has room for a number per statistic. */
static void sample_estimate(struct sample *sample, statistics_of *statistics, const void *payload,
                            const struct bootstrap *bootstrap, double *found, struct estimate *estimates)
{
    for (int replicate = 0; replicate < bootstrap->replicates; replicate++) {
        sample_draw(sample, bootstrap->seed, replicate);
        statistics(sample, payload, sample->drawn, found);
        for (int i = 0; i < sample->statistics; i++) {
            sample->replicates[i * bootstrap->replicates + replicate] = found[i];
        }
    }
    statistics(sample, payload, sample->rows, found);
    for (int i = 0; i < sample->statistics; i++) {
        estimates[i].value = found[i];
        interval_set(&estimates[i], sample->replicates + i * bootstrap->replicates, bootstrap->replicates,
                     bootstrap->confidence);
    }
}

/* Whether there are rows enough to go on; with `statistics` unknown estimates where there are not. */
static bool sample_suffices(const struct sample *sample, int64_t rows, struct estimate *estimates,
                            struct sensitivity_rows *behind)
{
    *behind = (struct sensitivity_rows){.used = sample->used, .dropped = rows - sample->used};
    for (int i = 0; i < sample->statistics; i++) {
        estimates[i] = (struct estimate){NAN, NAN, NAN};
    }
    if (sample->used < SENSITIVITY_ROWS_MIN) {
        behind->gap = SENSITIVITY_FEW_ROWS;
    }
    return behind->gap == SENSITIVITY_KNOWN;
}

/* --- Sobol --- */

struct sobol {
    int axes;
    double
        center;   /* taken from all outputs: products of large numbers that nearly cancel would lose digits */
    double least; /* variance: what is not above it is none */
};

static void sobol_statistics(const struct sample *sample, const void *payload, const int64_t *rows,
                             double *statistics)
{
    const struct sobol *sobol = payload;
    const double n = (double)sample->used;
    double sum = 0;
    double squares = 0;

    for (int i = 0; i < sample->statistics; i++) {
        statistics[i] = 0;
    }
    for (int64_t k = 0; k < sample->used; k++) {
        const double *row = sample->values + rows[k] * sample->width;
        const double a = row[0] - sobol->center;
        const double b = row[sobol->axes + 1] - sobol->center;
        sum += a + b;
        squares += a * a + b * b;
        for (int i = 0; i < sobol->axes; i++) {
            const double moved = row[i + 1] - sobol->center;
            statistics[i * SOBOL_STATISTICS + SOBOL_FIRST] += b * (moved - a);
            statistics[i * SOBOL_STATISTICS + SOBOL_TOTAL] += (moved - a) * (moved - a) / 2;
        }
    }
    const double mean = sum / (2 * n);
    const double variance = squares / (2 * n) - mean * mean;
    for (int i = 0; i < sample->statistics; i++) {
        statistics[i] = variance > sobol->least ? statistics[i] / n / variance : NAN;
    }
}

/* Of A and B of all rows. */
static void sobol_center(struct sobol *sobol, const struct sample *sample, double noise)
{
    double sum = 0;
    double largest = 0;

    for (int64_t k = 0; k < sample->used; k++) {
        const double *row = sample->values + sample->rows[k] * sample->width;
        sum += row[0] + row[sobol->axes + 1];
        largest = fmax(largest, fmax(fabs(row[0]), fabs(row[sobol->axes + 1])));
    }
    sobol->center = sum / (2 * (double)sample->used);
    sobol->least = noise * largest * noise * largest;
}

/* --- Morris --- */

struct morris {
    int axes;
    const double *steps; /* [row][axis] */
};

static double elementary_effect(const struct sample *sample, const struct morris *morris, int64_t row,
                                int axis)
{
    const double *outputs = sample->values + row * sample->width;

    return (outputs[axis + 1] - outputs[0]) / morris->steps[row * morris->axes + axis];
}

static void morris_statistics(const struct sample *sample, const void *payload, const int64_t *rows,
                              double *statistics)
{
    const struct morris *morris = payload;
    const double n = (double)sample->used;

    for (int axis = 0; axis < morris->axes; axis++) {
        double *of_axis = statistics + axis * MORRIS_STATISTICS;
        double sum = 0;
        double magnitudes = 0;
        double squares = 0;
        for (int64_t k = 0; k < sample->used; k++) {
            const double effect = elementary_effect(sample, morris, rows[k], axis);
            sum += effect;
            magnitudes += fabs(effect);
        }
        for (int64_t k = 0; k < sample->used; k++) {
            const double rest = elementary_effect(sample, morris, rows[k], axis) - sum / n;
            squares += rest * rest;
        }
        of_axis[MORRIS_MU] = sum / n;
        of_axis[MORRIS_MU_STAR] = magnitudes / n;
        of_axis[MORRIS_SIGMA] = sqrt(squares / (n - 1));
    }
}

/* --- The whole --- */

static void estimate_of(struct sample *sample, const struct sensitivity_design *design,
                        const struct bootstrap *bootstrap, double *found, struct estimate *estimates,
                        struct sensitivity_rows *behind)
{
    if (!sample_suffices(sample, design->rows, estimates, behind)) {
        return;
    }
    if (design->kind == SENSITIVITY_MORRIS) {
        const struct morris morris = {design->axes, design->steps};
        sample_estimate(sample, morris_statistics, &morris, bootstrap, found, estimates);
        return;
    }
    struct sobol sobol = {.axes = design->axes};
    sobol_center(&sobol, sample, design->noise);
    sample_estimate(sample, sobol_statistics, &sobol, bootstrap, found, estimates);
    if (isnan(estimates[0].value)) {
        behind->gap = SENSITIVITY_CONSTANT;
    }
}

int sensitivity_estimate(const struct sensitivity_design *design, const struct bootstrap *bootstrap,
                         struct estimate *estimates, struct sensitivity_rows *behind)
{
    const struct sensitivity_method *method = &methods[design->kind];
    const int statistics = design->axes * method->statistic_count;
    double *found = malloc((size_t)statistics * sizeof(*found));
    struct sample sample = {0};
    int ret = -1;

    if (found && sample_init(&sample, design->outputs, design->rows, method->outputs + design->axes,
                             statistics, bootstrap->replicates) == 0) {
        estimate_of(&sample, design, bootstrap, found, estimates, behind);
        sample_clear(&sample);
        ret = 0;
    }
    free(found);
    return ret;
}
