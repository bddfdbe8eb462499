/* event_check - what the tests of event tables share: a model, rules, tables in memory. */
#ifndef KETSIM_TESTS_EVENT_CHECK_H
#define KETSIM_TESTS_EVENT_CHECK_H

#include "check_document.h"

#include "app/study/event_table.h"

/* Compartments 1 and 2; central has a modeled duration and rate, depot has none. */
static const char event_model[] =
    "model: small\n"
    "title: A model to test with\n"
    "citation: none\n"
    "drug: racemate\n"
    "sampling: venous\n"
    "parameters:\n"
    "  V: {typical: 20, unit: L}\n"
    "  CL: {typical: 1, unit: L/h}\n"
    "compartments: [depot, central, oral]\n"
    "flows:\n"
    "  - {from: depot, to: central, rate: \"1\"}\n"
    "  - {from: oral, to: central, rate: \"1\"}\n"
    "  - {from: central, rate: CL/V}\n"
    "routes:\n"
    "  iv: {inputs: [{to: central}]}\n"
    "  intranasal: {devices: {amount: 28 mg, spacing: 5 min}, inputs: [{to: depot}]}\n"
    "  oral: {inputs: [{to: depot, fraction: \"0.5\", over: \"2\"}]}\n"
    "  buccal: {inputs: [{to: depot, fraction: \"0.5\"}]}\n"
    "doses: {central: {over: \"3\", rate: \"50\"}}\n"
    "outputs: {ketamine: {amount: central, volume: V}}\n";

/* Its first compartment is another one, and it has no depot. */
static const char other_event_model[] = "model: other\n"
                                        "title: A model to test with\n"
                                        "citation: none\n"
                                        "drug: racemate\n"
                                        "sampling: venous\n"
                                        "parameters:\n"
                                        "  V: {typical: 20, unit: L}\n"
                                        "  CL: {typical: 1, unit: L/h}\n"
                                        "compartments: [central, peripheral]\n"
                                        "flows: [{from: central, rate: CL/V}]\n"
                                        "routes: {iv: {inputs: [{to: central}]}}\n"
                                        "outputs: {ketamine: {amount: central, volume: V}}\n";

struct event_check {
    struct units *units;
    struct diagnostics d;
    struct model models[2];
    struct event_rules rules; /* of the first model; hours and mg */
    struct event_table table;
};

static const struct event_covariate event_covariates[] = {{"age", "years", false, NULL},
                                                          {"weight", "kg", false, NULL},
                                                          {"asian", "1", true, NULL},
                                                          {"score", "1", false, NULL}};

static inline void event_check_init(struct event_check *c)
{
    *c = (struct event_check){.units = units_create()};
    assert_non_null(c->units);
    diagnostics_init(&c->d);
    model_parse(&c->models[0], "small.yaml", event_model, strlen(event_model), c->units, &c->d);
    model_parse(&c->models[1], "other.yaml", other_event_model, strlen(other_event_model), c->units, &c->d);
    assert_no_errors(&c->d);
    c->rules = (struct event_rules){.covariates = event_covariates,
                                    .covariate_count = 4,
                                    .models = c->models,
                                    .model_count = 1,
                                    .time = {1, 1},
                                    .amount = {1, 1}};
}

/* For the next table. */
static inline void event_check_again(struct event_check *c)
{
    event_table_clear(&c->table);
    diagnostics_clear(&c->d);
}

static inline void event_check_clear(struct event_check *c)
{
    event_check_again(c);
    model_clear(&c->models[0]);
    model_clear(&c->models[1]);
    units_free(c->units);
}

static inline int event_try(struct event_check *c, const char *text, size_t size)
{
    event_check_again(c);
    return event_table_parse(&c->table, "t.csv", text, size, &c->rules, &c->d);
}

/* Reads a table that must be right, without a word. */
static inline const struct event_table *event_take(struct event_check *c, const char *text)
{
    const int failed = event_try(c, text, strlen(text));

    assert_no_errors(&c->d);
    assert_int_equal(c->d.count, 0);
    assert_int_equal(failed, 0);
    return &c->table;
}

/* Fails unless a table is answered with these messages, one in a line, and is refused if one is an error. */
#define assert_answer_bytes(c, text, size, expected)                                                         \
    do {                                                                                                     \
        char assert_told_text[TOLD_MAX];                                                                     \
        const int assert_failed = event_try((c), (text), (size));                                            \
        tell(&(c)->d, assert_told_text);                                                                     \
        assert_string_equal(assert_told_text, (expected));                                                   \
        assert_int_equal(assert_failed, (c)->d.errors > 0 ? -1 : 0);                                         \
        assert_true(!assert_failed || !(c)->table.events);                                                   \
    } while (0)

#define assert_answer(c, text, expected) assert_answer_bytes((c), (text), strlen(text), (expected))

#endif
