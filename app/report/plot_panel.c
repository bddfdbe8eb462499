/* The panels of a plot: axes, marks, bands and lines, and what stands beside them. */
#include "app/base/calendar.h"
#include "plot_script.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double day = 24;
/* After a nasal dose (SPRAVATO, prescribing information): how long patients are watched, and when blood pressure is looked at. */
static const double watch_hours = 2;
static const double pressure_hours = 40.0 / 60;

enum { PIXELS_PER_TIC = 50 };

/* --- Data of a panel --- */

/* Where on the level axis a row of doses stands. */
static double row_level(const struct script *s, const struct panel *panel, int row)
{
    const double share = 1 - (10.0 + DOSE_ROW * row) / panel->box.height;

    return s->plot->request.log ? panel->low * pow(panel->high / panel->low, share)
                                : panel->low + share * (panel->high - panel->low);
}

/* $doses_PANEL_ROW: time in h, and where on the axis the mark stands. */
static void put_doses(const struct script *s, int number)
{
    const struct panel *panel = &s->page->panels[number];
    int rows[PLOT_DOSE_ROWS_MAX];
    const int count = facet_dose_rows(s->plot, panel->facet, rows);

    for (int row = 0; row < count; row++) {
        const struct outline_arm *arm = s->plot->curves[rows[row]].doses;
        fprintf(s->out, "$doses_%d_%d << END\n", number + 1, row + 1);
        for (int i = 0; i < arm->dose_count; i++) {
            fprintf(s->out, "%.17g %.17g\n", arm->doses[i].time, row_level(s, panel, row));
        }
        fputs("END\n", s->out);
    }
}

/* $cmax_PANEL: place, geometric mean, p05, p95. */
static int put_comparison(const struct script *s, int number, struct comparison_of_models *c,
                          struct diagnostics *d)
{
    const struct panel *panel = &s->page->panels[number];
    int place = 0;

    if (!comparison_read(c, s->plot, panel->analyte, panel->facet, d)) {
        return d->errors > 0 || d->out_of_memory ? -1 : 0;
    }
    fprintf(s->out, "$cmax_%d << END\n", number + 1);
    for (int i = 0; i < s->plot->style_count; i++) {
        if (!isnan(c->models[i].mean)) {
            fprintf(s->out, "%d %.17g %.17g %.17g\n", ++place, c->models[i].mean, c->models[i].p05,
                    c->models[i].p95);
        }
    }
    fputs("END\n", s->out);
    return place;
}

/* --- Axes --- */

void script_put_box(const struct script *s, const struct box *box)
{
    fprintf(s->out,
            "set lmargin at screen %.6f\nset rmargin at screen %.6f\nset tmargin at screen %.6f\n"
            "set bmargin at screen %.6f\n",
            page_across(box->left), page_across(box->left + box->width), page_up(s->page, box->top),
            page_up(s->page, box->top + box->height));
}

/* How far apart the marks of the time axis are, in its unit. */
static double tic_step(double range, int width, bool in_days)
{
    static const double hours[] = {0.1, 0.25, 0.5, 1, 2, 3, 4, 6, 12, 24};
    static const double days[] = {0.5, 1, 2, 7, 14, 28, 56, 91, 182, 364};
    const double *steps = in_days ? days : hours;
    const double most = (double)width / PIXELS_PER_TIC;
    int i = 0;

    while (i < 9 && range / steps[i] > most) {
        i++;
    }
    return range / steps[i] > most ? steps[i] * ceil(range / steps[i] / most) : steps[i];
}

/* Marks of the time axis that are so many hours apart by the clock, with the time of the day, and at midnight and first the date; or,
 * days apart, with the dates alone. */
