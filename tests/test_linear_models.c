/* What holds of every model whose flows are constant and of first order, whatever its numbers: proportion, superposition,
 * shift in time, and what linear algebra says of tail and plateau. And that covariates change what they should. */
#include "models.h"

#include "model/library.h"
#include "simulate.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>

enum { TEXT_SIZE = 4096 };

/* Covariates of a patient whom every model accepts: the model's own, or a child where it has none. */
static void covariates_write(char *text, size_t size, const struct model *model)
{
    const char *comma = "";
    size_t length = (size_t)snprintf(text, size, "{");
    for (int i = 0; i < model->covariate_count; i++) {
        const struct covariate *c = &model->covariates[i];
        if (isnan(c->typical)) {
            length += (size_t)snprintf(text + length, size - length, "%s%s: %g %s", comma, c->name,
                                       typical_of(c), c->unit);
            comma = ", ";
        }
    }
    snprintf(text + length, size - length, "}");
}

/* Simulates `arms`, in YAML, with the model's typical patient. */
static void run(struct simulation *sim, const struct model *model, const char *method, const char *covariates,
                const char *arms, const char *observe)
{
    char text[TEXT_SIZE];
    const int length = snprintf(text, sizeof(text),
                                "{title: linear, model: %s, seed: 1, applicability: ignore,\n"
                                "patients: {count: 1, variability: false, covariates: %s},\n"
                                "arms: [%s],\nobserve: %s}\n",
                                model->name, covariates, arms, observe);
    assert_true(length > 0 && length < TEXT_SIZE);
    simulate(sim, text, method, 1);
}

/* Calls `check` for every linear model and each of its routes. */
typedef void (*route_check)(struct given *given, const struct route *route, const char *covariates);

static void for_each_route(route_check check)
{
    int models = 0;
    for (int m = 0; m < library_count; m++) {
        struct given given;
        given_library(&given, library_entries[m].name);
        if (model_is_linear(&given.model)) {
            char covariates[256];
            covariates_write(covariates, sizeof(covariates), &given.model);
            for (int r = 0; r < given.model.route_count; r++) {
                check(&given, &given.model.routes[r], covariates);
            }
            models++;
        }
        given_clear(&given);
    }
    assert_true(models >= 14);
}

static bool depends_on_dose(const struct route *route)
{
    for (int i = 0; i < route->input_count; i++) {
        if (route->inputs[i].fraction && strstr(route->inputs[i].fraction, "dose")) {
            return true;
        }
    }
    return route->device_amount > 0; /* the second device is not taken up as the first is */
}

/* Levels of arm `a` are those of the arms `b` and (unless negative) `c` together, times `factor`. */
static void assert_sum(const struct simulation *sim, int a, double factor, int b, int c, double relative)
{
    for (int output = 0; output < sim->study.analyte_count; output++) {
        for (int t = 0; t < sim->study.time_count; t++) {
            const double other = c < 0 ? 0 : simulation_levels(sim, c, 0, output)[t];
            assert_close(simulation_levels(sim, a, 0, output)[t],
                         factor * (simulation_levels(sim, b, 0, output)[t] + other), relative, 0);
        }
    }
}

#define OBSERVE "{at: [1 min, 10 min, 40 min, 1 h, 2 h, 3 h, 4.5 h, 8 h, 24 h, 72 h]}"

static void check_proportion(struct given *given, const struct route *route, const char *covariates)
{
    struct simulation sim;
    char arms[512];
    if (depends_on_dose(route)) {
        return;
    }
    snprintf(arms, sizeof(arms),
             "{name: a, regimen: [{route: %s, dose: 30 mg}]}, {name: b, regimen: [{route: %s, dose: 10 mg}]}",
             route->name, route->name);
    run(&sim, &given->model, "exact", covariates, arms, OBSERVE);
    assert_sum(&sim, 0, 3, 1, -1, 1e-12);
    simulation_clear(&sim);
}

static void test_proportion(void **state)
{
    (void)state;
    for_each_route(check_proportion);
}

/* A second dose adds what it would give alone, on top of the first. */
static void check_superposition(struct given *given, const struct route *route, const char *covariates)
{
    struct simulation sim;
    char arms[1024];
    const double first = route->device_amount > 0 ? 2 * route->device_amount : 10;
    const double second = route->device_amount > 0 ? route->device_amount : 25;
    snprintf(arms, sizeof(arms),
             "{name: both, regimen: [{route: %s, dose: %g mg}, {route: %s, dose: %g mg, at: 3 h}]},\n"
             "{name: first, regimen: [{route: %s, dose: %g mg}]},\n"
             "{name: second, regimen: [{route: %s, dose: %g mg, at: 3 h}]}",
             route->name, first, route->name, second, route->name, first, route->name, second);
    run(&sim, &given->model, "exact", covariates, arms, OBSERVE);
    assert_sum(&sim, 0, 1, 1, 2, 1e-12);
    simulation_clear(&sim);
}

