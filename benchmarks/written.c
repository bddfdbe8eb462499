#include "written.h"

#include "compare.h"

#include "solver/parallel.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, ROUNDS = 3 };

int ketsim_run(const char *build, const char *study, const char *method, int64_t patients,
               const char *scratch, struct outcome *outcome, int64_t *bytes)
{
    char program[1024];
    char output[1024];
    char count[64];
    char by[64];
    char said[2000];
    struct stat file;
    snprintf(program, sizeof(program), "%s/ketsim", build);
    snprintf(output, sizeof(output), "%s/out.h5", scratch);
    snprintf(count, sizeof(count), "patients.count=%lld", (long long)patients);
    snprintf(by, sizeof(by), "solver.method=%s", method);
    const char *const arguments[] = {program, "run",   study, "--threads", "1",    "--quiet", "--set",
                                     count,   "--set", by,    "--output",  output, "--force", NULL};
    const int status = program_run(arguments, said, sizeof(said), outcome);
    if (status == 0 && bytes) {
        *bytes = stat(output, &file) == 0 ? file.st_size : 0;
    }
    unlink(output);
    if (status != 0) {
        said[strcspn(said, "\n")] = '\0';
        snprintf(outcome->why, sizeof(outcome->why), "%.100s: exit status %d: %.150s", program, status, said);
        return -1;
    }
    return 0;
}

/* Seconds to write so many bytes to a new file of the folder and have them on the disk; NaN when it cannot be done. */
static double write_plainly(const char *folder, int64_t bytes)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/plain", folder);
    char *block = malloc(BLOCK);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool failed = !block || file < 0;
    if (block) {
        memset(block, 0x5a, BLOCK);
    }
    const double start = parallel_seconds();
    for (int64_t left = bytes; left > 0 && !failed; left -= BLOCK) {
        const size_t part = left < BLOCK ? (size_t)left : (size_t)BLOCK;
        failed = write(file, block, part) != (ssize_t)part;
    }
    failed = failed || fsync(file) != 0;
    const double taken = parallel_seconds() - start;
    if (file >= 0) {
        close(file);
        unlink(path);
    }
    free(block);
    return failed ? (double)NAN : taken;
}

static json_t *median(double *samples)
{
    return json_real(median_interval(samples, ROUNDS).median);
}

json_t *written_measure(const struct figures_options *options, const char *study, const char *method,
                        int64_t patients, char *why)
{
    const struct run run = {.study = study, .method = method, .patients = patients, .threads = 1, .finer = 1};
    double rates[ROUNDS], shares[ROUNDS], memories[ROUNDS], plain_shares[ROUNDS], speeds[ROUNDS];
    double limits[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        struct outcome nothing, file;
        int64_t bytes = 0;
        if (run_apart(&run, &nothing) != 0 ||
            ketsim_run(options->build, study, method, patients, options->scratch, &file, &bytes) != 0) {
            snprintf(why, 300, "%s", nothing.why[0] ? nothing.why : file.why);
            return NULL;
        }
        const double plain = write_plainly(options->scratch, bytes);
        if (isnan(plain)) {
            snprintf(why, 300, "%.200s: cannot be written to", options->scratch);
            return NULL;
        }
        rates[i] = (double)patients / file.wall;
        shares[i] = nothing.wall / file.wall;
        plain_shares[i] = plain / file.wall;
        limits[i] = fmax(nothing.wall, plain) / file.wall;
        speeds[i] = (double)bytes / (1 << 20) / plain;
        memories[i] = file.memory;
    }
    json_t *written = json_object();
    json_object_set_new(written, "patients", json_integer(patients));
    json_object_set_new(written, "patients_per_second", median(rates));
    json_object_set_new(written, "share_of_rate_with_nothing_written", median(shares));
    json_object_set_new(written, "share_of_time_that_a_plain_write_takes", median(plain_shares));
    json_object_set_new(written, "share_of_what_processor_and_disk_allow", median(limits));
    json_object_set_new(written, "plain_write_mib_per_second", median(speeds));
    json_object_set_new(written, "peak_memory_mib", median(memories));
    return written;
}
