/* What the answer stands on: models with their sources and limits, patients outside of them, and how it was made. */
#include "report.h"

#include "app/results/results_certificate.h"

#include "solver/sweep.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENTS_NAMED = 5, BLOCK = 4096 };

/* --- Patients in doubt --- */

/* Patients to be named: how many, and the first of them. */
struct named {
    int64_t simulations;
    int64_t patients; /* of the arm where it is most */
    int64_t first[PATIENTS_NAMED];
    int first_count;
};

static void named_add(struct named *named, int64_t patient)
{
    for (int i = 0; i < named->first_count; i++) {
        if (named->first[i] == patient) {
            return;
        }
    }
    if (named->first_count < PATIENTS_NAMED) {
        named->first[named->first_count++] = patient;
    }
}

/* Whom `wanted` is true of, in the arms of a model (NULL: of all). */
static int named_find(struct named *named, struct report *report, enum role role, const char *model,
                      bool (*wanted)(double value, int number), int number)
{
    struct result *result = &report->result;
    const struct result_variable *v = result_find(result, role, NULL, NULL);
    const int64_t patients = result->sizes[DIMENSION_PATIENT];
    double values[BLOCK];

    *named = (struct named){0};
    for (int64_t arm = 0; v && arm < result->sizes[DIMENSION_ARM]; arm++) {
        int64_t count = 0;
        if (model && strcmp(result->arm_models[arm], model) != 0) {
            continue;
        }
        for (int64_t first = 0; first < patients; first += BLOCK) {
            const int64_t part = patients - first < BLOCK ? patients - first : BLOCK;
            if (result_read(result, v, arm, first, part, values, report->d) != 0) {
                return -1;
            }
            for (int64_t i = 0; i < part; i++) {
                if (wanted(values[i], number)) {
                    count++;
                    named_add(named, first + i);
                }
            }
        }
        named->simulations += count;
        named->patients = count > named->patients ? count : named->patients;
    }
    return 0;
}

static bool has_bit(double value, int bit)
{
    return value > 0 && value <= INT32_MAX && ((uint32_t)value >> bit & 1);
}

static bool is_status(double value, int status)
{
    return (int)value == status;
}

static bool is_above(double value, int limit)
{
    return value > limit;
}

/* "patients 3, 7, 12, ...", by their number in the result. malloc'ed. */
static char *name_patients(struct report *report, const struct named *named)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int64_t id;

    if (!out) {
        return NULL;
    }
    for (int i = 0; i < named->first_count; i++) {
        if (hdf_read(report->result.file, dimension_name(DIMENSION_PATIENT), HDF_INT64, &named->first[i],
                     (int64_t[]){1}, &id, report->d) != 0) {
            break;
        }
        fprintf(out, "%s%" PRId64, i > 0 ? ", " : named->first_count > 1 ? "patients " : "patient ", id);
    }
    fputs(named->patients > named->first_count ? ", ..." : "", out);
    fclose(out);
    return text;
}

static int tell_limits(struct report *report)
{
    for (int i = 0; i < report->limits.count; i++) {
        const struct broken_limit *limit = &report->limits.items[i];
        struct named named;
        if (named_find(&named, report, ROLE_OUTSIDE, limit->model, has_bit, limit->bit) != 0) {
            return -1;
        }
        char *who = name_patients(report, &named);
        page_warning(&report->page,
                     "Outside what the source of %s studied, by %s: %" PRId64
                     " simulations, in one arm up to %" PRId64
                     " patients (%s). What the model says of them is extrapolated.",
                     limit->model, limit->name, limit->simulations, named.patients, who ? who : "");
        free(who);
    }
    return 0;
}

static int tell_failures(struct report *report)
{
    static const struct {
        int status;
        const char *text;
    } statuses[] = {
#define X(symbol, value, text) {value, text},
        PATIENT_STATUS_LIST(X)
#undef X
    };

    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        struct named named;
        if (statuses[i].status == PATIENT_SIMULATED) {
            continue;
        }
        if (named_find(&named, report, ROLE_STATUS, NULL, is_status, statuses[i].status) != 0) {
            return -1;
        }
        if (named.simulations > 0) {
            char *who = name_patients(report, &named);
            page_warning(&report->page,
                         "Not simulated, and in none of the numbers: %" PRId64 " simulations (%s): %s.",
                         named.simulations, who ? who : "", statuses[i].text);
            free(who);
        }
    }
    return 0;
}

static int tell_clamped(struct report *report)
{
    struct named named;

    if (named_find(&named, report, ROLE_CLAMPED, NULL, is_above, 0) != 0) {
        return -1;
    }
    if (named.simulations > 0) {
        char *who = name_patients(report, &named);
        page_paragraph(&report->page,
                       "A parameter was drawn outside its physical range and set to the limit in %" PRId64
                       " simulations (%s).",
                       named.simulations, who ? who : "");
        free(who);
    }
    return 0;
}

/* Whether the levels agree with those found by another route. */
static void tell_certificate(struct report *report)
{
    struct result_certificate certificate;

    result_certificate_read(&certificate, &report->result);
    if (!result_certificate_holds(&certificate)) {
        page_warning(&report->page,
                     "The levels were checked: %s. The numbers of this result cannot be relied on.",
                     result_certificate_describe(&certificate).text);
    } else if (certificate.route.text[0]) {
        page_paragraph(&report->page, "The levels were checked: %s.",
                       result_certificate_describe(&certificate).text);
    }
}

