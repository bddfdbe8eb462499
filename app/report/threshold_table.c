#include "threshold_table.h"

#include "app/base/text_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const suffixes[] = {"", "_lower", "_upper"};

void threshold_table_clear(struct threshold_table *table)
{
    for (int i = 0; i < table->count; i++) {
        free(table->thresholds[i].name);
        free(table->thresholds[i].meaning);
        free(table->thresholds[i].source);
        free(table->thresholds[i].limits);
    }
    free(table->thresholds);
    free(table->after);
    free(table->fractions);
    free(table->starts);
    free(table->ends);
    free(table->above);
    free(table->below);
    *table = (struct threshold_table){0};
}

/* --- What is asked --- */

/* Whether it holds answers themselves, no ends of intervals. */
static bool is_answer(const struct result_variable *v)
{
    const size_t length = strlen(v->metric);

    return (v->role == ROLE_ABOVE || v->role == ROLE_BELOW) &&
           !(length > 6 && (strcmp(v->metric + length - 6, suffixes[1]) == 0 ||
                            strcmp(v->metric + length - 6, suffixes[2]) == 0));
}

/* The threshold of that analyte and level, new where it is none yet. */
static struct asked_threshold *threshold_of(struct threshold_table *table, struct result *result,
                                            const struct result_variable *v, double level)
{
    struct asked_threshold *t = table->thresholds;

    for (; t < table->thresholds + table->count; t++) {
        if (t->level == level && strcmp(t->analyte, v->analyte) == 0) {
            return t;
        }
    }
    table->count++;
    t->analyte = v->analyte;
    t->level = level;
    t->name = hdf_text(result->file, v->name, "threshold_name");
    t->meaning = hdf_text(result->file, v->name, "threshold_meaning");
    t->source = hdf_text(result->file, v->name, "threshold_source");
    t->limits = hdf_text(result->file, v->name, "threshold_limits");
    return t;
}

static int list_thresholds(struct threshold_table *table, struct result *result, struct diagnostics *d)
{
    table->thresholds = calloc((size_t)result->variable_count + 1, sizeof(*table->thresholds));
    if (!table->thresholds) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < result->variable_count; i++) {
        const struct result_variable *v = &result->variables[i];
        char metric[128];
        double level;
        if ((v->role != ROLE_ABOVE && v->role != ROLE_BELOW) || !is_answer(v)) {
            continue;
        }
        bool whole = hdf_number(result->file, v->name, "threshold_ng_per_mL", HDF_FLOAT64, &level);
        struct asked_threshold *t = whole ? threshold_of(table, result, v, level) : NULL;
        for (int end = 0; end < 3 && whole; end++) {
            snprintf(metric, sizeof(metric), "%s%s", v->metric, suffixes[end]);
            const struct result_variable *of_end = result_find(result, v->role, v->analyte, metric);
            *(v->role == ROLE_ABOVE ? &t->above[end] : &t->below[end]) = of_end;
            whole = of_end != NULL;
        }
        if (!whole) {
            return diagnostics_error(d, (struct place){.file = result->path},
                                     "what \"%s\" says of a threshold is damaged", v->name);
        }
    }
    return 0;
}

static double *allocate(int64_t count)
{
    return calloc((size_t)count + 1, sizeof(double));
}

static int read_coordinate(struct result *result, enum dimension dimension, double *values,
                           struct diagnostics *d)
{
    return result->sizes[dimension] == 0
               ? 0
               : hdf_read(result->file, dimension_name(dimension), HDF_FLOAT64, (int64_t[]){0},
                          (int64_t[]){result->sizes[dimension]}, values, d);
}

int threshold_table_open(struct threshold_table *table, struct result *result, struct diagnostics *d)
{
    *table = (struct threshold_table){
        .after_count = result->sizes[DIMENSION_AFTER],
        .below_count = result->sizes[DIMENSION_BELOW],
        .session_room = result->sizes[DIMENSION_SESSION],
    };
    if (list_thresholds(table, result, d) != 0) {
        return -1;
    }
    const int64_t rows = 3 * table->count * table->session_room;
    table->after = allocate(table->after_count);
    table->fractions = allocate(table->below_count);
    table->starts = allocate(table->session_room);
    table->ends = allocate(table->session_room);
    table->above = allocate(rows * table->after_count);
    table->below = allocate(rows * table->below_count);
    if (!table->after || !table->fractions || !table->starts || !table->ends || !table->above ||
        !table->below) {
        return diagnostics_out_of_memory(d);
    }
    if (table->count > 0 && (read_coordinate(result, DIMENSION_AFTER, table->after, d) != 0 ||
                             read_coordinate(result, DIMENSION_BELOW, table->fractions, d) != 0)) {
        return -1;
    }
    return 0;
}

/* --- The answers of an arm --- */