static void put_dates(const struct script *s, double step)
{
    const struct plot *plot = s->plot;
    const double unit = plot_in_days(plot) ? day : 1;
    const double midnight = (double)(plot->outline.start % CALENDAR_DAY) / 3600; /* h before the start */
    double time = ceil((plot->from + midnight) / step - 1e-9) * step - midnight;
    bool first = true;

    fputs("set xtics (", s->out);
    for (; time <= plot->to + 1e-9; time += step) {
        const int64_t seconds = plot->outline.start + (int64_t)llround(time * 3600);
        char text[64];
        const bool dated = first || seconds % CALENDAR_DAY == 0;
        calendar_write(text, sizeof(text),
                       step >= day ? "%-d %b"
                       : dated     ? "%H:%M\\n%a %-d %b"
                                   : "%H:%M",
                       seconds);
        fprintf(s->out, "%s\"%s\" %.17g", first ? "" : ", ", text, time / unit);
        first = false;
    }
    fputs(first ? "'' 0)\n" : ")\n", s->out);
}

static void put_axes(const struct script *s, const struct panel *panel)
{
    const struct plot *plot = s->plot;
    const struct result_variable *v = plot->analytes[panel->analyte];
    const bool in_days = plot_in_days(plot);
    const double unit = in_days ? day : 1;
    const double range = (plot->to - plot->from) / unit;
    char title[256];

    script_put_box(s, &panel->box);
    fprintf(s->out, "set xrange [%.17g:%.17g]\n", plot->from / unit, plot->to / unit);
    const double step =
        tic_step(range, plot->outline.has_start ? panel->box.width * 2 / 3 : panel->box.width, in_days);
    const bool dates = plot->outline.has_start && step * unit >= day;
    if (plot->outline.has_start) {
        put_dates(s, step * unit);
    } else {
        fprintf(s->out, "set xtics %g format '%%g'\n", step);
    }
    fprintf(s->out, "set yrange [%.17g:%.17g]\n%s\nset ytics autofreq format '%%g'\n", panel->low,
            panel->high, plot->request.log ? "set logscale y" : "unset logscale");
    snprintf(title, sizeof(title), "%s%s%s%s", v->analyte, strcmp(v->unit, "1") == 0 ? "" : " (",
             strcmp(v->unit, "1") == 0 ? "" : v->unit, strcmp(v->unit, "1") == 0 ? "" : ")");
    const int wide = text_pixels(title, FONT_TEXT);
    const int font = wide > panel->box.height + 30 ? FONT_CAPTION - 1 : FONT_TEXT;
    script_put_centered(s, title, panel->box.left - 82, panel->box.top + panel->box.height / 2.0, font, 90);
    if (panel->lowest) {
        script_put_centered(s,
                            dates                     ? "date"
                            : plot->outline.has_start ? "time of the day"
                            : in_days                 ? "time (days)"
                                                      : "time (h)",
                            panel->box.left + panel->box.width / 2.0,
                            panel->box.top + panel->box.height + 48 +
                                (plot->outline.has_start && !dates ? LINE_CAPTION : 0),
                            FONT_TEXT, 0);
    }
    if (plot->facet_count > 1) {
        struct text_lines lines;
        if (text_lines_init(&lines, plot->facet_labels[panel->facet], panel->box.width, FONT_TEXT) == 0 &&
            lines.count > 0) {
            script_put_label(s, lines.lines[0], panel->box.left,
                             panel->box.top - 16 - (plot->varies ? 2 * LINE_CAPTION : 0), FONT_TEXT);
        }
        text_lines_clear(&lines);
    }
    for (int line = 0; line < 2 && plot->varies; line++) {
        char *change = plot_change_text(plot, panel->analyte, panel->facet, line == 0 ? "cmax" : "auc");
        if (change) {
            script_put_label(s, change, panel->box.left, panel->box.top - 14 - (1 - line) * LINE_CAPTION,
                             FONT_CAPTION);
        }
        free(change);
    }
}

/* --- Marks --- */

