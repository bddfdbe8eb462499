/* Tables of doses and observations that are right: what each row means. */
#include "event_check.h"

#include <unistd.h>

static void test_every_column_has_its_place(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    const struct event_table *table =
        event_take(&c, "ID,TIME,EVID,AMT,RATE,DUR,CMT,ADDL,II,SS,MDV,DV,OCC,age\n"
                       "7,0.5,1,100,12.5,0,central,3,24,2,1,.,1,30\n"
                       "7,1,0,.,.,.,.,.,.,.,0,4.25,2,31\n"
                       "7,1,4,50,0,1.5,1,,,,,0,2,32\n"
                       "9007199254740991,2,2,0,0,0,2,0,0,0,1,0,3,33\n");
    assert_int_equal(table->event_count, 4);
    assert_int_equal(table->patient_count, 2);
    assert_int_equal(table->most_events, 3);
    assert_true(table->patients[0].id == 7 && table->patients[0].first == 0 && table->patients[0].count == 3);
    assert_true(table->patients[1].id == 9007199254740991 && table->patients[1].first == 3);
    assert_int_equal(table->patients[1].count, 1);

    const struct event *dose = &table->events[0];
    assert_true(dose->time == 0.5 && dose->kind == EVENT_DOSE && dose->amount == 100 && dose->rate == 12.5);
    assert_true(dose->duration == 0 && dose->interval == 24 && dose->additional == 3 && dose->occasion == 1);
    assert_int_equal(dose->steady_state, STEADY_STATE_ADDS);
    assert_int_equal(dose->entry, 0);
    assert_int_equal(dose->line, 2);
    assert_true(dose->missing && isnan(dose->observed));

    const struct event *seen = &table->events[1];
    assert_true(seen->time == 1 && seen->kind == EVENT_OBSERVATION && seen->amount == 0 && seen->rate == 0);
    assert_true(!seen->missing && seen->observed == 4.25 && seen->entry == -1 && seen->occasion == 2);

    const struct event *both = &table->events[2];
    assert_true(both->kind == EVENT_RESET_AND_DOSE && both->duration == 1.5 && both->entry == 1);
    assert_true(both->missing && isnan(both->observed));
    assert_int_equal(table->events[3].kind, EVENT_OTHER);
    assert_int_equal(table->events[3].entry, -1);

    assert_int_equal(table->entry_count, 2);
    assert_int_equal(table->entries[0], 4 + 1); /* four routes, then the compartments */
    assert_int_equal(table->entries[1], 4 + 0);
    assert_int_equal(table->column_count, 1);
    assert_string_equal(table->columns[0], "age");
    for (int i = 0; i < 4; i++) {
        assert_true(table->values[i] == 30 + i);
    }
    assert_true(table->covariates == COVARIATES_BACKWARD && !table->additional_after &&
                !table->reset_keeps_doses);
    event_check_clear(&c);
}

static void test_columns_come_in_any_order_and_case(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    const struct event_table *table = event_take(&c, "\xEF\xBB\xBF"
                                                     "\"Weight\",amt,Time, AGE ,iD\r\n"
                                                     "70.5,100,0,\"40\",1\r\n"
                                                     "\r\n"
                                                     "71.5, . ,6.5,41,1\r\n");
    assert_int_equal(table->event_count, 2);
    assert_int_equal(table->events[0].kind, EVENT_DOSE);
    assert_int_equal(table->events[1].kind, EVENT_OBSERVATION);
    assert_true(table->events[1].time == 6.5);
    assert_int_equal(table->events[1].line, 4);
    assert_int_equal(table->column_count, 2);
    assert_string_equal(table->columns[0], "weight"); /* as the study spells them */
    assert_string_equal(table->columns[1], "age");
    static const double values[] = {70.5, 40, 71.5, 41};
    assert_memory_equal(table->values, values, sizeof(values));
    event_check_clear(&c);
}

