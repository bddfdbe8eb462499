#include "hdf_inner.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

/* All attributes stay in the header of what they belong to. In the tree that HDF5 otherwise moves them to, 1.10 takes a byte that nothing has
 * set for flags of its cache whenever one is written (H5B2_modify): what comes of that is a matter of luck. */
enum { ATTRIBUTES_COMPACT = 65535, ATTRIBUTES_DENSE = 65535 };

/* A header takes 64 kB at most; longer texts are of variable length, which stand elsewhere. */
enum { FIXED_TEXT_MAX = 60000 };

enum { CONVERTED_BYTES = 16 << 10 };

const char *hdf_version(void)
{
    return TEXT(H5_VERS_MAJOR) "." TEXT(H5_VERS_MINOR) "." TEXT(H5_VERS_RELEASE);
}

size_t hdf_size(enum hdf_type type)
{
    static const size_t sizes[] = {
        [HDF_FLOAT64] = 8, [HDF_FLOAT32] = 4, [HDF_INT64] = 8, [HDF_UINT64] = 8,
        [HDF_INT32] = 4,   [HDF_UINT8] = 1,   [HDF_TEXT] = 0,  [HDF_OTHER] = 0,
    };

    return sizes[type];
}

/* --- Errors --- */

/* It has no room to note one. */
static const char no_reason[] = "no reason given, as when memory is short";

/* HDF5 tells a chain of errors; the innermost one is the cause. */
static herr_t error_keep(unsigned depth, const H5E_error2_t *error, void *payload)
{
    struct hdf *file = payload;

    if (depth == 0 && file->reason[0] == '\0') {
        snprintf(file->reason, sizeof(file->reason), "%s",
                 error->desc && error->desc[0] ? error->desc : no_reason);
    }
    return 0;
}

static herr_t error_note(hid_t stack, void *payload)
{
    struct hdf *file = payload;
    const herr_t status = H5Ewalk2(stack, H5E_WALK_UPWARD, error_keep, file);

    if (file->first[0] == '\0') {
        snprintf(file->first, sizeof(file->first), "%s", file->reason[0] ? file->reason : no_reason);
    }
    return status;
}

void hdf_note(struct hdf *file)
{
    error_note(H5E_DEFAULT, file);
}

void hdf_enter(struct hdf *file)
{
    file->reason[0] = '\0';
    H5Eset_auto2(H5E_DEFAULT, error_note, file);
}

int hdf_error(struct hdf *file, const char *what, const char *name, struct diagnostics *d)
{
    const struct place at = {.file = file->path};
    const char *reason = file->reason[0] ? file->reason : no_reason;

    file->told = true;
    return name ? diagnostics_error(d, at, "%s \"%s\" (HDF5: %s)", what, name, reason)
                : diagnostics_error(d, at, "%s (HDF5: %s)", what, reason);
}

/* --- Types --- */

hid_t hdf_type_create(enum hdf_type type)
{
    hid_t id;

    switch (type) {
    case HDF_FLOAT64:
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    case HDF_FLOAT32:
        return H5Tcopy(H5T_NATIVE_FLOAT);
    case HDF_INT64:
        return H5Tcopy(H5T_NATIVE_INT64);
    case HDF_UINT64:
        return H5Tcopy(H5T_NATIVE_UINT64);
    case HDF_INT32:
        return H5Tcopy(H5T_NATIVE_INT32);
    case HDF_UINT8:
        return H5Tcopy(H5T_NATIVE_UINT8);
    case HDF_TEXT:
        id = H5Tcopy(H5T_C_S1);
        if (id >= 0) {
            H5Tset_size(id, H5T_VARIABLE);
            H5Tset_cset(id, H5T_CSET_UTF8);
        }
        return id;
    default:
        return H5I_INVALID_HID;
    }
}

/* --- What is open --- */

static void owner_close(struct hdf *file)
{
    if (file->owner) {
        H5Oclose(file->object);
        free(file->owner);
        file->owner = NULL;
    }
}

