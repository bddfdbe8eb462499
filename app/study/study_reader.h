/* study_reader - what the parts of the study reader share; for app/study/study_*.c only.
 *
 * The parts run one after the other, each over its section of the file, also after a mistake, so that all mistakes
 * are told at once. A part therefore passes over what schema_apply has told already: a node that is missing, of
 * the wrong kind or malformed. Nothing is used of a study with mistakes.
 */
#ifndef KETSIM_STUDY_READER_H
#define KETSIM_STUDY_READER_H

#include "study_read.h"

#include "model/input.h"
#include "model/patients.h"

enum {
    STUDY_ARMS_WRITTEN_MAX = 10000,
    STUDY_MODELS_MAX = 100,       /* of `models` */
    STUDY_ARMS_MAX = 1000000,     /* after the sweep */
    STUDY_ARM_DOSES_MAX = 100000, /* of an arm, repeats included */
    STUDY_DOSES_MAX = 10000000,   /* of all arms, sweep included */
    STUDY_PATIENTS_MAX = 1000000000,
    STUDY_TIMES_MAX = 10000000,
    STUDY_DEVICES_MAX = 1000, /* of one dose */
    STUDY_LIST_MAX =
        1000, /* of a list whose entries are compared with each other, or are variables of the result */
};

/* A value with its unit, as text that study_quantity reads back to the same double. */
struct value_text {
    char text[64];
};

/* Of what sign a quantity may be. */
enum bound { BOUND_NONE, BOUND_NOT_NEGATIVE, BOUND_POSITIVE };

/* Times, in s: at the latest 10 million h, where a double still tells microseconds apart, and 0 or at least one of them. */
static const double study_time_latest = 3.6e10;
static const double study_time_shortest = 1e-6;

/* How a regimen says how much enters and how fast. */
enum dosing { DOSING_DOSE, DOSING_DOSE_OVER, DOSING_DOSE_RATE, DOSING_RATE_OVER };

/* One item of an arm's regimen. */
struct regimen_item {
    const struct node *node;
    enum dosing dosing;
    double rate;      /* DOSING_DOSE_RATE, DOSING_RATE_OVER: mg/h or mg/kg/h */
    struct dose dose; /* all but its time; route -1 where it is unknown */
    double at;        /* s */
    double every;     /* s; 0 without */
    double *times;    /* s, increasing */
    int time_count;
};

struct session {
    double time; /* s */
    int item;
    int dose; /* of the item, from 0 */
};

/* An arm as written, with one of its models: the sweep makes one arm or more of it. */
struct written_arm {
    const struct node *node; /* the same for all models of an arm, which follow each other */
    const char *name;
    bool labeled; /* the model is one of the study's `models`, and its name belongs into the label */
    int model;    /* index into study->models; -1 where it could not be read */
    int baseline; /* the arm as written, and its model, that it is compared with; -1: none */
    struct regimen_item *items;
    int item_count;
    struct session *sessions; /* all items' times, sorted; same time: as written */
    int session_count;
};

/* What an axis of the sweep sets. */
enum axis_kind {
    AXIS_DOSE,
    AXIS_OVER,
    AXIS_EVERY,
    AXIS_AT,
    AXIS_DELAY,
    AXIS_COVARIATE,
    AXIS_PARAMETER,
};

struct axis; /* in study_axis.h */

struct csv;
struct design;

struct study_reader {
    struct study *study;
    struct units *units;
    struct diagnostics *d;
    struct node *root;
    const struct study_texts *given; /* in place of files and of the library; NULL: those are read */
    const struct node **model_nodes; /* [model]: where the study first names it */
    bool models_known;               /* all models could be read */
    struct written_arm *arms;
    int arm_count;
    struct axis *axes;           /* [study->axis_count] */
    bool for_candidates;         /* arms are to be those of candidates: see study_read_candidates */
    int candidate_count;         /* arms of a point of the sweep: 1 unless they are of candidates */
    bool points_known;           /* all axes have the entries of all points */
    const struct design *design; /* that draws the points of the sweep; NULL: a grid, a table, or no sweep */
    struct csv *table;           /* of the sweep; NULL without */
    char *table_path;            /* as messages show it */
    struct node *columns;        /* of the table: a map from names to units, "" without */
    struct node cell;            /* an entry of an axis as a node, for messages: see axis_node */
    const char *cell_file;       /* that it stands in; NULL: the study */
    int cell_point;              /* of the sweep, from 1, that it is drawn for; 0: it is written */
    struct value_text cell_number; /* its text, where it has to be made */
};

/* Whether an event table doses and observes the patients. */
bool study_has_events(const struct study_reader *r);

/* Before the schema is applied: tells keys that a study with or without an event table must or cannot have, and fills in
 * those that only an event table lets be left out. -1 without memory. */
