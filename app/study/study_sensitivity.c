/* What a study asks of a design for sensitivity: which points it has is the sweep's affair. */
#include "study_reader.h"

#include "model/design.h"
#include "model/number.h"
#include "solver/sensitivity.h"

#include <math.h>
#include <stdlib.h>

enum { REPLICATES_MIN = 100, REPLICATES_MAX = 100000 };

/* The design of the sweep, where there is one and it draws. */
static const struct design *design_of(const struct study_reader *r)
{
    const struct node *node = node_find(study_root(r, "sweep"), "design");
    return node_is_scalar(node) ? design_find(node->text) : NULL;
}

static enum sensitivity_kind kind_of(const struct study_reader *r)
{
    const struct design *design = design_of(r);
    return design ? design->sensitivity : SENSITIVITY_NONE;
}

int study_prepare_sensitivity(struct study_reader *r)
{
    const struct node *section = study_root(r, "sensitivity");
    if (kind_of(r) != SENSITIVITY_NONE) {
        return study_fill_in(r, r->root, "sensitivity", "{}");
    }
    if (section) {
        study_error(r, section, "sensitivity is of a sweep whose design is saltelli or morris");
    }
    return 0;
}

/* "mean", "median", or a quantile in (0, 1). */
static void read_patients(struct study_reader *r, const struct node *node)
{
    struct units_error why;
    double quantile = NAN;
    if (!node_is_scalar(node) || node_reads(node, "mean")) {
        r->study->sensitivity.quantile = NAN;
        return;
    }
    if (node_reads(node, "median")) {
        quantile = 0.5;
    } else if (units_read(r->units, node->text, "1", &quantile, &why) || !(quantile > 0 && quantile < 1)) {
        study_error(r, node,
                    "\"%s\" stands for no patients: write mean, median, or a quantile between 0 and 1",
                    node->text);
    }
    r->study->sensitivity.quantile = quantile;
}

static void check_points(struct study_reader *r)
{
    const struct node *points = node_find(study_root(r, "sweep"), "points");
    if (points && r->study->sensitivity.rows > 0 && r->study->sensitivity.rows < SENSITIVITY_ROWS_MIN) {
        study_error(r, points, "%s needs %d points at least; hundreds make good estimates", r->design->name,
                    SENSITIVITY_ROWS_MIN);
    }
}

/* Estimates are of what the result holds. */
static void check_metrics(struct study_reader *r)
{
    const struct study *study = r->study;
    const struct node *design = node_find(study_root(r, "sweep"), "design");
    if (!(study->store & STORE_EXPOSURE)) {
        study_error(r, design, "%s is about exposure metrics, and output.store has no \"exposure\"",
                    design->text);
    } else if (!study->per_profile) {
        study_error(r, design, "%s is about metrics of whole profiles, and exposure.per has no \"profile\"",
                    design->text);
    } else if (study->metric_count == 0) {
        study_error(r, design, "%s is about exposure metrics, and exposure.metrics has none", design->text);
    }
}

void study_read_sensitivity(struct study_reader *r)
{
    const struct node *section = study_root(r, "sensitivity");
    const struct node *replicates = node_find(section, "replicates");
    const struct node *confidence = node_find(section, "confidence");
    struct sensitivity *s = &r->study->sensitivity;
    double fraction = 0;
    uint64_t count;
    if (kind_of(r) == SENSITIVITY_NONE) {
        return;
    }
    read_patients(r, node_find(section, "patients"));
    if (study_quantity(r, confidence, "1", BOUND_NONE, &fraction) && !(fraction > 0 && fraction < 1)) {
        study_error(r, confidence, "the confidence \"%s\" must lie between 0 and 1", confidence->text);
    }
    s->confidence = fraction;
    if (node_is_scalar(replicates) && number_read_whole(replicates->text, &count)) {
        if (count < REPLICATES_MIN || count > REPLICATES_MAX) {
            study_error(r, replicates, "replicates must be %d to %d", REPLICATES_MIN, REPLICATES_MAX);
        }
        s->replicates = (int64_t)count;
    }
    check_points(r);
    check_metrics(r);
}

int study_take_design(struct study_reader *r, int64_t asked, const double *u)
{
    struct study *study = r->study;
    struct sensitivity *s = &study->sensitivity;
    const int axes = study->axis_count;
    s->kind = r->design->sensitivity;
    if (s->kind == SENSITIVITY_NONE) {
        return 0;
    }
    s->rows = asked;
    if (s->kind != SENSITIVITY_MORRIS) {
        return 0;
    }
    s->steps = malloc(((size_t)asked * (size_t)axes + 1) * sizeof(*s->steps));
    if (!s->steps) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int64_t row = 0; row < asked; row++, u += (axes + 1) * axes) {
        for (int a = 0; a < axes; a++) {
            s->steps[row * axes + a] = u[(a + 1) * axes + a] - u[a];
        }
    }
    return 0;
}
