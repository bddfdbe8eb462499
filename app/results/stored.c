#include "stored.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The first differences that are kept, and bytes that are compared at a time. */
enum { KEPT = 20, COMPARED_BYTES = 16 << 10 };

struct stored {
    struct hdf *file;
    const struct layout *layout;
    pthread_mutex_t lock;
    struct stored_difference differences[KEPT];
    int kept;
    int64_t count;
    bool *differs; /* [variable of the layout] */
};

struct stored *stored_create(struct hdf *file, const struct layout *layout)
{
    struct stored *stored = calloc(1, sizeof(*stored));

    if (!stored || !(stored->differs = calloc((size_t)layout->count, sizeof(*stored->differs)))) {
        free(stored);
        return NULL;
    }
    stored->file = file;
    stored->layout = layout;
    pthread_mutex_init(&stored->lock, NULL);
    return stored;
}

void stored_free(struct stored *stored)
{
    if (stored) {
        pthread_mutex_destroy(&stored->lock);
        free(stored->differs);
        free(stored);
    }
}

int stored_read(struct stored *stored, const struct layout_variable *v, void *bytes, size_t size,
                int64_t offset)
{
    const int64_t value = (int64_t)hdf_size(v->type);
    struct diagnostics why;
    int ret;

    diagnostics_init(&why);
    pthread_mutex_lock(&stored->lock);
    ret = hdf_read_run(stored->file, v->name, v->type, offset / value, (int64_t)size / value, bytes, &why);
    pthread_mutex_unlock(&stored->lock);
    diagnostics_clear(&why);
    return ret == 0 ? 0 : EIO;
}

/* --- Differences --- */

static bool precedes(const struct stored_difference *a, const struct stored_difference *b)
{
    return a->variable != b->variable ? a->variable < b->variable : a->value < b->value;
}

/* In its place among the first. */
static void keep(struct stored *stored, const struct stored_difference *difference)
{
    int at = stored->kept;

    stored->differs[difference->variable - stored->layout->variables] = true;
    stored->count++;
    while (at > 0 && precedes(difference, &stored->differences[at - 1])) {
        at--;
    }
    if (at == KEPT) {
        return;
    }
    const int behind = (stored->kept < KEPT ? stored->kept : KEPT - 1) - at;
    memmove(&stored->differences[at + 1], &stored->differences[at],
            (size_t)behind * sizeof(*stored->differences));
    stored->differences[at] = *difference;
    stored->kept = at + behind + 1;
}

/* `before` NULL: it cannot be read, and of all of that the first value stands for it. */
static void compare_part(struct stored *stored, const struct layout_variable *v, const char *before,
                         const char *now, size_t size, int64_t offset)
{
    const size_t value = hdf_size(v->type);

    if (before && memcmp(before, now, size) == 0) {
        return;
    }
    pthread_mutex_lock(&stored->lock);
    for (size_t i = 0; i < size; i += value) {
        struct stored_difference difference = {
            .variable = v, .value = (offset + (int64_t)i) / (int64_t)value, .unreadable = !before};
        if (!before) {
            keep(stored, &difference);
            break;
        }
        if (memcmp(before + i, now + i, value) != 0) {
            memcpy(difference.stored, before + i, value);
            memcpy(difference.computed, now + i, value);
            keep(stored, &difference);
        }
    }
    pthread_mutex_unlock(&stored->lock);
}

int stored_compare(struct stored *stored, const struct layout_variable *v, const void *bytes, size_t size,
                   int64_t offset)
{
    char before[COMPARED_BYTES];

    for (size_t done = 0; done < size; done += COMPARED_BYTES) {
        const size_t part = size - done < COMPARED_BYTES ? size - done : COMPARED_BYTES;
        const bool read = stored_read(stored, v, before, part, offset + (int64_t)done) == 0;
        compare_part(stored, v, read ? before : NULL, (const char *)bytes + done, part,
                     offset + (int64_t)done);
    }
    return 0;
}

const struct stored_difference *stored_differences(const struct stored *stored, int *count)
{
    *count = stored->kept;
    return stored->differences;
}

int64_t stored_difference_count(const struct stored *stored)
{
    return stored->count;
}

bool stored_differs(const struct stored *stored, const struct layout_variable *v)
{
    return stored->differs[v - stored->layout->variables];
}
