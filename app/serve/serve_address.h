/* serve_address - where `ketsim serve` listens, and by which names it may be called. */
#ifndef KETSIM_SERVE_ADDRESS_H
#define KETSIM_SERVE_ADDRESS_H

#include "model/diagnostics.h"

#include <netinet/in.h>

struct http_address {
    char numeric[INET6_ADDRSTRLEN]; /* "127.0.0.1" */
    char url[96];                   /* "http://127.0.0.1:8080/" */
};

/* A socket that listens on a numeric address and a port, 0 for any that is free; -1 with the reason in `d`. */
int http_listen(struct http_address *address, const char *numeric, int port, struct diagnostics *d);

/* Whether an address is one that other machines cannot reach, or -1 for what is no numeric address. */
int http_is_loopback(const char *address);

/* Whether the header `Host` means the server by its own name. A name of somebody else can lead here, too (DNS rebinding), and his page could then
 * ask for what it likes; it cannot make a numeric address lead here. So the names are localhost, any loopback address, the
 * server's own, and any numeric address where it listens on all of them. */
bool http_host_allowed(const struct http_address *address, const char *header);

#endif
