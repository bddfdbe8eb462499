/* The terminal slope of a profile, and all that stands on it: against closed forms, and by hand. */
#include "check.h"
#include "exposure_profile.h"

/* C = 100 exp(-0.2 t) ng/mL: 10 mg in 100 L. */
static const double DECAY = 0.2;
static const double DOSE = 10;

/* What stands on the slope alone; what needs the dose, too. */
static const char *const on_slope[] = {"lambda_z",         "lambda_z_points", "lambda_z_r2adj",
                                       "half_life",        "auc_inf",         "auc_inf_pred",
                                       "auc_extrapolated", "aumc_inf",        "span_ratio"};
static const char *const on_dose[] = {"cl", "cl_f", "vz", "vz_f", "vss", "mrt"};

enum { ON_SLOPE = sizeof(on_slope) / sizeof(on_slope[0]), ON_DOSE = sizeof(on_dose) / sizeof(on_dose[0]) };

static void check_all_missing(const struct made *m)
{
    for (int i = 0; i < ON_SLOPE; i++) {
        assert_missing(m, on_slope[i]);
    }
    for (int i = 0; i < ON_DOSE; i++) {
        assert_missing(m, on_dose[i]);
    }
    assert_int_equal(made_flags(m), SLOPE_MISSING);
}

static void add_decay(struct made *m, double from, double to, double step)
{
    for (int i = 0; from + i * step <= to + 1e-9; i++) {
        made_add(m, from + i * step, 100 * exp(-DECAY * (from + i * step)));
    }
}

/* Every number that a decay has in closed form. */
static void check_decay(const struct made *m, double last)
{
    assert_close(made_metric(m, "auc_last"), 500 * (1 - exp(-DECAY * last)), 1e-9, 0);
    assert_close(made_metric(m, "auc_inf"), 500, 1e-9, 0);
    assert_close(made_metric(m, "auc_inf_pred"), 500, 1e-9, 0);
    assert_close(made_metric(m, "auc_extrapolated"), 100 * exp(-DECAY * last), 1e-9, 0);
    assert_close(made_metric(m, "aumc_inf"), 2500, 1e-9, 0);
    assert_close(made_metric(m, "aumc_last"), 2500 * (1 - (1 + DECAY * last) * exp(-DECAY * last)), 1e-9, 0);
    assert_close(made_metric(m, "lambda_z"), DECAY, 1e-9, 0);
    assert_close(made_metric(m, "half_life"), 3.465735902799726547, 1e-9, 0);
    assert_close(made_metric(m, "lambda_z_r2adj"), 1, 1e-9, 0);
    assert_close(made_metric(m, "mrt"), 5, 1e-9, 0);
    assert_close(made_metric(m, "cl"), 20, 1e-9, 0);
    assert_close(made_metric(m, "cl_f"), 20, 1e-9, 0);
    assert_close(made_metric(m, "vz"), 100, 1e-9, 0);
    assert_close(made_metric(m, "vz_f"), 100, 1e-9, 0);
    assert_close(made_metric(m, "vss"), 100, 1e-9, 0);
    assert_close(made_metric(m, "clast"), 100 * exp(-DECAY * last), 1e-9, 0);
    assert_true(made_metric(m, "tlast") == last);
}

static void test_exact_numbers(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    add_decay(&m, 0, 10, 1);
    made_dose(&m, 0, DOSE);
    check_decay(&m, 10);
    assert_close(made_metric(&m, "auc_last"), 432.332358, 0, 5e-7);
    assert_true(made_metric(&m, "lambda_z_points") == 9); /* without the highest level after the dose */
    assert_close(made_metric(&m, "span_ratio"), 8 / 3.465735902799726547, 1e-9, 0);
    m.profile.dose_count =
        0; /* none was given, and yet there are levels: they are not of one from its start on */
    assert_missing(&m, "auc_inf");
    m.profile.doses = NULL; /* nothing is known of the doses: the first level is one of the profile */
    assert_true(made_metric(&m, "lambda_z_points") == 10);
    m.profile.slope.include_tmax = true;
    assert_true(made_metric(&m, "lambda_z_points") == 11);
    assert_close(made_metric(&m, "span_ratio"), 10 / 3.465735902799726547, 1e-9, 0);
    assert_close(made_metric(&m, "auc_inf"), 500, 1e-9, 0);
    assert_close(made_metric(&m, "mrt"), 5, 1e-9, 0);
    assert_missing(&m, "cl"); /* of no dose */
    assert_missing(&m, "cl_f");
    made_end(&m);
}

