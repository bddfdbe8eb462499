/* The values that the sources of the models in the library print. */
#include "conformance.h"

#include "app/models/golden.h"
#include "model/library.h"

static void check_golden(struct score *score, const struct model *model, int golden, struct diagnostics *d)
{
    char title[256];
    struct golden_check check;
    snprintf(title, sizeof(title), "%s, %s", model->name, model->goldens[golden].title);
    score_begin(score, title);
    if (golden_solve(model, golden, score->method, &check, d)) {
        score_broken(score, d);
    } else {
        /* Of the value that is furthest from its source, in units of the last digit printed. */
        score_value(score, check.time, check.level, check.published, 0,
                    fabs(check.level - check.published) / check.deviation);
    }
    score_end(score);
}

void conformance_golden(struct score *score)
{
    struct units *units = units_create();
    struct diagnostics d;
    diagnostics_init(&d);
    for (int m = 0; m < library_count; m++) {
        struct model model;
        if (model_read(&model, library_entries[m].name, units, NOWHERE, &d)) {
            score_begin(score, library_entries[m].name);
            score_broken(score, &d);
            score_end(score);
        }
        for (int g = 0; g < model.golden_count; g++) {
            if (model_is_linear(&model) || !integrator_find(score->method)->only_linear) {
                check_golden(score, &model, g, &d);
            }
        }
        model_clear(&model);
    }
    diagnostics_clear(&d);
    units_free(units);
}
