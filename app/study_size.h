/* study_size - how much work a study is, and how large its result. */
#ifndef KETSIM_STUDY_SIZE_H
#define KETSIM_STUDY_SIZE_H

#include "model/study.h"

struct study_size {
    int64_t patients;
    int arms;
    int times;
    double numbers; /* levels that are computed */
    double bytes;   /* of the result file, estimated */
};

struct study_size study_size(const struct study *study);

/* "1000 patients x 3 arms x 289 times" */
struct study_size_text {
    char text[96];
};
struct study_size_text study_size_describe(const struct study_size *size);

#endif
