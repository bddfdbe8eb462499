/* Behind the last byte of the file, all numbers little-endian, 64 bits each:
 *   the number of ranges left out, offset and bytes of each
 *   the bytes of a piece; the number of pieces; XXH3 of each piece of what is covered, in the order of the file
 *   bytes of the file; bytes of the seal; XXH3 of the seal up to here; the eight characters of the magic word
 * so that it is found from the end. */
#include "seal.h"

#include "app/base/bytes.h"
#include "app/base/checksum.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char magic[8] = {'K', 'E', 'T', 'S', 'E', 'A', 'L', '1'};

/* Words besides ranges and checksums, and behind the last of those; and how fine a seal tells where damage is: as fine as a page of memory, and coarser in large files. */
enum { HEAD_WORDS = 3, TAIL_WORDS = 4, PIECE_LEAST = 4096, PIECES_MAX = 1 << 16, RANGES_MAX = 1 << 20 };

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are written as they are in memory");

/* --- What is covered --- */

struct cover {
    const struct seal_range *left_out; /* sorted */
    int count;
    int64_t end; /* of the file */
};

/* The piece that begins at `from` or follows it, of at most `most` bytes, all of them together in the file; empty at the end. `*next` is
 * the range left out that has not been passed yet. */
static struct seal_range cover_next(const struct cover *cover, int *next, int64_t from, int64_t most)
{
    while (*next < cover->count && from >= cover->left_out[*next].offset) {
        const int64_t behind = cover->left_out[*next].offset + cover->left_out[*next].bytes;
        from = behind > from ? behind : from;
        (*next)++;
    }
    const int64_t end = *next < cover->count ? cover->left_out[*next].offset : cover->end;
    return (struct seal_range){from, end - from < most ? end - from : most};
}

static int64_t cover_bytes(const struct cover *cover)
{
    int64_t bytes = cover->end;

    for (int i = 0; i < cover->count; i++) {
        bytes -= cover->left_out[i].bytes;
    }
    return bytes;
}

