/* Tables of patients: what a row may hold, and what becomes of it in a study. */
#include "study_check.h"

#include "app/study/patient_table_read.h"
#include "model/patients.h"

#include <sys/stat.h>
#include <unistd.h>

/* --- the reader --- */

static const struct event_covariate covariates[] = {{"age", "years", false, NULL},
                                                    {"weight", "kg", false, NULL},
                                                    {"asian", "1", true, NULL},
                                                    {"japanese", "1", true, "asian"}};

struct given {
    struct units *units;
    struct model models[2];
    struct event_rules rules;
    struct diagnostics d;
    struct patient_table table;
    int status;
};

static void given_init(struct given *g, const char *first, const char *second)
{
    *g = (struct given){.units = units_create()};
    assert_non_null(g->units);
    diagnostics_init(&g->d);
    model_read(&g->models[0], first, g->units, NOWHERE, &g->d);
    if (second) {
        model_read(&g->models[1], second, g->units, NOWHERE, &g->d);
    }
    assert_no_errors(&g->d);
    g->rules = (struct event_rules){
        .covariates = covariates, .covariate_count = 4, .models = g->models, .model_count = second ? 2 : 1};
}

static void given_read(struct given *g, const char *text)
{
    g->status = patient_table_parse(&g->table, "p.csv", text, strlen(text), &g->rules, g->units, &g->d);
}

static void given_clear(struct given *g)
{
    patient_table_clear(&g->table);
    model_clear(&g->models[0]);
    model_clear(&g->models[1]);
    units_free(g->units);
    diagnostics_clear(&g->d);
}

static void test_rows(void **state)
{
    (void)state;
    struct given g;
    given_init(&g, "otto-2021", NULL);
    given_read(&g, "ID,AGE,weight [lb],eta_CL\r\n7,40,154,-0.1\r\n\r\n3, 50.5 ,\"200\",0\r\n");
    assert_no_errors(&g.d);
    assert_int_equal(g.table.row_count, 2);
    assert_int_equal(g.table.column_count, 3);
    assert_true(g.table.ids[0] == 7 && g.table.ids[1] == 3);
    assert_true(g.table.lines[0] == 2 && g.table.lines[1] == 4);
    assert_string_equal(g.table.columns[0], "age");
    assert_string_equal(g.table.columns[1], "weight");
    assert_string_equal(g.table.columns[2], "eta_CL");
    assert_true(g.table.values[0] == 40 && g.table.values[2] == -0.1);
    assert_close(g.table.values[1], 154 * 0.45359237, 1e-15, 0);
    assert_true(g.table.values[3] == 50.5 && g.table.values[5] == 0);
    given_clear(&g);

    static const struct event_rename renames[] = {{"WT", "weight"}, {"Subject", "id"}};
    static const char *const ignored[] = {"site"};
    given_init(&g, "otto-2021", NULL);
    g.rules.columns = renames;
    g.rules.column_count = 2;
    g.rules.ignored = ignored;
    g.rules.ignored_count = 1;
    given_read(&g, "site,subject,wt [kg]\nwest,1,70\n");
    assert_no_errors(&g.d);
    assert_true(g.table.column_count == 1 && g.table.values[0] == 70);
    given_clear(&g);

    given_init(&g, "otto-2021", NULL);
    given_read(&g, "age\n40\n41\n");
    assert_true(g.table.ids[0] == 1 && g.table.ids[1] == 2);
    given_clear(&g);
}

static void check_mistakes_of(const char *text, const char *second, const char *messages, int line)
{
    struct given g;
    given_init(&g, "otto-2021", second);
    given_read(&g, text);
    check_messages(&g.d, messages, line);
    assert_int_equal(g.status, -1);
    assert_true(g.table.row_count == 0 && !g.table.values);
    given_clear(&g);
}

#define check_table(text, messages) check_mistakes_of(text, NULL, messages, __LINE__)

