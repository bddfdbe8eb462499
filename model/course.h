/* course - a published schedule of sessions: on which days, by which route, how much, and where that was published.
 *
 * A course is data: one YAML file per course in model/courses, embedded as the models are. What its source leaves open it
 * leaves to the study.
 */
#ifndef KETSIM_COURSE_H
#define KETSIM_COURSE_H

#include "schema.h"
#include "units.h"

/* Quantities are text, as written: whoever expands the course puts them into a regimen. */
struct course {
    struct document document; /* owns all the text below */
    const char *name;         /* "six infusions" */
    const char *title;
    const char *citation;
    const char *route;
    const char *drug;
    const char *dose;          /* of each session; NULL: left open */
    const char *first;         /* of the first session; NULL: as the others */
    const char *over;          /* of each session; NULL: as the route says */
    const struct node *doses;  /* list: those that the source names; empty: it names none */
    const struct node *phases; /* list of maps: name, on_days */
    const struct node *
        every; /* list: how often sessions follow the phases, as the source says; empty: it does not; NULL: none do */
    double from_day;          /* of the first of those sessions; NaN: an interval after the last phase */
    const struct node *notes; /* list */
};

extern const struct schema course_schema;

/* Reads the course of this text; `name` is what messages call it. 0, or -1 with every mistake in `d`; then it is empty, and
 * clearing it is still allowed. */
int course_parse(struct course *course, const char *name, const char *text, size_t size, struct units *units,
                 struct diagnostics *d);

/* Reads a course from the library by its name, in which spaces and hyphens are the same, or from a file where the name holds a `/`
 * or ends in .yaml. Returns as course_parse; `from` is where the name stands. */
int course_read(struct course *course, const char *name, struct units *units, struct place from,
                struct diagnostics *d);
void course_clear(struct course *course);

#endif
