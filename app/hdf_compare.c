#include "hdf_compare.h"

#include "hdf_inner.h"

#include <stdlib.h>
#include <string.h>

/* So long texts are shown. */
enum { SHOWN_MAX = 60 };

struct comparison {
    struct hdf *file, *wanted;
    const char *owner; /* NULL: the file */
    hid_t in_file, in_wanted;
    bool (*skipped)(const char *name);
    struct diagnostics *d;
};

static struct place place_of(const struct comparison *c)
{
    return (struct place){.file = c->file->path};
}

/* Addresses in the file, which say the same wherever they point to. */
static bool is_address(const char *name)
{
    return strcmp(name, "DIMENSION_LIST") == 0 || strcmp(name, "REFERENCE_LIST") == 0;
}

static void tell(const struct comparison *c, const char *name, const char *what)
{
    diagnostics_error(c->d, place_of(c), "the attribute \"%s\"%s%s%s %s", name, c->owner ? " of \"" : "",
                      c->owner ? c->owner : "", c->owner ? "\"" : "", what);
}

/* Both values are `size` bytes. */
static void tell_values(const struct comparison *c, const char *name, hid_t type, const char *before,
                        const char *now, size_t size)
{
    char what[3 * SHOWN_MAX];

    if (H5Tget_class(type) == H5T_STRING && size <= SHOWN_MAX) {
        snprintf(what, sizeof(what), "is not what was written: \"%.*s\" for \"%.*s\"", (int)size, before,
                 (int)size, now);
        tell(c, name, what);
    } else {
        tell(c, name, "is not what was written");
    }
}

/* The value of an attribute as it is stored; NULL without memory, or where it cannot be read. */
static char *value_read(hid_t attribute, hid_t type, size_t size)
{
    char *value = calloc(1, size + 1);

    if (value && H5Aread(attribute, type, value) < 0) {
        free(value);
        value = NULL;
    }
    return value;
}

static void compare_values(const struct comparison *c, const char *name, hid_t before, hid_t now)
{
    hid_t types[] = {H5Aget_type(before), H5Aget_type(now)};
    hid_t spaces[] = {H5Aget_space(before), H5Aget_space(now)};
    const hssize_t points = H5Sget_simple_extent_npoints(spaces[1]);
    const size_t size = points > 0 ? (size_t)points * H5Tget_size(types[1]) : 0;

    if (H5Tget_class(types[0]) == H5T_STRING && H5Tget_class(types[1]) == H5T_STRING &&
        H5Tget_size(types[0]) != H5Tget_size(types[1])) {
        tell(c, name, "is not what was written");
    } else if (H5Tequal(types[0], types[1]) <= 0 || H5Sextent_equal(spaces[0], spaces[1]) <= 0) {
        tell(c, name, "has another type or size than was written");
    } else if (size > 0) {
        char *values[] = {value_read(before, types[1], size), value_read(now, types[1], size)};
        if (!values[0] || !values[1]) {
            tell(c, name, "cannot be read");
        } else if (memcmp(values[0], values[1], size) != 0) {
            tell_values(c, name, types[1], values[0], values[1], size);
        }
        free(values[0]);
        free(values[1]);
    }
    for (int i = 0; i < 2; i++) {
        H5Tclose(types[i]);
        H5Sclose(spaces[i]);
    }
}

static herr_t wanted_visit(hid_t object, const char *name, const H5A_info_t *info, void *payload)
{
    const struct comparison *c = payload;
    hid_t before = H5I_INVALID_HID;

    (void)info;
    if (is_address(name) || c->skipped(name)) {
        return 0;
    }
    if (H5Aexists(c->in_file, name) > 0) {
        before = H5Aopen(c->in_file, name, H5P_DEFAULT);
    }
    if (before < 0) {
        tell(c, name, "is missing");
        return 0;
    }
    hid_t now = H5Aopen(object, name, H5P_DEFAULT);
    compare_values(c, name, before, now);
    H5Aclose(now);
    H5Aclose(before);
    return 0;
}

static herr_t file_visit(hid_t object, const char *name, const H5A_info_t *info, void *payload)
{
    const struct comparison *c = payload;

    (void)object;
    (void)info;
    if (!is_address(name) && !c->skipped(name) && H5Aexists(c->in_wanted, name) <= 0) {
        diagnostics_warning(c->d, place_of(c), "the attribute \"%s\" was added, and is not checked", name);
    }
    return 0;
}

int hdf_compare_attributes(struct hdf *file, struct hdf *wanted, const char *owner,
                           bool (*skipped)(const char *name), struct diagnostics *d)
{
    const int errors = d->errors;
    struct comparison c = {.file = file, .wanted = wanted, .owner = owner, .skipped = skipped, .d = d};

    hdf_enter(file);
    c.in_file = H5Oopen(file->id, owner ? owner : ".", H5P_DEFAULT);
    c.in_wanted = H5Oopen(wanted->id, owner ? owner : ".", H5P_DEFAULT);
    if (c.in_file < 0 || c.in_wanted < 0 ||
        H5Aiterate2(c.in_wanted, H5_INDEX_NAME, H5_ITER_INC, NULL, wanted_visit, &c) < 0 ||
        H5Aiterate2(c.in_file, H5_INDEX_NAME, H5_ITER_INC, NULL, file_visit, &c) < 0) {
        hdf_error(file, "cannot read the attributes of", owner ? owner : "the file", d);
    }
    H5Oclose(c.in_wanted);
    H5Oclose(c.in_file);
    return d->errors == errors ? 0 : -1;
}
