/* Published effect sites: what they add to a model, and what comes of it. */
#include "models.h"
#include "simulate.h"
#include "study_check.h"

#include "app/results/layout.h"
#include "model/effect_site.h"
#include "model/library.h"
#include "model/published_threshold.h"

#define LAYER "effect_site: olofsen-2022\n"

/* --- the golden values --- */

static double level_at(const struct simulation *s, const double *levels, double minutes)
{
    for (int i = 0; i < s->study.time_count; i++) {
        if (fabs(60 * s->study.times[i] - minutes) < 1e-9) {
            return levels[i];
        }
    }
    fail_msg("%g min is not observed", minutes);
    return NAN;
}

static double last_above(const struct simulation *s, const double *levels, double threshold)
{
    int i = s->study.time_count - 1;
    while (i > 0 && !(levels[i] > threshold)) {
        i--;
    }
    return 60 * s->study.times[i];
}

/* 84 mg nasal esketamine, typical patient of perez-ruixo-2021; an exact solution by an independent program, by quarters of a
 * minute, printed to two decimals. */
static void test_golden(void **state)
{
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        simulate(&s,
                 LAYER "model: perez-ruixo-2021\nseed: 1\npatients: {count: 1, variability: false}\n"
                       "arms: [{name: a, regimen: [{route: intranasal, dose: 84 mg}]}]\n"
                       "observe: {to: 8 h, every: 15 s}\n",
                 integrators[m].name, 1);
        assert_int_equal(s.study.analyte_count, 3);
        assert_string_equal(s.study.analytes[2], "esketamine_effect_site");
        const double *levels = simulation_levels(&s, 0, 0, 2);
        assert_close(simulation_metric(&s, 0, 0, 2, "cmax"), 96.63, 0, 0.005);
        assert_close(60 * simulation_metric(&s, 0, 0, 2, "tmax"), 59.75, 0, 1e-9);
        assert_close(level_at(&s, levels, 90), 84.32, 0, 0.005);
        assert_close(level_at(&s, levels, 120), 65.32, 0, 0.005);
        assert_close(last_above(&s, levels, 50), 149.75, 0, 1e-9);
        assert_close(last_above(&s, levels, 30), 218.75, 0, 1e-9);
        assert_close(last_above(&s, levels, 20), 296.0, 0, 1e-9);
        simulation_clear(&s);
    }
}

/* --- what is added --- */

/* The plasma is what it was, to rounding error, and nobody's draws change. */
static void test_plasma_unchanged(void **state)
{
#define REST                                                                                                 \
    "models: [perez-ruixo-2021, otto-2021, simons-2022]\nseed: 2\npatients: {count: 20, covariates: "        \
    "{weight: 70 kg, age: 25 years}}\n"                                                                      \
    "arms: [{name: a, regimen: [{route: iv, dose: 28 mg, over: 40 min}]}]\n"                                 \
    "observe: {to: 24 h, every: 30 min}\napplicability: ignore\n"                                            \
    "output: {store: [profiles, observations]}\n"
    struct simulation without;
    struct simulation with;
    (void)state;
    simulate(&without, REST, "exact", 1);
    simulate(&with, LAYER REST, "exact", 2);
    assert_int_equal(with.study.analyte_count, without.study.analyte_count + 1);
    for (int arm = 0; arm < 3; arm++) {
        for (int patient = 0; patient < 20; patient++) {
            for (int a = 0, b = 0; a < without.study.analyte_count; a++, b++) {
                b += strcmp(with.study.analytes[b], "esketamine_effect_site") == 0;
                assert_string_equal(without.study.analytes[a], with.study.analytes[b]);
                const double *one = simulation_levels(&without, arm, patient, a);
                const double *two = simulation_levels(&with, arm, patient, b);
                for (int t = 0; t < without.study.time_count; t++) {
                    assert_true(isnan(one[t]) ? isnan(two[t]) : fabs(one[t] - two[t]) <= 1e-11 * one[t]);
                }
            }
        }
    }
    simulation_clear(&without);
    simulation_clear(&with);
}

