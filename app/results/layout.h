/* layout - which variables the result file of a study holds: their names, dimensions, types, units and
 * meaning.
 *
 * Says nothing of how a file is written. A variable is one row that is made in one place in layout.c; the
 * metadata, the worker threads' writing and the places in the file are loops over the rows.
 */
#ifndef KETSIM_LAYOUT_H
#define KETSIM_LAYOUT_H

#include "hdf.h"
#include "quantile_counts.h"

#include "solver/sweep.h"

/* What a variable is, as its attribute `role` says it: readers go by that and not by names. */
#define ROLE_LIST(X)                                                                                         \
    X(ROLE_COORDINATE, "coordinate")                                                                         \
    X(ROLE_INPUT_TEXT, "input_text")     /* a file that the study names */                                   \
    X(ROLE_ARM_NAME, "arm_name")         /* the name of an arm without model and sweep values */             \
    X(ROLE_MODEL, "model")               /* the name of an arm's model */                                    \
    X(ROLE_BASELINE, "baseline")         /* the label of the arm that an arm is compared with */             \
    X(ROLE_SWEEP, "sweep")               /* the value of a sweep axis in an arm */                           \
    X(ROLE_REPLICATE, "replicate")       /* of the parameter uncertainty that an arm is of */                \
    X(ROLE_DEVIATION, "deviation")       /* how far a replicate moves an estimate */                         \
    X(ROLE_STATUS, "status")             /* enum patient_status */                                           \
    X(ROLE_FAILURE_TIME, "failure_time") /* when a patient failed */                                         \
    X(ROLE_STEPS, "steps")               /* solver steps */                                                  \
    X(ROLE_OUTSIDE, "outside")           /* limits of the model that are broken, a bit each */               \
    X(ROLE_CLAMPED, "clamped")           /* parameters set to a limit of their physical range */             \
    X(ROLE_PATIENT, "patient")           /* what the study alone says of a patient */                        \
    X(ROLE_COVARIATE, "covariate")                                                                           \
    X(ROLE_PARAMETER, "parameter")                                                                           \
    X(ROLE_EFFECT, "random_effect")            /* of a parameter, between patients */                        \
    X(ROLE_OCCASION_EFFECT, "occasion_effect") /* of a parameter, on each occasion */                        \
    X(ROLE_METRIC, "metric")                   /* an exposure metric of an analyte */                        \
    X(ROLE_INTERVAL, "interval_time")          /* when the dosing intervals of an arm start, or end */       \
    X(ROLE_INTERVAL_METRIC, "interval_metric") /* an exposure metric in each dosing interval */              \
    X(ROLE_SESSION, "session_time")            /* when the sessions of an arm start, or end */               \
    X(ROLE_SESSION_METRIC, "session_metric")   /* a metric of each session, of the study's thresholds */     \
    X(ROLE_ANSWERED, "answered")               /* patients that answers are of */                            \
    X(ROLE_ABOVE, "above") /* probability of being above a threshold, or an end of its interval */           \
    X(ROLE_BELOW, "below") /* until when a fraction is below a threshold, or an end */                       \
    X(ROLE_SLOPE_FLAGS, "slope_flags") /* what makes the terminal slope of an analyte doubtful */            \
    X(ROLE_METRIC_UNIT, "metric_unit") /* the unit of a metric whose sensitivity is known */                 \
    X(ROLE_SENSITIVITY,                                                                                      \
      "sensitivity") /* an estimate of an axis' part in a metric, or an end of its interval */               \
    X(ROLE_SENSITIVITY_DROPPED, "sensitivity_dropped") /* rows that are left out */                          \
    X(ROLE_SENSITIVITY_GAP, "sensitivity_gap")         /* enum sensitivity_gap */                            \
    X(ROLE_QUANTILE, "quantile")                 /* quantiles over the patients of an analyte's levels */    \
    X(ROLE_PROFILE, "profile")                   /* an analyte's levels */                                   \
    X(ROLE_RECORD, "record")                     /* what a row of the event table says */                    \
    X(ROLE_RECORD_COVARIATE, "record_covariate") /* a covariate in a row */                                  \
    X(ROLE_RECORD_PARAMETER, "record_parameter") /* a patient's parameter in a row */                        \
    X(ROLE_RECORD_OCCASION_EFFECT, "record_occasion_effect") /* of a parameter, on the occasion of a row */  \
    X(ROLE_RECORD_LEVEL, "record_level")                     /* an analyte's level at a row */               \
    X(ROLE_RECORD_OBSERVED, "record_observed")               /* the same with residual error */              \
    X(ROLE_OBSERVED, "observed")                             /* the levels with residual error */            \
    X(ROLE_SAMPLE, "sample")         /* how a simulation of the sample agrees with another route */          \
    X(ROLE_BLOCK_WORK, "block_work") /* what solving a block took */                                         \
    X(ROLE_CHECKSUM, "checksum")     /* of what a block wrote, per variable */

