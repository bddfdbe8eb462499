/* dosing - from a regimen to what enters which compartment when.
 *
 * A pulse is the smallest piece of a regimen: an amount that enters one compartment, at once or at a constant rate. One
 * nasal dose of 84 mg is three devices of two pulses each: the part that the mucosa takes up, and the part that is
 * swallowed.
 */
#ifndef KETSIM_DOSING_H
#define KETSIM_DOSING_H

#include "model/individual.h"
#include "model/study.h"

struct pulse {
    double start; /* h */
    double end;   /* h; equal to start: all at once */
    int compartment;
    double amount; /* mg that enters, bioavailability included */
};

/* How many pulses a patient of the arm gets: the same for each. */
int dosing_pulse_count(const struct model *model, const struct arm *arm);

/* The occasions of an arm: its doses by time, those at the same time together. Returns how many, and writes where each starts
 * (h) unless `starts` is NULL. */
int dosing_occasions(const struct arm *arm, double *starts);

/* A dose as exposure metrics see it. */
struct given_dose {
    double start;  /* h */
    double end;    /* h: of an infusion, or when the last device is given; equal to start: all at once */
    double over;   /* h, of an infusion; else 0 */
    double amount; /* mg of the model's drug */
    int route;     /* of the model */
    bool intravenous;
    int bolus_into; /* the compartment that takes it at once; -1: none does */
};

/* Lists the doses of an arm as a patient of `weight` (kg) gets them, arm->dose_count of them, by time. */
void dosing_given(const struct model *model, const struct arm *arm, double weight, struct given_dose *given);

enum { ALL_OCCASIONS = -1 };

/* Writes the pulses of one patient on one occasion, or on all, in the order of the doses, their devices and inputs. `evaluator`
 * has just computed the patient (on that occasion); `weight` in kg. The number of pulses, or -1 with the reason. */
int dosing_pulses(struct evaluator *evaluator, const struct model *model, const struct arm *arm, int occasion,
                  double weight, struct pulse *pulses, struct individual_error *why);

#endif
