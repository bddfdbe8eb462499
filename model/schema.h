/* schema - which keys a YAML file may hold, what each takes, and its default.
 *
 * A file format is one table of rows. Checking a file, filling in its defaults, telling the nearest right
 * spelling and the reference documentation are loops over that table. Nothing else in the program holds a
 * default: after schema_apply a reader finds every key that has one in the tree, and stores the tree.
 */
#ifndef KETSIM_SCHEMA_H
#define KETSIM_SCHEMA_H

#include "document.h"

enum schema_form {
    FORM_TEXT,     /* any scalar; not empty where required */
    FORM_NUMBER,   /* a plain number */
    FORM_COUNT,    /* a whole number >= 0 */
    FORM_SWITCH,   /* true or false */
    FORM_QUANTITY, /* number and unit; the unit is checked by the reader, who knows the dimension */
    FORM_FORMULA,  /* scalar for model/formula.h */
    FORM_CHOICE,   /* one of `choices`, written "a | b | c" */
    FORM_TEXTS,    /* list of scalars */
    FORM_LIST,     /* list of maps, whose keys are rows below PATH[]; or of what a row PATH[] says */
    FORM_MAP,      /* map, whose keys are rows below PATH */
    FORM_ANY,      /* checked by its reader, with all that is below it */
};

/* A row's default is filled in where the map that holds it is present: a map that is to hold its defaults also when
 * the file leaves it out has the fallback "{}". Every map and list on the way to a row has a row of its own. */
struct schema_row {
    const char *path; /* "patients.count"; "arms[].name" for keys of list items; "x.*" for free names */
    enum schema_form form;
    bool required;        /* where the map that holds it is present */
    const char *fallback; /* YAML text filled in when absent; NULL: stays absent */
    const char *unit;     /* a unit of the right dimension, as the documentation shows it; "" for none */
    const char *choices;  /* FORM_CHOICE: "cvode | exact", else NULL */
    const char *doc;      /* one sentence */
};

struct schema {
    const char *what; /* "study", "model": the word that messages use */
    const struct schema_row *rows;
    int count;
};

/* Reports every unknown, missing and malformed entry of `doc`, then fills in the defaults (only when there is
 * no error). 0, or -1 with the reasons in `d`. */
int schema_apply(const struct schema *schema, struct document *doc, struct diagnostics *d);

/* The row of a path, or NULL. A list index is written `[]`, a free name `*`. */
const struct schema_row *schema_row(const struct schema *schema, const char *path);

#endif
