/* Exposure metrics from the solution, against closed forms that know nothing of pieces. */
#include "check.h"

#include "simulate.h"

#define HEAD "model: mine\ntitle: My own\ncitation: none\ndrug: racemate\nsampling: venous\n"

static void write_model(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", BINARY_DIR, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void write_models(void)
{
    write_model("solution_one.yaml",
                HEAD "parameters: {k: {typical: 0.25, unit: 1/h}, V: {typical: 20, unit: L},\n"
                     "  ka: {typical: 1.5, unit: 1/h}}\n"
                     "compartments: [gut, central]\n"
                     "flows: [{from: gut, to: central, rate: ka}, {from: central, rate: k}]\n"
                     "routes: {oral: {inputs: [{to: gut}]}, iv: {inputs: [{to: central}]}}\n"
                     "outputs: {ketamine: {amount: central, volume: V}}\n");
    write_model(
        "solution_three.yaml",
        HEAD "parameters: {V: {typical: 10, unit: L}, k10: {typical: 2, unit: 1/h}, k12: {typical: 5, unit: "
             "1/h},\n"
             "  k21: {typical: 3, unit: 1/h}, k13: {typical: 1, unit: 1/h}, k31: {typical: 0.1, unit: 1/h}}\n"
             "compartments: [central, shallow, deep]\n"
             "flows: [{from: central, rate: k10}, {from: central, to: shallow, rate: k12},\n"
             "  {from: shallow, to: central, rate: k21}, {from: central, to: deep, rate: k13},\n"
             "  {from: deep, to: central, rate: k31}]\n"
             "routes: {iv: {inputs: [{to: central}]}}\n"
             "outputs: {ketamine: {amount: central, volume: V}}\n");
    write_model(
        "solution_saturable.yaml", HEAD
        "parameters: {V: {typical: 10, unit: L}, vm: {typical: 6, unit: mg/h}, km: {typical: 4, unit: mg}}\n"
        "compartments: [central]\n"
        "flows: [{from: central, vmax: vm, km: km}]\n"
        "routes: {iv: {inputs: [{to: central}]}}\n"
        "outputs: {ketamine: {amount: central, volume: V}}\n");
}

/* A study of one typical patient of a model written above. */
#define STUDY(model, regimen, observe, exposure)                                                             \
    "model: " BINARY_DIR "/solution_" model ".yaml\nseed: 1\npatients: {count: 1}\n"                         \
    "arms: [{name: a, regimen: [" regimen "]}]\nobserve: {" observe "}\n"                                    \
    "exposure: {from: solution, " exposure "}\n"

/* What a method may be off by, relative: CVODE by its tolerance. */
static double tolerance(const struct integrator *by)
{
    return by->only_linear ? 2e-12 : 2e-7;
}

/* --- One compartment, absorption: Bateman's function --- */

static const double ka = 1.5;
static const double ke = 0.25;

static double bateman(double t)
{
    return 1000 * 100 / 20.0 * ka / (ka - ke) * (exp(-ke * t) - exp(-ka * t));
}

/* Its integral from 0. */
static double bateman_area(double t)
{
    return 1000 * 100 / 20.0 * ka / (ka - ke) * (-expm1(-ke * t) / ke + expm1(-ka * t) / ka);
}

/* The integral of t exp(-k t) from 0. */
static double moment_of(double k, double t)
{
    return (1 - exp(-k * t) * (1 + k * t)) / (k * k);
}

/* Where a function that changes sign between them is 0. */
static double bisect(double (*level)(double), double threshold, double low, double high)
{
    const bool rises = level(high) > level(low);
    for (int i = 0; i < 200; i++) {
        const double middle = (low + high) / 2;
        if ((level(middle) < threshold) == rises) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

#define BATEMAN(observe)                                                                                     \
    STUDY("one", "{route: oral, dose: 100 mg}", observe,                                                     \
          "metrics: [cmax, tmax, auc_last, auc_all, auc_inf, clast, tlast, aumc_last, lambda_z, cl_f],\n"    \
          "  time_above: [1000 ng/mL, 3000 ng/mL, 4000 ng/mL], auc_between: [{from: 0.3 h, to: 7.7 h}, "     \
          "{from: 20 h, to: 30 h}]")

static void check_bateman(const char *text, const struct integrator *by)
{
    struct simulation s;
    const double close = tolerance(by);
    simulate(&s, text, by->name, 1);
#define METRIC(name) simulation_metric(&s, 0, 0, 0, name)
    const double tmax = log(ka / ke) / (ka - ke);
    assert_close(METRIC("tmax"), tmax, by->only_linear ? 1e-12 : 1e-6, 0);
    assert_close(METRIC("cmax"), bateman(tmax), close, 0);
    assert_close(METRIC("auc_last"), bateman_area(24), close, 0);
    assert_true(METRIC("auc_all") == METRIC("auc_last"));
    assert_close(METRIC("clast"), bateman(24), close, 0);
    assert_true(METRIC("tlast") == 24);
    assert_close(METRIC("aumc_last"),
                 1000 * 100 / 20.0 * ka / (ka - ke) * (moment_of(ke, 24) - moment_of(ka, 24)), close, 0);
    assert_close(METRIC("auc_0.3h_to_7.7h"), bateman_area(7.7) - bateman_area(0.3), close, 0);
    for (int k = 0; k < 2; k++) {
        static const char *const names[] = {"time_above_1000", "time_above_3000"};
        const double threshold = k == 0 ? 1000 : 3000;
        const double above = bisect(bateman, threshold, tmax, 24) - bisect(bateman, threshold, 0, tmax);
        assert_close(METRIC(names[k]), above, close, 0);
    }
    assert_true(METRIC("time_above_4000") == 0);
    /* Beyond the last record the slope of the records counts, and the level of the solution. */
    const double slope = METRIC("lambda_z");
    assert_close(slope, ke, 1e-2, 0);
    assert_close(METRIC("auc_inf"), bateman_area(24) + bateman(24) / slope, close, 0);
    assert_close(METRIC("cl_f"), 1000 * 100 / METRIC("auc_inf"), 1e-14, 0);
    assert_close(METRIC("auc_20h_to_30h"),
                 bateman_area(24) - bateman_area(20) + bateman(24) / slope * -expm1(-6 * slope), close, 0);
#undef METRIC
    simulation_clear(&s);
}

/* Whatever is observed: every 2 h, every minute, a few odd times from after the peak on. */
static void test_bateman(void **state)
{
    (void)state;
    write_models();
    for (int m = 0; m < integrator_count; m++) {
        check_bateman(BATEMAN("to: 24 h, every: 2 h"), &integrators[m]);
        check_bateman(BATEMAN("to: 24 h, every: 1 min"), &integrators[m]);
        check_bateman(BATEMAN("at: [2.1 h, 5 h, 9 h, 17.3 h, 20 h, 24 h]"), &integrators[m]);
    }
}

/* --- Corners: what is highest is no root of the derivative --- */

static void test_infusion(void **state)
{
    (void)state;
    write_models();
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        simulate(&s,
                 STUDY("one", "{route: iv, dose: 100 mg, over: 2 h}", "to: 12 h, every: 4 h",
                       "metrics: [cmax, tmax, auc_all, mrt, vss], time_above: [1000 ng/mL]"),
                 integrators[m].name, 1);
        const double close = tolerance(&integrators[m]);
        const double peak = 1000 * 50 / ke / 20 * -expm1(-2 * ke);
        assert_true(simulation_metric(&s, 0, 0, 0, "tmax") == 2);
        assert_close(simulation_metric(&s, 0, 0, 0, "cmax"), peak, close, 0);
        assert_close(simulation_metric(&s, 0, 0, 0, "auc_all"),
                     1000 * 50 / ke / 20 * (2 + expm1(-2 * ke) / ke) - peak * expm1(-10 * ke) / ke, close, 0);
        const double reached = -log(1 - 1000 * ke * 20 / 50e3) / ke;
        assert_close(simulation_metric(&s, 0, 0, 0, "time_above_1000"), 2 + log(peak / 1000) / ke - reached,
                     close, 0);
        simulation_clear(&s);
    }
}

/* Boluses every 6 h, of which no record sees any: after k of them the levels are a geometric sum. */
static void test_boluses(void **state)
{
    (void)state;
    write_models();
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        simulate(
            &s,
            STUDY("one", "{route: iv, dose: 100 mg, every: 6 h, times: 4}", "at: [1 h, 9 h, 20 h, 24.5 h]",
                  "per: [profile, interval], time_above: [4000 ng/mL], metrics: [cmax, tmax, cmin, ctrough, "
                  "cav, auc_tau, fluctuation, swing, accumulation]"),
            integrators[m].name, 1);
        const double close = tolerance(&integrators[m]);
        const double decay = exp(-6 * ke);
        double peak = 0;
        double first_area = 0;
        assert_int_equal(s.intervals, 4);
#define INTERVAL(name) simulation_interval(&s, 0, 0, 0, name, k)
        for (int k = 0; k < 4; k++) {
            peak = peak * decay + 5000;
            const double area = peak * (1 - decay) / ke;
            first_area = k == 0 ? area : first_area;
            assert_close(INTERVAL("cmax"), peak, close, 0);
            assert_true(INTERVAL("tmax") == 0);
            assert_close(INTERVAL("cmin"), peak * decay, close, 0);
            assert_close(INTERVAL("ctrough"), peak * decay, close, 0);
            assert_close(INTERVAL("auc_tau"), area, close, 0);
            assert_close(INTERVAL("cav"), area / 6, close, 0);
            assert_close(INTERVAL("fluctuation"), 100 * peak * (1 - decay) / (area / 6), 10 * close, 0);
            assert_close(INTERVAL("swing"), 1 / decay - 1, 10 * close, 0);
            assert_close(INTERVAL("time_above_4000"), log(peak / 4000) / ke, close, 0);
            if (k > 0) {
                assert_close(INTERVAL("accumulation"), area / first_area, 2 * close, 0);
            }
        }
#undef INTERVAL
        assert_close(simulation_metric(&s, 0, 0, 0, "cmax"), peak, close, 0);
        assert_true(simulation_metric(&s, 0, 0, 0, "tmax") == 18);
        assert_close(simulation_metric(&s, 0, 0, 0, "cmin"), peak * decay, close, 0);
        simulation_clear(&s);
    }
}

/* --- Three compartments: what is gone has left through k10 --- */

/* The slopes of a three-compartment model, and what each has of a unit bolus in the central compartment. */
static void three_exponents(double *slopes, double *parts)
{
    const double k10 = 2, k12 = 5, k21 = 3, k13 = 1, k31 = 0.1;
    const double a2 = k10 + k12 + k13 + k21 + k31;
    const double a1 = k10 * k31 + k21 * k31 + k21 * k13 + k10 * k21 + k31 * k12;
    const double a0 = k10 * k21 * k31;
    const double p = a1 - a2 * a2 / 3;
    const double q = 2 * a2 * a2 * a2 / 27 - a1 * a2 / 3 + a0;
    const double r = 2 * sqrt(-p / 3);
    const double phi = acos(fmax(-1, fmin(1, 3 * q / (p * r)))) / 3;
    for (int i = 0; i < 3; i++) {
        double x = a2 / 3 - r * cos(phi - 2 * i * acos(-1) / 3);
        for (int round = 0; round < 5; round++) {
            x -= (((x - a2) * x + a1) * x - a0) / ((3 * x - 2 * a2) * x + a1);
        }
        slopes[i] = x;
    }
    for (int i = 0; i < 3; i++) {
        const double x = slopes[i], y = slopes[(i + 1) % 3], z = slopes[(i + 2) % 3];
        parts[i] = (k21 - x) * (k31 - x) / ((y - x) * (z - x));
    }
}

static double three_level(double t)
{
    double slopes[3], parts[3], level = 0;
    three_exponents(slopes, parts);
    for (int i = 0; i < 3; i++) {
        level += 1000 * 30 / 10.0 * parts[i] * exp(-slopes[i] * t);
    }
    return level;
}

static void test_three_compartments(void **state)
{
    double slopes[3], parts[3];
    (void)state;
    write_models();
    three_exponents(slopes, parts);
    assert_close(parts[0] + parts[1] + parts[2], 1, 1e-12, 0);
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        simulate(&s,
                 STUDY("three", "{route: iv, dose: 30 mg}", "to: 100 h, every: 10 h",
                       "metrics: [cmax, tmax, auc_last, auc_inf, cl, half_life], time_above: [10 ng/mL], "
                       "auc_between: [{from: 3 min, to: 2 h}]"),
                 integrators[m].name, 1);
        const double close = tolerance(&integrators[m]);
        double area = 0, between = 0;
        for (int i = 0; i < 3; i++) {
            area += 3000 * parts[i] * -expm1(-100 * slopes[i]) / slopes[i];
            between += 3000 * parts[i] * (exp(-0.05 * slopes[i]) - exp(-2 * slopes[i])) / slopes[i];
        }
        assert_close(simulation_metric(&s, 0, 0, 0, "cmax"), 3000, close, 0);
        assert_true(simulation_metric(&s, 0, 0, 0, "tmax") == 0);
        assert_close(simulation_metric(&s, 0, 0, 0, "auc_last"), area, close, 0);
        assert_close(simulation_metric(&s, 0, 0, 0, "auc_3min_to_2h"), between, close, 0);
        assert_close(simulation_metric(&s, 0, 0, 0, "time_above_10"), bisect(three_level, 10, 0.01, 99),
                     10 * close, 0);
        assert_close(simulation_metric(&s, 0, 0, 0, "auc_inf"), 1000 * 30 / 20.0, 1e-6, 0);
        assert_close(simulation_metric(&s, 0, 0, 0, "cl"), 20, 1e-6, 0);
        simulation_clear(&s);
    }
}

