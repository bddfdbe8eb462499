#include "quantile_counts.h"

#include "hdf.h"
#include "value_counts.h"

#include <math.h>
#include <stdio.h>

/* Bins are 2^-10 wide (0.1 %), or 2^-8 (0.4 %) where many arms or times leave no room for that. */
enum { BITS_FINE = 10, BITS_COARSE = 8, BINADES_EXPECTED = 12 };

static double counts_bytes(const struct quantile_plan *plan, int bits)
{
    return (double)plan->cells * (BINADES_EXPECTED * sizeof(uint32_t) * ldexp(1, bits)) +
           (double)value_cells_bytes(plan->cells);
}

static int refuse(const struct study *study, const struct quantile_plan *plan, struct diagnostics *d)
{
    char levels[64] = "";

    if (plan->level_bytes > 0) {
        snprintf(levels, sizeof(levels), ", which keeps %.3g MB of levels on the disk",
                 plan->level_bytes / 1e6);
    }
    return diagnostics_error(
        d, NOWHERE,
        "streaming quantiles of %d arm%s x %d analyte%s x %d times need about %.3g MB of counts, and %d MB "
        "is "
        "the "
        "most; take fewer arms or times, leave \"quantiles\" out of `output: {store: ...}`, or take "
        "`quantile_method: exact`%s",
        study->arm_count, study->arm_count == 1 ? "" : "s", study->analyte_count,
        study->analyte_count == 1 ? "" : "s", study->time_count, plan->counts_bytes / 1e6,
        QUANTILE_COUNTS_MAX / 1000000, levels);
}

int quantile_plan(struct quantile_plan *plan, const struct study *study, struct diagnostics *d)
{
    const double value = (double)hdf_size(study->float32 ? HDF_FLOAT32 : HDF_FLOAT64);

    *plan = (struct quantile_plan){
        .wanted = (study->store & STORE_QUANTILES) && study->quantile_count > 0 && !study->events,
        .bits = BITS_FINE,
        .cells = (int64_t)study->arm_count * study->analyte_count * study->time_count,
    };
    plan->level_bytes =
        study->store & STORE_PROFILES ? 0 : (double)plan->cells * (double)study->patient_count * value;
    /* Exact quantiles also keep the levels of one time of all patients in memory. */
    const bool too_many =
        plan->level_bytes > QUANTILE_LEVELS_MAX || (double)study->patient_count * 8 > QUANTILE_LEVELS_MAX;
    plan->streaming = plan->wanted && (study->quantile_method == QUANTILES_STREAMING ||
                                       (study->quantile_method == QUANTILES_AUTO && too_many));
    while (plan->bits > BITS_COARSE && counts_bytes(plan, plan->bits) > QUANTILE_COUNTS_MAX) {
        plan->bits--;
    }
    plan->counts_bytes = counts_bytes(plan, plan->bits);
    if (plan->streaming && plan->counts_bytes > QUANTILE_COUNTS_MAX) {
        return refuse(study, plan, d);
    }
    return 0;
}
