/* The section `optimize` of a study: what is varied, candidates, constraints, and the arms that they become. */
#include "study_check.h"

/* A study of two arms with the text of `optimize`, which stands at 10:11; its second item is an infusion. */
#define ARMS                                                                                                 \
    "arms:\n"                                                                                                \
    "  - name: a\n"                                                                                          \
    "    regimen: [{route: iv, dose: 5 mg, over: 10 min}, {route: iv, dose: 7 mg, over: 1 h, at: 2 h}]\n"    \
    "  - name: b\n"                                                                                          \
    "    regimen:\n"                                                                                         \
    "      - {route: iv, dose: 5 mg, over: 30 min, every: 6 h, times: 2}\n"
#define END                                                                                                  \
    "observe: {to: 12 h, every: 30 min}\nexposure: {metrics: [cmax, auc_last], time_above: [50 ng/mL]}\n"
#define STUDY(optimize) OTTO ARMS "optimize: " optimize "\n" END

#define PEAK "{probability: {analyte: esketamine, metric: cmax, above: 100 ng/mL}, at_most: 5 %}"
#define STEPS "from: 5 mg, to: 8 mg, step: 0.5 mg"
#define SEARCH(vary, candidates, constraints)                                                                \
    "{vary: " vary ", " candidates ", constraints: [" constraints "], prefer: largest}"

static void candidates_of(struct reading *r, const char *text)
{
    diagnostics_init(&r->d);
    r->status = study_parse_candidates(&r->study, "s.yaml", text, strlen(text), &r->d);
}

/* Candidates are those that a list would hold, to the bit; in `run` they change no arm. */
static void test_candidates(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, STUDY(SEARCH("dose", STEPS, PEAK)));
    assert_int_equal(r.study.arm_count, 2);
    assert_int_equal(r.study.axis_count, 0);
    assert_string_equal(r.study.arms[0].label, "a");
    const struct optimize *o = &r.study.optimize;
    assert_string_equal(o->vary, "dose");
    assert_string_equal(o->unit, "mg");
    assert_true(o->largest);
    assert_int_equal(o->candidate_count, 7);
    static const double doses[] = {5, 5.5, 6, 6.5, 7, 7.5, 8};
    static const char *const texts[] = {"5 mg", "5.5 mg", "6 mg", "6.5 mg", "7 mg", "7.5 mg", "8 mg"};
    for (int i = 0; i < 7; i++) {
        assert_true(o->candidates[i].value == doses[i]);
        assert_string_equal(o->candidates[i].text, texts[i]);
    }
    reading_clear(&r);

    read_right(&r, STUDY(SEARCH("arms.a.regimen.1.over", "from: 0.1 h, to: 1 h, step: 6 min", PEAK)));
    assert_int_equal(r.study.optimize.candidate_count, 10);
    assert_string_equal(r.study.optimize.candidates[9].text, "60 min");
    assert_string_equal(r.study.optimize.what, "over");
    reading_clear(&r);

    read_right(&r, STUDY(SEARCH("dose", "values: [0.1 mg/kg, 200 mcg/kg, 0.3 mg/kg]", PEAK)));
    assert_int_equal(r.study.optimize.candidate_count, 3);
    assert_true(r.study.optimize.candidates[1].value == 0.2);
    assert_string_equal(r.study.optimize.candidates[1].text, "200 mcg/kg");
    assert_string_equal(r.study.optimize.unit, "mg/kg");
    reading_clear(&r);
}

