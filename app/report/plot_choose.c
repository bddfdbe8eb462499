/* Which arms are drawn, which of them share a panel, and what is told by color.
 *
 * Arms differ in up to three ways: by name, by model, by the values of a sweep. A color is a model where an arm has several;
 * everything else is then told by facets. Without models, of many arms that differ in two ways the first is told by facets.
 */
#include "plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CANDIDATES_MAX = 1000, /* arms that are looked at; of more, some are chosen evenly */
    AXES_MAX = 16,
    WAY_NAME = 0,
    WAY_MODEL,
    WAY_AXES,
    WAYS_MAX = WAY_AXES + AXES_MAX,
    VARIED_MAX = 100, /* arms that are looked at for baselines */
    CROWDED = 8,      /* so many curves in one facet are split if they can be */
};

static const double course_hours = 96;

struct candidate {
    int64_t arm;
    char *parts[WAYS_MAX]; /* owned: what the arm is in each way, as told to people */
};

struct choice {
    struct candidate *candidates;
    int count;
    int ways;
    bool told_by_style[WAYS_MAX];
    bool told_by_facet[WAYS_MAX];
};

static void choice_clear(struct choice *choice)
{
    for (int i = 0; i < choice->count; i++) {
        for (int w = 0; w < WAYS_MAX; w++) {
            free(choice->candidates[i].parts[w]);
        }
    }
    free(choice->candidates);
}

/* --- Arms --- */

static bool is_asked_for(const struct plot *plot, int64_t arm, bool *found)
{
    const struct plot_request *request = &plot->request;
    const bool published = !result_is_replicate(&plot->result, arm); /* a replicate only by its own label */
    bool asked = request->arm_count == 0 && published;

    for (int i = 0; i < request->arm_count; i++) {
        if (strcmp(request->arms[i], plot->result.arms[arm]) == 0 ||
            (published && strcmp(request->arms[i], plot->result.arm_names[arm]) == 0)) {
            found[i] = true;
            asked = true;
        }
    }
    return asked;
}

static bool has_analytes(struct plot *plot, int64_t arm)
{
    for (int a = 0; a < plot->analyte_count; a++) {
        if (result_model_has(&plot->result, plot->result.arm_models[arm], plot->analytes[a]->analyte)) {
            return true;
        }
    }
    return false;
}

static int unknown_arm(const struct plot *plot, const char *name, struct diagnostics *d)
{
    const struct place at = {.file = plot->result.path};
    const int64_t arms = plot->result.sizes[DIMENSION_ARM];
    const int known = arms < CANDIDATES_MAX ? (int)arms : CANDIDATES_MAX;
    const char *nearest = nearest_spelling(name, (const char *const *)plot->result.arms, known);

    if (nearest) {
        return diagnostics_error(d, at, "has no arm \"%s\"; did you mean \"%s\"?", name, nearest);
    }
    return diagnostics_error(d, at, "has no arm \"%s\"; its first is \"%s\"", name, plot->result.arms[0]);
}

bool plot_is_kept(int64_t i, int64_t count, int64_t most)
{
    if (count <= most) {
        return true;
    }
    const int64_t nearest = (i * (most - 1) + (count - 1) / 2) / (count - 1);
    return (nearest * (count - 1) + (most - 1) / 2) / (most - 1) == i;
}

static int list_candidates(struct plot *plot, struct choice *choice, struct diagnostics *d)
{
    const int64_t arms = plot->result.sizes[DIMENSION_ARM];
    bool *found = calloc((size_t)plot->request.arm_count + 1, sizeof(*found));
    bool *asked = calloc((size_t)arms + 1, sizeof(*asked));
    int ret = -1;

    choice->candidates = calloc(CANDIDATES_MAX + 1, sizeof(*choice->candidates));
    if (!found || !asked || !choice->candidates) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    for (int64_t arm = 0; arm < arms; arm++) {
        asked[arm] = is_asked_for(plot, arm, found) && has_analytes(plot, arm);
        plot->arm_count += asked[arm];
    }
    for (int i = 0; i < plot->request.arm_count; i++) {
        if (!found[i]) {
            unknown_arm(plot, plot->request.arms[i], d);
            goto out;
        }
    }
    if (plot->arm_count == 0) {
        diagnostics_error(d, (struct place){.file = plot->result.path},
                          "the model of no arm that is asked for has an analyte that is asked for");
        goto out;
    }
    for (int64_t arm = 0, i = 0; arm < arms; arm++) {
        if (asked[arm] && plot_is_kept(i++, plot->arm_count, CANDIDATES_MAX) &&
            choice->count < CANDIDATES_MAX) {
            choice->candidates[choice->count++].arm = arm;
        }
    }
    ret = 0;

out:
    free(found);
    free(asked);
    return ret;
}

