/* The program ketsim, and ketsim-mpi; app/commands.c says what it can do. */
#include "app/base/ranks.h"
#include "commands.h"

#include <fcntl.h>
#include <unistd.h>

/* Where stdin, stdout or stderr is closed, the next file to be opened would take its number, and what is printed would be written into
 * that file, which may be the result. */
static int streams_hold(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) != stream) {
            return -1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (streams_hold() != 0 || ranks_begin(&argc, &argv) != 0) {
        return STATUS_FAILED;
    }
    const int status = ketsim(argc, argv);
    ranks_end();
    return status;
}
