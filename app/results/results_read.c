#include "results_read.h"

#include "results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct place result_place(const struct result *result)
{
    return (struct place){.file = result->path};
}

static void variable_clear(struct result_variable *v)
{
    free(v->name);
    free(v->long_name);
    free(v->unit);
    free(v->analyte);
    free(v->metric);
    free(v->statistic);
    free(v->from);
}

void result_close(struct result *result)
{
    struct diagnostics ignored;

    diagnostics_init(&ignored);
    for (int i = 0; i < result->variable_count; i++) {
        variable_clear(&result->variables[i]);
    }
    free(result->variables);
    free(result->analytes);
    free(result->models);
    hdf_texts_free(result->arms, result->sizes[DIMENSION_ARM]);
    free(result->baselines);
    hdf_texts_free(result->arm_names, result->sizes[DIMENSION_ARM]);
    hdf_texts_free(result->arm_models, result->sizes[DIMENSION_ARM]);
    hdf_close(result->file, &ignored); /* nothing was written that could be lost */
    diagnostics_clear(&ignored);
    *result = (struct result){0};
}

/* --- Whether it is a result at all --- */

/* Counts the values of a list other than PATIENT_PENDING. */
static int64_t count_done(const uint8_t *statuses, int64_t count)
{
    int64_t done = 0;

    for (int64_t i = 0; i < count; i++) {
        done += statuses[i] != PATIENT_PENDING;
    }
    return done;
}

/* Says how far a run has come, as its statuses tell. Returns -1. */
static int tell_unfinished(struct result *result, struct diagnostics *d)
{
    struct diagnostics ignored;
    struct hdf_shape shape;
    int64_t done = 0;
    int64_t count = 0;

    diagnostics_init(&ignored);
    if (hdf_shape(result->file, "status", &shape, &ignored) == 0 && shape.rank == 2 &&
        shape.type == HDF_UINT8) {
        uint8_t *statuses = malloc((size_t)shape.sizes[1]);
        for (int64_t arm = 0; statuses && arm < shape.sizes[0]; arm++) {
            const int64_t part[] = {1, shape.sizes[1]};
            if (hdf_read(result->file, "status", HDF_UINT8, (int64_t[]){arm, 0}, part, statuses, &ignored) ==
                0) {
                done += count_done(statuses, shape.sizes[1]);
                count += shape.sizes[1];
            }
        }
        free(statuses);
    }
    diagnostics_clear(&ignored);
    return diagnostics_error(
        d, result_place(result),
        "is not finished, %lld of %lld simulations are: its run goes on, or was interrupted "
        "and goes on by `ketsim run --resume`",
        (long long)done, (long long)count);
}

static int check_header(struct result *result, struct diagnostics *d)
{
    int32_t version = 0;
    uint8_t complete = 0;

    if (!hdf_number(result->file, NULL, "schema_version", HDF_INT32, &version)) {
        return diagnostics_error(d, result_place(result), "is no result of ketsim");
    }
    if (version != RESULTS_SCHEMA_VERSION) {
        return diagnostics_error(d, result_place(result),
                                 "is a result of version %d, and this ketsim reads version %d", (int)version,
                                 RESULTS_SCHEMA_VERSION);
    }
    if (!hdf_number(result->file, NULL, "complete", HDF_UINT8, &complete) || complete != 1) {
        return tell_unfinished(result, d);
    }
    return 0;
}

/* --- Coordinates --- */

static int read_coordinate(struct result *result, enum dimension dimension, enum hdf_type type,
                           struct diagnostics *d)
{
    struct hdf_shape shape;
    const char *name = dimension_name(dimension);

    if (hdf_shape(result->file, name, &shape, d) != 0) {
        return -1;
    }
    if (shape.rank != 1 || shape.type != type) {
        return diagnostics_error(d, result_place(result), "the coordinate \"%s\" is damaged", name);
    }
    result->sizes[dimension] = shape.sizes[0];
    return 0;
}

static int read_coordinates(struct result *result, struct diagnostics *d)
{
    const bool has_records = hdf_has(result->file, dimension_name(DIMENSION_RECORD));

    if ((has_records ? read_coordinate(result, DIMENSION_RECORD, HDF_INT64, d)
                     : read_coordinate(result, DIMENSION_TIME, HDF_FLOAT64, d)) != 0 ||
        read_coordinate(result, DIMENSION_PATIENT, HDF_INT64, d) != 0) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_QUANTILE)) &&
        read_coordinate(result, DIMENSION_QUANTILE, HDF_FLOAT64, d) != 0) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_BLOCK)) &&
        (read_coordinate(result, DIMENSION_BLOCK, HDF_INT64, d) != 0 ||
         read_coordinate(result, DIMENSION_CHECKED, HDF_TEXT, d) != 0)) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_SAMPLE)) &&
        read_coordinate(result, DIMENSION_SAMPLE, HDF_INT64, d) != 0) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_INTERVAL)) &&
        read_coordinate(result, DIMENSION_INTERVAL, HDF_INT64, d) != 0) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_OCCASION)) &&
        read_coordinate(result, DIMENSION_OCCASION, HDF_INT64, d) != 0) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_SESSION)) &&
        read_coordinate(result, DIMENSION_SESSION, HDF_INT64, d) != 0) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_AFTER)) &&
        read_coordinate(result, DIMENSION_AFTER, HDF_FLOAT64, d) != 0) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_BELOW)) &&
        read_coordinate(result, DIMENSION_BELOW, HDF_FLOAT64, d) != 0) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_TREATMENT)) &&
        (read_coordinate(result, DIMENSION_TREATMENT, HDF_TEXT, d) != 0 ||
         read_coordinate(result, DIMENSION_METRIC, HDF_TEXT, d) != 0 ||
         read_coordinate(result, DIMENSION_AXIS, HDF_TEXT, d) != 0)) {
        return -1;
    }
    if (hdf_has(result->file, dimension_name(DIMENSION_INPUT)) &&
        read_coordinate(result, DIMENSION_INPUT, HDF_TEXT, d) != 0) {
        return -1;
    }
    return hdf_read_texts(result->file, dimension_name(DIMENSION_ARM), &result->arms,
                          &result->sizes[DIMENSION_ARM], d);
}

