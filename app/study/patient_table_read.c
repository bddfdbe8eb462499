#include "patient_table_read.h"

#include "table_header.h"

#include "model/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PATIENT_COLUMNS_MAX = 1000 };

static const double id_highest = 0x1p53 - 1;

/* What a column of the table is. */
struct column {
    int cell;                                /* of the file */
    const struct event_covariate *covariate; /* NULL: a random effect */
    double num, den;                         /* one of the file is num / den of the covariate's unit */
};

struct reader {
    const struct event_rules *rules;
    struct patient_table *table;
    struct units *units;
    struct diagnostics *d;
    struct csv csv;
    int header_count;
    char **names;           /* [header_count]: owned; of the columns, their units cut off */
    const char **unit_of;   /* [header_count]: within the names; NULL without */
    struct column *columns; /* [table->column_count] */
    int id_cell;            /* -1: the table has none */
    int32_t *id_places;     /* [row]: the column of the ID in its line */
    int64_t capacity;
};

static struct place place_of(const struct reader *r, int cell)
{
    return (struct place){r->csv.path, r->csv.line, r->csv.cells[cell].column};
}

/* --- the header --- */

static void cut_spaces(char *text)
{
    char *end = text + strlen(text);
    while (end > text && (end[-1] == ' ' || end[-1] == '\t')) {
        *--end = '\0';
    }
}

/* Cuts the unit off "weight [lb]". -1 with the mistake told. */
static int split_name(struct reader *r, int cell)
{
    char *name = strdup(r->csv.cells[cell].text);
    if (!name) {
        return diagnostics_out_of_memory(r->d);
    }
    r->names[cell] = name;
    char *open = strchr(name, '[');
    char *close = strrchr(name, ']');
    if (open && (!close || close < open || close[1] != '\0')) {
        return diagnostics_error(r->d, place_of(r, cell),
                                 "the unit of a column is written as in \"weight [kg]\"");
    }
    if (open) {
        *open = '\0';
        *close = '\0';
        cut_spaces(name);
        r->unit_of[cell] = open + 1;
    }
    r->csv.cells[cell].text = name;
    return 0;
}

/* The parameter of a random effect's column, or NULL. */
static const char *effect_parameter(const char *name)
{
    const size_t length = strlen(PATIENT_EFFECT_PREFIX);
    return strncasecmp(name, PATIENT_EFFECT_PREFIX, length) == 0 ? name + length : NULL;
}

static bool model_varies(const struct model *model, const char *parameter)
{
    const int p = model_parameter(model, parameter);
    return p >= 0 && model->parameters[p].effect >= 0;
}

/* How many models of the study have the random effect. */
static int count_models(const struct event_rules *rules, const char *parameter)
{
    int count = 0;
    for (int m = 0; m < rules->model_count; m++) {
        count += model_varies(&rules->models[m], parameter);
    }
    return count;
}

/* The name nearest to one without a meaning, or NULL. malloc'ed. */
static char *nearest_name(const struct reader *r, const char *name)
{
    const struct event_rules *rules = r->rules;
    const char *names[PATIENT_COLUMNS_MAX];
    char effects[MODEL_PARAMETERS_MAX][80];
    int count = 0;
    int effect_count = 0;
    names[count++] = "ID";
    for (int i = 0; i < rules->covariate_count && count < PATIENT_COLUMNS_MAX; i++) {
        names[count++] = rules->covariates[i].name;
    }
    for (int m = 0; m < rules->model_count; m++) {
        for (int e = 0; e < rules->models[m].effect_count; e++) {
            if (effect_count < MODEL_PARAMETERS_MAX && count < PATIENT_COLUMNS_MAX) {
                const int p = rules->models[m].effects[e].parameter;
                snprintf(effects[effect_count], sizeof(effects[0]), "%s%s", PATIENT_EFFECT_PREFIX,
                         rules->models[m].parameters[p].name);
                names[count++] = effects[effect_count++];
            }
        }
    }
    const char *nearest = nearest_spelling(name, names, count);
    return nearest ? strdup(nearest) : NULL;
}

