/* stored - the numbers of a finished result, compared with those that are computed once more.
 *
 * Any number of threads: who reads takes turns.
 */
#ifndef KETSIM_STORED_H
#define KETSIM_STORED_H

#include "layout.h"

struct stored; /* opaque */

/* A value that is not what it would be now. */
struct stored_difference {
    const struct layout_variable *variable;
    int64_t value; /* its number in the variable, from 0 */
    bool unreadable;
    unsigned char stored[8], computed[8]; /* as many bytes as the type has */
};

/* `file` and `layout` must outlive it, and no one else may use `file` while threads read. NULL without memory. */
struct stored *stored_create(struct hdf *file, const struct layout *layout);
void stored_free(struct stored *stored);

/* Whole values, `offset` bytes from the start of the variable. 0, or EIO. */
int stored_read(struct stored *stored, const struct layout_variable *variable, void *bytes, size_t size,
                int64_t offset);

/* Compares with what stands there; differences, and what cannot be read, are kept. Always 0. */
int stored_compare(struct stored *stored, const struct layout_variable *variable, const void *bytes,
                   size_t size, int64_t offset);

/* The first differences, in the order of the variables and of their values, `*count` of them; and how many there are in all. Not while
 * threads compare. */
const struct stored_difference *stored_differences(const struct stored *stored, int *count);
int64_t stored_difference_count(const struct stored *stored);

/* Whether a variable has one. */
bool stored_differs(const struct stored *stored, const struct layout_variable *variable);

#endif
