/* What the rows of an event table do, against closed forms. */
#include "closed_form.h"
#include "conformance.h"

enum { TRAINS_MAX = 8, LAST = 999 };

/* What enters the body, and which rows of the table see it. */
struct entering {
    struct train train;
    int from, until; /* rows, from 0 */
};

static const struct closed_case {
    const char *title;
    const char *sweep;  /* parameters that are not the model's own */
    const char *events; /* how the table is read */
    const char *rows;   /* ID,TIME,EVID,AMT,RATE,DUR,CMT,ADDL,II,SS */
    struct entering entering[TRAINS_MAX];
} cases[] = {
    {
        .title = "a reset cancels additional doses and infusions",
        .rows = "1,0,1,100,0,0,1,5,12,0\n"
                "1,20,1,200,4,0,2,0,0,0\n"
                "1,29,0,0,0,0,0,0,0,0\n"
                "1,30,3,0,0,0,0,0,0,0\n"
                "1,40,0,0,0,0,0,0,0,0\n"
                "1,70,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100, .every = 12, .more = 5}, 0, 2}, {{20, 2, 200, 50}, 1, 2}},
    },
    {
        .title = "reset: keeps, and additional doses go on",
        .events = "reset: keeps",
        .rows = "1,0,1,100,0,0,1,5,12,0\n"
                "1,20,1,200,4,0,2,0,0,0\n"
                "1,50,3,0,0,0,0,0,0,0\n"
                "1,55,0,0,0,0,0,0,0,0\n"
                "1,60,0,0,0,0,0,0,0,0\n"
                "1,70,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100, .every = 12, .more = 1}, 0, 1},
                     {{20, 2, 200, 50}, 1, 1},
                     {{60, 1, 100}, 2, LAST}},
    },
    {
        .title = "reset: keeps, and a clock that starts anew leaves nothing of the time before",
        .events = "reset: keeps",
        .rows = "1,0,1,100,0,0,1,5,12,0\n"
                "1,50,0,0,0,0,0,0,0,0\n"
                "1,0,3,0,0,0,0,0,0,0\n"
                "1,5,1,70,0,0,1,0,0,0\n"
                "1,58,0,0,0,0,0,0,0,0\n"
                "1,70,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100, .every = 12, .more = 5}, 0, 1}, {{5, 1, 70}, 3, LAST}},
    },
    {
        .title = "EVID 4 cancels a lagged dose of its own time",
        .sweep = "ALAG2: [5 h]",
        .rows = "1,0,1,100,5,0,1,0,0,0\n"
                "1,10,1,70,0,0,2,0,0,0\n"
                "1,10,4,50,0,0,1,0,0,0\n"
                "1,12,0,0,0,0,0,0,0,0\n"
                "1,16,0,0,0,0,0,0,0,0\n"
                "1,30,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100, 20}, 0, 1}, {{10, 1, 50}, 2, LAST}},
    },
    {
        .title = "EVID 4 gives its own lagged dose",
        .sweep = "ALAG2: [5 h]",
        .rows = "1,0,1,100,0,0,1,0,0,0\n"
                "1,10,4,70,0,0,2,2,8,0\n"
                "1,14,0,0,0,0,0,0,0,0\n"
                "1,15,0,0,0,0,0,0,0,0\n"
                "1,40,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100}, 0, 0}, {{15, 2, 70, .every = 8, .more = 2}, 1, LAST}},
    },
    {
        .title = "SS 2 with a lag adds to what is there",
        .sweep = "ALAG2: [4 h]",
        .rows = "1,0,1,100,0,0,1,3,9,0\n"
                "1,6,1,50,0,0,2,2,12,2\n"
                "1,8,0,0,0,0,0,0,0,0\n"
                "1,10,0,0,0,0,0,0,0,0\n"
                "1,23,0,0,0,0,0,0,0,0\n"
                "1,60,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100, .every = 9, .more = 3}, 0, LAST},
                     {{10, 2, 50, .every = 12, .more = 2, .forever = true}, 1, LAST}},
    },
    {
        .title = "SS 1 cancels trains, infusions and lagged doses",
        .sweep = "ALAG2: [4 h]",
        .rows = "1,0,1,100,0,0,1,10,8,0\n"
                "1,10,1,300,5,0,1,0,0,0\n"
                "1,18,1,70,0,0,2,3,5,0\n"
                "1,20,1,30,0,0,1,0,6,1\n"
                "1,23,0,0,0,0,0,0,0,0\n"
                "1,50,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100, .every = 8, .more = 10}, 0, 2},
                     {{10, 1, 300, 60}, 1, 2},
                     {{20, 1, 30, .every = 6, .forever = true}, 3, LAST}},
    },
    {
        .title = "rows at the time of SS 1 see it in the order of the file",
        .rows = "1,0,1,100,0,0,2,0,0,0\n"
                "1,9,0,0,0,0,0,0,0,0\n"
                "1,9,1,30,0,0,2,0,6,1\n"
                "1,9,0,0,0,0,0,0,0,0\n"
                "1,9,1,40,0,0,2,0,0,0\n"
                "1,9,1,20,0,0,2,0,5,3\n"
                "1,11,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 2, 100}, 0, 1},
                     {{9, 2, 30, .every = 6, .forever = true}, 2, 4},
                     {{9, 2, 40}, 4, 4},
                     {{9, 2, 20, .every = 5, .forever = true}, 5, LAST}},
    },
    {
        .title = "EVID 4 with SS 1 and a lag",
        .sweep = "ALAG2: [5 h]",
        .rows = "1,0,1,100,0,0,2,5,7,0\n"
                "1,12,4,50,0,0,2,1,8,1\n"
                "1,17,0,0,0,0,0,0,0,0\n"
                "1,25,0,0,0,0,0,0,0,0\n"
                "1,48,0,0,0,0,0,0,0,0\n",
        .entering = {{{5, 2, 100, .every = 7, .more = 5}, 0, 0},
                     {{17, 2, 50, .every = 8, .more = 1, .forever = true}, 1, LAST}},
    },
    {
        .title = "RATE -1: as fast as the model says",
        .sweep = "R2: [12.5], F2: [0.8], ALAG2: [1.5 h]",
        .rows = "1,0,1,100,-1,0,2,1,24,0\n"
                "1,4,0,0,0,0,0,0,0,0\n"
                "1,7.9,0,0,0,0,0,0,0,0\n"
                "1,20,0,0,0,0,0,0,0,0\n"
                "1,30,0,0,0,0,0,0,0,0\n"
                "1,50,0,0,0,0,0,0,0,0\n",
        .entering = {{{1.5, 2, 80, 6.4, .every = 24, .more = 1}, 0, LAST}},
    },
    {
        .title = "RATE -1 at steady state, longer than the interval",
        .sweep = "R2: [4]",
        .rows = "1,0,1,100,-1,0,2,2,12,1\n"
                "1,0.5,0,0,0,0,0,0,0,0\n"
                "1,13,0,0,0,0,0,0,0,0\n"
                "1,40,0,0,0,0,0,0,0,0\n"
                "1,60,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 2, 100, 25, .every = 12, .more = 2, .forever = true}, 0, LAST}},
    },
    {
        .title = "RATE -2: as long as the model says",
        .sweep = "D2: [7 h], F2: [0.6], ALAG2: [1.5 h]",
        .rows = "1,0,1,100,-2,0,2,2,10,0\n"
                "1,5,0,0,0,0,0,0,0,0\n"
                "1,8.5,0,0,0,0,0,0,0,0\n"
                "1,18,0,0,0,0,0,0,0,0\n"
                "1,40,0,0,0,0,0,0,0,0\n",
        .entering = {{{1.5, 2, 60, 7, .every = 10, .more = 2}, 0, LAST}},
    },
    {
        .title = "RATE above 0: F changes the duration",
        .sweep = "F2: [0.5]",
        .rows = "1,0,1,100,10,0,2,0,0,0\n"
                "1,5,0,0,0,0,0,0,0,0\n"
                "1,10,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 2, 50, 5}, 0, LAST}},
    },
    {
        .title = "DUR: F changes the rate",
        .sweep = "F2: [0.5]",
        .rows = "1,0,1,100,0,10,2,0,0,0\n"
                "1,5,0,0,0,0,0,0,0,0\n"
                "1,12,1,40,0,3,1,0,0,0\n"
                "1,13,0,0,0,0,0,0,0,0\n"
                "1,20,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 2, 50, 10}, 0, LAST}, {{12, 1, 40, 3}, 2, LAST}},
    },
    {
        .title = "ADDL with II shorter than the infusion",
        .rows = "1,0,1,100,10,0,2,6,4,0\n"
                "1,3,0,0,0,0,0,0,0,0\n"
                "1,11,0,0,0,0,0,0,0,0\n"
                "1,26,0,0,0,0,0,0,0,0\n"
                "1,60,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 2, 100, 10, .every = 4, .more = 6}, 0, LAST}},
    },
    {
        .title = "a thousand additional doses",
        .rows = "1,0,1,2,0,0,1,1000,0.7,0\n"
                "1,0.69,0,0,0,0,0,0,0,0\n"
                "1,350.1,0,0,0,0,0,0,0,0\n"
                "1,699.9,0,0,0,0,0,0,0,0\n"
                "1,750,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 2, .every = 0.7, .more = 1000}, 0, LAST}},
    },
    {
        .title = "a lag longer than the interval",
        .sweep = "ALAG2: [30 h]",
        .rows = "1,0,1,100,0,0,2,5,8,0\n"
                "1,29,0,0,0,0,0,0,0,0\n"
                "1,30,0,0,0,0,0,0,0,0\n"
                "1,41,0,0,0,0,0,0,0,0\n"
                "1,41,1,10,20,0,1,0,0,0\n"
                "1,80,0,0,0,0,0,0,0,0\n",
        .entering = {{{30, 2, 100, .every = 8, .more = 5}, 0, LAST}, {{41, 1, 10, 0.5}, 4, LAST}},
    },
    {
        .title = "steady state with a lag longer than the interval",
        .sweep = "ALAG2: [31 h]",
        .rows = "1,0,1,100,0,0,2,2,12,1\n"
                "1,6,0,0,0,0,0,0,0,0\n"
                "1,8,0,0,0,0,0,0,0,0\n"
                "1,32,0,0,0,0,0,0,0,0\n"
                "1,60,0,0,0,0,0,0,0,0\n",
        .entering = {{{31, 2, 100, .every = 12, .more = 2, .forever = true}, 0, LAST}},
    },
    {
        .title = "steady state with a lag of one interval: just dosed",
        .sweep = "ALAG2: [24 h]",
        .rows = "1,0.1,1,100,0,0,2,1,24,1\n"
                "1,1,0,0,0,0,0,0,0,0\n"
                "1,24.5,0,0,0,0,0,0,0,0\n"
                "1,60,0,0,0,0,0,0,0,0\n"
                "2,0.7,1,100,0,0,2,1,24,1\n"
                "2,1,0,0,0,0,0,0,0,0\n",
        .entering = {{{0.1, 2, 100, .every = 24, .more = 2, .forever = true}, 0, 3},
                     {{0.7, 2, 100, .every = 24, .more = 2, .forever = true}, 4, 5}},
    },
    {
        .title = "steady state with a lag of three intervals",
        .sweep = "ALAG2: [24 h]",
        .rows = "1,0.1,1,100,0,0,2,0,8,1\n"
                "1,1,0,0,0,0,0,0,0,0\n"
                "1,8.5,0,0,0,0,0,0,0,0\n"
                "1,60,0,0,0,0,0,0,0,0\n",
        .entering = {{{0.1, 2, 100, .every = 8, .more = 3, .forever = true}, 0, LAST}},
    },
    {
        .title = "steady state of infusions longer than the interval",
        .rows = "1,0,1,100,4,0,2,3,12,1\n"
                "1,0.5,0,0,0,0,0,0,0,0\n"
                "1,11,0,0,0,0,0,0,0,0\n"
                "1,37,0,0,0,0,0,0,0,0\n"
                "1,70,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 2, 100, 25, .every = 12, .more = 3, .forever = true}, 0, LAST}},
    },
    {
        .title = "steady state of infusions longer than the interval, with a lag",
        .sweep = "ALAG2: [5 h]",
        .rows = "1,0,1,100,4,0,2,3,12,1\n"
                "1,3,0,0,0,0,0,0,0,0\n"
                "1,11,0,0,0,0,0,0,0,0\n"
                "1,37,0,0,0,0,0,0,0,0\n"
                "1,70,0,0,0,0,0,0,0,0\n",
        .entering = {{{5, 2, 100, 25, .every = 12, .more = 3, .forever = true}, 0, LAST}},
    },
    {
        .title = "steady state of infusions longer than the interval, with a longer lag",
        .sweep = "ALAG2: [29 h], D2: [24 h]",
        .rows = "1,0.3,1,100,-2,0,2,0,12,1\n"
                "1,3,0,0,0,0,0,0,0,0\n"
                "1,11,0,0,0,0,0,0,0,0\n"
                "1,37,0,0,0,0,0,0,0,0\n"
                "1,70,0,0,0,0,0,0,0,0\n",
        .entering = {{{29.3, 2, 100, 24, .every = 12, .forever = true}, 0, LAST}},
    },
    {
        .title = "a constant infusion that stops at its row",
        .sweep = "F2: [0.3], ALAG2: [2 h]",
        .rows = "1,0,1,0,10,0,2,0,0,1\n"
                "1,4,0,0,0,0,0,0,0,0\n"
                "1,5,1,0,20,0,1,0,0,2\n"
                "1,9,0,0,0,0,0,0,0,0\n"
                "1,30,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 2, 10, INFINITY}, 0, LAST}, {{5, 1, 20, INFINITY}, 2, LAST}},
    },
    {
        .title = "two doses and an observation at one instant, in each order",
        .rows = "1,5,0,0,0,0,0,0,0,0\n"
                "1,5,1,10,0,0,2,0,0,0\n"
                "1,5,1,7,0,0,2,0,0,0\n"
                "1,6,0,0,0,0,0,0,0,0\n"
                "2,5,1,10,0,0,2,0,0,0\n"
                "2,5,0,0,0,0,0,0,0,0\n"
                "2,5,1,7,0,0,2,0,0,0\n"
                "2,6,0,0,0,0,0,0,0,0\n"
                "3,5,1,10,0,0,2,0,0,0\n"
                "3,5,1,7,0,0,2,0,0,0\n"
                "3,5,0,0,0,0,0,0,0,0\n"
                "3,6,0,0,0,0,0,0,0,0\n",
        .entering = {{{5, 2, 10}, 1, 3},
                     {{5, 2, 7}, 2, 3},
                     {{5, 2, 10}, 4, 7},
                     {{5, 2, 7}, 6, 7},
                     {{5, 2, 10}, 8, 11},
                     {{5, 2, 7}, 9, 11}},
    },
    {
        .title = "additional: before, and a row of its time sees the dose",
        .sweep = "ALAG2: [3 h]",
        .rows = "1,0,1,10,0,0,2,1,8,0\n"
                "1,3,0,0,0,0,0,0,0,0\n"
                "1,11,0,0,0,0,0,0,0,0\n"
                "1,12,0,0,0,0,0,0,0,0\n",
        .entering = {{{3, 2, 10}, 1, LAST}, {{11, 2, 10}, 2, LAST}},
    },
    {
        .title = "additional: after, and it does not",
        .sweep = "ALAG2: [3 h]",
        .events = "additional: after",
        .rows = "1,0,1,10,0,0,2,1,8,0\n"
                "1,3,0,0,0,0,0,0,0,0\n"
                "1,3,0,0,0,0,0,0,0,0\n"
                "1,11,0,0,0,0,0,0,0,0\n"
                "1,12,0,0,0,0,0,0,0,0\n",
        .entering = {{{3, 2, 10}, 3, LAST}, {{11, 2, 10}, 4, LAST}},
    },
    {
        .title = "events 1e-13 h apart",
        .rows = "1,0,1,10,0,0,2,0,0,0\n"
                "1,1,0,0,0,0,0,0,0,0\n"
                "1,1.0000000000001,1,20,0,0,2,0,0,0\n"
                "1,1.0000000000002,0,0,0,0,0,0,0,0\n"
                "1,1.0000000000003,1,100,1e15,0,2,0,0,0\n"
                "1,1.0000000000005,0,0,0,0,0,0,0,0\n"
                "1,2,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 2, 10}, 0, LAST}, {{1, 2, 20}, 2, LAST}, {{1, 2, 100}, 5, LAST}},
    },
    {
        .title = "a lagged dose one rounding error late is late",
        .sweep = "ALAG2: [1.1 h]",
        .rows = "1,2.2,1,10,0,0,2,0,0,0\n"
                "1,3.3,0,0,0,0,0,0,0,0\n"
                "1,3.3000000000000003,0,0,0,0,0,0,0,0\n"
                "1,4,0,0,0,0,0,0,0,0\n",
        .entering = {{{3.3, 2, 10}, 2, LAST}},
    },
    {
        .title = "times beyond two years",
        .rows = "1,0,1,50,0,0,2,0,0,0\n"
                "1,20000,1,100,25,0,1,1000,24,0\n"
                "1,20003,0,0,0,0,0,0,0,0\n"
                "1,30007,0,0,0,0,0,0,0,0\n"
                "1,43999,0,0,0,0,0,0,0,0\n"
                "1,44030,0,0,0,0,0,0,0,0\n"
                "1,44031,1,10,1e6,0,2,0,0,0\n"
                "1,44031.5,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 2, 50}, 0, 0},
                     {{20000, 1, 100, 4, .every = 24, .more = 1000}, 1, LAST},
                     {{44031, 2, 10, 1e-5}, 6, LAST}},
    },
    {
        .title = "the clock restarts after a reset",
        .rows = "1,0,1,100,0,0,1,9,12,0\n"
                "1,50,0,0,0,0,0,0,0,0\n"
                "1,0,3,0,0,0,0,0,0,0\n"
                "1,2,0,0,0,0,0,0,0,0\n"
                "1,3,1,30,10,0,2,0,0,0\n"
                "1,8,0,0,0,0,0,0,0,0\n"
                "1,1,4,20,0,0,1,1,6,0\n"
                "1,1.5,0,0,0,0,0,0,0,0\n"
                "1,9,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100, .every = 12, .more = 9}, 0, 1},
                     {{3, 2, 30, 3}, 4, 5},
                     {{1, 1, 20, .every = 6, .more = 1}, 6, LAST}},
    },
    {
        .title = "another patient begins with nothing",
        .rows = "1,0,1,100,0,0,1,9,12,0\n"
                "1,5,0,0,0,0,0,0,0,0\n"
                "2,5,0,0,0,0,0,0,0,0\n"
                "2,30,0,0,0,0,0,0,0,0\n"
                "7,4,1,10,5,0,2,0,0,0\n"
                "7,30,0,0,0,0,0,0,0,0\n"
                "3,40,0,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100, .every = 12, .more = 9}, 0, 1}, {{4, 2, 10, 2}, 4, 5}},
    },
    {
        .title = "CMT 0 and none are the first compartment; F 0 gives nothing",
        .sweep = "F2: [0]",
        .rows = "1,0,1,100,0,0,0,0,0,0\n"
                "1,1,1,50,0,0,.,0,0,0\n"
                "1,2,1,50,0,0,2,0,0,0\n"
                "1,3,1,50,5,0,2,0,5,2\n"
                "1,9,2,0,0,0,0,0,0,0\n",
        .entering = {{{0, 1, 100}, 0, LAST}, {{1, 1, 50}, 1, LAST}},
    },
};

