/* The program ketsim; app/commands.c says what it can do. */
#include "commands.h"

int main(int argc, char **argv)
{
    return ketsim(argc, argv);
}
