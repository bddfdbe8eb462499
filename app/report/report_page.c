#include "report.h"

#include "app/base/text_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Dark on white, and legible on paper; wide tables scroll by themselves. */
static const char style[] =
    "body{font:16px/1.5 sans-serif;color:#1a1a1a;background:#fff;max-width:70rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.6rem;line-height:1.25}h3{font-size:1rem}h2{font-size:1.2rem;margin-top:2rem;border-"
    "bottom:1px solid "
    "#767676}"
    "table{border-collapse:collapse;font-size:.9rem}caption{text-align:left;padding:.3rem 0}"
    "th,td{border:1px solid #b0b0b0;padding:.2rem "
    ".5rem;text-align:left;vertical-align:top}th{background:#f0f0f0}"
    "figure{margin:1rem 0}figure svg{width:100%;height:auto}figcaption{font-size:.9rem}"
    ".wide{overflow-x:auto}.warning{border-left:.4rem solid #b00020;padding:.3rem .8rem;background:#fff4f4}"
    "pre{background:#f5f5f5;padding:.8rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}"
    "a{color:#00539f}@media "
    "print{body{font-size:10pt;max-width:none;padding:0}table{font-size:7.5pt}th,td{padding:1pt "
    "3pt}h2{break-after:avoid}"
    "tr,figure{break-inside:avoid}.wide{overflow:visible}}";

static void put_escaped(struct report_page *page, const char *text)
{
    char *clean = text_clean(text ? text : "");

    for (const char *c = clean ? clean : "?"; *c; c++) {
        const char *escape = *c == '&'    ? "&amp;"
                             : *c == '<'  ? "&lt;"
                             : *c == '>'  ? "&gt;"
                             : *c == '"'  ? "&quot;"
                             : *c == '\'' ? "&#39;"
                                          : NULL;
        if (escape && page->format == REPORT_HTML) {
            fputs(escape, page->out);
        } else {
            putc(*c, page->out);
        }
    }
    free(clean);
}

/* A tag of HTML; in a text nothing. */
static void put_tag(struct report_page *page, const char *tag)
{
    if (page->format == REPORT_HTML) {
        fputs(tag, page->out);
    }
}

static void put_formatted(struct report_page *page, const char *format, va_list arguments)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out) {
        vfprintf(out, format, arguments);
        fclose(out);
        put_escaped(page, text);
    }
    free(text);
}

