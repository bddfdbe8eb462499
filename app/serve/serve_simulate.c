/* The real engine, with what it finds kept in memory. */
#include "app/base/interrupt.h"
#include "app/base/statistics.h"
#include "app/results/results.h"
#include "app/results/results_certificate.h"
#include "app/results/version.h"
#include "serve.h"

#include "solver/session.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double seconds_most =
    2; /* of the processors: a busy machine refuses nothing that an idle one answers */

static double processor_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int64_t levels_at(const struct study *study, int arm, int analyte, int time)
{
    return (((int64_t)arm * study->analyte_count + analyte) * study->time_count + time) *
           study->patient_count;
}

static int64_t metrics_at(const struct study *study, int arm, int analyte, int metric)
{
    return (((int64_t)arm * study->analyte_count + analyte) * study->metric_count + metric) *
           study->patient_count;
}

double *simulation_levels(const struct simulation *simulation, int arm, int analyte, int time)
{
    return simulation->levels + levels_at(simulation->study, arm, analyte, time);
}

double *simulation_metrics(const struct simulation *simulation, int arm, int analyte, int metric)
{
    return simulation->metrics + metrics_at(simulation->study, arm, analyte, metric);
}

static int64_t sessions_at(const struct simulation *simulation, int arm, int metric, int session)
{
    const struct study *study = simulation->study;

    return (((int64_t)arm * study->thresholds.metric_count + metric) * simulation->sessions + session) *
           study->patient_count;
}

double *simulation_sessions(const struct simulation *simulation, int arm, int metric, int session)
{
    return simulation->in_sessions + sessions_at(simulation, arm, metric, session);
}

double simulation_size(const struct study *study)
{
    return (double)study->arm_count * study->analyte_count * study->time_count * (double)study->patient_count;
}

/* Called from several threads, each for patients of its own. */
static int take(void *payload, const struct simulated *patients, int count)
{
    const struct simulation *simulation = payload;
    const struct study *study = simulation->study;

    for (int i = 0; i < count; i++) {
        const struct simulated *p = &patients[i];
        for (int m = 0; p->session_metrics && m < study->thresholds.metric_count; m++) {
            double *values = simulation_sessions(simulation, p->arm, m, 0) + p->patient;
            for (int k = 0; k < simulation->sessions; k++) {
                values[k * study->patient_count] = p->session_metrics[m * simulation->sessions + k];
            }
        }
        for (int a = 0; a < study->analyte_count; a++) {
            if (!p->levels[a]) {
                continue;
            }
            double *levels = simulation_levels(simulation, p->arm, a, 0) + p->patient;
            double *metrics = simulation_metrics(simulation, p->arm, a, 0) + p->patient;
            for (int t = 0; t < study->time_count; t++) {
                levels[t * study->patient_count] = p->levels[a][t];
            }
            for (int m = 0; m < study->metric_count; m++) {
                metrics[m * study->patient_count] = p->metrics[a][m];
            }
        }
    }
    return 0;
}

static bool wanted(void *payload, int64_t block)
{
    const struct simulation *simulation = payload;

    (void)block;
    return !interrupt_came() && processor_seconds() < simulation->processor_end;
}

/* Room for so many numbers, all of them NaN; NULL without memory. */
static double *numbers_create(int64_t count)
{
    double *numbers = malloc((size_t)(count + 1) * sizeof(*numbers));

    for (int64_t i = 0; i < count && numbers; i++) {
        numbers[i] = NAN;
    }
    return numbers;
}

/* Numbers that another route does not find are not answered with. */
static int check_certificate(const struct study *study, const struct certificate *certificate,
                             struct diagnostics *d)
{
    const struct result_certificate told = result_certificate_of(study, certificate);

    return certificate_holds(certificate)
               ? 0
               : diagnostics_error(d, NOWHERE, "the levels cannot be relied on, and are not shown: %s",
                                   result_certificate_describe(&told).text);
}

