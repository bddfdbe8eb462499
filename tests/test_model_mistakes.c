/* Every mistake that the reader of model files tells, with its place. */
#include "models.h"

/* small_model with the first `what` replaced by `by`; free it. */
static char *changed(const char *what, const char *by)
{
    const char *at = strstr(small_model, what);
    const size_t size = sizeof(small_model) + strlen(by);
    char *text = malloc(size);

    if (!at) {
        print_error("the model does not contain \"%s\"\n", what);
    }
    assert_non_null(at);
    assert_non_null(text);
    snprintf(text, size, "%.*s%s%s", (int)(at - small_model), small_model, by, at + strlen(what));
    return text;
}

struct mistake {
    const char *what; /* this part of the model */
    const char *by;   /* replaced by this */
    const char *told; /* is told so */
};

/* Each mistake is told once, and alone; the model is then empty. */
static void check_mistakes(const struct mistake *mistakes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct given given;
        char *text = changed(mistakes[i].what, mistakes[i].by);
        const int failed = given_try(&given, text);
        if (given.d.count != 1) {
            print_error("\"%s\" gives %d messages:\n", mistakes[i].by, given.d.count);
        }
        assert_told(&given.d, mistakes[i].told);
        assert_int_equal(given.d.count, 1);
        assert_int_equal(failed, -1);
        assert_null(given.model.document.root);
        given_clear(&given);
        free(text);
    }
}

#define CHECK_MISTAKES(MISTAKES) check_mistakes((MISTAKES), sizeof(MISTAKES) / sizeof((MISTAKES)[0]))

static void test_covariate_mistakes(void **state)
{
    static const struct mistake mistakes[] = {
        {"{unit: kg, default: 70 kg}", "{unit: kgg, default: 70 kg}",
         "small.yaml:9:18: error: unknown unit \"kgg\""},
        {"default: 40 years", "default: 40", "small.yaml:8:31: error: \"40\" has no unit"},
        {"default: 40 years", "default: 40 kg", "small.yaml:8:31: error: \"40 kg\" is a body weight"},
        {"asian: {category: true, default: 0}", "asian: {category: true, default: 0.5}",
         "small.yaml:10:36: error: a category is 0 or 1, not \"0.5\""},
        {"within: asian", "within: asia", "small.yaml:11:50: error: \"asia\" is no category above this one"},
        {"within: asian", "within: age", "small.yaml:11:50: error: \"age\" is no category above this one"},
        {"within: asian", "within: japanese",
         "small.yaml:11:50: error: \"japanese\" is no category above this"},
        {"validity: {age: [18 years, 90 years]}", "validity: {aeg: [18 years, 90 years]}",
         "small.yaml:6:12: error: \"aeg\" is none of the covariates"},
        {"[18 years, 90 years]", "[90 years, 18 years]",
         "small.yaml:6:17: error: the lowest of a range is below its highest"},
        {"[18 years, 90 years]", "[18 years, 18 years]",
         "small.yaml:6:17: error: the lowest of a range is below its highest"},
        {"[18 years, 90 years]", "[18 years]", "small.yaml:6:17: error: a range is a list of two"},
        {"[18 years, 90 years]", "[18 years, 30 years, 90 years]",
         "small.yaml:6:17: error: a range is a list of"},
        {"[18 years, 90 years]", "[18 years, 90]", "small.yaml:6:28: error: \"90\" has no unit"},
        {"[18 years, 90 years]", "[18 years, 90 kg]", "small.yaml:6:28: error: \"90 kg\" is a body weight"},
        {"[18 years, 90 years]", "18 years", "small.yaml:6:17: error: validity.age: a list is expected"},
    };

    (void)state;
    CHECK_MISTAKES(mistakes);
}

