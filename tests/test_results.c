/* What is written into a result file, read back number by number. */
#include "results_fixture.h"

/* --- Values --- */

static void assert_values(struct result *result, const char *name, enum role role, int64_t arm, int64_t count,
                          const double *expected)
{
    struct diagnostics d;
    const struct result_variable *v = NULL;
    double values[64];

    diagnostics_init(&d);
    for (int i = 0; i < result->variable_count; i++) {
        if (strcmp(result->variables[i].name, name) == 0) {
            v = &result->variables[i];
        }
    }
    assert_non_null(v);
    assert_int_equal(v->role, role);
    assert_int_equal(result_read(result, v, arm, 0, count, values, &d), 0);
    const int64_t width = v->rank == 3 ? result->sizes[DIMENSION_TIME] : 1;
    for (int64_t i = 0; i < count * width; i++) {
        if (isnan(expected[i])) {
            assert_true(isnan(values[i]));
        } else {
            assert_close(values[i], expected[i], 0, 0);
        }
    }
}

static void assert_patients(struct result *result, const struct fixture *f)
{
    for (int arm = 0; arm < ARMS; arm++) {
        double status[5], steps[5], outside[5], clamped[5], auc[5], none[5];
        for (int p = 0; p < 5; p++) {
            status[p] = fixture_fails(arm, p) ? PATIENT_SOLVER : PATIENT_SIMULATED;
            steps[p] = 100 + p;
            outside[p] = p % 3;
            clamped[p] = arm;
            auc[p] = fixture_fails(arm, p) ? NAN : fixture_metric(arm, 0, p, 2);
            none[p] = arm == 1 ? NAN : fixture_metric(arm, 1, p, 0);
        }
        assert_values(result, "status", ROLE_STATUS, arm, 5, status);
        assert_values(result, "steps", ROLE_STEPS, arm, 5, steps);
        assert_values(result, "outside_validity", ROLE_OUTSIDE, arm, 5, outside);
        assert_values(result, "clamped", ROLE_CLAMPED, arm, 5, clamped);
        assert_values(result, "esketamine_auc_last", ROLE_METRIC, arm, 5, auc);
        assert_values(result, "noresketamine_cmax", ROLE_METRIC, arm, 5, none);
    }
    assert_values(result, "age", ROLE_COVARIATE, 0, 5, (double[]){40, 41, 42, 43, 44});
    assert_values(result, "asian", ROLE_COVARIATE, 0, 5, (double[]){0, 1, 0, 1, 0});
    /* From the first arm; ka is kept per hour inside and declared per minute. */
    assert_values(result, "Vc", ROLE_PARAMETER, 0, 5, (double[]){60, 120, 180, 240, 300});
    assert_values(result, "ka", ROLE_PARAMETER, 0, 5, (double[]){2, 3, 4, 5, 6});
    assert_int_equal(f->study.patient_count, 5);
}

static void assert_profiles(struct result *result)
{
    for (int arm = 0; arm < ARMS; arm++) {
        for (int a = 0; a < ANALYTES; a++) {
            double levels[5 * TIMES];
            for (int i = 0; i < 5 * TIMES; i++) {
                const bool has = (arm == 0 || a == 0) && !fixture_fails(arm, i / TIMES);
                levels[i] = has ? fixture_level(arm, a, i / TIMES, i % TIMES) : NAN;
            }
            assert_values(result, a == 0 ? "esketamine" : "noresketamine", ROLE_PROFILE, arm, 5, levels);
        }
    }
}

/* Type 7 of Hyndman and Fan by hand: of 5 values at 0.05 the value at position 0.2, at 0.95 that at 3.8. The levels of
 * patients 0 to 4 are (0, 7, 3, 10, 6) (1 + time) + 0.1 time; without patient 2 there are 4, at positions 0.15 and 2.85. */
