#include "study_axis.h"

#include "model/applicability.h"
#include "model/patients.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A limit that drawn patients may break: scale * covariate must lie in the range. */
struct limit {
    const struct node *node;
    int covariate;
    double scale;
    struct range range;
    const char *unit;
    bool always;         /* an error whatever `applicability` says */
    char subject[80];    /* "age", "dose 0.5 mg/kg" */
    char predicate[320]; /* what is wrong with it */
    int64_t broken;      /* patients */
    int64_t first;       /* the first of them, from 0, and its value */
    double first_value;
};

/* How many of the points of a sweep break a limit, and the first of them, from 0. */
struct tally {
    int broken;
    int first;
};

static void tally_add(struct tally *tally, bool broken, int point)
{
    if (broken && tally->broken++ == 0) {
        tally->first = point;
    }
}

enum { TEXT_MAX = 640 };

struct limits {
    struct limit *items;
    int count;
    int capacity;
};

/* --- words --- */

/* "18 to 86 years", "at least 18 years", "at most 86 years", "below 18 years" */
struct range_text {
    char text[96];
};

static struct range_text range_write(struct range range, const char *unit)
{
    struct range_text written;
    if (isinf(range.lowest)) {
        snprintf(written.text, sizeof(written.text), "%s %g %s", range.below ? "below" : "at most",
                 range.highest, unit);
    } else if (isinf(range.highest)) {
        snprintf(written.text, sizeof(written.text), "at least %g %s", range.lowest, unit);
    } else {
        snprintf(written.text, sizeof(written.text), "%g to %g %s", range.lowest, range.highest, unit);
    }
    return written;
}

/* An error or a warning, as the study wants; once, because two doses can break the same limit at the same place. */
static void tell(struct study_reader *r, const struct node *node, bool always, const char *text)
{
    if (study_told(r, node, text)) {
        return;
    }
    if (always || r->study->applicability == APPLICABILITY_REFUSE) {
        study_error(r, node, "%s", text);
    } else {
        study_warning(r, node, "%s", text);
    }
}

/* --- limits of drawn values --- */

/* NULL without memory. */
static struct limit *limits_add(struct limits *limits)
{
    if (limits->count == limits->capacity) {
        int capacity = 2 * limits->capacity + 8;
        struct limit *items = realloc(limits->items, (size_t)capacity * sizeof(*items));
        if (!items) {
            return NULL;
        }
        limits->items = items;
        limits->capacity = capacity;
    }
    return &limits->items[limits->count++];
}

static void limits_check(const struct study *study, struct limits *limits, double *values)
{
    for (int64_t patient = 0; limits->count > 0 && patient < study->patient_count; patient++) {
        patient_covariates(study, patient, values);
        for (int i = 0; i < limits->count; i++) {
            struct limit *limit = &limits->items[i];
            double value = limit->scale * values[limit->covariate];
            if (!range_excludes(limit->range, value)) {
                continue;
            }
            if (limit->broken++ == 0) {
                limit->first = patient;
                limit->first_value = value;
            }
        }
    }
}

static void limits_tell(struct study_reader *r, const struct limits *limits)
{
    for (int i = 0; i < limits->count; i++) {
        const struct limit *limit = &limits->items[i];
        char text[TEXT_MAX];
        if (limit->broken > 0) {
            snprintf(text, sizeof(text),
                     "%s of %" PRId64 " of %" PRId64 " patients %s; the first is patient %" PRId64
                     " with %.3g %s",
                     limit->subject, limit->broken, r->study->patient_count, limit->predicate,
                     patient_id(r->study, limit->first), limit->first_value, limit->unit);
            tell(r, limit->node, limit->always, text);
        }
    }
}

/* --- covariates --- */

/* What a limit of a covariate is called, and whether it holds also where the study only wants warnings. */
struct rule {
    struct range range;
    bool always;
    char predicate[320]; /* "is outside the validity of NAME (18 to 86 years)" */
};

/* A fixed value, in the study or in its sweep. */
static void check_value(struct study_reader *r, const struct node *node, double value, const char *name,
                        const struct rule *rule)
{
    char text[512];
    if (range_excludes(rule->range, value)) {
        snprintf(text, sizeof(text), "%.64s %.64s %s", name, node->text, rule->predicate);
        tell(r, node, rule->always, text);
    }
}

