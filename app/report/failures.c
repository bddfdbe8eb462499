#include "failures.h"

#include "app/base/csv.h"
#include "app/base/text_table.h"
#include "app/results/results_read.h"

#include <inttypes.h>
#include <math.h>

enum { BLOCK = 4096, STATUSES = 256 };

const char *failure_remedy(enum patient_status status)
{
    switch (status) {
    case PATIENT_PARAMETERS:
        return "keep the covariates and the sweep within what the model can compute";
    case PATIENT_SOLVER:
        return "look for extreme rates, loosen solver.rtol or atol, or choose `solver: {method: exact}`";
    case PATIENT_STEPS:
        return "raise solver.max_steps, loosen solver.rtol, or choose `solver: {method: exact}`";
    case PATIENT_STEADY:
        return "look for a compartment that the drug does not leave, or give the doses one by one (ADDL) in "
               "place of SS";
    case PATIENT_NOT_FINITE:
        return "look for extreme doses, covariates or parameters in the study";
    case PATIENT_SIMULATED:
    case PATIENT_PENDING:
        break;
    }
    return "run it again; if it persists, it is a mistake in ketsim";
}

/* Prints the failures of a result, one by one. */
struct listing {
    FILE *out;
    bool csv;
    struct result result;
    const struct result_variable *statuses;
    const struct result_variable *times; /* NULL in results of older versions */
    int64_t counts[STATUSES];
    int64_t failed;
};

static void print_failure(struct listing *listing, int64_t arm, int64_t patient, uint8_t status, double time)
{
    FILE *out = listing->out;

    if (listing->csv) {
        fprintf(out, "%" PRId64 ",", patient);
        csv_text(out, listing->result.arms[arm]);
        csv_number(out, time);
        fprintf(out, ",%d,", status);
        csv_text(out, patient_status_text(status));
        putc(',', out);
        csv_text(out, failure_remedy(status));
        putc('\n', out);
    } else {
        fprintf(out, "patient %" PRId64 " in arm \"", patient);
        text_put(out, listing->result.arms[arm]);
        putc('"', out);
        if (!isnan(time)) {
            fprintf(out, " at %.4g h", time);
        }
        fprintf(out, ": %s\n", patient_status_text(status));
    }
    listing->counts[status]++;
    listing->failed++;
}

/* Patients from `first` on, at most BLOCK. */
static int list_block(struct listing *listing, int64_t arm, int64_t first, int64_t count,
                      struct diagnostics *d)
{
    double statuses[BLOCK];
    double times[BLOCK];
    int64_t patients[BLOCK];
    struct result *result = &listing->result;

    if (result_read(result, listing->statuses, arm, first, count, statuses, d) != 0 ||
        (listing->times && result_read(result, listing->times, arm, first, count, times, d) != 0) ||
        hdf_read(result->file, dimension_name(DIMENSION_PATIENT), HDF_INT64, &first, &count, patients, d) !=
            0) {
        return -1;
    }
    for (int64_t i = 0; i < count; i++) {
        if (statuses[i] != PATIENT_SIMULATED) {
            const uint8_t status =
                statuses[i] >= 0 && statuses[i] < STATUSES ? (uint8_t)statuses[i] : STATUSES - 1;
            print_failure(listing, arm, patients[i], status, listing->times ? times[i] : (double)NAN);
        }
    }
    return 0;
}

static int list_failures(struct listing *listing, struct diagnostics *d)
{
    const int64_t patients = listing->result.sizes[DIMENSION_PATIENT];

    for (int64_t arm = 0; arm < listing->result.sizes[DIMENSION_ARM]; arm++) {
        for (int64_t first = 0; first < patients; first += BLOCK) {
            const int64_t part = patients - first < BLOCK ? patients - first : BLOCK;
            if (list_block(listing, arm, first, part, d) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int failures_print(FILE *out, const char *path, enum summary_format format, struct diagnostics *d)
{
    struct listing listing = {.out = out, .csv = format == SUMMARY_CSV};
    int ret;

    if (result_open(&listing.result, path, d) != 0) {
        return -1;
    }
    listing.statuses = result_find(&listing.result, ROLE_STATUS, NULL, NULL);
    listing.times = result_find(&listing.result, ROLE_FAILURE_TIME, NULL, NULL);
    if (listing.csv) {
        fputs("patient,arm,time_h,status,reason,remedy\n", out);
    }
    ret = list_failures(&listing, d);
    if (ret == 0 && !listing.csv) {
        fprintf(out, "%s%" PRId64 " of %" PRId64 " simulations failed\n", listing.failed > 0 ? "\n" : "",
                listing.failed,
                listing.result.sizes[DIMENSION_ARM] * listing.result.sizes[DIMENSION_PATIENT]);
        for (int i = 0; i < STATUSES; i++) {
            const enum patient_status status = (enum patient_status)i;
            if (listing.counts[i] > 0) {
                fprintf(out, "%" PRId64 ": %s: %s\n", listing.counts[i], patient_status_text(status),
                        failure_remedy(status));
            }
        }
    }
    result_close(&listing.result);
    return ret;
}
