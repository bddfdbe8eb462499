/* From a regimen to what the solver does when: pulses, stops, running rates, and which segment an observation belongs to. */
#include "models.h"

#include "solver/timeline.h"

enum { PULSES_MAX = 64 };

/* --- Pulses of a regimen --- */

struct regimen {
    struct pulse pulses[PULSES_MAX];
    int count;
};

/* The pulses of the typical patient who gets these doses. */
static struct regimen give(struct given *given, struct dose *doses, int count, double weight)
{
    const struct arm arm = {.doses = doses, .dose_count = count};
    struct evaluator *evaluator = given_evaluator(given);
    struct individual p = typical_patient(&given->model);
    struct individual_error why = {""};
    struct regimen regimen = {.count = dosing_pulse_count(&given->model, &arm)};

    assert_true(regimen.count <= PULSES_MAX);
    compute(evaluator, &p);
    assert_int_equal(
        dosing_pulses(evaluator, &given->model, &arm, ALL_OCCASIONS, weight, regimen.pulses, &why),
        regimen.count);
    evaluator_free(evaluator);
    return regimen;
}

static void check_pulse(const struct given *given, const struct pulse *pulse, const char *compartment,
                        double start, double end, double amount)
{
    assert_int_equal(pulse->compartment, model_compartment(&given->model, compartment));
    assert_true(pulse->start == start);
    assert_close(pulse->end, end, 1e-15, 0);
    assert_close(pulse->amount, amount, 1e-14, 0);
}

/* Three devices at exactly 0, 5 and 10 minutes; the mucosa takes 0.54 of the first and 0.54 * 0.62 = 0.3348 of the others,
 * and 0.64 of the rest is swallowed over 0.53 h. */
static void test_nasal(void **state)
{
    static const double starts[] = {0, 5.0 / 60, 10.0 / 60};
    static const double parts[] = {0.54, 0.3348, 0.3348};
    struct given given;

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    struct dose dose = {.route = model_route(&given.model, "intranasal"), .amount = 84, .share = 1};
    struct regimen r = give(&given, &dose, 1, 74);
    assert_int_equal(r.count, 6);
    for (int i = 0; i < 3; i++) {
        check_pulse(&given, &r.pulses[2 * i], "nasal", starts[i], starts[i], 28 * parts[i]);
        check_pulse(&given, &r.pulses[2 * i + 1], "swallowed", starts[i], starts[i] + 0.53,
                    28 * (1 - parts[i]) * 0.64);
    }

    /* a day later everything is a day later */
    dose.time = 86400;
    r = give(&given, &dose, 1, 74);
    assert_true(r.pulses[2].start == 86700.0 / 3600);
    assert_close(r.pulses[3].end, 24 + 5.0 / 60 + 0.53, 1e-15, 0);

    dose.amount = 28;
    assert_int_equal(give(&given, &dose, 1, 74).count, 2);
    given_clear(&given);
}

/* Infusions last as long as the regimen says, oral doses as long as the model says; mg/kg and the share of the drug. */
static void test_other_routes(void **state)
{
    struct given given;

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    const int iv = model_route(&given.model, "iv");
    struct dose doses[] = {
        {.time = 0, .route = iv, .amount = 28, .over = 2400, .share = 1},
        {.time = 7200, .route = iv, .amount = 10, .share = 1},
        {.time = 7200, .route = model_route(&given.model, "oral"), .amount = 84, .share = 1},
        {.time = 172800, .route = iv, .amount = 0.5, .basis = DOSE_PER_KG, .over = 2400, .share = 0.5},
    };
    const struct regimen r = give(&given, doses, 4, 80);
    assert_int_equal(r.count, 4);
    check_pulse(&given, &r.pulses[0], "central", 0, 40.0 / 60, 28);
    check_pulse(&given, &r.pulses[1], "central", 2, 2, 10);
    check_pulse(&given, &r.pulses[2], "oral", 2, 2.32, 84 * 0.64);
    check_pulse(&given, &r.pulses[3], "central", 48, 48 + 40.0 / 60, 0.5 * 80 * 0.5);
    given_clear(&given);
}

/* --- Timelines --- */

static void build(struct timeline *t, const struct pulse *pulses, int count, const double *times,
                  int time_count)
{
    assert_int_equal(timeline_build(t, &pulses, count, 1, times, time_count), 0);
    assert_int_equal(t->lanes, 1);
}

static void check_stops(const struct timeline *t, const double *stops, int count)
{
    assert_int_equal(t->segment_count, count - 1);
    for (int i = 0; i < count; i++) {
        assert_true(t->stops[i] == stops[i]);
    }
}

