/* From JSON to a scenario: what it may hold, and what is wrong with it, key by key. What only the models can tell is left to the reader of
 * studies. */
#include "serve_reading.h"

#include "model/library.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void scenario_error(json_t *errors, int number, const char *field, const char *format, ...)
{
    char text[512];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    json_t *error = json_pack("{s:i,s:s,s:s}", "scenario", number, "field", field, "message", text);
    if (!error) { /* a text that is cut inside a letter */
        error = json_pack("{s:i,s:s,s:s}", "scenario", number, "field", field, "message", "is not valid");
    }
    json_array_append_new(errors, error);
}

/* --- Kinds of values --- */

struct key;
typedef void take_function(struct reading *r, const struct key *key, const json_t *value);

/* A key of a scenario. */
struct key {
    const char *name;
    take_function *take;
    size_t offset;        /* of a quantity or a text in struct scenario */
    const char *unit;     /* of a quantity */
    const char *example;  /* of what it takes, as JSON */
    const char *fallback; /* as JSON; NULL: none */
};

/* A short text of printable ASCII; NULL with the mistake told. */
static const char *take_text(struct reading *r, const char *field, const json_t *value, const char *example)
{
    const char *text = json_string_value(value);

    if (!text) {
        mistake(r, field, "must be a text like %s", example);
        return NULL;
    }
    if (strlen(text) > SCENARIO_TEXT_MAX) {
        mistake(r, field, "is longer than %d letters", SCENARIO_TEXT_MAX);
        return NULL;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~') {
            mistake(r, field, "has a letter that is not of ASCII; write a text like %s", example);
            return NULL;
        }
    }
    return text;
}

static void read_quantity(struct reading *r, const char *field, const json_t *value, const char *unit,
                          const char *example, struct scenario_quantity *quantity)
{
    const char *text = take_text(r, field, value, example);
    struct units_error why;

    if (!text) {
        return;
    }
    if (units_read(r->serve->units, text, unit, &quantity->value, &why) != 0) {
        mistake(r, field, "%s", why.text);
        return;
    }
    quantity->text = text;
}

static void take_quantity(struct reading *r, const struct key *key, const json_t *value)
{
    read_quantity(r, key->name, value, key->unit, key->example,
                  (struct scenario_quantity *)(void *)((char *)r->scenario + key->offset));
}

/* A time from 0 to a year. */
static void take_time(struct reading *r, const struct key *key, const json_t *value)
{
    struct scenario_quantity *time = (void *)((char *)r->scenario + key->offset);

    take_quantity(r, key, value);
    if (time->text && !(time->value >= 0 && time->value <= SCENARIO_LATEST_H)) {
        mistake(r, key->name, "\"%s\" must lie in 0 h to %d h", time->text, SCENARIO_LATEST_H);
        time->text = NULL;
    }
}

static void take_name(struct reading *r, const struct key *key, const json_t *value)
{
    *(const char **)(void *)((char *)r->scenario + key->offset) =
        take_text(r, key->name, value, key->example);
}

/* A whole number in a range; false with the mistake told. */
static bool take_count(struct reading *r, const char *field, const json_t *value, int64_t lowest,
                       int64_t highest, int64_t *count)
{
    if (!json_is_integer(value) || json_integer_value(value) < lowest ||
        json_integer_value(value) > highest) {
        mistake(r, field, "must be a whole number from %lld to %lld", (long long)lowest, (long long)highest);
        return false;
    }
    *count = json_integer_value(value);
    return true;
}

/* One of some texts; -1 with the mistake told. */
static int take_choice(struct reading *r, const char *field, const json_t *value, const char *const *choices,
                       int count)
{
    const char *text = json_string_value(value);
    char all[256] = "";

    for (int i = 0; i < count; i++) {
        if (text && strcmp(text, choices[i]) == 0) {
            return i;
        }
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s\"%s\"",
                 i == 0           ? ""
                 : i == count - 1 ? " or "
                                  : ", ",
                 choices[i]);
    }
    mistake(r, field, "must be %s", all);
    return -1;
}

/* --- Keys --- */

/* A model of the library; files have no names here. */
static const struct model *model_of(struct reading *r, const json_t *value)
{
    const char *name = take_text(r, "models", value, "\"perez-ruixo-2021\"");
    const char *names[64];
    int count = 0;

    for (int i = 0; name && i < r->serve->model_count; i++) {
        if (strcmp(r->serve->models[i].name, name) == 0) {
            return &r->serve->models[i];
        }
        if (count < 64) {
            names[count++] = r->serve->models[i].name;
        }
    }
    const char *nearest = name ? nearest_spelling(name, names, count) : NULL;
    if (nearest) {
        mistake(r, "models", "\"%s\" is no model of the library; did you mean \"%s\"?", name, nearest);
    } else if (name) {
        mistake(r, "models", "\"%s\" is no model of the library", name);
    }
    return NULL;
}

