/* plot_script - what the files that write the script of a plot share; for app/report/plot_*.c only. */
#ifndef KETSIM_PLOT_SCRIPT_H
#define KETSIM_PLOT_SCRIPT_H

#include "plot_page.h"

struct script {
    FILE *out;
    struct plot *plot;
    const struct page *page;
    enum plot_format format;
};

/* From pixels to gnuplot's fractions of the page, which begin at its lower left. */
double page_across(double pixels);
double page_up(const struct page *page, double pixels);

/* Text at a place of the page, in pixels; its middle is at the height of y. */
void script_put_label(const struct script *s, const char *text, double x, double y, int font);
/* The same about its middle, turned by so many degrees. */
void script_put_centered(const struct script *s, const char *text, double x, double y, int font, int turned);

/* A font's size in the unit of the terminal. */
double font_size(enum plot_format format, int font);

/* That of a mark, which cairo draws smaller than the others. */
double mark_size(enum plot_format format);

/* Where the area inside the axes is. */
void script_put_box(const struct script *s, const struct box *box);

/* The data of an output whose sensitivity is drawn, and its panel. */
void tornado_put_data(const struct script *s, int number);
void tornado_put_panel(const struct script *s, int number);

/* A panel and what stands beside it, with their data. 0, or -1 with the reason in `d`. */
int script_put_panel(const struct script *s, int number, struct diagnostics *d);

#endif
