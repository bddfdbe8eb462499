/* The certificate: who is in the sample, that right numbers pass at any tolerance, and that wrong ones do not. */
#include "check.h"

#include "planted.h"
#include "simulate.h"

/* --- The sample --- */

static struct certificate_sample sample_of(const char *method, int arms, int64_t patients, uint64_t seed)
{
    const struct model model = {.flow_count = 0};
    const struct study study = {.models = (struct model *)(uintptr_t)&model,
                                .model_count = 1,
                                .arm_count = arms,
                                .patient_count = patients,
                                .seed = seed,
                                .method = method,
                                .rtol = 1e-8};
    return certificate_sample(&study);
}

/* Counts what the two functions say of each simulation, and compares. */
static void check_sample(const char *method, int arms, int64_t patients)
{
    const struct certificate_sample sample = sample_of(method, arms, patients, 5);
    const int64_t total = arms * patients;
    int64_t in = 0;
    int64_t of_arm = 0;
    assert_true(sample.size <= total);
    assert_true(sample.size >= (total < 32 ? total : 32));
    assert_true(sample.size * (strcmp(method, "exact") == 0 ? 400 : 100) >= total);
    for (int64_t number = 0; number < total; number++) {
        of_arm = number % patients == 0 ? 0 : of_arm;
        assert_int_equal(certificate_before(&sample, number), in);
        if (in < sample.size && certificate_number(&sample, in) == number) {
            in++;
            of_arm++;
        }
        if (number % patients == patients - 1 && arms <= 32) {
            assert_true(of_arm >= (patients < 4 ? patients : 4));
        }
    }
    assert_int_equal(in, sample.size);
    assert_int_equal(certificate_before(&sample, total), in);
}

static void test_sample(void **state)
{
    static const int arms[] = {1, 2, 3, 7, 32, 33, 1000};
    static const int64_t patients[] = {1, 2, 5, 31, 32, 33, 64, 100, 999, 12345};
    (void)state;
    for (size_t a = 0; a < sizeof(arms) / sizeof(*arms); a++) {
        for (size_t p = 0; p < sizeof(patients) / sizeof(*patients) && arms[a] * patients[p] < 500000; p++) {
            check_sample("cvode", arms[a], patients[p]);
            check_sample("exact", arms[a], patients[p]);
        }
    }
}

/* No more than is wanted where there are many, and another seed takes others. */
static void test_sample_is_small(void **state)
{
    const struct certificate_sample sample = sample_of("cvode", 3, 1000, 1);
    const struct certificate_sample other = sample_of("cvode", 3, 1000, 2);
    const struct certificate_sample many = sample_of("exact", 1000000, 1000000000, 1);
    bool differs = false;
    (void)state;
    assert_int_equal(sample.size, 48);
    for (int64_t i = 0; i < sample.size; i++) {
        differs |= certificate_number(&sample, i) != certificate_number(&other, i);
    }
    assert_true(differs);
    assert_int_equal(many.size, 2500000000000);
    assert_true(certificate_number(&many, many.size - 1) < many.total);
    assert_int_equal(certificate_before(&many, certificate_number(&many, many.size / 3)), many.size / 3);
}

/* --- Numbers that are right --- */

#define LINEAR                                                                                               \
    "{title: t, models: [perez-ruixo-2021, otto-2021, domino-1982], seed: 3, racemate: halve, patients: "    \
    "{count: 500, covariates: {weight: 70 kg}}, arms: "                                                      \
    "[{name: a, regimen: [{route: iv, dose: 28 mg, over: 40 min, drug: racemate, on_days: [0, 2, 9]}]}, "    \
    "{name: b, regimen: [{route: iv, dose: 10 mg, drug: racemate}]}], observe: {to: 21 days, every: 2 h}, "  \
    "solver: {rtol: %g}}\n"

#define SATURABLE                                                                                            \
    "{title: t, model: " SOURCE_DIR                                                                          \
    "/configs/models/one-compartment-saturable.yaml, seed: 3, patients: {count: 200}, arms: "                \
    "[{name: a, regimen: [{route: iv, dose: 28 mg, over: 40 min, on_days: [0, 2]}]}], observe: {to: 5 "      \
    "days, every: 1 h}, "                                                                                    \
    "solver: {rtol: %g}}\n"

static void no_error(void)
{
    planted = (struct planted){.method = NULL};
}

static void check_right(const char *study, double rtol, const char *method)
{
    struct simulation s;
    char text[2000];
    snprintf(text, sizeof(text), study, rtol);
    simulate(&s, text, method, 2);
    const struct certificate *c = &s.report.certificate;
    print_message("rtol %g, %s: %.2g of %.2g, imbalance %.2g\n", rtol, method, c->worst.discrepancy,
                  certificate_limit(&s.study), c->unbalanced.imbalance);
    assert_int_equal(c->compared, certificate_sample(&s.study).size);
    assert_int_equal(c->differing, 0);
    assert_true(c->worst.discrepancy > 0 && c->worst.discrepancy < 0.4 * certificate_limit(&s.study));
    assert_true(c->unbalanced.imbalance < 1e-11);
    simulation_clear(&s);
}

