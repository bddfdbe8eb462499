/* The study of a scenario, read: from what the reader of studies says of its lines back to the keys of the scenario. */
#include "app/study/study_read.h"
#include "serve.h"

#include <inttypes.h>
#include <string.h>

/* Which key of the scenario a key of the study comes from; NULL: that of the map that it stands in. */
static const char *field_of(const struct scenario *s, const char *key, const char *above)
{
    static const char *const fields[][2] = {
        {"model", "models"},
        {"models", "models"},
        {"age", "age"},
        {"weight", "weight"},
        {"asian", "ancestry"},
        {"japanese", "ancestry"},
        {"route", "route"},
        {"over", "over"},
        {"drug", "drug"},
        {"racemate", "drug"},
        {"every", "schedule"},
        {"times", "schedule"},
        {"at", "schedule"},
        {"count", "patients"},
        {"seed", "seed"},
        {"observe", "to"},
        {"time_above", "threshold"},
        {"course", "schedule"},
        {"sweep", "second_session_shift"},
        {"levels", "threshold"},
        {"level", "threshold"},
        {"analyte", "analyte"},
        {"after", "at"},
    };

    if (strcmp(above, "to") == 0 || strcmp(above, "second_session_shift") == 0) {
        return above; /* all of observe, of sweep */
    }
    if (strcmp(key, "dose") == 0 || strcmp(key, "regimen") == 0) {
        return s->by_devices ? "devices" : "dose";
    }
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        if (strcmp(fields[i][0], key) == 0) {
            return fields[i][1];
        }
    }
    return above;
}

/* The key of what stands at a place of the study; NULL where nothing does. */
static const char *field_at(const struct scenario *s, const struct node *node, const char *field, int line,
                            int column)
{
    const char *found = NULL;

    if (node->line == line && node->column == column) {
        return field;
    }
    for (int i = 0; i < node->count && !found; i++) {
        const struct node *key = node->keys ? node->keys[i] : NULL;
        const char *of = key ? field_of(s, key->text, field) : field;
        found = key && key->line == line && key->column == column
                    ? of
                    : field_at(s, node->items[i], of, line, column);
    }
    return found;
}

/* Hands on what the reader of studies said. */
static void tell(const struct diagnostics *d, const struct scenario *scenario, const struct node *root,
                 int number, json_t *errors, json_t *warnings)
{
    for (int i = 0; i < d->count; i++) {
        const struct diagnostic *item = &d->items[i];
        const char *field = root ? field_at(scenario, root, "", item->line, item->column) : NULL;
        if (item->severity == SEVERITY_ERROR) {
            scenario_error(errors, number, field ? field : "", "%s", item->text);
        } else {
            json_array_append_new(warnings, json_string(item->text));
        }
    }
    if (d->out_of_memory) {
        scenario_error(errors, number, "", "no memory");
    }
}

/* What the reader of studies takes without a word, because a study can have its reasons. */
static void warn_of_no_use(const struct study *study, const struct scenario *scenario, json_t *warnings)
{
    bool used = !scenario->asian;

    for (int m = 0; m < study->model_count; m++) {
        used |= model_uses_covariate(&study->models[m], "asian") ||
                model_uses_covariate(&study->models[m], "japanese");
    }
    if (!used) {
        json_array_append_new(warnings,
                              json_string("No model here depends on the ancestry; it changes nothing."));
    }
}

int scenario_study_read(struct study *study, const struct scenario *scenario, const char *text, int number,
                        json_t *errors, json_t *warnings)
{
    struct document document = {0};
    struct diagnostics d;
    int ret;

    diagnostics_init(&d);
    ret = study_parse(study, "scenario", text, strlen(text), NULL, 0, &d);
    if (d.count > 0) { /* once more, for the places: reading changes the tree */
        struct diagnostics again;
        diagnostics_init(&again);
        document_parse(&document, "scenario", text, strlen(text), &again);
        diagnostics_clear(&again);
    }
    tell(&d, scenario, document.root, number, errors, warnings);
    document_clear(&document);
    diagnostics_clear(&d);
    if (ret == 0) {
        warn_of_no_use(study, scenario, warnings);
    }
    if (ret == 0 && simulation_size(study) > SIMULATION_SIZE_MAX) {
        scenario_error(errors, number, "patients",
                       "%" PRId64
                       " patients x %d records x %d models are too many to be answered at once; take "
                       "fewer, or a shorter time",
                       study->patient_count, study->time_count, study->model_count);
        ret = -1;
    }
    if (ret != 0) {
        study_clear(study);
    }
    return ret;
}