void page_begin(struct report_page *page, const char *title)
{
    put_tag(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    if (page->format == REPORT_HTML) {
        put_escaped(page, title);
        fprintf(page->out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>", style);
    }
    put_escaped(page, title);
    put_tag(page, "</h1>");
    putc('\n', page->out);
}

void page_end(struct report_page *page)
{
    put_tag(page, "</main>\n</body>\n</html>\n");
}

void page_heading(struct report_page *page, const char *text)
{
    fputs(page->format == REPORT_HTML ? "<h2>" : "\n", page->out);
    put_escaped(page, text);
    if (page->format == REPORT_HTML) {
        fputs("</h2>\n", page->out);
        return;
    }
    putc('\n', page->out);
    for (size_t i = 0; i < strlen(text); i++) {
        putc('-', page->out);
    }
    putc('\n', page->out);
}

void page_subheading(struct report_page *page, const char *format, ...)
{
    va_list arguments;

    fputs(page->format == REPORT_HTML ? "<h3>" : "\n", page->out);
    va_start(arguments, format);
    put_formatted(page, format, arguments);
    va_end(arguments);
    put_tag(page, "</h3>");
    putc('\n', page->out);
}

void page_paragraph(struct report_page *page, const char *format, ...)
{
    va_list arguments;

    put_tag(page, "<p>");
    va_start(arguments, format);
    put_formatted(page, format, arguments);
    va_end(arguments);
    put_tag(page, "</p>");
    putc('\n', page->out);
}

void page_warning(struct report_page *page, const char *format, ...)
{
    va_list arguments;

    fputs(page->format == REPORT_HTML ? "<p class=\"warning\"><strong>Warning.</strong> " : "WARNING: ",
          page->out);
    va_start(arguments, format);
    put_formatted(page, format, arguments);
    va_end(arguments);
    put_tag(page, "</p>");
    putc('\n', page->out);
}

void page_list_begin(struct report_page *page)
{
    put_tag(page, "<ul>\n");
}

void page_item(struct report_page *page, const char *format, ...)
{
    va_list arguments;

    fputs(page->format == REPORT_HTML ? "<li>" : "- ", page->out);
    va_start(arguments, format);
    put_formatted(page, format, arguments);
    va_end(arguments);
    put_tag(page, "</li>");
    putc('\n', page->out);
}

void page_list_end(struct report_page *page)
{
    put_tag(page, "</ul>\n");
}

void page_lines(struct report_page *page, const char *text)
{
    put_tag(page, "<pre>");
    put_escaped(page, text);
    put_tag(page, "</pre>");
    putc('\n', page->out);
}

void page_doi(struct report_page *page, const char *doi)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._;()/:";

    if (!doi || !*doi) {
        return;
    }
    put_tag(page, "<p>");
    if (page->format == REPORT_HTML && doi[strspn(doi, safe)] == '\0') {
        fprintf(page->out, "<a href=\"https://doi.org/%s\">doi:%s</a>", doi, doi);
    } else {
        fputs("doi:", page->out);
        put_escaped(page, doi);
    }
    put_tag(page, "</p>");
    putc('\n', page->out);
}

/* --- The picture --- */

/* All of a file from its start. malloc'ed. */
static char *file_text(int file)
{
    const off_t size = lseek(file, 0, SEEK_END);
    char *text = size > 0 ? malloc((size_t)size + 1) : NULL;
    off_t done = 0;

    while (text && done < size) {
        const ssize_t part = pread(file, text + done, (size_t)(size - done), done);
        if (part <= 0) {
            free(text);
            return NULL;
        }
        done += part;
    }
    if (text) {
        text[size] = '\0';
    }
    return text;
}

/* Without the names that gnuplot gives to the curves of each panel anew: a page has each name once. */
static void put_drawing(FILE *out, const char *svg)
{
    static const char name[] = "id=\"gnuplot_plot_";
    const char *next;

    while ((next = strstr(svg, name))) {
        const char *end = strchr(next + sizeof(name), '"');
        fwrite(svg, 1, (size_t)(next - svg), out);
        svg = end ? end + 1 : next + sizeof(name);
    }
    fputs(svg, out);
}

int page_picture(struct report_page *page, int svg, const char *title, const char *caption)
{
    char *text = page->format == REPORT_HTML ? file_text(svg) : NULL;
    const char *start = text ? strstr(text, "<svg") : NULL;
    const char *inside = start ? strstr(start, "</desc>") : NULL;
    const char *close = start ? strchr(start, '>') : NULL;

    if (page->format == REPORT_TEXT) {
        return 0;
    }
    if (!inside || !close) {
        free(text);
        return -1;
    }
    fputs("<figure>\n", page->out);
    fwrite(start, 1, (size_t)(close - start), page->out);
    fputs(" role=\"img\">\n<title>", page->out);
    put_escaped(page, title);
    fputs("</title>\n", page->out);
    put_drawing(page->out, inside + sizeof("</desc>") - 1);
    fputs("<figcaption>", page->out);
    put_escaped(page, caption);
    fputs("</figcaption>\n</figure>\n", page->out);
    free(text);
    return 0;
}

/* --- Tables --- */

int page_table_begin(struct report_page *page, int64_t lines, int columns, const char *caption)
{
    page->table = calloc(1, sizeof(*page->table));
    page->line = 0;
    page->column = 0;
    if (!page->table || table_init(page->table, lines, columns) != 0) {
        return -1;
    }
    put_tag(page, "<div class=\"wide\"><table>\n<caption>");
    put_escaped(page, caption);
    fputs(page->format == REPORT_HTML ? "</caption>\n" : "\n\n", page->out);
    return 0;
}

int page_cell(struct report_page *page, const char *text)
{
    const int ret = table_put(page->table, page->line, page->column, text);

    if (++page->column == page->table->columns) {
        page->column = 0;
        page->line++;
    }
    return ret;
}

static void put_row(struct report_page *page, int64_t line)
{
    const char *cell = line == 0 ? "<th scope=\"col\">" : "<td>";

    fputs("<tr>", page->out);
    for (int i = 0; i < page->table->columns; i++) {
        fputs(cell, page->out);
        put_escaped(page, page->table->cells[line * page->table->columns + i]);
        fputs(line == 0 ? "</th>" : "</td>", page->out);
    }
    fputs("</tr>\n", page->out);
}

int page_table_end(struct report_page *page)
{
    const struct table *table = page->table;

    if (page->format == REPORT_TEXT) {
        table_print(page->out, table);
    }
    for (int64_t i = 0; i < table->lines && page->format == REPORT_HTML; i++) {
        put_row(page, i);
    }
    put_tag(page, "</table></div>\n");
    table_clear(page->table);
    free(page->table);
    page->table = NULL;
    return 0;
}
