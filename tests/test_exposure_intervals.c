/* Dosing intervals, areas between two times, and times above a level: against closed forms, and by hand. */
#include "check.h"
#include "exposure_profile.h"

/* 10 mg in 100 L every 6 h, C = sum of 100 exp(-0.2 (t - 6 i)). */
static const double DECAY = 0.2;
static const double TAU = 6;

/* The level of `doses` doses just before time t. */
static double level_at(double t, int doses)
{
    double sum = 0;
    for (int k = 0; k < doses; k++) {
        sum += t > TAU * k ? 100 * exp(-DECAY * (t - TAU * k)) : 0;
    }
    return sum;
}

static void make_repeated(struct made *m, int doses, double to, double step)
{
    made_begin(m);
    for (int i = 0; i * step <= to; i++) {
        made_add(m, i * step, level_at(i * step, doses));
    }
    for (int k = 0; k < doses; k++) {
        made_dose(m, TAU * k, 10);
    }
}

/* exp(-0.2 * 6 i) for i below n, summed up: what n doses are of one at the same time after the last. */
static double build_up(int n)
{
    return expm1(-DECAY * TAU * n) / expm1(-DECAY * TAU);
}

static void test_repeated(void **state)
{
    struct made m;
    const double one = 500 * -expm1(-DECAY * TAU); /* area of an interval after a single dose */
    (void)state;
    make_repeated(&m, 10, 70, 0.25);
    for (int k = 1; k <= 10; k++) {
        const double n = build_up(k);
        const double area = one * n;
        const double before = 100 * (n - 1);
        const double after = 100 * n * exp(-DECAY * TAU);
        const double highest = 100 * n * exp(-DECAY * 0.25);
        assert_close(made_interval(&m, "auc_tau", k), area, 1e-12, 0);
        assert_close(made_interval(&m, "cav", k), area / TAU, 1e-12, 0);
        assert_close(made_interval(&m, "cmax", k), highest, 1e-12, 0);
        assert_close(made_interval(&m, "tmax", k), 0.25, 1e-12, 0);
        assert_close(made_interval(&m, "cmin", k), fmin(before, after), 1e-12, 1e-12);
        assert_close(made_interval(&m, "ctrough", k), after, 1e-12, 0);
        assert_close(made_interval(&m, "fluctuation", k), 100 * (highest - fmin(before, after)) / area * TAU,
                     1e-10, 0);
        if (k == 1) {
            assert_true(isnan(made_interval(&m, "accumulation", k)));
            assert_true(isnan(made_interval(&m, "swing", k))); /* from 0 on */
        } else {
            assert_close(made_interval(&m, "accumulation", k), n, 1e-12, 0);
            assert_close(made_interval(&m, "swing", k), highest / before - 1, 1e-10, 0);
        }
        /* a clearance only where the ends differ by less than a thousandth of the mean */
        const double clearance = made_interval(&m, "cl_f", k);
        if (after - before <= 1e-3 * area / TAU) {
            assert_close(clearance, 20, 2e-3, 0);
            assert_true(made_interval(&m, "cl", k) == clearance);
            assert_true(k > 5);
        } else {
            assert_true(isnan(clearance) && isnan(made_interval(&m, "cl", k)));
            assert_true(k < 8);
        }
        assert_true(isnan(made_interval(&m, "auc_inf", k)));
    }
    assert_true(isnan(made_interval(&m, "cmax", 11)));
    /* of the profile: the last whole interval, which ends 6 h after the last dose */
    assert_true(made_metric(&m, "auc_tau") == made_interval(&m, "auc_tau", 10));
    assert_true(made_metric(&m, "accumulation") == made_interval(&m, "accumulation", 10));
    assert_true(made_metric(&m, "cmin") == made_interval(&m, "cmin", 10));
    assert_true(made_metric(&m, "ctrough") == made_interval(&m, "ctrough", 10));
    /* a metabolite has no clearance */
    m.profile.of_drug = false;
    assert_true(isnan(made_interval(&m, "cl_f", 10)));
    assert_true(!isnan(made_interval(&m, "auc_tau", 10)));
    made_end(&m);
}

