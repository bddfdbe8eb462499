/* results_place - what a value of a result is called: "of arm \"nasal\", patient 17, at 2.5 h". */
#ifndef KETSIM_RESULTS_PLACE_H
#define KETSIM_RESULTS_PLACE_H

#include "layout.h"

struct value_place {
    char text[512];
};

/* Of value number `value` of a variable, counted through all its dimensions. */
struct value_place results_place_of(const struct layout *layout, const struct study *study,
                                    const struct layout_variable *variable, int64_t value);

/* The same of what a block wrote to it: its first and its last value without the dimensions behind patients or rows. */
struct value_place results_place_of_block(const struct layout *layout, const struct study *study,
                                          const struct layout_variable *variable, int64_t block);

#endif