/* Shades from one time of the axis to another, and draws the line of the blood pressure, where they are on it. */
static void put_watch_at(const struct script *s, double start, double from, double to)
{
    const double begin = fmax(start, from);
    const double end = fmin(start + watch_hours, to);
    const double pressure = start + pressure_hours;

    if (begin < end) {
        fprintf(s->out,
                "set object rectangle from first %.17g, graph 0 to first %.17g, graph 1 behind "
                "fillcolor rgb '#F1EFE6' fillstyle solid noborder\n",
                begin, end);
    }
    if (pressure >= from && pressure <= to) {
        fprintf(s->out,
                "set arrow from first %.17g, graph 0 to first %.17g, graph 1 nohead back linewidth 1 "
                "dashtype (2,3) "
                "linecolor rgb '#8A7F66'\n",
                pressure, pressure);
    }
}

static void put_watch(const struct script *s, const struct panel *panel)
{
    const struct plot *plot = s->plot;

    for (int i = 0; i < plot->curve_count && !plot_in_days(plot); i++) {
        const struct outline_arm *arm = plot->curves[i].facet == panel->facet ? plot->curves[i].doses : NULL;
        for (int k = 0; arm && k < arm->dose_count; k++) {
            if (arm->doses[k].nasal) {
                put_watch_at(s, arm->doses[k].time, plot->from, plot->to);
            }
        }
    }
}

/* Where on the level axis, from 0 at its low to 1 at its high end. */
static double height_of(const struct script *s, const struct panel *panel, double level)
{
    return s->plot->request.log ? log(level / panel->low) / log(panel->high / panel->low)
                                : (level - panel->low) / (panel->high - panel->low);
}

/* A line for each, with its level above it, or below where the next one is near; of a course only beside the last session, since there are
 * sessions everywhere. */
static void put_thresholds(const struct script *s, const struct panel *panel, bool labeled)
{
    const double text = 1.5 * FONT_CAPTION / panel->box.height;
    double levels[PLOT_THRESHOLDS_MAX];
    const int count = plot_thresholds(s->plot, panel->analyte, levels);

    for (int i = 0; i < count; i++) {
        const double level = levels[i];
        if (!(level > panel->low && level < panel->high)) {
            continue;
        }
        const double height = height_of(s, panel, level);
        const bool near = i + 1 < count && height_of(s, panel, levels[i + 1]) < height + text;
        fprintf(s->out,
                "set arrow from graph 0, first %.17g to graph 1, first %.17g nohead front linewidth 1 "
                "linecolor rgb '#555555'\n",
                level, level);
        if (labeled) {
            fprintf(s->out,
                    "set label '%.6g ng/mL' at graph 1, first %.17g right offset -0.5,%g front font ',%g' "
                    "textcolor rgb '#333333'\n",
                    level, level, near ? -0.5 : 0.5, font_size(s->format, FONT_CAPTION));
        }
    }
}

/* --- Panels --- */

/* The parts of a `plot` command are joined by commas. */
struct parts {
    FILE *out;
    int count;
};

static FILE *part(struct parts *parts)
{
    fputs(parts->count++ == 0 ? "plot " : ", \\\n    ", parts->out);
    return parts->out;
}

/* From the h of the file to the time of an axis, and which records are drawn. */
struct clock {
    double start; /* h */
    double unit;  /* h */
    int64_t first, last;
};

/* Of the records from `start` on those of so many hours, and the next, so that the line reaches the end of its axis. */
static struct clock session_clock(const struct plot *plot, double start, double hours)
{
    struct clock clock = {start, 1, 0, 0};

    while (clock.first < plot->time_count - 1 && plot->times[clock.first] < start) {
        clock.first++;
    }
    clock.last = clock.first;
    while (clock.last < plot->time_count - 1 && plot->times[clock.last] < start + hours) {
        clock.last++;
    }
    return clock;
}

/* The beginning of a curve or band: data and time. */
static void put_source(struct parts *parts, int number, struct clock clock)
{
    fprintf(part(parts), "$levels_%d every ::%" PRId64 "::%" PRId64 " using (($1-%.17g)/%g):", number + 1,
            clock.first, clock.last, clock.start, clock.unit);
}

