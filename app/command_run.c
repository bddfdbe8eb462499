/* ketsim run STUDY.yaml - simulates every patient of a study in every arm, into a result file. */
#include "app/base/interrupt.h"
#include "app/base/messages.h"
#include "app/base/progress.h"
#include "app/base/ranks.h"
#include "app/results/results.h"
#include "app/results/study_size.h"
#include "app/results/version.h"
#include "app/study/study_read.h"
#include "arguments.h"
#include "commands.h"
#include "run_messages.h"
#include "study_fit.h"

#include <inttypes.h>
#include <signal.h>
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
     "begins anew, and where OUT.h5 is the finished result of the same study nothing is done",
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
           "patients could not be simulated, or differ from what solving them again by another route gives, "
           "and are marked in "
           "the result; 130 interrupted, and --resume goes "
           "on.",
};

/* Where finished patients go, and when no more are wanted: once somebody interrupts, or too many have failed. */
struct reception {
    struct results *results;
    struct ranks ranks;
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

    return !interrupt_came() && block % reception->ranks.count == reception->ranks.number &&
           results_wanted(reception->results, block);
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

static int outcome_status(const struct sweep_report *report)
{
    return report->failed > 0 || !certificate_holds(&report->certificate) ? STATUS_PATIENTS_FAILED
                                                                          : STATUS_OK;
}

/* Together: whether an earlier run has done it all, as for a job that is started once more. The exit status, or -1: there is
 * something to do. */
static int study_is_finished(const struct study *study, const struct arguments *arguments, const char *output,
                             struct diagnostics *d)
{
    struct sweep_report report;
    struct version version;
    int status = -1;

    if (arguments->resume && ranks_self().number == 0) {
        version_init(&version);
        const int found = results_finished(output, study, &version.provenance, &report, d);
        if (found > 0) {
            messages_flush(d, arguments->quiet);
            run_tell_finished(study, &report, output, arguments->quiet);
            status = outcome_status(&report);
        } else if (found < 0 && arguments->force) {
            diagnostics_clear(d); /* whatever it is, it may be replaced */
        } else if (found < 0) {
            diagnostics_error(d, (struct place){.file = output},
                              "is there, and not what this run would make; --force replaces it");
            status = STATUS_FAILED;
        }
    }
    ranks_share(&status, sizeof(status));
    return status;
}

/* Begins a result, or goes on with one. NULL with the reason in `d`. */
static struct results *result_start(const struct study *study, const struct arguments *arguments,
                                    const char *output, const struct provenance *provenance,
                                    struct diagnostics *d)
{
    struct results *results = NULL;

