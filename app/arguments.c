#include "arguments.h"

#include "commands.h"

#include "model/diagnostics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int study_arguments_init(struct study_arguments *arguments, int argc)
{
    *arguments = (struct study_arguments){0};
    arguments->settings = calloc((size_t)argc, sizeof(*arguments->settings));
    return arguments->settings != NULL ? 0 : -1;
}

void study_arguments_clear(struct study_arguments *arguments)
{
    free(arguments->settings);
    free(arguments->events);
    *arguments = (struct study_arguments){0};
}

static const struct argp_option study_options[] = {
    {"set", 's', "KEY=VALUE", 0,
     "Change a key of the study, by its dotted path: --set patients.count=50; may be repeated", 0},
    {"events", 'e', "TABLE.csv", 0,
     "Dose and observe the patients of an event table: patients.events, with a path from the current folder",
     0},
    {0},
};

/* `patients.events='PATH'`, as YAML: the study takes paths from its own folder. malloc'ed; NULL without memory. */
static char *events_setting(const char *path)
{
    char *whole = realpath(path, NULL);
    const char *text = whole != NULL ? whole : path; /* that there is no such file is told by who reads it */
    char *setting = NULL;
    size_t size;
    FILE *out = open_memstream(&setting, &size);

    if (out != NULL) {
        fputs("patients.events='", out);
        for (const char *c = text; *c != '\0'; c++) {
            fputc(*c, out);
            if (*c == '\'') {
                fputc(*c, out);
            }
        }
        fputc('\'', out);
        if (fclose(out) != 0) {
            free(setting);
            setting = NULL;
        }
    }
    free(whole);
    return setting;
}

static error_t study_arguments_take(int key, char *value, struct argp_state *state)
{
    struct study_arguments *arguments = state->input;

    switch (key) {
    case 's':
        arguments->settings[arguments->setting_count++] = value;
        return 0;
    case 'e':
        if (arguments->events != NULL) {
            argp_error(state, "one event table at a time: \"%s\" is one too many", value);
        }
        arguments->events = events_setting(value);
        if (arguments->events == NULL) {
            argp_failure(state, STATUS_FAILED, 0, "out of memory");
        }
        arguments->settings[arguments->setting_count++] = arguments->events;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->path != NULL) {
            argp_error(state, "one study at a time: \"%s\" is one too many", value);
        }
        arguments->path = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which study? give a STUDY.yaml");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp study_command_line = {
    .options = study_options,
    .parser = study_arguments_take,
};

static error_t result_take(int key, char *value, struct argp_state *state)
{
    const char **path = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        if (*path != NULL) {
            argp_error(state, "one result at a time: \"%s\" is one too many", value);
        }
        *path = value;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which result? give an OUT.h5");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp result_command_line = {.parser = result_take};

int64_t argument_count(struct argp_state *state, const char *option, const char *value, int64_t lowest,
                       int64_t highest)
{
    char *end;

    errno = 0;
    const long long count = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || count < lowest || count > highest) {
        argp_error(state, "%s takes a whole number from %" PRId64 " to %" PRId64 ", not \"%s\"", option,
                   lowest, highest, value);
    }
    return count;
}

int argument_choice(struct argp_state *state, const char *option, const char *value,
                    const char *const *choices, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(value, choices[i]) == 0) {
            return i;
        }
    }
    const char *nearest = nearest_spelling(value, choices, count);
    argp_error(state, "%s cannot be \"%s\"%s%s%s", option, value, nearest != NULL ? "; did you mean \"" : "",
               nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
    return -1;
}

char *output_name(const char *input, const char *ending)
{
    static const char *const endings[] = {".yaml", ".yml", ".h5"};
    const char *slash = strrchr(input, '/');
    const char *base = slash != NULL ? slash + 1 : input;
    size_t length = strlen(base);
    const size_t size = length + strlen(ending) + 1;

    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        const size_t old = strlen(endings[i]);
        if (length > old && strcmp(base + length - old, endings[i]) == 0) {
            length -= old;
            break;
        }
    }
    char *name = malloc(size);
    if (name != NULL) {
        snprintf(name, size, "%.*s%s", (int)length, base, ending);
    }
    return name;
}
