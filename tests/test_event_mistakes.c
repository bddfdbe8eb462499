/* Tables of doses and observations that are wrong: every mistake is told with its cell, all at once. */
#include "event_check.h"

static void test_cells_that_hold_something_else(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    assert_answer(
        &c,
        "ID,TIME,EVID,AMT,RATE,DUR,CMT,ADDL,II,SS,MDV,DV,OCC\n"
        "0,-1,5,-1,-3,-1,1,-1,-1,4,2,x,0\n"
        "1.5,1:30,1.5,x,.5x,1e999,1,1.5,nan,0.5,.5,.,.\n"
        ",.,.,.,-1.5,.,.,1e7,.,.,.,.,1\n"
        "9007199254740993,1,0,.,.,.,.,.,.,.,.,.,1e9\n",
        "t.csv:2:1: error: ID must be a whole number from 1 to 9007199254740991, and is \"0\"\n"
        "t.csv:2:3: error: TIME must be a number of 0 or above (and no time of day), and is \"-1\"\n"
        "t.csv:2:6: error: EVID must be 0, 1, 2, 3 or 4, and is \"5\"\n"
        "t.csv:2:8: error: AMT must be a number of 0 or above, and is \"-1\"\n"
        "t.csv:2:11: error: RATE must be a number of 0 or above, -1 or -2, and is \"-3\"\n"
        "t.csv:2:14: error: DUR must be a number of 0 or above, and is \"-1\"\n"
        "t.csv:2:19: error: ADDL must be a whole number from 0 to 1000000, and is \"-1\"\n"
        "t.csv:2:22: error: II must be a number of 0 or above, and is \"-1\"\n"
        "t.csv:2:25: error: SS must be 0, 1, 2 or 3, and is \"4\"\n"
        "t.csv:2:27: error: MDV must be 0 or 1, and is \"2\"\n"
        "t.csv:2:29: error: DV must be a number, and is \"x\"\n"
        "t.csv:2:31: error: OCC must be a whole number from 1 to 1000000, and is \"0\"\n"
        "t.csv:3:1: error: ID must be a whole number from 1 to 9007199254740991, and is \"1.5\"\n"
        "t.csv:3:5: error: TIME must be a number of 0 or above (and no time of day), and is \"1:30\"\n"
        "t.csv:3:10: error: EVID must be 0, 1, 2, 3 or 4, and is \"1.5\"\n"
        "t.csv:3:14: error: AMT must be a number of 0 or above, and is \"x\"\n"
        "t.csv:3:16: error: RATE must be a number of 0 or above, -1 or -2, and is \".5x\"\n"
        "t.csv:3:20: error: DUR must be a number of 0 or above, and is \"1e999\"\n"
        "t.csv:3:28: error: ADDL must be a whole number from 0 to 1000000, and is \"1.5\"\n"
        "t.csv:3:32: error: II must be a number of 0 or above, and is \"nan\"\n"
        "t.csv:3:36: error: SS must be 0, 1, 2 or 3, and is \"0.5\"\n"
        "t.csv:3:40: error: MDV must be 0 or 1, and is \".5\"\n"
        "t.csv:3:45: error: OCC is missing; it must be a whole number from 1 to 1000000\n"
        "t.csv:4:1: error: ID is missing; it must be a whole number from 1 to 9007199254740991\n"
        "t.csv:4:2: error: TIME is missing; it must be a number of 0 or above (and no time of day)\n"
        "t.csv:4:8: error: RATE must be a number of 0 or above, -1 or -2, and is \"-1.5\"\n"
        "t.csv:4:17: error: ADDL must be a whole number from 0 to 1000000, and is \"1e7\"\n"
        "t.csv:5:1: error: ID must be a whole number from 1 to 9007199254740991, and is "
        "\"9007199254740993\"\n"
        "t.csv:5:40: error: OCC must be a whole number from 1 to 1000000, and is \"1e9\"");
    event_check_clear(&c);
}

static void test_times_without_end(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    assert_answer(&c,
                  "ID,TIME,AMT,ADDL,II,SS\n"
                  "1,1e300,1,0,0,0\n"
                  "2,0,1,1,1e-300,0\n"
                  "3,0,1,0,1e-7,1\n",
                  "t.csv:2:3: error: TIME \"1e300\" is later than 10000000 h\n"
                  "t.csv:3:9: error: II \"1e-300\" is shorter than 0.000001 h\n"
                  "t.csv:4:9: error: II \"1e-7\" is shorter than 0.000001 h");
    event_check_clear(&c);
}