static void test_superposition(void **state)
{
    (void)state;
    for_each_route(check_superposition);
}

/* All doses and observations 37 h later: the same levels. */
static void check_shift(struct given *given, const struct route *route, const char *covariates)
{
    struct simulation now;
    struct simulation later;
    char arms[512];
    const double dose = route->device_amount > 0 ? 2 * route->device_amount : 10;
    snprintf(arms, sizeof(arms),
             "{name: a, regimen: [{route: %s, dose: %g mg, at: 1 h}, {route: %s, dose: %g mg, at: 5 h}]}",
             route->name, dose, route->name, dose);
    run(&now, &given->model, "exact", covariates, arms, "{from: 1 h, to: 21 h, every: 10 min}");
    snprintf(arms, sizeof(arms),
             "{name: a, regimen: [{route: %s, dose: %g mg, at: 38 h}, {route: %s, dose: %g mg, at: 42 h}]}",
             route->name, dose, route->name, dose);
    run(&later, &given->model, "exact", covariates, arms, "{from: 38 h, to: 58 h, every: 10 min}");
    assert_int_equal(now.study.time_count, later.study.time_count);
    for (int output = 0; output < now.study.analyte_count; output++) {
        for (int t = 0; t < now.study.time_count; t++) {
            assert_close(simulation_levels(&later, 0, 0, output)[t], simulation_levels(&now, 0, 0, output)[t],
                         1e-11, 0);
        }
    }
    simulation_clear(&now);
    simulation_clear(&later);
}

static void test_shift(void **state)
{
    (void)state;
    for_each_route(check_shift);
}

static void check_methods(struct given *given, const struct route *route, const char *covariates)
{
    struct simulation exact;
    struct simulation cvode;
    char arms[256];
    int compared = 0;
    snprintf(arms, sizeof(arms), "{name: a, regimen: [{route: %s, dose: %g mg}]}", route->name,
             route->device_amount > 0 ? 3 * route->device_amount : 50);
    run(&exact, &given->model, "exact", covariates, arms, OBSERVE);
    run(&cvode, &given->model, "cvode", covariates, arms, OBSERVE);
    for (int output = 0; output < exact.study.analyte_count; output++) {
        for (int t = 0; t < exact.study.time_count; t++) {
            const double level = simulation_levels(&exact, 0, 0, output)[t];
            if (level > 1e-3) {
                assert_close(simulation_levels(&cvode, 0, 0, output)[t], level, 1e-6, 0);
                compared++;
            }
        }
    }
    assert_true(compared >= 5);
    simulation_clear(&exact);
    simulation_clear(&cvode);
}

static void test_methods(void **state)
{
    (void)state;
    for_each_route(check_methods);
}

/* --- linear algebra --- */

/* The compartments that lie on a way from `from` to `to`: their number, and which they are. */
static int compartments_between(const struct model *model, int from, int to, int *which)
{
    bool after[MODEL_COMPARTMENTS_MAX] = {false};
    bool before[MODEL_COMPARTMENTS_MAX] = {false};
    int count = 0;
    after[from] = true;
    before[to] = true;
    for (int pass = 0; pass < model->compartment_count; pass++) {
        for (int f = 0; f < model->flow_count; f++) {
            const struct flow *flow = &model->flows[f];
            if (flow->to >= 0) {
                after[flow->to] = after[flow->to] || after[flow->from];
                before[flow->from] = before[flow->from] || before[flow->to];
            }
        }
    }
    for (int i = 0; i < model->compartment_count; i++) {
        if (after[i] && before[i]) {
            which[count++] = i;
        }
    }
    return count;
}

/* The matrix of those compartments in x' = A x, 1/h. The caller frees it. */
static gsl_matrix *flow_matrix(const struct model *model, const struct individual *individual,
                               const int *which, int count)
{
    gsl_matrix *matrix = gsl_matrix_calloc((size_t)count, (size_t)count);
    int place[MODEL_COMPARTMENTS_MAX];
    for (int i = 0; i < MODEL_COMPARTMENTS_MAX; i++) {
        place[i] = -1;
    }
    for (int i = 0; i < count; i++) {
        place[which[i]] = i;
    }
    for (int f = 0; f < model->flow_count; f++) {
        const int from = place[model->flows[f].from];
        const int to = model->flows[f].to >= 0 ? place[model->flows[f].to] : -1;
        if (from >= 0 && !model->flows[f].copies) {
            *gsl_matrix_ptr(matrix, (size_t)from, (size_t)from) -= individual->rates[f];
        }
        if (from >= 0 && to >= 0) {
            *gsl_matrix_ptr(matrix, (size_t)to, (size_t)from) += individual->rates[f];
        }
    }
    return matrix;
}