static int read_sessions(struct threshold_table *table, struct result *result, int64_t arm,
                         struct diagnostics *d)
{
    const struct result_variable *patients = result_find(result, ROLE_ANSWERED, NULL, NULL);
    double *times[] = {table->starts, table->ends};
    double count;
    int found = 0;

    for (int i = 0; i < result->variable_count; i++) {
        const struct result_variable *v = &result->variables[i];
        if (v->role == ROLE_SESSION && found < 2 &&
            result_read(result, v, arm, 0, table->session_room, times[found++], d) != 0) {
            return -1;
        }
    }
    if (found < 2 || !patients) {
        return diagnostics_error(d, (struct place){.file = result->path},
                                 "what it says of sessions is damaged");
    }
    if (hdf_read(result->file, patients->name, HDF_FLOAT64, (int64_t[]){arm}, (int64_t[]){1}, &count, d) !=
        0) {
        return -1;
    }
    table->patients = count > 0 ? (int64_t)count : 0;
    table->session_count = 0;
    while (table->session_count < table->session_room && !isnan(table->starts[table->session_count])) {
        table->session_count++;
    }
    return 0;
}

int threshold_table_read(struct threshold_table *table, struct result *result, int64_t arm,
                         struct diagnostics *d)
{
    const int64_t above = table->session_room * table->after_count;
    const int64_t below = table->session_room * table->below_count;

    if (table->count == 0) {
        return 0;
    }
    if (read_sessions(table, result, arm, d) != 0) {
        return -1;
    }
    for (int i = 0; i < 3 * table->count; i++) {
        const struct asked_threshold *t = &table->thresholds[i / 3];
        if ((t->above[i % 3] && result_read(result, t->above[i % 3], arm, 0, table->session_room,
                                            table->above + i * above, d) != 0) ||
            (t->below[i % 3] && result_read(result, t->below[i % 3], arm, 0, table->session_room,
                                            table->below + i * below, d) != 0)) {
            return -1;
        }
    }
    return 0;
}

struct probability threshold_above(const struct threshold_table *table, int threshold, int64_t session,
                                   int64_t after)
{
    const int64_t rows = table->session_room * table->after_count;
    const double *p = table->above + 3 * threshold * rows + session * table->after_count + after;

    return (struct probability){p[0], p[rows], p[2 * rows]};
}

struct time_answer threshold_below(const struct threshold_table *table, int threshold, int64_t session,
                                   int64_t fraction)
{
    const int64_t rows = table->session_room * table->below_count;
    const double *t = table->below + 3 * threshold * rows + session * table->below_count + fraction;

    return (struct time_answer){t[0], t[rows], t[2 * rows], isinf(t[0])};
}

/* --- In words --- */

char *threshold_describe(const struct asked_threshold *threshold)
{
    static const char site[] = "_effect_site";
    const size_t length = strlen(threshold->analyte);
    const size_t plain =
        length > sizeof(site) && strcmp(threshold->analyte + length - sizeof(site) + 1, site) == 0
            ? length - sizeof(site) + 1
            : length;
    const size_t size = length + 64;
    char *text = malloc(size);

    if (text) {
        snprintf(text, size, "%.6g ng/mL of %.*s%s", threshold->level, (int)plain, threshold->analyte,
                 plain < length ? " at the effect site" : "");
    }
    return text;
}

struct answer_text time_answer_describe(const struct threshold_table *table, int64_t session,
                                        struct time_answer answer)
{
    const double length = table->ends[session] - table->starts[session];
    struct answer_text a;
    size_t end;

    if (isnan(answer.value)) {
        return (struct answer_text){"-"};
    }
    if (answer.censored) {
        snprintf(a.text, sizeof(a.text), "later than %s h", number_describe(length).text);
    } else {
        snprintf(a.text, sizeof(a.text), answer.value > 0 ? "%s h" : "0 h",
                 number_describe(answer.value).text);
    }
    end = strlen(a.text);
    if (table->patients < 2 || isinf(answer.lower)) {
        return a;
    }
    const struct number_text lower =
        answer.lower > 0 ? number_describe(answer.lower) : (struct number_text){"0"};
    if (isinf(answer.upper)) {
        snprintf(a.text + end, sizeof(a.text) - end, " (%s or later)", lower.text);
    } else {
        snprintf(a.text + end, sizeof(a.text) - end, " (%s to %s)", lower.text,
                 answer.upper > 0 ? number_describe(answer.upper).text : "0");
    }
    return a;
}

struct answer_text probability_describe(const struct threshold_table *table, struct probability p)
{
    struct answer_text a;

    if (isnan(p.value)) {
        snprintf(a.text, sizeof(a.text), "-");
    } else if (table->patients < 2) {
        snprintf(a.text, sizeof(a.text), p.value > 0 ? "yes" : "no");
    } else {
        snprintf(a.text, sizeof(a.text), "%.1f %% (%.1f to %.1f)", 100 * p.value, 100 * p.lower,
                 100 * p.upper);
    }
    return a;
}