static void put_band(const struct script *s, const struct panel *panel, struct parts *parts, int number,
                     int band, struct clock clock)
{
    const struct plot *plot = s->plot;
    const struct style_look look = style_look(plot, plot->curves[plot->series[number].curve].style);
    const int low = 2 + band;
    const int high = 2 + PLOT_LINES - 1 - band;
    const double strength = plot->compares ? 0.10 : band == 0 ? 0.16 : 0.24;

    if (isnan(plot->fractions[band]) || !plot->series[number].spreads) {
        return;
    }
    put_source(parts, number, clock);
    if (plot->request.log) { /* 0 has no place on a logarithmic axis; the band then reaches down to its end */
        fprintf(parts->out, "($%d > %.17g ? $%d : %.17g):($%d > %.17g ? $%d : %.17g)", low, panel->low, low,
                panel->low, high, panel->low, high, panel->low);
    } else {
        fprintf(parts->out, "%d:%d", low, high);
    }
    fprintf(parts->out, " with filledcurves fillstyle transparent solid %g noborder fillcolor rgb '%s'",
            strength, look.color);
}

static void put_panel(const struct script *s, int number)
{
    const struct plot *plot = s->plot;
    const struct panel *panel = &s->page->panels[number];
    const double unit = plot_in_days(plot) ? day : 1;
    const struct clock clock = {0, unit, 0, plot->time_count - 1};
    struct parts parts = {s->out, 0};
    int rows[PLOT_DOSE_ROWS_MAX];

    put_axes(s, panel);
    put_watch(s, panel);
    put_thresholds(s, panel, plot_beside(plot) != BESIDE_SESSIONS);
    for (int band = 0; band < panel_bands(plot, panel->analyte, panel->facet); band++) {
        for (int i = 0; i < plot->series_count; i++) {
            if (plot->series[i].analyte == panel->analyte &&
                plot->curves[plot->series[i].curve].facet == panel->facet) {
                put_band(s, panel, &parts, i, band, clock);
            }
        }
    }
    for (int i = 0; i < plot->series_count; i++) {
        const struct plot_curve *curve = &plot->curves[plot->series[i].curve];
        if (plot->series[i].analyte == panel->analyte && curve->facet == panel->facet) {
            const struct style_look look = style_look(plot, curve->style);
            put_source(&parts, i, clock);
            fprintf(s->out, "%d with lines linewidth %g dashtype %s linecolor rgb '%s'", 2 + PLOT_MEDIAN,
                    plot->course ? 1.2 : 2.0, look.dash, look.color);
        }
    }
    const int count = facet_dose_rows(plot, panel->facet, rows);
    for (int row = 0; row < count; row++) {
        const struct plot_curve *curve = &plot->curves[rows[row]];
        if (curve->doses->dose_count > 0) {
            fprintf(part(&parts),
                    "$doses_%d_%d using ($1/%g):2 with points pointtype 11 pointsize %g linecolor rgb '%s'",
                    number + 1, row + 1, unit, mark_size(s->format),
                    count == 1 ? "#444444" : style_look(plot, curve->style).color);
        }
    }
    fputs("\nunset label\nunset arrow\nunset object\n", s->out);
}