/* --- How they differ --- */

/* Whether the arm is one of several models: its label then is "NAME, MODEL". */
static bool names_model(const struct result *result, int64_t arm)
{
    const char *label = result->arms[arm];
    const char *model = result->arm_models[arm];
    const size_t name = strlen(result->arm_names[arm]);

    return strncmp(label, result->arm_names[arm], name) == 0 && strncmp(label + name, ", ", 2) == 0 &&
           strncmp(label + name + 2, model, strlen(model)) == 0;
}

/* "weight 60 kg". malloc'ed. */
static char *axis_text(const struct result_variable *axis, double value)
{
    static const char prefix[] = "sweep_";
    const char *name =
        strncmp(axis->name, prefix, sizeof(prefix) - 1) == 0 ? axis->name + sizeof(prefix) - 1 : axis->name;
    const size_t size = strlen(name) + strlen(axis->unit) + 40;
    char *text = malloc(size);

    if (text) {
        snprintf(text, size, "%s %.6g%s%s", name, value, strcmp(axis->unit, "1") == 0 ? "" : " ",
                 strcmp(axis->unit, "1") == 0 ? "" : axis->unit);
    }
    return text;
}

/* The name of an arm, and its model where the label leaves open which of several it is. malloc'ed. */
static char *name_text(const struct result *result, int64_t arm)
{
    const char *name = result->arm_names[arm];
    const char *model = result->arm_models[arm];
    const bool model_too = result->model_count > 1 && !names_model(result, arm);
    const size_t size = strlen(name) + strlen(model) + 4;
    char *text = malloc(size);

    if (text) {
        snprintf(text, size, model_too ? "%s (%s)" : "%s", name, model);
    }
    return text;
}

static int fill_candidate(struct plot *plot, struct choice *choice, struct candidate *c,
                          struct diagnostics *d)
{
    struct result *result = &plot->result;

    choice->ways = WAY_AXES;
    c->parts[WAY_NAME] = name_text(result, c->arm);
    c->parts[WAY_MODEL] = strdup(names_model(result, c->arm) ? result->arm_models[c->arm] : "");
    if (!c->parts[WAY_NAME] || !c->parts[WAY_MODEL]) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < result->variable_count && choice->ways < WAYS_MAX; i++) {
        const struct result_variable *v = &result->variables[i];
        double value = NAN;
        if (v->role != ROLE_SWEEP) {
            continue;
        }
        if (result_read(result, v, c->arm, 0, 0, &value, d) != 0) {
            return -1;
        }
        c->parts[choice->ways] = axis_text(v, value);
        if (!c->parts[choice->ways++]) {
            return diagnostics_out_of_memory(d);
        }
    }
    return 0;
}

static bool varies(const struct choice *choice, int way)
{
    for (int i = 1; i < choice->count; i++) {
        if (strcmp(choice->candidates[i].parts[way], choice->candidates[0].parts[way]) != 0) {
            return true;
        }
    }
    return false;
}

/* Decides what is told by color and what by facets. */
static void share_ways(struct plot *plot, struct choice *choice)
{
    bool varying[WAYS_MAX] = {false};
    int count = 0;
    bool split; /* the first way that varies is told by facets */

    for (int w = 0; w < choice->ways; w++) {
        varying[w] = varies(choice, w);
        count += varying[w];
    }
    plot->compares = varying[WAY_MODEL];
    split = !plot->compares && count > 1 && choice->count > CROWDED;
    for (int w = 0; w < choice->ways; w++) {
        const bool facet = plot->compares ? w != WAY_MODEL : split;
        choice->told_by_facet[w] = varying[w] && facet;
        choice->told_by_style[w] = varying[w] && !facet;
        split = split && !varying[w];
    }
    plot->ramp = !plot->compares && !choice->told_by_style[WAY_NAME];
}

