#include "app/base/calendar.h"
#include "results_inner.h"

#include "model/applicability.h"
#include "solver/exposure_study.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- Variables --- */

static int add_variable(struct hdf *file, const struct layout *layout, const struct layout_variable *v,
                        struct diagnostics *d)
{
    const char *scales[HDF_RANK_MAX];

    if (layout_is_coordinate(v)) {
        return hdf_add_scale(file, v->name, v->type, layout_values(layout, v), d);
    }
    for (int i = 0; i < v->rank; i++) {
        scales[i] = dimension_name(v->dimensions[i]);
    }
    return hdf_add_variable(file, v->name, v->type, scales, v->rank, d);
}

/* CF: what else labels the arms, so that xarray carries it along with every variable over arms. */
static int set_arm_labels(struct hdf *file, const struct layout *layout, const struct layout_variable *v,
                          struct diagnostics *d)
{
    char *labels = NULL;
    size_t size;
    FILE *out;
    int ret;

    if (layout_is_coordinate(v) || role_labels_arms(v->role) || v->dimensions[0] != DIMENSION_ARM) {
        return 0;
    }
    out = open_memstream(&labels, &size);
    if (!out) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < layout->count; i++) {
        const struct layout_variable *label = &layout->variables[i];
        if (role_labels_arms(label->role)) {
            fprintf(out, "%s%s", ftell(out) > 0 ? " " : "", label->name);
        }
    }
    ret = fclose(out) == 0 ? hdf_set_text(file, v->name, "coordinates", labels, d)
                           : diagnostics_out_of_memory(d);
    free(labels);
    return ret;
}

/* CF: what the values of `status` mean, as words; the comment has the sentences. */
static int set_flags(struct hdf *file, const char *name, struct diagnostics *d)
{
    static const uint8_t values[] = {
#define X(symbol, value, text) value,
        PATIENT_STATUS_LIST(X)
#undef X
    };
    static const char *const symbols[] = {
#define X(symbol, value, text) #symbol,
        PATIENT_STATUS_LIST(X)
#undef X
    };
    enum { COUNT = sizeof(values), PREFIX = sizeof("PATIENT_") - 1 };
    char words[256] = "";
    char sentences[1024] = "";

    for (int i = 0; i < COUNT; i++) {
        size_t end = strlen(words);
        snprintf(words + end, sizeof(words) - end, "%s%s", i > 0 ? " " : "", symbols[i] + PREFIX);
        end = strlen(sentences);
        snprintf(sentences + end, sizeof(sentences) - end, "%s%d: %s", i > 0 ? "; " : "", values[i],
                 patient_status_text(values[i]));
    }
    for (char *c = words; *c; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    if (hdf_set_numbers(file, name, "flag_values", HDF_UINT8, values, COUNT, d) != 0 ||
        hdf_set_text(file, name, "flag_meanings", words, d) != 0) {
        return -1;
    }
    return hdf_set_text(file, name, "comment", sentences, d);
}

/* CF: the limits of outside_validity, a bit each, the lowest first. */
static int set_limits(struct hdf *file, const char *name, const struct study *study, struct diagnostics *d)
{
    int32_t masks[LIMITS_MAX];
    char *words = NULL;
    size_t size;
    FILE *out = open_memstream(&words, &size);
    int ret;

    if (!out) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < limit_count(study); i++) {
        masks[i] = (int32_t)(1U << i);
        fprintf(out, "%s%s", i > 0 ? " " : "", limit_name(study, i));
    }
    ret =
        fclose(out) == 0 ? hdf_set_text(file, name, "flag_meanings", words, d) : diagnostics_out_of_memory(d);
    free(words);
    return ret != 0 ? ret
                    : hdf_set_numbers(file, name, "flag_masks", HDF_INT32, masks, limit_count(study), d);
}

/* CF: what makes a terminal slope doubtful, a bit each. */
static int set_slope_flags(struct hdf *file, const char *name, struct diagnostics *d)
{
    static const int32_t masks[] = {
#define X(symbol, value, word, text) value,
        SLOPE_FLAG_LIST(X)
#undef X
    };
#define X(symbol, value, word, text) " " word
    static const char words[] = SLOPE_FLAG_LIST(X);
#undef X
#define X(symbol, value, word, text) "; " #value ": " text
    static const char sentences[] = SLOPE_FLAG_LIST(X);
#undef X

    if (hdf_set_numbers(file, name, "flag_masks", HDF_INT32, masks, sizeof(masks) / sizeof(masks[0]), d) !=
            0 ||
        hdf_set_text(file, name, "flag_meanings", words + 1, d) != 0) {
        return -1;
    }
    return hdf_set_text(file, name, "comment", sentences + 2, d);
}

