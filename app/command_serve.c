/* ketsim serve - the page for a person in a clinic, on this machine. */
#include "app/base/interrupt.h"
#include "app/base/messages.h"
#include "app/serve/serve.h"
#include "app/serve/serve_address.h"
#include "arguments.h"
#include "commands.h"

struct arguments {
    const char *address;
    int port;
};

enum { KEY_ADDRESS = 256, PORT_DEFAULT = 8080, PORT_MAX = 65535 };

static const struct argp_option options[] = {
    {"port", 'p', "N", 0, "The port (default: 8080); 0: any that is free", 0},
    {"address", KEY_ADDRESS, "ADDRESS", 0,
     "The numeric address to listen on (default: 127.0.0.1, which only this machine reaches). Whoever "
     "reaches another one can "
     "use the page: there is no password, and nothing is encrypted",
     0},
    {0},
};

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case 'p':
        arguments->port = (int)argument_count(state, "--port", value, 0, PORT_MAX);
        return 0;
    case KEY_ADDRESS:
        arguments->address = value;
        if (http_is_loopback(value) < 0) {
            argp_error(state, "--address takes a numeric address like 127.0.0.1 or ::1, not \"%s\"", value);
        }
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", value);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = arguments_take,
    .doc = "Serves a page that answers questions about doses: choose a route, a dose, a patient, a time, and "
           "see levels and "
           "answers. Prints its address on stdout and works until Ctrl-C or SIGTERM.\v"
           "It keeps nothing and logs nothing. Research and teaching only; not a medical device.\n"
           "Exit status: 0 ended by Ctrl-C or SIGTERM; 1 it could not start; 2 the command line is wrong.",
};

int command_serve(int argc, char **argv)
{
    struct arguments arguments = {.address = "127.0.0.1", .port = PORT_DEFAULT};
    struct diagnostics d;
    int ret;

    diagnostics_init(&d);
    argp_parse(&command_line, argc, argv, 0, NULL, &arguments);
    if (http_is_loopback(arguments.address) == 0) {
        message(
            "warning: whoever reaches %s can use this page: there is no password, and nothing is encrypted",
            arguments.address);
    }
    interrupt_watch();
    ret = serve_run(arguments.address, arguments.port, stdout, &d);
    messages_flush(&d, false);
    return ret == 0 ? STATUS_OK : STATUS_FAILED;
}
