#include "hdf_pack.h"

#include "app/base/bytes.h"
#include "hdf_inner.h"

#include "solver/parallel.h"

#include <libdeflate.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A chunk holds about so many values: 256 KiB of doubles, within the cache that HDF5 gives a reader. Higher
 * levels than the first make levels of drugs smaller by 1 % and take up to twice as long. */
enum { CHUNK_VALUES = 32768, PACKED_BYTES_MIN = 16 << 10, WAVE = 64, LEVEL = 1, THREADS_MAX = 256 };

/* A variable on its way. */
struct packing {
    const char *name;
    hid_t from, to;
    int fd; /* of the file it comes from */
    int64_t offset;
    int rank;
    hsize_t sizes[HDF_RANK_MAX];
    hsize_t chunk[HDF_RANK_MAX];
    int64_t counts[HDF_RANK_MAX]; /* chunks along each dimension */
    int64_t chunks;
    size_t value; /* bytes */
    size_t chunk_bytes;
    int64_t first; /* chunk of the wave */
    struct packer *packers;
    unsigned char *packed[WAVE];
    size_t packed_bytes[WAVE];
};

/* What a thread works with. */
struct packer {
    struct libdeflate_compressor *compressor;
    unsigned char *plain;
    unsigned char *shuffled;
};

/* --- Chunks --- */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Whole rows of the last dimensions, then as many of the dimension before as make a chunk: what a chunk holds lies together in a
 * contiguous variable. */
static void cut_chunks(struct packing *p)
{
    int64_t values = 1;

    p->chunks = 1;
    for (int i = p->rank - 1; i >= 0; i--) {
        const int64_t size = (int64_t)p->sizes[i];
        const int64_t room = CHUNK_VALUES / values;
        const int64_t length = smaller(size, room < 1 ? 1 : room);
        p->chunk[i] = (hsize_t)length;
        p->counts[i] = (size + length - 1) / length;
        p->chunks *= p->counts[i];
        /* what is cut is not to be cut again in the dimensions before */
        values = length == size ? values * length : CHUNK_VALUES;
    }
    p->chunk_bytes = p->value;
    for (int i = 0; i < p->rank; i++) {
        p->chunk_bytes *= p->chunk[i];
    }
}

/* Where a chunk begins, in values along each dimension; and how many values of the variable it holds. */
static int64_t chunk_place(const struct packing *p, int64_t chunk, hsize_t *start)
{
    int64_t values = 1;

    for (int i = p->rank - 1; i >= 0; i--) {
        start[i] = (hsize_t)(chunk % p->counts[i]) * p->chunk[i];
        values *= smaller((int64_t)p->chunk[i], (int64_t)(p->sizes[i] - start[i]));
        chunk /= p->counts[i];
    }
    return values;
}

/* HDF5's shuffle filter: first the first bytes of all values, then the second ones, and so on. */
static void shuffle(const unsigned char *from, unsigned char *to, size_t bytes, size_t value)
{
    const size_t count = bytes / value;

    for (size_t k = 0; k < value; k++) {
        for (size_t i = 0; i < count; i++) {
            to[k * count + i] = from[i * value + k];
        }
    }
}

static int chunk_pack(void *payload, int thread, int64_t job)
{
    struct packing *p = payload;
    struct packer *packer = &p->packers[thread];
    hsize_t start[HDF_RANK_MAX];
    const size_t bytes = (size_t)chunk_place(p, p->first + job, start) * p->value;
    int64_t before = 0;

    for (int i = 0; i < p->rank; i++) {
        before = before * (int64_t)p->sizes[i] + (int64_t)start[i];
    }
    const int code = bytes_read(p->fd, packer->plain, bytes, p->offset + before * (int64_t)p->value);
    if (code != 0) {
        return code;
    }
    memset(packer->plain + bytes, 0, p->chunk_bytes - bytes);
    shuffle(packer->plain, packer->shuffled, p->chunk_bytes, p->value);
    p->packed_bytes[job] =
        libdeflate_zlib_compress(packer->compressor, packer->shuffled, p->chunk_bytes, p->packed[job],
                                 libdeflate_zlib_compress_bound(packer->compressor, p->chunk_bytes));
    return p->packed_bytes[job] > 0 ? 0 : EIO;
}

/* 0; the errno; or -1: HDF5 has noted it. */
static int waves_run(struct packing *p, int threads)
{
    int code = 0;

    for (p->first = 0; p->first < p->chunks && code == 0; p->first += WAVE) {
        const int64_t count = smaller(WAVE, p->chunks - p->first);
        code = parallel_run(threads, count, chunk_pack, p);
        for (int64_t i = 0; i < count && code == 0; i++) {
            hsize_t start[HDF_RANK_MAX];
            chunk_place(p, p->first + i, start);
            if (H5Dwrite_chunk(p->to, H5P_DEFAULT, 0, start, p->packed_bytes[i], p->packed[i]) < 0) {
                code = -1;
            }
        }
    }
    return code;
}