/* What a metric is, and which statistics tell of it over patients. */
static int set_metric(struct hdf *file, const struct layout_variable *v, const struct study *study,
                      struct diagnostics *d)
{
    const struct metric_request *request = &study->metrics[v->index];
    const struct exposure_metric *metric = &exposure_metrics[request->metric];
    const struct output *output = study_output(study, v->analyte);
    const bool effect = output && output_is_effect(output); /* can be 0: it has no geometric mean */
    const double window[] = {request->from, request->to};

    if (hdf_set_text(file, v->name, "metric", request->name, d) != 0 ||
        hdf_set_text(file, v->name, "statistic",
                     statistic_name(effect ? STATISTIC_MEDIAN : metric->statistic), d) != 0 ||
        hdf_set_text(file, v->name, "from",
                     study_metric_from(study, request, v->analyte, v->role == ROLE_INTERVAL_METRIC),
                     d) != 0 ||
        (metric->cdisc && hdf_set_text(file, v->name, "cdisc", metric->cdisc, d) != 0) ||
        (request->to > 0 && hdf_set_numbers(file, v->name, "between_h", HDF_FLOAT64, window, 2, d) != 0)) {
        return -1;
    }
    return request->threshold > 0
               ? hdf_set_numbers(file, v->name, "threshold_ng_per_mL", HDF_FLOAT64, &request->threshold, 1, d)
               : 0;
}

/* What float32 leaves of a number: 24 bits, and fewer of very small ones. */
static int set_rounding(struct hdf *file, const char *name, struct diagnostics *d)
{
    static const double relative = 0x1p-24;

    return hdf_set_numbers(file, name, "rounding_error_bound", HDF_FLOAT64, &relative, 1, d) == 0
               ? hdf_set_text(file, name, "rounding",
                              "rounded to float32: relative error up to 2^-24 (6e-8); below 1.2e-38 "
                              "absolute, up to 7.1e-46",
                              d)
               : -1;
}

static int set_variable_attributes(struct hdf *file, const struct layout *layout,
                                   const struct layout_variable *v, const struct study *study,
                                   struct diagnostics *d)
{
    const char *analyte = NULL;
    int ret = 0;

    if (hdf_set_text(file, v->name, "long_name", v->long_name, d) != 0 ||
        (v->unit[0] && hdf_set_text(file, v->name, "units", v->unit, d) != 0) ||
        hdf_set_text(file, v->name, "role", role_text(v->role), d) != 0 ||
        set_arm_labels(file, layout, v, d) != 0) {
        return -1;
    }
    if (v->type == HDF_FLOAT32 && set_rounding(file, v->name, d) != 0) {
        return -1;
    }
    if (v->comment && hdf_set_text(file, v->name, "comment", v->comment, d) != 0) {
        return -1;
    }
    if (v->role == ROLE_STATUS && set_flags(file, v->name, d) != 0) {
        return -1;
    }
    if (v->role == ROLE_OUTSIDE && set_limits(file, v->name, study, d) != 0) {
        return -1;
    }
    if (v->role == ROLE_METRIC || v->role == ROLE_INTERVAL_METRIC) {
        ret = set_metric(file, v, study, d);
    }
    if (effects_set(file, v, study, d) != 0 || deviation_set(file, v, study, d) != 0 ||
        thresholds_set(file, v, study, d) != 0) {
        return -1;
    }
    if (v->role == ROLE_SLOPE_FLAGS && set_slope_flags(file, v->name, d) != 0) {
        return -1;
    }
    if (v->role == ROLE_SENSITIVITY_GAP && gaps_set(file, v->name, d) != 0) {
        return -1;
    }
    if (v->role == ROLE_SAMPLE && sample_set(file, v, study, d) != 0) {
        return -1;
    }
    if (role_is_of_analyte(v->role)) {
        analyte = study->analytes[v->analyte];
    }
    return ret == 0 && analyte ? hdf_set_text(file, v->name, "analyte", analyte, d) : ret;
}

static int variable_write(struct hdf *file, const struct layout *layout, struct layout_variable *v,
                          const struct study *study, struct diagnostics *d)
{
    if (add_variable(file, layout, v, d) != 0 || set_variable_attributes(file, layout, v, study, d) != 0) {
        return -1;
    }
    return v->type == HDF_TEXT ? texts_write(file, layout, v, study, d)
                               : hdf_offset(file, v->name, &v->offset, d);
}