/* NONMEM's rule, and an infusion without an amount. */
static void test_without_evid_a_row_that_gives_something_is_a_dose(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    const struct event_table *table = event_take(&c, "ID,TIME,AMT,RATE,SS,CMT,DV\n"
                                                     "1,0,100,0,0,.,.\n"
                                                     "1,1,0,0,0,.,5\n"
                                                     "1,2,.,.,.,.,.\n"
                                                     "1,3,0,25,1,.,.\n"
                                                     "1,4,.,-1,3,2,.\n");
    static const enum event_kind kinds[] = {EVENT_DOSE, EVENT_OBSERVATION, EVENT_OBSERVATION, EVENT_DOSE,
                                            EVENT_DOSE};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(table->events[i].kind, kinds[i]);
    }
    assert_false(table->events[1].missing);
    assert_true(table->events[2].missing);
    assert_int_equal(table->events[3].steady_state, STEADY_STATE_RESETS);
    assert_int_equal(table->events[4].steady_state, STEADY_STATE_RESETS); /* SS 3 */
    assert_true(table->events[4].rate == RATE_MODELED);
    event_check_clear(&c);
}

static void test_doses_enter_compartments_and_routes(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    const struct event_table *table = event_take(&c, "ID,TIME,AMT,CMT,RATE,II,SS,DUR\n"
                                                     "1,0,1,.,0,0,0,0\n"
                                                     "1,0,1,0,0,0,0,0\n"
                                                     "1,0,1,1,0,0,0,0\n"
                                                     "1,0,1,depot,0,0,0,2\n"
                                                     "1,0,1,2,-2,0,0,0\n"
                                                     "1,0,1,+2.0,-1,0,0,0\n"
                                                     "1,0,1,central,0,0,0,0\n"
                                                     "1,0,1,iv,5,0,0,0\n"
                                                     "1,0,56,intranasal,0,0,0,0\n"
                                                     "1,0,84,intranasal,0,12,1,0\n"
                                                     "1,0,.,3,0,0,0,0\n");
    static const int entries[] = {0, 0, 0, 0, 1, 1, 1, 2, 3, 3, -1};
    static const int where[] = {4, 5, 0, 1};
    assert_int_equal(table->entry_count, 4);
    assert_memory_equal(table->entries, where, sizeof(where));
    for (int i = 0; i < 11; i++) {
        assert_int_equal(table->events[i].entry, entries[i]);
    }
    assert_true(table->events[4].rate == DURATION_MODELED);
    event_check_clear(&c);
}

static void test_several_models_need_names_that_all_have(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    c.rules.model_count = 2;
    const struct event_table *table = event_take(&c, "ID,TIME,AMT,CMT\n"
                                                     "1,0,1,central\n"
                                                     "1,0,1,iv\n");
    static const int entries[] = {4 + 1, 0, /* small */ 1 + 0, 0 /* other */};
    assert_int_equal(table->entry_count, 2);
    assert_memory_equal(table->entries, entries, sizeof(entries));
    event_check_clear(&c);
}

static void test_times_and_amounts_have_units(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    c.rules.time = (struct event_factor){1, 60};     /* min */
    c.rules.amount = (struct event_factor){1, 1000}; /* ug */
    const struct event_table *table = event_take(&c, "ID,TIME,AMT,RATE,DUR,II,ADDL,CMT\n"
                                                     "1,49,3000,500,0,90,2,2\n"
                                                     "1,98,1000,-2,0,0,0,2\n"
                                                     "1,147,1000,0,30,0,0,2\n");
    assert_true(table->events[0].time == 49.0 / 60);
    assert_true(table->events[0].amount == 3);
    assert_close(table->events[0].rate, 30, 1e-15, 0); /* 500 ug/min */
    assert_true(table->events[0].interval == 1.5);
    assert_true(table->events[1].rate == DURATION_MODELED);
    assert_true(table->events[2].duration == 0.5);
    event_check_clear(&c);
}

static void test_columns_can_be_renamed_and_ignored(void **state)
{
    static const struct event_rename renames[] = {
        {"subject", "ID"}, {"WT", "weight"}, {"amt", "DV"}, {"Dose", "amt"}};
    static const char *const ignored[] = {"comment", "Evid"};
    struct event_check c;
    (void)state;

    event_check_init(&c);
    c.rules.columns = renames;
    c.rules.column_count = 4;
    c.rules.ignored = ignored;
    c.rules.ignored_count = 2;
    const struct event_table *table = event_take(&c, "Subject,TIME,dose,AMT,wt,Comment,EVID\n"
                                                     "3,0,100,0,70,\"so, so\",9\n"
                                                     "3,1,0,4.5,71,,x\n");
    assert_int_equal(table->patients[0].id, 3);
    assert_true(table->events[0].amount == 100 && table->events[1].observed == 4.5);
    assert_int_equal(table->column_count, 1);
    assert_string_equal(table->columns[0], "weight");
    event_check_clear(&c);
}