enum role {
#define X(symbol, text) symbol,
    ROLE_LIST(X)
#undef X
        ROLE_COUNT,
};

const char *role_text(enum role role);

/* Whether its variables say something of the arms themselves: coordinates beside their labels. */
bool role_labels_arms(enum role role);

/* Whether the study alone determines its numbers; those of coordinates, too, that are no texts. */
bool role_is_of_study(enum role role);

/* Whether a variable of the role is of an analyte. */
bool role_is_of_analyte(enum role role);

/* Whether its variables hold texts. */
bool role_is_text(enum role role);

/* The role that a text names, ROLE_COUNT for none. */
enum role role_find(const char *text);

enum dimension {
    DIMENSION_TIME,
    DIMENSION_ARM,
    DIMENSION_PATIENT,
    DIMENSION_QUANTILE,
    DIMENSION_INTERVAL,
    DIMENSION_OCCASION, /* from one dose to the next */
    DIMENSION_SESSION,
    DIMENSION_AFTER,     /* times since the start of a session */
    DIMENSION_BELOW,     /* fractions of the patients who are below a threshold */
    DIMENSION_RECORD,    /* rows of the event table */
    DIMENSION_BLOCK,     /* of solver/sweep.h: patients who are simulated together */
    DIMENSION_CHECKED,   /* variables that blocks write, each with a checksum per block */
    DIMENSION_TREATMENT, /* arms as the study writes them: without the points of a design */
    DIMENSION_METRIC,
    DIMENSION_AXIS,   /* of the sweep */
    DIMENSION_INPUT,  /* files that the study names */
    DIMENSION_SAMPLE, /* simulations that are solved again (solver/certificate.h) */
    DIMENSION_COUNT
};

/* The dimensions that go with a role; of what may differ between arms those of a variable of so many. NULL
 * where none do. */
struct role_shape {
    int rank;
    enum dimension dimensions[HDF_RANK_MAX];
};
const struct role_shape *role_shape(enum role role, int rank);

/* The name of the dimension, and of the variable that is its coordinate. */
const char *dimension_name(enum dimension dimension);

struct layout_variable {
    char name[128];
    char long_name[256];
    char unit[64];
    const char *comment; /* static, or NULL */
    enum role role;
    enum hdf_type type;
    int rank;
    enum dimension dimensions[HDF_RANK_MAX];
    int index; /* by role: of the covariate, sweep axis, analyte or metric, in the lists of the study; of interval
                        times and of sessions 0: starts, 1: ends; of block work: of enum block_work; of
                        sensitivity: 3 x statistic + 0: estimate, 1: lower, 2: upper end; of answers 3 x threshold +
                        the same; of the sample: of enum sample_column */
    int analyte; /* of a metric, its flags, a quantile, profile or observed */
    int model;   /* ROLE_DEVIATION: whose estimate `index` it is */
    int *
        parameters; /* of parameters and random effects: per model its parameter, -1 where it has none; owned */
    bool scratch;   /* kept for the quantiles only, and not in the result */
    int64_t offset; /* bytes from the start of its file; filled by who makes the file */
};

struct layout {
    struct layout_variable *variables;
    int count;
    int capacity;
    int64_t sizes[DIMENSION_COUNT]; /* 0 where there are none */
    struct quantile_plan quantiles; /* how they are found */
    struct certificate_sample sample;
    double *interval_times; /* [start, end][arm][interval], h; NaN beyond the arm's last; NULL without */
    double *session_times;  /* the same of sessions */
    int block_lanes;        /* patients x arms per block; the last one may hold fewer */
};

