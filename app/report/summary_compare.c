#include "summary_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The label of an arm without its model, "infusion, dose 28 mg" of "infusion, MODEL, dose 28 mg": arms of several
 * models are labeled so. malloc'ed; NULL without memory. */
static char *label_without_model(const struct result *result, int64_t arm)
{
    const char *label = result->arms[arm];
    const char *model = result->arm_models[arm];
    const size_t name = strlen(result->arm_names[arm]);
    char *text = strdup(label);

    if (text && strncmp(label, result->arm_names[arm], name) == 0 && strncmp(label + name, ", ", 2) == 0 &&
        strncmp(label + name + 2, model, strlen(model)) == 0) {
        const char *rest = label + name + 2 + strlen(model);
        if (*rest == '\0' || *rest == ',') {
            memcpy(text + name, rest, strlen(rest) + 1);
        }
    }
    return text;
}

/* --- Which rows are compared --- */

struct label {
    char *text; /* owned: without the model */
    int64_t arm;
};

static int label_compare(const void *a, const void *b)
{
    const struct label *left = a;
    const struct label *right = b;
    const int order = strcmp(left->text, right->text);

    return order != 0 ? order : (left->arm > right->arm) - (left->arm < right->arm);
}

/* Fills groups[arm] with the first arm whose label is the same but for the model. -1 without memory. */
static int group_arms(const struct result *result, int64_t *groups)
{
    const int64_t arms = result->sizes[DIMENSION_ARM];
    struct label *labels = calloc((size_t)arms + 1, sizeof(*labels));
    int ret = labels ? 0 : -1;

    for (int64_t i = 0; i < arms && ret == 0; i++) {
        labels[i] = (struct label){label_without_model(result, i), i};
        ret = labels[i].text ? 0 : -1;
    }
    if (ret == 0) {
        qsort(labels, (size_t)arms, sizeof(*labels), label_compare);
        for (int64_t i = 0; i < arms; i++) {
            const bool same = i > 0 && strcmp(labels[i].text, labels[i - 1].text) == 0;
            groups[labels[i].arm] = same ? groups[labels[i - 1].arm] : labels[i].arm;
        }
    }
    for (int64_t i = 0; i < arms && labels; i++) {
        free(labels[i].text);
    }
    free(labels);
    return ret;
}

/* A row by what it is compared with. */
struct candidate {
    int64_t group; /* of its arm */
    const struct result_variable *variable;
    int64_t row;
};

static int candidate_compare(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;

    if (left->group != right->group) {
        return left->group < right->group ? -1 : 1;
    }
    if (left->variable != right->variable) {
        return left->variable < right->variable ? -1 : 1;
    }
    return left->row < right->row ? -1 : left->row > right->row;
}

/* --- What the comparison says --- */

/* Adds what `count` candidates of one group amount to, if two models at least have a geometric mean. -1 without memory.
 * `ratios` has room for `count`. */
static int add_comparison(struct summary *summary, const struct candidate *group, int64_t count,
                          double *ratios)
{
    struct comparison c = {.variable = group->variable};
    const double middle = 0.5;

    for (int64_t i = 0; i < count; i++) {
        const int64_t row = group[i].row;
        const struct spread *s = &summary->rows[row].spread;
        if (isnan(s->geometric_mean)) {
            continue;
        }
        if (c.models == 0 || s->geometric_mean < summary->rows[c.lowest].spread.geometric_mean) {
            c.lowest = row;
        }
        if (c.models == 0 || s->geometric_mean > summary->rows[c.highest].spread.geometric_mean) {
            c.highest = row;
        }
        c.models++;
        if (spread_differs(s)) {
            ratios[c.patients_models++] = s->p95 / s->p05;
        }
    }
    if (c.models < 2) {
        return 0;
    }
    c.models_ratio =
        summary->rows[c.highest].spread.geometric_mean / summary->rows[c.lowest].spread.geometric_mean;
    quantiles_compute(ratios, c.patients_models, &middle, 1, &c.patients_ratio);
    for (int64_t i = 0; i < count; i++) {
        summary->rows[group[i].row].comparison = summary->comparison_count;
    }
    c.arm = label_without_model(&summary->result, summary->rows[group->row].arm);
    summary->comparisons[summary->comparison_count++] = c;
    return c.arm ? 0 : -1;
}

/* Groups the candidates, which are sorted. -1 without memory. */
static int add_comparisons(struct summary *summary, const struct candidate *candidates, int64_t count)
{
    double *ratios = calloc((size_t)count + 1, sizeof(*ratios));
    int ret = ratios ? 0 : -1;

    for (int64_t first = 0, next; first < count && ret == 0; first = next) {
        next = first + 1;
        while (next < count && candidates[next].group == candidates[first].group &&
               candidates[next].variable == candidates[first].variable) {
            next++;
        }
        ret = add_comparison(summary, candidates + first, next - first, ratios);
    }
    free(ratios);
    return ret;
}

int summary_compare(struct summary *summary)
{
    int64_t *groups = calloc((size_t)summary->result.sizes[DIMENSION_ARM] + 1, sizeof(*groups));
    struct candidate *candidates = calloc((size_t)summary->row_count + 1, sizeof(*candidates));
    int64_t count = 0;
    int ret = -1;

    summary->comparisons = calloc((size_t)summary->row_count / 2 + 1, sizeof(*summary->comparisons));
    if (!groups || !candidates || !summary->comparisons || group_arms(&summary->result, groups) != 0) {
        goto out;
    }
    for (int64_t i = 0; i < summary->row_count; i++) {
        const struct summary_row *row = &summary->rows[i];
        if (row->interval == 0 && summary_statistic(row->variable) == STATISTIC_GEOMETRIC) {
            candidates[count++] = (struct candidate){groups[row->arm], row->variable, i};
        }
    }
    qsort(candidates, (size_t)count, sizeof(*candidates), candidate_compare);
    ret = add_comparisons(summary, candidates, count);

out:
    free(groups);
    free(candidates);
    return ret;
}
