/* The metrics themselves. All NaN where the rule gives no number. */
#include "exposure_solution.h"

#include <math.h>

static const double missing = NAN;

/* mg over ng*h/mL is 1000 L/h. */
static const double liters_per_hour = 1000;

/* --- Levels and times --- */

/* The highest level and its time, the first of equals; NaN where nothing is known. */
static double highest(const struct exposure *e, double *time)
{
    const double *levels = e->profile->levels;
    int best = e->first;

    if (e->profile->solution) {
        return solution_highest(e, time);
    }
    for (int i = e->first + 1; i <= e->last; i++) {
        best = levels[i] > levels[best] ? i : best;
    }
    *time = e->last < e->first ? missing : e->profile->times[best];
    return e->last < e->first ? missing : levels[best];
}

/* The last observation of a level above 0, -1 without. */
static int last_positive(const struct exposure *e)
{
    int i = e->last;

    while (i >= e->first && !(e->profile->levels[i] > 0)) {
        i--;
    }
    return i >= e->first ? i : -1;
}

double cmax(struct exposure *e, const struct metric_request *request)
{
    double time;

    (void)request;
    return highest(e, &time);
}

/* Missing where there is no level above zero: nothing was highest. */
double tmax(struct exposure *e, const struct metric_request *request)
{
    const double origin = e->first_interval ? e->start : 0;
    double time;

    (void)request;
    return highest(e, &time) > 0 ? time - origin : missing;
}

/* Without the solver's error around 0; an effect can be negative. */
static double level_at(const struct exposure *e, int i)
{
    const double level = e->profile->levels[i];

    return e->profile->of_effect ? level : fmax(0, level);
}

double cmin(struct exposure *e, const struct metric_request *request)
{
    double lowest = missing;

    (void)request;
    if (e->profile->solution) {
        return e->whole ? fmax(0, solution_lowest(e)) : missing;
    }
    for (int i = e->first; i <= e->last && e->whole; i++) {
        const double level = level_at(e, i);
        lowest = level >= lowest ? lowest : level;
    }
    return lowest;
}

/* The level at the end of a dosing interval, before the next dose, which is known of it. */
static double level_after(const struct exposure *e)
{
    return e->profile->solution ? fmax(0, solution_last(e)) : level_at(e, e->last);
}

/* The level before the dose that a dosing interval begins with. */
static double level_before(const struct exposure *e)
{
    return e->profile->solution ? fmax(0, solution_before(e)) : e->profile->levels[e->first];
}

double ctrough(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    return e->whole ? level_after(e) : missing;
}

double cav(struct exposure *e, const struct metric_request *request)
{
    return auc_tau(e, request) / (e->end - e->start);
}

double clast(struct exposure *e, const struct metric_request *request)
{
    const int i = last_positive(e);

    (void)request;
    if (e->profile->solution) {
        return solution_last(e) > 0 ? solution_last(e) : missing;
    }
    return i < 0 ? missing : e->profile->levels[i];
}

double tlast(struct exposure *e, const struct metric_request *request)
{
    const int i = last_positive(e);

    (void)request;
    if (e->profile->solution) {
        return solution_last(e) > 0 ? e->end : missing;
    }
    return i < 0 ? missing : e->profile->times[i];
}

double fluctuation(struct exposure *e, const struct metric_request *request)
{
    const double mean = cav(e, request);

    return mean > 0 ? 100 * (cmax(e, request) - cmin(e, request)) / mean : missing;
}

double swing(struct exposure *e, const struct metric_request *request)
{
    const double lowest = cmin(e, request);

    return lowest > 0 ? (cmax(e, request) - lowest) / lowest : missing;
}

double time_above(struct exposure *e, const struct metric_request *request)
{
    double sum = 0;

    if (e->profile->solution) {
        return solution_time_above(e, request->threshold).total;
    }
    for (int i = e->first + 1; i <= e->last; i++) {
        const struct segment s = exposure_segment(e, i);
        sum += segment_time_above(&s, request->threshold);
    }
    return e->last < e->first ? missing : sum;
}

