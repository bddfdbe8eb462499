#include "plot_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_LEGEND = 26,
    LEGEND_GAP = 28,
    ROOM_LEFT = 96, /* of an axis with its numbers and title */
    ROOM_RIGHT = 14,
    ROOM_TOP = 16,
    ROOM_TOP_LABELED = 46,
    ROOM_BOTTOM = 28,
    ROOM_TIME = 30, /* the title of the time axis */
    ROOM_BESIDE = 290,
    COLUMNS_MAX = 3,
    CURVES_OF_ALL_BANDS = 2, /* in a panel; more hide each other */
    CURVES_OF_ONE_BAND = 4,
};

/* Of the highest level, how far the logarithmic axis goes down at most. */
static const double log_depth = 1e-5;

static const double day = 24;
static const double session_gap = 6; /* h */

bool plot_in_days(const struct plot *plot)
{
    return plot->to - plot->from > 4 * day;
}

/* --- Looks --- */

/* The colors of Okabe and Ito, which color-blind people tell apart, the darker ones first; without yellow. */
static const char *const separate[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                       "#E69F00", "#56B4E9", "#000000"};
/* From dark to light, told apart also without color. */
static const int ramp[][3] = {{0x44, 0x01, 0x54}, {0x3B, 0x52, 0x8B}, {0x21, 0x91, 0x8C}, {0x7A, 0xC2, 0x4F}};
static const char *const dashes[] = {"1", "(12,4)", "(3,3)", "(12,3,3,3)", "(7,3)"};

enum {
    SEPARATE_COUNT = sizeof(separate) / sizeof(*separate),
    RAMP_COUNT = sizeof(ramp) / sizeof(*ramp),
    DASH_COUNT = sizeof(dashes) / sizeof(*dashes),
};

struct style_look style_look(const struct plot *plot, int style)
{
    struct style_look look = {
        .dash =
            dashes[plot->sensitivity.method || (plot->course && plot->facet_count > 1) ? 0
                                                                                       : style % DASH_COUNT]};

    if (plot->varies) {
        /* A broken dark line on a full light one is seen where both are the same. */
        look.dash = style == 0 ? "(10,5)" : "1";
        snprintf(look.color, sizeof(look.color), "%s", style == 0 ? "#222222" : "#E69F00");
    } else if (plot->ramp && plot->style_count > 1) {
        const double place = (double)style * (RAMP_COUNT - 1) / (plot->style_count - 1);
        const int first = place >= RAMP_COUNT - 1 ? RAMP_COUNT - 2 : (int)place;
        int mixed[3];
        for (int i = 0; i < 3; i++) {
            mixed[i] = (int)lround(ramp[first][i] + (place - first) * (ramp[first + 1][i] - ramp[first][i]));
        }
        snprintf(look.color, sizeof(look.color), "#%02X%02X%02X", (unsigned char)mixed[0],
                 (unsigned char)mixed[1], (unsigned char)mixed[2]);
    } else {
        snprintf(look.color, sizeof(look.color), "%s", separate[style % SEPARATE_COUNT]);
    }
    return look;
}

/* --- What a panel holds --- */

int panel_curves(const struct plot *plot, int analyte, int facet)
{
    int count = 0;

    for (int i = 0; i < plot->series_count; i++) {
        const struct plot_series *s = &plot->series[i];
        count += s->analyte == analyte && plot->curves[s->curve].facet == facet;
    }
    return count;
}

int panel_bands(const struct plot *plot, int analyte, int facet)
{
    const int curves = panel_curves(plot, analyte, facet);

    if (plot->result.sizes[DIMENSION_PATIENT] < 2) {
        return 0;
    }
    return curves <= CURVES_OF_ALL_BANDS && !plot->compares && !plot->varies ? PLOT_BANDS
           : curves <= CURVES_OF_ONE_BAND || plot->compares                  ? 1
                                                                             : 0;
}

static bool same_doses(const struct outline_arm *a, const struct outline_arm *b)
{
    bool same = a->dose_count == b->dose_count;

    for (int i = 0; i < a->dose_count && same; i++) {
        same = a->doses[i].time == b->doses[i].time;
    }
    return same;
}

int facet_dose_rows(const struct plot *plot, int facet, int *rows)
{
    int count = 0;

    for (int i = 0; i < plot->curve_count; i++) {
        const struct plot_curve *curve = &plot->curves[i];
        bool known = curve->facet != facet || !curve->doses;
        for (int k = 0; k < count && !known; k++) {
            known = same_doses(plot->curves[rows[k]].doses, curve->doses);
        }
        if (!known && count == PLOT_DOSE_ROWS_MAX) {
            return 0;
        }
        if (!known) {
            rows[count++] = i;
        }
    }
    return count;
}

/* --- The level axis --- */

struct reach {
    double lowest, lowest_positive, highest;
};

static void reach_add(struct reach *reach, double value)
{
    if (!isfinite(value)) {
        return;
    }
    reach->lowest = fmin(reach->lowest, value);
    reach->highest = fmax(reach->highest, value);
    if (value > 0) {
        reach->lowest_positive = fmin(reach->lowest_positive, value);
    }
}

