/* A process alone. */
#include "ranks.h"

#include <stdlib.h>

int ranks_begin(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

struct ranks ranks_self(void)
{
    return (struct ranks){.number = 0, .count = 1};
}

void ranks_speak(void)
{
}

void ranks_end(void)
{
}

void ranks_abort(int status)
{
    exit(status);
}

bool ranks_wait(bool (*hurry)(void))
{
    (void)hurry;
    return true;
}

int ranks_agree(int status)
{
    return status;
}

void ranks_share(void *bytes, int64_t size)
{
    (void)bytes;
    (void)size;
}

void ranks_sum(int64_t *numbers, int count)
{
    (void)numbers;
    (void)count;
}

int ranks_collect(const void *bytes, int64_t size,
                  int (*take)(void *payload, int rank, const void *bytes, int64_t size), void *payload)
{
    (void)bytes;
    (void)size;
    (void)take;
    (void)payload;
    return 0;
}
