#include "hdf_inner.h"

#include <stdlib.h>
#include <string.h>

/* deflate does not pack tighter than this, so that a packed variable cannot be larger than so many times its file. */
enum { PACKING_MAX = 1032 };

/* --- Attributes --- */

/* Negative when it is not there. */
static hid_t attribute_open(struct hdf *file, const char *owner, const char *name)
{
    const char *object = owner ? owner : ".";

    if (H5Aexists_by_name(file->id, object, name, H5P_DEFAULT) <= 0) {
        return H5I_INVALID_HID;
    }
    return H5Aopen_by_name(file->id, object, name, H5P_DEFAULT, H5P_DEFAULT);
}

static bool attribute_is_single(hid_t attribute)
{
    hid_t space = H5Aget_space(attribute);
    const hssize_t points = H5Sget_simple_extent_npoints(space);

    H5Sclose(space);
    return points == 1;
}

static char *attribute_fixed_text(hid_t attribute, hid_t type, size_t limit)
{
    const size_t size = H5Tget_size(type);
    char *text = size > 0 && size <= limit ? calloc(1, size + 1) : NULL;

    if (text && H5Aread(attribute, type, text) < 0) {
        free(text);
        text = NULL;
    }
    return text;
}

static char *attribute_variable_text(hid_t attribute)
{
    hid_t type = hdf_type_create(HDF_TEXT);
    char *inner = NULL;
    char *text = NULL;

    if (H5Aread(attribute, type, &inner) >= 0 && inner) {
        text = strdup(inner);
        H5free_memory(inner);
    }
    H5Tclose(type);
    return text;
}

char *hdf_text(struct hdf *file, const char *owner, const char *name)
{
    hid_t attribute;
    hid_t type;
    char *text = NULL;

    hdf_enter(file);
    attribute = attribute_open(file, owner, name);
    type = H5Aget_type(attribute);
    if (attribute >= 0 && type >= 0 && attribute_is_single(attribute) && H5Tget_class(type) == H5T_STRING) {
        text = H5Tis_variable_str(type) > 0 ? attribute_variable_text(attribute)
                                            : attribute_fixed_text(attribute, type, (size_t)file->size);
    }
    H5Tclose(type);
    H5Aclose(attribute);
    return text;
}

static bool type_is_number(hid_t type)
{
    const H5T_class_t class = H5Tget_class(type);

    return class == H5T_INTEGER || class == H5T_FLOAT;
}

bool hdf_number(struct hdf *file, const char *owner, const char *name, enum hdf_type type, void *value)
{
    hid_t attribute;
    hid_t stored;
    hid_t wanted;
    bool read;

    hdf_enter(file);
    attribute = attribute_open(file, owner, name);
    stored = H5Aget_type(attribute);
    wanted = hdf_type_create(type);
    read = attribute >= 0 && stored >= 0 && attribute_is_single(attribute) && type_is_number(stored) &&
           H5Aread(attribute, wanted, value) >= 0;

    H5Tclose(wanted);
    H5Tclose(stored);
    H5Aclose(attribute);
    return read;
}

/* --- Reading --- */

struct visit {
    int (*visit)(void *payload, const char *name);
    void *payload;
    int ret;
};

/* Soft and external links are left alone: a result has none. */
static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *payload)
{
    struct visit *visit = payload;
    hid_t object;

    if (info->type != H5L_TYPE_HARD) {
        return 0;
    }
    object = H5Oopen(group, name, H5P_DEFAULT);
    if (H5Iget_type(object) == H5I_DATASET) {
        visit->ret = visit->visit(visit->payload, name);
    }
    H5Oclose(object);
    return visit->ret == 0 ? 0 : 1;
}

int hdf_visit(struct hdf *file, int (*visit)(void *payload, const char *name), void *payload,
              struct diagnostics *d)
{
    struct visit state = {.visit = visit, .payload = payload};

    hdf_enter(file);
    if (H5Literate(file->id, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, visit_link, &state) < 0 &&
        H5Literate(file->id, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_link, &state) < 0) {
        hdf_note(file);
        return hdf_error(file, "cannot list the variables", NULL, d);
    }
    return state.ret;
}

