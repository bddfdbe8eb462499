/* seal - whether the bytes of a file are those that were written, found out before anything else trusts them.
 *
 * A seal stands behind the end of a finished result, where HDF5 does not look: checksums of its bytes piece by piece, and one of its own.
 * Numbers that have checksums of their own in the file are left out of it, so that sealing does not take another reading of all. It
 * finds damage, and whatever another program writes; it is no signature.
 */
#ifndef KETSIM_SEAL_H
#define KETSIM_SEAL_H

#include "model/diagnostics.h"

#include <stdint.h>

/* A range of bytes of a file. */
struct seal_range {
    int64_t offset;
    int64_t bytes;
};

/* Appends a seal of all that is in the file now, but for the ranges (in any order, none within another; they are sorted). 0, or the
 * errno. */
int seal_write(int fd, struct seal_range *left_out, int count);

enum { SEAL_DAMAGES_MAX = 16 };

/* What became of the bytes under a seal. */
struct seal_check {
    bool found;                                  /* a seal that is whole */
    int64_t sealed;                              /* bytes of the file before it */
    int64_t covered;                             /* of them, those that are not left out */
    int damages;                                 /* pieces that have changed */
    struct seal_range damaged[SEAL_DAMAGES_MAX]; /* the first of them */
};

/* Looks at the seal of a file. 0 with `*check`, or the errno. */
int seal_read(int fd, struct seal_check *check);

#endif
