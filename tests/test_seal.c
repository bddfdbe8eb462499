/* The seal behind a file: every byte that it covers, and every one of its own. */
#include "check.h"

#include "app/results/seal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 20000 };

struct sealed {
    char path[32];
    int fd;
};

static int setup(void **state)
{
    struct sealed *s = calloc(1, sizeof(*s));
    char bytes[SIZE];

    assert_non_null(s);
    strcpy(s->path, "/tmp/ketsim-seal-XXXXXX");
    s->fd = mkstemp(s->path);
    assert_true(s->fd >= 0);
    for (int i = 0; i < SIZE; i++) {
        bytes[i] = (char)(i * 7 + i / 256);
    }
    assert_int_equal(write(s->fd, bytes, SIZE), SIZE);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct sealed *s = *state;

    close(s->fd);
    unlink(s->path);
    free(s);
    return 0;
}

static void flip(const struct sealed *s, int64_t at)
{
    char byte;

    assert_int_equal(pread(s->fd, &byte, 1, at), 1);
    byte = (char)(byte ^ 0x10);
    assert_int_equal(pwrite(s->fd, &byte, 1, at), 1);
}

static int64_t size_of(const struct sealed *s)
{
    struct stat status;

    assert_int_equal(fstat(s->fd, &status), 0);
    return status.st_size;
}

static void test_every_byte(void **state)
{
    struct sealed *s = *state;
    struct seal_range left_out[] = {{15000, 1000}, {100, 5000}, {5100, 7}, {16000, 0}};
    struct seal_check check;

    assert_int_equal(seal_read(s->fd, &check), 0);
    assert_false(check.found);
    assert_int_equal(seal_write(s->fd, left_out, 4), 0);
    assert_int_equal(seal_read(s->fd, &check), 0);
    assert_true(check.found);
    assert_int_equal(check.damages, 0);
    assert_int_equal(check.sealed, SIZE);
    assert_int_equal(check.covered, SIZE - 6007);
    for (int64_t at = 0; at < size_of(s); at += at < SIZE ? 41 : 1) {
        const bool out = (at >= 100 && at < 5107) || (at >= 15000 && at < 16000);
        flip(s, at);
        assert_int_equal(seal_read(s->fd, &check), 0);
        assert_int_equal(check.found, at < SIZE);
        assert_int_equal(check.damages, at < SIZE && !out);
        if (check.damages == 1) {
            assert_in_range(at, check.damaged[0].offset,
                            check.damaged[0].offset + check.damaged[0].bytes - 1);
            assert_true(check.damaged[0].bytes <= 4096);
        }
        flip(s, at);
    }
    assert_int_equal(seal_read(s->fd, &check), 0);
    assert_true(check.found && check.damages == 0);
}

/* Cut short, made longer, or with another's seal. */
static void test_no_seal(void **state)
{
    struct sealed *s = *state;
    struct seal_check check;

    assert_int_equal(seal_write(s->fd, NULL, 0), 0);
    const int64_t size = size_of(s);
    for (int64_t end = size - 1; end >= 0; end -= end > SIZE ? 1 : 997) {
        assert_int_equal(ftruncate(s->fd, end), 0);
        assert_int_equal(seal_read(s->fd, &check), 0);
        assert_false(check.found);
    }
    assert_int_equal(ftruncate(s->fd, 0), 0);
    assert_int_equal(seal_write(s->fd, NULL, 0), 0);
    assert_int_equal(seal_read(s->fd, &check), 0);
    assert_true(check.found && check.sealed == 0 && check.covered == 0);
    assert_int_equal(pwrite(s->fd, "", 1, size_of(s)), 1);
    assert_int_equal(seal_read(s->fd, &check), 0);
    assert_false(check.found);
}

/* A large file is cut into larger pieces, so that its seal stays small. */
static void test_large(void **state)
{
    struct sealed *s = *state;
    struct seal_range left_out[] = {{SIZE, 1LL << 40}};
    struct seal_check check;

    assert_int_equal(ftruncate(s->fd, 500 << 20), 0);
    assert_int_equal(seal_write(s->fd, NULL, 0), 0);
    assert_true(size_of(s) - (500 << 20) < (600 << 10));
    flip(s, 300 << 20);
    assert_int_equal(seal_read(s->fd, &check), 0);
    assert_int_equal(check.damages, 1);
    assert_in_range(300 << 20, check.damaged[0].offset, check.damaged[0].offset + check.damaged[0].bytes - 1);
    assert_true(check.damaged[0].bytes <= 16384);
    assert_true(seal_write(s->fd, left_out, 1) != 0); /* more than there is */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_seal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