/* Every arm that is varied, at each point of the sweep with each candidate. */
static void test_arms_of_candidates(void **state)
{
    (void)state;
    struct reading r;
    candidates_of(&r, OTTO ARMS "sweep: {design: grid, weight: [50 kg, 90 kg]}\noptimize: " SEARCH(
                          "arms.a.regimen.1.over", "values: [20 min, 40 min, 1 h]", PEAK) "\n" END);
    check_messages(
        &r.d, "s.yaml:11:18: warning: arms.a.regimen.1.over sets nothing in arm \"b\", which is left out",
        __LINE__);
    static const char *const labels[] = {
        "a, weight 50 kg, over 20 min", "a, weight 50 kg, over 40 min", "a, weight 50 kg, over 1 h",
        "a, weight 90 kg, over 20 min", "a, weight 90 kg, over 40 min", "a, weight 90 kg, over 1 h",
    };
    assert_int_equal(r.study.arm_count, 6);
    assert_int_equal(r.study.axis_count, 2);
    for (int i = 0; i < 6; i++) {
        const struct arm *arm = &r.study.arms[i];
        assert_string_equal(arm->label, labels[i]);
        assert_true(arm->axis_values[0] == (i < 3 ? 50 : 90));
        assert_true(arm->axis_values[1] == 20 * (i % 3 + 1));
        assert_true(arm->doses[0].over == 600 && arm->doses[1].over == 1200 * (i % 3 + 1));
    }
    reading_clear(&r);

    candidates_of(&r, STUDY(SEARCH("every", "values: [3 h, 4 h]", PEAK)));
    assert_int_equal(r.status, -1); /* arm a repeats nothing: which arm is meant? */
    reading_clear(&r);
    candidates_of(&r, STUDY(SEARCH("arms.b.every", "values: [3 h, 4 h]", PEAK)));
    assert_int_equal(r.status, 0);
    assert_true(r.study.arms[1].doses[1].time == 4 * 3600);
    reading_clear(&r);
}

/* Points of a design that draws keep their numbers and values. */
static void test_candidates_at_drawn_points(void **state)
{
    (void)state;
    struct reading plain;
    struct reading r;
    const char text[] =
        OTTO ARMS "sweep: {design: sobol, points: 3, weight: {uniform: {min: 50 kg, max: 90 kg}}}\n"
                  "optimize: " SEARCH("dose", STEPS, PEAK) "\n" END;
    read_right(&plain, text);
    candidates_of(&r, text);
    assert_no_errors(&r.d);
    assert_int_equal(plain.study.arm_count, 6);
    assert_int_equal(r.study.arm_count, 42);
    for (int i = 0; i < 42; i++) {
        const struct arm *before = &plain.study.arms[i / 7];
        assert_true(r.study.arms[i].axis_values[0] == before->axis_values[0]);
        assert_int_equal(strncmp(r.study.arms[i].label, before->label, strlen(before->label)), 0);
        assert_true(r.study.arms[i].doses[0].amount == 5 + 0.5 * (i % 7));
    }
    reading_clear(&plain);
    reading_clear(&r);
}

static void test_constraints(void **state)
{
    (void)state;
    struct reading r;
    const char text[] = STUDY(
        SEARCH("dose", STEPS,
               "{probability: {analyte: esketamine, metric: time_above_50, below: 90 min}, at_most: 0.1}, "
               "{probability: {analyte: esketamine, at: 90 min, above: 0.05 mg/L}, at_least: 80 %}"));
    read_right(&r, text);
    const struct constraint *c = r.study.optimize.constraints;
    assert_int_equal(r.study.optimize.constraint_count, 2);
    assert_string_equal(r.study.metrics[c[0].metric].name, "time_above_50");
    assert_true(c[0].below && c[0].threshold == 1.5 && c[0].at_most && c[0].probability == 0.1);
    assert_string_equal(c[0].unit, "h");
    assert_true(c[1].metric == -1 && c[1].time == 3 && !c[1].below && !c[1].at_most);
    assert_true(c[1].threshold == 50 && c[1].probability == 0.8);
    reading_clear(&r);

    /* What no constraint is on is not computed. */
    candidates_of(&r, text);
    assert_no_errors(&r.d);
    assert_int_equal(r.study.metric_count, 1);
    assert_int_equal(r.study.optimize.constraints[0].metric, 0);
    assert_int_equal(r.study.time_count, 25);
    assert_int_equal(r.study.store, STORE_EXPOSURE);
    reading_clear(&r);
    candidates_of(
        &r,
        STUDY(SEARCH("dose", STEPS,
                     "{probability: {analyte: esketamine, at: 3 h, above: 9 ng/mL}, at_least: 80 %}, "
                     "{probability: {analyte: esketamine, at: 90 min, above: 50 ng/mL}, at_least: 80 %}")));
    assert_no_errors(&r.d);
    assert_int_equal(r.study.store, 0);
    assert_int_equal(r.study.time_count, 2);
    assert_true(r.study.times[r.study.optimize.constraints[0].time] == 3);
    assert_true(r.study.times[r.study.optimize.constraints[1].time] == 1.5);
    reading_clear(&r);
}

