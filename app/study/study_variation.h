/* study_variation - a variation of an arm while it is carried out on a copy of it; for app/study/study_variation*.c only. */
#ifndef KETSIM_STUDY_VARIATION_H
#define KETSIM_STUDY_VARIATION_H

#include "study_reader.h"

#include <stdio.h>

struct variation {
    const struct node *node;
    const struct node *session, *shift, *at, *missed, *dose, *over, *stops_after, *skip_devices, *lost_sprays,
        *model;
    int number;                 /* of the session, from 1; 0: all of them */
    struct node *arm;           /* the copy */
    struct node *regimen;       /* of the copy */
    struct regimen_item *items; /* of the regimen as the baseline has it: when its doses are */
    int item_count;
    struct session *sessions; /* [dose], by time */
    int session_count;
    int first, last; /* of sessions[]: the doses of the session */
    FILE *note;      /* "As "spray", but session 2 24 h earlier" */
    int changes;     /* that it names */
};

/* Finds out when each dose of the regimen is. -1 with the reason told. */
int variation_read_sessions(struct study_reader *r, struct variation *v);
void variation_clear(struct variation *v);

/* Finds the doses of the session of that number in the arm called `of`. false with the mistake told. */
bool variation_find_session(struct study_reader *r, struct variation *v, const char *of);

/* Carry out what is different: of the session that was found, or of an item of the regimen but for when it is given. -1 without
 * memory; mistakes are told. */
int variation_change_session(struct study_reader *r, struct variation *v);
int variation_change_item(struct study_reader *r, const struct variation *v, struct node *item);

/* Begins to tell a change in v->note. */
void variation_note_change(struct variation *v);

#endif
