#include "results_slopes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define X(symbol, value, word, text) value,
static const uint32_t masks[] = {SLOPE_FLAG_LIST(X)};
#undef X

const char *slope_flag_word(int i)
{
#define X(symbol, value, word, text) word,
    static const char *const words[] = {SLOPE_FLAG_LIST(X)};
#undef X
    return words[i];
}

const char *slope_flag_text(int i)
{
#define X(symbol, value, word, text) text,
    static const char *const texts[] = {SLOPE_FLAG_LIST(X)};
#undef X
    return texts[i];
}

enum { PART = 4096 }; /* patients read at once */

/* Adds what `count` patients of an arm say to the counts. */
static int count_patients(struct doubtful_slope *slope, struct result *result,
                          const struct result_variable *v, int64_t arm, int64_t first, int64_t count,
                          struct diagnostics *d)
{
    const struct result_variable *status = result_find(result, ROLE_STATUS, NULL, NULL);
    double values[PART];
    double statuses[PART];

    if (result_read(result, v, arm, first, count, values, d) != 0 ||
        result_read(result, status, arm, first, count, statuses, d) != 0) {
        return -1;
    }
    for (int64_t i = 0; i < count; i++) {
        const uint32_t flags = values[i] > 0 && values[i] <= INT32_MAX ? (uint32_t)values[i] : 0;
        if (statuses[i] != PATIENT_SIMULATED) {
            continue;
        }
        slope->simulated++;
        slope->doubtful += flags != 0;
        for (int k = 0; k < SLOPE_FLAGS; k++) {
            slope->counts[k] += (flags & masks[k]) != 0;
        }
    }
    return 0;
}

static int count_analyte(struct doubtful_slope *slope, struct result *result, const struct result_variable *v,
                         struct diagnostics *d)
{
    const int64_t patients = result->sizes[DIMENSION_PATIENT];

    *slope = (struct doubtful_slope){.analyte = v->analyte};
    for (int64_t arm = 0; arm < result->sizes[DIMENSION_ARM]; arm++) {
        if (!result_model_has(result, result->arm_models[arm], v->analyte)) {
            continue;
        }
        for (int64_t first = 0; first < patients; first += PART) {
            const int64_t count = patients - first < PART ? patients - first : PART;
            if (count_patients(slope, result, v, arm, first, count, d) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int doubtful_slopes_read(struct doubtful_slopes *slopes, struct result *result, struct diagnostics *d)
{
    int ret = 0;

    *slopes = (struct doubtful_slopes){0};
    slopes->items = calloc((size_t)result->variable_count + 1, sizeof(*slopes->items));
    if (!slopes->items) {
        ret = diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < result->variable_count && ret == 0; i++) {
        const struct result_variable *v = &result->variables[i];
        struct doubtful_slope *slope = &slopes->items[slopes->count];
        if (v->role == ROLE_SLOPE_FLAGS) {
            ret = count_analyte(slope, result, v, d);
            slopes->count += ret == 0 && slope->doubtful > 0;
        }
    }
    return ret;
}

void doubtful_slopes_clear(struct doubtful_slopes *slopes)
{
    free(slopes->items);
    *slopes = (struct doubtful_slopes){0};
}

char *doubtful_slope_describe(const struct doubtful_slope *slope)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out) {
        return NULL;
    }
    for (int k = 0; k < SLOPE_FLAGS; k++) {
        if (slope->counts[k] > 0) {
            fprintf(out, "%s%s: %lld", ftell(out) > 0 ? "; " : "", slope_flag_text(k),
                    (long long)slope->counts[k]);
        }
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
