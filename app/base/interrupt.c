#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* The one variable of ketsim that is not owned by anybody: a signal handler has no other way to tell what it saw.
 * Atomic, because the threads that read it are not the one that the signal meets. */
static atomic_bool interrupted;

static void interrupt_remember(int signal)
{
    (void)signal;
    atomic_store(&interrupted, true);
}

void interrupt_watch(void)
{
    /* SA_RESTART: writes of results in progress are finished, not broken off. */
    struct sigaction action = {.sa_handler = interrupt_remember, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
    struct sigaction before;

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) { /* nohup ignores it */
        sigaction(SIGHUP, &action, NULL);
    }
}

bool interrupt_came(void)
{
    return atomic_load(&interrupted);
}