/* Values of a list are told one by one; of the many of a table or a design how many break the rule, and the first. */
static void check_axis(struct study_reader *r, const struct axis *axis,
                       const struct population_covariate *covariate, const struct rule *rule)
{
    struct tally tally = {0};
    char text[TEXT_MAX];
    for (int i = 0; i < axis->count; i++) {
        if (axis->list) {
            check_value(r, axis_node(r, axis, i), axis->values[i], covariate->name, rule);
        } else {
            tally_add(&tally, range_excludes(rule->range, axis->values[i]), i);
        }
    }
    if (tally.broken > 0) {
        snprintf(text, sizeof(text), "%.64s of %d of %d points %s; the first is point %d with %.3g %s",
                 covariate->name, tally.broken, axis->count, rule->predicate, tally.first + 1,
                 axis->values[tally.first], covariate->unit);
        tell(r, axis->key, rule->always, text);
    }
}

/* Whether the patients' covariate number `c` keeps to the rule. */
static int check_rule(struct study_reader *r, struct limits *limits, int c, const struct rule *rule)
{
    const struct population_covariate *population = &r->study->covariates[c];
    const struct axis *axis = study_covariate_axis(r, c);
    if (axis) {
        check_axis(r, axis, population, rule);
        return 0;
    }
    if (population->kind == DISTRIBUTION_FIXED) {
        check_value(r, study_given(r, c), population->a, population->name, rule);
        return 0;
    }
    if (!range_excludes(rule->range, population->lowest) &&
        !range_excludes(rule->range, population->highest)) {
        return 0;
    }
    struct limit *limit = limits_add(limits);
    if (!limit) {
        return -1;
    }
    *limit = (struct limit){
        .node = study_given(r, c),
        .covariate = c,
        .scale = 1,
        .range = rule->range,
        .unit = population->unit,
        .always = rule->always,
    };
    snprintf(limit->subject, sizeof(limit->subject), "%.64s", population->name);
    snprintf(limit->predicate, sizeof(limit->predicate), "%s", rule->predicate);
    return 0;
}

static int check_covariate(struct study_reader *r, struct limits *limits, const struct model *model,
                           const struct covariate *covariate)
{
    struct rule rule = {.range = covariate_range(covariate)};
    snprintf(rule.predicate, sizeof(rule.predicate), "is outside the validity of %.64s (%s)", model->name,
             range_write(rule.range, covariate->unit).text);
    return check_rule(r, limits, study_covariate(r->study, covariate->name), &rule);
}

/* What was learned from adults says nothing of children, nor the other way round: no matter for a mere warning. */
static int check_age_group(struct study_reader *r, struct limits *limits, const struct model *model)
{
    int age = study_covariate(r->study, "age");
    struct rule rule = {.range = age_group_range(model, r->study), .always = true};
    if (age < 0) {
        return 0;
    }
    snprintf(rule.predicate, sizeof(rule.predicate),
             "is outside the age group of %.64s (%s: %s); only `applicability: ignore` simulates it",
             model->name, model->age_group, range_write(rule.range, r->study->covariates[age].unit).text);
    return check_rule(r, limits, age, &rule);
}

static int check_covariates(struct study_reader *r, struct limits *limits)
{
    for (int m = 0; m < r->study->model_count; m++) {
        const struct model *model = &r->study->models[m];
        for (int c = 0; c < model->covariate_count; c++) {
            if (check_covariate(r, limits, model, &model->covariates[c])) {
                return -1;
            }
        }
        if (check_age_group(r, limits, model)) {
            return -1;
        }
    }
    return 0;
}

