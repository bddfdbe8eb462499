#include "random.h"

#include <Random123/philox.h>
#include <gsl/gsl_cdf.h>

#include <string.h>

uint32_t random_index(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    }
    return hash;
}

/* One block of the generator: what a counter gives under a key. */
static uint64_t block(uint64_t key, uint64_t low, uint32_t purpose, uint32_t index)
{
    philox4x32_key_t words = {{(uint32_t)key, (uint32_t)(key >> 32)}};
    philox4x32_ctr_t counter = {{(uint32_t)low, (uint32_t)(low >> 32), purpose, index}};
    philox4x32_ctr_t draw = philox4x32(counter, words);
    return (uint64_t)draw.v[0] << 32 | draw.v[1];
}

/* FNV-1a of 64 bits, of the text and the '\0' after it, so that "a", "bc" and "ab", "c" are not the same. */
static uint64_t hash_on(uint64_t hash, const char *text)
{
    const char *end = text + strlen(text) + 1;
    for (; text < end; text++) {
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    }
    return hash;
}

uint64_t random_seed(uint64_t seed, enum purpose purpose, const char *name, const char *within)
{
    return block(seed, hash_on(hash_on(14695981039346656037u, name), within), (uint32_t)purpose, 0);
}

double random_uniform(uint64_t seed, uint64_t patient, enum purpose purpose, uint32_t index)
{
    uint64_t bits = block(seed, patient, (uint32_t)purpose, index) >> 12;
    return ((double)bits + 0.5) * 0x1p-52; /* exact: never 0, never 1 */
}

double random_normal(uint64_t seed, uint64_t patient, enum purpose purpose, uint32_t index)
{
    return gsl_cdf_ugaussian_Pinv(random_uniform(seed, patient, purpose, index));
}