/* --- Attributes of the file --- */

static int set_text(struct hdf *file, const char *name, const char *text, struct diagnostics *d)
{
    return hdf_set_text(file, NULL, name, text ? text : "", d);
}

/* An attribute that is called after a model: "doi_perez-ruixo-2021". */
static int set_model_text(struct hdf *file, const char *what, const struct model *model, const char *text,
                          struct diagnostics *d)
{
    char name[192];

    snprintf(name, sizeof(name), "%s_%s", what, model->name);
    return set_text(file, name, text, d);
}

/* The analytes of a model, separated by blanks: what its arms have no levels of is NaN. */
static int set_analytes(struct hdf *file, const struct model *model, struct diagnostics *d)
{
    char *analytes = NULL;
    size_t size;
    FILE *out = open_memstream(&analytes, &size);
    int ret;

    if (!out) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < model->output_count; i++) {
        fprintf(out, "%s%s", i > 0 ? " " : "", model->outputs[i].analyte);
    }
    ret = fclose(out) == 0 ? set_model_text(file, "analytes", model, analytes, d)
                           : diagnostics_out_of_memory(d);
    free(analytes);
    return ret;
}

static int set_model(struct hdf *file, const struct model *model, struct diagnostics *d)
{
    if (set_analytes(file, model, d) != 0 || set_model_text(file, "title", model, model->title, d) != 0 ||
        set_model_text(file, "citation", model, model->citation, d) != 0 ||
        set_model_text(file, "doi", model, model->doi, d) != 0 ||
        set_model_text(file, "drug", model, model->drug, d) != 0 ||
        set_model_text(file, "sampling", model, model->sampling, d) != 0) {
        return -1;
    }
    return set_model_text(file, "model", model, model->document.source, d);
}

