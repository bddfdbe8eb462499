/* When a level crosses thresholds, against closed forms, against levels that the propagator has at times of its own, and against CVODE's
 * own root finding on equations written by hand. */
#include "check.h"

#include "simulate.h"

#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

static const double minute = 1.0 / 60;

/* --- One compartment, absorption: Bateman's function --- */

static const double ka = 1.5;
static const double ke = 0.25;

static double bateman(double t)
{
    return 1000 * 100 / 20.0 * ka / (ka - ke) * (exp(-ke * t) - exp(-ka * t));
}

static void write_model(void)
{
    FILE *file = fopen(BINARY_DIR "/crossings.yaml", "w");
    assert_non_null(file);
    fputs("model: mine\ntitle: My own\ncitation: none\ndrug: racemate\nsampling: venous\n"
          "parameters: {k: {typical: 0.25, unit: 1/h}, V: {typical: 20, unit: L}, ka: {typical: 1.5, unit: "
          "1/h}}\n"
          "compartments: [gut, central]\n"
          "flows: [{from: gut, to: central, rate: ka}, {from: central, rate: k}]\n"
          "routes: {oral: {inputs: [{to: gut}]}, iv: {inputs: [{to: central}]}}\n"
          "outputs: {ketamine: {amount: central, volume: V}}\n",
          file);
    fclose(file);
}

#define STUDY(regimen, observe, thresholds)                                                                  \
    "model: " BINARY_DIR "/crossings.yaml\nseed: 1\npatients: {count: 1}\n"                                  \
    "arms: [{name: a, regimen: [" regimen "]}]\nobserve: {" observe "}\n"                                    \
    "thresholds: {" thresholds "}\n"

#define METRIC(name, session) simulation_session(&s, 0, 0, "ketamine", name, session)

