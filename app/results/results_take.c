/* Runs in the worker threads: turns finished patients into bytes at their places. Every write is of bytes that
 * no other call writes, so that the order of the calls leaves no trace. */
#include "results_inner.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Patients whose numbers go into the file with one call, and levels that are narrowed at a time. */
enum { RUN_MAX = 512, LEVELS_MAX = 4096 };

/* The rest of the failures follow from the first. */
int results_fail(struct results *results, const char *why)
{
    pthread_mutex_lock(&results->lock);
    if (results->failure[0] == '\0') {
        snprintf(results->failure, sizeof(results->failure), "%s", why);
    }
    pthread_mutex_unlock(&results->lock);
    return -1;
}

int results_take_failed(struct results *results, int code)
{
    char why[512];

    if (code == PART_FILE_GONE) {
        snprintf(why, sizeof(why), "\"%s\" was removed or replaced while the run went on",
                 results->file.part);
    } else {
        snprintf(why, sizeof(why), "cannot be written: %s", strerror(code));
    }
    return results_fail(results, why);
}

/* How many values precede a patient's in a variable, for one value per patient (and arm). */
static int64_t patient_position(const struct results *results, const struct layout_variable *v,
                                const struct simulated *patient)
{
    const int64_t patients = results->layout.sizes[DIMENSION_PATIENT];
    const bool by_arm = v->dimensions[0] == DIMENSION_ARM;

    return (by_arm ? patient->arm * patients : 0) + patient->patient;
}

/* --- One number per patient --- */

/* All NaNs alike: their sign depends on how they came about. */
static double plain(double value)
{
    return isnan(value) ? (double)NAN : value;
}

/* Of `parameters`, internal units, in the unit that the model gives it. */
static double parameter_value(const struct study *study, const struct layout_variable *v,
                              const struct simulated *patient, const double *parameters)
{
    const int model = study->arms[patient->arm].model;
    const int index = v->parameters[model];

    if (index < 0 || patient->status == PATIENT_PARAMETERS) {
        return NAN;
    }
    const struct parameter *p = &study->models[model].parameters[index];
    return plain(parameters[index] * p->den / p->num);
}

/* A random effect, in the unit in which the file has it. */
static double effect_value(const struct study *study, const struct layout_variable *v,
                           const struct simulated *patient)
{
    const int model = study->arms[patient->arm].model;
    const int index = v->parameters[model];

    if (index < 0) {
        return NAN;
    }
    const struct parameter *p = &study->models[model].parameters[index];
    const double eta = patient->individual->etas[p->effect];
    return p->variability == VARIABILITY_NORMAL ? eta * p->den / p->num : eta;
}

/* The same of occasion, or with an event table period, `occasion`. */
static double kappa_value(const struct study *study, const struct layout_variable *v,
                          const struct simulated *patient, ptrdiff_t occasion)
{
    const int model = study->arms[patient->arm].model;
    const int index = v->parameters[model];

    if (index < 0 || patient->status == PATIENT_PARAMETERS || occasion >= patient->occasion_count) {
        return NAN;
    }
    const struct parameter *p = &study->models[model].parameters[index];
    const double kappa = patient->kappas[occasion * MODEL_PARAMETERS_MAX + index];
    return p->occasion == VARIABILITY_NORMAL ? kappa * p->den / p->num : kappa;
}

static double metric_value(const struct layout_variable *v, const struct simulated *patient)
{
    if (patient->status != PATIENT_SIMULATED || !patient->metrics || !patient->metrics[v->analyte]) {
        return NAN;
    }
    return patient->metrics[v->analyte][v->index];
}

static const double *interval_values(const struct results *results, const struct layout_variable *v,
                                     const struct simulated *patient)
{
    const int64_t intervals = results->layout.sizes[DIMENSION_INTERVAL];

    if (patient->status != PATIENT_SIMULATED || !patient->interval_metrics ||
        !patient->interval_metrics[v->analyte]) {
        return NULL;
    }
    return patient->interval_metrics[v->analyte] + v->index * intervals;
}

static double patient_number(const struct study *study, const struct layout_variable *v,
                             const struct simulated *patient)
{
    switch (v->role) {
    case ROLE_COVARIATE:
        return plain(patient->covariates[v->index]);
    case ROLE_PARAMETER:
        return parameter_value(study, v, patient, patient->individual->parameters);
    case ROLE_EFFECT:
        return plain(effect_value(study, v, patient));
    case ROLE_METRIC:
        return plain(metric_value(v, patient));
    case ROLE_FAILURE_TIME:
        return plain(patient->failure_time);
    default:
        return NAN;
    }
}