static const char model[] = "model: oral\n"
                            "title: One compartment with a depot\n"
                            "citation: none\n"
                            "drug: other\n"
                            "sampling: unstated\n"
                            "parameters:\n"
                            "  CL: {typical: 1.1, unit: L/h}\n"
                            "  V: {typical: 20, unit: L}\n"
                            "  KA: {typical: 1.5, unit: 1/h}\n"
                            "  F2: {typical: 1}\n"
                            "  ALAG2: {typical: 0, unit: h}\n"
                            "  D2: {typical: 1, unit: h}\n"
                            "  R2: {typical: 10}\n"
                            "compartments: [depot, central]\n"
                            "flows:\n"
                            "  - {from: depot, to: central, rate: KA}\n"
                            "  - {from: central, rate: CL/V}\n"
                            "routes: {iv: {inputs: [{to: central}]}}\n"
                            "doses: {central: {fraction: F2, lag: ALAG2, over: D2, rate: R2}}\n"
                            "outputs: {ketamine: {amount: central, volume: V}}\n";

static void check_rows(struct score *score, const struct closed_case *c, const struct event_run *run)
{
    const struct oral_model oral = {1.5L, 1.1L / 20, 20};
    const struct event_table *table = run->study.events;
    for (int64_t row = 0; row < table->event_count; row++) {
        const double time = table->events[row].time;
        long double expected = 0;
        for (int i = 0; i < TRAINS_MAX && c->entering[i].train.into > 0; i++) {
            if (row >= c->entering[i].from && row <= c->entering[i].until) {
                expected += oral_level(&oral, &c->entering[i].train, time);
            }
        }
        score_value(score, (double)row, event_run_level(run, 0, row), (double)expected, score_relative(score),
                    score_absolute(score));
    }
}

void conformance_closed(struct score *score)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct closed_case *c = &cases[i];
        char table[2048];
        char study[512];
        snprintf(table, sizeof(table), "ID,TIME,EVID,AMT,RATE,DUR,CMT,ADDL,II,SS\n%s", c->rows);
        snprintf(study, sizeof(study), "title: A case\nmodel: model.yaml\nseed: 1\nevents: {%s}\n%s%s%s",
                 c->events ? c->events : "", c->sweep ? "sweep: {design: grid, " : "",
                 c->sweep ? c->sweep : "", c->sweep ? "}\n" : "");
        const struct event_input input = {model, table, study, false, score->method, 1};
        struct event_run run;
        score_begin(score, c->title);
        if (event_run(&run, &input)) {
            check_rows(score, c, &run);
        } else {
            score_broken(score, &run.d);
        }
        score_end(score);
        event_run_clear(&run);
    }
}