#define CHECK_STOPS(TIMELINE, ...)                                                                           \
    check_stops((TIMELINE), (const double[]){__VA_ARGS__},                                                   \
                (int)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)))

/* mg/h into a compartment during a segment; it may be listed once at most. */
static double rate_in(const struct timeline *t, int segment, int compartment, int lane)
{
    double rate = 0;
    int found = 0;

    for (int r = t->rate_begin[segment]; r < t->rate_begin[segment + 1]; r++) {
        if (t->rate_compartment[r] == compartment) {
            rate = t->rate[r * t->lanes + lane];
            found++;
        }
    }
    assert_true(found <= 1);
    return rate;
}

/* mg added to a compartment when a segment begins. */
static double bolus_in(const struct timeline *t, int segment, int compartment, int lane)
{
    double amount = 0;

    for (int b = t->bolus_begin[segment]; b < t->bolus_begin[segment + 1]; b++) {
        amount += t->bolus_compartment[b] == compartment ? t->bolus_amount[b * t->lanes + lane] : 0;
    }
    return amount;
}

/* Overlapping windows add; where the last of them has ended there is no rate at all, not even a rounding error. */
static void test_overlap(void **state)
{
    static const struct pulse pulses[] = {{0, 3, 1, 0.3}, {1, 4, 1, 0.6}, {2, 5, 1, 0.1}, {2, 2.5, 0, 7}};
    static const double times[] = {10};
    struct timeline t = {0};

    (void)state;
    build(&t, pulses, 4, times, 1);
    CHECK_STOPS(&t, 0, 1, 2, 2.5, 3, 4, 5, 10);
    static const double rates[] = {0.1, 0.3, 0.3 + 0.1 / 3, 0.3 + 0.1 / 3, 0.2 + 0.1 / 3, 0.1 / 3, 0};
    for (int s = 0; s < 7; s++) {
        assert_close(rate_in(&t, s, 1, 0), rates[s], 1e-15, 0);
        assert_true(rate_in(&t, s, 0, 0) == (s == 2 ? 14 : 0));
        assert_int_equal(t.bolus_begin[s + 1], 0);
    }
    assert_int_equal(t.rate_begin[6], t.rate_begin[7]);
    timeline_clear(&t);
}

/* Every mg given as a rate arrives: the rates times the lengths of the segments. */
static void test_nothing_lost(void **state)
{
    struct given given;
    struct timeline t = {0};
    static const double times[] = {24};

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    struct dose dose = {.route = model_route(&given.model, "intranasal"), .amount = 84, .share = 1};
    const struct regimen r = give(&given, &dose, 1, 74);
    build(&t, r.pulses, r.count, times, 1);
    CHECK_STOPS(&t, 0, 300.0 / 3600, 600.0 / 3600, 0.53, 300.0 / 3600 + 0.53, 600.0 / 3600 + 0.53, 24);
    double swallowed = 0;
    double nasal = 0;
    for (int s = 0; s < t.segment_count; s++) {
        swallowed +=
            rate_in(&t, s, model_compartment(&given.model, "swallowed"), 0) * (t.stops[s + 1] - t.stops[s]);
        nasal += bolus_in(&t, s, model_compartment(&given.model, "nasal"), 0);
    }
    assert_close(nasal, 28 * (0.54 + 2 * 0.3348), 1e-14, 0);
    assert_close(swallowed, 28 * 0.64 * (0.46 + 2 * 0.6652), 1e-14, 0);
    timeline_clear(&t);
    given_clear(&given);
}

/* The observations of segment s are those in (stops[s], stops[s + 1]]. */
static void check_observations(const struct timeline *t, const int *begins, int count)
{
    assert_int_equal(t->segment_count, count - 1);
    for (int s = 0; s < count; s++) {
        assert_int_equal(t->time_begin[s], begins[s]);
    }
}

#define CHECK_OBSERVATIONS(TIMELINE, ...)                                                                    \
    check_observations((TIMELINE), (const int[]){__VA_ARGS__},                                               \
                       (int)(sizeof((const int[]){__VA_ARGS__}) / sizeof(int)))

