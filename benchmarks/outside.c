#include "outside.h"

#include "compare.h"

#include "app/study/study_read.h"
#include "solver/sweep.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATIENTS = 200, ROUNDS = 3 };

struct tables {
    const struct model *model;
    FILE *parameters;
    FILE *levels;
    int times;
};

static int write_patients(void *payload, const struct simulated *patients, int count)
{
    const struct tables *t = payload;
    for (int i = 0; i < count; i++) {
        for (int p = 0; p < t->model->parameter_count; p++) {
            fprintf(t->parameters, "%s%.17g", p ? "," : "", patients[i].individual->parameters[p]);
        }
        fputc('\n', t->parameters);
        for (int k = 0; k < 2 * t->times; k++) {
            fprintf(t->levels, "%s%.17g", k ? "," : "", patients[i].levels[k / t->times][k % t->times]);
        }
        fputc('\n', t->levels);
    }
    return 0;
}

struct table_paths {
    const char *study;
    char parameters[700];
    char levels[700];
};

/* Writes the exact levels and the parameters behind them; `output` is an int, 0 when done. */
static void write_tables(const void *input, void *output)
{
    const struct table_paths *paths = input;
    char count[64];
    const char *settings[] = {count, "solver.method=exact"};
    struct study study = {0};
    struct sweep_report report;
    struct diagnostics d;
    struct tables t = {.parameters = fopen(paths->parameters, "w"), .levels = fopen(paths->levels, "w")};
    int *failed = output;
    snprintf(count, sizeof(count), "patients.count=%d", PATIENTS);
    diagnostics_init(&d);
    *failed = !t.parameters || !t.levels || study_read(&study, paths->study, settings, 2, &d) != 0;
    if (!*failed) {
        const struct sink sink = {.payload = &t, .take = write_patients};
        t.model = &study.models[0];
        t.times = study.time_count;
        for (int p = 0; p < t.model->parameter_count; p++) {
            fprintf(t.parameters, "%s%s", p ? "," : "", t.model->parameters[p].name);
        }
        fputc('\n', t.parameters);
        *failed = sweep_run(&study, 1, &sink, &report, &d) != 0;
    }
    if (t.parameters) {
        fclose(t.parameters);
    }
    if (t.levels) {
        fclose(t.levels);
    }
    study_clear(&study);
    diagnostics_clear(&d);
}

/* One run of deSolve: patients/s and largest error. */
static int run_desolve(const struct figures_options *options, double *rate, double *error, char *why)
{
    char script[700], module[700], path[700], said[2000];
    struct outcome outcome;
    snprintf(script, sizeof(script), "%s/../desolve/w1.R", options->studies);
    snprintf(module, sizeof(module), "%s/desolve_w1.so", options->build);
    snprintf(path, sizeof(path), "%s/desolve.txt", options->scratch);
    const char *const arguments[] = {"Rscript", script, options->scratch, module, NULL};
    const int status = program_run(arguments, said, sizeof(said), &outcome);
    FILE *file = status == 0 ? fopen(path, "r") : NULL;
    const bool read = file && fscanf(file, "%lf %lf", rate, error) == 2;
    if (file) {
        fclose(file);
    }
    unlink(path);
    if (!read) {
        said[strcspn(said, "\n")] = '\0';
        snprintf(why, 300, "%.250s", status == 127 ? "R is not installed" : said);
        return -1;
    }
    return 0;
}

static json_t *measure(const struct figures_options *options, const char *study, char *why)
{
    const struct run baseline = {
        .study = study, .method = "baseline", .patients = PATIENTS, .threads = 1, .finer = 1, .keep = true};
    struct outcome outcome;
    double rates[ROUNDS], ratios[ROUNDS], error = 0;
    for (int i = 0; i < ROUNDS; i++) {
        if (run_desolve(options, &rates[i], &error, why) != 0) {
            return NULL;
        }
        if (run_apart(&baseline, &outcome) != 0) {
            snprintf(why, 300, "%s", outcome.why);
            return NULL;
        }
        ratios[i] = rates[i] * outcome.seconds / PATIENTS;
    }
    const struct interval rate = median_interval(rates, ROUNDS);
    const struct interval ratio = median_interval(ratios, ROUNDS);
    return json_pack("{s:i, s:f, s:{s:f, s:f, s:f}, s:{s:f, s:f, s:f}}", "patients", PATIENTS, "error", error,
                     "patients_per_second", "median", rate.median, "low", rate.low, "high", rate.high,
                     "ratio_to_baseline", "median", ratio.median, "low", ratio.low, "high", ratio.high);
}

json_t *outside_desolve(const struct figures_options *options, const char *study, char *why)
{
    struct table_paths paths = {.study = study};
    struct outcome process = {0};
    int failed = 1;
    json_t *figures = NULL;
    snprintf(paths.parameters, sizeof(paths.parameters), "%s/parameters.csv", options->scratch);
    snprintf(paths.levels, sizeof(paths.levels), "%s/levels.csv", options->scratch);
    if (task_apart(write_tables, &paths, &failed, sizeof(failed), &process) != 0 || failed) {
        snprintf(why, 300, "%s: the patients cannot be written", options->scratch);
    } else {
        figures = measure(options, study, why);
    }
    unlink(paths.parameters);
    unlink(paths.levels);
    return figures;
}