static int range_order(const void *a, const void *b)
{
    const struct seal_range *x = a;
    const struct seal_range *y = b;

    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Whether sorted ranges follow each other within the file. */
static bool cover_is_sound(const struct cover *cover)
{
    int64_t end = 0;

    for (int i = 0; i < cover->count; i++) {
        const struct seal_range *range = &cover->left_out[i];
        if (range->offset < end || range->bytes < 0 || range->bytes > cover->end ||
            range->offset > cover->end - range->bytes) {
            return false;
        }
        end = range->offset + range->bytes;
    }
    return true;
}

static int64_t piece_bytes(int64_t covered)
{
    int64_t bytes = PIECE_LEAST;

    while (covered / bytes >= PIECES_MAX) {
        bytes *= 2;
    }
    return bytes;
}

/* Calls `take` with each piece; stops with what it returns when that is not 0. */
static int cover_visit(const struct cover *cover, int64_t most,
                       int (*take)(void *payload, int64_t number, struct seal_range piece), void *payload)
{
    int next = 0;
    int code = 0;
    struct seal_range piece = cover_next(cover, &next, 0, most);

    for (int64_t i = 0; piece.bytes > 0 && code == 0; i++) {
        code = take(payload, i, piece);
        piece = cover_next(cover, &next, piece.offset + piece.bytes, most);
    }
    return code;
}

/* At most so many pieces. */
static int64_t pieces_most(const struct cover *cover, int64_t most)
{
    return cover_bytes(cover) / most + cover->count + 1;
}

/* --- Writing --- */

struct writing {
    int fd;
    uint64_t *sums;
    int64_t pieces;
};

static int piece_sum(void *payload, int64_t number, struct seal_range piece)
{
    struct writing *writing = payload;

    writing->pieces = number + 1;
    return checksum_of_file(writing->fd, piece.offset, piece.bytes, &writing->sums[number]);
}

int seal_write(int fd, struct seal_range *left_out, int count)
{
    struct stat status;
    struct cover cover = {left_out, count, 0};
    uint64_t *words;
    int code;

    if (fstat(fd, &status) != 0) {
        return errno;
    }
    if (count > 0) {
        qsort(left_out, (size_t)count, sizeof(*left_out), range_order);
    }
    cover.end = status.st_size;
    if (!cover_is_sound(&cover) || count > RANGES_MAX) {
        return EINVAL;
    }
    const int64_t most = piece_bytes(cover_bytes(&cover));
    words =
        malloc((size_t)(HEAD_WORDS + 2 * count + pieces_most(&cover, most) + TAIL_WORDS) * sizeof(*words));
    if (!words) {
        return ENOMEM;
    }
    uint64_t *at = words;
    *at++ = (uint64_t)count;
    for (int i = 0; i < count; i++) {
        *at++ = (uint64_t)left_out[i].offset;
        *at++ = (uint64_t)left_out[i].bytes;
    }
    struct writing writing = {.fd = fd, .sums = at + 2};
    code = cover_visit(&cover, most, piece_sum, &writing);
    *at++ = (uint64_t)most;
    *at++ = (uint64_t)writing.pieces;
    at += writing.pieces;
    const size_t size = (size_t)(at - words + TAIL_WORDS) * sizeof(*words);
    *at++ = (uint64_t)cover.end;
    *at++ = size;
    *at = checksum_of(words, (size_t)(at - words) * sizeof(*words));
    memcpy(at + 1, magic, sizeof(magic));
    if (code == 0) {
        code = bytes_write(fd, words, size, cover.end);
    }
    free(words);
    return code;
}

/* --- Reading --- */

/* The words of the seal, malloc'ed; NULL where there is none that is whole, or with `*code`. */
static uint64_t *seal_load(int fd, int64_t size, int64_t *count, int *code)
{
    uint64_t tail[TAIL_WORDS];
    const int64_t word = sizeof(*tail);
    uint64_t *words = NULL;

    if (size < (int64_t)sizeof(tail)) {
        return NULL;
    }
    *code = bytes_read(fd, tail, sizeof(tail), size - (int64_t)sizeof(tail));
    if (*code != 0 || memcmp(&tail[3], magic, sizeof(magic)) != 0 || tail[1] > (uint64_t)size ||
        tail[1] % sizeof(*tail) != 0 || tail[0] != (uint64_t)size - tail[1] ||
        tail[1] / sizeof(*tail) < HEAD_WORDS + TAIL_WORDS ||
        tail[1] / sizeof(*tail) > HEAD_WORDS + TAIL_WORDS + PIECES_MAX + 3 * (uint64_t)RANGES_MAX) {
        return NULL;
    }
    *count = (int64_t)tail[1] / word;
    words = malloc((size_t)tail[1]);
    *code = words ? bytes_read(fd, words, (size_t)tail[1], (int64_t)tail[0]) : ENOMEM;
    if (*code == 0 &&
        checksum_of(words, (size_t)(*count - 2) * sizeof(*words)) == (uint64_t)words[*count - 2]) {
        return words;
    }
    free(words);
    return NULL;
}

struct checking {
    int fd;
    const uint64_t *sums;
    int64_t pieces;
    struct seal_check *check;
};

/* -1: there are more pieces than the seal has checksums of. */
static int piece_check(void *payload, int64_t number, struct seal_range piece)
{
    const struct checking *checking = payload;
    struct seal_check *check = checking->check;
    uint64_t sum;
    int code;

    if (number >= checking->pieces) {
        return -1;
    }
    code = checksum_of_file(checking->fd, piece.offset, piece.bytes, &sum);
    if (code == 0 && sum != checking->sums[number]) {
        if (check->damages < SEAL_DAMAGES_MAX) {
            check->damaged[check->damages] = piece;
        }
        check->damages++;
    }
    return code;
}

int seal_read(int fd, struct seal_check *check)
{
    struct stat status;
    int64_t total = 0;
    int code = 0;

    *check = (struct seal_check){0};
    if (fstat(fd, &status) != 0) {
        return errno;
    }
    uint64_t *words = seal_load(fd, status.st_size, &total, &code);
    if (!words) {
        return code;
    }
    const uint64_t room = (uint64_t)total - HEAD_WORDS - TAIL_WORDS;
    const uint64_t count = words[0];
    if (count <= room / 2) {
        const struct cover cover = {(const struct seal_range *)(words + 1), (int)count,
                                    (int64_t)words[total - TAIL_WORDS]};
        const uint64_t *head = words + 1 + 2 * count;
        struct checking checking = {fd, head + 2, (int64_t)head[1], check};
        if (head[1] == room - 2 * count && cover_is_sound(&cover) &&
            head[0] == (uint64_t)piece_bytes(cover_bytes(&cover))) {
            check->found = true;
            check->sealed = cover.end;
            check->covered = cover_bytes(&cover);
            code = cover_visit(&cover, (int64_t)head[0], piece_check, &checking);
        }
    }
    if (code == -1) {
        *check = (struct seal_check){0};
        code = 0;
    }
    free(words);
    return code;
}
