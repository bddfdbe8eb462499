/* ./dev bench - measures the workloads and stores the figures; or compares two builds, or the figures with older ones. */
#include "figures.h"
#include "gate.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OK, FAILED, WRONG_INPUT, MOST_WORKLOADS = 64 };

struct arguments {
    const struct workload *workloads[MOST_WORKLOADS]; /* what is asked for */
    int workload_count;
    bool quick;
    const char *json;
    const char *against;
    const char *against_build;
    const char *build;
    const char *junit;
    int pairs;
};

enum { OPTION_AGAINST = 256, OPTION_AGAINST_BUILD, OPTION_BUILD, OPTION_JUNIT, OPTION_PAIRS, OPTION_JSON };

static const struct argp_option options[] = {
    {"quick", 'q', NULL, 0, "Fewer and shorter measurements: less than a minute for all workloads", 0},
    {"json", OPTION_JSON, "FILE", 0, "Where the figures go (default: bench.json in the folder of the build)",
     0},
    {"against", OPTION_AGAINST, "FILE.json", 0, "Compare the figures with those stored before", 0},
    {"against-build", OPTION_AGAINST_BUILD, "DIR", 0,
     "In place of the figures: compare the program ketsim with that of another build, in pairs", 0},
    {"build", OPTION_BUILD, "DIR", 0, "The build that is judged (default: this one)", 0},
    {"junit", OPTION_JUNIT, "FILE.xml", 0, "Store the verdicts as JUnit XML, too", 0},
    {"pairs", OPTION_PAIRS, "N", 0, "Most pairs per workload and method (default: 100)", 0},
    {0},
};

