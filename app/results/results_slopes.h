/* results_slopes - whose terminal slope is doubtful, as a result says it. */
#ifndef KETSIM_RESULTS_SLOPES_H
#define KETSIM_RESULTS_SLOPES_H

#include "results_read.h"

#include "solver/exposure.h"

#define X(symbol, value, word, text) +1
enum { SLOPE_FLAGS = 0 SLOPE_FLAG_LIST(X) };
#undef X

/* Of an analyte in all arms whose model has it. */
struct doubtful_slope {
    const char *analyte;         /* belongs to the result */
    int64_t simulated;           /* patients x arms */
    int64_t doubtful;            /* of them: with a flag or more */
    int64_t counts[SLOPE_FLAGS]; /* with each flag */
};

/* Those with a doubtful slope, in the order of the file. */
struct doubtful_slopes {
    struct doubtful_slope *items;
    int count;
};

/* 0, or -1 with the reason in `d`; clearing is allowed either way. */
int doubtful_slopes_read(struct doubtful_slopes *slopes, struct result *result, struct diagnostics *d);
void doubtful_slopes_clear(struct doubtful_slopes *slopes);

/* The name of flag number i, as in the attribute flag_meanings; and what it says. */
const char *slope_flag_word(int i);
const char *slope_flag_text(int i);

/* "no terminal slope: 2; fitted over less than two half-lives: 5". malloc'ed; NULL without memory. */
char *doubtful_slope_describe(const struct doubtful_slope *slope);

#endif
