/* written - what it costs to write every profile to a file. */
#ifndef KETSIM_BENCHMARKS_WRITTEN_H
#define KETSIM_BENCHMARKS_WRITTEN_H

#include "figures.h"

/* `ketsim run` with one thread, from start to end, in turn with the same study simulated with nothing kept, and with a plain
 * write of as many bytes to a file of the same folder, synced. NULL with the reason in `why` (300 bytes). */
json_t *written_measure(const struct figures_options *options, const char *study, const char *method,
                        int64_t patients, char *why);

/* Runs `BUILD/ketsim run STUDY` into scratch/out.h5 and removes that. 0, or -1 with the reason in outcome->why. `bytes` (NULL: not
 * wanted): of the file. */
int ketsim_run(const char *build, const char *study, const char *method, int64_t patients,
               const char *scratch, struct outcome *outcome, int64_t *bytes);

#endif
