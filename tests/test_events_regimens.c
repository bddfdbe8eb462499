/* The same doses as a regimen and as the rows of an event table give the same levels, in models of the library. */
#include "check.h"

#include "event_run.h"
#include "simulate.h"

enum { TEXT_MAX = 1 << 16 };

/* `rows` of each patient, each followed by observations every 15 min from 7.5 min on, as the regimen is observed. */
static void check(const char *model, const char *regimen, const char *dose, int patients, const char *method,
                  double relative)
{
    struct simulation s;
    struct event_run r;
    char *table = malloc(TEXT_MAX);
    char text[1024];
    const int count = 120;
    snprintf(text, sizeof(text),
             "title: t\nmodel: %s\nseed: 3\npatients: {count: %d}\n"
             "arms: [{name: a, regimen: [%s]}]\n"
             "observe: {from: 450 s, to: %d s, every: 15 min}\n",
             model, patients, regimen, 450 + (count - 1) * 900);
    simulate(&s, text, method, 1);
    int used = snprintf(table, TEXT_MAX, "ID,TIME,EVID,AMT,RATE,CMT,ADDL,II\n");
    for (int p = 1; p <= patients; p++) {
        used += snprintf(table + used, (size_t)(TEXT_MAX - used), "%d,0,1,%s\n", p, dose);
        for (int i = 0; i < count; i++) {
            used +=
                snprintf(table + used, (size_t)(TEXT_MAX - used), "%d,%g,0,0,0,.,0,0\n", p, 0.125 + 0.25 * i);
        }
    }
    snprintf(text, sizeof(text), "title: t\nmodel: %s\nseed: 3\n", model);
    const struct event_input input = {NULL, table, text, true, method, 1};
    assert_true(event_run(&r, &input));
    assert_no_errors(&r.d);
    assert_int_equal(r.report.failed, 0);
    assert_int_equal(r.study.analyte_count, s.study.analyte_count);
    if (method[0] == 'c') {
        assert_true(r.report.batches <= s.report.batches); /* and they share batches as those of a regimen */
    }
    for (int a = 0; a < s.study.analyte_count; a++) {
        for (int p = 0; p < patients; p++) {
            const double *levels = simulation_levels(&s, 0, p, a);
            for (int i = 0; i < count; i++) {
                assert_close(r.levels[event_run_row(&r, 0, a, p * (count + 1) + 1 + i)], levels[i], relative,
                             1e-6);
            }
        }
    }
    event_run_clear(&r);
    simulation_clear(&s);
    free(table);
}

/* By its route a nasal dose is three devices five minutes apart, each in part swallowed. */
static void test_nasal(void **state)
{
    (void)state;
    check("perez-ruixo-2021", "{route: intranasal, dose: 84 mg}", "84,0,intranasal,0,0", 1, "exact", 1e-10);
    check("perez-ruixo-2021", "{route: intranasal, dose: 84 mg}", "84,0,intranasal,0,0", 20, "cvode", 2e-6);
    check("perez-ruixo-2021", "{route: intranasal, dose: 56 mg, every: 8 h, times: 3}", "56,0,intranasal,2,8",
          20, "exact", 1e-10);
}

/* Infusions, by the route and by the compartment that it leads to. */
static void test_three_compartments(void **state)
{
    static const char regimen[] = "{route: iv, dose: 35 mg, over: 30 min, every: 8 h, times: 3}";
    (void)state;
    check("domino-1982", regimen, "35,70,iv,2,8", 5, "exact", 1e-10);
    check("domino-1982", regimen, "35,70,central,2,8", 5, "exact", 1e-10);
    check("domino-1982", regimen, "35,70,1,2,8", 5, "cvode", 2e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nasal),
        cmocka_unit_test(test_three_compartments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
