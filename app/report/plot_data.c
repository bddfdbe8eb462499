/* What a result holds for a picture: records, analytes, and the quantiles over the patients. */
#include "plot.h"

#include "app/base/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many levels are held at once where quantiles are computed from profiles. */
enum { LEVELS_AT_ONCE = 8 << 20 };

static const double usual_fractions[PLOT_LINES] = {0.05, 0.25, 0.5, 0.75, 0.95};

static struct place plot_place(const struct plot *plot)
{
    return (struct place){.file = plot->result.path};
}

/* --- Records --- */

static int choose_times(struct plot *plot, struct diagnostics *d)
{
    const int64_t all = plot->result.sizes[DIMENSION_TIME];
    const double from = plot->request.from;
    const double to = plot->request.to;

    plot->times = calloc((size_t)all + 1, sizeof(*plot->times));
    if (!plot->times) {
        return diagnostics_out_of_memory(d);
    }
    if (hdf_read(plot->result.file, dimension_name(DIMENSION_TIME), HDF_FLOAT64, (int64_t[]){0},
                 (int64_t[]){all}, plot->times, d) != 0) {
        return -1;
    }
    const double earliest = all > 0 ? plot->times[0] : 0;
    const double latest = all > 0 ? plot->times[all - 1] : 0;
    for (int64_t i = 0; i < all; i++) {
        if (plot->times[i] < from) { /* not with NaN */
            plot->first_time++;
        } else if (!(plot->times[i] > to)) {
            plot->times[plot->time_count++] = plot->times[i];
        }
    }
    if (plot->time_count < 2) {
        return diagnostics_error(
            d, plot_place(plot),
            "a picture needs two records at least, and holds %d in what is asked for; the "
            "records go from %g h to %g h",
            (int)plot->time_count, earliest, latest);
    }
    plot->from = isnan(from) ? plot->times[0] : from;
    plot->to = isnan(to) ? plot->times[plot->time_count - 1] : to;
    return 0;
}

/* --- Analytes --- */

/* Its quantiles if they tell the median, else its profiles; NULL: neither is stored. */
static const struct result_variable *levels_of(const struct plot *plot, const char *analyte)
{
    return result_find(&plot->result, plot->computed ? ROLE_PROFILE : ROLE_QUANTILE, analyte, NULL);
}

static int unknown_analyte(const struct plot *plot, const char *name, struct diagnostics *d)
{
    const struct result *result = &plot->result;
    const char *nearest = nearest_spelling(name, result->analytes, result->analyte_count);

    if (nearest) {
        return diagnostics_error(d, plot_place(plot), "has no analyte \"%s\"; did you mean \"%s\"?", name,
                                 nearest);
    }
    return diagnostics_error(d, plot_place(plot), "has no analyte \"%s\"; its first is \"%s\"", name,
                             result->analyte_count > 0 ? result->analytes[0] : "");
}

static int choose_analytes(struct plot *plot, struct diagnostics *d)
{
    const struct result *result = &plot->result;
    const struct plot_request *request = &plot->request;
    const int most = request->analyte_count > 0 ? request->analyte_count : result->analyte_count;

    plot->analytes = calloc((size_t)most + 1, sizeof(const struct result_variable *));
    if (!plot->analytes) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < most; i++) {
        const char *name = request->analyte_count > 0 ? request->analytes[i] : result->analytes[i];
        const struct result_variable *v = levels_of(plot, name);
        if (v) {
            plot->analytes[plot->analyte_count++] = v;
        } else if (request->analyte_count > 0) {
            return unknown_analyte(plot, name, d);
        }
    }
    return 0;
}

/* --- Fractions --- */

static int64_t fraction_find(const double *fractions, int64_t count, double wanted)
{
    for (int64_t i = 0; i < count; i++) {
        if (fabs(fractions[i] - wanted) < 1e-9) {
            return i;
        }
    }
    return -1;
}

/* The lower fraction of a band: the usual one if the file has it and its counterpart, else the outermost (innermost) that
 * has a counterpart, but for `taken`; -1 without. */
static int64_t band_find(const double *fractions, int64_t count, double usual, bool outermost, int64_t taken)
{
    int64_t found = fraction_find(fractions, count, usual);

    if (found >= 0 && fraction_find(fractions, count, 1 - usual) >= 0) {
        return found;
    }
    found = -1;
    for (int64_t i = 0; i < count && fractions[i] < 0.5 - 1e-9; i++) {
        if (i != taken && fraction_find(fractions, count, 1 - fractions[i]) >= 0 &&
            (found < 0 || !outermost)) {
            found = i;
        }
    }
    return found;
}

