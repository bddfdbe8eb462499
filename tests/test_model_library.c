/* The published models as read: each number against the source (Perez-Ruixo 2021 Table 3, Otto 2021 and Fanta 2015, Domino
 * 1982, as transcribed in nlmixr2lib and opentiva), typed in here a second time. */
#include "models.h"

#include "model/library.h"

struct number {
    const char *name;
    double value;
};

/* The typical patient with `covariate` (NULL: none) set to `value`, and `also` (NULL: none) too. */
static struct individual patient(struct given *given, const char *covariate, double value, const char *also)
{
    struct evaluator *evaluator = given_evaluator(given);
    struct individual individual = typical_patient(&given->model);

    if (covariate) {
        individual.covariates[model_covariate(&given->model, covariate)] = value;
    }
    if (also) {
        individual.covariates[model_covariate(&given->model, also)] = value;
    }
    compute(evaluator, &individual);
    evaluator_free(evaluator);
    return individual;
}

/* All parameters of the model are those listed, no more, with these values. */
static void check_parameters(const struct given *given, const struct individual *individual,
                             const struct number *numbers, int count)
{
    assert_int_equal(given->model.parameter_count, count);
    for (int i = 0; i < count; i++) {
        const double value = value_of(&given->model, individual, numbers[i].name);
        if (!(fabs(value - numbers[i].value) <= 4e-16 * numbers[i].value)) {
            print_error("%s = %.17g, published %.17g\n", numbers[i].name, value, numbers[i].value);
        }
        assert_close(value, numbers[i].value, 4e-16, 0);
    }
}

/* All random effects of the model are those listed, with these variances. */
static void check_variances(const struct given *given, const struct number *numbers, int count)
{
    assert_int_equal(given->model.effect_count, count);
    for (int i = 0; i < count; i++) {
        assert_close(covariance_of(&given->model, numbers[i].name, numbers[i].name), numbers[i].value, 1e-14,
                     0);
    }
}

/* How many pairs of different effects are correlated. */
static int count_correlated(const struct model *model)
{
    int count = 0;
    for (int i = 0; i < model->effect_count; i++) {
        for (int j = 0; j < i; j++) {
            count += model->covariance[i * model->effect_count + j] != 0;
        }
    }
    return count;
}

#define COUNT(TABLE) ((int)(sizeof(TABLE) / sizeof((TABLE)[0])))

static void test_perez_ruixo_typical(void **state)
{
    static const struct number typical[] = {
        {"FRn", 0.54},   {"FRn_later", 0.62}, {"ka_n", 2.93}, {"Dsw", 0.53}, {"ka_sw", 1.45}, {"Dpo", 0.32},
        {"ka_po", 0.97}, {"Fgut", 0.64},      {"Vc", 192},    {"Vp1", 143},  {"Vp2", 417},    {"Q1", 84.3},
        {"Q2", 37.6},    {"Qh", 151},         {"Vh", 101},    {"kel", 1.11}, {"kmet", 2.77},  {"Vcn", 70},
        {"Vpn", 115},    {"CLn", 38},         {"Q3", 26.1},
    };
    struct given given;

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    const struct individual individual = patient(&given, NULL, 0, NULL);
    check_parameters(&given, &individual, typical, COUNT(typical));
    assert_true(individual.volumes[model_output(&given.model, "esketamine")] == 192);
    assert_true(individual.volumes[model_output(&given.model, "noresketamine")] == 70);
    assert_int_equal(given.model.compartment_count, 9);
    assert_string_equal(given.model.drug, "S-ketamine");
    given_clear(&given);
}

