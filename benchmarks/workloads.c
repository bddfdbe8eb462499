#include "workloads.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct workload workloads[] = {
    {"w1", 320, 1e-7}, {"w2", 160, 1e-6}, {"b1", 64, 1e-6},
    {"b2", 96, 1e-6},  {"b3", 32, 1e-6},  {"n1", 320, 1e-6},
};
const int workload_count = sizeof(workloads) / sizeof(workloads[0]);

const char *const method_names[METHOD_COUNT] = {
#define X(name) #name,
    METHOD_LIST(X)
#undef X
};

const struct workload *workload_find(const char *name)
{
    for (int i = 0; i < workload_count; i++) {
        if (strcmp(workloads[i].name, name) == 0) {
            return &workloads[i];
        }
    }
    return NULL;
}

const char *workload_reference(bool is_linear)
{
    return is_linear ? "the matrix exponential in long double"
                     : "the baseline with rtol 1e-12, atol 1e-16 mg";
}

int workload_count_all(const struct workload *workload, const char *path, int64_t patients,
                       struct counted counted[METHOD_COUNT], bool exists[METHOD_COUNT], char *why)
{
    struct levels reference = {0};
    struct outcome outcome;
    const int linear = study_is_linear(path, why);
    if (linear < 0) {
        return -1;
    }
    struct run run = {.study = path,
                      .method = linear ? "long double" : "baseline",
                      .patients = patients > 0 ? patients : workload->counted,
                      .threads = 1,
                      .keep = true};
    if (!linear) {
        run.rtol = 1e-12;
        run.atol = 1e-16;
    }
    if (run_here(&run, &outcome, &reference) != 0) {
        snprintf(why, 300, "%s", outcome.why);
        return -1;
    }
    run.rtol = 0;
    int failed = 0;
    for (int m = 0; m < METHOD_COUNT && !failed; m++) {
        struct levels levels;
        exists[m] = linear || m != METHOD_exact;
        if (!exists[m]) {
            continue;
        }
        run.method = method_names[m];
        failed = run_here(&run, &counted[m].outcome, &levels);
        if (failed) {
            snprintf(why, 300, "%s", counted[m].outcome.why);
        } else {
            counted[m].error = levels_difference(&levels, &reference);
            if (isnan(counted[m].error)) {
                snprintf(why, 300, "levels by %s cannot be compared", method_names[m]);
                failed = -1;
            }
        }
        levels_clear(&levels);
    }
    levels_clear(&reference);
    return failed;
}
