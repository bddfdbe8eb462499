/* The event table of a study, and what it changes about the other keys. */
#include "app/base/csv_reader.h"
#include "event_table.h"
#include "study_reader.h"

#include <stdlib.h>
#include <string.h>

bool study_has_events(const struct study_reader *r)
{
    return node_find(study_root(r, "patients"), "events") != NULL;
}

/* --- Before the schema --- */

static void refuse(struct study_reader *r, const struct node *map, const char *key, const char *why)
{
    const struct node *node = node_find(map, key);
    if (node && !(node->kind == NODE_LIST && node->count == 0)) {
        study_error(r, node, "\"%s\" has no place beside patients.events: %s", key, why);
    }
}

/* The key must be there, as the schema says of others. */
static void demand(struct study_reader *r, const struct node *map, const char *key, const char *where)
{
    if (map && map->kind == NODE_MAP && !node_find(map, key)) {
        diagnostics_error(r->d, study_place(r, map), "key \"%s\" is missing in %s", key, where);
    }
}

static int prepare_with(struct study_reader *r)
{
    const struct node *arms = study_root(r, "arms");
    const struct node *exposure = study_root(r, "exposure");
    const struct node *per = node_find(exposure, "per");
    const struct node *store = node_find(study_root(r, "output"), "store");
    refuse(r, study_root(r, "patients"), "count", "the table says which patients there are");
    refuse(r, study_root(r, "patients"), "from", "the rows of the event table are of its own patients");
    refuse(r, study_root(r, "patients"), "columns", "`events: {columns: ...}` says what its columns are");
    refuse(r, study_root(r, "patients"), "ignore", "`events: {ignore: ...}` says which columns have no use");
    if (node_reads(node_find(study_root(r, "patients"), "resample"), "true")) {
        refuse(r, study_root(r, "patients"), "resample", "its patients are those of the event table");
    }
    refuse(r, r->root, "observe", "each row of the table is observed");
    refuse(r, r->root, "thresholds", "what they tell is of sessions of an arm's regimen");
    refuse(r, exposure, "auc_between", "metrics of a table's patients are those of whole profiles");
    if (node_reads(node_find(exposure, "from"), "solution")) {
        study_error(r, node_find(exposure, "from"),
                    "metrics of a table's patients are of what their rows observe: `from: observations`");
    }
    for (int i = 0; arms && arms->kind == NODE_LIST && i < arms->count; i++) {
        refuse(r, arms->items[i], "regimen", "the rows of the table dose the patients");
        refuse(r, arms->items[i], "course", "the rows of the table dose the patients");
    }
    for (int i = 0; per && per->kind == NODE_LIST && i < per->count; i++) {
        if (node_reads(per->items[i], "interval")) {
            study_error(r, per->items[i],
                        "metrics of a table's patients are those of whole profiles: `per: [profile]`");
        }
    }
    for (int i = 0; store && store->kind == NODE_LIST && i < store->count; i++) {
        if (node_reads(store->items[i], "quantiles")) {
            study_error(r, store->items[i],
                        "the patients of an event table are observed at times of their own and have no "
                        "quantiles over patients");
        }
    }
    return study_fill_in(r, r->root, "events", "{}") ||
                   study_fill_in(r, r->root, "arms", "[{name: events}]") ||
                   study_fill_in(r, r->root, "output", "{}") ||
                   study_fill_in(r, node_find(r->root, "output"), "store",
                                 "[profiles, exposure, random_effects]")
               ? -1
               : 0;
}

/* What a table of patients changes about the other keys. */
static void prepare_table(struct study_reader *r)
{
    static const char *const of_table[] = {"columns", "ignore"};
    const struct node *patients = study_root(r, "patients");
    const struct node *count = node_find(patients, "count");
    const struct node *resample = node_find(patients, "resample");
    const bool resampled = node_reads(resample, "true");
    if (!node_find(patients, "from")) {
        for (int i = 0; i < 2; i++) {
            if (node_find(patients, of_table[i])) {
                study_error(r, node_find(patients, of_table[i]),
                            "%s of which table? patients.from names none", of_table[i]);
            }
        }
        if (resampled) {
            study_error(r, resample, "which rows are drawn from? patients.from names no table");
        }
        demand(r, patients, "count", "patients");
    } else if (resampled && !count) {
        study_error(r, resample, "how many patients are drawn from the rows? \"count\" says it");
    } else if (!resampled && count) {
        study_error(
            r, count,
            "the table says which patients there are; leave count out, or say `resample: true` to draw "
            "so many from its rows");
    }
}

static void prepare_without(struct study_reader *r)
{
    const struct node *arms = study_root(r, "arms");
    const struct node *events = study_root(r, "events");
    if (events) {
        study_error(r, events, "how is which event table read? patients.events names none");
    }
    prepare_table(r);
    demand(r, r->root, "arms", "the study");
    demand(r, r->root, "observe", "the study");
    for (int i = 0; arms && arms->kind == NODE_LIST && i < arms->count; i++) {
        if (!node_find(arms->items[i], "course")) {
            demand(r, arms->items[i], "regimen", "an arm");
        }
    }
}