static error_t take(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    char *end;
    switch (key) {
    case 'q':
        a->quick = true;
        return 0;
    case OPTION_JSON:
        a->json = value;
        return 0;
    case OPTION_AGAINST:
        a->against = value;
        return 0;
    case OPTION_AGAINST_BUILD:
        a->against_build = value;
        return 0;
    case OPTION_BUILD:
        a->build = value;
        return 0;
    case OPTION_JUNIT:
        a->junit = value;
        return 0;
    case OPTION_PAIRS:
        a->pairs = (int)strtol(value, &end, 10);
        if (*end != '\0' || a->pairs < PAIRS_LEAST || a->pairs > GATE_PAIRS_MOST) {
            argp_error(state, "--pairs takes a whole number from %d to %d, not \"%s\"", PAIRS_LEAST,
                       GATE_PAIRS_MOST, value);
        }
        return 0;
    case ARGP_KEY_ARG:
        if (a->workload_count == MOST_WORKLOADS || !workload_find(value)) {
            argp_error(state, "\"%s\" is no workload; there are w1, w2, b1, b2, b3, n1", value);
        }
        a->workloads[a->workload_count++] = workload_find(value);
        return 0;
    case ARGP_KEY_END:
        if (a->against && a->against_build) {
            argp_error(state, "--against or --against-build, not both");
        }
        if (a->junit && !a->against && !a->against_build) {
            argp_error(state, "--junit stores verdicts: it needs --against or --against-build");
        }
        if (a->build && !a->against_build) {
            argp_error(state, "--build needs --against-build");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = take,
    .args_doc = "[WORKLOAD...]",
    .doc = "Measures the workloads of benchmarks/studies (default: all) by each method beside plain CVODE, "
           "prints the "
           "figures and stores them.\vExit status: 0 done, and nothing found to be slower; 1 slower, or a "
           "measurement "
           "failed; 2 the command line is wrong. benchmarks/README.md explains the figures.",
};

/* The folder of this program. */
static int own_folder(char *folder, size_t size)
{
    const ssize_t length = readlink("/proc/self/exe", folder, size - 1);
    if (length < 0) {
        return -1;
    }
    folder[length] = '\0';
    *strrchr(folder, '/') = '\0';
    return 0;
}

static int store(const json_t *figures, const char *path)
{
    if (json_dump_file(figures, path, JSON_INDENT(1) | JSON_REAL_PRECISION(8)) != 0) {
        fprintf(stderr, "bench: %s: cannot be written: %s\n", path, strerror(errno));
        return -1;
    }
    printf("\nThe figures are in %s\n", path);
    return 0;
}

/* Measures, prints and stores all that is asked for. NULL after telling why not. */
static json_t *measure(const struct arguments *a, const struct figures_options *by, const char *path)
{
    char why[300];
    json_t *figures = figures_head();
    json_t *list = json_array();
    json_object_set_new(figures, "workloads", list);
    figures_print_head(figures, stdout);
    for (int i = 0; i < a->workload_count; i++) {
        json_t *one = figures_workload(a->workloads[i], by, why);
        if (!one) {
            fprintf(stderr, "bench: %s: %s\n", a->workloads[i]->name, why);
            json_decref(figures);
            return NULL;
        }
        figures_print_workload(one, stdout);
        fflush(stdout);
        json_array_append_new(list, one);
    }
    if (store(figures, path) != 0) {
        json_decref(figures);
        return NULL;
    }
    return figures;
}

static int finish(struct verdicts *verdicts, const char *junit)
{
    verdicts_print(verdicts, stdout);
    int status = verdicts_count(verdicts, VERDICT_SLOWER) > 0 ? FAILED : OK;
    if (junit && verdicts_junit(verdicts, junit) != 0) {
        fprintf(stderr, "bench: %s: cannot be written: %s\n", junit, strerror(errno));
        status = FAILED;
    }
    verdicts_clear(verdicts);
    return status;
}

static int compare_builds(const struct arguments *a, const struct figures_options *by)
{
    struct verdicts verdicts = {0};
    char why[300];
    const struct gate gate = {a->build ? a->build : by->build, a->against_build, by, a->pairs};
    for (int i = 0; i < a->workload_count; i++) {
        if (gate_builds(&gate, a->workloads[i], &verdicts, why) != 0) {
            fprintf(stderr, "bench: %s: %s\n", a->workloads[i]->name, why);
            verdicts_clear(&verdicts);
            return FAILED;
        }
    }
    return finish(&verdicts, a->junit);
}

static int compare_figures(const struct arguments *a, const struct figures_options *by, const char *path)
{
    struct verdicts verdicts = {0};
    json_error_t mistake;
    json_t *before = NULL;
    char why[300];
    if (a->against) {
        before = json_load_file(a->against, 0, &mistake);
        if (!before) {
            fprintf(stderr, "bench: %s:%d:%d: %s\n", a->against, mistake.line, mistake.column, mistake.text);
            return WRONG_INPUT;
        }
        if (gate_check_figures(before, why) != 0) {
            fprintf(stderr, "bench: %s: %s\n", a->against, why);
            json_decref(before);
            return WRONG_INPUT;
        }
    }
    json_t *now = measure(a, by, path);
    int status = now ? OK : FAILED;
    if (now && before) {
        if (gate_figures(now, before, &verdicts, why) != 0) {
            fprintf(stderr, "bench: %s: %s\n", a->against, why);
            status = WRONG_INPUT;
        } else {
            status = finish(&verdicts, a->junit);
        }
    }
    json_decref(now);
    json_decref(before);
    return status;
}

int main(int argc, char **argv)
{
    struct arguments a = {.pairs = PAIRS_MOST};
    char build[512];
    char scratch[600];
    char path[600];
    argp_err_exit_status = WRONG_INPUT;
    argp_parse(&command_line, argc, argv, 0, NULL, &a);
    for (int i = 0; a.workload_count == 0 && i < workload_count; i++) {
        a.workloads[i] = &workloads[i];
    }
    a.workload_count = a.workload_count ? a.workload_count : workload_count;
    if (own_folder(build, sizeof(build)) != 0) {
        fprintf(stderr, "bench: /proc is needed\n");
        return FAILED;
    }
    /* Two builds are compared where the disk has no say. */
    snprintf(scratch, sizeof(scratch), "%s/bench.XXXXXX", a.against_build ? "/dev/shm" : build);
    snprintf(path, sizeof(path), "%s/bench.json", build);
    if (!mkdtemp(scratch)) {
        fprintf(stderr, "bench: %s: cannot be made: %s\n", scratch, strerror(errno));
        return FAILED;
    }
    const struct figures_options by = {
        .studies = STUDIES_DIR,
        .build = build,
        .scratch = scratch,
        .target = a.quick ? 0.05 : 0.4,
        .rounds = a.quick ? 3 : 9,
        .scaling = !a.quick,
        .outside = !a.quick,
        .instructions = !a.quick,
    };
    const int status =
        a.against_build ? compare_builds(&a, &by) : compare_figures(&a, &by, a.json ? a.json : path);
    rmdir(scratch);
    return status;
}
