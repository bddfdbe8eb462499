/* What is read from a model file, and where model files come from. test_model_mistakes.c has what is refused. */
#include "models.h"

#include <unistd.h>

static void check_parameter(const struct model *model, const char *name, enum variability variability,
                            double variance)
{
    const int p = model_parameter(model, name);

    assert_true(p >= 0);
    const struct parameter *parameter = &model->parameters[p];
    assert_string_equal(parameter->name, name);
    assert_int_equal(parameter->variability, variability);
    if (variability == VARIABILITY_NONE) {
        assert_int_equal(parameter->effect, -1);
        return;
    }
    assert_int_equal(model->effects[parameter->effect].parameter, p);
    assert_close(model->covariance[parameter->effect * (model->effect_count + 1)], variance, 1e-15, 0);
}

static void test_small(void **state)
{
    struct given given;

    (void)state;
    given_text(&given, small_model);
    const struct model *m = &given.model;
    assert_string_equal(m->name, "small");
    assert_string_equal(m->drug, "racemate");
    assert_string_equal(m->sampling, "venous");
    assert_string_equal(m->doi, "");
    assert_int_equal(m->discrepancy_count, 0);

    assert_int_equal(m->covariate_count, 4);
    assert_true(m->covariates[0].typical == 40 && m->covariates[0].lowest == 18 &&
                m->covariates[0].highest == 90);
    assert_true(m->covariates[1].lowest == -INFINITY && m->covariates[1].highest == INFINITY);
    assert_true(m->covariates[2].category && !m->covariates[1].category);
    assert_string_equal(m->covariates[3].within, "asian");
    assert_null(m->covariates[2].within);
    assert_string_equal(m->covariates[2].unit, "1");

    assert_int_equal(m->parameter_count, 5);
    assert_int_equal(m->effect_count, 4);
    check_parameter(m, "V", VARIABILITY_LOGNORMAL, 0.086177696241052412); /* ln 1.09 */
    check_parameter(m, "CL", VARIABILITY_LOGNORMAL, 0.04);
    check_parameter(m, "ka", VARIABILITY_NORMAL, 0.0036); /* (0.001/min = 0.06/h) squared */
    check_parameter(m, "F", VARIABILITY_LOGIT, 0.04);
    check_parameter(m, "ke", VARIABILITY_NONE, 0);
    assert_close(covariance_of(m, "V", "CL"), 0.01, 0, 0);
    assert_close(covariance_of(m, "ka", "CL"), 0.5 * 0.06 * 0.2, 1e-15, 0);
    assert_close(covariance_of(m, "V", "ka"), 0, 0, 0);
    const struct parameter *ka = &m->parameters[model_parameter(m, "ka")];
    assert_true(ka->num / ka->den == 60);
    assert_close(ka->lowest, 0.6, 1e-15, 0);
    assert_close(ka->highest, 6, 1e-15, 0);

    assert_int_equal(m->flow_count, 2);
    assert_int_equal(m->flows[0].from, 0);
    assert_int_equal(m->flows[0].to, 1);
    assert_int_equal(m->flows[1].to, -1);
    assert_int_equal(m->route_count, 2);
    const struct route *oral = &m->routes[model_route(m, "oral")];
    assert_true(oral->device_amount == 10 && oral->device_spacing == 300);
    assert_true(oral->lowest_dose == 5 && oral->highest_dose == 30);
    assert_string_equal(oral->inputs[0].over, "0.5");
    const struct route *iv = &m->routes[model_route(m, "iv")];
    assert_true(iv->device_amount == 0 && iv->lowest_dose == -INFINITY && iv->highest_dose == INFINITY);
    assert_string_equal(iv->inputs[0].fraction, "1");
    assert_null(iv->inputs[0].over);
    assert_int_equal(m->outputs[model_output(m, "ketamine")].compartment, model_compartment(m, "central"));
    given_clear(&given);
}

