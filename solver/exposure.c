#include "exposure.h"

#include <math.h>
#include <string.h>

/* The index of the highest level, the first of equals. */
static int peak(const struct profile *p)
{
    int best = 0;
    for (int i = 1; i < p->count; i++) {
        if (p->levels[i] > p->levels[best]) {
            best = i;
        }
    }
    return best;
}

static double cmax(const struct profile *p)
{
    return p->levels[peak(p)];
}

/* Missing where there is no level above zero: nothing was highest. */
static double tmax(const struct profile *p)
{
    int i = peak(p);
    return p->levels[i] > 0 ? p->times[i] : (double)NAN;
}

static double auc_between(double dt, double from, double to, enum auc_rule rule)
{
    if (rule == AUC_LINEAR_UP_LOG_DOWN && to < from && to > 0) {
        /* (from - to) / ln(from/to), kept exact where the two are nearly equal. */
        double drop = (from - to) / to;
        return dt * (from - to) / log1p(drop);
    }
    return dt * (from + to) / 2;
}

/* From the first observation to the last level above zero. */
static double auc_last(const struct profile *p)
{
    int last = p->count - 1;
    while (last > 0 && !(p->levels[last] > 0)) {
        last--;
    }
    double sum = 0;
    for (int i = 1; i <= last; i++) {
        sum += auc_between(p->times[i] - p->times[i - 1], p->levels[i - 1], p->levels[i], p->rule);
    }
    return sum;
}

const struct exposure_metric exposure_metrics[] = {
    {"cmax", "CMAX", METRIC_LEVEL, "highest observed level", cmax},
    {"tmax", "TMAX", METRIC_TIME, "time of the highest observed level, the first of equals", tmax},
    {"auc_last", "AUCLST", METRIC_AUC, "area under the curve to the last level above zero", auc_last},
};
const int exposure_metric_count = sizeof(exposure_metrics) / sizeof(exposure_metrics[0]);

int exposure_metric_find(const char *name)
{
    for (int i = 0; i < exposure_metric_count; i++) {
        if (strcmp(exposure_metrics[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *metric_unit(enum metric_kind kind, bool of_effects)
{
    switch (kind) {
    case METRIC_LEVEL:
        return of_effects ? "1" : "ng/mL";
    case METRIC_TIME:
        return "h";
    case METRIC_AUC:
        return of_effects ? "h" : "ng*h/mL";
    }
    return "";
}