static void test_header_mistakes(void **state)
{
    (void)state;
    check_table("", "p.csv: error: is empty; a line with the names of the columns is expected");
    check_table("age\n", "p.csv:1:1: error: the table has no rows below its header");
    check_table("ID;age\n1;40\n",
                "p.csv:1:1: error: columns are separated by semicolons here; a comma is expected");
    check_table(
        "ID,wieght\n1,70\n",
        "p.csv:1:4: error: \"wieght\" is neither ID, a covariate nor a random effect (eta_ and a parameter "
        "that varies); `patients: {columns: {wieght: weight}}` says what it is, `patients: {ignore: "
        "[wieght]}` leaves it out");
    check_table(
        "ID,eta_Vp1\n1,0\n",
        "p.csv:1:4: error: \"eta_Vp1\" is neither ID, a covariate nor a random effect (eta_ and a parameter "
        "that varies); `patients: {columns: {eta_Vp1: eta_V1}}` says what it is, `patients: {ignore: "
        "[eta_Vp1]}` leaves it out");
    check_table("age,id,Age,ID\n1,1,1,1\n",
                "p.csv:1:8: error: column age is here a second time; the first is column 1\n"
                "p.csv:1:12: error: column ID is here a second time; the first is column 2");
    check_table("age,\n1,\n", "p.csv:1:5: error: a column without a name");
    check_table("age [kg]\n40\n",
                "p.csv:1:1: error: the unit of age: \"kg\" is a body weight, \"years\" is a time");
    check_table("weight [stones]\n12\n", "p.csv:1:1: error: the unit of weight: unknown unit \"stones\"");
    check_table("weight [kg\n12\n",
                "p.csv:1:1: error: the unit of a column is written as in \"weight [kg]\"");
    check_table("weight [kg] x\n12\n",
                "p.csv:1:1: error: the unit of a column is written as in \"weight [kg]\"");
    check_table("asian [1],eta_CL [1],ID [1]\n1,0,1\n", "p.csv:1:1: error: asian has no unit\n"
                                                        "p.csv:1:11: error: eta_CL has no unit\n"
                                                        "p.csv:1:22: error: ID has no unit");
    check_mistakes_of(
        "eta_CL\n0\n", "flint-2017",
        "p.csv:1:1: error: CL varies in several models of the study; random effects can be supplied "
        "where one has it",
        __LINE__);
}

static void test_row_mistakes(void **state)
{
    (void)state;
    check_table("ID,age,weight\n1,40\n2,40,70,1\n",
                "p.csv:2:5: error: 2 cells in this row, and 3 in the header\n"
                "p.csv:3:9: error: 4 cells in this row, and 3 in the header");
    check_table("ID,age\n0,40\n1.5,40\nx,40\n.,40\n",
                "p.csv:2:1: error: ID must be a whole number from 1 to 9007199254740991, and is \"0\"\n"
                "p.csv:3:1: error: ID must be a whole number from 1 to 9007199254740991, and is \"1.5\"\n"
                "p.csv:4:1: error: ID must be a whole number from 1 to 9007199254740991, and is \"x\"\n"
                "p.csv:5:1: error: ID must be a whole number from 1 to 9007199254740991, and is \".\"");
    check_table("age,ID\n40,5\n40,6\n40,5\n40,5\n",
                "p.csv:4:4: error: ID 5 is in line 2 already; a patient is one row\n"
                "p.csv:5:4: error: ID 5 is in line 4 already; a patient is one row");
    check_table("age,weight\n.,70\n40,\nNA,70\n-1,0\n",
                "p.csv:2:1: error: age is missing; every row needs a value of each covariate\n"
                "p.csv:3:4: error: weight is missing; every row needs a value of each covariate\n"
                "p.csv:4:1: error: age must be a number, and is \"NA\"\n"
                "p.csv:5:1: error: age must be 0 or above, and is \"-1\"\n"
                "p.csv:5:4: error: weight must be above 0, and is \"0\"");
    check_table("weight [kg],age [week]\n1e308,1e308\n1e999,1\n",
                "p.csv:2:7: error: age \"1e308\" is too large\n"
                "p.csv:3:1: error: weight must be a number, and is \"1e999\"");
    check_table("asian,japanese\n2,0\n0,1\n1,1\n",
                "p.csv:2:1: error: asian is a category, 0 or 1, and not \"2\"\n"
                "p.csv:3:3: error: japanese: 1 presupposes asian: 1, which is 0");
    check_table(
        "eta_CL\n.\nx\n",
        "p.csv:2:1: error: eta_CL is missing; every row needs a value of each random effect, 0 for a typical "
        "patient\n"
        "p.csv:3:1: error: eta_CL must be a number, and is \"x\"");
}

