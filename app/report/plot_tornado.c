/* The picture of a result that holds sensitivity: a panel per metric, in it a row per axis of the sweep, the one that matters most
 * above; bars of two statistics with their intervals. */
#include "plot_script.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    AXES_SHOWN = 16, /* of a panel; more are left out, and the caption says so */
    COLUMNS_MOST = 2,
    ROW = 38,      /* height of an axis */
    ROW_LEAST = 2, /* a panel is as high as of so many axes */
    LABEL_GAP = 14,
    ROOM_LABEL_MOST = 330,
    ROOM_RIGHT = 26,
    ROOM_TOP = 44,
    LINE_TITLE_ARM = 20, /* the arm above the metric, where there are several */
    ROOM_BOTTOM = 62,
};

/* Half the height of a bar, and how far its middle is from that of its row; in rows. */
static const double bar_half = 0.17;
static const double bar_apart = 0.19;

/* The statistics drawn, the leading one first. */
static int drawn_statistic(const struct plot *plot, int style)
{
    const bool sobol = plot->sensitivity.method == sensitivity_method(SENSITIVITY_SOBOL);

    return style == 0 ? sensitivity_leading(plot->sensitivity.method) : sobol ? SOBOL_FIRST : MORRIS_SIGMA;
}

int tornado_axes(const struct plot *plot)
{
    return plot->sensitivity.axis_count < AXES_SHOWN ? plot->sensitivity.axis_count : AXES_SHOWN;
}

static const struct sensitivity_output *output_of(const struct plot *plot, const struct panel *panel)
{
    return &plot->sensitivity.outputs[plot->outputs[panel->analyte]];
}

/* --- What is drawn --- */

static const char *analyte_of(const struct plot *plot, const char *metric)
{
    for (int i = 0; i < plot->result.variable_count; i++) {
        const struct result_variable *v = &plot->result.variables[i];
        if (v->role == ROLE_METRIC && strcmp(v->name, metric) == 0) {
            return v->analyte;
        }
    }
    return "";
}

/* Whether the text is asked for, or nothing is; marks who asked. */
static bool is_asked(const char *const *names, int count, const char *text, bool *found)
{
    bool asked = count == 0;

    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], text) == 0) {
            found[i] = true;
            asked = true;
        }
    }
    return asked;
}

static int check_found(const struct plot *plot, const char *what, const char *const *names, int count,
                       const bool *found, struct diagnostics *d)
{
    for (int i = 0; i < count; i++) {
        if (!found[i]) {
            return diagnostics_error(d, (struct place){.file = plot->result.path},
                                     "has no sensitivity of the %s \"%s\"", what, names[i]);
        }
    }
    return 0;
}

static int choose_outputs(struct plot *plot, struct diagnostics *d)
{
    const struct sensitivity_table *table = &plot->sensitivity;
    const struct plot_request *request = &plot->request;
    bool *arms = calloc((size_t)request->arm_count + 1, sizeof(*arms));
    bool *analytes = calloc((size_t)request->analyte_count + 1, sizeof(*analytes));
    int ret = -1;

    plot->outputs = calloc(PLOT_OUTPUTS_MAX, sizeof(*plot->outputs));
    if (!arms || !analytes || !plot->outputs) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    for (int64_t i = 0; i < table->output_count; i++) {
        const struct sensitivity_output *output = &table->outputs[i];
        const bool arm = is_asked(request->arms, request->arm_count, output->treatment, arms);
        const bool analyte =
            is_asked(request->analytes, request->analyte_count, analyte_of(plot, output->metric), analytes);
        if (!arm || !analyte || output->gap != SENSITIVITY_KNOWN) {
            continue;
        }
        plot->outputs_asked++;
        if (plot->output_count < PLOT_OUTPUTS_MAX) {
            plot->outputs[plot->output_count++] = i;
        }
    }
    if (check_found(plot, "arm", request->arms, request->arm_count, arms, d) != 0 ||
        check_found(plot, "analyte", request->analytes, request->analyte_count, analytes, d) != 0) {
        goto out;
    }
    if (plot->output_count == 0) {
        diagnostics_error(d, (struct place){.file = plot->result.path},
                          "has no sensitivity to draw: `ketsim summary` tells why");
        goto out;
    }
    ret = 0;

out:
    free(arms);
    free(analytes);
    return ret;
}