    if (arguments->resume) {
        const int threads = sweep_threads(study, arguments->threads);
        const int found = results_resume(&results, output, arguments->force, study, provenance, threads, d);
        if (found <= 0) {
            return results;
        }
        if (!arguments->quiet) {
            message("note: there is no \"%s.part\" to resume; the run begins anew", output);
        }
    }
    return results_create(output, arguments->force, study, provenance, d);
}

static const char same_command[] = "the same command with --resume goes on";
static const char more_failures[] = "with --resume, and a larger --max-failures or none, the run goes on";

/* A run that did not come to its end: what is done stays, for another to go on with. With `alone` that is all that this process
 * knows of. `how` says what goes on with it. */
static void result_suspend(struct results *results, const struct study *study, const char *output, bool alone,
                           const char *how, struct diagnostics *d)
{
    const int64_t done = results_done(results);
    const int failed = results_suspend(results, d);

    messages_flush(d, true);
    if (!alone) {
        message("what is finished stands in \"%s.part\"; %s", output, how);
    } else if (done == 0) {
        message("no patients were finished; nothing is left");
    } else if (failed != 0) {
        message("what could be kept of %" PRId64 " of %" PRId64
                " simulations stands in \"%s.part\"; once the "
                "disk takes it, %s",
                done, study->arm_count * study->patient_count, output, how);
    } else {
        message("%" PRId64 " of %" PRId64 " simulations are finished and stand in \"%s.part\"; %s", done,
                study->arm_count * study->patient_count, output, how);
    }
}

/* Begins a result, alone or with other processes, who all get theirs. NULL with the reason in `d` where it lies. */
static struct results *result_begin(const struct study *study, const struct arguments *arguments,
                                    const char *output, struct diagnostics *d)
{
    struct results *results = NULL;
    struct version version;

    version_init(&version);
    if (ranks_self().number == 0) {
        results = result_start(study, arguments, output, &version.provenance, d);
    }
    if (ranks_agree(ranks_self().number == 0 && results == NULL) != 0) {
        return NULL; /* rank 0 says why */
    }
    if (results_join(&results, output, study, &version.provenance, d) != 0) {
        ranks_speak();
        if (ranks_self().number == 0) {
            results_suspend(results, d);
        } else if (results != NULL) {
            results_leave(results);
        }
        return NULL;
    }
    return results;
}

/* Too many have failed: no result is made, and what is finished stays for a run that is allowed more. */
static int study_stop(struct reception *reception, const struct study *study,
                      const struct sweep_report *report, const char *output, struct diagnostics *d)
{
    run_tell_stopped(study, report, reception->max_failures);
    result_suspend(reception->results, study, output, reception->ranks.count == 1, more_failures, d);
    return STATUS_FAILED;
}

/* The sweep has failed in this process, which ends those of the others, too. */
static int study_fail(struct reception *reception, const struct study *study,
                      const struct sweep_report *report, const char *output, struct diagnostics *d)
{
    const char *why = results_failure(reception->results);

    ranks_speak();
    if (why == NULL && too_many_failed(reception)) {
        diagnostics_clear(d); /* that the run was stopped is told better here */
        study_stop(reception, study, report, output, d);
    } else {
        if (why != NULL) {
            diagnostics_error(d, (struct place){output, 0, 0}, "%s", why);
        }
        result_suspend(reception->results, study, output, reception->ranks.count == 1, same_command, d);
    }
    if (reception->ranks.count > 1) {
        ranks_abort(STATUS_FAILED);
    }
    return STATUS_FAILED;
}

/* Gives up a result that is not gone on with: rank 0 keeps what is finished. Returns the exit status. */
static int study_leave(struct reception *reception, const struct study *study, const char *output,
                       struct diagnostics *d)
{
    if (reception->ranks.number == 0) {
        result_suspend(reception->results, study, output, true, same_command, d);
    } else {
        results_leave(reception->results);
    }
    return STATUS_FAILED;
}

/* Together: counts those who failed in what an earlier run left. 0, or -1 on all with the reason in `d` where it lies. */
static int reception_count(struct reception *reception, struct diagnostics *d)
{
    int64_t failures = 0;
    const int failed =
        reception->ranks.number == 0 ? results_failed(reception->results, &failures, d) : STATUS_OK;

    ranks_share(&failures, sizeof(failures));
    reception->failures = failures;
    return ranks_agree(failed != 0) == 0 ? 0 : -1;
}

/* Together: the end of a sweep that nothing has failed in. */
static int study_finish(struct reception *reception, const struct study *study,
                        const struct arguments *arguments, struct sweep_report *report, const char *output,
                        struct diagnostics *d)
{
    struct results *results = reception->results;
    int64_t failures;

