/* A compressed file holds what the plain one does, to the bit, and looks the same from any number of threads. */
#include "check.h"

#include "app/base/bytes.h"
#include "app/results/hdf.h"
#include "app/results/hdf_pack.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The sizes of the coordinates are such that chunks end within each dimension, and at the end of all. */
static const struct {
    const char *name;
    int64_t size;
} scales[] = {{"few", 3}, {"some", 500}, {"many", 9000}, {"more", 70000}};

static const struct {
    const char *name;
    enum hdf_type type;
    int rank;
    const char *scales[3];
} variables[] = {
    {"small", HDF_FLOAT64, 1, {"few"}},
    {"in_one_chunk", HDF_INT32, 2, {"few", "many"}},
    {"levels", HDF_FLOAT64, 3, {"few", "some", "some"}},
    {"narrow", HDF_FLOAT32, 3, {"few", "many", "few"}},
    {"bytes", HDF_UINT8, 2, {"few", "more"}},
    {"long_rows", HDF_INT64, 2, {"few", "more"}},
    {"flat", HDF_UINT64, 2, {"many", "few"}},
};
enum { SCALES = 4, VARIABLES = 7 };

struct files {
    char folder[64];
    char plain[96], packed[96], other[96];
    struct diagnostics d;
};

static int64_t variable_values(int i)
{
    int64_t values = 1;

    for (int k = 0; k < variables[i].rank; k++) {
        for (int s = 0; s < SCALES; s++) {
            values *= strcmp(scales[s].name, variables[i].scales[k]) == 0 ? scales[s].size : 1;
        }
    }
    return values;
}

/* All bits of a variable, as nobody can guess them but we; some of it is alike. */
static void *variable_bytes(int i, size_t *size)
{
    *size = (size_t)variable_values(i) * hdf_size(variables[i].type);
    unsigned char *bytes = malloc(*size);
    uint64_t state = (uint64_t)i + 1;

    assert_non_null(bytes);
    for (size_t k = 0; k < *size; k++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        bytes[k] = k % 5 ? (unsigned char)(state >> 56) : 7;
    }
    return bytes;
}

