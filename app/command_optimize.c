/* ketsim optimize STUDY.yaml - which of the study's candidates keep its constraints. */
#include "app/base/messages.h"
#include "app/base/progress.h"
#include "app/report/failures.h"
#include "app/report/search_answer.h"
#include "app/results/results_certificate.h"
#include "app/study/study_read.h"
#include "arguments.h"
#include "commands.h"

#include "model/patients.h"

#include <inttypes.h>
#include <stdlib.h>

struct arguments {
    struct study_arguments study;
    enum answer_format format;
    int threads; /* 0: as many as there are */
    bool quiet;
};

static const char *const formats[] = {
    [ANSWER_TEXT] = "text",
    [ANSWER_CSV] = "csv",
    [ANSWER_JSON] = "json",
};

static const struct argp_option options[] = {
    {"format", 'f', "FORMAT", 0, "How the answer is printed: text (the default), csv or json", 0},
    {"threads", 't', "N", 0,
     "How many threads (default: OMP_NUM_THREADS, or as many as there are processors); the answer is the "
     "same for any number",
     0},
    {"quiet", 'q', NULL, 0, "Say nothing but the answer and errors", 0},
    {0},
};

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->study;
        return 0;
    case 'f':
        arguments->format = (enum answer_format)argument_choice(state, "--format", value, formats,
                                                                (int)(sizeof(formats) / sizeof(*formats)));
        return 0;
    case 't':
        arguments->threads = (int)argument_count(state, "--threads", value, 1, ARGUMENT_THREADS_MAX);
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
    .doc =
        "Finds the doses, durations or intervals with which a population keeps to constraints: the section "
        "`optimize' of the study says what is varied, and which probabilities over the patients are to be at "
        "most or at least how large. Prints the answer on stdout, with its Monte Carlo error.\v"
        "All candidates are given to the same patients. Patients who cannot be simulated count against every "
        "constraint.\n"
        "Exit status: 0 there is an answer for each arm, also that nothing keeps to all constraints; 1 there "
        "is none; 2 the study or the command line is wrong; 3 there is one, but some patients failed, or "
        "the certificate does not hold.",
};

static void search_progress(void *payload, int64_t finished, int64_t total)
{
    progress_show(payload, finished, total);
}

/* The first of the patients who failed, and why. */
static void failures_tell(const struct study *study, const struct sweep_report *report)
{
    message("error: %" PRId64 " of %" PRId64 " simulations failed; they count against every constraint",
            report->failed, report->finished);
    for (int i = 0; i < report->failure_count; i++) {
        const struct failed_patient *failed = &report->failures[i];
        message("  patient %" PRId64 " in arm \"%s\" at %.4g h: %s", patient_id(study, failed->patient),
                study->arms[failed->arm].label, failed->why.time, failed->why.text);
    }
}

/* That the answer is of levels that nothing vouches for. */
static void certificate_tell(const struct study *study, const struct certificate *certificate)
{
    const struct result_certificate told = result_certificate_of(study, certificate);

    message("error: %s; the answer cannot be relied on", result_certificate_describe(&told).text);
}

/* Searches all treatments. The exit status; STATUS_FAILED with the reason in `d`, or with an answer that says so. */
static int search_all(struct search_answer *answer, struct treatment_search *searches,
                      const struct arguments *arguments, struct diagnostics *d)
{
    const struct study *study = answer->study;
    int status = STATUS_OK;

    for (int i = 0; i < regimen_treatments(study); i++) {
        struct progress progress;
        const struct search_watch watch = {&progress, search_progress};
        progress_begin(&progress, stderr, arguments->quiet);
        const int failed = treatment_search(&searches[i], study, i, arguments->threads, &watch, d);
        progress_end(&progress);
        if (failed) {
            return STATUS_FAILED;
        }
        answer->treatment_count = i + 1;
        if (searches[i].report.failed > 0) {
            failures_tell(study, &searches[i].report);
            status = status == STATUS_OK ? STATUS_PATIENTS_FAILED : status;
        }
        if (!certificate_holds(&searches[i].report.certificate)) {
            certificate_tell(study, &searches[i].report.certificate);
            status = status == STATUS_OK ? STATUS_PATIENTS_FAILED : status;
        }
        status = searches[i].refused ? STATUS_FAILED : status;
    }
    return status;
}

int command_optimize(int argc, char **argv)
{
    struct arguments arguments = {.format = ANSWER_TEXT};
    struct study study = {0};
    struct treatment_search *searches = NULL;
    struct search_answer answer = {.study = &study};
    struct diagnostics d;
    int status = STATUS_FAILED;

    diagnostics_init(&d);
    if (study_arguments_init(&arguments.study, argc) != 0) {
        diagnostics_out_of_memory(&d);
        goto out;
    }
    argp_parse(&command_line, argc, argv, 0, NULL, &arguments);

    if (study_read_candidates(&study, arguments.study.path, arguments.study.settings,
                              arguments.study.setting_count, &d) != 0) {
        status = input_status(&d);
        goto out;
    }
    messages_flush(&d, arguments.quiet);

    searches = calloc((size_t)regimen_treatments(&study) + 1, sizeof(*searches));
    if (searches == NULL) {
        diagnostics_out_of_memory(&d);
        goto out;
    }
    answer.treatments = searches;
    status = search_all(&answer, searches, &arguments, &d);
    if (answer.treatment_count < regimen_treatments(&study)) {
        goto out;
    }
    if (answer_print(stdout, &answer, arguments.format, &d) != 0 || fflush(stdout) != 0) {
        message("error: the answer cannot be written to the standard output");
        status = STATUS_FAILED;
    }

out:
    messages_flush(&d, arguments.quiet);
    for (int i = 0; i < answer.treatment_count; i++) {
        treatment_search_clear(&searches[i]);
    }
    free(searches);
    study_clear(&study);
    study_arguments_clear(&arguments.study);
    return status;
}
