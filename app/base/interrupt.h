/* interrupt - a polite end on SIGINT and SIGTERM. */
#ifndef KETSIM_INTERRUPT_H
#define KETSIM_INTERRUPT_H

#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM is only remembered; a second one ends the program at once. */
void interrupt_watch(void);

/* Whether one has come. */
bool interrupt_came(void);

#endif