static int files_create(void **state)
{
    static const char *const names[] = {"a", "\303\266", "the third"};
    struct files *f = calloc(1, sizeof(*f));
    const double number = 0.1;
    int64_t offset;

    assert_non_null(f);
    diagnostics_init(&f->d);
    snprintf(f->folder, sizeof(f->folder), "/tmp/ketsim-pack-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->plain, sizeof(f->plain), "%s/plain.h5", f->folder);
    snprintf(f->packed, sizeof(f->packed), "%s/packed.h5", f->folder);
    snprintf(f->other, sizeof(f->other), "%s/other.h5", f->folder);
    struct hdf *file = hdf_create(f->plain, &f->d);
    assert_non_null(file);
    hdf_set_text(file, NULL, "title", "What it is", &f->d);
    hdf_set_text(file, NULL, "empty", "", &f->d);
    for (int s = 0; s < SCALES; s++) {
        hdf_add_scale(file, scales[s].name, HDF_FLOAT64, scales[s].size, &f->d);
        hdf_set_text(file, scales[s].name, "units", "h", &f->d);
    }
    hdf_add_variable(file, "names", HDF_TEXT, (const char *const[]){"few"}, 1, &f->d);
    hdf_write_texts(file, "names", names, &f->d);
    for (int i = 0; i < VARIABLES; i++) {
        hdf_add_variable(file, variables[i].name, variables[i].type, variables[i].scales, variables[i].rank,
                         &f->d);
        hdf_set_numbers(file, variables[i].name, "number", HDF_FLOAT64, &number, 1, &f->d);
    }
    int fd = open(f->plain, O_RDWR);
    assert_true(fd >= 0);
    for (int i = 0; i < VARIABLES; i++) {
        size_t size;
        void *bytes = variable_bytes(i, &size);
        assert_int_equal(hdf_offset(file, variables[i].name, &offset, &f->d), 0);
        assert_int_equal(bytes_write(fd, bytes, size, offset), 0);
        free(bytes);
    }
    close(fd);
    assert_int_equal(hdf_close(file, &f->d), 0);
    assert_no_errors(&f->d);
    *state = f;
    return 0;
}

static int files_free(void **state)
{
    struct files *f = *state;

    unlink(f->plain);
    unlink(f->packed);
    unlink(f->other);
    rmdir(f->folder);
    diagnostics_clear(&f->d);
    free(f);
    return 0;
}

static int name_visit(void *payload, const char *name)
{
    char *names = payload;
    snprintf(names + strlen(names), 400 - strlen(names), "%s ", name);
    return 0;
}

static void test_the_same_to_the_bit(void **state)
{
    struct files *f = *state;
    char names[2][400] = {"", ""};

    assert_int_equal(hdf_pack(f->plain, f->packed, 2, &f->d), 0);
    assert_no_errors(&f->d);
    struct hdf *plain = hdf_open(f->plain, false, &f->d);
    struct hdf *file = hdf_open(f->packed, false, &f->d);
    hdf_visit(plain, name_visit, names[0], &f->d);
    hdf_visit(file, name_visit, names[1], &f->d);
    assert_string_equal(names[0], names[1]);
    for (int i = 0; i < VARIABLES; i++) {
        struct hdf_shape shape;
        size_t size;
        unsigned char *bytes = variable_bytes(i, &size);
        unsigned char *read = calloc(1, size);
        double number;
        assert_int_equal(hdf_shape(file, variables[i].name, &shape, &f->d), 0);
        assert_int_equal(shape.type, variables[i].type);
        assert_int_equal(shape.rank, variables[i].rank);
        assert_int_equal(hdf_read(file, variables[i].name, variables[i].type, (int64_t[]){0, 0, 0},
                                  shape.sizes, read, &f->d),
                         0);
        assert_memory_equal(read, bytes, size);
        assert_true(hdf_number(file, variables[i].name, "number", HDF_FLOAT64, &number) && number == 0.1);
        free(read);
        free(bytes);
    }
    char **texts;
    int64_t count;
    assert_int_equal(hdf_read_texts(file, "names", &texts, &count, &f->d), 0);
    assert_int_equal(count, 3);
    assert_string_equal(texts[1], "\303\266");
    hdf_texts_free(texts, count);
    char *text = hdf_text(file, NULL, "title");
    assert_string_equal(text, "What it is");
    free(text);
    text = hdf_text(file, "more", "units");
    assert_string_equal(text, "h");
    free(text);
    assert_no_errors(&f->d);
    hdf_close(plain, &f->d);
    hdf_close(file, &f->d);
}

static void assert_same_files(const char *a, const char *b)
{
    FILE *files[2] = {fopen(a, "rb"), fopen(b, "rb")};
    int bytes[2];

    assert_true(files[0] && files[1]);
    do {
        bytes[0] = getc(files[0]);
        bytes[1] = getc(files[1]);
        assert_int_equal(bytes[0], bytes[1]);
    } while (bytes[0] != EOF);
    fclose(files[0]);
    fclose(files[1]);
}

static void test_threads_leave_no_trace(void **state)
{
    struct files *f = *state;
    struct stat plain, packed;

    assert_int_equal(hdf_pack(f->plain, f->packed, 1, &f->d), 0);
    assert_int_equal(hdf_pack(f->plain, f->other, 2, &f->d), 0);
    assert_same_files(f->packed, f->other);
    assert_int_equal(hdf_pack(f->plain, f->other, 7, &f->d), 0);
    assert_same_files(f->packed, f->other);
    assert_int_equal(stat(f->plain, &plain), 0);
    assert_int_equal(stat(f->packed, &packed), 0);
    assert_true(packed.st_size < plain.st_size); /* a fifth of it can be guessed */
}

static void test_what_cannot_be(void **state)
{
    struct files *f = *state;
    struct rlimit limit, small;

    assert_int_equal(hdf_pack("/nonexistent/plain.h5", f->packed, 1, &f->d), -1);
    assert_told(&f->d, "/nonexistent/plain.h5: error: cannot be read: No such file or directory");
    assert_int_equal(hdf_pack(f->plain, "/nonexistent/packed.h5", 1, &f->d), -1);
    assert_told(&f->d, "/nonexistent/packed.h5: error: cannot be made (HDF5: ");

    /* A disk that is too small. */
    getrlimit(RLIMIT_FSIZE, &limit);
    small = limit;
    small.rlim_cur = 1 << 20;
    setrlimit(RLIMIT_FSIZE, &small);
    const int errors = f->d.errors;
    assert_int_equal(hdf_pack(f->plain, f->packed, 2, &f->d), -1);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_true(f->d.errors > errors);
    assert_told(&f->d, "packed.h5: error: cannot ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_same_to_the_bit, files_create, files_free),
        cmocka_unit_test_setup_teardown(test_threads_leave_no_trace, files_create, files_free),
        cmocka_unit_test_setup_teardown(test_what_cannot_be, files_create, files_free),
    };

    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
