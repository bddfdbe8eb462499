#include "serve_http.h"
#include "serve_address.h"
#include "serve_visits.h"

#include <microhttpd.h>

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTION_MEMORY = 32 << 10, /* bytes: all headers of a request must fit */
    LOOK_MS = 200,                /* how often deadlines and the wish to stop are looked at */
};

/* A request from its first header to its answer. */
struct exchange {
    struct exchange *next; /* in the queue */
    struct MHD_Connection *connection;
    struct visit *visit;
    const struct http_route *route;
    char *query;
    char *body; /* owned; room for HTTP_BODY_MAX + 1 */
    size_t size;
    bool answered; /* `answer` holds what is to be sent, once the body has come in */
    struct http_answer answer;
};

struct http_server {
    struct MHD_Daemon *daemon;
    const struct http_route *routes;
    int route_count;
    void *payload;
    struct http_address address;
    struct visits visits;

    pthread_mutex_t lock; /* of what is below */
    sem_t work;           /* posted once per exchange in the queue */
    struct exchange *first, *last;
    bool closed; /* nothing is computed any more */
};

/* --- Answers --- */

void http_refuse(struct http_answer *answer, int status, const char *format, ...)
{
    char text[512];
    va_list list;
    json_t *object;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    object = json_pack("{s:s%}", "error", text, strlen(text));
    *answer = (struct http_answer){.status = status, .type = "application/json"};
    answer->text = object ? json_dumps(object, 0) : NULL;
    answer->size = answer->text ? strlen(answer->text) : 0;
    json_decref(object);
}

static void answer_clear(struct http_answer *answer)
{
    if (!answer->shared) {
        free(answer->text);
    }
    *answer = (struct http_answer){0};
}

/* Nothing but the page itself may run or be asked from it, nobody may show it inside another page, and nothing of it stays behind. */
static const char *const headers[][2] = {
    {"Content-Security-Policy",
     "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Cache-Control", "no-store"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Connection", "close"},
};

/* Hands the answer over to be sent. */
static enum MHD_Result exchange_send(struct http_server *server, struct exchange *e)
{
    struct http_answer *answer = &e->answer;
    struct MHD_Response *response;
    char saved[128];
    enum MHD_Result result = MHD_NO;

    if (!answer->text) {
        return MHD_NO; /* no memory: the connection is closed */
    }
    response = MHD_create_response_from_buffer(
        answer->size, answer->text, answer->shared ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
    if (!response) {
        return MHD_NO;
    }
    answer->shared = true; /* the response frees it */
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    }
    MHD_add_response_header(response, "Content-Type", answer->type);
    if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, "Allow",
                                !e->route         ? "GET, HEAD, POST"
                                : e->route->ready ? "GET, HEAD"
                                                  : "POST");
    }
    if (answer->saved) {
        snprintf(saved, sizeof(saved), "attachment; filename=\"%s\"", answer->saved);
        MHD_add_response_header(response, "Content-Disposition", saved);
    }
    result = MHD_queue_response(e->connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    visit_await(&server->visits, e->visit);
    return result;
}

/* --- What is refused --- */

struct header_tally {
    const char *name;
    int count;
};

static enum MHD_Result header_add(void *payload, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct header_tally *tally = payload;

    (void)kind;
    (void)value;
    tally->count += strcasecmp(key, tally->name) == 0;
    return MHD_YES;
}

static int header_count(struct MHD_Connection *connection, const char *name)
{
    struct header_tally tally = {.name = name};

    MHD_get_connection_values(connection, MHD_HEADER_KIND, header_add, &tally);
    return tally.count;
}

/* The value of a header that must be there once; NULL where it is not. */
static const char *header_value(struct MHD_Connection *connection, const char *name)
{
    return header_count(connection, name) == 1
               ? MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name)
               : NULL;
}

/* Only a page of the same origin can send this type without being asked first, which is refused: OPTIONS is no method here. */
static bool type_is_json(const char *type)
{
    static const char json[] = "application/json";

    if (!type || strncasecmp(type, json, strlen(json)) != 0) {
        return false;
    }
    type += strlen(json);
    type += strspn(type, " \t");
    return *type == '\0' || *type == ';';
}

