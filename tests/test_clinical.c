/* What was observed in people: the table, the comparison, and the published glance of models at the same regimens. */
#include "check.h"

#include "app/models/clinical_text.h"
#include "model/library.h"
#include "simulate.h"

struct fixture {
    struct units *units;
    struct diagnostics d;
    struct clinical_table table;
};

static int create(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    diagnostics_init(&f->d);
    f->units = units_create();
    return f->units == NULL ||
           clinical_table_parse(&f->table, "clinical.csv", clinical_table_text, f->units, &f->d);
}

static int destroy(void **state)
{
    struct fixture *f = *state;
    clinical_table_clear(&f->table);
    diagnostics_clear(&f->d);
    units_free(f->units);
    free(f);
    return 0;
}

/* The program holds the file of the tree, byte for byte. */
static void test_embedded(void **state)
{
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(SOURCE_DIR "/tests/reference/clinical.csv", "r");
    (void)state;
    assert_true(text != NULL && file != NULL);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    assert_true(strcmp(text, clinical_table_text) == 0);
    free(text);
}

static void test_rows(void **state)
{
    struct fixture *f = *state;
    assert_true(f->table.count >= 160);
    for (int i = 0; i < f->table.count; i++) {
        const struct clinical_row *row = &f->table.rows[i];
        assert_int_equal(row->line, i + 2);
        assert_true(row->study[0] != '\0' && strlen(row->source) >= 6 && row->analyte[0] != '\0');
        assert_true(strcmp(row->provenance, "R") == 0 || strcmp(row->provenance, "R2") == 0);
        assert_true(row->low > 0 && row->high >= row->low && row->to_unit > 0);
        for (int j = 0; j < i; j++) { /* nothing twice, but for the visits that the note tells apart */
            const struct clinical_row *other = &f->table.rows[j];
            assert_false(strcmp(row->study, other->study) == 0 && strcmp(row->drug, other->drug) == 0 &&
                         strcmp(row->route, other->route) == 0 && strcmp(row->dose, other->dose) == 0 &&
                         strcmp(row->over, other->over) == 0 && strcmp(row->analyte, other->analyte) == 0 &&
                         row->quantity == other->quantity && strcmp(row->time, other->time) == 0 &&
                         strcmp(row->note, other->note) == 0);
        }
    }
}

static const struct clinical_row *find(const struct fixture *f, const char *study, const char *analyte,
                                       enum clinical_quantity quantity, double amount)
{
    for (int i = 0; i < f->table.count; i++) {
        const struct clinical_row *row = &f->table.rows[i];
        if (strcmp(row->study, study) == 0 && strcmp(row->analyte, analyte) == 0 &&
            row->quantity == quantity &&
            fabs(row->amounts[row->dose_count > 0 ? row->dose_count - 1 : 0] - amount) < 1e-9) {
            return row;
        }
    }
    fail_msg("no row of %s", study);
    return NULL;
}

/* Numbers typed in a second time, after their conversion. */
static void test_values(void **state)
{
    struct fixture *f = *state;
    const struct clinical_row *row = find(f, "Kamp 2020 (BJA)", "esketamine", CLINICAL_LEVEL, 0.57);
    assert_close(row->low, 0.0711 * 237.73, 1e-3, 0);
    assert_close(row->at, 5.0 / 60, 1e-15, 0);
    assert_int_equal(row->dose_count, 3);
    assert_close(row->amounts[0], 0.14, 1e-15, 0);
    assert_int_equal(row->basis, DOSE_PER_KG);
    row = find(f, "Kamp 2020 (BJA)", "noresketamine", CLINICAL_LEVEL, 0.57);
    assert_close(row->low, 0.1137 * 223.70, 1e-3, 0);
    row = find(f, "Long-term infusion in intensive care", "ketamine", CLINICAL_PLATEAU, 1.2 * 72);
    assert_close(row->low, 1200, 1e-12, 0);
    row = find(f, "Wang 2019", "esketamine", CLINICAL_CLEARANCE_PER_WEIGHT, 0.5);
    assert_close(row->low, 18.1 * 60 / 1000, 1e-12, 0);
    assert_close(row->to_unit, 1000.0 / 60, 1e-12, 0);
    row = find(f, "Simons 2022", "esketamine", CLINICAL_AUC, 50);
    assert_close(row->low, 8363.0 / 60, 1e-12, 0);
    assert_close(row->at, 6, 1e-15, 0);
    row = find(f, "Pharmacotherapy 2022", "ketamine", CLINICAL_BIOAVAILABILITY, 30);
    assert_close(row->low, 0.13, 1e-12, 0);
    row = find(f, "Nielsen 2014", "ketamine", CLINICAL_CMAX, 0.5);
    assert_close(row->low, 102, 1e-12, 0);
    assert_true(row->children && isnan(row->weight));
    row = find(f, "Krystal 1994", "ketamine", CLINICAL_CMAX, 0.5);
    assert_true(row->low == 100 && row->high == 250 && isnan(clinical_ratio(row, 177)));
    assert_close(row->hours, 2.0 / 3, 1e-15, 0);
}

