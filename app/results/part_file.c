#define _GNU_SOURCE /* locks of open files */
#include "part_file.h"

#include "app/base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

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
    struct stat status;

    if (code == ENOENT) {
        char *copy = strdup(file->path);
        const char *folder = copy ? dirname(copy) : "";
        const int ret = stat(folder, &status) == 0 ? path_error(file->path, "cannot be written", code, d)
                                                   : diagnostics_error(d, (struct place){.file = file->path},
                                                                       "there is no folder \"%s\"", folder);
        free(copy);
        return ret;
    }
    if (code == EBUSY || code == EEXIST) {
        return diagnostics_error(d, (struct place){.file = file->path}, "another run is writing it just now");
    }
    return path_error(file->path, "cannot be written", code, d);
}

/* The lock is of the open file, so that the kernel takes it away whatever the end of the program. It is not of the kind that HDF5
 * asks for, and where a file system has none, two runs into one file are the user's affair. False: somebody else has it. */
static bool part_lock(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES);
}

/* Opens PATH.part or PATH.part.new; -1 with the reason in `d`, which can be that another run is writing it. */
static int part_open(const struct part_file *file, const char *name, struct diagnostics *d)
{
    const struct place at = {.file = file->path};
    const int fd = open(name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;

    if (fd < 0 && errno != ELOOP && errno != EISDIR) {
        diagnostics_error(d, at, "\"%s\" cannot be opened: %s", name, strerror(errno));
    } else if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        diagnostics_error(d, at, "\"%s\" is in the way, and is no regular file", name);
    } else if (!part_lock(fd)) {
        diagnostics_error(d, at, "another run is writing it just now, as \"%s\"", name);
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

void part_file_close(struct part_file *file)
{
    for (int i = 0; i < 2; i++) {
        const int fd = i == 0 ? file->fd : file->other;
        if (fd >= 0) {
            close(fd);
        }
    }
    free(file->part);
    free(file->fresh);
    *file = (struct part_file){.fd = -1, .other = -1};
}

/* Gives a file another name; with `force` in place of what bears it. 0, or the errno. Neither way replaces a file that came to be after
 * we looked. Where a file system cannot rename so, link(2) does it in two steps, between which a kill leaves both names; where
 * it has no hard links either, the name is looked up once more, which leaves a gap of microseconds. */
static int name_give(const char *from, const char *to, bool force)
{
    struct stat status;

    if (!force) {
        if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
            return 0;
        }
        if (errno != EINVAL && errno != ENOSYS) {
            return errno;
        }
        if (link(from, to) == 0) {
            unlink(from);
            return 0;
        }
        if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) {
            return errno;
        }
        if (lstat(to, &status) == 0) {
            return EEXIST;
        }
    }
    return rename(from, to) == 0 ? 0 : errno;
}

/* PATH with an ending; malloc'ed, NULL without memory. */
static char *name_with(const char *path, const char *ending)
{
    const size_t size = strlen(path) + strlen(ending) + 1;
    char *name = malloc(size);

    if (name) {
        snprintf(name, size, "%s%s", path, ending);
    }
    return name;
}

static int part_file_init(struct part_file *file, const char *path, bool force, struct diagnostics *d)
{
    *file = (struct part_file){
        .path = path, .fd = -1, .other = -1, .force = force, .part = name_with(path, ".part")};
    return file->part ? 0 : diagnostics_out_of_memory(d);
}

const char *part_file_name(const struct part_file *file)
{
    return file->fresh ? file->fresh : file->part;
}

/* Whether PATH.part is still this file: 0, the errno, or PART_FILE_GONE. */
static int part_look(const struct part_file *file)
{
    struct stat open;
    struct stat named;

    if (fstat(file->fd, &open) != 0) {
        return errno;
    }
    if (lstat(part_file_name(file), &named) != 0) {
        return errno == ENOENT ? PART_FILE_GONE : errno;
    }
    return named.st_ino == open.st_ino && named.st_dev == open.st_dev ? 0 : PART_FILE_GONE;
}

/* 0, or the errno. */
static int part_make(struct part_file *file)
{
    file->fd = open(part_file_name(file), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->fd < 0) {
        return errno;
    }
    /* Another run that begins in the same instant may have taken it for what a killed one left. */
    if (part_lock(file->fd) && part_look(file) == 0) {
        return 0;
    }
    close(file->fd);
    file->fd = -1;
    return EBUSY;
}

/* Whether what an earlier run left may be replaced. */
static int part_check(const struct part_file *file, struct diagnostics *d)
{
    struct stat status;

    if (lstat(file->part, &status) != 0) {
        return 0;
    }
    const int fd = part_open(file, file->part, d);
    if (fd < 0) {
        return -1;
    }
    close(fd);
    return file->force
               ? 0
               : diagnostics_error(d, (struct place){.file = file->path},
                                   "an interrupted run left \"%s\": --resume finishes it, --force begins "
                                   "anew",
                                   file->part);
}

/* Removes what is called PATH.part.new: a run that was killed before it began. */
static int fresh_remove(const struct part_file *file, struct diagnostics *d)
{
    const int fd = part_open(file, file->fresh, d);

    if (fd < 0) {
        return -1;
    }
    const int code = unlink(file->fresh) == 0 ? 0 : errno; /* with the lock: nobody else begins with it */
    close(fd);
    return code == 0 ? 0 : path_error(file->path, "cannot be written", code, d);
}

