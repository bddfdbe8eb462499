#include "clinical_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What may be observed. The first unit is the internal one; of two with one name, the unit decides. */
static const struct kind {
    const char *name;
    const char *unit;
    bool timed;    /* needs `time` */
    bool any_dose; /* does without `dose` */
} kinds[] = {
    [CLINICAL_LEVEL] = {"level", "ng/mL", true, false},
    [CLINICAL_PLATEAU] = {"plateau", "ng/mL", false, false},
    [CLINICAL_CMAX] = {"cmax", "ng/mL", false, false},
    [CLINICAL_TMAX] = {"tmax", "h", false, false},
    [CLINICAL_TMAX_FROM_LAST] = {"tmax_from_last_device", "h", false, false},
    [CLINICAL_AUC] = {"auc", "ng*h/mL", false, false},
    [CLINICAL_CLEARANCE] = {"clearance", "L/h", false, true},
    [CLINICAL_CLEARANCE_PER_WEIGHT] = {"clearance", "L/h/kg", false, true},
    [CLINICAL_BIOAVAILABILITY] = {"bioavailability", "1", false, true},
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(*kinds) };

/* The columns, in the order of the file. */
#define COLUMNS(X)                                                                                           \
    X(study)                                                                                                 \
    X(source)                                                                                                \
    X(provenance)                                                                                            \
    X(drug)                                                                                                  \
    X(route)                                                                                                 \
    X(dose)                                                                                                  \
    X(over)                                                                                                  \
    X(analyte)                                                                                               \
    X(quantity)                                                                                              \
    X(time)                                                                                                  \
    X(observed)                                                                                              \
    X(spread)                                                                                                \
    X(unit)                                                                                                  \
    X(sampling)                                                                                              \
    X(people)                                                                                                \
    X(weight)                                                                                                \
    X(age)                                                                                                   \
    X(note)

#define AS_INDEX(NAME) COLUMN_##NAME,
#define AS_HEADING(NAME) "," #NAME
enum column { COLUMNS(AS_INDEX) COLUMN_COUNT };
static const char heading[] = "" COLUMNS(AS_HEADING);

struct reader {
    struct units *units;
    struct place place;
    struct diagnostics *d;
};

static int mistake(struct reader *r, const char *what, const char *text)
{
    return diagnostics_error(r->d, r->place, "%s: \"%s\"", what, text);
}

/* Reads "NUMBER UNIT" into *value, left alone where the text is empty. */
static int read_quantity(struct reader *r, const char *text, const char *unit, double *value)
{
    struct units_error why;

    if (text[0] != '\0' && units_read(r->units, text, unit, value, &why)) {
        return diagnostics_error(r->d, r->place, "%s", why.text);
    }
    return 0;
}

/* "10 mg", "0.5 mg/kg", "1.2 mg/kg/h", or several in one unit: "0.14 + 0.28 mg/kg/h". */
static int read_doses(struct reader *r, struct clinical_row *row)
{
    static const char *const units[] = {"mg", "mg/kg", "mg/h", "mg/kg/h"};
    const char *unit = strrchr(row->dose, ' ');
    const char *rest = row->dose;

    row->dose_count = 0;
    if (row->dose[0] == '\0') {
        return 0;
    }
    if (unit == NULL) {
        return mistake(r, "no dose", row->dose);
    }
    while (rest != NULL) {
        char text[64];
        struct units_error why;
        double value;
        int which;
        snprintf(text, sizeof(text), "%.*s%s", (int)strcspn(rest, " "), rest, unit);
        if (row->dose_count == CLINICAL_DOSES_MAX) {
            return mistake(r, "too many doses", row->dose);
        }
        if (units_read_any(r->units, text, units, 4, &value, &which, &why)) {
            return diagnostics_error(r->d, r->place, "%s", why.text);
        }
        if (which >= 2 && row->hours == 0) {
            return mistake(r, "a rate without a duration", row->dose);
        }
        row->basis = which % 2 == 1 ? DOSE_PER_KG : DOSE_ABSOLUTE;
        row->amounts[row->dose_count++] = which >= 2 ? value * row->hours : value;
        rest = strstr(rest, " + ");
        rest = rest != NULL ? rest + 3 : NULL;
    }
    return 0;
}

/* "56", or a range "20 to 40". */
static int read_observed(struct reader *r, struct clinical_row *row, const char *quantity)
{
    char *end;
    double num;
    double den;
    struct units_error why;
    bool named = false;

    row->low = strtod(row->observed, &end);
    row->high = row->low;
    if (strncmp(end, " to ", 4) == 0) {
        row->high = strtod(end + 4, &end);
    }
    if (row->observed[0] == '\0' || *end != '\0' || !(row->low > 0) || !(row->high >= row->low) ||
        !isfinite(row->high)) {
        return mistake(r, "no observed value", row->observed);
    }
    for (int i = 0; i < KIND_COUNT; i++) {
        if (strcmp(quantity, kinds[i].name) != 0) {
            continue;
        }
        named = true;
        const char *from = strcmp(row->unit, "%") == 0 ? "1" : row->unit;
        if (units_factors(r->units, from, kinds[i].unit, &num, &den, &why) == 0) {
            if (strcmp(row->unit, "%") == 0) {
                den *= 100;
            }
            row->quantity = (enum clinical_quantity)i;
            row->low = row->low * num / den;
            row->high = row->high * num / den;
            row->to_unit = den / num;
            return 0;
        }
    }
    return named ? diagnostics_error(r->d, r->place, "%s", why.text)
                 : mistake(r, "unknown quantity", quantity);
}