static const struct http_route *route_find(const struct http_server *server, const char *path)
{
    for (int i = 0; i < server->route_count; i++) {
        if (strcmp(server->routes[i].path, path) == 0) {
            return &server->routes[i];
        }
    }
    return NULL;
}

/* What the headers alone say of a request. Refuses it, answers it, or leaves it to be computed. */
static void exchange_judge(struct http_server *server, struct exchange *e, const char *path,
                           const char *method)
{
    const bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    const bool posts = strcmp(method, "POST") == 0;
    const char *host = header_value(e->connection, "Host");
    const struct http_route *route = route_find(server, path);

    e->answered = true;
    if (!host || !http_host_allowed(&server->address, host)) {
        http_refuse(&e->answer, MHD_HTTP_FORBIDDEN,
                    "the request is for another host than this server, which is %s", server->address.url);
    } else if (header_count(e->connection, "Content-Length") +
                   header_count(e->connection, "Transfer-Encoding") >
               1) {
        http_refuse(&e->answer, MHD_HTTP_BAD_REQUEST, "the request says twice how long its body is");
    } else if (!reads && !posts) {
        http_refuse(&e->answer, MHD_HTTP_METHOD_NOT_ALLOWED, "the method must be GET, HEAD or POST");
    } else if (!route) {
        http_refuse(&e->answer, MHD_HTTP_NOT_FOUND, "there is nothing at this address");
    } else if (route->ready ? posts : reads) {
        e->route = route;
        http_refuse(&e->answer, MHD_HTTP_METHOD_NOT_ALLOWED, "%s takes %s", route->path,
                    route->ready ? "GET and HEAD" : "POST");
    } else if (route->ready) {
        e->answer = *route->ready;
        e->answer.shared = true;
    } else if (!type_is_json(header_value(e->connection, "Content-Type"))) {
        http_refuse(&e->answer, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                    "the body must be of the type application/json");
    } else {
        e->route = route;
        e->answered = false;
    }
}

/* --- Requests as they come in --- */

static struct exchange *exchange_create(struct http_server *server, struct MHD_Connection *connection,
                                        const char *path, const char *method)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct exchange *e = calloc(1, sizeof(*e));

    if (!e || !info || !info->socket_context) {
        free(e);
        return NULL;
    }
    e->connection = connection;
    e->visit = info->socket_context;
    exchange_judge(server, e, path, method);
    if (!e->answered && e->route->query) {
        const char *query = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, e->route->query);
        e->query = query ? strdup(query) : NULL;
    }
    return e;
}

static void exchange_free(struct exchange *e)
{
    answer_clear(&e->answer);
    free(e->query);
    free(e->body);
    free(e);
}

/* Keeps a part of the body. What nobody will read is taken all the same: who is still sending would not see the answer. */
static void exchange_take(struct exchange *e, const char *bytes, size_t size)
{
    if (e->answered) {
        return;
    }
    if (!e->body) {
        e->body = malloc(HTTP_BODY_MAX + 1);
    }
    if (!e->body || e->size + size > HTTP_BODY_MAX) {
        e->answered = true;
        http_refuse(&e->answer, e->body ? MHD_HTTP_CONTENT_TOO_LARGE : MHD_HTTP_SERVICE_UNAVAILABLE,
                    e->body ? "the body must not be longer than %d bytes" : "no memory", HTTP_BODY_MAX);
        return;
    }
    memcpy(e->body + e->size, bytes, size);
    e->size += size;
}

/* Leaves the request to the thread that computes, and its connection alone until then. False with an answer where nothing is computed any
 * more. */
