/* A library to be preloaded, under which one of the calls fails by which a program changes certain files: what a disk or a kill does at a
 * moment that nobody chooses. KETSIM_FAULT="HOW N NAME": of the calls that concern files with NAME in their path, the N-th (from 1)
 * meets HOW: kill (before it is done), killed (after it), short (half of what was asked is done), or the name of an errno; with a + so
 * do all that follow. KETSIM_FAULT_LOG is a file that gets a line per call. Reading is left alone: HDF5 1.10 can crash where that
 * fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

enum fault { NOTHING, KILLED, SHORT, FAILS };

/* Declares `real`, the function that ours hides. */
#define REAL(type, name)                                                                                     \
    type real;                                                                                               \
    *(void **)&real = dlsym(RTLD_NEXT, name)

typedef int open_call(const char *, int, ...);
typedef int fd_call(int);
typedef int size_call(int, off_t);
typedef int range_call(int, off_t, off_t);
typedef int name_call(const char *);
typedef int names_call(const char *, const char *);
typedef int names_at_call(int, const char *, int, const char *, unsigned);
typedef ssize_t place_call(int, const void *, size_t, off_t);
typedef ssize_t send_call(int, int, off_t *, size_t);
typedef FILE *file_call(const char *, const char *);
typedef size_t items_call(const void *, size_t, size_t, FILE *);
typedef int stream_call(FILE *);

static _Noreturn void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;) {
        pause();
    }
}

static void log_call(const char *call, const char *path)
{
    const char *log = getenv("KETSIM_FAULT_LOG");
    REAL(open_call *, "open");

    if (log) {
        const int fd = real(log, O_WRONLY | O_APPEND | O_CREAT, 0666);
        dprintf(fd, "%s %s\n", call, path);
        close(fd);
    }
}

/* What a call is to meet that concerns this file; FAILS with errno set. */
static enum fault fault_of(const char *call, const char *path)
{
    static const struct {
        const char *name;
        int code;
    } errors[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO}, {"EDQUOT", EDQUOT}, {"EINTR", EINTR}};
    static atomic_long calls;
    const char *asked = getenv("KETSIM_FAULT");
    char how[32];
    char name[256];
    long chosen;

    if (!asked || !path || sscanf(asked, "%31s %ld %255s", how, &chosen, name) != 3 || !strstr(path, name)) {
        return NOTHING;
    }
    const long number = atomic_fetch_add(&calls, 1) + 1;
    log_call(call, path);
    char *plus = strchr(how, '+');
    if (number != chosen && !(plus && number > chosen)) {
        return NOTHING;
    }
    if (plus) {
        *plus = '\0';
    }
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        if (strcmp(how, errors[i].name) == 0) {
            errno = errors[i].code;
            return FAILS;
        }
    }
    if (strcmp(how, "kill") == 0) {
        die();
    }
    return strcmp(how, "killed") == 0 ? KILLED : strcmp(how, "short") == 0 ? SHORT : NOTHING;
}

static enum fault fault_of_fd(const char *call, int fd)
{
    char link[64];
    char path[512];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof(path) - 1);
    if (length < 0) {
        return NOTHING;
    }
    path[length] = '\0';
    return fault_of(call, path);
}

/* The end of each function: what `call` gives, unless the fault says otherwise. */
#define MEET(type, meets, failed, call)                                                                      \
    const enum fault met = meets;                                                                            \
    if (met == FAILS) {                                                                                      \
        return failed;                                                                                       \
    }                                                                                                        \
    const bool less = met == SHORT;                                                                          \
    type given = call;                                                                                       \
    if (met == KILLED) {                                                                                     \
        die();                                                                                               \
    }                                                                                                        \
    (void)less;                                                                                              \
    return given

int open(const char *path, int flags, ...)
{
    REAL(open_call *, "open");
    va_list arguments;

    va_start(arguments, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    MEET(int, fault_of("open", path), -1, real(path, flags, mode));
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    REAL(place_call *, "pwrite");
    MEET(ssize_t, fault_of_fd("pwrite", fd), -1, real(fd, bytes, less && size > 1 ? size / 2 : size, offset));
}

ssize_t sendfile(int to, int from, off_t *offset, size_t size)
{
    REAL(send_call *, "sendfile");
    MEET(ssize_t, fault_of_fd("sendfile", to), -1, real(to, from, offset, less ? 4096 : size));
}

int fsync(int fd)
{
    REAL(fd_call *, "fsync");
    MEET(int, fault_of_fd("fsync", fd), -1, real(fd));
}

int fdatasync(int fd)
{
    REAL(fd_call *, "fdatasync");
    MEET(int, fault_of_fd("fdatasync", fd), -1, real(fd));
}

int ftruncate(int fd, off_t size)
{
    REAL(size_call *, "ftruncate");
    MEET(int, fault_of_fd("ftruncate", fd), -1, real(fd, size));
}

int posix_fallocate(int fd, off_t offset, off_t size)
{
    REAL(range_call *, "posix_fallocate");
    MEET(int, fault_of_fd("posix_fallocate", fd), errno, real(fd, offset, size));
}

int rename(const char *from, const char *to)
{
    REAL(names_call *, "rename");
    MEET(int, fault_of("rename", to), -1, real(from, to));
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    REAL(names_at_call *, "renameat2");
    MEET(int, fault_of("renameat2", to), -1, real(from_folder, from, to_folder, to, flags));
}

int link(const char *from, const char *to)
{
    REAL(names_call *, "link");
    MEET(int, fault_of("link", to), -1, real(from, to));
}

int unlink(const char *path)
{
    REAL(name_call *, "unlink");
    MEET(int, fault_of("unlink", path), -1, real(path));
}

FILE *fopen(const char *path, const char *mode)
{
    REAL(file_call *, "fopen");
    MEET(FILE *, fault_of("fopen", path), NULL, real(path, mode));
}

size_t fwrite(const void *items, size_t size, size_t count, FILE *file)
{
    REAL(items_call *, "fwrite");
    MEET(size_t, fault_of_fd("fwrite", fileno(file)), 0, real(items, size, count, file));
}

int fflush(FILE *file)
{
    REAL(stream_call *, "fflush");
    MEET(int, file ? fault_of_fd("fflush", fileno(file)) : NOTHING, EOF, real(file));
}

/* Libraries built for large files call them so. */
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset) __attribute__((alias("pwrite")));
int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));
