#include "dosing.h"

#include "model/applicability.h"

#include <math.h>
#include <string.h>

/* As planned. */
static int device_count(const struct route *route, const struct dose *dose)
{
    return route->device_amount > 0 ? (int)lround(dose->amount / route->device_amount) : 1;
}

static bool has_device(uint32_t devices, int device)
{
    return device <= 32 && (devices >> (device - 1) & 1);
}

/* Those that are given. */
static int given_count(const struct route *route, const struct dose *dose)
{
    const int planned = device_count(route, dose);
    int given = 0;
    for (int device = 1; device <= planned; device++) {
        given += !has_device(dose->skipped, device);
    }
    return given;
}

/* The number, as planned, of the last one that is given; 0 without. */
static int last_given(const struct route *route, const struct dose *dose)
{
    int device = device_count(route, dose);
    while (device > 0 && has_device(dose->skipped, device)) {
        device--;
    }
    return device;
}

int dosing_pulse_count(const struct model *model, const struct arm *arm)
{
    int count = 0;
    for (int i = 0; i < arm->dose_count; i++) {
        const struct route *route = &model->routes[arm->doses[i].route];
        count += given_count(route, &arm->doses[i]) * route->input_count;
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
        double spacing = (last_given(route, dose) - 1) * route->device_spacing;
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
        double of_device = (dose->lost > 0 ? dose->amount : amount) / devices;
        int given = 0; /* the mucosa counts the devices that it has seen */
        for (int device = 1; device <= devices; device++) {
            if (has_device(dose->skipped, device)) {
                continue;
            }
            given++;
            /* In seconds, so that a dose and an observation five minutes later fall on the same number. */
            double start_s = dose->time + (device - 1) * route->device_spacing;
            double start = start_s / 3600;
            for (int input = 0; input < route->input_count; input++) {
                struct intake intake;
                if (evaluator_intake(evaluator, dose->route, input, given, amount, &intake, why)) {
                    return -1;
                }
                pulses[count++] = (struct pulse){
                    .start = start + intake.lag,
                    .end = (isnan(intake.over) ? (start_s + dose->over) / 3600 : start + intake.over) +
                           intake.lag,
                    .compartment = route->inputs[input].to,
                    .amount = of_device * (has_device(dose->halved, device) ? 0.5 : 1) * intake.fraction,
                };
            }
        }
    }
    return count;
}