/* --- Variables --- */

static bool shape_agrees(const struct result *result, const struct role_shape *wanted,
                         const struct hdf_shape *shape)
{
    bool agrees = wanted && shape->rank == wanted->rank;

    for (int i = 0; agrees && i < wanted->rank; i++) {
        agrees = shape->sizes[i] == result->sizes[wanted->dimensions[i]];
    }
    return agrees;
}

/* Whether the variable says what belongs to its role. */
static bool texts_agree(const struct result_variable *v)
{
    return (v->unit || v->role == ROLE_SENSITIVITY) && v->long_name &&
           (v->analyte || !role_is_of_analyte(v->role)) &&
           (v->metric || (v->role != ROLE_METRIC && v->role != ROLE_INTERVAL_METRIC &&
                          v->role != ROLE_SESSION_METRIC && v->role != ROLE_ABOVE && v->role != ROLE_BELOW));
}

static struct result_variable *variable_add(struct result *result)
{
    if (result->variable_count == result->variable_capacity) {
        const int capacity = 2 * result->variable_capacity + 32;
        struct result_variable *more = realloc(result->variables, (size_t)capacity * sizeof(*more));
        if (!more) {
            return NULL;
        }
        result->variables = more;
        result->variable_capacity = capacity;
    }
    result->variables[result->variable_count] = (struct result_variable){0};
    return &result->variables[result->variable_count++];
}

static int variable_read(struct result *result, const char *name, enum role role, struct diagnostics *d)
{
    const struct role_shape *wanted;
    struct hdf_shape shape;
    struct result_variable *v;

    if (hdf_shape(result->file, name, &shape, d) != 0) {
        return -1;
    }
    v = variable_add(result);
    if (!v || !(v->name = strdup(name))) {
        return diagnostics_out_of_memory(d);
    }
    v->role = role;
    v->long_name = hdf_text(result->file, name, "long_name");
    v->unit = hdf_text(result->file, name, "units");
    v->analyte = hdf_text(result->file, name, "analyte");
    v->metric = hdf_text(result->file, name, "metric");
    v->statistic = hdf_text(result->file, name, "statistic");
    v->from = hdf_text(result->file, name, "from");
    wanted = role_shape(role, shape.rank);
    if (!shape_agrees(result, wanted, &shape) ||
        (role_is_text(role) ? shape.type != HDF_TEXT : hdf_size(shape.type) == 0) || !texts_agree(v)) {
        return diagnostics_error(d, result_place(result), "the variable \"%s\" does not agree with the rest",
                                 name);
    }
    v->rank = wanted->rank;
    memcpy(v->dimensions, wanted->dimensions, sizeof(v->dimensions));
    return 0;
}

struct visitor {
    struct result *result;
    struct diagnostics *d;
};

static int variable_visit(void *payload, const char *name)
{
    struct visitor *visitor = payload;
    char *text = hdf_text(visitor->result->file, name, "role");
    const enum role role = text ? role_find(text) : ROLE_COUNT;

    free(text);
    if (role == ROLE_COUNT || role == ROLE_COORDINATE) {
        return 0;
    }
    return variable_read(visitor->result, name, role, visitor->d);
}

static int read_variables(struct result *result, struct diagnostics *d)
{
    struct visitor visitor = {result, d};
    static const enum role demanded[] = {ROLE_ARM_NAME, ROLE_MODEL, ROLE_STATUS};

    if (hdf_visit(result->file, variable_visit, &visitor, d) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(demanded) / sizeof(*demanded); i++) {
        if (!result_find(result, demanded[i], NULL, NULL)) {
            return diagnostics_error(d, result_place(result), "there is no variable of the role \"%s\"",
                                     role_text(demanded[i]));
        }
    }
    return 0;
}

/* --- Lists --- */

/* Adds a text to a list that has room for it, unless it is there. */
static void list_add(const char **list, int *count, const char *text)
{
    for (int i = 0; i < *count; i++) {
        if (strcmp(list[i], text) == 0) {
            return;
        }
    }
    list[(*count)++] = text;
}

