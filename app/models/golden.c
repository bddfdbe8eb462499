#include "golden.h"

#include "typical.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double seconds_per_hour = 3600;

static void value_compare(struct golden_check *check, const struct golden_series *series, double level,
                          int time, const char *analyte, double hours)
{
    const double deviation = fabs(level - series->levels[time]) / series->tolerances[time];

    check->value_count++;
    if (deviation <= check->deviation) {
        return;
    }
    /* Also when the deviation is not a number: such a level passes nothing. */
    *check = (struct golden_check){
        .value_count = check->value_count,
        .deviation = isnan(deviation) ? INFINITY : deviation,
        .analyte = analyte,
        .time = hours,
        .level = level,
        .published = series->levels[time],
    };
}

int golden_solve(const struct model *model, int golden, const char *method, struct golden_check *check,
                 struct diagnostics *d)
{
    const struct golden *wanted = &model->goldens[golden];
    const int time_count = wanted->time_count;
    double *times = calloc((size_t)time_count, sizeof(*times));
    double *levels = calloc((size_t)time_count * (size_t)model->output_count, sizeof(*levels));
    char title[128];
    int result = -1;

    *check = (struct golden_check){.deviation = -1};
    if (times == NULL || levels == NULL) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    for (int i = 0; i < time_count; i++) {
        times[i] = wanted->times[i] / seconds_per_hour;
    }
    snprintf(title, sizeof(title), "golden \"%s\"", wanted->title);
    const struct dose dose = {
        .route = wanted->route,
        .amount = wanted->amount,
        .basis = DOSE_ABSOLUTE,
        .over = wanted->over,
        .share = 1,
    };
    const struct typical typical = {title, model, &dose, 1, wanted->covariates, times, time_count};
    if (typical_solve(&typical, method, levels, d) != 0) {
        goto out;
    }
    for (int i = 0; i < wanted->series_count; i++) {
        const struct golden_series *series = &wanted->series[i];
        for (int j = 0; j < series->count; j++) {
            value_compare(check, series, levels[series->output * time_count + j], j,
                          model->outputs[series->output].analyte, times[j]);
        }
    }
    result = 0;

out:
    free(times);
    free(levels);
    return result;
}

bool golden_passes(const struct golden_check *check)
{
    return check->value_count > 0 && check->deviation <= 1;
}
