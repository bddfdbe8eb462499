/* What a study asks about thresholds. A job is one threshold in one arm: the metrics of its patients' sessions are read back, and the
 * answers written to places of their own, so that the number of threads leaves no trace. */
#include "results_inner.h"

#include "solver/answers.h"
#include "solver/exposure.h"
#include "solver/parallel.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    READ_VALUES = 1 << 16,  /* values that are read at once, or those of a patient where they are more */
    COLUMN_VALUES = 1 << 22 /* and that are kept at a time, or those of a session where they are more */
};

/* A threshold in an arm, and where its answers are put together. */
struct question {
    const struct results *results;
    const struct threshold *threshold;
    int number; /* of the threshold */
    int64_t arm, patients, sessions;
    double *values;  /* [session][patient], for `columns` sessions at a time */
    int64_t columns; /* 1 or more */
    double *answers; /* [end][session][time or fraction] */
};

static int analyte_of(const struct study *study, const struct threshold *threshold)
{
    int i = 0;

    while (strcmp(study->analytes[i], threshold->analyte) != 0) {
        i++;
    }
    return i;
}

/* The variable that holds a metric of the threshold's analyte. */
static const struct layout_variable *metric_of(const struct question *q, const char *metric, double after,
                                               double level)
{
    const struct study *study = q->results->study;
    const struct layout_variable *v = q->results->layout.variables;
    const struct metric_request *requests = study->thresholds.metrics;
    const int analyte = analyte_of(study, q->threshold);
    const int index = exposure_metric_find(metric);

    while (v->role != ROLE_SESSION_METRIC || requests[v->index].analyte != analyte ||
           requests[v->index].metric != index || requests[v->index].after != after ||
           requests[v->index].threshold != level) {
        v++;
    }
    return v;
}

/* Fills q->values with sessions first .. first + count - 1 of a variable. 0, or the errno. */
static int read_sessions(const struct question *q, const struct layout_variable *v, int64_t first,
                         int64_t count)
{
    const int64_t most = q->sessions < READ_VALUES ? READ_VALUES / q->sessions : 1; /* patients */
    const int64_t row = q->sessions * (int64_t)sizeof(double);
    double *rows = malloc((size_t)(most * row));
    int code = rows ? 0 : ENOMEM;

    for (int64_t patient = 0; patient < q->patients && code == 0; patient += most) {
        const int64_t part = q->patients - patient < most ? q->patients - patient : most;
        code = results_get(q->results, v, rows, (size_t)(part * row), (q->arm * q->patients + patient) * row);
        for (int64_t i = 0; i < part && code == 0; i++) {
            for (int64_t k = 0; k < count; k++) {
                q->values[k * q->patients + patient + i] = rows[i * q->sessions + first + k];
            }
        }
    }
    free(rows);
    return code;
}

/* All NaNs alike, whatever their sign. */
static double plain(double value)
{
    return isnan(value) ? (double)NAN : value;
}

/* Calls `answer` for each session with the patients' values of it. 0, or the errno. */
static int each_session(struct question *q, const struct layout_variable *v,
                        void (*answer)(struct question *q, int64_t session, int number, double *values),
                        int number)
{
    int code = 0;

    for (int64_t first = 0; first < q->sessions && code == 0; first += q->columns) {
        const int64_t count = q->sessions - first < q->columns ? q->sessions - first : q->columns;
        code = read_sessions(q, v, first, count);
        for (int64_t k = 0; k < count && code == 0; k++) {
            answer(q, first + k, number, q->values + k * q->patients);
        }
    }
    return code;
}

static void put_answer(struct question *q, int64_t session, int number, int numbers, const double *ends)
{
    for (int end = 0; end < ANSWER_BOUNDS; end++) {
        q->answers[(end * q->sessions + session) * numbers + number] = plain(ends[end]);
    }
}

static void answer_above(struct question *q, int64_t session, int number, double *values)
{
    const struct probability p = probability_above(values, q->patients, q->threshold->level);

    put_answer(q, session, number, q->results->study->thresholds.after_count,
               (double[]){p.value, p.lower, p.upper});
}