/* One compartment, two flows, one level before the effects, and nothing else; the level has no observations. */
static void test_addition(void **state)
{
    struct reading r;
    struct layout layout;
    struct given plain;
    (void)state;
    reading_of(&r, LAYER TOP("simons-2022") ARM "{route: iv, dose: 5 mg}" OBSERVE
                                                "output: {store: [profiles, observations]}\n");
    check_messages(
        &r.d,
        "s.yaml:1:14: warning: the effect site of olofsen-2022 is added to 1 of 1 models. Acute tolerance is "
        "not "
        "modeled, and a fixed threshold does not reproduce the clinical offset: in label trials the effects "
        "of 84 mg "
        "had resolved at 1.5 h, while the plasma level of perez-ruixo-2021 at 90 min is still 77 ng/mL.",
        __LINE__);
    assert_int_equal(r.status, 0);
    given_library(&plain, "simons-2022");
    const struct model *model = &r.study.models[0];
    assert_int_equal(model->compartment_count, plain.model.compartment_count + 1);
    assert_int_equal(model->flow_count, plain.model.flow_count + 2);
    assert_int_equal(model->output_count, plain.model.output_count + 1);
    assert_int_equal(model->level_count, model->output_count);
    assert_int_equal(model->parameter_count, plain.model.parameter_count);
    assert_string_equal(model->compartments[model->compartment_count - 1], "effect_site");
    assert_close(strtod(model->flows[model->flow_count - 1].rate, NULL), log(2) * 60 / 8.3, 1e-15, 0);
    assert_close(r.study.effect_site->half_life, 8.3 / 60, 1e-15, 0);
    assert_close(r.study.effect_site->c50, 121, 1e-15, 0);
    const struct published_threshold *published = published_threshold_find("olofsen-2022");
    assert_true(published &&
                published->level == r.study.effect_site->c50); /* the same number in two places */
    assert_int_equal(layout_init(&layout, &r.study, &r.d), 0);
    int found = 0;
    for (int i = 0; i < layout.count; i++) {
        found += strcmp(layout.variables[i].name, "esketamine_effect_site") == 0 ||
                 strcmp(layout.variables[i].name, "esketamine_observed") == 0;
        assert_string_not_equal(layout.variables[i].name, "esketamine_effect_site_observed");
    }
    assert_int_equal(found, 2);
    layout_clear(&layout);
    given_clear(&plain);
    reading_clear(&r);
}

/* Effects of the model keep following their levels. */
static void test_before_effects(void **state)
{
    const struct library_entry *entry = &effect_site_entries[0];
    struct effect_site site;
    struct given given;
    char text[4096];
    const char *at = strstr(small_model, "outputs:\n");
    (void)state;
    snprintf(text, sizeof(text),
             "%.*soutputs:\n  e: {effect: {of: esketamine, emax: 1, ec50: 1}}\n"
             "  esketamine: {amount: central, volume: V}\n"
             "golden:\n  - {title: t, source: s, route: iv, dose: 1 mg, times: [1 h], levels: {e: [1], "
             "esketamine: "
             "[1]}}\n",
             (int)(at - small_model), small_model);
    given_text(&given, text);
    assert_int_equal(effect_site_parse(&site, entry->name, entry->text, entry->size, given.units, &given.d),
                     0);
    assert_int_equal(effect_site_add(&site, &given.model, NOWHERE, &given.d), 0);
    assert_int_equal(model_output(&given.model, "esketamine"), 0);
    assert_int_equal(model_output(&given.model, "esketamine_effect_site"), 1);
    assert_int_equal(model_output(&given.model, "e"), 2);
    assert_int_equal(given.model.outputs[2].of, 0);
    assert_int_equal(given.model.goldens[0].series[0].output, 2);
    assert_int_equal(given.model.goldens[0].series[1].output, 0);
    /* A second one has no name left. */
    assert_int_equal(effect_site_add(&site, &given.model, NOWHERE, &given.d), -1);
    assert_told(&given.d, "small has a compartment \"effect_site\" or something called "
                          "\"esketamine_effect_site\" already; rename it, or leave out the effect site");
    given.model.compartments[given.model.compartment_count - 1] = "other";
    given.model.outputs[1].analyte = "other";
    given.model.flow_count = MODEL_FLOWS_MAX - 1;
    assert_int_equal(effect_site_add(&site, &given.model, NOWHERE, &given.d), -1);
    assert_told(&given.d, "small is too large for an effect site besides");
    effect_site_clear(&site);
    given_clear(&given);
}

