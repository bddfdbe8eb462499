#include "exposure_inner.h"

#include <math.h>
#include <stdlib.h>

struct exposure_scratch {
    double *lefts;                     /* [observation] */
    double *fits;                      /* [3][observation], for the terminal slope */
    struct dosing_interval *intervals; /* [interval] */
    struct exposure *exposures;        /* [interval] */
};

struct exposure_scratch *exposure_scratch_create(int times, int intervals)
{
    struct exposure_scratch *scratch = calloc(1, sizeof(*scratch));

    if (!scratch) {
        return NULL;
    }
    scratch->lefts = calloc((size_t)times + 1, sizeof(*scratch->lefts));
    scratch->fits = calloc(3 * (size_t)times + 1, sizeof(*scratch->fits));
    scratch->intervals = calloc((size_t)intervals + 1, sizeof(*scratch->intervals));
    scratch->exposures = calloc((size_t)intervals + 1, sizeof(*scratch->exposures));
    if (!scratch->lefts || !scratch->fits || !scratch->intervals || !scratch->exposures) {
        exposure_scratch_free(scratch);
        return NULL;
    }
    return scratch;
}

void exposure_scratch_free(struct exposure_scratch *scratch)
{
    if (scratch) {
        free(scratch->lefts);
        free(scratch->fits);
        free(scratch->intervals);
        free(scratch->exposures);
        free(scratch);
    }
}

int dosing_intervals(const struct given_dose *doses, int dose_count, double last,
                     struct dosing_interval *intervals)
{
    double length = NAN; /* of the interval before */
    int count = 0;

    for (int i = 0, next; i < dose_count && doses[i].start < last; i = next) {
        const double start = doses[i].start;
        for (next = i + 1; next < dose_count && doses[next].start == start;) {
            next++;
        }
        const double end = next < dose_count ? doses[next].start : start + length;
        const bool closed = end <= last;
        if (intervals) {
            intervals[count] = (struct dosing_interval){start, closed ? end : last, closed};
        }
        length = end - start;
        count++;
    }
    return count;
}

/* --- Profiles and intervals --- */

