/* The same study gives the same bytes, whoever takes the patients in whatever order. */
#include "results_fixture.h"

#include "app/results/seal.h"

#include <fcntl.h>

#include <pthread.h>

enum { WORKERS = 4, PATIENTS = 1001 };

/* A thread that takes every fourth piece of the patients; some pieces are long, some a single patient. */
struct worker {
    struct results *results;
    int number;
    bool backwards;
    pthread_t thread;
};

static int64_t piece_length(int64_t piece)
{
    return piece % 3 == 0 ? 1 : 17;
}

static void *worker_run(void *payload)
{
    const struct worker *w = payload;
    int64_t starts[PATIENTS];
    int pieces = 0;

    for (int64_t first = 0; first < PATIENTS; first += piece_length(pieces++)) {
        starts[pieces] = first;
    }
    for (int i = w->number; i < ARMS * pieces; i += WORKERS) {
        const int position = w->backwards ? ARMS * pieces - 1 - i : i;
        const int piece = position % pieces;
        const int64_t first = starts[piece];
        const int64_t length = piece_length(piece);
        const int64_t rest = PATIENTS - first;
        fixture_take(w->results, position / pieces, first, (int)(length < rest ? length : rest));
    }
    return NULL;
}

static void write_by_threads(struct fixture *f, const char *path, bool backwards)
{
    struct results *results = fixture_start(f, path, false);
    struct worker workers[WORKERS];

    assert_no_errors(&f->d);
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.results = results, .number = i, .backwards = backwards};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    assert_null(results_failure(results));
    fixture_blocks_done(f, results);
    fixture_finish(f, results);
}

static void write_by_one(struct fixture *f, const char *path)
{
    struct results *results = fixture_start(f, path, false);

    assert_non_null(results);
    fixture_take_all(f, results);
    fixture_finish(f, results);
}

/* What may differ: the time of the day, which the tests may straddle a second of. */
static void forget_run(struct fixture *f, const char *path)
{
    const double seconds = 0;
    const int32_t threads = 0;
    struct hdf *file = hdf_open(path, true, &f->d);

    assert_non_null(file);
    assert_int_equal(hdf_set_text(file, NULL, "run_started", "2000-01-01T00:00:00Z", &f->d), 0);
    assert_int_equal(hdf_set_numbers(file, NULL, "run_seconds", HDF_FLOAT64, &seconds, 1, &f->d), 0);
    assert_int_equal(hdf_set_numbers(file, NULL, "run_threads", HDF_INT32, &threads, 1, &f->d), 0);
    assert_int_equal(hdf_close(file, &f->d), 0);
}

static void assert_same_bytes(const char *a, const char *b)
{
    FILE *files[2] = {fopen(a, "rb"), fopen(b, "rb")};
    int64_t place = 0;
    int bytes[2];

    assert_true(files[0] && files[1]);
    do {
        bytes[0] = getc(files[0]);
        bytes[1] = getc(files[1]);
        if (bytes[0] != bytes[1]) {
            print_error("%s and %s differ at byte %lld\n", a, b, (long long)place);
        }
        assert_int_equal(bytes[0], bytes[1]);
        place++;
    } while (bytes[0] != EOF);
    fclose(files[0]);
    fclose(files[1]);
}

static void compare(struct fixture *f)
{
    char other[128];
    char third[128];

    snprintf(other, sizeof(other), "%s/other.h5", f->folder);
    snprintf(third, sizeof(third), "%s/third.h5", f->folder);
    f->study.patient_count = PATIENTS;
    write_by_one(f, f->path);
    f->threads = 3; /* fewer than analytes and arms: whole rows */
    write_by_threads(f, other, false);
    f->threads = 7; /* more: some of the times each */
    write_by_threads(f, third, true);
    forget_run(f, f->path);
    forget_run(f, other);
    forget_run(f, third);
    assert_same_bytes(f->path, other);
    assert_same_bytes(f->path, third);
    unlink(other);
    unlink(third);
}

static void test_order_leaves_no_trace(void **state)
{
    compare(*state);
}

static void test_order_leaves_no_trace_in_single_precision(void **state)
{
    struct fixture *f = *state;

    f->study.float32 = true;
    f->study.store = STORE_QUANTILES | STORE_EXPOSURE;
    compare(f);
}

/* The end of a run overwrites: nothing in the file moves, and the seal stands behind it. */
static void test_finishing_moves_nothing(void **state)
{
    struct fixture *f = *state;
    struct results *results = fixture_start(f, f->path, false);
    char part[128];
    struct stat before;
    struct stat after;
    struct seal_check check;
    int64_t places[2];

    assert_non_null(results);
    snprintf(part, sizeof(part), "%s.part", f->path);
    for (int i = 0; i < 2; i++) {
        const char *path = i == 0 ? part : f->path;
        struct hdf *file = hdf_open(path, false, &f->d);
        assert_non_null(file);
        assert_int_equal(hdf_offset(file, "esketamine", &places[i], &f->d), 0);
        hdf_close(file, &f->d);
        assert_int_equal(stat(path, i == 0 ? &before : &after), 0);
        if (i == 0) {
            fixture_take_all(f, results);
            fixture_finish(f, results);
        }
    }
    const int fd = open(f->path, O_RDONLY);
    assert_int_equal(seal_read(fd, &check), 0);
    close(fd);
    assert_true(check.found && check.damages == 0);
    assert_int_equal(check.sealed, before.st_size);
    assert_true(after.st_size > before.st_size && after.st_size < before.st_size + 1000);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(places[0], places[1]);
    assert_false(path_exists(part));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order_leaves_no_trace, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_order_leaves_no_trace_in_single_precision, fixture_create,
                                        fixture_free),
        cmocka_unit_test_setup_teardown(test_finishing_moves_nothing, fixture_create, fixture_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