/* --- Saturable elimination: vmax t = km ln(A0/A) + A0 - A, and the area follows from dA --- */

static double saturable_time(double amount)
{
    return (4 * log(40 / amount) + 40 - amount) / 6;
}

static double saturable_after(double time)
{
    double low = 1e-9, high = 40;
    for (int i = 0; i < 200; i++) {
        const double middle = (low + high) / 2;
        if (saturable_time(middle) > time) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static void test_saturable(void **state)
{
    struct simulation s;
    (void)state;
    write_models();
    simulate(&s,
             STUDY("saturable", "{route: iv, dose: 40 mg}", "to: 12 h, every: 3 h",
                   "metrics: [cmax, auc_last, clast], time_above: [1000 ng/mL, 50 ng/mL]"),
             "cvode", 1);
    const double left = saturable_after(12);
    assert_close(simulation_metric(&s, 0, 0, 0, "cmax"), 4000, 1e-12, 0);
    assert_close(simulation_metric(&s, 0, 0, 0, "clast"), 100 * left, 2e-6, 0);
    assert_close(simulation_metric(&s, 0, 0, 0, "auc_last"),
                 100 * (4 * (40 - left) + (1600 - left * left) / 2) / 6, 2e-7, 0);
    assert_close(simulation_metric(&s, 0, 0, 0, "time_above_1000"), saturable_time(10), 2e-7, 0);
    assert_close(simulation_metric(&s, 0, 0, 0, "time_above_50"), saturable_time(0.5), 2e-7, 0);
    simulation_clear(&s);
}

/* --- A published model --- */

#define PEREZ_ARMS                                                                                           \
    "arms:\n  - {name: a28, regimen: [{route: intranasal, dose: 28 mg}]}\n"                                  \
    "  - {name: a56, regimen: [{route: intranasal, dose: 56 mg}]}\n"                                         \
    "  - {name: a84, regimen: [{route: intranasal, dose: 84 mg}]}\n"

/* Peaks, their minutes and areas of the typical patient to the digits printed. */
static void test_golden(void **state)
{
    static const double cmax[] = {43.93, 72.63, 101.19};
    static const double tmax[] = {36.1, 40.6, 44.3};
    static const double area[] = {146.87, 253.78, 360.65};
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        simulate(&s,
                 "model: perez-ruixo-2021\nseed: 1\n"
                 "patients: {count: 1, variability: false, covariates: {age: 45 years}}\n" PEREZ_ARMS
                 "observe: {to: 24 h, every: 4 h}\nexposure: {from: solution}\n",
                 integrators[m].name, 1);
        for (int a = 0; a < 3; a++) {
            assert_close(simulation_metric(&s, a, 0, 0, "cmax"), cmax[a], 0, 0.005);
            assert_close(60 * simulation_metric(&s, a, 0, 0, "tmax"), tmax[a], 0, 0.05);
            assert_close(simulation_metric(&s, a, 0, 0, "auc_last"), area[a], 0, 0.005);
        }
        simulation_clear(&s);
    }
}

#define POPULATION(observe)                                                                                  \
    "model: perez-ruixo-2021\nseed: 4\n"                                                                     \
    "patients: {count: 30, covariates: {age: {uniform: {min: 20 years, max: 80 years}}}}\n" PEREZ_ARMS       \
    "  - {name: drip, regimen: [{route: iv, dose: 28 mg, over: 40 min, every: 8 h, times: 3}]}\n"            \
    "observe: {" observe "}\n"                                                                               \
    "exposure: {from: solution, per: [profile, interval], time_above: [20 ng/mL],\n"                         \
    "  auc_between: [{from: 1 h, to: 3 h}], metrics: [cmax, tmax, auc_last, aumc_last, cmin, auc_tau]}\n"

/* The largest difference, relative or of a time 1 h, between the metrics of two runs of the same patients. */
static double largest_difference(const struct simulation *a, const struct simulation *b)
{
    const size_t rows =
        (size_t)a->study.arm_count * (size_t)a->study.patient_count * (size_t)a->study.analyte_count;
    const size_t profile = rows * (size_t)a->study.metric_count;
    const size_t interval = profile * (size_t)a->intervals;
    double largest = 0;
    for (size_t i = 0; i < profile + interval; i++) {
        const double x = i < profile ? a->metrics[i] : a->interval_metrics[i - profile];
        const double y = i < profile ? b->metrics[i] : b->interval_metrics[i - profile];
        assert_int_equal(isnan(x), isnan(y));
        if (!isnan(x)) {
            largest = fmax(largest, fabs(x - y) / fmax(1, fabs(y)));
        }
    }
    assert_int_equal(a->study.metric_count, b->study.metric_count);
    return largest;
}

/* Neither what is observed, nor the number of threads, nor the method changes what is from the solution. */
static void test_independence(void **state)
{
    struct simulation coarse[2], fine[2], threads;
    (void)state;
    for (int m = 0; m < 2; m++) {
        simulate(&coarse[m], POPULATION("to: 24 h, every: 2 h"), integrators[m].name, 1);
        simulate(&fine[m], POPULATION("to: 24 h, every: 1 min"), integrators[m].name, 1);
        const double difference = largest_difference(&coarse[m], &fine[m]);
        print_message("%s: coarse and fine records differ by %.2g\n", integrators[m].name, difference);
        assert_true(difference <= (integrators[m].only_linear ? 1e-11 : 0));
        simulate(&threads, POPULATION("to: 24 h, every: 2 h"), integrators[m].name, 3);
        assert_true(largest_difference(&coarse[m], &threads) == 0);
        simulation_clear(&threads);
    }
    const double difference = largest_difference(&coarse[0], &coarse[1]);
    print_message("%s and %s differ by %.2g\n", integrators[0].name, integrators[1].name, difference);
    assert_true(difference <= 1e-6);
    for (int m = 0; m < 2; m++) {
        simulation_clear(&coarse[m]);
        simulation_clear(&fine[m]);
    }
}

/* Metrics of dense records come near those of the solution, and levels are the same bytes with and without. */
static void test_beside_observations(void **state)
{
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        struct simulation observed, solved;
        char text[2048];
        snprintf(text, sizeof(text), "%s", POPULATION("to: 24 h, every: 20 s"));
        simulate(&solved, text, integrators[m].name, 1);
        char *from = strstr(text, "from: solution, ");
        assert_non_null(from);
        memset(from, ' ', strlen("from: solution, "));
        simulate(&observed, text, integrators[m].name, 1);
        const size_t levels = (size_t)solved.study.arm_count * (size_t)solved.study.patient_count *
                              (size_t)solved.study.analyte_count * (size_t)solved.study.time_count;
        assert_memory_equal(solved.levels, observed.levels, levels * sizeof(double));
        for (int a = 0; a < 4; a++) {
            for (int p = 0; p < 30; p++) {
                for (int i = 0; i < solved.study.analyte_count; i++) {
                    const double cmax = simulation_metric(&observed, a, p, i, "cmax");
                    const double excess = simulation_metric(&solved, a, p, i, "cmax") / cmax - 1;
                    assert_true(excess >= -1e-12 && excess < 1e-4);
                    assert_close(simulation_metric(&solved, a, p, i, "auc_last"),
                                 simulation_metric(&observed, a, p, i, "auc_last"), 1e-4, 0);
                    assert_close(simulation_metric(&solved, a, p, i, "time_above_20"),
                                 simulation_metric(&observed, a, p, i, "time_above_20"), 1e-4, 1e-3);
                    assert_close(simulation_metric(&solved, a, p, i, "tmax"),
                                 simulation_metric(&observed, a, p, i, "tmax"), 0, 0.02);
                }
            }
        }
        simulation_clear(&solved);
        simulation_clear(&observed);
    }
}