/* Which quantiles of the file are drawn as which line: places[PLOT_LINES], -1 for none. */
static int find_fractions(struct plot *plot, int64_t *places, struct diagnostics *d)
{
    const int64_t count = plot->result.sizes[DIMENSION_QUANTILE];
    double *fractions = calloc((size_t)count + 1, sizeof(*fractions));
    int ret = fractions ? 0 : diagnostics_out_of_memory(d);

    for (int i = 0; i < PLOT_LINES; i++) {
        plot->fractions[i] = NAN;
        places[i] = -1;
    }
    if (ret == 0 && count > 0) {
        ret = hdf_read(plot->result.file, dimension_name(DIMENSION_QUANTILE), HDF_FLOAT64, (int64_t[]){0},
                       (int64_t[]){count}, fractions, d);
    }
    if (ret == 0) {
        places[PLOT_MEDIAN] = fraction_find(fractions, count, 0.5);
        for (int band = 0; band < PLOT_BANDS; band++) {
            const int64_t low = band_find(fractions, count, usual_fractions[band], band == 0, places[0]);
            if (low >= 0 && !(band == 1 && low == places[0])) {
                places[band] = low;
                places[PLOT_LINES - 1 - band] = fraction_find(fractions, count, 1 - fractions[low]);
            }
        }
        for (int i = 0; i < PLOT_LINES; i++) {
            plot->fractions[i] = places[i] >= 0 ? fractions[places[i]] : (double)NAN;
        }
    }
    free(fractions);
    return ret;
}

/* Decides between what is stored. */
static int choose_source(struct plot *plot, struct diagnostics *d)
{
    int64_t places[PLOT_LINES];

    if (result_find(&plot->result, ROLE_RECORD, NULL, NULL)) {
        return diagnostics_error(
            d, plot_place(plot),
            "is of an event table, whose patients have times of their own; pictures are drawn of "
            "levels at times that all patients share");
    }
    if (find_fractions(plot, places, d) != 0) {
        return -1;
    }
    if (places[PLOT_MEDIAN] >= 0 && result_find(&plot->result, ROLE_QUANTILE, NULL, NULL)) {
        return 0;
    }
    if (!result_find(&plot->result, ROLE_PROFILE, NULL, NULL)) {
        return diagnostics_error(
            d, plot_place(plot),
            "holds neither profiles nor the median of the patients, so that there is nothing to "
            "draw; let the study's output.store have \"quantiles\" or \"profiles\"");
    }
    plot->computed = true;
    memcpy(plot->fractions, usual_fractions, sizeof(usual_fractions));
    return 0;
}

/* --- Levels --- */

static int read_quantiles(struct plot *plot, const struct plot_series *s, const int64_t *places,
                          struct diagnostics *d)
{
    const struct result_variable *v = plot->analytes[s->analyte];
    const int64_t arm = plot->curves[s->curve].arm;