/* The slowest rate of decay, 1/h: the eigenvalue nearest to 0. Spoils the matrix. */
static double slowest(gsl_matrix *matrix)
{
    gsl_vector_complex *values = gsl_vector_complex_alloc(matrix->size1);
    gsl_eigen_nonsymm_workspace *workspace = gsl_eigen_nonsymm_alloc(matrix->size1);
    double rate = INFINITY;
    assert_int_equal(gsl_eigen_nonsymm(matrix, values, workspace), 0);
    for (size_t i = 0; i < values->size; i++) {
        rate = fmin(rate, -GSL_REAL(gsl_vector_complex_get(values, i)));
    }
    gsl_eigen_nonsymm_free(workspace);
    gsl_vector_complex_free(values);
    assert_true(rate > 0 && isfinite(rate));
    return rate;
}

/* The amount in compartment `wanted` of the matrix when 1 mg/h enters its compartment `entry` for ever. */
static double steady(const gsl_matrix *matrix, int entry, int wanted)
{
    gsl_matrix *lu = gsl_matrix_alloc(matrix->size1, matrix->size2);
    gsl_permutation *order = gsl_permutation_alloc(matrix->size1);
    gsl_vector *right = gsl_vector_calloc(matrix->size1);
    gsl_vector *amounts = gsl_vector_alloc(matrix->size1);
    int sign;
    gsl_matrix_memcpy(lu, matrix);
    gsl_vector_set(right, (size_t)entry, -1);
    gsl_linalg_LU_decomp(lu, order, &sign);
    gsl_linalg_LU_solve(lu, order, right, amounts);
    const double amount = gsl_vector_get(amounts, (size_t)wanted);
    gsl_matrix_free(lu);
    gsl_permutation_free(order);
    gsl_vector_free(right);
    gsl_vector_free(amounts);
    return amount;
}

static int place_of(const int *which, int count, int compartment)
{
    for (int i = 0; i < count; i++) {
        if (which[i] == compartment) {
            return i;
        }
    }
    return -1;
}

/* By vein: the tail of every analyte falls with the slowest eigenvalue, and its plateau is the solution of A x = -b. */
static void check_algebra(struct given *given, const struct route *route, const char *covariates)
{
    const struct model *model = &given->model;
    struct evaluator *evaluator = given_evaluator(given);
    struct individual individual = typical_patient(model);
    compute(evaluator, &individual);
    evaluator_free(evaluator);
    for (int output = 0; strcmp(route->name, "iv") == 0 && output < model->output_count; output++) {
        int which[MODEL_COMPARTMENTS_MAX];
        const int entry = route->inputs[0].to;
        const int seen = model->outputs[output].compartment;
        const int count = compartments_between(model, entry, seen, which);
        gsl_matrix *matrix = flow_matrix(model, &individual, which, count);
        const double amount = steady(matrix, place_of(which, count, entry), place_of(which, count, seen));
        const double rate = slowest(matrix);
        /* Late enough for the slower ones to be gone, even where two are close. */
        const double late = ceil(150 / rate);
        const double apart = ceil(1 / rate);
        struct simulation sim;
        char arms[512];
        char observe[128];
        gsl_matrix_free(matrix);
        snprintf(arms, sizeof(arms),
                 "{name: bolus, regimen: [{route: iv, dose: 100 mg}]},\n"
                 "{name: infusion, regimen: [{route: iv, rate: 1 mg/h, over: %.0f h}]}",
                 late + apart);
        snprintf(observe, sizeof(observe), "{at: [%.0f h, %.0f h]}", late, late + apart);
        run(&sim, model, "exact", covariates, arms, observe);
        assert_string_equal(sim.study.analytes[output], model->outputs[output].analyte);
        const double *tail = simulation_levels(&sim, 0, 0, output);
        assert_true(tail[1] > 0);
        assert_close(log(tail[0] / tail[1]) / apart, rate, 1e-7, 0);
        assert_close(simulation_levels(&sim, 1, 0, output)[0], 1000 * amount / individual.volumes[output],
                     1e-9, 0);
        simulation_clear(&sim);
    }
}

static void test_algebra(void **state)
{
    (void)state;
    for_each_route(check_algebra);
}

/* --- covariates --- */

/* The level of one infusion in a patient with the covariates. */
static double level_with(const struct model *model, const char *covariates, const char *arm, const char *at)
{
    struct simulation sim;
    run(&sim, model, "exact", covariates, arm, at);
    const double level = simulation_levels(&sim, 0, 0, 0)[0];
    simulation_clear(&sim);
    return level;
}

#define INFUSION "{name: a, regimen: [{route: iv, rate: 1 mg/h, over: 400 h}]}"
#define PLATEAU "{at: [400 h]}"
#define SPRAY "{name: a, regimen: [{route: intranasal, dose: 84 mg}]}"

