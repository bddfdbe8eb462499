#include "figures.h"

#include "compare.h"
#include "outside.h"
#include "written.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS_MOST = 100, SCALING_ROUNDS = 3, TENFOLD = 10, WRITTEN_MORE = 4 };

struct measuring {
    const struct figures_options *options;
    char path[1024];
    bool exists[METHOD_COUNT];
    int64_t patients[METHOD_COUNT]; /* of one measurement */
    json_t *methods[METHOD_COUNT];  /* borrowed */
    char *why;
};

static int set(json_t *object, const char *key, double value)
{
    return json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

static int set_count(json_t *object, const char *key, int64_t value)
{
    return json_object_set_new(object, key, json_integer(value));
}

/* What a simulation took. */
struct taken {
    double wall; /* s */
    double busy; /* s of processor time, which others that keep the machine busy change less */
};

/* Runs apart; -1 with the reason. */
static int take(const struct measuring *m, const struct run *run, struct taken *taken)
{
    struct outcome outcome;
    if (run_apart(run, &outcome) != 0) {
        snprintf(m->why, 300, "%s", outcome.why);
        return -1;
    }
    *taken = (struct taken){outcome.seconds, outcome.busy};
    return 0;
}

static struct run plain(const struct measuring *m, int method)
{
    return (struct run){
        .study = m->path,
        .method = method_names[method],
        .patients = m->patients[method],
        .threads = 1,
        .finer = 1,
        .keep = true,
    };
}

/* --- Deterministic figures --- */

struct count_input {
    const struct workload *workload;
    const char *path;
};

struct count_output {
    struct counted counted[METHOD_COUNT];
    bool exists[METHOD_COUNT];
    char why[300];
};

static void count_task(const void *input, void *output)
{
    const struct count_input *in = input;
    struct count_output *out = output;
    memset(out, 0, sizeof(*out));
    if (workload_count_all(in->workload, in->path, 0, out->counted, out->exists, out->why) != 0 &&
        out->why[0] == '\0') {
        snprintf(out->why, sizeof(out->why), "out of memory");
    }
}

static int count(struct measuring *m, const struct workload *workload, json_t *figures)
{
    const struct count_input input = {workload, m->path};
    struct count_output output = {.why = ""};
    struct outcome process = {0};
    if (task_apart(count_task, &input, &output, sizeof(output), &process) != 0 || output.why[0]) {
        snprintf(m->why, 300, "%s", output.why[0] ? output.why : process.why);
        return -1;
    }
    const struct outcome *first = &output.counted[METHOD_baseline].outcome;
    set_count(figures, "observations", first->observations);
    set_count(figures, "analytes", first->analytes);
    set_count(figures, "counted_patients", first->patients);
    set(figures, "rtol", first->rtol);
    set(figures, "atol_mg", first->atol);
    json_object_set_new(figures, "error_against",
                        json_string(workload_reference(output.exists[METHOD_exact])));
    json_t *methods = json_object();
    json_object_set_new(figures, "methods", methods);
    for (int i = 0; i < METHOD_COUNT; i++) {
        m->exists[i] = output.exists[i];
        if (m->exists[i]) {
            m->methods[i] = json_object();
            json_object_set_new(methods, method_names[i], m->methods[i]);
            set(m->methods[i], "error", output.counted[i].error);
            set_count(m->methods[i], "steps", output.counted[i].outcome.steps);
            set_count(m->methods[i], "evaluations", output.counted[i].outcome.evaluations);
        }
    }
    return 0;
}

/* --- Rates --- */

/* So many patients that a measurement takes about as long as wanted; whole batches. */
static int calibrate(struct measuring *m, int method)
{
    m->patients[method] = 64;
    for (;;) {
        const struct run run = plain(m, method);
        struct taken taken;
        if (take(m, &run, &taken) != 0) {
            return -1;
        }
        const double factor = m->options->target / fmax(taken.busy, 1e-6);
        if (factor < 4) {
            m->patients[method] = (int64_t)ceil((double)m->patients[method] * factor / 32) * 32;
            return 0;
        }
        m->patients[method] *= factor < 16 ? 4 : 16;
    }
}

static void add_samples(json_t *object, const char *key, double *samples, int rounds, bool all)
{
    json_t *list = json_array();
    for (int i = 0; i < rounds; i++) {
        json_array_append_new(list, json_real(samples[i]));
    }
    const struct interval interval = median_interval(samples, rounds);
    json_t *figure = json_object();
    set(figure, "median", interval.median);
    set(figure, "low", samples[0]);
    set(figure, "high", samples[rounds - 1]);
    if (all) {
        json_object_set_new(figure, "samples", list);
    } else {
        json_decref(list);
    }
    json_object_set_new(object, key, figure);
}

static double least(const double *values, int count)
{
    double least = values[0];
    for (int i = 1; i < count; i++) {
        least = fmin(least, values[i]);
    }
    return least;
}

/* What the rounds of one method gave, [round]. */
struct rounds {
    double rates[ROUNDS_MOST]; /* patients per second of processor time */
    double wall_rates[ROUNDS_MOST];
    double ratios[ROUNDS_MOST]; /* of rates to the baseline's */
    double wall_ratios[ROUNDS_MOST];
    double ones[ROUNDS_MOST];  /* wall, s */
    double twos[ROUNDS_MOST];  /* the same on two threads */
    double extra[ROUNDS_MOST]; /* processor time on two threads / on one */
};

static int measure_round(const struct measuring *m, struct rounds *all, int i)
{
    for (int k = 0; k < METHOD_COUNT; k++) {
        struct rounds *r = &all[k];
        struct run run = plain(m, k);
        struct taken one, two;
        if (!m->exists[k]) {
            continue;
        }
        if (take(m, &run, &one) != 0) {
            return -1;
        }
        two = one;
        run.threads = 2;
        if (k != METHOD_baseline && take(m, &run, &two) != 0) {
            return -1;
        }
        r->rates[i] = (double)m->patients[k] / one.busy;
        r->wall_rates[i] = (double)m->patients[k] / one.wall;
        r->ratios[i] = r->rates[i] / all[METHOD_baseline].rates[i];
        r->wall_ratios[i] = r->wall_rates[i] / all[METHOD_baseline].wall_rates[i];
        r->ones[i] = one.wall;
        r->twos[i] = two.wall;
        r->extra[i] = two.busy / one.busy;
    }
    return 0;
}

/* Every method once in each round; two threads beside one, of which the shortest times are compared: whoever else uses the
 * machine can only lengthen them. */
static int measure_rates(struct measuring *m)
{
    const int rounds = m->options->rounds < ROUNDS_MOST ? m->options->rounds : ROUNDS_MOST;
    struct rounds all[METHOD_COUNT];
    for (int i = 0; i < rounds; i++) {
        if (measure_round(m, all, i) != 0) {
            return -1;
        }
    }
    for (int k = 0; k < METHOD_COUNT; k++) {
        struct rounds *r = &all[k];
        if (!m->exists[k]) {
            continue;
        }
        set_count(m->methods[k], "patients", m->patients[k]);
        if (k != METHOD_baseline) {
            set(m->methods[k], "two_threads", least(r->ones, rounds) / least(r->twos, rounds));
            add_samples(m->methods[k], "processor_time_of_two_threads", r->extra, rounds, false);
            add_samples(m->methods[k], "ratio_to_baseline", r->ratios, rounds, true);
            add_samples(m->methods[k], "ratio_to_baseline_by_wall_time", r->wall_ratios, rounds, false);
        }
        add_samples(m->methods[k], "patients_per_second", r->rates, rounds, false);
        add_samples(m->methods[k], "patients_per_second_by_wall_time", r->wall_rates, rounds, false);
    }
    return 0;
}

/* Ten times as many patients or observations in at most ten times the processor time: 1 is in proportion. */
static int measure_scaling(struct measuring *m, int method)
{
    double patients[SCALING_ROUNDS];
    double observations[SCALING_ROUNDS];
    for (int i = 0; i < SCALING_ROUNDS; i++) {
        struct run run = plain(m, method);
        struct taken once, more, finer;
        run.keep = false;
        int failed = take(m, &run, &once);
        run.patients *= TENFOLD;
        failed = failed || take(m, &run, &more);
        run.patients = m->patients[method];
        run.finer = TENFOLD;
        if (failed || take(m, &run, &finer) != 0) {
            return -1;
        }
        patients[i] = more.busy / once.busy / TENFOLD;
        observations[i] = finer.busy / once.busy / TENFOLD;
    }
    add_samples(m->methods[method], "cost_of_10x_patients", patients, SCALING_ROUNDS, false);
    add_samples(m->methods[method], "cost_of_10x_observations", observations, SCALING_ROUNDS, false);
    return 0;
}

/* --- All of it --- */

static int measure(struct measuring *m, const struct workload *workload, json_t *figures)
{
    if (count(m, workload, figures) != 0) {
        return -1;
    }
    for (int k = 0; k < METHOD_COUNT; k++) {
        if (m->exists[k] && calibrate(m, k) != 0) {
            return -1;
        }
    }
    if (measure_rates(m) != 0) {
        return -1;
    }
    for (int k = 0; k < METHOD_COUNT; k++) {
        if (!m->exists[k] || k == METHOD_baseline) {
            continue;
        }
        if (m->options->scaling && measure_scaling(m, k) != 0) {
            return -1;
        }
        /* The start of the program should not count. */
        json_t *written =
            written_measure(m->options, m->path, method_names[k], m->patients[k] * WRITTEN_MORE, m->why);
        if (!written) {
            return -1;
        }
        json_object_set_new(m->methods[k], "written", written);
        double instructions;
        char without[300];
        if (m->options->instructions &&
            instructions_per_patient(m->options->build, m->path, method_names[k], m->options->scratch,
                                     &instructions, without) == 0) {
            set(m->methods[k], "instructions_per_patient", instructions);
        }
    }
    return 0;
}

json_t *figures_workload(const struct workload *workload, const struct figures_options *options, char *why)
{
    struct measuring m = {.options = options, .why = why};
    snprintf(m.path, sizeof(m.path), "%s/%s.yaml", options->studies, workload->name);
    json_t *figures = json_object();
    json_object_set_new(figures, "name", json_string(workload->name));
    if (measure(&m, workload, figures) != 0) {
        json_decref(figures);
        return NULL;
    }
    char without[300];
    json_t *desolve = options->outside && strcmp(workload->name, "w1") == 0
                          ? outside_desolve(options, m.path, without)
                          : NULL;
    if (desolve) {
        json_object_set_new(json_object_get(figures, "methods"), "desolve", desolve);
    }
    return figures;
}
