/* verify - whether a result is what its study gives: simulated again from what the file holds, and compared bit for bit. */
#ifndef KETSIM_VERIFY_H
#define KETSIM_VERIFY_H

#include "app/base/progress.h"
#include "app/results/results.h"
#include "app/results/results_read.h"
#include "app/results/seal.h"

struct verify_request {
    bool all;                      /* simulate everything; else a sample */
    int threads;                   /* 0: as many as there are */
    const struct seal_check *seal; /* of the file, for the names of what is damaged */
    const struct provenance *now;  /* of this program */
    struct progress *progress;     /* NULL: nobody watches */
};

struct verify_report {
    bool same_program;   /* which gives the same bytes; else only checksums were checked */
    int64_t simulations; /* of the result */
    int64_t again;       /* of them, those that were simulated once more */
    bool has_quantiles;
    bool quantiles, answers, sensitivity; /* computed once more */
};

/* 0: all that could be checked is as it was written, and `report` says what that is. -1: `d` says what is not, down to variable, arm,
 * patient and time, or why the file cannot be checked. */
int verify_result(const char *path, const struct verify_request *request, struct verify_report *report,
                  struct diagnostics *d);

#endif
