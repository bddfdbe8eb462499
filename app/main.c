/* The program ketsim, and ketsim-mpi; app/commands.c says what it can do. */
#include "commands.h"
#include "ranks.h"

int main(int argc, char **argv)
{
    if (ranks_begin(&argc, &argv) != 0) {
        return STATUS_FAILED;
    }
    const int status = ketsim(argc, argv);
    ranks_end();
    return status;
}