static void take_models(struct reading *r, const struct key *key, const json_t *value)
{
    struct scenario *s = r->scenario;
    const size_t count = json_array_size(value);

    if (count < 1 || count > SCENARIO_MODELS_MAX) {
        mistake(r, key->name, "must be a list of 1 to %d models, like %s", SCENARIO_MODELS_MAX, key->example);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct model *model = model_of(r, json_array_get(value, i));
        for (int k = 0; model && k < s->model_count; k++) {
            if (s->models[k] == model) {
                mistake(r, key->name, "\"%s\" is in the list twice", model->name);
                model = NULL;
            }
        }
        if (model) {
            s->models[s->model_count++] = model;
        }
    }
}

static const char *const drugs[] = {"racemate", "S-ketamine"};
static const char *const ancestries[] = {"other", "asian", "japanese"};

static void take_route(struct reading *r, const struct key *key, const json_t *value)
{
    const int choice = take_choice(r, key->name, value, scenario_routes, 2);

    r->scenario->route = choice < 0 ? NULL : scenario_routes[choice];
}

static void take_drug(struct reading *r, const struct key *key, const json_t *value)
{
    const int choice = take_choice(r, key->name, value, drugs, 2);

    r->scenario->drug = choice < 0 ? NULL : drugs[choice];
}

static void take_ancestry(struct reading *r, const struct key *key, const json_t *value)
{
    const int choice = take_choice(r, key->name, value, ancestries, 3);

    r->scenario->asian = choice >= 1;
    r->scenario->japanese = choice == 2;
}

static void take_sex(struct reading *r, const struct key *key, const json_t *value)
{
    (void)value;
    mistake(r, key->name, "no model of the library depends on the sex");
}

static void take_dose(struct reading *r, const struct key *key, const json_t *value)
{
    static const char *const units[] = {"mg", "mg/kg"};
    struct scenario_quantity *dose = &r->scenario->dose;
    const char *text = take_text(r, key->name, value, key->example);
    struct units_error why;
    int which = 0;

    if (text && units_read_any(r->serve->units, text, units, 2, &dose->value, &which, &why) != 0) {
        mistake(r, key->name, "%s", why.text);
    } else if (text) {
        dose->text = text;
        r->scenario->per_kg = which == 1;
    }
}

static void take_devices(struct reading *r, const struct key *key, const json_t *value)
{
    take_count(r, key->name, value, 1, SCENARIO_DEVICES_MAX, &r->devices);
}

static void take_given(struct reading *r, const struct key *key, const json_t *value)
{
    const size_t count = json_array_size(value);
    bool valid = count >= 1 && count <= SCENARIO_DEVICES_MAX;

    for (size_t i = 0; valid && i < count; i++) {
        valid = json_is_boolean(json_array_get(value, i));
        r->given[i] = json_is_true(json_array_get(value, i));
    }
    if (valid) {
        r->given_count = (int)count;
    } else {
        mistake(r, key->name, "must be a list like %s, an entry per device", key->example);
    }
}

static void take_over(struct reading *r, const struct key *key, const json_t *value)
{
    const char *text = json_string_value(value);

    r->scenario->bolus = text && strcmp(text, "bolus") == 0;
    if (!r->scenario->bolus) {
        take_quantity(r, key, value);
    }
}

/* A course of the library; files have no names here. */
static const struct course *course_of(struct reading *r, const char *name)
{
    const char *names[64];
    int count = 0;

    for (int i = 0; i < r->serve->course_count; i++) {
        if (strcmp(r->serve->courses[i].name, name) == 0) {
            return &r->serve->courses[i];
        }
        if (count < 64) {
            names[count++] = r->serve->courses[i].name;
        }
    }
    const char *nearest = nearest_spelling(name, names, count);
    mistake(r, "schedule", "\"%s\" is no course%s%s%s", name, nearest ? "; did you mean \"" : "",
            nearest ? nearest : "", nearest ? "\"?" : "");
    return NULL;
}

static void take_schedule(struct reading *r, const struct key *key, const json_t *value)
{
    struct scenario *s = r->scenario;
    const json_t *every = json_object_get(value, "every");
    const json_t *times = json_object_get(value, "times");

    if (json_is_string(value)) {
        const char *name = take_text(r, key->name, value, key->example);
        s->course = name && strcmp(name, "single") != 0 ? course_of(r, name) : NULL;
    } else if (!every || !times || json_object_size(value) != 2) {
        mistake(r, key->name,
                "must be \"single\", the name of a course, or {\"every\": \"84 h\", \"times\": 8}");
    } else {
        read_quantity(r, key->name, every, "h", "\"84 h\"", &s->every);
        take_count(r, key->name, times, 1, SCENARIO_SESSIONS_MAX, &s->sessions);
    }
}

