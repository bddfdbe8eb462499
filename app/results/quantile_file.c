/* Counts as a file: what they are of, which blocks are in them, the cells with their bins, and a checksum of it all. Numbers are as the
 * machine has them; a file from a machine of the other byte order is refused by its first number. */
#include "app/base/bytes.h"
#include "quantile_counts_inner.h"

#include <libdeflate.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "ketcnts" and a version, which changes with the form of the file. */
static const uint64_t magic = 0x6b6574636e747301;

struct header {
    uint64_t magic;
    uint64_t identity;
    int64_t blocks;
    int64_t cells;
    int64_t bits;
};

struct cell_header {
    uint32_t count;
    uint32_t zeros;
    double least;
    double most;
    uint64_t binades[VALUE_BINADES / 64]; /* a bit for each that was met */
};

/* A file that is written or read, with the checksum so far. */
struct stream {
    FILE *file;
    uint32_t sum;
    bool failed;
};

static void put(struct stream *s, const void *bytes, size_t size)
{
    s->failed = s->failed || fwrite(bytes, 1, size, s->file) != size;
    s->sum = libdeflate_crc32(s->sum, bytes, size);
}

static void get(struct stream *s, void *bytes, size_t size)
{
    s->failed = s->failed || fread(bytes, 1, size, s->file) != size;
    if (s->failed) {
        memset(bytes, 0, size);
    }
    s->sum = libdeflate_crc32(s->sum, bytes, size);
}

/* --- Writing --- */

static void put_cell(struct stream *s, const struct value_cell *cell, int bits)
{
    struct cell_header header = {
        .count = cell->count, .zeros = cell->zeros, .least = cell->least, .most = cell->most};

    for (int k = 0; k < VALUE_BINADES; k++) {
        header.binades[k / 64] |= (uint64_t)(cell->binades[k] != NULL) << (k % 64);
    }
    put(s, &header, sizeof(header));
    for (int k = 0; k < VALUE_BINADES; k++) {
        if (cell->binades[k]) {
            put(s, cell->binades[k], sizeof(uint32_t) << bits);
        }
    }
}

int quantile_counts_write(struct quantile_counts *counts, FILE *to)
{
    struct stream s = {.file = to};

    pthread_rwlock_wrlock(&counts->whole);
    const struct header header = {magic, counts->identity, counts->blocks, counts->values.cell_count,
                                  counts->values.bits};
    put(&s, &header, sizeof(header));
    put(&s, counts->done, quantile_counts_done_bytes(counts));
    for (int64_t i = 0; i < counts->values.cell_count; i++) {
        put_cell(&s, &counts->values.cells[i], counts->values.bits);
    }
    pthread_rwlock_unlock(&counts->whole);

    const uint32_t sum = s.sum;
    put(&s, &sum, sizeof(sum));
    return s.failed || fflush(to) != 0 ? (errno ? errno : EIO) : 0;
}

static int save_as(struct quantile_counts *counts, const char *path, const char *fresh)
{
    FILE *file;
    int code;

    unlink(fresh); /* what a killed run left; a link would be followed */
    file = fopen(fresh, "wbx");
    if (!file) {
        return errno;
    }
    errno = 0;
    code = quantile_counts_write(counts, file);
    if (code == 0 && fsync(fileno(file)) != 0) {
        code = errno;
    }
    if (fclose(file) != 0 && code == 0) {
        code = errno;
    }
    if (code == 0 && rename(fresh, path) != 0) {
        code = errno;
    }
    if (code == 0) {
        bytes_folder_sync(path); /* where that fails the counts are there all the same */
    } else {
        unlink(fresh);
    }
    return code;
}

int quantile_counts_save(struct quantile_counts *counts, const char *path)
{
    static const char suffix[] = ".new";
    const size_t size = strlen(path) + sizeof(suffix);
    char *fresh = malloc(size);

    if (!fresh) {
        return ENOMEM;
    }
    snprintf(fresh, size, "%s%s", path, suffix);
    const int code = save_as(counts, path, fresh);
    free(fresh);
    return code;
}

/* --- Reading --- */

static uint64_t bins_sum(const uint32_t *bins, int bits)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < (size_t)1 << bits; i++) {
        sum += bins[i];
    }
    return sum;
}

