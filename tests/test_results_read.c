/* Files that are no result, or lie about being one. */
#include "results_fixture.h"

static void assert_refused(struct fixture *f, const char *why)
{
    struct result result;

    assert_int_equal(result_open(&result, f->path, &f->d), -1);
    assert_told(&f->d, why);
    assert_null(result.file);
    result_close(&result); /* allowed */
    diagnostics_clear(&f->d);
}

static void file_make(const char *path, const char *bytes, size_t size)
{
    FILE *out = fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static char *file_read(const char *path, size_t *size)
{
    struct stat status;
    FILE *in = fopen(path, "rb");
    char *bytes;

    assert_non_null(in);
    assert_int_equal(stat(path, &status), 0);
    *size = (size_t)status.st_size;
    bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, in), *size);
    fclose(in);
    return bytes;
}

static void test_no_hdf5(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "out.h5: error: cannot be read: No such file or directory");
    file_make(f->path, "", 0);
    assert_refused(f, "cannot be read (HDF5: ");
    file_make(f->path, "title: no HDF5\n", 15);
    assert_refused(f, "cannot be read (HDF5: file signature not found)");
    unlink(f->path);
    assert_int_equal(mkdir(f->path, 0700), 0);
    assert_refused(f, "cannot be read: it is no file");
    rmdir(f->path);
}

static void test_no_result(void **state)
{
    struct fixture *f = *state;
    struct hdf *file = hdf_create(f->path, &f->d);

    assert_non_null(file);
    assert_int_equal(hdf_add_scale(file, "time", HDF_FLOAT64, 3, &f->d), 0);
    assert_int_equal(hdf_close(file, &f->d), 0);
    assert_refused(f, "is no result of ketsim");
}

/* --- A result with one thing wrong --- */

static void change_number(struct fixture *f, const char *name, enum hdf_type type, const void *value)
{
    struct hdf *file = hdf_open(f->path, true, &f->d);

    assert_non_null(file);
    assert_int_equal(hdf_set_numbers(file, NULL, name, type, value, 1, &f->d), 0);
    assert_int_equal(hdf_close(file, &f->d), 0);
}

static void test_unfinished(void **state)
{
    struct fixture *f = *state;
    struct results *results = fixture_start(f, f->path, false);
    char part[128];

    assert_non_null(results);
    snprintf(part, sizeof(part), "%s.part", f->path);
    assert_int_equal(rename(part, f->path), 0); /* as a user may who finds it */
    assert_refused(f, "is not finished");
    change_number(f, "complete", HDF_UINT8, &(uint8_t){1});
    assert_refused(f, "holds patients that were not simulated");
    results_abandon(results);
}

static void test_other_version(void **state)
{
    struct fixture *f = *state;

    fixture_write(f);
    change_number(f, "schema_version", HDF_INT32, &(int32_t){2});
    assert_refused(f, "is a result of version 2, and this ketsim reads version 1");
}

static void test_truncated(void **state)
{
    struct fixture *f = *state;
    size_t size;

    fixture_write(f);
    char *bytes = file_read(f->path, &size);
    for (int i = 0; i < 16; i++) {
        file_make(f->path, bytes, size * (size_t)i / 16);
        assert_refused(f, "cannot be read (HDF5: ");
    }
    free(bytes);
}

static void test_variables_of_users_are_left_alone(void **state)
{
    struct fixture *f = *state;
    struct result result;

    fixture_write(f);
    struct hdf *file = hdf_open(f->path, true, &f->d);
    const char *const scales[] = {"time", "time"};
    assert_int_equal(hdf_add_variable(file, "mine", HDF_INT32, scales, 2, &f->d), 0);
    assert_int_equal(hdf_close(file, &f->d), 0);
    assert_int_equal(result_open(&result, f->path, &f->d), 0);
    result_close(&result);
}

/* --- A small file made by hand, of which one variable is wrong --- */

struct lie {
    const char *variable; /* that is wrong */
    bool missing;
    enum hdf_type type;
    const char *scales[HDF_RANK_MAX];
    int rank;
    const char *why;
};

static void add(struct hdf *file, const struct lie *lie, const char *name, const char *role,
                enum hdf_type type, const char *first, const char *second, struct diagnostics *d)
{
    const char *const scales[] = {first, second};
    const bool lies = strcmp(lie->variable, name) == 0;
    const int rank = lies ? lie->rank : 1 + (second != NULL);

    if (lies && lie->missing) {
        return;
    }
    assert_int_equal(
        hdf_add_variable(file, name, lies ? lie->type : type, lies ? lie->scales : scales, rank, d), 0);
    assert_int_equal(hdf_set_text(file, name, "role", role, d), 0);
    assert_int_equal(hdf_set_text(file, name, "units", "h", d), 0);
    assert_int_equal(hdf_set_text(file, name, "long_name", "x", d), 0);
    if (strcmp(role, "metric") == 0 || strcmp(role, "slope_flags") == 0) {
        assert_int_equal(hdf_set_text(file, name, "analyte", "a", d), 0);
        assert_int_equal(hdf_set_text(file, name, "metric", "tmax", d), 0);
    }
}