static int set_models(struct hdf *file, const struct study *study, struct diagnostics *d)
{
    for (int i = 0; i < study->model_count; i++) {
        for (int j = 0; j < i; j++) {
            if (strcmp(study->models[i].name, study->models[j].name) == 0) {
                return diagnostics_error(d, NOWHERE, "two models of the study are called \"%s\"; rename one",
                                         study->models[i].name);
            }
        }
        if (set_model(file, &study->models[i], d) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The layer that was added to the models, and what it does not tell. */
static int set_effect_site(struct hdf *file, const struct effect_site *site, struct diagnostics *d)
{
    char *limits = NULL;
    size_t size;
    FILE *out = open_memstream(&limits, &size);
    int ret = -1;

    if (!out) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < site->limit_count; i++) {
        fprintf(out, "%s%s", i > 0 ? "\n" : "", site->limits[i]);
    }
    if (fclose(out) != 0) {
        diagnostics_out_of_memory(d);
    } else if (set_text(file, "effect_site", site->name, d) == 0 &&
               set_text(file, "effect_site_title", site->title, d) == 0 &&
               set_text(file, "effect_site_citation", site->citation, d) == 0 &&
               set_text(file, "effect_site_doi", site->doi, d) == 0 &&
               set_text(file, "effect_site_population", site->population, d) == 0 &&
               set_text(file, "effect_site_limits", limits, d) == 0 &&
               hdf_set_numbers(file, NULL, "effect_site_c50_ng_per_mL", HDF_FLOAT64, &site->c50, 1, d) == 0) {
        ret = set_text(file, "effect_site_text", site->document.source, d);
    }
    free(limits);
    return ret;
}

/* The date at 0 h, which numpy.datetime64 reads. */
static int set_date(struct hdf *file, const struct study *study, struct diagnostics *d)
{
    char text[32];

    if (!study->has_start) {
        return 0;
    }
    calendar_write(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", study->start);
    return set_text(file, "start", text, d);
}

static int set_study(struct hdf *file, const struct study *study, struct diagnostics *d)
{
    char *resolved = document_write(&study->document);
    int ret = -1;

    if (!resolved) {
        return diagnostics_out_of_memory(d);
    }
    if (set_text(file, "Conventions", "CF-1.8", d) == 0 && set_text(file, "title", study->title, d) == 0 &&
        set_text(file, "disclaimer", RESULTS_DISCLAIMER, d) == 0 &&
        set_text(file, "study", study->source, d) == 0 &&
        set_text(file, "resolved_study", resolved, d) == 0 &&
        hdf_set_numbers(file, NULL, "seed", HDF_UINT64, &study->seed, 1, d) == 0 &&
        set_date(file, study, d) == 0 && set_text(file, "auc_rule", study->auc_rule, d) == 0 &&
        set_text(file, "solver_method", study->method, d) == 0 &&
        hdf_set_numbers(file, NULL, "solver_rtol", HDF_FLOAT64, &study->rtol, 1, d) == 0 &&
        hdf_set_numbers(file, NULL, "solver_atol_mg", HDF_FLOAT64, &study->atol, 1, d) == 0 &&
        hdf_set_numbers(file, NULL, "solver_max_steps", HDF_INT64, &study->max_steps, 1, d) == 0) {
        ret = 0;
    }
    free(resolved);
    return ret;
}

static int set_provenance(struct hdf *file, const struct provenance *provenance, struct diagnostics *d)
{
    char source[128];

    snprintf(source, sizeof(source), "ketsim %s", provenance->version ? provenance->version : "");
    if (set_text(file, "source", source, d) != 0 ||
        set_text(file, "ketsim_version", provenance->version, d) != 0 ||
        set_text(file, "ketsim_revision", provenance->revision, d) != 0 ||
        set_text(file, "sundials_version", provenance->sundials, d) != 0 ||
        set_text(file, "hdf5_version", provenance->hdf5, d) != 0) {
        return -1;
    }
    if (set_text(file, "compiler", provenance->compiler, d) != 0) {
        return -1;
    }
    return set_text(file, "arithmetic", provenance->arithmetic, d);
}

static int set_start(struct hdf *file, struct diagnostics *d)
{
    const time_t now = time(NULL);
    struct tm utc;
    char text[32];

    if (!gmtime_r(&now, &utc) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        return diagnostics_error(d, NOWHERE, "the clock tells no time");
    }
    return set_text(file, "run_started", text, d);
}

bool metadata_is_outcome(const char *name)
{
    static const char *const names[] = {"finished",         "failed",        "clamped",
                                        "outside_validity", "solver_steps",  "solver_evaluations",
                                        "complete",         "solver_batches"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* What is known only at the end. Added with zeros when the file is made and overwritten in place, so that nothing in
 * the file moves. */
static int set_outcome(struct hdf *file, const struct sweep_report *report, uint8_t complete,
                       struct diagnostics *d)
{
    const struct {
        const char *name;
        int64_t value;
    } counters[] = {
        {"finished", report->finished},      {"failed", report->failed},
        {"clamped", report->clamped},        {"outside_validity", report->outside},
        {"solver_steps", report->steps},     {"solver_evaluations", report->evaluations},
        {"solver_batches", report->batches},
    };
    const int32_t threads = report->threads;

    for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
        if (hdf_set_numbers(file, NULL, counters[i].name, HDF_INT64, &counters[i].value, 1, d) != 0) {
            return -1;
        }
    }
    if (certificate_set_outcome(file, &report->certificate, d) != 0) {
        return -1;
    }
    if (hdf_set_numbers(file, NULL, "run_seconds", HDF_FLOAT64, &report->seconds, 1, d) != 0 ||
        hdf_set_numbers(file, NULL, "run_threads", HDF_INT32, &threads, 1, d) != 0) {
        return -1;
    }
    return hdf_set_numbers(file, NULL, "complete", HDF_UINT8, &complete, 1, d);
}

/* --- The whole --- */

int metadata_write(struct hdf *file, struct layout *layout, const struct study *study,
                   const struct provenance *provenance, struct diagnostics *d)
{
    const struct sweep_report nothing = {0};
    const int32_t version = RESULTS_SCHEMA_VERSION;

    if (hdf_set_numbers(file, NULL, "schema_version", HDF_INT32, &version, 1, d) != 0 ||
        set_study(file, study, d) != 0 || certificate_set(file, study, d) != 0 ||
        sensitivity_set(file, study, d) != 0 || uncertainty_set(file, study, d) != 0 ||
        set_models(file, study, d) != 0 ||
        (study->effect_site && set_effect_site(file, study->effect_site, d) != 0) ||
        set_provenance(file, provenance, d) != 0 || set_start(file, d) != 0 ||
        set_outcome(file, &nothing, 0, d) != 0) {
        return -1;
    }
    for (int i = 0; i < layout->count; i++) {
        struct layout_variable *v = &layout->variables[i];
        if (!v->scratch && variable_write(file, layout, v, study, d) != 0) {
            return -1;
        }
    }
    return metadata_quantiles(file, layout,
                              layout->quantiles.streaming ? ldexp(1, -layout->quantiles.bits) : 0, d);
}

int metadata_finish(struct hdf *file, const struct sweep_report *report, struct diagnostics *d)
{
    return set_outcome(file, report, 1, d);
}
