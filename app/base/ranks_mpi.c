/* The only door to MPI. Its calls do not return where they fail: MPI ends all processes then, and says why. */
#include "ranks.h"

#include <mpi.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MAX = 1 << 30, TAG_SIZE = 1, TAG_BYTES };
enum { KEPT_STDERR = 100 }; /* where a rank that is not heard keeps its stderr */

struct ranks ranks_self(void)
{
    struct ranks ranks;

    MPI_Comm_rank(MPI_COMM_WORLD, &ranks.number);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks.count);
    return ranks;
}

int ranks_begin(int *argc, char ***argv)
{
    int level;

    /* Only the first thread of a rank talks to others. */
    if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS ||
        level < MPI_THREAD_FUNNELED) {
        return -1;
    }
    if (ranks_self().number > 0) {
        const int nothing = open("/dev/null", O_WRONLY);
        if (nothing < 0 || dup2(STDERR_FILENO, KEPT_STDERR) < 0 || dup2(nothing, STDERR_FILENO) < 0 ||
            dup2(nothing, STDOUT_FILENO) < 0) {
            return -1;
        }
        close(nothing);
    }
    return 0;
}

void ranks_speak(void)
{
    const struct ranks ranks = ranks_self();

    if (ranks.number > 0 && dup2(KEPT_STDERR, STDERR_FILENO) >= 0) {
        fprintf(stderr, "rank %d of %d:\n", ranks.number, ranks.count);
    }
}

void ranks_end(void)
{
    MPI_Finalize();
}

void ranks_abort(int status)
{
    MPI_Abort(MPI_COMM_WORLD, status);
    abort();
}

bool ranks_wait(bool (*hurry)(void))
{
    static const struct timespec pause = {.tv_nsec = 2000000};
    static const double patience = 0.5; /* s */
    double hurried = -1;
    MPI_Request request;
    int all = 0;

    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    for (;;) {
        MPI_Test(&request, &all, MPI_STATUS_IGNORE);
        if (all || (hurried >= 0 && MPI_Wtime() - hurried > patience)) {
            return all;
        }
        if (hurried < 0 && hurry()) {
            hurried = MPI_Wtime();
        }
        nanosleep(&pause, NULL);
    }
}

int ranks_agree(int status)
{
    MPI_Allreduce(MPI_IN_PLACE, &status, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    return status;
}

static int part_of(int64_t left)
{
    return left < MESSAGE_MAX ? (int)left : MESSAGE_MAX;
}

void ranks_share(void *bytes, int64_t size)
{
    for (int64_t done = 0; done < size; done += MESSAGE_MAX) {
        MPI_Bcast((char *)bytes + done, part_of(size - done), MPI_BYTE, 0, MPI_COMM_WORLD);
    }
}

void ranks_sum(int64_t *numbers, int count)
{
    const void *own = ranks_self().number == 0 ? MPI_IN_PLACE : numbers;

    MPI_Reduce(own, numbers, count, MPI_INT64_T, MPI_SUM, 0, MPI_COMM_WORLD);
}

/* Receives it even where it cannot be taken: the other rank waits for that. */
static int receive(int from, int (*take)(void *payload, int rank, const void *bytes, int64_t size),
                   void *payload)
{
    int64_t size;

    MPI_Recv(&size, 1, MPI_INT64_T, from, TAG_SIZE, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    char *bytes = malloc((size_t)size + 1);
    if (!bytes) {
        ranks_abort(1);
    }
    for (int64_t done = 0; done < size; done += MESSAGE_MAX) {
        MPI_Recv(bytes + done, part_of(size - done), MPI_BYTE, from, TAG_BYTES, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    }
    const int failed = take(payload, from, bytes, size);
    free(bytes);
    return failed;
}

int ranks_collect(const void *bytes, int64_t size,
                  int (*take)(void *payload, int rank, const void *bytes, int64_t size), void *payload)
{
    const struct ranks ranks = ranks_self();

    if (ranks.number > 0) {
        MPI_Send(&size, 1, MPI_INT64_T, 0, TAG_SIZE, MPI_COMM_WORLD);
        for (int64_t done = 0; done < size; done += MESSAGE_MAX) {
            MPI_Send((const char *)bytes + done, part_of(size - done), MPI_BYTE, 0, TAG_BYTES,
                     MPI_COMM_WORLD);
        }
        return 0;
    }
    int failed = 0;
    for (int from = 1; from < ranks.count; from++) {
        failed |= receive(from, take, payload);
    }
    return failed ? -1 : 0;
}
