#include "summary_thresholds.h"

#include "app/base/csv.h"
#include "app/base/text_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Calls `row` for each arm as published whose model has the analyte, session and threshold, with the answers of the arm read. 0, or -1 with the
 * reason told. */
struct place_of_row {
    int64_t arm, session;
    int threshold;
};

static int each_row(struct summary *summary, int (*row)(void *payload, const struct place_of_row *at),
                    void *payload, struct diagnostics *d)
{
    struct threshold_table *table = &summary->thresholds;
    struct result *result = &summary->result;
    int ret = 0;

    for (int64_t arm = 0; arm < result->sizes[DIMENSION_ARM] && table->count > 0; arm++) {
        if (result_is_replicate(result, arm)) {
            continue;
        }
        if (threshold_table_read(table, result, arm, d) != 0) {
            return -1;
        }
        for (int64_t session = 0; session < table->session_count; session++) {
            for (int i = 0; i < table->count && ret == 0; i++) {
                if (result_model_has(result, result->arm_models[arm], table->thresholds[i].analyte)) {
                    ret = row(payload, &(struct place_of_row){arm, session, i});
                }
            }
        }
    }
    return ret == 0 ? 0 : diagnostics_out_of_memory(d); /* rows fail for nothing else */
}

/* --- For people --- */

enum { COLUMN_ARM, COLUMN_SESSION, COLUMN_THRESHOLD, COLUMN_ANSWERS };

struct lines {
    const struct summary *summary;
    struct table table;
    int64_t line;
    int skipped; /* columns: there is no need to number a single session */
};

static int count_row(void *payload, const struct place_of_row *at)
{
    (void)at;
    ++*(int64_t *)payload;
    return 0;
}