/* A simulated bolus: the level at its time is that before it, and areas begin at the level extrapolated back. */
static void test_bolus(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    made_add(&m, 0, 0);
    add_decay(&m, 0.5, 24, 0.5);
    made_dose(&m, 0, DOSE);
    check_decay(&m, 24);
    assert_close(made_metric(&m, "cmax"), 100 * exp(-0.1), 1e-15, 0); /* as observed */
    m.doses[0].bolus_into = ELSEWHERE;                                /* into another compartment */
    assert_close(made_metric(&m, "auc_last"), 0.5 * 50 * exp(-0.1) + 500 * (exp(-0.1) - exp(-DECAY * 24)),
                 1e-12, 0);
    m.doses[0].bolus_into = CENTRAL;
    m.doses[0].amount = 0; /* a placebo raises no level */
    assert_close(made_metric(&m, "auc_last"), 0.5 * 50 * exp(-0.1) + 500 * (exp(-0.1) - exp(-DECAY * 24)),
                 1e-12, 0);
    made_end(&m);

    /* Rising or single levels are not extrapolated: the first one stands for the start. */
    made_begin(&m);
    made_add(&m, 0, 0);
    made_add(&m, 1, 10);
    made_add(&m, 2, 20);
    made_dose(&m, 0, DOSE);
    assert_close(made_metric(&m, "auc_last"), 10 + 15, 1e-15, 0);
    made_dose(&m, 1, DOSE); /* the two levels do not belong together */
    assert_close(made_metric(&m, "auc_last"), 10 + 20, 1e-15, 0);
    made_end(&m);
}

/* Doses sum up, whenever they were given; a first dose late in the study changes nothing but tlast. */
static void test_later_doses(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    for (int i = 0; i <= 400; i++) {
        const double t = 0.25 * i;
        double level = 0;
        for (int k = 0; k < 3; k++) {
            const double since = t - 7 - 6 * k;
            level += since > 0 ? 100 * exp(-DECAY * since) : 0;
        }
        made_add(&m, t, level);
    }
    for (int k = 0; k < 3; k++) {
        made_dose(&m, 7 + 6 * k, DOSE);
    }
    made_dose(&m, 100, DOSE); /* at the last observation, which does not see it */
    assert_close(made_metric(&m, "auc_inf"), 1500, 1e-9, 0);
    assert_close(made_metric(&m, "cl"), 20, 1e-9, 0);
    assert_close(made_metric(&m, "vss"), 100, 1e-9, 0);
    /* from the first dose: of three decays that begin 0, 6 and 12 h after it */
    assert_close(made_metric(&m, "aumc_inf"), 3 * 2500 + 500 * (6 + 12), 1e-9, 0);
    assert_close(made_metric(&m, "mrt"), 5, 1e-9, 0);
    assert_true(made_metric(&m, "tmax") == 19.25);
    m.doses[0].intravenous = false;
    assert_missing(&m, "cl");
    assert_missing(&m, "vz");
    assert_missing(&m, "vss");
    assert_close(made_metric(&m, "cl_f"), 20, 1e-9, 0);
    assert_close(made_metric(&m, "vz_f"), 100, 1e-9, 0);
    m.profile.of_drug = false; /* of a metabolite */
    for (int i = 0; i < ON_DOSE; i++) {
        assert_missing(&m, on_dose[i]);
    }
    for (int i = 0; i < ON_SLOPE; i++) {
        assert_true(!isnan(made_metric(&m, on_slope[i])));
    }
    made_end(&m);
}

