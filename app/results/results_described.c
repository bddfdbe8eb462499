/* Whether a file describes its numbers as this program would: the metadata are written once more, to a file of their own, and compared. */
#include "results_described.h"

#include "hdf_compare.h"
#include "results_inner.h"
#include "results_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct description {
    struct hdf *file, *wanted;
    const struct layout *layout;
    const struct study *study;
    struct diagnostics *d;
};

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

static void compare_texts(const struct description *c, const struct layout_variable *variable)
{
    char **texts[2] = {NULL, NULL};
    int64_t counts[2] = {0, 0};

    if (hdf_read_texts(c->file, variable->name, &texts[0], &counts[0], c->d) == 0 &&
        hdf_read_texts(c->wanted, variable->name, &texts[1], &counts[1], c->d) == 0) {
        for (int64_t i = 0; i < counts[0] && i < counts[1]; i++) {
            if (strcmp(texts[0][i], texts[1][i]) != 0) {
                const struct value_place at = results_place_of(c->layout, c->study, variable, i);
                diagnostics_error(c->d, (struct place){.file = hdf_path(c->file)},
                                  "\"%s\" of %s is not what was written: \"%.60s\"", variable->name, at.text,
                                  texts[0][i]);
            }
        }
    }
    hdf_texts_free(texts[0], counts[0]);
    hdf_texts_free(texts[1], counts[1]);
}

static void compare(const struct description *c, bool (*skip)(const char *name))
{
    hdf_compare_attributes(c->file, c->wanted, NULL, skip, c->d);
    for (int i = 0; i < c->layout->count; i++) {
        const struct layout_variable *variable = &c->layout->variables[i];
        if (!variable->scratch) {
            hdf_compare_attributes(c->file, c->wanted, variable->name, skip, c->d);
        }
        if (!variable->scratch && variable->type == HDF_TEXT) {
            compare_texts(c, variable);
        }
    }
    hdf_compare_content(c->file, c->wanted, c->d);
}

/* The places in `layout` become those of the new file. */
static int write_wanted(const char *path, struct layout *layout, const struct study *study,
                        const struct provenance *provenance, const struct results_outcome *outcome,
                        struct diagnostics *d)
{
    struct hdf *wanted = hdf_create(path, d);
    int ret = wanted ? metadata_write(wanted, layout, study, provenance, d) : -1;

    if (ret == 0 && outcome) {
        ret = metadata_finish(wanted, outcome->report, d);
    }
    if (ret == 0 && outcome && outcome->counted) {
        ret = metadata_quantiles(wanted, layout, outcome->error, d);
    }
    return hdf_close(wanted, d) == 0 ? ret : -1;
}

int results_described(struct hdf *file, const char *path, const struct layout *layout,
                      const struct study *study, const struct provenance *provenance,
                      const struct results_outcome *outcome, struct diagnostics *d)
{
    const int errors = d->errors;
    struct layout own = *layout;
    struct description c = {.file = file, .layout = layout, .study = study, .d = d};

    own.variables = malloc((size_t)layout->count * sizeof(*own.variables));
    if (!own.variables) {
        return diagnostics_out_of_memory(d);
    }
    memcpy(own.variables, layout->variables, (size_t)layout->count * sizeof(*own.variables));
    if (write_wanted(path, &own, study, provenance, outcome, d) == 0) {
        c.wanted = hdf_open(path, false, d);
    }
    if (c.wanted) {
        compare(&c, outcome ? skip_run : skip_outcome);
        hdf_close(c.wanted, d);
    }
    free(own.variables);
    return d->errors == errors ? 0 : -1;
}