int simulation_run(struct simulation *simulation, const struct study *study, struct diagnostics *d)
{
    const struct sink sink = {.payload = simulation, .certify = true, .take = take, .wanted = wanted};
    struct sweep_report report = {0};

    *simulation = (struct simulation){.study = study, .processor_end = processor_seconds() + seconds_most};
    simulation->sessions = study->thresholds.count > 0 ? study_most_sessions(study) : 0;
    if (simulation->sessions < 0) {
        return diagnostics_out_of_memory(d);
    }
    simulation->levels = numbers_create(levels_at(study, study->arm_count, 0, 0));
    simulation->metrics = numbers_create(metrics_at(study, study->arm_count, 0, 0));
    simulation->in_sessions = numbers_create(sessions_at(simulation, study->arm_count, 0, 0));
    if (!simulation->levels || !simulation->metrics || !simulation->in_sessions) {
        return diagnostics_out_of_memory(d);
    }
    if (sweep_run(study, 0, &sink, &report, d) != 0) {
        return -1;
    }
    simulation->failed = report.failed;
    simulation->certificate = report.certificate;
    simulation->seconds = report.seconds;
    simulation->late = report.left_out > 0;
    if (simulation->late) {
        return diagnostics_error(d, NOWHERE,
                                 "the simulation was stopped after %g s; take fewer patients, models or "
                                 "sessions, or a shorter time",
                                 seconds_most);
    }
    return check_certificate(study, &report.certificate, d);
}

void simulation_clear(struct simulation *simulation)
{
    free(simulation->levels);
    free(simulation->metrics);
    free(simulation->in_sessions);
    *simulation = (struct simulation){0};
}

/* --- The picture --- */

/* What the sink of a result file needs. */
struct filing {
    struct results *results;
    double processor_end;
};

static int filing_take(void *payload, const struct simulated *patients, int count)
{
    return results_take(((struct filing *)payload)->results, patients, count);
}

static bool filing_wanted(void *payload, int64_t block)
{
    struct filing *filing = payload;

    return !interrupt_came() && processor_seconds() < filing->processor_end &&
           results_wanted(filing->results, block);
}

static int filing_done(void *payload, int64_t block, const struct solver_work *work)
{
    return results_block_done(((struct filing *)payload)->results, block, work);
}

/* Runs the study into a result file. */
static int file_result(const struct study *study, const char *path, struct diagnostics *d)
{
    struct filing filing = {.processor_end = processor_seconds() + seconds_most};
    const struct sink sink = {.payload = &filing,
                              .certify = true,
                              .take = filing_take,
                              .wanted = filing_wanted,
                              .block_done = filing_done};
    struct sweep_report report = {0};
    struct version version;

    version_init(&version);
    filing.results = results_create(path, false, study, &version.provenance, d);
    if (!filing.results) {
        return -1;
    }
    if (sweep_run(study, 0, &sink, &report, d) == 0 && report.left_out == 0) {
        return results_finish(filing.results, &report, d) == 0
                   ? check_certificate(study, &report.certificate, d)
                   : -1;
    }
    results_abandon(filing.results);
    return diagnostics_error(d, NOWHERE, "the simulation was stopped after %g s", seconds_most);
}

static int draw(const char *path, enum plot_format format, FILE *picture, struct diagnostics *d)
{
    const struct plot_request request = {.from = NAN, .to = NAN};
    struct plot plot = {0};
    const int read = plot_read(&plot, path, &request, d);
    const int ret = read == 0 ? plot_draw(fileno(picture), &plot, format, true, d) : -1;

    plot_clear(&plot);
    return ret;
}

static int take_file(FILE *file, char **bytes, size_t *size, struct diagnostics *d)
{
    const off_t length = lseek(fileno(file), 0, SEEK_END);

    rewind(file);
    *bytes = length > 0 ? malloc((size_t)length) : NULL;
    if (!*bytes) {
        return diagnostics_out_of_memory(d);
    }
    *size = fread(*bytes, 1, (size_t)length, file);
    return *size == (size_t)length ? 0 : diagnostics_error(d, NOWHERE, "the picture cannot be read back");
}

int serve_picture(const struct study *study, enum plot_format format, char **picture, size_t *size,
                  struct diagnostics *d)
{
    const char *parent = getenv("TMPDIR");
    char folder[256];
    char path[sizeof(folder) + 16];
    FILE *file = tmpfile();
    int ret = -1;

    snprintf(folder, sizeof(folder), "%s/ketsim-serve-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!file || !mkdtemp(folder)) {
        ret = diagnostics_error(d, NOWHERE, "no temporary file: %s", strerror(errno));
    } else {
        snprintf(path, sizeof(path), "%s/scenario.h5", folder);
        ret = file_result(study, path, d);
        ret = ret == 0 ? draw(path, format, file, d) : ret;
        ret = ret == 0 ? take_file(file, picture, size, d) : ret;
        unlink(path);
        rmdir(folder);
    }
    if (file) {
        fclose(file);
    }
    return ret;
}
