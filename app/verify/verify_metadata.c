/* What a result says of its variables and of itself, beside what this program would write; and names for places in the file. */
#include "app/results/results_described.h"
#include "app/results/results_place.h"
#include "verify_inner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- Texts and attributes --- */

/* HDF5 takes no file without a name. */
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

/* Counts of outcomes are only known to be right where their statuses are. */
void verify_metadata(struct verify *v)
{
    const struct layout *layout = &v->results->layout;
    const struct quantile_counts *counts = v->results->counts;
    struct sweep_report report = {0};
    const struct results_outcome outcome = {
        .report = &report, .counted = counts != NULL, .error = counts ? quantile_counts_error(counts) : 0};
    const bool known = v->d->errors == 0 && (v->request->all || !layout->quantiles.streaming);
    struct wanted_name name = wanted_name();
    const int fd = mkstemp(name.path);

    if (fd < 0 || (known && results_count(v->results, &report) != 0)) {
        diagnostics_error(v->d, verify_place(v), "what describes it cannot be checked");
    } else {
        results_described(v->result.file, name.path, layout, &v->study, &v->stored, known ? &outcome : NULL,
                          v->d);
    }
    if (fd >= 0) {
        close(fd);
        unlink(name.path);
    }
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