static double bisect(double threshold, double low, double high)
{
    const bool rises = bateman(high) > bateman(low);
    for (int i = 0; i < 200; i++) {
        const double middle = (low + high) / 2;
        if ((bateman(middle) < threshold) == rises) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Whatever is observed: the crossings lie between the records. */
static void test_closed_form(void **state)
{
    static const char *const observed[] = {"to: 24 h, every: 4 h", "at: [1 h, 24 h]"};
    const double tmax = log(ka / ke) / (ka - ke);
    char text[2048];
    (void)state;
    write_model();
    for (int k = 0; k < 2 * integrator_count; k++) {
        struct simulation s;
        snprintf(text, sizeof(text),
                 "model: " BINARY_DIR "/crossings.yaml\nseed: 1\npatients: {count: 1}\n"
                 "arms: [{name: a, regimen: [{route: oral, dose: 100 mg, at: 90 min}]}]\nobserve: {%s}\n"
                 "thresholds: {levels: [{level: 1000 ng/mL, analyte: ketamine}, {level: 3000 ng/mL, analyte: "
                 "ketamine}, {level: 3600 ng/mL, analyte: ketamine}], after: [10 min, 2 h]}\n",
                 observed[k % 2]);
        simulate(&s, text, integrators[k / 2].name, 1);
        for (int t = 0; t < 2; t++) {
            const double threshold = t == 0 ? 1000 : 3000;
            const double first = bisect(threshold, 0, tmax);
            const double last = bisect(threshold, tmax, 22);
            assert_close(METRIC(t == 0 ? "first_above_1000" : "first_above_3000", 0), first, 0, 1e-6);
            assert_close(METRIC(t == 0 ? "last_above_1000" : "last_above_3000", 0), last, 0, 1e-6);
            assert_close(METRIC(t == 0 ? "time_above_1000" : "time_above_3000", 0), last - first, 0, 1e-6);
        }
        assert_true(isinf(METRIC("first_above_3600", 0)) && METRIC("last_above_3600", 0) == 0 &&
                    METRIC("time_above_3600", 0) == 0); /* the peak is 3494 */
        assert_close(METRIC("level_at_10min", 0), bateman(10 * minute), 1e-7, 0);
        assert_close(METRIC("level_at_2h", 0), bateman(2), 1e-7, 0);
        simulation_clear(&s);
    }
}

/* Boluses: above from the start, above at the end, never, always, crossing at a dose, and a peak that only just reaches the level. */
static void test_edges(void **state)
{
    (void)state;
    write_model();
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        const double exact = integrators[m].only_linear ? 1e-12 : 1e-6; /* h */
        simulate(
            &s,
            STUDY("{route: iv, dose: 20 mg, every: 24 h, times: 3}", "to: 60 h, every: 6 h",
                  "levels: [{level: 1 ng/mL, analyte: ketamine}, {level: 500 ng/mL, analyte: ketamine},\n"
                  "  {level: 2000 ng/mL, analyte: ketamine}, {level: 1e-3 ng/mL, analyte: ketamine}],\n"
                  "after: [2 h, 12 h, 24 h]"),
            integrators[m].name, 1);
        assert_int_equal(s.sessions, 3);
        for (int k = 0; k < 3; k++) {
            const double left = (exp(-6 * (k + 1)) - 1) / (exp(-6) - 1); /* of this bolus and those before */
            assert_true(METRIC("first_above_500", k) == 0);
            assert_close(METRIC("last_above_500", k), log(1000 * left / 500) / ke, 0, exact);
            assert_close(METRIC("time_above_500", k), METRIC("last_above_500", k), 1e-12, 0);
            /* 1000 ng/mL falls to 1 in 27.6 h: in the last session that is not seen, in the others the next dose comes first. */
            assert_true(METRIC("first_above_1", k) == 0 && isinf(METRIC("last_above_1", k)));
            assert_close(METRIC("time_above_1", k), k < 2 ? 24 : 12, 1e-12, 0);
            assert_true(isinf(METRIC("first_above_2000", k)) && METRIC("last_above_2000", k) == 0);
            assert_close(METRIC("level_at_2h", k), 1000 * left * exp(-0.5), 1e-7, 0);
            /* at the next dose the level before it; beyond the records nothing */
            if (k < 2) {
                assert_close(METRIC("level_at_24h", k), 1000 * left * exp(-6), 1e-6, 0);
            } else {
                assert_true(isnan(METRIC("level_at_24h", k)));
            }
        }
        simulation_clear(&s);
    }
}

/* A level of which the top is all that is reached: it is there for a moment or not at all, and never for long. */
static void test_tangent(void **state)
{
    const double tmax = log(ka / ke) / (ka - ke);
    char text[1024];
    (void)state;
    write_model();
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        snprintf(text, sizeof(text),
                 STUDY("{route: oral, dose: 100 mg}", "to: 24 h, every: 4 h",
                       "levels: [{level: %.17g ng/mL, analyte: ketamine}], after: [2 h]"),
                 bateman(tmax));
        simulate(&s, text, integrators[m].name, 1);
        const struct metric_request *last = &s.study.thresholds.metrics[2];
        const double until = METRIC(last->name, 0);
        assert_true(strncmp(last->name, "last_above_", 11) == 0);
        assert_true(until == 0 || fabs(until - tmax) < 1e-2);
        assert_true(METRIC(s.study.thresholds.metrics[3].name, 0) < 1e-2);
        simulation_clear(&s);
    }
}

/* What is given within six hours is one session, and a level counts from its start. */
static void test_sessions(void **state)
{
    static const struct given_dose doses[] = {{.start = 0},  {.start = 41 * minute}, {.start = 6.5},
                                              {.start = 24}, {.start = 24},          {.start = 48}};
    struct dosing_session sessions[6];
    (void)state;
    assert_int_equal(dosing_sessions(doses, 6, 60, sessions), 3); /* 6.5 h is 5.8 h after the dose before */
    assert_true(sessions[0].start == 0 && sessions[0].end == 24);
    assert_true(sessions[1].start == 24 && sessions[1].end == 48);
    assert_true(sessions[2].start == 48 && sessions[2].end == 60);
    assert_int_equal(dosing_sessions(doses, 6, 48, sessions),
                     2); /* a dose with the last record is not seen */
    assert_true(sessions[1].end == 48);
    assert_int_equal(dosing_sessions(doses, 6, 48, NULL), 2);
    assert_int_equal(dosing_sessions(doses, 0, 48, sessions), 0);
    struct simulation s;
    write_model();
    simulate(&s,
             STUDY("{route: iv, dose: 20 mg}, {route: iv, dose: 40 mg, over: 1 h, at: 30 min}",
                   "to: 12 h, every: 1 h", "levels: [{level: 1000 ng/mL, analyte: ketamine}], after: [1 h]"),
             "exact", 1);
    assert_int_equal(s.sessions, 1);
    const double level = 1000 * exp(-ke) + 2000 / ke * -expm1(-ke * 0.5);
    assert_close(METRIC("level_at_1h", 0), level, 1e-12, 0);
    simulation_clear(&s);
}
#undef METRIC

