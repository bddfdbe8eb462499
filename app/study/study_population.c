#include "event_table.h"
#include "study_axis.h"

#include "model/applicability.h"
#include "model/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POPULATION_NAMES_MAX = STUDY_COVARIATES_MAX };

/* What is known of a covariate by its name. */
struct declaration {
    const char *name;
    const char *unit;
    bool category;
    const char *within;
};

/* Known to every study, whether or not a model uses them. */
static const struct declaration common[] = {
    {"age", "years", false, NULL}, {"weight", "kg", false, NULL},    {"sex", "1", true, NULL},
    {"asian", "1", true, NULL},    {"japanese", "1", true, "asian"},
};

enum { COMMON_COUNT = sizeof(common) / sizeof(common[0]) };

/* --- declarations --- */

/* What the models, or else `common`, say of a covariate. False for a name that nobody knows. */
static bool find_declaration(const struct study *study, const char *name, struct declaration *found)
{
    for (int m = 0; m < study->model_count; m++) {
        int c = model_covariate(&study->models[m], name);
        if (c >= 0) {
            const struct covariate *covariate = &study->models[m].covariates[c];
            *found = (struct declaration){covariate->name, covariate->unit, covariate->category,
                                          covariate->within};
            return true;
        }
    }
    for (int i = 0; i < COMMON_COUNT; i++) {
        if (strcmp(common[i].name, name) == 0) {
            *found = common[i];
            return true;
        }
    }
    return false;
}

/* Two models that share a covariate must mean the same by it. */
static void check_agreement(struct study_reader *r)
{
    for (int m = 1; m < r->study->model_count; m++) {
        const struct model *model = &r->study->models[m];
        for (int c = 0; c < model->covariate_count; c++) {
            const struct covariate *covariate = &model->covariates[c];
            struct declaration first;
            if (find_declaration(r->study, covariate->name, &first) &&
                (strcmp(first.unit, covariate->unit) != 0 || first.category != covariate->category)) {
                diagnostics_error(r->d, study_place(r, r->model_nodes[m]),
                                  "%s measures the covariate %s in another unit than the models before it "
                                  "(%s, not %s)",
                                  model->name, covariate->name, covariate->unit, first.unit);
            }
        }
    }
}

static int add_name(const char **names, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return count;
        }
    }
    if (count < POPULATION_NAMES_MAX) {
        names[count++] = name;
    }
    return count;
}

static int list_names(const struct study_reader *r, const char **names)
{
    int count = 0;
    for (int m = 0; m < r->study->model_count; m++) {
        for (int c = 0; c < r->study->models[m].covariate_count; c++) {
            count = add_name(names, count, r->study->models[m].covariates[c].name);
        }
    }
    for (int i = 0; i < COMMON_COUNT; i++) {
        count = add_name(names, count, common[i].name);
    }
    return count;
}

static void tell_unknown_name(struct study_reader *r, const struct node *key)
{
    const char *names[POPULATION_NAMES_MAX];
    const int count = list_names(r, names);
    study_unknown(r, key, "covariate", names, count);
}

int study_covariates_known(const struct study_reader *r, struct event_covariate *covariates)
{
    const char *names[POPULATION_NAMES_MAX];
    const int count = list_names(r, names);
    for (int i = 0; i < count; i++) {
        struct declaration declaration = {0};
        find_declaration(r->study, names[i], &declaration);
        covariates[i] =
            (struct event_covariate){names[i], declaration.unit, declaration.category, declaration.within};
    }
    return count;
}

/* --- the population --- */

static struct population_covariate *add_covariate(struct study *study, const char *name,
                                                  const struct declaration *declaration)
{
    struct population_covariate *covariate = &study->covariates[study->covariate_count++];
    *covariate = (struct population_covariate){
        .name = name,
        .unit = declaration->unit,
        .category = declaration->category,
        .kind = DISTRIBUTION_FIXED,
        .a = NAN,
        .lowest = declaration->category ? 0 : -INFINITY,
        .highest = declaration->category ? 1 : INFINITY,
        .within = -1,
        .random_index = random_index(name),
    };
    return covariate;
}