/* --- mistakes --- */

struct mistake {
    const char *text;
    const char *told;
};

#define EVENT(event) "{probability: {analyte: esketamine, " event "}, at_most: 5 %}"
#define WITH(constraint) STUDY(SEARCH("dose", STEPS, constraint))

static void test_mistakes(void **state)
{
    static const struct mistake mistakes[] = {
        {STUDY(SEARCH("dos", STEPS, PEAK)), "s.yaml:10:18: error: \"dos\" is no thing to vary (dose, over, "
                                            "every, at, delay); did you mean dose?"},
        {STUDY(SEARCH("weight", STEPS, PEAK)),
         "s.yaml:10:18: error: \"weight\" is no thing to vary (dose, over, every, at, delay)"},
        {STUDY(SEARCH("arms.a.ovr", STEPS, PEAK)), "s.yaml:10:18: error: \"ovr\" is nothing that optimize "
                                                   "can set in an arm (dose, over, every, at, delay); "
                                                   "did you mean over?"},
        {STUDY(SEARCH("arms.c.dose", STEPS, PEAK)), "s.yaml:10:18: error: \"arms.c.dose\": the study has no "
                                                    "arm \"c\"; give its name, or its number from 0"},
        {STUDY(SEARCH("arms.b.every", STEPS, PEAK)),
         "s.yaml:10:60: error: \"0.5 mg\" is a mass; a time is expected here, for example 0.5 h"},
        {STUDY(SEARCH("dose", "from: 1 mg/kg, to: 2 mg, step: 1 mg", PEAK)),
         "s.yaml:10:30: error: \"1 mg/kg\" is a mass per body weight; a mass is expected here, for example 1 "
         "mg"},
        {STUDY(SEARCH("dose", "from: 5 mg, to: 8 mg, step: 2 mg", PEAK)),
         "s.yaml:10:40: error: to \"8 mg\" is no whole number of steps from \"5 mg\"; take 7 mg or 9 mg"},
        {STUDY(SEARCH("dose", "from: 5 mg, to: 4 mg, step: 2 mg", PEAK)),
         "s.yaml:10:40: error: to \"4 mg\" must not be below from \"5 mg\""},
        {STUDY(SEARCH("dose", "from: 5 mg, to: 8 mg, step: 0 mg", PEAK)),
         "s.yaml:10:52: error: \"0 mg\" must be above 0"},
        {STUDY(SEARCH("dose", "from: 5 mg, to: 8 mg, step: 1 ng", PEAK)),
         "s.yaml:10:52: error: 3000001 candidates are more than 10000; take a larger step"},
        {STUDY(SEARCH("dose", "from: 5 mg, step: 1 ng", PEAK)),
         "s.yaml:10:11: error: \"to\" is missing in optimize, which takes from, to and step, or values"},
        {STUDY(SEARCH("arms.a.regimen.0.over", "from: 0 min, to: 5 min, step: 1 min", PEAK)),
         "s.yaml:10:47: error: \"0 min\" must be above 0"},
        {STUDY(SEARCH("dose", "values: [1 mg, 3 mg, 2 mg]", PEAK)),
         "s.yaml:10:45: error: \"2 mg\" must be above the candidate before it, \"3 mg\""},
        {STUDY(SEARCH("dose", "values: []", PEAK)),
         "s.yaml:10:32: error: `values` lists 1 to 10000 candidates"},
        {STUDY(SEARCH("dose", "values: [1 mg], from: 1 mg", PEAK)),
         "s.yaml:10:46: error: `values` lists all candidates; leave out \"from\""},
        {STUDY(SEARCH("delay", "values: [1 h]", PEAK)),
         "s.yaml:10:18: error: which session is delayed? write `session: 2` for the second"},
        {STUDY(SEARCH("dose", "session: 1, values: [1 mg]", PEAK)),
         "s.yaml:10:33: error: a session is named for a delay only"},
        {WITH("{probability: {analyte: ketamine, metric: cmax, above: 9 ng/mL}, at_most: 5 %}"),
         "s.yaml:10:98: error: \"ketamine\" is no analyte of the study's models (esketamine, noresketamine); "
         "did you "
         "mean esketamine?"},
        {WITH(EVENT("metric: cmx, above: 9 ng/mL")),
         "s.yaml:10:118: error: \"cmx\" is no metric that the study's `exposure` computes (cmax, auc_last, "
         "time_above_50); did you mean cmax?"},
        {WITH(EVENT("metric: auc_inf, above: 9 ng*h/mL")),
         "s.yaml:10:118: error: the study does not compute auc_inf; add it to exposure.metrics"},
        {WITH(EVENT("metric: auc_last, above: 9 ng/mL")),
         "s.yaml:10:135: error: \"9 ng/mL\" is a mass concentration; an area under a mass concentration is "
         "expected "
         "here, for example 9 ng*h/mL"},
        {WITH(EVENT("at: 35 min, above: 9 ng/mL")),
         "s.yaml:10:114: error: nothing is observed at \"35 min\"; the nearest time of `observe` is 0.5 h"},
        {WITH(EVENT("at: 1 h, metric: cmax, above: 9 ng/mL")),
         "s.yaml:10:114: error: the value is `metric` or `at`, not both"},
        {WITH(EVENT("above: 9 ng/mL")), "s.yaml:10:88: error: the value is missing: give `metric` or `at`"},
        {WITH(EVENT("metric: cmax")),
         "s.yaml:10:88: error: the threshold is missing: give `above` or `below`"},
        {WITH("{probability: {analyte: esketamine, metric: cmax, above: 9 ng/mL}}"),
         "s.yaml:10:74: error: the bound is missing: give `at_most` or `at_least`"},
        {WITH("{probability: {analyte: esketamine, metric: cmax, above: 9 ng/mL}, at_most: 5 %, at_least: 1 "
              "%}"),
         "s.yaml:10:165: error: the bound is `at_most` or `at_least`, not both"},
        {WITH("{probability: {analyte: esketamine, metric: cmax, above: 9 ng/mL}, at_most: 105 %}"),
         "s.yaml:10:150: error: a probability \"105 %\" must lie between 0 and 1 (100 %)"},
        {WITH(""), "s.yaml:10:73: error: optimize keeps to 1 to 32 constraints"},
        {STUDY("{vary: dose, " STEPS ", constraints: [" PEAK "]}"),
         "s.yaml:10:11: error: key \"prefer\" is missing in optimize"},
        {STUDY("{vary: dose, " STEPS ", constrains: [" PEAK "], prefer: largest}"),
         "s.yaml:10:11: error: key \"constraints\" is missing in optimize\n"
         "s.yaml:10:60: error: unknown key \"constrains\" in optimize; did you mean \"constraints\"?"},
        {OTTO ARMS
         "sweep: {design: grid, dose: [1 mg, 2 mg]}\noptimize: " SEARCH("arms.a.dose", STEPS, PEAK) "\n" END,
         "s.yaml:11:18: error: optimize varies what the axis dose of the sweep sets, too"},
        {OTTO ARMS "sweep: {design: morris, points: 20, weight: {uniform: {min: 50 kg, max: 90 kg}}}\n"
                   "optimize: " SEARCH("dose", STEPS, PEAK) "\n" END,
         "s.yaml:11:18: error: a sweep of the design morris tells what matters, not what to give; leave out "
         "`sweep` "
         "or `optimize`"},
        {PEREZ ARM "{route: intranasal, dose: 28 mg}\noptimize: " SEARCH(
             "dose", "from: 14 mg, to: 56 mg, step: 14 mg", PEAK) OBSERVE,
         "s.yaml:8:30: error: 14 mg is not a whole number of 28 mg devices"},
        {WITH("{probability: {metric: cmax, above: 9 ng/mL}, at_most: 5 %}"),
         "s.yaml:10:88: error: of which analyte? the models have several: write `analyte: esketamine`"},
        {PEREZ ARM "{route: iv, dose: 28 mg}\noptimize: " SEARCH(
             "dose", STEPS, "{probability: {analyte: noresketamine, metric: cl, above: 1 L/h}, at_most: 5 %}")
             OBSERVE "exposure: {metrics: [cl]}",
         "s.yaml:8:121: error: cl has no meaning for noresketamine"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct reading r;
        reading_of(&r, mistakes[i].text);
        assert_int_equal(r.status, -1);
        check_messages(&r.d, mistakes[i].told, (int)i);
        reading_clear(&r);
        candidates_of(&r, mistakes[i].text); /* the same for `ketsim optimize` */
        assert_int_equal(r.status, -1);
        check_messages(&r.d, mistakes[i].told, (int)i);
        reading_clear(&r);
    }
}

/* Of models with one analyte it need not be named, and is filled in. */
static void test_only_analyte(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, TOP("domino-1982") ARM "{route: iv, dose: 20 mg}\noptimize: " SEARCH(
                       "dose", STEPS, "{probability: {metric: cmax, above: 1 ng/mL}, at_most: 5 %}") OBSERVE);
    char *resolved = document_write(&r.study.document);
    assert_non_null(strstr(resolved, "      analyte: ketamine\n"));
    free(resolved);
    reading_clear(&r);

    expect_mistakes(
        "seed: 1\nmodels: [perez-ruixo-2021, domino-1982]\nracemate: halve\npatients: {count: 3, covariates: "
        "{weight: 70 kg}}\n" ARM
        "{route: iv, dose: 20 mg, drug: racemate}\noptimize: " SEARCH("dose", STEPS, PEAK) OBSERVE,
        "s.yaml:8:40: warning: perez-ruixo-2021 is a model of S-ketamine: half of each dose of racemate is "
        "simulated\n"
        "s.yaml:9:98: error: domino-1982, the model of arm \"a\", has no esketamine");
}