int study_prepare_events(struct study_reader *r);

/* The covariates that a study can give, at most STUDY_COVARIATES_MAX: how many. */
enum { STUDY_COVARIATES_MAX = 256 };
struct event_covariate;
int study_covariates_known(const struct study_reader *r, struct event_covariate *covariates);

/* `columns` and `ignore` of a map of the study, as the readers of tables want them. The caller frees the two lists. -1
 * without memory. */
struct column_names {
    struct event_rename *renames;
    const char **ignored;
};
struct event_rules;
int study_read_columns(const struct node *map, struct column_names *names, struct event_rules *rules);

/* The path of a file that the study names, as the program finds it. malloc'ed; NULL without memory. */
char *study_path(const struct study_reader *r, const char *name);

/* Where to find a model or a course: by its name in the library, or a file. malloc'ed; NULL without memory. */
char *study_library_path(const struct study_reader *r, const char *name);

/* Before the schema is applied: `course: NAME` is short for `course: {name: NAME}`. After it: makes the regimen of each arm that
 * names a course, in its place. -1 without memory. */
int study_prepare_courses(struct study_reader *r);
int study_expand_courses(struct study_reader *r);

/* After the courses: makes an arm of each variation, in its place. -1 without memory. */
int study_expand_variations(struct study_reader *r);

/* Reads the correlations of `of`, a list of scalars, into values[of][of]; `what` ("covariates") is what it lists. False with the
 * mistake told. */
bool study_read_matrix(struct study_reader *r, const struct node *of, const struct node *matrix,
                       const char *what, double *values);

/* The text of a file that the study names, which stays with the study; valid until the next is read. NULL with the reason told. */
const struct study_input *study_input(struct study_reader *r, const char *name,
                                      const struct input_limits *limits);

/* Where texts are given in place of files and library: that of this name. NULL with the reason told. */
const struct study_input *study_text_given(struct study_reader *r, const char *name);

/* The same of a design for sensitivity and the section about it. -1 without memory. */
int study_prepare_sensitivity(struct study_reader *r);

/* The parts, in the order in which they run. Those that return an int return -1 without memory only. */
int study_read_arms(struct study_reader *r);         /* arms and their models; not yet the regimens */
int study_read_effect_site(struct study_reader *r);  /* added to the models */
int study_read_events(struct study_reader *r);       /* the event table, if there is one */
int study_open_sweep(struct study_reader *r);        /* what it sets */
int study_read_table(struct study_reader *r);        /* the table of patients, if there is one */
int study_read_population(struct study_reader *r);   /* covariates, those of the sweep included */
int study_read_correlations(struct study_reader *r); /* between covariates */
int study_read_effects(struct study_reader *r);      /* where random effects come from */
int study_read_regimens(struct study_reader *r);
int study_read_sweep(struct study_reader *r);          /* axes and points */
int study_read_uncertainty(struct study_reader *r);    /* of the models' estimates */
int study_read_settings(struct study_reader *r);       /* observe, exposure, solver, output */
int study_read_vary(struct study_reader *r);           /* what `optimize` varies, and the candidates */
int study_read_exposure(struct study_reader *r);       /* once it is known when levels are observed */
void study_read_sensitivity(struct study_reader *r);   /* once it is known what is stored */
int study_read_constraints(struct study_reader *r);    /* once it is known what is observed and computed */
int study_add_candidates(struct study_reader *r);      /* of a study without mistakes: to arms and points */
void study_keep_needed(struct study *study);           /* of metrics and times, what constraints are on */
int study_read_thresholds(struct study_reader *r);     /* once it is known what is stored */
int study_check_thresholds(struct study_reader *r);    /* of a study with its arms and analytes */
int study_check_exposure(struct study_reader *r);      /* of a study with its arms: what will be missing */
void study_check_population(struct study_reader *r);   /* what only doses and sweep can tell */
void study_check_table(struct study_reader *r);        /* categories within others */
int study_check_applicability(struct study_reader *r); /* of a study without mistakes */
int study_expand_arms(struct study_reader *r);         /* of a study without mistakes: arms x grid points */

/* When an item is given; and, all items read, when each of an arm's doses is. -1 without memory. */
int study_read_times(struct study_reader *r, struct regimen_item *item);
int study_sort_sessions(struct study_reader *r, struct written_arm *arm);

/* Sorts sessions by time, those of the same time by item. */
void study_order_sessions(struct session *sessions, int count);

/* Warns, and returns true, if two of an arm's doses by a device are so close that one session must be meant. */
bool study_warn_of_split_session(struct study_reader *r, const struct written_arm *arm,
                                 const struct session *sessions);

