/* kernel - marks the loops over lanes that are worth compiling for wider vector units.
 *
 * The program is built for any machine of its kind; of a LANE_KERNEL the compiler makes a second version for AVX2, and the
 * loader takes the one that the machine can run. Both give the same bytes: no operation is contracted or reassociated.
 * Sanitizers cannot run before the program does, as the choice must, so that they see the plain version. KETSIM_PLAIN_KERNELS
 * leaves the second version out, for a test that compares the bytes.
 */
#ifndef KETSIM_KERNEL_H
#define KETSIM_KERNEL_H

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__) && defined(__OPTIMIZE__) && !defined(KETSIM_PLAIN_KERNELS)
#define LANE_KERNEL __attribute__((target_clones("avx2", "default")))
#else
#define LANE_KERNEL
#endif

/* Four numbers that are computed side by side, wherever they lie. Each is rounded by itself, as a plain loop would do it. Unlike
 * loops over single numbers, loops over them need no check first whether the rows overlap and whether their length is a
 * multiple of four, which for the few lanes of a batch takes as long as the sums. */
typedef double four __attribute__((vector_size(32), aligned(8), may_alias));
typedef long long four_mask __attribute__((vector_size(32))); /* what comparing two of them gives */

enum { FOUR = 4 };

static inline four *fours(double *numbers)
{
    return (four *)numbers;
}

static inline const four *const_fours(const double *numbers)
{
    return (const four *)numbers;
}

/* `count` zeros that begin where a line of the cache does, or NULL; to be freed with free. A four that crosses into the next line
 * takes twice as long. */
static inline double *fours_create(size_t count)
{
    size_t bytes = (count * sizeof(double) + 63) / 64 * 64 + 64;
    double *numbers = aligned_alloc(64, bytes);
    if (numbers) {
        memset(numbers, 0, bytes);
    }
    return numbers;
}

/* How many lanes there must be room for, so that they are whole fours. */
static inline int padded(int lanes)
{
    return (lanes + FOUR - 1) / FOUR * FOUR;
}

#endif
