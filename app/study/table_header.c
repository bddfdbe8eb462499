#include "table_header.h"

#include "study_reader.h"

#include "model/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int table_find_rename(const struct event_rules *rules, const char *name)
{
    for (int i = 0; i < rules->column_count; i++) {
        if (strcasecmp(rules->columns[i].from, name) == 0) {
            return i;
        }
    }
    return -1;
}

int table_find_ignored(const struct event_rules *rules, const char *name)
{
    for (int i = 0; i < rules->ignored_count; i++) {
        if (strcasecmp(rules->ignored[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

int table_find_covariate(const struct event_rules *rules, const char *name)
{
    for (int i = 0; i < rules->covariate_count; i++) {
        if (strcasecmp(rules->covariates[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static struct place place_of(const struct csv *csv, int cell)
{
    return (struct place){csv->path, csv->line, csv->cells[cell].column};
}

int table_check_separator(const struct csv *csv, struct diagnostics *d)
{
    const char *text = csv->cells[0].text;
    const char *found = strpbrk(text, ";\t |");

    if (csv->count > 1 || found == NULL) {
        return 0;
    }
    return diagnostics_error(d, place_of(csv, 0), "columns are separated by %s here; a comma is expected",
                             *found == ';'   ? "semicolons"
                             : *found == '|' ? "bars"
                             : *found == ' ' ? "spaces"
                                             : "tabs");
}

static bool has_column(const struct csv *csv, const char *name)
{
    for (int i = 0; i < csv->count; i++) {
        if (strcasecmp(csv->cells[i].text, name) == 0) {
            return true;
        }
    }
    return false;
}

int table_check_names(const struct csv *csv, const struct event_rules *rules, struct diagnostics *d)
{
    const struct place at = {csv->path, csv->line, 1};
    const char **names = malloc((size_t)csv->count * sizeof(*names));

    if (names == NULL) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < csv->count; i++) {
        names[i] = csv->cells[i].text;
    }
    for (int i = 0; i < rules->column_count; i++) {
        const char *name = rules->columns[i].from;
        if (!has_column(csv, name)) {
            const char *meant = nearest_spelling(name, names, csv->count);
            diagnostics_error(d, at, "the study says what column \"%s\" is, and the table has none%s%s%s",
                              name, meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
        }
    }
    for (int i = 0; i < rules->ignored_count; i++) {
        if (!has_column(csv, rules->ignored[i])) {
            diagnostics_warning(d, at, "the study ignores column \"%s\", and the table has none",
                                rules->ignored[i]);
        }
    }
    free(names);
    return 0;
}

int table_check_length(const struct csv *csv, int header_count, struct diagnostics *d)
{
    const struct place end = {csv->path, csv->line, csv->end_column};

    if (csv->count == header_count) {
        return 0;
    }
    return diagnostics_error(d, csv->count > header_count ? place_of(csv, header_count) : end,
                             "%d cells in this row, and %d in the header", csv->count, header_count);
}

double table_read_covariate(const struct event_covariate *covariate, const char *text, struct place at,
                            struct diagnostics *d)
{
    const enum bound bound = covariate_bound(covariate->name, covariate->unit);
    double value = NAN;

    if (*text == '\0' || strcmp(text, ".") == 0) {
        diagnostics_error(d, at, "%s is missing; every row needs a value of each covariate", covariate->name);
    } else if (!number_read(text, &value)) {
        diagnostics_error(d, at, "%s must be a number, and is \"%s\"", covariate->name, text);
    } else if (covariate->category && value != 0 && value != 1) {
        diagnostics_error(d, at, "%s is a category, 0 or 1, and not \"%s\"", covariate->name, text);
    } else if (!covariate->category &&
               ((bound == BOUND_POSITIVE && value <= 0) || (bound == BOUND_NOT_NEGATIVE && value < 0))) {
        diagnostics_error(d, at, "%s must be %s, and is \"%s\"", covariate->name,
                          bound == BOUND_POSITIVE ? "above 0" : "0 or above", text);
    }
    return value;
}