static bool exchange_wait(struct http_server *server, struct exchange *e)
{
    pthread_mutex_lock(&server->lock);
    const bool waits = !server->closed;
    if (!waits) {
        e->answered = true;
        http_refuse(&e->answer, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is ending");
    } else {
        MHD_suspend_connection(e->connection);
        visit_leave(&server->visits, e->visit);
        e->next = NULL;
        *(server->last ? &server->last->next : &server->first) = e;
        server->last = e;
        sem_post(&server->work);
    }
    pthread_mutex_unlock(&server->lock);
    return waits;
}

/* Paths and arguments here have no escapes; what has some stays as it is, and means nothing. */
static size_t leave_escapes(void *payload, struct MHD_Connection *connection, char *text)
{
    (void)payload;
    (void)connection;
    return strlen(text);
}

static enum MHD_Result request_take(void *payload, struct MHD_Connection *connection, const char *path,
                                    const char *method, const char *version, const char *bytes, size_t *size,
                                    void **context)
{
    struct http_server *server = payload;
    struct exchange *e = *context;

    (void)version;
    if (!e) {
        *context = exchange_create(server, connection, path, method);
        return *context ? MHD_YES : MHD_NO;
    }
    if (*size > 0) {
        exchange_take(e, bytes, *size);
        *size = 0;
        return MHD_YES;
    }
    return !e->answered && exchange_wait(server, e) ? MHD_YES : exchange_send(server, e);
}

static void request_end(void *payload, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code)
{
    (void)payload;
    (void)connection;
    (void)code;
    if (*context) {
        exchange_free(*context);
        *context = NULL;
    }
}

static void connection_notice(void *payload, struct MHD_Connection *connection, void **context,
                              enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = payload;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *context = info ? visit_begin(&server->visits, info->connect_fd) : NULL;
    } else if (*context) { /* the socket is still open */
        visit_end(&server->visits, *context);
        *context = NULL;
    }
}

/* --- Computing --- */

/* The next request that waits, for LOOK_MS at most; NULL without. */
static struct exchange *queue_take(struct http_server *server)
{
    struct timespec until;
    struct exchange *e = NULL;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (sem_timedwait(&server->work, &until) == 0) {
        pthread_mutex_lock(&server->lock);
        e = server->first;
        server->first = e->next;
        server->last = server->first ? server->last : NULL;
        pthread_mutex_unlock(&server->lock);
    }
    return e;
}

static void exchange_return(struct exchange *e)
{
    e->answered = true;
    MHD_resume_connection(e->connection); /* from here on it is the other thread's */
}

void http_work(struct http_server *server, bool (*stop)(void))
{
    while (!stop()) {
        struct exchange *e = queue_take(server);
        if (e) {
            if (!e->body) {
                http_refuse(&e->answer, MHD_HTTP_BAD_REQUEST, "the body is empty");
            } else {
                e->body[e->size] = '\0';
                e->route->compute(server->payload, e->body, e->size, e->query, &e->answer);
            }
            exchange_return(e);
        }
        visits_expire(&server->visits);
    }
}

/* --- From start to end --- */

struct http_server *http_start(const char *address, int port, const struct http_route *routes,
                               int route_count, void *payload, struct diagnostics *d)
{
    struct http_server *server = calloc(1, sizeof(*server));
    sigset_t all;
    sigset_t before;
    int fd;

    if (!server) {
        diagnostics_out_of_memory(d);
        return NULL;
    }
    server->routes = routes;
    server->route_count = route_count;
    server->payload = payload;
    visits_init(&server->visits, HTTP_PATIENCE);
    pthread_mutex_init(&server->lock, NULL);
    sem_init(&server->work, 0, 0);
    fd = http_listen(&server->address, address, port, d);
    if (fd < 0) {
        http_stop(server);
        return NULL;
    }
    /* Signals are for the thread that called. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, request_take, server,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED, request_end, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, connection_notice, server, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!server->daemon) {
        diagnostics_error(d, NOWHERE, "the server cannot start: %s", strerror(errno));
        close(fd);
        http_stop(server);
        return NULL;
    }
    return server;
}

const char *http_url(const struct http_server *server)
{
    return server->address.url;
}

void http_stop(struct http_server *server)
{
    struct exchange *waiting;

    if (!server) {
        return;
    }
    pthread_mutex_lock(&server->lock);
    server->closed = true;
    waiting = server->first;
    server->first = server->last = NULL;
    pthread_mutex_unlock(&server->lock);
    while (waiting) {
        struct exchange *e = waiting;
        waiting = e->next;
        http_refuse(&e->answer, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is ending");
        exchange_return(e);
    }
    if (server->daemon) {
        MHD_stop_daemon(server->daemon);
    }
    sem_destroy(&server->work);
    pthread_mutex_destroy(&server->lock);
    visits_clear(&server->visits);
    free(server);
}
