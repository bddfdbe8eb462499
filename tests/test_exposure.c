/* What a profile amounts to, against closed forms and by hand. */
#include "check.h"

#include "solver/exposure.h"

enum { POINTS_MAX = 1200 };

/* C = 100 exp(-0.2 t): its area from 0 to 10 h is 500 (1 - exp(-2)). */
static const double INITIAL = 100;
static const double DECAY = 0.2;

static double metric(const char *name, const double *times, const double *levels, int count,
                     enum auc_rule rule)
{
    const int i = exposure_metric_find(name);

    assert_true(i >= 0);
    return exposure_value(i,
                          &(struct profile){.times = times, .levels = levels, .count = count, .rule = rule});
}

/* The area under a profile by both rules. */
static void check_areas(const double *times, const double *levels, int count, double log_down, double linear)
{
    assert_close(metric("auc_last", times, levels, count, AUC_LINEAR_UP_LOG_DOWN), log_down, 1e-14, 0);
    assert_close(metric("auc_last", times, levels, count, AUC_LINEAR), linear, 1e-14, 0);
}

/* The same metric by either rule: only areas depend on it. */
static double peak_metric(const char *name, const double *times, const double *levels, int count)
{
    const double value = metric(name, times, levels, count, AUC_LINEAR);
    const double other = metric(name, times, levels, count, AUC_LINEAR_UP_LOG_DOWN);

    assert_true(value == other || (isnan(value) && isnan(other)));
    return value;
}

static void test_decay(void **state)
{
    double times[POINTS_MAX];
    double levels[POINTS_MAX];
    const double area = INITIAL / DECAY * (1 - exp(-DECAY * 10));

    (void)state;
    assert_close(area, 432.332358, 0, 5e-7);
    for (int i = 0; i <= 10; i++) {
        times[i] = i;
        levels[i] = INITIAL * exp(-DECAY * i);
    }
    assert_close(metric("auc_last", times, levels, 11, AUC_LINEAR_UP_LOG_DOWN), area, 1e-14, 0);
    assert_close(metric("auc_last", times, levels, 11, AUC_LINEAR), 433.772506, 0, 5e-7);
    /* sum of a geometric series */
    const double hour = exp(-DECAY);
    assert_close(metric("auc_last", times, levels, 11, AUC_LINEAR),
                 INITIAL * (1 + hour) / 2 * (1 - pow(hour, 10)) / (1 - hour), 1e-14, 0);
    assert_true(peak_metric("cmax", times, levels, 11) == 100);
    assert_true(peak_metric("tmax", times, levels, 11) == 0);

    /* any steps will do for the logarithmic rule */
    for (int i = 0; i <= 1000; i++) {
        times[i] = 10 * (i / 1000.0) * (i / 1000.0);
        levels[i] = INITIAL * exp(-DECAY * times[i]);
    }
    assert_close(metric("auc_last", times, levels, 1001, AUC_LINEAR_UP_LOG_DOWN), area, 1e-13, 0);
}

/* Rising and level stretches are linear by both rules, falling ones only by the linear rule. */
static void test_rules(void **state)
{
    static const double times[] = {0, 1, 3, 4, 6};
    static const double levels[] = {0, 10, 20, 20, 5};
    const double up = 5 + 30 + 20;

    (void)state;
    check_areas(times, levels, 5, up + 2 * (20 - 5) / 1.3862943611198906 /* ln 4 */, up + 25);
    assert_true(peak_metric("cmax", times, levels, 5) == 20);
    assert_true(peak_metric("tmax", times, levels, 5) == 3); /* the first of equal peaks */
}

/* An area begins at the first observation and ends at the last level above zero; a fall to zero inside is linear. */
static void test_zeros(void **state)
{
    static const double times[] = {2, 3, 4, 5, 6, 7};
    static const double levels[] = {0, 8, 0, 4, 0, 0};
    static const double falls[] = {8, 0, 0, 0, 0, 0};

    (void)state;
    check_areas(times, levels, 6, 4 + 4 + 2, 4 + 4 + 2);
    assert_true(peak_metric("tmax", times, levels, 6) == 3);
    check_areas(times, falls, 6, 0, 0);
    assert_true(peak_metric("tmax", times, falls, 6) == 2);
}