static void test_golden(void **state)
{
    struct given given;

    (void)state;
    given_text(&given, small_model);
    assert_int_equal(given.model.golden_count, 1);
    const struct golden *g = &given.model.goldens[0];
    assert_string_equal(g->title, "by hand");
    assert_true(g->amount == 10 && g->over == 1800);
    assert_true(g->covariates[0] == 50 && g->covariates[1] == 70);
    assert_int_equal(g->time_count, 3);
    assert_true(g->times[0] == 1800 && g->times[1] == 3600 && g->times[2] == 86400);
    assert_int_equal(g->series_count, 1);
    assert_true(g->series[0].levels[1] == 1037);
    /* half a unit of the last digit printed */
    assert_close(g->series[0].tolerances[0], 0.0005, 1e-15, 0);
    assert_close(g->series[0].tolerances[1], 0.5, 1e-15, 0);
    assert_close(g->series[0].tolerances[2], 0.0005, 1e-15, 0);
    given_clear(&given);
}

/* L L' = covariance, L lower triangular. */
static void test_cholesky(void **state)
{
    struct given given;

    (void)state;
    given_text(&given, small_model);
    const int n = given.model.effect_count;
    const double *lower = given.model.cholesky;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int k = 0; k < n; k++) {
                sum += lower[i * n + k] * lower[j * n + k];
            }
            assert_close(sum, given.model.covariance[i * n + j], 1e-14, 1e-18);
            assert_true(j <= i || lower[i * n + j] == 0);
        }
    }
    given_clear(&given);
}

static void test_lookups(void **state)
{
    struct given given;

    (void)state;
    given_text(&given, small_model);
    const struct model *m = &given.model;
    assert_int_equal(model_covariate(m, "weight"), 1);
    assert_int_equal(model_covariate(m, "V"), -1);
    assert_int_equal(model_parameter(m, "ke"), 4);
    assert_int_equal(model_parameter(m, "weight"), -1);
    assert_int_equal(model_compartment(m, "Central"), -1);
    assert_int_equal(model_route(m, "intranasal"), -1);
    assert_int_equal(model_output(m, "esketamine"), -1);
    assert_true(model_uses_covariate(m, "weight"));
    assert_true(model_uses_covariate(m, "japanese")); /* in a `then` */
    assert_false(model_uses_covariate(m, "age"));
    given_clear(&given);
}

/* What `model: NAME` finds, and what is told where it finds nothing. */
static void check_not_read(const char *name, const char *told)
{
    struct given given = {.units = units_create()};

    assert_non_null(given.units);
    diagnostics_init(&given.d);
    assert_int_equal(
        model_read(&given.model, name, given.units, (struct place){"study.yaml", 2, 8}, &given.d), -1);
    assert_int_equal(given.d.count, 1);
    assert_told(&given.d, told);
    given_clear(&given);
}

static void test_library_names(void **state)
{
    (void)state;
    check_not_read("perez-ruixo-2012",
                   "study.yaml:2:8: error: \"perez-ruixo-2012\" is no model of the library; did you "
                   "mean perez-ruixo-2021?");
    check_not_read("Otto-2021", "did you mean otto-2021?");
    check_not_read("one-compartment",
                   "study.yaml:2:8: error: \"one-compartment\" is no model of the library; `ketsim "
                   "models` lists them, a path to a model file ends in .yaml");
    check_not_read("no/such/model.yaml", "no/such/model.yaml");
    check_not_read("missing.yaml", "missing.yaml");
    check_not_read("./otto-2021", "./otto-2021");
}

static void test_file(void **state)
{
    char path[] = "/tmp/ketsim-model-XXXXXX";
    const int descriptor = mkstemp(path);
    struct given given = {.units = units_create()};

    (void)state;
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, small_model, strlen(small_model)), strlen(small_model));
    close(descriptor);
    diagnostics_init(&given.d);
    const int failed = model_read(&given.model, path, given.units, NOWHERE, &given.d);
    unlink(path);
    assert_no_errors(&given.d);
    assert_int_equal(failed, 0);
    assert_string_equal(given.model.name, "small");
    given_clear(&given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),   cmocka_unit_test(test_golden),        cmocka_unit_test(test_cholesky),
        cmocka_unit_test(test_lookups), cmocka_unit_test(test_library_names), cmocka_unit_test(test_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
