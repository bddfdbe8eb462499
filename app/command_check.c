/* ketsim check STUDY.yaml - is the study right, and what exactly does it say? */
#include "app/base/messages.h"
#include "app/results/study_size.h"
#include "app/study/study_read.h"
#include "arguments.h"
#include "commands.h"
#include "study_fit.h"

#include "solver/sensitivity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    struct study_arguments study;
    const char *output; /* NULL: named after the study */
    int threads;        /* 0: as many as there are */
};

static const struct argp_option options[] = {
    {"output", 'o', "OUT.h5", 0, "Where the result of a run would be (default: as for run)", 0},
    {"threads", 't', "N", 0, "How many threads a run would have (default: as for run)", 0},
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
    .doc = "Finds every mistake in a study. Without one, prints the resolved study with all defaults "
           "on stdout and what a run would take on stderr.\v"
           "The resolved study is a study: it runs to the same numbers. Memory, disk and time are estimates; "
           "a few "
           "blocks of patients are simulated for them, for a second at most. What the machine lacks is a "
           "warning.\n"
           "Exit status: 0 the study is right; 2 it is not.",
};

/* "0.4 s", "35 s", "4 min", "2.5 h" */
static void duration_describe(char *text, size_t size, double seconds)
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = {{86400, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int i = 0;

    while (i < 3 && seconds < 2 * units[i].seconds) {
        i++;
    }
    const double value = seconds / units[i].seconds;
    snprintf(text, size, "%.*f %s", value < 9.95, value, units[i].name);
}

static void quantiles_tell(const struct quantile_plan *plan)
{
    if (plan->wanted && plan->streaming) {
        message("quantiles from counts (streaming), with a relative error below %.2g %%",
                100 * ldexp(1, -plan->bits));
    } else if (plan->wanted) {
        message("quantiles exactly, from all levels");
    }
}

/* What makes a design for sensitivity dear. */
static void design_tell(const struct study *study)
{
    const struct sensitivity *s = &study->sensitivity;

    if (s->kind != SENSITIVITY_NONE) {
        const struct sensitivity_method *method = sensitivity_method(s->kind);
        message("%s of %d axes: %" PRId64 " rows x (%d + %d) = %" PRId64 " points of each arm", method->name,
                study->axis_count, s->rows, study->axis_count, method->outputs, sensitivity_points(study));
    }
}

static bool is_told(const struct diagnostics *d, const struct diagnostic *item)
{
    for (int i = 0; i < d->count; i++) {
        if (d->items[i].line == item->line && d->items[i].column == item->column &&
            strcmp(d->items[i].text, item->text) == 0) {
            return true;
        }
    }
    return false;
}

/* What is wrong with the candidates of `ketsim optimize` shows when they are arms; added to `d`. -1 where something is. */
static int candidates_check(const struct study *study, const struct study_arguments *arguments,
                            struct diagnostics *d)
{
    struct diagnostics found;
    struct study searched;

    if (study->optimize.vary == NULL) {
        return 0;
    }
    diagnostics_init(&found);
    const int failed = study_read_candidates(&searched, arguments->path, arguments->settings,
                                             arguments->setting_count, &found);
    for (int i = 0; i < found.count; i++) {
        const struct diagnostic *item = &found.items[i];
        const struct place at = {item->file, item->line, item->column};
        if (!is_told(d, item)) {
            (item->severity == SEVERITY_ERROR ? diagnostics_error : diagnostics_warning)(d, at, "%s",
                                                                                         item->text);
        }
    }
    if (found.out_of_memory) {
        diagnostics_out_of_memory(d);
    }
    diagnostics_clear(&found);
    study_clear(&searched);
    return failed;
}

/* What `ketsim optimize` would search. */
static void search_tell(const struct study *study)
{
    const struct optimize *optimize = &study->optimize;

    if (optimize->vary != NULL) {
        message("optimize: %s, %d candidates from %s to %s, %d constraint%s", optimize->vary,
                optimize->candidate_count, optimize->candidates[0].text,
                optimize->candidates[optimize->candidate_count - 1].text, optimize->constraint_count,
                optimize->constraint_count == 1 ? "" : "s");
    }
}

/* What a run would take, and what of it there is not. -1 with the reason in `d`. */
static int estimates_tell(const struct study *study, const struct arguments *arguments, const char *output,
                          struct diagnostics *d)
{
    struct study_fit fit;
    struct study_pilot pilot;
    struct fit_text lack;
    char time[32] = "";

    if (study_fit(&fit, study, arguments->threads, d) != 0) {
        return -1;
    }
    quantiles_tell(&fit.quantiles);
    study_pilot(&pilot, study, &fit);
    if (pilot.blocks > 0) {
        snprintf(time, sizeof(time), ", ");
        duration_describe(time + 2, sizeof(time) - 2, pilot.seconds);
    }
    message("estimated for %d thread%s: %s of memory, %s of disk%s", fit.threads, fit.threads == 1 ? "" : "s",
            size_describe(fit.memory).text, size_describe(fit.file + fit.beside).text, time);
    if (study_lacks_memory(&fit, &lack)) {
        diagnostics_warning(d, NOWHERE, "%s", lack.text);
    }
    if (study_lacks_disk(&fit, output, &lack)) {
        diagnostics_warning(d, NOWHERE, "%s", lack.text);
    }
    return 0;
}

int command_check(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct study study = {0};
    struct study_size size;
    struct diagnostics d;
    char *resolved = NULL;
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
        study_size(&size, &study, &d) != 0 || candidates_check(&study, &arguments.study, &d) != 0) {
        status = input_status(&d);
        goto out;
    }
    messages_flush(&d, false);

    resolved = document_write(&study.document);
    output = arguments.output ? strdup(arguments.output) : output_name(arguments.study.path, ".h5");
    if (resolved == NULL || output == NULL) {
        diagnostics_out_of_memory(&d);
        goto out;
    }
    if (fputs(resolved, stdout) < 0 || fflush(stdout) != 0) {
        message("error: the study cannot be written to the standard output");
        goto out;
    }
    message("%s: %.0f levels, about %s", study_size_describe(&size).text, size.levels,
            size_describe(size.bytes).text);
    design_tell(&study);
    search_tell(&study);
    status = estimates_tell(&study, &arguments, output, &d) == 0 ? STATUS_OK : STATUS_FAILED;

out:
    messages_flush(&d, false);
    free(output);
    free(resolved);
    study_clear(&study);
    study_arguments_clear(&arguments.study);
    return status;
}