/* --- 84 mg by nose: the model's equations by hand, and CVODE's root finding --- */

/* perez-ruixo-2021, typical, with the effect site of olofsen-2022. Amounts in mg, the effect site in ng/mL. */
enum { NASAL, SWALLOWED, CENTRAL, SHALLOW, DEEP, LIVER, SITE, STATES };

static const double Vc = 192, Vp1 = 143, Vp2 = 417, Q1 = 84.3, Q2 = 37.6, Qh = 151, Vh = 101;
static const double ka_n = 2.93, ka_sw = 1.45, kel = 1.11, kmet = 2.77, Dsw = 0.53, Fgut = 0.64;
static const double FRn[] = {0.54, 0.54 * 0.62, 0.54 * 0.62};

static double ke0(void)
{
    return log(2) / (8.3 * minute);
}

struct nasal {
    double swallowed; /* mg/h */
    int observed;     /* CENTRAL or SITE */
    double threshold; /* ng/mL */
};

static double observed_level(const struct nasal *n, const double *a)
{
    return n->observed == CENTRAL ? 1000 * a[CENTRAL] / Vc : a[SITE];
}

static int flow(sunrealtype t, N_Vector y, N_Vector dy, void *user)
{
    const struct nasal *n = user;
    const double *a = N_VGetArrayPointer(y);
    double *d = N_VGetArrayPointer(dy);
    (void)t;
    d[NASAL] = -ka_n * a[NASAL];
    d[SWALLOWED] = n->swallowed - ka_sw * a[SWALLOWED];
    d[CENTRAL] = ka_n * a[NASAL] + Q1 / Vp1 * a[SHALLOW] + Q2 / Vp2 * a[DEEP] + Qh / Vh * a[LIVER] -
                 (Q1 + Q2 + Qh) / Vc * a[CENTRAL];
    d[SHALLOW] = Q1 / Vc * a[CENTRAL] - Q1 / Vp1 * a[SHALLOW];
    d[DEEP] = Q2 / Vc * a[CENTRAL] - Q2 / Vp2 * a[DEEP];
    d[LIVER] = ka_sw * a[SWALLOWED] + Qh / Vc * a[CENTRAL] - (Qh / Vh + kel + kmet) * a[LIVER];
    d[SITE] = ke0() * (1000 * a[CENTRAL] / Vc - a[SITE]);
    return 0;
}

static int root(sunrealtype t, N_Vector y, sunrealtype *g, void *user)
{
    const struct nasal *n = user;
    (void)t;
    g[0] = observed_level(n, N_VGetArrayPointer(y)) - n->threshold;
    return 0;
}

