#include "run_messages.h"

#include "model/patients.h"

#include "app/base/messages.h"
#include "app/report/failures.h"
#include "app/results/results_certificate.h"
#include "app/results/results_limits.h"
#include "app/results/results_slopes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void run_announce(const struct study *study, const struct study_size *size, int processes, int thread_count,
                  const char *output)
{
    char threads[64];
    const int used = processes > 1 ? snprintf(threads, sizeof(threads), "%d processes of ", processes) : 0;

    snprintf(threads + used, sizeof(threads) - (size_t)used, "%d thread%s", thread_count,
             thread_count == 1 ? "" : "s");
    fprintf(stderr, "ketsim: %s of ", study_size_describe(size).text);
    for (int i = 0; i < study->model_count; i++) {
        const bool last = i == study->model_count - 1;
        fprintf(stderr, "%s%s", i == 0 ? "" : last ? " and " : ", ", study->models[i].name);
    }
    fprintf(stderr, " by %s on %s, about %s to %s\n", study->method, threads, size_describe(size->bytes).text,
            output);
}

void run_tell_unsearched(const struct study *study)
{
    if (study->optimize.vary) {
        message("note: the study is simulated as it is written, with none of the candidates of its section "
                "`optimize`; `ketsim optimize` searches them");
    }
}

void run_tell_resumed(const struct study *study, int64_t done)
{
    if (done > 0) {
        message("%" PRId64 " of %" PRId64 " simulations were finished by an earlier run", done,
                study->arm_count * study->patient_count);
    }
}

/* Each failure that was kept, and once per kind what would help. */
static void failures_tell(const struct study *study, const struct sweep_report *report)
{
    for (int i = 0; i < report->failure_count; i++) {
        const struct failed_patient *failed = &report->failures[i];
        message("  patient %" PRId64 " in arm \"%s\" at %.4g h: %s", patient_id(study, failed->patient),
                study->arms[failed->arm].label, failed->why.time, failed->why.text);
    }
    if (report->failed > report->failure_count && report->failure_count > 0) {
        message("  and %" PRId64 " more", report->failed - report->failure_count);
    }
    for (int i = 0; i < report->failure_count; i++) {
        bool told = false;
        for (int j = 0; j < i; j++) {
            told |= report->failures[j].status == report->failures[i].status;
        }
        if (!told) {
            message("  %s: %s", patient_status_text(report->failures[i].status),
                    failure_remedy(report->failures[i].status));
        }
    }
}

/* Which limits of which models are broken. */
static void limits_tell(struct result *result, struct diagnostics *d)
{
    struct broken_limits limits = {0};

    broken_limits_read(&limits, result, d);
    for (int i = 0; i < limits.count; i++) {
        message("  %s of %s: %" PRId64, limits.items[i].name, limits.items[i].model,
                limits.items[i].simulations);
    }
    broken_limits_clear(&limits);
}

/* Whose terminal slope is doubtful, and with it all metrics that stand on it. */
static void slopes_tell(struct result *result, struct diagnostics *d)
{
    struct doubtful_slopes slopes = {0};

    doubtful_slopes_read(&slopes, result, d);
    for (int i = 0; i < slopes.count; i++) {
        const struct doubtful_slope *slope = &slopes.items[i];
        char *text = doubtful_slope_describe(slope);
        message("warning: lambda_z of %s is doubtful in %" PRId64 " of %" PRId64
                " simulations, marked in `%s_lambda_z_flags` (%s)",
                slope->analyte, slope->doubtful, slope->simulated, slope->analyte, text ? text : "");
        free(text);
    }
    doubtful_slopes_clear(&slopes);
}

static void certificate_tell(struct result *result)
{
    struct result_certificate certificate;

    result_certificate_read(&certificate, result);
    if (certificate.route.text[0]) {
        message("certificate: %s", result_certificate_describe(&certificate).text);
    }
}

/* A simulation of the sample, as the start of a line. */
static void sampled_tell(const struct study *study, const struct certified *certified, const char *what)
{
    const struct certificate_sample sample = certificate_sample(study);
    const int64_t number = certificate_number(&sample, certified->position);

    message("  patient %" PRId64 " in arm \"%s\" %s", patient_id(study, number % study->patient_count),
            study->arms[number / study->patient_count].label, what);
}

