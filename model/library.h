/* library - the texts of the published models in model/library, of the effect sites in model/effect_sites and of the courses in
 * model/courses, embedded at build time. */
#ifndef KETSIM_LIBRARY_H
#define KETSIM_LIBRARY_H

#include <stddef.h>

struct library_entry {
    const char *name; /* as in `model: NAME`, `effect_site: NAME` and `course: NAME` */
    const char *text; /* ends in '\0' */
    size_t size;      /* bytes, without the '\0' */
};

extern const struct library_entry library_entries[]; /* sorted by name */
extern const int library_count;

extern const struct library_entry effect_site_entries[]; /* sorted by name */
extern const int effect_site_count;

extern const struct library_entry course_entries[]; /* sorted by name */
extern const int course_count;

/* The entry of that name, NULL where there is none. */
const struct library_entry *library_find(const struct library_entry *entries, int count, const char *name);

#endif