/* The crossings of 84 mg in 8 h, by CVodeRootInit: at most `most`. How many. */
static int cvode_crossings(struct nasal *n, double *crossings, int most)
{
    static const double stops[] = {0, 5, 10, 0.53 * 60, 0.53 * 60 + 5, 0.53 * 60 + 10, 8 * 60}; /* min */
    SUNContext context;
    int count = 0;
#if SUNDIALS_VERSION_MAJOR >= 7
    assert_int_equal(SUNContext_Create(SUN_COMM_NULL, &context), 0);
#else
    assert_int_equal(SUNContext_Create(NULL, &context), 0);
#endif
    N_Vector y = N_VNew_Serial(STATES, context);
    SUNMatrix matrix = SUNDenseMatrix(STATES, STATES, context);
    SUNLinearSolver solver = SUNLinSol_Dense(y, matrix, context);
    void *cvode = CVodeCreate(CV_BDF, context);
    assert_true(y && matrix && solver && cvode);
    N_VConst(0, y);
    assert_int_equal(CVodeInit(cvode, flow, 0, y), 0);
    assert_int_equal(CVodeSStolerances(cvode, 1e-13, 1e-16), 0);
    assert_int_equal(CVodeSetLinearSolver(cvode, solver, matrix), 0);
    assert_int_equal(CVodeSetUserData(cvode, n), 0);
    assert_int_equal(CVodeSetMaxNumSteps(cvode, 1000000), 0);
    for (int segment = 0; segment < 6; segment++) {
        const double start = stops[segment] * minute;
        const double end = stops[segment + 1] * minute;
        n->swallowed = 0;
        for (int device = 0; device < 3; device++) {
            const double given = 5 * device * minute;
            if (segment == device) {
                N_VGetArrayPointer(y)[NASAL] += 28 * FRn[device];
            }
            n->swallowed +=
                start >= given - 1e-9 && start < given + Dsw - 1e-9 ? 28 * (1 - FRn[device]) * Fgut / Dsw : 0;
        }
        assert_int_equal(CVodeReInit(cvode, start, y), 0);
        assert_int_equal(CVodeRootInit(cvode, 1, root), 0);
        assert_int_equal(CVodeSetStopTime(cvode, end), 0);
        for (int code = CV_ROOT_RETURN; code == CV_ROOT_RETURN;) {
            double t;
            code = CVode(cvode, end, y, &t, CV_NORMAL);
            assert_true(code == CV_ROOT_RETURN || code == CV_TSTOP_RETURN || code == CV_SUCCESS);
            if (code == CV_ROOT_RETURN) {
                assert_true(count < most);
                crossings[count++] = t;
            }
        }
    }
    CVodeFree(&cvode);
    SUNLinSolFree(solver);
    SUNMatDestroy(matrix);
    N_VDestroy(y);
    SUNContext_Free(&context);
    return count;
}

#define NASAL_STUDY                                                                                          \
    "model: perez-ruixo-2021\neffect_site: olofsen-2022\nseed: 1\npatients: {count: 1, variability: "        \
    "false}\n"                                                                                               \
    "arms: [{name: a, regimen: [{route: intranasal, dose: 84 mg}]}]\n"

#define BOTH_OF(level)                                                                                       \
    "{level: " level ", analyte: esketamine}, {level: " level ", analyte: esketamine_effect_site}"

static const char crossing_study[] =
    NASAL_STUDY "observe: {to: 8 h, every: 1 h}\n"
                "thresholds: {levels: [" BOTH_OF("20 ng/mL") ", " BOTH_OF("30 ng/mL") ", " BOTH_OF(
                    "50 ng/mL") "], after: [90 min, 2 h]}\n";

static const double levels_asked[] = {20, 30, 50};
static const char *const sites[] = {"esketamine", "esketamine_effect_site"};

static void test_against_root_finding(void **state)
{
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        const double close = integrators[m].only_linear ? 1e-9 : 1e-6; /* h */
        simulate(&s, crossing_study, integrators[m].name, 1);
        for (int k = 0; k < 6; k++) {
            struct nasal nasal = {.observed = k % 2 ? SITE : CENTRAL, .threshold = levels_asked[k / 2]};
            double crossings[8];
            char name[64];
            assert_int_equal(cvode_crossings(&nasal, crossings, 8), 2);
            snprintf(name, sizeof(name), "first_above_%g", nasal.threshold);
            assert_close(simulation_session(&s, 0, 0, sites[k % 2], name, 0), crossings[0], 0, close);
            snprintf(name, sizeof(name), "last_above_%g", nasal.threshold);
            assert_close(simulation_session(&s, 0, 0, sites[k % 2], name, 0), crossings[1], 0, close);
            snprintf(name, sizeof(name), "time_above_%g", nasal.threshold);
            assert_close(simulation_session(&s, 0, 0, sites[k % 2], name, 0), crossings[1] - crossings[0], 0,
                         2 * close);
        }
        simulation_clear(&s);
    }
}

/* The last time at or above a level between two times, by what the propagator says at more and more records. */
static double refine(int analyte, double threshold, double from, double to)
{
    enum { TIMES = 200 };
    char *text = malloc(TIMES * 40 + 1000);
    assert_non_null(text);
    for (int round = 0; round < 5; round++) {
        struct simulation s;
        size_t end = (size_t)sprintf(text, NASAL_STUDY "observe: {at: [");
        for (int i = 0; i <= TIMES; i++) {
            end +=
                (size_t)sprintf(text + end, "%s%.17g h", i > 0 ? ", " : "", from + (to - from) * i / TIMES);
        }
        sprintf(text + end, "]}\n");
        simulate(&s, text, "exact", 1);
        int last = TIMES;
        while (last >= 0 && simulation_levels(&s, 0, 0, analyte)[last] < threshold) {
            last--;
        }
        assert_true(last >= 0 && last < TIMES);
        from = s.study.times[last];
        to = s.study.times[last + 1];
        simulation_clear(&s);
    }
    free(text);
    return (from + to) / 2;
}