#define HEADING                                                                                              \
    "study,source,provenance,drug,route,dose,over,analyte,quantity,time,observed,spread,unit,sampling,"      \
    "people,weight,age,note\n"

/* Every kind of mistake is told with its line. */
static void test_mistakes(void **state)
{
    static const struct {
        const char *text;
        const char *told;
    } cases[] = {
        {"study\n", "clinical.csv:1:1: error: these are not the columns"},
        {HEADING "a,b,R\n", "clinical.csv:2:1: error: a row has one cell per column"},
        {HEADING ",b,R,racemate,iv,1 mg,,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n",
         "without study or source"},
        {HEADING "a,,R,racemate,iv,1 mg,,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n",
         "without study or source"},
        {HEADING "a,b,M,racemate,iv,1 mg,,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n",
         "provenance is R or R2"},
        {HEADING "a,b,R,morphine,iv,1 mg,,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n", "unknown drug"},
        {HEADING "a,b,R,racemate,iv,1 mg,,ketamine,cmax,,1,,ng/mL,capillary,adults,,,\n", "unknown sampling"},
        {HEADING "a,b,R,racemate,iv,1 mg,,ketamine,cmax,,1,,ng/mL,venous,dogs,,,\n", "adults or children"},
        {HEADING "a,b,R,racemate,iv,1 mL,,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n", "1 mL"},
        {HEADING "a,b,R,racemate,iv,1,,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n", "no dose"},
        {HEADING "a,b,R,racemate,iv,1 mg/h,,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n",
         "a rate without a duration"},
        {HEADING "a,b,R,racemate,iv,1 + 1 + 1 + 1 + 1 mg,,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n",
         "too many doses"},
        {HEADING "a,b,R,racemate,iv,1 mg,1 mg,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n", "1 mg"},
        {HEADING "a,b,R,racemate,iv,1 mg,,ketamine,peak,,1,,ng/mL,venous,adults,,,\n", "unknown quantity"},
        {HEADING "a,b,R,racemate,iv,1 mg,,ketamine,cmax,,1,,mg,venous,adults,,,\n", "\"mg\""},
        {HEADING "a,b,R,racemate,iv,1 mg,,ketamine,cmax,,-1,,ng/mL,venous,adults,,,\n", "no observed value"},
        {HEADING "a,b,R,racemate,iv,1 mg,,ketamine,cmax,,3 to 2,,ng/mL,venous,adults,,,\n",
         "no observed value"},
        {HEADING "a,b,R,racemate,iv,1 mg,,ketamine,level,,1,,ng/mL,venous,adults,,,\n", "needs a time"},
        {HEADING "a,b,R,racemate,iv,,,ketamine,cmax,,1,,ng/mL,venous,adults,,,\n", "needs a dose"},
        {HEADING "a,b,R,racemate,iv,1 mg,,ketamine,plateau,,1,,ng/mL,venous,adults,,,\n",
         "needs the duration"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct clinical_table table;
        struct diagnostics d;
        diagnostics_init(&d);
        assert_int_equal(clinical_table_parse(&table, "clinical.csv", cases[i].text, f->units, &d), -1);
        assert_told(&d, cases[i].told);
        assert_int_equal(d.errors, 1);
        assert_null(table.rows);
        diagnostics_clear(&d);
    }
}

/* Everything that fits is simulated to a finite number above zero. */
static void test_comparisons(void **state)
{
    struct fixture *f = *state;
    int comparisons = 0;
    for (int m = 0; m < library_count; m++) {
        struct model model;
        model_read(&model, library_entries[m].name, f->units, NOWHERE, &f->d);
        assert_no_errors(&f->d);
        for (int i = 0; i < f->table.count; i++) {
            double share;
            double simulated = NAN;
            if (clinical_fit(&f->table.rows[i], &model, &share) == CLINICAL_FITS) {
                clinical_simulate(&f->table.rows[i], &model, &simulated, &f->d);
                assert_no_errors(&f->d);
                assert_true(isfinite(simulated) && simulated > 0);
                assert_true(share == (strcmp(f->table.rows[i].drug, model.drug) == 0 ? 1 : 0.5));
                comparisons++;
            }
        }
        model_clear(&model);
    }
    assert_true(comparisons > 250);
}

/* What a row gives with a model of the library. */
static double simulated(struct fixture *f, const struct clinical_row *row, const char *name,
                        enum clinical_fit wanted)
{
    struct model model;
    double share;
    double value = NAN;
    model_read(&model, name, f->units, NOWHERE, &f->d);
    assert_no_errors(&f->d);
    assert_int_equal(clinical_fit(row, &model, &share), wanted);
    if (wanted == CLINICAL_FITS) {
        clinical_simulate(row, &model, &value, &f->d);
        assert_no_errors(&f->d);
    }
    model_clear(&model);
    return value;
}

/* The kinds of quantity against what is known of the models in closed form or printed with their sources. */
static void test_quantities(void **state)
{
    struct fixture *f = *state;
    const struct clinical_row *row = find(f, "SPRAVATO label", "esketamine", CLINICAL_CLEARANCE, 0);
    const double extraction = 101 * (1.11 + 2.77) / (151 + 101 * (1.11 + 2.77));
    assert_close(simulated(f, row, "perez-ruixo-2021", CLINICAL_FITS), 151 * extraction, 1e-4, 0);
    assert_close(simulated(f, row, "otto-2021", CLINICAL_FITS), 95.2, 1e-4, 0);
    row = find(f, "Kamp 2020 (meta-analysis)", "ketamine", CLINICAL_CLEARANCE, 0);
    assert_close(simulated(f, row, "domino-1982", CLINICAL_FITS), 0.063 * 70 * 0.4381 * 60, 1e-3, 0);
    row = find(f, "Wang 2019", "esketamine", CLINICAL_CLEARANCE_PER_WEIGHT, 1);
    assert_close(simulated(f, row, "otto-2021", CLINICAL_FITS), 95.2 / 70, 1e-3, 0);
    row = find(f, "SPRAVATO label", "esketamine", CLINICAL_BIOAVAILABILITY, 84);
    assert_close(simulated(f, row, "perez-ruixo-2021", CLINICAL_FITS), 0.509, 0, 6e-4);
    row = find(f, "oral esketamine", "esketamine", CLINICAL_BIOAVAILABILITY, 0);
    assert_close(simulated(f, row, "perez-ruixo-2021", CLINICAL_FITS), 0.64 * (1 - extraction), 1e-3, 0);
    row = find(f, "SPRAVATO label", "esketamine", CLINICAL_TMAX_FROM_LAST, 84);
    assert_close(simulated(f, row, "perez-ruixo-2021", CLINICAL_FITS) * 60, 44.3 - 10, 0, 0.2);
    row = find(f, "Pharmacotherapy 2022", "ketamine", CLINICAL_BIOAVAILABILITY, 50);
    assert_close(simulated(f, row, "racemic-nasal-assembled", CLINICAL_FITS), 0.11, 1e-3, 0);
    row = find(f, "Lenze 2016", "ketamine", CLINICAL_PLATEAU, 0.6 * 96);
    assert_close(simulated(f, row, "kamp-2020-linear", CLINICAL_FITS), 0.6 * 70 / 84 * 1000, 1e-3, 0);
}

/* Steps of an infusion follow one another; levels and areas are those of the time they are asked for. */
static void test_profiles(void **state)
{
    static const char steps[] =
        "{title: steps, model: otto-2021, seed: 1, patients: {count: 1, variability: false},\n"
        "arms: [{name: a, regimen: [{route: iv, rate: 0.14 mg/kg/h, over: 1 h},\n"
        "    {route: iv, rate: 0.28 mg/kg/h, over: 1 h, at: 1 h},\n"
        "    {route: iv, rate: 0.57 mg/kg/h, over: 1 h, at: 2 h}]}],\n"
        "observe: {at: [5 min, 3 h]}}\n";
    static const char film[] =
        "{title: film, model: simons-2022, seed: 1, patients: {count: 1, variability: false},\n"
        "arms: [{name: a, regimen: [{route: buccal, dose: 50 mg}]}], observe: {to: 6 h, every: 1 min}}\n";
    struct fixture *f = *state;
    struct simulation sim;
    struct clinical_row row = *find(f, "Kamp 2020 (BJA)", "esketamine", CLINICAL_LEVEL, 0.57);
    simulate(&sim, steps, "exact", 1);
    assert_close(simulated(f, &row, "otto-2021", CLINICAL_FITS), simulation_levels(&sim, 0, 0, 0)[0], 1e-6,
                 0);
    row.at = 3;
    assert_close(simulated(f, &row, "otto-2021", CLINICAL_FITS), simulation_levels(&sim, 0, 0, 0)[1], 1e-6,
                 0);
    simulation_clear(&sim);
    row = *find(f, "Simons 2022", "esketamine", CLINICAL_AUC, 50);
    simulate(&sim, film, "exact", 1);
    assert_close(simulated(f, &row, "simons-2022", CLINICAL_FITS),
                 simulation_metric(&sim, 0, 0, 0, "auc_last"), 1e-4, 0);
    simulation_clear(&sim);
}

/* Ratios, their geometric mean and the worst of them: with a clearance of 95.2 L/h, otto-2021 gives a
 * plateau of 100 ng/mL at 9.52 mg/h. */
static void test_summary(void **state)
{
    static const char text[] =
        HEADING "first,here,R,S-ketamine,iv,9.52 mg/h,1000 h,esketamine,plateau,,50,,ng/mL,venous,adults,,,\n"
                "second,here,R2,S-ketamine,iv,9.52 mg/h,1000 h,esketamine,plateau,,199,SD "
                "3,ng/mL,venous,adults,,,four\n"
                "second,here,R2,S-ketamine,iv,9.52 mg/h,1000 h,esketamine,plateau,,60 to "
                "90,,ng/mL,venous,adults,,,four\n"
                "second,here,R2,S-ketamine,iv,,,esketamine,clearance,,9.52,,L/h,venous,adults,,,four\n"
                "third,here,R,racemate,rectal,1 mg,,ketamine,cmax,,50,,ng/mL,venous,adults,,,\n";
    static const char *const wanted[] = {
        "\nfirst - here [R]\n  S-ketamine iv 9.52 mg/h over 1000 h; adults, venous\n",
        "\nsecond - here [R2]\n  S-ketamine iv 9.52 mg/h over 1000 h; adults, venous; four\n",
        "50 ng/mL                       otto-2021                      100    2.00\n",
        "199 (SD 3) ng/mL               otto-2021                      100    0.50\n",
        "60 to 90 ng/mL                 otto-2021                      100   above\n",
        "9.52 L/h                       otto-2021                     95.2   10.00\n",
        "  third                                     1 value:   no model has the route\n",
        /* the clearance and the range are not counted; 2 is further from 1 than 100/199 is */
        "  otto-2021                venous         2            1.00         2.00  first, esketamine",
    };
    struct fixture *f = *state;
    struct clinical_table table;
    struct model model;
    char *printed = NULL;
    size_t size;
    FILE *out = open_memstream(&printed, &size);
    assert_non_null(out);
    assert_int_equal(clinical_table_parse(&table, "small.csv", text, f->units, &f->d), 0);
    assert_int_equal(model_read(&model, "otto-2021", f->units, NOWHERE, &f->d), 0);
    assert_int_equal(clinical_print(out, &table, &model, 1, &f->d), 0);
    fclose(out);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        if (strstr(printed, wanted[i]) == NULL) {
            fail_msg("\"%s\" is not in:\n%s", wanted[i], printed);
        }
    }
    free(printed);
    model_clear(&model);
    clinical_table_clear(&table);
}