/* The models beside each other: their means and the reach of their patients, on the scale of the panel. */
static void put_models(const struct script *s, int number, const struct comparison_of_models *c, int models)
{
    const struct panel *panel = &s->page->panels[number];
    struct parts parts = {s->out, 0};
    char text[96];
    int place = 0;

    script_put_box(s, &panel->beside);
    fprintf(s->out, "unset xtics\nset xrange [0.4:%d.6]\nset ytics format ''\n", models);
    snprintf(text, sizeof(text), "cmax: models %.2f-fold apart,", c->models_ratio);
    script_put_label(s, isnan(c->models_ratio) ? "cmax of one model;" : text, panel->beside.left,
                     panel->beside.top - 24, FONT_CAPTION);
    snprintf(text, sizeof(text), "patients %.2f-fold", c->patients_ratio);
    script_put_label(s, isnan(c->patients_ratio) ? "patients alike in each" : text, panel->beside.left,
                     panel->beside.top - 8, FONT_CAPTION);
    for (int i = 0; i < s->plot->style_count; i++) {
        if (isnan(c->models[i].mean)) {
            continue;
        }
        const struct style_look look = style_look(s->plot, i);
        fprintf(part(&parts),
                "$cmax_%d every ::%d::%d using 1:2:3:4 with yerrorbars pointtype 7 pointsize %g linewidth 2 "
                "linecolor rgb '%s'",
                number + 1, place, place, mark_size(s->format), look.color);
        place++;
    }
    fputs("\nunset label\nset xtics nomirror out textcolor rgb '#222222'\n", s->out);
}

/* The last session of a course, from its start, with the median of the first for comparison. */
static void put_sessions(const struct script *s, int number)
{
    const struct plot *plot = s->plot;
    const struct panel *panel = &s->page->panels[number];
    struct parts parts = {s->out, 0};
    double first = 0;
    double last = 0;
    double hours = 0;
    int series = 0;

    for (int i = 0; i < plot->series_count; i++) {
        const struct plot_curve *curve = &plot->curves[plot->series[i].curve];
        if (plot->series[i].analyte == panel->analyte && curve->facet == panel->facet) {
            hours = sessions_find(plot, curve->doses, &first, &last);
            series = i;
        }
    }
    if (hours <= 0) {
        return;
    }
    const struct style_look look = style_look(plot, plot->curves[plot->series[series].curve].style);
    script_put_box(s, &panel->beside);
    fprintf(s->out, "set xrange [0:%.17g]\nset xtics %g\nset ytics format ''\n", hours,
            tic_step(hours, panel->beside.width, false));
    script_put_label(s, "last session (first: black)", panel->beside.left, panel->beside.top - 16,
                     FONT_CAPTION);
    if (panel->lowest) {
        script_put_centered(s, "h after its start", panel->beside.left + panel->beside.width / 2.0,
                            panel->beside.top + panel->beside.height + 48, FONT_TEXT, 0);
    }
    put_thresholds(s, panel, true);
    const struct outline_arm *doses = plot->curves[plot->series[series].curve].doses;
    for (int k = 0; k < doses->dose_count; k++) {
        if (doses->doses[k].time == last && doses->doses[k].nasal) {
            put_watch_at(s, 0, 0, hours);
        }
    }
    const struct clock clock = session_clock(plot, last, hours);
    for (int band = 0; band < panel_bands(plot, panel->analyte, panel->facet); band++) {
        put_band(s, panel, &parts, series, band, clock);
    }
    put_source(&parts, series, clock);
    fprintf(s->out, "%d with lines linewidth 2 linecolor rgb '%s'", 2 + PLOT_MEDIAN, look.color);
    put_source(&parts, series, session_clock(plot, first, hours));
    fprintf(s->out, "%d with lines linewidth 1.5 dashtype (4,3) linecolor rgb '#000000'", 2 + PLOT_MEDIAN);
    fputs("\nunset label\nunset arrow\nunset object\n", s->out);
}

int script_put_panel(const struct script *s, int number, struct diagnostics *d)
{
    const enum beside beside = plot_beside(s->plot);
    struct comparison_of_models comparison;
    int models = 0;

    if (s->plot->sensitivity.method) {
        tornado_put_panel(s, number);
        return 0;
    }
    put_doses(s, number);
    if (beside == BESIDE_MODELS) {
        models = put_comparison(s, number, &comparison, d);
        if (models < 0) {
            return -1;
        }
    }
    put_panel(s, number);
    if (models > 0) {
        put_models(s, number, &comparison, models);
    }
    if (beside == BESIDE_SESSIONS) {
        put_sessions(s, number);
    }
    return 0;
}
