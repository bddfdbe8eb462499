/* study - what is to be simulated: models, patients, arms with their regimens, a sweep, observations.
 *
 * Read from YAML by study_read; everything that has a default is in the tree that study_resolved writes out.
 * Units: times of the schedule in s (whole seconds stay exact), doses mg, weights kg.
 */
#ifndef KETSIM_STUDY_H
#define KETSIM_STUDY_H

#include "effect_site.h"
#include "events.h"
#include "patient_table.h"

enum distribution_kind {
    DISTRIBUTION_FIXED,       /* a: the value; NaN where only the sweep knows it */
    DISTRIBUTION_PROBABILITY, /* a: the probability of 1 */
    DISTRIBUTION_NORMAL,      /* a: mean, b: sd, cut to [lowest, highest] */
    DISTRIBUTION_LOGNORMAL,   /* a: median, b: sd of the logarithm, cut to [lowest, highest] */
    DISTRIBUTION_UNIFORM,     /* between lowest and highest */
    DISTRIBUTION_LOGUNIFORM,  /* its logarithm between those of lowest and highest */
    DISTRIBUTION_EVENTS,      /* of the study's event table, row by row */
    DISTRIBUTION_TABLE,       /* of the study's table of patients */
};

/* A covariate of the study's patients. */
struct population_covariate {
    const char *name;
    const char *unit;
    bool category;
    enum distribution_kind kind;
    double a, b;
    double lowest, highest;
    int within; /* the covariate whose 1 this category presupposes, -1 without */
    uint32_t random_index;
    int column; /* DISTRIBUTION_EVENTS, DISTRIBUTION_TABLE: of the table */
};

enum { COPULA_MAX = 32 };

/* Covariates that are drawn together, by a Gaussian copula: standard normals with these correlations, whose probabilities each
 * covariate's distribution turns into its values. */
struct copula {
    int count;       /* at most COPULA_MAX */
    int *covariates; /* [count], of the population */
    double *lower;   /* [count][count]: the triangle of model/cholesky.h of the normals' correlations */
};

enum dose_basis { DOSE_ABSOLUTE, DOSE_PER_KG };

/* One dose: repeats are already written out, devices not yet. */
struct dose {
    double time;   /* s */
    int route;     /* of the arm's model */
    double amount; /* mg or mg/kg */
    enum dose_basis basis;
    double over;      /* s; 0: bolus, or as the route says */
    uint32_t skipped; /* bit k: device k + 1 of the dose is not given */
    uint32_t halved;  /* bit k: one of the two sprays of device k + 1 is lost */
    double lost;      /* mg: what of `amount` is not given for these reasons */
    double
        share; /* of the amount that is the model's drug: 0.5 for a racemate given to an S-ketamine model */
};

/* An arm at a point of the sweep. There can be a million: what several share they point to, and all of it belongs to the
 * study. */
struct arm {
    const char *name; /* as written; arms of one name differ in model or point */
    const char *
        label; /* name, of several models its own, in a sweep the values of its axes as the user wrote them */
    int model; /* index into study->models */
    int dose_count;
    const struct dose *doses;       /* by time; same time: as written */
    const double *axis_values;      /* per sweep axis, in the axis's unit */
    const struct setting *settings; /* parameters set by the sweep */
    int setting_count;
    const struct arm *baseline; /* that it is compared with, patient by patient; NULL: none */
    int replicate; /* of the parameter uncertainty, from 1; 0: the model as published. Those of a point follow each other */
    const struct deviation *deviations; /* that the replicate draws for the model */
    int deviation_count;
};

/* How sure an estimate of a model is, as the study says. */
struct uncertain_estimate {
    int parameter;
    bool
        of_variability; /* it is the standard deviation of its random effect, in place of its typical value */
    enum variability scale; /* on which it is off; of a standard deviation VARIABILITY_LOGNORMAL */
    double sd;              /* by so much, on that scale; of VARIABILITY_NORMAL in the internal unit */
};

/* Of the estimates of a model. */
struct model_uncertainty {
    const char *source;                   /* where the numbers come from */
    struct uncertain_estimate *estimates; /* [count] */
    int count;
    double *lower; /* [count][count]: the triangle of model/cholesky.h of their correlations */
};