/* ln(1 + CV^2) of the CVs of Table 3, and the square of the SD of FRn. */
static void test_perez_ruixo_variances(void **state)
{
    static const struct number variances[] = {
        {"FRn", 0.501264},
        {"ka_n", 0.32079643937882985}, /* 61.5 % */
        {"ka_sw", 1.0088334494213238}, /* 132 % */
        {"ka_po", 1.0088334494213238}, /* 132 % */
        {"Vc", 0.07290188798366683},   /* 27.5 % */
        {"Vp1", 0.2175672325078314},   /* 49.3 % */
        {"Qh", 0.052425453253769086},  /* 23.2 % */
        {"Vh", 0.11307508172376125},   /* 34.6 % */
        {"kel", 0.8919980393051105},   /* 120 % */
        {"Vcn", 0.09517926214407285},  /* 31.6 % */
        {"CLn", 0.06252023576920543},  /* 25.4 % */
    };
    /* As nlmixr2lib prints them. Three of its logarithms are slightly off what its own CVs give: 0.319 for 0.3208, 0.0730 for
     * 0.0729, 0.0955 for 0.0952. */
    static const struct number transcribed[] = {
        {"FRn", 0.501}, {"ka_n", 0.319}, {"ka_sw", 1.009}, {"ka_po", 1.009}, {"Vc", 0.0730},  {"Vp1", 0.218},
        {"Qh", 0.0524}, {"Vh", 0.113},   {"kel", 0.892},   {"Vcn", 0.0955},  {"CLn", 0.0625},
    };
    struct given given;

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    check_variances(&given, variances, COUNT(variances));
    for (int i = 0; i < COUNT(transcribed); i++) {
        assert_close(covariance_of(&given.model, transcribed[i].name, transcribed[i].name),
                     transcribed[i].value, 0.006, 0);
    }
    assert_int_equal(count_correlated(&given.model), 0);
    assert_int_equal(given.model.parameters[model_parameter(&given.model, "FRn")].variability,
                     VARIABILITY_LOGIT);
    assert_int_equal(given.model.parameters[model_parameter(&given.model, "kel")].variability,
                     VARIABILITY_LOGNORMAL);
    given_clear(&given);
}

/* Hepatic blood flow falls by 2.19 L/h per year over 60. */
static void test_perez_ruixo_age(void **state)
{
    static const struct number ages[] = {
        {"18", 151}, {"60", 151}, {"61", 148.81}, {"70", 129.1}, {"86", 94.06}};
    struct given given;

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    for (int i = 0; i < COUNT(ages); i++) {
        const struct individual individual = patient(&given, "age", atof(ages[i].name), NULL);
        assert_close(value_of(&given.model, &individual, "Qh"), ages[i].value, 1e-15, 0);
        assert_true(value_of(&given.model, &individual, "kel") == 1.11);
    }
    given_clear(&given);
}

/* Asian: kel x 0.36 and CLn x 0.81; Japanese besides: FRn x 1.34. Weight changes nothing. */
static void test_perez_ruixo_categories(void **state)
{
    struct given given;

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    const struct model *m = &given.model;
    const struct individual typical = patient(&given, NULL, 0, NULL);
    const struct individual asian = patient(&given, "asian", 1, NULL);
    assert_close(value_of(m, &asian, "kel"), 0.3996, 1e-15, 0);
    assert_close(value_of(m, &asian, "CLn"), 30.78, 1e-15, 0);
    assert_true(value_of(m, &asian, "FRn") == 0.54);
    const struct individual japanese = patient(&given, "asian", 1, "japanese");
    assert_close(value_of(m, &japanese, "FRn"), 0.7236, 1e-15, 0);
    assert_close(value_of(m, &japanese, "kel"), 0.3996, 1e-15, 0);
    assert_close(value_of(m, &japanese, "CLn"), 30.78, 1e-15, 0);
    int changed = 0;
    for (int p = 0; p < m->parameter_count; p++) {
        changed += japanese.parameters[p] != typical.parameters[p];
    }
    assert_int_equal(changed, 3);
    const struct individual heavy = patient(&given, "weight", 170, NULL);
    assert_memory_equal(heavy.parameters, typical.parameters, sizeof(heavy.parameters));
    assert_string_equal(m->covariates[model_covariate(m, "japanese")].within, "asian");
    given_clear(&given);
}