int tornado_read(struct plot *plot, struct diagnostics *d)
{
    const struct sensitivity_method *method = plot->sensitivity.method;

    if (!isnan(plot->request.from) || !isnan(plot->request.to) || plot->request.log) {
        return diagnostics_error(
            d, (struct place){.file = plot->result.path},
            "holds sensitivity, which is drawn in place of levels: --from, --to and --log "
            "have no use");
    }
    if (choose_outputs(plot, d) != 0) {
        return -1;
    }
    plot->style_labels = calloc(PLOT_BARS, sizeof(*plot->style_labels));
    for (int i = 0; i < PLOT_BARS && plot->style_labels; i++) {
        const struct sensitivity_statistic *s = &method->statistics[drawn_statistic(plot, i)];
        char text[256];
        snprintf(text, sizeof(text), "%s: %s", s->name, s->doc);
        plot->style_labels[i] = strdup(text);
        plot->style_count += plot->style_labels[i] != NULL;
    }
    return plot->style_count == PLOT_BARS ? 0 : diagnostics_out_of_memory(d);
}

/* --- Where it stands --- */

/* The room that the names of the axes need. */
static int label_room(const struct plot *plot)
{
    int most = 0;

    for (int i = 0; i < plot->output_count; i++) {
        const struct sensitivity_output *output = &plot->sensitivity.outputs[plot->outputs[i]];
        for (int k = 0; k < tornado_axes(plot); k++) {
            const int width = text_pixels(plot->sensitivity.axes[output->order[k]], FONT_TEXT);
            most = width > most ? width : most;
        }
    }
    return (most < ROOM_LABEL_MOST ? most : ROOM_LABEL_MOST) + LABEL_GAP;
}

int tornado_place(struct page *page, const struct plot *plot, int top)
{
    const int room = label_room(plot);
    const int most = room > PAGE_WIDTH / COLUMNS_MOST / 3 ? 1 : COLUMNS_MOST;
    const int columns = plot->output_count < most ? plot->output_count : most;
    const int cell = (PAGE_WIDTH - 2 * PAGE_MARGIN) / columns;
    const int head = ROOM_TOP + (plot->sensitivity.treatment_count > 1 ? LINE_TITLE_ARM : 0);
    const int rows = tornado_axes(plot) < ROW_LEAST ? ROW_LEAST : tornado_axes(plot);
    const int height = rows * ROW;

    for (int i = 0; i < plot->output_count; i++) {
        struct panel *panel = &page->panels[page->panel_count++];
        panel->analyte = i;
        panel->box = (struct box){
            .left = PAGE_MARGIN + i % columns * cell + room,
            .top = top + head + i / columns * (head + height + ROOM_BOTTOM),
            .width = cell - room - ROOM_RIGHT,
            .height = height,
        };
    }
    return top + (plot->output_count + columns - 1) / columns * (head + height + ROOM_BOTTOM);
}

/* --- The script --- */

/* $bars_OUTPUT: the place of the row, then estimate, lower and upper end of each statistic drawn. */
void tornado_put_data(const struct script *s, int number)
{
    const struct plot *plot = s->plot;
    const struct sensitivity_output *output = &plot->sensitivity.outputs[plot->outputs[number]];
    const int statistics = plot->sensitivity.method->statistic_count;

    fprintf(s->out, "\narm_%d = ", number + 1);
    text_quote(s->out, output->treatment);
    fprintf(s->out, "\nmetric_%d = ", number + 1);
    text_quote(s->out, output->metric);
    fprintf(s->out, "\n$bars_%d << END\n", number + 1);
    for (int i = 0; i < tornado_axes(plot); i++) {
        fprintf(s->out, "%d", i + 1);
        for (int k = 0; k < PLOT_BARS; k++) {
            const struct estimate *e =
                &output->estimates[output->order[i] * statistics + drawn_statistic(plot, k)];
            fprintf(s->out, " %.17g %.17g %.17g", e->value, e->lower, e->upper);
        }
        putc('\n', s->out);
    }
    fputs("END\n", s->out);
}

