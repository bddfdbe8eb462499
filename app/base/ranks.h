/* ranks - the processes that run a study together.
 *
 * The program `ketsim` is alone (ranks.c). `ketsim-mpi`, started by mpirun, is as many as it is told to be (ranks_mpi.c, the only door
 * to MPI). What is said to be done together returns on a rank once all have called it.
 */
#ifndef KETSIM_RANKS_H
#define KETSIM_RANKS_H

#include <stdbool.h>
#include <stdint.h>

struct ranks {
    int number; /* of this process, from 0; 0 speaks for all */
    int count;
};

/* Call first, and once. From then on rank 0 alone is heard: what others write to stdout and stderr is lost, until they speak. -1
 * where the processes cannot find each other. */
int ranks_begin(int *argc, char ***argv);

struct ranks ranks_self(void);

/* Lets a rank be heard on stderr that has something to say which others do not know. */
void ranks_speak(void);

/* Together: the end. */
void ranks_end(void);

/* Ends all processes at once with this status; what they have written stays. */
_Noreturn void ranks_abort(int status);

/* Together: waits until all have come here. Once `hurry` says so, on this rank, for half a second at most: a process that
 * died never comes, and whoever started the others kills them soon. Whether all have. */
bool ranks_wait(bool (*hurry)(void));

/* Together: the highest of the ranks' statuses. */
int ranks_agree(int status);

/* Together: makes `bytes` on each rank what it is on rank 0. */
void ranks_share(void *bytes, int64_t size);

/* Together: makes numbers[i] on rank 0 the sum over the ranks. */
void ranks_sum(int64_t *numbers, int count);

/* Together: rank 0 is handed what each other rank gives, in the order of ranks; elsewhere `take` is not called. `bytes` of rank 0 are not
 * used. 0, or -1 on a rank that could not take it, or has no memory to. */
int ranks_collect(const void *bytes, int64_t size,
                  int (*take)(void *payload, int rank, const void *bytes, int64_t size), void *payload);

#endif
