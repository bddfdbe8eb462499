/* interrupt - a polite end on SIGINT, SIGTERM and SIGHUP. */
#ifndef KETSIM_INTERRUPT_H
#define KETSIM_INTERRUPT_H

#include <stdbool.h>

/* From now on the first of each is only remembered, and the second ends the program at once. A SIGHUP that is ignored stays so. */
void interrupt_watch(void);

/* Whether one has come. */
bool interrupt_came(void);

#endif
