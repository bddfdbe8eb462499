/* The table of patients of a study, and what it says of their covariates. */
#include "app/base/csv_reader.h"
#include "patient_table_read.h"
#include "study_reader.h"

#include <stdlib.h>
#include <string.h>

/* Reads the table into study->table, which stays NULL after a mistake. -1 without memory. */
static int read_file(struct study_reader *r, const struct node *from, const struct event_rules *rules)
{
    struct study *study = r->study;
    char *path = study_path(r, from->text);
    study->table = calloc(1, sizeof(*study->table));
    if (!path || !study->table) {
        free(path);
        return diagnostics_out_of_memory(r->d);
    }
    const struct study_input *input = study_input(r, from->text, &csv_limits);
    const int failed = !input || patient_table_parse(study->table, path, input->text, input->size, rules,
                                                     r->units, r->d) != 0;
    free(path);
    if (failed) {
        free(study->table);
        study->table = NULL;
        return 0; /* told, and nothing is used of a study with mistakes */
    }
    study->table->resampled = node_reads(node_find(study_root(r, "patients"), "resample"), "true");
    if (!study->table->resampled) {
        study->patient_count = study->table->row_count;
    }
    return 0;
}

int study_read_table(struct study_reader *r)
{
    const struct node *patients = study_root(r, "patients");
    const struct node *from = node_find(patients, "from");
    struct event_covariate covariates[STUDY_COVARIATES_MAX];
    struct event_rules rules = {0};
    struct column_names names;
    if (!node_is_scalar(from) || study_has_events(r) || !r->models_known || r->study->model_count == 0) {
        return 0;
    }
    rules.covariates = covariates;
    rules.covariate_count = study_covariates_known(r, covariates);
    rules.models = r->study->models;
    rules.model_count = r->study->model_count;
    const int status = study_read_columns(patients, &names, &rules) ? diagnostics_out_of_memory(r->d)
                                                                    : read_file(r, from, &rules);
    free(names.renames);
    free(names.ignored);
    return status;
}

static bool has_column(const struct patient_table *table, const char *name)
{
    for (int i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool some_have(const struct patient_table *table, const struct population_covariate *category)
{
    for (int64_t row = 0; row < table->row_count; row++) {
        if (table->values[row * table->column_count + category->column] == 1) {
            return true;
        }
    }
    return false;
}

/* What the reader cannot know: a category that a patient's presupposes may come from elsewhere. */
void study_check_table(struct study_reader *r)
{
    const struct study *study = r->study;
    const struct node *from = node_find(study_root(r, "patients"), "from");
    for (int c = 0; study->table && c < study->covariate_count; c++) {
        const struct population_covariate *inner = &study->covariates[c];
        if (inner->kind != DISTRIBUTION_TABLE || inner->within < 0) {
            continue;
        }
        const struct population_covariate *outer = &study->covariates[inner->within];
        const bool all_have = outer->kind == DISTRIBUTION_FIXED && outer->a == 1;
        if (!has_column(study->table, outer->name) && !all_have && some_have(study->table, inner)) {
            study_error(r, from, "the table gives %s, and not %s, which it presupposes; add a column %s",
                        inner->name, outer->name, outer->name);
        }
    }
}
