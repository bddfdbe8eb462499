#include "checksum.h"

#include "bytes.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Read at a time: what fits in the first cache. */
enum { PIECE = 16 << 10 };

_Static_assert(sizeof(XXH3_state_t) <= sizeof(struct checksum), "room for the state");
_Static_assert(_Alignof(XXH3_state_t) <= _Alignof(struct checksum), "and aligned");

static uint64_t some(uint64_t sum)
{
    return sum == CHECKSUM_NONE ? 1 : sum;
}

void checksum_begin(struct checksum *checksum)
{
    XXH3_64bits_reset((XXH3_state_t *)checksum->state);
}

void checksum_add(struct checksum *checksum, const void *bytes, size_t size)
{
    XXH3_64bits_update((XXH3_state_t *)checksum->state, bytes, size);
}

uint64_t checksum_end(const struct checksum *checksum)
{
    return some(XXH3_64bits_digest((const XXH3_state_t *)checksum->state));
}

uint64_t checksum_of(const void *bytes, size_t size)
{
    return some(XXH3_64bits(bytes, size));
}

int checksum_of_file(int fd, int64_t offset, int64_t size, uint64_t *sum)
{
    struct checksum checksum;
    char bytes[PIECE];
    int code = 0;

    if (size <= PIECE) {
        code = bytes_read(fd, bytes, (size_t)size, offset);
        *sum = checksum_of(bytes, (size_t)size);
        return code;
    }
    checksum_begin(&checksum);
    for (int64_t done = 0; done < size && code == 0; done += PIECE) {
        const int64_t part = size - done < PIECE ? size - done : PIECE;
        code = bytes_read(fd, bytes, (size_t)part, offset + done);
        if (code == 0) {
            checksum_add(&checksum, bytes, (size_t)part);
        }
    }
    *sum = checksum_end(&checksum);
    return code;
}
