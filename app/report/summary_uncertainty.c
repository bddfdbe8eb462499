#include "summary_uncertainty.h"

#include "app/base/csv.h"
#include "app/base/text_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Text --- */

enum {
    COLUMN_ARM,
    COLUMN_ANALYTE,
    COLUMN_METRIC,
    COLUMN_MEDIAN,
    COLUMN_P05,
    COLUMN_P95,
    COLUMN_SHARE,
    COLUMNS
};

/* "93.10 [84.20 to 102.5]" */
static int put_interval(struct table *table, int64_t line, int column, double value,
                        struct replicate_interval interval, const char *unit)
{
    char text[128];

    snprintf(text, sizeof(text), "%s%s [%s to %s]", number_describe(value).text, unit,
             number_describe(interval.lower).text, number_describe(interval.upper).text);
    return table_put(table, line, column, text);
}

static int fill_row(struct table *table, int64_t line, const struct summary *summary,
                    const struct summary_row *row)
{
    const struct replicate_intervals *r = row->replicates;
    char metric[256];
    char of_interval[64] = "";
    char of_replicates[64] = "";

    if (row->interval > 0) {
        snprintf(of_interval, sizeof(of_interval), ", interval %" PRId64, row->interval);
    }
    if (r->n < summary->result.replicates) {
        snprintf(of_replicates, sizeof(of_replicates), ", of %" PRId64 " replicates", r->n);
    }
    snprintf(metric, sizeof(metric), "%s, %s%s%s", row->variable->metric, row->variable->unit, of_interval,
             of_replicates);
    if (table_put(table, line, COLUMN_ARM, summary->result.arms[row->arm]) != 0 ||
        table_put(table, line, COLUMN_ANALYTE, row->variable->analyte) != 0 ||
        table_put(table, line, COLUMN_METRIC, metric) != 0 ||
        put_interval(table, line, COLUMN_MEDIAN, row->spread.median, r->median, "") != 0 ||
        put_interval(table, line, COLUMN_P05, row->spread.p05, r->p05, "") != 0 ||
        put_interval(table, line, COLUMN_P95, row->spread.p95, r->p95, "") != 0) {
        return -1;
    }
    if (isnan(row->share)) {
        return 0;
    }
    return put_interval(table, line, COLUMN_SHARE, 100 * row->share,
                        (struct replicate_interval){100 * r->share.lower, 100 * r->share.upper}, " %");
}

static void print_sources(FILE *out, struct result *result)
{
    for (int i = 0; i < result->model_count; i++) {
        char *source = result_model_text(result, "uncertainty_source", result->models[i]);
        fputs("  ", out);
        text_put(out, result->models[i]);
        fputs(": ", out);
        text_put(out, source ? source : "the result does not say");
        putc('\n', out);
        free(source);
    }
}

int uncertainty_print(FILE *out, struct summary *summary)
{
    static const char *const heads[COLUMNS] = {
        "arm", "analyte", "metric", "median patient", "5th percentile", "95th percentile", "ever above",
    };
    struct result *result = &summary->result;
    struct table table = {0};
    bool shares = false;
    int ret = -1;

    if (result->replicates == 0) {
        return 0;
    }
    for (int64_t i = 0; i < summary->row_count; i++) {
        shares |= !isnan(summary->rows[i].share);
    }
    if (table_init(&table, 1 + summary->row_count, shares ? COLUMNS : COLUMN_SHARE) != 0) {
        goto out;
    }
    for (int i = 0; i < table.columns; i++) {
        if (table_put(&table, 0, i, heads[i]) != 0) {
            goto out;
        }
    }
    for (int64_t i = 0; i < summary->row_count; i++) {
        if (fill_row(&table, 1 + i, summary, &summary->rows[i]) != 0) {
            goto out;
        }
    }
    fprintf(out,
            "\nhow sure that is, with the models' estimates as uncertain as the study says: over the "
            "patients, by the models as "
            "published,\nand in brackets between which values the same lies in %g %% of %" PRId64
            " replicates with the same patients\n",
            100 * result->confidence, result->replicates);
    print_sources(out, result);
    putc('\n', out);
    table_print(out, &table);
    ret = 0;

out:
    table_clear(&table);
    return ret;
}

/* --- For programs --- */

void uncertainty_csv_head(FILE *out, const struct summary *summary)
{
    if (summary->result.replicates > 0) {
        fputs(",share,replicates", out);
#define X(name) fputs("," #name "_lower," #name "_upper", out);
        REPLICATE_STATISTIC_LIST(X)
#undef X
    }
}

void uncertainty_csv(FILE *out, const struct summary *summary, const struct summary_row *row)
{
    if (summary->result.replicates > 0) {
        csv_number(out, row->share);
        fprintf(out, ",%" PRId64, row->replicates->n);
#define X(name)                                                                                              \
    csv_number(out, row->replicates->name.lower);                                                            \
    csv_number(out, row->replicates->name.upper);
        REPLICATE_STATISTIC_LIST(X)
#undef X
    }
}

static json_t *interval_json(struct replicate_interval interval)
{
    return isfinite(interval.lower) && isfinite(interval.upper)
               ? json_pack("[f, f]", interval.lower, interval.upper)
               : json_null();
}

json_t *uncertainty_json_row(const struct summary_row *row)
{
    const struct replicate_intervals *r = row->replicates;
    json_t *object = json_pack("{s: I}", "replicates", (json_int_t)r->n);
    int failed = object ? 0 : -1;

#define X(name) failed |= failed ? failed : json_object_set_new(object, #name, interval_json(r->name));
    REPLICATE_STATISTIC_LIST(X)
#undef X
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *uncertainty_json(struct summary *summary)
{
    struct result *result = &summary->result;
    json_t *sources = json_object();
    int failed = sources ? 0 : -1;

    for (int i = 0; i < result->model_count && !failed; i++) {
        char *source = result_model_text(result, "uncertainty_source", result->models[i]);
        json_t *text = source ? json_string(source) : NULL;
        failed = json_object_set_new(sources, result->models[i], text ? text : json_null());
        free(source);
    }
    if (failed) {
        json_decref(sources);
        return NULL;
    }
    return json_pack("{s: I, s: f, s: o}", "replicates", (json_int_t)result->replicates, "confidence",
                     result->confidence, "sources", sources);
}
