/* exposure - what a profile of levels amounts to: cmax, auc_inf, half_life, ...
 *
 * A metric is one row of the table below beside its function; help, file layout, summary and tests are loops over it.
 * Metrics see a profile as a laboratory would: the levels at the observation times, when which doses were given, and nothing
 * else. They follow the rules of noncompartmental analysis; where a rule gives no number, the metric is missing (NaN). Or they
 * are, where profile->solution is set, of the solution itself: see the end of this list.
 *
 * Rules that all metrics share:
 * - A simulated level of 0 is a level: none is left out as below a limit of quantification.
 * - An observation at the time of a dose is the level before it. After a bolus into the compartment observed, areas begin at
 *   the level extrapolated back from the first two observations after it (falling and positive; else at the first one).
 * - What lies beyond the last level is extrapolated with the terminal slope (exposure_slope.h).
 * - A level below 0 is the solver's error around 0, and no lowest level is below 0.
 * - Times of a profile count from the start of the study, those of a dosing interval from its dose.
 * - One observation bounds no area: it is missing, as is all that follows from it.
 * - Areas to infinity, and what follows from them, need an observation at or before the first dose.
 * - A dosing interval runs from one dose to the next; the last one as long as the one before it, or to the last observation
 *   if that is earlier or there was none before. It is whole if there is an observation at either end, another between, and
 *   its length is known. Metrics of dosing intervals are, for a whole profile, those of its last whole interval.
 *
 * From the solution:
 * - A profile goes from the first dose to the last observation; of the observations nothing else matters, but to the terminal
 *   slope, which is fitted to them. Beyond the last observation areas are extrapolated by it, from the level of the solution.
 * - The last level is that at the last observation: auc_last and auc_all are the same. A level below 0 counts as 0.
 * - A dosing interval begins right after its dose and ends right before the next; it is whole if its length is known.
 */
#ifndef KETSIM_EXPOSURE_H
#define KETSIM_EXPOSURE_H

#include "dosing.h"
#include "span.h"

enum auc_rule {
    AUC_LINEAR_UP_LOG_DOWN, /* logarithmic where the level falls, linear elsewhere */
    AUC_LINEAR,
};

/* The levels of an analyte in a patient, and what is known of the doses. */
struct profile {
    const double *times;  /* h, increasing */
    const double *levels; /* ng/mL; or effects, without unit */
    int count;
    enum auc_rule rule;
    const struct given_dose *doses; /* by start; NULL: nothing is known of them, and time counts from 0 */
    int dose_count;
    bool of_effect;  /* of an effect: what has no meaning for one is missing */
    bool of_drug;    /* the analyte is the drug that the doses are of */
    int compartment; /* of the level observed */
    struct slope_rules slope;
    const struct spans *solution; /* what metrics are of, in place of the levels; NULL: the levels */
};

enum metric_kind {
    METRIC_LEVEL,
    METRIC_TIME,
    METRIC_AUC,
    METRIC_AUMC,
    METRIC_RATE,
    METRIC_CLEARANCE,
    METRIC_VOLUME,
    METRIC_PERCENT,
    METRIC_RATIO,
};

/* What is told of a metric over patients. */
enum metric_statistic {
    STATISTIC_GEOMETRIC, /* geometric mean and CV */
    STATISTIC_MEDIAN,    /* median and range */
    STATISTIC_MEAN,      /* mean and standard deviation */
};

enum metric_traits {
    METRIC_OF_EFFECTS = 1,  /* also of effects, which have no unit */
    METRIC_OF_DRUG = 2,     /* only of the drug that is given: a metabolite has no dose */
    METRIC_NEEDS_SLOPE = 4, /* missing where there is no terminal slope */
    METRIC_OBSERVED = 8,    /* of the observations, also in a study that asks for metrics from the solution */
};

struct exposure; /* a profile, or a dosing interval of one, with what metrics share: exposure_inner.h */

typedef double metric_function(struct exposure *exposure, const struct metric_request *request);

struct exposure_metric {
    const char *name;  /* as in a study and in the result: cmax */
    const char *cdisc; /* CDISC SDTM PK parameter code: CMAX; NULL: none, or one that depends on the route */
    enum metric_kind kind;
    enum metric_statistic statistic;
    unsigned traits; /* of enum metric_traits */
    const char *key; /* what in a study asks for it, with values of its own; NULL: exposure.metrics */
    const char *doc;
    metric_function *profile;  /* of a whole profile; NULL: that of its last whole dosing interval */
    metric_function *interval; /* of a dosing interval; NULL: has no meaning there */
    metric_function
        *session; /* of a session (session.h), always from the solution; NULL: nobody asks for it */
};

extern const struct exposure_metric exposure_metrics[];
extern const int exposure_metric_count;

/* The index of a metric, -1 for an unknown name. */
int exposure_metric_find(const char *name);

/* The unit of a metric of levels ("ng/mL", "h", "ng*h/mL"), or of effects, which have none ("1", "h", "h"). */
const char *metric_unit(enum metric_kind kind, bool of_effects);

/* "geometric", "median" or "mean". */
const char *statistic_name(enum metric_statistic statistic);

/* A request for a metric that takes no values of its own. */
struct metric_request metric_request_plain(int metric);

/* What makes a terminal slope, and all that follows from it, doubtful. */
#define SLOPE_FLAG_LIST(X)                                                                                   \
    X(SLOPE_MISSING, 1, "no_lambda_z", "no terminal slope")                                                  \
    X(SLOPE_SHORT, 2, "span_below_2", "fitted over less than two half-lives")                                \
    X(SLOPE_EXTRAPOLATED, 4, "extrapolated_above_20_percent", "more than 20 % of auc_inf extrapolated")      \
    X(SLOPE_POOR, 8, "r2adj_below_0.9", "adjusted R2 of the fit below 0.9")

enum slope_flag {
#define X(symbol, value, word, text) symbol = value,
    SLOPE_FLAG_LIST(X)
#undef X
};

/* From one dose to the next. */
struct dosing_interval {
    double start, end; /* h */
    bool closed;       /* its length is known: it ends with a dose, or lasts as long as the one before */
};

/* The dosing intervals of doses, sorted by start, that begin before the last observation (h). How many; written unless
 * `intervals` is NULL. Doses at the same time begin one interval. */
int dosing_intervals(const struct given_dose *doses, int dose_count, double last,
                     struct dosing_interval *intervals);

/* Whether an interval is observed whole: its length is known, and there are observations (h) at either end and between. */
bool dosing_interval_is_whole(const struct dosing_interval *interval, const double *times, int count);

/* Memory of one thread; good for profiles of up to so many observations and dosing intervals. NULL without memory. */
struct exposure_scratch *exposure_scratch_create(int times, int intervals);
void exposure_scratch_free(struct exposure_scratch *scratch);

/* What is to be computed of a profile. */
struct exposure_request {
    const struct metric_request *metrics;
    int metric_count;
    int intervals;           /* room per metric in `interval_values`; 0: not wanted */
    double *values;          /* [metric]; NULL: not wanted */
    double *interval_values; /* [metric][intervals]; NaN beyond the profile's own */
    int32_t *flags;          /* of enum slope_flag; NULL: not wanted */
};

void exposure_compute(const struct exposure_request *request, const struct profile *profile,
                      struct exposure_scratch *scratch);

/* A single metric of a profile; NaN also without memory. */
double exposure_value(int metric, const struct profile *profile);

#endif