static void test_rows_without_a_dose(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    assert_answer(&c,
                  "ID,TIME,EVID,AMT,RATE,DUR,CMT,ADDL,II,SS,MDV,DV\n"
                  "1,0,0,1,2,3,1,4,5,1,0,1\n"
                  "1,0,2,1,0,0,1,0,0,0,0,0\n"
                  "1,0,3,1,-1,0,1,0,0,0,1,.\n",
                  "t.csv:2:7: error: AMT must be 0 on a row without a dose (EVID 0), and is \"1\"\n"
                  "t.csv:2:9: error: RATE must be 0 on a row without a dose (EVID 0), and is \"2\"\n"
                  "t.csv:2:11: error: DUR must be 0 on a row without a dose (EVID 0), and is \"3\"\n"
                  "t.csv:2:15: error: ADDL must be 0 on a row without a dose (EVID 0), and is \"4\"\n"
                  "t.csv:2:17: error: II must be 0 on a row without a dose (EVID 0), and is \"5\"\n"
                  "t.csv:2:19: error: SS must be 0 on a row without a dose (EVID 0), and is \"1\"\n"
                  "t.csv:3:7: error: AMT must be 0 on a row without a dose (EVID 2), and is \"1\"\n"
                  "t.csv:3:21: error: MDV must be 1 on a row that is no observation (EVID 2)\n"
                  "t.csv:4:7: error: AMT must be 0 on a row without a dose (EVID 3), and is \"1\"\n"
                  "t.csv:4:9: error: RATE must be 0 on a row without a dose (EVID 3), and is \"-1\"");
    assert_answer(&c, "ID,TIME,AMT,RATE\n1,0,0,5\n",
                  "t.csv:2:7: error: RATE must be 0 on a row without a dose (EVID 0), and is \"5\"");
    event_check_clear(&c);
}

static void test_doses_that_say_too_little_or_too_much(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    assert_answer(
        &c,
        "ID,TIME,EVID,AMT,RATE,DUR,ADDL,II,SS,MDV\n"
        "1,0,1,.,0,0,0,0,0,1\n"
        "1,0,1,0,0,0,0,0,0,1\n"
        "1,0,1,0,5,0,2,12,1,1\n"
        "1,0,4,0,-2,0,0,0,1,1\n"
        "1,0,1,5,1,1,1,0,0,1\n"
        "1,0,1,5,0,0,0,0,2,1\n"
        "1,0,4,5,0,0,0,0,0,0\n"
        "1,0,1,0,0,5,0,0,1,1\n"
        "1,0,1,1e300,1e-300,0,0,0,0,1\n",
        "t.csv:2:7: error: AMT of a dose is missing\n"
        "t.csv:3:7: error: AMT 0 is no dose, but for a constant infusion at steady state (SS 1 or 2, RATE "
        "above 0 or -1, "
        "II 0)\n"
        "t.csv:4:13: error: ADDL must be 0 with a constant infusion (AMT 0, SS and RATE), and is \"2\"\n"
        "t.csv:4:15: error: II must be 0 with a constant infusion (AMT 0, SS and RATE), and is \"12\"\n"
        "t.csv:5:7: error: AMT 0 is no dose, but for a constant infusion at steady state (SS 1 or 2, RATE "
        "above 0 or -1, "
        "II 0)\n"
        "t.csv:5:9: error: RATE -2 leaves the duration to the model, and small has none for doses into "
        "depot; "
        "`doses: {depot: {over: ...}}` in the model file gives one\n"
        "t.csv:6:11: error: RATE and DUR together say the same twice; leave one out\n"
        "t.csv:6:13: error: ADDL needs an II above 0: the time from dose to dose\n"
        "t.csv:7:17: error: SS needs an II above 0: the time from dose to dose (a constant infusion has AMT "
        "0)\n"
        "t.csv:8:19: error: MDV must be 1 on a row that is no observation (EVID 4)\n"
        "t.csv:9:7: error: AMT 0 is no dose, but for a constant infusion at steady state (SS 1 or 2, RATE "
        "above 0 or -1, "
        "II 0)\n"
        "t.csv:10:13: error: at RATE \"1e-300\" the dose takes forever");
    assert_answer(&c, "id,time,evid,cmt\n1,0,1,1\n1,0,1,1\n",
                  "t.csv:2:5: error: a dose, and the table has no column AMT");
    c.rules.amount = (struct event_factor){1e9, 1};
    assert_answer(&c, "ID,TIME,AMT\n1,0,1e300\n", "t.csv:2:5: error: AMT \"1e300\" is too large");
    event_check_clear(&c);
}

