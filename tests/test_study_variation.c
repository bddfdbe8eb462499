/* What if: variations of an arm, and devices that are skipped. */
#include "study_check.h"
#include "study_equal.h"

/* An arm whose regimen stands from 7:9 on; its variations begin at line 9, where an item's map is at column 5. */
#define VARIED(model, item, variation)                                                                       \
    TOP(model) ARM item "\nvariations:\n  - " variation "\nobserve: {to: 1 h, every: 30 min}\n"
#define SPRAY "{route: intranasal, dose: 84 mg, on_days: [0, 3, 7]}"
#define INFUSION "{route: iv, dose: 20 mg, over: 40 min}"

/* The last arm of a study must have the doses that this regimen, written out, has. */
static void check_doses(const char *text, const char *regimen, const char *note, int line)
{
    struct reading a;
    struct reading b;
    reading_of(&a, text);
    reading_of(&b, regimen);
    check_messages(&a.d, "", line);
    check_messages(&b.d, "", line);
    const struct arm *x = &a.study.arms[a.study.arm_count - 1];
    const struct arm *y = &b.study.arms[0];
    bool same = x->dose_count == y->dose_count;
    for (int i = 0; i < x->dose_count && same; i++) {
        const struct dose *p = &x->doses[i];
        const struct dose *q = &y->doses[i];
        same = p->time == q->time && p->route == q->route && p->amount == q->amount && p->basis == q->basis &&
               p->over == q->over && p->share == q->share && p->skipped == q->skipped &&
               p->halved == q->halved && p->lost == q->lost;
    }
    if (!same) {
        print_error("line %d: the doses are not those of the regimen\n", line);
        fail();
    }
    const struct node *arms = node_find(a.study.document.root, "arms");
    const struct node *last = arms->items[arms->count - 1];
    assert_string_equal(node_find(last, "note")->text, note);
    assert_ptr_equal(x->baseline, &a.study.arms[0]);
    assert_null(a.study.arms[0].baseline);
    assert_null(node_find(a.study.document.root, "variations"));
    check_round_trip(&a.study, "s.yaml");
    reading_clear(&a);
    reading_clear(&b);
}

#define check_spray(variation, item, note)                                                                   \
    check_doses(VARIED("perez-ruixo-2021", SPRAY, "{name: v, " variation "}"),                               \
                REGIMEN("perez-ruixo-2021", item), "As \"a\", but " note, __LINE__)
#define check_infusion(written, variation, item, note)                                                       \
    check_doses(VARIED("otto-2021", written, "{name: v, " variation "}"), REGIMEN("otto-2021", item),        \
                "As \"a\", but " note, __LINE__)

static void test_sessions(void **state)
{
    (void)state;
    check_spray("session: 2, shift: -24 h", "{route: intranasal, dose: 84 mg, on_days: [0, 2, 7]}",
                "session 2 24 h earlier");
    check_spray("session: 3, shift: 90 min", "{route: intranasal, dose: 84 mg, on_days: [0, 3, 7.0625]}",
                "session 3 90 min later");
    check_spray("session: 2, at: 4 days", "{route: intranasal, dose: 84 mg, on_days: [0, 4, 7]}",
                "session 2 24 h later");
    check_spray("session: 1, missed: true", "{route: intranasal, dose: 84 mg, on_days: [3, 7]}",
                "session 1 missed");
    check_spray("session: 3, missed: true", "{route: intranasal, dose: 84 mg, on_days: [0, 3]}",
                "session 3 missed");
    check_spray("session: 1, shift: 2 h, dose: 56 mg",
                "{route: intranasal, dose: 56 mg, at: 2 h}\n      - {route: intranasal, dose: 84 mg, "
                "on_days: [3, 7]}",
                "session 1 2 h later; session 1 with a dose of 56 mg");
    check_spray("dose: 56 mg", "{route: intranasal, dose: 56 mg, on_days: [0, 3, 7]}",
                "with a dose of 56 mg");
}