/* What only candidates as arms show. */
static void test_mistakes_of_candidates(void **state)
{
    (void)state;
    struct reading r;
    candidates_of(&r, OTTO ARMS END);
    assert_int_equal(r.status, -1);
    check_messages(
        &r.d,
        "s.yaml:1:1: error: the study has no section `optimize`, which says what to vary and what to keep to",
        __LINE__);
    reading_clear(&r);

    /* The second session overtakes the first. */
    const char delayed[] =
        OTTO "arms:\n  - name: b\n    regimen: [{route: iv, dose: 5 mg, every: 6 h, times: 2}]\n"
             "optimize: " SEARCH("delay", "session: 2, from: -8 h, to: 0 h, step: 2 h", PEAK) "\n" END;
    reading_of(&r, delayed);
    assert_int_equal(r.status, 0);
    reading_clear(&r);
    candidates_of(&r, delayed);
    assert_int_equal(r.status, -1);
    check_messages(&r.d,
                   "s.yaml:7:18: error: in arm \"b, delay -8 h\" dose 2 comes at -2 h, which is not after "
                   "the one before "
                   "it at 0 h; a delay keeps the order of sessions",
                   __LINE__);
    reading_clear(&r);

    /* Doses beyond what the model's source studied are counted, and refused if the study says so. */
    candidates_of(&r,
                  PEREZ ARM "{route: intranasal, dose: 28 mg}\noptimize: " SEARCH(
                      "dose", "from: 28 mg, to: 140 mg, step: 28 mg", PEAK) OBSERVE "applicability: refuse");
    assert_int_equal(r.status, -1);
    check_messages(
        &r.d,
        "s.yaml:8:18: error: the dose of 1 of 5 candidates is outside the validity of perez-ruixo-2021 for "
        "intranasal (14 to 112 mg); the first is 140 mg",
        __LINE__);
    reading_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_arms_of_candidates),
        cmocka_unit_test(test_candidates_at_drawn_points),
        cmocka_unit_test(test_constraints),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_only_analyte),
        cmocka_unit_test(test_mistakes_of_candidates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
