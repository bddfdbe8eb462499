/* version - what this program is made of. */
#ifndef KETSIM_VERSION_H
#define KETSIM_VERSION_H

#include "app/base/arithmetic.h"
#include "results.h"

#include <stdio.h>

/* Owns the texts that its provenance points to: stays where it was filled. */
struct version {
    char sundials[64];
    char compiler[128];
    struct arithmetic arithmetic;
    struct provenance provenance;
};

void version_init(struct version *version);

/* What `ketsim --version` says. */
void version_print(FILE *out);

#endif
