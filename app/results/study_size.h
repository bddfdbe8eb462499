/* study_size - how much work a study is, and how large its result. */
#ifndef KETSIM_STUDY_SIZE_H
#define KETSIM_STUDY_SIZE_H

#include "model/study.h"

struct study_size {
    int64_t patients;
    int arms;
    int times;
    int64_t records; /* rows of the event table; 0 without */
    double levels;   /* numbers that are computed: patients x arms x times x analytes of the arm's model */
    double bytes;    /* of the result file, estimated */
};

/* 0, or -1 with the reason in `d`: no result file can hold the study. */
int study_size(struct study_size *size, const struct study *study, struct diagnostics *d);

/* "1000 patients x 3 arms x 289 times" */
struct study_size_text {
    char text[96];
};
struct study_size_text study_size_describe(const struct study_size *size);

#endif