/* A column without a meaning; `renamed`: by the name that the study gives it. */
static void tell_unknown(struct reader *r, int cell, const char *name, bool renamed)
{
    char *meant = nearest_name(r, name);
    if (renamed) {
        diagnostics_error(r->d, place_of(r, cell),
                          "the study calls this column \"%s\", which is neither ID, a covariate nor a random "
                          "effect (eta_ and a parameter that varies)%s%s%s",
                          name, meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    } else {
        diagnostics_error(
            r->d, place_of(r, cell),
            "\"%s\" is neither ID, a covariate nor a random effect (eta_ and a parameter that "
            "varies); `patients: {columns: {%s: %s}}` says what it is, `patients: {ignore: [%s]}` "
            "leaves it out",
            name, name, meant ? meant : "NAME", name);
    }
    free(meant);
}

static void tell_twice(struct reader *r, int cell, const char *name, int before)
{
    diagnostics_error(r->d, place_of(r, cell), "column %s is here a second time; the first is column %d",
                      name, before + 1);
}

/* Adds a column by the name that it has here. -1 without memory. */
static int add_column(struct reader *r, int cell, const char *name, const struct event_covariate *covariate)
{
    struct patient_table *table = r->table;
    struct column column = {cell, covariate, 1, 1};
    const char *unit = r->unit_of[cell];
    struct units_error why;
    for (int i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i], name) == 0) {
            tell_twice(r, cell, name, r->columns[i].cell);
            return 0;
        }
    }
    if (unit && (!covariate || covariate->category)) {
        diagnostics_error(r->d, place_of(r, cell), "%s has no unit", name);
    } else if (unit && units_factors(r->units, unit, covariate->unit, &column.num, &column.den, &why)) {
        diagnostics_error(r->d, place_of(r, cell), "the unit of %s: %s", name, why.text);
    }
    char *owned = strdup(name);
    if (!owned) {
        return diagnostics_out_of_memory(r->d);
    }
    r->columns[table->column_count] = column;
    table->columns[table->column_count++] = owned;
    return 0;
}

static int add_effect(struct reader *r, int cell, const char *parameter)
{
    char name[128];
    if (count_models(r->rules, parameter) > 1) {
        diagnostics_error(
            r->d, place_of(r, cell),
            "%s varies in several models of the study; random effects can be supplied where one has "
            "it",
            parameter);
        return 0;
    }
    snprintf(name, sizeof(name), "%s%s", PATIENT_EFFECT_PREFIX, parameter);
    return add_column(r, cell, name, NULL);
}

/* What the cell of the header says of its column. -1 where nothing more can be read. */
static int read_name(struct reader *r, int cell)
{
    if (split_name(r, cell)) {
        return 0; /* told */
    }
    const char *name = r->names[cell];
    const int rename = table_find_rename(r->rules, name);
    if (table_find_ignored(r->rules, name) >= 0) {
        if (rename >= 0) {
            diagnostics_error(r->d, place_of(r, cell),
                              "the study says both what column \"%s\" is and to ignore it", name);
        }
        return 0;
    }
    if (*name == '\0') {
        diagnostics_error(r->d, place_of(r, cell), "a column without a name");
        return 0;
    }
    const char *what = rename < 0 ? name : r->rules->columns[rename].to;
    const char *parameter = effect_parameter(what);
    const int covariate = table_find_covariate(r->rules, what);
    if (strcasecmp(what, "ID") == 0) {
        if (r->id_cell >= 0) {
            tell_twice(r, cell, "ID", r->id_cell);
        } else if (r->unit_of[cell]) {
            diagnostics_error(r->d, place_of(r, cell), "ID has no unit");
        }
        r->id_cell = cell;
        return 0;
    }
    if (covariate >= 0) {
        return add_column(r, cell, r->rules->covariates[covariate].name, &r->rules->covariates[covariate]);
    }
    if (parameter && count_models(r->rules, parameter) > 0) {
        return add_effect(r, cell, parameter);
    }
    tell_unknown(r, cell, what, rename >= 0);
    return 0;
}

