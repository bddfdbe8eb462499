/* What if: each arm that has a baseline in a facet of its own, with the baseline, around the session that differs. */
#include "plot.h"

#include "summary_changes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Around the doses that differ, h: what came before, what follows, and how far apart they may lie to be all shown. */
static const double before_hours = 2;
static const double after_hours = 24;
static const double apart_hours = 72;

bool plot_can_vary(const struct plot *plot, const int64_t *arms, int count)
{
    int varied = 0;

    for (int i = 0; i < count; i++) {
        varied += plot->result.baselines && plot->result.baselines[arms[i]] >= 0;
        for (int k = 0; k < i; k++) { /* of a sweep, of models, of replicates */
            if (strcmp(plot->result.arm_names[arms[i]], plot->result.arm_names[arms[k]]) == 0) {
                return false;
            }
        }
    }
    return varied > 0;
}

static struct plot_curve curve_of(const struct plot *plot, int64_t arm, int style, int facet)
{
    return (struct plot_curve){arm, style, facet, outline_arm(&plot->outline, plot->result.arm_names[arm])};
}

/* What there is of the records around the sessions that differ, unless the user asks for others. */
static void narrow(struct plot *plot)
{
    double first = INFINITY;
    double last = -INFINITY;

    for (int i = 0; i + 1 < plot->curve_count; i += 2) {
        double from;
        double to;
        if (plot->curves[i].doses && plot->curves[i + 1].doses &&
            outline_differ(plot->curves[i].doses, plot->curves[i + 1].doses, &from, &to)) {
            first = fmin(first, from);
            last = fmax(last, fmin(to, from + apart_hours));
        }
    }
    if (!isnan(plot->request.from) || !isnan(plot->request.to) || isinf(first)) {
        return;
    }
    first -= before_hours;
    last += after_hours;
    int64_t begin = 0;
    int64_t end = plot->time_count;
    while (begin < end && plot->times[begin] < first) {
        begin++;
    }
    while (end > begin && plot->times[end - 1] > last) {
        end--;
    }
    if (end - begin >= 2) {
        memmove(plot->times, plot->times + begin, (size_t)(end - begin) * sizeof(*plot->times));
        plot->first_time += begin;
        plot->time_count = end - begin;
        plot->from = plot->times[0];
        plot->to = plot->times[plot->time_count - 1];
    }
}

int plot_vary(struct plot *plot, const int64_t *arms, int count, struct diagnostics *d)
{
    int64_t varied = 0;
    int64_t shared = -1; /* the baseline of all; -2: there are several */
    int64_t place = 0;

    for (int i = 0; i < count; i++) {
        const int64_t baseline = plot->result.baselines[arms[i]];
        if (baseline >= 0) {
            varied++;
            shared = shared == -1 || shared == baseline ? baseline : -2;
        }
    }
    plot->varies = true;
    plot->curves = calloc(2 * PLOT_FACETS_MAX, sizeof(*plot->curves));
    plot->style_labels = calloc(2, sizeof(*plot->style_labels));
    plot->facet_labels = calloc(PLOT_FACETS_MAX, sizeof(*plot->facet_labels));
    if (!plot->curves || !plot->style_labels || !plot->facet_labels) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < count && plot->facet_count < PLOT_FACETS_MAX; i++) {
        const int64_t baseline = plot->result.baselines[arms[i]];
        if (baseline < 0 || !plot_is_kept(place++, varied, PLOT_FACETS_MAX)) {
            continue;
        }
        const int facet = plot->facet_count++;
        plot->curves[plot->curve_count++] = curve_of(plot, baseline, 0, facet);
        plot->curves[plot->curve_count++] = curve_of(plot, arms[i], 1, facet);
        plot->facet_labels[facet] = strdup(plot->result.arm_names[arms[i]]);
        if (!plot->facet_labels[facet]) {
            return diagnostics_out_of_memory(d);
        }
    }
    plot->arm_count = varied;
    plot->style_count = 2;
    plot->style_labels[0] = strdup(shared >= 0 ? plot->result.arm_names[shared] : "the baseline of each");
    plot->style_labels[1] =
        strdup(plot->facet_count == 1 ? plot->facet_labels[0] : "what differs, as named above its panel");
    if (!plot->style_labels[0] || !plot->style_labels[1]) {
        return diagnostics_out_of_memory(d);
    }
    narrow(plot);
    return changes_read(&plot->changes, &plot->result, d);
}

char *plot_change_text(const struct plot *plot, int analyte, int facet, const char *metric)
{
    const struct plot_curve *base = &plot->curves[2 * facet];
    const struct plot_curve *curve = &plot->curves[2 * facet + 1];
    const char *name = plot->analytes[analyte]->analyte;
    const int session = base->doses && curve->doses ? outline_session(base->doses, curve->doses) : 0;
    const struct change *change =
        session > 0 ? changes_find_ratio(&plot->changes, curve->arm, name, session, metric) : NULL;
    char of[32] = "";
    char text[160];

    if (change) {
        snprintf(of, sizeof(of), "session %d: ", session);
    } else {
        change = changes_find_ratio(&plot->changes, curve->arm, name, 0, metric);
        snprintf(of, sizeof(of), "%s", curve->doses && curve->doses->dose_count > 1 ? "all sessions: " : "");
    }
    if (!change) {
        return NULL;
    }
    snprintf(text, sizeof(text), "%s%s x %s (%s to %s)", of, strncmp(metric, "auc", 3) == 0 ? "AUC" : metric,
             change_describe(change, change->ratio.median).text,
             change_describe(change, change->ratio.p05).text,
             change_describe(change, change->ratio.p95).text);
    return strdup(text);
}
