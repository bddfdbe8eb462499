/* plot - a result as a picture: levels over time, the median of the patients and how far they spread.
 *
 * What is drawn is chosen here (plot_data.c, plot_choose.c), written as a script for gnuplot (plot_script.c, plot_layout.c)
 * and drawn by gnuplot as a program of its own (plot_gnuplot.c): nothing is linked, and a script can be kept.
 *
 *   curve   an arm with its model and sweep values: a color and a line style, the same in all panels
 *   facet   arms that share panels: one per value of what is not told by color; mostly there is one facet
 *   panel   an analyte in a facet
 *
 * Of a result that holds sensitivity, that is drawn in place of levels (plot_tornado.c): a panel is a metric of an arm.
 */
#ifndef KETSIM_PLOT_H
#define KETSIM_PLOT_H

#include "app/results/results_limits.h"
#include "changes.h"
#include "sensitivity_table.h"
#include "study_outline.h"
#include "threshold_table.h"

#include <stdio.h>

/* What the user asks for. Arrays belong to the caller. */
struct plot_request {
    const char **analytes; /* none: all */
    int analyte_count;
    const char **arms; /* labels or names; none: all */
    int arm_count;
    double from, to; /* h; NaN: from the first, to the last record */
    bool log;        /* logarithmic levels */
};

enum {
    PLOT_STYLES_MAX = 12, /* curves of a facet; of more, some are chosen evenly */
    PLOT_FACETS_MAX = 6,
    PLOT_BANDS = 2,
    PLOT_LINES = 1 + 2 * PLOT_BANDS, /* outer low, inner low, median, inner high, outer high */
    PLOT_MEDIAN = PLOT_BANDS,
    PLOT_OUTPUTS_MAX = 12, /* metrics whose sensitivity is drawn */
    PLOT_BARS = 2,         /* statistics of each */
};

/* An arm that is drawn. */
struct plot_curve {
    int64_t arm;
    int style;
    int facet;
    const struct outline_arm *doses; /* NULL: not known */
};

/* Of an analyte in an arm whose model has it. */
struct plot_series {
    int curve;
    int analyte;
    double *levels; /* [PLOT_LINES][time] of the times drawn, NaN where nobody was simulated; owned */
    bool spreads;   /* whether patients differ */
};

struct plot {
    struct result result;
    struct outline outline;
    struct threshold_table asked; /* of the study's thresholds; their answers are not read */
    struct broken_limits limits;
    struct plot_request request;

    double *times; /* h: those drawn */
    int64_t time_count;
    int64_t first_time; /* of the file's */
    double from, to;    /* h: the axis */

    const struct result_variable *
        *analytes; /* [analyte]: their quantiles or else profiles; belong to the result */
    int analyte_count;
    double fractions[PLOT_LINES]; /* NaN: that band is not known */
    bool computed;                /* from the profiles, not from quantiles of the file */

    struct plot_curve *curves;
    int curve_count;
    int64_t arm_count; /* that were asked for: more than curve_count where some were left out */
    int style_count;
    char **style_labels; /* owned */
    bool ramp;           /* styles are values of a sweep, in order */
    int facet_count;
    char **facet_labels; /* owned; of a single facet empty */
    bool compares;       /* styles are models of the same arm */
    bool course;         /* several sessions, many days */
    bool varies; /* a facet holds an arm, style 1, and its baseline, style 0: curves 2 * facet + style */
    struct changes changes; /* then: of all arms */

    struct plot_series *series; /* by analyte, then by curve */
    int series_count;

    /* A result that holds sensitivity is drawn as that: styles are statistics, and there are no curves. */
    struct sensitivity_table sensitivity; /* its method NULL: levels are drawn */
    int64_t *outputs;                     /* [output_count]: of its table, those drawn */
    int output_count;
    int64_t outputs_asked; /* those that could be drawn */
};

/* Reads of the result `path` what is to be drawn. 0, or -1 with the reason in `d`: it is no result, holds nothing that can
 * be drawn, or lacks what is asked for. Clearing is allowed either way. `path` and `request` must outlive the struct. */
int plot_read(struct plot *plot, const char *path, const struct plot_request *request, struct diagnostics *d);
void plot_clear(struct plot *plot);

/* For plot_read: what of its sensitivity is drawn. -1 with the reason in `d`. */
int tornado_read(struct plot *plot, struct diagnostics *d);

/* For plot_choose: whether these arms, or some of them, are drawn each with its baseline, and the choice of that. -1 with the reason
 * in `d`. */
bool plot_can_vary(const struct plot *plot, const int64_t *arms, int count);
int plot_vary(struct plot *plot, const int64_t *arms, int count, struct diagnostics *d);

/* What the arm of a facet changes in a metric against its baseline: "session 2: cmax x 0.72 (0.69 to 0.73)"; of one session if that
 * alone differs and the result tells its metrics. malloc'ed; NULL where the result does not tell, or without memory. */
char *plot_change_text(const struct plot *plot, int analyte, int facet, const char *metric);

/* Whether number `i` of `count` is one of `most` that are spread evenly, the first and the last among them. */
bool plot_is_kept(int64_t i, int64_t count, int64_t most);

/* For plot_read: which curves, in which style and facet; and the levels. -1 with the reason in `d`. */
int plot_choose(struct plot *plot, struct diagnostics *d);
int plot_read_levels(struct plot *plot, struct diagnostics *d);

enum plot_format { PLOT_SVG, PLOT_PNG, PLOT_PDF, PLOT_SCRIPT, PLOT_FORMAT_COUNT };

/* The format of a file name by its ending; PLOT_FORMAT_COUNT for an unknown one. */
enum plot_format plot_format_of(const char *path);

/* Writes the script that draws the plot, as gnuplot 5.4 or later reads it; it draws on gnuplot's standard output. With
 * `captioned` false without title and caption: a report says them itself. 0, or -1 with the reason in `d`. */
int plot_script_write(FILE *out, struct plot *plot, enum plot_format format, bool captioned,
                      struct diagnostics *d);

/* Has gnuplot carry out a script, from the start of the file open as `script`, into the file open as `picture`. 0, or with the
 * reason in `d` -1: what it said; -2: it is not installed. */
int plot_gnuplot(int script, int picture, struct diagnostics *d);

/* Draws into a file open as `picture`: script and gnuplot in one. */
int plot_draw(int picture, struct plot *plot, enum plot_format format, bool captioned, struct diagnostics *d);

#endif