int part_file_create(struct part_file *file, const char *path, bool force, struct diagnostics *d)
{
    int code;

    *file = (struct part_file){.fd = -1, .other = -1};
    if (path_check(path, force, d) != 0 || part_file_init(file, path, force, d) != 0) {
        return -1;
    }
    file->fresh = name_with(path, ".part.new");
    if (!file->fresh) {
        part_file_close(file);
        return diagnostics_out_of_memory(d);
    }
    if (part_check(file, d) != 0) {
        part_file_close(file);
        return -1;
    }
    code = part_make(file);
    if (code == EEXIST) {
        if (fresh_remove(file, d) != 0) {
            part_file_close(file);
            return -1;
        }
        code = part_make(file);
    }
    if (code != 0) {
        part_error(file, code, d);
        part_file_close(file);
        return -1;
    }
    return 0;
}

int part_file_begin(struct part_file *file, struct diagnostics *d)
{
    if (part_check(file, d) != 0) {
        return -1;
    }
    const int code = name_give(file->fresh, file->part, file->force);
    if (code != 0) {
        return path_error(file->path, "cannot be written", code, d);
    }
    free(file->fresh);
    file->fresh = NULL;
    return 0;
}

int part_file_reopen(struct part_file *file, const char *path, bool force, struct diagnostics *d)
{
    struct stat status;

    *file = (struct part_file){.fd = -1, .other = -1};
    if (part_file_init(file, path, force, d) != 0) {
        return -1;
    }
    if (lstat(file->part, &status) != 0 && errno == ENOENT) {
        return 1;
    }
    if (path_check(path, force, d) == 0) {
        file->fd = part_open(file, file->part, d);
    }
    if (file->fd < 0) {
        part_file_close(file);
        return -1;
    }
    return 0;
}

int part_file_join(struct part_file *file, const char *path, struct diagnostics *d)
{
    *file = (struct part_file){.fd = -1};
    if (part_file_init(file, path, false, d) != 0) {
        return -1;
    }
    file->fd = open(file->part, O_RDWR | O_CLOEXEC);
    if (file->fd < 0) {
        path_error(path, "cannot be written by all processes", errno, d);
        part_file_close(file);
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

char *part_file_side(const struct part_file *file, const char *ending)
{
    return name_with(file->part, ending);
}

void part_file_remove_side(const struct part_file *file, const char *ending)
{
    char *name = part_file_side(file, ending);
    char *fresh = name ? name_with(name, ".new") : NULL;

    if (name) {
        unlink(name);
    }
    if (fresh) {
        unlink(fresh);
    }
    free(name);
    free(fresh);
}

int part_file_levels(const struct part_file *file, int64_t bytes, bool fresh, struct diagnostics *d)
{
    char *name = part_file_side(file, ".levels");
    int fd;
    int code;

    if (!name) {
        return diagnostics_out_of_memory(d);
    }
    fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (fresh ? O_TRUNC : 0), 0666);
    code = fd < 0 ? errno : space_reserve(fd, bytes);
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

int part_file_settle(const struct part_file *file)
{
    int code = part_look(file);

    if (code == 0) {
        code = fdatasync(file->fd) == 0 ? 0 : errno;
    }
    return code == 0 ? bytes_folder_sync(file->path) : code;
}

int part_file_restore(struct part_file *file, struct diagnostics *d)
{
    const struct place at = {.file = file->path};
    const int old = file->fd;
    int code = part_look(file);

    if (code == 0) {
        return 0;
    }
    if (code == PART_FILE_GONE) {
        code = part_make(file);
        if (code == 0) {
            code = bytes_copy(old, file->fd);
            if (code != 0) {
                unlink(part_file_name(file));
                close(file->fd);
            }
        }
    }
    if (code != 0) {
        file->fd = old;
        return code == EEXIST ? diagnostics_error(d, at,
                                                  "another file was put in the place of \"%s\" while "
                                                  "the run went on, and is left alone",
                                                  part_file_name(file))
                              : diagnostics_error(d, at,
                                                  "\"%s\" was removed while the run went on, and cannot "
                                                  "be written once more: %s",
                                                  part_file_name(file), strerror(code));
    }
    close(old);
    diagnostics_warning(d, at, "\"%s\" was removed while the run went on, and has been written once more",
                        part_file_name(file));
    return 0;
}

int part_file_exchange(struct part_file *file, const char *ending, struct diagnostics *d)
{
    char *name = part_file_side(file, ending);
    const int fd = name ? part_open(file, name, d) : diagnostics_out_of_memory(d);

    if (fd < 0) {
        free(name);
        return -1;
    }
    file->fresh = name;
    file->other = file->fd; /* holds the lock of PATH.part */
    file->fd = fd;
    return 0;
}

void part_file_exchange_back(struct part_file *file)
{
    if (file->other >= 0) {
        unlink(file->fresh);
        close(file->fd);
        free(file->fresh);
        file->fd = file->other;
        file->fresh = NULL;
        file->other = -1;
    }
}

int part_file_publish(struct part_file *file, struct diagnostics *d)
{
    const struct place at = {.file = file->path};
    int code = fsync(file->fd) == 0 ? 0 : errno;
    int ret = 0;

    if (code == 0) {
        code = name_give(part_file_name(file), file->path, file->force);
    }
    if (code == 0 && file->other >= 0) {
        unlink(file->part);
    }
    if (code == EEXIST) {
        ret = diagnostics_error(d, at,
                                "came into being while the run went on, and is left alone; this one is "
                                "complete and is called \"%s\"",
                                part_file_name(file));
    } else if (code != 0) {
        ret = diagnostics_error(d, at, "cannot be written: %s; the complete file is called \"%s\"",
                                strerror(code), part_file_name(file));
    } else if ((code = bytes_folder_sync(file->path)) != 0) {
        ret = path_error(file->path, "cannot be made safe against a power failure", code, d);
    }
    return ret;
}

void part_file_remove(struct part_file *file)
{
    if (file->fd >= 0 && part_look(file) == 0) {
        unlink(part_file_name(file));
    }
    part_file_close(file);
}