/* Whether the values of a variable of so many bytes can be in the file. */
static bool variable_is_whole(struct hdf *file, hid_t variable, int64_t bytes)
{
    hid_t creation = H5Dget_create_plist(variable);
    const H5D_layout_t layout = H5Pget_layout(creation);
    const haddr_t address = H5Dget_offset(variable);

    H5Pclose(creation);
    if (layout == H5D_CONTIGUOUS) {
        return address != HADDR_UNDEF && address <= (haddr_t)file->size &&
               bytes <= file->size - (int64_t)address;
    }
    /* Whose values are in other files (H5D_VIRTUAL, or contiguous ones without an offset) is none of ours. */
    return (layout == H5D_CHUNKED || layout == H5D_COMPACT) && bytes / PACKING_MAX <= file->size;
}

static enum hdf_type type_find(hid_t id)
{
    if (H5Tget_class(id) == H5T_STRING) {
        return H5Tis_variable_str(id) > 0 ? HDF_TEXT : HDF_OTHER;
    }
    for (enum hdf_type type = HDF_FLOAT64; type < HDF_TEXT; type++) {
        hid_t candidate = hdf_type_create(type);
        const htri_t equal = H5Tequal(id, candidate);
        H5Tclose(candidate);
        if (equal > 0) {
            return type;
        }
    }
    return HDF_OTHER;
}

static int variable_shape(struct hdf *file, hid_t variable, struct hdf_shape *shape)
{
    hsize_t sizes[H5S_MAX_RANK] = {0};
    hid_t type = H5Dget_type(variable);
    hid_t space = H5Dget_space(variable);
    const int rank = H5Sget_simple_extent_dims(space, sizes, NULL);
    const size_t size = H5Tget_size(type);
    int64_t bytes = size > 0 && size < INT32_MAX ? (int64_t)size : -1;

    *shape = (struct hdf_shape){.type = type_find(type), .rank = rank};
    H5Sclose(space);
    H5Tclose(type);
    if (rank < 0 || rank > HDF_RANK_MAX || bytes < 0) {
        return -1;
    }
    for (int i = 0; i < rank; i++) {
        if (sizes[i] == 0 || sizes[i] > INT64_MAX ||
            __builtin_mul_overflow(bytes, (int64_t)sizes[i], &bytes)) {
            return -1;
        }
        shape->sizes[i] = (int64_t)sizes[i];
    }
    return variable_is_whole(file, variable, bytes) ? 0 : -1;
}

/* A variable to be read; negative where it is none, or is made of other files: HDF5 would open them, and wait there, as soon as it is
 * asked how large the variable is. */
static hid_t variable_open(struct hdf *file, const char *name)
{
    hid_t variable = H5Dopen2(file->id, name, H5P_DEFAULT);
    hid_t creation = variable >= 0 ? H5Dget_create_plist(variable) : H5I_INVALID_HID;

    if (variable >= 0 && (creation < 0 || H5Pget_layout(creation) == H5D_VIRTUAL)) {
        H5Dclose(variable);
        variable = H5I_INVALID_HID;
    }
    H5Pclose(creation);
    return variable;
}

bool hdf_has(struct hdf *file, const char *name)
{
    hdf_enter(file);
    return H5Lexists(file->id, name, H5P_DEFAULT) > 0;
}

int hdf_shape(struct hdf *file, const char *name, struct hdf_shape *shape, struct diagnostics *d)
{
    hid_t variable;
    int ret = 0;

    if (!hdf_has(file, name)) {
        return diagnostics_error(d, (struct place){.file = file->path}, "there is no variable \"%s\"", name);
    }
    variable = variable_open(file, name);
    if (variable < 0 || variable_shape(file, variable, shape) != 0) {
        ret = diagnostics_error(d, (struct place){.file = file->path},
                                "the variable \"%s\" is not whole, or is none of a result", name);
    }
    H5Dclose(variable);
    return ret;
}

/* The dataspace of the file with the part selected; it must lie within the variable. */
static hid_t part_select(hid_t variable, const int64_t *start, const int64_t *count)
{
    hid_t space = H5Dget_space(variable);
    hsize_t from[HDF_RANK_MAX] = {0};
    hsize_t size[HDF_RANK_MAX] = {0};
    const int rank = H5Sget_simple_extent_ndims(space);

    for (int i = 0; i < rank && rank <= HDF_RANK_MAX; i++) {
        from[i] = (hsize_t)start[i];
        size[i] = (hsize_t)count[i];
    }
    if (rank < 1 || rank > HDF_RANK_MAX ||
        H5Sselect_hyperslab(space, H5S_SELECT_SET, from, NULL, size, NULL) < 0) {
        H5Sclose(space);
        return H5I_INVALID_HID;
    }
    return space;
}

