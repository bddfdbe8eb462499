#include "sweep.h"

#include <math.h>

/* Those of the lowest numbers are kept, in their order. */
void sweep_report_failure(struct sweep_report *report, const struct failed_patient *failure)
{
    int at = report->failure_count < SWEEP_FAILURES_KEPT ? report->failure_count++ : SWEEP_FAILURES_KEPT;
    while (at > 0 && (report->failures[at - 1].arm > failure->arm ||
                      (report->failures[at - 1].arm == failure->arm &&
                       report->failures[at - 1].patient > failure->patient))) {
        if (at < SWEEP_FAILURES_KEPT) {
            report->failures[at] = report->failures[at - 1];
        }
        at--;
    }
    if (at < SWEEP_FAILURES_KEPT) {
        report->failures[at] = *failure;
    }
}

void sweep_report_add(struct sweep_report *report, const struct sweep_report *other)
{
    report->finished += other->finished;
    report->left_out += other->left_out;
    report->failed += other->failed;
    report->clamped += other->clamped;
    report->outside += other->outside;
    report->steps += other->steps;
    report->evaluations += other->evaluations;
    report->batches += other->batches;
    certificate_join(&report->certificate, &other->certificate);
    report->threads += other->threads;
    report->seconds = fmax(report->seconds, other->seconds);
    for (int i = 0; i < other->failure_count; i++) {
        sweep_report_failure(report, &other->failures[i]);
    }
}
