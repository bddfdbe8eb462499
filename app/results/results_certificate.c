/* What the sample that was solved again comes to: added up over the file, whichever run found it; told; read back. */
#include "results_certificate.h"

#include "results_inner.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Of a run --- */

/* A simulation of the sample as the file has it. 0, or the errno. */
static int read_certified(const struct results *results, int64_t position, struct certified *certified)
{
    int code = 0;

    *certified = (struct certified){.position = position};
    for (int i = 0; i < results->layout.count && code == 0; i++) {
        const struct layout_variable *v = &results->layout.variables[i];
        const int64_t size = (int64_t)hdf_size(v->type);
        int32_t analyte = -1;
        uint8_t outcome = 0;
        void *value = v->index == SAMPLE_OUTCOME       ? (void *)&outcome
                      : v->index == SAMPLE_ANALYTE     ? (void *)&analyte
                      : v->index == SAMPLE_DISCREPANCY ? (void *)&certified->discrepancy
                      : v->index == SAMPLE_TIME        ? (void *)&certified->time
                      : v->index == SAMPLE_LEVEL       ? (void *)&certified->level
                      : v->index == SAMPLE_REFERENCE   ? (void *)&certified->reference
                      : v->index == SAMPLE_IMBALANCE   ? (void *)&certified->imbalance
                                                       : NULL;
        if (v->role != ROLE_SAMPLE || !value) {
            continue;
        }
        code = results_get(results, v, value, (size_t)size, position * size);
        if (v->index == SAMPLE_OUTCOME) {
            certified->outcome = (enum certificate_outcome)outcome;
        } else if (v->index == SAMPLE_ANALYTE) {
            certified->analyte = analyte;
        }
    }
    return code;
}

int results_certify(const struct results *results, struct certificate *certificate)
{
    int code = 0;

    *certificate = (struct certificate){0};
    for (int64_t i = 0; i < results->layout.sample.size && code == 0; i++) {
        struct certified certified;
        code = read_certified(results, i, &certified);
        certificate_add(certificate, &certified);
    }
    return code;
}

/* --- Attributes --- */

int certificate_set(struct hdf *file, const struct study *study, struct diagnostics *d)
{
    const struct certificate_text route = certificate_describe(study);
    const double limit = certificate_limit(study);

    if (hdf_set_text(file, NULL, "certificate_route", route.text, d) != 0 ||
        hdf_set_numbers(file, NULL, "certificate_limit", HDF_FLOAT64, &limit, 1, d) != 0) {
        return -1;
    }
    return hdf_set_numbers(file, NULL, "certificate_imbalance_limit", HDF_FLOAT64,
                           &CERTIFICATE_IMBALANCE_LIMIT, 1, d);
}

int certificate_set_outcome(struct hdf *file, const struct certificate *certificate, struct diagnostics *d)
{
    const bool any = certificate->compared > 0;
    const struct {
        const char *name;
        int64_t value;
    } counters[] = {
        {"certificate_compared", certificate->compared},
        {"certificate_differing", certificate->differing},
        {"certificate_unsolved", certificate->unsolved},
    };
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"certificate_discrepancy", any ? certificate->worst.discrepancy : (double)NAN},
        {"certificate_imbalance", any ? certificate->unbalanced.imbalance : (double)NAN},
    };

    for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
        if (hdf_set_numbers(file, NULL, counters[i].name, HDF_INT64, &counters[i].value, 1, d) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        if (hdf_set_numbers(file, NULL, numbers[i].name, HDF_FLOAT64, &numbers[i].value, 1, d) != 0) {
            return -1;
        }
    }
    return 0;
}

static int set_outcomes(struct hdf *file, const char *name, struct diagnostics *d)
{
    static const uint8_t values[] = {
#define X(symbol, value, word, text) value,
        CERTIFICATE_OUTCOME_LIST(X)
#undef X
    };
#define X(symbol, value, word, text) " " word
    static const char words[] = CERTIFICATE_OUTCOME_LIST(X);
#undef X
#define X(symbol, value, word, text) "; " #value ": " text
    static const char sentences[] = CERTIFICATE_OUTCOME_LIST(X);
#undef X

    if (hdf_set_numbers(file, name, "flag_values", HDF_UINT8, values, sizeof(values), d) != 0 ||
        hdf_set_text(file, name, "flag_meanings", words + 1, d) != 0) {
        return -1;
    }
    return hdf_set_text(file, name, "comment", sentences + 2, d);
}