static void test_name_mistakes(void **state)
{
    static const struct mistake mistakes[] = {
        {"  ke: {typical: CL/V, unit: 1/h}\n", "  ke: {typical: CL/V, unit: 1/h}\n  V: {typical: 1}\n",
         "small.yaml:18:3: error: "}, /* a key twice */
        {"  ke: {typical: CL/V, unit: 1/h}\n", "  ke: {typical: CL/V, unit: 1/h}\n  weight: {typical: 1}\n",
         "small.yaml:18:3: error: \"weight\" is taken by another name (\"weight\")"},
        /* two words of one FNV-1a hash, who would share their random numbers */
        {"  ke: {typical: CL/V, unit: 1/h}\n",
         "  ke: {typical: CL/V, unit: 1/h}\n  declinate: {typical: 1}\n  macallums: {typical: 1}\n",
         "small.yaml:19:3: error: \"macallums\" is taken by another name (\"declinate\")"},
        {"  ke: {typical: CL/V, unit: 1/h}\n", "  ke: {typical: CL/V, unit: 1/h}\n  max: {typical: 1}\n",
         "small.yaml:18:3: error: \"max\" is no name for use in formulas"},
        {"  ke: {typical: CL/V, unit: 1/h}\n", "  ke: {typical: CL/V, unit: 1/h}\n  k-e: {typical: 1}\n",
         "small.yaml:18:3: error: \"k-e\" is no name for use in formulas"},
        {"  asian: {category", "  2asian: {category: true, default: 0}\n  asian: {category",
         "small.yaml:10:3: error: \"2asian\" is no name for use in formulas"},
        {"compartments: [depot, central]", "compartments: [depot, central, depot]",
         "small.yaml:21:32: error: \"depot\" is no name for a new compartment"},
        {"compartments: [depot, central]", "compartments: [depot, central, \"a b\"]",
         "small.yaml:21:32: error: \"a b\" is no name for a new compartment"},
        {"ketamine: {amount: central, volume: V}\n",
         "ketamine: {amount: central, volume: V}\n  S-ketamine: {amount: central, volume: V}\n",
         "small.yaml:33:3: error: \"S-ketamine\" is no name for use in formulas"},
        /* all of these are variables of one result file */
        {"ketamine: {amount: central, volume: V}\n",
         "ketamine: {amount: central, volume: V}\n  time: {amount: central, volume: V}\n",
         "small.yaml:33:3: error: \"time\" is a name with a meaning of its own"},
        {"ketamine: {amount: central, volume: V}\n",
         "ketamine: {amount: central, volume: V}\n  weight: {amount: central, volume: V}\n",
         "small.yaml:33:3: error: \"weight\" is taken by another name (\"weight\")"},
        {"ketamine: {amount: central, volume: V}\n",
         "ketamine: {amount: central, volume: V}\n  CL: {amount: central, volume: V}\n",
         "small.yaml:33:3: error: \"CL\" is taken by another name (\"CL\")"},
    };

    (void)state;
    CHECK_MISTAKES(mistakes);
}

/* Names that the result file or a formula gives a meaning of its own. */
static void test_reserved_names(void **state)
{
    static const char *const reserved[] = {"device", "time",   "arm",   "arm_name", "patient",
                                           "model",  "status", "steps", "quantile", "outside_validity",
                                           "clamped"};

    (void)state;
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        char as_parameter[64];
        char as_covariate[64];
        char told[80];
        snprintf(as_parameter, sizeof(as_parameter), "parameters:\n  %s: {typical: 1}\n", reserved[i]);
        snprintf(as_covariate, sizeof(as_covariate), "  %s: {default: 1}\n  asian: {cat", reserved[i]);
        snprintf(told, sizeof(told), ":3: error: \"%s\" is a name with a meaning of its own", reserved[i]);
        const struct mistake mistakes[] = {{"parameters:\n", as_parameter, told},
                                           {"  asian: {cat", as_covariate, told}};
        CHECK_MISTAKES(mistakes);
    }
}