/* How far off a replicate of the parameter uncertainty takes one estimate of a model to be. */
struct deviation {
    int parameter;
    bool
        of_variability; /* it is the standard deviation of its random effect, in place of its typical value */
    enum variability
        scale; /* estimate * exp(value), and so on; of a standard deviation VARIABILITY_LOGNORMAL */
    double value;
};

/* Where the random effect of a parameter comes from. */
enum effect_origin {
    EFFECT_SAMPLED,
    EFFECT_SUPPLIED, /* each patient's by the table of patients */
    EFFECT_FIXED,    /* the same in all patients */
};

struct effect_source {
    enum effect_origin origin;
    double value; /* EFFECT_FIXED: internal unit */
    int column;   /* EFFECT_SUPPLIED: of the table */
};

/* Of a model's random effects. */
struct effect_sources {
    struct effect_source effects[MODEL_PARAMETERS_MAX]; /* [effect] */
    int supplied[MODEL_PARAMETERS_MAX];                 /* those that are supplied */
    int supplied_count;
    double *gain; /* [effect][supplied_count]: what knowing them tells of the others; see model/effects.h */
};

struct sweep_axis {
    char *name; /* owned */
    const char *unit;
    int covariate; /* of the population: the one that it sets, -1: none */
};

/* What a design is made for: which axes a metric depends on. */
enum sensitivity_kind { SENSITIVITY_NONE, SENSITIVITY_SOBOL, SENSITIVITY_MORRIS };

struct sensitivity {
    enum sensitivity_kind kind;
    int64_t rows;       /* of the design; each has points of its own */
    double *steps;      /* Morris: [row][axis], in parts of the axis; owned */
    double quantile;    /* of the patients at a point, in (0, 1); NaN: their mean */
    double confidence;  /* of the intervals, in (0, 1) */
    int64_t replicates; /* of the bootstrap */
};

enum applicability { APPLICABILITY_REFUSE, APPLICABILITY_WARN, APPLICABILITY_IGNORE };

/* How quantiles over patients are found: exactly where that fits, exactly in any case, from counts in any case. */
enum quantile_method { QUANTILES_AUTO, QUANTILES_EXACT, QUANTILES_STREAMING };

enum store {
    STORE_PROFILES = 1,
    STORE_EXPOSURE = 2,
    STORE_QUANTILES = 4,
    STORE_OBSERVATIONS = 8,
    STORE_RANDOM_EFFECTS = 16,
};

/* A metric that the study asks for. */
struct metric_request {
    int metric;       /* index into exposure_metrics of solver/exposure.h */
    char name[64];    /* in the result: the metric's own, or auc_0h_to_4h, time_above_50 */
    double from, to;  /* h: of auc_between */
    double threshold; /* ng/mL: of time_above, first_above, last_above */
    double after;     /* h since the start of a session: of level_at */
    int analyte;      /* of a metric of sessions: the analyte that it is of */
};

/* A level that the study asks about: how many patients are above it, and until when. */
struct threshold {
    const char *analyte;
    double level;       /* ng/mL */
    const char *source; /* where it is from; NULL: the study does not say */
    const char *name;   /* of a published one (published_threshold.h), as the rest; else NULL */
    const char *meaning;
    const char *limits;
};

/* What is asked about thresholds, of each session of each arm. */
struct thresholds {
    struct threshold *levels;
    int count;
    double *after; /* h since the start of a session, increasing: how many are above then */
    int after_count;
    double *fractions; /* in (0, 1), increasing: until when so many are below */
    int fraction_count;
    struct metric_request *metrics; /* of each patient and session, that the answers are computed from */
    int metric_count;
};

/* How the terminal slope of a profile is found. */
struct slope_rules {
    bool include_tmax; /* the highest level may be part of it */
    int points;        /* at least so many levels; fewer than 3 are 3 */
    bool fixed;        /* fit all levels from .. to, in place of choosing the best fit */
    double from, to;   /* h */
    double above;      /* ng/mL: lower levels are not fitted */
};

/* A value that `ketsim optimize` may give what the study varies. */
struct optimize_candidate {
    double value;     /* in the unit of study->optimize */
    const char *text; /* as the user wrote it, or would */
};

