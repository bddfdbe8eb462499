#include "dosing.h"

#include "model/applicability.h"

#include <math.h>
#include <string.h>

static int device_count(const struct route *route, const struct dose *dose)
{
    return route->device_amount > 0 ? (int)lround(dose->amount / route->device_amount) : 1;
}

int dosing_pulse_count(const struct model *model, const struct arm *arm)
{
    int count = 0;
    for (int i = 0; i < arm->dose_count; i++) {
        const struct route *route = &model->routes[arm->doses[i].route];
        count += device_count(route, &arm->doses[i]) * route->input_count;
    }
    return count;
}

int dosing_occasions(const struct arm *arm, double *starts)
{
    int count = 0;
    for (int i = 0; i < arm->dose_count; i++) {
        if (i == 0 || arm->doses[i].time != arm->doses[i - 1].time) {
            if (starts) {
                starts[count] = arm->doses[i].time / 3600;
            }
            count++;
        }
    }
    return count;
}

void dosing_given(const struct model *model, const struct arm *arm, double weight, struct given_dose *given)
{
    for (int i = 0; i < arm->dose_count; i++) {
        const struct dose *dose = &arm->doses[i];
        const struct route *route = &model->routes[dose->route];
        double spacing = (device_count(route, dose) - 1) * route->device_spacing;
        given[i] = (struct given_dose){
            .start = dose->time / 3600,
            .end = (dose->time + fmax(dose->over, spacing)) / 3600,
            .over = dose->over / 3600,
            .amount = dose_mg(dose, weight),
            .route = dose->route,
            .intravenous = strcmp(route->name, "iv") == 0,
            .bolus_into = -1,
        };
        for (int k = 0; k < route->input_count && given[i].bolus_into < 0; k++) {
            if (!(dose->over > 0) && !route->inputs[k].over && route->device_amount == 0) {
                given[i].bolus_into = route->inputs[k].to;
            }
        }
    }
}

int dosing_pulses(struct evaluator *evaluator, const struct model *model, const struct arm *arm, int occasion,
                  double weight, struct pulse *pulses, struct individual_error *why)
{
    int count = 0;
    int at = -1;
    for (int i = 0; i < arm->dose_count; i++) {
        const struct dose *dose = &arm->doses[i];
        at += i == 0 || dose->time != arm->doses[i - 1].time;
        if (occasion != ALL_OCCASIONS && at != occasion) {
            continue;
        }
        const struct route *route = &model->routes[dose->route];
        int devices = device_count(route, dose);
        double amount = dose_mg(dose, weight);
        for (int device = 1; device <= devices; device++) {
            /* In seconds, so that a dose and an observation five minutes later fall on the same number. */
            double start_s = dose->time + (device - 1) * route->device_spacing;
            double start = start_s / 3600;
            for (int input = 0; input < route->input_count; input++) {
                struct intake intake;
                if (evaluator_intake(evaluator, dose->route, input, device, amount, &intake, why)) {
                    return -1;
                }
                pulses[count++] = (struct pulse){
                    .start = start + intake.lag,
                    .end = (isnan(intake.over) ? (start_s + dose->over) / 3600 : start + intake.over) +
                           intake.lag,
                    .compartment = route->inputs[input].to,
                    .amount = amount / devices * intake.fraction,
                };
            }
        }
    }
    return count;
}
