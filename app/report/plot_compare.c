/* The spread between models beside the spread between patients, as `ketsim summary` tells it. */
#include "plot_page.h"

#include "app/base/statistics.h"

#include <math.h>
#include <stdlib.h>

static int read_model(struct model_spread *model, struct plot *plot, const struct result_variable *v,
                      int64_t arm, double *values, struct diagnostics *d)
{
    const int64_t patients = plot->result.sizes[DIMENSION_PATIENT];

    if (result_read(&plot->result, v, arm, 0, patients, values, d) != 0) {
        return -1;
    }
    const struct spread spread = spread_compute(values, patients);
    *model = (struct model_spread){spread.geometric_mean, spread.p05, spread.p95, spread_differs(&spread)};
    return 0;
}

static void compute_ratios(struct comparison_of_models *c, int count)
{
    double ratios[PLOT_STYLES_MAX];
    double lowest = INFINITY;
    double highest = -INFINITY;
    const double middle = 0.5;
    int differing = 0;
    int models = 0;

    for (int i = 0; i < count; i++) {
        const struct model_spread *model = &c->models[i];
        if (isnan(model->mean)) {
            continue;
        }
        models++;
        lowest = fmin(lowest, model->mean);
        highest = fmax(highest, model->mean);
        if (model->differs) {
            ratios[differing++] = model->p95 / model->p05;
        }
    }
    c->models_ratio = models > 1 ? highest / lowest : (double)NAN;
    quantiles_compute(ratios, differing, &middle, 1, &c->patients_ratio);
}

bool comparison_read(struct comparison_of_models *c, struct plot *plot, int analyte, int facet,
                     struct diagnostics *d)
{
    const struct result_variable *v =
        result_find(&plot->result, ROLE_METRIC, plot->analytes[analyte]->analyte, "cmax");
    double *values = NULL;
    bool read = v != NULL;

    for (int i = 0; i < PLOT_STYLES_MAX; i++) {
        c->models[i] = (struct model_spread){NAN, NAN, NAN, false};
    }
    if (v && !(values = calloc((size_t)plot->result.sizes[DIMENSION_PATIENT] + 1, sizeof(*values)))) {
        diagnostics_out_of_memory(d);
        read = false;
    }
    for (int i = 0; i < plot->series_count && read; i++) {
        const struct plot_curve *curve = &plot->curves[plot->series[i].curve];
        if (plot->series[i].analyte == analyte && curve->facet == facet) {
            read = read_model(&c->models[curve->style], plot, v, curve->arm, values, d) == 0;
        }
    }
    free(values);
    compute_ratios(c, plot->style_count);
    return read;
}