int report_doubts(struct report *report)
{
    page_heading(&report->page, "What limits it");
    if (tell_limits(report) != 0 || tell_failures(report) != 0 || tell_clamped(report) != 0) {
        return -1;
    }
    for (int i = 0; report->summarized && i < report->summary.slopes.count; i++) {
        const struct doubtful_slope *slope = &report->summary.slopes.items[i];
        char *text = doubtful_slope_describe(slope);
        page_warning(&report->page, "Doubtful terminal slope of %s: %" PRId64 " of %" PRId64 " (%s).",
                     slope->analyte, slope->doubtful, slope->simulated, text ? text : "");
        free(text);
    }
    tell_certificate(report);
    if (report->limits.count == 0) {
        page_paragraph(&report->page,
                       "No patient and no dose lies outside what the models' sources studied.");
    }
    page_paragraph(
        &report->page,
        "A model describes the patients and doses that its source studied, and says nothing of the "
        "patient before you. Levels are no effects.");
    return 0;
}

/* --- Models --- */

static void tell_range(struct report *report, const char *what, double lowest, double highest,
                       const char *unit)
{
    const char *shown = strcmp(unit, "1") == 0 ? "" : unit;

    if (isfinite(lowest) && isfinite(highest)) {
        page_item(&report->page, "%s %g to %g %s", what, lowest, highest, shown);
    } else if (isfinite(lowest)) {
        page_item(&report->page, "%s %g %s or more", what, lowest, shown);
    } else if (isfinite(highest)) {
        page_item(&report->page, "%s %g %s or less", what, highest, shown);
    }
}

/* What only the text of the model knows. */
static void tell_model_text(struct report *report, const struct model *model)
{
    char text[96];

    page_paragraph(&report->page, "Population: %s.", model->population ? model->population : "not stated");
    page_list_begin(&report->page);
    page_item(&report->page, "describes: %s", model->age_group);
    for (int i = 0; i < model->covariate_count; i++) {
        const struct covariate *c = &model->covariates[i];
        tell_range(report, c->name, c->lowest, c->highest, c->unit);
    }
    for (int i = 0; i < model->route_count; i++) {
        snprintf(text, sizeof(text), "%s dose", model->routes[i].name);
        tell_range(report, text, model->routes[i].lowest_dose, model->routes[i].highest_dose, "mg");
    }
    page_list_end(&report->page);
    if (model->discrepancy_count > 0) {
        page_paragraph(&report->page, "What the source gets wrong or leaves out:");
        page_list_begin(&report->page);
        for (int i = 0; i < model->discrepancy_count; i++) {
            page_item(&report->page, "%s", model->discrepancies[i]);
        }
        page_list_end(&report->page);
    }
}

static void tell_attribute(struct report *report, const char *what, char *text)
{
    if (text && *text) {
        page_paragraph(&report->page, "%s%s", what, text);
    }
    free(text);
}

static int tell_model(struct report *report, const char *name, struct units *units)
{
    char *text = result_model_text(&report->result, "model", name);
    char *title = result_model_text(&report->result, "title", name);
    char *doi = result_model_text(&report->result, "doi", name);
    struct model model = {0};
    struct diagnostics ignored;

    diagnostics_init(&ignored);
    page_subheading(&report->page, "%s: %s", name, title ? title : "");
    tell_attribute(report, "Source: ", result_model_text(&report->result, "citation", name));
    page_doi(&report->page, doi);
    tell_attribute(report, "Drug: ", result_model_text(&report->result, "drug", name));
    tell_attribute(report, "Samples: ", result_model_text(&report->result, "sampling", name));
    if (text && model_parse(&model, name, text, strlen(text), units, &ignored) == 0) {
        tell_model_text(report, &model);
        model_clear(&model);
    } else {
        page_warning(&report->page,
                     "This version of ketsim cannot read the model's text, which says whom it describes.");
    }
    const int ret = ignored.out_of_memory ? diagnostics_out_of_memory(report->d) : 0;
    diagnostics_clear(&ignored);
    free(text);
    free(title);
    free(doi);
    return ret;
}

int report_models(struct report *report)
{
    struct units *units = units_create();
    int ret = units ? 0 : diagnostics_out_of_memory(report->d);

    page_heading(&report->page, "Models");
    for (int i = 0; i < report->result.model_count && ret == 0; i++) {
        ret = tell_model(report, report->result.models[i], units);
    }
    tell_attribute(report, "Effect site: ", result_text(&report->result, "effect_site_citation"));
    tell_attribute(report, "Limits of the effect site: ", result_text(&report->result, "effect_site_limits"));
    units_free(units);
    return ret;
}

/* --- Origin --- */

void report_origin(struct report *report)
{
    static const char *const facts[] = {"ketsim_version", "ketsim_revision", "sundials_version",
                                        "hdf5_version",   "compiler",        "solver_method"};
    struct result *result = &report->result;
    char *resolved = result_text(result, "resolved_study");
    uint64_t seed = 0;

    page_heading(&report->page, "How to make it again");
    page_paragraph(&report->page,
                   "Save the study below as study.yaml; `ketsim run study.yaml -o again.h5` gives the same "
                   "numbers. Paths in it are relative to the folder of the file.");
    page_list_begin(&report->page);
    if (hdf_number(result->file, NULL, "seed", HDF_UINT64, &seed)) {
        page_item(&report->page, "seed: %" PRIu64, seed);
    }
    for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
        char *text = result_text(result, facts[i]);
        page_item(&report->page, "%s: %s", facts[i], text ? text : "not stated");
        free(text);
    }
    page_list_end(&report->page);
    page_lines(&report->page, resolved ? resolved : "");
    free(resolved);
}
