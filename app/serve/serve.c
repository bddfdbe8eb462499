#include "serve.h"

#include "app/base/interrupt.h"
#include "app/study/study_read.h"
#include "page_files.h"
#include "serve_http.h"

#include "model/library.h"

#include <stdlib.h>
#include <string.h>

static const size_t dump_flags = JSON_COMPACT | JSON_REAL_PRECISION(9);

static const char page_left_out[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>ketsim</title>\n"
    "<h1>ketsim</h1>\n<p>The page was left out of this build, which had no Node.js to make it with. The "
    "program "
    "itself answers at /api/choices and /api/simulate.</p>\n"
    "<p>Research and teaching tool, not a medical device.</p>\n</html>\n";

int serve_init(struct serve *serve, struct diagnostics *d)
{
    *serve = (struct serve){.units = units_create(), .defaults = scenario_defaults()};
    serve->models = calloc((size_t)library_count, sizeof(*serve->models));
    if (!serve->units || !serve->defaults || !serve->models) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < library_count; i++) {
        if (model_read(&serve->models[i], library_entries[i].name, serve->units, NOWHERE, d) != 0) {
            return -1;
        }
        serve->model_count++;
    }
    serve->courses = calloc((size_t)course_count, sizeof(*serve->courses));
    for (int i = 0; i < course_count && serve->courses; i++) {
        if (course_read(&serve->courses[i], course_entries[i].name, serve->units, NOWHERE, d) != 0) {
            return -1;
        }
        serve->course_count++;
    }
    json_t *choices = serve->courses ? serve_choices(serve) : NULL;
    serve->choices = choices ? json_dumps(choices, dump_flags) : NULL;
    json_decref(choices);
    return serve->choices ? 0 : diagnostics_out_of_memory(d);
}

void serve_clear(struct serve *serve)
{
    for (int i = 0; i < serve->model_count; i++) {
        model_clear(&serve->models[i]);
    }
    for (int i = 0; i < serve->course_count; i++) {
        course_clear(&serve->courses[i]);
    }
    free(serve->courses);
    free(serve->models);
    free(serve->choices);
    json_decref(serve->defaults);
    units_free(serve->units);
    *serve = (struct serve){0};
}

/* --- Answers --- */

static void answer_memory(struct http_answer *answer)
{
    http_refuse(answer, 503, "no memory");
}

/* Takes over `json`; NULL is lack of memory. */
static void answer_json(struct http_answer *answer, int status, json_t *json)
{
    char *text = json ? json_dumps(json, dump_flags) : NULL;

    json_decref(json);
    if (!text) {
        answer_memory(answer);
        return;
    }
    *answer = (struct http_answer){
        .status = status, .type = "application/json", .text = text, .size = strlen(text)};
}

/* The body as JSON; NULL with the answer that it is none. */
static json_t *body_read(const char *body, size_t size, struct http_answer *answer)
{
    json_error_t why;
    json_t *json = json_loadb(body, size, JSON_REJECT_DUPLICATES, &why);

    if (!json) {
        http_refuse(answer, 400, "the body is no JSON: line %d, column %d: %s", why.line, why.column,
                    why.text);
    }
    return json;
}

/* A scenario on its way to its result. */
struct question {
    struct scenario scenario;
    char *text; /* of the study; owned */
    struct study study;
    json_t *warnings; /* owned */
};

/* Whether a scenario can be simulated; if not, why is in `errors`. 0, or -1; clearing is allowed either way. */
static int question_read(struct question *question, const struct serve *serve, const json_t *json, int number,
                         json_t *errors)
{
    *question = (struct question){.warnings = json_array()};
    if (scenario_read(&question->scenario, serve, json, number, errors) != 0) {
        return -1;
    }
    question->text = scenario_study_text(&question->scenario, number, errors);
    return question->text ? scenario_study_read(&question->study, &question->scenario, question->text, number,
                                                errors, question->warnings)
                          : -1;
}

static void question_clear(struct question *question)
{
    study_clear(&question->study);
    free(question->text);
    json_decref(question->warnings);
}

/* Takes over `errors`. */
static void answer_errors(struct http_answer *answer, json_t *errors)
{
    answer_json(answer, 422, json_pack("{s:o}", "errors", errors));
}

static void tell_failure(struct http_answer *answer, int status, const struct diagnostics *d)
{
    http_refuse(answer, status, "%s", d->count > 0 ? d->items[0].text : "no memory");
}

/* Adds a result to the list; 0, or -1 with the answer that tells why not. */
static int question_simulate(const struct question *question, json_t *results, struct http_answer *answer)
{
    struct simulation simulation;
    struct diagnostics d;
    int ret;

    diagnostics_init(&d);
    ret = simulation_run(&simulation, &question->study, &d);
    if (ret != 0) {
        tell_failure(answer, 503, &d);
    } else if (json_array_append_new(results, simulation_result(&simulation, &question->scenario,
                                                                question->text, question->warnings)) != 0) {
        answer_memory(answer);
        ret = -1;
    }
    simulation_clear(&simulation);
    diagnostics_clear(&d);
    return ret;
}

static void simulate(void *payload, const char *body, size_t size, const char *query,
                     struct http_answer *answer)
{
    const struct serve *serve = payload;
    struct question questions[SERVE_SCENARIOS_MAX] = {0};
    json_t *json = body_read(body, size, answer);
    json_t *scenarios = json_object_get(json, "scenarios");
    const int count = (int)json_array_size(scenarios);
    json_t *errors = json_array();
    json_t *results = json_array();
    int failed = 0;