/* --- a study --- */

static const char folder[] = "test_patient_table_files";

static void write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    return mkdir(folder, 0700) && access(folder, W_OK) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    char path[256];
    snprintf(path, sizeof(path), "%s/p.csv", folder);
    remove(path);
    return rmdir(folder);
}

/* A study in the folder: `patients` stands at 3:11. */
#define STUDY(patients)                                                                                      \
    "seed: 1\nmodel: perez-ruixo-2021\npatients: " patients "\n" ARM "{route: iv, dose: 0.4 mg/kg}" OBSERVE

static void read_study(struct reading *r, const char *table, const char *text)
{
    write_file("p.csv", table);
    diagnostics_init(&r->d);
    r->status = study_parse(&r->study, "test_patient_table_files/s.yaml", text, strlen(text), NULL, 0, &r->d);
}

#define check_study(table, text, messages)                                                                   \
    do {                                                                                                     \
        struct reading check_reading;                                                                        \
        read_study(&check_reading, table, text);                                                             \
        check_messages(&check_reading.d, messages, __LINE__);                                                \
        assert_int_equal(check_reading.status, -1);                                                          \
        reading_clear(&check_reading);                                                                       \
    } while (0)

#define F "test_patient_table_files/s.yaml"

static void test_study(void **state)
{
    (void)state;
    struct reading r;
    double values[8];
    read_study(
        &r, "ID,WT,AGE,site\n12,70.5,40,1\n4,81,50,2\n",
        STUDY(
            "{from: p.csv, columns: {WT: weight}, ignore: [site], covariates: {asian: {probability: 0.5}}}"));
    check_messages(&r.d, "", __LINE__);
    assert_int_equal(r.study.patient_count, 2);
    const int age = study_covariate(&r.study, "age");
    const int weight = study_covariate(&r.study, "weight");
    const int asian = study_covariate(&r.study, "asian");
    patient_covariates(&r.study, 0, values);
    assert_true(values[age] == 40 && values[weight] == 70.5);
    patient_covariates(&r.study, 1, values);
    assert_true(values[age] == 50 && values[weight] == 81);
    assert_true(patient_id(&r.study, 0) == 12 && patient_id(&r.study, 1) == 4);
    assert_true(patient_row(&r.study, 1) == 1);

    /* A patient is drawn by its ID, wherever its row stands. */
    struct reading drawn;
    double others[8];
    read_study(&drawn, "AGE\n1\n2\n",
               STUDY("{count: 20, covariates: {asian: {probability: 0.5}, weight: 70 kg}}"));
    check_messages(&drawn.d, "", __LINE__);
    const int same = study_covariate(&drawn.study, "asian");
    patient_covariates(&r.study, 0, values);
    patient_covariates(&drawn.study, 11, others);
    assert_true(values[asian] == others[same]);
    patient_covariates(&r.study, 1, values);
    patient_covariates(&drawn.study, 3, others);
    assert_true(values[asian] == others[same]);
    reading_clear(&r);
    reading_clear(&drawn);
}

/* Rows stay together, and each is as likely as any other: chi-square of 4 degrees of freedom, below 33.4 but for one of a
 * million. */
