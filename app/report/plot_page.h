/* plot_page - where things stand on the page of a plot, in pixels from its upper left corner; for app/report/plot_*.c only. */
#ifndef KETSIM_PLOT_PAGE_H
#define KETSIM_PLOT_PAGE_H

#include "plot.h"

enum {
    PAGE_WIDTH = 1200,
    PAGE_MARGIN = 24,
    FONT_TITLE = 22,
    FONT_TEXT = 16,
    FONT_CAPTION = 14,
    LINE_TITLE = 30,
    LINE_CAPTION = 20,
    DOSE_ROW = 17,      /* height of a row of dose marks */
    LEGEND_SAMPLE = 48, /* line and gap before a label */
};

/* A copy of a text in which whatever is not to be shown is a question mark: what steers or is no UTF-8. A line break stays
 * one. malloc'ed; NULL without memory. */
char *text_clean(const char *text);

/* Lines of text as they fit the page. */
struct text_lines {
    char **lines; /* owned, without control characters, valid UTF-8 */
    int count;
};

/* Breaks a text into lines of at most so many pixels; a line break in it is one here. 0, or -1 without memory. */
int text_lines_init(struct text_lines *lines, const char *text, int pixels, int font);
void text_lines_clear(struct text_lines *lines);

/* About how wide a text is, in pixels: how wide exactly, only the font of the viewer knows. */
int text_pixels(const char *text, int font);

/* Writes a text so that gnuplot takes it for text and nothing else, whatever it holds: in single quotes, without control
 * characters. */
void text_quote(FILE *out, const char *text);

struct box {
    int left, top, width, height; /* of the area inside the axes */
};

struct panel {
    struct box box;
    struct box beside; /* of what stands beside it; width 0: nothing */
    int analyte;       /* of sensitivity: index into the outputs drawn */
    int facet;
    bool lowest; /* of its column: has the title of the time axis */
    double low;  /* of the level axis */
    double high;
    int dose_rows;
};

struct page {
    int height;
    struct text_lines title;
    struct text_lines caption;
    bool legend;   /* whether there is one: not where facets tell all */
    int *legend_x; /* [style] */
    int *legend_y;
    int caption_top;
    struct panel *panels;
    int panel_count;
};

/* 0, or -1 without memory; clearing is allowed either way. */
int page_init(struct page *page, struct plot *plot, bool captioned);
void page_clear(struct page *page);

/* What stands beside the panels: nothing, the models compared, or the last session of a course beside the first. */
enum beside { BESIDE_NOTHING, BESIDE_MODELS, BESIDE_SESSIONS };
enum beside plot_beside(const struct plot *plot);

/* The first and the last session of an arm within what is drawn, h: a session begins six hours or more after the dose before
 * it. Returns how many hours of the last one are drawn, at most 24; 0 with fewer than two sessions. */
double sessions_find(const struct plot *plot, const struct outline_arm *arm, double *first, double *last);

/* The look of a style. */
struct style_look {
    char color[8];    /* #RRGGBB */
    const char *dash; /* as gnuplot writes it */
};
struct style_look style_look(const struct plot *plot, int style);

/* The doses that are marked in a facet: rows of doses that differ. Fills rows[PLOT_DOSE_ROWS_MAX] with curves; how many. One row
 * says of all. More rows than there is room for: 0. */
enum { PLOT_DOSE_ROWS_MAX = 6 };
int facet_dose_rows(const struct plot *plot, int facet, int *rows);

/* How many curves a panel holds, and how many bands are drawn of each. */
int panel_curves(const struct plot *plot, int analyte, int facet);
int panel_bands(const struct plot *plot, int analyte, int facet);

/* Fills levels[PLOT_THRESHOLDS_MAX] with the thresholds of an analyte that is drawn, increasing; how many. */
enum { PLOT_THRESHOLDS_MAX = 8 };
int plot_thresholds(const struct plot *plot, int analyte, double *levels);

/* Whether the time axis is in days. */
bool plot_in_days(const struct plot *plot);

/* Puts the panels of sensitivity below `top`; where they end. And how many axes each shows. */
int tornado_place(struct page *page, const struct plot *plot, int top);
int tornado_axes(const struct plot *plot);

/* What stands below the picture, a paragraph per line. malloc'ed; NULL without memory. */
char *plot_caption(struct plot *plot);

/* How far the models that a panel compares lie apart, by the highest levels of their patients. */
struct model_spread {
    double mean, p05, p95; /* geometric mean; NaN without */
    bool differs;          /* whether its patients do */
};

struct comparison_of_models {
    struct model_spread models[PLOT_STYLES_MAX]; /* [style] */
    double models_ratio;                         /* highest to lowest mean; NaN of fewer than two */
    double patients_ratio;                       /* median of p95/p05; NaN where no model's patients differ */
};

/* Of cmax in a panel. False where the result does not hold it. -1 is told in `d` and is false, too. */
bool comparison_read(struct comparison_of_models *c, struct plot *plot, int analyte, int facet,
                     struct diagnostics *d);

#endif