static int put_heads(struct lines *lines)
{
    const struct threshold_table *t = &lines->summary->thresholds;
    struct table *table = &lines->table;
    int column = COLUMN_ANSWERS - lines->skipped;
    char text[64];

    if (table_put(table, 0, COLUMN_ARM, "arm") != 0 ||
        (lines->skipped == 0 && table_put(table, 0, COLUMN_SESSION, "session") != 0) ||
        table_put(table, 0, COLUMN_THRESHOLD - lines->skipped, "threshold") != 0) {
        return -1;
    }
    for (int64_t i = 0; i < t->after_count; i++) {
        snprintf(text, sizeof(text), "above at %.4g h", t->after[i]);
        if (table_put(table, 0, column++, text) != 0) {
            return -1;
        }
    }
    for (int64_t i = 0; i < t->below_count; i++) {
        snprintf(text, sizeof(text), "%.4g %% below from", 100 * t->fractions[i]);
        if (table_put(table, 0, column++, text) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_row(void *payload, const struct place_of_row *at)
{
    struct lines *lines = payload;
    const struct threshold_table *t = &lines->summary->thresholds;
    const int64_t line = ++lines->line;
    struct table *table = &lines->table;
    int column = COLUMN_ANSWERS - lines->skipped;
    char *threshold = threshold_describe(&t->thresholds[at->threshold]);
    char session[64];
    int failed = !threshold;

    snprintf(session, sizeof(session), "%" PRId64 ", at %.6g h", at->session + 1, t->starts[at->session]);
    failed |= table_put(table, line, COLUMN_ARM, lines->summary->result.arms[at->arm]);
    failed |= lines->skipped == 0 && table_put(table, line, COLUMN_SESSION, session);
    failed |= table_put(table, line, COLUMN_THRESHOLD - lines->skipped, threshold ? threshold : "");
    for (int64_t i = 0; i < t->after_count; i++) {
        failed |= table_put(table, line, column++,
                            probability_describe(t, threshold_above(t, at->threshold, at->session, i)).text);
    }
    for (int64_t i = 0; i < t->below_count; i++) {
        failed |= table_put(
            table, line, column++,
            time_answer_describe(t, at->session, threshold_below(t, at->threshold, at->session, i)).text);
    }
    free(threshold);
    return failed ? -1 : 0;
}

static void print_sources(FILE *out, const struct threshold_table *table)
{
    const char *limits = NULL;

    for (int i = 0; i < table->count; i++) {
        const struct asked_threshold *t = &table->thresholds[i];
        char *words = t->source ? threshold_describe(t) : NULL;
        if (!words) {
            continue;
        }
        text_put(out, words);
        fputs(": ", out);
        text_put(out, t->meaning ? t->meaning : t->source);
        if (t->meaning) {
            fputs(" (", out);
            text_put(out, t->source);
            fputs(")", out);
        }
        putc('\n', out);
        free(words);
        if (t->limits && !(limits && strcmp(limits, t->limits) == 0)) {
            fputs("  ", out);
            text_put(out, t->limits);
            putc('\n', out);
            limits = t->limits;
        }
    }
}

int thresholds_print(FILE *out, struct summary *summary, struct diagnostics *d)
{
    const struct threshold_table *t = &summary->thresholds;
    struct lines lines = {.summary = summary, .skipped = t->session_room > 1 ? 0 : 1};
    int64_t rows = 0;
    int ret;

    if (t->count == 0) {
        return 0;
    }
    if (each_row(summary, count_row, &rows, d) != 0) {
        return -1;
    }
    ret = table_init(&lines.table, 1 + rows,
                     COLUMN_ANSWERS - lines.skipped + (int)(t->after_count + t->below_count)) != 0 ||
                  put_heads(&lines) != 0
              ? diagnostics_out_of_memory(d)
              : each_row(summary, put_row, &lines, d);
    if (ret == 0) {
        fputs("\nthresholds: how probable it is to be at or above, so long after the start of a session; and "
              "the time since its\n"
              "start from which on so many of the patients stay below until the next session, or as long as "
              "is observed;\n"
              "in brackets the 95 % interval, for having simulated so many patients and no more\n\n",
              out);
        table_print(out, &lines.table);
        putc('\n', out);
        print_sources(out, t);
    }
    table_clear(&lines.table);
    return ret;
}

/* --- For programs --- */

const char thresholds_csv_heads[] = ",threshold,session,session_start,after,fraction,estimate,lower,upper";
const char thresholds_csv_nothing[] = ",,,,,,,,";

struct csv_rows {
    FILE *out;
    const struct summary *summary;
    int statistics, comparisons, others; /* empty columns */
};

static void put_commas(FILE *out, int count)
{
    for (int i = 0; i < count; i++) {
        putc(',', out);
    }
}

static void csv_row(const struct csv_rows *rows, const struct place_of_row *at, const char *metric,
                    double after, double fraction, const double *ends)
{
    const struct threshold_table *t = &rows->summary->thresholds;
    const struct asked_threshold *asked = &t->thresholds[at->threshold];

    csv_text(rows->out, rows->summary->result.arms[at->arm]);
    putc(',', rows->out);
    csv_text(rows->out, asked->analyte);
    fprintf(rows->out, ",%s,%s,%" PRId64, metric, isnan(fraction) ? "1" : "h", t->patients);
    put_commas(rows->out, rows->statistics + 1);
    csv_text(rows->out, rows->summary->result.arm_names[at->arm]);
    putc(',', rows->out);
    csv_text(rows->out, rows->summary->result.arm_models[at->arm]);
    put_commas(rows->out, rows->comparisons + 2); /* and that of dosing intervals */
    fputs(",solution", rows->out);
    put_commas(rows->out, rows->others);
    csv_number(rows->out, asked->level);
    csv_number(rows->out, (double)(at->session + 1));
    csv_number(rows->out, t->starts[at->session]);
    csv_number(rows->out, after);
    csv_number(rows->out, fraction);
    for (int end = 0; end < 3; end++) {
        csv_number(rows->out, ends[end]);
    }
    putc('\n', rows->out);
}

static int csv_answers(void *payload, const struct place_of_row *at)
{
    const struct csv_rows *rows = payload;
    const struct threshold_table *t = &rows->summary->thresholds;

    for (int64_t i = 0; i < t->after_count; i++) {
        const struct probability p = threshold_above(t, at->threshold, at->session, i);
        csv_row(rows, at, "above", t->after[i], NAN, (double[]){p.value, p.lower, p.upper});
    }
    for (int64_t i = 0; i < t->below_count; i++) {
        const struct time_answer a = threshold_below(t, at->threshold, at->session, i);
        csv_row(rows, at, "below_from", NAN, t->fractions[i], (double[]){a.value, a.lower, a.upper});
    }
    return 0;
}

int thresholds_csv(FILE *out, struct summary *summary, int statistics, int comparisons, int others,
                   struct diagnostics *d)
{
    struct csv_rows rows = {out, summary, statistics, comparisons, others};

    return each_row(summary, csv_answers, &rows, d);
}

struct json_rows {
    const struct summary *summary;
    json_t *array;
};

static json_t *number_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text_json(const char *text)
{
    return text ? json_string(text) : json_null();
}

/* Takes over what is put. */
static int put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value ? value : json_null());
}

static json_t *answers_json(double what, const char *key, const double *ends)
{
    json_t *object = json_object();
    int failed = put(object, key, json_real(what));

    failed |= put(object, "value", number_json(ends[0]));
    failed |= put(object, "lower", number_json(ends[1]));
    failed |= put(object, "upper", number_json(ends[2]));
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static int json_answers(void *payload, const struct place_of_row *at)
{
    struct json_rows *rows = payload;
    const struct threshold_table *t = &rows->summary->thresholds;
    const struct asked_threshold *asked = &t->thresholds[at->threshold];
    json_t *object = json_object();
    json_t *above = json_array();
    json_t *below = json_array();
    int failed = 0;

    for (int64_t i = 0; i < t->after_count; i++) {
        const struct probability p = threshold_above(t, at->threshold, at->session, i);
        failed |= json_array_append_new(
            above, answers_json(t->after[i], "after", (double[]){p.value, p.lower, p.upper}));
    }
    for (int64_t i = 0; i < t->below_count; i++) {
        const struct time_answer a = threshold_below(t, at->threshold, at->session, i);
        json_t *answer = answers_json(t->fractions[i], "fraction", (double[]){a.value, a.lower, a.upper});
        failed |= put(answer, "later_than",
                      a.censored ? json_real(t->ends[at->session] - t->starts[at->session]) : json_null());
        failed |= json_array_append_new(below, answer);
    }
    failed |= put(object, "arm", json_string(rows->summary->result.arms[at->arm]));
    failed |= put(object, "analyte", json_string(asked->analyte));
    failed |= put(object, "level", json_real(asked->level));
    failed |= put(object, "name", text_json(asked->name));
    failed |= put(object, "meaning", text_json(asked->meaning));
    failed |= put(object, "source", text_json(asked->source));
    failed |= put(object, "limits", text_json(asked->limits));
    failed |= put(object, "session", json_integer(at->session + 1));
    failed |= put(object, "session_start", number_json(t->starts[at->session]));
    failed |= put(object, "session_end", number_json(t->ends[at->session]));
    failed |= put(object, "patients", json_integer(t->patients));
    failed |= put(object, "above", above);
    failed |= put(object, "below_from", below);
    failed |= json_array_append_new(rows->array, object);
    return failed ? -1 : 0;
}

json_t *thresholds_json(struct summary *summary, struct diagnostics *d)
{
    struct json_rows rows = {summary, json_array()};

    if (!rows.array || each_row(summary, json_answers, &rows, d) != 0) {
        json_decref(rows.array);
        return NULL;
    }
    return rows.array;
}