/* The clearance and bioavailabilities of the structure, from the closed form F = FRn + (1 - FRn) Fgut (1 - E). */
static void test_perez_ruixo_extraction(void **state)
{
    struct given given;

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    const struct individual p = patient(&given, NULL, 0, NULL);
    const struct model *m = &given.model;
    const double intrinsic = value_of(m, &p, "Vh") * (value_of(m, &p, "kel") + value_of(m, &p, "kmet"));
    const double extraction = intrinsic / (value_of(m, &p, "Qh") + intrinsic);
    assert_close(extraction, 0.7219, 0, 5e-5);
    assert_close(value_of(m, &p, "Qh") * extraction, 109.0, 0, 0.05);
    const double first =
        value_of(m, &p, "FRn") + (1 - value_of(m, &p, "FRn")) * value_of(m, &p, "Fgut") * (1 - extraction);
    assert_close(first, 0.622, 0, 5e-4);
    given_clear(&given);
}

static void test_otto_typical(void **state)
{
    static const struct number typical[] = {
        {"V1", 133}, {"CL", 95.2},     {"Vp1", 187},     {"Q1", 23.2},      {"Vp2", 98.8},
        {"Q2", 157}, {"V_NK", 98.638}, {"CL_NK", 57.72}, {"Vp_NK", 160.04}, {"Q_NK", 42.778},
    };
    static const struct number at_100_kg[] = {
        {"V1", 190},
        {"CL", 124.39800581510245}, /* 95.2 (10/7)^0.75 */
        {"Vp1", 187},
        {"Q1", 23.2},
        {"Vp2", 98.8},
        {"Q2", 157},
        {"V_NK", 140.91142857142857},
        {"CL_NK", 75.42282453411462}, /* 57.72 (10/7)^0.75 */
        {"Vp_NK", 160.04},
        {"Q_NK", 42.778},
    };
    struct given given;

    (void)state;
    given_library(&given, "otto-2021");
    struct individual individual = patient(&given, NULL, 0, NULL);
    check_parameters(&given, &individual, typical, COUNT(typical));
    individual = patient(&given, "weight", 100, NULL);
    check_parameters(&given, &individual, at_100_kg, COUNT(at_100_kg));
    given_clear(&given);
}

/* The matrix as printed, exactly. */
static void test_otto_matrix(void **state)
{
    struct given given;

    (void)state;
    given_library(&given, "otto-2021");
    const struct model *m = &given.model;
    assert_int_equal(m->effect_count, 4);
    assert_true(covariance_of(m, "V1", "V1") == 0.084177);
    assert_true(covariance_of(m, "V1", "CL") == 0.02261);
    assert_true(covariance_of(m, "CL", "CL") == 0.026048);
    assert_true(covariance_of(m, "V_NK", "V_NK") == 0.040426);
    assert_true(covariance_of(m, "V_NK", "CL_NK") == 0.04456);
    assert_true(covariance_of(m, "CL_NK", "CL_NK") == 0.10319);
    assert_int_equal(count_correlated(m), 2);
    given_clear(&given);
}