/* Reads the value or distribution of a covariate whose name and unit are set; `a` is NaN after a mistake. */
void study_read_distribution(struct study_reader *r, const struct node *node,
                             struct population_covariate *covariate);

/* The same of what is no covariate, and whose quantities keep to a bound. */
void study_read_distribution_within(struct study_reader *r, const struct node *node,
                                    struct population_covariate *covariate, enum bound bound);

/* The dose of an item, its time 0, with the sweep's amount and duration (NAN: none) in place of its own. */
struct dose regimen_dose(const struct regimen_item *item, double amount, double over);

/* Whether a dose, written at `node`, can be given by the item's route, to patients whose weight is known if it is
 * per kg; false with the mistake told. */
bool regimen_allows(struct study_reader *r, const struct written_arm *arm, const struct regimen_item *item,
                    const struct node *node, double amount, enum dose_basis basis);

/* Whether the devices of a route can give `amount`, mg, written as `text`; false with the reason. */
bool route_allows(const struct route *route, double amount, const char *text, struct units_error *why);

/* What devices of a session do not deliver: `skip_devices` and `lost_sprays`, by `route` (NULL: unknown). And whether a dose of
 * `amount` mg, written at `node`, has those devices; false with the mistake told. */
void study_read_devices(struct study_reader *r, struct regimen_item *item, const struct route *route);
bool study_check_devices(struct study_reader *r, const struct regimen_item *item, const struct route *route,
                         const struct node *node, double amount);

/* Whether a route says itself how fast a dose enters: by devices, or by the durations of its inputs. */
bool route_sets_pace(const struct route *route);

void written_arm_clear(struct written_arm *arm);

/* What the points u[point][axis] are made for, that r->design makes of so many that are asked for. -1 without memory. */
int study_take_design(struct study_reader *r, int64_t asked, const double *u);

/* Adds a text to the name of a metric in the result, without what a name of a variable cannot hold. */
void metric_name_add(struct metric_request *request, const char *text);

/* Helpers over the tree. A node that is missing or no scalar gives NULL or false without a message: the schema has
 * told it already. */

/* Of the values of a covariate that is no category. */
enum bound covariate_bound(const char *name, const char *unit);

/* Fills in a key of a map (NULL: nowhere) with this YAML text, unless it is there. -1 without memory. */
int study_fill_in(struct study_reader *r, struct node *map, const char *key, const char *text);

const struct node *study_root(const struct study_reader *r, const char *key);
const char *study_text(const struct node *node);
struct place study_place(const struct study_reader *r, const struct node *node);

/* Tell a mistake once, however many arms and models meet it at the place of `node`. Return -1. */
int study_error(struct study_reader *r, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int study_warning(struct study_reader *r, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether something (or, if not NULL, this text) has been told of the place of `node` in the file. */
bool study_told(const struct study_reader *r, const struct node *node, const char *text);

/* Read a quantity within a bound; false with the mistake told. `which`: as in units_read_any. */
bool study_quantity(struct study_reader *r, const struct node *node, const char *unit, enum bound bound,
                    double *value);
bool study_quantity_any(struct study_reader *r, const struct node *node, const char *const *units, int count,
                        enum bound bound, double *value, int *which);

/* Reads a time in s, within the limits above; messages show how it would be written in `unit`. */
bool study_time(struct study_reader *r, const struct node *node, const char *unit, enum bound bound,
                double *value);

/* Reads when something is, in s from the start of the study: a time as above; a date, as `2026-03-05 09:00`, or a time of the day,
 * as `14:30` for the first one from the start on, where the study says when it starts. */
bool study_moment(struct study_reader *r, const struct node *node, double *value);

/* Reads `start`, before anything that needs it is. */
void study_read_start(struct study_reader *r);

/* Tells that `node` is no `what` ("metric"), with the nearest of the names, and all of them. */
void study_unknown(struct study_reader *r, const struct node *node, const char *what,
                   const char *const *names, int count);

/* How many entries a list has, or a map; 0 without a message where it is neither, and with one where they are more than
 * STUDY_LIST_MAX `what`. */
int study_list_length(struct study_reader *r, const struct node *list, const char *what);

/* Tells that item `i` of a list, a scalar, stands in it before. */
void study_check_once(struct study_reader *r, const struct node *list, int i);

/* The sweep's axis that sets a covariate of the population; NULL without. */
const struct axis *study_covariate_axis(const struct study_reader *r, int covariate);

/* Where the study gives a covariate of the population, or names the table that does; NULL where only the sweep does. */
const struct node *study_given(const struct study_reader *r, int covariate);

struct value_text value_write(double value, const char *unit);

/* A time, s, in the largest of h, min and s in which it is a whole number. */
struct value_text time_write(double seconds);

#endif