static int list_analytes(struct result *result, struct diagnostics *d)
{
    result->analytes = calloc((size_t)result->variable_count + 1, sizeof(*result->analytes));
    if (!result->analytes) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < result->variable_count; i++) {
        if (result->variables[i].analyte) {
            list_add(result->analytes, &result->analyte_count, result->variables[i].analyte);
        }
    }
    return 0;
}

static int list_models(struct result *result, struct diagnostics *d)
{
    const struct result_variable *names = result_find(result, ROLE_ARM_NAME, NULL, NULL);
    const struct result_variable *models = result_find(result, ROLE_MODEL, NULL, NULL);
    int64_t count;

    if (hdf_read_texts(result->file, names->name, &result->arm_names, &count, d) != 0 ||
        hdf_read_texts(result->file, models->name, &result->arm_models, &count, d) != 0) {
        return -1;
    }
    result->models = calloc((size_t)count, sizeof(*result->models));
    if (!result->models) {
        return diagnostics_out_of_memory(d);
    }
    for (int64_t i = 0; i < count; i++) {
        list_add(result->models, &result->model_count, result->arm_models[i]);
    }
    return 0;
}

/* --- The whole --- */

/* A complete result has no patient whose turn has not come. */
static int check_statuses(struct result *result, struct diagnostics *d)
{
    const struct result_variable *v = result_find(result, ROLE_STATUS, NULL, NULL);
    const int64_t patients = result->sizes[DIMENSION_PATIENT];
    const int64_t all = result->sizes[DIMENSION_ARM] * patients;
    uint8_t statuses[1 << 16];
    int ret = 0;

    for (int64_t done = 0, part; done < all && ret == 0; done += part) {
        const int64_t first = done % patients;
        part = patients - first < (int64_t)sizeof(statuses) ? patients - first : (int64_t)sizeof(statuses);
        ret = hdf_read(result->file, v->name, HDF_UINT8, (int64_t[]){done / patients, first},
                       (int64_t[]){1, part}, statuses, d);
        if (ret == 0 && memchr(statuses, PATIENT_PENDING, (size_t)part)) {
            ret = diagnostics_error(d, result_place(result),
                                    "says that it is finished, but holds patients that were not simulated");
        }
    }
    return ret;
}

int result_open(struct result *result, const char *path, struct diagnostics *d)
{
    *result = (struct result){.path = path};
    result->file = hdf_open(path, false, d);
    if (!result->file || check_header(result, d) != 0 || read_coordinates(result, d) != 0 ||
        read_variables(result, d) != 0 || list_analytes(result, d) != 0 || list_models(result, d) != 0 ||
        result_read_baselines(result, d) != 0 || result_read_replicates(result, d) != 0 ||
        check_statuses(result, d) != 0) {
        result_close(result);
        return -1;
    }
    return 0;
}

const struct result_variable *result_find(const struct result *result, enum role role, const char *analyte,
                                          const char *metric)
{
    for (int i = 0; i < result->variable_count; i++) {
        const struct result_variable *v = &result->variables[i];
        if (v->role == role && (!analyte || (v->analyte && strcmp(v->analyte, analyte) == 0)) &&
            (!metric || (v->metric && strcmp(v->metric, metric) == 0))) {
            return v;
        }
    }
    return NULL;
}

int result_read(struct result *result, const struct result_variable *variable, int64_t arm, int64_t first,
                int64_t count, double *values, struct diagnostics *d)
{
    int64_t start[HDF_RANK_MAX] = {0};
    int64_t counts[HDF_RANK_MAX];
    int part = 0; /* the dimension that `first` and `count` are of */

    for (int i = 0; i < variable->rank; i++) {
        counts[i] = result->sizes[variable->dimensions[i]];
    }
    if (variable->dimensions[0] == DIMENSION_ARM) {
        start[0] = arm;
        counts[0] = 1;
        part = 1;
    }
    if (part < variable->rank) {
        start[part] = first;
        counts[part] = count;
    }
    return hdf_read(result->file, variable->name, HDF_FLOAT64, start, counts, values, d);
}

char *result_text(struct result *result, const char *name)
{
    return hdf_text(result->file, NULL, name);
}

char *result_model_text(struct result *result, const char *what, const char *model)
{
    char name[256];

    snprintf(name, sizeof(name), "%s_%s", what, model);
    return result_text(result, name);
}

/* Whether a text is one of the words in a list separated by blanks. */
static bool is_among(const char *list, const char *text)
{
    const size_t length = strlen(text);

    for (const char *word = list; *word; word += strspn(word, " ")) {
        const size_t size = strcspn(word, " ");
        if (size == length && strncmp(word, text, length) == 0) {
            return true;
        }
        word += size;
    }
    return false;
}

bool result_model_has(struct result *result, const char *model, const char *analyte)
{
    char *analytes = result_model_text(result, "analytes", model);
    const bool has = !analytes || is_among(analytes, analyte);

    free(analytes);
    return has;
}

int64_t result_counter(struct result *result, const char *name)
{
    int64_t value;

    return hdf_number(result->file, NULL, name, HDF_INT64, &value) ? value : -1;
}
