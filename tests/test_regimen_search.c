/* The search for doses, durations and intervals, against closed forms and against counting every candidate. */
#include "check.h"

#include "simulate.h"

#include "solver/regimen_search.h"

#include <gsl/gsl_cdf.h>

static const char model_path[] = BINARY_DIR "/regimen-search-model.yaml";

/* One compartment whose volume varies from patient to patient, and whose rate constant does not: the level is a dose over the
 * volume, times what does not vary. */
static const char model_text[] = "model: regimen-search\n"
                                 "title: One compartment\n"
                                 "citation: none\n"
                                 "drug: racemate\n"
                                 "sampling: venous\n"
                                 "covariates: {weight: {unit: kg, default: 70 kg}}\n"
                                 "parameters:\n"
                                 "  V: {typical: 100, unit: L, variability: {lognormal: {sd: 0.3}}}\n"
                                 "  k: {typical: \"weight > 99 ? ln(-1) : 0.5\", unit: 1/h}\n"
                                 "compartments: [central]\n"
                                 "flows: [{from: central, rate: k}]\n"
                                 "routes: {iv: {inputs: [{to: central}]}}\n"
                                 "outputs: {ketamine: {amount: central, volume: V}}\n";

static const double median_volume = 100;
static const double sd = 0.3;
static const double rate = 0.5;

#define STUDY(patients, item, optimize, observe)                                                             \
    "model: " BINARY_DIR "/regimen-search-model.yaml\nseed: 20261130\npatients: {" patients "}\n"            \
    "arms: [{name: a, regimen: [" item "]}]\n"                                                               \
    "optimize: {" optimize "}\n"                                                                             \
    "observe: {" observe "}\n"                                                                               \
    "exposure: {metrics: [cmax, auc_last, half_life], from: solution}\n"

static void write_model(void)
{
    FILE *file = fopen(model_path, "w");
    assert_non_null(file);
    fputs(model_text, file);
    fclose(file);
}

struct searched {
    struct study study;
    struct diagnostics d;
    struct treatment_search search;
};

static void search_of(struct searched *s, const char *text, int threads)
{
    diagnostics_init(&s->d);
    study_parse_candidates(&s->study, "study", text, strlen(text), &s->d);
    assert_no_errors(&s->d);
    assert_int_equal(treatment_search(&s->search, &s->study, 0, threads, NULL, &s->d), 0);
    assert_no_errors(&s->d);
}

static void searched_clear(struct searched *s)
{
    treatment_search_clear(&s->search);
    study_clear(&s->study);
    diagnostics_clear(&s->d);
}

static double value_of(const struct searched *s, int64_t candidate)
{
    assert_true(candidate >= 0 && candidate < s->study.optimize.candidate_count);
    return s->study.optimize.candidates[candidate].value;
}

/* Whether the closed form's answer lies where the search says that it is with 95 % confidence, one candidate more allowed. */
static void check_answer(const struct searched *s, double exact, double step)
{
    const bool largest = s->study.optimize.largest;
    const double sure = value_of(s, largest ? s->search.found.sure.last : s->search.found.sure.first);
    const double open = value_of(s, largest ? s->search.found.open.last : s->search.found.open.first);
    if (largest) {
        assert_true(sure <= exact && exact < open + step);
    } else {
        assert_true(open - step < exact && exact <= sure);
    }
    assert_true(s->search.found.uneven == -1);
    assert_true(s->search.found.tried_count < 60);
    assert_int_equal(s->search.report.finished, s->search.found.tried_count * s->study.patient_count);
}

/* The estimate is the count's own answer: of the patients' volumes, sorted. */
static void check_counts(const struct searched *s, const double *volumes, double (*level)(double candidate))
{
    for (int64_t t = 0; t < s->search.found.tried_count; t++) {
        const int64_t candidate = s->search.found.tried[t];
        const struct constraint *c = &s->study.optimize.constraints[0];
        int64_t count = 0;
        for (int64_t i = 0; i < s->study.patient_count; i++) {
            const double ng_per_ml = 1000 * level(value_of(s, candidate)) / volumes[i];
            count += c->below ? ng_per_ml < c->threshold : ng_per_ml > c->threshold;
        }
        assert_int_equal(threshold_search_counts(&s->search.found, candidate)[0], count);
    }
}