/* An interval that is not observed to its end has a highest level, and nothing that needs the whole. */
static void test_not_whole(void **state)
{
    static const char *const whole[] = {"cmin",        "ctrough", "cav",         "auc_tau",
                                        "fluctuation", "swing",   "accumulation"};
    struct made m;
    (void)state;
    make_repeated(&m, 3, 16, 0.25);
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        assert_true(isnan(made_interval(&m, whole[i], 3)));
        assert_close(made_metric(&m, whole[i]), made_interval(&m, whole[i], 2), 0, 0);
    }
    assert_close(made_interval(&m, "cmax", 3), 100 * build_up(3) * exp(-DECAY * 0.25), 1e-12, 0);
    assert_true(made_interval(&m, "tmax", 3) == 0.25);
    made_end(&m);

    make_repeated(&m, 3, 18, 0.7); /* no observation falls on a dose but the first */
    for (int k = 1; k <= 3; k++) {
        assert_true(isnan(made_interval(&m, "auc_tau", k)));
        assert_true(made_interval(&m, "cmax", k) > 0);
    }
    assert_missing(&m, "auc_tau");
    made_end(&m);

    make_repeated(&m, 3, 18, 6); /* only troughs: they are no profile */
    assert_missing(&m, "auc_tau");
    made_end(&m);

    make_repeated(&m, 1, 24, 0.25); /* a single dose has no interval of known length */
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        assert_missing(&m, whole[i]);
        assert_true(isnan(made_interval(&m, whole[i], 1)));
    }
    assert_true(made_interval(&m, "cmax", 1) == made_metric(&m, "cmax"));
    made_end(&m);
}

/* What a solver leaves around 0 is no level below 0; an effect below 0 is one. */
static void test_below_zero(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    for (int i = 0; i <= 8; i++) {
        made_add(&m, i, i % 4 == 0 ? -1e-12 : 10 - i % 4);
    }
    made_dose(&m, 0, 10);
    made_dose(&m, 4, 10);
    assert_true(made_metric(&m, "cmin") == 0 && made_metric(&m, "ctrough") == 0);
    m.profile.of_effect = true;
    assert_true(made_metric(&m, "cmin") == -1e-12 && made_metric(&m, "ctrough") == -1e-12);
    made_end(&m);
}

/* Accumulation is of like with like; so is steady state. */
static void test_unlike_doses(void **state)
{
    struct made m;
    (void)state;
    make_repeated(&m, 12, 72, 0.25);
    assert_true(!isnan(made_interval(&m, "accumulation", 12)) && !isnan(made_interval(&m, "cl_f", 12)));
    m.doses[11].amount = 20;
    assert_true(isnan(made_interval(&m, "accumulation", 12)) && isnan(made_interval(&m, "cl_f", 12)));
    assert_missing(&m, "accumulation");
    m.doses[11].amount = 10;
    m.doses[11].route = 1;
    assert_true(isnan(made_interval(&m, "accumulation", 12)) && isnan(made_interval(&m, "cl_f", 12)));
    m.doses[11].route = 0;
    m.doses[11].over = 1;
    assert_true(isnan(made_interval(&m, "accumulation", 12)) && isnan(made_interval(&m, "cl_f", 12)));
    m.doses[11].over = 0;
    m.doses[11].end = 72.5; /* an infusion that runs on into the next interval */
    assert_true(isnan(made_interval(&m, "cl_f", 12)));
    m.doses[11].end = 66;
    m.doses[11].intravenous = false;
    assert_true(isnan(made_interval(&m, "cl", 12)) && !isnan(made_interval(&m, "cl_f", 12)));
    made_end(&m);
}

/* Where nothing is left over from one dose to the next, each interval tells the clearance. */
static void test_washed_out(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    for (int i = 0; i <= 400; i++) {
        const double since = fmod(i, 100);
        made_add(&m, i, since > 0 ? 100 * exp(-DECAY * since) : i > 0 ? 100 * exp(-DECAY * 100) : 0);
    }
    for (int k = 0; k < 4; k++) {
        made_dose(&m, 100 * k, 10);
    }
    for (int k = 1; k <= 4; k++) {
        assert_close(made_interval(&m, "cl", k), 20, 1e-6, 0);
    }
    made_end(&m);
}

static void check_interval(const struct dosing_interval *interval, double start, double end, bool closed)
{
    assert_true(interval->start == start && interval->end == end && interval->closed == closed);
}

