#include "library.h"

#include <string.h>

const struct library_entry *library_find(const struct library_entry *entries, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(entries[i].name, name) == 0) {
            return &entries[i];
        }
    }
    return NULL;
}
