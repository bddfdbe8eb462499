/* workloads - the studies that are measured, and how many patients of each decide the deterministic figures. */
#ifndef KETSIM_BENCHMARKS_WORKLOADS_H
#define KETSIM_BENCHMARKS_WORKLOADS_H

#include "run.h"

struct workload {
    const char *name; /* of studies/NAME.yaml */
    int64_t
        counted; /* patients whose errors, steps and right-hand sides are counted: few, and never changed lightly */
    double error; /* the most that CVODE's may be at the study's tolerances, relative to a patient's peak */
};

extern const struct workload workloads[];
extern const int workload_count;

/* The workload of a name, or NULL. */
const struct workload *workload_find(const char *name);

/* What a workload's methods are measured with: the baseline first, the exact one only where the study is linear. */
#define METHOD_LIST(X) X(baseline) X(cvode) X(exact)
enum {
#define X(name) METHOD_##name,
    METHOD_LIST(X)
#undef X
        METHOD_COUNT
};
extern const char *const method_names[METHOD_COUNT];

/* Errors and counts of the first workload->counted patients. */
struct counted {
    struct outcome outcome;
    double error; /* against the reference, relative to each patient's own peak */
};

/* Counts every method; with `exists[method]` false where the method cannot solve the study. 0, or -1 with the reason in `why`
 * (300 bytes). */
int workload_count_all(const struct workload *workload, const char *path, int64_t patients,
                       struct counted counted[METHOD_COUNT], bool exists[METHOD_COUNT], char *why);

/* What the errors of a workload are errors against. */
const char *workload_reference(bool is_linear);

#endif
