#include "summary.h"

#include "app/base/csv.h"
#include "app/results/results.h"
#include "app/results/results_certificate.h"
#include "summary_changes.h"
#include "summary_rows.h"
#include "summary_sensitivity.h"
#include "summary_text.h"
#include "summary_thresholds.h"
#include "summary_uncertainty.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- For programs --- */

/* The statistics of a row, in the order of the columns. */
#define STATISTIC_LIST(X)                                                                                    \
    X(mean)                                                                                                  \
    X(sd)                                                                                                    \
    X(geometric_mean)                                                                                        \
    X(geometric_cv)                                                                                          \
    X(median)                                                                                                \
    X(p05)                                                                                                   \
    X(p95)                                                                                                   \
    X(min)                                                                                                   \
    X(max)

/* How far the models of the row's arms lie apart, the same in each of their rows; empty where there are none. */
static void csv_comparison(FILE *out, const struct summary *summary, const struct summary_row *row)
{
    if (row->comparison < 0) {
        fputs(",,,,,,,,", out);
        return;
    }
    const struct comparison *c = &summary->comparisons[row->comparison];
    fprintf(out, ",%d", c->models);
    csv_number(out, summary->rows[c->lowest].spread.geometric_mean);
    putc(',', out);
    csv_text(out, summary->result.arm_models[summary->rows[c->lowest].arm]);
    csv_number(out, summary->rows[c->highest].spread.geometric_mean);
    putc(',', out);
    csv_text(out, summary->result.arm_models[summary->rows[c->highest].arm]);
    csv_number(out, c->models_ratio);
    csv_number(out, c->patients_ratio);
    fprintf(out, ",%d", c->patients_models);
}

/* The columns that csv_comparison fills. */
enum { CSV_COMPARISON = 8 };

/* The heads of columns that only some results have. How many, or -1 without memory. */
static int csv_other_heads(FILE *out, const struct summary *summary)
{
    char *heads = NULL;
    size_t size;
    FILE *text = open_memstream(&heads, &size);
    int columns = 0;

    if (!text) {
        return -1;
    }
    fputs(summary->changes.count > 0 ? changes_csv_heads : "", text);
    uncertainty_csv_head(text, summary);
    if (fclose(text) != 0) {
        free(heads);
        return -1;
    }
    for (const char *c = heads; *c; c++) {
        columns += *c == ',';
    }
    fputs(heads, out);
    free(heads);
    return columns;
}

static int print_csv(FILE *out, struct summary *summary, struct diagnostics *d)
{
    const bool asked = summary->thresholds.count > 0;

    fputs("arm,analyte,metric,unit,n", out);
#define X(field) fputs("," #field, out);
    STATISTIC_LIST(X)
#undef X
    fputs(",arm_name,model,models,lowest,lowest_model,highest,highest_model,models_ratio,patients_ratio,"
          "patients_models,interval,interval_start,from",
          out);
    const int others = csv_other_heads(out, summary);
    if (others < 0) {
        return diagnostics_out_of_memory(d);
    }
    fprintf(out, "%s\n", asked ? thresholds_csv_heads : "");
    for (int64_t i = 0; i < summary->row_count; i++) {
        const struct summary_row *row = &summary->rows[i];
        csv_text(out, summary->result.arms[row->arm]);
        putc(',', out);
        csv_text(out, row->variable->analyte);
        putc(',', out);
        csv_text(out, row->variable->metric);
        putc(',', out);
        csv_text(out, row->variable->unit);
        fprintf(out, ",%" PRId64, row->spread.n);
#define X(field) csv_number(out, row->spread.field);
        STATISTIC_LIST(X)
#undef X
        putc(',', out);
        csv_text(out, summary->result.arm_names[row->arm]);
        putc(',', out);
        csv_text(out, summary->result.arm_models[row->arm]);
        csv_comparison(out, summary, row);
        csv_number(out, row->interval > 0 ? (double)row->interval : (double)NAN);
        csv_number(out, row->start);
        putc(',', out);
        csv_text(out, row->variable->from ? row->variable->from : "");
        if (summary->changes.count > 0) {
            changes_csv(out, &summary->changes, &summary->result, row->arm, row->variable, row->interval);
        }
        uncertainty_csv(out, summary, row);
        fprintf(out, "%s\n", asked ? thresholds_csv_nothing : "");
    }
#define X(field) +1
    return thresholds_csv(out, summary, 0 STATISTIC_LIST(X), CSV_COMPARISON, others, d);
#undef X
}

