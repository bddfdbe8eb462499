#include "app/base/csv_reader.h"
#include "event_table.h"
#include "patient_table_read.h"
#include "study_axis.h"
#include "study_reader.h"
#include "study_tree.h"

#include "model/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- top of the file --- */

static enum applicability read_applicability(const struct node *node)
{
    return node_reads(node, "warn")     ? APPLICABILITY_WARN
           : node_reads(node, "ignore") ? APPLICABILITY_IGNORE
                                        : APPLICABILITY_REFUSE;
}

static void read_top(struct study_reader *r)
{
    struct study *study = r->study;
    const struct node *patients = study_root(r, "patients");
    const struct node *seed = study_root(r, "seed");
    const struct node *count = node_find(patients, "count");
    uint64_t number = 0;
    study->title = study_text(study_root(r, "title"));
    study->variability = node_reads(node_find(patients, "variability"), "true");
    study->applicability = read_applicability(study_root(r, "applicability"));
    if (node_is_scalar(seed) && number_read_whole(seed->text, &study->seed) && study->seed > INT64_MAX) {
        diagnostics_error(r->d, study_place(r, seed), "seed \"%s\" must be below 2^63", seed->text);
    }
    if (node_is_scalar(count) && number_read_whole(count->text, &number)) {
        if (number < 1 || number > STUDY_PATIENTS_MAX) {
            diagnostics_error(r->d, study_place(r, count), "count \"%s\" must lie in 1 to %d", count->text,
                              STUDY_PATIENTS_MAX);
        } else {
            study->patient_count = (int64_t)number;
        }
    }
}

/* --- observe, before its defaults are filled in --- */

/* `at`, or the steps `from`, `to` and `every`. */
static void check_observe(struct study_reader *r, const struct node *map)
{
    static const char *const keys[] = {"from", "to", "every"};
    const struct node *at = node_find(map, "at");
    for (int i = 0; i < 3; i++) {
        const struct node *key = node_find(map, keys[i]);
        if (at && key) {
            diagnostics_error(r->d, study_place(r, key), "`at` lists all times; leave out \"%s\"", keys[i]);
        } else if (map && map->kind == NODE_MAP && !at && !key && i > 0) {
            diagnostics_error(r->d, study_place(r, map),
                              "\"%s\" is missing: observe takes to and every, or at", keys[i]);
        }
    }
}

/* --- analytes and size --- */

/* A name is that of a level in all models, or of an effect in all: its values share a unit in the result. */
static void check_kinds(struct study_reader *r, int m)
{
    const struct study *study = r->study;
    const struct model *model = &study->models[m];
    for (int i = 0; i < study->analyte_count; i++) {
        int output = model_output(model, study->analytes[i]);
        if (output >= 0 &&
            output_is_effect(&model->outputs[output]) != output_is_effect(study_output(study, i))) {
            study_error(r, r->model_nodes[m],
                        "\"%s\" is a level in one model of the study and an effect in another; rename one",
                        study->analytes[i]);
        }
    }
}

static int collect_analytes(struct study_reader *r)
{
    struct study *study = r->study;
    study->analytes = calloc((size_t)study->model_count * MODEL_OUTPUTS_MAX + 1, sizeof(*study->analytes));
    if (!study->analytes) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int m = 0; m < study->model_count; m++) {
        for (int i = 0; i < study->models[m].output_count; i++) {
            const char *analyte = study->models[m].outputs[i].analyte;
            bool known = false;
            for (int k = 0; k < study->analyte_count; k++) {
                known |= strcmp(study->analytes[k], analyte) == 0;
            }
            if (!known) {
                study->analytes[study->analyte_count++] = analyte;
            }
        }
        check_kinds(r, m);
    }
    return 0;
}

static void check_size(struct study_reader *r)
{
    const struct study *study = r->study;
    double numbers =
        (double)study->patient_count * study->arm_count * study->time_count * study->analyte_count;
    if (numbers > 0x1p62) {
        diagnostics_error(r->d, study_place(r, study_root(r, "patients")),
                          "%" PRId64
                          " patients x %d arms x %d times x %d analytes are more than 2^62 numbers",
                          study->patient_count, study->arm_count, study->time_count, study->analyte_count);
    }
}

/* --- the whole --- */

/* Everything after the text has become a tree. */
static int read_tree(struct study_reader *r)
{
    int errors = r->d->errors;
    struct node *observe = node_find(r->root, "observe");
    check_observe(r, observe);
    if (study_prepare_courses(r) || study_prepare_events(r) || study_prepare_sensitivity(r)) {
        return -1;
    }
    schema_apply(&study_schema, &r->study->document, r->d);
    if (node_find(observe, "at")) {
        tree_drop_entry(observe, "from");
    }
    read_top(r);
    study_read_start(r);
    if (study_expand_courses(r) || study_expand_variations(r) || study_read_arms(r) ||
        study_read_effect_site(r) || study_read_events(r) || study_read_table(r) || study_open_sweep(r) ||
        study_read_population(r) || study_read_correlations(r) || study_read_effects(r) ||
        study_read_regimens(r) || study_read_sweep(r) || study_read_vary(r) || study_read_uncertainty(r) ||
        collect_analytes(r)) {
        return -1;
    }
    study_check_population(r);
    study_check_table(r);
    if (study_read_settings(r) || study_read_thresholds(r) || study_read_constraints(r)) {
        return -1;
    }
    study_read_sensitivity(r);
    if (r->d->errors > errors) {
        return -1;
    }
    /* From here on there is a study: what is left needs all of it. */
    if (study_add_candidates(r) || study_check_applicability(r) || r->d->errors > errors ||
        study_expand_arms(r) || study_check_exposure(r) || study_check_thresholds(r)) {
        return -1;
    }
    check_size(r);
    return r->d->errors > errors ? -1 : 0;
}