static void test_what_has_no_effect_is_told_once(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    assert_answer(
        &c,
        "ID,TIME,EVID,AMT,II,ADDL,DV,CMT\n"
        "1,0,1,5,0,0,0,depot\n"
        "1,0,1,5,12,0,1,oral\n"
        "1,0,1,5,12,1,1,oral\n"
        "1,0,4,5,12,0,.,oral\n"
        "1,0,2,0,0,0,3,oral\n",
        "t.csv:3:9: warning: II without ADDL or SS has no effect (rows: 2)\n"
        "t.csv:3:14: warning: DV of a row that is no observation is not used (rows: 3)\n"
        "t.csv:3:16: warning: \"oral\" is taken for the route of small, not for its compartment of the same "
        "name, which is CMT 3 (rows: 3)");
    assert_int_equal(c.table.event_count, 5);
    event_check_clear(&c);
}

static void test_places_where_no_dose_can_enter(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    assert_answer(
        &c,
        "ID,TIME,EVID,AMT,RATE,DUR,CMT\n"
        "1,0,1,5,-1,0,1\n"
        "1,0,1,5,-2,0,depot\n"
        "1,0,1,5,-2,0,iv\n"
        "1,0,1,5,5,0,oral \n"
        "1,0,1,30,0,5,intranasal\n"
        "1,0,1,28028,0,0,intranasal\n"
        "1,0,1,5,0,0,4\n"
        "1,0,2,0,0,0,-1\n"
        "1,0,1,5,0,0,1.5\n"
        "1,0,1,5,0,0,centrl\n"
        "1,0,0,0,0,0,blood\n"
        "1,0,0,0,0,0,9\n",
        "t.csv:2:9: error: RATE -1 leaves the rate to the model, and small has none for doses into depot; "
        "`doses: {depot: "
        "{rate: ...}}` in the model file gives one\n"
        "t.csv:3:9: error: RATE -2 leaves the duration to the model, and small has none for doses into "
        "depot; `doses: "
        "{depot: {over: ...}}` in the model file gives one\n"
        "t.csv:4:9: error: RATE -2 is for a dose into a compartment, and iv is a route; give a RATE above 0, "
        "or a "
        "compartment as CMT\n"
        "t.csv:5:9: error: the oral route of small says itself how fast a dose enters; leave out RATE\n"
        "t.csv:5:13: warning: \"oral\" is taken for the route of small, not for its compartment of the same "
        "name, which "
        "is CMT 3 (rows: 1)\n"
        "t.csv:6:7: error: 30 mg is not a whole number of 28 mg devices\n"
        "t.csv:6:12: error: the intranasal route of small says itself how fast a dose enters; leave out DUR\n"
        "t.csv:7:7: error: 28028 mg is more than 1000 devices of 28 mg\n"
        "t.csv:8:13: error: CMT 4 is no compartment of small, which has 1 to 3\n"
        "t.csv:9:13: error: CMT -1: compartments cannot be switched off\n"
        "t.csv:10:13: error: CMT 1.5 is no compartment of small, which has 1 to 3\n"
        "t.csv:11:13: error: CMT \"centrl\" is no compartment and no route of small; did you mean central?\n"
        "t.csv:12:13: error: CMT \"blood\" is no compartment and no route of small\n"
        "t.csv:13:13: error: CMT 9 is no compartment of small, which has 1 to 3");
    event_check_clear(&c);
}

/* RATE would be that of the whole dose, or of what enters. */
static void test_constant_infusions_enter_in_one_place(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    event_take(&c, "ID,TIME,AMT,RATE,SS,CMT\n1,0,0,5,1,iv\n1,0,0,5,1,depot\n1,0,0,-1,2,central\n");
    assert_answer(
        &c, "ID,TIME,AMT,RATE,SS,CMT\n1,0,0,5,1,buccal\n1,0,0,-1,1,iv\n",
        "t.csv:2:11: error: a constant infusion (AMT 0) by the buccal route of small, of which only a part "
        "enters, or parts enter in several places; give a compartment as CMT\n"
        "t.csv:3:7: error: RATE -1 is for a dose into a compartment, and iv is a route; give a RATE above 0, "
        "or a compartment as CMT");
    event_check_clear(&c);
}