/* Takes over what has been opened: it stays open while the calls are of the same owner, because to open it takes longer
 * than to write an attribute of it. Returns it, or an invalid one that is closed. */
static hid_t owner_keep(struct hdf *file, const char *owner, hid_t object)
{
    owner_close(file);
    if (object < 0) {
        return object;
    }
    file->owner = strdup(owner);
    if (!file->owner) {
        H5Oclose(object);
        return H5I_INVALID_HID;
    }
    file->object = object;
    return object;
}

/* HDF5 1.10 does not find an attribute of an owner that is not open when it is to overwrite it; and a variable that is compressed is
 * decompressed anew for each part that is read of it, unless it stays open. */
hid_t hdf_owner_open(struct hdf *file, const char *owner)
{
    if (file->owner && strcmp(file->owner, owner) == 0) {
        return file->object;
    }
    return owner_keep(file, owner, H5Oopen(file->id, owner, H5P_DEFAULT));
}

/* --- Files --- */

static int64_t file_size(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 ? (int64_t)status.st_size : 0;
}

/* Nothing of the day in the file and nothing that HDF5 1.8 could not read; the order in which things are added is
 * kept, which netCDF-4 asks for. No locks: network file systems fail on them, and a result is only opened under its
 * name when it is finished. */
static hid_t file_open(const char *path, bool create, bool writable)
{
    hid_t file = H5I_INVALID_HID;
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

    if (creation >= 0 && access >= 0 && H5Pset_link_creation_order(creation, order) >= 0 &&
        H5Pset_attr_creation_order(creation, order) >= 0 &&
        H5Pset_attr_phase_change(creation, ATTRIBUTES_COMPACT, ATTRIBUTES_DENSE) >= 0 &&
        H5Pset_obj_track_times(creation, false) >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
        H5Pset_file_locking(access, false, true) >= 0) {
        file = create ? H5Fcreate(path, H5F_ACC_TRUNC, creation, access)
                      : H5Fopen(path, writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access);
    }
    H5Pclose(access);
    H5Pclose(creation);
    return file;
}

static void hdf_free(struct hdf *file)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    free(file);
}

static struct hdf *hdf_start(const char *path, bool create, bool writable, struct diagnostics *d)
{
    struct hdf *file = calloc(1, sizeof(*file));

    if (!file) {
        diagnostics_out_of_memory(d);
        return NULL;
    }
    file->path = path;
    file->writable = create || writable;
    file->size = file_size(path);
    file->object = H5I_INVALID_HID;
    /* Before all other calls: a file that could not be closed, on a full disk, would crash HDF5 in its cleaning up at
     * exit. Every file is closed here, so that nothing is left for it to do. */
    H5dont_atexit();
    hdf_enter(file);
    /* No result has links into other files; to follow one of a file that lies would open whatever it names, and wait there. */
    if (H5Lis_registered(H5L_TYPE_EXTERNAL) > 0) {
        H5Lunregister(H5L_TYPE_EXTERNAL);
    }
    file->id = file_open(path, create, writable);
    if (file->id < 0) {
        hdf_error(file, create ? "cannot be made" : "cannot be read", NULL, d);
        hdf_free(file);
        return NULL;
    }
    return file;
}

struct hdf *hdf_create(const char *path, struct diagnostics *d)
{
    return hdf_start(path, true, true, d);
}

struct hdf *hdf_open(const char *path, bool writable, struct diagnostics *d)
{
    const struct place at = {.file = path};
    struct stat status;

    /* HDF5 would tell these with a dozen numbers. */
    if (stat(path, &status) != 0 || access(path, R_OK) != 0) {
        diagnostics_error(d, at, "cannot be read: %s", strerror(errno));
        return NULL;
    }
    if (!S_ISREG(status.st_mode)) {
        diagnostics_error(d, at, "cannot be read: it is no file");
        return NULL;
    }
    return hdf_start(path, false, writable, d);
}

const char *hdf_path(const struct hdf *file)
{
    return file->path;
}

