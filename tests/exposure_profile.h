/* exposure_profile - profiles of levels made by hand, and what the metrics say of them. Include after check.h. */
#ifndef KETSIM_TESTS_EXPOSURE_PROFILE_H
#define KETSIM_TESTS_EXPOSURE_PROFILE_H

#include "solver/exposure.h"

enum { POINTS_MAX = 60000, DOSES_MAX = 64, CENTRAL = 0, ELSEWHERE = 1 };

/* A profile with room for its numbers; of the drug that is given, unless a test says otherwise. */
struct made {
    struct profile profile;
    double *times;
    double *levels;
    struct given_dose doses[DOSES_MAX];
    double from, to;  /* h, for auc_between */
    double threshold; /* ng/mL, for time_above */
};

static inline void made_begin(struct made *m)
{
    *m = (struct made){.times = calloc(POINTS_MAX, sizeof(double)),
                       .levels = calloc(POINTS_MAX, sizeof(double))};
    assert_true(m->times && m->levels);
    m->profile = (struct profile){
        .times = m->times,
        .levels = m->levels,
        .of_drug = true,
        .compartment = CENTRAL,
        .slope = {.points = 3, .to = INFINITY},
    };
}

static inline void made_end(struct made *m)
{
    free(m->times);
    free(m->levels);
}

static inline void made_add(struct made *m, double time, double level)
{
    assert_true(m->profile.count < POINTS_MAX);
    m->times[m->profile.count] = time;
    m->levels[m->profile.count++] = level;
}

/* A dose by vein, at once. */
static inline struct given_dose *made_dose(struct made *m, double start, double amount)
{
    struct given_dose *dose = &m->doses[m->profile.dose_count++];
    m->profile.doses = m->doses;

    *dose = (struct given_dose){
        .start = start, .end = start, .amount = amount, .intravenous = true, .bolus_into = CENTRAL};
    return dose;
}

static inline struct metric_request made_request(const struct made *m, const char *name)
{
    const int metric = exposure_metric_find(name);

    if (metric < 0) {
        fail_msg("no metric %s", name);
    }
    struct metric_request request = metric_request_plain(metric);
    request.from = m->from;
    request.to = m->to;
    request.threshold = m->threshold;
    return request;
}

static inline double made_metric(const struct made *m, const char *name)
{
    const struct metric_request request = made_request(m, name);
    struct exposure_scratch *scratch = exposure_scratch_create(m->profile.count, m->profile.dose_count);
    double value;

    assert_non_null(scratch);
    exposure_compute(&(struct exposure_request){.metrics = &request, .metric_count = 1, .values = &value},
                     &m->profile, scratch);
    exposure_scratch_free(scratch);
    return value;
}

/* Of dosing interval number `interval`, from 1. */
static inline double made_interval(const struct made *m, const char *name, int interval)
{
    const struct metric_request request = made_request(m, name);
    struct exposure_scratch *scratch = exposure_scratch_create(m->profile.count, m->profile.dose_count);
    double values[DOSES_MAX];

    assert_non_null(scratch);
    assert_true(interval >= 1 && interval <= DOSES_MAX);
    exposure_compute(
        &(struct exposure_request){
            .metrics = &request, .metric_count = 1, .intervals = DOSES_MAX, .interval_values = values},
        &m->profile, scratch);
    exposure_scratch_free(scratch);
    return values[interval - 1];
}

static inline int32_t made_flags(const struct made *m)
{
    struct exposure_scratch *scratch = exposure_scratch_create(m->profile.count, m->profile.dose_count);
    int32_t flags = -1;

    assert_non_null(scratch);
    exposure_compute(&(struct exposure_request){.flags = &flags}, &m->profile, scratch);
    exposure_scratch_free(scratch);
    return flags;
}

#define assert_missing(m, name) assert_true(isnan(made_metric((m), (name))))

#endif