    (void)query;
    if (json && (json_object_size(json) != 1 || count < 1 || count > SERVE_SCENARIOS_MAX)) {
        http_refuse(answer, 400, "the body must be {\"scenarios\": [...]} with one or two scenarios");
        failed = -1;
    }
    if (json && !failed) {
        for (int i = 0; i < count; i++) {
            failed |= question_read(&questions[i], serve, json_array_get(scenarios, (size_t)i), i, errors);
        }
        if (failed) {
            answer_errors(answer, json_incref(errors));
        }
        for (int i = 0; i < count && !failed; i++) {
            failed = question_simulate(&questions[i], results, answer);
        }
        if (!failed) {
            answer_json(answer, 200, json_pack("{s:O}", "results", results));
        }
        for (int i = 0; i < count; i++) {
            question_clear(&questions[i]);
        }
    }
    json_decref(results);
    json_decref(errors);
    json_decref(json);
}

/* Reads the one scenario that a body is; 0, or -1 with the answer that tells why not. Clearing is allowed either way. */
static int body_question(struct question *question, const struct serve *serve, const json_t *json,
                         struct http_answer *answer)
{
    json_t *errors = json_array();
    const int failed = question_read(question, serve, json, 0, errors);

    if (failed) {
        answer_errors(answer, json_incref(errors));
    }
    json_decref(errors);
    return failed;
}

static void study_file(void *payload, const char *body, size_t size, const char *query,
                       struct http_answer *answer)
{
    struct question question = {0};
    json_t *json = body_read(body, size, answer);

    (void)query;
    if (json && body_question(&question, payload, json, answer) == 0) {
        *answer = (struct http_answer){.status = 200,
                                       .type = "text/yaml; charset=utf-8",
                                       .text = question.text,
                                       .size = strlen(question.text),
                                       .saved = "scenario.yaml"};
        question.text = NULL;
    }
    question_clear(&question);
    json_decref(json);
}

static void picture(void *payload, const char *body, size_t size, const char *query,
                    struct http_answer *answer)
{
    const bool png = query && strcmp(query, "png") == 0;
    struct question question = {0};
    struct diagnostics d;
    json_t *json = body_read(body, size, answer);
    char *bytes = NULL;
    size_t length = 0;

    diagnostics_init(&d);
    if (json && query && !png && strcmp(query, "svg") != 0) {
        http_refuse(answer, 400, "the format must be svg or png");
    } else if (json && body_question(&question, payload, json, answer) == 0) {
        const int ret = serve_picture(&question.study, png ? PLOT_PNG : PLOT_SVG, &bytes, &length, &d);
        if (ret != 0) {
            tell_failure(answer, ret == -2 ? 501 : 503, &d);
        } else {
            *answer = (struct http_answer){.status = 200,
                                           .type = png ? "image/png" : "image/svg+xml",
                                           .text = bytes,
                                           .size = length,
                                           .saved = png ? "scenario.png" : "scenario.svg"};
        }
    }
    question_clear(&question);
    diagnostics_clear(&d);
    json_decref(json);
}

/* --- The server --- */

int serve_run(const char *address, int port, FILE *out, struct diagnostics *d)
{
    enum { API = 4 };
    struct serve serve;
    struct http_server *server = NULL;
    const int pages = page_file_count > 0 ? page_file_count : 1;
    struct http_route *routes = calloc((size_t)(API + pages), sizeof(*routes));
    struct http_answer *ready = calloc((size_t)(1 + pages), sizeof(*ready));
    int ret = serve_init(&serve, d);

    if (ret == 0 && (!routes || !ready)) {
        ret = diagnostics_out_of_memory(d);
    }
    if (ret == 0) {
        ready[0] = (struct http_answer){.status = 200,
                                        .type = "application/json",
                                        .text = serve.choices,
                                        .size = strlen(serve.choices),
                                        .shared = true};
        routes[0] = (struct http_route){.path = "/api/choices", .ready = &ready[0]};
        routes[1] = (struct http_route){.path = "/api/simulate", .compute = simulate};
        routes[2] = (struct http_route){.path = "/api/study", .compute = study_file};
        routes[3] = (struct http_route){.path = "/api/plot", .compute = picture, .query = "format"};
        for (int i = 0; i < page_file_count; i++) {
            ready[1 + i] = (struct http_answer){.status = 200,
                                                .type = page_files[i].type,
                                                .text = (char *)(uintptr_t)page_files[i].bytes,
                                                .size = page_files[i].size,
                                                .shared = true};
            routes[API + i] = (struct http_route){.path = page_files[i].path, .ready = &ready[1 + i]};
        }
        if (page_file_count == 0) {
            ready[1] = (struct http_answer){.status = 200,
                                            .type = "text/html; charset=utf-8",
                                            .text = (char *)(uintptr_t)page_left_out,
                                            .size = strlen(page_left_out),
                                            .shared = true};
            routes[API] = (struct http_route){.path = "/", .ready = &ready[1]};
        }
        server = http_start(address, port, routes, API + pages, &serve, d);
        ret = server ? 0 : -1;
    }
    if (ret == 0) {
        fprintf(out, "%s\n", http_url(server));
        fflush(out);
        http_work(server, interrupt_came);
    }
    http_stop(server);
    serve_clear(&serve);
    free(routes);
    free(ready);
    return ret;
}
