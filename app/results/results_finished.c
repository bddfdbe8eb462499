/* A result that is there already: whether a run of the study would make the same, so that nothing is left to do. */
#include "results_inner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Whether the file is complete, and what the run would make. 0, or -1 with the reason in `d`. */
static int agrees(struct hdf *file, const struct results *results, const struct provenance *provenance,
                  struct diagnostics *d)
{
    uint8_t complete = 0;

    if (metadata_compare(file, &results->layout, results->study, provenance, d) != 0) {
        return -1;
    }
    if (!hdf_number(file, NULL, "complete", HDF_UINT8, &complete) || complete == 0) {
        return diagnostics_error(d, (struct place){.file = results->path}, "is not complete");
    }
    return 0;
}

/* What it says of the run that made it. 0, or -1 with the reason in `d`. */
static int count(struct hdf *file, struct results *results, struct sweep_report *report,
                 struct diagnostics *d)
{
    int code;

    results->stored = stored_create(file, &results->layout);
    if (!results->stored) {
        return diagnostics_out_of_memory(d);
    }
    code = results_blocks_init(results, d);
    if (code == 0 && results_count(results, report) != 0) {
        code = diagnostics_error(d, (struct place){.file = results->path}, "cannot be read");
    }
    stored_free(results->stored);
    results->stored = NULL;
    return code;
}

/* What a run leaves that is killed when the result has just got its name: as long as it is of the same study, and nobody writes it. */
static void remove_rest(const char *path, const struct study *study, const struct provenance *provenance)
{
    struct diagnostics ignored;
    struct results *rest;

    diagnostics_init(&ignored);
    rest = results_prepare(path, study, &ignored);
    if (rest) {
        const int found = part_file_reopen(&rest->file, rest->path, true, &ignored);
        if (found == 1 || (found == 0 && results_agrees(rest, provenance, &ignored) == 0)) {
            results_remove_sides(rest);
            part_file_remove(&rest->file);
        }
        part_file_close(&rest->file);
        results_free(rest);
    }
    diagnostics_clear(&ignored);
}

int results_finished(const char *path, const struct study *study, const struct provenance *provenance,
                     struct sweep_report *report, struct diagnostics *d)
{
    struct results *results;
    struct stat status;
    struct hdf *file;
    int ret = -1;

    *report = (struct sweep_report){0};
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return 0;
    }
    results = results_prepare(path, study, d);
    file = results ? hdf_open(path, false, d) : NULL;
    if (file) {
        ret = agrees(file, results, provenance, d) == 0 ? count(file, results, report, d) : -1;
        ret = hdf_close(file, d) == 0 ? ret : -1;
    }
    results_free(results);
    if (ret == 0) {
        remove_rest(path, study, provenance);
    }
    return ret == 0 ? 1 : -1;
}