static void take_patients(struct reading *r, const struct key *key, const json_t *value)
{
    take_count(r, key->name, value, 1, SCENARIO_PATIENTS_MAX, &r->scenario->patients);
}

static void take_seed(struct reading *r, const struct key *key, const json_t *value)
{
    take_count(r, key->name, value, 0, (int64_t)1 << 53, &r->scenario->seed);
}

#define AT(member) offsetof(struct scenario, member)

static const struct key keys[] = {
    {"models", take_models, 0, NULL, "[\"perez-ruixo-2021\"]", "[\"perez-ruixo-2021\"]"},
    {"route", take_route, 0, NULL, "\"intranasal\"", "\"intranasal\""},
    {"dose", take_dose, 0, NULL, "\"84 mg\" or \"0.5 mg/kg\"", NULL},
    {"devices", take_devices, 0, NULL, "3", NULL},
    {"devices_given", take_given, 0, NULL, "[true, true, false]", NULL},
    {"over", take_over, AT(over), "h", "\"40 min\" or \"bolus\"", NULL},
    {"drug", take_drug, 0, NULL, "\"racemate\"", NULL},
    {"age", take_quantity, AT(age), "years", "\"45 years\"", "\"45 years\""},
    {"weight", take_quantity, AT(weight), "kg", "\"70 kg\"", "\"70 kg\""},
    {"ancestry", take_ancestry, 0, NULL, "\"other\"", "\"other\""},
    {"sex", take_sex, 0, NULL, NULL, NULL},
    {"schedule", take_schedule, 0, NULL, "\"single\"", "\"single\""},
    {"second_session_shift", take_quantity, AT(shift), "h", "\"-24 h\"", NULL},
    {"threshold", take_quantity, AT(threshold), "ng/mL", "\"50 ng/mL\"", "\"50 ng/mL\""},
    {"analyte", take_name, AT(analyte), NULL, "\"esketamine\"", NULL},
    {"at", take_time, AT(at), "h", "\"2 h\"", "\"2 h\""},
    {"to", take_time, AT(to), "h", "\"24 h\"", NULL},
    {"patients", take_patients, 0, NULL, "200", "200"},
    {"seed", take_seed, 0, NULL, "1", "1"},
};

enum { KEY_COUNT = sizeof(keys) / sizeof(*keys) };

json_t *scenario_defaults(void)
{
    json_t *object = json_object();

    for (int i = 0; object && i < KEY_COUNT; i++) {
        json_t *value = keys[i].fallback ? json_loads(keys[i].fallback, JSON_DECODE_ANY, NULL) : json_null();
        if (json_object_set_new(object, keys[i].name, value) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* Told by their own names, so that nobody thinks that they do something. */
static void check_names(struct reading *r, const json_t *json)
{
    const char *names[KEY_COUNT];
    const char *name;
    json_t *value;

    for (int i = 0; i < KEY_COUNT; i++) {
        names[i] = keys[i].name;
    }
    /* jansson iterates over what it may change */
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        bool known = false;
        for (int i = 0; i < KEY_COUNT; i++) {
            known |= strcmp(name, names[i]) == 0;
        }
        if (!known) {
            const char *nearest = nearest_spelling(name, names, KEY_COUNT);
            mistake(r, "", "unknown key \"%.64s\"%s%s%s", name, nearest ? "; did you mean \"" : "",
                    nearest ? nearest : "", nearest ? "\"?" : "");
        }
    }
}

int scenario_read(struct scenario *scenario, const struct serve *serve, const json_t *json, int number,
                  json_t *errors)
{
    struct reading r = {.scenario = scenario, .serve = serve, .errors = errors, .number = number};

    *scenario = (struct scenario){.sessions = 1, .amount = NAN};
    if (!json_is_object(json)) {
        mistake(&r, "", "a scenario must be an object");
        return -1;
    }
    check_names(&r, json);
    for (int i = 0; i < KEY_COUNT; i++) {
        const json_t *value = json_object_get(json, keys[i].name);
        if (!value || json_is_null(value)) {
            value = json_object_get(serve->defaults, keys[i].name);
        }
        if (!json_is_null(value)) {
            keys[i].take(&r, &keys[i], value);
        }
    }
    if (r.mistakes == 0) {
        reading_check(&r);
    }
    return r.mistakes > 0 ? -1 : 0;
}
