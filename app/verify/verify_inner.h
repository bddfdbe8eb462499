/* verify_inner - what the files that make up app/verify/verify share. */
#ifndef KETSIM_VERIFY_INNER_H
#define KETSIM_VERIFY_INNER_H

#include "app/results/results_inner.h"
#include "verify.h"

struct verify {
    const struct verify_request *request;
    struct verify_report *report;
    struct diagnostics *d;
    struct result result;
    struct study study;
    struct results *results;
    char *made_with[6]; /* texts of `stored`, owned */
    struct provenance stored;
    bool *damaged; /* [block] */
    bool any_damaged;
};

/* Parts of the result, by block and variable, that are not what their checksums are of. */
enum { VERIFY_NAMED_MAX = 20 };

struct verify_mismatch {
    int64_t block;
    int checked; /* number of the variable of those checked */
    bool unreadable;
};

struct verify_sums {
    struct verify_mismatch first[VERIFY_NAMED_MAX];
    int kept;
    int64_t count;
};

struct place verify_place(const struct verify *v);

/* The study that a result holds, read from nothing but the file; for the caller to study_clear. 0, or -1 with the reason in `d`. */
int verify_read_study(struct study *study, struct result *result, struct diagnostics *d);

/* Looks at the checksums of all blocks, and marks those that are damaged. 0, or -1 with the reason told. */
int verify_blocks(struct verify *v, struct verify_sums *sums);

/* Tells what is wrong with blocks, as far as single values do not tell it better. */
void verify_tell_blocks(const struct verify *v, const struct verify_sums *sums);

/* Compares texts and attributes with those that would be written now; differences are told, and why they cannot be compared. */
void verify_metadata(struct verify *v);

/* Tells which variables a piece lies in whose bytes have changed. */
void verify_tell_damage(const struct verify *v, const struct seal_range *damage);

#endif
