/* figures - everything `./dev bench` measures, as one JSON document; benchmarks/README.md explains its keys. */
#ifndef KETSIM_BENCHMARKS_FIGURES_H
#define KETSIM_BENCHMARKS_FIGURES_H

#include "workloads.h"

#include <jansson.h>

enum { FIGURES_FORMAT = 1 };

struct figures_options {
    const char *studies; /* folder of the workloads */
    const char *build;   /* folder of the program ketsim */
    const char *scratch; /* folder to write results in */
    double target;       /* s that one measurement should take */
    int rounds;          /* in each of which every method is measured once, in turn */
    bool scaling;        /* also the cost of ten times the patients and observations */
    bool outside;        /* also programs that are not ours, where they are installed */
    bool instructions;   /* also those of a patient, where valgrind is installed */
};

/* What made the figures, and where: versions, revision, compiler, build of SUNDIALS; processor, cores, kernel. */
json_t *figures_head(void);

/* The figures of one workload. NULL with the reason in `why` (300 bytes). */
json_t *figures_workload(const struct workload *workload, const struct figures_options *options, char *why);

/* Prints the head, or one workload's figures, as a table. */
void figures_print_head(const json_t *head, FILE *out);
void figures_print_workload(const json_t *figures, FILE *out);

/* Instructions that `BUILD/ketsim run` executes for each patient of a workload on one thread, by callgrind: the difference
 * between two runs, so that the start does not count. 0, or -1 with the reason in `why` (300 bytes): no valgrind, say. */
int instructions_per_patient(const char *build, const char *study, const char *method, const char *scratch,
                             double *instructions, char *why);

#endif