/* Nothing was highest where there was nothing. */
static void test_all_zero(void **state)
{
    static const double times[] = {0, 1, 2};
    static const double levels[] = {0, 0, 0};

    (void)state;
    assert_true(peak_metric("cmax", times, levels, 3) == 0);
    assert_true(isnan(peak_metric("tmax", times, levels, 3)));
    check_areas(times, levels, 3, 0, 0);
}

static void test_single_observation(void **state)
{
    static const double times[] = {1.5};
    static const double levels[] = {42};
    static const double nothing[] = {0};

    (void)state;
    assert_true(peak_metric("cmax", times, levels, 1) == 42);
    assert_true(peak_metric("tmax", times, levels, 1) == 1.5);
    assert_true(isnan(peak_metric("auc_last", times, levels, 1))); /* it bounds no area */
    assert_true(isnan(peak_metric("tmax", times, nothing, 1)));
    assert_true(isnan(peak_metric("auc_last", times, nothing, 1)));
}

/* The last peak, and a profile that begins late: times are those of the observations, in h. */
static void test_tmax(void **state)
{
    static const double times[] = {0.25, 0.5, 24};
    static const double rising[] = {1, 2, 3};
    static const double flat[] = {3, 3, 3};

    (void)state;
    assert_true(peak_metric("tmax", times, rising, 3) == 24);
    assert_true(peak_metric("tmax", times, flat, 3) == 0.25);
    assert_string_equal(metric_unit(exposure_metrics[exposure_metric_find("tmax")].kind, false), "h");
}

/* Levels that differ in their last digits: (a - b) / ln(a / b) cancels, the mean of the two is right. */
static void test_nearly_equal(void **state)
{
    static const double times[] = {0, 1};
    static const double differences[] = {1e-15, 1e-13, 1e-12, 1e-10, 1e-8, 1e-6};

    (void)state;
    for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
        const double d = differences[i];
        const double levels[] = {100 * (1 + d), 100};
        /* the logarithmic mean of 1 + d and 1 is 1 + d/2 - d^2/12 + d^3/24 ... */
        const double exact = 100 * (1 + d / 2 - d * d / 12);
        assert_close(metric("auc_last", times, levels, 2, AUC_LINEAR_UP_LOG_DOWN), exact, 4e-16, 0);
    }
}

/* Levels of very different size, as hours after a bolus. */
static void test_wide(void **state)
{
    static const double times[] = {0, 2};
    static const double levels[] = {1e3, 1e-300};

    (void)state;
    /* 2 (1e3 - 1e-300) / (303 ln 10) */
    check_areas(times, levels, 2, 2e3 / (303 * 2.302585092994046), 1e3);
}

/* Every metric has all that help, file layout and summary need. */
static void test_table(void **state)
{
    (void)state;
    assert_true(exposure_metric_count >= 3);
    for (int i = 0; i < exposure_metric_count; i++) {
        const struct exposure_metric *m = &exposure_metrics[i];
        assert_true(strlen(m->name) > 0 && strlen(m->doc) > 10);
        if (m->cdisc) { /* CDISC allows 8 letters */
            assert_true(strlen(m->cdisc) > 0 && strlen(m->cdisc) <= 8);
            assert_true(strspn(m->cdisc, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(m->cdisc));
        }
        assert_true(strlen(metric_unit(m->kind, false)) > 0);
        assert_true(m->profile || m->interval || m->session);
        assert_true(m->profile || m->interval || strcmp(m->key, "thresholds") == 0);
        assert_int_equal(exposure_metric_find(m->name), i); /* names are unique */
        for (int j = 0; j < i; j++) {
            assert_true(!m->cdisc || !exposure_metrics[j].cdisc ||
                        strcmp(m->cdisc, exposure_metrics[j].cdisc) != 0);
        }
    }
    assert_int_equal(exposure_metric_find("auc"), -1);
    assert_int_equal(exposure_metric_find(""), -1);
    assert_string_equal(metric_unit(METRIC_LEVEL, false), "ng/mL");
    assert_string_equal(metric_unit(METRIC_AUC, false), "ng*h/mL");
    assert_string_equal(metric_unit(METRIC_LEVEL, true), "1");
    assert_string_equal(metric_unit(METRIC_TIME, true), "h");
    assert_string_equal(metric_unit(METRIC_AUC, true), "h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decay),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_all_zero),
        cmocka_unit_test(test_single_observation),
        cmocka_unit_test(test_tmax),
        cmocka_unit_test(test_nearly_equal),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