/* What must not be compared. */
static void test_misfits(void **state)
{
    struct fixture *f = *state;
    const struct clinical_row *row = find(f, "Huge 2010", "esketamine", CLINICAL_CMAX, 0.2);
    simulated(f, row, "perez-ruixo-2021", CLINICAL_OTHER_DEVICE);
    simulated(f, row, "racemic-nasal-assembled", CLINICAL_NO_ANALYTE);
    row = find(f, "Lahti 2001", "ketamine", CLINICAL_CMAX, 0.3);
    simulated(f, row, "clements-1981", CLINICAL_UNKNOWN_PEAK);
    simulated(f, row, "otto-2021", CLINICAL_NO_ANALYTE);
    simulated(f, row, "herd-2007", CLINICAL_OTHER_PEOPLE);
    row = find(f, "Weber 2004", "esketamine", CLINICAL_LEVEL, 2);
    simulated(f, row, "flint-2017", CLINICAL_UNKNOWN_PEOPLE);
    simulated(f, row, "otto-2021", CLINICAL_OTHER_PEOPLE);
    row = find(f, "Rolan 2014", "ketamine", CLINICAL_TMAX, 25);
    simulated(f, row, "kamp-2020-linear", CLINICAL_NO_ROUTE);

    /* Children whose weight and age are stated do meet a model of children. */
    struct clinical_row child = *find(f, "Weber 2004", "esketamine", CLINICAL_LEVEL, 2);
    child.weight = 10;
    child.age = 1;
    const double level = simulated(f, &child, "flint-2017", CLINICAL_FITS);
    child.weight = 20;
    assert_true(fabs(simulated(f, &child, "flint-2017", CLINICAL_FITS) / level - 1) > 1e-3);
    /* The drug decides: S-ketamine is no racemate. */
    struct clinical_row other = *find(f, "Zarate 2006", "ketamine", CLINICAL_CMAX, 0.5);
    other.drug = "S-ketamine";
    simulated(f, &other, "kamp-2020-linear", CLINICAL_OTHER_DRUG);
}