/* --- The terminal slope --- */

double lambda_z(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    return e->slope.lambda_z;
}

double lambda_z_points(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    return isnan(e->slope.lambda_z) ? missing : e->slope.points;
}

double lambda_z_r2adj(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    return isnan(e->slope.lambda_z) ? missing : e->slope.r2adj;
}

double half_life(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    return log(2) / e->slope.lambda_z;
}

double span_ratio(struct exposure *e, const struct metric_request *request)
{
    return isnan(e->slope.lambda_z) ? missing : (e->slope.last - e->slope.first) / half_life(e, request);
}

/* --- Areas --- */

/* To the last observation, or the last above 0; of the solution to its end. */
static double area_to(const struct exposure *e, int last)
{
    double sum = 0;

    if (e->profile->solution) {
        return solution_area(e);
    }
    for (int i = e->first + 1; i <= last; i++) {
        const struct segment s = exposure_segment(e, i);
        sum += segment_area(&s);
    }
    return e->last <= e->first ? missing : sum; /* one observation bounds no area */
}

double auc_last(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    if (isnan(e->area)) {
        e->area = area_to(e, last_positive(e));
    }
    return e->area;
}

/* Beyond the last level above 0 only the triangle to the first 0 counts, since 0 follows on 0. */
double auc_all(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    return area_to(e, e->last);
}

/* The last level and its time, from where areas are extrapolated. Of the solution 0 where its error is below that. */
static double level_of_tail(struct exposure *e)
{
    return e->profile->solution ? fmax(0, solution_last(e)) : clast(e, NULL);
}

static double start_of_tail(struct exposure *e)
{
    return e->profile->solution ? e->end : tlast(e, NULL);
}

/* With the last level as observed, or as the slope has it. */
static double area_to_infinity(struct exposure *e, double level)
{
    return e->from_start ? auc_last(e, NULL) + level / e->slope.lambda_z : missing;
}

double auc_inf(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    return area_to_infinity(e, level_of_tail(e));
}

double auc_inf_pred(struct exposure *e, const struct metric_request *request)
{
    const double beyond = start_of_tail(e) - e->slope.last;

    (void)request;
    return area_to_infinity(e, exp(e->slope.last_log - e->slope.lambda_z * beyond));
}

double auc_extrapolated(struct exposure *e, const struct metric_request *request)
{
    return 100 * (1 - auc_last(e, request) / auc_inf(e, request));
}

double auc_tau(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    return e->whole ? area_to(e, e->last) : missing;
}

double auc_between(struct exposure *e, const struct metric_request *request)
{
    const bool solved = e->profile->solution != NULL;
    const double end = e->profile->times[e->last];
    double sum = solved ? solution_area_between(e, request->from, request->to) : 0;

    for (int i = e->first + 1; i <= e->last && !solved; i++) {
        const struct segment s = exposure_segment(e, i);
        sum += segment_area_between(&s, request->from, request->to);
    }
    if (request->to > end) {
        const double level = solved ? level_of_tail(e) : e->profile->levels[e->last];
        const double k = e->slope.lambda_z;
        sum += level > 0 || solved ? level / k * -expm1(-k * (request->to - end)) : missing;
    }
    return sum;
}

double aumc_last(struct exposure *e, const struct metric_request *request)
{
    (void)request;
    if (isnan(e->moment)) {
        const bool solved = e->profile->solution != NULL;
        const int last = last_positive(e);
        double sum = solved ? solution_moment(e) : 0;
        for (int i = e->first + 1; i <= last && !solved; i++) {
            const struct segment s = exposure_segment(e, i);
            sum += segment_moment(&s, e->start);
        }
        e->moment = e->from_start && (solved || e->last > e->first) ? sum : missing;
    }
    return e->moment;
}