static void test_right_numbers_pass(void **state)
{
    static const double rtols[] = {1e-3, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12};
    (void)state;
    no_error();
    for (size_t i = 0; i < sizeof(rtols) / sizeof(*rtols); i++) {
        check_right(LINEAR, rtols[i], "cvode");
        check_right(SATURABLE, rtols[i], "cvode");
    }
    check_right(LINEAR, 1e-4, "exact"); /* which knows no tolerance */
}

static void test_threads_leave_no_trace(void **state)
{
    struct simulation one, seven;
    char text[2000];
    (void)state;
    no_error();
    snprintf(text, sizeof(text), LINEAR, 1e-8);
    simulate(&one, text, "cvode", 1);
    simulate(&seven, text, "cvode", 7);
    assert_memory_equal(&one.report.certificate.worst, &seven.report.certificate.worst,
                        sizeof(struct certified));
    assert_memory_equal(&one.report.certificate.unbalanced, &seven.report.certificate.unbalanced,
                        sizeof(struct certified));
    assert_int_equal(one.report.steps, seven.report.steps);
    simulation_clear(&one);
    simulation_clear(&seven);
}

/* --- Numbers that are wrong --- */

/* Every number is right but those planted: the certificate says so, of whom and when. */
static void check_wrong(const char *study, const char *method, const struct planted *error)
{
    struct simulation s;
    char text[2000];
    snprintf(text, sizeof(text), study, 1e-8);
    planted = *error;
    simulate(&s, text, method, 2);
    no_error();
    const struct certificate *c = &s.report.certificate;
    assert_int_equal(c->compared, certificate_sample(&s.study).size);
    assert_int_equal(c->differing, error->lane < 0 ? c->compared : 1);
    if (error->lane >= 0) {
        assert_int_equal(c->worst.position, error->lane);
    }
    if (error->relative != 0) {
        assert_close(c->worst.discrepancy, fabs(error->relative), 0.3, 0);
        assert_close(c->worst.level / c->worst.reference, 1 + error->relative, 1e-6, 0);
    }
    if (error->of_remaining != 0) {
        assert_true(c->unbalanced.imbalance > CERTIFICATE_IMBALANCE_LIMIT);
    }
    simulation_clear(&s);
}

#define FEW                                                                                                  \
    "{title: t, model: perez-ruixo-2021, seed: 3, patients: {count: 20}, arms: [{name: a, regimen: "         \
    "[{route: iv, dose: 28 mg, "                                                                             \
    "over: 40 min}]}], observe: {to: 24 h, every: 1 h}, solver: {rtol: %g}}\n"

static void test_wrong_numbers_do_not(void **state)
{
    (void)state;
    check_wrong(LINEAR, "cvode", &(struct planted){"cvode", 5e-9, 1e-5, 0, -1, 0});
    check_wrong(LINEAR, "exact", &(struct planted){"exact", 0, -1e-5, 0, -1, 0});
    check_wrong(SATURABLE, "cvode", &(struct planted){"cvode", 5e-9, 1e-5, 0, -1, 0});
    check_wrong(FEW, "cvode", &(struct planted){"cvode", 5e-9, 1e-5, 0, 17, 0});
    check_wrong(FEW, "exact", &(struct planted){"exact", 0, 1e-5, 0, 17, 0});
    check_wrong(FEW, "cvode", &(struct planted){"exact", 0, 0, 0.1, -1, 0});
    check_wrong(FEW, "exact", &(struct planted){"cvode", 0, 0, 0.1, -1, 0});
}

/* Who is not solved again does not count as compared, costs nobody else the comparison, and alone breaks nothing; all of them do. */
static void check_unsolved(double fails, bool all)
{
    struct simulation s;
    char text[2000];
    snprintf(text, sizeof(text), FEW, 1e-8);
    planted = (struct planted){"exact", 0, 0, 0, -1, fails};
    simulate(&s, text, "cvode", 2);
    no_error();
    const struct certificate *c = &s.report.certificate;
    assert_int_equal(c->compared + c->unsolved, 20);
    assert_int_equal(c->differing, 0);
    assert_true(all ? c->compared == 0 : c->compared > 0 && c->unsolved > 0);
    assert_int_equal(certificate_holds(c), !all);
    simulation_clear(&s);
}

static void test_unsolved_are_counted(void **state)
{
    (void)state;
    check_unsolved(3, false);
    check_unsolved(1e-9, true);
}

