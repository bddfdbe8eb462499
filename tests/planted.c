#include "planted.h"

#include "solver/integrator.h"

#include <stdlib.h>
#include <string.h>

struct planted planted = {.method = "cvode", .coarsest = 5e-9, .relative = 1e-5, .lane = 0};

const struct integrator *__real_integrator_find(const char *name);
const struct integrator *__wrap_integrator_find(const char *name);

struct wrong {
    const struct integrator *right;
    void *state;
    double rtol;
};

static void *create(const char *name, const struct graph *graph, int lanes,
                    const struct integrator_options *options)
{
    struct wrong *wrong = calloc(1, sizeof(*wrong));
    if (wrong) {
        wrong->right = __real_integrator_find(name);
        wrong->state = wrong->right->create(graph, lanes, options);
        wrong->rtol = options->rtol;
    }
    return wrong;
}

static void *create_cvode(const struct graph *graph, int lanes, const struct integrator_options *options)
{
    return create("cvode", graph, lanes, options);
}

static void *create_exact(const struct graph *graph, int lanes, const struct integrator_options *options)
{
    return create("exact", graph, lanes, options);
}

static int solve(void *state, struct batch *batch, struct solve_failure *why)
{
    struct wrong *wrong = state;
    const int failed = wrong->right->solve(wrong->state, batch, why);
    const int times = batch->timeline->time_count;
    if (wrong->rtol < planted.coarsest) {
        return failed;
    }
    for (int l = 0; l < batch->lanes; l++) {
        if (planted.fails > 0 && batch->rates[l] >= planted.fails) {
            return -1;
        }
    }
    for (int l = 0; l < batch->lanes; l++) {
        if (planted.lane >= 0 && l != planted.lane) {
            continue;
        }
        for (int o = 0; o < batch->output_count; o++) {
            for (int t = 0; t < times; t++) {
                batch->levels[((ptrdiff_t)o * batch->lanes + l) * times + t] *= 1 + planted.relative;
            }
        }
        if (batch->remaining) {
            batch->remaining[l] *= 1 - planted.of_remaining;
        }
    }
    return failed;
}

static void wrong_free(void *state)
{
    struct wrong *wrong = state;
    if (wrong) {
        wrong->right->free(wrong->state);
        free(wrong);
    }
}

const struct integrator *__wrap_integrator_find(const char *name)
{
    const char *asked = getenv("KETSIM_PLANTED");
    if (asked && strcmp(asked, "exact") == 0) {
        planted = (struct planted){.method = "exact", .relative = 1e-5};
    } else if (asked && strcmp(asked, "unsolved") == 0) {
        planted = (struct planted){.method = "exact", .lane = -1, .fails = 1e-9};
    }
    static const struct integrator cvode = {"cvode", false, "", create_cvode, solve, wrong_free};
    static const struct integrator exact = {"exact", true, "", create_exact, solve, wrong_free};
    if (!planted.method || strcmp(name, planted.method) != 0) {
        return __real_integrator_find(name);
    }
    return strcmp(name, "exact") == 0 ? &exact : &cvode;
}