static void test_parameter_mistakes(void **state)
{
    static const struct mistake mistakes[] = {
        {"typical: CL/V", "typical: Cl/V*nothing_like_it",
         "small.yaml:17:17: error: unknown name \"Cl\"; did you mean CL?"},
        {"typical: CL/V", "typical: kel/2", "small.yaml:17:17: error: unknown name \"kel\""},
        {"typical: CL/V", "typical: ke + 1", "small.yaml:17:17: error: unknown name \"ke\""}, /* itself */
        {"\"20*(weight/70)\"", "\"20*(weight/70\"", "small.yaml:13:16: error: formula \"20*(weight/70\": "},
        {"\"20*(weight/70)\"", "20*ke", "small.yaml:13:16: error: unknown name \"ke\""}, /* further down */
        {"then: \"F*(japanese", "then: \"F*(japaneese",
         "small.yaml:16:60: error: unknown name \"japaneese\"; did you mean japanese?"},
        {"typical: 5, unit: L/h", "typical: 5, unit: L/hh",
         "small.yaml:14:26: error: \"L/hh\" is no unit of a parameter"},
        /* computed in L/h and L, this would be converted a second time */
        {"{typical: CL/V, unit: 1/h}", "{typical: CL/V, unit: 1/min}",
         "small.yaml:17:17: error: a formula that uses other parameters is computed in mg, L and h: declare "
         "\"ke\" "
         "in 1/h, not in 1/min"},
        {"range: [0.01, 0.1]}", "then: ka*2}", "declare \"ka\" in 1/h, not in 1/min"},
        {"range: [0.01, 0.1]", "range: [0.1, 0.01]",
         "small.yaml:15:79: error: the lowest of a range is below its highest"},
        {"range: [0.01, 0.1]", "range: [0.01]", "small.yaml:15:79: error: a range is a list of two"},
        {"range: [0.01, 0.1]", "range: [0.01, 0.1 1/min]", "small.yaml:15:86: error: \"0.1 1/min\""},
        {"typical: 5, unit", "unit", "small.yaml:14:7: error: key \"typical\" is missing in parameters.CL"},
        {"typical: 5, unit", "typcal: 5, typical: 5, unit",
         "small.yaml:14:8: error: unknown key \"typcal\" in parameters.CL; did you mean \"typical\"?"},
    };

    (void)state;
    CHECK_MISTAKES(mistakes);
}

static void test_variability_mistakes(void **state)
{
    static const struct mistake mistakes[] = {
        {"{cv: 30 %}", "{cv: 30 %, sd: 0.3}",
         "small.yaml:13:68: error: variability is given by exactly one of cv, sd, variance"},
        {"{cv: 30 %}", "{}",
         "small.yaml:13:68: error: variability is given by exactly one of cv, sd, variance"},
        {"{cv: 30 %}", "{cv: 0 %}", "small.yaml:13:73: error: variability is above 0, not \"0 %\""},
        {"{cv: 30 %}", "{cv: -30 %}", "small.yaml:13:73: error: variability is above 0, not \"-30 %\""},
        {"{cv: 30 %}", "{cv: 30 L}", "small.yaml:13:73: error: \"30 L\" is a volume"},
        {"{cv: 30 %}", "{cv: high}",
         "small.yaml:13:73: error: parameters.V.variability.lognormal.cv: \"high\" does not begin with a "
         "number"},
        {"{variance: 0.04}", "{variance: 0}", "small.yaml:14:67: error: variability is above 0"},
        {"{logit: {sd: 0.2}}", "{logit: {cv: 20 %}}", "unknown key \"cv\" in parameters.F.variability.logit"},
        {"{normal: {sd: 0.001}}", "{normal: {cv: 20 %}}",
         "unknown key \"cv\" in parameters.ka.variability.normal"},
        {"{logit: {sd: 0.2}}", "{logit: {sd: 0.2}, normal: {sd: 1}}",
         "small.yaml:16:34: error: variability is one of lognormal, logit, normal"},
        {"{logit: {sd: 0.2}}", "{}",
         "small.yaml:16:34: error: variability is one of lognormal, logit, normal"},
        {"{logit: {sd: 0.2}}", "{logti: {sd: 0.2}}",
         "small.yaml:16:35: error: unknown key \"logti\" in parameters.F.variability; did you mean "
         "\"logit\"?"},
    };

    (void)state;
    CHECK_MISTAKES(mistakes);
}

