/* Result files that lie. HDF5 itself is not what is tried (1.10 crashes of some damaged files, see the README): the input is the
 * description of a file, line by line, which HDF5 writes and the program's readers then have to make sense of.
 *
 *   V|NAME|TYPE|LAYOUT|SIZES|VALUES   a variable; SIZES and VALUES separated by commas, VALUES repeated as needed
 *   A|OWNER|NAME|TYPE|COUNT|VALUES    an attribute, of the file where OWNER is a point
 *   G|NAME   S|NAME|TARGET   H|NAME|TARGET   T|NAME     a group, a soft link, a hard link, a type
 *
 * TYPE: d f l u i b numbers, t texts, sN texts of N bytes, c a compound, r references. LAYOUT: c contiguous, k chunked,
 * p packed, z compact, x in another file, n never written. In texts ~ is a line break. */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz.h"

#include "app/report/plot.h"
#include "app/report/report.h"
#include "app/report/summary.h"
#include "app/verify/verify.h"

#include <hdf5.h>

#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FIELDS = 6, VALUES_MAX = 4096, LINES_MAX = 400, TEXT_BYTES_MAX = 1 << 16 };

static hid_t type_of(const char *text)
{
    hid_t type;

    switch (text[0]) {
    case 'f':
        return H5Tcopy(H5T_NATIVE_FLOAT);
    case 'l':
        return H5Tcopy(H5T_NATIVE_INT64);
    case 'u':
        return H5Tcopy(H5T_NATIVE_UINT64);
    case 'i':
        return H5Tcopy(H5T_NATIVE_INT32);
    case 'b':
        return H5Tcopy(H5T_NATIVE_UINT8);
    case 't':
    case 's':
        type = H5Tcopy(H5T_C_S1);
        const long size = strtol(text + 1, NULL, 10);
        H5Tset_size(type, text[0] == 't'                      ? H5T_VARIABLE
                          : size > 0 && size < TEXT_BYTES_MAX ? (size_t)size
                                                              : 1);
        return type;
    case 'c':
        type = H5Tcreate(H5T_COMPOUND, 16);
        H5Tinsert(type, "a", 0, H5T_NATIVE_DOUBLE);
        return type;
    case 'r':
        return H5Tcopy(H5T_STD_REF_OBJ);
    default:
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    }
}

/* `count` values of a type from a list separated by commas, begun again at its end. Texts stay in `list`. */
static void *values_of(hid_t type, char *list, size_t count)
{
    const size_t size = H5Tget_size(type);
    const H5T_class_t class = H5Tget_class(type);
    char *values = calloc(count + 1, size);
    char *items[64];
    size_t item_count = 0;
    char *rest = NULL;

    fuzz_promise(values);
    for (char *c = list; *c; c++) {
        *c = *c == '~' ? '\n' : *c;
    }
    for (char *item = class == H5T_STRING ? list : strtok_r(list, ",", &rest); item && item_count < 64;
         item = class == H5T_STRING ? NULL : strtok_r(NULL, ",", &rest)) {
        items[item_count++] = item;
    }
    if (class == H5T_STRING && count > 1) { /* then they are a list, too */
        item_count = 0;
        for (char *item = strtok_r(list, ",", &rest); item && item_count < 64;
             item = strtok_r(NULL, ",", &rest)) {
            items[item_count++] = item;
        }
    }
    for (size_t i = 0; i < count && item_count > 0; i++) {
        char *item = items[i % item_count];
        char *to = values + i * size;
        if (class == H5T_STRING && H5Tis_variable_str(type) > 0) {
            memcpy(to, &item, sizeof(item));
        } else if (class == H5T_STRING) {
            memcpy(to, item, strnlen(item, size));
        } else if (class == H5T_FLOAT && size == sizeof(float)) {
            const float value = strtof(item, NULL);
            memcpy(to, &value, sizeof(value));
        } else if (class == H5T_FLOAT) {
            const double value = strtod(item, NULL);
            memcpy(to, &value, sizeof(value));
        } else if (class == H5T_INTEGER) {
            const int64_t value = strtoll(item, NULL, 10);
            memcpy(to, &value, size);
        }
    }
    return values;
}

/* The sizes; `*count` is their product, 0 where it is too large to be written. */
static hid_t space_of(char *sizes, hsize_t *dimensions, int *rank, size_t *count)
{
    char *rest = NULL;
    size_t product = 1;

    *rank = 0;
    for (char *size = strtok_r(sizes, ",", &rest); size && *rank < 5; size = strtok_r(NULL, ",", &rest)) {
        dimensions[*rank] = strtoull(size, NULL, 10);
        product = product > VALUES_MAX || dimensions[*rank] > VALUES_MAX ? VALUES_MAX + 1
                                                                         : product * dimensions[*rank];
        (*rank)++;
    }
    *count = product > VALUES_MAX ? 0 : product;
    return *rank > 0 ? H5Screate_simple(*rank, dimensions, NULL) : H5Screate(H5S_SCALAR);
}

static hid_t creation_of(char layout, const hsize_t *dimensions, int rank)
{
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[5];

    for (int i = 0; i < rank; i++) {
        chunk[i] = dimensions[i] > 16 ? 16 : dimensions[i];
    }
    if ((layout == 'k' || layout == 'p') && rank > 0) {
        H5Pset_chunk(creation, rank, chunk);
    }
    if (layout == 'p') {
        H5Pset_deflate(creation, 1);
    } else if (layout == 'z') {
        H5Pset_layout(creation, H5D_COMPACT);
    } else if (layout == 'x') {
        H5Pset_external(creation, "/etc/hostname", 0, H5F_UNLIMITED);
    }
    H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    return creation;
}