static void reader_clear(struct study_reader *r)
{
    for (int i = 0; i < r->arm_count; i++) {
        written_arm_clear(&r->arms[i]);
    }
    for (int i = 0; r->axes && i <= r->study->axis_count; i++) { /* behind those of the sweep: candidates */
        axis_clear(&r->axes[i]);
    }
    if (r->table) {
        csv_clear(r->table);
    }
    free(r->table);
    free(r->table_path);
    node_free(r->columns);
    free(r->arms);
    free(r->axes);
    free(r->model_nodes);
    units_free(r->units);
}

/* Reads study->document, which has been filled. */
static int read_document(struct study *study, const char *const *settings, int setting_count,
                         const struct study_texts *given, bool for_candidates, struct diagnostics *d)
{
    struct study_reader r = {
        .study = study, .d = d, .given = given, .for_candidates = for_candidates, .candidate_count = 1};
    int status = -1;
    int errors = d->errors;
    study->source = strdup(study->document.source);
    r.units = units_create();
    if (!study->source || !r.units) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    for (int i = 0; i < setting_count; i++) {
        document_set(&study->document, settings[i], d);
    }
    r.root = study->document.root;
    status = read_tree(&r);
    if (d->errors > errors) {
        status = -1;
    }
out:
    reader_clear(&r);
    if (status) {
        study_clear(study);
    }
    return status;
}

int study_read(struct study *study, const char *path, const char *const *settings, int setting_count,
               struct diagnostics *d)
{
    *study = (struct study){0};
    return document_read(&study->document, path, d)
               ? -1
               : read_document(study, settings, setting_count, NULL, false, d);
}

int study_parse(struct study *study, const char *name, const char *text, size_t size,
                const char *const *settings, int setting_count, struct diagnostics *d)
{
    *study = (struct study){0};
    return document_parse(&study->document, name, text, size, d)
               ? -1
               : read_document(study, settings, setting_count, NULL, false, d);
}

int study_read_candidates(struct study *study, const char *path, const char *const *settings,
                          int setting_count, struct diagnostics *d)
{
    *study = (struct study){0};
    return document_read(&study->document, path, d)
               ? -1
               : read_document(study, settings, setting_count, NULL, true, d);
}

int study_parse_candidates(struct study *study, const char *name, const char *text, size_t size,
                           struct diagnostics *d)
{
    *study = (struct study){0};
    return document_parse(&study->document, name, text, size, d)
               ? -1
               : read_document(study, NULL, 0, NULL, true, d);
}

int study_parse_with(struct study *study, const char *name, const char *text, const struct study_texts *given,
                     struct diagnostics *d)
{
    *study = (struct study){0};
    return document_parse(&study->document, name, text, strlen(text), d)
               ? -1
               : read_document(study, NULL, 0, given, false, d);
}

void study_clear(struct study *study)
{
    for (int i = 0; i < study->model_count; i++) {
        model_clear(&study->models[i]);
    }
    free(study->arms);
    free(study->doses);
    free(study->settings);
    free(study->labels);
    free(study->points);
    for (int i = 0; i < study->axis_count; i++) {
        free(study->axes[i].name);
    }
    free(study->axes);
    free(study->models);
    if (study->effect_site) {
        effect_site_clear(study->effect_site);
        free(study->effect_site);
    }
    free(study->covariates);
    for (int m = 0; m < study->model_count; m++) {
        if (study->effects) {
            free(study->effects[m].gain);
        }
        if (study->uncertainty) {
            free(study->uncertainty[m].estimates);
            free(study->uncertainty[m].lower);
        }
    }
    free(study->effects);
    free(study->uncertainty);
    free(study->deviations);
    free(study->copula.covariates);
    free(study->copula.lower);
    if (study->table) {
        patient_table_clear(study->table);
        free(study->table);
    }
    if (study->events) {
        event_table_clear(study->events);
        free(study->events);
    }
    free(study->times);
    free(study->analytes);
    free(study->metrics);
    free(study->thresholds.levels);
    free(study->thresholds.after);
    free(study->thresholds.fractions);
    free(study->thresholds.metrics);
    free(study->quantiles);
    free(study->sensitivity.steps);
    free(study->optimize.candidates);
    free(study->optimize.texts);
    free(study->optimize.constraints);
    for (int i = 0; i < study->input_count; i++) {
        free(study->inputs[i].name);
        free(study->inputs[i].text);
    }
    free(study->inputs);
    free(study->source);
    document_clear(&study->document);
    *study = (struct study){0};
}