/* Of an item that repeats by an interval, and with several doses in a session. */
static void test_repeats(void **state)
{
    (void)state;
#define EVERY "{route: iv, dose: 20 mg, over: 40 min, at: 1 h, every: 48 h, times: 3}"
#define INFUSED(hour) "{route: iv, dose: 20 mg, over: 40 min, at: " hour "}"
#define NEXT "\n      - "
    check_infusion(EVERY, "session: 1, missed: true", INFUSED("49 h") NEXT INFUSED("97 h"),
                   "session 1 missed");
    check_infusion(EVERY, "session: 2, missed: true", INFUSED("1 h") NEXT INFUSED("97 h"),
                   "session 2 missed");
    check_infusion(EVERY, "session: 3, missed: true", INFUSED("1 h") NEXT INFUSED("49 h"),
                   "session 3 missed");
    check_infusion(EVERY, "session: 1, shift: -1 h", INFUSED("0 h") NEXT INFUSED("49 h") NEXT INFUSED("97 h"),
                   "session 1 1 h earlier");
    check_infusion(EVERY, "session: 3, shift: 30 s",
                   INFUSED("1 h") NEXT INFUSED("49 h") NEXT INFUSED("349230 s"), "session 3 30 s later");
    check_infusion("{route: iv, dose: 5 mg, on_days: [0, 2]}" NEXT
                   "{route: iv, dose: 20 mg, over: 40 min, on_days: [0, 2]}",
                   "session: 2, shift: -24 h",
                   "{route: iv, dose: 5 mg, on_days: [0, 1]}" NEXT
                   "{route: iv, dose: 20 mg, over: 40 min, on_days: [0, 1]}",
                   "session 2 24 h earlier");
}

static void test_infusions(void **state)
{
    (void)state;
    check_infusion(INFUSION, "over: 60 min", "{route: iv, dose: 20 mg, over: 60 min}", "over 60 min");
    check_infusion(INFUSION, "stops_after: 10 min", "{route: iv, dose: 5 mg, over: 10 min}",
                   "stopped after 10 min");
    check_infusion("{route: iv, dose: 0.5 mg/kg, over: 40 min}", "stops_after: 10 min",
                   "{route: iv, dose: 0.125 mg/kg, over: 10 min}", "stopped after 10 min");
    check_infusion("{route: iv, dose: 20 mg, rate: 30 mg/h}", "stops_after: 10 min",
                   "{route: iv, rate: 30 mg/h, over: 10 min}", "stopped after 10 min");
    check_infusion("{route: iv, rate: 30 mg/h, over: 40 min}", "session: 1, stops_after: 10 min",
                   "{route: iv, rate: 30 mg/h, over: 10 min}", "session 1 stopped after 10 min");
}

static void test_devices(void **state)
{
    (void)state;
    struct reading r;
    check_spray("session: 2, skip_devices: [3]",
                "{route: intranasal, dose: 84 mg}" NEXT
                "{route: intranasal, dose: 84 mg, skip_devices: [3], at: 72 h}" NEXT
                "{route: intranasal, dose: 84 mg, at: 168 h}",
                "session 2 without device 3");
    check_spray("lost_sprays: [1, 3]",
                "{route: intranasal, dose: 84 mg, lost_sprays: [3, 1], on_days: [0, 3, 7]}",
                "with one spray lost of device 1; with one spray lost of device 3");
    read_right(&r, REGIMEN("perez-ruixo-2021",
                           "{route: intranasal, dose: 84 mg, skip_devices: [2], lost_sprays: [3]}"));
    const struct dose *dose = &r.study.arms[0].doses[0];
    assert_true(dose->amount == 84 && dose->skipped == 2 && dose->halved == 4 && dose->lost == 42);
    reading_clear(&r);
}

