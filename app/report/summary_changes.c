#include "summary_changes.h"

#include "summary_rows.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

bool change_is_ratio(const struct change *change)
{
    return summary_statistic(change->variable) != STATISTIC_MEDIAN && !isnan(change->ratio.median);
}

const struct change_spread *change_told(const struct change *change)
{
    return change_is_ratio(change) ? &change->ratio : &change->difference;
}

const struct change *changes_find_ratio(const struct changes *changes, int64_t arm, const char *analyte,
                                        int64_t interval, const char *metric)
{
    for (int64_t i = changes_first(changes, arm); i < changes->count && changes->items[i].arm == arm; i++) {
        const struct change *change = &changes->items[i];
        if (change->interval == interval && change->n > 0 &&
            strcmp(change->variable->analyte, analyte) == 0 &&
            strncmp(change->variable->metric, metric, strlen(metric)) == 0 && change_is_ratio(change)) {
            return change;
        }
    }
    return NULL;
}

struct number_text change_describe(const struct change *change, double value)
{
    static const double noise =
        1e-5; /* h, or of an effect: ten times what roots of the solution are known to */

    struct number_text text;

    if (change_is_ratio(change) && value >= 0.1 && value < 10) {
        snprintf(text.text, sizeof(text.text), "%.3f", value);
        return text;
    }
    return number_describe(!change_is_ratio(change) && fabs(value) < noise ? 0 : value);
}

/* --- For people --- */

enum {
    COLUMN_ARM,
    COLUMN_BASELINE,
    COLUMN_ANALYTE,
    COLUMN_METRIC,
    COLUMN_CHANGE,
    COLUMN_RANGE,
    COLUMN_ERROR,
    COLUMN_N,
    COLUMN_COUNT
};

static int fill_line(struct table *table, int64_t line, const struct change *change,
                     const struct result *result)
{
    const struct change_spread *spread = change_told(change);
    const bool ratio = change_is_ratio(change);
    char text[256];
    int failed = table_put(table, line, COLUMN_ARM, result->arms[change->arm]) ||
                 table_put(table, line, COLUMN_BASELINE, result->arms[change->baseline]) ||
                 table_put(table, line, COLUMN_ANALYTE, change->variable->analyte);

    if (change->interval > 0) {
        snprintf(text, sizeof(text), "%s in interval %" PRId64, change->variable->metric, change->interval);
    } else {
        snprintf(text, sizeof(text), "%s", change->variable->metric);
    }
    failed = failed || table_put(table, line, COLUMN_METRIC, text);
    if (change->n == 0) {
        return failed || table_put(table, line, COLUMN_CHANGE, "-") ? -1 : 0;
    }
    if (ratio) {
        snprintf(text, sizeof(text), "x %s", change_describe(change, spread->median).text);
    } else {
        snprintf(text, sizeof(text), "%s%s %s", spread->median >= 0 ? "+" : "",
                 change_describe(change, spread->median).text, change->variable->unit);
    }
    failed = failed || table_put(table, line, COLUMN_CHANGE, text);
    snprintf(text, sizeof(text), "%s to %s", change_describe(change, spread->p05).text,
             change_describe(change, spread->p95).text);
    failed = failed || table_put(table, line, COLUMN_RANGE, text);
    snprintf(text, sizeof(text), "%s to %s", change_describe(change, spread->lower).text,
             change_describe(change, spread->upper).text);
    failed = failed || table_put(table, line, COLUMN_ERROR, isnan(spread->lower) ? "-" : text);
    snprintf(text, sizeof(text), "%" PRId64, change->n);
    return failed || table_put(table, line, COLUMN_N, text) ? -1 : 0;
}

int changes_print(FILE *out, const struct changes *changes, const struct result *result)
{
    static const char *const heads[COLUMN_COUNT] = {"arm",    "against",   "analyte",         "metric",
                                                    "change", "5 to 95 %", "median, 95 % CI", "n"};
    struct table table = {0};
    int failed;

    if (changes->count == 0) {
        return 0;
    }
    failed = table_init(&table, changes->count + 1, COLUMN_COUNT);
    for (int i = 0; i < COLUMN_COUNT && !failed; i++) {
        failed = table_put(&table, 0, i, heads[i]);
    }
    for (int64_t i = 0; i < changes->count && !failed; i++) {
        failed = fill_line(&table, i + 1, &changes->items[i], result);
    }
    if (!failed) {
        fputs("\nchanges against the baseline, patient by patient: median; 5th to 95th percentile of the "
              "patients; "
              "between\nwhich values the median of all such patients lies, with 95 % confidence (the Monte "
              "Carlo error)\n\n",
              out);
        table_print(out, &table);
    }
    table_clear(&table);
    return failed ? -1 : 0;
}

/* --- For programs --- */

#define SPREAD_LIST(X) X(median) X(p05) X(p95) X(lower) X(upper)

const char changes_csv_heads[] = ",baseline,change_n"
#define X(field) ",difference_" #field
    SPREAD_LIST(X)
#undef X
#define X(field) ",ratio_" #field
        SPREAD_LIST(X)
#undef X
    ;

void changes_csv(FILE *out, const struct changes *changes, const struct result *result, int64_t arm,
                 const struct result_variable *variable, int64_t interval)
{
    for (int64_t i = changes_first(changes, arm); i < changes->count && changes->items[i].arm == arm; i++) {
        const struct change *change = &changes->items[i];
        if (change->variable == variable && change->interval == interval) {
            putc(',', out);
            csv_text(out, result->arms[change->baseline]);
            fprintf(out, ",%" PRId64, change->n);
#define X(field) csv_number(out, change->difference.field);
            SPREAD_LIST(X)
#undef X
#define X(field) csv_number(out, change->ratio.field);
            SPREAD_LIST(X)
#undef X
            return;
        }
    }
    fputs(",,,,,,,,,,,,", out);
}

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *spread_json(const struct change_spread *spread)
{
    json_t *object = json_object();
    int failed = 0;

#define X(field) failed |= json_object_set_new(object, #field, number_or_null(spread->field));
    SPREAD_LIST(X)
#undef X
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *text_or_null(const char *text)
{
    json_t *value = json_string(text);

    return value ? value : json_null(); /* no UTF-8 */
}

json_t *changes_json(const struct changes *changes, const struct result *result)
{
    json_t *list = json_array();

    for (int64_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        json_t *object = json_object();
        int failed = json_object_set_new(object, "arm", text_or_null(result->arms[change->arm]));
        failed |= json_object_set_new(object, "baseline", text_or_null(result->arms[change->baseline]));
        failed |= json_object_set_new(object, "analyte", text_or_null(change->variable->analyte));
        failed |= json_object_set_new(object, "metric", text_or_null(change->variable->metric));
        failed |= json_object_set_new(object, "unit", text_or_null(change->variable->unit));
        if (change->interval > 0) {
            failed |= json_object_set_new(object, "interval", json_integer(change->interval));
        }
        failed |= json_object_set_new(object, "n", json_integer(change->n));
        failed |= json_object_set_new(object, "difference", spread_json(&change->difference));
        failed |= json_object_set_new(object, "ratio", spread_json(&change->ratio));
        if (failed || json_array_append_new(list, object) != 0) {
            if (failed) {
                json_decref(object);
            }
            json_decref(list);
            return NULL;
        }
    }
    return list;
}
