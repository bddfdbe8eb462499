#include "exposure.h"

#include "exposure_inner.h"

#include <stdio.h>
#include <string.h>

#define EFFECTS METRIC_OF_EFFECTS
#define DRUG METRIC_OF_DRUG
#define SLOPE METRIC_NEEDS_SLOPE
#define OBSERVED METRIC_OBSERVED
#define GEOMETRIC STATISTIC_GEOMETRIC
#define MEDIAN STATISTIC_MEDIAN
#define MEAN STATISTIC_MEAN

/* clang-format off */
const struct exposure_metric exposure_metrics[] = {
    {"cmax", "CMAX", METRIC_LEVEL, GEOMETRIC, EFFECTS, NULL, "highest level", cmax, cmax, NULL},
    {"tmax", "TMAX", METRIC_TIME, MEDIAN, EFFECTS, NULL, "time of the highest level, the first of equals", tmax, tmax, NULL},
    {"cmin", "CMIN", METRIC_LEVEL, GEOMETRIC, EFFECTS, NULL, "lowest level of a whole dosing interval", NULL, cmin, NULL},
    {"ctrough", "CTROUGH", METRIC_LEVEL, GEOMETRIC, EFFECTS, NULL, "level at the end of a whole dosing interval", NULL, ctrough, NULL},
    {"cav", "CAVG", METRIC_LEVEL, GEOMETRIC, EFFECTS, NULL, "auc_tau over the length of the dosing interval", NULL, cav, NULL},
    {"clast", "CLST", METRIC_LEVEL, GEOMETRIC, 0, NULL, "last level above zero", clast, NULL, NULL},
    {"tlast", "TLST", METRIC_TIME, MEDIAN, 0, NULL, "time of the last level above zero", tlast, NULL, NULL},
    {"auc_last", "AUCLST", METRIC_AUC, GEOMETRIC, EFFECTS, NULL, "area under the curve to the last level above zero", auc_last, auc_last, NULL},
    {"auc_all", "AUCALL", METRIC_AUC, GEOMETRIC, EFFECTS, NULL, "area under the curve to the last observation", auc_all, NULL, NULL},
    {"auc_inf", "AUCIFO", METRIC_AUC, GEOMETRIC, SLOPE, NULL, "auc_last + clast/lambda_z", auc_inf, NULL, NULL},
    {"auc_inf_pred", "AUCIFP", METRIC_AUC, GEOMETRIC, SLOPE, NULL, "auc_last + fitted level at tlast/lambda_z", auc_inf_pred, NULL, NULL},
    {"auc_extrapolated", "AUCPEO", METRIC_PERCENT, MEDIAN, SLOPE, NULL, "part of auc_inf that lies beyond tlast", auc_extrapolated, NULL, NULL},
    {"auc_tau", "AUCTAU", METRIC_AUC, GEOMETRIC, EFFECTS, NULL, "area under the curve of a whole dosing interval", NULL, auc_tau, NULL},
    {"auc_between", "AUCINT", METRIC_AUC, GEOMETRIC, EFFECTS | SLOPE, "auc_between", "area under the curve between two times; beyond the last observation extrapolated", auc_between, NULL, NULL},
    {"aumc_last", "AUMCLST", METRIC_AUMC, GEOMETRIC, 0, NULL, "area under level times time since the first dose, to the last level above zero", aumc_last, NULL, NULL},
    {"aumc_inf", "AUMCIFO", METRIC_AUMC, GEOMETRIC, SLOPE, NULL, "aumc_last + clast*tlast/lambda_z + clast/lambda_z^2", aumc_inf, NULL, NULL},
    {"lambda_z", "LAMZ", METRIC_RATE, GEOMETRIC, SLOPE | OBSERVED, NULL, "terminal slope of the logarithm of the level", lambda_z, NULL, NULL},
    {"lambda_z_points", "LAMZNPT", METRIC_RATIO, MEDIAN, SLOPE | OBSERVED, NULL, "number of levels that lambda_z is fitted to", lambda_z_points, NULL, NULL},
    {"lambda_z_r2adj", "R2ADJ", METRIC_RATIO, MEDIAN, SLOPE | OBSERVED, NULL, "adjusted R2 of the fit of lambda_z", lambda_z_r2adj, NULL, NULL},
    {"half_life", "LAMZHL", METRIC_TIME, MEAN, SLOPE | OBSERVED, NULL, "ln 2/lambda_z", half_life, NULL, NULL},
    {"span_ratio", "LAMZSPN", METRIC_RATIO, MEDIAN, SLOPE | OBSERVED, NULL, "time that lambda_z is fitted over, in half-lives", span_ratio, NULL, NULL},
    {"cl", "CLO", METRIC_CLEARANCE, GEOMETRIC, SLOPE | DRUG, NULL, "all that was given/auc_inf, if all was intravenous; in a dosing interval dose/auc_tau, if in steady state", cl, cl_steady, NULL},
    {"cl_f", "CLFO", METRIC_CLEARANCE, GEOMETRIC, SLOPE | DRUG, NULL, "all that was given/auc_inf, by whatever route; in a dosing interval dose/auc_tau, if in steady state", cl_f, cl_f_steady, NULL},
    {"vz", "VZO", METRIC_VOLUME, GEOMETRIC, SLOPE | DRUG, NULL, "cl/lambda_z", vz, NULL, NULL},
    {"vz_f", "VZFO", METRIC_VOLUME, GEOMETRIC, SLOPE | DRUG, NULL, "cl_f/lambda_z", vz_f, NULL, NULL},
    {"vss", "VSSO", METRIC_VOLUME, GEOMETRIC, SLOPE | DRUG, NULL, "cl*mrt, if all was intravenous", vss, NULL, NULL},
    {"mrt", NULL, METRIC_TIME, GEOMETRIC, SLOPE | DRUG, NULL, "aumc_inf/auc_inf - mean time given (of one infusion half its duration); absorption included", mrt, NULL, NULL},
    {"fluctuation", "FLUCP", METRIC_PERCENT, GEOMETRIC, 0, NULL, "(cmax - cmin)/cav of a whole dosing interval", NULL, fluctuation, NULL},
    {"swing", "SWING", METRIC_RATIO, GEOMETRIC, 0, NULL, "(cmax - cmin)/cmin of a whole dosing interval", NULL, swing, NULL},
    {"accumulation", NULL, METRIC_RATIO, GEOMETRIC, 0, NULL, "auc_tau over that of the first dosing interval, if dose and length are the same", NULL, accumulation, NULL},
    {"time_above", NULL, METRIC_TIME, MEDIAN, 0, "time_above", "time at or above a level", time_above, time_above, time_above},
    {"first_above", NULL, METRIC_TIME, MEDIAN, 0, "thresholds", "time since the start of a session at which a level is reached; infinite if it is not", NULL, NULL, first_above},
    {"last_above", NULL, METRIC_TIME, MEDIAN, 0, "thresholds", "time since the start of a session from which on it stays below a level; 0 if it is never above, infinite if it is still above at the end", NULL, NULL, last_above},
    {"level_at", NULL, METRIC_LEVEL, GEOMETRIC, 0, "thresholds", "level a time after the start of a session", NULL, NULL, session_level},
};
/* clang-format on */
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
    static const struct {
        const char *of_level;
        const char *of_effect;
    } units[] = {
        [METRIC_LEVEL] = {"ng/mL", "1"}, [METRIC_TIME] = {"h", "h"},
        [METRIC_AUC] = {"ng*h/mL", "h"}, [METRIC_AUMC] = {"ng*h^2/mL", "h^2"},
        [METRIC_RATE] = {"1/h", "1/h"},  [METRIC_CLEARANCE] = {"L/h", "L/h"},
        [METRIC_VOLUME] = {"L", "L"},    [METRIC_PERCENT] = {"percent", "percent"},
        [METRIC_RATIO] = {"1", "1"},
    };

    return of_effects ? units[kind].of_effect : units[kind].of_level;
}

const char *statistic_name(enum metric_statistic statistic)
{
    static const char *const names[] = {
        [STATISTIC_GEOMETRIC] = "geometric",
        [STATISTIC_MEDIAN] = "median",
        [STATISTIC_MEAN] = "mean",
    };

    return names[statistic];
}

struct metric_request metric_request_plain(int metric)
{
    struct metric_request request = {.metric = metric};

    snprintf(request.name, sizeof(request.name), "%s", exposure_metrics[metric].name);
    return request;
}
