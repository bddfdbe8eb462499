#include "course.h"

#include "library.h"
#include "number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct schema_row rows[] = {
    {"course", FORM_TEXT, true, NULL, "", NULL, "name of the course"},
    {"title", FORM_TEXT, true, NULL, "", NULL, "what it is, in one line"},
    {"citation", FORM_TEXT, true, NULL, "", NULL, "where it was published"},
    {"route", FORM_TEXT, true, NULL, "", NULL, "of all its sessions: iv, intranasal, oral"},
    {"drug", FORM_CHOICE, true, NULL, "", "racemate | S-ketamine | R-ketamine", "what the doses are doses of"},
    {"dose", FORM_QUANTITY, false, NULL, "mg", NULL, "of each session; left out: the study says it"},
    {"first", FORM_QUANTITY, false, NULL, "mg", NULL, "of the first session; left out: as the others"},
    {"over", FORM_QUANTITY, false, NULL, "min", NULL, "duration of each infusion"},
    {"doses", FORM_TEXTS, false, "[]", "mg", NULL, "the doses of a session that the source names; others bring a warning"},
    {"phases", FORM_LIST, true, NULL, "", NULL, "its sessions, one phase after the other"},
    {"phases[].name", FORM_TEXT, true, NULL, "", NULL, "the phase in words"},
    {"phases[].on_days", FORM_TEXTS, true, NULL, "", NULL, "days of its sessions, increasing; day 0 is the first"},
    {"maintenance", FORM_MAP, false, NULL, "", NULL, "where sessions can go on after the phases, for as long as the study says"},
    {"maintenance.from_day", FORM_NUMBER, false, NULL, "", NULL, "day of the first of those; left out: an interval after the last phase"},
    {"maintenance.every", FORM_TEXTS, false, "[]", "week", NULL, "how often, as the source says; others bring a warning"},
    {"notes", FORM_TEXTS, false, "[]", "", NULL, "what the source leaves open, and what was made of it"},
};
/* clang-format on */

const struct schema course_schema = {"course", rows, sizeof(rows) / sizeof(rows[0])};

static const char *text_of(const struct course *course, const char *key)
{
    const struct node *node = node_find(course->document.root, key);
    return node ? node->text : NULL;
}

/* Checks that `node` (NULL: nothing to check) is one of these quantities, and above 0. */
static void check_quantity(const struct course *course, const struct node *node, const char *const *choices,
                           int count, struct units *units, struct diagnostics *d)
{
    struct units_error why;
    double value;
    int which;
    if (!node) {
        return;
    }
    if (units_read_any(units, node->text, choices, count, &value, &which, &why)) {
        diagnostics_error(d, document_place(&course->document, node), "%s", why.text);
    } else if (!(value > 0)) {
        diagnostics_error(d, document_place(&course->document, node), "\"%s\" must be above 0", node->text);
    }
}

static void check_days(const struct course *course, const struct node *days, double *last,
                       struct diagnostics *d)
{
    if (days->count == 0) {
        diagnostics_error(d, document_place(&course->document, days), "on_days needs a day at least");
    }
    for (int i = 0; i < days->count; i++) {
        double day;
        if (!number_read(days->items[i]->text, &day) || day < 0 || !(day > *last)) {
            diagnostics_error(d, document_place(&course->document, days->items[i]),
                              "\"%s\" is no number of days after the day before it", days->items[i]->text);
            continue;
        }
        *last = day;
    }
}

static int read_tree(struct course *course, struct units *units, struct diagnostics *d)
{
    static const char *const amounts[] = {"mg", "mg/kg"};
    static const char *const times[] = {"s"};
    const int errors = d->errors;
    double last = -1;
    if (schema_apply(&course_schema, &course->document, d)) {
        return -1;
    }
    const struct node *root = course->document.root;
    const struct node *maintenance = node_find(root, "maintenance");
    const struct node *from_day = node_find(maintenance, "from_day");
    course->name = text_of(course, "course");
    course->title = text_of(course, "title");
    course->citation = text_of(course, "citation");
    course->route = text_of(course, "route");
    course->drug = text_of(course, "drug");
    course->dose = text_of(course, "dose");
    course->first = text_of(course, "first");
    course->over = text_of(course, "over");
    course->doses = node_find(root, "doses");
    course->phases = node_find(root, "phases");
    course->every = node_find(maintenance, "every");
    course->notes = node_find(root, "notes");
    course->from_day = NAN;
    check_quantity(course, node_find(root, "dose"), amounts, 2, units, d);
    check_quantity(course, node_find(root, "first"), amounts, 2, units, d);
    check_quantity(course, node_find(root, "over"), times, 1, units, d);
    for (int i = 0; i < course->doses->count; i++) {
        check_quantity(course, course->doses->items[i], amounts, 2, units, d);
    }
    for (int i = 0; course->every && i < course->every->count; i++) {
        check_quantity(course, course->every->items[i], times, 1, units, d);
    }
    if (course->phases->count == 0) {
        diagnostics_error(d, document_place(&course->document, course->phases),
                          "a course needs a phase at least");
    }
    for (int i = 0; i < course->phases->count; i++) {
        check_days(course, node_find(course->phases->items[i], "on_days"), &last, d);
    }
    if (from_day && number_read(from_day->text, &course->from_day) && !(course->from_day > last)) {
        diagnostics_error(d, document_place(&course->document, from_day),
                          "day %s does not come after the last of the phases", from_day->text);
    }
    return d->errors > errors ? -1 : 0;
}

int course_parse(struct course *course, const char *name, const char *text, size_t size, struct units *units,
                 struct diagnostics *d)
{
    *course = (struct course){0};
    if (document_parse(&course->document, name, text, size, d) || read_tree(course, units, d)) {
        course_clear(course);
        return -1;
    }
    return 0;
}

/* Whether they are the same but for spaces and hyphens. */
static bool same_name(const char *a, const char *b)
{
    while (*a && (*a == *b || (strchr(" -", *a) && *b && strchr(" -", *b)))) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool is_path(const char *name)
{
    const char *dot = strrchr(name, '.');
    return strchr(name, '/') || (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0));
}

static int tell_unknown(const char *name, struct place from, struct diagnostics *d)
{
    const char **names = calloc((size_t)course_count + 1, sizeof(*names));
    const char *meant;
    if (!names) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < course_count; i++) {
        names[i] = course_entries[i].name;
    }
    meant = nearest_spelling(name, names, course_count);
    diagnostics_error(
        d, from,
        "\"%s\" is no course of the library%s%s%s; `ketsim courses` lists them, a path to a course "
        "file ends in .yaml",
        name, meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    free(names);
    return -1;
}

int course_read(struct course *course, const char *name, struct units *units, struct place from,
                struct diagnostics *d)
{
    *course = (struct course){0};
    if (is_path(name)) {
        if (document_read(&course->document, name, d) || read_tree(course, units, d)) {
            course_clear(course);
            return -1;
        }
        return 0;
    }
    for (int i = 0; i < course_count; i++) {
        const struct library_entry *entry = &course_entries[i];
        if (same_name(name, entry->name)) {
            return course_parse(course, entry->name, entry->text, entry->size, units, d);
        }
    }
    return tell_unknown(name, from, d);
}

void course_clear(struct course *course)
{
    document_clear(&course->document);
    *course = (struct course){0};
}