/* 0, or ENOMEM. */
static int get_cell(struct stream *s, struct value_counts *values, struct value_cell *cell)
{
    struct cell_header header;
    uint64_t counted;

    get(s, &header, sizeof(header));
    cell->count = header.count;
    cell->zeros = header.zeros;
    cell->least = header.least;
    cell->most = header.most;
    counted = header.zeros;
    for (int k = 0; k < VALUE_BINADES && !s->failed; k++) {
        if (header.binades[k / 64] >> (k % 64) & 1) {
            cell->binades[k] = malloc(sizeof(uint32_t) << values->bits);
            if (!cell->binades[k]) {
                return ENOMEM;
            }
            atomic_fetch_add(&values->binade_count, 1);
            get(s, cell->binades[k], sizeof(uint32_t) << values->bits);
            counted += bins_sum(cell->binades[k], values->bits);
        }
    }
    s->failed |= counted != cell->count; /* quantiles rely on it */
    return 0;
}

static int damaged(const char *name, struct diagnostics *d)
{
    return diagnostics_error(d, (struct place){.file = name},
                             "the counts for the quantiles are damaged; they cannot be used");
}

/* Reads into `values` and `done`, which are the caller's to clear either way. */
static int get_counts(struct stream *s, const struct quantile_counts *counts, const char *name,
                      struct value_counts *values, uint8_t *done, struct diagnostics *d)
{
    struct header header;
    uint32_t stored = 0;

    get(s, &header, sizeof(header));
    if (s->failed || header.magic != magic || header.bits < 0 || header.bits > VALUE_BITS_MAX) {
        return damaged(name, d);
    }
    if (header.identity != counts->identity || header.blocks != counts->blocks ||
        header.cells != counts->values.cell_count) {
        return diagnostics_error(d, (struct place){.file = name},
                                 "the counts for the quantiles are of another study");
    }
    if (value_counts_init(values, header.cells, (int)header.bits) != 0) {
        return diagnostics_out_of_memory(d);
    }
    get(s, done, quantile_counts_done_bytes(counts));
    for (int64_t i = 0; i < header.cells && !s->failed; i++) {
        if (get_cell(s, values, &values->cells[i]) != 0) {
            return diagnostics_out_of_memory(d);
        }
    }
    const uint32_t sum = s->sum;
    get(s, &stored, sizeof(stored));
    return s->failed || stored != sum || fgetc(s->file) != EOF ? damaged(name, d) : 0;
}

/* All or nothing: what cannot be added without memory is found before anything is. */
static int add_counts(struct quantile_counts *counts, const char *name, struct value_counts *values,
                      const uint8_t *done, struct diagnostics *d)
{
    const size_t bytes = quantile_counts_done_bytes(counts);
    bool overlap = false;

    for (size_t i = 0; i < bytes; i++) {
        overlap |= (counts->done[i] & done[i]) != 0;
    }
    if (overlap) {
        return diagnostics_error(d, (struct place){.file = name},
                                 "the counts for the quantiles have blocks that were counted already");
    }
    if (value_counts_merge(&counts->values, values) != 0) {
        return diagnostics_out_of_memory(d);
    }
    for (size_t i = 0; i < bytes; i++) {
        counts->done[i] |= done[i];
    }
    quantile_counts_fit(counts);
    return 0;
}

int quantile_counts_read(struct quantile_counts *counts, FILE *from, const char *name, struct diagnostics *d)
{
    struct stream s = {.file = from};
    struct value_counts values = {0};
    uint8_t *done = calloc(quantile_counts_done_bytes(counts), 1);
    int ret = done ? get_counts(&s, counts, name, &values, done, d) : diagnostics_out_of_memory(d);

    if (ret == 0) {
        pthread_rwlock_wrlock(&counts->whole);
        ret = add_counts(counts, name, &values, done, d);
        pthread_rwlock_unlock(&counts->whole);
    }
    value_counts_clear(&values);
    free(done);
    return ret;
}

int quantile_counts_load(struct quantile_counts *counts, const char *path, struct diagnostics *d)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        return diagnostics_error(d, (struct place){.file = path}, "cannot be read: %s", strerror(errno));
    }
    const int ret = quantile_counts_read(counts, file, path, d);
    fclose(file);
    return ret;
}