/* At 70 kg the two are one model; at 100 kg their clearances are (100/70)^0.25 apart, and so are their plateaus. */
static void test_kamp_scaling(void **state)
{
    struct given linear;
    struct given allometric;
    (void)state;
    given_library(&linear, "kamp-2020-linear");
    given_library(&allometric, "kamp-2020-allometric");
    assert_true(level_with(&linear.model, "{weight: 70 kg}", INFUSION, PLATEAU) ==
                level_with(&allometric.model, "{weight: 70 kg}", INFUSION, PLATEAU));
    assert_close(level_with(&allometric.model, "{weight: 100 kg}", INFUSION, PLATEAU) /
                     level_with(&linear.model, "{weight: 100 kg}", INFUSION, PLATEAU),
                 pow(100.0 / 70, 0.25), 1e-11, 0);
    /* Of a dose by weight the linear model gives everyone the same levels. */
    static const char by_weight[] = "{name: a, regimen: [{route: iv, dose: 0.5 mg/kg, over: 40 min}]}";
    assert_close(level_with(&linear.model, "{weight: 100 kg}", by_weight, "{at: [1 h]}"),
                 level_with(&linear.model, "{weight: 55 kg}", by_weight, "{at: [1 h]}"), 1e-12, 0);
    given_clear(&linear);
    given_clear(&allometric);
}

static void test_perez_ruixo_covariates(void **state)
{
    struct given given;
    (void)state;
    given_library(&given, "perez-ruixo-2021");
    const struct model *model = &given.model;
    const double level = level_with(model, "{}", SPRAY, "{at: [40 min]}");
    assert_true(level_with(model, "{weight: 40 kg}", SPRAY, "{at: [40 min]}") == level);
    assert_true(level_with(model, "{weight: 160 kg}", SPRAY, "{at: [40 min]}") == level);
    assert_true(level_with(model, "{age: 20 years}", SPRAY, "{at: [40 min]}") == level);
    assert_true(level_with(model, "{age: 60 years}", SPRAY, "{at: [40 min]}") == level);
    assert_true(level_with(model, "{age: 61 years}", SPRAY, "{at: [40 min]}") > level);
    assert_true(level_with(model, "{asian: 1}", SPRAY, "{at: [40 min]}") > level);

    /* Asian: kel and CLn, and nothing else. */
    struct evaluator *evaluator = given_evaluator(&given);
    struct individual reference = typical_patient(model);
    struct individual asian = typical_patient(model);
    asian.covariates[model_covariate(model, "asian")] = 1;
    compute(evaluator, &reference);
    compute(evaluator, &asian);
    evaluator_free(evaluator);
    for (int i = 0; i < model->parameter_count; i++) {
        const char *name = model->parameters[i].name;
        const double factor = strcmp(name, "kel") == 0 ? 0.36 : strcmp(name, "CLn") == 0 ? 0.81 : 1;
        assert_close(asian.parameters[i], factor * reference.parameters[i], 1e-15, 0);
    }
    given_clear(&given);
}

/* A covariate that no formula mentions changes no digit of an absolute dose; one that is mentioned changes some. */
static void check_covariates(struct given *given, const struct route *route, const char *covariates)
{
    const struct model *model = &given->model;
    char arm[256];
    (void)covariates;
    if (strcmp(route->name, "iv") != 0) {
        return;
    }
    snprintf(arm, sizeof(arm), "{name: a, regimen: [{route: iv, dose: 20 mg, over: 30 min}]}");
    for (int i = 0; i < model->covariate_count; i++) {
        const struct covariate *c = &model->covariates[i];
        double levels[2];
        if (c->within) {
            continue; /* is nothing without the other */
        }
        for (int high = 0; high < 2; high++) {
            char text[256] = "{";
            for (int j = 0; j < model->covariate_count; j++) {
                const struct covariate *other = &model->covariates[j];
                const double value = j != i || !high ? typical_of(other)
                                     : c->category   ? 1
                                                     : typical_of(other) * 1.7; /* also older than 60 years */
                const size_t length = strlen(text);
                snprintf(text + length, sizeof(text) - length, "%s%s: %g%s%s", j > 0 ? ", " : "", other->name,
                         value, other->category ? "" : " ", other->category ? "" : other->unit);
            }
            strcat(text, "}");
            levels[high] = level_with(model, text, arm, "{at: [1 h]}");
        }
        assert_true((levels[0] != levels[1]) == model_uses_covariate(model, c->name));
    }
}

static void test_covariates(void **state)
{
    (void)state;
    for_each_route(check_covariates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proportion),
        cmocka_unit_test(test_superposition),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_algebra),
        cmocka_unit_test(test_kamp_scaling),
        cmocka_unit_test(test_perez_ruixo_covariates),
        cmocka_unit_test(test_covariates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