/* How far the bars and their intervals reach. */
static void panel_reach(const struct plot *plot, const struct sensitivity_output *output, double *low,
                        double *high)
{
    const int statistics = plot->sensitivity.method->statistic_count;
    const bool share = plot->sensitivity.method->statistics[0].share;

    *low = 0;
    *high = share ? 1 : 0;
    for (int i = 0; i < tornado_axes(plot); i++) {
        for (int k = 0; k < PLOT_BARS; k++) {
            const struct estimate *e =
                &output->estimates[output->order[i] * statistics + drawn_statistic(plot, k)];
            *low = fmin(*low, fmin(e->value, e->lower)); /* fmin passes over NaN */
            *high = fmax(*high, fmax(e->value, e->upper));
        }
    }
    if (!(*high > *low)) {
        *high = 1;
    }
}

/* A line above a panel, cut to its width. */
static void put_line(const struct script *s, const struct panel *panel, const char *text, int above)
{
    struct text_lines lines;

    if (text_lines_init(&lines, text, panel->box.width, FONT_TEXT) == 0 && lines.count > 0) {
        char line[512];
        snprintf(line, sizeof(line), "%s%s", lines.lines[0], lines.count > 1 ? "..." : "");
        script_put_label(s, line, panel->box.left, panel->box.top - above, FONT_TEXT);
    }
    text_lines_clear(&lines);
}

/* What a panel shows: the metric, and where there are several arms, above it which. */
static void put_title(const struct script *s, const struct panel *panel,
                      const struct sensitivity_output *output)
{
    put_line(s, panel, output->metric, 16);
    if (s->plot->sensitivity.treatment_count > 1) {
        put_line(s, panel, output->treatment, 16 + LINE_TITLE_ARM);
    }
}

static void put_axes(const struct script *s, const struct panel *panel,
                     const struct sensitivity_output *output)
{
    const struct plot *plot = s->plot;
    const bool share = plot->sensitivity.method->statistics[0].share;
    double low;
    double high;
    char text[256];

    panel_reach(plot, output, &low, &high);
    script_put_box(s, &panel->box);
    fprintf(s->out,
            "set xrange [%.17g:%.17g]\nset xtics autofreq format '%%g'\nset yrange [%d.5:0.5]\nset ytics (",
            low, high + 0.02 * (high - low), tornado_axes(plot));
    for (int i = 0; i < tornado_axes(plot); i++) {
        struct text_lines lines;
        fputs(i == 0 ? "" : ", ", s->out);
        if (text_lines_init(&lines, plot->sensitivity.axes[output->order[i]], ROOM_LABEL_MOST, FONT_TEXT) ==
                0 &&
            lines.count > 0) {
            text_quote(s->out, lines.lines[0]);
        } else {
            fputs("''", s->out);
        }
        text_lines_clear(&lines);
        fprintf(s->out, " %d", i + 1);
    }
    fputs(") scale 0\n", s->out);
    if (!share) {
        snprintf(text, sizeof(text), "effect over the axis%s%s", strcmp(output->unit, "1") == 0 ? "" : ", ",
                 strcmp(output->unit, "1") == 0 ? "" : output->unit);
    }
    script_put_centered(s, share ? "share of the variance" : text, panel->box.left + panel->box.width / 2.0,
                        panel->box.top + panel->box.height + 44, FONT_TEXT, 0);
}

void tornado_put_panel(const struct script *s, int number)
{
    const struct panel *panel = &s->page->panels[number];
    const struct sensitivity_output *output = output_of(s->plot, panel);

    put_axes(s, panel, output);
    put_title(s, panel, output);
    fputs("set grid noytics\n", s->out);
    for (int k = 0; k < PLOT_BARS; k++) {
        const double middle = (2 * k - 1) * bar_apart;
        const int value = 2 + 3 * k;
        const struct style_look look = style_look(s->plot, k);
        fprintf(s->out,
                "%s$bars_%d using %d:($1%+g):(0):%d:($1%+g):($1%+g) with boxxyerror fillstyle solid 0.75 "
                "noborder "
                "linecolor rgb '%s', \\\n    $bars_%d using %d:($1%+g):%d:%d with xerrorbars pointtype -1 "
                "linewidth "
                "1.5 linecolor rgb '#000000'",
                k == 0 ? "plot " : ", \\\n    ", number + 1, value, middle, value, middle - bar_half,
                middle + bar_half, look.color, number + 1, value, middle, value + 1, value + 2);
    }
    fputs("\nunset label\nset ytics autofreq scale 0.5\n", s->out);
}