#define FAST                                                                                                 \
    "model: fast\ntitle: Fast\ncitation: none\ndrug: racemate\nsampling: venous\n"                           \
    "parameters: {V: {typical: 10, unit: L, variability: {lognormal: {cv: 20 %%}}}}\n"                       \
    "compartments: [depot, central, peripheral]\nroutes: {iv: {inputs: [{to: depot}]}}\n"                    \
    "outputs: {ketamine: {amount: central, volume: V}}\n"                                                    \
    "flows: [{from: depot, to: central, rate: %g}, {from: central, rate: %g}, "                              \
    "{from: central, to: peripheral, rate: %g}, {from: peripheral, to: central, rate: %g}]\n"

static void simulate_fast(struct simulation *s, const double *rates, const char *method)
{
    static const char path[] = BINARY_DIR "/fast.yaml";
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, FAST, rates[0], rates[1], rates[2], rates[3]);
    fclose(file);
    simulate(
        s,
        "{title: t, model: " BINARY_DIR "/fast.yaml, seed: 1, patients: {count: 4}, arms: [{name: a, "
        "regimen: [{route: iv, dose: 10 mg}, {route: iv, dose: 5 mg, over: 1 h, at: 3 h}]}], observe: {to: "
        "24 h, every: 5 min}}",
        method, 1);
    remove(path);
}

/* However fast a flow is: the methods agree, and nothing of the dose gets lost; beyond what is possible it is told. */
static void test_fast_rates(void **state)
{
    (void)state;
    no_error();
    for (double fast = 1e2; fast < 1e21; fast *= 100) {
        const double rates[][4] = {
            {fast, 0.1, 0.5, 0.2}, {1, 0.1, fast, fast / 2}, {2, fast, 0.3, 0.4}, {1, 0.1, 0.2, fast}};
        for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
            struct simulation cvode, exact;
            simulate_fast(&cvode, rates[i], "cvode");
            simulate_fast(&exact, rates[i], "exact");
            assert_int_equal(cvode.report.failed, fast > 1e8 ? 4 : 0);
            assert_int_equal(exact.report.failed, fast > 1e8 ? 4 : 0);
            assert_int_equal(cvode.report.certificate.compared, fast > 1e8 ? 0 : 4);
            assert_int_equal(cvode.report.certificate.differing, 0);
            assert_int_equal(exact.report.certificate.differing, 0);
            assert_true(fast > 1e8 || cvode.report.certificate.unbalanced.imbalance < 1e-13);
            for (int t = 0; t < exact.study.time_count && fast <= 1e8; t++) {
                assert_close(simulation_levels(&cvode, 0, 0, 0)[t], simulation_levels(&exact, 0, 0, 0)[t],
                             1e-6, 1e-9);
            }
            simulation_clear(&cvode);
            simulation_clear(&exact);
        }
    }
}

/* Two compartments that exchange at 1e6/h, and an elimination of 0.1/h that must not drown in it: what is in the
 * central one of 1 mg from a depot, in closed form. */
static double exchanging(double t, double ka, double kel, double k12, double k21)
{
    const double sum = kel + k12 + k21;
    const double alpha = (sum + sqrt(sum * sum - 4 * kel * k21)) / 2;
    const double beta = kel * k21 / alpha;
    return ka * ((k21 - ka) / ((alpha - ka) * (beta - ka)) * exp(-ka * t) +
                 (k21 - alpha) / ((ka - alpha) * (beta - alpha)) * exp(-alpha * t) +
                 (k21 - beta) / ((ka - beta) * (alpha - beta)) * exp(-beta * t));
}

static void test_slow_elimination_in_fast_exchange(void **state)
{
    static const double rates[] = {2, 0.1, 1e6, 5e5};
    static const char *const methods[] = {"cvode", "exact"};
    (void)state;
    no_error();
    for (int i = 0; i < 2; i++) {
        struct simulation s;
        simulate_fast(&s, rates, methods[i]);
        for (int t = 1; s.study.times[t] <= 3; t++) { /* until the infusion */
            const double *levels = simulation_levels(&s, 0, 0, 0);
            const double closed = exchanging(s.study.times[t], rates[0], rates[1], rates[2], rates[3]);
            /* volumes differ from patient to patient, times do not */
            assert_close(levels[t] / levels[12],
                         closed / exchanging(1, rates[0], rates[1], rates[2], rates[3]),
                         i == 0 ? 3e-8 : 1e-10, 0);
        }
        simulation_clear(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_sample_is_small),
        cmocka_unit_test(test_right_numbers_pass),
        cmocka_unit_test(test_threads_leave_no_trace),
        cmocka_unit_test(test_wrong_numbers_do_not),
        cmocka_unit_test(test_unsolved_are_counted),
        cmocka_unit_test(test_fast_rates),
        cmocka_unit_test(test_slow_elimination_in_fast_exchange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