static void test_device_mistakes(void **state)
{
    (void)state;
    expect_mistakes(
        REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 56 mg, skip_devices: [3]}"),
        "s.yaml:7:56: error: 56 mg is 2 devices; there is no device 3 to skip or to lose a spray of");
    expect_mistakes(REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 28 mg, skip_devices: [1]}"),
                    "s.yaml:7:56: error: all devices of 28 mg are skipped; leave out the session");
    expect_mistakes(REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 56 mg, skip_devices: [0]}"),
                    "s.yaml:7:57: error: \"0\" is no number of a device, 1 to 32");
    expect_mistakes(REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 84 mg, skip_devices: [2, 2]}"),
                    "s.yaml:7:60: error: \"2\" is in the list already");
    expect_mistakes(
        REGIMEN("perez-ruixo-2021", "{route: intranasal, dose: 84 mg, skip_devices: [2], lost_sprays: [2]}"),
        "s.yaml:7:74: error: device 2 is skipped, so that it has no spray to lose");
    expect_mistakes(REGIMEN("perez-ruixo-2021", "{route: iv, dose: 28 mg, lost_sprays: [1]}"),
                    "s.yaml:7:47: error: the iv route gives no devices; leave out \"lost_sprays\"");
    expect_mistakes(
        TOP("perez-ruixo-2021") ARM "{route: intranasal, dose: 84 mg, skip_devices: [3]}\n"
                                    "sweep: {design: grid, dose: [84 mg, 56 mg]}" OBSERVE,
        "s.yaml:8:37: error: 56 mg is 2 devices; there is no device 3 to skip or to lose a spray of");
}

#define MISTAKE(variation, text)                                                                             \
    expect_mistakes(VARIED("perez-ruixo-2021", SPRAY, variation), "s.yaml:9:" text)

static void test_mistakes(void **state)
{
    (void)state;
    MISTAKE("{name: v}",
            "5: error: what is different? write shift, at, missed, dose, over, stops_after, skip_devices, "
            "lost_sprays or model");
    MISTAKE("{session: 2, shift: 1 h}", "5: error: key \"name\" is missing in variations.0");
    MISTAKE("{name: v, of: b, dose: 56 mg}", "19: error: \"b\" is no arm (a)");
    MISTAKE("{name: a, dose: 56 mg}", "12: error: another arm is called \"a\" already\n"
                                      "s.yaml:9:5: error: an arm cannot be its own baseline");
    MISTAKE("{name: v, session: 4, missed: true}",
            "24: error: arm \"a\" has 3 sessions; there is none of number 4");
    MISTAKE("{name: v, session: 0, missed: true}",
            "24: error: a session is a whole number from 1: the first is 1");
    MISTAKE("{name: v, shift: 1 h}", "22: error: which session? write `session: 2` for the second");
    MISTAKE("{name: v, session: 2, shift: -72 h}", "34: error: session 2 would come at 0 h, which is not "
                                                   "after the one before it at 0 h; a variation keeps the "
                                                   "order of sessions");
    MISTAKE("{name: v, session: 2, shift: 5 days}", "34: error: session 2 would come at 192 h, which is not "
                                                    "before the next one at 168 h; a variation keeps the "
                                                    "order of sessions");
    MISTAKE("{name: v, session: 1, shift: -1 h}",
            "34: error: session 1 would come at -1 h, before the study begins");
    MISTAKE("{name: v, session: 2, shift: 1 h, at: 4 days}",
            "43: error: shift and at say both when the session is; leave out either");
    MISTAKE("{name: v, session: 2, missed: true, dose: 56 mg}",
            "35: error: a session that is missed is not given; leave out what else is said of it");
    MISTAKE("{name: v, over: 60 min}",
            "21: error: a duration in place of which? the arm has no infusion of dose and over there");
    MISTAKE("{name: v, stops_after: 5 min}",
            "28: error: what is no infusion cannot be stopped; `skip_devices` shortens a session of devices");
    MISTAKE("{name: v, skip_devices: [4]}",
            "29: error: 84 mg is 3 devices; there is no device 4 to skip or to lose a spray of");
    MISTAKE("{name: v, session: 2, model: otto-2021}",
            "24: error: another model is that of all sessions; leave out \"session\"");
    expect_mistakes(VARIED("otto-2021", INFUSION, "{name: v, stops_after: 40 min}"),
                    "s.yaml:9:28: error: \"40 min\" is not before the end of the infusion, 40 min");
    expect_mistakes(
        VARIED("otto-2021", INFUSION, "{name: v, over: 1 h, stops_after: 40 min}"),
        "s.yaml:9:39: error: over and stops_after say both how long the infusion lasts; leave out either");
    expect_mistakes(VARIED("otto-2021", INFUSION, "{name: v, session: 1, missed: true}"),
                    "s.yaml:9:35: error: nothing is left to give; the arm has no other session");
    expect_mistakes(VARIED("otto-2021", "{route: iv, rate: 1 mg/h, over: 1 h}", "{name: v, dose: 1 mg}"),
                    "s.yaml:9:21: error: a dose in place of which? the arm gives rate and over; write dose "
                    "and over there");
}

