#include "study_reader.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct node *study_root(const struct study_reader *r, const char *key)
{
    return node_find(r->study->document.root, key);
}

const char *study_text(const struct node *node)
{
    return node_is_scalar(node) ? node->text : NULL;
}

struct place study_place(const struct study_reader *r, const struct node *node)
{
    const struct node *columns = r->columns;
    if (node == &r->cell && r->cell_file) {
        return (struct place){r->cell_file, node->line, node->column};
    }
    for (int i = 0; columns && i < columns->count; i++) {
        if (node == columns->keys[i]) {
            return (struct place){r->table_path, node->line, node->column};
        }
    }
    return document_place(&r->study->document, node);
}

int study_fill_in(struct study_reader *r, struct node *map, const char *key, const char *text)
{
    if (!map || map->kind != NODE_MAP || node_find(map, key)) {
        return 0;
    }
    struct node *value = node_parse("", text, strlen(text), false, r->d);
    return value && !node_add_entry(map, node_scalar(key, 0, 0), value) ? 0 : diagnostics_out_of_memory(r->d);
}

bool study_told(const struct study_reader *r, const struct node *node, const char *text)
{
    struct place place = study_place(r, node);
    for (int i = 0; place.line > 0 && i < r->d->count; i++) {
        const struct diagnostic *told = &r->d->items[i];
        if (told->line == place.line && told->column == place.column && told->file &&
            strcmp(told->file, place.file) == 0 && (!text || strcmp(told->text, text) == 0)) {
            return true;
        }
    }
    return false;
}

/* Longer messages are cut: they hold texts of the study, which have no bound. */
enum { MESSAGE_MAX = 1024 };

static int tell_once(struct study_reader *r, const struct node *node, enum severity severity,
                     const char *format, va_list arguments)
{
    char text[MESSAGE_MAX];
    if (diagnostics_full(r->d)) {
        return (severity == SEVERITY_ERROR ? diagnostics_error : diagnostics_warning)(r->d, NOWHERE, "wrong");
    }
    int used = 0;
    if (node == &r->cell && r->cell_point > 0) {
        used = snprintf(text, sizeof(text), "point %d: ", r->cell_point);
    }
    vsnprintf(text + used, sizeof(text) - (size_t)used, format, arguments);
    if (study_told(r, node, text)) {
        return -1;
    }
    return (severity == SEVERITY_ERROR ? diagnostics_error : diagnostics_warning)(r->d, study_place(r, node),
                                                                                  "%s", text);
}

int study_error(struct study_reader *r, const struct node *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = tell_once(r, node, SEVERITY_ERROR, format, arguments);
    va_end(arguments);
    return status;
}

int study_warning(struct study_reader *r, const struct node *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = tell_once(r, node, SEVERITY_WARNING, format, arguments);
    va_end(arguments);
    return status;
}

bool study_quantity_any(struct study_reader *r, const struct node *node, const char *const *units, int count,
                        enum bound bound, double *value, int *which)
{
    struct units_error why;
    if (!node_is_scalar(node) || diagnostics_full(r->d)) {
        return false;
    }
    if (units_read_any(r->units, node->text, units, count, value, which, &why)) {
        if (!study_told(r, node, NULL)) {
            study_error(r, node, "%s", why.text);
        }
        return false;
    }
    if (bound == BOUND_POSITIVE && !(*value > 0)) {
        study_error(r, node, "\"%s\" must be above 0", node->text);
        return false;
    }
    if (bound == BOUND_NOT_NEGATIVE && !(*value >= 0)) {
        study_error(r, node, "\"%s\" must not be negative", node->text);
        return false;
    }
    return true;
}

bool study_quantity(struct study_reader *r, const struct node *node, const char *unit, enum bound bound,
                    double *value)
{
    int which;
    return study_quantity_any(r, node, &unit, 1, bound, value, &which);
}

void study_unknown(struct study_reader *r, const struct node *node, const char *what,
                   const char *const *names, int count)
{
    const char *meant = diagnostics_full(r->d) ? NULL : nearest_spelling(node->text, names, count);
    char list[200] = "";
    for (int i = 0; i < count; i++) {
        size_t used = strlen(list);
        bool fits = used + strlen(names[i]) + sizeof(", ...") < sizeof(list);
        snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", fits ? names[i] : "...");
        if (!fits) {
            break;
        }
    }
    study_error(r, node, "\"%s\" is no %s (%s)%s%s%s", node->text, what, list, meant ? "; did you mean " : "",
                meant ? meant : "", meant ? "?" : "");
}

int study_list_length(struct study_reader *r, const struct node *list, const char *what)
{
    if (!list || list->kind == NODE_SCALAR) {
        return 0;
    }
    if (list->count > STUDY_LIST_MAX) {
        study_error(r, list, "%d %s are more than %d", list->count, what, STUDY_LIST_MAX);
        return 0;
    }
    return list->count;
}

void study_check_once(struct study_reader *r, const struct node *list, int i)
{
    for (int k = 0; k < i && !diagnostics_full(r->d); k++) {
        if (node_reads(list->items[k], list->items[i]->text)) {
            diagnostics_error(r->d, study_place(r, list->items[i]), "\"%s\" is in the list already",
                              list->items[i]->text);
            return;
        }
    }
}

bool study_time(struct study_reader *r, const struct node *node, const char *unit, enum bound bound,
                double *value)
{
    double seconds = 0;
    struct units_error why;
    if (!node_is_scalar(node)) {
        return false;
    }
    if (units_read(r->units, node->text, "s", &seconds, &why)) {
        return study_quantity(r, node, unit, bound,
                              &seconds); /* says what is wrong, by the example of `unit` */
    }
    if (!study_quantity(r, node, "s", bound, value)) {
        return false;
    }
    if (*value > study_time_latest || (*value > 0 && *value < study_time_shortest)) {
        study_error(r, node, "\"%s\" is %s", node->text,
                    *value > 1 ? "later than 10000000 h" : "neither 0 nor at least 0.000001 s");
        return false;
    }
    return true;
}

const struct node *study_given(const struct study_reader *r, int covariate)
{
    const struct node *patients = study_root(r, "patients");
    return r->study->covariates[covariate].kind == DISTRIBUTION_TABLE
               ? node_find(patients, "from")
               : node_find(node_find(patients, "covariates"), r->study->covariates[covariate].name);
}

struct value_text value_write(double value, const char *unit)
{
    struct value_text number;
    bool plain = strcmp(unit, "1") == 0;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(number.text, sizeof(number.text), "%.*g%s%s", digits, value, plain ? "" : " ",
                 plain ? "" : unit);
        if (strtod(number.text, NULL) == value) {
            break;
        }
    }
    return number;
}

struct value_text time_write(double seconds)
{
    return fmod(seconds, 3600) == 0 ? value_write(seconds / 3600, "h")
           : fmod(seconds, 60) == 0 ? value_write(seconds / 60, "min")
                                    : value_write(seconds, "s");
}
