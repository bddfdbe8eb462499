/* published_threshold - levels of the literature that something is told of: half of the greatest effect, the least level at which
 * something is reported. A study names one in place of a level of its own. None of them tells when effects have worn off.
 */
#ifndef KETSIM_PUBLISHED_THRESHOLD_H
#define KETSIM_PUBLISHED_THRESHOLD_H

struct published_threshold {
    const char *name;
    const char *analyte; /* that it is of, unless a study says otherwise */
    double level;        /* ng/mL */
    const char *meaning;
    const char *source;
    const char *limits; /* what it does not tell */
};

extern const struct published_threshold published_thresholds[];
extern const int published_threshold_count;

/* NULL: there is none of that name. */
const struct published_threshold *published_threshold_find(const char *name);

#endif