static void add_given(struct study_reader *r, const struct node *map)
{
    for (int i = 0; map && i < map->count; i++) {
        struct declaration declaration;
        if (find_declaration(r->study, map->keys[i]->text, &declaration)) {
            struct population_covariate *covariate =
                add_covariate(r->study, map->keys[i]->text, &declaration);
            study_read_distribution(r, map->items[i], covariate);
        } else if (r->models_known) {
            tell_unknown_name(r, map->keys[i]);
        }
    }
}

/* What the event table gives, row by row. */
static void add_columns(struct study_reader *r, const struct node *map)
{
    const struct event_table *events = r->study->events;
    for (int i = 0; events && i < events->column_count; i++) {
        struct declaration declaration;
        const struct node *given = node_find(map, events->columns[i]);
        const struct node *swept = study_find_swept(r, events->columns[i]);
        if (swept) {
            study_error(r, swept, "the event table gives %s, row by row; the sweep cannot set it",
                        events->columns[i]);
        }
        if (given) {
            study_error(r, given, "the event table gives %s, too; leave one out", events->columns[i]);
        } else if (find_declaration(r->study, events->columns[i], &declaration)) {
            struct population_covariate *covariate = add_covariate(r->study, declaration.name, &declaration);
            covariate->kind = DISTRIBUTION_EVENTS;
            covariate->column = i;
        }
    }
}

/* What the table of patients gives. */
static void add_table_columns(struct study_reader *r, const struct node *map)
{
    const struct patient_table *table = r->study->table;
    for (int i = 0; table && i < table->column_count; i++) {
        struct declaration declaration;
        const char *name = table->columns[i];
        const struct node *given = node_find(map, name);
        const struct node *swept = study_find_swept(r, name);
        if (!find_declaration(r->study, name, &declaration)) {
            continue; /* a random effect */
        }
        if (swept) {
            study_error(r, swept, "the table of patients gives %s; the sweep cannot set it, too", name);
        }
        if (given) {
            study_error(r, given, "the table of patients gives %s, too; leave one out", name);
        } else {
            struct population_covariate *covariate = add_covariate(r->study, declaration.name, &declaration);
            covariate->kind = DISTRIBUTION_TABLE;
            covariate->column = i;
        }
    }
}

/* Whether the sweep sets the covariate in every arm. */
static bool is_swept(const struct study_reader *r, const char *name)
{
    return study_find_swept(r, name) != NULL;
}

/* What a model says of a covariate that the study does not give: -1 without memory. */
static int add_typical(struct study_reader *r, struct node *map, int m, const struct covariate *covariate)
{
    struct study *study = r->study;
    struct declaration declaration;
    struct value_text value = value_write(covariate->typical, covariate->unit);
    find_declaration(study, covariate->name, &declaration);
    if (isnan(covariate->typical)) {
        diagnostics_error(r->d, study_place(r, r->model_nodes[m]),
                          "%s has no typical %s; give it in patients.covariates.%s", study->models[m].name,
                          covariate->name, covariate->name);
        return 0;
    }
    int known = study_covariate(study, covariate->name);
    if (known < 0) {
        add_covariate(study, covariate->name, &declaration)->a = covariate->typical;
        return map && node_add_entry(map, node_scalar(covariate->name, 0, 0), node_scalar(value.text, 0, 0))
                   ? diagnostics_out_of_memory(r->d)
                   : 0;
    }
    if (study->covariates[known].a != covariate->typical) {
        diagnostics_error(r->d, study_place(r, r->model_nodes[m]),
                          "%s is not given, and its typical value in %s (%s) is not that of the models "
                          "before; give it in patients.covariates.%s",
                          covariate->name, study->models[m].name, value.text, covariate->name);
    }
    return 0;
}

