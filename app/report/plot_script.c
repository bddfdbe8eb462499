/* The script that gnuplot draws a plot from. Places are in fractions of the page, which begin at its lower left; levels are
 * those of the file, to the last digit, and times are in h. */
#include "plot_script.h"

#include <math.h>
#include <string.h>

/* Pixels per inch of paper, so that a page is as wide as an A4 sheet in landscape without its margins. */
static const double pixels_per_inch = 110;
static const double points_per_inch = 72;

enum { PNG_SCALE = 2 };

/* Of the samples in the legend. */
static const double LINE_WIDTH = 2.5;
static const double BAR_WIDTH = 8;

/* --- Places --- */

double page_across(double pixels)
{
    return pixels / PAGE_WIDTH;
}

double page_up(const struct page *page, double pixels)
{
    return 1 - pixels / page->height;
}

/* A font's size in the unit of the terminal: cairo's PDF takes a point for 4/3 of one. */
double mark_size(enum plot_format format)
{
    return format == PLOT_PNG || format == PLOT_PDF ? 0.8 : 0.5;
}

double font_size(enum plot_format format, int font)
{
    return format == PLOT_PDF ? font * points_per_inch / pixels_per_inch * 0.75 : font;
}

void script_put_label(const struct script *s, const char *text, double x, double y, int font)
{
    fputs("set label ", s->out);
    text_quote(s->out, text);
    fprintf(s->out, " at screen %.6f, screen %.6f left font ',%g' textcolor rgb '#000000'\n", page_across(x),
            page_up(s->page, y), font_size(s->format, font));
}

/* Turned by so many degrees about its middle. */
void script_put_centered(const struct script *s, const char *text, double x, double y, int font, int turned)
{
    fputs("set label ", s->out);
    text_quote(s->out, text);
    fprintf(s->out, " at screen %.6f, screen %.6f center rotate by %d font ',%g' textcolor rgb '#000000'\n",
            page_across(x), page_up(s->page, y), turned, font_size(s->format, font));
}

/* --- Beginning --- */

static void put_terminal(const struct script *s)
{
    const double height = s->page->height;

    switch (s->format) {
    case PLOT_PNG:
        fprintf(s->out,
                "set terminal pngcairo noenhanced size %d,%d font 'sans,%d' fontscale %g linewidth %d "
                "dashlength %d pointscale %d background '#FFFFFF'\n",
                PNG_SCALE * PAGE_WIDTH, PNG_SCALE * s->page->height, FONT_TEXT, 0.75 * PNG_SCALE, PNG_SCALE,
                PNG_SCALE, PNG_SCALE);
        break;
    case PLOT_PDF:
        fprintf(
            s->out,
            "set terminal pdfcairo noenhanced size %.4fin,%.4fin font 'sans,%g' fontscale 1 linewidth 1.6 "
            "dashlength 1.5\n",
            PAGE_WIDTH / pixels_per_inch, height / pixels_per_inch, font_size(s->format, FONT_TEXT));
        break;
    default:
        fprintf(s->out,
                "set terminal svg noenhanced size %d,%d dynamic font 'sans-serif,%d' background '#FFFFFF'\n",
                PAGE_WIDTH, s->page->height, FONT_TEXT);
        break;
    }
}

static void put_head(const struct script *s)
{
    fputs("# Drawn by ketsim. This script draws on the standard output: gnuplot THIS.gp > PICTURE.svg\n",
          s->out);
    put_terminal(s);
    fputs("set encoding utf8\n"
          "unset key\n"
          "set border 3 linecolor rgb '#444444'\n"
          "set tics nomirror out scale 0.5 textcolor rgb '#222222'\n"
          "set grid xtics ytics linetype 1 linewidth 0.5 linecolor rgb '#E4E4E4'\n"
          "set datafile missing 'NaN'\n",
          s->out);
}

/* --- Data --- */

static void put_number(FILE *out, double value)
{
    if (isnan(value)) {
        fputs(" NaN", out);
    } else {
        fprintf(out, " %.17g", value);
    }
}

/* $levels_1 and so on: a line per record. What it is of stands before it, as text that gnuplot takes for nothing else. */
static void put_series(const struct script *s, int number)
{
    const struct plot *plot = s->plot;
    const struct plot_series *series = &plot->series[number];

    fprintf(s->out, "\narm_%d = ", number + 1);
    text_quote(s->out, plot->result.arms[plot->curves[series->curve].arm]);
    fprintf(s->out, "\nanalyte_%d = ", number + 1);
    text_quote(s->out, plot->analytes[series->analyte]->analyte);
    fputs("\n# time in h, then the quantiles", s->out);
    for (int i = 0; i < PLOT_LINES; i++) {
        fprintf(s->out, " %g", plot->fractions[i]);
    }
    fprintf(s->out, "\n$levels_%d << END\n", number + 1);
    for (int64_t k = 0; k < plot->time_count; k++) {
        fprintf(s->out, "%.17g", plot->times[k]);
        for (int i = 0; i < PLOT_LINES; i++) {
            put_number(s->out, series->levels[i * plot->time_count + k]);
        }
        putc('\n', s->out);
    }
    fputs("END\n", s->out);
}

/* --- What stands around the panels --- */

static void put_texts(const struct script *s)
{
    const struct page *page = s->page;

    for (int i = 0; i < page->title.count; i++) {
        script_put_label(s, page->title.lines[i], PAGE_MARGIN, PAGE_MARGIN + 10 + i * LINE_TITLE, FONT_TITLE);
    }
    for (int i = 0; i < page->caption.count; i++) {
        script_put_label(s, page->caption.lines[i], PAGE_MARGIN, page->caption_top + 8 + i * LINE_CAPTION,
                         FONT_CAPTION);
    }
    for (int i = 0; i < s->plot->style_count && page->legend; i++) {
        const struct style_look look = style_look(s->plot, i);
        const double y = page_up(page, page->legend_y[i]);
        fprintf(s->out,
                "set arrow from screen %.6f, screen %.6f to screen %.6f, screen %.6f nohead linewidth %g "
                "dashtype %s linecolor rgb '%s'\n",
                page_across(page->legend_x[i]), y, page_across(page->legend_x[i] + LEGEND_SAMPLE - 8), y,
                s->plot->sensitivity.method ? BAR_WIDTH : LINE_WIDTH, look.dash, look.color);
        script_put_label(s, s->plot->style_labels[i], page->legend_x[i] + LEGEND_SAMPLE, page->legend_y[i],
                         FONT_TEXT);
    }
}

int plot_script_write(FILE *out, struct plot *plot, enum plot_format format, bool captioned,
                      struct diagnostics *d)
{
    struct page page;
    const struct script s = {out, plot, &page, format};
    int ret = -1;

    if (page_init(&page, plot, captioned) != 0) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    put_head(&s);
    for (int i = 0; i < plot->series_count; i++) {
        put_series(&s, i);
    }
    for (int i = 0; i < plot->output_count; i++) {
        tornado_put_data(&s, i);
    }
    fputs("set multiplot\n", out);
    put_texts(&s);
    ret = 0;
    for (int i = 0; i < page.panel_count && ret == 0; i++) {
        ret = script_put_panel(&s, i, d);
    }
    fputs("unset multiplot\n", out);

out:
    page_clear(&page);
    return ret;
}
