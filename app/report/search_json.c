/* The answer of `ketsim optimize` for programs: all that was found, and what it was found from. */
#include "search_answer.h"

#include "app/results/results_certificate.h"
#include "app/results/version.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

/* A map of what follows; NULL without memory. */
static json_t *whole_or_none(json_t *object, int failed)
{
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *number_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* --- candidates --- */

static json_t *candidate_json(const struct study *study, int64_t candidate)
{
    const struct optimize *optimize = &study->optimize;
    json_t *object;
    int failed = 0;

    if (candidate < 0) {
        return json_null();
    }
    object = json_object();
    failed |= json_object_set_new(object, "text", json_string(optimize->candidates[candidate].text));
    failed |= json_object_set_new(object, "value", number_json(optimize->candidates[candidate].value));
    failed |= json_object_set_new(object, "unit", json_string(optimize->unit));
    return whole_or_none(object, failed);
}

/* {first, last}, or null where there is none. */
static json_t *range_json(const struct study *study, struct candidates range)
{
    json_t *object;
    int failed = 0;

    if (range.last < range.first) {
        return json_null();
    }
    object = json_object();
    failed |= json_object_set_new(object, "first", candidate_json(study, range.first));
    failed |= json_object_set_new(object, "last", candidate_json(study, range.last));
    return whole_or_none(object, failed);
}

/* --- what is asked --- */

static json_t *constraint_json(const struct study *study, const struct constraint *constraint)
{
    json_t *object = json_object();
    int failed = 0;

    failed |= json_object_set_new(object, "text", json_string(constraint_describe(study, constraint).text));
    failed |= json_object_set_new(object, "analyte", json_string(study->analytes[constraint->analyte]));
    if (constraint->metric >= 0) {
        failed |= json_object_set_new(object, "metric", json_string(study->metrics[constraint->metric].name));
    } else {
        failed |= json_object_set_new(object, "at", json_string(constraint->time_text));
        failed |= json_object_set_new(object, "at_hours", number_json(study->times[constraint->time]));
    }
    failed |= json_object_set_new(object, constraint->below ? "below" : "above",
                                  number_json(constraint->threshold));
    failed |= json_object_set_new(object, "unit", json_string(constraint->unit));
    failed |= json_object_set_new(object, constraint->at_most ? "at_most" : "at_least",
                                  number_json(constraint->probability));
    return whole_or_none(object, failed);
}

static json_t *constraints_json(const struct study *study)
{
    json_t *list = json_array();
    int failed = 0;

    for (int i = 0; i < study->optimize.constraint_count; i++) {
        failed |= json_array_append_new(list, constraint_json(study, &study->optimize.constraints[i]));
    }
    return whole_or_none(list, failed);
}

/* --- what was tried --- */

static json_t *estimate_json(const struct study *study, const struct treatment_search *search,
                             const struct candidate_tally *tally, int number)
{
    const struct probability p = treatment_probability(search, tally->candidate, number);
    const int64_t count = threshold_search_counts(&search->found, tally->candidate)[number];
    json_t *object = json_object();
    int failed = 0;

    failed |= json_object_set_new(object, "count", json_integer(count));
    failed |= json_object_set_new(object, "missing", json_integer(tally->missing[number]));
    failed |= json_object_set_new(object, "probability", number_json(p.value));
    failed |= json_object_set_new(object, "lower", number_json(p.lower));
    failed |= json_object_set_new(object, "upper", number_json(p.upper));
    failed |= json_object_set_new(object, "kept",
                                  json_boolean(constraint_is_kept(&study->optimize.constraints[number], p)));
    return whole_or_none(object, failed);
}

/* How many patients break which limits of the model: {"dose": 1000}. */
static json_t *outside_json(const struct study *study, const struct candidate_tally *tally)
{
    json_t *object = json_object();
    int failed = 0;

    for (int i = 0; i < limit_count(study); i++) {
        if (tally->outside[i] > 0) {
            failed |= json_object_set_new(object, limit_name(study, i), json_integer(tally->outside[i]));
        }
    }
    return whole_or_none(object, failed);
}

static json_t *tried_json(const struct study *study, const struct treatment_search *search, int64_t candidate)
{
    const struct candidate_tally *tally = treatment_tally(search, candidate);
    json_t *object = candidate_json(study, candidate);
    json_t *constraints = json_array();
    int failed = 0;

    for (int i = 0; i < study->optimize.constraint_count; i++) {
        failed |= json_array_append_new(constraints, estimate_json(study, search, tally, i));
    }
    failed |= json_object_set_new(object, "failed", json_integer(tally->failed));
    failed |= json_object_set_new(object, "outside_validity", outside_json(study, tally));
    failed |= json_object_set_new(object, "constraints", constraints);
    return whole_or_none(object, failed);
}

/* --- what was found --- */

/* The values of the sweep's axes at the treatment's point: {"weight": {"value": 60, "unit": "kg"}}. */
static json_t *point_json(const struct study *study, const struct treatment_search *search)
{
    json_t *object = json_object();
    int failed = 0;

    for (int i = 0; i < study->axis_count - 1; i++) { /* the last is that of the candidates */
        json_t *value = json_object();
        failed |= json_object_set_new(value, "value", number_json(search->arms[0].axis_values[i]));
        failed |= json_object_set_new(value, "unit", json_string(study->axes[i].unit));
        failed |= json_object_set_new(object, study->axes[i].name, value);
    }
    return whole_or_none(object, failed);
}

/* For `ketsim run --set`, to simulate what is recommended. */
static json_t *settings_json(const struct study *study, const struct treatment_search *search)
{
    json_t *list = json_array();
    struct setting_text setting;
    int failed = 0;

    for (int i = 0; treatment_setting(&setting, study, search, i); i++) {
        failed |= json_array_append_new(list, json_string(setting.text));
    }
    return whole_or_none(list, failed);
}

/* Ranges of candidates; null where the search was refused. */
static int set_ranges(json_t *object, const struct study *study, const struct treatment_search *search)
{
    const struct candidates none = {0, -1};
    const bool known = !search->refused;
    const struct recommended_range error = treatment_error(study, search);
    json_t *met = json_array();
    int failed = 0;

    for (int i = 0; i < study->optimize.constraint_count; i++) {
        failed |= json_array_append_new(met, range_json(study, known ? search->found.met[i] : none));
    }
    failed |= json_object_set_new(object, "kept_by", met);
    failed |= json_object_set_new(object, "all", range_json(study, known ? search->found.all : none));
    failed |= json_object_set_new(object, "sure", range_json(study, known ? search->found.sure : none));
    failed |= json_object_set_new(object, "open", range_json(study, known ? search->found.open : none));
    failed |= json_object_set_new(object, "recommended", candidate_json(study, search->recommended));
    failed |= json_object_set_new(object, "recommended_sure",
                                  candidate_json(study, search->recommended < 0 ? -1 : error.sure));
    failed |= json_object_set_new(object, "recommended_open",
                                  candidate_json(study, search->recommended < 0 ? -1 : error.open));
    return failed;
}

static json_t *treatment_json(const struct study *study, const struct treatment_search *search)
{
    json_t *object = json_object();
    json_t *tried = json_array();
    const struct result_certificate certificate = result_certificate_of(study, &search->report.certificate);
    char *label = treatment_label(study, search);
    int failed = label == NULL;

    for (int64_t i = 0; i < search->found.tried_count; i++) {
        failed |= json_array_append_new(tried, tried_json(study, search, search->found.tried[i]));
    }
    failed |= json_object_set_new(object, "arm", json_string(label != NULL ? label : ""));
    failed |= json_object_set_new(object, "arm_name", json_string(search->arms[0].name));
    failed |= json_object_set_new(object, "model", json_string(study->models[search->arms[0].model].name));
    failed |= json_object_set_new(object, "sweep", point_json(study, search));
    failed |= set_ranges(object, study, search);
    failed |= json_object_set_new(object, "settings", settings_json(study, search));
    failed |= json_object_set_new(object, "monotone", json_boolean(search->found.uneven < 0));
    failed |= json_object_set_new(object, "refused", json_boolean(search->refused));
    failed |= json_object_set_new(object, "simulations", json_integer(search->report.finished));
    failed |= json_object_set_new(object, "failed", json_integer(search->report.failed));
    failed |= json_object_set_new(object, "certificate", result_certificate_json(&certificate));
    failed |= json_object_set_new(object, "tried", tried);
    free(label);
    return whole_or_none(object, failed);
}

/* --- the whole --- */

static json_t *models_json(const struct study *study)
{
    json_t *object = json_object();
    int failed = 0;

    for (int i = 0; i < study->model_count; i++) {
        failed |= json_object_set_new(object, study->models[i].name, json_string(study->models[i].citation));
    }
    if (study->effect_site != NULL) {
        failed |=
            json_object_set_new(object, study->effect_site->name, json_string(study->effect_site->citation));
    }
    return whole_or_none(object, failed);
}

static json_t *answer_json(const struct search_answer *answer, const char *resolved)
{
    const struct study *study = answer->study;
    const struct optimize *optimize = &study->optimize;
    json_t *object = json_object();
    json_t *treatments = json_array();
    struct version version;
    int failed = 0;

    version_init(&version);
    for (int i = 0; i < answer->treatment_count; i++) {
        failed |= json_array_append_new(treatments, treatment_json(study, &answer->treatments[i]));
    }
    failed |= json_object_set_new(object, "title", json_string(study->title));
    failed |= json_object_set_new(object, "vary", json_string(optimize->vary));
    failed |= json_object_set_new(object, "candidates",
                                  range_json(study, (struct candidates){0, optimize->candidate_count - 1}));
    failed |= json_object_set_new(object, "candidate_count", json_integer(optimize->candidate_count));
    failed |= json_object_set_new(object, "prefer", json_string(optimize->largest ? "largest" : "smallest"));
    failed |= json_object_set_new(object, "constraints", constraints_json(study));
    failed |= json_object_set_new(object, "patients", json_integer(study->patient_count));
    failed |= json_object_set_new(object, "seed", json_integer((json_int_t)study->seed));
    failed |= json_object_set_new(object, "confidence", json_real(0.95));
    failed |= json_object_set_new(object, "treatments", treatments);
    failed |= json_object_set_new(object, "all_treatments", range_json(study, answer_common(answer)));
    failed |= json_object_set_new(object, "models", models_json(study));
    failed |= json_object_set_new(object, "study", json_string(resolved));
    failed |= json_object_set_new(object, "ketsim", json_string(version.provenance.version));
    failed |= json_object_set_new(object, "notice", json_string(answer_notice));
    return whole_or_none(object, failed);
}

int answer_print_json(FILE *out, const struct search_answer *answer)
{
    char *resolved = document_write(&answer->study->document);
    json_t *object = resolved != NULL ? answer_json(answer, resolved) : NULL;
    const int failed =
        object == NULL || json_dumpf(object, out, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) != 0;

    json_decref(object);
    free(resolved);
    putc('\n', out);
    return failed ? -1 : 0;
}