static void test_resample(void **state)
{
    (void)state;
    enum { PATIENTS = 100000, ROWS = 5 };
    struct reading r;
    int counts[ROWS] = {0};
    double chi_square = 0;
    read_study(&r, "ID,age,weight\n9,20,51\n8,30,61\n7,40,71\n6,50,81\n5,60,91\n",
               STUDY("{from: p.csv, resample: true, count: 100000}"));
    check_messages(&r.d, "", __LINE__);
    assert_int_equal(r.study.patient_count, PATIENTS);
    const int age = study_covariate(&r.study, "age");
    const int weight = study_covariate(&r.study, "weight");
    for (int64_t i = 0; i < PATIENTS; i++) {
        double values[8];
        patient_covariates(&r.study, i, values);
        const int row = (int)(values[age] / 10) - 2;
        assert_true(row >= 0 && row < ROWS && row == patient_row(&r.study, i));
        assert_true(values[weight] == values[age] + 31);
        assert_true(patient_id(&r.study, i) == i + 1);
        counts[row]++;
    }
    for (int i = 0; i < ROWS; i++) {
        const double expected = (double)PATIENTS / ROWS;
        chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    assert_true(chi_square < 33.4);
    reading_clear(&r);

    /* More patients change nobody. */
    struct reading few;
    read_study(&r, "age\n20\n30\n40\n50\n60\n", STUDY("{from: p.csv, resample: true, count: 1000}"));
    read_study(&few, "age\n20\n30\n40\n50\n60\n", STUDY("{from: p.csv, resample: true, count: 7}"));
    for (int64_t i = 0; i < 7; i++) {
        assert_true(patient_row(&r.study, i) == patient_row(&few.study, i));
    }
    reading_clear(&r);
    reading_clear(&few);
}

static void test_study_mistakes(void **state)
{
    (void)state;
    static const char table[] = "age,weight\n40,70\n";
    check_study(
        table, STUDY("{from: p.csv, count: 10}"),
        F
        ":3:32: error: the table says which patients there are; leave count out, or say `resample: true` to "
        "draw so many from its rows");
    check_study(table, STUDY("{from: p.csv, resample: true}"),
                F ":3:35: error: how many patients are drawn from the rows? \"count\" says it");
    check_study(table, STUDY("{count: 3, resample: true}"),
                F ":3:32: error: which rows are drawn from? patients.from names no table");
    check_study(table, STUDY("{count: 3, columns: {WT: weight}, ignore: [x]}"),
                F ":3:31: error: columns of which table? patients.from names none\n" F
                  ":3:53: error: ignore of which table? patients.from names none");
    check_study(table, STUDY("{resample: false}"), F ":3:11: error: key \"count\" is missing in patients");
    check_study(table, STUDY("{from: q.csv}"),
                "test_patient_table_files/q.csv: error: cannot be read: No such file or directory");
    check_study(table, STUDY("{from: p.csv, covariates: {age: 40 years}}"),
                F ":3:43: error: the table of patients gives age, too; leave one out");
    check_study(table, STUDY("{from: p.csv}\nsweep: {design: grid, weight: [60 kg, 70 kg]}"),
                F ":4:23: error: the table of patients gives weight; the sweep cannot set it, too");
    check_study(
        "japanese,weight\n0,70\n1,80\n", STUDY("{from: p.csv}"),
        F ":3:18: error: the table gives japanese, and not asian, which it presupposes; add a column asian");
    check_study(
        "ID,age,weight\n4,10,70\n", STUDY("{from: p.csv}"),
        F ":3:18: warning: age of 1 of 1 patients is outside the validity of perez-ruixo-2021 (18 to 86 "
          "years); the "
          "first is patient 4 with 10 years\n" F
          ":3:18: error: age of 1 of 1 patients is outside the age group of perez-ruixo-2021 (adults: at "
          "least 18 years); only `applicability: ignore` simulates it; the first is patient 4 with 10 years");
    check_study(
        table, STUDY("{from: p.csv, columns: {WT: weight}}"),
        "test_patient_table_files/p.csv:1:1: error: the study says what column \"WT\" is, and the table has "
        "none");
    check_study(
        table, STUDY("{events: e.csv, from: p.csv}"),
        F
        ":3:33: error: \"from\" has no place beside patients.events: the rows of the event table are of its "
        "own patients\n" F
        ":8:10: error: \"observe\" has no place beside patients.events: each row of the table is observed\n" F
        ":7:7: error: \"regimen\" has no place beside patients.events: the rows of the table dose the "
        "patients\n"
        "test_patient_table_files/e.csv: error: cannot be read: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),         cmocka_unit_test(test_header_mistakes),
        cmocka_unit_test(test_row_mistakes), cmocka_unit_test(test_study),
        cmocka_unit_test(test_resample),     cmocka_unit_test(test_study_mistakes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