/* Nobody weighs less than nothing, whatever a normal distribution says. */
static int check_signs(struct study_reader *r, struct limits *limits)
{
    for (int c = 0; c < r->study->covariate_count; c++) {
        const struct population_covariate *covariate = &r->study->covariates[c];
        if (covariate->kind != DISTRIBUTION_NORMAL || covariate->lowest >= 0 ||
            strcmp(covariate->unit, "1") == 0 || study_covariate_axis(r, c)) {
            continue;
        }
        struct limit *limit = limits_add(limits);
        if (!limit) {
            return -1;
        }
        *limit = (struct limit){
            .node = study_given(r, c),
            .covariate = c,
            .scale = 1,
            .range = {.lowest = 0, .highest = INFINITY},
            .unit = covariate->unit,
            .always = true,
        };
        snprintf(limit->subject, sizeof(limit->subject), "%s", covariate->name);
        snprintf(limit->predicate, sizeof(limit->predicate), "is negative, give it a min");
    }
    return 0;
}

/* --- doses --- */

/* A dose at `node` (in the regimen or in the sweep) that goes into a route of limited validity. */
struct dose_check {
    const struct node *at;   /* where it is told */
    const struct node *node; /* how it is written */
    const struct model *model;
    const struct route *route;
    const struct dose *dose;
};

static void check_dose_value(struct study_reader *r, const struct dose_check *check, double mg,
                             const char *of)
{
    const struct route *route = check->route;
    char text[512];
    if (range_excludes(dose_range(route), mg)) {
        snprintf(text, sizeof(text), "%s%s is outside the validity of %s for %s (%s)", check->node->text, of,
                 check->model->name, route->name, range_write(dose_range(route), "mg").text);
        tell(r, check->at, false, text);
    }
}

static int check_dose_per_kg(struct study_reader *r, struct limits *limits, const struct dose_check *check)
{
    int weight = study_covariate(r->study, "weight");
    const struct population_covariate *population = &r->study->covariates[weight];
    const struct route *route = check->route;
    double scale = dose_mg(check->dose, 1);
    char of[96];
    if (population->kind == DISTRIBUTION_FIXED) {
        snprintf(of, sizeof(of), " for a weight of %g kg", population->a);
        check_dose_value(r, check, scale * population->a, of);
        return 0;
    }
    if (!range_excludes(dose_range(route), scale * population->lowest) &&
        !range_excludes(dose_range(route), scale * population->highest)) {
        return 0;
    }
    struct limit *limit = limits_add(limits);
    if (!limit) {
        return -1;
    }
    *limit = (struct limit){
        .node = check->at,
        .covariate = weight,
        .scale = scale,
        .range = dose_range(route),
        .unit = "mg",
    };
    snprintf(limit->subject, sizeof(limit->subject), "dose %.64s", check->node->text);
    snprintf(limit->predicate, sizeof(limit->predicate), "is outside the validity of %.64s for %s (%s)",
             check->model->name, route->name, range_write(dose_range(route), "mg").text);
    return 0;
}

static int check_dose(struct study_reader *r, struct limits *limits, const struct dose_check *check)
{
    const struct dose *dose = check->dose;
    if (dose->amount == 0) {
        return 0; /* a placebo is no dose */
    }
    if (dose->basis == DOSE_PER_KG) {
        return check_dose_per_kg(r, limits, check);
    }
    check_dose_value(r, check, dose_mg(dose, 1), "");
    return 0;
}

/* The amount of the dose, mg of the model's drug, at a point of the sweep that sets it, the weight that it goes by, or both. */
static double amount_at(const struct axis *doses, const struct axis *weights, const struct dose *written,
                        int point)
{
    struct dose dose = *written;
    if (doses) {
        dose.amount = doses->values[axis_entry(doses, point)];
        dose.basis = doses->basis;
    }
    return dose_mg(&dose, weights ? weights->values[axis_entry(weights, point)] : 1);
}

