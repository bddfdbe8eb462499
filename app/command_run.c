/* ketsim run STUDY.yaml - simulates every patient of a study in every arm, into a result file. */
#include "arguments.h"
#include "interrupt.h"
#include "messages.h"
#include "progress.h"
#include "results.h"
#include "run_messages.h"
#include "study_fit.h"
#include "study_read.h"
#include "study_size.h"
#include "version.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    struct study_arguments study;
    const char *output;   /* NULL: named after the study */
    int threads;          /* 0: as many as there are */
    int64_t max_failures; /* more stop the run; -1: any number is taken */
    bool force;
    bool resume;
    bool quiet;
};

enum { KEY_MAX_FAILURES = 256 };

static const struct argp_option options[] = {
    {"output", 'o', "OUT.h5", 0,
     "The result file (default: the study's name with .h5, in the current folder)", 0},
    {"threads", 't', "N", 0,
     "How many threads (default: OMP_NUM_THREADS, or as many as there are processors); the result is the "
     "same for any number",
     0},
    {"max-failures", KEY_MAX_FAILURES, "N", 0,
     "Stop when more than N simulations have failed (default: finish, whatever fails)", 0},
    {"resume", 'r', NULL, 0,
     "Go on with what an interrupted run of the same study left as OUT.h5.part; with nothing there the run "
     "begins anew",
     0},
    {"force", 'f', NULL, 0,
     "Replace the result file if it exists; without --resume also what an interrupted run left", 0},
    {"quiet", 'q', NULL, 0, "Say nothing but errors", 0},
    {0},
};

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->study;
        return 0;
    case 'o':
        arguments->output = value;
        return 0;
    case 't':
        arguments->threads = (int)argument_count(state, "--threads", value, 1, ARGUMENT_THREADS_MAX);
        return 0;
    case KEY_MAX_FAILURES:
        arguments->max_failures = argument_count(state, "--max-failures", value, 0, INT32_MAX);
        return 0;
    case 'r':
        arguments->resume = true;
        return 0;
    case 'f':
        arguments->force = true;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&study_command_line, 0, NULL, 0}, {0}};

static const struct argp command_line = {
    .options = options,
    .parser = arguments_take,
    .children = children,
    .args_doc = "STUDY.yaml",
    .doc = "Simulates every patient of a study in every arm and writes one result file.\v"
           "Exit status: 0 done; 1 failed; 2 the command line or the study is wrong; 3 done, but some "
           "patients could not be simulated and are marked in the result; 130 interrupted, and --resume goes "
           "on.",
};

/* Where finished patients go, and when no more are wanted: once somebody interrupts, or too many have failed. */
struct reception {
    struct results *results;
    int64_t max_failures; /* -1: any number */
    atomic_llong failures;
    struct progress progress;
};

static bool too_many_failed(const struct reception *reception)
{
    return reception->max_failures >= 0 && atomic_load(&reception->failures) > reception->max_failures;
}

static int reception_take(void *payload, const struct simulated *patients, int count)
{
    struct reception *reception = payload;
    int64_t failures = 0;

    if (results_take(reception->results, patients, count) != 0) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        failures += patients[i].status != PATIENT_SIMULATED;
    }
    if (failures > 0) { /* they all go to one counter, which who has none leaves alone */
        atomic_fetch_add(&reception->failures, failures);
    }
    return too_many_failed(reception) ? -1 : 0;
}

static bool reception_wants(void *payload, int64_t block)
{
    struct reception *reception = payload;

    return !interrupt_came() && results_wanted(reception->results, block);
}

static int reception_block_done(void *payload, int64_t block, const struct solver_work *work)
{
    struct reception *reception = payload;

    return results_block_done(reception->results, block, work);
}

static void reception_progress(void *payload, int64_t finished, int64_t total)
{
    struct reception *reception = payload;

    progress_show(&reception->progress, finished, total);
}

/* Begins a result, or goes on with one. NULL with the reason in `d`. */
static struct results *result_start(const struct study *study, const struct arguments *arguments,
                                    const char *output, struct diagnostics *d)
{
    struct results *results = NULL;
    struct version version;

    version_init(&version);
    if (arguments->resume) {
        const int threads = sweep_threads(study, arguments->threads);
        const int found =
            results_resume(&results, output, arguments->force, study, &version.provenance, threads, d);
        if (found <= 0) {
            return results;
        }
        if (!arguments->quiet) {
            message("note: there is no \"%s.part\" to resume; the run begins anew", output);
        }
    }
    return results_create(output, arguments->force, study, &version.provenance, d);
}

