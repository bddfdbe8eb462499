/* exposure - what a profile of levels amounts to: cmax, tmax, auc_last.
 *
 * A metric is one row of the table below beside its function; help, file layout, summary and tests are loops over it.
 * An effect has the same metrics: what they say of levels above zero holds for effects above zero.
 * Metrics see the profile as a laboratory would: the levels at the observation times and nothing between them.
 */
#ifndef KETSIM_EXPOSURE_H
#define KETSIM_EXPOSURE_H

#include <stdbool.h>

enum auc_rule {
    AUC_LINEAR_UP_LOG_DOWN, /* logarithmic where the level falls, linear elsewhere */
    AUC_LINEAR,
};

struct profile {
    const double *times;  /* h, increasing */
    const double *levels; /* ng/mL; or effects, without unit */
    int count;
    enum auc_rule rule;
};

enum metric_kind { METRIC_LEVEL, METRIC_TIME, METRIC_AUC };

struct exposure_metric {
    const char *name;  /* as in a study and in the result: cmax */
    const char *cdisc; /* CDISC SEND/SDTM PK parameter code: CMAX */
    enum metric_kind kind;
    const char *doc;
    double (*value)(const struct profile *profile); /* NaN where the rule gives none */
};

extern const struct exposure_metric exposure_metrics[];
extern const int exposure_metric_count;

/* The index of a metric, -1 for an unknown name. */
int exposure_metric_find(const char *name);

/* The unit of a metric of levels ("ng/mL", "h", "ng*h/mL"), or of effects, which have none ("1", "h", "h"). */
const char *metric_unit(enum metric_kind kind, bool of_effects);

#endif