/* At the time of a dose, and at the end of an infusion, an observation belongs to what came before. */
static void test_observations(void **state)
{
    static const struct pulse pulses[] = {{1, 1, 0, 5}, {2, 3, 0, 5}, {4, 4, 0, 5}};
    static const double times[] = {0, 0.5, 1, 1.5, 2, 3, 3.5, 4, 4.5, 6};
    struct timeline t = {0};

    (void)state;
    build(&t, pulses, 3, times, 10);
    CHECK_STOPS(&t, 1, 2, 3, 4, 6);
    /* 0, 0.5 and 1 precede all doses; then 1.5 and 2; 3; 3.5 and 4; 4.5 and 6 */
    CHECK_OBSERVATIONS(&t, 3, 5, 6, 8, 10);
    assert_true(rate_in(&t, 1, 0, 0) == 5 && rate_in(&t, 2, 0, 0) == 0);
    assert_true(bolus_in(&t, 0, 0, 0) == 5 && bolus_in(&t, 1, 0, 0) == 0 && bolus_in(&t, 3, 0, 0) == 5);
    timeline_clear(&t);
}

/* An infusion whose end, and an infusion whose start, is that of an observation by a different sum. */
static void test_equal_times(void **state)
{
    struct given given;
    struct timeline t = {0};
    double times[289];

    (void)state;
    given_library(&given, "perez-ruixo-2021");
    for (int i = 0; i < 289; i++) {
        times[i] = i * 300 / 3600.0; /* every 5 min, in whole seconds */
    }
    struct dose doses[] = {
        {.route = model_route(&given.model, "iv"), .amount = 28, .over = 2400, .share = 1},
        {.time = 28800, .route = model_route(&given.model, "intranasal"), .amount = 56, .share = 1},
    };
    const struct regimen r = give(&given, doses, 2, 74);
    build(&t, r.pulses, r.count, times, 289);
    assert_true(t.stops[1] == times[8]);
    assert_int_equal(t.time_begin[0], 1);
    assert_int_equal(t.time_begin[1], 9);
    assert_true(t.stops[2] == times[96]);
    assert_true(t.stops[3] == times[97]);
    assert_int_equal(t.time_begin[2], 97);
    assert_int_equal(t.time_begin[3], 98);
    timeline_clear(&t);
    given_clear(&given);
}

/* What is given at the same time is given at one stop, in the order of the regimen. */
static void test_together(void **state)
{
    static const struct pulse pulses[] = {
        {1, 1, 0, 5}, {1, 1, 0, 7}, {1, 1, 2, 3}, {1, 2, 0, 9}, {1, 2, 0, 2}};
    static const double times[] = {5};
    struct timeline t = {0};

    (void)state;
    build(&t, pulses, 5, times, 1);
    CHECK_STOPS(&t, 1, 2, 5);
    assert_true(bolus_in(&t, 0, 0, 0) == 12 && bolus_in(&t, 0, 2, 0) == 3);
    assert_true(t.bolus_amount[0] == 5 && t.bolus_amount[1] == 7 && t.bolus_amount[2] == 3);
    assert_true(rate_in(&t, 0, 0, 0) == 11 && rate_in(&t, 1, 0, 0) == 0);
    timeline_clear(&t);
}

/* Doses from the last observation on change nothing that is observed; an infusion that runs beyond it is cut. */
static void test_late_doses(void **state)
{
    static const struct pulse pulses[] = {{0, 8, 0, 8}, {4, 4, 0, 5}, {6, 6, 0, 5}, {5, 7, 0, 5}};
    static const double times[] = {2, 4};
    struct timeline t = {0};

    (void)state;
    build(&t, pulses, 4, times, 2);
    CHECK_STOPS(&t, 0, 4);
    CHECK_OBSERVATIONS(&t, 0, 2);
    assert_true(rate_in(&t, 0, 0, 0) == 1);
    assert_int_equal(t.bolus_begin[1], 0);

    /* all of them late */
    build(&t, pulses + 1, 3, times, 2);
    assert_int_equal(t.segment_count, 0);
    assert_int_equal(t.time_begin[0], 2);
    timeline_clear(&t);
}

/* No doses, or all doses after the observations: no segments, and all observations are before the first dose. */
static void test_no_doses(void **state)
{
    static const double times[] = {0, 1, 2};
    struct timeline t = {0};

    (void)state;
    build(&t, NULL, 0, times, 3);
    assert_int_equal(t.segment_count, 0);
    assert_int_equal(t.time_begin[0], 3);
    timeline_clear(&t);
}