/* A run that did not come to its end: what is done stays, for another to go on with. */
static void result_suspend(struct results *results, const struct study *study, const char *output,
                           struct diagnostics *d)
{
    const int64_t done = results_done(results);
    const int failed = results_suspend(results, d);

    messages_flush(d, true);
    if (done == 0) {
        message("no patients were finished; nothing is left");
    } else if (failed == 0) {
        message("%" PRId64 " of %" PRId64 " simulations are finished and stand in \"%s.part\"; the same "
                "command with --resume goes on",
                done, study->arm_count * study->patient_count, output);
    }
}

/* The work itself: simulates the study into a file at `output`. Returns the exit status. */
static int study_simulate(const struct study *study, const struct study_size *size,
                          const struct arguments *arguments, const char *output, struct diagnostics *d)
{
    struct reception reception = {.max_failures = arguments->max_failures};
    const struct sink sink = {.payload = &reception,
                              .take = reception_take,
                              .progress = reception_progress,
                              .wanted = reception_wants,
                              .block_done = reception_block_done};
    struct sweep_report report = {0};
    struct study_fit fit;
    struct fit_text lack;

    if (study_fit(&fit, study, arguments->threads, d) != 0) {
        return STATUS_FAILED;
    }
    if (study_lacks_memory(&fit, &lack)) {
        diagnostics_error(d, NOWHERE, "%s", lack.text);
        return STATUS_FAILED;
    }
    reception.results = result_start(study, arguments, output, d);
    if (reception.results == NULL) {
        return STATUS_FAILED;
    }
    reception.failures = results_failed(reception.results);
    if (!arguments->quiet) {
        run_announce(study, size, sweep_threads(study, arguments->threads), output);
        run_tell_resumed(study, results_done(reception.results));
    }

    progress_begin(&reception.progress, stderr, arguments->quiet);
    const int failed = sweep_run(study, arguments->threads, &sink, &report, d);
    progress_end(&reception.progress);
    if (failed) {
        const char *why = results_failure(reception.results);
        if (why != NULL) {
            diagnostics_error(d, (struct place){output, 0, 0}, "%s", why);
        }
        if (why == NULL && too_many_failed(&reception)) {
            results_abandon(reception.results);
            diagnostics_clear(d); /* that the run was stopped is told better here */
            run_tell_stopped(study, &report, arguments->max_failures);
        } else {
            result_suspend(reception.results, study, output, d);
        }
        return STATUS_FAILED;
    }
    if (interrupt_came() && results_done(reception.results) < study->arm_count * study->patient_count) {
        message("interrupted");
        result_suspend(reception.results, study, output, d);
        return STATUS_INTERRUPTED;
    }

    if (results_finish(reception.results, &report, d) != 0) {
        return STATUS_FAILED;
    }
    messages_flush(d, arguments->quiet);
    run_tell(study, &report, output, arguments->quiet);
    return report.failed > 0 ? STATUS_PATIENTS_FAILED : STATUS_OK;
}

int command_run(int argc, char **argv)
{
    struct arguments arguments = {.max_failures = -1};
    struct study study = {0};
    struct study_size size;
    struct diagnostics d;
    char *output = NULL;
    int status = STATUS_FAILED;

    diagnostics_init(&d);
    if (study_arguments_init(&arguments.study, argc) != 0) {
        diagnostics_out_of_memory(&d);
        goto out;
    }
    argp_parse(&command_line, argc, argv, 0, NULL, &arguments);

    if (study_read(&study, arguments.study.path, arguments.study.settings, arguments.study.setting_count,
                   &d) != 0 ||
        study_size(&size, &study, &d) != 0) {
        status = input_status(&d);
        goto out;
    }
    messages_flush(&d, arguments.quiet);

    output = arguments.output != NULL ? strdup(arguments.output) : output_name(arguments.study.path, ".h5");
    if (output == NULL) {
        diagnostics_out_of_memory(&d);
        goto out;
    }

    interrupt_watch();
    status = study_simulate(&study, &size, &arguments, output, &d);

out:
    messages_flush(&d, arguments.quiet);
    free(output);
    study_clear(&study);
    study_arguments_clear(&arguments.study);
    return status;
}
