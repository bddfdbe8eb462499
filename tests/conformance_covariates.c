/* Covariates that change from row to row, against closed forms that are advanced piece by piece. */
#include "closed_form.h"
#include "conformance.h"

enum { STEPS_MAX = 16 };

/* Goes on for `hours` with the parameters of `weight` and an infusion into central; then amounts are added (`sets`: take
 * the place of all), and the row is looked at. */
struct step {
    double hours, weight, rate;
    double depot, central;
    int row; /* of the table, from 0; -1: none */
    bool sets;
};

static const struct covariate_case {
    const char *title;
    const char *sweep;
    const char *events;
    const char *rows; /* ID,TIME,EVID,AMT,RATE,CMT,ADDL,II,SS,WT */
    struct step steps[STEPS_MAX];
} cases[] = {
    {
        .title = "nocb: clearance is that of the later row",
        .rows = "1,0,1,100,0,2,0,0,0,70\n"
                "1,2,0,0,0,0,0,0,0,80\n"
                "1,6,0,0,0,0,0,0,0,50\n"
                "1,6,2,0,0,0,0,0,0,90\n"
                "1,12,0,0,0,0,0,0,0,60\n",
        .steps = {{0, 70, .central = 100},
                  {2, 80, .row = 1},
                  {4, 50, .row = 2},
                  {0, 90, .row = 3},
                  {6, 60, .row = 4}},
    },
    {
        .title = "locf: clearance is that of the earlier row",
        .events = "covariates: locf",
        .rows = "1,0,1,100,0,2,0,0,0,70\n"
                "1,2,0,0,0,0,0,0,0,80\n"
                "1,6,0,0,0,0,0,0,0,50\n"
                "1,6,2,0,0,0,0,0,0,90\n"
                "1,12,0,0,0,0,0,0,0,60\n",
        .steps = {{0, 70, .central = 100},
                  {2, 70, .row = 1},
                  {4, 80, .row = 2},
                  {0, 50, .row = 3},
                  {6, 90, .row = 4}},
    },
    {
        .title = "nocb: the volume, too, and amounts stay",
        .sweep = "VW: [0.2]",
        .rows = "1,0,1,100,0,1,0,0,0,70\n"
                "1,2,0,0,0,0,0,0,0,80\n"
                "1,2,0,0,0,0,0,0,0,40\n"
                "1,9,1,30,0,2,0,0,0,110\n"
                "1,12,0,0,0,0,0,0,0,60\n",
        .steps = {{0, 70, .depot = 100},
                  {2, 80, .row = 1},
                  {0, 40, .row = 2},
                  {7, 110, .central = 30, .row = 3},
                  {3, 60, .row = 4}},
    },
    {
        .title = "locf: the level is that by the volume of its own row",
        .sweep = "VW: [0.2]",
        .events = "covariates: locf",
        .rows = "1,0,1,100,0,1,0,0,0,70\n"
                "1,2,0,0,0,0,0,0,0,80\n"
                "1,2,0,0,0,0,0,0,0,40\n"
                "1,9,1,30,0,2,0,0,0,110\n"
                "1,12,0,0,0,0,0,0,0,60\n",
        .steps = {{0, 70, .depot = 100},
                  {2, 70, .row = 1},
                  {0, 80, .row = 2},
                  {7, 40, .central = 30, .row = 3},
                  {3, 110, .row = 4}},
    },
    {
        .title = "nocb: an infusion runs through",
        .rows = "1,0,1,100,10,2,0,0,0,70\n"
                "1,4,0,0,0,0,0,0,0,100\n"
                "1,15,0,0,0,0,0,0,0,40\n",
        .steps = {{0, 70}, {4, 100, 10, .row = 1}, {6, 40, 10, .row = -1}, {5, 40, .row = 2}},
    },
    {
        .title = "nocb: RATE -1 follows the weight while it runs",
        .rows = "1,0,1,100,-1,2,0,0,0,70\n"
                "1,2,0,0,0,0,0,0,0,80\n"
                "1,5,0,0,0,0,0,0,0,50\n"
                "1,10,0,0,0,0,0,0,0,100\n",
        .steps = {{0, 70},
                  {2, 80, 16, .row = 1},
                  {3, 50, 10, .row = 2},
                  {1.9, 100, 20, .row = -1},
                  {3.1, 100, .row = 3}},
    },
    {
        .title = "locf: RATE -1 follows the weight while it runs",
        .events = "covariates: locf",
        .rows = "1,0,1,100,-1,2,0,0,0,70\n"
                "1,2,0,0,0,0,0,0,0,80\n"
                "1,5,0,0,0,0,0,0,0,50\n"
                "1,10,0,0,0,0,0,0,0,100\n",
        .steps = {{0, 70},
                  {2, 70, 14, .row = 1},
                  {3, 80, 16, .row = 2},
                  {2.4, 50, 10, .row = -1},
                  {2.6, 50, .row = 3}},
    },
    {
        .title = "nocb: two infusions at RATE -1, one of them additional",
        .rows = "1,0,1,40,-1,2,1,1,0,50\n"
                "1,3,0,0,0,0,0,0,0,50\n"
                "1,6,0,0,0,0,0,0,0,100\n",
        /* the first to 4 at 10 mg/h up to 3, then at 20: it has 10 left and ends at 3.5, the second 20 left, at 4 */
        .steps = {{0, 50},
                  {1, 50, 10, .row = -1},
                  {2, 50, 20, .row = 1},
                  {0.5, 100, 40, .row = -1},
                  {0.5, 100, 20, .row = -1},
                  {2, 100, .row = 2}},
    },
    {
        .title = "nocb: F and the lag are those of the dose's row, also of additional doses",
        .sweep = "FW: [1], LW: [1]",
        .rows = "1,0,1,100,0,2,1,10,0,70\n"
                "1,3,0,0,0,0,0,0,0,80\n"
                "1,6,0,0,0,0,0,0,0,50\n"
                "1,16,0,0,0,0,0,0,0,90\n",
        .steps = {{0, 70},
                  {3, 80, .row = 1},
                  {0.5, 50, .central = 70, .row = -1},
                  {2.5, 50, .row = 2},
                  {7.5, 90, .central = 70, .row = -1},
                  {2.5, 90, .row = 3}},
    },
    {
        .title = "locf: F and the lag are those of the dose's row, also of additional doses",
        .sweep = "FW: [1], LW: [1]",
        .events = "covariates: locf",
        .rows = "1,0,1,100,0,2,1,10,0,70\n"
                "1,3,0,0,0,0,0,0,0,80\n"
                "1,6,0,0,0,0,0,0,0,50\n"
                "1,16,0,0,0,0,0,0,0,90\n",
        .steps = {{0, 70},
                  {3, 70, .row = 1},
                  {0.5, 80, .central = 70, .row = -1},
                  {2.5, 80, .row = 2},
                  {7.5, 50, .central = 70, .row = -1},
                  {2.5, 50, .row = 3}},
    },
    {
        .title = "a steady state is that by the parameters of its row",
        /* k(140 kg) = 0.11 / h: 100 mg every ln(2) / 0.11 h leave 100 mg, and bring 100 more */
        .rows = "1,0,1,55,0,2,0,0,0,70\n"
                "1,4,1,100,0,2,0,6.301338005090411,1,140\n"
                "1,9,0,0,0,0,0,0,0,35\n",
        .steps = {{0, 70, .central = 55},
                  {0, 140, .central = 200, .row = 1, .sets = true},
                  {5, 35, .row = 2}},
    },
    {
        .title = "a constant infusion at RATE -1, by the parameters of its row",
        .rows = "1,0,1,0,-1,2,0,0,1,140\n"
                "1,7,0,0,0,0,0,0,0,35\n",
        .steps = {{0, 140, .central = 28 / 0.11}, {7, 35, .row = 1}},
    },
};

