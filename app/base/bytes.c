#define _GNU_SOURCE /* sync_file_range */
#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes that are sent to the disk together. */
enum { PUSHED = 4 << 20 };

int bytes_write(int fd, const void *bytes, size_t size, int64_t offset)
{
    const char *from = bytes;

    while (size > 0) {
        const ssize_t done = pwrite(fd, from, size, offset);
        if (done == 0 || (done < 0 && errno != EINTR)) {
            return done == 0 ? EIO : errno;
        }
        if (done > 0) {
            from += done;
            size -= (size_t)done;
            offset += done;
        }
    }
    return 0;
}

void bytes_push(int fd, int64_t offset, int64_t size)
{
#ifdef SYNC_FILE_RANGE_WRITE
    const int64_t first = offset / PUSHED;
    const int64_t end = (offset + size) / PUSHED;

    if (first < end) {
        sync_file_range(fd, first * PUSHED, (end - first) * PUSHED, SYNC_FILE_RANGE_WRITE);
    }
#else
    (void)fd;
    (void)offset;
    (void)size;
#endif
}

int bytes_read(int fd, void *bytes, size_t size, int64_t offset)
{
    char *to = bytes;

    while (size > 0) {
        const ssize_t done = pread(fd, to, size, offset);
        if (done == 0 || (done < 0 && errno != EINTR)) {
            return done == 0 ? EIO : errno;
        }
        if (done > 0) {
            to += done;
            size -= (size_t)done;
            offset += done;
        }
    }
    return 0;
}

int bytes_copy(int from, int to)
{
    static const size_t most = (size_t)1 << 30;
    struct stat status;
    off_t done = 0;

    if (fstat(from, &status) != 0 || lseek(to, 0, SEEK_SET) != 0) {
        return errno;
    }
    while (done < status.st_size) {
        const ssize_t copied = sendfile(to, from, &done, most);
        if (copied < 0 && errno != EINTR) {
            return errno;
        }
        if (copied == 0) {
            return EIO;
        }
    }
    return 0;
}

int bytes_folder_sync(const char *path)
{
    char *copy = strdup(path);
    int code = 0;

    if (!copy) {
        return ENOMEM;
    }
    const int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        code = fsync(fd) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;
        close(fd);
    }
    free(copy);
    return code;
}
