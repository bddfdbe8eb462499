/* checksum - whether bytes are what they were: XXH3 of 64 bits, which finds damage, and is no seal against forgers.
 *
 * The only door to xxHash. The sums do not depend on the machine.
 */
#ifndef KETSIM_CHECKSUM_H
#define KETSIM_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* A checksum is never this, so that a place that was never written holds none. */
enum { CHECKSUM_NONE = 0 };

/* Of bytes that come piece by piece. */
struct checksum {
    _Alignas(64) unsigned char state[576];
};

void checksum_begin(struct checksum *checksum);
void checksum_add(struct checksum *checksum, const void *bytes, size_t size);
uint64_t checksum_end(const struct checksum *checksum);

uint64_t checksum_of(const void *bytes, size_t size);

/* Of `size` bytes of a file from `offset` on; any thread. 0, or the errno. */
int checksum_of_file(int fd, int64_t offset, int64_t size, uint64_t *sum);

#endif