static int32_t patient_count(const struct layout_variable *v, const struct simulated *patient)
{
    switch (v->role) {
    case ROLE_STATUS:
        return (int32_t)patient->status;
    case ROLE_STEPS:
        return patient->steps;
    case ROLE_OUTSIDE:
        return patient->outside;
    case ROLE_CLAMPED:
        return patient->clamped;
    case ROLE_SLOPE_FLAGS:
        return patient->slope_flags[v->analyte];
    default:
        return 0;
    }
}

/* `count` patients that follow each other in the file, at most RUN_MAX. 0, or the errno. */
static int take_values(struct results *results, const struct layout_variable *v,
                       const struct simulated *patients, int count)
{
    union {
        double numbers[RUN_MAX];
        int32_t words[RUN_MAX];
        uint8_t bytes[RUN_MAX];
    } values;
    const int64_t size = (int64_t)hdf_size(v->type);

    for (int i = 0; i < count; i++) {
        if (v->type == HDF_FLOAT64) {
            values.numbers[i] = patient_number(results->study, v, &patients[i]);
        } else if (v->type == HDF_INT32) {
            values.words[i] = patient_count(v, &patients[i]);
        } else {
            values.bytes[i] = (uint8_t)patient_count(v, &patients[i]);
        }
    }
    return results_put(results, v, &values, (size_t)(count * size),
                       size * patient_position(results, v, patients));
}

/* --- Levels --- */