static bool one_of(const char *text, const char *a, const char *b, const char *c)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0 || strcmp(text, c) == 0;
}

static int row_read(struct reader *r, struct clinical_row *row, char **cells)
{
    const struct kind *kind;

    *row = (struct clinical_row){
        .line = r->place.line,
        .study = cells[COLUMN_study],
        .source = cells[COLUMN_source],
        .provenance = cells[COLUMN_provenance],
        .drug = cells[COLUMN_drug],
        .route = cells[COLUMN_route],
        .dose = cells[COLUMN_dose],
        .over = cells[COLUMN_over],
        .analyte = cells[COLUMN_analyte],
        .time = cells[COLUMN_time],
        .observed = cells[COLUMN_observed],
        .spread = cells[COLUMN_spread],
        .unit = cells[COLUMN_unit],
        .sampling = cells[COLUMN_sampling],
        .note = cells[COLUMN_note],
        .at = INFINITY,
        .weight = NAN,
        .age = NAN,
    };
    if (row->study[0] == '\0' || row->source[0] == '\0') {
        return mistake(r, "a row without study or source", row->study);
    }
    if (!one_of(row->provenance, "R", "R2", "R2")) {
        return mistake(r, "provenance is R or R2", row->provenance);
    }
    if (!one_of(row->drug, "racemate", "S-ketamine", "R-ketamine")) {
        return mistake(r, "unknown drug", row->drug);
    }
    if (!one_of(row->sampling, "arterial", "venous", "unstated")) {
        return mistake(r, "unknown sampling", row->sampling);
    }
    if (!one_of(cells[COLUMN_people], "adults", "children", "children")) {
        return mistake(r, "people are adults or children", cells[COLUMN_people]);
    }
    row->children = strcmp(cells[COLUMN_people], "children") == 0;
    if (read_quantity(r, row->over, "h", &row->hours) || read_quantity(r, row->time, "h", &row->at) ||
        read_quantity(r, cells[COLUMN_weight], "kg", &row->weight) ||
        read_quantity(r, cells[COLUMN_age], "years", &row->age) || read_doses(r, row) ||
        read_observed(r, row, cells[COLUMN_quantity])) {
        return -1;
    }
    kind = &kinds[row->quantity];
    if (kind->timed && row->time[0] == '\0') {
        return mistake(r, "needs a time", kind->name);
    }
    if (!kind->any_dose && row->dose_count == 0) {
        return mistake(r, "needs a dose", kind->name);
    }
    if (row->quantity == CLINICAL_PLATEAU && row->hours == 0) {
        return mistake(r, "needs the duration of the infusion", kind->name);
    }
    return 0;
}

/* Cuts a line into its cells; -1 unless there is one for each column. */
static int line_split(char *line, char **cells)
{
    int count = 0;

    for (char *cell = line; cell != NULL && count < COLUMN_COUNT + 1;) {
        char *comma = strchr(cell, ',');
        if (count < COLUMN_COUNT) {
            cells[count] = cell;
        }
        count++;
        if (comma != NULL) {
            *comma++ = '\0';
        }
        cell = comma;
    }
    return count == COLUMN_COUNT ? 0 : -1;
}

int clinical_table_parse(struct clinical_table *table, const char *name, const char *text,
                         struct units *units, struct diagnostics *d)
{
    struct reader r = {units, {name, 1, 1}, d};
    const int errors = d->errors;
    size_t lines = 1;
    char *next;

    *table = (struct clinical_table){0};
    for (const char *c = text; *c != '\0'; c++) {
        lines += *c == '\n';
    }
    table->text = strdup(text);
    table->rows = calloc(lines, sizeof(*table->rows));
    if (table->text == NULL || table->rows == NULL) {
        clinical_table_clear(table);
        return diagnostics_out_of_memory(d);
    }
    for (char *line = table->text; *line != '\0'; line = next, r.place.line++) {
        char *cells[COLUMN_COUNT];
        next = line + strcspn(line, "\n");
        if (*next != '\0') {
            *next++ = '\0';
        }
        if (r.place.line == 1) {
            if (strcmp(line, heading + 1) != 0) {
                mistake(&r, "these are not the columns", line);
                break;
            }
        } else if (line_split(line, cells)) {
            mistake(&r, "a row has one cell per column and no comma in any", line);
        } else if (row_read(&r, &table->rows[table->count], cells) == 0) {
            table->count++;
        }
    }
    if (d->errors > errors) {
        clinical_table_clear(table);
        return -1;
    }
    return 0;
}

void clinical_table_clear(struct clinical_table *table)
{
    free(table->text);
    free(table->rows);
    *table = (struct clinical_table){0};
}

const char *clinical_quantity_name(enum clinical_quantity quantity)
{
    return kinds[quantity].name;
}