static void test_correlation_mistakes(void **state)
{
    static const struct mistake mistakes[] = {
        {"[V, CL]", "[V, Cl]", "small.yaml:19:19: error: \"Cl\" is no parameter"},
        {"[V, CL]", "[V, ke]", "small.yaml:19:19: error: \"ke\" has no variability to correlate"},
        {"[V, CL]", "[V, V]",
         "small.yaml:19:15: error: the correlation of \"V\" and \"V\" is stated already"},
        {"[V, CL]", "[ka, CL]",
         "small.yaml:20:15: error: the correlation of \"ka\" and \"CL\" is stated already"},
        {"[V, CL]", "[CL, ka]",
         "small.yaml:20:15: error: the correlation of \"ka\" and \"CL\" is stated already"},
        {"[V, CL]", "[V, CL, ka]", "small.yaml:19:5: error: a correlation is between two parameters"},
        {"[V, CL]", "[V]", "small.yaml:19:5: error: a correlation is between two parameters"},
        {"covariance: 0.01", "covariance: 0.01, correlation: 0.2",
         "small.yaml:19:5: error: a correlation is between two parameters, with covariance or correlation"},
        {", covariance: 0.01", "",
         "small.yaml:19:5: error: a correlation is between two parameters, with covariance or correlation"},
        {"covariance: 0.01", "covariance: 10 %",
         "small.yaml:19:36: error: correlations.0.covariance: \"10 %\" is not a plain number"},
        /* the largest that goes with the variances is sqrt(0.0862 * 0.04) = 0.0587, less with the other correlation */
        {"covariance: 0.01", "covariance: 0.06",
         "small.yaml:19:3: error: the covariances are not possible together: the matrix is not positive "
         "definite"},
        {"correlation: 0.5", "correlation: 1", "the matrix is not positive definite"},
        {"correlation: 0.5", "correlation: -1.5", "the matrix is not positive definite"},
        {"- {between: [ka, CL], correlation: 0.5}",
         "- {between: [ka, CL], correlation: 0.9}\n  - {between: [ka, V], correlation: -0.9}",
         "the matrix is not positive definite"},
    };

    (void)state;
    CHECK_MISTAKES(mistakes);
}