static void add_scale(struct hdf *file, const struct lie *lie, const char *name, enum hdf_type type,
                      int64_t size, struct diagnostics *d)
{
    const bool lies = strcmp(lie->variable, name) == 0;

    assert_int_equal(hdf_add_scale(file, name, lies ? lie->type : type, size, d), 0);
}

static void lie_write(struct fixture *f, const struct lie *lie)
{
    struct hdf *file = hdf_create(f->path, &f->d);

    assert_non_null(file);
    assert_int_equal(hdf_set_numbers(file, NULL, "schema_version", HDF_INT32, &(int32_t){1}, 1, &f->d), 0);
    assert_int_equal(hdf_set_numbers(file, NULL, "complete", HDF_UINT8, &(uint8_t){1}, 1, &f->d), 0);
    add_scale(file, lie, "time", HDF_FLOAT64, 3, &f->d);
    add_scale(file, lie, "arm", HDF_TEXT, 2, &f->d);
    add_scale(file, lie, "patient", HDF_INT64, 4, &f->d);
    add_scale(file, lie, "interval", HDF_INT64, 5, &f->d);
    add(file, lie, "arm_name", "arm_name", HDF_TEXT, "arm", NULL, &f->d);
    add(file, lie, "model", "model", HDF_TEXT, "arm", NULL, &f->d);
    add(file, lie, "status", "status", HDF_UINT8, "arm", "patient", &f->d);
    add(file, lie, "age", "covariate", HDF_FLOAT64, "patient", NULL, &f->d);
    add(file, lie, "a_tmax", "metric", HDF_FLOAT64, "arm", "patient", &f->d);
    add(file, lie, "interval_start", "interval_time", HDF_FLOAT64, "arm", "interval", &f->d);
    add(file, lie, "a_lambda_z_flags", "slope_flags", HDF_INT32, "arm", "patient", &f->d);
    assert_int_equal(hdf_close(file, &f->d), 0);
    assert_no_errors(&f->d);
}

static void test_lies(void **state)
{
    struct fixture *f = *state;
    static const struct lie lies[] = {
        {"status", true, HDF_UINT8, {0}, 0, "there is no variable of the role \"status\""},
        {"model", true, HDF_TEXT, {0}, 0, "there is no variable of the role \"model\""},
        {"arm_name", true, HDF_TEXT, {0}, 0, "there is no variable of the role \"arm_name\""},
        {"status", false, HDF_UINT8, {"arm"}, 1, "\"status\" does not agree with the rest"},
        {"status", false, HDF_UINT8, {"patient", "arm"}, 2, "\"status\" does not agree with the rest"},
        {"status",
         false,
         HDF_UINT8,
         {"arm", "patient", "time"},
         3,
         "\"status\" does not agree with the rest"},
        {"a_tmax", false, HDF_FLOAT64, {"arm", "time"}, 2, "\"a_tmax\" does not agree with the rest"},
        {"a_tmax", false, HDF_TEXT, {"arm", "patient"}, 2, "\"a_tmax\" does not agree with the rest"},
        {"model", false, HDF_FLOAT64, {"arm"}, 1, "\"model\" does not agree with the rest"},
        {"age", false, HDF_FLOAT64, {"time"}, 1, "\"age\" does not agree with the rest"},
        {"arm", false, HDF_FLOAT64, {0}, 1, "\"arm\" is no list of texts"},
        {"time", false, HDF_TEXT, {0}, 1, "the coordinate \"time\" is damaged"},
        {"patient", false, HDF_FLOAT64, {0}, 1, "the coordinate \"patient\" is damaged"},
        {"interval", false, HDF_FLOAT64, {0}, 1, "the coordinate \"interval\" is damaged"},
        {"interval_start",
         false,
         HDF_FLOAT64,
         {"arm", "patient"},
         2,
         "\"interval_start\" does not agree with the rest"},
        {"a_lambda_z_flags",
         false,
         HDF_INT32,
         {"arm", "interval"},
         2,
         "\"a_lambda_z_flags\" does not agree with the rest"},
    };
    struct result result;

    lie_write(f, &(struct lie){.variable = ""});
    assert_int_equal(result_open(&result, f->path, &f->d), 0);
    assert_string_equal(result.arms[0], ""); /* never written */
    result_close(&result);
    for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
        lie_write(f, &lies[i]);
        assert_refused(f, lies[i].why);
    }
}

/* A result whose texts about a variable are gone. */
static void test_metric_of_nothing(void **state)
{
    struct fixture *f = *state;

    lie_write(f, &(struct lie){.variable = ""});
    struct hdf *file = hdf_open(f->path, true, &f->d);
    assert_int_equal(hdf_set_text(file, "age", "role", "metric", &f->d), -1); /* another length */
    diagnostics_clear(&f->d);
    assert_int_equal(hdf_set_text(file, "status", "role", "clampe", &f->d), 0);
    assert_int_equal(hdf_close(file, &f->d), 0);
    assert_refused(f, "there is no variable of the role \"status\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_hdf5, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_no_result, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_unfinished, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_other_version, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_truncated, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_variables_of_users_are_left_alone, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_lies, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_metric_of_nothing, fixture_create, fixture_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
