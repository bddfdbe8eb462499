/* arguments - the parts of a command line that several commands share. */
#ifndef KETSIM_ARGUMENTS_H
#define KETSIM_ARGUMENTS_H

#include <argp.h>
#include <stdint.h>

/* More threads would be a slip of the finger. */
enum { ARGUMENT_THREADS_MAX = 4096 };

/* The study of a command, and what is to be changed in it: the input of study_command_line. */
struct study_arguments {
    const char *path;
    const char **settings; /* `--set` values, in the order given; the array is owned */
    int setting_count;
    char *events; /* owned: what `--events` sets */
};

/* The child of a command's argp that takes STUDY.yaml, --set and --events. */
extern const struct argp study_command_line;

/* The child that takes OUT.h5; its input is the `const char *` that is to hold it. */
extern const struct argp result_command_line;

/* Makes room for every --set that a command line of `argc` words can hold. 0, or -1 without memory. */
int study_arguments_init(struct study_arguments *arguments, int argc);
void study_arguments_clear(struct study_arguments *arguments);

/* A whole number from `lowest` to `highest`; anything else is a mistake of the command line. */
int64_t argument_count(struct argp_state *state, const char *option, const char *value, int64_t lowest,
                       int64_t highest);

/* The index of `value` in `choices`; anything else is a mistake of the command line. */
int argument_choice(struct argp_state *state, const char *option, const char *value,
                    const char *const *choices, int count);

/* What a command calls its output unless told: the input's name with another ending, in the current folder. malloc'ed;
 * NULL without memory. */
char *output_name(const char *input, const char *ending);

#endif