/* What is drawn of an analyte, in all facets: they share an axis, so that they can be compared. */
static struct reach analyte_reach(const struct plot *plot, int analyte)
{
    struct reach reach = {INFINITY, INFINITY, -INFINITY};

    for (int i = 0; i < plot->series_count; i++) {
        const struct plot_series *s = &plot->series[i];
        if (s->analyte != analyte) {
            continue;
        }
        const int bands = panel_bands(plot, analyte, plot->curves[s->curve].facet);
        for (int line = PLOT_MEDIAN; line < PLOT_LINES; line++) {
            /* Of the bands the outermost is drawn first. */
            const bool drawn = line == PLOT_MEDIAN || PLOT_LINES - 1 - line < bands;
            for (int64_t k = 0; k < plot->time_count && drawn; k++) {
                reach_add(&reach, s->levels[line * plot->time_count + k]);
                reach_add(&reach, s->levels[(PLOT_LINES - 1 - line) * plot->time_count + k]);
            }
        }
    }
    return reach;
}

static int panel_scale(struct panel *panel, struct plot *plot)
{
    struct reach reach = analyte_reach(plot, panel->analyte);
    struct comparison_of_models comparison;
    struct diagnostics ignored;

    diagnostics_init(&ignored);
    if (panel->beside.width > 0 &&
        comparison_read(&comparison, plot, panel->analyte, panel->facet, &ignored)) {
        for (int i = 0; i < plot->style_count; i++) {
            reach_add(&reach, comparison.models[i].mean);
            reach_add(&reach, comparison.models[i].p05);
            reach_add(&reach, comparison.models[i].p95);
        }
    }
    const int ret = ignored.out_of_memory ? -1 : 0;
    diagnostics_clear(&ignored);

    if (!(reach.highest > 0)) {
        reach.highest = 1; /* a placebo */
        reach.lowest_positive = log_depth;
    }
    double thresholds[PLOT_THRESHOLDS_MAX];
    const int threshold_count = plot_thresholds(plot, panel->analyte, thresholds);
    for (int i = 0; i < threshold_count; i++) {
        if (thresholds[i] < 2 * reach.highest) {
            reach.highest = fmax(reach.highest, thresholds[i]);
        }
    }
    int rows[PLOT_DOSE_ROWS_MAX];
    panel->dose_rows = facet_dose_rows(plot, panel->facet, rows);
    const double room = 1 - (6.0 + DOSE_ROW * panel->dose_rows) / panel->box.height;
    if (plot->request.log) {
        panel->low = fmax(reach.lowest_positive, reach.highest * log_depth);
        panel->low = fmin(panel->low, reach.highest / 10);
        panel->high = panel->low * pow(1.05 * reach.highest / panel->low, 1 / room);
    } else {
        panel->low = fmin(0, reach.lowest);
        panel->high = panel->low + (1.02 * reach.highest - panel->low) / room;
    }
    return ret;
}

/* --- Panels --- */

enum beside plot_beside(const struct plot *plot)
{
    double first;
    double last;

    if (plot->compares && plot->facet_count == 1 && result_find(&plot->result, ROLE_METRIC, NULL, "cmax")) {
        return BESIDE_MODELS;
    }
    return plot->course && plot->curve_count == plot->facet_count &&
                   sessions_find(plot, plot->curves[0].doses, &first, &last) > 0
               ? BESIDE_SESSIONS
               : BESIDE_NOTHING;
}

double sessions_find(const struct plot *plot, const struct outline_arm *arm, double *first, double *last)
{
    double before = -INFINITY;
    int sessions = 0;

    for (int i = 0; arm && i < arm->dose_count; i++) {
        const double time = arm->doses[i].time;
        if (time >= plot->from && time < plot->to && time - before >= session_gap) {
            *first = sessions == 0 ? time : *first;
            *last = time;
            sessions++;
        }
        before = time;
    }
    return sessions < 2 ? 0 : fmin(plot->to - *last, day);
}

static int columns_of(const struct plot *plot, int panels)
{
    if (plot->course || plot_beside(plot) != BESIDE_NOTHING) {
        return 1;
    }
    if (plot->facet_count > 1) {
        return plot->facet_count == 4 ? 2 : plot->facet_count < COLUMNS_MAX ? plot->facet_count : COLUMNS_MAX;
    }
    return panels <= 3 ? 1 : 2;
}

static void list_panels(struct page *page, const struct plot *plot)
{
    const int outer = plot->course ? plot->facet_count : plot->analyte_count;
    const int inner = plot->course ? plot->analyte_count : plot->facet_count;

    for (int i = 0; i < outer; i++) {
        for (int k = 0; k < inner; k++) {
            const int analyte = plot->course ? k : i;
            const int facet = plot->course ? i : k;
            if (panel_curves(plot, analyte, facet) > 0) {
                page->panels[page->panel_count++] = (struct panel){.analyte = analyte, .facet = facet};
            }
        }
    }
}

