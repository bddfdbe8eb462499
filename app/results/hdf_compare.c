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

/* Of variable length, as long ones are. */
static void compare_long_texts(const struct comparison *c, const char *name)
{
    char *before = hdf_text(c->file, c->owner, name);
    char *now = hdf_text(c->wanted, c->owner, name);

    if (!before || !now) {
        tell(c, name, "cannot be read");
    } else if (strcmp(before, now) != 0) {
        tell(c, name, "is not what was written");
    }
    free(before);
    free(now);
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
    } else if (H5Tis_variable_str(types[1]) > 0) {
        compare_long_texts(c, name);
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
        tell(c, name, "was added");
    }
    return 0;
}

/* --- What else a reader goes by --- */

/* The name of the first scale of a dimension; "" where it has none. */
struct scale {
    char name[HDF_NAME_MAX];
};

static herr_t scale_visit(hid_t variable, unsigned dimension, hid_t scale, void *payload)
{
    struct scale *first = payload;

    (void)variable;
    (void)dimension;
    H5Iget_name(scale, first->name, sizeof(first->name));
    return 1;
}

static bool same_scales(hid_t before, hid_t now, unsigned dimension)
{
    struct scale scales[2] = {{""}, {""}};
    const int counts[] = {H5DSget_num_scales(before, dimension), H5DSget_num_scales(now, dimension)};

    if (counts[0] != counts[1]) {
        return false;
    }
    return counts[1] <= 0 || (H5DSiterate_scales(before, dimension, NULL, scale_visit, &scales[0]) >= 0 &&
                              H5DSiterate_scales(now, dimension, NULL, scale_visit, &scales[1]) >= 0 &&
                              strcmp(scales[0].name, scales[1].name) == 0);
}

static void compare_scales(const struct comparison *c)
{
    hid_t space = H5Dget_space(c->in_wanted);
    const int rank = H5Sget_simple_extent_ndims(space);

    H5Sclose(space);
    for (int i = 0; i < rank && H5DSis_scale(c->in_wanted) <= 0; i++) {
        if (!same_scales(c->in_file, c->in_wanted, (unsigned)i)) {
            diagnostics_error(c->d, place_of(c), "dimension %d of \"%s\" is not that which was written",
                              i + 1, c->owner);
        }
    }
}

/* What readers take for a value that is missing. */
static void compare_fill(const struct comparison *c)
{
    hid_t creations[] = {H5Dget_create_plist(c->in_file), H5Dget_create_plist(c->in_wanted)};
    H5D_fill_value_t fills[2] = {H5D_FILL_VALUE_ERROR, H5D_FILL_VALUE_ERROR};

    for (int i = 0; i < 2; i++) {
        H5Pfill_value_defined(creations[i], &fills[i]);
        H5Pclose(creations[i]);
    }
    if (fills[0] != fills[1]) {
        diagnostics_error(c->d, place_of(c), "the fill value of \"%s\" is not what was written", c->owner);
    }
}

static herr_t link_visit(hid_t group, const char *name, const H5L_info_t *info, void *payload)
{
    const struct comparison *c = payload;

    (void)group;
    if (H5Lexists(c->in_wanted, name, H5P_DEFAULT) <= 0) {
        diagnostics_error(c->d, place_of(c), "\"%s\" was added", name);
    } else if (info->type != H5L_TYPE_HARD) {
        diagnostics_error(c->d, place_of(c), "\"%s\" is a link, in place of the variable that was written",
                          name);
    }
    return 0;
}

int hdf_compare_content(struct hdf *file, struct hdf *wanted, struct diagnostics *d)
{
    const int errors = d->errors;
    struct comparison c = {.file = file, .wanted = wanted, .in_wanted = wanted->id, .d = d};

    hdf_enter(file);
    if (H5Literate(file->id, H5_INDEX_NAME, H5_ITER_INC, NULL, link_visit, &c) < 0) {
        hdf_error(file, "cannot list the variables", NULL, d);
    }
    return d->errors == errors ? 0 : -1;
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
    if (owner && c.in_file >= 0 && c.in_wanted >= 0) {
        compare_scales(&c);
        compare_fill(&c);
    }
    H5Oclose(c.in_wanted);
    H5Oclose(c.in_file);
    return d->errors == errors ? 0 : -1;
}
