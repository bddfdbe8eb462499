/* kernel - marks the loops over lanes that are worth compiling for wider vector units.
 *
 * The program is built for any machine of its kind; of a LANE_KERNEL the compiler makes a second version for AVX2, and the
 * loader takes the one that the machine can run. Both give the same bytes: no operation is contracted or reassociated.
 * Sanitizers cannot run before the program does, as the choice must, so that they see the plain version.
 */
#ifndef KETSIM_KERNEL_H
#define KETSIM_KERNEL_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__) && defined(__OPTIMIZE__)
#define LANE_KERNEL __attribute__((target_clones("avx2", "default")))
#else
#define LANE_KERNEL
#endif

/* Four numbers that are computed side by side, wherever they lie. Each is rounded by itself, as a plain loop would do it. */
typedef double four __attribute__((vector_size(32), aligned(8), may_alias));

#endif
