/* Scenarios of `ketsim serve`: JSON, from the text to a small simulation and its answer. */
#include "small_run.h"

#include "app/serve/serve.h"
#include "model/library.h"

/* What is read once; the fuzzer has one thread. */
static struct serve serve;

static void check_errors(const json_t *errors, int status)
{
    const json_t *defaults = serve.defaults;

    fuzz_promise((status == 0) == (json_array_size(errors) == 0));
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *error = json_array_get(errors, i);
        const char *field = json_string_value(json_object_get(error, "field"));
        const char *text = json_string_value(json_object_get(error, "message"));
        fuzz_promise(field && (*field == '\0' || json_object_get(defaults, field)));
        fuzz_promise(text && *text != '\0');
        fuzz_promise(strcmp(text, "no memory") != 0);
    }
}

/* Whatever a scenario says, its study names nothing of the machine. */
static void check_study(const struct study *study)
{
    static const char *const doors[] = {"from", "events", "table"};

    for (int m = 0; m < study->model_count; m++) {
        fuzz_promise(library_find(library_entries, library_count, study->models[m].document.name));
    }
    fuzz_promise(!study->table && !study->events);
    for (size_t i = 0; i < sizeof(doors) / sizeof(*doors); i++) {
        fuzz_promise(!node_find(node_find(study->document.root, "patients"), doors[i]));
        fuzz_promise(!node_find(node_find(study->document.root, "sweep"), doors[i]));
    }
}

static void simulate(const struct study *study, const struct scenario *scenario, const char *text)
{
    struct simulation simulation;
    struct diagnostics d;
    json_t *warnings = json_array();

    diagnostics_init(&d);
    if (simulation_run(&simulation, study, &d) == 0) {
        json_t *result = simulation_result(&simulation, scenario, text, warnings);
        fuzz_promise(result);
        char *dump = json_dumps(result, JSON_COMPACT);
        fuzz_promise(dump);
        free(dump);
        json_decref(result);
    } else {
        fuzz_promise(simulation.late);
    }
    simulation_clear(&simulation);
    diagnostics_clear(&d);
    json_decref(warnings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scenario scenario;
    struct study study = {0};
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    json_t *errors = json_array();
    json_t *warnings = json_array();
    char *text = NULL;

    if (!serve.units) {
        struct diagnostics d;
        diagnostics_init(&d);
        fuzz_promise(serve_init(&serve, &d) == 0);
    }
    if (json) {
        int status = scenario_read(&scenario, &serve, json, 0, errors);
        text = status == 0 ? scenario_study_text(&scenario, 0, errors) : NULL;
        status = text ? scenario_study_read(&study, &scenario, text, 0, errors, warnings) : -1;
        check_errors(errors, status);
        if (status == 0) {
            check_study(&study);
        }
        if (status == 0 && study.patient_count <= SMALL_PATIENTS && study.time_count <= 2 * SMALL_TIMES &&
            study.arms[0].dose_count <= SMALL_DOSES) {
            simulate(&study, &scenario, text);
        }
    }
    study_clear(&study);
    free(text);
    json_decref(warnings);
    json_decref(errors);
    json_decref(json);
    return 0;
}
