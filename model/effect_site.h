/* effect_site - a published effect-site layer: a compartment that follows the plasma level of an analyte with a lag.
 *
 * dCe/dt = ke0 (C - Ce), ke0 = ln 2 / half-life. Added to a model, it takes nothing from the plasma and changes no other
 * output. One YAML file per layer in model/effect_sites, embedded as the models are.
 */
#ifndef KETSIM_EFFECT_SITE_H
#define KETSIM_EFFECT_SITE_H

#include "model.h"

struct effect_site {
    struct document document; /* owns all the text below that is not said to be owned */
    const char *name;
    const char *title;
    const char *citation;
    const char *doi;
    const char *population;
    const char *analyte; /* whose plasma level it follows */
    double half_life;    /* h */
    double c50;          /* ng/mL at the effect site */
    const char **limits; /* owned list: what the layer does not tell */
    int limit_count;
    char *output; /* owned: the name of the level at the effect site, "esketamine_effect_site" */
    char *rate;   /* owned: ke0 as a formula, 1/h */
};

extern const struct schema effect_site_schema;

/* Reads the layer of this text; `name` is what messages call it. 0, or -1 with every mistake in `d`; then it is empty,
 * and clearing it is still allowed. */
int effect_site_parse(struct effect_site *site, const char *name, const char *text, size_t size,
                      struct units *units, struct diagnostics *d);
void effect_site_clear(struct effect_site *site);

/* Adds to a model that has the analyte a compartment `effect_site`, its flows and the output; the model then holds
 * texts of `site`, which must outlive it. 0; -1, and nothing is added, when it has no room or the names are taken, which is told
 * of the place `from`. */
int effect_site_add(const struct effect_site *site, struct model *model, struct place from,
                    struct diagnostics *d);

#endif
