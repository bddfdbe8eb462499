/* serve_reading - a scenario while it is read: for serve_scenario.c, which takes each key, and serve_check.c, which looks at what they say
 * together. */
#ifndef KETSIM_SERVE_READING_H
#define KETSIM_SERVE_READING_H

#include "serve.h"

enum { SCENARIO_LATEST_H = 8760 }; /* a year */

struct reading {
    struct scenario *scenario;
    const struct serve *serve;
    json_t *errors;
    int number;
    int mistakes;
    int64_t devices;                  /* 0: not given */
    bool given[SCENARIO_DEVICES_MAX]; /* of `devices_given` */
    int given_count;                  /* 0: not given */
};

#define mistake(r, field, ...)                                                                               \
    ((r)->mistakes++, scenario_error((r)->errors, (r)->number, (field), __VA_ARGS__))

/* intranasal, iv */
enum { ROUTE_NASAL, ROUTE_IV, ROUTE_COUNT };
extern const char *const scenario_routes[ROUTE_COUNT];

/* Tells mistakes that no key has by itself, and fills in what follows from others. */
void reading_check(struct reading *r);

#endif
