/* study_axis - the axes of a study's sweep; for app/study/study_*.c only.
 *
 * An axis sets one thing: a parameter, a covariate, or of some doses the amount, duration, interval, start or the delay of a
 * session. Its values are entries: those of a list, the cells of a column of a table, or what a design draws. A point of the
 * sweep has an entry of each axis.
 */
#ifndef KETSIM_STUDY_AXIS_H
#define KETSIM_STUDY_AXIS_H

#include "study_reader.h"

/* A value of an axis as a table gives it. */
struct axis_cell {
    const char *text;
    int line;
    int column;
};

/* One unit in another: value * num / den. */
struct factor {
    double num, den;
};

/* How numbers in a unit become values and settings of an axis. */
struct axis_scale {
    struct factor value;
    struct factor settings[STUDY_MODELS_MAX]; /* of times: the first */
};

struct axis {
    enum axis_kind kind;
    bool of_candidates; /* what `optimize` varies: only what is given, no covariate or parameter */
    const char *name;
    const char *target;       /* the last word of what it sets: "dose", "weight", "Vc" */
    const char *sets;         /* all of it: "arms.nasal.dose" */
    const struct node *key;   /* where that stands, for messages */
    const struct node *value; /* of a drawn axis: what the sweep says of it */
    int column;               /* of a table */
    const struct node *arm;   /* whose doses it sets; NULL: those of all arms */
    int item;                 /* of that arm's regimen, from 0; -1: all */
    int session;              /* AXIS_DELAY: from 0 */
    int covariate;            /* AXIS_COVARIATE: of the population */
    enum dose_basis basis;    /* AXIS_DOSE, known from its first entry */
    bool has_basis;
    const struct node *list; /* its values in the study; NULL: cells, or drawn */
    struct axis_cell *cells; /* its values in a table, or candidates; NULL: listed, or drawn */
    const char *cell_unit;   /* of the numbers in the cells; NULL: each has its own */
    bool drawn;
    struct population_covariate distribution; /* of a drawn axis */
    int count;                                /* of entries */
    double *values;                           /* [entry], in the unit of study->axes[] */
    double *settings; /* [entry]: of a time in s; [entry][model]: of a parameter, internal units */
    int *entries;     /* [point]: its entry; NULL: that of its number */
};

/* The axes, one per row of study->axes. */
const struct axis *study_axis_at(const struct study_reader *r, int i);

static inline int axis_entry(const struct axis *axis, int point)
{
    return axis->entries ? axis->entries[point] : point;
}

/* Finds what the axis sets, "dose", "arms.NAME.regimen.0.delay", or tells that there is no such thing. `session`: a node, or
 * NULL. 0, or -1 with the mistake told. */
int axis_find_target(struct study_reader *r, struct axis *axis, const struct node *sets,
                     const struct node *session);

/* Of an axis whose target is known: tells whose doses it cannot set. */
void axis_check_target(struct study_reader *r, const struct axis *axis);

/* Whether the axis sets something of this item of the regimen of an arm. */
bool axis_sets_item(const struct axis *axis, const struct written_arm *arm, int item);

/* The axis that sets the dose of an item; NULL without. */
const struct axis *axis_of_dose(const struct study_reader *r, const struct written_arm *arm, int item);

/* Whether the axis is about when doses are given. */
bool axis_sets_times(const struct axis *axis);

/* Space for `count` entries. -1 without memory. */
int axis_reserve(struct study_reader *r, struct axis *axis, int count);

/* Reads entry `i`, written at `node`, and checks it as if it stood in the study itself. false with the mistake told. */
bool axis_read_entry(struct study_reader *r, struct axis *axis, int i, const struct node *node);

/* The same of a number. */
bool axis_take_entry(struct study_reader *r, struct axis *axis, int i, const struct node *node, double number,
                     const struct axis_scale *scale);

/* What numbers in `unit` make of the axis. false with the mistake told at `node`: the axis is not measured in such a unit. */
bool axis_scale_init(struct study_reader *r, struct axis *axis, struct axis_scale *scale,
                     const struct node *node, const char *unit);

/* Of its values. */
enum bound axis_bound(const struct study_reader *r, const struct axis *axis);

/* The unit in which an axis is measured. */
const char *axis_unit(const struct study_reader *r, const struct axis *axis);

/* Entry `i` as a node, for messages: until the next call. */
const struct node *axis_node(struct study_reader *r, const struct axis *axis, int i);

/* The text of entry `i` as the user wrote it, or would. */
const char *axis_text(const struct study_reader *r, const struct axis *axis, int i,
                      struct value_text *buffer);

void axis_clear(struct axis *axis);

/* Before axes are read: what axis `i` of the sweep sets ("weight"), NULL beyond the last; and where that covariate, or whatever it
 * is, is set, NULL where it is not. */
const struct node *study_sweep_target(const struct study_reader *r, int i);
const struct node *study_find_swept(const struct study_reader *r, const char *name);

/* Opens the table of a sweep and reads its header; then the rest of it into axes and their cells. -1 without memory. */
int study_open_sweep_table(struct study_reader *r, const struct node *map);
int study_read_sweep_table(struct study_reader *r, const struct node *map);

/* Whether a key of the sweep is no axis. */
bool study_is_sweep_key(const struct node *key);

/* Space for `count` axes, and that of candidates. -1 without memory. */
int study_reserve_axes(struct study_reader *r, int count);

/* Whether two axes set the same thing of the same doses. */
bool axes_meet(const struct study_reader *r, const struct axis *a, const struct axis *b);

/* Adds an axis of this name, with what the sweep says of it (NULL: nothing); NULL with the mistake told. */
struct axis *study_add_axis(struct study_reader *r, const struct node *key, const struct node *value);

/* Make the points of the sweep: each value with each, or as the design draws them. -1 without memory. */
int study_make_grid(struct study_reader *r);
int study_draw_points(struct study_reader *r, int64_t asked);

/* The doses of an arm at a point of the sweep: when, in order, and of which item. `sessions` has space for all of them. 0, or -1
 * with the mistake told of the arm called `label`. */
int study_retime(struct study_reader *r, const struct written_arm *arm, int point, const char *label,
                 struct session *sessions);

#endif