static void test_intervals(void **state)
{
    const struct given_dose doses[] = {{.start = 0}, {.start = 10}, {.start = 10}, {.start = 48}};
    struct dosing_interval intervals[4];
    (void)state;
    assert_int_equal(dosing_intervals(doses, 4, 40, intervals), 2);
    check_interval(&intervals[0], 0, 10, true);
    check_interval(&intervals[1], 10, 40, false); /* the next dose comes later */
    assert_int_equal(dosing_intervals(doses, 4, 48, intervals), 2);
    check_interval(&intervals[1], 10, 48, true); /* and now at the last observation */
    assert_int_equal(dosing_intervals(doses, 4, 60, intervals), 3);
    check_interval(&intervals[2], 48, 60, false); /* 38 h are not over */
    assert_int_equal(dosing_intervals(doses, 4, 86, intervals), 3);
    check_interval(&intervals[2], 48, 86, true);
    assert_int_equal(dosing_intervals(doses, 4, 100, intervals), 3);
    check_interval(&intervals[2], 48, 86, true);
    assert_int_equal(dosing_intervals(doses, 4, 100, NULL), 3);
    assert_int_equal(dosing_intervals(doses, 1, 24, intervals), 1);
    check_interval(&intervals[0], 0, 24, false);
    assert_int_equal(dosing_intervals(doses, 3, 24, intervals), 2);
    check_interval(&intervals[1], 10, 20, true);
    assert_int_equal(dosing_intervals(doses, 0, 24, intervals), 0);
    assert_int_equal(dosing_intervals(doses + 3, 1, 48, intervals), 0);
}

/* --- Areas between two times --- */

static double between(struct made *m, double from, double to)
{
    m->from = from;
    m->to = to;
    return made_metric(m, "auc_between");
}

static void test_between(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    made_add(&m, 0, 0);
    made_add(&m, 2, 40);
    made_add(&m, 4, 80);
    for (int i = 6; i <= 24; i += 2) {
        made_add(&m, i, 80 * exp(-DECAY * (i - 4)));
    }
    assert_close(between(&m, 0, 2), 40, 1e-14, 0);
    assert_close(between(&m, 0.5, 1.5), 20, 1e-14, 0);                         /* linear: 10 to 30 */
    assert_close(between(&m, 1, 3), 80, 1e-14, 0);                             /* over an observation */
    assert_close(between(&m, 4.5, 5), 400 * (exp(-0.1) - exp(-0.2)), 1e-9, 0); /* logarithmic */
    assert_close(between(&m, 5, 23), 400 * (exp(-0.2) - exp(-3.8)), 1e-9, 0);
    assert_close(between(&m, 3, 5), 70 + 400 * (1 - exp(-0.2)), 1e-9, 0);
    assert_close(between(&m, 0, 24), made_metric(&m, "auc_last"), 1e-14, 0);
    assert_close(between(&m, 20, 30), 400 * (exp(-3.2) - exp(-5.2)), 1e-9, 0); /* beyond the end */
    assert_close(between(&m, 0, 1e6), made_metric(&m, "auc_inf"), 1e-12, 0);
    m.profile.rule = AUC_LINEAR;
    assert_close(between(&m, 4.5, 5), 0.5 * (80 + (80 * exp(-0.4) - 80) * (0.25 + 0.5) / 2), 1e-14, 0);
    /* sums of parts */
    for (int rule = 0; rule < 2; rule++) {
        m.profile.rule = rule ? AUC_LINEAR : AUC_LINEAR_UP_LOG_DOWN;
        assert_close(between(&m, 0.3, 7.7) + between(&m, 7.7, 21.1), between(&m, 0.3, 21.1), 1e-12, 0);
    }
    m.profile.count = 4; /* no slope, nothing beyond */
    assert_true(isnan(between(&m, 0, 6.5)));
    assert_true(!isnan(between(&m, 0, 6)));
    made_end(&m);
}

/* --- Times above a level --- */

static double above(struct made *m, double threshold)
{
    m->threshold = threshold;
    return made_metric(m, "time_above");
}

