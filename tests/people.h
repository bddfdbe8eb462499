/* people - who the simulated patients of a study are: covariates, random effects, parameters, and levels. */
#ifndef KETSIM_TESTS_PEOPLE_H
#define KETSIM_TESTS_PEOPLE_H

#include "check.h"

#include "app/study/study_read.h"
#include "solver/sweep.h"

struct person {
    int status;
    double covariates[16];
    double etas[MODEL_PARAMETERS_MAX];
    double parameters[MODEL_PARAMETERS_MAX];
};

struct people {
    struct study study;
    struct diagnostics d;
    struct sweep_report report;
    struct person *persons; /* [arm][patient] */
    double *levels;         /* [arm][patient][analyte][time]; NaN where the arm's model has none */
};

static inline int64_t people_number(const struct people *p, int arm, int64_t patient)
{
    return arm * p->study.patient_count + patient;
}

static inline const struct person *people_at(const struct people *p, int arm, int64_t patient)
{
    return &p->persons[people_number(p, arm, patient)];
}

static inline size_t people_levels_size(const struct people *p)
{
    return (size_t)p->study.analyte_count * (size_t)p->study.time_count;
}

static inline const double *people_levels(const struct people *p, int arm, int64_t patient)
{
    return p->levels + (size_t)people_number(p, arm, patient) * people_levels_size(p);
}

/* Of the arm's model, internal units. */
static inline double people_parameter(const struct people *p, int arm, int64_t patient, const char *name)
{
    const int parameter = model_parameter(&p->study.models[p->study.arms[arm].model], name);
    assert_true(parameter >= 0);
    return people_at(p, arm, patient)->parameters[parameter];
}

static inline double people_eta(const struct people *p, int arm, int64_t patient, const char *name)
{
    const struct model *model = &p->study.models[p->study.arms[arm].model];
    const int parameter = model_parameter(model, name);
    assert_true(parameter >= 0 && model->parameters[parameter].effect >= 0);
    return people_at(p, arm, patient)->etas[model->parameters[parameter].effect];
}

static inline int people_take(void *payload, const struct simulated *patients, int count)
{
    struct people *p = payload;
    for (int i = 0; i < count; i++) {
        const int64_t number = people_number(p, patients[i].arm, patients[i].patient);
        struct person *person = &p->persons[number];
        person->status = (int)patients[i].status;
        memcpy(person->covariates, patients[i].covariates,
               (size_t)p->study.covariate_count * sizeof(*person->covariates));
        memcpy(person->etas, patients[i].individual->etas, sizeof(person->etas));
        memcpy(person->parameters, patients[i].individual->parameters, sizeof(person->parameters));
        for (int a = 0; a < p->study.analyte_count; a++) {
            for (int t = 0; t < p->study.time_count; t++) {
                p->levels[(size_t)number * people_levels_size(p) + (size_t)(a * p->study.time_count + t)] =
                    patients[i].levels[a] ? patients[i].levels[a][t] : (double)NAN;
            }
        }
    }
    return 0;
}

/* Reads the study `text`, as if it were the file `name`, and simulates it. Fails the test on any mistake. */
static inline void people_of(struct people *p, const char *name, const char *text, int threads)
{
    const struct sink sink = {.payload = p, .take = people_take};
    memset(p, 0, sizeof(*p));
    diagnostics_init(&p->d);
    study_parse(&p->study, name, text, strlen(text), NULL, 0, &p->d);
    assert_no_errors(&p->d);
    assert_true(p->study.covariate_count <= 16);
    const size_t count = (size_t)p->study.arm_count * (size_t)p->study.patient_count;
    p->persons = calloc(count, sizeof(*p->persons));
    p->levels = calloc(count * people_levels_size(p) + 1, sizeof(*p->levels));
    assert_true(p->persons && p->levels);
    assert_int_equal(sweep_run(&p->study, threads, &sink, &p->report, &p->d), 0);
    assert_no_errors(&p->d);
    assert_int_equal(p->report.finished, count);
}

static inline void people_clear(struct people *p)
{
    free(p->persons);
    free(p->levels);
    study_clear(&p->study);
    diagnostics_clear(&p->d);
}

/* Whether two patients are the same person, to the bit. */
static inline bool same_person(const struct person *a, const struct person *b)
{
    return memcmp(a->covariates, b->covariates, sizeof(a->covariates)) == 0 &&
           memcmp(a->etas, b->etas, sizeof(a->etas)) == 0 &&
           memcmp(a->parameters, b->parameters, sizeof(a->parameters)) == 0;
}

#endif
