/* What a result says of its variables and of itself, beside what this program would write; and names for places in the file. */
#include "hdf_compare.h"
#include "results_place.h"
#include "verify_inner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Texts and attributes --- */

static bool skip_run(const char *name)
{
    return strncmp(name, "run_", 4) == 0;
}

/* What is known at the end of a run only, and not by a sample. */
static bool skip_outcome(const char *name)
{
    return skip_run(name) || strcmp(name, "relative_error_bound") == 0 ||
           strncmp(name, "certificate_", 12) == 0 || metadata_is_outcome(name);
}

static void compare_texts(struct verify *v, struct hdf *wanted, const struct layout_variable *variable)
{
    char **texts[2] = {NULL, NULL};
    int64_t counts[2] = {0, 0};

    if (hdf_read_texts(v->result.file, variable->name, &texts[0], &counts[0], v->d) == 0 &&
        hdf_read_texts(wanted, variable->name, &texts[1], &counts[1], v->d) == 0) {
        for (int64_t i = 0; i < counts[0] && i < counts[1]; i++) {
            if (strcmp(texts[0][i], texts[1][i]) != 0) {
                const struct value_place at = results_place_of(&v->results->layout, &v->study, variable, i);
                diagnostics_error(v->d, verify_place(v), "\"%s\" of %s is not what was written: \"%.60s\"",
                                  variable->name, at.text, texts[0][i]);
            }
        }
    }
    hdf_texts_free(texts[0], counts[0]);
    hdf_texts_free(texts[1], counts[1]);
}

/* `wanted` holds what is written at the start of a run, and at its end. */
static void compare_metadata(struct verify *v, struct hdf *wanted, bool outcome)
{
    const struct layout *layout = &v->results->layout;
    bool (*skip)(const char *name) = outcome ? skip_run : skip_outcome;

    hdf_compare_attributes(v->result.file, wanted, NULL, skip, v->d);
    for (int i = 0; i < layout->count; i++) {
        const struct layout_variable *variable = &layout->variables[i];
        if (!variable->scratch) {
            hdf_compare_attributes(v->result.file, wanted, variable->name, skip, v->d);
        }
        if (!variable->scratch && variable->type == HDF_TEXT) {
            compare_texts(v, wanted, variable);
        }
    }
    hdf_compare_content(v->result.file, wanted, v->d);
}

/* A file for metadata alone: it is as long as the result, and holds next to nothing. HDF5 takes no file without a name. */
struct wanted_name {
    char path[4096];
};

static struct wanted_name wanted_name(void)
{
    const char *folder = getenv("TMPDIR");
    struct wanted_name name;

    snprintf(name.path, sizeof(name.path), "%.4000s/ketsim-XXXXXX", folder && folder[0] ? folder : "/tmp");
    return name;
}

/* `report` NULL: without what is known at the end. */
static int write_wanted(const struct verify *v, const char *path, struct layout *layout,
                        const struct sweep_report *report)
{
    const struct quantile_counts *counts = v->results->counts;
    struct hdf *wanted = hdf_create(path, v->d);
    int ret = wanted ? metadata_write(wanted, layout, &v->study, &v->stored, v->d) : -1;

    if (ret == 0 && report) {
        ret = metadata_finish(wanted, report, v->d);
    }
    if (ret == 0 && report && counts) {
        ret = metadata_quantiles(wanted, layout, quantile_counts_error(counts), v->d);
    }
    return hdf_close(wanted, v->d) == 0 ? ret : -1;
}

/* Writes the metadata once more, and compares. Counts of outcomes are only known to be right where their statuses are. */
int verify_metadata(struct verify *v)
{
    const int errors = v->d->errors;
    const bool outcome = errors == 0;
    struct layout layout = v->results->layout; /* its places are those of the other file */
    struct layout_variable *variables = malloc((size_t)layout.count * sizeof(*variables));
    struct sweep_report report = {0};
    struct wanted_name name = wanted_name();
    const int fd = mkstemp(name.path);
    int ret = -1;

    if (!variables || fd < 0 || (outcome && results_count(v->results, &report) != 0)) {
        diagnostics_error(v->d, verify_place(v), "what describes it cannot be checked");
    } else {
        memcpy(variables, layout.variables, (size_t)layout.count * sizeof(*variables));
        layout.variables = variables;
        ret = write_wanted(v, name.path, &layout, outcome ? &report : NULL);
    }
    if (ret == 0) {
        struct hdf *wanted = hdf_open(name.path, false, v->d);
        if (wanted) {
            compare_metadata(v, wanted, outcome && (v->request->all || !layout.quantiles.streaming));
        }
        hdf_close(wanted, v->d);
    }
    if (fd >= 0) {
        close(fd);
        unlink(name.path);
    }
    free(variables);
    return ret;
}

/* --- Names for what the seal says --- */

void verify_tell_damage(const struct verify *v, const struct seal_range *damage)
{
    const struct layout *layout = &v->results->layout;

    for (int i = 0; i < layout->count; i++) {
        const struct layout_variable *variable = &layout->variables[i];
        const int64_t size = (int64_t)hdf_size(variable->type);
        struct diagnostics ignored;
        int64_t offset = 0;
        diagnostics_init(&ignored);
        if (size > 0 && !variable->scratch &&
            hdf_offset(v->result.file, variable->name, &offset, &ignored) == 0) {
            const int64_t from = (damage->offset > offset ? damage->offset - offset : 0) / size;
            const int64_t end = damage->offset + damage->bytes - offset;
            const int64_t values = layout_values(layout, variable);
            const int64_t last = (end + size - 1) / size < values ? (end + size - 1) / size : values;
            if (end > 0 && from < last) {
                const struct value_place first = results_place_of(layout, &v->study, variable, from);
                const struct value_place final = results_place_of(layout, &v->study, variable, last - 1);
                diagnostics_error(v->d, verify_place(v),
                                  "\"%s\", %s to %s: in the bytes %" PRId64 " to %" PRId64
                                  " that are not as they were written",
                                  variable->name, first.text, final.text, damage->offset,
                                  damage->offset + damage->bytes - 1);
            }
        }
        diagnostics_clear(&ignored);
    }
}
