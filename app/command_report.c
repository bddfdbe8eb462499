/* ketsim report OUT.h5 - a result as a page to read. */
#include "app/base/interrupt.h"
#include "app/base/messages.h"
#include "app/report/report.h"
#include "app/results/part_file.h"
#include "arguments.h"
#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct arguments {
    const char *path;
    const char *output; /* NULL: a page is named after the result; a text goes to stdout */
    enum report_format format;
    bool force;
    bool quiet;
};

static const char *const formats[] = {[REPORT_HTML] = "html", [REPORT_TEXT] = "text"};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0,
     "Where it is written (default: the result's name with .html, in the current folder; a text: the "
     "standard output)",
     0},
    {"format", 'F', "FORMAT", 0, "html (the default): one page that needs no other file; or text", 0},
    {"force", 'f', NULL, 0, "Replace the file if it exists", 0},
    {"quiet", 'q', NULL, 0, "Say nothing but errors", 0},
    {0},
};

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->path;
        return 0;
    case 'o':
        arguments->output = value;
        return 0;
    case 'F':
        arguments->format = (enum report_format)argument_choice(state, "--format", value, formats,
                                                                (int)(sizeof(formats) / sizeof(*formats)));
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

static const struct argp_child children[] = {{&result_command_line, 0, NULL, 0}, {0}};

static const struct argp command_line = {
    .options = options,
    .parser = arguments_take,
    .args_doc = "OUT.h5",
    .children = children,
    .doc = "Writes what a result says as one page: question, answer, limits, picture, table, models, and how "
           "to make it "
           "again.\v"
           "The picture needs gnuplot (Debian's package gnuplot-nox); without it the page says so.",
};

/* The page gets its name when it is complete. */
static int report_to_file(const struct arguments *arguments, const char *output, struct diagnostics *d)
{
    struct part_file file;
    FILE *out;
    int ret;

    if (part_file_create(&file, output, arguments->force, d) != 0) {
        return -1;
    }
    out = fdopen(dup(file.fd), "w");
    ret = out ? report_write(out, arguments->path, arguments->format, d) : diagnostics_out_of_memory(d);
    if (out && (ferror(out) | fclose(out)) != 0 && ret == 0) {
        ret = diagnostics_error(d, (struct place){.file = output}, "cannot be written: %s", strerror(errno));
    }
    if (interrupt_came()) {
        ret = -1;
    }
    if (ret == 0) {
        ret = part_file_publish(&file, d);
        part_file_close(&file);
    } else {
        part_file_remove(&file);
    }
    return ret;
}

int command_report(int argc, char **argv)
{
    struct arguments arguments = {.format = REPORT_HTML};
    struct diagnostics d;
    char *output = NULL;
    int failed;

    diagnostics_init(&d);
    argp_parse(&command_line, argc, argv, 0, NULL, &arguments);
    interrupt_watch();
    if (arguments.output == NULL && arguments.format == REPORT_TEXT) {
        failed = report_write(stdout, arguments.path, arguments.format, &d);
        if (fflush(stdout) != 0) {
            failed = diagnostics_error(&d, NOWHERE, "the report cannot be written to the standard output");
        }
    } else {
        output = arguments.output ? strdup(arguments.output) : output_name(arguments.path, ".html");
        failed = output ? report_to_file(&arguments, output, &d) : diagnostics_out_of_memory(&d);
    }
    if (interrupt_came()) {
        diagnostics_clear(&d); /* that gnuplot was stopped is no news */
        message("interrupted; no report is left");
    }
    messages_flush(&d, false);
    if (!failed && output && !arguments.quiet) {
        message("the report is %s", output);
    }
    free(output);
    return interrupt_came() ? STATUS_INTERRUPTED : failed ? STATUS_FAILED : STATUS_OK;
}