/* --- honest bands --- */

/* 0.5 mg/kg of racemate over 40 min: between 100 and 300 ng/mL in every model of adults. */
static void test_racemic_band(void **state)
{
    struct fixture *f = *state;
    const struct clinical_row *row = find(f, "Zarate 2006", "ketamine", CLINICAL_CMAX, 0.5);
    int models = 0;
    for (int m = 0; m < library_count; m++) {
        struct model model;
        double share;
        double value;
        model_read(&model, library_entries[m].name, f->units, NOWHERE, &f->d);
        assert_no_errors(&f->d);
        if (clinical_fit(row, &model, &share) == CLINICAL_FITS) {
            clinical_simulate(row, &model, &value, &f->d);
            assert_no_errors(&f->d);
            assert_in_range((int64_t)value, 100, 299);
            models++;
        }
        model_clear(&model);
    }
    assert_true(models >= 5);
}

/* 84 mg of esketamine spray: the typical peak between 60 and 150 ng/mL. */
static void test_nasal_band(void **state)
{
    struct fixture *f = *state;
    struct clinical_row row = *find(f, "SPRAVATO label", "esketamine", CLINICAL_TMAX_FROM_LAST, 84);
    row.quantity = CLINICAL_CMAX;
    const double peak = simulated(f, &row, "perez-ruixo-2021", CLINICAL_FITS);
    assert_true(peak > 60 && peak < 150);
    assert_close(peak, 101.19, 0, 0.01);
}