/* What ROLE_BLOCK_WORK variables say of a block. */
enum block_work { BLOCK_STEPS, BLOCK_EVALUATIONS, BLOCK_BATCHES, BLOCK_WORK_COUNT };

/* What ROLE_SAMPLE variables say of a simulation. */
enum sample_column {
    SAMPLE_ARM,
    SAMPLE_PATIENT,
    SAMPLE_OUTCOME, /* enum certificate_outcome */
    SAMPLE_DISCREPANCY,
    SAMPLE_TIME,
    SAMPLE_ANALYTE, /* of the study */
    SAMPLE_LEVEL,
    SAMPLE_REFERENCE,
    SAMPLE_IMBALANCE,
    SAMPLE_COLUMN_COUNT
};

/* The value of SAMPLE_ARM or SAMPLE_PATIENT, which the study alone says, at a position in the sample. */
int64_t layout_sample_whole(const struct layout *layout, const struct study *study,
                            const struct layout_variable *variable, int64_t position);

/* Whether the study alone says it; blocks do not write it then. */
static inline bool layout_sample_is_study(const struct layout_variable *variable)
{
    return variable->index == SAMPLE_ARM || variable->index == SAMPLE_PATIENT;
}

/* What ROLE_PATIENT variables say. */
enum patient_column { PATIENT_LINE /* of the table of patients */, PATIENT_COLUMN_COUNT };

/* The value of such a variable for a patient (from 0). */
int64_t layout_patient_whole(const struct study *study, const struct layout_variable *variable,
                             int64_t patient);

/* An estimate and both ends of its interval. */
enum { SENSITIVITY_BOUNDS = 3, ANSWER_BOUNDS = 3 };

/* The variable of a metric, by its number in DIMENSION_METRIC. */
const struct layout_variable *layout_metric(const struct layout *layout, int64_t metric);

/* What ROLE_RECORD variables say of a row. */
enum record_column {
    RECORD_PATIENT,
    RECORD_LINE,
    RECORD_KIND,
    RECORD_TIME,
    RECORD_AMOUNT,
    RECORD_OBSERVED,
    RECORD_COLUMN_COUNT
};

/* The value of such a variable, or of a ROLE_RECORD_COVARIATE, for a row; the second of those of type
 * HDF_INT64. */
double layout_record_number(const struct event_table *events, const struct layout_variable *variable,
                            int64_t record);
int64_t layout_record_whole(const struct event_table *events, const struct layout_variable *variable,
                            int64_t record);

/* Whether the sweep sets a parameter of a model in all patients, whose random effect then has no part in it. */
bool layout_is_set(const struct study *study, int model, int parameter);

/* The value of a ROLE_DEVIATION in an arm, in its unit: 0 of the model as published, NaN of another model. */
double layout_deviation(const struct study *study, const struct layout_variable *variable, int64_t arm);

/* 0, or -1 with the reason in `d`: two variables of one name, or more numbers than a file can hold. The
 * texts that it points to belong to the study. */
int layout_init(struct layout *layout, const struct study *study, struct diagnostics *d);
void layout_clear(struct layout *layout);

/* How many values a variable has, and how many bytes they are (0 for texts). */
int64_t layout_values(const struct layout *layout, const struct layout_variable *variable);
int64_t layout_bytes(const struct layout *layout, const struct layout_variable *variable);

/* Whether blocks write the variable: each a range of its own, all of them all of it. */
bool layout_is_checked(const struct layout_variable *variable);

/* The range of a variable that block `block` writes, in bytes from the variable's start; empty where it
 * writes none. */
struct layout_range {
    int64_t offset;
    int64_t bytes;
};
struct layout_range layout_block_range(const struct layout *layout, const struct study *study,
                                       const struct layout_variable *variable, int64_t block);

/* Value `i` of a ROLE_INTERVAL or ROLE_SESSION variable, and of a coordinate that is a number. */
double layout_time(const struct layout *layout, const struct layout_variable *variable, int64_t i);
double layout_coordinate(const struct study *study, const struct layout_variable *variable, int64_t i);

/* Whether it is the coordinate of its dimension. */
bool layout_is_coordinate(const struct layout_variable *variable);

#endif