/* 0, or -1 where no row can be read then; mistakes are told either way. */
static int read_header(struct reader *r)
{
    const enum csv_status status = csv_next(&r->csv, r->d);
    if (status == CSV_END) {
        return diagnostics_error(r->d, (struct place){.file = r->csv.path},
                                 "is empty; a line with the names of the columns is expected");
    }
    if (status != CSV_ROW) {
        return -1;
    }
    if (strchr(r->csv.cells[0].text, '[') == NULL && table_check_separator(&r->csv, r->d) != 0) {
        return -1;
    }
    if (r->csv.count > PATIENT_COLUMNS_MAX) {
        return diagnostics_error(r->d, place_of(r, PATIENT_COLUMNS_MAX), "more than %d columns",
                                 PATIENT_COLUMNS_MAX);
    }
    const size_t count = (size_t)r->csv.count;
    r->header_count = r->csv.count;
    r->names = calloc(count, sizeof(*r->names));
    r->unit_of = calloc(count, sizeof(*r->unit_of));
    r->columns = calloc(count, sizeof(*r->columns));
    r->table->columns = calloc(count, sizeof(*r->table->columns));
    if (!r->names || !r->unit_of || !r->columns || !r->table->columns) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < r->header_count; i++) {
        if (read_name(r, i)) {
            return -1;
        }
    }
    return table_check_names(&r->csv, r->rules, r->d);
}

/* --- rows --- */

static void *grow(void *old, size_t count, size_t size, bool *failed)
{
    void *grown = realloc(old, count * size);
    *failed |= !grown;
    return grown ? grown : old;
}

static int reserve_row(struct reader *r)
{
    struct patient_table *table = r->table;
    bool failed = false;
    if (table->row_count < r->capacity) {
        return 0;
    }
    const size_t capacity = r->capacity == 0 ? 256 : 2 * (size_t)r->capacity;
    const size_t columns = (size_t)table->column_count + 1;
    table->ids = grow(table->ids, capacity, sizeof(*table->ids), &failed);
    table->lines = grow(table->lines, capacity, sizeof(*table->lines), &failed);
    table->values = grow(table->values, capacity, columns * sizeof(*table->values), &failed);
    r->id_places = grow(r->id_places, capacity, sizeof(*r->id_places), &failed);
    if (failed) {
        return diagnostics_out_of_memory(r->d);
    }
    r->capacity = (int64_t)capacity;
    return 0;
}

static double read_effect(struct reader *r, int cell, const char *name)
{
    const char *text = r->csv.cells[cell].text;
    double value = NAN;
    if (*text == '\0' || strcmp(text, ".") == 0) {
        diagnostics_error(
            r->d, place_of(r, cell),
            "%s is missing; every row needs a value of each random effect, 0 for a typical patient", name);
    } else if (!number_read(text, &value)) {
        diagnostics_error(r->d, place_of(r, cell), "%s must be a number, and is \"%s\"", name, text);
    }
    return value;
}

static int64_t read_id(struct reader *r)
{
    const char *text = r->csv.cells[r->id_cell].text;
    double value = 0;
    if (!number_read(text, &value) || !(value >= 1 && value <= id_highest) || value != floor(value)) {
        diagnostics_error(r->d, place_of(r, r->id_cell),
                          "ID must be a whole number from 1 to 9007199254740991, and is \"%s\"", text);
        return 0;
    }
    return (int64_t)value;
}

/* Nothing is set right in silence: who has the 1 of a category has that of the one it presupposes. */
static void check_within(const struct reader *r, const double *values)
{
    for (int i = 0; i < r->table->column_count; i++) {
        const struct event_covariate *inner = r->columns[i].covariate;
        for (int k = 0; inner && inner->within && values[i] == 1 && k < r->table->column_count; k++) {
            if (strcmp(r->table->columns[k], inner->within) == 0 && values[k] == 0) {
                diagnostics_error(r->d, place_of(r, r->columns[i].cell),
                                  "%s: 1 presupposes %s: 1, which is 0", inner->name, inner->within);
            }
        }
    }
}

/* Adds the current row. -1 where no more can be read. */
static int add_row(struct reader *r)
{
    struct patient_table *table = r->table;
    if (table->row_count == PATIENT_ROWS_MAX) {
        return diagnostics_error(r->d, place_of(r, 0), "more than %d rows", PATIENT_ROWS_MAX);
    }
    if (reserve_row(r)) {
        return -1;
    }
    const int64_t row = table->row_count++;
    double *values = table->values + row * table->column_count;
    table->lines[row] = r->csv.line;
    table->ids[row] = r->id_cell >= 0 ? read_id(r) : row + 1;
    r->id_places[row] = r->id_cell >= 0 ? r->csv.cells[r->id_cell].column : 0;
    for (int i = 0; i < table->column_count; i++) {
        const struct column *column = &r->columns[i];
        values[i] = column->covariate
                        ? table_read_covariate(column->covariate, r->csv.cells[column->cell].text,
                                               place_of(r, column->cell), r->d) *
                              column->num / column->den
                        : read_effect(r, column->cell, table->columns[i]);
        if (isinf(values[i])) {
            diagnostics_error(r->d, place_of(r, column->cell), "%s \"%s\" is too large", table->columns[i],
                              r->csv.cells[column->cell].text);
        }
    }
    check_within(r, values);
    return 0;
}

