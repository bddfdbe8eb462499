/* How the arms of a result go together: which is compared with which, and which are replicates of one. */
#include "results_read.h"

#include <stdlib.h>
#include <string.h>

int result_read_baselines(struct result *result, struct diagnostics *d)
{
    const struct result_variable *v = result_find(result, ROLE_BASELINE, NULL, NULL);
    const int64_t arms = result->sizes[DIMENSION_ARM];
    char **labels = NULL;
    int64_t next = 0; /* where the following arm's is most likely found */
    int64_t count;
    int ret = 0;

    if (!v) {
        return 0;
    }
    result->baselines = calloc((size_t)arms + 1, sizeof(*result->baselines));
    if (!result->baselines) {
        return diagnostics_out_of_memory(d);
    }
    if (hdf_read_texts(result->file, v->name, &labels, &count, d) != 0) {
        return -1;
    }
    for (int64_t i = 0; i < arms && ret == 0; i++) {
        int64_t tried = 0;
        while (*labels[i] && tried < arms && strcmp(result->arms[(next + tried) % arms], labels[i]) != 0) {
            tried++;
        }
        result->baselines[i] = *labels[i] ? (next + tried) % arms : -1;
        next = *labels[i] ? (next + tried + 1) % arms : next;
        if (tried == arms || result->baselines[i] == i) {
            ret = diagnostics_error(d, (struct place){.file = result->path},
                                    "\"%s\" is no arm that another is compared with", labels[i]);
        }
    }
    hdf_texts_free(labels, count);
    return ret;
}

int result_read_replicates(struct result *result, struct diagnostics *d)
{
    const struct result_variable *v = result_find(result, ROLE_REPLICATE, NULL, NULL);
    const int64_t arms = result->sizes[DIMENSION_ARM];
    bool agree = true;

    if (!v) {
        return 0;
    }
    if (!hdf_number(result->file, NULL, "uncertainty_replicates", HDF_INT64, &result->replicates) ||
        !hdf_number(result->file, NULL, "uncertainty_confidence", HDF_FLOAT64, &result->confidence) ||
        result->replicates < 1 || result->replicates >= arms || arms % (result->replicates + 1) != 0 ||
        !(result->confidence > 0 && result->confidence < 1)) {
        return diagnostics_error(d, (struct place){.file = result->path},
                                 "does not say how many replicates \"%s\" counts", v->name);
    }
    int64_t *replicates = malloc((size_t)arms * sizeof(*replicates));
    if (!replicates) {
        return diagnostics_out_of_memory(d);
    }
    if (hdf_read(result->file, v->name, HDF_INT64, (int64_t[]){0}, &arms, replicates, d) != 0) {
        free(replicates);
        return -1;
    }
    for (int64_t arm = 0; arm < arms; arm++) {
        agree &= replicates[arm] == arm % (result->replicates + 1);
    }
    free(replicates);
    return agree ? 0
                 : diagnostics_error(d, (struct place){.file = result->path},
                                     "the replicates of \"%s\" do not follow their arms", v->name);
}

bool result_is_replicate(const struct result *result, int64_t arm)
{
    return arm % (result->replicates + 1) != 0;
}
