/* diagnostics - what is wrong with the input, where, and what would be right.
 *
 * Everything below app/ reports mistakes of the user by adding to a caller-owned list, so that all the
 * mistakes of a file are told at once, and nothing below app/ ever prints or exits. One mistake is one
 * line of text: impersonal, with the offending text in quotes and, where there is one, the remedy. Control
 * characters are taken out of it, and of a very long text only the two ends are kept.
 */
#ifndef KETSIM_DIAGNOSTICS_H
#define KETSIM_DIAGNOSTICS_H

#include <stdbool.h>

/* A place in a text. Lines and columns count from 1; line 0 means "nowhere in particular". */
struct place {
    const char *file; /* not owned */
    int line;
    int column;
};

enum severity {
    SEVERITY_ERROR,   /* the task cannot be done; exit status 2 */
    SEVERITY_WARNING, /* it is done, but the reader of the result must know */
};

struct diagnostic {
    enum severity severity;
    char *file; /* owned; NULL where place.file was NULL */
    int line;
    int column;
    char *text; /* owned */
};

struct diagnostics {
    struct diagnostic *items;
    int count;
    int capacity;
    int errors;         /* how many of the items are errors, also those dropped */
    int dropped;        /* items beyond DIAGNOSTICS_MAX, counted and not kept */
    bool out_of_memory; /* an item could not be stored; counts as an error */
};

enum { DIAGNOSTICS_MAX = 200 };

#define NOWHERE ((struct place){0})

void diagnostics_init(struct diagnostics *d);
void diagnostics_clear(struct diagnostics *d);

/* Both return -1, so that a failing reader can end in `return diagnostics_error(...)`. */
int diagnostics_error(struct diagnostics *d, struct place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int diagnostics_warning(struct diagnostics *d, struct place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether no more is kept, with an error among what is: the input is refused, and what it costs to find out more is spent
 * for nothing. */
bool diagnostics_full(const struct diagnostics *d);

/* Reports lack of memory without needing any. Returns -1. */
int diagnostics_out_of_memory(struct diagnostics *d);

/* Puts the items from number `first` on, which are all of one file, in order of line and column; those that
 * share a place stay in the order in which they were told. */
void diagnostics_sort(struct diagnostics *d, int first);

/* "FILE:LINE:COLUMN: error: TEXT" of item i as malloc'ed text for the caller to free, NULL without memory. */
char *diagnostics_line(const struct diagnostics *d, int i);

/* The candidate that `word` was most likely meant to be (case ignored, at most a third of its letters
 * different), or NULL. The result points into `candidates`. */
const char *nearest_spelling(const char *word, const char *const *candidates, int count);

#endif
