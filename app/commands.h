/* commands - the command line of ketsim.
 *
 * A command is one row of the table in commands.c beside a file command_NAME.c, which reads as the description of
 * what the command does. Results go to files, messages to stderr, and only what was asked for to stdout.
 */
#ifndef KETSIM_COMMANDS_H
#define KETSIM_COMMANDS_H

#include "app/base/exit_status.h"

#include "model/diagnostics.h"

/* The whole program: finds the command that argv names and runs it. Exits by itself only from within argp, after
 * --help (0) or a mistake in the options (STATUS_WRONG_INPUT). */
int ketsim(int argc, char **argv);

/* The commands. argv[0] is the name that help and messages show ("ketsim run"). */
int command_check(int argc, char **argv);
int command_courses(int argc, char **argv);
int command_metrics(int argc, char **argv);
int command_models(int argc, char **argv);
int command_optimize(int argc, char **argv);
int command_plot(int argc, char **argv);
int command_report(int argc, char **argv);
int command_run(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_summary(int argc, char **argv);

#endif
