/* From a scenario to the study file that says the same. */
#include "app/study/study_read.h"
#include "serve.h"
#include "serve_timing.h"

#include "model/applicability.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double seconds_per_hour = 3600;

/* --- The tree --- */

static int put_node(struct node *map, const char *key, struct node *value)
{
    struct node *name = node_scalar(key, 0, 0);

    if (!map || !name || !value) {
        node_free(name);
        node_free(value);
        return -1;
    }
    return node_add_entry(map, name, value);
}

static int put(struct node *map, const char *key, const char *text)
{
    return put_node(map, key, node_scalar(text, 0, 0));
}

static int put_number(struct node *map, const char *key, double value, const char *unit)
{
    char text[64];

    snprintf(text, sizeof(text), "%.17g%s%s", value, *unit ? " " : "", unit);
    return put(map, key, text);
}

/* A time in the largest unit of which it is a whole number. */
struct time_text {
    char text[48];
};

static struct time_text time_write(double seconds)
{
    struct time_text written;
    const bool minutes = fmod(seconds, 60) == 0;
    const bool hours = fmod(seconds, seconds_per_hour) == 0;

    snprintf(written.text, sizeof(written.text), "%.17g %s",
             hours     ? seconds / seconds_per_hour
             : minutes ? seconds / 60
                       : seconds,
             hours     ? "h"
             : minutes ? "min"
                       : "s");
    return written;
}

static int put_time(struct node *map, const char *key, double seconds)
{
    return put(map, key, time_write(seconds).text);
}

/* An empty map or list below a key; NULL without memory. */
static struct node *put_empty(struct node *map, const char *key, enum node_kind kind)
{
    struct node *node = node_empty(kind, 0, 0);

    return put_node(map, key, node) == 0 ? node : NULL;
}

static int put_texts(struct node *map, const char *key, const char *const *texts, int count)
{
    struct node *list = put_empty(map, key, NODE_LIST);
    int failed = list ? 0 : -1;

    for (int i = 0; i < count && !failed; i++) {
        struct node *item = node_scalar(texts[i], 0, 0);
        failed = item ? node_add_item(list, item) : -1;
    }
    return failed;
}

static void write_dose(char *text, size_t size, const struct scenario *s)
{
    if (isnan(s->amount)) {
        snprintf(text, size, "%s", s->dose.text ? s->dose.text : "");
    } else {
        snprintf(text, size, "%.17g mg", s->amount);
    }
}

/* A course may have its own. */
static bool has_dose(const struct scenario *s)
{
    return s->dose.text || !isnan(s->amount);
}

/* What is given, in words: the name of the arm. */
static void write_name(char *text, size_t size, const struct scenario *s)
{
    char dose[SCENARIO_TEXT_MAX + 32];

    write_dose(dose, sizeof(dose), s);
    if (s->course) {
        snprintf(text, size, "%s%s%s%s%s", s->course->name, has_dose(s) ? ", " : "", has_dose(s) ? dose : "",
                 s->over.text ? " over " : "", s->over.text ? s->over.text : "");
        return;
    }
    snprintf(text, size, "%s %s%s%s", dose, s->route, s->over.text ? " over " : "",
             s->over.text ? s->over.text : "");
}

static int put_regimen(struct node *arm, const struct scenario *s)
{
    struct node *regimen = put_empty(arm, "regimen", NODE_LIST);
    struct node *item = regimen ? node_empty(NODE_MAP, 0, 0) : NULL;
    char dose[SCENARIO_TEXT_MAX + 32];
    int failed = item ? node_add_item(regimen, item) : -1;

    if (failed) {
        return failed;
    }
    write_dose(dose, sizeof(dose), s);
    failed |= put(item, "route", s->route) || put(item, "dose", dose);
    if (s->over.text) {
        failed |= put(item, "over", s->over.text);
    }
    if (s->drug) {
        failed |= put(item, "drug", s->drug);
    }
    failed |= put_time(item, "at", s->first);
    if (s->sessions > 1) {
        failed |= put(item, "every", s->every.text) || put_number(item, "times", (double)s->sessions, "");
    }
    return failed;
}

