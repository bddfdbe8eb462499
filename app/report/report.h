/* report - a result as a page to read: question, answer, picture, table, models and their limits, how to reproduce it.
 *
 * report.c decides what is said and report_models.c what of the models and patients; report_page.c writes it as HTML or as text.
 */
#ifndef KETSIM_REPORT_H
#define KETSIM_REPORT_H

#include "plot_page.h"
#include "summary_rows.h"

enum { REPORT_ARMS_MAX = 12 }; /* told of in words; the tables have all */

enum report_format { REPORT_HTML, REPORT_TEXT };

/* Where a report is written. All text is escaped, and what steers a terminal taken out. */
struct report_page {
    FILE *out;
    enum report_format format;
    struct table *table; /* being filled, of a text; NULL: none */
    int64_t line;
    int column;
};

void page_begin(struct report_page *page, const char *title);
void page_end(struct report_page *page);
void page_heading(struct report_page *page, const char *text);
void page_subheading(struct report_page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_paragraph(struct report_page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What must not be overlooked. */
void page_warning(struct report_page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_list_begin(struct report_page *page);
void page_item(struct report_page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_list_end(struct report_page *page);
/* Lines as they are. */
void page_lines(struct report_page *page, const char *text);
/* A link to a DOI, or its text. */
void page_doi(struct report_page *page, const char *doi);

/* A drawing that gnuplot made, from the file open as `svg`; nothing in a text. -1 where it cannot be read. */
int page_picture(struct report_page *page, int svg, const char *title, const char *caption);

/* Cells row by row, the first of them heads; -1 without memory. */
int page_table_begin(struct report_page *page, int64_t lines, int columns, const char *caption);
int page_cell(struct report_page *page, const char *text);
int page_table_end(struct report_page *page);

/* What a report is made of. */
struct report {
    struct report_page page;
    struct plot plot;       /* of all arms, or as many as a picture has room for */
    bool drawable;          /* whether there is a plot */
    char *why_not;          /* else; owned */
    struct summary summary; /* where there is exposure */
    bool summarized;
    struct result result;
    struct outline outline;
    struct broken_limits limits;
    struct diagnostics *d;
};

/* Writes the report of the result `path`. 0, or -1 with the reason in `d`: it is no result, or no memory. */
int report_write(FILE *out, const char *path, enum report_format format, struct diagnostics *d);

/* Parts of it. 0, or -1 with the reason in report->d. */
int report_models(struct report *report);
int report_doubts(struct report *report);
void report_origin(struct report *report);
int report_answer(struct report *report);
int report_changes(struct report *report);
int report_sessions(struct report *report, const struct outline_arm *arm);

/* What is asked about thresholds, of an arm, as items of a list; and where they are from. Nothing where nothing is. */
int report_thresholds(struct report *report, int64_t arm);
int report_threshold_sources(struct report *report);

/* The same of a result that holds sensitivity. */
int report_sensitivity_answer(struct report *report);
int report_sensitivity_table(struct report *report);

#endif