/* Doses that the points of the sweep decide. */
static void check_points(struct study_reader *r, const struct dose_check *check, const struct axis *doses,
                         const struct axis *weights)
{
    const struct axis *axis = doses ? doses : weights;
    struct tally tally = {0};
    char of[96] = "";
    char text[TEXT_MAX];
    for (int p = 0; p < r->study->point_count; p++) {
        const double mg = amount_at(doses, weights, check->dose, p);
        const bool broken = mg != 0 && range_excludes(dose_range(check->route), mg);
        if (broken && (!doses || doses->list) && (!weights || weights->list)) {
            struct dose_check one = *check;
            if (doses) {
                one.at = one.node = doses->list->items[axis_entry(doses, p)];
            }
            if (weights) {
                snprintf(of, sizeof(of), " for a weight of %.60s",
                         weights->list->items[axis_entry(weights, p)]->text);
            }
            check_dose_value(r, &one, mg, of);
        } else {
            tally_add(&tally, broken, p);
        }
    }
    if (tally.broken > 0 && doses && doses->of_candidates) {
        snprintf(
            text, sizeof(text),
            "the dose of %d of %d candidates is outside the validity of %.64s for %.64s (%s); the first is "
            "%.3g mg",
            tally.broken, r->study->point_count, check->model->name, check->route->name,
            range_write(dose_range(check->route), "mg").text,
            amount_at(doses, weights, check->dose, tally.first));
        tell(r, axis->key, false, text);
    } else if (tally.broken > 0) {
        snprintf(text, sizeof(text),
                 "the dose of %d of %d points is outside the validity of %.64s for %.64s (%s); the first is "
                 "point %d with "
                 "%.3g mg",
                 tally.broken, r->study->point_count, check->model->name, check->route->name,
                 range_write(dose_range(check->route), "mg").text, tally.first + 1,
                 amount_at(doses, weights, check->dose, tally.first));
        tell(r, axis->key, false, text);
    }
}

/* Doses per kg that the sweep sets, of patients whose weight varies: the least and the largest of many. */
static int check_entries(struct study_reader *r, struct limits *limits, const struct dose_check *written,
                         const struct axis *doses)
{
    struct dose dose = *written->dose;
    struct dose_check check = *written;
    int least = 0;
    int most = 0;
    dose.basis = doses->basis;
    check.dose = &dose;
    for (int i = 0; i < doses->count; i++) {
        least = doses->values[i] < doses->values[least] ? i : least;
        most = doses->values[i] > doses->values[most] ? i : most;
    }
    for (int i = 0; i < doses->count; i++) {
        if (!doses->list && i != least && i != most) {
            continue;
        }
        dose.amount = doses->values[i];
        check.node = axis_node(r, doses, i);
        check.at = doses->list ? check.node : doses->key;
        if (check_dose(r, limits, &check)) {
            return -1;
        }
    }
    return 0;
}

static int check_item(struct study_reader *r, struct limits *limits, const struct written_arm *arm, int k)
{
    const struct regimen_item *item = &arm->items[k];
    const int weight = study_covariate(r->study, "weight");
    const struct axis *doses = axis_of_dose(r, arm, k);
    const struct axis *weights = weight >= 0 ? study_covariate_axis(r, weight) : NULL;
    const struct node *node = node_find(item->node, "dose");
    struct dose_check check = {
        .node = node ? node : node_find(item->node, "rate"),
        .model = &r->study->models[arm->model],
        .route = &r->study->models[arm->model].routes[item->dose.route],
        .dose = &item->dose,
    };
    check.at = check.node;
    if ((doses ? doses->basis : item->dose.basis) != DOSE_PER_KG) {
        weights = NULL;
    } else if (doses && !weights) {
        return check_entries(r, limits, &check, doses);
    }
    if (doses || weights) {
        check_points(r, &check, doses, weights);
        return 0;
    }
    return check_dose(r, limits, &check);
}

static int check_doses(struct study_reader *r, struct limits *limits)
{
    for (int i = 0; i < r->arm_count; i++) {
        for (int k = 0; k < r->arms[i].item_count; k++) {
            if (check_item(r, limits, &r->arms[i], k)) {
                return -1;
            }
        }
    }
    return 0;
}

int study_check_applicability(struct study_reader *r)
{
    struct limits limits = {0};
    double *values = calloc((size_t)r->study->covariate_count + 1, sizeof(*values));
    int status = -1;
    if (!values || check_signs(r, &limits)) {
        goto out;
    }
    if (r->study->applicability != APPLICABILITY_IGNORE &&
        (check_covariates(r, &limits) || check_doses(r, &limits))) {
        goto out;
    }
    limits_check(r->study, &limits, values);
    limits_tell(r, &limits);
    status = 0;
out:
    free(limits.items);
    free(values);
    return status ? diagnostics_out_of_memory(r->d) : 0;
}
