#include "results_limits.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 31, BLOCK = 4096 };

/* Cuts a text into its words, in place. How many there are; the rest beyond WORDS_MAX is left out. */
static int cut_words(char *text, const char **words)
{
    char *rest = NULL;
    int count = 0;

    for (char *word = strtok_r(text, " ", &rest); word && count < WORDS_MAX;
         word = strtok_r(NULL, " ", &rest)) {
        words[count++] = word;
    }
    return count;
}

/* Counts the simulations of an arm that break each limit into counts[limit]. */
static int count_arm(struct result *result, const struct result_variable *v, int64_t arm, int64_t *counts,
                     struct diagnostics *d)
{
    const int64_t patients = result->sizes[DIMENSION_PATIENT];
    double values[BLOCK];

    for (int64_t first = 0; first < patients; first += BLOCK) {
        const int64_t part = patients - first < BLOCK ? patients - first : BLOCK;
        if (result_read(result, v, arm, first, part, values, d) != 0) {
            return -1;
        }
        for (int64_t i = 0; i < part; i++) {
            const uint32_t bits = values[i] > 0 && values[i] <= INT32_MAX ? (uint32_t)values[i] : 0;
            for (int k = 0; k < WORDS_MAX; k++) {
                counts[k] += bits >> k & 1;
            }
        }
    }
    return 0;
}

static int model_find(const struct result *result, const char *name)
{
    int i = 0;

    while (i < result->model_count - 1 && strcmp(result->models[i], name) != 0) {
        i++;
    }
    return i;
}

/* From counts[model][limit] to the list. -1 without memory. */
static int list_broken(struct broken_limits *limits, const struct result *result, const int64_t *counts,
                       const char *const *names, int name_count)
{
    limits->items = calloc((size_t)result->model_count * WORDS_MAX, sizeof(*limits->items));
    if (!limits->items) {
        return -1;
    }
    for (int m = 0; m < result->model_count; m++) {
        for (int k = 0; k < name_count; k++) {
            const int64_t count = counts[(ptrdiff_t)m * WORDS_MAX + k];
            if (count > 0) {
                struct broken_limit *limit = &limits->items[limits->count++];
                *limit = (struct broken_limit){result->models[m], strdup(names[k]), k, count};
                if (!limit->name) {
                    return -1;
                }
            }
        }
    }
    return 0;
}

int broken_limits_read(struct broken_limits *limits, struct result *result, struct diagnostics *d)
{
    const struct result_variable *v = result_find(result, ROLE_OUTSIDE, NULL, NULL);
    char *text = v ? hdf_text(result->file, v->name, "flag_meanings") : NULL;
    int64_t *counts = calloc((size_t)result->model_count * WORDS_MAX, sizeof(*counts));
    const char *names[WORDS_MAX];
    int ret = counts ? 0 : diagnostics_out_of_memory(d);

    *limits = (struct broken_limits){0};
    if (!text) {
        goto out; /* a result that does not say */
    }
    const int name_count = cut_words(text, names);
    for (int64_t arm = 0; arm < result->sizes[DIMENSION_ARM] && ret == 0; arm++) {
        const int m = model_find(result, result->arm_models[arm]);
        ret = count_arm(result, v, arm, counts + (ptrdiff_t)m * WORDS_MAX, d);
    }
    if (ret == 0 && list_broken(limits, result, counts, names, name_count) != 0) {
        ret = diagnostics_out_of_memory(d);
    }

out:
    free(text);
    free(counts);
    if (ret != 0) {
        broken_limits_clear(limits);
    }
    return ret;
}

void broken_limits_clear(struct broken_limits *limits)
{
    for (int i = 0; i < limits->count; i++) {
        free(limits->items[i].name);
    }
    free(limits->items);
    *limits = (struct broken_limits){0};
}
