/* Courses of sessions: `course: spravato` in place of a regimen. What the study holds after this is the regimen, as if the
 * user had written it: an item per phase. */
#include "study_reader.h"
#include "study_tree.h"

#include "model/course.h"
#include "model/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double seconds_per_day = 86400;

/* --- before the schema --- */

/* `course: spravato` is `course: {name: spravato}`. */
static int spell_out(struct study_reader *r, struct node *arm)
{
    for (int i = 0; arm->kind == NODE_MAP && i < arm->count; i++) {
        struct node *value = arm->items[i];
        if (!node_reads(arm->keys[i], "course") || !node_is_scalar(value)) {
            continue;
        }
        struct node *map = node_empty(NODE_MAP, value->line, value->column);
        struct node *key = map ? node_scalar("name", value->line, value->column) : NULL;
        struct node *name = key ? node_copy(value) : NULL;
        if (!name || node_add_entry(map, key, name)) {
            return diagnostics_out_of_memory(r->d);
        }
        node_free(value);
        arm->items[i] = map;
    }
    return 0;
}

int study_prepare_courses(struct study_reader *r)
{
    const struct node *arms = study_root(r, "arms");
    for (int i = 0; i < node_items(arms); i++) {
        if (spell_out(r, arms->items[i])) {
            return -1;
        }
    }
    return 0;
}

/* --- from a course to a regimen --- */

/* What the study says of an arm's course. */
struct written_course {
    const struct node *node; /* where it stands: all that is made of it stands there, too */
    const struct node *dose, *first, *over, *at, *until, *every, *times;
    double start; /* s: of the first session */
    double end;   /* s after it, when no session is any more */
};

/* An item of the regimen: all but when. NULL without memory. */
static struct node *new_item(const struct course *course, const struct written_course *written,
                             const struct node *dose)
{
    const struct node *node = written->node;
    struct node *item = node_empty(NODE_MAP, node->line, node->column);
    const char *amount = dose ? dose->text : course->dose;
    const char *over = written->over ? written->over->text : course->over;
    if (item && (tree_set(item, "route", course->route, node) || tree_set(item, "drug", course->drug, node) ||
                 tree_set(item, "dose", amount, dose ? dose : node) ||
                 (over && tree_set(item, "over", over, written->over ? written->over : node)))) {
        node_free(item);
        return NULL;
    }
    return item;
}

/* Whether a day of the course, counted from its first session, is still given. */
static bool is_given(const struct written_course *written, double day)
{
    return day * seconds_per_day < written->end;
}

static int add_item(struct node *regimen, struct node *item, const struct written_course *written)
{
    const char *at = written->at ? written->at->text : "0 h";
    const struct node *node = written->at ? written->at : written->node;
    if (!item || tree_set(item, "at", at, node)) {
        node_free(item);
        return -1;
    }
    return node_add_item(regimen, item);
}

/* The first session, where its dose is another. */
static int add_first(struct node *regimen, const struct course *course, const struct written_course *written)
{
    struct node first = {.kind = NODE_SCALAR,
                         .text = (char *)(uintptr_t)course->first, /* only read */
                         .line = written->node->line,
                         .column = written->node->column};
    return add_item(regimen, new_item(course, written, written->first ? written->first : &first), written);
}

static int add_phase(struct node *regimen, const struct course *course, const struct written_course *written,
                     const struct node *days, bool without_first)
{
    struct node *item = new_item(course, written, written->dose);
    struct node *key = node_scalar("on_days", written->node->line, written->node->column);
    struct node *list = node_empty(NODE_LIST, written->node->line, written->node->column);
    int ret = -1;
    if (!item || !key || !list) {
        goto out;
    }
    for (int i = without_first ? 1 : 0; i < days->count; i++) {
        double day = 0;
        if (number_read(days->items[i]->text, &day) && is_given(written, day)) {
            struct node *copy = node_scalar(days->items[i]->text, written->node->line, written->node->column);
            if (!copy || node_add_item(list, copy)) {
                goto out;
            }
        }
    }
    if (list->count == 0) {
        ret = 0;
        goto out;
    }
    ret = node_add_entry(item, key, list);
    key = NULL;
    list = NULL;
    if (ret == 0) {
        ret = add_item(regimen, item, written);
        item = NULL;
    }
out:
    node_free(item);
    node_free(key);
    node_free(list);
    return ret;
}

static int add_maintenance(struct study_reader *r, struct node *regimen, const struct course *course,
                           const struct written_course *written)
{
    const struct node *last_phase = node_find(course->phases->items[course->phases->count - 1], "on_days");
    double every = 0;
    double day = 0;
    if (!written->every || !written->times) {
        return 0;
    }
    if (!study_time(r, written->every, "week", BOUND_POSITIVE, &every)) {
        return 0;
    }
    number_read(last_phase->items[last_phase->count - 1]->text, &day);
    const double after =
        isnan(course->from_day) ? day * seconds_per_day + every : course->from_day * seconds_per_day;
    struct node *item = new_item(course, written, written->dose);
    if (!item || tree_set(item, "at", time_write(written->start + after).text, written->every) ||
        tree_set(item, "every", written->every->text, written->every) ||
        tree_set(item, "times", written->times->text, written->times)) {
        node_free(item);
        return -1;
    }
    return node_add_item(regimen, item);
}

/* --- what the course's source says --- */

