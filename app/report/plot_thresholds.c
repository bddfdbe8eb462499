/* Which thresholds are drawn in a panel. */
#include "plot_page.h"

#include <string.h>

static void add(double *levels, int *count, double level)
{
    int place = 0;

    while (place < *count && levels[place] < level) {
        place++;
    }
    if (*count == PLOT_THRESHOLDS_MAX || (place < *count && levels[place] == level)) {
        return;
    }
    memmove(levels + place + 1, levels + place, (size_t)(*count - place) * sizeof(*levels));
    levels[place] = level;
    ++*count;
}

int plot_thresholds(const struct plot *plot, int analyte, double *levels)
{
    const struct result_variable *v = plot->analytes[analyte];
    int count = 0;

    for (int i = 0; i < plot->outline.threshold_count && strcmp(v->unit, "ng/mL") == 0; i++) {
        add(levels, &count, plot->outline.thresholds[i]);
    }
    for (int i = 0; i < plot->asked.count; i++) {
        if (strcmp(plot->asked.thresholds[i].analyte, v->analyte) == 0) {
            add(levels, &count, plot->asked.thresholds[i].level);
        }
    }
    return count;
}