/* Constants per minute, in the file as published, are per hour inside. */
static void test_domino(void **state)
{
    static const struct number typical[] = {
        {"V1", 4.41}, {"k10", 26.286}, {"k12", 35.526}, {"k13", 35.4}, {"k21", 14.82}, {"k31", 0.876},
    };
    struct given given;

    (void)state;
    given_library(&given, "domino-1982");
    const struct individual p = patient(&given, NULL, 0, NULL);
    const struct model *m = &given.model;
    check_parameters(&given, &p, typical, COUNT(typical));
    assert_int_equal(m->effect_count, 0);
    /* and what follows from them: clearances in L/h, volumes in L */
    const double v = value_of(m, &p, "V1");
    assert_close(v * value_of(m, &p, "k10"), 115.9, 0, 0.05);
    assert_close(v * value_of(m, &p, "k12"), 156.7, 0, 0.05);
    assert_close(v * value_of(m, &p, "k13"), 156.1, 0, 0.05);
    assert_close(v * value_of(m, &p, "k12") / value_of(m, &p, "k21"), 10.57, 0, 0.005);
    assert_close(v * value_of(m, &p, "k13") / value_of(m, &p, "k31"), 178.2, 0, 0.05);
    const struct individual heavy = patient(&given, "weight", 100, NULL);
    assert_close(value_of(m, &heavy, "V1"), 6.3, 1e-15, 0);
    assert_string_equal(m->drug, "racemate");
    given_clear(&given);
}

/* Every model says where it is from; names are those of their files. */
static void test_provenance(void **state)
{
    (void)state;
    assert_true(library_count >= 3);
    for (int i = 0; i < library_count; i++) {
        struct given given;
        given_library(&given, library_entries[i].name);
        assert_string_equal(given.model.name, library_entries[i].name);
        assert_true(strlen(given.model.title) > 10 && strlen(given.model.citation) > 20);
        assert_true(strlen(given.model.population) > 10);
        assert_true(given.model.discrepancy_count > 0);
        assert_true(given.model.golden_count > 0);
        given_clear(&given);
    }
}

/* From the lowest to the highest valid value of a covariate, or widely around the typical one. */
static double grid_value(const struct covariate *covariate, int step, int steps)
{
    const double lowest = covariate->category           ? 0
                          : isfinite(covariate->lowest) ? covariate->lowest
                                                        : typical_of(covariate) / 4;
    const double highest = covariate->category            ? 1
                           : isfinite(covariate->highest) ? covariate->highest
                                                          : typical_of(covariate) * 4;
    return covariate->category ? step % 2 : lowest + (highest - lowest) * step / (steps - 1);
}

/* Every patient within the validity of a model is possible, the extremes included: all numbers finite, no rate negative. */
static void test_grid(void **state)
{
    enum { STEPS = 9 };

    (void)state;
    for (int i = 0; i < library_count; i++) {
        struct given given;
        given_library(&given, library_entries[i].name);
        const struct model *m = &given.model;
        struct evaluator *evaluator = given_evaluator(&given);
        int points = 1;
        for (int c = 0; c < m->covariate_count; c++) {
            points *= STEPS;
        }
        for (int point = 0; point < points; point++) {
            struct individual p = {0};
            for (int c = 0, rest = point; c < m->covariate_count; c++, rest /= STEPS) {
                p.covariates[c] = grid_value(&m->covariates[c], rest % STEPS, STEPS);
            }
            individual_draw_effects(m, 1, (uint64_t)point, p.etas);
            compute(evaluator, &p);
            for (int k = 0; k < m->parameter_count; k++) {
                assert_true(isfinite(p.parameters[k]) && p.parameters[k] > 0);
            }
            for (int k = 0; k < m->flow_count; k++) {
                assert_true(isfinite(p.rates[k]) && p.rates[k] >= 0);
            }
            for (int k = 0; k < m->output_count; k++) {
                assert_true(isfinite(p.volumes[k]) && p.volumes[k] > 0);
            }
        }
        evaluator_free(evaluator);
        given_clear(&given);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_perez_ruixo_typical),
        cmocka_unit_test(test_perez_ruixo_variances),
        cmocka_unit_test(test_perez_ruixo_age),
        cmocka_unit_test(test_perez_ruixo_categories),
        cmocka_unit_test(test_perez_ruixo_extraction),
        cmocka_unit_test(test_otto_typical),
        cmocka_unit_test(test_otto_matrix),
        cmocka_unit_test(test_domino),
        cmocka_unit_test(test_provenance),
        cmocka_unit_test(test_grid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
