/* Model files. A model that is right gives a typical patient and an extreme one. */
#include "fuzz.h"

#include "model/individual.h"
#include "model/model.h"

#include <math.h>

static void try_intakes(struct evaluator *evaluator, const struct model *model)
{
    struct individual_error why;
    struct intake intake;

    for (int route = 0; route < model->route_count; route++) {
        for (int input = 0; input < model->routes[route].input_count; input++) {
            if (evaluator_intake(evaluator, route, input, 2, 10, &intake, &why) == 0) {
                fuzz_promise(isfinite(intake.fraction) && intake.fraction >= 0);
                fuzz_promise(isfinite(intake.lag) && intake.lag >= 0 && !(intake.over <= 0));
            }
        }
    }
}

static void try_individuals(const struct model *model)
{
    struct diagnostics d;

    diagnostics_init(&d);
    struct evaluator *evaluator = evaluator_create(model, &d);
    fuzz_promise(evaluator || d.errors > 0);
    for (int i = 0; evaluator && i < 3; i++) {
        struct individual individual = {0};
        struct individual_error why;
        for (int c = 0; c < model->covariate_count; c++) {
            const double typical = model->covariates[c].typical;
            individual.covariates[c] = i == 2 ? 0 : isnan(typical) ? 50 : typical;
        }
        if (i == 1) {
            individual_draw_effects(model, 1, 2, individual.etas);
            individual_draw_occasion(model, 1, 2, 3, individual.kappas);
        }
        if (evaluator_individual(evaluator, &individual, NULL, 0, &why) == 0) {
            for (int f = 0; f < model->flow_count; f++) {
                fuzz_promise(isfinite(individual.rates[f]) && individual.rates[f] >= 0);
            }
            try_intakes(evaluator, model);
        }
    }
    evaluator_free(evaluator);
    diagnostics_clear(&d);
}

/* Made once: that takes longer than a run. */
static struct units *units;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diagnostics d;
    struct model model;

    units = units ? units : units_create();
    fuzz_promise(units);
    diagnostics_init(&d);
    const int status = model_parse(&model, "fuzz.yaml", (const char *)data, size, units, &d);
    fuzz_check_messages(&d, status);
    if (status == 0) {
        try_individuals(&model);
    }
    model_clear(&model);
    diagnostics_clear(&d);
    return 0;
}