/* Half of the duration of an infusion belongs to the input, not to the body. */
static void test_infusion(void **state)
{
    static const double hours = 2;
    struct made m;
    (void)state;
    made_begin(&m);
    for (int i = 0; i <= 48000; i++) {
        const double t = 0.001 * i;
        const double plateau = DOSE / hours / 20 * 1000;
        made_add(&m, t,
                 t <= hours ? plateau * -expm1(-DECAY * t)
                            : plateau * -expm1(-DECAY * hours) * exp(-DECAY * (t - hours)));
    }
    struct given_dose *dose = made_dose(&m, 0, DOSE);
    dose->end = dose->over = hours;
    dose->bolus_into = -1;
    /* the trapezoids while it runs are short by about a millionth */
    assert_close(made_metric(&m, "auc_inf"), 500, 1e-7, 0);
    assert_close(made_metric(&m, "aumc_inf") / made_metric(&m, "auc_inf"), 6, 1e-6, 0);
    assert_close(made_metric(&m, "mrt"), 5, 1e-6, 0);
    assert_close(made_metric(&m, "vss"), 100, 1e-6, 0);
    assert_close(made_metric(&m, "lambda_z"), DECAY, 1e-9, 0);
    /* What is not all in gives no slope, and no clearance. */
    dose->end = 47.9995;
    check_all_missing(&m);
    dose->end = 49;
    check_all_missing(&m);
    made_end(&m);
}

static void test_too_few(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    made_dose(&m, 0, DOSE)->bolus_into = -1;
    made_add(&m, 0, 0);
    made_add(&m, 1, 50);
    made_add(&m, 2, 40);
    made_add(&m, 3, 20);
    check_all_missing(&m);
    assert_close(made_metric(&m, "auc_last"), 25 + 10 / log(1.25) + 20 / log(2), 1e-14, 0);
    m.profile.slope.include_tmax = true;
    assert_true(made_metric(&m, "lambda_z_points") == 3);
    m.profile.slope.include_tmax = false;
    made_add(&m, 4, 10);
    assert_true(made_metric(&m, "lambda_z_points") == 3);
    assert_close(made_metric(&m, "lambda_z"), log(2), 1e-14, 0);
    m.profile.slope.points = 4;
    check_all_missing(&m);
    made_end(&m);
}

/* Levels that rise, stay, or are none. */
static void test_no_decline(void **state)
{
    static const double patterns[][6] = {
        {9, 1, 2, 3, 4, 5},
        {9, 5, 5, 5, 5, 5},
        {0, 0, 0, 0, 0, 0},
        {9, 3, 1, 2, 1, 3},
    };
    (void)state;
    for (size_t k = 0; k < sizeof(patterns) / sizeof(patterns[0]); k++) {
        struct made m;
        made_begin(&m);
        made_dose(&m, -1, DOSE);
        for (int i = 0; i < 6; i++) {
            made_add(&m, i - 1, patterns[k][i]);
        }
        if (k == 3) { /* the whole does not rise, but its end does */
            m.profile.slope.points = 4;
        }
        check_all_missing(&m);
        made_end(&m);
    }
}

/* Adjusted R2 of the last n levels, from the sums of the textbook. */
static double r2adj_of_last(const struct made *m, int n, double *slope)
{
    const int first = m->profile.count - n;
    double t = 0;
    double y = 0;
    double tt = 0;
    double ty = 0;
    double yy = 0;
    for (int i = first; i < m->profile.count; i++) {
        t += m->times[i] / n;
        y += log(m->levels[i]) / n;
    }
    for (int i = first; i < m->profile.count; i++) {
        tt += (m->times[i] - t) * (m->times[i] - t);
        ty += (m->times[i] - t) * (log(m->levels[i]) - y);
        yy += (log(m->levels[i]) - y) * (log(m->levels[i]) - y);
    }
    *slope = ty / tt;
    return 1 - (1 - ty * ty / (tt * yy)) * (n - 1) / (n - 2);
}