static void test_a_reset_sets_the_clock_back(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    const struct event_table *table = event_take(&c, "ID,TIME,EVID,AMT\n"
                                                     "1,10,0,0\n1,0,3,0\n1,5,0,0\n1,2,4,10\n1,2,0,0\n"
                                                     "2,1,0,0\n");
    assert_int_equal(table->patients[0].count, 5);
    assert_true(table->events[3].time == 2);
    event_check_clear(&c);
}

static void test_a_file_is_read(void **state)
{
    char path[] = "events-XXXXXX";
    struct event_check c;
    (void)state;

    event_check_init(&c);
    FILE *file = fdopen(mkstemp(path), "w");
    assert_non_null(file);
    fputs("ID,TIME\n1,0\n1,1\n", file);
    fclose(file);
    assert_int_equal(event_table_read(&c.table, path, &c.rules, &c.d), 0);
    assert_int_equal(c.table.event_count, 2);
    unlink(path);
    event_check_again(&c);
    assert_int_equal(event_table_read(&c.table, "none.csv", &c.rules, &c.d), -1);
    assert_told(&c.d, "none.csv: error: cannot be read");
    event_check_clear(&c);
}

/* A right table with some bytes changed, taken out or put in: refused or read, and never a crash. */
static void test_damaged_tables_do_no_harm(void **state)
{
    static const char right[] = "ID,TIME,EVID,AMT,RATE,DUR,CMT,ADDL,II,SS,MDV,DV,OCC,age\n"
                                "1,0,1,100,10,0,central,3,24,1,1,.,1,30\n"
                                "1,2.5,0,.,.,.,.,.,.,.,0,\"4.25\",2,31\n"
                                "2,1e0,4,56,0,0,intranasal,0,0,0,1,.,2,32\n"
                                "2,3,1,50,-2,0,2,0,0,0,1,.,2,32\n";
    static const char bytes[] = "0123456789.,-+eE\n\r\"; \t\xC2\xB5\xFFiTx";
    struct event_check c;
    uint32_t random = 12345;
    int accepted = 0;
    (void)state;

    event_check_init(&c);
    event_take(&c, right);
    for (int i = 0; i < 20000; i++) {
        char text[sizeof(right) + 8];
        size_t size = sizeof(right) - 1;
        memcpy(text, right, size);
        for (int k = 0; k < 1 + i % 5; k++) {
            random = random * 1664525 + 1013904223;
            const size_t at = (random >> 8) % size;
            const char byte = bytes[(random >> 3) % sizeof(bytes)]; /* with its '\0' */
            if (random >> 30 == 0) {
                memmove(text + at, text + at + 1, --size - at);
            } else if (random >> 30 == 1) {
                memmove(text + at + 1, text + at, size++ - at);
                text[at] = byte;
            } else {
                text[at] = byte;
            }
        }
        const int failed = event_try(&c, text, size);
        assert_int_equal(failed, c.d.errors > 0 ? -1 : 0);
        accepted += !failed;
    }
    assert_true(accepted > 100 && accepted < 19900);
    event_check_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_column_has_its_place),
        cmocka_unit_test(test_columns_come_in_any_order_and_case),
        cmocka_unit_test(test_without_evid_a_row_that_gives_something_is_a_dose),
        cmocka_unit_test(test_doses_enter_compartments_and_routes),
        cmocka_unit_test(test_several_models_need_names_that_all_have),
        cmocka_unit_test(test_times_and_amounts_have_units),
        cmocka_unit_test(test_columns_can_be_renamed_and_ignored),
        cmocka_unit_test(test_a_reset_sets_the_clock_back),
        cmocka_unit_test(test_a_file_is_read),
        cmocka_unit_test(test_damaged_tables_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
