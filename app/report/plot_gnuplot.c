/* gnuplot is a child process without a shell, which reads its script from a nameless file: no user's text is ever a word of
 * a command line or the name of a file. It does not read the user's own settings, so that pictures look the same. */
#include "plot.h"
#include "app/base/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char settings[] = "--default-settings";

/* Why it failed: the last line that it wrote, which names the mistake. */
static void tell_failure(FILE *said, int status, struct diagnostics *d)
{
    char line[256];
    char last[256] = "";

    rewind(said);
    while (fgets(line, sizeof(line), said)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[strspn(line, " \t^")] != '\0') {
            memcpy(last, line, sizeof(last));
        }
    }
    if (WIFSIGNALED(status)) {
        diagnostics_error(d, NOWHERE, "gnuplot was ended by signal %d", WTERMSIG(status));
    } else {
        diagnostics_error(d, NOWHERE, "gnuplot could not draw the picture%s%s", last[0] ? ": " : "", last);
    }
}

static int run(int script, int picture, FILE *said, struct diagnostics *d)
{
    char name[] = "gnuplot";
    char option[sizeof(settings)];
    char *const words[] = {name, option, NULL};
    posix_spawn_file_actions_t files;
    pid_t child;
    int status = 0;
    int code;

    memcpy(option, settings, sizeof(settings));
    if (posix_spawn_file_actions_init(&files) != 0) {
        return diagnostics_out_of_memory(d);
    }
    code = posix_spawn_file_actions_adddup2(&files, script, STDIN_FILENO);
    code = code ? code : posix_spawn_file_actions_adddup2(&files, picture, STDOUT_FILENO);
    code = code ? code : posix_spawn_file_actions_adddup2(&files, fileno(said), STDERR_FILENO);
    code = code ? code : posix_spawnp(&child, name, &files, NULL, words, environ);
    posix_spawn_file_actions_destroy(&files);
    if (code == ENOENT) {
        diagnostics_error(d, NOWHERE,
                          "gnuplot, which draws pictures, is not installed; Debian's package is "
                          "gnuplot-nox. A FILE.gp is written without it");
        return -2;
    }
    if (code != 0) {
        return diagnostics_error(d, NOWHERE, "gnuplot cannot be started: %s", strerror(code));
    }
    /* Looked at now and then, so that an interrupted plot takes gnuplot with it. */
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (interrupt_came()) {
            kill(child, SIGTERM);
        }
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    if (status != 0 || lseek(picture, 0, SEEK_END) <= 0) {
        tell_failure(said, status, d);
        return -1;
    }
    return 0;
}

int plot_gnuplot(int script, int picture, struct diagnostics *d)
{
    FILE *said = tmpfile();
    int ret;

    if (!said || lseek(script, 0, SEEK_SET) != 0) {
        ret = diagnostics_error(d, NOWHERE, "no temporary file for gnuplot: %s", strerror(errno));
    } else {
        ret = run(script, picture, said, d);
    }
    if (said) {
        fclose(said);
    }
    return ret;
}

int plot_draw(int picture, struct plot *plot, enum plot_format format, bool captioned, struct diagnostics *d)
{
    FILE *script = tmpfile();
    int ret = -1;

    if (!script) {
        return diagnostics_error(d, NOWHERE, "no temporary file for gnuplot: %s", strerror(errno));
    }
    if (plot_script_write(script, plot, format, captioned, d) == 0) {
        ret = fflush(script) == 0 && !ferror(script)
                  ? plot_gnuplot(fileno(script), picture, d)
                  : diagnostics_error(d, NOWHERE, "no room for gnuplot's script: %s", strerror(errno));
    }
    fclose(script);
    return ret;
}

enum plot_format plot_format_of(const char *path)
{
    static const char *const endings[] = {
        [PLOT_SVG] = ".svg",
        [PLOT_PNG] = ".png",
        [PLOT_PDF] = ".pdf",
        [PLOT_SCRIPT] = ".gp",
    };
    const size_t length = strlen(path);

    for (int i = 0; i < PLOT_FORMAT_COUNT; i++) {
        const size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(path + length - ending, endings[i]) == 0) {
            return (enum plot_format)i;
        }
    }
    return PLOT_FORMAT_COUNT;
}
