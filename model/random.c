#include "random.h"

#include <Random123/philox.h>
#include <gsl/gsl_cdf.h>

uint32_t random_index(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    }
    return hash;
}

double random_uniform(uint64_t seed, uint64_t patient, enum purpose purpose, uint32_t index)
{
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t counter = {{(uint32_t)patient, (uint32_t)(patient >> 32), (uint32_t)purpose, index}};
    philox4x32_ctr_t draw = philox4x32(counter, key);
    uint64_t bits = ((uint64_t)draw.v[0] << 32 | draw.v[1]) >> 12;
    return ((double)bits + 0.5) * 0x1p-52; /* exact: never 0, never 1 */
}

double random_normal(uint64_t seed, uint64_t patient, enum purpose purpose, uint32_t index)
{
    return gsl_cdf_ugaussian_Pinv(random_uniform(seed, patient, purpose, index));
}
