#include "serve_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 256 };

static bool is_numeric(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

int http_is_loopback(const char *address)
{
    struct in_addr four;
    struct in6_addr six;

    if (inet_pton(AF_INET, address, &four) == 1) {
        return ntohl(four.s_addr) >> 24 == 127;
    }
    return inet_pton(AF_INET6, address, &six) == 1 ? IN6_IS_ADDR_LOOPBACK(&six) : -1;
}

bool http_host_allowed(const struct http_address *address, const char *header)
{
    char host[INET6_ADDRSTRLEN + 16];
    const bool bracketed = header[0] == '[';
    const size_t length = bracketed ? strcspn(header + 1, "]") : strcspn(header, ":");
    const char *rest = header + length + (bracketed ? 2 : 0);
    const bool all = strcmp(address->numeric, "0.0.0.0") == 0 || strcmp(address->numeric, "::") == 0;

    if (length >= sizeof(host) || (bracketed && header[length + 1] != ']') ||
        (*rest != '\0' && (*rest != ':' || strspn(rest + 1, "0123456789") != strlen(rest + 1)))) {
        return false;
    }
    memcpy(host, header + bracketed, length);
    host[length] = '\0';
    return strcasecmp(host, "localhost") == 0 || http_is_loopback(host) == 1 ||
           strcmp(host, address->numeric) == 0 || (all && is_numeric(host));
}

int http_listen(struct http_address *address, const char *numeric, int port, struct diagnostics *d)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    struct sockaddr_storage bound = {0};
    socklen_t length = sizeof(bound);
    struct addrinfo *found = NULL;
    char text[16];
    const int on = 1;
    int fd;

    snprintf(text, sizeof(text), "%d", port);
    if (getaddrinfo(numeric, text, &hints, &found) != 0) {
        return diagnostics_error(d, NOWHERE, "\"%s\" is no numeric address of this machine", numeric);
    }
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &length) != 0) {
        diagnostics_error(d, NOWHERE, "port %d of %s cannot be listened on: %s%s", port, numeric,
                          strerror(errno), errno == EADDRINUSE ? "; --port 0 takes one that is free" : "");
        if (fd >= 0) {
            close(fd);
        }
        fd = -1;
    } else {
        getnameinfo((struct sockaddr *)&bound, length, address->numeric, sizeof(address->numeric), text,
                    sizeof(text), NI_NUMERICHOST | NI_NUMERICSERV);
        snprintf(address->url, sizeof(address->url),
                 bound.ss_family == AF_INET6 ? "http://[%s]:%s/" : "http://%s:%s/", address->numeric, text);
    }
    freeaddrinfo(found);
    return fd;
}
