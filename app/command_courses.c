/* ketsim courses [NAME] - the published courses: on which days, how much, and what their sources leave open. */
#include "app/base/messages.h"
#include "app/base/text_table.h"
#include "arguments.h"
#include "commands.h"

#include "model/course.h"
#include "model/library.h"

#include <math.h>
#include <stdio.h>

enum { COLUMN_COURSE, COLUMN_ROUTE, COLUMN_DOSE, COLUMN_SESSIONS, COLUMN_TITLE, COLUMN_COUNT };

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    const char **name = state->input;

    if (key != ARGP_KEY_ARG) {
        return ARGP_ERR_UNKNOWN;
    }
    if (*name != NULL) {
        argp_error(state, "one course at a time: \"%s\" is one too many", value);
    }
    *name = value;
    return 0;
}

static const struct argp command_line = {
    .parser = arguments_take,
    .args_doc = "[NAME|FILE.yaml]",
    .doc = "Lists the published courses, which an arm of a study takes with `course: NAME'; with a name, "
           "shows its sessions, its "
           "source and what that leaves open.",
};

static const char *course_dose(const struct course *course)
{
    return course->dose != NULL ? course->dose : "as the study says";
}

static int session_count(const struct course *course)
{
    int count = 0;

    for (int i = 0; i < course->phases->count; i++) {
        count += node_find(course->phases->items[i], "on_days")->count;
    }
    return count;
}

static void print_list(FILE *out, const struct node *list, const char *between)
{
    for (int i = 0; i < list->count; i++) {
        fputs(i > 0 ? between : "", out);
        text_put(out, list->items[i]->text);
    }
}

static void print_line(FILE *out, const char *what, const char *text)
{
    fprintf(out, "%-10s ", what);
    text_put(out, text);
    fputc('\n', out);
}

static void course_print(FILE *out, const struct course *course)
{
    fputs("course     ", out);
    text_put(out, course->name);
    fputs(": ", out);
    text_put(out, course->title);
    fputc('\n', out);
    print_line(out, "source", course->citation);
    print_line(out, "route", course->route);
    print_line(out, "drug", course->drug);
    print_line(out, "dose", course_dose(course));
    if (course->first != NULL) {
        print_line(out, "first", course->first);
    }
    if (course->over != NULL) {
        print_line(out, "over", course->over);
    }
    if (course->doses->count > 0) {
        fputs("doses      ", out);
        print_list(out, course->doses, ", ");
        fputc('\n', out);
    }
    fputs("\nSessions, by day from the first, which is day 0\n", out);
    for (int i = 0; i < course->phases->count; i++) {
        fputs("  ", out);
        text_put(out, node_find(course->phases->items[i], "name")->text);
        fputs(": ", out);
        print_list(out, node_find(course->phases->items[i], "on_days"), ", ");
        fputc('\n', out);
    }
    if (course->every != NULL) {
        fputs("  then, if the study says so: ", out);
        if (isnan(course->from_day)) {
            fputs("an interval after the last of these", out);
        } else {
            fprintf(out, "from day %g", course->from_day);
        }
        fputs(course->every->count > 0 ? ", every " : ", as often as the study says", out);
        print_list(out, course->every, " or ");
        fputc('\n', out);
    }
    fputs(course->notes->count > 0 ? "\nNotes\n" : "", out);
    for (int i = 0; i < course->notes->count; i++) {
        fputs("  ", out);
        text_put(out, course->notes->items[i]->text);
        fputc('\n', out);
    }
}

/* A line per course of the library. 0, or -1 with the reason in `d`. */
static int courses_print(FILE *out, struct units *units, struct diagnostics *d)
{
    static const char *const head[COLUMN_COUNT] = {"course", "route", "dose", "sessions", "title"};
    struct table table;
    int failed = table_init(&table, course_count + 1, COLUMN_COUNT);

    for (int k = 0; k < COLUMN_COUNT && !failed; k++) {
        failed = table_put(&table, 0, k, head[k]);
    }
    for (int i = 0; i < course_count && !failed; i++) {
        struct course course;
        char sessions[16];
        if (course_read(&course, course_entries[i].name, units, NOWHERE, d) != 0) {
            table_clear(&table);
            return -1;
        }
        snprintf(sessions, sizeof(sessions), "%d", session_count(&course));
        failed = table_put(&table, i + 1, COLUMN_COURSE, course.name) ||
                 table_put(&table, i + 1, COLUMN_ROUTE, course.route) ||
                 table_put(&table, i + 1, COLUMN_DOSE, course_dose(&course)) ||
                 table_put(&table, i + 1, COLUMN_SESSIONS, sessions) ||
                 table_put(&table, i + 1, COLUMN_TITLE, course.title);
        course_clear(&course);
    }
    if (!failed) {
        table_print(out, &table);
    }
    table_clear(&table);
    return failed ? diagnostics_out_of_memory(d) : 0;
}

int command_courses(int argc, char **argv)
{
    const char *name = NULL;
    struct units *units = NULL;
    struct course course;
    struct diagnostics d;
    int status = STATUS_OK;

    diagnostics_init(&d);
    argp_parse(&command_line, argc, argv, 0, NULL, &name);
    units = units_create();
    if (units == NULL) {
        diagnostics_out_of_memory(&d);
        status = STATUS_FAILED;
    } else if (name == NULL) {
        status = courses_print(stdout, units, &d) != 0 ? STATUS_FAILED : STATUS_OK;
    } else if (course_read(&course, name, units, NOWHERE, &d) != 0) {
        status = input_status(&d);
    } else {
        course_print(stdout, &course);
        course_clear(&course);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        message("error: the courses cannot be written to the standard output");
        status = STATUS_FAILED;
    }
    messages_flush(&d, false);
    units_free(units);
    return status;
}