/* All fractions of one sorting. */
static void answer_below(struct question *q, int64_t session, int number, double *values)
{
    const struct thresholds *asked = &q->results->study->thresholds;
    const int64_t known = answers_sort(values, q->patients);

    (void)number;
    for (int i = 0; i < asked->fraction_count; i++) {
        const struct time_answer t = time_until(values, known, asked->fractions[i]);
        put_answer(q, session, i, asked->fraction_count, (double[]){t.value, t.lower, t.upper});
    }
}

static int write_answers(const struct question *q, enum role role, int numbers)
{
    const int64_t count = q->sessions * numbers;
    int code = 0;

    for (int i = 0; i < q->results->layout.count && code == 0; i++) {
        const struct layout_variable *v = &q->results->layout.variables[i];
        if (v->role == role && v->index / ANSWER_BOUNDS == q->number) {
            code = results_put(q->results, v, q->answers + v->index % ANSWER_BOUNDS * count,
                               (size_t)count * sizeof(double), q->arm * count * (int64_t)sizeof(double));
        }
    }
    return code;
}

/* How many patients of the arm were simulated. 0, or the errno. */
static int write_answered(const struct question *q)
{
    const struct results *results = q->results;
    const struct layout_variable *status = results->layout.variables;
    const struct layout_variable *answered = results->layout.variables;
    uint8_t codes[4096];
    int64_t simulated = 0;
    int code = 0;

    while (status->role != ROLE_STATUS) {
        status++;
    }
    while (answered->role != ROLE_ANSWERED) {
        answered++;
    }
    for (int64_t done = 0; done < q->patients && code == 0; done += (int64_t)sizeof(codes)) {
        const int64_t left = q->patients - done;
        const int64_t part = left < (int64_t)sizeof(codes) ? left : (int64_t)sizeof(codes);
        code = results_get(results, status, codes, (size_t)part, q->arm * q->patients + done);
        for (int64_t i = 0; i < part && code == 0; i++) {
            simulated += codes[i] == PATIENT_SIMULATED;
        }
    }
    return code != 0 ? code
                     : results_put(results, answered, &simulated, sizeof(simulated),
                                   q->arm * (int64_t)sizeof(simulated));
}

static int answer_question(struct question *q)
{
    const struct thresholds *asked = &q->results->study->thresholds;
    int code = 0;

    for (int i = 0; i < asked->after_count && code == 0; i++) {
        code = each_session(q, metric_of(q, "level_at", asked->after[i], 0), answer_above, i);
    }
    if (code == 0) {
        code = write_answers(q, ROLE_ABOVE, asked->after_count);
    }
    if (code == 0 && asked->fraction_count > 0) {
        code = each_session(q, metric_of(q, "last_above", 0, q->threshold->level), answer_below, 0);
    }
    return code == 0 ? write_answers(q, ROLE_BELOW, asked->fraction_count) : code;
}

static int answer_job(void *payload, int thread, int64_t job)
{
    const struct results *results = payload;
    const struct thresholds *asked = &results->study->thresholds;
    const int numbers =
        asked->after_count > asked->fraction_count ? asked->after_count : asked->fraction_count;
    struct question q = {
        .results = results,
        .threshold = &asked->levels[job % asked->count],
        .number = (int)(job % asked->count),
        .arm = job / asked->count,
        .patients = results->layout.sizes[DIMENSION_PATIENT],
        .sessions = results->layout.sizes[DIMENSION_SESSION],
    };
    int code = ENOMEM;

    (void)thread;
    q.columns = COLUMN_VALUES / q.patients < q.sessions ? COLUMN_VALUES / q.patients : q.sessions;
    q.columns = q.columns < 1 ? 1 : q.columns;
    q.values = malloc((size_t)(q.columns * q.patients) * sizeof(*q.values));
    q.answers = malloc((size_t)(ANSWER_BOUNDS * q.sessions * numbers) * sizeof(*q.answers));
    if (q.values && q.answers) {
        code = answer_question(&q);
    }
    if (code == 0 && q.number == 0) {
        code = write_answered(&q);
    }
    free(q.values);
    free(q.answers);
    return code;
}

int results_answers(struct results *results, int threads, struct diagnostics *d)
{
    const int code =
        parallel_run(threads, results->layout.sizes[DIMENSION_ARM] * results->study->thresholds.count,
                     answer_job, results);

    return code == 0
               ? 0
               : diagnostics_error(d, (struct place){.file = results->path},
                                   "the answers about thresholds cannot be computed: %s", strerror(code));
}