/* A number means another compartment in each model. */
static void test_models_that_do_not_agree(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    c.rules.model_count = 2;
    assert_answer(
        &c,
        "ID,TIME,AMT,CMT\n"
        "1,0,1,iv\n"
        "1,0,1,1\n"
        "1,0,1,depot\n"
        "1,0,1,.\n"
        "1,0,1,3\n"
        "1,0,.,2\n",
        "t.csv:3:7: error: this CMT means compartment depot of small, and compartment central of other; name "
        "a "
        "route or compartment in column CMT that all models have\n"
        "t.csv:4:7: error: CMT \"depot\" is no compartment and no route of other\n"
        "t.csv:5:7: error: a dose without CMT means compartment depot of small, and compartment central of "
        "other; name a route or compartment in column CMT that all models have\n"
        "t.csv:6:7: error: CMT 3 is no compartment of other, which has 1 to 2");
    assert_answer(
        &c, "ID,TIME,AMT\n1,0,1\n1,1,1\n",
        "t.csv:2:1: error: a dose without CMT means compartment depot of small, and compartment central of "
        "other; name a route or compartment in column CMT that all models have");
    event_check_clear(&c);
}

static void test_rows_that_do_not_follow(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    assert_answer(
        &c,
        "ID,TIME,EVID\n"
        "1,5,0\n"
        "1,4,2\n"
        "2,0,0\n"
        "1,0,0\n"
        "2,3,0,4\n"
        "3,1\n"
        "1,\"2,0\n",
        "t.csv:3:3: error: TIME \"4\" is before that of the row above; rows go by time, and only EVID 3 and "
        "4 "
        "set the clock back\n"
        "t.csv:5:1: error: ID 1 comes back (its rows began in line 2); sort the rows, so that those of a "
        "patient follow each other\n"
        "t.csv:6:7: error: 4 cells in this row, and 3 in the header\n"
        "t.csv:7:4: error: 2 cells in this row, and 3 in the header\n"
        "t.csv:8:7: error: the quoted text does not end in its line");
    event_check_clear(&c);
}

static void test_headers(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    assert_answer(&c, "ID;TIME\n1;0\n",
                  "t.csv:1:1: error: columns are separated by semicolons here; a comma is expected");
    assert_answer(&c, "ID\tTIME\n",
                  "t.csv:1:1: error: columns are separated by tabs here; a comma is expected");
    assert_answer(&c, "TABLE NO.  1\n",
                  "t.csv:1:1: error: columns are separated by spaces here; a comma is expected");
    assert_answer(&c, "ID|TIME\n",
                  "t.csv:1:1: error: columns are separated by bars here; a comma is expected");
    assert_answer(&c, "\n \n", "t.csv: error: is empty; a line with the names of the columns is expected");
    assert_answer(&c, "ID,TIME\n\n", "t.csv:2:1: error: the table has no rows below its header");
    assert_answer(&c, "ID,TI\xB5\n1,0\n", "t.csv:1:6: error: no text in UTF-8; save the table as UTF-8");
    assert_answer_bytes(&c, "ID,\0TIME\n1,0\n", 14, "t.csv:1:4: error: a NUL byte; a table is text in UTF-8");
    assert_answer(
        &c,
        "AMT,agge,wt,,age,AGE,amt\n"
        "x,1,1,1,-1,1,1\n",
        "t.csv:1:1: error: the table has no column ID\n"
        "t.csv:1:1: error: the table has no column TIME\n"
        "t.csv:1:5: error: \"agge\" is neither a column of event tables nor a covariate; `events: {columns: "
        "{agge: age}}` says what it is, `events: {ignore: [agge]}` leaves it out\n"
        "t.csv:1:10: error: \"wt\" is neither a column of event tables nor a covariate; `events: {columns: "
        "{wt: "
        "NAME}}` says what it is, `events: {ignore: [wt]}` leaves it out\n"
        "t.csv:1:13: error: a column without a name\n"
        "t.csv:1:18: error: column age is here a second time; the first is column 5\n"
        "t.csv:1:22: error: column AMT is here a second time; the first is column 1\n"
        "t.csv:2:1: error: AMT must be a number of 0 or above, and is \"x\"\n"
        "t.csv:2:9: error: age must be 0 or above, and is \"-1\"");
    event_check_clear(&c);
}

