/* part_file - a file that gets its name only when it is complete.
 *
 * Until then it is called PATH.part, which also keeps two runs from writing the same result. Paths in messages are the
 * user's; PATH must outlive the struct.
 */
#ifndef KETSIM_PART_FILE_H
#define KETSIM_PART_FILE_H

#include "model/diagnostics.h"

#include <stddef.h>
#include <stdint.h>

struct part_file {
    const char *path; /* not owned */
    char *part;       /* PATH.part, owned */
    int fd;           /* open for reading and writing; -1: none */
    bool force;       /* replace what is called PATH */
};

/* Makes an empty PATH.part. Refuses where PATH exists and is not to be replaced, where it is no regular file, and where
 * another PATH.part is in the way and `force` is not given. 0, or -1 with the reason in `d` (nothing is left then). */
int part_file_create(struct part_file *file, const char *path, bool force, struct diagnostics *d);

/* Looks whether the file can become so large, before anything is done for it. Does not take the space. */
int part_file_expect(struct part_file *file, int64_t bytes, struct diagnostics *d);

/* Takes the whole space from the file system, so that a full disk is told now. */
int part_file_reserve(struct part_file *file, int64_t bytes, struct diagnostics *d);

/* An unnamed file in the same folder, of `bytes` that are reserved. Its descriptor, or -1. */
int part_file_scratch(const struct part_file *file, int64_t bytes, struct diagnostics *d);

/* Gets the numbers onto the disk and gives the file its name. 0, or -1 with the reason in `d`; then the file stays what
 * it was called, and the message says so. Clears `file` either way. */
int part_file_publish(struct part_file *file, struct diagnostics *d);

/* Removes PATH.part and clears `file`; does nothing when it was never made. */
void part_file_remove(struct part_file *file);

/* All of the bytes, at the place; any thread. 0, or the errno. */
int bytes_write(int fd, const void *bytes, size_t size, int64_t offset);
int bytes_read(int fd, void *bytes, size_t size, int64_t offset);

/* To be told of bytes written, in about their order: makes the system send what is complete to the disk, so that it writes
 * while we compute and little is left for the end. Only a hint: what fails here is told at the end. */
void bytes_push(int fd, int64_t offset, int64_t size);

#endif
