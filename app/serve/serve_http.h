/* serve_http - HTTP for `ketsim serve`: the only door to GNU libmicrohttpd.
 *
 * One thread of its own reads and writes all connections; what has to be computed waits in a queue for the thread that calls
 * http_work. So a slow client delays nobody, and whatever computes is one thread. A connection carries one request, which must have
 * come in whole, and whose answer must have been taken, within HTTP_PATIENCE each. Requests that break a rule (host, method, path,
 * type and size of the body) are answered here and reach nobody else.
 */
#ifndef KETSIM_SERVE_HTTP_H
#define KETSIM_SERVE_HTTP_H

#include "model/diagnostics.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    HTTP_BODY_MAX = 64 << 10, /* bytes */
    HTTP_CONNECTIONS_MAX = 256,
    HTTP_PATIENCE = 10, /* s */
};

/* What is sent back. */
struct http_answer {
    int status;        /* of HTTP: 200, 404, ... */
    const char *type;  /* of the content; static text */
    char *text;        /* malloc'ed, or with `shared` somebody else's; never NULL but without memory */
    size_t size;       /* bytes of it */
    bool shared;       /* `text` outlives the server */
    const char *saved; /* the name of the file that a browser saves it as; NULL: it is shown. Static text */
};

/* An address of the server: for GET and HEAD with an answer that is ready, or for POST with one that is computed. */
struct http_route {
    const char *path;
    const struct http_answer *ready; /* NULL: it is computed */
    /* Computes the answer to a JSON body that ends in '\0'. `query` is the argument of the address that route->query names, or NULL. Always
     * fills `answer`. */
    void (*compute)(void *payload, const char *body, size_t size, const char *query,
                    struct http_answer *answer);
    const char *query; /* NULL: none */
};

struct http_server; /* opaque */

/* Listens on a numeric address ("127.0.0.1", "::1") and a port, 0 for any that is free. Routes and payload must outlive the server.
 * NULL with the reason in `d`. */
struct http_server *http_start(const char *address, int port, const struct http_route *routes,
                               int route_count, void *payload, struct diagnostics *d);

/* Where it listens: "http://127.0.0.1:8080/". */
const char *http_url(const struct http_server *server);

/* Computes the answers that are waited for, until `stop` says so, which is asked several times a second. */
void http_work(struct http_server *server, bool (*stop)(void));

/* Answers nothing any more, closes all connections and frees the server. NULL is allowed. */
void http_stop(struct http_server *server);

/* An answer {"error": text}. */
void http_refuse(struct http_answer *answer, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