/* A bound on the probability, over the patients, that something happens to an analyte: that a metric of it, or its level at a time,
 * is above or below a threshold. Texts are as written. */
struct constraint {
    int analyte;
    int metric; /* index into study->metrics; -1: the level at a time */
    int time;   /* index into study->times, of a level */
    const char *time_text;
    bool below;       /* the event: lower than the threshold; else higher */
    double threshold; /* in `unit` */
    const char *unit; /* of the level or metric */
    const char *threshold_text;
    bool at_most;       /* else at least */
    double probability; /* 0 to 1 */
    const char *probability_text;
};

enum { CONSTRAINTS_MAX = 32 };

/* What `ketsim optimize` looks for: candidates that keep to all constraints. */
struct optimize {
    const char *vary; /* what is varied, as written: "arms.nasal.dose"; NULL: the study asks for nothing */
    const char *what; /* the last word of it: "dose" */
    const char *unit; /* "mg" */
    struct optimize_candidate *candidates; /* owned, increasing */
    int candidate_count;
    char *texts;                    /* owned: of candidates */
    struct constraint *constraints; /* owned */
    int constraint_count;
    bool largest; /* which candidate is recommended; else the smallest */
};

/* A file that the study names: a model by its path, or a table. */
struct study_input {
    char *name; /* as the study has it; owned */
    char *text; /* owned; ends in '\0' */
    size_t size;
};

struct study {
    struct document document; /* the resolved study; owns all text below */
    char *source;             /* the file as read, before --set and defaults */
    struct study_input *inputs;
    int input_count;
    const char *title;
    uint64_t seed;
    bool has_start; /* the study says on what date it starts: */
    int64_t start;  /* s since 1970-01-01 00:00, every day of 24 h */

    struct model *models;
    int model_count;
    struct effect_sources *effects;  /* [model]; NULL: all are sampled */
    struct effect_site *effect_site; /* that was added to the models; NULL: none */

    int64_t patient_count;
    bool variability;
    enum applicability applicability;
    struct population_covariate *covariates;
    int covariate_count;
    struct copula copula;
    double adult_age; /* 18 years in the unit of the covariate age; NaN where there is none */

    struct sweep_axis *axes;
    int axis_count;
    int point_count;  /* 1 without a sweep */
    double *points;   /* [point][axis], in the axes' units */
    struct arm *arms; /* after the sweep: arms as written x points */
    int arm_count;
    struct sensitivity sensitivity;
    struct optimize
        optimize; /* read by study_read_candidates: each point of the sweep has an arm per candidate, in their order */
    struct model_uncertainty *uncertainty; /* [model]; NULL: none is stated */
    int replicates;                        /* of it, at every point of the sweep; 0: none */
    double confidence;                     /* of the intervals over them, in (0, 1) */
    struct deviation *deviations;          /* of all arms */
    struct dose *doses;                    /* of all arms */
    struct setting *settings;              /* of all arms */
    char *labels;                          /* of all arms */

    struct patient_table *table; /* whose rows are the patients; NULL: they are drawn */
    struct event_table *events;  /* whose rows dose and observe the patients; NULL: the arms and `times` do */

    double *times; /* observations, h, increasing */
    int time_count;
    const char **analytes; /* of all models, in the order of first appearance */
    int analyte_count;

    struct metric_request *metrics;
    int metric_count;
    bool per_profile;   /* metrics of whole profiles */
    bool per_interval;  /* metrics of each dosing interval */
    bool from_solution; /* metrics are of the solution, in place of the observations */
    struct slope_rules slope;
    struct thresholds thresholds;
    double *quantiles; /* in (0, 1), increasing */
    int quantile_count;
    enum quantile_method quantile_method;
    const char *auc_rule; /* linear-up log-down | linear */

    const char *method; /* an integrator's name */
    double rtol;
    double atol;       /* mg */
    int64_t max_steps; /* between two doses */
    unsigned store;    /* of enum store */
    bool float32;
    bool deflate; /* the finished file is compressed */
};

/* What an analyte of the study is, as the first model that has it says; NULL where none has. All that have it agree on
 * whether it is a level or an effect. */
const struct output *study_output(const struct study *study, int analyte);

#endif