static void test_names_of_the_study_that_fit_no_column(void **state)
{
    static const struct event_rename renames[] = {
        {"dose", "amt"}, {"nope", "DV"}, {"WT", "weigt"}, {"EVID", "EVID"}};
    static const char *const ignored[] = {"comment", "absent", "evid"};
    struct event_check c;
    (void)state;

    event_check_init(&c);
    c.rules.columns = renames;
    c.rules.column_count = 4;
    c.rules.ignored = ignored;
    c.rules.ignored_count = 3;
    assert_answer(
        &c, "ID,TIME,dosse,WT,comment,EVID\n1,0,0,0,0,0\n",
        "t.csv:1:1: error: the study says what column \"dose\" is, and the table has none; did you mean "
        "dosse?\n"
        "t.csv:1:1: error: the study says what column \"nope\" is, and the table has none\n"
        "t.csv:1:1: warning: the study ignores column \"absent\", and the table has none\n"
        "t.csv:1:9: error: \"dosse\" is neither a column of event tables nor a covariate; `events: {columns: "
        "{dosse: NAME}}` says what it is, `events: {ignore: [dosse]}` leaves it out\n"
        "t.csv:1:15: error: the study calls this column \"weigt\", which is neither a column of event tables "
        "nor "
        "a covariate; did you mean weight?\n"
        "t.csv:1:26: error: the study says both what column \"EVID\" is and to ignore it");
    event_check_clear(&c);
}

static void test_covariates(void **state)
{
    struct event_check c;
    (void)state;

    event_check_init(&c);
    assert_answer(&c,
                  "ID,TIME,age,weight,asian,score\n"
                  "1,0,.,0,2,-3\n"
                  "1,0,-1,x,0.5,\n"
                  "1,0,,1e999,1,1\n",
                  "t.csv:2:5: error: age is missing; every row needs a value of each covariate\n"
                  "t.csv:2:7: error: weight must be above 0, and is \"0\"\n"
                  "t.csv:2:9: error: asian is a category, 0 or 1, and not \"2\"\n"
                  "t.csv:3:5: error: age must be 0 or above, and is \"-1\"\n"
                  "t.csv:3:8: error: weight must be a number, and is \"x\"\n"
                  "t.csv:3:10: error: asian is a category, 0 or 1, and not \"0.5\"\n"
                  "t.csv:3:14: error: score is missing; every row needs a value of each covariate\n"
                  "t.csv:4:5: error: age is missing; every row needs a value of each covariate\n"
                  "t.csv:4:6: error: weight must be a number, and is \"1e999\"");
    event_check_clear(&c);
}

/* The first are told and the rest counted, in a time that does not grow with their square. */
static void test_a_million_mistakes(void **state)
{
    enum { ROWS = 100000, ROW_SIZE = 24 };
    struct event_check c;
    char *text = malloc((size_t)ROWS * ROW_SIZE + ROW_SIZE);
    (void)state;

    assert_non_null(text);
    size_t size = (size_t)sprintf(text, "ID,TIME,AMT,CMT\n");
    for (int i = 0; i < ROWS; i++) {
        size += (size_t)sprintf(text + size, "%d,x,-1,name%d\n", i % 7 + 1, i);
    }
    event_check_init(&c);
    assert_int_equal(event_try(&c, text, size), -1);
    assert_int_equal(c.d.count, DIAGNOSTICS_MAX);
    assert_true(c.d.errors >= 3 * ROWS);
    assert_int_equal(c.d.items[0].line, 2);
    event_check_clear(&c);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_that_hold_something_else),
        cmocka_unit_test(test_times_without_end),
        cmocka_unit_test(test_rows_without_a_dose),
        cmocka_unit_test(test_doses_that_say_too_little_or_too_much),
        cmocka_unit_test(test_what_has_no_effect_is_told_once),
        cmocka_unit_test(test_places_where_no_dose_can_enter),
        cmocka_unit_test(test_constant_infusions_enter_in_one_place),
        cmocka_unit_test(test_models_that_do_not_agree),
        cmocka_unit_test(test_rows_that_do_not_follow),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_names_of_the_study_that_fit_no_column),
        cmocka_unit_test(test_covariates),
        cmocka_unit_test(test_a_million_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
