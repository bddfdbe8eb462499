/* part_file - a file that gets its name only when it is complete.
 *
 * It is made as PATH.part.new. One that can be gone on with by a later run is called PATH.part from the moment when that holds. Who writes it holds a lock of it, by which the run that is still alive is told from the one
 * that was interrupted; readers are not kept out. Paths in messages are the user's; PATH must outlive the struct.
 */
#ifndef KETSIM_PART_FILE_H
#define KETSIM_PART_FILE_H

#include "model/diagnostics.h"

#include <stddef.h>
#include <stdint.h>

struct part_file {
    const char *path; /* not owned */
    char *part;       /* PATH.part, owned */
    char *fresh;      /* PATH.part.new, owned, while that is its name; else NULL */
    int fd;           /* open for reading and writing; -1: none */
    int other;        /* PATH.part, after part_file_exchange; -1: none */
    bool force;       /* replace what is called PATH */
};

/* What it is called now; lives until that changes. */
const char *part_file_name(const struct part_file *file);

/* Makes an empty PATH.part.new. Refuses where PATH exists and is not to be replaced, where it is no regular file, where
 * another run is writing PATH.part, and where one was left there and `force` is not given. 0, or -1 with the reason in `d`
 * (nothing is left then). */
int part_file_create(struct part_file *file, const char *path, bool force, struct diagnostics *d);

/* From now on it is called PATH.part; with `force` in place of what an earlier run left. 0, or -1 with the reason in `d`. */
int part_file_begin(struct part_file *file, struct diagnostics *d);

/* Opens the PATH.part that an earlier run left; `force` is about PATH only. 0, or -1 with the reason in `d`; PATH.part is what it
 * was then. 1 without a message: there is none, and `file` has but its names. */
int part_file_reopen(struct part_file *file, const char *path, bool force, struct diagnostics *d);

/* Opens the PATH.part that another process of the same run has made, and holds the lock of. 0, or -1 with the reason in `d`. */
int part_file_join(struct part_file *file, const char *path, struct diagnostics *d);

/* Looks whether the file can become so large, before anything is done for it. Does not take the space. */
int part_file_expect(struct part_file *file, int64_t bytes, struct diagnostics *d);

/* Takes the whole space from the file system, so that a full disk is told now. */
int part_file_reserve(struct part_file *file, int64_t bytes, struct diagnostics *d);

/* What else a run needs to be gone on with: the name of PATH.part.ENDING, for the caller to free; NULL without memory. */
char *part_file_side(const struct part_file *file, const char *ending);

/* Opens PATH.part.levels, of `bytes` that are reserved; with `fresh` what is there is no use. Its descriptor, or -1. */
int part_file_levels(const struct part_file *file, int64_t bytes, bool fresh, struct diagnostics *d);

/* Removes PATH.part.ENDING, if there is one, and PATH.part.ENDING.new, which a process may have been killed over. */
void part_file_remove_side(const struct part_file *file, const char *ending);

/* Gets what has been written onto the disk, with the name PATH.part; any thread, one at a time. 0, the errno, or
 * PART_FILE_GONE: what is called PATH.part now is not this file. */
enum { PART_FILE_GONE = -1 };
int part_file_settle(const struct part_file *file);

/* Writes the file once more under its name where that was removed; not while somebody writes to it, and its descriptor may change.
 * 0, or -1 with the reason in `d`: another file bears the name now, or there is no room. */
int part_file_restore(struct part_file *file, struct diagnostics *d);

/* PATH.part.ENDING takes the place of the file: it is what part_file_publish gives the name, and PATH.part is removed then. Until then
 * PATH.part stays what it was. 0, or -1 with the reason in `d`. */
int part_file_exchange(struct part_file *file, const char *ending, struct diagnostics *d);

/* Takes that back, and removes PATH.part.ENDING; does nothing where it was not done. */
void part_file_exchange_back(struct part_file *file);

/* Gets the numbers onto the disk and gives the file its name. 0, or -1 with the reason in `d`; then the file stays what
 * it was called, and the message says so. Its lock is held until part_file_close. */
int part_file_publish(struct part_file *file, struct diagnostics *d);

/* Leaves PATH.part as it is and clears `file`. */
void part_file_close(struct part_file *file);

/* Removes the file and clears `file`; does nothing when it was never made. */
void part_file_remove(struct part_file *file);

#endif
