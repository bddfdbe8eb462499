/* study_outline - what a resolved study says of its arms, without reading its models: for those who only have the
 * result, whose models may be files that are no longer there.
 */
#ifndef KETSIM_STUDY_OUTLINE_H
#define KETSIM_STUDY_OUTLINE_H

#include "model/document.h"

#include <stdint.h>

struct outline_dose {
    double time;             /* h */
    bool nasal;              /* by the route intranasal */
    const struct node *item; /* of the regimen */
};

struct outline_arm {
    const char *name;           /* belongs to the document; NULL in a damaged one */
    const char *note;           /* what it is, in words; NULL without */
    const char *baseline;       /* name of the arm that it is compared with; NULL without */
    const struct node *regimen; /* as resolved */
    struct outline_dose *doses; /* by time; owned */
    int dose_count;
};

struct outline {
    struct document document;
    struct outline_arm
        *arms; /* as written: before models and sweep; none where an event table gives the doses */
    int arm_count;
    bool has_start;     /* the study says when it starts: */
    int64_t start;      /* s, as calendar.h counts */
    double *thresholds; /* ng/mL, of exposure.time_above; owned */
    int threshold_count;
};

/* Reads the resolved study that the file `name` holds. 0, or -1 with the reason in `d`; then there is nothing to clear,
 * and clearing is still allowed. */
int outline_read(struct outline *outline, const char *name, const char *resolved, struct diagnostics *d);
void outline_clear(struct outline *outline);

/* When the first and the last dose is, h, that one arm gives and the other does not, or differently. false where they give the
 * same. */
bool outline_differ(const struct outline_arm *a, const struct outline_arm *b, double *first, double *last);

/* Which session of an arm, from 1, is the first that its baseline does not have, or differently; 0 where more than one is so, or they
 * have not as many. */
int outline_session(const struct outline_arm *baseline, const struct outline_arm *arm);

/* The arm of a name; NULL without. */
const struct outline_arm *outline_arm(const struct outline *outline, const char *name);

#endif