/* Analytes by their numbers, and -1 for none. */
static int set_analytes(struct hdf *file, const char *name, const struct study *study, struct diagnostics *d)
{
    int32_t *values = calloc((size_t)study->analyte_count + 1, sizeof(*values));
    char *words = NULL;
    size_t size;
    FILE *out = open_memstream(&words, &size);
    int ret = -1;

    for (int i = 0; i <= study->analyte_count && values && out; i++) {
        values[i] = i - 1;
        fprintf(out, "%s%s", i > 0 ? " " : "", i > 0 ? study->analytes[i - 1] : "none");
    }
    const bool written = out && fclose(out) == 0;
    if (!values || !written) {
        diagnostics_out_of_memory(d);
    } else if (hdf_set_numbers(file, name, "flag_values", HDF_INT32, values, study->analyte_count + 1, d) ==
               0) {
        ret = hdf_set_text(file, name, "flag_meanings", words, d);
    }
    free(values);
    free(words);
    return ret;
}

int sample_set(struct hdf *file, const struct layout_variable *v, const struct study *study,
               struct diagnostics *d)
{
    return v->index == SAMPLE_OUTCOME   ? set_outcomes(file, v->name, d)
           : v->index == SAMPLE_ANALYTE ? set_analytes(file, v->name, study, d)
                                        : 0;
}

/* --- Of a result --- */

void result_certificate_read(struct result_certificate *certificate, struct result *result)
{
    struct hdf *file = result->file;
    const struct {
        const char *name;
        enum hdf_type type;
        void *value;
    } numbers[] = {
        {"certificate_compared", HDF_INT64, &certificate->compared},
        {"certificate_differing", HDF_INT64, &certificate->differing},
        {"certificate_unsolved", HDF_INT64, &certificate->unsolved},
        {"certificate_discrepancy", HDF_FLOAT64, &certificate->discrepancy},
        {"certificate_limit", HDF_FLOAT64, &certificate->limit},
        {"certificate_imbalance", HDF_FLOAT64, &certificate->imbalance},
        {"certificate_imbalance_limit", HDF_FLOAT64, &certificate->imbalance_limit},
    };

    *certificate = (struct result_certificate){0};
    char *route = hdf_text(file, NULL, "certificate_route");
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        if (!hdf_number(file, NULL, numbers[i].name, numbers[i].type, numbers[i].value)) {
            free(route);
            *certificate = (struct result_certificate){0}; /* half of one says nothing */
            return;
        }
    }
    snprintf(certificate->route.text, sizeof(certificate->route.text), "%s", route ? route : "");
    free(route);
}

struct result_certificate result_certificate_of(const struct study *study, const struct certificate *c)
{
    const bool any = c->compared > 0;

    return (struct result_certificate){
        .route = certificate_describe(study),
        .compared = c->compared,
        .differing = c->differing,
        .unsolved = c->unsolved,
        .discrepancy = any ? c->worst.discrepancy : (double)NAN,
        .limit = certificate_limit(study),
        .imbalance = any ? c->unbalanced.imbalance : (double)NAN,
        .imbalance_limit = CERTIFICATE_IMBALANCE_LIMIT,
    };
}

bool result_certificate_holds(const struct result_certificate *certificate)
{
    const struct certificate counts = {.compared = certificate->compared,
                                       .differing = certificate->differing,
                                       .unsolved = certificate->unsolved};

    return certificate_holds(&counts);
}

struct certificate_line result_certificate_describe(const struct result_certificate *certificate)
{
    const struct result_certificate *c = certificate;
    struct certificate_line line;
    char what[240];
    char unsolved[80] = "";

    if (c->unsolved > 0) {
        snprintf(unsolved, sizeof(unsolved), "; %" PRId64 " could not be, and nothing vouches for them",
                 c->unsolved);
    }
    if (c->compared == 0) {
        snprintf(line.text, sizeof(line.text), "no simulation was solved again by %s%s", c->route.text,
                 unsolved);
        return line;
    }
    if (c->differing > 0) {
        snprintf(what, sizeof(what), "%" PRId64 " of %" PRId64 " simulations solved again by %s do not agree",
                 c->differing, c->compared, c->route.text);
    } else {
        snprintf(what, sizeof(what), "%" PRId64 " simulation%s solved again by %s agree%s", c->compared,
                 c->compared == 1 ? "" : "s", c->route.text, c->compared == 1 ? "s" : "");
    }
    snprintf(line.text, sizeof(line.text),
             "%s: levels within %.2g (limit %.2g), mass balance within %.2g of the dose (limit %.2g)%s", what,
             c->discrepancy, c->limit, c->imbalance, c->imbalance_limit, unsolved);
    return line;
}

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *result_certificate_json(const struct result_certificate *certificate)
{
    const struct result_certificate *c = certificate;

    return json_pack("{s:s,s:I,s:I,s:I,s:o,s:o,s:o,s:o}", "route", c->route.text, "compared",
                     (json_int_t)c->compared, "differing", (json_int_t)c->differing, "unsolved",
                     (json_int_t)c->unsolved, "discrepancy", number_or_null(c->discrepancy), "limit",
                     number_or_null(c->limit), "imbalance", number_or_null(c->imbalance), "imbalance_limit",
                     number_or_null(c->imbalance_limit));
}