static int put_course(struct node *arm, const struct scenario *s)
{
    struct node *course = put_empty(arm, "course", NODE_MAP);
    char dose[SCENARIO_TEXT_MAX + 32];
    int failed = course ? put(course, "name", s->course->name) : -1;

    if (has_dose(s)) {
        write_dose(dose, sizeof(dose), s);
        failed |= put(course, "dose", dose);
    }
    if (s->over.text) {
        failed |= put(course, "over", s->over.text);
    }
    return failed | put_time(course, "at", s->first);
}

/* Moves the second session. */
static int put_shift(struct node *root, const struct scenario *s, const char *arm)
{
    struct node *sweep = put_empty(root, "sweep", NODE_MAP);
    int failed = sweep ? put(sweep, "design", "grid") : -1;
    struct node *axis = failed ? NULL : put_empty(sweep, "second", NODE_MAP);
    char target[5 * SCENARIO_TEXT_MAX];

    snprintf(target, sizeof(target), "arms.%s.delay", arm);
    return !axis || put(axis, "sets", target) || put(axis, "session", "2") ||
                   put_texts(axis, "values", &s->shift.text, 1)
               ? -1
               : 0;
}

/* Whether a model depends on a covariate, wants to be told it, or has a limit that the value breaks. What changes nothing is left
 * out, so that nobody is warned of what he had to say in any case. */
static bool matters(const struct model *model, const char *name, double value)
{
    static const double adult_years = 18;
    const int c = model_covariate(model, name);

    if (model_uses_covariate(model, name) ||
        (c >= 0 && (isnan(model->covariates[c].typical) ||
                    range_excludes(covariate_range(&model->covariates[c]), value)))) {
        return true;
    }
    return strcmp(name, "age") == 0 &&
           strcmp(model->age_group, value < adult_years ? "adults" : "children") == 0;
}

static bool matters_to_any(const struct scenario *s, const char *name, double value)
{
    bool any = false;

    for (int i = 0; i < s->model_count; i++) {
        any |= matters(s->models[i], name, value);
    }
    return any;
}

static bool by_weight(const struct scenario *s)
{
    return has_dose(s) ? s->per_kg : s->course && s->course->dose && strstr(s->course->dose, "/kg");
}

static int put_patients(struct node *root, const struct scenario *s)
{
    struct node *patients = put_empty(root, "patients", NODE_MAP);
    int failed = patients ? put_number(patients, "count", (double)s->patients, "") : -1;
    struct node *covariates = failed ? NULL : put_empty(patients, "covariates", NODE_MAP);

    if (!covariates) {
        return -1;
    }
    if (matters_to_any(s, "age", s->age.value)) {
        failed |= put(covariates, "age", s->age.text);
    }
    if (by_weight(s) || matters_to_any(s, "weight", s->weight.value)) {
        failed |= put(covariates, "weight", s->weight.text);
    }
    if (s->asian) {
        failed |= put(covariates, "asian", "1") || put(covariates, "japanese", s->japanese ? "1" : "0");
    }
    return failed;
}

static int put_observe(struct node *root, const struct timing *timing)
{
    struct node *map = put_empty(root, "observe", NODE_MAP);
    struct node *list;
    int failed = map ? 0 : -1;

    if (timing->time_count == 0) {
        failed |= put_number(map, "to", timing->end, "h");
        return failed | put_time(map, "every", timing->step);
    }
    list = put_empty(map, "at", NODE_LIST);
    for (int i = 0; i < timing->time_count && list && !failed; i++) {
        struct node *item = node_scalar(time_write(timing->times[i]).text, 0, 0);
        failed |= item ? node_add_item(list, item) : -1;
    }
    return list ? failed : -1;
}

/* The level that is asked about, of each analyte that it is asked of. */
static int put_thresholds(struct node *root, const struct scenario *s, const struct timing *timing)
{
    static const char *const fractions[] = {"50 %", "95 %"};
    const struct time_text after = time_write(timing->after);
    const char *const times[] = {after.text};
    struct node *map = put_empty(root, "thresholds", NODE_MAP);
    struct node *list = map ? put_empty(map, "levels", NODE_LIST) : NULL;
    const char *analytes[SCENARIO_MODELS_MAX];
    int count = 0;
    int failed = list ? 0 : -1;

    for (int i = 0; i < s->model_count && !failed; i++) {
        const char *analyte = scenario_analyte(s, s->models[i]);
        bool known = !analyte;
        for (int k = 0; k < count && !known; k++) {
            known = strcmp(analytes[k], analyte) == 0;
        }
        if (!known) {
            struct node *level = node_empty(NODE_MAP, 0, 0);
            analytes[count++] = analyte;
            failed = level ? node_add_item(list, level) : -1;
            failed = failed || put(level, "level", s->threshold.text) || put(level, "analyte", analyte);
        }
    }
    failed = failed || put_texts(map, "after", times, timing->after > 0);
    return failed || put_texts(map, "below", fractions, 2) ? -1 : 0;
}

