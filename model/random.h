/* random - numbers that depend on what they are for and on nothing else.
 *
 * value = f(seed, patient, purpose, index), by the counter-based generator Philox4x32-10 (Salmon et al., SC'11).
 * No state: adding an arm, an output, a covariate or a patient changes nobody else's draws, and neither does the
 * number of threads. The only door to Random123.
 */
#ifndef KETSIM_RANDOM_H
#define KETSIM_RANDOM_H

#include <stdint.h>

enum purpose {
    PURPOSE_COVARIATE = 1,         /* index: the covariate's name */
    PURPOSE_BETWEEN_SUBJECT = 2,   /* index: the parameter's name */
    PURPOSE_OCCASION = 5,          /* index: the occasion's number; seed: of the parameter */
    PURPOSE_ROW = 6,               /* of a table of patients; index: 0 */
    PURPOSE_RESIDUAL = 3,          /* index: the observation's position; seed: of the analyte in the arm */
    PURPOSE_RESIDUAL_ADDITIVE = 4, /* the same, of the additive part */
    PURPOSE_BOOTSTRAP = 7,         /* index: the replicate; patient: the position in it */
    PURPOSE_ESTIMATE = 8,          /* patient: the replicate; index: 0; seed: of the parameter in its model */
    PURPOSE_ESTIMATE_VARIABILITY = 9, /* the same, of the standard deviation of its random effect */
    PURPOSE_DESIGN = 20,              /* patient: the point of a sweep; seed: of the axis */
    PURPOSE_CERTIFICATE = 30,         /* patient: the group of simulations; index: 0 */
};

/* The index that stands for a name: its FNV-1a hash, so that a draw depends on what a thing is called and not on
 * where in a list it stands. */
uint32_t random_index(const char *name);

/* A seed of its own for what bears a name within something else (an analyte in an arm), for draws that need their index
 * for other things. Of 64 bits, so that even a million names share none. */
uint64_t random_seed(uint64_t seed, enum purpose purpose, const char *name, const char *within);

/* Uniform in the open interval (0, 1), on a grid of 2^-52. */
double random_uniform(uint64_t seed, uint64_t patient, enum purpose purpose, uint32_t index);

/* Standard normal, by inversion of random_uniform. */
double random_normal(uint64_t seed, uint64_t patient, enum purpose purpose, uint32_t index);

#endif