int hdf_close(struct hdf *file, struct diagnostics *d)
{
    int ret = 0;

    if (!file) {
        return 0;
    }
    hdf_enter(file);
    owner_close(file);
    if (H5Fclose(file->id) < 0) {
        ret = hdf_error(file, "cannot be closed", NULL, d);
    } else if (file->writable && file->first[0] && !file->told) {
        /* What is written late, when a variable or the whole file is closed, fails where nobody asks: nothing that HDF5 failed in
         * makes a file that is whole. */
        memcpy(file->reason, file->first, sizeof(file->reason));
        ret = hdf_error(file, "cannot be written", NULL, d);
    }
    hdf_free(file);
    return ret;
}

/* --- Variables --- */

/* Texts must have a fill value, which is what HDF5 frees; numbers are left as the file system gives them. */
hid_t hdf_creation_create(bool texts)
{
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

    if (creation >= 0 && H5Pset_layout(creation, H5D_CONTIGUOUS) >= 0 &&
        H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY) >= 0 &&
        (texts || H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER) >= 0) &&
        H5Pset_obj_track_times(creation, false) >= 0 && H5Pset_attr_creation_order(creation, order) >= 0 &&
        H5Pset_attr_phase_change(creation, ATTRIBUTES_COMPACT, ATTRIBUTES_DENSE) >= 0) {
        return creation;
    }
    H5Pclose(creation);
    return H5I_INVALID_HID;
}

static hid_t variable_create(struct hdf *file, const char *name, enum hdf_type type, int rank,
                             const hsize_t *sizes)
{
    hid_t variable = H5I_INVALID_HID;
    hid_t value = hdf_type_create(type);
    hid_t space = H5Screate_simple(rank, sizes, NULL);
    hid_t creation = hdf_creation_create(type == HDF_TEXT);

    if (value >= 0 && space >= 0 && creation >= 0) {
        variable = H5Dcreate2(file->id, name, value, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    }
    H5Pclose(creation);
    H5Sclose(space);
    H5Tclose(value);
    return variable;
}

int hdf_add_scale(struct hdf *file, const char *name, enum hdf_type type, int64_t size, struct diagnostics *d)
{
    const hsize_t length = (hsize_t)size;
    hid_t variable;
    int ret = 0;

    hdf_enter(file);
    variable = owner_keep(file, name, variable_create(file, name, type, 1, &length));
    if (variable < 0 || H5DSset_scale(variable, name) < 0) {
        ret = hdf_error(file, "cannot add the coordinate", name, d);
    }
    return ret;
}

static int scale_size(struct hdf *file, const char *name, hsize_t *size)
{
    hid_t scale = H5Dopen2(file->id, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(scale);
    const int rank = H5Sget_simple_extent_dims(space, NULL, NULL);

    if (rank == 1) {
        H5Sget_simple_extent_dims(space, size, NULL);
    }
    H5Sclose(space);
    H5Dclose(scale);
    return rank == 1 ? 0 : -1;
}

static int scale_attach(struct hdf *file, hid_t variable, const char *name, int dimension)
{
    hid_t scale = H5Dopen2(file->id, name, H5P_DEFAULT);
    const herr_t status = H5DSattach_scale(variable, scale, (unsigned)dimension);

    H5Dclose(scale);
    return status < 0 ? -1 : 0;
}

int hdf_add_variable(struct hdf *file, const char *name, enum hdf_type type, const char *const *scales,
                     int rank, struct diagnostics *d)
{
    hsize_t sizes[HDF_RANK_MAX];
    hid_t variable = H5I_INVALID_HID;
    int ret = 0;

    hdf_enter(file);
    for (int i = 0; i < rank && ret == 0; i++) {
        ret = scale_size(file, scales[i], &sizes[i]);
    }
    if (ret == 0) {
        variable = owner_keep(file, name, variable_create(file, name, type, rank, sizes));
        ret = variable < 0 ? -1 : 0;
    }
    for (int i = 0; i < rank && ret == 0; i++) {
        ret = scale_attach(file, variable, scales[i], i);
    }
    if (ret != 0) {
        hdf_error(file, "cannot add the variable", name, d);
    }
    return ret;
}

int hdf_offset(struct hdf *file, const char *name, int64_t *offset, struct diagnostics *d)
{
    haddr_t address;

    hdf_enter(file);
    address = H5Dget_offset(hdf_owner_open(file, name));
    if (address == HADDR_UNDEF) {
        return hdf_error(file, "no place in the file for", name, d);
    }
    *offset = (int64_t)address;
    return 0;
}

int hdf_write_texts(struct hdf *file, const char *name, const char *const *texts, struct diagnostics *d)
{
    hid_t type;
    hid_t transfer;
    int ret = 0;

    hdf_enter(file);
    type = hdf_type_create(HDF_TEXT);
    transfer = H5Pcreate(H5P_DATASET_XFER);
    /* Of its own accord HDF5 clears two megabytes to convert a handful of texts. */
    if (transfer < 0 || H5Pset_buffer(transfer, CONVERTED_BYTES, NULL, NULL) < 0 ||
        H5Dwrite(hdf_owner_open(file, name), type, H5S_ALL, H5S_ALL, transfer, texts) < 0) {
        ret = hdf_error(file, "cannot write", name, d);
    }
    H5Pclose(transfer);
    H5Tclose(type);
    return ret;
}

/* --- Attributes --- */

/* An attribute that is to be overwritten must be of the same type, or it could not stay in its place. */
static hid_t attribute_open(struct hdf *file, hid_t owner, const char *name, hid_t type)
{
    hid_t attribute = H5Aopen(owner, name, H5P_DEFAULT);
    hid_t stored = H5Aget_type(attribute);
    const bool equal = H5Tequal(stored, type) > 0;

    H5Tclose(stored);
    if (!equal) {
        H5Aclose(attribute);
        snprintf(file->reason, sizeof(file->reason), "one of another type is there");
        return H5I_INVALID_HID;
    }
    return attribute;
}

/* After hdf_enter. Takes over and closes `type` and `space`. */
static int attribute_write(struct hdf *file, const char *owner, const char *name, hid_t type, hid_t space,
                           const void *values, struct diagnostics *d)
{
    hid_t object;
    hid_t attribute;
    int ret = 0;

    object = hdf_owner_open(file, owner ? owner : ".");
    attribute = H5Aexists(object, name) > 0 ? attribute_open(file, object, name, type)
                                            : H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, values) < 0) {
        ret = hdf_error(file, "cannot write the attribute", name, d);
    }
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    return ret;
}