static void read_rows(struct reader *r)
{
    bool any = false;
    while (true) {
        const enum csv_status status = csv_next(&r->csv, r->d);
        if (status == CSV_FAILED) {
            return;
        }
        if (status == CSV_END) {
            break;
        }
        any = true;
        if (status == CSV_ROW && table_check_length(&r->csv, r->header_count, r->d) == 0 && add_row(r)) {
            return;
        }
    }
    if (!any) {
        diagnostics_error(r->d, (struct place){r->csv.path, r->csv.line, 1},
                          "the table has no rows below its header");
    }
}

/* --- the whole --- */

struct numbered_row {
    int64_t id;
    int64_t row;
};

static int compare_rows(const void *a, const void *b)
{
    const struct numbered_row *x = a;
    const struct numbered_row *y = b;
    return x->id != y->id ? (x->id > y->id) - (x->id < y->id) : (x->row > y->row) - (x->row < y->row);
}

/* A patient is one row. */
static void check_ids(struct reader *r)
{
    const struct patient_table *table = r->table;
    struct numbered_row *rows = malloc(((size_t)table->row_count + 1) * sizeof(*rows));
    if (!rows) {
        diagnostics_out_of_memory(r->d);
        return;
    }
    for (int64_t i = 0; i < table->row_count; i++) {
        rows[i] = (struct numbered_row){table->ids[i], i};
    }
    qsort(rows, (size_t)table->row_count, sizeof(*rows), compare_rows);
    for (int64_t i = 1; i < table->row_count; i++) {
        const int64_t row = rows[i].row;
        if (rows[i].id == rows[i - 1].id && rows[i].id != 0) {
            diagnostics_error(r->d, (struct place){r->csv.path, table->lines[row], r->id_places[row]},
                              "ID %lld is in line %d already; a patient is one row", (long long)rows[i].id,
                              table->lines[rows[i - 1].row]);
        }
    }
    free(rows);
}

void patient_table_clear(struct patient_table *table)
{
    for (int i = 0; i < table->column_count; i++) {
        free(table->columns[i]);
    }
    free(table->columns);
    free(table->ids);
    free(table->lines);
    free(table->values);
    *table = (struct patient_table){0};
}

/* Reads what is in r->csv, if `readable`: 0, or -1 with an empty table. */
static int read_table(struct reader *r, bool readable, int errors, int first)
{
    if (readable && read_header(r) == 0) {
        read_rows(r);
        check_ids(r);
    }
    diagnostics_sort(r->d, first);
    for (int i = 0; r->names && i < r->header_count; i++) {
        free(r->names[i]);
    }
    free(r->names);
    free(r->unit_of);
    free(r->columns);
    free(r->id_places);
    csv_clear(&r->csv);
    if (r->d->errors > errors) {
        patient_table_clear(r->table);
        return -1;
    }
    return 0;
}

int patient_table_read(struct patient_table *table, const char *path, const struct event_rules *rules,
                       struct units *units, struct diagnostics *d)
{
    struct reader r = {.rules = rules, .table = table, .units = units, .d = d, .id_cell = -1};
    const int errors = d->errors;
    const int first = d->count;
    *table = (struct patient_table){0};
    const bool readable = csv_read(&r.csv, path, d) == 0;
    return read_table(&r, readable, errors, first);
}

int patient_table_parse(struct patient_table *table, const char *path, const char *text, size_t size,
                        const struct event_rules *rules, struct units *units, struct diagnostics *d)
{
    struct reader r = {.rules = rules, .table = table, .units = units, .d = d, .id_cell = -1};
    const int errors = d->errors;
    const int first = d->count;
    *table = (struct patient_table){0};
    const bool readable = csv_parse(&r.csv, path, text, size, d) == 0;
    return read_table(&r, readable, errors, first);
}