static void test_time_above(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    made_add(&m, 0, 0);
    made_add(&m, 2, 80);
    made_add(&m, 4, 80 * exp(-0.4));
    made_add(&m, 8, 80 * exp(-1.2));
    made_add(&m, 10, 0);
    assert_close(above(&m, 40), 1 + log(2) / DECAY, 1e-14, 0);
    assert_close(above(&m, 80 * exp(-0.4)), 2 - 2 * exp(-0.4) + 2, 1e-14, 0); /* at an observation */
    assert_close(above(&m, 80), 0, 0, 0); /* a point: the segments on both sides cross it there */
    assert_close(above(&m, 81), 0, 0, 0);
    assert_close(above(&m, 8), 1.8 + 6 + 2 * (1 - 8 / (80 * exp(-1.2))), 1e-14, 0); /* to 0: linear */
    m.profile.rule = AUC_LINEAR;
    assert_close(above(&m, 75), 2 * 5.0 / 80 + 2 * 5 / (80 - 80 * exp(-0.4)), 1e-14, 0);
    made_end(&m);

    made_begin(&m); /* equal to the threshold counts as above */
    made_add(&m, 0, 50);
    made_add(&m, 1, 50);
    made_add(&m, 3, 50);
    assert_close(above(&m, 50), 3, 0, 0);
    assert_close(above(&m, 50 + 1e-12), 0, 0, 0);
    made_end(&m);

    made_begin(&m); /* a bolus starts above: the fall begins at the level extrapolated back */
    made_add(&m, 0, 0);
    for (int i = 1; i <= 10; i++) {
        made_add(&m, i, 100 * exp(-DECAY * i));
    }
    made_dose(&m, 0, 10);
    assert_close(above(&m, 95), -log(0.95) / DECAY, 1e-12, 0);
    assert_close(made_interval(&m, "time_above", 1), -log(0.95) / DECAY, 1e-12, 0);
    assert_close(above(&m, 50), log(2) / DECAY, 1e-12, 0);
    made_end(&m);
}

/* Effects have what makes sense of a number without unit, and nothing else. */
static void test_effects(void **state)
{
    struct made m;
    (void)state;
    make_repeated(&m, 4, 24, 0.25);
    m.profile.of_effect = true;
    struct exposure_scratch *scratch = exposure_scratch_create(m.profile.count, 4);
    for (int i = 0; i < exposure_metric_count; i++) {
        const struct exposure_metric *metric = &exposure_metrics[i];
        struct metric_request request = metric_request_plain(i);
        double values[5];
        request.to = 24;
        request.threshold = 1;
        exposure_compute(&(struct exposure_request){.metrics = &request,
                                                    .metric_count = 1,
                                                    .intervals = 4,
                                                    .values = &values[4],
                                                    .interval_values = values},
                         &m.profile, scratch);
        assert_true(isnan(values[4]) == !(metric->traits & METRIC_OF_EFFECTS));
        assert_true(isnan(values[3]) == !((metric->traits & METRIC_OF_EFFECTS) && metric->interval));
        assert_true(!(metric->traits & METRIC_OF_EFFECTS) || !(metric->traits & METRIC_OF_DRUG));
    }
    exposure_scratch_free(scratch);
    made_end(&m);
}

/* Areas under level times time, by both rules: against sums over fine steps of what the rule takes the level to be. */
static void test_moments(void **state)
{
    static const double levels[] = {0, 7, 9, 8.9999999, 3, 0.01, 1e-6};
    enum { COUNT = sizeof(levels) / sizeof(levels[0]), STEPS = 20000 };
    struct made m;
    (void)state;
    made_begin(&m);
    for (int i = 0; i < COUNT; i++) {
        made_add(&m, i * i, levels[i]);
    }
    double sum = 0;
    for (int i = 1; i < COUNT; i++) {
        const double dt = m.times[i] - m.times[i - 1];
        for (int k = 0; k < STEPS; k++) {
            const double part = (k + 0.5) / STEPS;
            const double level = levels[i] < levels[i - 1]
                                     ? levels[i - 1] * pow(levels[i] / levels[i - 1], part)
                                     : levels[i - 1] + part * (levels[i] - levels[i - 1]);
            /* of a rising level the rule takes level times time to be straight */
            const double product = levels[i] < levels[i - 1] ? level * (m.times[i - 1] + part * dt)
                                                             : levels[i - 1] * m.times[i - 1] * (1 - part) +
                                                                   levels[i] * m.times[i] * part;
            sum += product * dt / STEPS;
        }
    }
    assert_close(made_metric(&m, "aumc_last"), sum, 1e-7, 0);
    m.profile.rule = AUC_LINEAR;
    sum = 0;
    for (int i = 1; i < COUNT; i++) {
        sum += (m.times[i] - m.times[i - 1]) * (m.times[i] * levels[i] + m.times[i - 1] * levels[i - 1]) / 2;
    }
    assert_close(made_metric(&m, "aumc_last"), sum, 1e-14, 0);
    made_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repeated),   cmocka_unit_test(test_below_zero),
        cmocka_unit_test(test_not_whole),  cmocka_unit_test(test_unlike_doses),
        cmocka_unit_test(test_washed_out), cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_between),    cmocka_unit_test(test_time_above),
        cmocka_unit_test(test_effects),    cmocka_unit_test(test_moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
