/* bytes - raw bytes to and from places in a file, by any thread. */
#ifndef KETSIM_BYTES_H
#define KETSIM_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* All of the bytes, at the place. 0, or the errno. */
int bytes_write(int fd, const void *bytes, size_t size, int64_t offset);
int bytes_read(int fd, void *bytes, size_t size, int64_t offset);

/* Copies all of a file, holes included, to the start of another. 0, or the errno. */
int bytes_copy(int from, int to);

/* To be told of bytes written, in about their order: makes the system send what is complete to the disk, so that it writes
 * while we compute and little is left for the end. Only a hint: what fails here is told at the end. */
void bytes_push(int fd, int64_t offset, int64_t size);

/* Gets the folder that a file is in onto the disk: only then is its name safe. What cannot sync folders is left in peace. 0, or the
 * errno. */
int bytes_folder_sync(const char *path);

#endif
