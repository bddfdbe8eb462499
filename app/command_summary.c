/* ketsim summary OUT.h5 - the exposure in each arm, as a table. */
#include "app/base/messages.h"
#include "app/report/failures.h"
#include "app/report/summary.h"
#include "arguments.h"
#include "commands.h"

#include <stdio.h>

struct arguments {
    const char *path;
    enum summary_format format;
    bool failures;
};

static const char *const formats[] = {
    [SUMMARY_TEXT] = "text",
    [SUMMARY_CSV] = "csv",
    [SUMMARY_JSON] = "json",
};

enum { KEY_FAILURES = 256 };

static const struct argp_option options[] = {
    {"format", 'f', "FORMAT", 0, "How it is printed: text (the default), csv or json", 0},
    {"failures", KEY_FAILURES, NULL, 0,
     "Prints who could not be simulated instead: patient, arm, time, reason, and what to change", 0},
    {0},
};

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->path;
        return 0;
    case 'f':
        arguments->format = (enum summary_format)argument_choice(state, "--format", value, formats,
                                                                 (int)(sizeof(formats) / sizeof(*formats)));
        return 0;
    case KEY_FAILURES:
        arguments->failures = true;
        return 0;
    case ARGP_KEY_END:
        if (arguments->failures && arguments->format == SUMMARY_JSON) {
            argp_error(state, "--failures are printed as text or csv");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&result_command_line, 0, NULL, 0}, {0}};

static const struct argp command_line = {
    .options = options,
    .parser = arguments_take,
    .args_doc = "OUT.h5",
    .children = children,
    .doc = "Prints what a result file says of the exposure in each arm, on stdout.",
};

int command_summary(int argc, char **argv)
{
    struct arguments arguments = {.format = SUMMARY_TEXT};
    struct diagnostics d;

    diagnostics_init(&d);
    argp_parse(&command_line, argc, argv, 0, NULL, &arguments);
    const int failed = arguments.failures ? failures_print(stdout, arguments.path, arguments.format, &d)
                                          : summary_print(stdout, arguments.path, arguments.format, &d);
    messages_flush(&d, false);
    if (fflush(stdout) != 0) {
        message("error: the summary cannot be written to the standard output");
        return STATUS_FAILED;
    }
    return failed ? STATUS_FAILED : STATUS_OK;
}