int hdf_read(struct hdf *file, const char *name, enum hdf_type type, const int64_t *start,
             const int64_t *count, void *values, struct diagnostics *d)
{
    hid_t variable;
    hid_t wanted;
    hid_t part;
    hid_t memory;
    hsize_t points;
    int ret = 0;

    hdf_enter(file);
    variable = hdf_owner_open(file, name);
    wanted = hdf_type_create(type);
    part = part_select(variable, start, count);
    points = (hsize_t)H5Sget_select_npoints(part);
    memory = H5Screate_simple(1, &points, NULL);
    if (H5Dread(variable, wanted, memory, part, H5P_DEFAULT, values) < 0) {
        ret = hdf_error(file, "cannot read", name, d);
    }
    H5Sclose(memory);
    H5Sclose(part);
    H5Tclose(wanted);
    return ret;
}

/* The first part of a run of values that is one part of the variable: as many whole rows as there are, or a piece of a row. Returns how
 * many values that is. */
static int64_t run_part(const struct hdf_shape *shape, int64_t first, int64_t count, int64_t *start,
                        int64_t *counts)
{
    int64_t row = 1;
    int whole = shape->rank; /* dimensions from here on are read whole */

    while (whole > 1 && first % (row * shape->sizes[whole - 1]) == 0 &&
           count >= row * shape->sizes[whole - 1]) {
        row *= shape->sizes[--whole];
    }
    const int64_t at = first / row % shape->sizes[whole - 1]; /* in the dimension that is read in part */
    const int64_t left = shape->sizes[whole - 1] - at;
    int64_t before = first / row / shape->sizes[whole - 1];

    for (int i = whole; i < shape->rank; i++) {
        start[i] = 0;
        counts[i] = shape->sizes[i];
    }
    start[whole - 1] = at;
    counts[whole - 1] = count / row < left ? count / row : left;
    for (int i = whole - 2; i >= 0; i--) {
        start[i] = before % shape->sizes[i];
        counts[i] = 1;
        before /= shape->sizes[i];
    }
    return counts[whole - 1] * row;
}

int hdf_read_run(struct hdf *file, const char *name, enum hdf_type type, int64_t first, int64_t count,
                 void *values, struct diagnostics *d)
{
    struct hdf_shape shape;
    int64_t start[HDF_RANK_MAX];
    int64_t counts[HDF_RANK_MAX];
    int ret = hdf_shape(file, name, &shape, d);

    for (int64_t done = 0; done < count && ret == 0;) {
        const int64_t part = run_part(&shape, first + done, count - done, start, counts);
        ret = hdf_read(file, name, type, start, counts, (char *)values + done * (int64_t)hdf_size(type), d);
        done += part;
    }
    return ret;
}

/* Copies of the texts that HDF5 holds; a text never written reads as empty. */
static char **texts_copy(char *const *texts, int64_t count)
{
    char **copies = calloc((size_t)count, sizeof(*copies));

    for (int64_t i = 0; i < count && copies; i++) {
        copies[i] = strdup(texts[i] ? texts[i] : "");
        if (!copies[i]) {
            hdf_texts_free(copies, count);
            return NULL;
        }
    }
    return copies;
}

int hdf_read_texts(struct hdf *file, const char *name, char ***texts, int64_t *count, struct diagnostics *d)
{
    struct hdf_shape shape;
    char **inner;
    hid_t variable;
    hid_t type;
    hid_t space;
    int ret = 0;

    *texts = NULL;
    *count = 0;
    if (hdf_shape(file, name, &shape, d) != 0) {
        return -1;
    }
    if (shape.type != HDF_TEXT || shape.rank != 1) {
        return diagnostics_error(d, (struct place){.file = file->path}, "\"%s\" is no list of texts", name);
    }
    inner = calloc((size_t)shape.sizes[0], sizeof(*inner));
    if (!inner) {
        return diagnostics_out_of_memory(d);
    }
    variable = variable_open(file, name);
    type = hdf_type_create(HDF_TEXT);
    space = H5Dget_space(variable);
    if (H5Dread(variable, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, inner) < 0) {
        ret = hdf_error(file, "cannot read", name, d);
    } else if (!(*texts = texts_copy(inner, shape.sizes[0]))) {
        ret = diagnostics_out_of_memory(d);
    } else {
        *count = shape.sizes[0];
    }
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, inner);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(variable);
    free(inner);
    return ret;
}

void hdf_texts_free(char **texts, int64_t count)
{
    for (int64_t i = 0; i < count && texts; i++) {
        free(texts[i]);
    }
    free(texts);
}