/* Adds what only the models know to the study, and with its value to the resolved tree `map`. */
static int add_typicals(struct study_reader *r, struct node *map)
{
    struct study *study = r->study;
    int given_count = study->covariate_count;
    for (int m = 0; m < study->model_count; m++) {
        for (int c = 0; c < study->models[m].covariate_count; c++) {
            const struct covariate *covariate = &study->models[m].covariates[c];
            int known = study_covariate(study, covariate->name);
            bool given = known >= 0 && known < given_count;
            /* What the sweep sets needs no value, but may have one in the tree. */
            bool needed = !is_swept(r, covariate->name) || (known < 0 && !isnan(covariate->typical));
            if (!given && needed && add_typical(r, map, m, covariate)) {
                return -1;
            }
        }
    }
    return 0;
}

/* Adds what only the sweep gives: a weight for doses per kg. */
static void add_swept(struct study_reader *r)
{
    const struct node *target;
    for (int i = 0; (target = study_sweep_target(r, i)) != NULL; i++) {
        struct declaration declaration;
        const char *name = target->text;
        if (study_covariate(r->study, name) < 0 && find_declaration(r->study, name, &declaration)) {
            add_covariate(r->study, name, &declaration);
        }
    }
}

/* From when on a patient is an adult. An age that is no time has no adults. */
static void read_adult_age(struct study_reader *r)
{
    struct units_error why;
    int age = study_covariate(r->study, "age");
    r->study->adult_age = NAN;
    if (age >= 0 &&
        units_read(r->units, "18 years", r->study->covariates[age].unit, &r->study->adult_age, &why)) {
        r->study->adult_age = NAN;
    }
}

int study_read_population(struct study_reader *r)
{
    struct study *study = r->study;
    struct node *given = node_find(study_root(r, "patients"), "covariates");
    struct node *map = given && given->kind == NODE_MAP ? given : NULL;
    size_t capacity = COMMON_COUNT + (map ? (size_t)map->count : 0);
    for (int m = 0; m < study->model_count; m++) {
        capacity += (size_t)study->models[m].covariate_count;
    }
    study->covariates = calloc(capacity, sizeof(*study->covariates));
    if (!study->covariates) {
        return diagnostics_out_of_memory(r->d);
    }
    check_agreement(r);
    /* Tables first, because what the models add stands behind what is given: so the resolved study has the same order. */
    add_columns(r, map);
    add_table_columns(r, map);
    add_given(r, map);
    if (add_typicals(r, map)) {
        return -1;
    }
    add_swept(r);
    read_adult_age(r);
    if (limit_count(study) > LIMITS_MAX) {
        study_error(r, given, "a study has %d covariates at most, those of its models included",
                    LIMITS_MAX - LIMIT_COVARIATES);
    }
    for (int i = 0; i < study->covariate_count; i++) {
        struct declaration declaration;
        if (find_declaration(study, study->covariates[i].name, &declaration) && declaration.within) {
            study->covariates[i].within = study_covariate(study, declaration.within);
        }
    }
    return 0;
}

/* --- checks, once doses and sweep are known --- */

/* Whether some patients have the value 0 or 1 of a category, and whether all patients of some arm have. */
struct occurrence {
    bool some;
    bool all;
};

static struct occurrence find_occurrence(const struct study_reader *r, int covariate, double value)
{
    const struct population_covariate *category = &r->study->covariates[covariate];
    const struct axis *axis = study_covariate_axis(r, covariate);
    struct occurrence found = {false, false};
    if (axis) {
        for (int i = 0; i < axis->count; i++) {
            found.all |= axis->values[i] == value;
        }
        found.some = found.all;
    } else if (category->kind == DISTRIBUTION_PROBABILITY) {
        found.some = value == 1 ? category->a > 0 : category->a < 1;
        found.all = value == 1 ? category->a == 1 : category->a == 0;
    } else if (category->kind == DISTRIBUTION_TABLE) {
        const struct patient_table *table = r->study->table;
        found.all = true;
        for (int64_t row = 0; row < table->row_count; row++) {
            const bool is = table->values[row * table->column_count + category->column] == value;
            found.some |= is;
            found.all &= is;
        }
    } else {
        found.some = found.all = category->a == value;
    }
    return found;
}

