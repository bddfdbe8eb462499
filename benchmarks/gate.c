#include "gate.h"

#include "written.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How much more of a deterministic figure is worse. */
#define STEPS_MARGIN 0.0         /* exactly: the same bytes everywhere */
#define INSTRUCTIONS_MARGIN 0.01 /* the start of a program is not always the same */
#define ERROR_MARGIN 1.0         /* the worst of few patients: twice as much is worse */
#define ERROR_NEGLIGIBLE 1e-12   /* rounding errors of the exact method are not compared */

#define TARGET_LEAST 0.1 /* s of a run: the start of the program must not hide what follows */

enum { PATIENTS_MOST = 1000000 };
enum { RATES_LEAST = 9 }; /* stored ratios, of each side: of fewer, all can differ by chance */

static int add(struct verdicts *verdicts, const char *workload, const char *method, const char *measure,
               struct interval change, enum verdict verdict, char *why)
{
    struct verdict_row row = {.change = change, .verdict = verdict};
    snprintf(row.subject, sizeof(row.subject), "%s %s", workload, method);
    snprintf(row.measure, sizeof(row.measure), "%s", measure);
    if (verdicts_add(verdicts, &row) != 0) {
        snprintf(why, 300, "out of memory");
        return -1;
    }
    return 0;
}

/* A figure without noise: worse above 1 + margin, better below 1 - margin. */
static int add_exact(struct verdicts *verdicts, const char *workload, const char *method, const char *measure,
                     double now, double before, double margin, char *why)
{
    const double change = now == before ? 1 : now / before;
    const enum verdict verdict = change > 1 + margin   ? VERDICT_SLOWER
                                 : change < 1 - margin ? VERDICT_FASTER
                                                       : VERDICT_SAME;
    return add(verdicts, workload, method, measure, (struct interval){change, change, change, 1}, verdict,
               why);
}

/* --- Two builds --- */

struct pairs {
    double wall[GATE_PAIRS_MOST];
    double cpu[GATE_PAIRS_MOST];
    int count;
};

static struct interval interval(const double *samples, int count)
{
    double sorted[GATE_PAIRS_MOST];
    memcpy(sorted, samples, (size_t)count * sizeof(*samples));
    return median_interval(sorted, count);
}

/* So many patients, in whole batches, that the older build takes at least half as long as wanted beyond its start. */
static int calibrate(const struct gate *gate, const char *study, const char *method, int64_t *patients,
                     char *why)
{
    const char *scratch = gate->options->scratch;
    struct outcome few, many = {.why = ""};
    double spent = 0;
    int failed = ketsim_run(gate->before, study, method, 32, scratch, &few, NULL);
    for (*patients = 128; !failed && spent < TARGET_LEAST / 2 && *patients < PATIENTS_MOST;) {
        *patients *= spent < TARGET_LEAST / 8 ? 4 : 2;
        failed = ketsim_run(gate->before, study, method, *patients, scratch, &many, NULL);
        spent = (many.cpu - few.cpu) * TARGET_LEAST / fmax(gate->options->target, TARGET_LEAST);
    }
    if (failed) {
        snprintf(why, 300, "%s", few.why[0] ? few.why : many.why);
    }
    return failed;
}

/* One pair, the order of which alternates. */
static int run_pair(const struct gate *gate, const char *study, const char *method, int64_t patients,
                    struct pairs *pairs, char *why)
{
    struct outcome now, before;
    const bool first = pairs->count % 2 == 0;
    for (int turn = 0; turn < 2; turn++) {
        const bool is_now = (turn == 0) == first;
        struct outcome *outcome = is_now ? &now : &before;
        if (ketsim_run(is_now ? gate->now : gate->before, study, method, patients, gate->options->scratch,
                       outcome, NULL) != 0) {
            snprintf(why, 300, "%s", outcome->why);
            return -1;
        }
    }
    pairs->wall[pairs->count] = now.wall / before.wall;
    pairs->cpu[pairs->count] = now.cpu / before.cpu;
    pairs->count++;
    return 0;
}

static int compare_method(const struct gate *gate, const struct workload *workload, const char *study,
                          const char *method, struct verdicts *verdicts, char *why)
{
    struct pairs pairs = {.count = 0};
    struct interval wall = {0}, cpu = {0};
    int64_t patients;
    double now, before;
    char without[300];
    if (calibrate(gate, study, method, &patients, why) != 0) {
        return -1;
    }
    do {
        if (run_pair(gate, study, method, patients, &pairs, why) != 0) {
            return -1;
        }
        wall = interval(pairs.wall, pairs.count);
        cpu = interval(pairs.cpu, pairs.count);
    } while (wants_more(&wall, gate->pairs) || wants_more(&cpu, gate->pairs));
    if (add(verdicts, workload->name, method, "wall time", wall, judge(&wall), why) != 0 ||
        add(verdicts, workload->name, method, "processor time", cpu, judge(&cpu), why) != 0) {
        return -1;
    }
    if (gate->options->instructions &&
        instructions_per_patient(gate->now, study, method, gate->options->scratch, &now, without) == 0 &&
        instructions_per_patient(gate->before, study, method, gate->options->scratch, &before, without) ==
            0) {
        return add_exact(verdicts, workload->name, method, "instructions", now, before, INSTRUCTIONS_MARGIN,
                         why);
    }
    return 0;
}

