/* closed_form - amounts after boluses and infusions in a model that has them in closed form: a depot (1) that empties
 * into a central compartment (2), both by first order. Responses of single doses are added up, those of past doses
 * without end by geometric series; in long double, with nothing of the solver.
 */
#ifndef KETSIM_TESTS_CLOSED_FORM_H
#define KETSIM_TESTS_CLOSED_FORM_H

#include <math.h>
#include <stdbool.h>

struct oral_model {
    long double ka, k; /* 1/h */
    long double v;     /* L */
};

/* One dose, a train of them, or a train without beginning. */
struct train {
    double at;     /* h: when it begins to enter */
    int into;      /* 1 or 2 */
    double amount; /* mg that enters */
    double over;   /* h; 0: at once; INFINITY: has always run, at `amount` mg/h, until `at` */
    double every;  /* h, of a train */
    int more;      /* doses after the first */
    bool forever;  /* and as many before it as one likes */
};

/* What one exponential is, `since` h after a dose of 1 mg began to enter. */
static inline long double mode_after(long double rate, long double since, long double over)
{
    if (since < 0) {
        return 0;
    }
    if (!(over > 0)) {
        return expl(-rate * since);
    }
    return (since < over ? -expm1l(-rate * since) : expl(-rate * (since - over)) * -expm1l(-rate * over)) /
           (rate * over);
}

/* Of an exponential, all doses of a train together. A dose that enters exactly at `time` counts. */
static inline long double mode_sum(long double rate, const struct train *train, long double time)
{
    if (isinf(train->over)) {
        return train->amount / rate * expl(-rate * (time - train->at));
    }
    long double sum = 0;
    for (int i = 1; i <= train->more; i++) {
        sum += mode_after(rate, time - train->at - (long double)i * train->every, train->over);
    }
    long double since = time - train->at;
    if (!train->forever) {
        return train->amount * (sum + mode_after(rate, since, train->over));
    }
    while (since < train->over || since < 0) { /* not over yet */
        sum += mode_after(rate, since, train->over);
        since += train->every;
    }
    return train->amount *
           (sum + mode_after(rate, since, train->over) / -expm1l(-rate * (long double)train->every));
}

/* ng/mL in the central compartment. */
static inline long double oral_level(const struct oral_model *m, const struct train *train, long double time)
{
    long double amount = mode_sum(m->k, train, time);
    if (train->into == 1) {
        amount = m->ka / (m->ka - m->k) * (amount - mode_sum(m->ka, train, time));
    }
    return 1000 * amount / m->v;
}

/* Amounts that go on for `hours` with constant rates, for models whose numbers change with time. */
struct oral_amounts {
    long double depot, central; /* mg */
};

static inline struct oral_amounts oral_advance(const struct oral_model *m, struct oral_amounts x,
                                               long double into_central, long double hours)
{
    const long double absorbed = expl(-m->ka * hours);
    const long double kept = expl(-m->k * hours);
    return (struct oral_amounts){
        .depot = x.depot * absorbed,
        .central = x.central * kept + x.depot * m->ka / (m->ka - m->k) * (kept - absorbed) +
                   into_central / m->k * -expm1l(-m->k * hours),
    };
}

#endif
