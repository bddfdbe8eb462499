/* worker_solution - the spans that metrics from the solution, and those of sessions, are of, for the patients of a batch. For worker_exposure.c. */
#ifndef KETSIM_WORKER_SOLUTION_H
#define KETSIM_WORKER_SOLUTION_H

#include "lane.h"
#include "span.h"

struct worker_solution; /* opaque; belongs to one thread */

/* NULL without memory. `plan` must outlive it. */
struct worker_solution *worker_solution_create(const struct worker_plan *plan);
void worker_solution_free(struct worker_solution *solution);

/* Who is to watch the solution of these lanes, of one model. */
const struct watch *worker_solution_begin(struct worker_solution *solution, struct lane *const *lanes,
                                          int count);

/* What was seen of a level (an output of the model) of the lane at `position` in the batch. */
const struct spans *worker_solution_of(const struct worker_solution *solution, int position, int output);

#endif