static bool same_quantity(struct study_reader *r, const char *a, const char *b, const char *const *units,
                          int count)
{
    double left = 0;
    double right = 0;
    int left_unit = 0;
    int right_unit = 0;
    struct units_error why;
    return units_read_any(r->units, a, units, count, &left, &left_unit, &why) ||
           units_read_any(r->units, b, units, count, &right, &right_unit, &why) ||
           (left_unit == right_unit && left == right);
}

/* Warns of a quantity that the source does not name. */
static void check_named(struct study_reader *r, const struct course *course, const struct node *given,
                        const struct node *named, const char *const *units, int count, const char *what)
{
    char list[128] = "";
    for (int i = 0; i < node_items(named); i++) {
        const size_t used = strlen(list);
        if (same_quantity(r, given->text, named->items[i]->text, units, count)) {
            return; /* or no quantity: told elsewhere */
        }
        snprintf(list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "", named->items[i]->text);
    }
    if (node_items(named) > 0) {
        study_warning(r, given, "the source of the course %s names %s %s, not %s", course->name, what, list,
                      given->text);
    }
}

static void check_course(struct study_reader *r, const struct course *course,
                         const struct written_course *written)
{
    static const char *const amounts[] = {"mg", "mg/kg"};
    static const char *const times[] = {"s"};
    if (written->dose) {
        check_named(r, course, written->dose, course->doses, amounts, 2, "doses of");
    } else if (!course->dose) {
        char example[64] = "84 mg";
        if (node_items(course->doses) > 0) {
            snprintf(example, sizeof(example), "%s", course->doses->items[course->doses->count - 1]->text);
        }
        study_error(r, written->node,
                    "how much is given? the course %s leaves the dose%s open; write "
                    "`course: {name: %s, dose: %s}`",
                    course->name, course->first ? " after the first session" : "", course->name, example);
    }
    if (written->first) {
        check_named(r, course, written->first, course->doses, amounts, 2, "doses of");
    }
    if (written->every && !course->every) {
        study_error(r, written->every, "the course %s ends with its last phase; leave out maintenance",
                    course->name);
    } else if (written->every) {
        check_named(r, course, written->every, course->every, times, 1, "sessions every");
    }
    if (written->every && written->until) {
        study_error(r, written->until, "a course that ends early has no maintenance; leave out either");
    }
}

/* --- the whole --- */

static int write_note(struct node *arm, const struct course *course, const struct node *from)
{
    char *note = NULL;
    size_t size;
    FILE *out = open_memstream(&note, &size);
    int ret = -1;
    if (!out) {
        return -1;
    }
    fprintf(out, "Course \"%s\": %s. %s", course->name, course->title, course->citation);
    if (fclose(out) == 0) {
        ret = tree_set(arm, "note", note, from);
    }
    free(note);
    return ret;
}

static int write_regimen(struct study_reader *r, struct node *arm, const struct course *course,
                         const struct written_course *written)
{
    const bool first = course->first || written->first;
    struct node *key = node_scalar("regimen", written->node->line, written->node->column);
    struct node *regimen = node_empty(NODE_LIST, written->node->line, written->node->column);
    int failed = !key || !regimen;
    if (!failed && first) {
        failed = add_first(regimen, course, written);
    }
    for (int i = 0; i < course->phases->count && !failed; i++) {
        failed = add_phase(regimen, course, written, node_find(course->phases->items[i], "on_days"),
                           first && i == 0);
    }
    failed = failed || add_maintenance(r, regimen, course, written);
    if (failed) {
        node_free(key);
        node_free(regimen);
        return diagnostics_out_of_memory(r->d);
    }
    return node_add_entry(arm, key, regimen) ? diagnostics_out_of_memory(r->d) : 0;
}

static int expand(struct study_reader *r, struct node *arm, const struct node *node)
{
    const struct node *maintenance = node_find(node, "maintenance");
    const struct node *name = node_find(node, "name");
    struct written_course written = {
        .node = node,
        .dose = node_find(node, "dose"),
        .first = node_find(node, "first"),
        .over = node_find(node, "over"),
        .at = node_find(node, "at"),
        .until = node_find(node, "until"),
        .every = node_find(maintenance, "every"),
        .times = node_find(maintenance, "times"),
        .end = INFINITY,
    };
    struct course course;
    const int errors = r->d->errors;
    int ret = 0;
    if (node_find(arm, "regimen")) {
        study_error(r, node, "an arm has a course or a regimen; leave out either");
        return 0;
    }
    if (!node_is_scalar(name)) {
        return 0; /* told by the schema */
    }
    char *path = study_library_path(r, name->text);
    if (!path) {
        return diagnostics_out_of_memory(r->d);
    }
    if (course_read(&course, path, r->units, study_place(r, name), r->d) == 0) {
        check_course(r, &course, &written);
        if (written.at) {
            study_moment(r, written.at, &written.start);
        }
        if (written.until) {
            study_time(r, written.until, "week", BOUND_POSITIVE, &written.end);
        }
        if (r->d->errors == errors) {
            ret = node_find(arm, "note") || write_note(arm, &course, node) == 0
                      ? write_regimen(r, arm, &course, &written)
                      : diagnostics_out_of_memory(r->d);
        }
        course_clear(&course);
    }
    free(path);
    return ret;
}

int study_expand_courses(struct study_reader *r)
{
    const struct node *arms = study_root(r, "arms");
    for (int i = 0; i < node_items(arms); i++) {
        struct node *arm = arms->items[i];
        const struct node *node = node_find(arm, "course");
        if (!node || node->kind != NODE_MAP) {
            continue;
        }
        if (expand(r, arm, node)) {
            return -1;
        }
        tree_drop_entry(arm, "course");
    }
    return 0;
}