/* The rule, straight: among the fits that decline, the best, or the longest that is as good within 1e-4. */
static int points_by_hand(const struct made *m, int most)
{
    double best = -INFINITY;
    double slope;
    int points = 0;
    for (int n = 3; n <= most; n++) {
        const double r2 = r2adj_of_last(m, n, &slope);
        best = slope < 0 && r2 > best ? r2 : best;
    }
    for (int n = 3; n <= most; n++) {
        points = r2adj_of_last(m, n, &slope) >= best - 1e-4 && slope < 0 ? n : points;
    }
    return points;
}

/* A number in [0, 1) that looks like chance. */
static double noise(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) / 16777216.0;
}

static void test_choice(void **state)
{
    unsigned seed = 7;
    int counts[40] = {0};
    int different = 0;
    (void)state;
    for (int k = 0; k < 2000; k++) {
        struct made m;
        made_begin(&m);
        const double size = k % 4 == 0 ? 0.5 : k % 4 == 1 ? 0.05 : 0.005;
        double time = 0;
        made_add(&m, -1, 1e6);
        for (int i = 0; i < 20; i++) {
            time += 0.1 + noise(&seed);
            made_add(&m, time,
                     exp(-0.3 * time + size * noise(&seed)) + (k % 3 == 0 ? 3 * exp(-2 * time) : 0));
        }
        const int expected = points_by_hand(&m, 20);
        const double got = made_metric(&m, "lambda_z_points");
        double slope = NAN;
        if (expected == 0) {
            assert_true(isnan(got));
        } else {
            assert_int_equal((int)got, expected);
            const double r2 = r2adj_of_last(&m, expected, &slope);
            assert_close(made_metric(&m, "lambda_z"), -slope, 1e-11, 0);
            assert_close(made_metric(&m, "lambda_z_r2adj"), r2, 1e-11, 1e-11);
            different += counts[expected]++ == 0;
        }
        made_end(&m);
    }
    assert_true(different > 10); /* it was a choice */
}

/* Three levels on a line, and one beside it by more or less: within 1e-4 the longer fit is taken. */
static void test_tie(void **state)
{
    static const double beside[] = {0, 0.005, 0.0108, 0.0109, 0.011, 0.02, 0.3};
    int longer = 0;
    (void)state;
    for (size_t k = 0; k < sizeof(beside) / sizeof(beside[0]); k++) {
        struct made m;
        double slope;
        made_begin(&m);
        made_add(&m, -1, 1e3);
        made_add(&m, 0, exp(beside[k]));
        for (int i = 1; i <= 3; i++) {
            made_add(&m, i, exp(-0.5 * i));
        }
        const double r2 = r2adj_of_last(&m, 4, &slope);
        const int points = (int)made_metric(&m, "lambda_z_points");
        assert_int_equal(points, r2 >= 1 - 1e-4 ? 4 : 3);
        longer += points == 4;
        made_end(&m);
    }
    assert_true(longer > 1 && longer < 6);
}