/* The volumes of the study's patients, from what they come to with the first candidate; `unit` is their amount, mg. */
static int volumes_take(void *payload, const struct simulated *patients, int count)
{
    double *volumes = payload;
    for (int i = 0; i < count; i++) {
        volumes[patients[i].patient] = patients[i].individual->parameters[0];
    }
    return 0;
}

static double *volumes_of(const struct study *study)
{
    struct study one = *study;
    struct diagnostics d;
    struct sweep_report report;
    double *volumes = calloc((size_t)study->patient_count, sizeof(*volumes));
    const struct sink sink = {.payload = volumes, .take = volumes_take};
    one.arm_count = 1;
    diagnostics_init(&d);
    assert_non_null(volumes);
    assert_int_equal(sweep_run(&one, 2, &sink, &report, &d), 0);
    diagnostics_clear(&d);
    return volumes;
}

/* --- a dose: P(dose / V > limit) = Phi((ln(dose / limit) - ln(median of V)) / sd) --- */

static double bolus_level(double dose)
{
    return dose;
}

static void test_dose(void **state)
{
    struct searched s;
    (void)state;
    search_of(&s,
              STUDY("count: 1000", "{route: iv, dose: 1 mg}",
                    "vary: dose, from: 1 mg, to: 60 mg, step: 0.1 mg, prefer: largest, "
                    "constraints: [{probability: {metric: cmax, above: 300 ng/mL}, at_most: 5 %}]",
                    "to: 4 h, every: 1 h"),
              2);
    check_answer(&s, 0.3 * median_volume * exp(sd * gsl_cdf_ugaussian_Pinv(0.05)), 0.1);
    double *volumes = volumes_of(&s.study);
    check_counts(&s, volumes, bolus_level);
    free(volumes);
    /* Recommended is the last that keeps to it: the next does not. */
    const int64_t *here = threshold_search_counts(&s.search.found, s.search.recommended);
    const int64_t *next = threshold_search_counts(&s.search.found, s.search.recommended + 1);
    assert_true(here[0] <= 50 && next[0] > 50);
    searched_clear(&s);
}

/* --- a duration: cmax is at its end, dose (1 - exp(-k T)) / (k T V) --- */

static double infusion_level(double minutes)
{
    const double hours = minutes / 60;
    return 30 * -expm1(-rate * hours) / (rate * hours);
}

