/* ketsim verify OUT.h5 - whether a result is as it was written, and as its study gives it once more.
 *
 * Before anything trusts the file, its seal is looked at. Everything else is done by a process of its own: HDF5 does not survive all that
 * can be wrong with a file, and whoever asks about a damaged one wants an answer. */
#include "app/base/messages.h"
#include "app/results/version.h"
#include "app/verify/verify.h"
#include "arguments.h"
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct arguments {
    const char *path;
    int threads;
    bool all;
};

static const struct argp_option options[] = {
    {"all", 'a', NULL, 0, "Simulate everything again, in place of a sample", 0},
    {"threads", 't', "N", 0, "How many threads (default: as for `ketsim run')", 0},
    {0},
};

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->path;
        return 0;
    case 'a':
        arguments->all = true;
        return 0;
    case 't':
        arguments->threads = (int)argument_count(state, "--threads", value, 1, ARGUMENT_THREADS_MAX);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&result_command_line, 0, NULL, 0}, {0}};

static const struct argp command_line = {
    .options = options,
    .parser = arguments_take,
    .args_doc = "OUT.h5",
    .children = children,
    .doc = "Checks the checksums of a result file, simulates a sample of it again from what the file holds "
           "(study, models, "
           "tables), and compares to the last bit.\v"
           "Exit status: 0 all is as it was written; 1 it is not, and where, or it cannot be read; 2 the "
           "command line is wrong.",
};

/* Seconds of processor time for a file whose seal says that it is damaged, and bytes per second more: in one that leads HDF5 round in
 * circles nothing is found any more. */
static const double damaged_seconds = 60;
static const double damaged_rate = 10e6;

/* --- The seal --- */

static int look_at_seal(const char *path, struct seal_check *check, struct diagnostics *d)
{
    const struct place at = {.file = path};
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    int code = fd < 0 || fstat(fd, &status) != 0 ? errno : 0;

    if (code == 0 && !S_ISREG(status.st_mode)) {
        close(fd);
        return diagnostics_error(d, at, "cannot be read: it is no file");
    }
    if (code == 0) {
        code = seal_read(fd, check);
    }
    if (fd >= 0) {
        close(fd);
    }
    return code == 0 ? 0 : diagnostics_error(d, at, "cannot be read: %s", strerror(code));
}

static void tell_seal(const char *path, const struct seal_check *check, struct diagnostics *d)
{
    const struct place at = {.file = path};

    if (!check->found) {
        diagnostics_error(
            d, at,
            "is not as it was written: the seal at its end is damaged or missing, as when another "
            "program has written to the file");
    }
    for (int i = 0; i < check->damages && i < SEAL_DAMAGES_MAX; i++) {
        diagnostics_error(d, at, "is not as it was written: in its bytes %" PRId64 " to %" PRId64,
                          check->damaged[i].offset, check->damaged[i].offset + check->damaged[i].bytes - 1);
    }
    if (check->damages > SEAL_DAMAGES_MAX) {
        diagnostics_error(d, at, "and in %d more pieces", check->damages - SEAL_DAMAGES_MAX);
    }
}

/* --- The rest --- */

static void tell_verified(const struct arguments *arguments, const struct verify_report *report)
{
    if (!report->same_program) {
        printf("%s: its bytes are those that were written; not simulated again\n", arguments->path);
        return;
    }
    printf("%s: its bytes are those that were written, and %" PRId64 " of %" PRId64
           " simulations give them again\n",
           arguments->path, report->again, report->simulations);
    if (report->quantiles || report->answers || report->sensitivity) {
        printf("the same holds for what follows from them:%s%s%s\n", report->quantiles ? " quantiles" : "",
               report->answers ? " answers" : "", report->sensitivity ? " sensitivity" : "");
    }
    if (report->has_quantiles && !report->quantiles) {
        printf("quantiles are of levels that the file does not hold: --all computes them again\n");
    }
}

/* What the other process does. Returns its exit status. */
static int verify(const struct arguments *arguments, const struct seal_check *seal, struct diagnostics *d)
{
    struct progress progress;
    struct version version;
    struct verify_report report;

    version_init(&version);
    const struct verify_request request = {.all = arguments->all,
                                           .threads = arguments->threads,
                                           .seal = seal,
                                           .now = &version.provenance,
                                           .progress = &progress};
    progress_begin(&progress, stderr, !arguments->all);
    const int failed = verify_result(arguments->path, &request, &report, d);
    progress_end(&progress);
    messages_flush(d, false);
    if (!failed && (!seal->found || seal->damages > 0)) {
        message("%s: all that was read of it is as it was written", arguments->path);
    }
    if (failed || !seal->found || seal->damages > 0) {
        return STATUS_FAILED;
    }
    tell_verified(arguments, &report);
    if (fflush(stdout) != 0) {
        message("error: the answer cannot be written to the standard output");
        return STATUS_FAILED;
    }
    return STATUS_OK;
}

static void limit_time(const char *path)
{
    struct rlimit limit;
    struct stat status;

    if (getrlimit(RLIMIT_CPU, &limit) == 0 && stat(path, &status) == 0) {
        const rlim_t seconds = (rlim_t)(damaged_seconds + (double)status.st_size / damaged_rate);
        limit.rlim_cur = limit.rlim_max < seconds ? limit.rlim_max : seconds;
        setrlimit(RLIMIT_CPU, &limit);
    }
    getrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = 0; /* its end is no news to the system */
    setrlimit(RLIMIT_CORE, &limit);
}

static int verify_apart(const struct arguments *arguments, const struct seal_check *seal,
                        struct diagnostics *d)
{
    int ended = 0;
    const pid_t child = fork();

    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody waits for the answer any more */
        if (!arguments->all && (!seal->found || seal->damages > 0)) {
            limit_time(arguments->path);
        }
        const int status = verify(arguments, seal, d);
        diagnostics_clear(d);
        _exit(status);
    }
    if (child < 0) {
        message("error: no process to look into the file with: %s", strerror(errno));
        return STATUS_FAILED;
    }
    while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(ended)) {
        return WEXITSTATUS(ended);
    }
    if (WTERMSIG(ended) == SIGINT || WTERMSIG(ended) == SIGTERM) {
        return STATUS_INTERRUPTED;
    }
    diagnostics_error(d, (struct place){.file = arguments->path},
                      "is damaged so that nothing more can be read of it: its reader came to an end (%s)",
                      strsignal(WTERMSIG(ended)));
    messages_flush(d, false);
    return STATUS_FAILED;
}

int command_verify(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct seal_check seal;
    struct diagnostics d;
    int status = STATUS_FAILED;

    diagnostics_init(&d);
    argp_parse(&command_line, argc, argv, 0, NULL, &arguments);
    if (look_at_seal(arguments.path, &seal, &d) == 0) {
        tell_seal(arguments.path, &seal, &d);
        messages_flush(&d, false);
        status = verify_apart(&arguments, &seal, &d);
    }
    messages_flush(&d, false);
    return status;
}
