/* study_equal - whether two studies are the same, field by field; for tests of the resolved study. */
#ifndef KETSIM_TESTS_STUDY_EQUAL_H
#define KETSIM_TESTS_STUDY_EQUAL_H

#include "check.h"

#include "app/study/study_read.h"
#include "model/individual.h"

/* Bit for bit; NaN equals NaN. */
static inline void assert_numbers_equal(const double *a, const double *b, int count)
{
    for (int i = 0; i < count; i++) {
        assert_memory_equal(&a[i], &b[i], sizeof(a[i]));
    }
}

static inline void assert_arms_equal(const struct study *study, const struct arm *a, const struct arm *b)
{
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->label, b->label);
    assert_int_equal(a->model, b->model);
    assert_int_equal(a->dose_count, b->dose_count);
    for (int i = 0; i < a->dose_count; i++) {
        const double one[] = {a->doses[i].time, a->doses[i].amount, a->doses[i].over, a->doses[i].share};
        const double two[] = {b->doses[i].time, b->doses[i].amount, b->doses[i].over, b->doses[i].share};
        assert_numbers_equal(one, two, 4);
        assert_int_equal(a->doses[i].route, b->doses[i].route);
        assert_int_equal(a->doses[i].basis, b->doses[i].basis);
    }
    assert_numbers_equal(a->axis_values, b->axis_values, study->axis_count);
    assert_int_equal(a->setting_count, b->setting_count);
    for (int i = 0; i < a->setting_count; i++) {
        assert_int_equal(a->settings[i].parameter, b->settings[i].parameter);
        assert_numbers_equal(&a->settings[i].value, &b->settings[i].value, 1);
    }
}

static inline void assert_populations_equal(const struct study *a, const struct study *b)
{
    assert_int_equal(a->covariate_count, b->covariate_count);
    for (int i = 0; i < a->covariate_count; i++) {
        const struct population_covariate *c = &a->covariates[i];
        const struct population_covariate *e = &b->covariates[i];
        const double one[] = {c->a, c->b, c->lowest, c->highest};
        const double two[] = {e->a, e->b, e->lowest, e->highest};
        assert_string_equal(c->name, e->name);
        assert_string_equal(c->unit, e->unit);
        assert_int_equal(c->kind, e->kind);
        assert_numbers_equal(one, two, 4);
        assert_int_equal(c->within, e->within);
        assert_int_equal(c->random_index, e->random_index);
    }
    assert_int_equal(a->copula.count, b->copula.count);
    for (int i = 0; i < a->copula.count; i++) {
        assert_int_equal(a->copula.covariates[i], b->copula.covariates[i]);
    }
    assert_numbers_equal(a->copula.lower, b->copula.lower, a->copula.count * a->copula.count);
}

static inline void assert_studies_equal(const struct study *a, const struct study *b)
{
    assert_string_equal(a->title, b->title);
    assert_true(a->seed == b->seed && a->patient_count == b->patient_count &&
                a->variability == b->variability);
    assert_int_equal(a->applicability, b->applicability);
    assert_int_equal(a->model_count, b->model_count);
    for (int i = 0; i < a->model_count; i++) {
        assert_string_equal(a->models[i].name, b->models[i].name);
    }
    assert_populations_equal(a, b);
    assert_int_equal(a->axis_count, b->axis_count);
    for (int i = 0; i < a->axis_count; i++) {
        assert_string_equal(a->axes[i].name, b->axes[i].name);
        assert_string_equal(a->axes[i].unit, b->axes[i].unit);
        assert_int_equal(a->axes[i].covariate, b->axes[i].covariate);
    }
    assert_int_equal(a->point_count, b->point_count);
    assert_int_equal(a->arm_count, b->arm_count);
    for (int i = 0; i < a->arm_count; i++) {
        assert_arms_equal(a, &a->arms[i], &b->arms[i]);
    }
    assert_int_equal(a->time_count, b->time_count);
    assert_numbers_equal(a->times, b->times, a->time_count);
    assert_int_equal(a->analyte_count, b->analyte_count);
    for (int i = 0; i < a->analyte_count; i++) {
        assert_string_equal(a->analytes[i], b->analytes[i]);
    }
    assert_int_equal(a->metric_count, b->metric_count);
    for (int i = 0; i < a->metric_count; i++) {
        const struct metric_request *x = &a->metrics[i];
        const struct metric_request *y = &b->metrics[i];
        assert_int_equal(x->metric, y->metric);
        assert_string_equal(x->name, y->name);
        assert_true(x->from == y->from && x->to == y->to && x->threshold == y->threshold);
    }
    assert_true(a->per_profile == b->per_profile && a->per_interval == b->per_interval);
    assert_true(a->slope.include_tmax == b->slope.include_tmax && a->slope.points == b->slope.points &&
                a->slope.fixed == b->slope.fixed && a->slope.from == b->slope.from &&
                a->slope.to == b->slope.to && a->slope.above == b->slope.above);
    assert_int_equal(a->quantile_count, b->quantile_count);
    assert_numbers_equal(a->quantiles, b->quantiles, a->quantile_count);
    assert_string_equal(a->auc_rule, b->auc_rule);
    assert_string_equal(a->method, b->method);
    assert_numbers_equal(&a->rtol, &b->rtol, 1);
    assert_numbers_equal(&a->atol, &b->atol, 1);
    assert_true(a->max_steps == b->max_steps && a->store == b->store && a->float32 == b->float32);
    assert_true(a->deflate == b->deflate);
    assert_int_equal(a->quantile_method, b->quantile_method);
}

/* The resolved study is the same study, and resolves to the same text. `name` is the file that it came from. */
static inline void check_round_trip(const struct study *study, const char *name)
{
    struct study again;
    struct diagnostics d;
    diagnostics_init(&d);
    char *resolved = document_write(&study->document);
    assert_non_null(resolved);
    assert_int_equal(study_parse(&again, name, resolved, strlen(resolved), NULL, 0, &d), 0);
    assert_no_errors(&d);
    char *resolved_again = document_write(&again.document);
    assert_non_null(resolved_again);
    assert_string_equal(resolved, resolved_again);
    assert_studies_equal(study, &again);
    free(resolved);
    free(resolved_again);
    study_clear(&again);
    diagnostics_clear(&d);
}

#endif