/* Where a falling function is `target`. */
static double solve(double (*level)(double), double low, double high, double target)
{
    for (int i = 0; i < 100; i++) {
        const double middle = (low + high) / 2;
        if (level(middle) > target) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static void test_duration(void **state)
{
    struct searched s;
    (void)state;
    search_of(&s,
              STUDY("count: 1000", "{route: iv, dose: 30 mg, over: 10 min}",
                    "vary: over, from: 5 min, to: 4 h, step: 1 min, prefer: smallest, "
                    "constraints: [{probability: {metric: cmax, above: 300 ng/mL}, at_most: 10 %}]",
                    "to: 6 h, every: 1 h"),
              2);
    check_answer(
        &s, solve(infusion_level, 1, 1000, 0.3 * median_volume * exp(sd * gsl_cdf_ugaussian_Pinv(0.1))), 1);
    double *volumes = volumes_of(&s.study);
    check_counts(&s, volumes, infusion_level);
    free(volumes);
    searched_clear(&s);
}

/* --- an interval: after the fourth bolus dose / V (1 + r + r^2 + r^3), r = exp(-k tau) --- */

static double repeated_level(double hours)
{
    const double r = exp(-rate * hours);
    return 30 * (1 + r + r * r + r * r * r);
}

static void test_interval(void **state)
{
    struct searched s;
    (void)state;
    search_of(&s,
              STUDY("count: 1000", "{route: iv, dose: 30 mg, every: 6 h, times: 4}",
                    "vary: every, from: 0.5 h, to: 12 h, step: 0.1 h, prefer: smallest, "
                    "constraints: [{probability: {metric: cmax, below: 500 ng/mL}, at_least: 80 %}]",
                    "to: 48 h, every: 1 h"),
              2);
    check_answer(&s,
                 solve(repeated_level, 0.1, 100, 0.5 * median_volume * exp(sd * gsl_cdf_ugaussian_Pinv(0.2))),
                 0.1);
    double *volumes = volumes_of(&s.study);
    check_counts(&s, volumes, repeated_level);
    free(volumes);
    searched_clear(&s);
}

/* --- a window of both, against a run of every candidate --- */

#define WINDOW                                                                                               \
    "vary: dose, from: 1 mg, to: 60 mg, step: 1 mg, prefer: smallest, "                                      \
    "constraints: [{probability: {metric: cmax, above: 300 ng/mL}, at_most: 60 %}, "                         \
    "{probability: {at: 2 h, above: 100 ng/mL}, at_least: 50 %}]"

static void test_all_candidates(void **state)
{
    struct searched s;
    struct simulation all;
    char list[1024] = "";
    char text[2048];
    (void)state;
    for (int mg = 1; mg <= 60; mg++) {
        snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%d mg", mg > 1 ? ", " : "", mg);
    }
    snprintf(text, sizeof(text), "%ssweep: {design: grid, dose: [%s]}\n",
             STUDY("count: 500", "{route: iv, dose: 1 mg}", WINDOW, "to: 4 h, every: 1 h"), list);
    char *section = strstr(text, "optimize: ");
    memmove(section, strchr(section, '\n') + 1, strlen(strchr(section, '\n') + 1) + 1);
    simulate(&all, text, NULL, 2);
    search_of(&s, STUDY("count: 500", "{route: iv, dose: 1 mg}", WINDOW, "to: 4 h, every: 1 h"), 2);
    int64_t first = -1;
    int64_t last = -1;
    for (int a = 0; a < 60; a++) {
        int64_t counts[2] = {0, 0};
        for (int64_t i = 0; i < 500; i++) {
            counts[0] += simulation_metric(&all, a, i, 0, "cmax") > 300;
            counts[1] += simulation_levels(&all, a, i, 0)[2] > 100;
        }
        const int64_t *found = threshold_search_counts(&s.search.found, a);
        if (found) {
            assert_int_equal(found[0], counts[0]);
            assert_int_equal(found[1], counts[1]);
        }
        if (counts[0] <= 300 && counts[1] >= 250) {
            first = first < 0 ? a : first;
            last = a;
        }
    }
    assert_true(first >= 0 && last > first);
    assert_int_equal(s.search.found.all.first, first);
    assert_int_equal(s.search.found.all.last, last);
    assert_int_equal(s.search.recommended, first);
    searched_clear(&s);
    simulation_clear(&all);
}

/* Durations and targets of all sizes: the answer is that of trying all candidates, and nothing that was asked ends it. */
static void test_many_targets(void **state)
{
    static const char *const ranges[] = {
        "from: 1 min, to: 10 min, step: 1 min", "from: 30 min, to: 300 min, step: 5 min",
        "from: 10 h, to: 200 h, step: 10 h", "values: [202 min, 203 min, 10000 min]"};
    static const double limits[] = {1e-6, 1, 60, 150, 290, 1e9}; /* ng/mL */
    static const double shares[] = {0, 0.05, 1};
    char text[1024];
    double *volumes = NULL; /* of the same patients in all */
    (void)state;
    for (size_t k = 0; k < 4 * 6 * 3 * 2; k++) {
        const double limit = limits[k / 4 % 6];
        const double share = shares[k / 24 % 3];
        const bool at_most = k / 72;
        struct searched s;
        snprintf(text, sizeof(text),
                 STUDY("count: 8", "{route: iv, dose: 30 mg, over: 10 min}",
                       "vary: over, %s, prefer: %s, "
                       "constraints: [{probability: {metric: cmax, above: %g ng/mL}, %s: %g}]",
                       "at: [0 h, 300 h]") "solver: {method: exact}\n",
                 ranges[k % 4], at_most ? "smallest" : "largest", limit, at_most ? "at_most" : "at_least",
                 share);
        search_of(&s, text, 1);
        volumes = volumes ? volumes : volumes_of(&s.study);
        int64_t recommended = -1;
        for (int c = 0; c < s.study.optimize.candidate_count; c++) {
            int64_t count = 0;
            for (int64_t i = 0; i < s.study.patient_count; i++) {
                count += 1000 * infusion_level(value_of(&s, c)) / volumes[i] > limit;
            }
            const double p = (double)count / (double)s.study.patient_count;
            if (at_most ? p <= share : p >= share) {
                recommended = at_most && recommended >= 0 ? recommended : c;
            }
        }
        assert_int_equal(s.search.recommended, recommended);
        searched_clear(&s);
    }
    free(volumes);
}

static void test_threads(void **state)
{
    static const int threads[] = {1, 2, 7};
    const char *text = STUDY("count: 300", "{route: iv, dose: 1 mg}", WINDOW, "to: 4 h, every: 1 h");
    struct searched one;
    (void)state;
    search_of(&one, text, 1);
    for (int i = 1; i < 3; i++) {
        struct searched s;
        search_of(&s, text, threads[i]);
        assert_int_equal(s.search.found.tried_count, one.search.found.tried_count);
        const size_t tried = (size_t)one.search.found.tried_count;
        assert_memory_equal(s.search.found.tried, one.search.found.tried, tried * sizeof(int64_t));
        assert_memory_equal(s.search.found.counts, one.search.found.counts, tried * 2 * sizeof(int64_t));
        assert_memory_equal(s.search.tallies, one.search.tallies, tried * sizeof(struct candidate_tally));
        assert_int_equal(s.search.recommended, one.search.recommended);
        searched_clear(&s);
    }
    searched_clear(&one);
}

/* --- what no candidate keeps to, and who cannot be counted --- */

static void test_impossible(void **state)
{
    struct searched s;
    (void)state;
    search_of(&s,
              STUDY("count: 200", "{route: iv, dose: 1 mg}",
                    "vary: dose, from: 1 mg, to: 200 mg, step: 1 mg, prefer: smallest, "
                    "constraints: [{probability: {metric: cmax, above: 300 ng/mL}, at_most: 5 %}, "
                    "{probability: {at: 2 h, above: 300 ng/mL}, at_least: 50 %}, "
                    "{probability: {at: 2 h, above: 2 mg/L}, at_least: 1 %}]",
                    "to: 4 h, every: 1 h"),
              2);
    const struct candidates *met = s.search.found.met;
    assert_int_equal(s.search.recommended, -1);
    assert_true(s.search.found.all.last < s.search.found.all.first);
    assert_true(met[0].first == 0 && met[0].last < met[1].first && met[1].last == 199);
    assert_true(met[2].last < met[2].first); /* nothing keeps to it */
    searched_clear(&s);
}

/* Half of the patients have no parameters: as if above every limit, and below every target. */
static void test_failures(void **state)
{
    struct searched s;
    int64_t failed = 0;
    (void)state;
    search_of(&s,
              STUDY("count: 400, covariates: {weight: {uniform: {min: 98.9 kg, max: 99.1 kg}}}",
                    "{route: iv, dose: 1 mg}",
                    "vary: dose, values: [1 mg, 200 mg], prefer: smallest, "
                    "constraints: [{probability: {metric: cmax, above: 300 ng/mL}, at_most: 60 %}, "
                    "{probability: {at: 2 h, above: 100 ng/mL}, at_least: 50 %}]",
                    "to: 4 h, every: 1 h"),
              2);
    for (int64_t candidate = 0; candidate < 2; candidate++) {
        const struct candidate_tally *tally = treatment_tally(&s.search, candidate);
        const int64_t *counts = threshold_search_counts(&s.search.found, candidate);
        assert_true(tally->failed > 150 && tally->failed < 250);
        assert_int_equal(counts[0], candidate == 0 ? tally->failed : 400);
        assert_int_equal(counts[1], candidate == 0 ? 0 : 400 - tally->failed);
        assert_int_equal(tally->missing[0], 0);
        failed += tally->failed;
    }
    assert_int_equal(s.search.report.failed, failed);
    assert_int_equal(s.search.report.failures[0].arm, 0);
    searched_clear(&s);
}

/* A metric that has no value for a patient counts against its constraint, too: two levels make no terminal slope. */
static void test_missing_metrics(void **state)
{
    struct searched s;
    (void)state;
    search_of(&s,
              STUDY("count: 100", "{route: iv, dose: 1 mg}",
                    "vary: dose, values: [1 mg, 30 mg], prefer: smallest, "
                    "constraints: [{probability: {metric: half_life, above: 3 h}, at_most: 60 %}, "
                    "{probability: {metric: half_life, below: 3 h}, at_least: 10 %}]",
                    "at: [0 h, 1 h]"),
              2);
    const struct candidate_tally *tally = treatment_tally(&s.search, 1);
    const int64_t *counts = threshold_search_counts(&s.search.found, 1);
    assert_int_equal(tally->failed, 0);
    assert_int_equal(tally->missing[0], 100);
    assert_int_equal(tally->missing[1], 100);
    assert_int_equal(counts[0], 100);
    assert_int_equal(counts[1], 0);
    searched_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dose),
        cmocka_unit_test(test_duration),
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_all_candidates),
        cmocka_unit_test(test_many_targets),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_missing_metrics),
    };
    write_model();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(model_path);
    return failed;
}