static void test_structure_mistakes(void **state)
{
    static const struct mistake mistakes[] = {
        {"from: depot, to: central", "from: depto, to: central",
         "small.yaml:23:12: error: \"depto\" is no compartment; did you mean depot?"},
        {"from: depot, to: central", "from: depot, to: centrall",
         "small.yaml:23:23: error: \"centrall\" is no compartment; did you mean central?"},
        {"from: depot, to: central", "from: depot, to: liver",
         "small.yaml:23:23: error: \"liver\" is no compartment"},
        {"from: depot, to: central", "from: depot, to: depot",
         "small.yaml:23:23: error: a flow leads from one compartment to another"},
        {"rate: ke}", "rate: kee}", "small.yaml:24:27: error: unknown name \"kee\"; did you mean ke?"},
        {"rate: ke}", "rate: ke/device}", "small.yaml:24:27: error: unknown name \"device\""},
        {"rate: ke}", "rate: ke, vmax: ke, km: 1}",
         "a flow has either `rate` (with or without `slope`) or `vmax` and"},
        {"rate: ke}", "vmax: ke}", "a flow has either `rate`"},
        {"rate: ke}", "vmax: ke, km: ke, slope: 1}", "a flow has either `rate`"},
        {"rate: ke}", "slope: ke}", "a flow has either `rate`"},
        {"rate: ke}", "rate: ke, slope: kke}", "unknown name \"kke\"; did you mean ke?"},
        {"rate: ke}", "vmax: ke, km: kke}", "unknown name \"kke\"; did you mean ke?"},
        {"rate: ke}", "rate: ke, copies: true}", "a flow that copies has `to` and a constant `rate`"},
        {"rate: ke}", "raet: ke, rate: ke}", "unknown key \"raet\" in flows.1; did you mean \"rate\"?"},
        {"iv: {inputs", "vein: {inputs",
         "small.yaml:26:3: error: \"vein\" is no route; routes are iv, intranasal, oral, buccal, "
         "intramuscular"},
        {"iv: {inputs: [{to: central}]}", "iv: {inputs: [{to: centarl}]}",
         "small.yaml:26:22: error: \"centarl\" is no compartment; did you mean central?"},
        {"iv: {inputs: [{to: central}]}", "iv: {inputs: []}",
         "small.yaml:26:16: error: a route has 1 to 4 inputs"},
        {"fraction: F/device", "fraction: F/devise",
         "small.yaml:30:36: error: unknown name \"devise\"; did you mean device?"},
        {"over: \"0.5\"", "over: Dsw", "small.yaml:30:52: error: unknown name \"Dsw\""},
        {"amount: 10 mg, spacing: 5 min", "amount: 10 mL, spacing: 5 min",
         "small.yaml:28:14: error: \"10 mL\" is a volume"},
        {"amount: 10 mg, spacing: 5 min", "amount: 10 mg, spacing: 5 mg",
         "small.yaml:28:14: error: \"5 mg\" is a mass"},
        {"amount: 10 mg, spacing: 5 min", "amount: 0 mg, spacing: 5 min",
         "small.yaml:28:14: error: amount and spacing of devices are above 0"},
        {"amount: 10 mg, spacing: 5 min", "amount: 10 mg, spacing: -5 min",
         "small.yaml:28:14: error: amount and spacing of devices are above 0"},
        {"amount: 10 mg, spacing: 5 min", "amount: 10 mg",
         "small.yaml:28:14: error: key \"spacing\" is missing in routes.oral.devices"},
        {"dose_range: [5 mg, 0.03 g]", "dose_range: [5 mg, 3 mg]",
         "small.yaml:29:17: error: the lowest of a range is below its highest"},
        {"dose_range: [5 mg, 0.03 g]", "dose_range: [5 mg, 3 mL]",
         "small.yaml:29:24: error: \"3 mL\" is a volume"},
        {"ketamine: {amount: central,", "ketamine: {amount: centra,",
         "small.yaml:32:22: error: \"centra\" is no compartment; did you mean central?"},
        {"volume: V}", "volume: Vc}", "small.yaml:32:39: error: unknown name \"Vc\""},
        {"volume: V}", "volume: V*device}", "small.yaml:32:39: error: unknown name \"device\""},
        {"drug: racemate", "drug: ketamine",
         "small.yaml:4:7: error: drug: \"ketamine\" is not one of racemate | S-ketamine | R-ketamine | "
         "other"},
        {"title: A model to test with\n", "", "small.yaml:1:1: error: key \"title\" is missing in the model"},
        {"compartments: [depot, central]", "compartments: [depot, central]\nlag: 1",
         "small.yaml:22:1: error: unknown key \"lag\" in the model"},
        {"compartments: [depot, central]",
         "doses: {central: {lag: device, fraction: dose, rate: ke*dose}}\ncompartments: [depot, central]",
         "small.yaml:21:54: error: the rate of doses is a matter of the patient: it cannot use dose and "
         "device"},
        {"compartments: [depot, central]",
         "doses: {central: {rate: 2*device}}\ncompartments: [depot, central]",
         "small.yaml:21:25: error: the rate of doses is a matter of the patient: it cannot use dose and "
         "device"},
        {"compartments: [depot, central]", "doses: {centra: {rate: ke}}\ncompartments: [depot, central]",
         "small.yaml:21:9: error: \"centra\" is no compartment; did you mean central?"},
    };

    (void)state;
    CHECK_MISTAKES(mistakes);
}

static void test_golden_mistakes(void **state)
{
    static const struct mistake mistakes[] = {
        {"route: iv\n", "route: nasal\n", "small.yaml:37:12: error: \"nasal\" is none of the routes"},
        {"dose: 10 mg\n", "dose: 10\n", "small.yaml:38:11: error: \"10\" has no unit"},
        {"over: 30 min\n", "over: 30 mg\n", "small.yaml:39:11: error: \"30 mg\" is a mass"},
        {"{age: 50 years}", "{height: 180}", "small.yaml:36:18: error: \"height\" is none of the covariates"},
        {"{age: 50 years}", "{age: 50 kg}", "small.yaml:36:23: error: \"50 kg\" is a body weight"},
        {"[0.5 h, 60 min, 1 d]", "[0.5 h, 30 min, 1 d]",
         "small.yaml:40:20: error: times are not negative and increase"},
        {"[0.5 h, 60 min, 1 d]", "[-1 h, 30 min, 1 d]",
         "small.yaml:40:13: error: times are not negative and increase"},
        {"[0.5 h, 60 min, 1 d]", "[0.5, 30 min, 1 d]", "small.yaml:40:13: error: \"0.5\" has no unit"},
        {"[0.5 h, 60 min, 1 d]", "[0.5 h, 60 min]", "small.yaml:41:24: error: 3 levels for 2 times"},
        {"{ketamine: [16", "{ketamin: [16", "small.yaml:41:14: error: \"ketamin\" is none of the outputs"},
        {"[16.091, 1037, 2e-3]", "[16.091, about, 2e-3]",
         "small.yaml:41:33: error: \"about\" does not begin with a number"},
        {"[16.091, 1037, 2e-3]", "[16.091, 1037 mg, 2e-3]", "small.yaml:41:33: error: \"1037 mg\" is a mass"},
    };

    (void)state;
    CHECK_MISTAKES(mistakes);
}

