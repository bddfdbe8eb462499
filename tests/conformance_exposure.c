/* Exposure metrics of studies whose levels are single exponentials, where the field's rules are exact. */
#include "conformance.h"

enum { METRICS_MAX = 16 };

#define CL 4.0
#define V 30.0
#define K (CL / V)
#define PEAK (1000 * 20 / V)               /* ng/mL, after 20 mg at once */
#define LEFT(HOURS) exp(-K *(HOURS))       /* part of it that is left */
#define GONE(HOURS) (-expm1(-K * (HOURS))) /* and that is not */
#define STEADY (PEAK / GONE(12))           /* peak, every 12 h */
#define PLATEAU (1000 * 10 / CL)           /* of 10 mg/h */

struct exposure_case {
    const char *title;
    const char *table;
    const char *study;
    struct {
        const char *name;
        double value;
    } metrics[METRICS_MAX];
};

static const char model[] = "model: decay\n"
                            "title: One compartment\n"
                            "citation: none\n"
                            "drug: racemate\n"
                            "sampling: venous\n"
                            "parameters:\n"
                            "  CL: {typical: 4, unit: L/h}\n"
                            "  V: {typical: 30, unit: L}\n"
                            "compartments: [central]\n"
                            "flows: [{from: central, rate: CL/V}]\n"
                            "routes: {iv: {inputs: [{to: central}]}}\n"
                            "outputs: {ketamine: {amount: central, volume: V}}\n";

void conformance_exposure(struct score *score)
{
    const struct exposure_case cases[] = {
        {
            .title = "a bolus",
            .study =
                "arms: [{name: a, regimen: [{route: iv, dose: 20 mg}]}]\n"
                "observe: {to: 60 h, every: 30 min}\n"
                "exposure: {metrics: [cmax, tmax, clast, tlast, auc_last, auc_inf, auc_inf_pred, lambda_z, "
                "half_life, cl, "
                "vz, vss, mrt], auc_between: [{from: 2 h, to: 10 h}]}\n",
            .metrics = {{"cmax", PEAK * LEFT(0.5)},
                        {"tmax", 0.5},
                        {"clast", PEAK * LEFT(60)},
                        {"tlast", 60},
                        {"auc_last", PEAK / K * GONE(60)},
                        {"auc_inf", PEAK / K},
                        {"auc_inf_pred", PEAK / K},
                        {"lambda_z", K},
                        {"half_life", M_LN2 / K},
                        {"cl", CL},
                        {"vz", V},
                        {"vss", V},
                        {"mrt", 1 / K},
                        {"auc_2h_to_10h", PEAK / K * (LEFT(2) - LEFT(10))}},
        },
        {
            .title = "an infusion over 2 h",
            .study = "arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 2 h}]}]\n"
                     "observe: {to: 60 h, every: 1 h}\n"
                     "exposure: {metrics: [cmax, tmax, auc_last, auc_inf, lambda_z, half_life, cl, vz]}\n",
            /* linear where the level rises: trapezoids of 1 h */
            .metrics = {{"cmax", PLATEAU * GONE(2)},
                        {"tmax", 2},
                        {"auc_inf", PLATEAU * (GONE(1) + GONE(2) / 2 + GONE(2) / K)},
                        {"auc_last", PLATEAU * (GONE(1) + GONE(2) / 2 + GONE(2) / K * GONE(58))},
                        {"cl", 20000 / (PLATEAU * (GONE(1) + GONE(2) / 2 + GONE(2) / K))},
                        {"lambda_z", K},
                        {"half_life", M_LN2 / K}},
        },
        {
            .title = "an infusion over 2 h, from the solution",
            .study =
                "arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 2 h}]}]\n"
                "observe: {to: 60 h, every: 5 h}\n"
                "exposure: {from: solution, metrics: [cmax, tmax, auc_last, auc_inf, half_life, cl, vz, vss, "
                "mrt], time_above: [300 ng/mL]}\n",
            .metrics = {{"cmax", PLATEAU * GONE(2)},
                        {"tmax", 2},
                        {"auc_last", PLATEAU * (2 - GONE(2) / K * LEFT(58))},
                        {"auc_inf", 1000 * 20 / CL},
                        {"half_life", M_LN2 / K},
                        {"cl", CL},
                        {"vz", V},
                        {"vss", V},
                        {"mrt", 1 / K}},
        },
        {
            .title = "a bolus every 12 h, in steady state",
            .study = "arms: [{name: a, regimen: [{route: iv, dose: 20 mg, every: 12 h, times: 24}]}]\n"
                     "observe: {to: 288 h, every: 1 h}\n"
                     "exposure: {metrics: [auc_tau, ctrough, cmin, cav, cl, vz, fluctuation, swing, "
                     "accumulation]}\n",
            .metrics = {{"auc_tau", PEAK / K},
                        {"ctrough", STEADY * LEFT(12)},
                        {"cmin", STEADY * LEFT(12)},
                        {"cav", PEAK / K / 12},
                        {"accumulation", 1 / GONE(12)},
                        {"fluctuation", 100 * STEADY * (LEFT(1) - LEFT(12)) / (PEAK / K / 12)},
                        {"swing", (LEFT(1) - LEFT(12)) / LEFT(12)}},
        },
        {
            .title = "the rows of an event table",
            .table = "ID,TIME,EVID,AMT,CMT\n"
                     "1,0,1,20,iv\n"
                     "1,0,0,.,.\n"
                     "1,1,0,.,.\n"
                     "1,7,0,.,.\n"
                     "1,8,2,.,.\n"
                     "1,20,0,.,.\n"
                     "1,31,0,.,.\n",
            .study = "exposure: {metrics: [cmax, tmax, clast, tlast, auc_last, auc_inf, lambda_z, half_life, "
                     "cl]}\n",
            .metrics = {{"cmax", PEAK},
                        {"tmax", 0},
                        {"clast", PEAK * LEFT(31)},
                        {"tlast", 31},
                        {"auc_last", PEAK / K * GONE(31)},
                        {"auc_inf", PEAK / K},
                        {"lambda_z", K},
                        {"half_life", M_LN2 / K}},
        },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct exposure_case *c = &cases[i];
        char study[1024];
        snprintf(study, sizeof(study), "title: A case\nmodel: model.yaml\nseed: 1\n%s", c->study);
        const struct event_input input = {model, c->table, study, false, score->method, 1};
        struct event_run run;
        score_begin(score, c->title);
        if (event_run(&run, &input)) {
            for (int m = 0; m < METRICS_MAX && c->metrics[m].name; m++) {
                score_value(score, m, event_run_metric(&run, 0, 0, c->metrics[m].name), c->metrics[m].value,
                            score_relative(score), score_absolute(score));
            }
        } else {
            score_broken(score, &run.d);
        }
        score_end(score);
        event_run_clear(&run);
    }
}
