/* Event tables, from the text to a small simulation, read in both of the ways in which programs differ. The table lies in
 * memory under a name that can be opened. */
#define _GNU_SOURCE /* memfd_create */
#include "small_run.h"

#include <sys/mman.h>
#include <unistd.h>

static const char *const ways[] = {"", ", covariates: locf, additional: after, reset: keeps"};

static void try_table(int fd, const char *way)
{
    struct diagnostics d;
    struct study study;
    char text[1024];

    snprintf(text, sizeof(text),
             "title: A table\n"
             "model: small.yaml\n"
             "seed: 1\n"
             "patients: {events: /proc/self/fd/%d}\n"
             "events: {columns: {wt: weight}, ignore: [c]%s}\n"
             "applicability: ignore\n"
             "solver: {max_steps: 1000, rtol: 1e-6, atol: 1e-9 mg}\n",
             fd, way);
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