static int numbers_pack(struct packing *p, int threads)
{
    struct packer packers[THREADS_MAX] = {0};
    int code = 0;

    threads = (int)smaller(smaller(threads < 1 ? 1 : threads, THREADS_MAX), p->chunks);
    p->packers = packers;
    for (int i = 0; i < threads && code == 0; i++) {
        packers[i].compressor = libdeflate_alloc_compressor(LEVEL);
        packers[i].plain = malloc(p->chunk_bytes);
        packers[i].shuffled = malloc(p->chunk_bytes);
        code = packers[i].compressor && packers[i].plain && packers[i].shuffled ? 0 : ENOMEM;
    }
    for (int i = 0; i < smaller(WAVE, p->chunks) && code == 0; i++) {
        p->packed[i] = malloc(libdeflate_zlib_compress_bound(packers[0].compressor, p->chunk_bytes));
        code = p->packed[i] ? 0 : ENOMEM;
    }
    if (code == 0) {
        code = waves_run(p, threads);
    }
    for (int i = 0; i < WAVE; i++) {
        free(p->packed[i]);
    }
    for (int i = 0; i < threads; i++) {
        if (packers[i].compressor) {
            libdeflate_free_compressor(packers[i].compressor);
        }
        free(packers[i].plain);
        free(packers[i].shuffled);
    }
    return code;
}

/* --- Attributes --- */

/* What dimension scales keep for themselves is made anew with them. */
static bool is_of_scales(const char *name)
{
    static const char *const names[] = {"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST"};
    bool is = false;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        is |= strcmp(name, names[i]) == 0;
    }
    return is;
}