static const char model[] = "model: oral\n"
                            "title: One compartment with a depot\n"
                            "citation: none\n"
                            "drug: other\n"
                            "sampling: unstated\n"
                            "covariates: {weight: {unit: kg, default: 70 kg}}\n"
                            "parameters:\n"
                            "  VW: {typical: 0}\n"
                            "  FW: {typical: 0}\n"
                            "  LW: {typical: 0}\n"
                            "  CL: {typical: 1.1*weight/70, unit: L/h}\n"
                            "  V: {typical: 20 + VW*(weight - 70), unit: L}\n"
                            "  F2: {typical: 1 - FW + FW*weight/100}\n"
                            "  ALAG2: {typical: LW*weight/20, unit: h}\n"
                            "  R2: {typical: 0.2*weight}\n"
                            "compartments: [depot, central]\n"
                            "flows:\n"
                            "  - {from: depot, to: central, rate: \"1.5\"}\n"
                            "  - {from: central, rate: CL/V}\n"
                            "routes: {iv: {inputs: [{to: central}]}}\n"
                            "doses: {central: {fraction: F2, lag: ALAG2, rate: R2}}\n"
                            "outputs: {ketamine: {amount: central, volume: V}}\n";

static void check_steps(struct score *score, const struct covariate_case *c, const struct event_run *run)
{
    const struct event_table *table = run->study.events;
    const bool volumes = c->sweep && strstr(c->sweep, "VW");
    struct oral_amounts x = {0};
    for (int i = 0; i < STEPS_MAX && c->steps[i].weight > 0; i++) {
        const struct step *step = &c->steps[i];
        const double v = volumes ? 20 + 0.2 * (step->weight - 70) : 20;
        const struct oral_model m = {1.5L, 1.1L * step->weight / 70 / v, v};
        x = oral_advance(&m, x, step->rate, step->hours);
        x.depot = step->sets ? step->depot : x.depot + step->depot;
        x.central = step->sets ? step->central : x.central + step->central;
        if (step->row >= 0) {
            const double weight = table->values[step->row * table->column_count];
            const double seen = volumes ? 20 + 0.2 * (weight - 70) : 20;
            score_value(score, step->row, event_run_level(run, 0, step->row),
                        (double)(1000 * x.central / seen), score_relative(score), score_absolute(score));
            score_value(score, step->row, event_run_parameter(run, 0, step->row, "CL"), 1.1 * weight / 70,
                        1e-14, 0);
        }
    }
}

void conformance_covariates(struct score *score)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct covariate_case *c = &cases[i];
        char table[2048];
        char study[512];
        snprintf(table, sizeof(table), "ID,TIME,EVID,AMT,RATE,CMT,ADDL,II,SS,WT\n%s", c->rows);
        snprintf(study, sizeof(study),
                 "title: A case\nmodel: model.yaml\nseed: 1\nevents: {columns: {WT: weight}, %s}\n%s%s%s",
                 c->events ? c->events : "", c->sweep ? "sweep: {design: grid, " : "",
                 c->sweep ? c->sweep : "", c->sweep ? "}\n" : "");
        const struct event_input input = {model, table, study, false, score->method, 1};
        struct event_run run;
        score_begin(score, c->title);
        if (event_run(&run, &input)) {
            check_steps(score, c, &run);
        } else {
            score_broken(score, &run.d);
        }
        score_end(score);
        event_run_clear(&run);
    }
}
