#include "commands.h"
#include "app/base/messages.h"
#include "app/base/ranks.h"
#include "app/results/version.h"

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *doc;
    bool together; /* several processes can share the work */
};

static const struct command commands[] = {
    {"run", command_run, "simulate a study and write its result file", true},
    {"check", command_check, "find every mistake in a study and print it with all defaults", false},
    {"optimize", command_optimize, "find the doses, durations or intervals that keep a study's constraints",
     false},
    {"verify", command_verify, "check a result file, and simulate a sample of it again to the same bits",
     false},
    {"summary", command_summary, "print the exposure in each arm of a result file", false},
    {"report", command_report, "write what a result file says as one page", false},
    {"plot", command_plot, "draw the levels of a result file over time", false},
    {"metrics", command_metrics, "list the exposure metrics that a study can ask for", false},
    {"models", command_models, "show the published models, or check them against their sources", false},
    {"courses", command_courses, "show the published courses of sessions", false},
    {"serve", command_serve, "serve a page that answers questions about doses, on this machine", false},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(*commands) };

struct arguments {
    int command; /* index in argv of the command's name; 0: none */
    bool version;
};

static const struct argp_option options[] = {
    {"version", 'V', NULL, 0, "Print the versions of ketsim and of its libraries", -1},
    {0},
};

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    (void)value;
    switch (key) {
    case 'V':
        arguments->version = true;
        return 0;
    case ARGP_KEY_ARG:
        /* The rest of the line belongs to the command. */
        arguments->command = state->next - 1;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->command && !arguments->version) {
            argp_error(state, "what to do? give a COMMAND");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Puts the table of commands below the options in the help text. */
static char *commands_describe(int key, const char *text, void *input)
{
    char *description = NULL;
    size_t size;
    FILE *out;

    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC || !(out = open_memstream(&description, &size))) {
        return (char *)(uintptr_t)text;
    }
    fprintf(out, "Commands:\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].doc);
    }
    fprintf(out, "\n%s", text);
    fclose(out);
    return description;
}

static const struct argp command_line = {
    .options = options,
    .parser = arguments_take,
    .args_doc = "COMMAND [ARGUMENT...]",
    .doc = "Simulates the pharmacokinetics of ketamine and esketamine.\v"
           "`ketsim COMMAND --help' tells more about a command. Research and teaching only; not a medical "
           "device.",
    .help_filter = commands_describe,
};

static int command_unknown(const char *name)
{
    const char *names[COMMAND_COUNT];
    const char *nearest;

    for (int i = 0; i < COMMAND_COUNT; i++) {
        names[i] = commands[i].name;
    }
    nearest = nearest_spelling(name, names, COMMAND_COUNT);
    if (nearest) {
        message("unknown command \"%s\"; did you mean \"%s\"?", name, nearest);
    } else {
        message("unknown command \"%s\"; `ketsim --help' lists the commands", name);
    }
    return STATUS_WRONG_INPUT;
}

static int command_start(const struct command *command, int argc, char **argv)
{
    char name[64];

    if (ranks_self().count > 1 && !command->together) {
        message("error: %s is the work of one process: start it without mpirun", command->name);
        return STATUS_WRONG_INPUT;
    }
    /* What argp calls the program in help and messages. */
    snprintf(name, sizeof(name), "ketsim %s", command->name);
    argv[0] = name;
    return command->run(argc, argv);
}

int ketsim(int argc, char **argv)
{
    struct arguments arguments = {0};

    argp_err_exit_status = STATUS_WRONG_INPUT;
    argp_parse(&command_line, argc, argv, ARGP_IN_ORDER, NULL, &arguments);
    if (arguments.version) {
        version_print(stdout);
        return STATUS_OK;
    }

    argc -= arguments.command;
    argv += arguments.command;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[0], commands[i].name) == 0) {
            return command_start(&commands[i], argc, argv);
        }
    }
    return command_unknown(argv[0]);
}