/* The first of the times at or after this one; `count` where all are earlier. */
static int observation_from(const double *times, int count, double time)
{
    int low = 0;
    int high = count;

    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (times[middle] < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool dosing_interval_is_whole(const struct dosing_interval *interval, const double *times, int count)
{
    const int first = observation_from(times, count, interval->start);
    const int last = observation_from(times, count, interval->end);

    return interval->closed && last < count && times[last] == interval->end &&
           times[first] == interval->start && last > first + 1;
}

/* The level right after a bolus at observation i, back-extrapolated from the next two before time `next`. */
static double level_after_bolus(const struct profile *p, int i, double next)
{
    if (i + 1 >= p->count || p->times[i + 1] > next) {
        return p->levels[i];
    }
    const double one = p->levels[i + 1];
    if (i + 2 >= p->count || p->times[i + 2] > next || !(one > p->levels[i + 2]) || !(p->levels[i + 2] > 0)) {
        return one > 0 ? one : p->levels[i];
    }
    const double slope = log(one / p->levels[i + 2]) / (p->times[i + 2] - p->times[i + 1]);
    return one * exp(slope * (p->times[i + 1] - p->times[i]));
}

/* The levels, with those that follow a bolus in place of those before it. */
static const double *find_lefts(const struct profile *p, double *scratch)
{
    const double *lefts = p->levels;
    int later = 0; /* the first dose after dose k's time */

    for (int k = 0; k < p->dose_count; k++) {
        const struct given_dose *dose = &p->doses[k];
        while (later < p->dose_count && !(p->doses[later].start > dose->start)) {
            later++;
        }
        const int i = observation_from(p->times, p->count, dose->start);
        if (dose->bolus_into != p->compartment || !(dose->amount > 0) || i == p->count ||
            p->times[i] != dose->start) {
            continue;
        }
        const double next = later < p->dose_count ? p->doses[later].start : (double)INFINITY;
        for (int n = 0; n < p->count && lefts == p->levels; n++) {
            scratch[n] = p->levels[n];
        }
        lefts = scratch;
        scratch[i] = level_after_bolus(p, i, next);
    }
    return lefts;
}

static struct exposure whole_profile(const struct profile *p, const double *lefts)
{
    int given = 0;

    while (given < p->dose_count && p->doses[given].start < p->times[p->count - 1]) {
        given++;
    }
    const double start = p->dose_count > 0 ? p->doses[0].start : 0;
    return (struct exposure){
        .profile = p,
        .lefts = lefts,
        .last = p->count - 1,
        .start = start,
        .end = p->times[p->count - 1],
        .from_start = !p->doses || (p->dose_count > 0 && (p->solution || p->times[0] <= start)),
        .last_span = p->solution ? p->solution->count - 1 : 0,
        .doses = p->doses,
        .dose_count = given,
        .area = NAN,
        .moment = NAN,
        .slope = {.lambda_z = NAN},
    };
}

/* Fills scratch->exposures. How many. */
static int split_profile(const struct profile *p, const double *lefts, struct exposure_scratch *scratch)
{
    const int count = dosing_intervals(p->doses, p->dose_count, p->times[p->count - 1], scratch->intervals);
    int dose = 0;

    for (int k = 0; k < count; k++) {
        const struct dosing_interval *interval = &scratch->intervals[k];
        const int first = observation_from(p->times, p->count, interval->start);
        const int end = observation_from(p->times, p->count, interval->end);
        const bool ends = end < p->count && p->times[end] == interval->end;
        const int last = ends ? end : end - 1;
        struct exposure *e = &scratch->exposures[k];
        *e = (struct exposure){
            .profile = p,
            .lefts = lefts,
            .first = first,
            .last = last,
            .start = interval->start,
            .end = interval->end,
            .first_span = p->solution ? spans_starting(p->solution, interval->start) : 0,
            .last_span = p->solution ? spans_ending(p->solution, interval->end) : 0,
            .whole = p->solution ? interval->closed : dosing_interval_is_whole(interval, p->times, p->count),
            .doses = p->doses + dose,
            .before = k > 0 ? e - 1 : NULL,
            .first_interval = scratch->exposures,
            .area = NAN,
            .moment = NAN,
            .slope = {.lambda_z = NAN},
        };
        while (dose < p->dose_count && p->doses[dose].start == interval->start) {
            e->dose_count++;
            dose++;
        }
    }
    return count;
}

/* --- What is asked for --- */

static double clean(double value)
{
    return isfinite(value) ? value : (double)NAN;
}

/* Whether a metric has a meaning for what was observed. */
static bool applies(const struct exposure_metric *metric, const struct profile *p)
{
    return (!p->of_effect || (metric->traits & METRIC_OF_EFFECTS)) &&
           (p->of_drug || !(metric->traits & METRIC_OF_DRUG));
}

static bool any_needs_slope(const struct exposure_request *request)
{
    bool any = request->flags != NULL;

    for (int i = 0; i < request->metric_count; i++) {
        any |= (exposure_metrics[request->metrics[i].metric].traits & METRIC_NEEDS_SLOPE) != 0;
    }
    return any;
}

static bool any_of_intervals(const struct exposure_request *request)
{
    bool any = request->intervals > 0;

    for (int i = 0; i < request->metric_count; i++) {
        any |= !exposure_metrics[request->metrics[i].metric].profile;
    }
    return any;
}

static int32_t find_flags(struct exposure *e)
{
    int32_t flags = 0;

    if (isnan(e->slope.lambda_z)) {
        return SLOPE_MISSING;
    }
    flags |= span_ratio(e, NULL) < 2 ? SLOPE_SHORT : 0;
    flags |= auc_extrapolated(e, NULL) > 20 ? SLOPE_EXTRAPOLATED : 0;
    flags |= e->slope.r2adj < 0.9 ? SLOPE_POOR : 0;
    return flags;
}

/* The last whole dosing interval, NULL without. */
static struct exposure *last_whole(struct exposure *exposures, int count)
{
    while (count > 0 && !exposures[count - 1].whole) {
        count--;
    }
    return count > 0 ? &exposures[count - 1] : NULL;
}

static void compute_intervals(const struct exposure_request *request, int metric, bool applies_here,
                              struct exposure *exposures, int count)
{
    const struct metric_request *wanted = &request->metrics[metric];
    metric_function *function = exposure_metrics[wanted->metric].interval;
    double *values = request->interval_values + (ptrdiff_t)metric * request->intervals;

    for (int k = 0; k < request->intervals; k++) {
        values[k] =
            applies_here && function && k < count ? clean(function(&exposures[k], wanted)) : (double)NAN;
    }
}

void exposure_compute(const struct exposure_request *request, const struct profile *profile,
                      struct exposure_scratch *scratch)
{
    const double *lefts = profile->dose_count > 0 ? find_lefts(profile, scratch->lefts) : profile->levels;
    struct exposure whole = whole_profile(profile, lefts);
    struct exposure *exposures = scratch->exposures;
    int count = 0;

    if (!profile->of_effect && any_needs_slope(request)) {
        whole.slope = terminal_slope_find(profile, scratch->fits);
    }
    if (any_of_intervals(request) && profile->dose_count > 0) {
        count = split_profile(profile, lefts, scratch);
    }
    for (int i = 0; i < request->metric_count; i++) {
        const struct metric_request *wanted = &request->metrics[i];
        const struct exposure_metric *metric = &exposure_metrics[wanted->metric];
        const bool meant = applies(metric, profile);
        if (request->values) {
            struct exposure *of = metric->profile ? &whole : last_whole(exposures, count);
            metric_function *function = metric->profile ? metric->profile : metric->interval;
            request->values[i] = meant && of ? clean(function(of, wanted)) : (double)NAN;
        }
        if (request->intervals > 0) {
            compute_intervals(request, i, meant, exposures, count);
        }
    }
    if (request->flags) {
        *request->flags = profile->of_effect ? SLOPE_MISSING : find_flags(&whole);
    }
}

double exposure_value(int metric, const struct profile *profile)
{
    const struct metric_request plain = metric_request_plain(metric);
    double value = NAN;
    const struct exposure_request request = {.metrics = &plain, .metric_count = 1, .values = &value};
    struct exposure_scratch *scratch = exposure_scratch_create(profile->count, profile->dose_count);

    if (scratch) {
        exposure_compute(&request, profile, scratch);
    }
    exposure_scratch_free(scratch);
    return value;
}