/* Puts the panels below `top`; where they end. */
static int place_panels(struct page *page, const struct plot *plot, int top)
{
    const int columns = columns_of(plot, page->panel_count);
    const int cell = (PAGE_WIDTH - 2 * PAGE_MARGIN) / columns;
    const bool rows_by_analyte = plot->facet_count > 1 && !plot->course;
    const bool beside = plot_beside(plot) != BESIDE_NOTHING;
    int rows = 0;
    int column = columns;
    int *row_of = calloc((size_t)page->panel_count + 1, sizeof(*row_of));

    if (!row_of) {
        return -1;
    }
    for (int i = 0; i < page->panel_count; i++) {
        struct panel *panel = &page->panels[i];
        const bool new_analyte = i > 0 && rows_by_analyte && panel->analyte != panel[-1].analyte;
        if (column == columns || new_analyte) {
            rows++;
            column = 0;
        }
        row_of[i] = rows - 1;
        panel->box.left = PAGE_MARGIN + column * cell + ROOM_LEFT;
        panel->box.width = cell - ROOM_LEFT - ROOM_RIGHT - (beside ? ROOM_BESIDE : 0);
        column++;
    }
    const int height = rows == 1 ? 460 : rows == 2 ? 310 : rows == 3 ? 250 : 210;
    const int room_top = (plot->facet_count > 1 || beside ? ROOM_TOP_LABELED : ROOM_TOP) +
                         (plot->varies ? 2 * LINE_CAPTION : 0);
    const int room_bottom = ROOM_BOTTOM + (plot->outline.has_start ? LINE_CAPTION : 0); /* for dates */
    for (int row = 0; row < rows; row++) {
        for (int i = 0; i < page->panel_count; i++) {
            struct panel *panel = &page->panels[i];
            if (row_of[i] != row) {
                continue;
            }
            panel->box.top = top + room_top;
            panel->box.height = height;
            panel->lowest = row == rows - 1;
            if (beside) {
                panel->beside = panel->box;
                panel->beside.left += panel->box.width + 40;
                panel->beside.width = ROOM_BESIDE - 40;
            }
        }
        top += room_top + height + room_bottom;
    }
    free(row_of);
    return top + ROOM_TIME;
}

/* --- Legend --- */

/* Flows the labels into lines below `top`; where they end. */
static int place_legend(struct page *page, const struct plot *plot, int top)
{
    int x = PAGE_MARGIN;
    int y = top + LINE_LEGEND / 2;

    for (int i = 0; i < plot->style_count; i++) {
        const int width = LEGEND_SAMPLE + text_pixels(plot->style_labels[i], FONT_TEXT) + LEGEND_GAP;
        if (x > PAGE_MARGIN && x + width - LEGEND_GAP > PAGE_WIDTH - PAGE_MARGIN) {
            x = PAGE_MARGIN;
            y += LINE_LEGEND;
        }
        page->legend_x[i] = x;
        page->legend_y[i] = y;
        x += width;
    }
    return y + LINE_LEGEND / 2 + 4;
}

/* --- The whole --- */

static int fill_texts(struct page *page, struct plot *plot)
{
    const int width = PAGE_WIDTH - 2 * PAGE_MARGIN;
    char *title = result_text(&plot->result, "title");
    char *caption = plot_caption(plot);
    int ret = -1;

    if (caption && text_lines_init(&page->title, title ? title : "", width, FONT_TITLE) == 0) {
        ret = text_lines_init(&page->caption, caption, width, FONT_CAPTION);
    }
    free(title);
    free(caption);
    return ret;
}

int page_init(struct page *page, struct plot *plot, bool captioned)
{
    int top = PAGE_MARGIN;

    *page = (struct page){0};
    page->panels = calloc((size_t)(plot->analyte_count * plot->facet_count + plot->output_count) + 1,
                          sizeof(*page->panels));
    page->legend_x = calloc((size_t)plot->style_count + 1, sizeof(*page->legend_x));
    page->legend_y = calloc((size_t)plot->style_count + 1, sizeof(*page->legend_y));
    if (!page->panels || !page->legend_x || !page->legend_y || (captioned && fill_texts(page, plot) != 0)) {
        return -1;
    }
    top += page->title.count * LINE_TITLE;
    page->legend = !(plot->course && plot->facet_count > 1 && plot->facet_count == plot->curve_count);
    if (page->legend) {
        top = place_legend(page, plot, top);
    }
    list_panels(page, plot);
    top = plot->sensitivity.method ? tornado_place(page, plot, top) : place_panels(page, plot, top);
    if (top < 0) {
        return -1;
    }
    page->caption_top = top + 6;
    page->height = page->caption_top + page->caption.count * LINE_CAPTION + PAGE_MARGIN / 2;
    for (int i = 0; i < page->panel_count && !plot->sensitivity.method; i++) {
        if (panel_scale(&page->panels[i], plot) != 0) {
            return -1;
        }
    }
    return 0;
}

void page_clear(struct page *page)
{
    text_lines_clear(&page->title);
    text_lines_clear(&page->caption);
    free(page->legend_x);
    free(page->legend_y);
    free(page->panels);
    *page = (struct page){0};
}