/* --- models at a glance --- */

/* The level at the end of an infusion, 70 kg. A model of one enantiomer is given the same mg, and one of the racemate too:
 * the glance compares volumes and clearances, not drugs. */
static double end_of_infusion(const char *model, const char *dose, const char *over)
{
    char text[512];
    struct simulation sim;
    snprintf(text, sizeof(text),
             "{title: glance, model: %s, seed: 1, applicability: ignore,\n"
             "patients: {count: 1, variability: false, covariates: {weight: 70 kg}},\n"
             "arms: [{name: a, regimen: [{route: iv, %s, over: %s}]}],\n"
             "observe: {at: [%s]}}\n",
             model, dose, over, over);
    simulate(&sim, text, "exact", 1);
    const double level = simulation_levels(&sim, 0, 0, 0)[0];
    simulation_clear(&sim);
    return level;
}

static void test_glance(void **state)
{
    static const struct {
        const char *dose;
        const char *over;
        const char *model;
        double printed;
        double digit; /* the last that is printed */
    } cases[] = {
        {"dose: 10 mg", "30 min", "otto-2021", 49.9, 0.1},
        {"dose: 10 mg", "30 min", "perez-ruixo-2021", 38.7, 0.1},
        {"dose: 10 mg", "30 min", "kamp-2020-allometric", 86.9, 0.1},
        {"dose: 10 mg", "30 min", "simons-2022", 100.8, 0.1},
        {"dose: 20 mg", "20 min", "simons-2022", 268, 1},
        {"dose: 20 mg", "20 min", "kamp-2020-allometric", 227, 1},
        {"dose: 20 mg", "20 min", "perez-ruixo-2021", 84.6, 0.1},
        {"dose: 0.5 mg/kg", "40 min", "clements-1981", 177, 1},
        {"dose: 0.5 mg/kg", "40 min", "otto-2021", 158, 1},
        {"dose: 0.5 mg/kg", "40 min", "hijazi-2003", 225, 1},
        {"dose: 0.5 mg/kg", "40 min", "domino-1982", 240, 1},
        {"dose: 0.5 mg/kg", "40 min", "kamp-2020-allometric", 253, 1},
        {"dose: 0.5 mg/kg", "40 min", "kamp-2020-linear", 253, 1},
        {"rate: 0.6 mg/kg/h", "96 h", "domino-1982", 362, 1},
        {"rate: 0.6 mg/kg/h", "96 h", "otto-2021", 441, 1},
        {"rate: 0.6 mg/kg/h", "96 h", "kamp-2020-allometric", 500, 1},
        {"rate: 0.6 mg/kg/h", "96 h", "clements-1981", 524, 1},
        {"rate: 1.2 mg/kg/h", "72 h", "domino-1982", 725, 1},
        {"rate: 1.2 mg/kg/h", "72 h", "kamp-2020-allometric", 1000, 1},
        {"rate: 1.2 mg/kg/h", "72 h", "clements-1981", 1047, 1},
    };
    int differ = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const double level = end_of_infusion(cases[i].model, cases[i].dose, cases[i].over);
        if (!(fabs(level - cases[i].printed) <= cases[i].digit / 2)) {
            print_error("%s, %s over %s: %.6g, printed %g\n", cases[i].model, cases[i].dose, cases[i].over,
                        level, cases[i].printed);
            differ++;
        }
    }
    assert_int_equal(differ, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_embedded),    cmocka_unit_test(test_rows),
        cmocka_unit_test(test_values),      cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_comparisons), cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_profiles),    cmocka_unit_test(test_summary),
        cmocka_unit_test(test_misfits),     cmocka_unit_test(test_racemic_band),
        cmocka_unit_test(test_nasal_band),  cmocka_unit_test(test_glance),
    };
    return cmocka_run_group_tests(tests, create, destroy);
}