static void add_variable(hid_t file, char **fields)
{
    hsize_t dimensions[5] = {0};
    size_t count = 0;
    int rank = 0;
    hid_t type = type_of(fields[2]);
    hid_t space = space_of(fields[4], dimensions, &rank, &count);
    hid_t creation = creation_of(fields[3][0], dimensions, rank);
    hid_t variable = H5Dcreate2(file, fields[1], type, space, H5P_DEFAULT, creation, H5P_DEFAULT);

    if (variable >= 0 && count > 0 && fields[3][0] != 'n' && fields[3][0] != 'x') {
        void *values = values_of(type, fields[5], count);
        H5Dwrite(variable, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
        free(values);
    }
    H5Dclose(variable);
    H5Pclose(creation);
    H5Sclose(space);
    H5Tclose(type);
}

static void add_attribute(hid_t file, char **fields)
{
    hsize_t dimensions[5] = {0};
    size_t count = 0;
    int rank = 0;
    hid_t owner = H5Oopen(file, fields[1], H5P_DEFAULT);
    hid_t type = type_of(fields[3]);
    hid_t space = space_of(fields[4], dimensions, &rank, &count);
    hid_t attribute =
        count > 0 ? H5Acreate2(owner, fields[2], type, space, H5P_DEFAULT, H5P_DEFAULT) : H5I_INVALID_HID;

    if (attribute >= 0) {
        void *values = values_of(type, fields[5], count);
        H5Awrite(attribute, type, values);
        free(values);
    }
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    H5Oclose(owner);
}

static void add_line(hid_t file, char *line)
{
    static char none[] = "";
    char *fields[FIELDS];

    for (int i = 0; i < FIELDS; i++) {
        char *end = line && i < FIELDS - 1 ? strchr(line, '|') : NULL;
        fields[i] = line ? line : none;
        line = end ? end + 1 : NULL;
        if (end) {
            *end = '\0';
        }
    }
    switch (fields[0][0]) {
    case 'V':
        add_variable(file, fields);
        break;
    case 'A':
        add_attribute(file, fields);
        break;
    case 'G':
        H5Gclose(H5Gcreate2(file, fields[1], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        break;
    case 'S':
        H5Lcreate_soft(fields[2], file, fields[1], H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 'H':
        H5Lcreate_hard(file, fields[2], file, fields[1], H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 'T':
        H5Tcommit2(file, fields[1], H5T_NATIVE_DOUBLE, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        break;
    default:
        break;
    }
}

/* The file, written in memory; a descriptor of one that can be opened by name. */
static int build(char *text)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    const int fd = memfd_create("result", 0);
    char *rest = NULL;
    int lines = 0;

    H5Pset_fapl_core(access, 1 << 16, 0);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    hid_t file = H5Fcreate("memory", H5F_ACC_TRUNC, creation, access);
    fuzz_promise(file >= 0 && fd >= 0);
    for (char *line = strtok_r(text, "\n", &rest); line && lines < LINES_MAX;
         line = strtok_r(NULL, "\n", &rest)) {
        add_line(file, line);
        lines++;
    }
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    const ssize_t size = H5Fget_file_image(file, NULL, 0);
    char *image = malloc((size_t)size);
    fuzz_promise(image && H5Fget_file_image(file, image, (size_t)size) == size);
    fuzz_promise(write(fd, image, (size_t)size) == size);
    free(image);
    H5Fclose(file);
    H5Pclose(creation);
    H5Pclose(access);
    return fd;
}

static void draw(const char *path, FILE *out)
{
    const struct plot_request request = {.from = NAN, .to = NAN};
    struct diagnostics d;
    struct plot plot = {0};

    diagnostics_init(&d);
    int status = plot_read(&plot, path, &request, &d);
    if (status == 0) {
        status = plot_script_write(out, &plot, PLOT_SCRIPT, true, &d);
    }
    fuzz_check_messages(&d, status);
    plot_clear(&plot);
    diagnostics_clear(&d);
}

/* Whatever it says that it is a result of, it is not that to the last bit. */
static void verify(const char *path)
{
    static const struct provenance now = {"1", "2", "3", "4", "5", "6"};
    const struct seal_check seal = {.found = true, .damages = 1, .damaged = {{0, 4096}}};
    const struct verify_request request = {.threads = 1, .seal = &seal, .now = &now};
    struct verify_report report;
    struct diagnostics d;

    diagnostics_init(&d);
    fuzz_check_messages(&d, verify_result(path, &request, &report, &d));
    diagnostics_clear(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    FILE *out = fopen("/dev/null", "w");
    char path[64];

    fuzz_promise(out);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const int fd = build(text);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    for (enum summary_format format = SUMMARY_TEXT; format <= SUMMARY_JSON; format++) {
        struct diagnostics d;
        diagnostics_init(&d);
        const int status = summary_print(out, path, format, &d);
        fuzz_check_messages(&d, status);
        diagnostics_clear(&d);
    }
    struct diagnostics d;
    diagnostics_init(&d);
    const int status = report_write(out, path, REPORT_TEXT, &d);
    fuzz_check_messages(&d, status);
    diagnostics_clear(&d);
    draw(path, out);
    verify(path);
    fclose(out);
    close(fd);
    free(text);
    return 0;
}