double aumc_inf(struct exposure *e, const struct metric_request *request)
{
    const double k = e->slope.lambda_z;
    const double level = level_of_tail(e);

    return aumc_last(e, request) + level * (start_of_tail(e) - e->start) / k + level / (k * k);
}

/* --- What needs the dose --- */

/* mg given, or missing where it is not known or not all in. */
static double amount_given(const struct exposure *e)
{
    double sum = 0;

    for (int i = 0; i < e->dose_count; i++) {
        sum += e->doses[i].end <= e->end ? e->doses[i].amount : missing;
    }
    return sum > 0 ? sum : missing;
}

static bool all_intravenous(const struct exposure *e)
{
    bool all = e->dose_count > 0;

    for (int i = 0; i < e->dose_count; i++) {
        all &= e->doses[i].intravenous || !(e->doses[i].amount > 0);
    }
    return all;
}

/* The mean time from the first dose at which the drug was given: half of the duration of a single infusion. */
static double mean_time_given(const struct exposure *e)
{
    double sum = 0;

    if (e->dose_count == 0) {
        return 0;
    }
    for (int i = 0; i < e->dose_count; i++) {
        sum += e->doses[i].amount * (e->doses[i].start + e->doses[i].over / 2 - e->start);
    }
    return sum / amount_given(e);
}

double mrt(struct exposure *e, const struct metric_request *request)
{
    return aumc_inf(e, request) / auc_inf(e, request) - mean_time_given(e);
}

double cl_f(struct exposure *e, const struct metric_request *request)
{
    return liters_per_hour * amount_given(e) / auc_inf(e, request);
}

double cl(struct exposure *e, const struct metric_request *request)
{
    return all_intravenous(e) ? cl_f(e, request) : missing;
}

double vz_f(struct exposure *e, const struct metric_request *request)
{
    return cl_f(e, request) / e->slope.lambda_z;
}

double vz(struct exposure *e, const struct metric_request *request)
{
    return cl(e, request) / e->slope.lambda_z;
}

double vss(struct exposure *e, const struct metric_request *request)
{
    return cl(e, request) * mrt(e, request);
}

/* --- Dosing intervals beside each other --- */

static bool nearly(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b);
}

/* The same doses, in intervals of the same length. */
static bool same_dosing(const struct exposure *a, const struct exposure *b)
{
    bool same = a->dose_count == b->dose_count && nearly(a->end - a->start, b->end - b->start);

    for (int i = 0; i < a->dose_count && same; i++) {
        same = nearly(a->doses[i].amount, b->doses[i].amount) && a->doses[i].route == b->doses[i].route &&
               nearly(a->doses[i].over, b->doses[i].over);
    }
    return same;
}

/* Whether as much leaves the body in the interval as enters it, so that dose/auc_tau is a clearance: the level at either end
 * differs by at most a thousandth of the mean, and the interval before had the same doses and length; or both ends are below
 * a thousandth of the mean. */
static bool is_steady(struct exposure *e)
{
    const double limit = 1e-3 * cav(e, NULL);
    const double before = e->whole ? level_before(e) : missing;
    const double after = ctrough(e, NULL);

    return (before <= limit && after <= limit) ||
           (fabs(after - before) <= limit && e->before && same_dosing(e, e->before));
}

double cl_f_steady(struct exposure *e, const struct metric_request *request)
{
    return is_steady(e) ? liters_per_hour * amount_given(e) / auc_tau(e, request) : missing;
}

double cl_steady(struct exposure *e, const struct metric_request *request)
{
    return all_intravenous(e) ? cl_f_steady(e, request) : missing;
}

double accumulation(struct exposure *e, const struct metric_request *request)
{
    struct exposure first = *e->first_interval;

    if (e == e->first_interval || !same_dosing(e, &first)) {
        return missing;
    }
    const double ratio = auc_tau(e, request) / auc_tau(&first, request);
    return isfinite(ratio) ? ratio : missing;
}