static const struct node *covariate_node(const struct study_reader *r, int covariate)
{
    const struct axis *axis = study_covariate_axis(r, covariate);
    return axis ? axis->list ? axis->list : axis->key : study_given(r, covariate);
}

/* Whether at a point of the sweep all patients have the one category and lack the other. */
static bool is_lacking(const struct study_reader *r, const struct axis *axis, const struct axis *other)
{
    for (int p = 0; p < r->study->point_count && axis->count > 0 && other->count > 0; p++) {
        if (axis->values[axis_entry(axis, p)] == 1 && other->values[axis_entry(other, p)] == 0) {
            return true;
        }
    }
    return false;
}

static void check_within(struct study_reader *r, int covariate)
{
    const struct population_covariate *category = &r->study->covariates[covariate];
    if (category->within < 0 || category->kind == DISTRIBUTION_TABLE) { /* study_check_table tells its line */
        return;
    }
    struct occurrence is = find_occurrence(r, covariate, 1);
    bool never = !find_occurrence(r, category->within, 1).some;
    bool lacking = find_occurrence(r, category->within, 0).all;
    const struct axis *axis = study_covariate_axis(r, covariate);
    const struct axis *other = study_covariate_axis(r, category->within);
    if (axis && other && r->points_known) {
        is.some = is.all = lacking = is_lacking(r, axis, other);
    }
    if ((is.some && never) || (is.all && lacking)) {
        diagnostics_error(r->d, study_place(r, covariate_node(r, covariate)),
                          "%s: 1 presupposes %s: 1, which is 0", category->name,
                          r->study->covariates[category->within].name);
    }
}

static bool has_dose_per_kg(const struct study_reader *r)
{
    for (int i = 0; i < r->arm_count; i++) {
        for (int k = 0; k < r->arms[i].item_count; k++) {
            const struct axis *axis = axis_of_dose(r, &r->arms[i], k);
            if ((axis ? axis->basis : r->arms[i].items[k].dose.basis) == DOSE_PER_KG) {
                return true;
            }
        }
    }
    return false;
}

/* Whether any level depends on the covariate: through a formula, a dose per kg, or a category within it. */
static bool is_used(const struct study_reader *r, int covariate)
{
    const char *name = r->study->covariates[covariate].name;
    if (strcmp(name, "weight") == 0 && has_dose_per_kg(r)) {
        return true;
    }
    for (int m = 0; m < r->study->model_count; m++) {
        if (model_uses_covariate(&r->study->models[m], name)) {
            return true;
        }
    }
    for (int i = 0; i < r->study->covariate_count; i++) {
        if (r->study->covariates[i].within == covariate && is_used(r, i)) {
            return true;
        }
    }
    return false;
}

/* A resolved study holds typical values that the user never wrote. */
static bool is_typical(const struct study *study, const struct population_covariate *covariate)
{
    for (int m = 0; m < study->model_count; m++) {
        int c = model_covariate(&study->models[m], covariate->name);
        if (c >= 0 && covariate->kind == DISTRIBUTION_FIXED &&
            covariate->a == study->models[m].covariates[c].typical) {
            return true;
        }
    }
    return false;
}

static void warn_of_no_use(struct study_reader *r, int covariate)
{
    const struct population_covariate *given = &r->study->covariates[covariate];
    const struct axis *axis = study_covariate_axis(r, covariate);
    const struct node *node = study_given(r, covariate);
    if (!is_used(r, covariate) && (axis || !is_typical(r->study, given))) {
        diagnostics_warning(r->d, study_place(r, covariate_node(r, covariate)),
                            "%s changes nothing: no model of the study depends on it, and no dose is per kg",
                            given->name);
    } else if (axis && node && given->kind != DISTRIBUTION_TABLE && !is_typical(r->study, given)) {
        diagnostics_warning(r->d, study_place(r, node),
                            "%s changes nothing here: the sweep sets it in every arm", given->name);
    }
}

void study_check_population(struct study_reader *r)
{
    for (int i = 0; r->models_known && i < r->study->covariate_count; i++) {
        check_within(r, i);
        warn_of_no_use(r, i);
    }
}
