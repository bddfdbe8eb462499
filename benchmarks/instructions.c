/* The part of figures.h that counts instructions. */
#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Two sizes of a run, in whole batches: what they have in common is the start. */
enum { FEW = 32, MANY = 128 };

static int instructions(const char *build, const char *study, const char *method, int patients,
                        const char *scratch, double *counted, char *why)
{
    char program[1024];
    char output[1024];
    char count[64];
    char by[64];
    char said[4000];
    struct outcome outcome;
    snprintf(program, sizeof(program), "%s/ketsim", build);
    snprintf(output, sizeof(output), "%s/out.h5", scratch);
    snprintf(count, sizeof(count), "patients.count=%d", patients);
    snprintf(by, sizeof(by), "solver.method=%s", method);
    const char *const arguments[] = {"valgrind",
                                     "--tool=callgrind",
                                     "--callgrind-out-file=/dev/null",
                                     program,
                                     "run",
                                     study,
                                     "--threads",
                                     "1",
                                     "--quiet",
                                     "--set",
                                     count,
                                     "--set",
                                     by,
                                     "--output",
                                     output,
                                     "--force",
                                     NULL};
    const int status = program_run(arguments, said, sizeof(said), &outcome);
    unlink(output);
    const char *line = strstr(said, "Collected : ");
    if (status != 0 || !line) {
        snprintf(why, 300, "no instructions counted: %s",
                 status == 127 ? "valgrind is not installed" : "valgrind failed");
        return -1;
    }
    *counted = strtod(line + strlen("Collected : "), NULL);
    return 0;
}

int instructions_per_patient(const char *build, const char *study, const char *method, const char *scratch,
                             double *per_patient, char *why)
{
    double few, many;
    if (instructions(build, study, method, FEW, scratch, &few, why) != 0 ||
        instructions(build, study, method, MANY, scratch, &many, why) != 0) {
        return -1;
    }
    *per_patient = (many - few) / (MANY - FEW);
    return 0;
}
