/* What a result file does when it cannot be written, and what it says. */
#include "results_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

static void part_of(const struct fixture *f, char part[128])
{
    snprintf(part, 128, "%s.part", f->path);
}

static void file_make(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static void assert_holds(const char *path, const char *text)
{
    char found[64] = "";
    FILE *in = fopen(path, "r");

    assert_non_null(in);
    assert_non_null(fgets(found, sizeof(found), in));
    fclose(in);
    assert_string_equal(found, text);
}

static void assert_refused(struct fixture *f, const char *path, bool force, const char *why)
{
    assert_null(fixture_start(f, path, force));
    assert_told(&f->d, why);
    diagnostics_clear(&f->d);
}

/* --- Where it is to be --- */

static void test_existing_file(void **state)
{
    struct fixture *f = *state;
    struct result result;

    file_make(f->path, "precious");
    assert_refused(f, f->path, false, "exists; --force replaces it");
    assert_holds(f->path, "precious");

    struct results *results = fixture_start(f, f->path, true);
    assert_non_null(results);
    assert_holds(f->path, "precious"); /* until the new one is complete */
    fixture_take_all(f, results);
    fixture_finish(f, results);
    assert_int_equal(result_open(&result, f->path, &f->d), 0);
    result_close(&result);
}

static void test_bad_places(void **state)
{
    struct fixture *f = *state;
    char path[160];

    assert_refused(f, f->folder, true, "is a folder");
    assert_refused(f, "", false, "the name of the file to write is empty");
    assert_refused(f, "/dev/null", true, "is a device");
    snprintf(path, sizeof(path), "%s/none/out.h5", f->folder);
    assert_refused(f, path, false, "there is no folder");
    file_make(f->path, "no folder");
    snprintf(path, sizeof(path), "%s/out.h5", f->path);
    assert_refused(f, path, false, "Not a directory");
    if (geteuid() != 0) {
        char folder[160];
        snprintf(folder, sizeof(folder), "%s/locked", f->folder);
        assert_int_equal(mkdir(folder, 0500), 0);
        snprintf(path, sizeof(path), "%s/locked/out.h5", f->folder);
        assert_refused(f, path, false, "Permission denied");
        rmdir(folder);
    }
}

static void test_part_in_the_way(void **state)
{
    struct fixture *f = *state;
    char part[128];

    part_of(f, part);
    file_make(part, "another run");
    assert_refused(f, f->path, false, "an interrupted run left \"");
    assert_holds(part, "another run");

    struct results *results = fixture_start(f, f->path, true);
    assert_non_null(results);
    results_abandon(results);
    assert_false(path_exists(part));
}

/* Without force, what came into being during the run is not overwritten; the work is not lost either. */
static void test_file_that_appears(void **state)
{
    struct fixture *f = *state;
    struct results *results = fixture_start(f, f->path, false);
    struct sweep_report report = {0};
    struct result result;
    char part[128];

    part_of(f, part);
    fixture_take_all(f, results);
    file_make(f->path, "precious");
    assert_int_equal(results_finish(results, &report, &f->d), -1);
    assert_told(&f->d, "came into being while the run went on");
    assert_holds(f->path, "precious");
    assert_int_equal(result_open(&result, part, &f->d), 0);
    result_close(&result);
    unlink(part);
}

/* --- What is to be written --- */

static void test_names_that_collide(void **state)
{
    struct fixture *f = *state;

    f->models[0].parameters[0].name = "age";
    assert_refused(f, f->path, false, "two variables of the result would be called \"age\"");
    f->models[0].parameters[0].name = "time";
    assert_refused(f, f->path, false, "two variables of the result would be called \"time\"");
    f->models[0].parameters[0].name = "a/b";
    assert_refused(f, f->path, false, "cannot be the name of a variable");
    f->models[0].parameters[0].name = "Vc";
    f->study.model_count = 2;
    f->models[1].name = "one";
    assert_refused(f, f->path, false, "two models of the study are called \"one\"");
}

static void test_too_large(void **state)
{
    struct fixture *f = *state;

    f->study.patient_count = INT64_MAX / 16;
    assert_refused(f, f->path, false, "larger than any file can be");
}

/* 300 TB: more than any disk has free, and less than a file can be. */
static void test_more_than_is_free(void **state)
{
    struct fixture *f = *state;

    f->study.patient_count = INT64_C(1) << 40;
    assert_refused(f, f->path, false, "no room for its");
}

static void test_unfinished(void **state)
{
    struct fixture *f = *state;
    struct results *results = fixture_start(f, f->path, false);
    struct sweep_report report = {0};

    assert_int_equal(fixture_take(results, 0, 0, 5), 0);
    assert_int_equal(fixture_take(results, 1, 0, 3), 0);
    assert_int_equal(results_finish(results, &report, &f->d), -1);
    assert_told(&f->d, "2 patients were not simulated");
    assert_false(path_exists(f->path));
}

/* --- A disk that is full --- */

static struct rlimit limit_files(rlim_t bytes)
{
    struct rlimit before;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit now = {bytes, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
    return before;
}

static void test_no_room_at_the_start(void **state)
{
    struct fixture *f = *state;

    f->study.patient_count = 100000;
    f->study.store = STORE_PROFILES;
    const struct rlimit before = limit_files(1 << 20);
    assert_null(fixture_start(f, f->path, false));
    setrlimit(RLIMIT_FSIZE, &before);
    assert_told(&f->d, "File too large");
}

static void test_no_room_in_the_middle(void **state)
{
    struct fixture *f = *state;
    struct results *results = fixture_start(f, f->path, false);
    struct sweep_report report = {0};

    assert_non_null(results);
    const struct rlimit before = limit_files(512);
    assert_int_equal(fixture_take(results, 0, 0, 5), -1);
    assert_int_equal(fixture_take(results, 1, 0, 5), -1);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_string_equal(results_failure(results), "cannot be written: File too large");
    assert_int_equal(results_finish(results, &report, &f->d), -1);
    assert_told(&f->d, "out.h5: error: cannot be written: File too large");
    assert_false(path_exists(f->path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_existing_file, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_bad_places, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_part_in_the_way, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_file_that_appears, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_names_that_collide, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_too_large, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_more_than_is_free, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_unfinished, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_no_room_at_the_start, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_no_room_in_the_middle, fixture_create, fixture_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
