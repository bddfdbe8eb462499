/* Variables of texts, and what a result says of the sensitivity that it holds. */
#include "results_inner.h"

#include "solver/sensitivity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Variables of texts --- */

/* The first arm of an arm as written: those of all points follow each other. */
static const struct arm *treatment_arm(const struct study *study, int64_t treatment)
{
    return &study->arms[treatment * sensitivity_points(study)];
}

/* Its name, and its model where another of the name has another. */
static void put_treatment(FILE *out, const struct layout *layout, const struct study *study,
                          int64_t treatment)
{
    const struct arm *arm = treatment_arm(study, treatment);
    int alike = 0;

    for (int64_t i = 0; i < layout->sizes[DIMENSION_TREATMENT]; i++) {
        alike += strcmp(treatment_arm(study, i)->name, arm->name) == 0;
    }
    fprintf(out, "%s%s%s", arm->name, alike > 1 ? ", " : "", alike > 1 ? study->models[arm->model].name : "");
}

/* The name of the `number`-th variable that blocks write. */
static const char *checked_name(const struct layout *layout, int64_t number)
{
    const struct layout_variable *v = layout->variables;

    while (!layout_is_checked(v) || number-- > 0) {
        v++;
    }
    return v->name;
}

static const char *baseline_of(const struct study *study, int64_t arm)
{
    const struct arm *baseline = study->arms[arm].baseline;

    return baseline ? baseline->label : "";
}

static void put_text(FILE *out, const struct layout *layout, const struct layout_variable *v,
                     const struct study *study, int64_t i)
{
    switch (v->dimensions[0]) {
    case DIMENSION_TREATMENT:
        put_treatment(out, layout, study, i);
        break;
    case DIMENSION_METRIC:
        fputs(v->role == ROLE_METRIC_UNIT ? layout_metric(layout, i)->unit : layout_metric(layout, i)->name,
              out);
        break;
    case DIMENSION_CHECKED:
        fputs(checked_name(layout, i), out);
        break;
    case DIMENSION_AXIS:
        fputs(study->axes[i].name, out);
        break;
    case DIMENSION_INPUT:
        fputs(v->role == ROLE_INPUT_TEXT ? study->inputs[i].text : study->inputs[i].name, out);
        break;
    default:
        fputs(v->role == ROLE_MODEL      ? study->models[study->arms[i].model].name
              : v->role == ROLE_ARM_NAME ? study->arms[i].name
              : v->role == ROLE_BASELINE ? baseline_of(study, i)
                                         : study->arms[i].label,
              out);
        break;
    }
    putc('\0', out);
}

int texts_write(struct hdf *file, const struct layout *layout, const struct layout_variable *v,
                const struct study *study, struct diagnostics *d)
{
    const int64_t count = layout_values(layout, v);
    const char **texts = calloc((size_t)count + 1, sizeof(*texts));
    char *all = NULL;
    size_t size;
    FILE *out = open_memstream(&all, &size);
    int ret = -1;

    for (int64_t i = 0; i < count && out; i++) {
        put_text(out, layout, v, study, i);
    }
    const bool written = out && fclose(out) == 0;
    if (!texts || !written) {
        diagnostics_out_of_memory(d);
    } else {
        const char *text = all;
        for (int64_t i = 0; i < count; i++, text += strlen(text) + 1) {
            texts[i] = text;
        }
        ret = hdf_write_texts(file, v->name, texts, d);
    }
    free(texts);
    free(all);
    return ret;
}

/* --- Sensitivity --- */

int gaps_set(struct hdf *file, const char *name, struct diagnostics *d)
{
    static const uint8_t values[] = {
#define X(symbol, value, word, text) value,
        SENSITIVITY_GAP_LIST(X)
#undef X
    };
#define X(symbol, value, word, text) " " word
    static const char words[] = SENSITIVITY_GAP_LIST(X);
#undef X
#define X(symbol, value, word, text) "; " #value ": " text
    static const char sentences[] = SENSITIVITY_GAP_LIST(X);
#undef X

    if (hdf_set_numbers(file, name, "flag_values", HDF_UINT8, values, sizeof(values), d) != 0 ||
        hdf_set_text(file, name, "flag_meanings", words + 1, d) != 0) {
        return -1;
    }
    return hdf_set_text(file, name, "comment", sentences + 2, d);
}

int sensitivity_set(struct hdf *file, const struct study *study, struct diagnostics *d)
{
    const struct sensitivity *s = &study->sensitivity;
    const int64_t points = s->kind == SENSITIVITY_NONE ? 0 : sensitivity_points(study);
    char patients[64] = "mean";

    if (s->kind == SENSITIVITY_NONE) {
        return 0;
    }
    if (!isnan(s->quantile)) {
        snprintf(patients, sizeof(patients), "quantile %.17g", s->quantile);
    }
    if (hdf_set_text(file, NULL, "sensitivity", sensitivity_method(s->kind)->name, d) != 0 ||
        hdf_set_text(file, NULL, "sensitivity_method", sensitivity_method(s->kind)->doc, d) != 0 ||
        hdf_set_text(file, NULL, "sensitivity_patients", patients, d) != 0 ||
        hdf_set_numbers(file, NULL, "sensitivity_rows", HDF_INT64, &s->rows, 1, d) != 0 ||
        hdf_set_numbers(file, NULL, "sensitivity_points", HDF_INT64, &points, 1, d) != 0 ||
        hdf_set_numbers(file, NULL, "sensitivity_confidence", HDF_FLOAT64, &s->confidence, 1, d) != 0) {
        return -1;
    }
    return hdf_set_numbers(file, NULL, "sensitivity_replicates", HDF_INT64, &s->replicates, 1, d);
}