static int put_study(struct node *root, const struct scenario *s, const struct timing *timing)
{
    static const char *const metrics[] = {"cmax", "tmax"};
    const char *names[SCENARIO_MODELS_MAX];
    char name[4 * SCENARIO_TEXT_MAX];
    char title[6 * SCENARIO_TEXT_MAX];
    bool linear = true;
    struct node *list;
    struct node *arm;
    struct node *map;
    int failed = 0;

    for (int i = 0; i < s->model_count; i++) {
        names[i] = s->models[i]->name;
        linear &= model_is_linear(s->models[i]);
    }
    write_name(name, sizeof(name), s);
    snprintf(title, sizeof(title), "%s, %s, %s", name, s->age.text, s->weight.text);
    failed |= put(root, "title", title);
    failed |=
        s->model_count > 1 ? put_texts(root, "models", names, s->model_count) : put(root, "model", names[0]);
    failed |= put_number(root, "seed", (double)s->seed, "");
    if (strcmp(s->drug ? s->drug : s->course ? s->course->drug : "", "racemate") == 0) {
        failed |= put(root, "racemate", "halve");
    }
    failed |= put_patients(root, s);
    list = put_empty(root, "arms", NODE_LIST);
    arm = list ? node_empty(NODE_MAP, 0, 0) : NULL;
    if (!arm || node_add_item(list, arm)) {
        return -1;
    }
    failed |= put(arm, "name", name) || (s->course ? put_course(arm, s) : put_regimen(arm, s));
    if (s->shift.text) {
        failed |= put_shift(root, s, name);
    }
    failed |= put_observe(root, timing);
    map = put_empty(root, "exposure", NODE_MAP);
    failed |= put_texts(map, "metrics", metrics, 2);
    failed |= put(map, "from", timing->whole ? "solution" : "observations");
    failed |=
        timing->whole ? put_thresholds(root, s, timing) : put_texts(map, "time_above", &s->threshold.text, 1);
    map = put_empty(root, "solver", NODE_MAP);
    return failed | put(map, "method", linear ? "exact" : "cvode");
}

/* --- The whole --- */

/* The study with these records; NULL with the mistake told. */
static char *study_write(const struct scenario *scenario, const struct timing *timing, int number,
                         json_t *errors)
{
    struct document document = {.root = node_empty(NODE_MAP, 0, 0)};
    char *text =
        document.root && put_study(document.root, scenario, timing) == 0 ? document_write(&document) : NULL;

    if (!text) {
        scenario_error(errors, number, "", "no memory");
    }
    node_free(document.root);
    return text;
}

/* When the sessions are: of several the reader of studies tells, from a study that records nothing yet. 0, or -1 with the mistake told. */
static int find_sessions(struct timing *timing, const struct scenario *scenario, int number, json_t *errors)
{
    struct study study = {0};
    json_t *warnings; /* told again later */
    char *text;
    int ret;

    if (scenario->sessions == 1 && !scenario->course) {
        return timing_single(timing, scenario->first);
    }
    warnings = json_array();
    timing->end = 1;
    timing->step = seconds_per_hour;
    text = study_write(scenario, timing, number, errors);
    ret = text ? scenario_study_read(&study, scenario, text, number, errors, warnings) : -1;
    if (ret == 0) {
        ret = timing_doses(timing, &study.arms[0]);
    }
    study_clear(&study);
    free(text);
    json_decref(warnings);
    return ret;
}

char *scenario_study_text(const struct scenario *scenario, int number, json_t *errors)
{
    struct timing timing = {0};
    char *text = NULL;

    if (find_sessions(&timing, scenario, number, errors) == 0 &&
        timing_records(&timing, scenario, number, errors) == 0) {
        text = study_write(scenario, &timing, number, errors);
    }
    timing_clear(&timing);
    return text;
}