/* Invalid where HDF5 cannot. */
static hid_t text_type(size_t length)
{
    if (length > FIXED_TEXT_MAX) {
        return hdf_type_create(HDF_TEXT);
    }
    hid_t type = H5Tcopy(H5T_C_S1);
    if (H5Tset_size(type, length > 0 ? length : 1) < 0 || H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 ||
        H5Tset_cset(type, H5T_CSET_UTF8) < 0) {
        H5Tclose(type);
        return H5I_INVALID_HID;
    }
    return type;
}

/* As netCDF writes a text: of fixed length, which all of its readers understand, as long as it can be. */
int hdf_set_text(struct hdf *file, const char *owner, const char *name, const char *text,
                 struct diagnostics *d)
{
    const size_t length = strlen(text);

    hdf_enter(file);
    hid_t type = text_type(length);
    if (type < 0) {
        return hdf_error(file, "cannot write the attribute", name, d);
    }
    return attribute_write(file, owner, name, type, H5Screate(H5S_SCALAR),
                           length > FIXED_TEXT_MAX ? (const void *)&text : text, d);
}

int hdf_set_numbers(struct hdf *file, const char *owner, const char *name, enum hdf_type type,
                    const void *values, int count, struct diagnostics *d)
{
    const hsize_t length = (hsize_t)count;

    hdf_enter(file);
    hid_t space = count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &length, NULL);

    return attribute_write(file, owner, name, hdf_type_create(type), space, values, d);
}