    for (int i = 0; i < PLOT_LINES; i++) {
        const int64_t start[] = {arm, places[i], plot->first_time};
        const int64_t count[] = {1, 1, plot->time_count};
        double *levels = s->levels + i * plot->time_count;
        for (int64_t k = 0; k < plot->time_count; k++) {
            levels[k] = NAN;
        }
        if (places[i] >= 0 &&
            hdf_read(plot->result.file, v->name, HDF_FLOAT64, start, count, levels, d) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The quantiles of the patients at one of `times` times that were read for all patients. `column`: room for them. */
static void compute_quantiles(struct plot *plot, const struct plot_series *s, const double *read,
                              int64_t times, int64_t time, double *column, int64_t place)
{
    double found[PLOT_LINES];
    int64_t n = 0;

    for (int64_t p = 0; p < plot->result.sizes[DIMENSION_PATIENT]; p++) {
        const double level = read[p * times + time];
        if (!isnan(level)) {
            column[n++] = level;
        }
    }
    quantiles_compute(column, n, plot->fractions, PLOT_LINES, found);
    for (int i = 0; i < PLOT_LINES; i++) {
        s->levels[i * plot->time_count + place] = found[i];
    }
}

static int read_profiles(struct plot *plot, const struct plot_series *s, struct diagnostics *d)
{
    const struct result_variable *v = plot->analytes[s->analyte];
    const int64_t patients = plot->result.sizes[DIMENSION_PATIENT];
    int64_t block = LEVELS_AT_ONCE / (patients > 0 ? patients : 1);
    double *read;
    double *column;
    int ret = 0;

    block = block < 1 ? 1 : block > plot->time_count ? plot->time_count : block;
    read = malloc((size_t)(block * patients) * sizeof(*read));
    column = malloc((size_t)patients * sizeof(*column));
    if (!read || !column) {
        ret = diagnostics_out_of_memory(d);
    }
    for (int64_t first = 0; first < plot->time_count && ret == 0; first += block) {
        const int64_t times = plot->time_count - first < block ? plot->time_count - first : block;
        const int64_t start[] = {plot->curves[s->curve].arm, 0, plot->first_time + first};
        const int64_t count[] = {1, patients, times};
        ret = hdf_read(plot->result.file, v->name, HDF_FLOAT64, start, count, read, d);
        for (int64_t i = 0; i < times && ret == 0; i++) {
            compute_quantiles(plot, s, read, times, i, column, first + i);
        }
    }
    free(read);
    free(column);
    return ret;
}

/* Whether the outer band is wider than what a solver leaves between equal patients: at some time by a thousandth of the
 * highest median. */
static bool series_spreads(const struct plot *plot, const struct plot_series *s)
{
    const double *low = s->levels;
    const double *median = s->levels + PLOT_MEDIAN * plot->time_count;
    const double *high = s->levels + (PLOT_LINES - 1) * plot->time_count;
    double most = 0;
    double widest = 0;

    for (int64_t i = 0; i < plot->time_count; i++) {
        most = fmax(most, fabs(median[i]));
        widest = fmax(widest, high[i] - low[i]);
    }
    return widest > 1e-3 * most;
}

static struct plot_series *series_add(struct plot *plot, int analyte, int curve)
{
    struct plot_series *s = &plot->series[plot->series_count];

    *s = (struct plot_series){.curve = curve, .analyte = analyte};
    s->levels = malloc((size_t)(PLOT_LINES * plot->time_count) * sizeof(*s->levels));
    plot->series_count += s->levels != NULL;
    return s->levels ? s : NULL;
}

int plot_read_levels(struct plot *plot, struct diagnostics *d)
{
    int64_t places[PLOT_LINES];

    plot->series = calloc((size_t)(plot->analyte_count * plot->curve_count) + 1, sizeof(*plot->series));
    if (!plot->series) {
        return diagnostics_out_of_memory(d);
    }
    if (!plot->computed && find_fractions(plot, places, d) != 0) {
        return -1;
    }
    for (int a = 0; a < plot->analyte_count; a++) {
        for (int c = 0; c < plot->curve_count; c++) {
            const char *model = plot->result.arm_models[plot->curves[c].arm];
            if (!result_model_has(&plot->result, model, plot->analytes[a]->analyte)) {
                continue;
            }
            struct plot_series *s = series_add(plot, a, c);
            if (!s) {
                return diagnostics_out_of_memory(d);
            }
            if ((plot->computed ? read_profiles(plot, s, d) : read_quantiles(plot, s, places, d)) != 0) {
                return -1;
            }
            s->spreads = series_spreads(plot, s);
        }
    }
    return 0;
}

/* --- The whole --- */

static int read_outline(struct plot *plot, struct diagnostics *d)
{
    char *resolved = result_text(&plot->result, "resolved_study");
    int ret;

    if (!resolved) {
        return diagnostics_error(d, plot_place(plot), "does not hold the study that it is of");
    }
    ret = outline_read(&plot->outline, plot->result.path, resolved, d);
    free(resolved);
    return ret == 0 ? threshold_table_open(&plot->asked, &plot->result, d) : ret;
}

int plot_read(struct plot *plot, const char *path, const struct plot_request *request, struct diagnostics *d)
{
    *plot = (struct plot){.request = *request};
    if (result_open(&plot->result, path, d) != 0) {
        return -1;
    }
    if (read_outline(plot, d) != 0 || broken_limits_read(&plot->limits, &plot->result, d) != 0 ||
        sensitivity_table_read(&plot->sensitivity, &plot->result, d) != 0) {
        plot_clear(plot);
        return -1;
    }
    if (plot->sensitivity.method) {
        const int ret = tornado_read(plot, d);
        if (ret != 0) {
            plot_clear(plot);
        }
        return ret;
    }
    if (choose_source(plot, d) != 0 || choose_times(plot, d) != 0 || choose_analytes(plot, d) != 0 ||
        plot_choose(plot, d) != 0 || plot_read_levels(plot, d) != 0) {
        plot_clear(plot);
        return -1;
    }
    return 0;
}

static void texts_free(char **texts, int count)
{
    for (int i = 0; i < count && texts; i++) {
        free(texts[i]);
    }
    free(texts);
}

void plot_clear(struct plot *plot)
{
    threshold_table_clear(&plot->asked);
    for (int i = 0; i < plot->series_count; i++) {
        free(plot->series[i].levels);
    }
    free(plot->series);
    texts_free(plot->style_labels, plot->style_count);
    texts_free(plot->facet_labels, plot->facet_count);
    free(plot->curves);
    free(plot->analytes);
    free(plot->times);
    free(plot->outputs);
    changes_clear(&plot->changes);
    sensitivity_table_clear(&plot->sensitivity);
    broken_limits_clear(&plot->limits);
    outline_clear(&plot->outline);
    result_close(&plot->result);
    *plot = (struct plot){0};
}
