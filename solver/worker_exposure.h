/* worker_exposure - the metrics of the patients of a batch. For worker.c. */
#ifndef KETSIM_WORKER_EXPOSURE_H
#define KETSIM_WORKER_EXPOSURE_H

#include "lane.h"

struct worker_exposure; /* opaque; belongs to one thread */

/* NULL without memory. `plan` must outlive it. */
struct worker_exposure *worker_exposure_create(const struct worker_plan *plan);
void worker_exposure_free(struct worker_exposure *exposure);

/* Who is to watch these lanes, of one model, being solved; NULL: nobody, metrics are of the observations. */
const struct watch *worker_exposure_watch(struct worker_exposure *exposure, struct lane *const *lanes,
                                          int count);

/* Computes the metrics of the patient in `lane` from finished->levels, and points `finished` at them; they hold until another
 * patient takes the same `position` (below WORKER_LANES). NaN of a patient who was not simulated. */
void worker_exposure_compute(struct worker_exposure *exposure, const struct lane *lane, int position,
                             struct simulated *finished);

#endif