/* The record of the last minute above is printed to a quarter of one: an independent program's, of the exact solution. */
static void test_against_the_propagator(void **state)
{
    static const double printed[] = {296.0, 218.75, 149.75}; /* min, last above at the effect site */
    (void)state;
    for (int m = 0; m < integrator_count; m++) {
        struct simulation s;
        simulate(&s, crossing_study, integrators[m].name, 1);
        for (int k = 0; k < 3; k++) {
            char name[64];
            snprintf(name, sizeof(name), "last_above_%g", levels_asked[k]);
            const double plasma = simulation_session(&s, 0, 0, sites[0], name, 0);
            const double site = simulation_session(&s, 0, 0, sites[1], name, 0);
            assert_close(60 * site, printed[k], 0, 0.25);
            assert_close(plasma, refine(0, levels_asked[k], 1, 8), 0, 1e-6);
            assert_close(site, refine(2, levels_asked[k], 1, 8), 0, 1e-6);
        }
        assert_close(simulation_session(&s, 0, 0, sites[1], "level_at_90min", 0), 84.32, 0, 0.005);
        assert_close(simulation_session(&s, 0, 0, sites[1], "level_at_2h", 0), 65.32, 0, 0.005);
        assert_close(simulation_session(&s, 0, 0, sites[0], "level_at_2h", 0), 58.248, 0, 0.0005);
        assert_string_equal(s.study.analytes[2], sites[1]);
        simulation_clear(&s);
    }
}

/* Of many patients, sessions and arms: counting records on a dense grid tells the same, as far as a grid can. */
static void test_against_counting(void **state)
{
    struct simulation s;
    static const double step = 1.0 / 60; /* h */
    (void)state;
    simulate(&s,
             "model: perez-ruixo-2021\nseed: 7\npatients: {count: 60}\n"
             "arms:\n  - {name: two, regimen: [{route: intranasal, dose: 84 mg, every: 24 h, times: 2}]}\n"
             "  - {name: late, regimen: [{route: iv, dose: 28 mg, over: 40 min, at: 90 min}]}\n"
             "observe: {to: 48 h, every: 1 min}\n"
             "thresholds: {levels: [{level: 50 ng/mL, analyte: esketamine}], after: [90 min, 2 h]}\n"
             "output: {store: [exposure]}\n",
             "cvode", 2);
    assert_int_equal(s.sessions, 2);
    for (int arm = 0; arm < 2; arm++) {
        for (int64_t p = 0; p < 60; p++) {
            const double *levels = simulation_levels(&s, arm, p, 0);
            for (int k = 0; k < 2 - arm; k++) {
                const int start = arm == 0 ? 24 * 60 * k : 90;
                const int end = arm == 0 && k == 0 ? 24 * 60 : 48 * 60;
                int last = -1;
                int above = 0;
                for (int i = start; i <= end; i++) {
                    last = levels[i] >= 50 ? i : last;
                    above += levels[i] >= 50;
                }
                const double until = simulation_session(&s, arm, p, "esketamine", "last_above_50", k);
                assert_true(last < 0 ? until * 60 < 120 : until >= (last - start) * step - 1e-9);
                assert_true(last < 0 || until <= (last + 1 - start) * step + 1e-9);
                assert_close(simulation_session(&s, arm, p, "esketamine", "time_above_50", k), above * step,
                             0, 2 * step);
                assert_close(simulation_session(&s, arm, p, "esketamine", "level_at_90min", k),
                             levels[start + 90], 1e-7, 1e-7);
                assert_close(simulation_session(&s, arm, p, "esketamine", "level_at_2h", k),
                             levels[start + 120], 1e-7, 1e-7);
            }
            if (arm == 1) {
                assert_true(isnan(simulation_session(&s, arm, p, "esketamine", "last_above_50", 1)));
            }
        }
    }
    simulation_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_form),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_tangent),
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_against_root_finding),
        cmocka_unit_test(test_against_the_propagator),
        cmocka_unit_test(test_against_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
