/* worker_certificate - solves simulations of the sample again, and compares. For worker.c. */
#ifndef KETSIM_WORKER_CERTIFICATE_H
#define KETSIM_WORKER_CERTIFICATE_H

#include "certificate.h"
#include "worker_batch.h"

struct worker_certificate; /* opaque; belongs to one thread */

/* NULL without memory. `plan` must outlive it. */
struct worker_certificate *worker_certificate_create(const struct worker_plan *plan);
void worker_certificate_free(struct worker_certificate *certificate);

/* Compares those of the lanes that are in the sample, of one group, whose levels lie in levels[output][lane][row]; `batch` is free for
 * use. found[l], for lane l, is not in the sample unless its position is above -1. 0, or -2 without memory. */
int worker_certificate_compare(struct worker_certificate *certificate, struct worker_batch *batch,
                               struct lane *const *lanes, int count, const double *levels,
                               struct certified *found);

#endif