/* What is wrong with the worst of the sample, and what to do about it. */
static void disagreement_tell(const struct study *study, const struct certificate *certificate,
                              const char *output)
{
    const struct certificate_text route = certificate_describe(study);
    const struct certified *worst = &certificate->worst;
    const struct certified *unbalanced = &certificate->unbalanced;
    char what[400];

    message("error: %" PRId64 " of %" PRId64
            " simulations that were solved again by %s do not agree; they are "
            "marked in `sample_outcome` of %s, and no level of it can be relied on",
            certificate->differing, certificate->compared, route.text, output);
    if (worst->discrepancy > certificate_limit(study)) {
        snprintf(what, sizeof(what),
                 "at %.4g h: %s is %.9g ng/mL, and %.9g ng/mL by %s; that is a difference of %.2g, and the "
                 "limit is "
                 "%.2g",
                 worst->time, worst->analyte >= 0 ? study->analytes[worst->analyte] : "a level", worst->level,
                 worst->reference, route.text, worst->discrepancy, certificate_limit(study));
        sampled_tell(study, worst, what);
    }
    if (unbalanced->imbalance > CERTIFICATE_IMBALANCE_LIMIT) {
        snprintf(what, sizeof(what),
                 "by the last observation: %.2g of the dose is neither in the body nor has left it; the "
                 "limit is %.2g",
                 unbalanced->imbalance, CERTIFICATE_IMBALANCE_LIMIT);
        sampled_tell(study, unbalanced, what);
    }
    message("  lower solver.rtol and solver.atol, or take the other of `solver: {method: cvode}` and "
            "`exact`; where "
            "both still do not agree, this is an error of ketsim: please report it with the study");
}

/* What the reader of the result must know, as far as the result itself says it. */
static void notes_tell(const struct sweep_report *report, const char *output)
{
    struct diagnostics ignored;
    struct result result;

    diagnostics_init(&ignored); /* a result that cannot be read any more is found by who reads it */
    const bool opened = result_open(&result, output, &ignored) == 0;

    if (report->clamped > 0) {
        message("note: %" PRId64 " of %" PRId64 " simulations had a parameter outside its physical range, "
                "which was set to the limit",
                report->clamped, report->finished);
    }
    if (report->outside > 0) {
        message("note: %" PRId64 " of %" PRId64 " simulations are outside what their model's source "
                "studied, marked in `outside_validity`",
                report->outside, report->finished);
        if (opened) {
            limits_tell(&result, &ignored);
        }
    }
    if (opened) {
        slopes_tell(&result, &ignored);
        certificate_tell(&result);
        result_close(&result);
    }
    diagnostics_clear(&ignored);
}

static void end_tell(const struct sweep_report *report, const char *output)
{
    const int64_t now = report->finished - report->left_out; /* the others were done by an earlier run */
    const double rate = report->seconds > 0 ? (double)now / report->seconds : 0;

    message("%" PRId64 " simulations in %.*f s (%.*f patients/s, %d thread%s): %s", now,
            report->seconds < 10 ? 2 : 0, report->seconds, rate < 10 ? 1 : 0, rate, report->threads,
            report->threads == 1 ? "" : "s", output);
}

/* What is wrong with the numbers. */
static void faults_tell(const struct study *study, const struct sweep_report *report, const char *output)
{
    if (report->failed > 0) {
        message("error: %" PRId64 " of %" PRId64 " simulations failed; they are NaN and marked "
                "in `status` (`ketsim summary %s --failures`)",
                report->failed, report->finished, output);
        failures_tell(study, report);
    }
    if (report->certificate.differing > 0) {
        disagreement_tell(study, &report->certificate, output);
    } else if (!certificate_holds(&report->certificate)) {
        message("error: none of the %" PRId64
                " simulations of the sample could be solved again by %s: nothing vouches "
                "for the levels of %s",
                report->certificate.unsolved, certificate_describe(study).text, output);
    }
}

void run_tell(const struct study *study, const struct sweep_report *report, const char *output, bool quiet)
{
    if (!quiet) {
        end_tell(report, output);
        notes_tell(report, output);
    }
    faults_tell(study, report, output);
}

void run_tell_finished(const struct study *study, const struct sweep_report *report, const char *output,
                       bool quiet)
{
    if (!quiet) {
        message("%s is finished: an earlier run of the same study made all %" PRId64 " simulations", output,
                report->finished);
        notes_tell(report, output);
    }
    faults_tell(study, report, output);
}

void run_tell_stopped(const struct study *study, const struct sweep_report *report, int64_t allowed)
{
    message("error: stopped because more than %" PRId64 " simulations failed (--max-failures)", allowed);
    failures_tell(study, report);
}