/* What a candidate is in those ways: "nasal, weight 60 kg". malloc'ed; NULL without memory. */
static char *join_parts(const struct choice *choice, const struct candidate *c, const bool *ways)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool first = true;

    if (!out) {
        return NULL;
    }
    for (int w = 0; w < choice->ways; w++) {
        if (ways[w]) {
            fprintf(out, "%s%s", first ? "" : ", ", c->parts[w]);
            first = false;
        }
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* The number of a text in a list that grows by it if it is new; takes it over. -1 without memory. */
static int label_number(char **labels, int *count, char *text)
{
    int i = 0;

    if (!text) {
        return -1;
    }
    while (i < *count && strcmp(labels[i], text) != 0) {
        i++;
    }
    if (i < *count) {
        free(text);
    } else {
        labels[(*count)++] = text;
    }
    return i;
}

/* --- Too many --- */

/* Leaves of `*count` labels those that are kept; fills numbers[old] with the new number, -1 where there is none. */
static void thin_labels(char **labels, int *count, int most, int *numbers)
{
    int kept = 0;

    for (int i = 0; i < *count; i++) {
        if (plot_is_kept(i, *count, most) && kept < most) {
            numbers[i] = kept;
            labels[kept++] = labels[i];
        } else {
            numbers[i] = -1;
            free(labels[i]);
        }
    }
    *count = kept;
}

static void thin_curves(struct plot *plot, const int *styles, const int *facets)
{
    int kept = 0;

    for (int i = 0; i < plot->curve_count; i++) {
        struct plot_curve curve = plot->curves[i];
        curve.style = styles[curve.style];
        curve.facet = facets[curve.facet];
        if (curve.style >= 0 && curve.facet >= 0) {
            plot->curves[kept++] = curve;
        }
    }
    plot->curve_count = kept;
}

/* --- The whole --- */

static int make_curves(struct plot *plot, const struct choice *choice, struct diagnostics *d)
{
    int styles[CANDIDATES_MAX];
    int facets[CANDIDATES_MAX];

    plot->curves = calloc((size_t)choice->count + 1, sizeof(*plot->curves));
    plot->style_labels = calloc((size_t)choice->count + 1, sizeof(*plot->style_labels));
    plot->facet_labels = calloc((size_t)choice->count + 1, sizeof(*plot->facet_labels));
    if (!plot->curves || !plot->style_labels || !plot->facet_labels) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < choice->count; i++) {
        const struct candidate *c = &choice->candidates[i];
        struct plot_curve *curve = &plot->curves[plot->curve_count++];
        curve->arm = c->arm;
        curve->doses = outline_arm(&plot->outline, plot->result.arm_names[c->arm]);
        curve->style = label_number(plot->style_labels, &plot->style_count,
                                    join_parts(choice, c, choice->told_by_style));
        curve->facet = label_number(plot->facet_labels, &plot->facet_count,
                                    join_parts(choice, c, choice->told_by_facet));
        if (curve->style < 0 || curve->facet < 0) {
            return diagnostics_out_of_memory(d);
        }
    }
    thin_labels(plot->style_labels, &plot->style_count, PLOT_STYLES_MAX, styles);
    thin_labels(plot->facet_labels, &plot->facet_count, PLOT_FACETS_MAX, facets);
    thin_curves(plot, styles, facets);
    return 0;
}

/* A single curve is called what its arm is called. */
static int name_single(struct plot *plot, struct diagnostics *d)
{
    if (plot->style_count != 1 || plot->facet_count != 1) {
        return 0;
    }
    free(plot->style_labels[0]);
    plot->style_labels[0] = strdup(plot->result.arms[plot->curves[0].arm]);
    return plot->style_labels[0] ? 0 : diagnostics_out_of_memory(d);
}

/* The sessions of weeks are narrow spikes, which would hide each other: a few arms get a facet each. */
static int split_course(struct plot *plot, struct diagnostics *d)
{
    const struct outline_arm *doses = plot->curves[0].doses;

    plot->course = doses && doses->dose_count > 2 && plot->to - plot->from > course_hours;
    if (!plot->course || plot->facet_count > 1 || plot->compares || plot->curve_count < 2 ||
        plot->curve_count * plot->analyte_count > PLOT_FACETS_MAX) {
        return 0;
    }
    for (int i = 0; i < plot->curve_count; i++) {
        char *label = strdup(plot->style_labels[plot->curves[i].style]);
        if (!label) {
            return diagnostics_out_of_memory(d);
        }
        free(plot->facet_labels[i]);
        plot->facet_labels[i] = label;
        plot->curves[i].facet = i;
        plot->facet_count = i + 1;
    }
    return 0;
}

int plot_choose(struct plot *plot, struct diagnostics *d)
{
    struct choice choice = {0};
    int64_t arms[VARIED_MAX];
    bool varies = false;
    int ret = list_candidates(plot, &choice, d);

    for (int i = 0; i < choice.count && ret == 0; i++) {
        ret = fill_candidate(plot, &choice, &choice.candidates[i], d);
    }
    if (ret == 0 && choice.count <= VARIED_MAX) {
        for (int i = 0; i < choice.count; i++) {
            arms[i] = choice.candidates[i].arm;
        }
        varies = plot_can_vary(plot, arms, choice.count);
    }
    if (ret == 0 && varies) {
        ret = plot_vary(plot, arms, choice.count, d);
    } else if (ret == 0) {
        share_ways(plot, &choice);
        ret = make_curves(plot, &choice, d);
        if (ret == 0 && name_single(plot, d) == 0) {
            ret = split_course(plot, d);
        }
    }
    choice_clear(&choice);
    return ret;
}