static void assert_quantiles(struct result *result)
{
    double expected[ARMS][QUANTILES * TIMES];

    for (int t = 0; t < TIMES; t++) {
        const double all[] = {0.6, 6, 9.4};
        const double four[] = {0.9, 6.5, 9.55};
        for (int q = 0; q < QUANTILES; q++) {
            expected[0][q * TIMES + t] = all[q] * (1 + t) + 0.1 * t;
            expected[1][q * TIMES + t] = 1000 + four[q] * (1 + t) + 0.1 * t;
        }
    }
    for (int arm = 0; arm < ARMS; arm++) {
        const struct result_variable *v = result_find(result, ROLE_QUANTILE, "esketamine", NULL);
        double found[QUANTILES * TIMES];
        struct diagnostics d;
        diagnostics_init(&d);
        assert_non_null(v);
        assert_int_equal(result_read(result, v, arm, 0, QUANTILES, found, &d), 0);
        for (int i = 0; i < QUANTILES * TIMES; i++) {
            assert_close(found[i], expected[arm][i], 1e-14, 0);
        }
    }
    double none[QUANTILES * TIMES];
    for (int i = 0; i < QUANTILES * TIMES; i++) {
        none[i] = NAN;
    }
    assert_values(result, "noresketamine_quantile", ROLE_QUANTILE, 1, QUANTILES, none);
}

static void test_values(void **state)
{
    struct fixture *f = *state;
    struct result result;

    fixture_write(f);
    assert_int_equal(result_open(&result, f->path, &f->d), 0);
    assert_int_equal(result.sizes[DIMENSION_ARM], ARMS);
    assert_int_equal(result.sizes[DIMENSION_PATIENT], 5);
    assert_int_equal(result.sizes[DIMENSION_TIME], TIMES);
    assert_int_equal(result.sizes[DIMENSION_QUANTILE], QUANTILES);
    assert_string_equal(result.arms[0], "low, 28 mg");
    assert_string_equal(result.arms[1], "h\303\266her");
    assert_string_equal(result.arm_names[0], "low");
    assert_string_equal(result.arm_names[1], "high");
    assert_string_equal(result.arm_models[1], "one");
    assert_int_equal(result.analyte_count, 2);
    assert_int_equal(result.model_count, 1);
    assert_patients(&result, f);
    assert_profiles(&result);
    assert_quantiles(&result);
    result_close(&result);
}

static void test_coordinates(void **state)
{
    struct fixture *f = *state;
    double times[TIMES];
    double quantiles[QUANTILES];
    int64_t patients[5];

    fixture_write(f);
    struct hdf *file = hdf_open(f->path, false, &f->d);
    assert_non_null(file);
    const int64_t start[1] = {0};
    assert_int_equal(hdf_read(file, "time", HDF_FLOAT64, start, (int64_t[]){TIMES}, times, &f->d), 0);
    assert_int_equal(hdf_read(file, "quantile", HDF_FLOAT64, start, (int64_t[]){3}, quantiles, &f->d), 0);
    assert_int_equal(hdf_read(file, "patient", HDF_INT64, start, (int64_t[]){5}, patients, &f->d), 0);
    assert_memory_equal(times, f->times, sizeof(times));
    assert_memory_equal(quantiles, f->quantiles, sizeof(quantiles));
    for (int i = 0; i < 5; i++) {
        assert_int_equal(patients[i], i + 1);
    }
    hdf_close(file, &f->d);
}

/* --- Attributes --- */

