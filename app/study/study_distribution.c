#include "study_reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The distributions of a quantity. */
static const struct form {
    const char *name;
    enum distribution_kind kind;
    const char *a, *b; /* keys of the two parameters, or NULL */
    bool limits;       /* whether min and max must be given */
} forms[] = {
    {"normal", DISTRIBUTION_NORMAL, "mean", "sd", false},
    {"lognormal", DISTRIBUTION_LOGNORMAL, "median", "cv", false},
    {"uniform", DISTRIBUTION_UNIFORM, NULL, NULL, true},
    {"loguniform", DISTRIBUTION_LOGUNIFORM, NULL, NULL, true},
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

/* Ages and the like are not negative, and everybody has a weight. */
enum bound covariate_bound(const char *name, const char *unit)
{
    return strcmp(unit, "1") == 0        ? BOUND_NONE
           : strcmp(name, "weight") == 0 ? BOUND_POSITIVE
                                         : BOUND_NOT_NEGATIVE;
}

static bool read_parameter(struct study_reader *r, const struct node *map, const char *key, bool required,
                           const char *unit, enum bound bound, double *value)
{
    const struct node *node = node_find(map, key);
    if (!node && required) {
        diagnostics_error(r->d, study_place(r, map), "\"%s\" is missing", key);
    }
    if (node && !node_is_scalar(node)) {
        diagnostics_error(r->d, study_place(r, node), "\"%s\" must be a quantity", key);
    }
    return node ? study_quantity(r, node, unit, bound, value) : !required;
}

static void check_keys(struct study_reader *r, const struct form *form, const struct node *map)
{
    const char *keys[4];
    int count = 0;
    if (form->a) {
        keys[count++] = form->a;
        keys[count++] = form->b;
    }
    keys[count++] = "min";
    keys[count++] = "max";
    for (int i = 0; i < map->count; i++) {
        bool known = false;
        for (int k = 0; k < count; k++) {
            known |= node_reads(map->keys[i], keys[k]);
        }
        if (!known) {
            char what[64];
            snprintf(what, sizeof(what), "parameter of a %s distribution", form->name);
            study_unknown(r, map->keys[i], what, keys, count);
        }
    }
}

static void read_form(struct study_reader *r, const struct form *form, const struct node *map, enum bound own,
                      struct population_covariate *covariate)
{
    bool lognormal = form->kind == DISTRIBUTION_LOGNORMAL;
    bool loguniform = form->kind == DISTRIBUTION_LOGUNIFORM;
    enum bound bound = lognormal ? BOUND_POSITIVE : own;
    bool valid = true;
    covariate->kind = form->kind;
    covariate->lowest = lognormal ? 0 : -INFINITY;
    covariate->highest = INFINITY;
    check_keys(r, form, map);
    if (form->a) {
        valid &= read_parameter(r, map, form->a, true, covariate->unit, bound, &covariate->a);
        valid &= read_parameter(r, map, form->b, true, lognormal ? "1" : covariate->unit, BOUND_POSITIVE,
                                &covariate->b);
    }
    valid &= read_parameter(r, map, "min", form->limits, covariate->unit,
                            lognormal    ? BOUND_NOT_NEGATIVE
                            : loguniform ? BOUND_POSITIVE
                                         : own,
                            &covariate->lowest);
    valid &= read_parameter(r, map, "max", form->limits, covariate->unit, BOUND_NONE, &covariate->highest);
    if (!valid) {
        return;
    }
    if (!(covariate->lowest < covariate->highest)) {
        diagnostics_error(r->d, study_place(r, node_find(map, "max")), "max \"%s\" must be above min",
                          study_text(node_find(map, "max")));
    } else if (form->a && (covariate->a < covariate->lowest || covariate->a > covariate->highest)) {
        const struct node *node = node_find(map, form->a);
        diagnostics_error(r->d, study_place(r, node), "%s \"%s\" must lie between min and max", form->a,
                          node->text);
    }
    /* a quantile would be no number, or the same for everybody */
    if (lognormal) {
        covariate->b = sqrt(log1p(covariate->b * covariate->b));
        if (!isfinite(covariate->b)) {
            const struct node *node = node_find(map, form->b);
            diagnostics_error(r->d, study_place(r, node), "%s \"%s\" is too large", form->b, node->text);
        }
    }
    const double span =
        loguniform ? covariate->highest / covariate->lowest : covariate->highest - covariate->lowest;
    if (isfinite(covariate->highest) && isfinite(covariate->lowest) && !form->a && !isfinite(span)) {
        diagnostics_error(r->d, study_place(r, node_find(map, "max")), "max \"%s\" is too far from min",
                          study_text(node_find(map, "max")));
    }
}

static void read_quantity(struct study_reader *r, const struct node *map, enum bound bound,
                          struct population_covariate *covariate)
{
    const char *names[FORMS];
    if (node_is_scalar(map)) {
        study_quantity(r, map, covariate->unit, bound, &covariate->a);
        return;
    }
    if (map->kind != NODE_MAP || map->count != 1) {
        diagnostics_error(r->d, study_place(r, map),
                          "%s is a quantity or one distribution: normal, lognormal, uniform or loguniform",
                          covariate->name);
        return;
    }
    for (int i = 0; i < FORMS; i++) {
        names[i] = forms[i].name;
        if (!node_reads(map->keys[0], forms[i].name)) {
            continue;
        }
        if (map->items[0]->kind != NODE_MAP) {
            diagnostics_error(r->d, study_place(r, map->items[0]), "write {%s: {%s%s%s%smin: ..., max: ...}}",
                              forms[i].name, forms[i].a ? forms[i].a : "", forms[i].a ? ": ..., " : "",
                              forms[i].b ? forms[i].b : "", forms[i].b ? ": ..., " : "");
            return;
        }
        read_form(r, &forms[i], map->items[0], bound, covariate);
        return;
    }
    study_unknown(r, map->keys[0], "distribution of a quantity", names, FORMS);
}

static void read_category(struct study_reader *r, const struct node *node,
                          struct population_covariate *covariate)
{
    static const char *const names[] = {"probability"};
    if (node_is_scalar(node)) {
        if (node_reads(node, "0") || node_reads(node, "1")) {
            covariate->kind = DISTRIBUTION_FIXED;
            covariate->a = node_reads(node, "1");
        } else {
            diagnostics_error(r->d, study_place(r, node),
                              "\"%s\" is neither 0 nor 1; %s is a category: 0, 1 or {probability: ...}",
                              node->text, covariate->name);
        }
        return;
    }
    if (node->kind != NODE_MAP || node->count != 1) {
        diagnostics_error(r->d, study_place(r, node), "%s is a category: 0, 1 or {probability: ...}",
                          covariate->name);
        return;
    }
    if (!node_reads(node->keys[0], names[0])) {
        study_unknown(r, node->keys[0], "distribution of a category", names, 1);
        return;
    }
    covariate->kind = DISTRIBUTION_PROBABILITY;
    if (read_parameter(r, node, names[0], true, "1", BOUND_NONE, &covariate->a) &&
        !(covariate->a >= 0 && covariate->a <= 1)) {
        diagnostics_error(r->d, study_place(r, node->items[0]), "probability \"%s\" must lie in 0 to 1",
                          node->items[0]->text);
    }
}

void study_read_distribution(struct study_reader *r, const struct node *node,
                             struct population_covariate *covariate)
{
    study_read_distribution_within(r, node, covariate, covariate_bound(covariate->name, covariate->unit));
}

void study_read_distribution_within(struct study_reader *r, const struct node *node,
                                    struct population_covariate *covariate, enum bound bound)
{
    covariate->kind = DISTRIBUTION_FIXED;
    covariate->a = NAN;
    if (covariate->category) {
        read_category(r, node, covariate);
    } else {
        read_quantity(r, node, bound, covariate);
    }
}
