#define _GNU_SOURCE /* sync_file_range */
#include "part_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Bytes that are sent to the disk together. */
enum { PUSHED = 4 << 20 };

static int path_error(const char *path, const char *what, int code, struct diagnostics *d)
{
    return diagnostics_error(d, (struct place){.file = path}, "%s: %s", what, strerror(code));
}

/* Whether PATH may become the name of the result. */
static int path_check(const char *path, bool force, struct diagnostics *d)
{
    const struct place at = {.file = path};
    struct stat status;

    if (path[0] == '\0') {
        return diagnostics_error(d, NOWHERE, "the name of the file to write is empty");
    }
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        return diagnostics_error(d, at, "is a folder; give the name of a file in it");
    }
    if (lstat(path, &status) != 0) {
        return errno == ENOENT ? 0 : path_error(path, "cannot be written", errno, d);
    }
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
        return diagnostics_error(d, at, "is a device; give the name of a regular file");
    }
    if (!force) {
        return diagnostics_error(d, at, "exists; --force replaces it");
    }
    return 0;
}

/* Says why PATH.part could not be made. */
static int part_error(const struct part_file *file, int code, struct diagnostics *d)
{
    const struct place at = {.file = file->path};
    struct stat status;

    if (code == EEXIST) {
        return diagnostics_error(d, at,
                                 "\"%s\" exists: another run is writing this file, or an earlier one "
                                 "was interrupted; --force replaces it",
                                 file->part);
    }
    if (code == ENOENT) {
        char *copy = strdup(file->path);
        const char *folder = copy ? dirname(copy) : "";
        const int ret = stat(folder, &status) == 0
                            ? path_error(file->path, "cannot be written", code, d)
                            : diagnostics_error(d, at, "there is no folder \"%s\"", folder);
        free(copy);
        return ret;
    }
    return path_error(file->path, "cannot be written", code, d);
}

static void part_file_clear(struct part_file *file)
{
    if (file->fd >= 0) {
        close(file->fd);
    }
    free(file->part);
    *file = (struct part_file){.fd = -1};
}

int part_file_create(struct part_file *file, const char *path, bool force, struct diagnostics *d)
{
    static const char suffix[] = ".part";
    const size_t size = strlen(path) + sizeof(suffix);

    *file = (struct part_file){.path = path, .fd = -1, .force = force};
    if (path_check(path, force, d) != 0) {
        return -1;
    }
    file->part = malloc(size);
    if (!file->part) {
        return diagnostics_out_of_memory(d);
    }
    snprintf(file->part, size, "%s%s", path, suffix);
    if (force) {
        unlink(file->part); /* what is in the way and cannot be removed is told by open */
    }
    file->fd = open(file->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->fd < 0) {
        part_error(file, errno, d);
        part_file_clear(file);
        return -1;
    }
    return 0;
}

int part_file_expect(struct part_file *file, int64_t bytes, struct diagnostics *d)
{
    const struct place at = {.file = file->path};
    struct statvfs status;

    if (ftruncate(file->fd, bytes) != 0 || ftruncate(file->fd, 0) != 0) {
        return diagnostics_error(d, at, "no room for its %.3g MB: %s", (double)bytes / 1e6, strerror(errno));
    }
    /* A file system that does not know its size is believed to have room. */
    if (fstatvfs(file->fd, &status) == 0 && status.f_blocks > 0 &&
        (double)status.f_bavail * (double)status.f_frsize < (double)bytes) {
        return diagnostics_error(d, at, "no room for its %.3g MB: only %.3g MB are free", (double)bytes / 1e6,
                                 (double)status.f_bavail * (double)status.f_frsize / 1e6);
    }
    return 0;
}

/* Where the file system cannot reserve, the file at least gets its size; it never shrinks. */
static int space_reserve(int fd, int64_t bytes)
{
    struct stat status;
    int code;

    do {
        code = posix_fallocate(fd, 0, bytes);
    } while (code == EINTR);
    if (code == EOPNOTSUPP || code == EINVAL) {
        code = fstat(fd, &status) == 0 && (status.st_size >= bytes || ftruncate(fd, bytes) == 0) ? 0 : errno;
    }
    return code;
}

int part_file_reserve(struct part_file *file, int64_t bytes, struct diagnostics *d)
{
    const int code = space_reserve(file->fd, bytes);

    if (code != 0) {
        return diagnostics_error(d, (struct place){.file = file->path}, "no room for its %.3g MB: %s",
                                 (double)bytes / 1e6, strerror(code));
    }
    return 0;
}

int part_file_scratch(const struct part_file *file, int64_t bytes, struct diagnostics *d)
{
    static const char suffix[] = ".XXXXXX";
    const size_t size = strlen(file->part) + sizeof(suffix);
    char *name = malloc(size);
    int fd;
    int code;

    if (!name) {
        return diagnostics_out_of_memory(d);
    }
    snprintf(name, size, "%s%s", file->part, suffix);
    fd = mkstemp(name);
    code = fd < 0 ? errno : 0;
    if (fd >= 0) {
        unlink(name);
        code = space_reserve(fd, bytes);
    }
    free(name);
    if (code != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return diagnostics_error(d, (struct place){.file = file->path},
                                 "no room beside it for the %.3g MB of levels that the quantiles need: %s",
                                 (double)bytes / 1e6, strerror(code));
    }
    return fd;
}

/* link(2) fails where the name exists, even if it came to be after we looked; rename(2) would replace it. Some
 * file systems have no hard links: there the name is looked up once more, which leaves a gap of microseconds. */
static int part_file_rename(const struct part_file *file)
{
    struct stat status;

    if (!file->force) {
        if (link(file->part, file->path) == 0) {
            unlink(file->part);
            return 0;
        }
        if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) {
            return errno;
        }
        if (lstat(file->path, &status) == 0) {
            return EEXIST;
        }
    }
    return rename(file->part, file->path) == 0 ? 0 : errno;
}

/* A name is safe when its folder is on the disk. What cannot sync folders is left in peace. */
static int folder_sync(const char *path)
{
    char *copy = strdup(path);
    int fd;
    int code = 0;

    if (!copy) {
        return ENOMEM;
    }
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        code = fsync(fd) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;
        close(fd);
    }
    free(copy);
    return code;
}

int part_file_publish(struct part_file *file, struct diagnostics *d)
{
    const struct place at = {.file = file->path};
    int code = fsync(file->fd) == 0 ? 0 : errno;
    int ret = 0;

    if (code == 0) {
        code = part_file_rename(file);
    }
    if (code == EEXIST) {
        ret = diagnostics_error(d, at,
                                "came into being while the run went on, and is left alone; this one is "
                                "complete and is called \"%s\"",
                                file->part);
    } else if (code != 0) {
        ret = diagnostics_error(d, at, "cannot be written: %s; the complete file is called \"%s\"",
                                strerror(code), file->part);
    } else if ((code = folder_sync(file->path)) != 0) {
        ret = path_error(file->path, "cannot be made safe against a power failure", code, d);
    }
    part_file_clear(file);
    return ret;
}

void part_file_remove(struct part_file *file)
{
    if (file->fd >= 0) {
        unlink(file->part);
    }
    part_file_clear(file);
}

int bytes_write(int fd, const void *bytes, size_t size, int64_t offset)
{
    const char *from = bytes;

    while (size > 0) {
        const ssize_t done = pwrite(fd, from, size, offset);
        if (done < 0 && errno != EINTR) {
            return errno;
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