/* Takes over `value`. A text that is no UTF-8 or a number that is not defined becomes null. */
static int json_put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value ? value : json_null());
}

static json_t *json_number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_text_take(char *text)
{
    json_t *value = json_string(text ? text : "");

    free(text);
    return value;
}

static json_t *json_row(const struct summary *summary, const struct summary_row *row)
{
    json_t *object = json_object();
    int failed = 0;

    failed |= json_put(object, "arm", json_string(summary->result.arms[row->arm]));
    failed |= json_put(object, "arm_name", json_string(summary->result.arm_names[row->arm]));
    failed |= json_put(object, "model", json_string(summary->result.arm_models[row->arm]));
    failed |= json_put(object, "analyte", json_string(row->variable->analyte));
    failed |= json_put(object, "metric", json_string(row->variable->metric));
    failed |= json_put(object, "unit", json_string(row->variable->unit));
    failed |= json_put(object, "from", row->variable->from ? json_string(row->variable->from) : NULL);
    if (row->interval > 0) {
        failed |= json_put(object, "interval", json_integer(row->interval));
        failed |= json_put(object, "interval_start", json_number_or_null(row->start));
    }
    failed |= json_put(object, "n", json_integer(row->spread.n));
#define X(field) failed |= json_put(object, #field, json_number_or_null(row->spread.field));
    STATISTIC_LIST(X)
#undef X
    if (row->replicates) {
        failed |= json_put(object, "share", json_number_or_null(row->share));
        failed |= json_object_set_new(object, "over_replicates", uncertainty_json_row(row));
    }
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *json_comparison(const struct summary *summary, const struct comparison *c)
{
    const struct summary_row *lowest = &summary->rows[c->lowest];
    const struct summary_row *highest = &summary->rows[c->highest];
    json_t *object = json_object();
    int failed = 0;

    failed |= json_put(object, "arm", json_string(c->arm));
    failed |= json_put(object, "arm_name", json_string(summary->result.arm_names[lowest->arm]));
    failed |= json_put(object, "analyte", json_string(c->variable->analyte));
    failed |= json_put(object, "metric", json_string(c->variable->metric));
    failed |= json_put(object, "unit", json_string(c->variable->unit));
    failed |= json_put(object, "models", json_integer(c->models));
    failed |= json_put(object, "lowest", json_number_or_null(lowest->spread.geometric_mean));
    failed |= json_put(object, "lowest_model", json_string(summary->result.arm_models[lowest->arm]));
    failed |= json_put(object, "highest", json_number_or_null(highest->spread.geometric_mean));
    failed |= json_put(object, "highest_model", json_string(summary->result.arm_models[highest->arm]));
    failed |= json_put(object, "models_ratio", json_number_or_null(c->models_ratio));
    failed |= json_put(object, "patients_ratio", json_number_or_null(c->patients_ratio));
    failed |= json_put(object, "patients_models", json_integer(c->patients_models));
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *json_model(struct result *result, const char *name)
{
    static const char *const keys[] = {"title", "citation", "doi", "drug", "sampling"};
    json_t *object = json_object();
    int failed = json_put(object, "name", json_string(name));

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        failed |= json_put(object, keys[i], json_text_take(result_model_text(result, keys[i], name)));
    }
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *json_limit(const struct broken_limit *limit)
{
    json_t *object = json_object();
    int failed = 0;

    failed |= json_put(object, "model", json_string(limit->model));
    failed |= json_put(object, "limit", json_string(limit->name));
    failed |= json_put(object, "simulations", json_integer(limit->simulations));
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *json_slope(const struct doubtful_slope *slope)
{
    json_t *object = json_object();
    int failed = 0;

    failed |= json_put(object, "analyte", json_string(slope->analyte));
    failed |= json_put(object, "simulations", json_integer(slope->simulated));
    failed |= json_put(object, "doubtful", json_integer(slope->doubtful));
    for (int k = 0; k < SLOPE_FLAGS; k++) {
        failed |= json_put(object, slope_flag_word(k), json_integer(slope->counts[k]));
    }
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* null where the result has none. */
static json_t *json_certificate(struct result *result)
{
    struct result_certificate certificate;

    result_certificate_read(&certificate, result);
    return certificate.route.text[0] ? result_certificate_json(&certificate) : NULL;
}

static json_t *json_summary(struct summary *summary, struct diagnostics *d)
{
    static const char *const counters[] = {"failed", "clamped", "outside_validity"};
    struct result *result = &summary->result;
    json_t *object = json_object();
    json_t *models = json_array();
    json_t *rows = json_array();
    json_t *comparisons = json_array();
    json_t *limits = json_array();
    json_t *slopes = json_array();
    int failed = 0;

    for (int i = 0; i < result->model_count; i++) {
        failed |= json_array_append_new(models, json_model(result, result->models[i]));
    }
    for (int64_t i = 0; i < summary->row_count; i++) {
        failed |= json_array_append_new(rows, json_row(summary, &summary->rows[i]));
    }
    for (int64_t i = 0; i < summary->comparison_count; i++) {
        failed |= json_array_append_new(comparisons, json_comparison(summary, &summary->comparisons[i]));
    }
    failed |= json_put(object, "title", json_text_take(result_text(result, "title")));
    failed |= json_put(object, "models", models);
    failed |= json_put(object, "arms", json_integer(result->sizes[DIMENSION_ARM] / (result->replicates + 1)));
    failed |= json_put(object, "patients", json_integer(result->sizes[DIMENSION_PATIENT]));
    for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
        failed |= json_put(object, counters[i], json_integer(result_counter(result, counters[i])));
    }
    for (int i = 0; i < summary->limits.count; i++) {
        failed |= json_array_append_new(limits, json_limit(&summary->limits.items[i]));
    }
    for (int i = 0; i < summary->slopes.count; i++) {
        failed |= json_array_append_new(slopes, json_slope(&summary->slopes.items[i]));
    }
    failed |= json_put(object, "certificate", json_certificate(result));
    failed |= json_put(object, "broken_limits", limits);
    failed |= json_put(object, "doubtful_slopes", slopes);
    failed |= json_put(object, "exposure", rows);
    failed |= json_put(object, "between_models", comparisons);
    if (summary->changes.count > 0) {
        failed |= json_put(object, "changes", changes_json(&summary->changes, &summary->result));
    }
    if (result->replicates > 0) {
        failed |= json_object_set_new(object, "uncertainty", uncertainty_json(summary));
    }
    if (summary->thresholds.count > 0) {
        failed |= json_object_set_new(object, "thresholds", thresholds_json(summary, d));
    }
    if (summary->sensitivity.method) {
        failed |= json_object_set_new(object, "sensitivity", sensitivity_json(&summary->sensitivity));
    }
    failed |= json_put(object, "disclaimer", json_string(RESULTS_DISCLAIMER));
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static int print_json(FILE *out, struct summary *summary, struct diagnostics *d)
{
    json_t *object = json_summary(summary, d);

    if (!object) {
        return d->errors > 0 ? -1 : diagnostics_out_of_memory(d);
    }
    json_dumpf(object, out, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    putc('\n', out);
    json_decref(object);
    return 0;
}

/* --- The whole --- */

int summary_print(FILE *out, const char *path, enum summary_format format, struct diagnostics *d)
{
    struct summary summary;
    int ret = 0;

    if (summary_read(&summary, path, d) != 0) {
        return -1;
    }
    switch (format) {
    case SUMMARY_TEXT:
        ret = summary_text_print(out, &summary, d);
        break;
    case SUMMARY_CSV:
        ret = print_csv(out, &summary, d);
        break;
    case SUMMARY_JSON:
        ret = print_json(out, &summary, d);
        break;
    }
    summary_clear(&summary);
    return ret;
}