/* Numbers at `offset` bytes of a variable, as they are or narrowed. 0, or the errno. */
static int write_levels(const struct results *results, const struct layout_variable *v, const double *levels,
                        int64_t count, int64_t offset)
{
    float narrow[LEVELS_MAX];

    if (v->type == HDF_FLOAT64) {
        return results_put(results, v, levels, (size_t)count * sizeof(*levels), offset);
    }
    for (int64_t done = 0; done < count; done += LEVELS_MAX) {
        const int64_t part = count - done < LEVELS_MAX ? count - done : LEVELS_MAX;
        for (int64_t i = 0; i < part; i++) {
            narrow[i] = (float)levels[done + i];
        }
        const int code = results_put(results, v, narrow, (size_t)part * sizeof(*narrow),
                                     offset + done * (int64_t)sizeof(*narrow));
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

static int write_no_levels(const struct results *results, const struct layout_variable *v, int64_t count,
                           int64_t offset)
{
    const int64_t size = (int64_t)hdf_size(v->type);
    double nothing[RUN_MAX];

    for (int i = 0; i < RUN_MAX; i++) {
        nothing[i] = NAN;
    }
    for (int64_t done = 0; done < count; done += RUN_MAX) {
        const int64_t part = count - done < RUN_MAX ? count - done : RUN_MAX;
        const int code = write_levels(results, v, nothing, part, offset + done * size);
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

/* The levels of a patient, or its observations, or NULL where there are none to be stored. */
static const double *patient_levels(const struct layout_variable *v, const struct simulated *patient)
{
    const bool observed = v->role == ROLE_OBSERVED || v->role == ROLE_RECORD_OBSERVED;
    const double *const *rows = observed ? patient->observed : patient->levels;

    return patient->status == PATIENT_SIMULATED && rows ? rows[v->analyte] : NULL;
}

/* Patients whose levels follow each other in memory as they do in the file are written with one call. */
static int take_levels(struct results *results, const struct layout_variable *v,
                       const struct simulated *patients, int count)
{
    const int64_t times = results->layout.sizes[DIMENSION_TIME];
    const int64_t row = times * (int64_t)hdf_size(v->type);

    for (int first = 0, next; first < count; first = next) {
        const double *levels = patient_levels(v, &patients[first]);
        const int64_t offset = row * patient_position(results, v, &patients[first]);
        int code;

        next = first + 1;
        while (levels && next < count &&
               patient_levels(v, &patients[next]) == levels + times * (next - first)) {
            next++;
        }
        code = levels ? write_levels(results, v, levels, times * (next - first), offset)
                      : write_no_levels(results, v, times, offset);
        if (code != 0) {
            return code;
        }
        if (!v->scratch && !results->stored) {
            bytes_push(results->file.fd, v->offset + offset, row * (next - first));
        }
    }
    return 0;
}

/* How many values of an arm precede those of a patient of the event table. */
static int64_t record_position(const struct results *results, const struct simulated *patient)
{
    return patient->arm * results->layout.sizes[DIMENSION_RECORD] +
           results->study->events->patients[patient->patient].first;
}

/* The levels of patients of an event table, each at its rows. */
static int take_record_levels(struct results *results, const struct layout_variable *v,
                              const struct simulated *patients, int count)
{
    const int64_t size = (int64_t)hdf_size(v->type);
    int code = 0;

    for (int i = 0; i < count && code == 0; i++) {
        const double *levels = patient_levels(v, &patients[i]);
        const int64_t rows = results->study->events->patients[patients[i].patient].count;
        const int64_t offset = size * record_position(results, &patients[i]);
        code = levels ? write_levels(results, v, levels, rows, offset)
                      : write_no_levels(results, v, rows, offset);
    }
    return code;
}

/* A parameter of patients of an event table, or a random effect of it, at each of their rows. */
static int take_record_parameters(struct results *results, const struct layout_variable *v,
                                  const struct simulated *patients, int count)
{
    double values[RUN_MAX];
    int code = 0;

    for (int i = 0; i < count && code == 0; i++) {
        const int64_t rows = results->study->events->patients[patients[i].patient].count;
        const int64_t first = record_position(results, &patients[i]);
        for (int64_t done = 0; done < rows && code == 0; done += RUN_MAX) {
            const int64_t part = rows - done < RUN_MAX ? rows - done : RUN_MAX;
            for (int64_t k = 0; k < part; k++) {
                const ptrdiff_t period =
                    patients[i].status == PATIENT_PARAMETERS ? 0 : patients[i].periods[done + k];
                values[k] = v->role == ROLE_RECORD_OCCASION_EFFECT
                                ? plain(kappa_value(results->study, v, &patients[i], period))
                                : parameter_value(results->study, v, &patients[i],
                                                  patients[i].parameters + period * MODEL_PARAMETERS_MAX);
            }
            code = results_put(results, v, values, (size_t)part * sizeof(*values),
                               (first + done) * (int64_t)sizeof(*values));
        }
    }
    return code;
}

/* A random effect on each occasion. */
static int take_occasions(struct results *results, const struct layout_variable *v,
                          const struct simulated *patients, int count)
{
    const int64_t occasions = results->layout.sizes[DIMENSION_OCCASION];
    double values[RUN_MAX];
    int code = 0;

    for (int i = 0; i < count && code == 0; i++) {
        const int64_t first = patient_position(results, v, &patients[i]) * occasions;
        for (int64_t done = 0; done < occasions && code == 0; done += RUN_MAX) {
            const int64_t part = occasions - done < RUN_MAX ? occasions - done : RUN_MAX;
            for (int64_t k = 0; k < part; k++) {
                values[k] = plain(kappa_value(results->study, v, &patients[i], done + k));
            }
            code = results_put(results, v, values, (size_t)part * sizeof(*values),
                               (first + done) * (int64_t)sizeof(*values));
        }
    }
    return code;
}

/* Those of all metrics of sessions follow each other, [metric][session]. */
static int take_sessions(struct results *results, const struct layout_variable *v,
                         const struct simulated *patients, int count)
{
    const int64_t sessions = results->layout.sizes[DIMENSION_SESSION];
    const int64_t row = sessions * (int64_t)sizeof(double);
    int code = 0;

    for (int i = 0; i < count && code == 0; i++) {
        code = write_levels(results, v, patients[i].session_metrics + v->index * sessions, sessions,
                            row * patient_position(results, v, &patients[i]));
    }
    return code;
}

static int take_intervals(struct results *results, const struct layout_variable *v,
                          const struct simulated *patients, int count)
{
    const int64_t intervals = results->layout.sizes[DIMENSION_INTERVAL];
    const int64_t row = intervals * (int64_t)sizeof(double);
    int code = 0;

    for (int i = 0; i < count && code == 0; i++) {
        const double *values = interval_values(results, v, &patients[i]);
        const int64_t offset = row * patient_position(results, v, &patients[i]);
        code = values ? write_levels(results, v, values, intervals, offset)
                      : write_no_levels(results, v, intervals, offset);
    }
    return code;
}

static double sample_number(const struct layout_variable *v, const struct certified *certified)
{
    switch (v->index) {
    case SAMPLE_DISCREPANCY:
        return certified->discrepancy;
    case SAMPLE_TIME:
        return certified->time;
    case SAMPLE_LEVEL:
        return certified->level;
    case SAMPLE_REFERENCE:
        return certified->reference;
    case SAMPLE_IMBALANCE:
        return certified->imbalance;
    default:
        return NAN;
    }
}

/* What solving patients of the sample again has shown. */
static int take_sample(struct results *results, const struct layout_variable *v,
                       const struct simulated *patients, int count)
{
    const int64_t size = (int64_t)hdf_size(v->type);
    int code = 0;

    for (int i = 0; i < count && code == 0; i++) {
        const struct certified *certified = patients[i].certified;
        union {
            double number;
            int32_t word;
            uint8_t byte;
        } value;
        if (!certified || layout_sample_is_study(v)) {
            continue;
        }
        if (v->type == HDF_FLOAT64) {
            value.number = plain(sample_number(v, certified));
        } else if (v->type == HDF_INT32) {
            value.word = certified->analyte;
        } else {
            value.byte = (uint8_t)certified->outcome;
        }
        code = results_put(results, v, &value, (size_t)size, certified->position * size);
    }
    return code;
}

/* --- Patients --- */

/* How many of the patients of a run are in the first arm: what is the same in every arm is taken from there. */
static int first_arm_length(const struct simulated *patients, int count)
{
    int length = 0;

    while (length < count && patients[length].arm == 0) {
        length++;
    }
    return length;
}

static int take_run(struct results *results, const struct layout_variable *v,
                    const struct simulated *patients, int count)
{
    switch (v->role) {
    case ROLE_PROFILE:
    case ROLE_OBSERVED:
        return take_levels(results, v, patients, count);
    case ROLE_RECORD_LEVEL:
    case ROLE_RECORD_OBSERVED:
        return take_record_levels(results, v, patients, count);
    case ROLE_RECORD_PARAMETER:
    case ROLE_RECORD_OCCASION_EFFECT:
        return take_record_parameters(results, v, patients, count);
    case ROLE_COVARIATE:
    case ROLE_PARAMETER:
    case ROLE_EFFECT:
        if (v->dimensions[0] == DIMENSION_PATIENT) {
            count = first_arm_length(patients, count);
        }
        return count > 0 ? take_values(results, v, patients, count) : 0;
    case ROLE_INTERVAL_METRIC:
        return take_intervals(results, v, patients, count);
    case ROLE_OCCASION_EFFECT:
        return take_occasions(results, v, patients, count);
    case ROLE_SESSION_METRIC:
        return take_sessions(results, v, patients, count);
    case ROLE_SAMPLE:
        return take_sample(results, v, patients, count);
    case ROLE_METRIC:
    case ROLE_SLOPE_FLAGS:
    case ROLE_STATUS:
    case ROLE_FAILURE_TIME:
    case ROLE_STEPS:
    case ROLE_OUTSIDE:
    case ROLE_CLAMPED:
        return take_values(results, v, patients, count);
    default:
        return 0;
    }
}

/* How many patients follow each other in the file, from the last of an arm to the first of the next: there may be many arms of few. */
static int run_length(const struct results *results, const struct simulated *patients, int count)
{
    const int64_t in_arm = results->study->patient_count;
    const int64_t first = patients->arm * in_arm + patients->patient;
    int length = 1;

    while (length < count && length < RUN_MAX &&
           patients[length].arm * in_arm + patients[length].patient == first + length) {
        length++;
    }
    return length;
}

int results_take(void *payload, const struct simulated *patients, int count)
{
    struct results *results = payload;
    const int counted = results->counts ? quantile_counts_take(results->counts, patients, count) : 0;

    if (counted != 0) {
        return results_fail(results, "the quantiles cannot be computed: out of memory");
    }
    for (int first = 0, length; first < count; first += length) {
        length = run_length(results, patients + first, count - first);
        /* Backwards, because then the status comes last: where it is known, all the rest is there. */
        for (int i = results->layout.count - 1; i >= 0; i--) {
            const int code = take_run(results, &results->layout.variables[i], patients + first, length);
            if (code != 0) {
                return results_take_failed(results, code);
            }
        }
    }
    return 0;
}