/* What there is of a level before any dose, and of a single record. */
static void test_nothing(void **state)
{
    struct simulation s;
    (void)state;
    write_models();
    for (int m = 0; m < integrator_count; m++) {
        simulate(&s,
                 STUDY("one", "{route: iv, dose: 5 mg, at: 10 h}", "at: [3 h]",
                       "metrics: [cmax, tmax, auc_last, auc_inf, clast], time_above: [1 ng/mL]"),
                 integrators[m].name, 1);
        assert_true(simulation_metric(&s, 0, 0, 0, "cmax") == 0);
        assert_true(isnan(simulation_metric(&s, 0, 0, 0, "tmax")));
        assert_true(simulation_metric(&s, 0, 0, 0, "auc_last") == 0);
        assert_true(isnan(simulation_metric(&s, 0, 0, 0, "auc_inf")));
        assert_true(isnan(simulation_metric(&s, 0, 0, 0, "clast")));
        assert_true(simulation_metric(&s, 0, 0, 0, "time_above_1") == 0);
        simulation_clear(&s);
        /* A dose at the time of the last record is not part of it. */
        simulate(&s,
                 STUDY("one", "{route: iv, dose: 5 mg, every: 3 h, times: 2}", "at: [3 h]",
                       "metrics: [cmax, auc_last]"),
                 integrators[m].name, 1);
        assert_close(simulation_metric(&s, 0, 0, 0, "cmax"), 250, 1e-12, 0);
        assert_close(simulation_metric(&s, 0, 0, 0, "auc_last"), 250 * -expm1(-0.75) / 0.25, 2e-7, 0);
        simulation_clear(&s);
    }
}

/* The rows of an event table are not watched: better no metrics than zeros. */
static void test_event_table(void **state)
{
    struct event_table table = {0};
    struct simulation s;
    const struct sink sink = {.payload = &s, .take = simulation_take};
    (void)state;
    write_models();
    simulate(&s, BATEMAN("to: 24 h, every: 2 h"), "cvode", 1);
    s.study.events = &table;
    assert_int_equal(sweep_run(&s.study, 1, &sink, &s.report, &s.d), -1);
    assert_told(&s.d,
                "metrics from the solution, and thresholds, are of arms with a regimen, not of an event "
                "table");
    s.study.events = NULL;
    simulation_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bateman),      cmocka_unit_test(test_infusion),
        cmocka_unit_test(test_boluses),      cmocka_unit_test(test_three_compartments),
        cmocka_unit_test(test_saturable),    cmocka_unit_test(test_golden),
        cmocka_unit_test(test_independence), cmocka_unit_test(test_beside_observations),
        cmocka_unit_test(test_nothing),      cmocka_unit_test(test_event_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