static void assert_text(struct hdf *file, const char *owner, const char *name, const char *expected)
{
    char *text = hdf_text(file, owner, name);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static int variable_has_meaning(void *payload, const char *name)
{
    struct hdf *file = payload;
    char *unit = hdf_text(file, name, "units");
    char *long_name = hdf_text(file, name, "long_name");

    assert_true(unit && *unit);
    assert_true(long_name && *long_name);
    free(long_name);
    free(unit);
    return 0;
}

static void test_attributes(void **state)
{
    struct fixture *f = *state;
    uint64_t seed;
    double rtol;
    int64_t failed;
    char *resolved = document_write(&f->study.document);

    fixture_write(f);
    struct hdf *file = hdf_open(f->path, false, &f->d);
    assert_non_null(file);
    assert_int_equal(hdf_visit(file, variable_has_meaning, file, &f->d), 0);
    assert_text(file, NULL, "Conventions", "CF-1.8");
    assert_text(file, NULL, "title", "A study");
    assert_text(file, NULL, "study", f->study.source);
    assert_text(file, NULL, "resolved_study", resolved);
    assert_text(file, NULL, "model_one", "model: one\n");
    assert_text(file, NULL, "doi_one", "10.1/x");
    assert_text(file, NULL, "ketsim_revision", "abcdef");
    assert_text(file, NULL, "disclaimer", "Research and teaching tool, not a medical device.");
    assert_text(file, "ka", "units", "1/min");
    assert_text(file, "ka", "comment", "the same in every arm");
    assert_text(file, "esketamine_cmax", "cdisc", "CMAX");
    assert_text(file, "esketamine_cmax", "from", "observations");
    assert_text(file, "esketamine_cmax", "coordinates", "arm_name model");
    assert_text(file, "status", "flag_meanings",
                "simulated parameters solver not_finite steps steady pending");
    assert_true(hdf_number(file, NULL, "seed", HDF_UINT64, &seed));
    assert_true(seed == f->study.seed);
    assert_true(hdf_number(file, NULL, "solver_rtol", HDF_FLOAT64, &rtol));
    assert_close(rtol, 1e-8, 0, 0);
    assert_true(hdf_number(file, NULL, "failed", HDF_INT64, &failed));
    assert_int_equal(failed, 1);
    hdf_close(file, &f->d);
    free(resolved);
}

/* A study of more than 64 kB is more than the header of an HDF5 object can hold. */
static void test_large_texts(void **state)
{
    struct fixture *f = *state;
    enum { SIZE = 3 << 20 };
    char *text = malloc(SIZE + 1);

    assert_non_null(text);
    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    f->study.source = text;
    f->models[0].doi = NULL;
    f->models[0].title = "";
    fixture_write(f);
    struct hdf *file = hdf_open(f->path, false, &f->d);
    assert_non_null(file);
    assert_text(file, NULL, "study", text);
    assert_text(file, NULL, "doi_one", "");
    assert_text(file, NULL, "title_one", "");
    hdf_close(file, &f->d);
    free(text);
}

/* --- Other layouts --- */

static void test_parts_left_out(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->study.store = STORE_EXPOSURE;
    fixture_write(f);
    assert_int_equal(result_open(&result, f->path, &f->d), 0);
    assert_null(result_find(&result, ROLE_PROFILE, NULL, NULL));
    assert_null(result_find(&result, ROLE_QUANTILE, NULL, NULL));
    assert_non_null(result_find(&result, ROLE_METRIC, NULL, NULL));
    assert_int_equal(result.sizes[DIMENSION_QUANTILE], 0);
    result_close(&result);
}

static void test_quantiles_without_profiles(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->study.store = STORE_QUANTILES;
    fixture_write(f);
    assert_int_equal(result_open(&result, f->path, &f->d), 0);
    assert_null(result_find(&result, ROLE_PROFILE, NULL, NULL));
    assert_null(result_find(&result, ROLE_METRIC, NULL, NULL));
    assert_quantiles(&result);
    result_close(&result);
}

static void test_single_precision(void **state)
{
    struct fixture *f = *state;
    struct hdf_shape shape;
    float levels[TIMES];
    float quantiles[TIMES];

    f->study.float32 = true;
    fixture_write(f);
    struct hdf *file = hdf_open(f->path, false, &f->d);
    assert_non_null(file);
    assert_int_equal(hdf_shape(file, "esketamine", &shape, &f->d), 0);
    assert_int_equal(shape.type, HDF_FLOAT32);
    assert_int_equal(shape.rank, 3);
    assert_int_equal(hdf_read(file, "esketamine", HDF_FLOAT32, (int64_t[]){1, 4, 0}, (int64_t[]){1, 1, TIMES},
                              levels, &f->d),
                     0);
    assert_int_equal(hdf_read(file, "esketamine_quantile", HDF_FLOAT32, (int64_t[]){1, 1, 0},
                              (int64_t[]){1, 1, TIMES}, quantiles, &f->d),
                     0);
    for (int t = 0; t < TIMES; t++) {
        assert_close(levels[t], (float)fixture_level(1, 0, 4, t), 0, 0);
        assert_close(quantiles[t], 1000 + 6.5 * (1 + t) + 0.1 * t, 1e-7, 0);
    }
    hdf_close(file, &f->d);
}

/* The error of float32, measured: half a unit of the 24th bit at most, and about that at worst. */
static void test_single_precision_is_as_exact_as_it_says(void **state)
{
    enum { MANY = 1500 };
    struct fixture *f = *state;
    float *levels = calloc(MANY * TIMES, sizeof(*levels));
    double bound = 0;
    double worst = 0;

    assert_non_null(levels);
    f->study.float32 = true;
    f->study.patient_count = MANY;
    fixture_write(f);
    struct hdf *file = hdf_open(f->path, false, &f->d);
    assert_non_null(file);
    assert_true(hdf_number(file, "esketamine", "rounding_error_bound", HDF_FLOAT64, &bound));
    assert_close(bound, ldexp(1, -24), 0, 0);
    assert_true(hdf_number(file, "esketamine_quantile", "rounding_error_bound", HDF_FLOAT64, &bound));
    assert_false(hdf_number(file, "esketamine_cmax", "rounding_error_bound", HDF_FLOAT64, &bound));
    char *text = hdf_text(file, "esketamine", "rounding");
    assert_non_null(text);
    assert_non_null(strstr(text, "relative error up to 2^-24"));
    free(text);
    assert_int_equal(hdf_read(file, "esketamine", HDF_FLOAT32, (int64_t[]){0, 0, 0},
                              (int64_t[]){1, MANY, TIMES}, levels, &f->d),
                     0);
    hdf_close(file, &f->d);
    for (int i = 0; i < MANY * TIMES; i++) {
        const double level = fixture_level(0, 0, i / TIMES, i % TIMES);
        worst = level > 0 ? fmax(worst, fabs(levels[i] - level) / level) : worst;
    }
    free(levels);
    assert_true(worst <= bound && worst > bound / 4);
    /* Below the least normal number there are fewer bits, and they are not flushed to 0. */
    for (volatile double tiny = 1e-38; tiny > 1e-44; tiny /= 3) {
        volatile float narrow = (float)tiny;
        assert_true(narrow > 0);
        assert_close(narrow, tiny, 0, ldexp(1, -150));
    }
}

/* Observations lie beside the levels, and need no other part of the result. */
static void test_observations(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->study.store = STORE_OBSERVATIONS;
    fixture_write(f);
    assert_int_equal(result_open(&result, f->path, &f->d), 0);
    assert_null(result_find(&result, ROLE_PROFILE, NULL, NULL));
    assert_int_equal(result.analyte_count, 2);
    for (int arm = 0; arm < ARMS; arm++) {
        for (int a = 0; a < ANALYTES; a++) {
            double expected[5 * TIMES];
            for (int i = 0; i < 5 * TIMES; i++) {
                const bool has = (arm == 0 || a == 0) && !fixture_fails(arm, i / TIMES);
                expected[i] = has ? fixture_observed(fixture_level(arm, a, i / TIMES, i % TIMES)) : NAN;
            }
            assert_values(&result, a == 0 ? "esketamine_observed" : "noresketamine_observed", ROLE_OBSERVED,
                          arm, 5, expected);
        }
    }
    assert_text(result.file, "esketamine_observed", "units", "ng/mL");
    assert_text(result.file, "esketamine_observed", "analyte", "esketamine");
    assert_text(result.file, "esketamine_observed", "long_name",
                "esketamine level with residual error, as an assay would report it");
    result_close(&result);
}

/* An effect site is told with its source and its limits, and only where there is one. */
static void test_effect_site(void **state)
{
    struct fixture *f = *state;
    const char *limits[] = {"no offset", "men only"};
    struct effect_site site = {
        .document = {.source = (char *)(uintptr_t) "effect_site: x\n"},
        .name = "x",
        .title = "A site",
        .citation = "Someone 2022",
        .doi = "10.1/y",
        .population = "17 men",
        .c50 = 121,
        .limits = limits,
        .limit_count = 2,
    };
    double c50 = 0;

    fixture_write(f);
    struct hdf *file = hdf_open(f->path, false, &f->d);
    assert_non_null(file);
    assert_null(hdf_text(file, NULL, "effect_site"));
    hdf_close(file, &f->d);
    unlink(f->path);
    f->study.effect_site = &site;
    fixture_write(f);
    file = hdf_open(f->path, false, &f->d);
    assert_non_null(file);
    assert_text(file, NULL, "effect_site", "x");
    assert_text(file, NULL, "effect_site_citation", "Someone 2022");
    assert_text(file, NULL, "effect_site_doi", "10.1/y");
    assert_text(file, NULL, "effect_site_population", "17 men");
    assert_text(file, NULL, "effect_site_limits", "no offset\nmen only");
    assert_text(file, NULL, "effect_site_text", "effect_site: x\n");
    assert_true(hdf_number(file, NULL, "effect_site_c50_ng_per_mL", HDF_FLOAT64, &c50));
    assert_close(c50, 121, 0, 0);
    hdf_close(file, &f->d);
}

/* Two models: what they call the same in the same unit is one variable, now by arm; what differs in unit is two. */
static void test_two_models(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->study.model_count = 2;
    f->arms[1].model = 1;
    f->models[1].parameters[0].unit = "mL";
    f->models[1].parameters[0].num = 1;
    f->models[1].parameters[0].den = 1000;
    fixture_write(f);
    assert_int_equal(result_open(&result, f->path, &f->d), 0);
    assert_string_equal(result.arm_models[1], "two");
    assert_int_equal(result.model_count, 2);
    assert_text(result.file, NULL, "analytes_one", "esketamine noresketamine");
    assert_text(result.file, NULL, "analytes_two", "esketamine");
    assert_values(&result, "Vc", ROLE_PARAMETER, 0, 5, (double[]){60, 120, 180, 240, 300});
    assert_values(&result, "Vc", ROLE_PARAMETER, 1, 5, (double[]){NAN, NAN, NAN, NAN, NAN});
    assert_values(&result, "Vc_two", ROLE_PARAMETER, 1, 5, (double[]){606e4, 612e4, 618e4, 624e4, 63e5});
    assert_values(&result, "ka", ROLE_PARAMETER, 0, 5, (double[]){2, 3, 4, 5, 6});
    assert_values(&result, "ka", ROLE_PARAMETER, 1, 5, (double[]){102, 103, 104, 105, 106});
    assert_values(&result, "age", ROLE_COVARIATE, 0, 5, (double[]){40, 41, 42, 43, 44});
    assert_int_equal(result_find(&result, ROLE_COVARIATE, NULL, NULL)->rank, 1);
    result_close(&result);
}

static void test_sweep(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->axis = (struct sweep_axis){.name = "age", .unit = "years", .covariate = 0};
    f->axis_values[0] = 30;
    f->axis_values[1] = 70;
    f->study.axes = &f->axis;
    f->study.axis_count = 1;
    f->arms[0].axis_values = &f->axis_values[0];
    f->arms[1].axis_values = &f->axis_values[1];
    fixture_write(f);
    assert_int_equal(result_open(&result, f->path, &f->d), 0);
    assert_values(&result, "sweep_age", ROLE_SWEEP, 0, 1, (double[]){30});
    assert_values(&result, "sweep_age", ROLE_SWEEP, 1, 1, (double[]){70});
    assert_int_equal(result_find(&result, ROLE_COVARIATE, NULL, NULL)->rank, 2);
    assert_int_equal(result_find(&result, ROLE_PARAMETER, NULL, NULL)->rank, 2);
    assert_text(result.file, "age", "comment", "can differ between arms");
    assert_text(result.file, "esketamine", "coordinates", "arm_name model sweep_age");
    result_close(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_coordinates, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_attributes, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_large_texts, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_parts_left_out, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_quantiles_without_profiles, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_single_precision, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_single_precision_is_as_exact_as_it_says, fixture_create,
                                        fixture_free),
        cmocka_unit_test_setup_teardown(test_observations, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_effect_site, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_two_models, fixture_create, fixture_free),
        cmocka_unit_test_setup_teardown(test_sweep, fixture_create, fixture_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
