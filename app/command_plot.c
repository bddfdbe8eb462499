/* ketsim plot OUT.h5 - levels over time as a picture. */
#include "app/base/interrupt.h"
#include "app/base/messages.h"
#include "app/report/plot.h"
#include "app/results/part_file.h"
#include "arguments.h"
#include "commands.h"

#include "model/units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct arguments {
    const char *path;
    const char *output; /* NULL: named after the result */
    struct plot_request request;
    struct units *units;
    bool force;
    bool quiet;
};

enum { KEY_ANALYTE = 256, KEY_ARM, KEY_FROM, KEY_TO, KEY_LOG };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0,
     "The picture; its ending is its format: .svg, .png, .pdf, or .gp for the script that gnuplot draws it "
     "from "
     "(default: the result's name with .svg, in the current folder)",
     0},
    {"analyte", KEY_ANALYTE, "NAME", 0, "Draw this analyte; may be repeated (default: all)", 0},
    {"arm", KEY_ARM, "NAME", 0,
     "Draw this arm, by its label or its name; may be repeated (default: all, of many a selection)", 0},
    {"from", KEY_FROM, "TIME", 0, "Begin here: --from \"2 h\" (default: the first record)", 0},
    {"to", KEY_TO, "TIME", 0, "End here: --to \"3 days\" (default: the last record)", 0},
    {"log", KEY_LOG, NULL, 0, "Logarithmic levels", 0},
    {"force", 'f', NULL, 0, "Replace the picture if it exists", 0},
    {"quiet", 'q', NULL, 0, "Say nothing but errors", 0},
    {0},
};

/* A time in h. */
static double take_time(struct argp_state *state, const char *option, const char *value)
{
    struct arguments *arguments = state->input;
    struct units_error why;
    double hours = 0;

    if (units_read(arguments->units, value, "h", &hours, &why) != 0) {
        argp_error(state, "%s takes a time like \"2 h\": %s", option, why.text);
    }
    return hours;
}

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct plot_request *request = &arguments->request;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->path;
        return 0;
    case 'o':
        arguments->output = value;
        if (plot_format_of(value) == PLOT_FORMAT_COUNT) {
            argp_error(state, "\"%s\" must end in .svg, .png, .pdf or .gp, which is its format", value);
        }
        return 0;
    case KEY_ANALYTE:
        request->analytes[request->analyte_count++] = value;
        return 0;
    case KEY_ARM:
        request->arms[request->arm_count++] = value;
        return 0;
    case KEY_FROM:
        request->from = take_time(state, "--from", value);
        return 0;
    case KEY_TO:
        request->to = take_time(state, "--to", value);
        return 0;
    case KEY_LOG:
        request->log = true;
        return 0;
    case 'f':
        arguments->force = true;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case ARGP_KEY_END:
        if (request->to <= request->from) {
            argp_error(state, "--to must come after --from");
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
    .doc = "Draws the levels of a result over time: the median of the patients and how far they spread.\v"
           "Needs gnuplot (Debian's package gnuplot-nox), but for a FILE.gp.",
};

static int write_script(FILE *out, struct plot *plot, struct diagnostics *d)
{
    if (plot_script_write(out, plot, PLOT_SCRIPT, true, d) != 0) {
        return -1;
    }
    return fflush(out) == 0 && !ferror(out)
               ? 0
               : diagnostics_error(d, NOWHERE, "no room for the script: %s", strerror(errno));
}

/* The picture gets its name when it is complete. */
static int picture_write(struct plot *plot, const char *output, bool force, struct diagnostics *d)
{
    const enum plot_format format = plot_format_of(output);
    struct part_file file;
    int ret;

    if (part_file_create(&file, output, force, d) != 0) {
        return -1;
    }
    if (format == PLOT_SCRIPT) {
        FILE *out = fdopen(dup(file.fd), "w");
        ret = out ? write_script(out, plot, d) : diagnostics_out_of_memory(d);
        if (out) {
            fclose(out);
        }
    } else {
        ret = plot_draw(file.fd, plot, format, true, d);
    }
    if (ret == 0) {
        ret = part_file_publish(&file, d);
        part_file_close(&file);
    } else {
        part_file_remove(&file);
    }
    return ret;
}

int command_plot(int argc, char **argv)
{
    struct arguments arguments = {.request = {.from = NAN, .to = NAN}};
    struct plot plot = {0};
    struct diagnostics d;
    char *output = NULL;
    int status = STATUS_FAILED;

    diagnostics_init(&d);
    arguments.units = units_create();
    arguments.request.analytes = calloc((size_t)argc, sizeof(*arguments.request.analytes));
    arguments.request.arms = calloc((size_t)argc, sizeof(*arguments.request.arms));
    if (!arguments.units || !arguments.request.analytes || !arguments.request.arms) {
        diagnostics_out_of_memory(&d);
        goto out;
    }
    argp_parse(&command_line, argc, argv, 0, NULL, &arguments);
    output = arguments.output ? strdup(arguments.output) : output_name(arguments.path, ".svg");
    if (!output) {
        diagnostics_out_of_memory(&d);
        goto out;
    }
    interrupt_watch();
    if (plot_read(&plot, arguments.path, &arguments.request, &d) == 0 &&
        picture_write(&plot, output, arguments.force, &d) == 0) {
        if (!arguments.quiet) {
            message("the picture is %s", output);
        }
        status = STATUS_OK;
    } else if (interrupt_came()) {
        diagnostics_clear(&d); /* that gnuplot was stopped is no news */
        message("interrupted; no picture is left");
        status = STATUS_INTERRUPTED;
    }

out:
    messages_flush(&d, false);
    plot_clear(&plot);
    free(output);
    units_free(arguments.units);
    free(arguments.request.analytes);
    free(arguments.request.arms);
    return status;
}