static herr_t attribute_copy(hid_t from, const char *name, const H5A_info_t *info, void *payload)
{
    const hid_t to = *(const hid_t *)payload;
    herr_t ret = -1;

    (void)info;
    if (is_of_scales(name)) {
        return 0;
    }
    hid_t attribute = H5Aopen(from, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    hid_t space = H5Aget_space(attribute);
    const hssize_t points = H5Sget_simple_extent_npoints(space);
    char *values = points > 0 ? calloc((size_t)points, H5Tget_size(type)) : NULL;
    hid_t copy = H5Acreate2(to, name, type, space, H5P_DEFAULT, H5P_DEFAULT);

    if (values && H5Aread(attribute, type, values) >= 0 && H5Awrite(copy, type, values) >= 0) {
        ret = 0;
    }
    if (values && H5Tis_variable_str(type) > 0) {
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
    }
    H5Aclose(copy);
    free(values);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return ret;
}

/* --- Variables --- */

struct pack {
    struct hdf *from, *to;
    int fd; /* of `from` */
    int threads;
    struct diagnostics *d;
};

static int attributes_copy(const struct pack *pack, hid_t from, hid_t to)
{
    if (H5Aiterate2(from, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, attribute_copy, &to) < 0) {
        hdf_note(pack->to);
        return -1;
    }
    return 0;
}

/* The scale of a dimension, by its name. */
static herr_t scale_name(hid_t variable, unsigned dimension, hid_t scale, void *payload)
{
    (void)variable;
    (void)dimension;
    return H5Iget_name(scale, payload, HDF_NAME_MAX) > 0 ? 1 : -1;
}

static int scales_copy(const struct pack *pack, const struct packing *p)
{
    if (H5DSis_scale(p->from) > 0) {
        return H5DSset_scale(p->to, p->name) < 0 ? -1 : 0;
    }
    for (int i = 0; i < p->rank; i++) {
        char name[HDF_NAME_MAX];
        if (H5DSiterate_scales(p->from, (unsigned)i, NULL, scale_name, name) <= 0) {
            return -1;
        }
        hid_t scale = H5Dopen2(pack->to->id, name, H5P_DEFAULT);
        const herr_t attached = H5DSattach_scale(p->to, scale, (unsigned)i);
        H5Dclose(scale);
        if (attached < 0) {
            return -1;
        }
    }
    return 0;
}

/* As hdf_add_variable makes it, but for the chunks. */
static hid_t variable_make(const struct pack *pack, const struct packing *p, hid_t type, bool chunked)
{
    hid_t space = H5Screate_simple(p->rank, p->sizes, NULL);
    hid_t creation = hdf_creation_create(H5Tget_class(type) == H5T_STRING);
    hid_t variable = H5I_INVALID_HID;

    if (!chunked ||
        (H5Pset_layout(creation, H5D_CHUNKED) >= 0 && H5Pset_alloc_time(creation, H5D_ALLOC_TIME_INCR) >= 0 &&
         H5Pset_chunk(creation, p->rank, p->chunk) >= 0 && H5Pset_shuffle(creation) >= 0 &&
         H5Pset_deflate(creation, LEVEL) >= 0)) {
        variable = H5Dcreate2(pack->to->id, p->name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    }
    H5Pclose(creation);
    H5Sclose(space);
    return variable;
}

/* All of a small variable of numbers. */
static int numbers_copy(const struct packing *p, hid_t type, size_t bytes)
{
    void *values = malloc(bytes);
    int code = values ? 0 : ENOMEM;

    if (code == 0 && (H5Dread(p->from, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0 ||
                      H5Dwrite(p->to, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)) {
        code = -1;
    }
    free(values);
    return code;
}

static int texts_copy(const struct pack *pack, const char *name)
{
    char **texts = NULL;
    int64_t count = 0;
    int ret = hdf_read_texts(pack->from, name, &texts, &count, pack->d);

    if (ret == 0) {
        ret = hdf_write_texts(pack->to, name, (const char *const *)texts, pack->d);
    }
    hdf_texts_free(texts, count);
    return ret;
}

static int pack_failed(const struct pack *pack, const char *name, int code)
{
    return code < 0 ? hdf_error(pack->to, "cannot compress", name, pack->d)
                    : diagnostics_error(pack->d, (struct place){.file = pack->to->path},
                                        "cannot compress \"%s\": %s", name, strerror(code));
}

/* Takes over `p->from` and `type`. */
static int variable_pack(const struct pack *pack, struct packing *p, hid_t type)
{
    const haddr_t address = H5Dget_offset(p->from);
    const bool is_text = H5Tget_class(type) == H5T_STRING;
    size_t bytes = p->value;
    int code = -1;

    for (int i = 0; i < p->rank; i++) {
        bytes *= p->sizes[i];
    }
    const bool chunked = !is_text && bytes >= PACKED_BYTES_MIN && address != HADDR_UNDEF;
    p->offset = chunked ? (int64_t)address : 0;
    cut_chunks(p);
    p->to = variable_make(pack, p, type, chunked);
    if (p->to >= 0 && scales_copy(pack, p) == 0 && attributes_copy(pack, p->from, p->to) == 0) {
        code = is_text ? 0 : chunked ? numbers_pack(p, pack->threads) : numbers_copy(p, type, bytes);
    }
    H5Dclose(p->to);
    H5Dclose(p->from);
    H5Tclose(type);
    if (code != 0) {
        return pack_failed(pack, p->name, code);
    }
    return is_text ? texts_copy(pack, p->name) : 0;
}

static int variable_visit(void *payload, const char *name)
{
    const struct pack *pack = payload;
    struct packing p = {.name = name, .fd = pack->fd};

    hdf_enter(pack->to);
    p.from = H5Dopen2(pack->from->id, name, H5P_DEFAULT);
    hid_t type = H5Dget_type(p.from);
    hid_t space = H5Dget_space(p.from);
    p.rank = H5Sget_simple_extent_ndims(space);
    p.value = H5Tget_size(type);
    if (p.rank < 1 || p.rank > HDF_RANK_MAX || H5Sget_simple_extent_dims(space, p.sizes, NULL) < 0) {
        H5Sclose(space);
        H5Tclose(type);
        H5Dclose(p.from);
        return pack_failed(pack, name, -1);
    }
    H5Sclose(space);
    return variable_pack(pack, &p, type);
}

static int file_pack(struct pack *pack)
{
    int code;

    hdf_enter(pack->to);
    hid_t from = H5Gopen2(pack->from->id, "/", H5P_DEFAULT);
    hid_t to = H5Gopen2(pack->to->id, "/", H5P_DEFAULT);
    code = attributes_copy(pack, from, to);
    H5Gclose(from);
    H5Gclose(to);
    return code != 0 ? pack_failed(pack, "/", code) : hdf_visit(pack->from, variable_visit, pack, pack->d);
}

int hdf_pack(const char *from, const char *to, int threads, struct diagnostics *d)
{
    struct pack pack = {.from = hdf_open(from, false, d), .fd = -1, .threads = threads, .d = d};
    int ret = -1;

    if (pack.from) {
        pack.fd = open(from, O_RDONLY | O_CLOEXEC);
        pack.to = hdf_create(to, d);
    }
    if (pack.from && pack.fd < 0) {
        diagnostics_error(d, (struct place){.file = from}, "cannot be read: %s", strerror(errno));
    } else if (pack.to) {
        ret = file_pack(&pack);
    }
    if (pack.fd >= 0) {
        close(pack.fd);
    }
    ret = hdf_close(pack.to, d) == 0 ? ret : -1;
    return hdf_close(pack.from, d) == 0 ? ret : -1;
}
