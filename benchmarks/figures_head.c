/* The part of figures.h that says what made the figures, and where. */
#include "figures.h"

#include "app/results/version.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static void processor(char *name, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(name, size, "unknown");
    while (file && fgets(line, sizeof(line), file)) {
        const char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", strlen("model name")) == 0) {
            snprintf(name, size, "%s", colon + 2);
            name[strcspn(name, "\n")] = '\0';
            break;
        }
    }
    if (file) {
        fclose(file);
    }
}

json_t *figures_head(void)
{
    struct version version;
    struct utsname kernel;
    char name[128];
    version_init(&version);
    processor(name, sizeof(name));
    if (uname(&kernel) != 0) {
        snprintf(kernel.release, sizeof(kernel.release), "unknown");
    }
    return json_pack("{s:i, s:{s:s, s:s, s:s, s:s}, s:{s:s, s:i, s:s}}", "format", FIGURES_FORMAT, "ketsim",
                     "version", version.provenance.version, "revision", version.provenance.revision,
                     "compiler", version.provenance.compiler, "sundials", version.provenance.sundials,
                     "machine", "processor", name, "cores", (int)sysconf(_SC_NPROCESSORS_ONLN), "kernel",
                     kernel.release);
}

static const char *text(const json_t *object, const char *group, const char *key)
{
    const char *value = json_string_value(json_object_get(json_object_get(object, group), key));
    return value ? value : "unknown";
}

void figures_print_head(const json_t *head, FILE *out)
{
    fprintf(out, "ketsim    %s, revision %s, %s\n", text(head, "ketsim", "version"),
            text(head, "ketsim", "revision"), text(head, "ketsim", "compiler"));
    fprintf(out, "SUNDIALS  %s, the baseline's too\n", text(head, "ketsim", "sundials"));
    fprintf(out, "machine   %s, %d cores, Linux %s\n", text(head, "machine", "processor"),
            (int)json_integer_value(json_object_get(json_object_get(head, "machine"), "cores")),
            text(head, "machine", "kernel"));
}

/* --- One workload as a table: a row per method, `-` for what was not measured --- */

struct column {
    const char *title;
    int width;
    int digits;       /* after the point; of COLUMN_ERROR significant */
    const char *path; /* keys from the method's object, joined by points */
};

static const struct column columns[] = {
    {"patients/s", 10, 0, "patients_per_second.median"},
    {"x baseline", 10, 2, "ratio_to_baseline.median"},
    {"lowest", 7, 1, "ratio_to_baseline.low"},
    {"highest", 7, 1, "ratio_to_baseline.high"},
    {"by wall", 7, 1, "ratio_to_baseline_by_wall_time.median"},
    {"error", 8, -1, "error"},
    {"steps", 8, 0, "steps"},
    {"rhs", 8, 0, "evaluations"},
    {"2 threads", 9, 2, "two_threads"},
    {"their cpu", 9, 2, "processor_time_of_two_threads.median"},
    {"10x pat.", 8, 2, "cost_of_10x_patients.median"},
    {"10x obs.", 8, 2, "cost_of_10x_observations.median"},
    {"written/s", 9, 0, "written.patients_per_second"},
    {"share", 5, 2, "written.share_of_rate_with_nothing_written"},
    {"disk", 5, 2, "written.share_of_time_that_a_plain_write_takes"},
    {"of limit", 8, 2, "written.share_of_what_processor_and_disk_allow"},
    {"MiB", 6, 0, "written.peak_memory_mib"},
    {"instr./patient", 14, 0, "instructions_per_patient"},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static const json_t *find(const json_t *object, const char *path)
{
    while (object) {
        const size_t length = strcspn(path, ".");
        char key[64];
        snprintf(key, sizeof(key), "%.*s", (int)length, path);
        object = json_object_get(object, key);
        if (path[length] == '\0') {
            break;
        }
        path += length + 1;
    }
    return object;
}

void figures_print_workload(const json_t *figures, FILE *out)
{
    const char *name;
    json_t *method;
    fprintf(out,
            "\n%s: %lld observations, %lld analytes, rtol %g, atol %g mg; errors of %lld patients against "
            "%s\n",
            json_string_value(json_object_get(figures, "name")),
            (long long)json_integer_value(json_object_get(figures, "observations")),
            (long long)json_integer_value(json_object_get(figures, "analytes")),
            json_real_value(json_object_get(figures, "rtol")),
            json_real_value(json_object_get(figures, "atol_mg")),
            (long long)json_integer_value(json_object_get(figures, "counted_patients")),
            json_string_value(json_object_get(figures, "error_against")));
    fprintf(out, "%-8s", "method");
    for (int c = 0; c < COLUMNS; c++) {
        fprintf(out, " %*s", columns[c].width, columns[c].title);
    }
    fprintf(out, "\n");
    json_object_foreach(json_object_get(figures, "methods"), name, method)
    {
        fprintf(out, "%-8s", name);
        for (int c = 0; c < COLUMNS; c++) {
            const json_t *value = find(method, columns[c].path);
            if (!json_is_number(value)) {
                fprintf(out, " %*s", columns[c].width, "-");
            } else if (columns[c].digits < 0) {
                fprintf(out, " %*.1e", columns[c].width, json_number_value(value));
            } else {
                fprintf(out, " %*.*f", columns[c].width, columns[c].digits, json_number_value(value));
            }
        }
        fprintf(out, "\n");
    }
}
