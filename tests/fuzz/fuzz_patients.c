/* Tables of patients, and those of a sweep, from the text to a small simulation. The table lies in memory under a name that can be opened. */
#define _GNU_SOURCE /* memfd_create */
#include "small_run.h"

#include <sys/mman.h>
#include <unistd.h>

static const char *const ways[] = {
    "patients: {from: /proc/self/fd/%d, columns: {wt: weight}, ignore: [c]}\n",
    "patients: {from: /proc/self/fd/%d, count: 4, resample: true}\n",
    "patients: {count: 2}\nsweep: {design: table, table: /proc/self/fd/%d}\n",
    ("patients: {count: 2}\n"
     "sweep: {design: table, table: /proc/self/fd/%d, late: {sets: arms.a.delay, session: 1}}\n"),
};

static void try_table(int fd, const char *way)
{
    struct diagnostics d;
    struct study study;
    char given[256];
    char text[1024];

    snprintf(given, sizeof(given), way, fd);
    snprintf(text, sizeof(text),
             "title: A table\n"
             "model: small.yaml\n"
             "seed: 1\n"
             "arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 1 h, every: 4 h, times: 2}]}]\n"
             "observe: {to: 8 h, every: 2 h}\n"
             "applicability: ignore\n"
             "solver: {max_steps: 1000, rtol: 1e-6, atol: 1e-9 mg}\n%s",
             given);
    diagnostics_init(&d);
    const int status =
        study_parse(&study, SOURCE_DIR "/tests/fuzz/study.yaml", text, strlen(text), NULL, 0, &d);
    fuzz_check_messages(&d, status);
    if (status == 0) {
        try_study(&study);
    }
    study_clear(&study);
    diagnostics_clear(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int fd = memfd_create("table", 0);

    fuzz_promise(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        try_table(fd, ways[i]);
    }
    close(fd);
    return 0;
}
