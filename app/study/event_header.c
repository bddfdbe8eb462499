#include "event_reader.h"
#include "table_header.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { EVENT_COLUMNS_MAX = 1000 };

const char *const event_column_names[COLUMN_COUNT] = {
    [COLUMN_ID] = "ID",     [COLUMN_TIME] = "TIME", [COLUMN_EVID] = "EVID", [COLUMN_AMT] = "AMT",
    [COLUMN_RATE] = "RATE", [COLUMN_DUR] = "DUR",   [COLUMN_CMT] = "CMT",   [COLUMN_ADDL] = "ADDL",
    [COLUMN_II] = "II",     [COLUMN_SS] = "SS",     [COLUMN_MDV] = "MDV",   [COLUMN_DV] = "DV",
    [COLUMN_OCC] = "OCC",
};

static int find_standard(const char *name)
{
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (strcasecmp(event_column_names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

/* A column without a meaning; `renamed`: by the name that the study gives it. */
static int tell_unknown(struct event_reader *r, int cell, const char *name, bool renamed)
{
    const struct event_rules *rules = r->rules;
    const char **names = malloc((size_t)(COLUMN_COUNT + rules->covariate_count) * sizeof(*names));

    if (names == NULL) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < COLUMN_COUNT; i++) {
        names[i] = event_column_names[i];
    }
    for (int i = 0; i < rules->covariate_count; i++) {
        names[COLUMN_COUNT + i] = rules->covariates[i].name;
    }
    const char *meant = nearest_spelling(name, names, COLUMN_COUNT + rules->covariate_count);
    if (renamed) {
        diagnostics_error(
            r->d, event_place(r, cell),
            "the study calls this column \"%s\", which is neither a column of event tables nor a "
            "covariate%s%s%s",
            name, meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    } else {
        diagnostics_error(
            r->d, event_place(r, cell),
            "\"%s\" is neither a column of event tables nor a covariate; `events: {columns: {%s: %s}}` "
            "says what it is, `events: {ignore: [%s]}` leaves it out",
            name, name, meant ? meant : "NAME", name);
    }
    free(names);
    return -1;
}

static int tell_twice(struct event_reader *r, int cell, const char *name, int before)
{
    return diagnostics_error(r->d, event_place(r, cell),
                             "column %s is here a second time; the first is column %d", name, before + 1);
}

/* What the cell of the header says of its column. -1 with the mistake told. */
static int read_name(struct event_reader *r, int cell)
{
    struct event_table *table = r->table;
    const char *name = r->csv.cells[cell].text;
    const int rename = table_find_rename(r->rules, name);

    if (table_find_ignored(r->rules, name) >= 0) {
        return rename < 0
                   ? 0
                   : diagnostics_error(r->d, event_place(r, cell),
                                       "the study says both what column \"%s\" is and to ignore it", name);
    }
    if (*name == '\0') {
        return diagnostics_error(r->d, event_place(r, cell), "a column without a name");
    }
    const char *what = rename < 0 ? name : r->rules->columns[rename].to;
    const int standard = find_standard(what);
    if (standard >= 0) {
        if (r->cells[standard] >= 0) {
            return tell_twice(r, cell, event_column_names[standard], r->cells[standard]);
        }
        r->cells[standard] = cell;
        return 0;
    }
    const int covariate = table_find_covariate(r->rules, what);
    if (covariate < 0) {
        return tell_unknown(r, cell, what, rename >= 0);
    }
    for (int i = 0; i < table->column_count; i++) {
        if (r->values[i].covariate == &r->rules->covariates[covariate]) {
            return tell_twice(r, cell, r->rules->covariates[covariate].name, r->values[i].cell);
        }
    }
    char *owned = strdup(r->rules->covariates[covariate].name);
    if (owned == NULL) {
        return diagnostics_out_of_memory(r->d);
    }
    r->values[table->column_count] = (struct event_values){cell, &r->rules->covariates[covariate]};
    table->columns[table->column_count++] = owned;
    return 0;
}

int event_header_read(struct event_reader *r)
{
    const enum csv_status status = csv_next(&r->csv, r->d);

    if (status == CSV_END) {
        return diagnostics_error(r->d, (struct place){.file = r->csv.path},
                                 "is empty; a line with the names of the columns is expected");
    }
    if (status != CSV_ROW || table_check_separator(&r->csv, r->d) != 0) {
        return -1;
    }
    if (r->csv.count > EVENT_COLUMNS_MAX) {
        return diagnostics_error(r->d, event_place(r, EVENT_COLUMNS_MAX), "more than %d columns",
                                 EVENT_COLUMNS_MAX);
    }
    for (int i = 0; i < COLUMN_COUNT; i++) {
        r->cells[i] = -1;
    }
    const size_t most = (size_t)r->rules->covariate_count + 1;
    r->values = malloc(most * sizeof(*r->values));
    r->table->columns = malloc(most * sizeof(*r->table->columns));
    if (r->values == NULL || r->table->columns == NULL) {
        return diagnostics_out_of_memory(r->d);
    }
    r->header_count = r->csv.count;
    for (int i = 0; i < r->csv.count; i++) {
        read_name(r, i);
    }
    static const enum event_column required[] = {COLUMN_ID, COLUMN_TIME};
    for (int i = 0; i < 2; i++) {
        if (r->cells[required[i]] < 0) {
            diagnostics_error(r->d, (struct place){r->csv.path, r->csv.line, 1}, "the table has no column %s",
                              event_column_names[required[i]]);
        }
    }
    return table_check_names(&r->csv, r->rules, r->d);
}