/* --- baselines --- */

#define TWO_ARMS                                                                                             \
    "arms:\n  - {name: a, regimen: [{route: iv, dose: 10 mg}]}\n"                                            \
    "  - {name: b, regimen: [{route: iv, dose: 20 mg}]}\n"

#define TWO_MODELS(models)                                                                                   \
    "seed: 1\n" models "\npatients: {count: 3, covariates: {weight: 70 kg, age: 45 years}}\n"

/* A variation of a variation, of two models at two points each. */
static void test_baseline_indices(void **state)
{
    (void)state;
    struct reading r;
    read_right(&r, TWO_MODELS("models: [otto-2021, perez-ruixo-2021]") TWO_ARMS
               "variations:\n  - {name: c, of: b, dose: 5 mg}\n  - {name: d, of: c, dose: 6 mg}\n"
               "sweep: {design: grid, weight: [60 kg, 70 kg]}" OBSERVE);
    /* arms a, b, c, d; each with two models; each at two points */
    assert_int_equal(r.study.arm_count, 16);
    for (int i = 0; i < 16; i++) {
        assert_ptr_equal(r.study.arms[i].baseline, i < 8 ? NULL : &r.study.arms[i - 4]);
    }
    reading_clear(&r);
    read_right(&r, TWO_MODELS("model: otto-2021") TWO_ARMS
               "variations: [{name: c, of: a, model: perez-ruixo-2021}]" OBSERVE);
    assert_ptr_equal(r.study.arms[2].baseline, &r.study.arms[0]);
    assert_int_equal(r.study.arms[2].model, 1);
    reading_clear(&r);
}

static void test_baseline_mistakes(void **state)
{
    (void)state;
    expect_mistakes(OTTO TWO_ARMS "variations: [{name: c, dose: 1 mg}]" OBSERVE,
                    "s.yaml:7:14: error: a variation of which arm? the study has 2; write `of: NAME`");
    expect_mistakes(OTTO "arms: [{name: a, baseline: a, regimen: [{route: iv, dose: 10 mg}]}]" OBSERVE,
                    "s.yaml:4:28: error: an arm cannot be its own baseline");
    expect_mistakes(OTTO "arms: [{name: a, baseline: b, regimen: [{route: iv, dose: 10 mg}]}]" OBSERVE,
                    "s.yaml:4:28: error: \"b\" is no arm of the study that another could be compared with");
    expect_mistakes(
        "seed: 1\nmodels: [otto-2021]\npatients: {count: 3}\n" TWO_ARMS
        "variations: [{name: c, of: a, model: otto-2021}]" OBSERVE,
        "s.yaml:7:38: error: another model than which? every arm is simulated with all of `models` as it is; "
        "leave them out, or this");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions),         cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_infusions),        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_device_mistakes),  cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_baseline_indices), cmocka_unit_test(test_baseline_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