/* All mistakes of a file are told at once. */
static void test_several_mistakes(void **state)
{
    struct given given;
    char *text = changed("{from: depot, to: central, rate: ka}\n  - {from: central, rate: ke}",
                         "{from: depto, to: cental, rate: kaa}\n  - {from: central, rate: (ke}");

    (void)state;
    assert_int_equal(given_try(&given, text), -1);
    assert_told(&given.d, "small.yaml:23:12: error: \"depto\" is no compartment; did you mean depot?");
    assert_told(&given.d, "small.yaml:23:23: error: \"cental\" is no compartment; did you mean central?");
    assert_told(&given.d, "small.yaml:23:37: error: unknown name \"kaa\"; did you mean ka?");
    assert_told(&given.d, "small.yaml:24:27: error: formula \"(ke\": ");
    assert_int_equal(given.d.errors, 4);
    given_clear(&given);
    free(text);
}

/* `count` entries "FORMAT" of a running number, `around` them; free it. */
static char *repeated(const char *before, const char *format, int count, const char *after)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    fputs(before, out);
    for (int i = 0; i < count; i++) {
        for (const char *c = format; *c; c++) {
            if (*c == '#') {
                fprintf(out, "%d", i);
            } else {
                fputc(*c, out);
            }
        }
    }
    fputs(after, out);
    fclose(out);
    return text;
}

/* The limits of what a model can hold are told, not overrun; what is just within is read. */
static void test_limits(void **state)
{
    static const struct {
        const char *what, *before, *format, *after;
        int limit;
        const char *told;
    } cases[] = {
        {"compartments: [depot, central]", "compartments: [depot, central", ", c#", "]",
         MODEL_COMPARTMENTS_MAX - 2, "small.yaml:21:15: error: a model has 1 to 24 compartments"},
        {"  - {from: central, rate: ke}\n", "", "  - {from: central, rate: ke}\n", "", MODEL_FLOWS_MAX - 1,
         "small.yaml:23:3: error: more than 64 flows"},
        {"parameters:\n", "parameters:\n", "  p#: {typical: 1}\n", "", MODEL_PARAMETERS_MAX - 5,
         "small.yaml:13:3: error: more than 64 parameters"},
        {"covariates:\n", "covariates:\n", "  x#: {default: 1}\n", "", MODEL_COVARIATES_MAX - 4,
         "small.yaml:8:3: error: more than 16 covariates"},
        {"outputs:\n", "outputs:\n", "  o#: {amount: central, volume: V}\n", "", MODEL_OUTPUTS_MAX - 1,
         "small.yaml:32:3: error: a model has 1 to 8 outputs"},
        {"iv: {inputs: [{to: central}]}", "iv: {inputs: [", "{to: central}, ", "]}", MODEL_INPUTS_MAX,
         "small.yaml:26:16: error: a route has 1 to 4 inputs"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int excess = 0; excess <= 1; excess++) {
            struct given given;
            char *by = repeated(cases[i].before, cases[i].format, cases[i].limit + excess, cases[i].after);
            char *text = changed(cases[i].what, by);
            if (excess) {
                assert_int_equal(given_try(&given, text), -1);
                assert_told(&given.d, cases[i].told);
            } else {
                given_text(&given, text);
            }
            given_clear(&given);
            free(text);
            free(by);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_covariate_mistakes),   cmocka_unit_test(test_name_mistakes),
        cmocka_unit_test(test_reserved_names),       cmocka_unit_test(test_parameter_mistakes),
        cmocka_unit_test(test_variability_mistakes), cmocka_unit_test(test_correlation_mistakes),
        cmocka_unit_test(test_structure_mistakes),   cmocka_unit_test(test_golden_mistakes),
        cmocka_unit_test(test_several_mistakes),     cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