/* Levels of 0 and below the limit are passed over, wherever they stand. */
static void test_levels_left_out(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    made_dose(&m, 0, DOSE)->bolus_into = -1;
    made_add(&m, 0, 100);
    add_decay(&m, 1, 5, 1);
    made_add(&m, 6, 0);
    add_decay(&m, 7, 9, 1);
    made_add(&m, 10, 1e-4);
    made_add(&m, 11, 2e-4);
    made_add(&m, 12, 0);
    m.profile.slope.above = 1e-3;
    assert_true(made_metric(&m, "lambda_z_points") ==
                7); /* the highest of them is the first after the dose */
    assert_close(made_metric(&m, "lambda_z"), DECAY, 1e-12, 0);
    assert_true(made_metric(&m, "tlast") == 11);
    assert_true(made_metric(&m, "clast") == 2e-4);
    /* regression at tlast */
    assert_close(made_metric(&m, "auc_inf_pred") - made_metric(&m, "auc_last"), 500 * exp(-DECAY * 11), 1e-9,
                 0);
    assert_close(made_metric(&m, "auc_inf") - made_metric(&m, "auc_last"), 2e-4 / DECAY, 0, 1e-9);
    /* the triangle to the first 0 after tlast */
    assert_close(made_metric(&m, "auc_all") - made_metric(&m, "auc_last"), 1e-4, 0, 1e-12);
    made_end(&m);
}

/* A window that is given decides alone. */
static void test_fixed(void **state)
{
    struct made m;
    double slope;
    (void)state;
    made_begin(&m);
    for (int i = 0; i <= 24; i++) {
        made_add(&m, i, 100 * exp(-i) + 10 * exp(-0.1 * i));
    }
    m.profile.slope.fixed = true;
    m.profile.slope.from = 3;
    assert_true(made_metric(&m, "lambda_z_points") == 22);
    r2adj_of_last(&m, 22, &slope);
    assert_close(made_metric(&m, "lambda_z"), -slope, 1e-12, 0);
    m.profile.slope.to = 5;
    assert_true(made_metric(&m, "lambda_z_points") == 3);
    m.profile.slope.to = 4.5;
    check_all_missing(&m);
    m.profile.slope.from = 0;
    m.profile.slope.to = 24;
    made_dose(&m, 1, DOSE); /* what was observed up to the last dose is not of it */
    assert_true(made_metric(&m, "lambda_z_points") == 23);
    made_end(&m);
}

/* Areas to infinity begin with the first dose; what was given before the first observation is not in them. */
static void test_observed_too_late(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    add_decay(&m, 1, 24, 1);
    made_dose(&m, 0, DOSE);
    assert_close(made_metric(&m, "lambda_z"), DECAY, 1e-12, 0);
    assert_close(made_metric(&m, "auc_last"), 500 * (exp(-DECAY) - exp(-24 * DECAY)), 1e-12, 0);
    for (int i = 0; i < ON_DOSE; i++) {
        assert_missing(&m, on_dose[i]);
    }
    assert_missing(&m, "auc_inf");
    assert_missing(&m, "auc_inf_pred");
    assert_missing(&m, "auc_extrapolated");
    assert_missing(&m, "aumc_last");
    assert_missing(&m, "aumc_inf");
    made_end(&m);
}

static void test_flags(void **state)
{
    struct made m;
    (void)state;
    made_begin(&m);
    add_decay(&m, 0, 24, 1);
    assert_int_equal(made_flags(&m), 0);
    made_end(&m);

    made_begin(&m);
    add_decay(&m, 0, 9, 1); /* 16.5 % beyond; 8 h, 2.3 half-lives */
    assert_int_equal(made_flags(&m), 0);
    m.profile.count = 8; /* 24.7 % beyond, 6 h */
    assert_int_equal(made_flags(&m), SLOPE_SHORT | SLOPE_EXTRAPOLATED);
    made_end(&m);

    made_begin(&m);
    for (int i = 0; i <= 24; i++) {
        made_add(&m, i, 100 * exp(-0.5 * i + (i % 2 ? 5 : 0)));
    }
    m.profile.slope.points = 20;
    assert_true(made_metric(&m, "lambda_z_r2adj") < 0.9);
    assert_int_equal(made_flags(&m), SLOPE_POOR);
    made_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_numbers),
        cmocka_unit_test(test_bolus),
        cmocka_unit_test(test_later_doses),
        cmocka_unit_test(test_infusion),
        cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_no_decline),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_tie),
        cmocka_unit_test(test_levels_left_out),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_observed_too_late),
        cmocka_unit_test(test_flags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