/* The order of the regimen need not be that of the clock: devices of one dose may follow those of the next. */
static void test_unsorted(void **state)
{
    static const struct pulse pulses[] = {
        {3, 4, 0, 1}, {0, 0, 0, 2}, {2, 2, 1, 3}, {0, 1, 1, 4}, {1, 3, 1, 10}};
    static const double times[] = {0.5, 6};
    struct timeline t = {0};

    (void)state;
    build(&t, pulses, 5, times, 2);
    CHECK_STOPS(&t, 0, 1, 2, 3, 4, 6);
    CHECK_OBSERVATIONS(&t, 0, 1, 1, 1, 1, 2);
    assert_true(bolus_in(&t, 0, 0, 0) == 2 && bolus_in(&t, 2, 1, 0) == 3);
    assert_true(rate_in(&t, 0, 1, 0) == 4 && rate_in(&t, 1, 1, 0) == 5 && rate_in(&t, 2, 1, 0) == 5);
    assert_true(rate_in(&t, 3, 0, 0) == 1 && rate_in(&t, 3, 1, 0) == 0 && rate_in(&t, 4, 0, 0) == 0);
    timeline_clear(&t);
}

/* Each lane has its own amounts. */
static void test_lanes(void **state)
{
    static const struct pulse a[] = {{0, 0, 0, 1}, {1, 3, 1, 10}};
    static const struct pulse b[] = {{0, 0, 0, 2}, {1, 3, 1, 0}};
    static const struct pulse c[] = {{0, 0, 0, 3}, {1, 3, 1, 30}};
    static const struct pulse *const lanes[] = {a, b, c};
    static const double times[] = {4};
    struct timeline t = {0};

    (void)state;
    assert_int_equal(timeline_build(&t, lanes, 2, 3, times, 1), 0);
    assert_true(bolus_in(&t, 0, 0, 0) == 1 && bolus_in(&t, 0, 0, 1) == 2 && bolus_in(&t, 0, 0, 2) == 3);
    assert_true(rate_in(&t, 1, 1, 0) == 5 && rate_in(&t, 1, 1, 1) == 0 && rate_in(&t, 1, 1, 2) == 15);
    timeline_clear(&t);
}

/* Patients share a timetable whatever the amounts. */
static void test_shared(void **state)
{
    static const struct pulse a[] = {{0, 0, 0, 1}, {1, 3, 1, 10}};
    struct pulse b[2];

    (void)state;
    memcpy(b, a, sizeof(b));
    b[1].amount = 20;
    assert_true(timeline_shared(a, b, 2));
    assert_true(timeline_shared(a, b, 0));
    b[1].end = 3.0000000001;
    assert_false(timeline_shared(a, b, 2));
    assert_true(timeline_shared(a, b, 1));
    memcpy(b, a, sizeof(b));
    b[1].start = 1.5;
    assert_false(timeline_shared(a, b, 2));
    memcpy(b, a, sizeof(b));
    b[0].compartment = 1;
    assert_false(timeline_shared(a, b, 2));
}

/* A timeline is built again and again, larger and smaller: what was before leaves no trace. */
static void test_reuse(void **state)
{
    static const struct pulse few[] = {{0, 1, 0, 1}};
    static const double times[] = {2, 300};
    struct pulse many[PULSES_MAX];
    struct timeline t = {0};

    (void)state;
    for (int i = 0; i < PULSES_MAX; i++) {
        many[i] = (struct pulse){i, i % 2 ? i : i + 1.5, i % 3, i + 1};
    }
    for (int round = 0; round < 3; round++) {
        build(&t, few, 1, times, 2);
        CHECK_STOPS(&t, 0, 1, 300);
        CHECK_OBSERVATIONS(&t, 0, 0, 2);
        assert_true(rate_in(&t, 0, 0, 0) == 1 && rate_in(&t, 1, 0, 0) == 0);
        build(&t, many, PULSES_MAX, times, 2);
        double boluses = 0;
        double infused = 0;
        for (int s = 0; s < t.segment_count; s++) {
            for (int c = 0; c < 3; c++) {
                boluses += bolus_in(&t, s, c, 0);
                infused += rate_in(&t, s, c, 0) * (t.stops[s + 1] - t.stops[s]);
            }
        }
        assert_close(boluses, 32 * 33, 1e-14, 0); /* 2 + 4 + ... + 64 */
        assert_close(infused, 32 * 32, 1e-14, 0); /* 1 + 3 + ... + 63 */
    }
    timeline_clear(&t);
    timeline_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nasal),        cmocka_unit_test(test_other_routes),
        cmocka_unit_test(test_overlap),      cmocka_unit_test(test_nothing_lost),
        cmocka_unit_test(test_observations), cmocka_unit_test(test_equal_times),
        cmocka_unit_test(test_together),     cmocka_unit_test(test_late_doses),
        cmocka_unit_test(test_no_doses),     cmocka_unit_test(test_unsorted),
        cmocka_unit_test(test_lanes),        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_reuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