int study_prepare_events(struct study_reader *r)
{
    if (study_has_events(r)) {
        return prepare_with(r);
    }
    prepare_without(r);
    return 0;
}

/* --- The table --- */

/* What one of a unit is, in h or mg. */
static struct event_factor read_unit(struct study_reader *r, const struct node *node, const char *internal)
{
    struct event_factor factor = {1, 1};
    struct units_error why;
    if (node_is_scalar(node) &&
        units_factors(r->units, node->text, internal, &factor.num, &factor.den, &why)) {
        study_error(r, node, "%s", why.text);
    }
    return factor;
}

/* How much a list or map holds; 0 where there is none. */
static int node_size(const struct node *node)
{
    return node && node->kind != NODE_SCALAR ? node->count : 0;
}

int study_read_columns(const struct node *map, struct column_names *names, struct event_rules *rules)
{
    const struct node *columns = node_find(map, "columns");
    const struct node *ignore = node_find(map, "ignore");
    names->renames = calloc((size_t)node_size(columns) + 1, sizeof(*names->renames));
    names->ignored = calloc((size_t)node_size(ignore) + 1, sizeof(*names->ignored));
    rules->columns = names->renames;
    rules->ignored = names->ignored;
    if (!names->renames || !names->ignored) {
        return -1;
    }
    for (int i = 0; i < node_size(columns); i++) {
        if (node_is_scalar(columns->items[i])) {
            names->renames[rules->column_count++] =
                (struct event_rename){columns->keys[i]->text, columns->items[i]->text};
        }
    }
    for (int i = 0; i < node_size(ignore); i++) {
        if (node_is_scalar(ignore->items[i])) {
            names->ignored[rules->ignored_count++] = ignore->items[i]->text;
        }
    }
    return 0;
}

/* A model whose parameters differ by occasion must be told which occasion a row is of. */
static void check_occasions(struct study_reader *r, const struct node *node)
{
    const struct event_table *events = r->study->events;
    for (int m = 0; m < r->study->model_count; m++) {
        if (r->study->variability && model_has_occasions(&r->study->models[m]) &&
            events->events[0].occasion == 0) {
            study_error(r, node,
                        "%s differs from occasion to occasion: give the table a column OCC, or the study "
                        "`variability: false`",
                        r->study->models[m].name);
        }
    }
}

/* A row says how much, and not of what. */
static void check_drugs(struct study_reader *r, const struct node *node)
{
    const struct model *models = r->study->models;
    for (int m = 1; m < r->study->model_count; m++) {
        if (strcmp(models[m].drug, models[0].drug) != 0) {
            study_error(r, node,
                        "the doses of the table cannot be both of %s (%s) and of %s (%s): take models of "
                        "one drug",
                        models[0].drug, models[0].name, models[m].drug, models[m].name);
        }
    }
}

static int read_table(struct study_reader *r, const struct node *node, struct event_rules *rules)
{
    struct study *study = r->study;
    char *path = study_path(r, node->text);
    const int errors = r->d->errors;
    study->events = calloc(1, sizeof(*study->events));
    if (!path || !study->events) {
        free(path);
        return diagnostics_out_of_memory(r->d);
    }
    const struct study_input *input = study_input(r, node->text, &csv_limits);
    const int failed =
        !input || event_table_parse(study->events, path, input->text, input->size, rules, r->d) != 0;
    free(path);
    if (failed || r->d->errors > errors) {
        event_table_clear(study->events);
        free(study->events);
        study->events = NULL;
        return 0; /* told, and nothing is used of a study with mistakes */
    }
    const struct node *map = study_root(r, "events");
    study->events->covariates =
        node_reads(node_find(map, "covariates"), "locf") ? COVARIATES_FORWARD : COVARIATES_BACKWARD;
    study->events->additional_after = node_reads(node_find(map, "additional"), "after");
    study->events->reset_keeps_doses = node_reads(node_find(map, "reset"), "keeps");
    study->patient_count = study->events->patient_count;
    check_occasions(r, node);
    check_drugs(r, node);
    return 0;
}

int study_read_events(struct study_reader *r)
{
    const struct node *node = node_find(study_root(r, "patients"), "events");
    const struct node *map = study_root(r, "events");
    struct event_covariate covariates[STUDY_COVARIATES_MAX];
    struct event_rules rules = {0};
    struct column_names names;
    int status = 0;
    if (!node_is_scalar(node) || !r->models_known || r->study->model_count == 0) {
        return 0;
    }
    rules.covariates = covariates;
    rules.covariate_count = study_covariates_known(r, covariates);
    rules.models = r->study->models;
    rules.model_count = r->study->model_count;
    rules.time = read_unit(r, node_find(map, "time"), "h");
    rules.amount = read_unit(r, node_find(map, "amount"), "mg");
    status = study_read_columns(map, &names, &rules) ? diagnostics_out_of_memory(r->d)
                                                     : read_table(r, node, &rules);
    free(names.renames);
    free(names.ignored);
    return status;
}
