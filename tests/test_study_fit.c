/* What a run will take: from the sizes of a study, and where there is not that much. */
#include "check.h"

#include "app/study/study_read.h"
#include "app/study_fit.h"

/* What the process holds is part of what a run takes, and a sanitizer keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
static const double memory_noise = 0.2;
#else
static const double memory_noise = 0.02;
#endif

#define STUDY(count, output)                                                                                 \
    "{title: t, model: perez-ruixo-2021, seed: 1, patients: {count: " count "},\n"                           \
    "arms: [{name: low, regimen: [{route: intranasal, dose: 28 mg}]}],\n"                                    \
    "observe: {to: 24 h, every: 5 min}, output: {" output "}}\n"

static struct study_fit fit_of(const char *text, int threads, struct study_pilot *pilot)
{
    struct study study = {0};
    struct study_fit fit;
    struct diagnostics d;

    diagnostics_init(&d);
    study_parse(&study, "study", text, strlen(text), NULL, 0, &d);
    assert_int_equal(study_fit(&fit, &study, threads, &d), 0);
    assert_no_errors(&d);
    if (pilot) {
        study_pilot(pilot, &study, &fit);
    }
    study_clear(&study);
    diagnostics_clear(&d);
    return fit;
}

static void test_memory_does_not_grow_with_patients(void **state)
{
    const struct study_fit small = fit_of(STUDY("100000", "store: [exposure, quantiles]"), 2, NULL);
    const struct study_fit large = fit_of(STUDY("100000000", "store: [exposure, quantiles]"), 2, NULL);
    const struct study_fit threads = fit_of(STUDY("100000", "store: [exposure, quantiles]"), 8, NULL);

    (void)state;
    assert_true(small.quantiles.streaming && large.quantiles.streaming);
    assert_close(large.memory, small.memory, memory_noise, 0);
    assert_true(threads.memory > small.memory);
    assert_true(small.beside == 0 && large.beside == 0);
    assert_close(large.file, 1000 * small.file, 0.01, 0);
}

static void test_exact_takes_levels_beside(void **state)
{
    const struct study_fit fit = fit_of(STUDY("10000", "store: [exposure, quantiles]"), 1, NULL);
    const struct study_fit stored = fit_of(STUDY("10000", "store: [profiles, quantiles]"), 1, NULL);

    (void)state;
    assert_close(fit.beside, 10000.0 * 2 * 289 * 8, 0, 0);
    assert_true(stored.beside == 0 && stored.file > fit.beside);
    assert_true(fit.memory > fit.beside); /* all levels are turned round at once */
}

static void test_what_there_is_not(void **state)
{
    struct study_fit fit = fit_of(STUDY("100", "store: [quantiles]"), 1, NULL);
    struct fit_text text;

    (void)state;
    assert_false(study_lacks_memory(&fit, &text));
    assert_false(study_lacks_disk(&fit, "out.h5", &text));
    assert_false(study_lacks_disk(&fit, "/nonexistent/out.h5", &text)); /* a run tells that */
    fit.memory = 1e18;
    assert_true(study_lacks_memory(&fit, &text));
    assert_non_null(strstr(text.text, "a run takes about 1000000 TB of memory, and there is"));
    fit.file = 4e17;
    fit.beside = 6e17;
    assert_true(study_lacks_disk(&fit, "out.h5", &text));
    assert_non_null(strstr(text.text, "a run takes about 1000000 TB of disk, and"));
    assert_non_null(strstr(text.text, "are free where \"out.h5\" would be; store less"));
}

/* As many blocks as are asked for of a large study, all of a small one; and ten times the patients take ten times as long. */
static void test_the_pilot(void **state)
{
    struct study_pilot small, large;

    (void)state;
    fit_of(STUDY("100", "store: [exposure]"), 1, &small);
    assert_int_equal(small.blocks, 2);
    assert_true(small.seconds > 0);
    fit_of(STUDY("100000", "store: [exposure]"), 1, &small);
    fit_of(STUDY("1000000", "store: [exposure]"), 1, &large);
    assert_in_range(small.blocks, 1, 16);
    assert_in_range(large.blocks, 1, 16);
    assert_true(large.seconds > 2 * small.seconds && large.seconds < 50 * small.seconds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_does_not_grow_with_patients),
        cmocka_unit_test(test_exact_takes_levels_beside),
        cmocka_unit_test(test_what_there_is_not),
        cmocka_unit_test(test_the_pilot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
