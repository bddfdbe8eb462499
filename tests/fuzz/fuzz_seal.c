/* Seals: those that lie, and whether a change under an honest one is seen. */
#define _GNU_SOURCE /* files in memory */
#include "fuzz.h"

#include "app/base/checksum.h"
#include "app/results/seal.h"

#include <sys/mman.h>
#include <unistd.h>

enum { RANGES = 4 };

/* The input as a file whose seal is whole, so far as its end says. */
static void try_lie(int fd, const uint8_t *data, size_t size)
{
    const uint64_t sealed = size > 0 ? data[0] % (size + 1) : 0;
    uint64_t tail[4] = {sealed, 0, 0, 0};
    size_t words = (size - sealed) / sizeof(uint64_t);
    uint64_t *seal = calloc(words + 4, sizeof(*seal));
    struct seal_check check;

    fuzz_promise(seal);
    tail[1] = (words + 4) * sizeof(uint64_t);
    memcpy(seal, data + sealed, words * sizeof(*seal));
    memcpy(seal + words, tail, sizeof(tail));
    seal[words + 2] = checksum_of(seal, (words + 2) * sizeof(*seal));
    memcpy(seal + words + 3, "KETSEAL1", 8);
    fuzz_promise(write(fd, data, sealed) == (ssize_t)sealed);
    fuzz_promise(write(fd, seal, tail[1]) == (ssize_t)tail[1]);
    fuzz_promise(seal_read(fd, &check) == 0);
    fuzz_promise(check.found || check.damages == 0);
    free(seal);
}

static bool is_left_out(const struct seal_range *ranges, int count, int64_t at)
{
    for (int i = 0; i < count; i++) {
        if (at >= ranges[i].offset && at < ranges[i].offset + ranges[i].bytes) {
            return true;
        }
    }
    return false;
}

/* The input as ranges and a file. */
static void try_honest(int fd, const uint8_t *data, size_t size)
{
    struct seal_range ranges[RANGES];
    struct seal_check check;
    uint8_t byte;

    if (size < 2 * RANGES + 3) {
        return;
    }
    const uint8_t *file = data + 2 * RANGES + 2;
    const size_t bytes = size - 2 * RANGES - 2;
    for (int i = 0; i < RANGES; i++) {
        ranges[i] = (struct seal_range){data[2 * i], data[2 * i + 1]};
    }
    fuzz_promise(write(fd, file, bytes) == (ssize_t)bytes);
    const int count = data[2 * RANGES] % (RANGES + 1);
    if (seal_write(fd, ranges, count) != 0) {
        return; /* ranges within each other, or beyond the file */
    }
    fuzz_promise(seal_read(fd, &check) == 0);
    fuzz_promise(check.found && check.damages == 0 && check.sealed == (int64_t)bytes);
    const int64_t at = data[2 * RANGES + 1] * (lseek(fd, 0, SEEK_END) - 1) / 255;
    fuzz_promise(pread(fd, &byte, 1, at) == 1);
    byte ^= 1;
    fuzz_promise(pwrite(fd, &byte, 1, at) == 1);
    fuzz_promise(seal_read(fd, &check) == 0);
    fuzz_promise((check.found && check.damages == 0) ==
                 (at < (int64_t)bytes && is_left_out(ranges, count, at)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int fd = memfd_create("sealed", 0);

    fuzz_promise(fd >= 0);
    try_lie(fd, data, size);
    fuzz_promise(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    try_honest(fd, data, size);
    close(fd);
    return 0;
}