int gate_builds(const struct gate *gate, const struct workload *workload, struct verdicts *verdicts,
                char *why)
{
    char study[1024];
    snprintf(study, sizeof(study), "%s/%s.yaml", gate->options->studies, workload->name);
    const int linear = study_is_linear(study, why);
    if (linear < 0 || compare_method(gate, workload, study, "cvode", verdicts, why) != 0) {
        return -1;
    }
    return linear ? compare_method(gate, workload, study, "exact", verdicts, why) : 0;
}

/* --- Two documents --- */

static bool same_text(const json_t *now, const json_t *before, const char *group, const char *key)
{
    const json_t *a = json_object_get(json_object_get(now, group), key);
    const json_t *b = json_object_get(json_object_get(before, group), key);
    return a && b && json_equal(a, b);
}

static const json_t *find_workload(const json_t *figures, const char *name)
{
    const json_t *list = json_object_get(figures, "workloads");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *workload = json_array_get(list, i);
        const char *other = json_string_value(json_object_get(workload, "name"));
        if (other && strcmp(other, name) == 0) {
            return workload;
        }
    }
    return NULL;
}

/* The interval of the ratio to the baseline of a method's stored samples; count 0 without. */
static struct interval stored_ratio(const json_t *method)
{
    double samples[GATE_PAIRS_MOST];
    const json_t *list = json_object_get(json_object_get(method, "ratio_to_baseline"), "samples");
    int count = 0;
    for (size_t i = 0; i < json_array_size(list) && count < GATE_PAIRS_MOST; i++) {
        const double value = json_number_value(json_array_get(list, i));
        if (value > 0) {
            samples[count++] = value;
        }
    }
    return count > 0 ? median_interval(samples, count) : (struct interval){0};
}

static int compare_rates(struct verdicts *verdicts, const char *workload, const char *name, const json_t *now,
                         const json_t *before, char *why)
{
    const struct interval a = stored_ratio(now);
    const struct interval b = stored_ratio(before);
    if (a.count < RATES_LEAST || b.count < RATES_LEAST) {
        return 0;
    }
    const struct interval slowdown = {b.median / a.median, b.low / a.high, b.high / a.low, a.count + b.count};
    return add(verdicts, workload, name, "time over baseline's", slowdown, judge(&slowdown), why);
}

struct exact_figure {
    const char *key;
    const char *measure;
    double margin;
    double negligible;
    bool of_machine; /* comparable on the same machine with the same compiler and libraries only */
};

static const struct exact_figure exact_figures[] = {
    {"error", "largest error", ERROR_MARGIN, ERROR_NEGLIGIBLE, false},
    {"steps", "steps", STEPS_MARGIN, 0, false},
    {"evaluations", "right-hand sides", STEPS_MARGIN, 0, false},
    {"instructions_per_patient", "instructions", INSTRUCTIONS_MARGIN, 0, true},
};

static int compare_methods(struct verdicts *verdicts, const char *workload, const char *name,
                           const json_t *now, const json_t *before, bool same_machine, char *why)
{
    for (size_t i = 0; i < sizeof(exact_figures) / sizeof(exact_figures[0]); i++) {
        const struct exact_figure *figure = &exact_figures[i];
        const json_t *a = json_object_get(now, figure->key);
        const json_t *b = json_object_get(before, figure->key);
        if (!json_is_number(a) || !json_is_number(b) || (figure->of_machine && !same_machine) ||
            (json_number_value(a) == 0 && json_number_value(b) == 0)) {
            continue;
        }
        if (add_exact(verdicts, workload, name, figure->measure,
                      fmax(json_number_value(a), figure->negligible),
                      fmax(json_number_value(b), figure->negligible), figure->margin, why) != 0) {
            return -1;
        }
    }
    return same_machine ? compare_rates(verdicts, workload, name, now, before, why) : 0;
}

int gate_check_figures(const json_t *figures, char *why)
{
    if (json_integer_value(json_object_get(figures, "format")) != FIGURES_FORMAT ||
        !json_is_array(json_object_get(figures, "workloads"))) {
        snprintf(why, 300, "these are not figures of format %d, as `./dev bench` stores them",
                 FIGURES_FORMAT);
        return -1;
    }
    return 0;
}

int gate_figures(const json_t *now, const json_t *before, struct verdicts *verdicts, char *why)
{
    const bool same_machine =
        same_text(now, before, "machine", "processor") && same_text(now, before, "machine", "cores") &&
        same_text(now, before, "ketsim", "compiler") && same_text(now, before, "ketsim", "sundials");
    const json_t *list = json_object_get(now, "workloads");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *workload = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(workload, "name"));
        const json_t *old = find_workload(before, name);
        const char *method;
        json_t *figures;
        if (!old || !json_equal(json_object_get(old, "counted_patients"),
                                json_object_get(workload, "counted_patients"))) {
            continue;
        }
        json_object_foreach(json_object_get(workload, "methods"), method, figures)
        {
            const json_t *other = json_object_get(json_object_get(old, "methods"), method);
            const bool is_ours = strcmp(method, "cvode") == 0 || strcmp(method, "exact") == 0;
            if (other && is_ours &&
                compare_methods(verdicts, name, method, figures, other, same_machine, why) != 0) {
                return -1;
            }
        }
    }
    if (verdicts->count == 0) {
        snprintf(why, 300, "holds none of the workloads measured");
        return -1;
    }
    return 0;
}