/* --- mistakes --- */

static void test_studies(void **state)
{
    (void)state;
    expect_mistakes("effect_site: olofsen\n" TOP("otto-2021") ARM "{route: iv, dose: 5 mg}" OBSERVE,
                    "s.yaml:1:14: error: \"olofsen\" is no effect site (olofsen-2022, none)");
    expect_mistakes(LAYER TOP("domino-1982") ARM "{route: iv, dose: 5 mg}" OBSERVE,
                    "s.yaml:1:14: error: none of the study's models has esketamine, which the effect site of "
                    "olofsen-2022 follows; take a model of it, or `effect_site: none`");
    struct reading r;
    read_right(&r, "effect_site: none\n" TOP("otto-2021") ARM "{route: iv, dose: 5 mg}" OBSERVE);
    assert_null(r.study.effect_site);
    assert_int_equal(r.study.analyte_count, 2);
    reading_clear(&r);
}

/* Every layer of the tree says where it is from and what it does not tell. */
static void test_library(void **state)
{
    struct units *units = units_create();
    struct diagnostics d;
    (void)state;
    diagnostics_init(&d);
    assert_true(effect_site_count >= 1);
    for (int i = 0; i < effect_site_count; i++) {
        const struct library_entry *entry = &effect_site_entries[i];
        struct effect_site site;
        effect_site_parse(&site, entry->name, entry->text, entry->size, units, &d);
        assert_no_errors(&d);
        assert_string_equal(site.name, entry->name);
        assert_true(strlen(site.citation) > 10 && strlen(site.doi) > 5 && strlen(site.population) > 0);
        assert_true(site.limit_count >= 1);
        effect_site_clear(&site);
    }
    units_free(units);
}

static void test_files(void **state)
{
    static const char right[] = "effect_site: e\ntitle: t\ncitation: c\nanalyte: esketamine\n"
                                "half_life: 8.3 min\nc50: 121 ng/mL\nlimits: [none]\n";
    static const char *const wrong[][3] = {
        {"8.3 min", "8.3 mg", "e.yaml:5:12: error: \"8.3 mg\" is a mass"},
        {"8.3 min", "0 min", "e.yaml:5:12: error: half_life is above 0, not \"0 min\""},
        {"121 ng/mL", "-1 ng/mL", "e.yaml:6:6: error: c50 is above 0, not \"-1 ng/mL\""},
        {"[none]", "[]", "e.yaml:7:9: error: every layer has limits; state them"},
        {"analyte: ", "analite: ", "did you mean \"analyte\"?"},
    };
    struct units *units = units_create();
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct effect_site site;
        struct diagnostics d;
        char text[512];
        const char *at = strstr(right, wrong[i][0]);
        diagnostics_init(&d);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - right), right, wrong[i][1],
                 at + strlen(wrong[i][0]));
        assert_int_equal(effect_site_parse(&site, "e.yaml", text, strlen(text), units, &d), -1);
        assert_told(&d, wrong[i][2]);
        assert_null(site.document.root);
        effect_site_clear(&site);
        diagnostics_clear(&d);
    }
    units_free(units);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),   cmocka_unit_test(test_plasma_unchanged),
        cmocka_unit_test(test_addition), cmocka_unit_test(test_before_effects),
        cmocka_unit_test(test_studies),  cmocka_unit_test(test_library),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
