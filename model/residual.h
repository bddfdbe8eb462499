/* residual - what an assay would report of a level: the residual error that a model's source states.
 *
 * An observation is level * (1 + eps1) + eps2, or level * exp(eps), each eps normal with mean 0. It is kept as drawn:
 * an additive error makes some observations of low levels negative, and cutting them off would bias the rest.
 */
#ifndef KETSIM_RESIDUAL_H
#define KETSIM_RESIDUAL_H

#include <stdbool.h>
#include <stdint.h>

/* Standard deviations, 0 where the source states none of the kind; `lognormal` excludes the others. */
struct residual {
    double proportional; /* of eps1 */
    double additive;     /* of eps2, ng/mL */
    double lognormal;    /* of eps */
};

/* Whether there is a residual error at all. */
bool residual_is_stated(const struct residual *residual);

/* The seed of an analyte's errors in an arm: other arms and analytes have others. */
uint64_t residual_seed(uint64_t seed, const char *analyte, const char *arm);

/* Observes `count` levels of a patient (numbered from 0), ng/mL; the errors depend on residual_seed, the patient and
 * the position in the list, and on nothing else. */
void residual_observe(const struct residual *residual, uint64_t residual_seed, uint64_t patient,
                      const double *levels, int count, double *observed);

#endif
