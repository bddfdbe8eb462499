/* ketsim check STUDY.yaml - is the study right, and what exactly does it say? */
#include "arguments.h"
#include "messages.h"
#include "study_read.h"
#include "study_size.h"

#include <stdio.h>
#include <stdlib.h>

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    (void)value;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = state->input;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = {{&study_command_line, 0, NULL, 0}, {0}};

static const struct argp command_line = {
    .parser = arguments_take,
    .children = children,
    .args_doc = "STUDY.yaml",
    .doc = "Finds every mistake in a study. Without one, prints the resolved study with all defaults "
           "on stdout and its size on stderr.\v"
           "The resolved study is a study: it runs to the same numbers.\n"
           "Exit status: 0 the study is right; 2 it is not.",
};

int command_check(int argc, char **argv)
{
    struct study_arguments arguments;
    struct study study = {0};
    struct study_size size;
    struct diagnostics d;
    char *resolved = NULL;
    int status = STATUS_FAILED;

    diagnostics_init(&d);
    if (study_arguments_init(&arguments, argc) != 0) {
        diagnostics_out_of_memory(&d);
        goto out;
    }
    argp_parse(&command_line, argc, argv, 0, NULL, &arguments);

    if (study_read(&study, arguments.path, arguments.settings, arguments.setting_count, &d) != 0 ||
        study_size(&size, &study, &d) != 0) {
        status = input_status(&d);
        goto out;
    }
    messages_flush(&d, false);

    resolved = document_write(&study.document);
    if (resolved == NULL) {
        diagnostics_out_of_memory(&d);
        goto out;
    }
    if (fputs(resolved, stdout) < 0 || fflush(stdout) != 0) {
        message("error: the study cannot be written to the standard output");
        goto out;
    }
    message("%s: %.0f levels, about %s", study_size_describe(&size).text, size.levels,
            size_describe(size.bytes).text);
    status = STATUS_OK;

out:
    messages_flush(&d, false);
    free(resolved);
    study_clear(&study);
    study_arguments_clear(&arguments);
    return status;
}