    if (interrupt_came()) {
        message("interrupted");
    }
    if (!ranks_wait(interrupt_came)) { /* a process is gone, or this one alone was asked to stop */
        ranks_speak();
        result_suspend(results, study, output, false, same_command, d);
        ranks_abort(STATUS_INTERRUPTED);
    }
    if (results_gather(results, report, d) != 0) {
        ranks_speak();
        result_suspend(results, study, output, false, same_command, d);
        return STATUS_FAILED;
    }
    if (reception->ranks.number > 0) {
        results_leave(results);
        return STATUS_OK; /* what rank 0 says counts */
    }
    if (results_done(results) < study->arm_count * study->patient_count) {
        result_suspend(results, study, output, true, same_command, d);
        return STATUS_INTERRUPTED;
    }
    /* of several processes none knows how many failed in the others */
    if (results_failed(results, &failures, d) != 0) {
        return study_leave(reception, study, output, d);
    }
    reception->failures = failures;
    if (too_many_failed(reception)) {
        return study_stop(reception, study, report, output, d);
    }
    if (results_finish(results, report, d) != 0) {
        return STATUS_FAILED;
    }
    messages_flush(d, arguments->quiet);
    run_tell(study, report, output, arguments->quiet);
    return outcome_status(report);
}

/* The work itself: simulates the study into a file at `output`. Returns the exit status. */
static int study_simulate(const struct study *study, const struct study_size *size,
                          const struct arguments *arguments, const char *output, struct diagnostics *d)
{
    struct reception reception = {.max_failures = arguments->max_failures, .ranks = ranks_self()};
    const struct sink sink = {.payload = &reception,
                              .certify = true,
                              .take = reception_take,
                              .progress = reception_progress,
                              .wanted = reception_wants,
                              .block_done = reception_block_done};
    struct sweep_report report = {0};
    const int finished = study_is_finished(study, arguments, output, d);

    if (finished >= 0) {
        return finished;
    }
    reception.results = result_begin(study, arguments, output, d);
    if (reception.results == NULL) {
        return STATUS_FAILED;
    }
    if (reception_count(&reception, d) != 0) {
        return study_leave(&reception, study, output, d);
    }
    if (!arguments->quiet) {
        run_announce(study, size, reception.ranks.count, sweep_threads(study, arguments->threads), output);
        run_tell_unsearched(study);
        run_tell_resumed(study, results_done(reception.results));
    }
    if (too_many_failed(&reception)) { /* in what an earlier run left */
        return reception.ranks.number == 0 ? study_stop(&reception, study, &report, output, d)
                                           : study_leave(&reception, study, output, d);
    }

    progress_begin(&reception.progress, stderr, arguments->quiet);
    const int failed = sweep_run(study, arguments->threads, &sink, &report, d);
    progress_end(&reception.progress);
    return failed ? study_fail(&reception, study, &report, output, d)
                  : study_finish(&reception, study, arguments, &report, output, d);
}

/* Reads the study, and whether it can be run here. Returns the exit status. */
static int study_prepare(struct study *study, struct study_size *size, const struct arguments *arguments,
                         struct diagnostics *d)
{
    struct study_fit fit;
    struct fit_text lack;

    if (study_read(study, arguments->study.path, arguments->study.settings, arguments->study.setting_count,
                   d) != 0 ||
        study_size(size, study, d) != 0) {
        return input_status(d);
    }
    if (study_fit(&fit, study, arguments->threads, d) != 0) {
        return STATUS_FAILED;
    }
    if (study_lacks_memory(&fit, &lack)) {
        diagnostics_error(d, NOWHERE, "%s", lack.text);
        return STATUS_FAILED;
    }
    return STATUS_OK;
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

    const int wrong = study_prepare(&study, &size, &arguments, &d);
    status = ranks_agree(wrong);
    if (status != STATUS_OK) {
        int first = wrong;
        ranks_share(&first, sizeof(first));
        if (first == STATUS_OK && wrong != STATUS_OK) { /* else rank 0 says it */
            ranks_speak();
        }
        goto out;
    }
    messages_flush(&d, arguments.quiet);

    output = arguments.output != NULL ? strdup(arguments.output) : output_name(arguments.study.path, ".h5");
    if (output == NULL) {
        diagnostics_out_of_memory(&d);
        goto out;
    }

    signal(SIGXFSZ, SIG_IGN); /* a limit to the size of files is told like a full disk */
    signal(SIGPIPE, SIG_IGN); /* the result is wanted, whether or not anybody reads what is said */
    interrupt_watch();
    status = ranks_agree(study_simulate(&study, &size, &arguments, output, &d));

out:
    messages_flush(&d, arguments.quiet);
    free(output);
    study_clear(&study);
    study_arguments_clear(&arguments.study);
    return status;
}
