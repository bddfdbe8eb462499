/* serve - the page for a person in a clinic, on an address of this machine: what app/serve/serve_*.c share.
 *
 * A scenario comes in as JSON (serve_scenario), becomes the text of a study (serve_study), which is read by the reader of studies,
 * simulated as `ketsim run` does (serve_simulate), and answered (serve_answers). Nothing of the machine can be named in a scenario: its
 * models are those of the library, and it has no tables.
 */
#ifndef KETSIM_SERVE_H
#define KETSIM_SERVE_H

#include "app/report/plot.h"

#include "model/course.h"
#include "model/study.h"
#include "solver/certificate.h"

#include <jansson.h>
#include <stdio.h>

/* What every request needs, read once. */
struct serve {
    struct units *units;
    struct model *models; /* [model_count]: the library */
    int model_count;
    struct course *courses; /* [course_count] */
    int course_count;
    json_t *defaults; /* a scenario with every key, null where there is no default */
    char *choices;    /* what /api/choices answers, JSON */
};

/* 0, or -1 with the reason in `d`; clearing is allowed either way. */
int serve_init(struct serve *serve, struct diagnostics *d);
void serve_clear(struct serve *serve);

/* What can be chosen on the page. NULL without memory. */
json_t *serve_choices(const struct serve *serve);

/* Serves at a numeric address and a port (0: any that is free) until the program is interrupted, with the address on `out`. 0, or -1 with
 * the reason in `d`. */
int serve_run(const char *address, int port, FILE *out, struct diagnostics *d);

/* --- Scenarios --- */

enum {
    SERVE_SCENARIOS_MAX = 2, /* compared in one request */
    SCENARIO_MODELS_MAX = 4,
    SCENARIO_DEVICES_MAX = 12,
    SCENARIO_SESSIONS_MAX = 200,
    SCENARIO_PATIENTS_MAX = 2000,
    SCENARIO_TIMES_MAX = 5000,
    SCENARIO_TEXT_MAX = 64, /* bytes of any text */
};

struct scenario_quantity {
    const char *text; /* as written; belongs to the JSON; NULL: not given */
    double value;     /* in the unit of its key: h, years, kg, ng/mL; mg or mg/kg */
};

/* Texts belong to the JSON that it was read from, or to `serve`. */
struct scenario {
    const struct model *models[SCENARIO_MODELS_MAX];
    int model_count;
    const char *route;
    struct scenario_quantity dose; /* of a session, all of its devices; text NULL: `amount` */
    bool per_kg;                   /* the dose is */
    double amount;                 /* mg, of devices; else NaN */
    double first;                  /* s, of a session's first device that is given */
    bool by_devices;               /* devices say the dose */
    bool bolus;                    /* in place of `over` */
    struct scenario_quantity over; /* of an infusion */
    const char *drug;              /* NULL: that of the models */
    struct scenario_quantity age, weight;
    bool asian, japanese;
    const struct course *course; /* NULL: single, or `every` */
    struct scenario_quantity every;
    int64_t sessions; /* with `every`; else 1 */
    struct scenario_quantity shift;
    struct scenario_quantity threshold;
    const char *analyte; /* NULL: each model's drug */
    struct scenario_quantity at, to;
    int64_t patients;
    int64_t seed;
};

/* What keys a scenario can have, with their defaults, as a scenario. NULL without memory. */
json_t *scenario_defaults(void);

/* Reads a scenario. Mistakes go to `errors`, each as {scenario: number, field, message}. 0, or -1. `serve` and `json` must outlive it. */
int scenario_read(struct scenario *scenario, const struct serve *serve, const json_t *json, int number,
                  json_t *errors);

/* Adds a mistake. */
void scenario_error(json_t *errors, int number, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The analyte that a model is asked about: the scenario's, or the model's drug. NULL: the model has none of it. */
const char *scenario_analyte(const struct scenario *scenario, const struct model *model);

/* The study file of a scenario. malloc'ed; NULL with the mistake in `errors`, or without memory. */
char *scenario_study_text(const struct scenario *scenario, int number, json_t *errors);

/* Reads the study, which the caller clears. Mistakes go to `errors`, warnings to `warnings` as texts. 0, or -1. */
int scenario_study_read(struct study *study, const struct scenario *scenario, const char *text, int number,
                        json_t *errors, json_t *warnings);

/* --- Results --- */

/* What a simulation leaves: levels and metrics of all patients. */
struct simulation {
    const struct study *study;
    double *levels;      /* [arm][analyte][time][patient], ng/mL; NaN where there is none */
    double *metrics;     /* [arm][analyte][metric][patient] */
    double *in_sessions; /* [arm][metric of the study's thresholds][session][patient] */
    int sessions;        /* most of any arm; 0 where the study asks about no threshold */
    int64_t failed;
    struct certificate certificate; /* of a sample; it holds */
    double seconds;
    double processor_end; /* s of the process: when it has taken too long */
    bool late;
};

double *simulation_levels(const struct simulation *simulation, int arm, int analyte, int time);
double *simulation_sessions(const struct simulation *simulation, int arm, int metric, int session);
double *simulation_metrics(const struct simulation *simulation, int arm, int analyte, int metric);

/* How many numbers that would be: too many are refused before. */
double simulation_size(const struct study *study);
enum { SIMULATION_SIZE_MAX = 4000000 };

/* 0; -1 with the reason in `d`, also where another route finds other levels; `late` says whether it was stopped for taking too long. */
int simulation_run(struct simulation *simulation, const struct study *study, struct diagnostics *d);
void simulation_clear(struct simulation *simulation);

/* The RESULT of a scenario; takes over `warnings`. NULL without memory. */
json_t *simulation_result(const struct simulation *simulation, const struct scenario *scenario,
                          const char *text, json_t *warnings);

/* Its answers. NULL without memory. */
json_t *simulation_answers(const struct simulation *simulation, const struct scenario *scenario);

/* The picture of a study, as `ketsim plot` draws it: malloc'ed. 0; -1 with the reason in `d`; -2 where there is no gnuplot. */
int serve_picture(const struct study *study, enum plot_format format, char **picture, size_t *size,
                  struct diagnostics *d);

#endif
