/* clinical - what a model gives where something was observed in people.
 *
 * The typical patient of the model is simulated, of the weight that the study states or else of 70 kg. Deviations
 * are what they are: nothing is fitted here.
 */
#ifndef KETSIM_CLINICAL_H
#define KETSIM_CLINICAL_H

#include "clinical_table.h"

/* Whether a row can be held against a model; the reasons against it in the order in which they are looked for, so
 * that a later one means a closer miss. */
enum clinical_fit {
    CLINICAL_NO_ROUTE,
    CLINICAL_NO_ANALYTE,
    CLINICAL_OTHER_DRUG,
    CLINICAL_OTHER_PEOPLE,
    CLINICAL_UNKNOWN_PEOPLE,
    CLINICAL_OTHER_DEVICE,
    CLINICAL_UNKNOWN_PEAK,
    CLINICAL_FITS,
};

/* Also tells, where it fits, which share of the dose is the model's drug (0.5: racemate into one enantiomer). */
enum clinical_fit clinical_fit(const struct clinical_row *row, const struct model *model, double *share);

/* Why not, in words; "" for CLINICAL_FITS. */
const char *clinical_fit_text(enum clinical_fit fit);

/* Simulates what the row observed, in the internal unit of its quantity; the row must fit. 0, or -1 with the reason in
 * `d`. */
int clinical_simulate(const struct clinical_row *row, const struct model *model, double *simulated,
                      struct diagnostics *d);

/* Simulated over observed; NaN where a range was observed. */
double clinical_ratio(const struct clinical_row *row, double simulated);

/* Whether the ratio says how high levels are: not so for times, clearances and fractions. */
bool clinical_is_exposure(const struct clinical_row *row);

#endif
